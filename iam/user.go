package iam

import (
	"context"
)

// NewUser is what a user is made from.
type NewUser struct {
	// Name must have IAM's form; Path may be empty.
	Name, Path string
	// Boundary is the ARN of a managed policy, or empty.
	Boundary string
	Tags     []Tag
}

// CreateUser makes a user.
func CreateUser(ctx context.Context, tx Tx, accountID string, in NewUser) (Identity, error) {
	return create(ctx, tx, Identity{
		Kind: KindUser, AccountID: accountID, Name: in.Name, Path: in.Path, Boundary: in.Boundary,
	}, in.Tags)
}

// Get returns the user, group or role of that name.
func Get(ctx context.Context, tx Tx, accountID string, kind Kind, name string) (Identity, error) {
	return identity(ctx, tx, accountID, kind, name)
}

// List returns a page of the account's users, groups or roles whose path begins with
// pathPrefix, in bytewise order of name, and the marker of the next page.
func List(_ context.Context, tx Tx, accountID string, kind Kind, pathPrefix string, p Page) ([]Identity, string, error) {
	return page(p, func(r Range) ([]Identity, error) {
		return tx.IAMIdentities(accountID, kind, pathPrefix, r)
	}, identityName)
}

func identityName(i Identity) string { return i.Name }

// UpdateUser gives a user another name, path or both; empty means unchanged.
func UpdateUser(ctx context.Context, tx Tx, accountID, name, newName, newPath string) error {
	u, err := identity(ctx, tx, accountID, KindUser, name)
	if err != nil {
		return err
	}
	keys, err := tx.IAMKeys(accountID, u.ID)
	if err != nil {
		return err
	}
	// Who verifies a signature knows the owner's name and ARN.
	for _, k := range keys {
		touchKey(tx, k.ID)
	}
	return rename(tx, &u, newName, newPath)
}

// DeleteUser deletes a user who carries nothing any more; see DeleteUser in the IAM API
// Reference for what has to go first.
func DeleteUser(ctx context.Context, tx Tx, accountID, name string) error {
	u, err := identity(ctx, tx, accountID, KindUser, name)
	if err != nil {
		return err
	}
	if err := noPolicies(tx, u.ID); err != nil {
		return err
	}
	groups, err := tx.IAMCountGroupsOf(u.ID)
	if err != nil {
		return err
	}
	if groups > 0 {
		return fail(DeleteConflict, "Cannot delete entity, must remove users from group first.")
	}
	keys, err := tx.IAMKeys(accountID, u.ID)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		return fail(DeleteConflict, "Cannot delete entity, must delete access keys first.")
	}
	if err := noSignIn(tx, &u); err != nil {
		return err
	}
	if err := noCredentials(tx, &u); err != nil {
		return err
	}
	return remove(tx, &u)
}
