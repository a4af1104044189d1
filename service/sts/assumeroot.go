package sts

import (
	"context"
	"errors"
	"strings"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

const (
	actionAssumeRoot = "sts:AssumeRoot"
	keyTaskPolicy    = "sts:TaskPolicyArn"
	taskPrefix       = "arn:aws:iam::aws:policy/root-task/"
	// quarterHour is the longest root session, in seconds, and the default.
	quarterHour = 900
)

// rootTasks are the task policies, with the feature of centralized root access that each
// needs; see the IAM user guide, "Perform a privileged task on an AWS Organizations member
// account".
var rootTasks = map[string]string{
	"IAMAuditRootUserCredentials":  iam.RootCredentialsManagement,
	"IAMCreateRootUserPassword":    iam.RootCredentialsManagement,
	"IAMDeleteRootUserCredentials": iam.RootCredentialsManagement,
	"S3UnlockBucketPolicy":         iam.RootSessions,
	"SQSUnlockQueuePolicy":         iam.RootSessions,
}

// rootTask is a privileged task in an account.
type rootTask struct{ accountID, policyARN, feature string }

func parseRootTask(in *stsapi.AssumeRootInput) (rootTask, error) {
	t := rootTask{accountID: smithy.Value(in.TargetPrincipal)}
	if !arn.IsAccountID(t.accountID) {
		a, err := arn.Parse(t.accountID)
		if err != nil || a.Service != "iam" || a.Resource != "root" || !arn.IsAccountID(a.AccountID) {
			return t, validation("%s is not an account or its root user", t.accountID)
		}
		t.accountID = a.AccountID
	}
	if in.TaskPolicyArn != nil {
		t.policyARN = smithy.Value(in.TaskPolicyArn.Arn)
	}
	return t, nil
}

// setFeature finds what the task needs.
func (t *rootTask) setFeature() error {
	name, _ := strings.CutPrefix(t.policyARN, taskPrefix)
	if taskPrefix+name != t.policyARN {
		name = ""
	}
	t.feature = rootTasks[name]
	if t.feature == "" {
		return validation("%s is not a task policy of root sessions", t.policyARN)
	}
	return nil
}

func (t *rootTask) rootARN() string { return "arn:aws:iam::" + t.accountID + ":root" }

// assumeRootChecks ask the caller's own policies only: which accounts it can reach, the
// organization says.
func assumeRootChecks(_ context.Context, c *authz.Call, in *stsapi.AssumeRootInput) ([]authz.Check, error) {
	if c.Caller.Type == credential.RootUser {
		return nil, accessDenied("Root sessions may not be begun by root users.")
	}
	t, err := parseRootTask(in)
	if err != nil {
		return nil, err
	}
	keys := policy.Keys{}
	keys.Set(keyTaskPolicy, t.policyARN)
	return []authz.Check{{Action: actionAssumeRoot, Resource: t.rootARN(), Keys: keys}}, nil
}

// AssumeRoot issues credentials of a session of a member account's root user that can do one
// task and nothing else.
func (s *Service) AssumeRoot(ctx context.Context, in *stsapi.AssumeRootInput) (*stsapi.AssumeRootOutput, error) {
	t, err := parseRootTask(in)
	if err != nil {
		return nil, err
	}
	if err := t.setFeature(); err != nil {
		return nil, err
	}
	caller := credential.FromContext(ctx)
	_, err = store.Read(ctx, s.DB, func(tx *store.Tx) (struct{}, error) {
		return struct{}{}, iam.CheckRootSession(ctx, tx, caller.AccountID, t.accountID, t.feature)
	})
	var rule *iam.Error
	if errors.As(err, &rule) {
		return nil, accessDenied(rule.Message)
	}
	if err != nil {
		return nil, err
	}
	source := inheritedSourceIdentity(caller)
	seconds := int32(quarterHour)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	session := &credential.Session{
		PolicyARNs: []string{t.policyARN}, SourceIdentity: source, IssuerType: "AssumeRoot", AssumedRoot: "true",
	}
	seconds = delegateOn(caller, session, seconds, s.DB.Now())
	made, err := s.issue(ctx, order{credential.Caller{
		Type: credential.RootUser, AccountID: t.accountID, ARN: t.rootARN(), PrincipalID: t.accountID,
		EntityID: t.accountID, EntityARN: t.rootARN(), Session: session,
	}, seconds, in.MinimumSessionTokenSize})
	if err != nil {
		return nil, err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: t.rootARN(), AccountID: t.accountID, Type: "AWS::Account"})
	return &stsapi.AssumeRootOutput{
		Credentials: made.credentials, SourceIdentity: smithy.PtrTo(source),
		SessionTokenSize: made.size, SessionTokenUtilization: made.utilization,
	}, nil
}
