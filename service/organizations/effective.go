package organizations

import (
	"cmp"
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// DescribeEffectivePolicy implements [organizationsapi.Service]. Every account may ask about
// itself.
func (s *Service) DescribeEffectivePolicy(ctx context.Context, in *organizationsapi.DescribeEffectivePolicyInput) (*organizationsapi.DescribeEffectivePolicyOutput, error) {
	target, as := cmp.Or(smithy.Value(in.TargetId), caller(ctx)), org.AsReader
	if target == caller(ctx) {
		as = org.AsMember
	}
	return read(ctx, s, as, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribeEffectivePolicyOutput, error) {
		p, err := org.DescribeEffectivePolicy(ctx, tx, o, *in.PolicyType, target)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribeEffectivePolicyOutput{EffectivePolicy: &organizationsapi.EffectivePolicy{
			PolicyContent: &p.Content, LastUpdatedTimestamp: &p.UpdatedAt, TargetId: &p.AccountID, PolicyType: &p.PolicyType,
		}}, nil
	})
}

// ListAccountsWithInvalidEffectivePolicy implements [organizationsapi.Service]. A page can
// have fewer items than there are left, as the API reference allows: accounts are looked
// through in pieces.
func (s *Service) ListAccountsWithInvalidEffectivePolicy(ctx context.Context, in *organizationsapi.ListAccountsWithInvalidEffectivePolicyInput) (*organizationsapi.ListAccountsWithInvalidEffectivePolicyOutput, error) {
	list := "ListAccountsWithInvalidEffectivePolicy " + *in.PolicyType
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListAccountsWithInvalidEffectivePolicyOutput, error) {
		accounts, next, err := org.ListAccountsWithInvalidEffectivePolicy(ctx, tx, o, *in.PolicyType, p)
		if err != nil {
			return nil, err
		}
		packed, err := packAccounts(ctx, tx, o, accounts)
		return &organizationsapi.ListAccountsWithInvalidEffectivePolicyOutput{
			Accounts: packed, PolicyType: in.PolicyType, NextToken: nextToken(list, next),
		}, err
	})
}

// ListEffectivePolicyValidationErrors implements [organizationsapi.Service].
func (s *Service) ListEffectivePolicyValidationErrors(ctx context.Context, in *organizationsapi.ListEffectivePolicyValidationErrorsInput) (*organizationsapi.ListEffectivePolicyValidationErrorsOutput, error) {
	list := "ListEffectivePolicyValidationErrors " + *in.AccountId + " " + *in.PolicyType
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListEffectivePolicyValidationErrorsOutput, error) {
		found, next, err := org.ListEffectivePolicyValidationErrors(ctx, tx, o, *in.AccountId, *in.PolicyType, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListEffectivePolicyValidationErrorsOutput{
			AccountId: in.AccountId, PolicyType: in.PolicyType, Path: &found.Path, EvaluationTimestamp: &found.EvaluatedAt,
			NextToken:                       nextToken(list, next),
			EffectivePolicyValidationErrors: make([]organizationsapi.EffectivePolicyValidationError, 0, len(found.Problems)),
		}
		for _, e := range found.Problems {
			out.EffectivePolicyValidationErrors = append(out.EffectivePolicyValidationErrors, organizationsapi.EffectivePolicyValidationError{
				ErrorCode: &e.Code, ErrorMessage: &e.Message, PathToError: &e.Path, ContributingPolicies: e.Policies,
			})
		}
		return out, nil
	})
}

// effectivePolicyRow is the row of DescribeEffectivePolicy: a member account needs nothing
// but its own policies' permission to ask about itself, and a delegation to ask about others.
func (s *Service) effectivePolicyRow() authz.Row {
	own := row(s, "DescribeEffectivePolicy", func(b *checks, in *organizationsapi.DescribeEffectivePolicyInput) {
		b.policyType(in.PolicyType)
		b.node(smithy.Ptr(cmp.Or(smithy.Value(in.TargetId), b.call.Caller.AccountID)))
	})
	others := s.delegated(own)
	r := own
	r.Checks = authz.For(func(ctx context.Context, c *authz.Call, in *organizationsapi.DescribeEffectivePolicyInput) ([]authz.Check, error) {
		if cmp.Or(smithy.Value(in.TargetId), c.Caller.AccountID) == c.Caller.AccountID {
			return own.Checks(ctx, c)
		}
		return others.Checks(ctx, c)
	})
	return r
}

func (s *Service) invalidEffectiveRows() []authz.Row {
	return []authz.Row{
		row(s, "ListAccountsWithInvalidEffectivePolicy", func(b *checks, in *organizationsapi.ListAccountsWithInvalidEffectivePolicyInput) {
			b.policyType(in.PolicyType)
			b.anywhere()
		}),
		row(s, "ListEffectivePolicyValidationErrors", func(b *checks, in *organizationsapi.ListEffectivePolicyValidationErrorsInput) {
			b.policyType(in.PolicyType)
			b.node(in.AccountId)
		}),
	}
}
