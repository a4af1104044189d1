package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// AssumeRole issues credentials of a session of a role. That the caller may have them, and
// that a one-time code in the request is right, has been decided before: both belong to the
// operation's checks, because the code is a condition of the policies.
func (s *Service) AssumeRole(ctx context.Context, in *stsapi.AssumeRoleInput) (*stsapi.AssumeRoleOutput, error) {
	if len(in.ProvidedContexts) > 0 {
		return nil, notBuilt("AssumeRole", "ProvidedContexts")
	}
	r, err := s.findRole(ctx, smithy.Value(in.RoleArn))
	if err != nil {
		return nil, err
	}
	caller := credential.FromContext(ctx)
	if r == nil {
		// It was there when the gate looked.
		return nil, gone(caller, smithy.Value(in.RoleArn))
	}
	session, err := roleSession(caller, in)
	if err != nil {
		return nil, err
	}
	seconds, err := roleDuration(r, session.Chained, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	who := roleCaller(r, session)
	made, err := s.issue(ctx, "AssumeRole", who, seconds, in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: r.arn, AccountID: r.accountID, Type: "AWS::IAM::Role"})
	return &stsapi.AssumeRoleOutput{
		Credentials:      made.credentials,
		AssumedRoleUser:  &stsapi.AssumedRoleUser{Arn: smithy.Ptr(who.ARN), AssumedRoleId: smithy.Ptr(who.PrincipalID)},
		SourceIdentity:   smithy.PtrTo(session.SourceIdentity),
		SessionTokenSize: made.size,
	}, nil
}

// gone is the refusal for a role that was deleted between the gate and the operation; the
// words are those of the gate.
func gone(c *credential.Caller, roleARN string) error {
	d := policy.Decision{Reason: policy.Trust}
	req := policy.Request{Principal: policy.Principal{ARN: c.ARN}, Action: actionAssumeRole, Resource: roleARN}
	return accessDenied(policy.Message(d, &req, false))
}

// roleSession makes the session that the request asks for, without its times.
func roleSession(caller *credential.Caller, in *stsapi.AssumeRoleInput) (*credential.Session, error) {
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
		Name: smithy.Value(in.RoleSessionName), Tags: tags, TransitiveTagKeys: transitive,
		SourceIdentity: source, Chained: caller.Type == credential.AssumedRole, IssuerType: "AssumeRole",
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
		return "", accessDenied("SourceIdentity cannot be changed: the calling session has another one.")
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
