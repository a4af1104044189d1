package iam

import (
	"context"
	"errors"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// InstanceProfile is what hands a role to EC2 instances.
type InstanceProfile struct {
	// ID is the unique id ("AIPA…").
	ID, AccountID string
	// Name is unique among the account's instance profiles, whatever its case.
	Name, Path string
	// CreatedAt has whole seconds.
	CreatedAt time.Time
	// RoleID is the unique id of the role; empty for a profile without one.
	RoleID string
}

// ARN returns the profile's ARN, path included.
func (p *InstanceProfile) ARN() string { return InstanceProfileARN(p.AccountID, p.Path, p.Name) }

// InstanceProfileARN returns the ARN of an instance profile; path may be empty.
func InstanceProfileARN(accountID, path, name string) string {
	return arnOf(accountID, "instance-profile", orRootPath(path), name)
}

// ProfileStore keeps instance profiles. Names are found whatever their case.
type ProfileStore interface {
	// IAMInsertProfile returns ErrDuplicate if the name is taken.
	IAMInsertProfile(InstanceProfile) error
	// IAMSetProfileRole sets the role, or takes it away if roleID is empty.
	IAMSetProfileRole(id, roleID string) error
	IAMDeleteProfile(id string) error
	IAMProfile(accountID, name string) (InstanceProfile, bool, error)
	// IAMProfiles and IAMProfilesOf list in bytewise order of name.
	IAMProfiles(accountID, pathPrefix string, r Range) ([]InstanceProfile, error)
	IAMProfilesOf(accountID, roleID string, r Range) ([]InstanceProfile, error)
	IAMCountProfiles(accountID string) (int, error)
}

// CreateInstanceProfile makes an instance profile without a role; path may be empty.
func CreateInstanceProfile(ctx context.Context, tx Tx, accountID, name, path string, tags []Tag) (InstanceProfile, error) {
	taken := fail(EntityAlreadyExists, "Instance Profile %s already exists.", name)
	if _, ok, err := tx.IAMProfile(accountID, name); err != nil {
		return InstanceProfile{}, err
	} else if ok {
		return InstanceProfile{}, taken
	}
	have, err := tx.IAMCountProfiles(accountID)
	if err != nil {
		return InstanceProfile{}, err
	}
	if err := within(tx, InstanceProfilesPerAccount, have+1); err != nil {
		return InstanceProfile{}, err
	}
	p := InstanceProfile{
		ID: credential.NewUniqueID(credential.InstanceProfileIDPrefix, tx.Rand()), AccountID: accountID,
		Name: name, Path: orRootPath(path), CreatedAt: seconds(tx.Now()),
	}
	err = tx.IAMInsertProfile(p)
	if errors.Is(err, ErrDuplicate) {
		return InstanceProfile{}, taken
	}
	if err != nil {
		return InstanceProfile{}, err
	}
	return p, putTags(ctx, tx, Tagged{accountID, p.ID, TypeInstanceProfile}, tags)
}

// GetInstanceProfile returns the instance profile of that name.
func GetInstanceProfile(_ context.Context, tx Tx, accountID, name string) (InstanceProfile, error) {
	p, ok, err := tx.IAMProfile(accountID, name)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "Instance Profile %s cannot be found.", name)
	}
	return p, err
}

// DeleteInstanceProfile deletes an instance profile without a role.
func DeleteInstanceProfile(ctx context.Context, tx Tx, accountID, name string) error {
	p, err := GetInstanceProfile(ctx, tx, accountID, name)
	if err != nil {
		return err
	}
	if p.RoleID != "" {
		return inProfile()
	}
	if err := tx.IAMDeleteTags(p.ID); err != nil {
		return err
	}
	return tx.IAMDeleteProfile(p.ID)
}

func inProfile() error {
	return fail(DeleteConflict, "Cannot delete entity, must remove roles from instance profile first.")
}

// AddRoleToInstanceProfile puts a role into an instance profile that has none.
func AddRoleToInstanceProfile(ctx context.Context, tx Tx, accountID, name, roleName string) error {
	p, role, err := profileAndRole(ctx, tx, accountID, name, roleName)
	if err != nil {
		return err
	}
	if p.RoleID != "" {
		if err := within(tx, RolesPerInstanceProfile, 2); err != nil {
			return err
		}
	}
	return tx.IAMSetProfileRole(p.ID, role.ID)
}

// RemoveRoleFromInstanceProfile takes the role out of an instance profile.
func RemoveRoleFromInstanceProfile(ctx context.Context, tx Tx, accountID, name, roleName string) error {
	p, role, err := profileAndRole(ctx, tx, accountID, name, roleName)
	if err != nil {
		return err
	}
	if p.RoleID != role.ID {
		return fail(NoSuchEntity, "The role with name %s cannot be found in the instance profile %s.", role.Name, p.Name)
	}
	return tx.IAMSetProfileRole(p.ID, "")
}

func profileAndRole(ctx context.Context, tx Tx, accountID, name, roleName string) (InstanceProfile, Identity, error) {
	p, err := GetInstanceProfile(ctx, tx, accountID, name)
	if err != nil {
		return InstanceProfile{}, Identity{}, err
	}
	role, err := changeableRole(ctx, tx, accountID, roleName)
	return p, role, err
}

// ListInstanceProfiles returns a page of the account's instance profiles whose path begins
// with pathPrefix, by name.
func ListInstanceProfiles(_ context.Context, tx Tx, accountID, pathPrefix string, p Page) ([]InstanceProfile, string, error) {
	return page(p, func(r Range) ([]InstanceProfile, error) { return tx.IAMProfiles(accountID, pathPrefix, r) }, profileName)
}

// ListInstanceProfilesForRole returns a page of the instance profiles that have the role.
func ListInstanceProfilesForRole(ctx context.Context, tx Tx, accountID, roleName string, p Page) ([]InstanceProfile, string, error) {
	role, err := identity(ctx, tx, accountID, KindRole, roleName)
	if err != nil {
		return nil, "", err
	}
	return page(p, func(r Range) ([]InstanceProfile, error) { return tx.IAMProfilesOf(accountID, role.ID, r) }, profileName)
}

func profileName(p InstanceProfile) string { return p.Name }

// TaggedInstanceProfile returns the instance profile of that name as the owner of tags.
func TaggedInstanceProfile(ctx context.Context, tx Tx, accountID, name string) (Tagged, error) {
	p, err := GetInstanceProfile(ctx, tx, accountID, name)
	return Tagged{accountID, p.ID, TypeInstanceProfile}, err
}

// noInstanceProfiles refuses to delete a role that is in an instance profile.
func noInstanceProfiles(tx Tx, role *Identity) error {
	list, err := tx.IAMProfilesOf(role.AccountID, role.ID, Range{Limit: 1})
	if err == nil && len(list) > 0 {
		err = inProfile()
	}
	return err
}
