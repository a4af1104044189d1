package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

func putBoundary[O any](ctx context.Context, s *Service, kind iam.Kind, name, policyARN *string) (*O, error) {
	touchPolicy(ctx, policyARN)
	return change[O](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, kind, name); err != nil {
			return err
		}
		return iam.PutPermissionsBoundary(ctx, tx, account(ctx), kind, smithy.Value(name), smithy.Value(policyARN))
	})
}

func deleteBoundary[O any](ctx context.Context, s *Service, kind iam.Kind, name *string) (*O, error) {
	return change[O](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, kind, name); err != nil {
			return err
		}
		return iam.DeletePermissionsBoundary(ctx, tx, account(ctx), kind, smithy.Value(name))
	})
}

// PutUserPermissionsBoundary sets the permissions boundary of a user.
func (s *Service) PutUserPermissionsBoundary(ctx context.Context, in *iamapi.PutUserPermissionsBoundaryInput) (*iamapi.PutUserPermissionsBoundaryOutput, error) {
	return putBoundary[iamapi.PutUserPermissionsBoundaryOutput](ctx, s, iam.KindUser, in.UserName, in.PermissionsBoundary)
}

// DeleteUserPermissionsBoundary removes the permissions boundary of a user.
func (s *Service) DeleteUserPermissionsBoundary(ctx context.Context, in *iamapi.DeleteUserPermissionsBoundaryInput) (*iamapi.DeleteUserPermissionsBoundaryOutput, error) {
	return deleteBoundary[iamapi.DeleteUserPermissionsBoundaryOutput](ctx, s, iam.KindUser, in.UserName)
}

// PutRolePermissionsBoundary sets the permissions boundary of a role.
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *iamapi.PutRolePermissionsBoundaryInput) (*iamapi.PutRolePermissionsBoundaryOutput, error) {
	return putBoundary[iamapi.PutRolePermissionsBoundaryOutput](ctx, s, iam.KindRole, in.RoleName, in.PermissionsBoundary)
}

// DeleteRolePermissionsBoundary removes the permissions boundary of a role.
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *iamapi.DeleteRolePermissionsBoundaryInput) (*iamapi.DeleteRolePermissionsBoundaryOutput, error) {
	return deleteBoundary[iamapi.DeleteRolePermissionsBoundaryOutput](ctx, s, iam.KindRole, in.RoleName)
}
