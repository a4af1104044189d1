package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// AssumeRole issues credentials of a session of a role.
//
// The gate has asked assumeRoleChecks before: whoever gets here may assume the role, and a
// one-time code in the request has been verified there. It is verified nowhere else, since
// a code is good once and its being right is a condition key of the decision.
func (s *Service) AssumeRole(ctx context.Context, in *stsapi.AssumeRoleInput) (*stsapi.AssumeRoleOutput, error) {
	if len(in.ProvidedContexts) > 0 {
		return nil, notBuilt("AssumeRole", "ProvidedContexts")
	}
	caller := credential.FromContext(ctx)
	accountID, err := parseRoleARN(smithy.Value(in.RoleArn))
	if err != nil {
		return nil, err
	}
	r, err := s.decidedRole(ctx, accountID, smithy.Value(in.RoleArn))
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, gone(caller, smithy.Value(in.RoleArn))
	}
	carried, err := s.checkPolicies(ctx, accountID, in.Policy, in.PolicyArns, in.Tags)
	if err != nil {
		return nil, err
	}
	packed, err := carried.packedSize()
	if err != nil {
		return nil, err
	}
	session, err := roleSession(caller, in, &carried)
	if err != nil {
		return nil, err
	}
	seconds, err := roleDuration(r, session.Chained, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	seconds = delegateOn(caller, session, seconds, s.DB.Now())
	who := roleCaller(r, session)
	made, err := s.issue(ctx, order{who, seconds, in.MinimumSessionTokenSize})
	if err != nil {
		return nil, err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: r.arn, AccountID: r.accountID, Type: "AWS::IAM::Role"})
	return &stsapi.AssumeRoleOutput{
		Credentials:      made.credentials,
		AssumedRoleUser:  &stsapi.AssumedRoleUser{Arn: smithy.Ptr(who.ARN), AssumedRoleId: smithy.Ptr(who.PrincipalID)},
		PackedPolicySize: packed,
		SourceIdentity:   smithy.PtrTo(session.SourceIdentity),
		SessionTokenSize: made.size, SessionTokenUtilization: made.utilization,
	}, nil
}

// gone is the refusal for a role that was deleted between the gate and the operation; the
// words are those of the gate.
func gone(c *credential.Caller, roleARN string) error {
	d := policy.Decision{Reason: policy.Trust}
	req := policy.Request{Principal: policy.Principal{ARN: c.ARN}, Action: actionAssumeRole, Resource: roleARN}
	return accessDenied(policy.Message(d, &req, false))
}

// roleSession makes the session that the request asks for, without its times. It does not
// say that there was a one-time code: that counts for the request only. See the IAM user
// guide, "Configuring MFA-protected API access", "Choosing between GetSessionToken and
// AssumeRole".
func roleSession(caller *credential.Caller, in *stsapi.AssumeRoleInput, carried *luggage) (*credential.Session, error) {
	inherited := inheritedTags(caller)
	tags, err := sessionTags(inherited, in.Tags)
	if err != nil {
		return nil, err
	}
	transitive, err := transitiveKeys(inherited, in.Tags, in.TransitiveTagKeys)
	if err != nil {
		return nil, err
	}
	source, err := sourceIdentity(caller, in.SourceIdentity)
	if err != nil {
		return nil, err
	}
	return &credential.Session{
		Name: smithy.Value(in.RoleSessionName), Policy: carried.policy, PolicyARNs: carried.arns,
		Tags: tags, TransitiveTagKeys: transitive, SourceIdentity: source,
		Chained: caller.Type == credential.AssumedRole, IssuerType: "AssumeRole",
	}, nil
}

// inheritedSourceIdentity is the source identity of the caller's session.
func inheritedSourceIdentity(c *credential.Caller) string {
	if c.Session == nil {
		return ""
	}
	return c.Session.SourceIdentity
}

// sourceIdentity returns the source identity of the new session: once set it stays through
// all the roles of a chain. See the IAM user guide, "Monitor and control actions taken with
// assumed roles".
func sourceIdentity(caller *credential.Caller, wanted *string) (string, error) {
	have := inheritedSourceIdentity(caller)
	switch {
	case wanted == nil:
		return have, nil
	case have != "" && have != *wanted:
		return "", accessDenied("The source identity of the calling session cannot be changed.")
	default:
		return *wanted, nil
	}
}

// roleDuration returns how many seconds the session lasts.
func roleDuration(r *role, chained bool, wanted *int32) (int32, error) {
	switch {
	case wanted == nil:
		return hour, nil
	case chained && *wanted > hour:
		return 0, validation("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case *wanted > r.maxDuration:
		return 0, validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	default:
		return *wanted, nil
	}
}

// roleCaller is who a session of the role is.
func roleCaller(r *role, session *credential.Session) credential.Caller {
	return credential.Caller{
		Type: credential.AssumedRole, AccountID: r.accountID,
		ARN:         "arn:aws:sts::" + r.accountID + ":assumed-role/" + r.name + "/" + session.Name,
		PrincipalID: r.id + ":" + session.Name,
		EntityID:    r.id, EntityARN: r.arn, EntityName: r.name,
		Session: session,
	}
}
