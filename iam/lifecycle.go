package iam

import (
	"context"
	"errors"

	"github.com/bailiwick/bailiwick/credential"
)

// identity returns the user, group or role of that name, or NoSuchEntity.
func identity(_ context.Context, tx Tx, accountID string, kind Kind, name string) (Identity, error) {
	i, ok, err := tx.IAMIdentity(accountID, kind, name)
	if err == nil && !ok {
		err = noSuch(kind, name)
	}
	return i, err
}

// accountQuota is how many identities of the kind an account may have.
func (k Kind) accountQuota() Quota {
	switch k {
	case KindUser:
		return UsersPerAccount
	case KindGroup:
		return GroupsPerAccount
	default:
		return RolesPerAccount
	}
}

// create completes the identity, checks its quota and its boundary, and writes it with its
// tags.
func create(ctx context.Context, tx Tx, i Identity, tags []Tag) (Identity, error) {
	if _, taken, err := tx.IAMIdentity(i.AccountID, i.Kind, i.Name); err != nil || taken {
		return Identity{}, errors.Join(err, takenError(taken, i.Kind, i.Name))
	}
	have, err := tx.IAMCountIdentities(i.AccountID, i.Kind)
	if err != nil {
		return Identity{}, err
	}
	if err := within(tx, i.Kind.accountQuota(), have+1); err != nil {
		return Identity{}, err
	}
	if i.Boundary != "" {
		if err := checkBoundary(ctx, tx, i.AccountID, i.Boundary); err != nil {
			return Identity{}, err
		}
	}
	i.Path, i.CreatedAt = orRootPath(i.Path), seconds(tx.Now())
	i.ID = credential.NewUniqueID(i.Kind.idPrefix(), tx.Rand())
	if err := tx.IAMInsertIdentity(i); err != nil {
		return Identity{}, duplicate(err, i.Kind, i.Name)
	}
	touch(tx, i.AccountID)
	return i, putTags(ctx, tx, Tagged{i.AccountID, i.ID, i.Kind.tagType()}, tags)
}

func takenError(taken bool, kind Kind, name string) error {
	if !taken {
		return nil
	}
	return alreadyExists(kind, name)
}

// duplicate turns the store's ErrDuplicate into EntityAlreadyExists.
func duplicate(err error, kind Kind, name string) error {
	if errors.Is(err, ErrDuplicate) {
		return alreadyExists(kind, name)
	}
	return err
}

// rename gives the identity another name, path or both; empty means unchanged. The ARN
// changes with them, the unique id does not.
func rename(tx Tx, i *Identity, name, path string) error {
	if name != "" && name != i.Name {
		if other, taken, err := tx.IAMIdentity(i.AccountID, i.Kind, name); err != nil {
			return err
		} else if taken && other.ID != i.ID {
			return alreadyExists(i.Kind, name)
		}
		i.Name = name
	}
	if path != "" {
		i.Path = path
	}
	touch(tx, i.AccountID)
	if err := touchTrusting(tx, i.ID); err != nil {
		return err
	}
	return duplicate(tx.IAMUpdateIdentity(*i), i.Kind, i.Name)
}

// noPolicies refuses to delete an identity that still has policies.
func noPolicies(tx Tx, id string) error {
	attached, err := tx.IAMAttached(id, "")
	if err != nil {
		return err
	}
	if len(attached) > 0 {
		return fail(DeleteConflict, "Cannot delete entity, must detach all policies first.")
	}
	inline, err := tx.IAMInlineNames(id, Range{Limit: 1})
	if err != nil {
		return err
	}
	if len(inline) > 0 {
		return fail(DeleteConflict, "Cannot delete entity, must delete policies first.")
	}
	return nil
}

// remove deletes the identity with its tags, what it used and, of a role, whom it trusts.
func remove(tx Tx, i *Identity) error {
	if err := tx.IAMSetTrusted(i.ID, nil); err != nil {
		return err
	}
	if err := tx.IAMForgetUses(i.AccountID, i.ID); err != nil {
		return err
	}
	if err := tx.IAMDeleteTags(i.ID); err != nil {
		return err
	}
	touch(tx, i.AccountID)
	if err := touchTrusting(tx, i.ID); err != nil {
		return err
	}
	return tx.IAMDeleteIdentity(i.ID)
}
