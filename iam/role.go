package iam

import (
	"cmp"
	"context"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

// The bounds and the default of a role's longest session, in seconds; see CreateRole.
const (
	DefaultSessionDuration = 3600
	MaxSessionDuration     = 43200
)

// CreateAccountAccessRole makes the role by which the management account administers an
// account that its organization created: it trusts the management account and may do
// everything; see the Organizations user guide, "Accessing member accounts in an
// organization". Its creation counts against no quota, since the account is new.
func CreateAccountAccessRole(ctx context.Context, tx Tx, accountID, roleName, managementAccountID string) error {
	_, err := CreateRole(ctx, tx, accountID, NewRole{
		Name: roleName,
		TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
			managementAccountID + `:root"},"Action":"sts:AssumeRole"}]}`,
	})
	if err != nil {
		return err
	}
	return AttachPolicy(ctx, tx, accountID, KindRole, roleName, "arn:aws:iam::aws:policy/AdministratorAccess")
}

// NewRole is what a role is made from.
type NewRole struct {
	// Name must have IAM's form; Path may be empty.
	Name, Path  string
	TrustPolicy string
	Description string
	// MaxSessionDuration may be zero.
	MaxSessionDuration int32
	// Boundary is the ARN of a managed policy, or empty.
	Boundary string
	Tags     []Tag
	// Reserved says that a service makes the role for itself, under a path that customers
	// cannot use.
	Reserved bool
}

// reservedPaths are for the roles that services make. Organization policies do not apply to
// those under the first one, so nobody else may get there; see the IAM user guide,
// "Service-linked roles".
var reservedPaths = []string{"/aws-service-role/", "/aws-reserved/"}

func checkPath(path string) error {
	for _, reserved := range reservedPaths {
		if strings.HasPrefix(strings.ToLower(path), reserved) {
			return fail(InvalidInput, "The path %s is reserved for roles that AWS services create.", path)
		}
	}
	return nil
}

// CreateRole makes a role.
func CreateRole(ctx context.Context, tx Tx, accountID string, in NewRole) (Identity, error) {
	if !in.Reserved {
		if err := checkPath(in.Path); err != nil {
			return Identity{}, err
		}
	}
	trusted, err := checkTrust(tx, in.TrustPolicy)
	if err != nil {
		return Identity{}, err
	}
	role, err := create(ctx, tx, Identity{
		Kind: KindRole, AccountID: accountID, Name: in.Name, Path: in.Path, Boundary: in.Boundary,
		Role: RoleSettings{
			Description: in.Description, TrustPolicy: trusted.document,
			MaxSessionDuration: cmp.Or(in.MaxSessionDuration, DefaultSessionDuration),
		},
	}, in.Tags)
	if err != nil {
		return Identity{}, err
	}
	return role, tx.IAMSetTrusted(role.ID, trusted.ids)
}

// checkTrust validates a trust policy and finds those whom it names.
func checkTrust(tx Tx, doc string) (trust, error) {
	if err := checkDocument(policy.Trust, doc); err != nil {
		return trust{}, err
	}
	if err := within(tx, TrustPolicySize, size(doc)); err != nil {
		return trust{}, err
	}
	if err := checkSharedProviders(doc); err != nil {
		return trust{}, err
	}
	return resolveTrust(tx, doc)
}

// UpdateRole changes the description, unless it is nil, and the longest session in seconds;
// zero stands for the default, as UpdateRole in the IAM API Reference has it.
func UpdateRole(ctx context.Context, tx Tx, accountID, name string, description *string, maxSessionDuration int32) error {
	role, err := changeableRole(ctx, tx, accountID, name)
	if err != nil {
		return err
	}
	if description != nil {
		role.Role.Description = *description
	}
	role.Role.MaxSessionDuration = cmp.Or(maxSessionDuration, DefaultSessionDuration)
	touch(tx, accountID)
	return tx.IAMUpdateIdentity(role)
}

// UpdateRoleDescription changes nothing but the description.
func UpdateRoleDescription(ctx context.Context, tx Tx, accountID, name, description string) (Identity, error) {
	role, err := changeableRole(ctx, tx, accountID, name)
	if err != nil {
		return Identity{}, err
	}
	role.Role.Description = description
	return role, tx.IAMUpdateIdentity(role)
}

// UpdateAssumeRolePolicy puts another trust policy in the place of the present one.
func UpdateAssumeRolePolicy(ctx context.Context, tx Tx, accountID, name, trustPolicy string) error {
	role, err := changeableRole(ctx, tx, accountID, name)
	if err != nil {
		return err
	}
	trusted, err := checkTrust(tx, trustPolicy)
	if err != nil {
		return err
	}
	if err := tx.IAMSetTrusted(role.ID, trusted.ids); err != nil {
		return err
	}
	role.Role.TrustPolicy = trusted.document
	touch(tx, accountID)
	return tx.IAMUpdateIdentity(role)
}

// DeleteRole deletes a role that carries no policies any more.
func DeleteRole(ctx context.Context, tx Tx, accountID, name string) error {
	role, err := changeableRole(ctx, tx, accountID, name)
	if err != nil {
		return err
	}
	if err := noPolicies(tx, role.ID); err != nil {
		return err
	}
	if err := noInstanceProfiles(tx, &role); err != nil {
		return err
	}
	if err := tx.IAMDeleteRoleSource(role.ID); err != nil {
		return err
	}
	return remove(tx, &role)
}

// changeableRole returns the role of that name unless it is a service-linked role.
func changeableRole(ctx context.Context, tx Tx, accountID, name string) (Identity, error) {
	role, err := identity(ctx, tx, accountID, KindRole, name)
	if err != nil {
		return Identity{}, err
	}
	return role, changeable(&role)
}

// changeable refuses service-linked roles; see the IAM user guide, "Service-linked roles".
func changeable(i *Identity) error {
	if !i.IsServiceLinked() {
		return nil
	}
	return fail(UnmodifiableEntity,
		"Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", i.Name)
}
