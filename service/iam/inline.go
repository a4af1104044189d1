package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// putInline adds or replaces an inline policy of a user, group or role.
func putInline[O any](ctx context.Context, s *Service, kind iam.Kind, name, policyName, document *string) (*O, error) {
	return change[O](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, kind, name); err != nil {
			return err
		}
		return iam.PutInlinePolicy(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(policyName), smithy.Value(document))
	})
}

// getInline returns an inline policy of a user, group or role.
func getInline[O any](ctx context.Context, s *Service, kind iam.Kind, name, policyName *string, pack func(owner, name, document *string) *O) (*O, error) {
	return read(ctx, s, func(tx *store.Tx) (*O, error) {
		p, err := iam.GetInlinePolicy(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(policyName))
		if err != nil {
			return nil, err
		}
		return pack(&p.Owner, &p.Name, encode(p.Document)), nil
	})
}

// deleteInline deletes an inline policy of a user, group or role.
func deleteInline[O any](ctx context.Context, s *Service, kind iam.Kind, name, policyName *string) (*O, error) {
	return change[O](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, kind, name); err != nil {
			return err
		}
		return iam.DeleteInlinePolicy(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(policyName))
	})
}

// listInline lists the names of the inline policies of a user, group or role.
func listInline[O any](ctx context.Context, s *Service, kind iam.Kind, name *string, p iam.Page, pack func(names []string, next string) *O) (*O, error) {
	return read(ctx, s, func(tx *store.Tx) (*O, error) {
		names, next, err := iam.ListInlinePolicies(ctx, tx, account(ctx), kind, smithy.Value(name), p)
		if err != nil {
			return nil, err
		}
		if names == nil {
			names = []string{}
		}
		return pack(names, next), nil
	})
}

// PutUserPolicy adds or replaces an inline policy of a user.
func (s *Service) PutUserPolicy(ctx context.Context, in *iamapi.PutUserPolicyInput) (*iamapi.PutUserPolicyOutput, error) {
	return putInline[iamapi.PutUserPolicyOutput](ctx, s, iam.KindUser, in.UserName, in.PolicyName, in.PolicyDocument)
}

// GetUserPolicy returns an inline policy of a user.
func (s *Service) GetUserPolicy(ctx context.Context, in *iamapi.GetUserPolicyInput) (*iamapi.GetUserPolicyOutput, error) {
	return getInline(ctx, s, iam.KindUser, in.UserName, in.PolicyName, func(owner, name, document *string) *iamapi.GetUserPolicyOutput {
		return &iamapi.GetUserPolicyOutput{UserName: owner, PolicyName: name, PolicyDocument: document}
	})
}

// DeleteUserPolicy deletes an inline policy of a user.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *iamapi.DeleteUserPolicyInput) (*iamapi.DeleteUserPolicyOutput, error) {
	return deleteInline[iamapi.DeleteUserPolicyOutput](ctx, s, iam.KindUser, in.UserName, in.PolicyName)
}

// ListUserPolicies lists the names of the inline policies of a user.
func (s *Service) ListUserPolicies(ctx context.Context, in *iamapi.ListUserPoliciesInput) (*iamapi.ListUserPoliciesOutput, error) {
	return listInline(ctx, s, iam.KindUser, in.UserName, page(in.Marker, in.MaxItems), func(names []string, next string) *iamapi.ListUserPoliciesOutput {
		out := &iamapi.ListUserPoliciesOutput{PolicyNames: names}
		out.IsTruncated, out.Marker = pages(next)
		return out
	})
}

// PutGroupPolicy adds or replaces an inline policy of a group.
func (s *Service) PutGroupPolicy(ctx context.Context, in *iamapi.PutGroupPolicyInput) (*iamapi.PutGroupPolicyOutput, error) {
	return putInline[iamapi.PutGroupPolicyOutput](ctx, s, iam.KindGroup, in.GroupName, in.PolicyName, in.PolicyDocument)
}

// GetGroupPolicy returns an inline policy of a group.
func (s *Service) GetGroupPolicy(ctx context.Context, in *iamapi.GetGroupPolicyInput) (*iamapi.GetGroupPolicyOutput, error) {
	return getInline(ctx, s, iam.KindGroup, in.GroupName, in.PolicyName, func(owner, name, document *string) *iamapi.GetGroupPolicyOutput {
		return &iamapi.GetGroupPolicyOutput{GroupName: owner, PolicyName: name, PolicyDocument: document}
	})
}

// DeleteGroupPolicy deletes an inline policy of a group.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *iamapi.DeleteGroupPolicyInput) (*iamapi.DeleteGroupPolicyOutput, error) {
	return deleteInline[iamapi.DeleteGroupPolicyOutput](ctx, s, iam.KindGroup, in.GroupName, in.PolicyName)
}

// ListGroupPolicies lists the names of the inline policies of a group.
func (s *Service) ListGroupPolicies(ctx context.Context, in *iamapi.ListGroupPoliciesInput) (*iamapi.ListGroupPoliciesOutput, error) {
	return listInline(ctx, s, iam.KindGroup, in.GroupName, page(in.Marker, in.MaxItems), func(names []string, next string) *iamapi.ListGroupPoliciesOutput {
		out := &iamapi.ListGroupPoliciesOutput{PolicyNames: names}
		out.IsTruncated, out.Marker = pages(next)
		return out
	})
}

// PutRolePolicy adds or replaces an inline policy of a role.
func (s *Service) PutRolePolicy(ctx context.Context, in *iamapi.PutRolePolicyInput) (*iamapi.PutRolePolicyOutput, error) {
	return putInline[iamapi.PutRolePolicyOutput](ctx, s, iam.KindRole, in.RoleName, in.PolicyName, in.PolicyDocument)
}

// GetRolePolicy returns an inline policy of a role.
func (s *Service) GetRolePolicy(ctx context.Context, in *iamapi.GetRolePolicyInput) (*iamapi.GetRolePolicyOutput, error) {
	return getInline(ctx, s, iam.KindRole, in.RoleName, in.PolicyName, func(owner, name, document *string) *iamapi.GetRolePolicyOutput {
		return &iamapi.GetRolePolicyOutput{RoleName: owner, PolicyName: name, PolicyDocument: document}
	})
}

// DeleteRolePolicy deletes an inline policy of a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *iamapi.DeleteRolePolicyInput) (*iamapi.DeleteRolePolicyOutput, error) {
	return deleteInline[iamapi.DeleteRolePolicyOutput](ctx, s, iam.KindRole, in.RoleName, in.PolicyName)
}

// ListRolePolicies lists the names of the inline policies of a role.
func (s *Service) ListRolePolicies(ctx context.Context, in *iamapi.ListRolePoliciesInput) (*iamapi.ListRolePoliciesOutput, error) {
	return listInline(ctx, s, iam.KindRole, in.RoleName, page(in.Marker, in.MaxItems), func(names []string, next string) *iamapi.ListRolePoliciesOutput {
		out := &iamapi.ListRolePoliciesOutput{PolicyNames: names}
		out.IsTruncated, out.Marker = pages(next)
		return out
	})
}
