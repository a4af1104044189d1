package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// attach attaches a managed policy to a user, group or role.
func attach[O any](ctx context.Context, s *Service, kind iam.Kind, name, policyARN *string) (*O, error) {
	touchPolicy(ctx, policyARN)
	return change[O](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, kind, name); err != nil {
			return err
		}
		return iam.AttachPolicy(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(policyARN))
	})
}

// detach takes a managed policy off a user, group or role.
func detach[O any](ctx context.Context, s *Service, kind iam.Kind, name, policyARN *string) (*O, error) {
	touchPolicy(ctx, policyARN)
	return change[O](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, kind, name); err != nil {
			return err
		}
		return iam.DetachPolicy(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(policyARN))
	})
}

// listAttached lists the managed policies on a user, group or role.
func listAttached[O any](ctx context.Context, s *Service, kind iam.Kind, name, pathPrefix *string, p iam.Page,
	pack func([]iamapi.AttachedPolicy, string) *O,
) (*O, error) {
	return read(ctx, s, func(tx *store.Tx) (*O, error) {
		list, next, err := iam.ListAttachedPolicies(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(pathPrefix), p)
		if err != nil {
			return nil, err
		}
		return pack(convert(list, func(p *iam.AttachedPolicy) iamapi.AttachedPolicy {
			return iamapi.AttachedPolicy{PolicyName: smithy.Ptr(p.Name), PolicyArn: smithy.Ptr(p.ARN)}
		}), next), nil
	})
}

// AttachUserPolicy attaches a managed policy to a user.
func (s *Service) AttachUserPolicy(ctx context.Context, in *iamapi.AttachUserPolicyInput) (*iamapi.AttachUserPolicyOutput, error) {
	return attach[iamapi.AttachUserPolicyOutput](ctx, s, iam.KindUser, in.UserName, in.PolicyArn)
}

// DetachUserPolicy takes a managed policy off a user.
func (s *Service) DetachUserPolicy(ctx context.Context, in *iamapi.DetachUserPolicyInput) (*iamapi.DetachUserPolicyOutput, error) {
	return detach[iamapi.DetachUserPolicyOutput](ctx, s, iam.KindUser, in.UserName, in.PolicyArn)
}

// ListAttachedUserPolicies lists the managed policies on a user.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *iamapi.ListAttachedUserPoliciesInput) (*iamapi.ListAttachedUserPoliciesOutput, error) {
	return listAttached(ctx, s, iam.KindUser, in.UserName, in.PathPrefix, page(in.Marker, in.MaxItems),
		func(list []iamapi.AttachedPolicy, next string) *iamapi.ListAttachedUserPoliciesOutput {
			out := &iamapi.ListAttachedUserPoliciesOutput{AttachedPolicies: list}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

// AttachGroupPolicy attaches a managed policy to a group.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *iamapi.AttachGroupPolicyInput) (*iamapi.AttachGroupPolicyOutput, error) {
	return attach[iamapi.AttachGroupPolicyOutput](ctx, s, iam.KindGroup, in.GroupName, in.PolicyArn)
}

// DetachGroupPolicy takes a managed policy off a group.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *iamapi.DetachGroupPolicyInput) (*iamapi.DetachGroupPolicyOutput, error) {
	return detach[iamapi.DetachGroupPolicyOutput](ctx, s, iam.KindGroup, in.GroupName, in.PolicyArn)
}

// ListAttachedGroupPolicies lists the managed policies on a group.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *iamapi.ListAttachedGroupPoliciesInput) (*iamapi.ListAttachedGroupPoliciesOutput, error) {
	return listAttached(ctx, s, iam.KindGroup, in.GroupName, in.PathPrefix, page(in.Marker, in.MaxItems),
		func(list []iamapi.AttachedPolicy, next string) *iamapi.ListAttachedGroupPoliciesOutput {
			out := &iamapi.ListAttachedGroupPoliciesOutput{AttachedPolicies: list}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

// AttachRolePolicy attaches a managed policy to a role.
func (s *Service) AttachRolePolicy(ctx context.Context, in *iamapi.AttachRolePolicyInput) (*iamapi.AttachRolePolicyOutput, error) {
	return attach[iamapi.AttachRolePolicyOutput](ctx, s, iam.KindRole, in.RoleName, in.PolicyArn)
}

// DetachRolePolicy takes a managed policy off a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *iamapi.DetachRolePolicyInput) (*iamapi.DetachRolePolicyOutput, error) {
	return detach[iamapi.DetachRolePolicyOutput](ctx, s, iam.KindRole, in.RoleName, in.PolicyArn)
}

// ListAttachedRolePolicies lists the managed policies on a role.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *iamapi.ListAttachedRolePoliciesInput) (*iamapi.ListAttachedRolePoliciesOutput, error) {
	return listAttached(ctx, s, iam.KindRole, in.RoleName, in.PathPrefix, page(in.Marker, in.MaxItems),
		func(list []iamapi.AttachedPolicy, next string) *iamapi.ListAttachedRolePoliciesOutput {
			out := &iamapi.ListAttachedRolePoliciesOutput{AttachedPolicies: list}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}
