package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateGroup makes a group.
func (s *Service) CreateGroup(ctx context.Context, in *iamapi.CreateGroupInput) (*iamapi.CreateGroupOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateGroupOutput, error) {
		g, err := iam.CreateGroup(ctx, tx, account(ctx), smithy.Value(in.GroupName), smithy.Value(in.Path))
		if err != nil {
			return nil, err
		}
		touchIdentity(ctx, &g)
		return &iamapi.CreateGroupOutput{Group: smithy.Ptr(group(&g))}, nil
	})
}

// GetGroup returns a group and a page of its users.
func (s *Service) GetGroup(ctx context.Context, in *iamapi.GetGroupInput) (*iamapi.GetGroupOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetGroupOutput, error) {
		g, users, next, err := iam.GetGroup(ctx, tx, account(ctx), smithy.Value(in.GroupName), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.GetGroupOutput{Group: smithy.Ptr(group(&g)), Users: convert(users, listedUser)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// UpdateGroup renames a group or moves it to another path.
func (s *Service) UpdateGroup(ctx context.Context, in *iamapi.UpdateGroupInput) (*iamapi.UpdateGroupOutput, error) {
	return change[iamapi.UpdateGroupOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindGroup, in.GroupName); err != nil {
			return err
		}
		return iam.UpdateGroup(ctx, tx, account(ctx), smithy.Value(in.GroupName),
			smithy.Value(in.NewGroupName), smithy.Value(in.NewPath))
	})
}

// DeleteGroup deletes a group without users and policies.
func (s *Service) DeleteGroup(ctx context.Context, in *iamapi.DeleteGroupInput) (*iamapi.DeleteGroupOutput, error) {
	return change[iamapi.DeleteGroupOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindGroup, in.GroupName); err != nil {
			return err
		}
		return iam.DeleteGroup(ctx, tx, account(ctx), smithy.Value(in.GroupName))
	})
}

// ListGroups lists groups by path prefix.
func (s *Service) ListGroups(ctx context.Context, in *iamapi.ListGroupsInput) (*iamapi.ListGroupsOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListGroupsOutput, error) {
		list, next, err := iam.List(ctx, tx, account(ctx), iam.KindGroup, smithy.Value(in.PathPrefix), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListGroupsOutput{Groups: convert(list, group)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// AddUserToGroup puts a user into a group.
func (s *Service) AddUserToGroup(ctx context.Context, in *iamapi.AddUserToGroupInput) (*iamapi.AddUserToGroupOutput, error) {
	return change[iamapi.AddUserToGroupOutput](ctx, s, func(tx *store.Tx) error {
		if err := touchMembership(ctx, tx, in.GroupName, in.UserName); err != nil {
			return err
		}
		return iam.AddUserToGroup(ctx, tx, account(ctx), smithy.Value(in.GroupName), smithy.Value(in.UserName))
	})
}

// RemoveUserFromGroup takes a user out of a group.
func (s *Service) RemoveUserFromGroup(ctx context.Context, in *iamapi.RemoveUserFromGroupInput) (*iamapi.RemoveUserFromGroupOutput, error) {
	return change[iamapi.RemoveUserFromGroupOutput](ctx, s, func(tx *store.Tx) error {
		if err := touchMembership(ctx, tx, in.GroupName, in.UserName); err != nil {
			return err
		}
		return iam.RemoveUserFromGroup(ctx, tx, account(ctx), smithy.Value(in.GroupName), smithy.Value(in.UserName))
	})
}

func touchMembership(ctx context.Context, tx *store.Tx, groupName, userName *string) error {
	if err := touch(ctx, tx, iam.KindGroup, groupName); err != nil {
		return err
	}
	return touch(ctx, tx, iam.KindUser, userName)
}

// ListGroupsForUser lists the groups that a user is in.
func (s *Service) ListGroupsForUser(ctx context.Context, in *iamapi.ListGroupsForUserInput) (*iamapi.ListGroupsForUserOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListGroupsForUserOutput, error) {
		list, next, err := iam.ListGroupsForUser(ctx, tx, account(ctx), smithy.Value(in.UserName), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListGroupsForUserOutput{Groups: convert(list, group)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}
