package iam

import (
	"context"
	"fmt"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// SimulateCustomPolicy decides requests by the policies of the input. It follows the IAM
// API Reference as of July 2026, and the user guide's "Testing IAM policies with the IAM
// policy simulator", with one difference on purpose: MissingContextValues names the keys
// that service control policies ask for as well, since they decide too.
func (s *Service) SimulateCustomPolicy(ctx context.Context, in *iamapi.SimulateCustomPolicyInput) (*iamapi.SimulateCustomPolicyOutput, error) {
	r := simulationRequest{
		Policies: in.PolicyInputList, Boundaries: in.PermissionsBoundaryPolicyInputList,
		Actions: in.ActionNames, Resources: in.ResourceArns, Entries: in.ContextEntries,
		ResourcePolicy: in.ResourcePolicy, ResourceOwner: in.ResourceOwner, Caller: in.CallerArn,
		Handling: in.ResourceHandlingOption, Organization: in.OrderedOrganizationPolicyInputList,
		NoWildcards: true,
	}
	m, err := newSimulation(&r, nil, account(ctx))
	if err != nil {
		return nil, err
	}
	out := &iamapi.SimulateCustomPolicyOutput{}
	out.EvaluationResults, out.IsTruncated, out.Marker, err = m.page(ctx, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SimulatePrincipalPolicy decides requests by the policies of a user, group or role of the
// account and those of the input; see [Service.SimulateCustomPolicy].
func (s *Service) SimulatePrincipalPolicy(ctx context.Context, in *iamapi.SimulatePrincipalPolicyInput) (*iamapi.SimulatePrincipalPolicyOutput, error) {
	exclude, err := newExclusions(in.PolicyExclusionList)
	if err != nil {
		return nil, err
	}
	source, err := s.simulationSource(ctx, in.PolicySourceArn, in.ResourceArns)
	if err != nil {
		return nil, err
	}
	if err := source.compile(exclude); err != nil {
		return nil, err
	}
	r := simulationRequest{
		Policies: in.PolicyInputList, Boundaries: in.PermissionsBoundaryPolicyInputList,
		Actions: in.ActionNames, Resources: in.ResourceArns, Entries: in.ContextEntries,
		ResourcePolicy: in.ResourcePolicy, ResourceOwner: in.ResourceOwner, Caller: in.CallerArn,
		Handling: in.ResourceHandlingOption,
	}
	m, err := newSimulation(&r, source, account(ctx))
	if err != nil {
		return nil, err
	}
	out := &iamapi.SimulatePrincipalPolicyOutput{}
	out.EvaluationResults, out.IsTruncated, out.Marker, err = m.page(ctx, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// GetContextKeysForCustomPolicy lists the condition keys that the policies of the input ask
// for, in conditions and policy variables.
func (s *Service) GetContextKeysForCustomPolicy(_ context.Context, in *iamapi.GetContextKeysForCustomPolicyInput) (*iamapi.GetContextKeysForCustomPolicyOutput, error) {
	policies, err := inputPolicies(in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &iamapi.GetContextKeysForCustomPolicyOutput{ContextKeyNames: contextKeys(policies)}, nil
}

// GetContextKeysForPrincipalPolicy lists the condition keys that the policies of a user,
// group or role, its permissions boundary included, and those of the input ask for.
func (s *Service) GetContextKeysForPrincipalPolicy(ctx context.Context, in *iamapi.GetContextKeysForPrincipalPolicyInput) (*iamapi.GetContextKeysForPrincipalPolicyOutput, error) {
	policies, err := inputPolicies(in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	source, err := s.simulationSource(ctx, in.PolicySourceArn, nil)
	if err != nil {
		return nil, err
	}
	if err := source.compile(exclusions{}); err != nil {
		return nil, err
	}
	policies = append(policies, source.identity...)
	if source.boundary != nil {
		policies = append(policies, *source.boundary)
	}
	return &iamapi.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: contextKeys(policies)}, nil
}

// contextKeys returns the keys that policies ask for as they write them, each once.
func contextKeys(policies []policy.Attached) []string {
	spelled := map[string]string{}
	var keys []string
	for i := range policies {
		policies[i].Policy.KeySpellings(spelled)
		keys = append(keys, policies[i].Policy.ContextKeys()...)
	}
	return respell(keys, spelled)
}

// simulationSource finds whose policies are meant, and reads them at one snapshot, with what
// is registered of the resources.
func (s *Service) simulationSource(ctx context.Context, sourceARN *string, resources []string) (*simulationSource, error) {
	source, err := parseEntity(smithy.Value(sourceARN))
	if err != nil {
		return nil, err
	}
	if own := account(ctx); source.account != own {
		return nil, invalidInput("Invalid Policy Source Arn: caller's account %s does not have access to policies in account %s", own, source.account)
	}
	return read(ctx, s, func(tx *store.Tx) (*simulationSource, error) {
		return readSource(ctx, tx, source, resources)
	})
}

func (s *Service) simulateRows() []authz.Row {
	return []authz.Row{
		authz.Anywhere("SimulateCustomPolicy", "iam:SimulateCustomPolicy"),
		authz.Anywhere("GetContextKeysForCustomPolicy", "iam:GetContextKeysForCustomPolicy"),
		onSource(s, "SimulatePrincipalPolicy", func(in *iamapi.SimulatePrincipalPolicyInput) *string { return in.PolicySourceArn }).row(),
		onSource(s, "GetContextKeysForPrincipalPolicy", func(in *iamapi.GetContextKeysForPrincipalPolicyInput) *string { return in.PolicySourceArn }).row(),
	}
}

// onSource is the target of an operation on the user, group or role with an ARN. What is no
// such ARN, or one of another account, the operation itself refuses.
func onSource[I any](s *Service, operation string, sourceARN func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		named := smithy.Value(sourceARN(in))
		source, err := parseEntity(named)
		if err != nil || source.account != c.AccountID {
			return resource{arn: named, keys: policy.Keys{}}, nil
		}
		return s.identityResource(ctx, c.AccountID, source.kind, source.name)
	}}
}

// invalidInput is the simulator's error for what it cannot work with.
func invalidInput(format string, args ...any) error {
	return wireError(&iam.Error{Code: iam.InvalidInput, Message: fmt.Sprintf(format, args...)})
}
