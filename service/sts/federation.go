package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// federationChecks asks the caller's policies about the federated user that is to be; see
// the IAM user guide, "Granting permissions to create temporary security credentials".
func federationChecks(_ context.Context, c *authz.Call, in *stsapi.GetFederationTokenInput) ([]authz.Check, error) {
	keys := policy.Keys{}
	setRequestTags(keys, in.Tags)
	check := authz.Check{
		Action: actionGetFederationToken, Resource: federatedARN(c.Caller.AccountID, smithy.Value(in.Name)), Keys: keys,
	}
	checks := []authz.Check{check}
	if len(in.Tags) > 0 {
		check.Action = actionTagSession
		checks = append(checks, check)
	}
	return checks, nil
}

func federatedARN(accountID, name string) string {
	return "arn:aws:sts::" + accountID + ":federated-user/" + name
}

// GetFederationToken issues credentials of a federated user: somebody for whom the caller,
// a user or the root user, answers. They may do what the caller may and the session
// policies allow, so without session policies nothing but what a resource's policy grants
// them by name.
func (s *Service) GetFederationToken(ctx context.Context, in *stsapi.GetFederationTokenInput) (*stsapi.GetFederationTokenOutput, error) {
	caller := credential.FromContext(ctx)
	carried, err := s.checkPolicies(ctx, caller.AccountID, in.Policy, in.PolicyArns, in.Tags)
	if err != nil {
		return nil, err
	}
	packed, err := carried.packedSize()
	if err != nil {
		return nil, err
	}
	tags, err := sessionTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	name := smithy.Value(in.Name)
	who := credential.Caller{
		Type: credential.FederatedUser, AccountID: caller.AccountID,
		ARN: federatedARN(caller.AccountID, name), PrincipalID: caller.AccountID + ":" + name,
		EntityID: caller.EntityID, EntityARN: caller.EntityARN, EntityName: caller.EntityName,
		Session: &credential.Session{
			Name: name, Policy: carried.policy, PolicyARNs: carried.arns, Tags: tags, IssuerType: "GetFederationToken",
		},
	}
	made, err := s.issue(ctx, order{who, userDuration(caller, in.DurationSeconds), in.MinimumSessionTokenSize})
	if err != nil {
		return nil, err
	}
	return &stsapi.GetFederationTokenOutput{
		Credentials:      made.credentials,
		FederatedUser:    &stsapi.FederatedUser{Arn: smithy.Ptr(who.ARN), FederatedUserId: smithy.Ptr(who.PrincipalID)},
		PackedPolicySize: packed,
		SessionTokenSize: made.size, SessionTokenUtilization: made.utilization,
	}, nil
}
