package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateRole makes a role.
func (s *Service) CreateRole(ctx context.Context, in *iamapi.CreateRoleInput) (*iamapi.CreateRoleOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateRoleOutput, error) {
		r, err := iam.CreateRole(ctx, tx, account(ctx), iam.NewRole{
			Name: smithy.Value(in.RoleName), Path: smithy.Value(in.Path),
			TrustPolicy: smithy.Value(in.AssumeRolePolicyDocument), Description: smithy.Value(in.Description),
			MaxSessionDuration: smithy.Value(in.MaxSessionDuration),
			Boundary:           smithy.Value(in.PermissionsBoundary), Tags: domainTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		touchIdentity(ctx, &r)
		out, err := describeRole(ctx, tx, &r)
		if err != nil {
			return nil, err
		}
		out.RoleLastUsed = nil
		return &iamapi.CreateRoleOutput{Role: out}, nil
	})
}

// describeRole renders a role with its tags and the present form of its trust policy.
func describeRole(ctx context.Context, tx *store.Tx, r *iam.Identity) (*iamapi.Role, error) {
	trust, err := iam.TrustPolicyOf(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	tags, err := tx.IAMTags(r.ID)
	return role(r, trust, tags), err
}

// GetRole returns a role.
func (s *Service) GetRole(ctx context.Context, in *iamapi.GetRoleInput) (*iamapi.GetRoleOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetRoleOutput, error) {
		r, err := iam.Get(ctx, tx, account(ctx), iam.KindRole, smithy.Value(in.RoleName))
		if err != nil {
			return nil, err
		}
		out, err := describeRole(ctx, tx, &r)
		if err != nil {
			return nil, err
		}
		return &iamapi.GetRoleOutput{Role: out}, addSource(ctx, tx, &r, out)
	})
}

// UpdateRole changes a role's description and its longest session.
func (s *Service) UpdateRole(ctx context.Context, in *iamapi.UpdateRoleInput) (*iamapi.UpdateRoleOutput, error) {
	return change[iamapi.UpdateRoleOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindRole, in.RoleName); err != nil {
			return err
		}
		return iam.UpdateRole(ctx, tx, account(ctx), smithy.Value(in.RoleName), in.Description, smithy.Value(in.MaxSessionDuration))
	})
}

// UpdateRoleDescription changes a role's description.
func (s *Service) UpdateRoleDescription(ctx context.Context, in *iamapi.UpdateRoleDescriptionInput) (*iamapi.UpdateRoleDescriptionOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.UpdateRoleDescriptionOutput, error) {
		r, err := iam.UpdateRoleDescription(ctx, tx, account(ctx), smithy.Value(in.RoleName), smithy.Value(in.Description))
		if err != nil {
			return nil, err
		}
		touchIdentity(ctx, &r)
		out, err := describeRole(ctx, tx, &r)
		return &iamapi.UpdateRoleDescriptionOutput{Role: out}, err
	})
}

// UpdateAssumeRolePolicy replaces a role's trust policy.
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *iamapi.UpdateAssumeRolePolicyInput) (*iamapi.UpdateAssumeRolePolicyOutput, error) {
	return change[iamapi.UpdateAssumeRolePolicyOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindRole, in.RoleName); err != nil {
			return err
		}
		return iam.UpdateAssumeRolePolicy(ctx, tx, account(ctx), smithy.Value(in.RoleName), smithy.Value(in.PolicyDocument))
	})
}

// DeleteRole deletes a role that carries nothing any more.
func (s *Service) DeleteRole(ctx context.Context, in *iamapi.DeleteRoleInput) (*iamapi.DeleteRoleOutput, error) {
	return change[iamapi.DeleteRoleOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindRole, in.RoleName); err != nil {
			return err
		}
		return iam.DeleteRole(ctx, tx, account(ctx), smithy.Value(in.RoleName))
	})
}

// ListRoles lists roles by path prefix.
func (s *Service) ListRoles(ctx context.Context, in *iamapi.ListRolesInput) (*iamapi.ListRolesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListRolesOutput, error) {
		list, next, err := iam.List(ctx, tx, account(ctx), iam.KindRole, smithy.Value(in.PathPrefix), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListRolesOutput{Roles: make([]iamapi.Role, len(list))}
		for i := range list {
			trust, err := iam.TrustPolicyOf(ctx, tx, &list[i])
			if err != nil {
				return nil, err
			}
			out.Roles[i] = listedRole(&list[i], trust)
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}
