package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// The actions that stand in several places.
const (
	actionAssumeRole         = "sts:AssumeRole"
	actionGetFederationToken = "sts:GetFederationToken"
	actionTagSession         = "sts:TagSession"
	actionSetSourceIdentity  = "sts:SetSourceIdentity"
)

// trustName is what explanations call the policy of a role.
const trustName = "trust policy"

// assumeRoleChecks asks the caller's policies and the role's trust policy. A role that does
// not exist has a trust policy without statements: the answer is then word for word the
// same as for a role that trusts somebody else, so that nobody can try out names.
func (s *Service) assumeRoleChecks(ctx context.Context, c *authz.Call, in *stsapi.AssumeRoleInput) ([]authz.Check, error) {
	if c.Caller.Type == credential.RootUser {
		return nil, accessDenied("Roles may not be assumed by root accounts.")
	}
	roleARN := smithy.Value(in.RoleArn)
	accountID, err := parseRoleARN(roleARN)
	if err != nil {
		return nil, err
	}
	r, err := s.findRole(ctx, accountID, roleARN)
	if err != nil {
		return nil, err
	}
	trust := &policy.Attached{Kind: policy.Trust, Name: trustName, Policy: &policy.Policy{}}
	keys := policy.Keys{}
	if r != nil {
		credential.SetTarget(ctx, r.id)
		trust.Level, trust.Policy = "role/"+r.name, s.Policies.Compile(r.trust, policy.Trust)
		setResourceTags(keys, r.tags)
	}
	if err := s.setMFAKeys(ctx, c.Caller, in.SerialNumber, in.TokenCode, keys); err != nil {
		return nil, err
	}
	setAssumeRoleKeys(keys, in)
	check := authz.Check{
		Action: actionAssumeRole, Resource: roleARN, ResourceAccount: accountID,
		Policy: trust, PolicyRequired: true, Keys: keys,
	}
	checks := []authz.Check{check}
	if len(in.Tags) > 0 || len(in.TransitiveTagKeys) > 0 || len(inheritedTags(c.Caller)) > 0 {
		check.Action = actionTagSession
		checks = append(checks, check)
	}
	if in.SourceIdentity != nil || inheritedSourceIdentity(c.Caller) != "" {
		check.Action = actionSetSourceIdentity
		checks = append(checks, check)
	}
	return checks, nil
}
