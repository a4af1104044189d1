package iam

import (
	"context"
)

// CreateGroup makes a group; path may be empty.
func CreateGroup(ctx context.Context, tx Tx, accountID, name, path string) (Identity, error) {
	return create(ctx, tx, Identity{Kind: KindGroup, AccountID: accountID, Name: name, Path: path}, nil)
}

// UpdateGroup gives a group another name, path or both; empty means unchanged.
func UpdateGroup(ctx context.Context, tx Tx, accountID, name, newName, newPath string) error {
	g, err := identity(ctx, tx, accountID, KindGroup, name)
	if err != nil {
		return err
	}
	return rename(tx, &g, newName, newPath)
}

// DeleteGroup deletes a group without users and policies.
func DeleteGroup(ctx context.Context, tx Tx, accountID, name string) error {
	g, err := identity(ctx, tx, accountID, KindGroup, name)
	if err != nil {
		return err
	}
	members, err := tx.IAMMembers(g.ID, Range{Limit: 1})
	if err != nil {
		return err
	}
	if len(members) > 0 {
		return fail(DeleteConflict, "Cannot delete entity, must remove users from group first.")
	}
	if err := noPolicies(tx, g.ID); err != nil {
		return err
	}
	return remove(tx, &g)
}

// AddUserToGroup puts a user into a group; one who is in it already stays so.
func AddUserToGroup(ctx context.Context, tx Tx, accountID, groupName, userName string) error {
	g, u, err := groupAndUser(ctx, tx, accountID, groupName, userName)
	if err != nil {
		return err
	}
	if member, err := tx.IAMIsMember(g.ID, u.ID); err != nil || member {
		return err
	}
	have, err := tx.IAMCountGroupsOf(u.ID)
	if err != nil {
		return err
	}
	if err := within(tx, GroupsPerUser, have+1); err != nil {
		return err
	}
	touch(tx, accountID)
	return tx.IAMAddMember(g.ID, u.ID)
}

// RemoveUserFromGroup takes a user out of a group; one who is not in it stays out.
func RemoveUserFromGroup(ctx context.Context, tx Tx, accountID, groupName, userName string) error {
	g, u, err := groupAndUser(ctx, tx, accountID, groupName, userName)
	if err != nil {
		return err
	}
	touch(tx, accountID)
	return tx.IAMRemoveMember(g.ID, u.ID)
}

func groupAndUser(ctx context.Context, tx Tx, accountID, groupName, userName string) (group, user Identity, err error) {
	if group, err = identity(ctx, tx, accountID, KindGroup, groupName); err != nil {
		return group, user, err
	}
	user, err = identity(ctx, tx, accountID, KindUser, userName)
	return group, user, err
}

// GetGroup returns a group and a page of its users.
func GetGroup(ctx context.Context, tx Tx, accountID, name string, p Page) (group Identity, users []Identity, next string, err error) {
	if group, err = identity(ctx, tx, accountID, KindGroup, name); err != nil {
		return group, nil, "", err
	}
	users, next, err = page(p, func(r Range) ([]Identity, error) { return tx.IAMMembers(group.ID, r) }, identityName)
	return group, users, next, err
}

// ListGroupsForUser returns a page of the groups that a user is in.
func ListGroupsForUser(ctx context.Context, tx Tx, accountID, userName string, p Page) ([]Identity, string, error) {
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	if err != nil {
		return nil, "", err
	}
	return page(p, func(r Range) ([]Identity, error) { return tx.IAMGroupsOf(u.ID, r) }, identityName)
}
