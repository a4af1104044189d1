package iam

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AccountSettings are settings of an account; the zero value is what an account begins with.
type AccountSettings struct {
	// GlobalTokenVersion is which tokens the global endpoint of STS gives: 1 for those that are
	// good in the Regions that are enabled by default, 2 for those that are good in all. Zero
	// means 1.
	GlobalTokenVersion int
	// RoleManager says that role manager is on; it makes roles for consoles of AWS services.
	RoleManager bool
	// RootProfileAt is since when the root user has a login profile; zero if it has none.
	RootProfileAt time.Time
}

// SettingsStore keeps the settings of accounts.
type SettingsStore interface {
	// IAMAccountSettings returns the zero value for an account that has set nothing.
	IAMAccountSettings(accountID string) (AccountSettings, error)
	IAMPutAccountSettings(accountID string, s AccountSettings) error
}

// SetGlobalTokenVersion chooses which tokens the global endpoint of STS gives, 1 or 2. Accounts
// begin with 1: see the IAM user guide, "Manage AWS STS in an AWS Region", "Managing global endpoint
// session tokens".
func SetGlobalTokenVersion(_ context.Context, tx SettingsStore, accountID string, version int) error {
	s, err := tx.IAMAccountSettings(accountID)
	if err != nil {
		return err
	}
	s.GlobalTokenVersion = version
	return tx.IAMPutAccountSettings(accountID, s)
}

// The account properties that there are; see the IAM user guide, "Create roles automatically
// with role manager".
const (
	RoleManagerNamespace = "RoleManager"
	RoleManagerEnabled   = RoleManagerNamespace + "/Enabled"
)

// RoleManagerService is the service principal of role manager, RoleManagerRole the name of its
// service-linked role.
const (
	RoleManagerService = "role-manager.iam.amazonaws.com"
	RoleManagerRole    = "AWSServiceRoleForIAMRoleManager"
)

// AccountProperties returns the properties of an account by their names, "Namespace/Name".
func AccountProperties(_ context.Context, tx SettingsStore, accountID string) (map[string]string, error) {
	s, err := tx.IAMAccountSettings(accountID)
	return map[string]string{RoleManagerEnabled: strconv.FormatBool(s.RoleManager)}, err
}

// CheckAccountProperties returns whether properties turn role manager on. They must be of one
// namespace that there is; a name that the namespace does not know is let pass beside one that it
// does. The error is InvalidInput.
func CheckAccountProperties(properties map[string]string) (enable bool, err error) {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	namespace := ""
	for i, name := range names {
		own, rest, ok := strings.Cut(name, "/")
		switch {
		case !ok || own == "" || rest == "" || strings.Contains(rest, "/"):
			return false, fail(InvalidInput, "Property key must be in format Namespace/PropertyName: %s", name)
		case i > 0 && own != namespace:
			return false, fail(InvalidInput, "All properties must belong to the same namespace")
		}
		namespace = own
	}
	if namespace != RoleManagerNamespace {
		return false, fail(InvalidInput, "Unsupported namespace: %s", namespace)
	}
	switch value, ok := properties[RoleManagerEnabled]; {
	case !ok:
		return false, fail(InvalidInput, "RoleManager namespace requires Enabled property")
	case value != "true" && value != "false":
		return false, fail(InvalidInput, "Enabled must be 'true' or 'false'")
	default:
		return value == "true", nil
	}
}

// PutAccountProperties sets properties of an account. Role manager gets its service-linked role
// when it is turned on, and leaves it when it is turned off.
func PutAccountProperties(ctx context.Context, tx Tx, accountID string, properties map[string]string) error {
	enable, err := CheckAccountProperties(properties)
	if err != nil {
		return err
	}
	if enable {
		if _, err := EnsureServiceLinkedRole(ctx, tx, accountID, RoleManagerService); err != nil {
			return err
		}
	}
	s, err := tx.IAMAccountSettings(accountID)
	if err != nil {
		return err
	}
	s.RoleManager = enable
	return tx.IAMPutAccountSettings(accountID, s)
}

// The login profile of a root user says that the root user may have a password, which its owner
// then chooses by recovering it through the account's e-mail address. No password is kept with it.
// See the IAM user guide, "Perform a privileged task on an AWS Organizations member account",
// "Allow password recovery".

// CreateRootLoginProfile allows the account's root user to recover a password. The error is
// EntityAlreadyExists if that is allowed already.
func CreateRootLoginProfile(_ context.Context, tx Tx, accountID string) (time.Time, error) {
	s, err := tx.IAMAccountSettings(accountID)
	switch {
	case err != nil:
		return time.Time{}, err
	case !s.RootProfileAt.IsZero():
		return time.Time{}, fail(EntityAlreadyExists, "Login Profile for the root user already exists.")
	}
	s.RootProfileAt = seconds(tx.Now())
	return s.RootProfileAt, tx.IAMPutAccountSettings(accountID, s)
}

// RootLoginProfile returns since when the root user has a login profile. The error is
// NoSuchEntity if it has none.
func RootLoginProfile(_ context.Context, tx SettingsStore, accountID string) (time.Time, error) {
	s, err := tx.IAMAccountSettings(accountID)
	if err == nil && s.RootProfileAt.IsZero() {
		err = fail(NoSuchEntity, "Login Profile for the root user cannot be found.")
	}
	return s.RootProfileAt, err
}

// DeleteRootLoginProfile takes the root user's password away, and that it may be recovered.
func DeleteRootLoginProfile(ctx context.Context, tx SettingsStore, accountID string) error {
	if _, err := RootLoginProfile(ctx, tx, accountID); err != nil {
		return err
	}
	s, err := tx.IAMAccountSettings(accountID)
	if err != nil {
		return err
	}
	s.RootProfileAt = time.Time{}
	return tx.IAMPutAccountSettings(accountID, s)
}
