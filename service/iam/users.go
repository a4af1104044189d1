package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateUser makes a user.
func (s *Service) CreateUser(ctx context.Context, in *iamapi.CreateUserInput) (*iamapi.CreateUserOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateUserOutput, error) {
		u, err := iam.CreateUser(ctx, tx, account(ctx), iam.NewUser{
			Name: smithy.Value(in.UserName), Path: smithy.Value(in.Path),
			Boundary: smithy.Value(in.PermissionsBoundary), Tags: domainTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		touchIdentity(ctx, &u)
		return &iamapi.CreateUserOutput{User: user(&u, domainTags(in.Tags))}, nil
	})
}

// GetUser returns a user; without a name, the caller.
func (s *Service) GetUser(ctx context.Context, in *iamapi.GetUserInput) (*iamapi.GetUserOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetUserOutput, error) {
		name, err := userName(ctx, in.UserName)
		if err != nil {
			return nil, err
		}
		if name == "" {
			return s.rootUser(ctx, tx)
		}
		u, err := iam.Get(ctx, tx, account(ctx), iam.KindUser, name)
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(u.ID)
		return &iamapi.GetUserOutput{User: user(&u, tags)}, err
	})
}

// rootUser describes the caller, who is the root user.
func (s *Service) rootUser(ctx context.Context, tx *store.Tx) (*iamapi.GetUserOutput, error) {
	u, err := rootOf(tx, account(ctx))
	return &iamapi.GetUserOutput{User: u}, err
}

// UpdateUser renames a user or moves it to another path.
func (s *Service) UpdateUser(ctx context.Context, in *iamapi.UpdateUserInput) (*iamapi.UpdateUserOutput, error) {
	return change[iamapi.UpdateUserOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindUser, in.UserName); err != nil {
			return err
		}
		return iam.UpdateUser(ctx, tx, account(ctx), smithy.Value(in.UserName),
			smithy.Value(in.NewUserName), smithy.Value(in.NewPath))
	})
}

// DeleteUser deletes a user that carries nothing any more.
func (s *Service) DeleteUser(ctx context.Context, in *iamapi.DeleteUserInput) (*iamapi.DeleteUserOutput, error) {
	return change[iamapi.DeleteUserOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindUser, in.UserName); err != nil {
			return err
		}
		return iam.DeleteUser(ctx, tx, account(ctx), smithy.Value(in.UserName))
	})
}

// ListUsers lists users by path prefix.
func (s *Service) ListUsers(ctx context.Context, in *iamapi.ListUsersInput) (*iamapi.ListUsersOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListUsersOutput, error) {
		list, next, err := iam.List(ctx, tx, account(ctx), iam.KindUser, smithy.Value(in.PathPrefix), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListUsersOutput{Users: convert(list, listedUser)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}
