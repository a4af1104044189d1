package org

import "context"

// GovCloudStore keeps which account of AWS GovCloud (US) an account is linked to.
type GovCloudStore interface {
	// OrgGovCloudAccount returns the id of the account that an account is linked to.
	OrgGovCloudAccount(accountID string) (string, bool, error)
	// OrgGovCloudAccountTaken reports whether an account is linked to the given one.
	OrgGovCloudAccountTaken(govCloudID string) (bool, error)
	InsertOrgGovCloudAccount(accountID, govCloudID string) error
}

// CreateGovCloudAccount makes an account like [CreateAccount] and links it to an account of
// AWS GovCloud (US). That one is an id: nothing runs in the other partition here, where
// every management account may make such accounts. It fails like CreateAccount.
func CreateGovCloudAccount(ctx context.Context, tx Tx, o Organization, s Settings, n NewAccount) (CreateRequest, error) {
	r, err := CreateAccount(ctx, tx, o, s, n)
	if err != nil || r.State != CreateSucceeded {
		return r, err
	}
	r.GovCloudAccountID, err = unusedID(prefixed(tx, "", digits, accountIDDigits), func(id string) (bool, error) {
		if id[0] == '0' {
			return true, nil
		}
		if _, taken, err := tx.OrgAccount(id); err != nil || taken {
			return taken, err
		}
		return tx.OrgGovCloudAccountTaken(id)
	})
	if err != nil {
		return CreateRequest{}, err
	}
	return r, tx.InsertOrgGovCloudAccount(r.AccountID, r.GovCloudAccountID)
}

// GovCloudAccount is an account of AWS GovCloud (US).
type GovCloudAccount struct {
	ID string
	// State is a State constant. It follows that of the account that it is linked to, which
	// is how such an account is closed (AWS GovCloud (US) user guide, "Closing an account").
	State string
}

// GovCloudAccountOf returns the account that an account, in an organization or not, is
// linked to.
func GovCloudAccountOf(_ context.Context, tx Tx, accountID string) (GovCloudAccount, bool, error) {
	id, linked, err := tx.OrgGovCloudAccount(accountID)
	if err != nil || !linked {
		return GovCloudAccount{}, false, err
	}
	a, found, err := tx.OrgAccount(accountID)
	return GovCloudAccount{ID: id, State: a.State}, found, err
}
