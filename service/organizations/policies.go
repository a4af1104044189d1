package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreatePolicy implements [organizationsapi.Service].
func (s *Service) CreatePolicy(ctx context.Context, in *organizationsapi.CreatePolicyInput) (*organizationsapi.CreatePolicyOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.CreatePolicyOutput, error) {
		p, err := org.CreatePolicy(ctx, tx, o, org.Policy{
			Type: *in.Type, Name: *in.Name, Description: *in.Description, Content: *in.Content,
		}, unpackTags(in.Tags))
		if err != nil {
			return nil, err
		}
		return &organizationsapi.CreatePolicyOutput{Policy: packPolicy(o, p)}, nil
	})
}

// DescribePolicy implements [organizationsapi.Service].
func (s *Service) DescribePolicy(ctx context.Context, in *organizationsapi.DescribePolicyInput) (*organizationsapi.DescribePolicyOutput, error) {
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribePolicyOutput, error) {
		p, err := org.DescribePolicy(ctx, tx, o, *in.PolicyId)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribePolicyOutput{Policy: packPolicy(o, p)}, nil
	})
}

// UpdatePolicy implements [organizationsapi.Service].
func (s *Service) UpdatePolicy(ctx context.Context, in *organizationsapi.UpdatePolicyInput) (*organizationsapi.UpdatePolicyOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.UpdatePolicyOutput, error) {
		p, err := org.UpdatePolicy(ctx, tx, o, *in.PolicyId, org.PolicyChange{
			Name: in.Name, Description: in.Description, Content: in.Content,
		})
		if err != nil {
			return nil, err
		}
		return &organizationsapi.UpdatePolicyOutput{Policy: packPolicy(o, p)}, nil
	})
}

// DeletePolicy implements [organizationsapi.Service].
func (s *Service) DeletePolicy(ctx context.Context, in *organizationsapi.DeletePolicyInput) (*organizationsapi.DeletePolicyOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.DeletePolicyOutput, error) {
		return &organizationsapi.DeletePolicyOutput{}, org.DeletePolicy(ctx, tx, o, *in.PolicyId)
	})
}

// ListPolicies implements [organizationsapi.Service].
func (s *Service) ListPolicies(ctx context.Context, in *organizationsapi.ListPoliciesInput) (*organizationsapi.ListPoliciesOutput, error) {
	list := "ListPolicies " + *in.Filter
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListPoliciesOutput, error) {
		policies, next, err := org.ListPolicies(ctx, tx, o, *in.Filter, p)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListPoliciesOutput{Policies: packSummaries(o, policies), NextToken: nextToken(list, next)}, nil
	})
}

// AttachPolicy implements [organizationsapi.Service].
func (s *Service) AttachPolicy(ctx context.Context, in *organizationsapi.AttachPolicyInput) (*organizationsapi.AttachPolicyOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.AttachPolicyOutput, error) {
		return &organizationsapi.AttachPolicyOutput{}, org.AttachPolicy(ctx, tx, o, *in.PolicyId, *in.TargetId)
	})
}

// DetachPolicy implements [organizationsapi.Service].
func (s *Service) DetachPolicy(ctx context.Context, in *organizationsapi.DetachPolicyInput) (*organizationsapi.DetachPolicyOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.DetachPolicyOutput, error) {
		return &organizationsapi.DetachPolicyOutput{}, org.DetachPolicy(ctx, tx, o, *in.PolicyId, *in.TargetId)
	})
}

// ListPoliciesForTarget implements [organizationsapi.Service].
func (s *Service) ListPoliciesForTarget(ctx context.Context, in *organizationsapi.ListPoliciesForTargetInput) (*organizationsapi.ListPoliciesForTargetOutput, error) {
	list := "ListPoliciesForTarget " + *in.TargetId + " " + *in.Filter
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListPoliciesForTargetOutput, error) {
		policies, next, err := org.ListPoliciesForTarget(ctx, tx, o, *in.TargetId, *in.Filter, p)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListPoliciesForTargetOutput{Policies: packSummaries(o, policies), NextToken: nextToken(list, next)}, nil
	})
}

// ListTargetsForPolicy implements [organizationsapi.Service].
func (s *Service) ListTargetsForPolicy(ctx context.Context, in *organizationsapi.ListTargetsForPolicyInput) (*organizationsapi.ListTargetsForPolicyOutput, error) {
	list := "ListTargetsForPolicy " + *in.PolicyId
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListTargetsForPolicyOutput, error) {
		targets, next, err := org.ListTargetsForPolicy(ctx, tx, o, *in.PolicyId, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListTargetsForPolicyOutput{
			Targets: make([]organizationsapi.PolicyTargetSummary, 0, len(targets)), NextToken: nextToken(list, next),
		}
		for _, t := range targets {
			out.Targets = append(out.Targets, organizationsapi.PolicyTargetSummary{
				TargetId: &t.ID, Name: &t.Name, Type: &t.Kind,
				Arn: smithy.Ptr(o.NodeARN(org.Node{ID: t.ID, Kind: t.Kind})),
			})
		}
		return out, nil
	})
}

func packPolicy(o org.Organization, p org.Policy) *organizationsapi.Policy {
	return &organizationsapi.Policy{PolicySummary: packSummary(o, p), Content: &p.Content}
}

func packSummary(o org.Organization, p org.Policy) *organizationsapi.PolicySummary {
	return &organizationsapi.PolicySummary{
		Id: &p.ID, Arn: smithy.Ptr(o.PolicyARN(p)), Name: &p.Name, Description: &p.Description,
		Type: &p.Type, AwsManaged: &p.AWSManaged,
	}
}

func packSummaries(o org.Organization, policies []org.Policy) []organizationsapi.PolicySummary {
	out := make([]organizationsapi.PolicySummary, 0, len(policies))
	for _, p := range policies {
		out = append(out, *packSummary(o, p))
	}
	return out
}
