package account

import (
	"time"

	"github.com/bailiwick/bailiwick/org"
)

// ContactStore keeps contacts.
type ContactStore interface {
	AccountContact(accountID string) (Contact, bool, error)
	// PutAccountContact adds or replaces the primary contact.
	PutAccountContact(accountID string, c Contact) error
	AlternateContact(accountID, contactType string) (AlternateContact, bool, error)
	// PutAlternateContact adds or replaces the contact of c's type.
	PutAlternateContact(accountID string, c AlternateContact) error
	// DeleteAlternateContact reports whether there was such a contact.
	DeleteAlternateContact(accountID, contactType string) (bool, error)
}

// RegionStore keeps the last switch of each Region of an account.
type RegionStore interface {
	// AccountRegions returns the switches in ascending order of Region.
	AccountRegions(accountID string) ([]Switch, error)
	// PutAccountRegion adds or replaces the switch of s's Region.
	PutAccountRegion(accountID string, s Switch) error
	// CountOrgRegionSwitches counts the switches of all accounts of an organization that
	// are done after the given time.
	CountOrgRegionSwitches(organizationID string, after time.Time) (int, error)
}

// CodeStore keeps the last one-time code of each kind.
type CodeStore interface {
	AccountCode(accountID, kind string) (OneTimeCode, bool, error)
	// PutAccountCode adds or replaces the code of c's account and kind.
	PutAccountCode(c OneTimeCode) error
}

// Tx is the transaction that the functions of this package work in.
type Tx interface {
	org.Tx
	ContactStore
	RegionStore
	CodeStore
}
