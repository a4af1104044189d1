package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// federatedCall is the question whether somebody of an identity provider may assume a role.
type federatedCall struct {
	action, roleARN, accountID string
	principal                  policy.Principal
	passed                     federated
	keys                       policy.Keys
}

// federatedChecks ask the role's trust policy, which alone decides. A role that does not exist
// trusts nobody, and the refusal is the same.
func (s *Service) federatedChecks(ctx context.Context, f federatedCall) ([]authz.Check, error) {
	r, err := s.findRole(ctx, f.accountID, f.roleARN)
	if err != nil {
		return nil, err
	}
	trust := &policy.Attached{Kind: policy.Trust, Name: trustName, Policy: &policy.Policy{}}
	if r != nil {
		credential.SetTarget(ctx, r.id)
		trust.Level, trust.Policy = "role/"+r.name, s.Policies.Compile(r.trust, policy.Trust)
		setResourceTags(f.keys, r.tags)
	}
	setRequestTags(f.keys, f.passed.tags)
	if len(f.passed.transitive) > 0 {
		f.keys.Set(keyTransitiveTagKeys, f.passed.transitive...)
	}
	if f.passed.source != "" {
		f.keys.Set(keySourceIdentity, f.passed.source)
	}
	check := authz.Check{
		Action: f.action, Resource: f.roleARN, ResourceAccount: f.accountID, Policy: trust, PolicyRequired: true,
		Principal: &f.principal, Keys: f.keys,
	}
	checks := []authz.Check{check}
	if len(f.passed.tags) > 0 || len(f.passed.transitive) > 0 {
		check.Action = actionTagSession
		checks = append(checks, check)
	}
	if f.passed.source != "" {
		check.Action = actionSetSourceIdentity
		checks = append(checks, check)
	}
	return checks, nil
}

// federatedOrder is a session of a role that somebody of an identity provider asks for.
type federatedOrder struct {
	operation, roleARN, accountID, sessionName string
	policy                                     *string
	policyARNs                                 []stsapi.PolicyDescriptorType
	seconds, minimum                           *int32
	// provider is the ARN of who vouches.
	provider string
	// keys are the condition keys that the session keeps.
	keys map[string][]string
	// most is how many seconds the provider allows; zero means as many as the role.
	most   int32
	passed federated
}

// federatedIssued is such a session.
type federatedIssued struct {
	issued
	user   *stsapi.AssumedRoleUser
	packed *int32
}

// federatedSession issues credentials. Whoever gets here may assume the role.
func (s *Service) federatedSession(ctx context.Context, o *federatedOrder) (*federatedIssued, error) {
	r, err := s.decidedRole(ctx, o.accountID, o.roleARN)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, accessDenied("Not authorized to perform sts:" + o.operation)
	}
	carried, err := s.checkPolicies(ctx, o.accountID, o.policy, o.policyARNs, o.passed.tags)
	if err != nil {
		return nil, err
	}
	packed, err := carried.packedSize()
	if err != nil {
		return nil, err
	}
	tags, err := sessionTags(nil, o.passed.tags)
	if err != nil {
		return nil, err
	}
	transitive, err := transitiveKeys(nil, o.passed.tags, o.passed.transitive)
	if err != nil {
		return nil, err
	}
	seconds, err := roleDuration(r, false, o.seconds)
	if err != nil {
		return nil, err
	}
	if o.most > 0 {
		seconds = min(seconds, o.most)
	}
	who := roleCaller(r, &credential.Session{
		Name: o.sessionName, Policy: carried.policy, PolicyARNs: carried.arns, Tags: tags, TransitiveTagKeys: transitive,
		SourceIdentity: o.passed.source, IssuerType: o.operation, FederatedProvider: o.provider, FederatedKeys: o.keys,
	})
	made, err := s.issue(ctx, order{who, seconds, o.minimum})
	if err != nil {
		return nil, err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: r.arn, AccountID: r.accountID, Type: "AWS::IAM::Role"})
	return &federatedIssued{
		issued: made, packed: packed,
		user: &stsapi.AssumedRoleUser{Arn: smithy.Ptr(who.ARN), AssumedRoleId: smithy.Ptr(who.PrincipalID)},
	}, nil
}
