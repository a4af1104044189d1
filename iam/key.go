package iam

import (
	"context"
	"time"
)

// The states of an access key.
const (
	KeyActive   = "Active"
	KeyInactive = "Inactive"
)

// AccessKey is a long-term access key of a user or of an account's root user.
type AccessKey struct {
	ID        string
	AccountID string
	// UserID is the unique id of the user; empty for the root user.
	UserID string
	// Status is KeyActive or KeyInactive.
	Status string
	// SealedSecret is the secret access key as the vault sealed it. It is empty in lists.
	SealedSecret []byte
	CreatedAt    time.Time
	// LastUsedAt is zero for a key that was never used; service and region are those of
	// the last use.
	LastUsedAt      time.Time
	LastUsedService string
	LastUsedRegion  string
	// UserName and UserPath are the owner's; empty for the root user. Writing ignores them.
	UserName, UserPath string
}

// OwnerARN is the ARN of the user, or of the account's root user.
func (k *AccessKey) OwnerARN() string {
	if k.UserID == "" {
		return "arn:aws:iam::" + k.AccountID + ":root"
	}
	return arnOf(k.AccountID, string(KindUser), k.UserPath, k.UserName)
}

// AccessKeyByID returns the access key with its sealed secret and its owner, or false.
func AccessKeyByID(_ context.Context, tx Tx, id string) (AccessKey, bool, error) {
	return tx.IAMKey(id)
}

// CreateAccessKey gives the user a further access key. The caller makes its id and seals its
// secret. An empty userName means the root user.
func CreateAccessKey(ctx context.Context, tx Tx, accountID, userName, id string, sealedSecret []byte) (AccessKey, error) {
	k := AccessKey{
		ID: id, AccountID: accountID, Status: KeyActive, SealedSecret: sealedSecret,
		CreatedAt: seconds(tx.Now()),
	}
	if userName != "" {
		u, err := identity(ctx, tx, accountID, KindUser, userName)
		if err != nil {
			return AccessKey{}, err
		}
		k.UserID, k.UserName, k.UserPath = u.ID, u.Name, u.Path
	}
	have, err := tx.IAMKeys(accountID, k.UserID)
	if err != nil {
		return AccessKey{}, err
	}
	if err := within(tx, AccessKeysPerUser, len(have)+1); err != nil {
		return AccessKey{}, err
	}
	if err := tx.IAMInsertKey(k); err != nil {
		return AccessKey{}, err
	}
	touchKey(tx, id)
	return k, nil
}

// CreateRootAccessKey gives the account's root user an access key with the given id.
func CreateRootAccessKey(ctx context.Context, tx Tx, accountID, id string, sealedSecret []byte) error {
	_, err := CreateAccessKey(ctx, tx, accountID, "", id, sealedSecret)
	return err
}

// UpdateAccessKey makes the key KeyActive or KeyInactive. userName must be the key's owner,
// empty for the root user.
func UpdateAccessKey(ctx context.Context, tx Tx, accountID, userName, id, status string) error {
	k, err := keyOf(ctx, tx, accountID, userName, id)
	if err != nil {
		return err
	}
	if err := checkKeyStatus(status); err != nil {
		return err
	}
	touchKey(tx, k.ID)
	return tx.IAMSetKeyStatus(k.ID, status)
}

// DeleteAccessKey deletes the key. userName must be the key's owner, empty for the root
// user.
func DeleteAccessKey(ctx context.Context, tx Tx, accountID, userName, id string) error {
	k, err := keyOf(ctx, tx, accountID, userName, id)
	if err != nil {
		return err
	}
	touchKey(tx, k.ID)
	return tx.IAMDeleteKey(k.ID)
}

// ListAccessKeys returns a page of the keys of the user, or of the root user if userName is
// empty, by id.
func ListAccessKeys(ctx context.Context, tx Tx, accountID, userName string, p Page) ([]AccessKey, string, error) {
	userID := ""
	if userName != "" {
		u, err := identity(ctx, tx, accountID, KindUser, userName)
		if err != nil {
			return nil, "", err
		}
		userID = u.ID
	}
	keys, err := tx.IAMKeys(accountID, userID)
	if err != nil {
		return nil, "", err
	}
	return slicePage(keys, p, func(k AccessKey) string { return k.ID })
}

// GetAccessKey returns a key of the account, whoever has it.
func GetAccessKey(_ context.Context, tx Tx, accountID, id string) (AccessKey, error) {
	k, ok, err := tx.IAMKey(id)
	if err == nil && (!ok || k.AccountID != accountID) {
		return AccessKey{}, noSuchKey(id)
	}
	return k, err
}

func keyOf(ctx context.Context, tx Tx, accountID, userName, id string) (AccessKey, error) {
	userID := ""
	if userName != "" {
		u, err := identity(ctx, tx, accountID, KindUser, userName)
		if err != nil {
			return AccessKey{}, err
		}
		userID = u.ID
	}
	k, ok, err := tx.IAMKey(id)
	if err != nil {
		return AccessKey{}, err
	}
	if !ok || k.AccountID != accountID || k.UserID != userID {
		return AccessKey{}, noSuchKey(id)
	}
	return k, nil
}

func noSuchKey(id string) error {
	return fail(NoSuchEntity, "The Access Key with id %s cannot be found.", id)
}

// KeyUse is one use of an access key.
type KeyUse struct {
	ID string
	At time.Time
	// Service is the service's signing name, Region that of the credential scope.
	Service, Region string
}

// RecordKeyUse writes when and where access keys were last used. It is meant for batches of
// the latest use of each key, not for every request; keys that are gone are skipped.
func RecordKeyUse(_ context.Context, tx Tx, uses []KeyUse) error {
	for _, u := range uses {
		if err := tx.IAMSetKeyUse(u); err != nil {
			return err
		}
	}
	return nil
}

// RoleUse is one use of a role's temporary credentials, or of the role by AssumeRole.
type RoleUse struct {
	RoleID string
	At     time.Time
	Region string
}

// RecordRoleUse writes when and where roles were last used, in batches like RecordKeyUse.
func RecordRoleUse(_ context.Context, tx Tx, uses []RoleUse) error {
	for _, u := range uses {
		if err := tx.IAMSetRoleUse(u); err != nil {
			return err
		}
	}
	return nil
}

// touchKey tells those who verify signatures that the key has changed.
func touchKey(tx Tx, id string) { tx.Touch("key/" + id) }

// touch tells caches that what the account's principals carry has changed.
func touch(tx Tx, accountID string) { tx.Touch("iam/" + accountID) }

// seconds is the precision of all dates of the IAM API.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
