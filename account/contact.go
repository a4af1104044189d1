package account

import (
	"context"
	"slices"
)

// Contact is the primary contact of an account (API reference, ContactInformation). Members
// that the caller did not give are empty.
type Contact struct {
	FullName, CompanyName                    string
	AddressLine1, AddressLine2, AddressLine3 string
	City, DistrictOrCounty, StateOrRegion    string
	PostalCode                               string
	// CountryCode is two letters of ISO 3166-1.
	CountryCode string
	PhoneNumber string
	WebsiteURL  string
}

// statesNeeded are the countries whose addresses need a state or region (API reference,
// ContactInformation, StateOrRegion).
var statesNeeded = []string{"BR", "CA", "DE", "GB", "IN", "JP", "US"}

// GetContact returns the primary contact. It fails with CodeNotFound for an account that
// was never given one: the operator makes accounts without asking for an address.
func GetContact(_ context.Context, tx Tx, accountID string) (Contact, error) {
	c, found, err := tx.AccountContact(accountID)
	if err != nil {
		return Contact{}, err
	}
	if !found {
		return Contact{}, fail(CodeNotFound, "No contact information found.")
	}
	return c, nil
}

// PutContact replaces the primary contact as a whole. It fails with CodeInvalid.
func PutContact(_ context.Context, tx Tx, accountID string, c Contact) error {
	switch {
	case !validCountry(c.CountryCode):
		return invalid(ReasonField, "contactInformation.countryCode",
			"The country code is not an ISO 3166-1 alpha-2 code.")
	case c.StateOrRegion == "" && slices.Contains(statesNeeded, c.CountryCode):
		return invalid(ReasonField, "contactInformation.stateOrRegion",
			"StateOrRegion is required for addresses in %s.", c.CountryCode)
	}
	return tx.PutAccountContact(accountID, c)
}

// CopyContact gives an account the primary contact of another, if that has one: an account
// that an organization makes starts with its management account's (Organizations user
// guide, "Creating a member account in an organization").
func CopyContact(_ context.Context, tx Tx, fromAccountID, toAccountID string) error {
	c, found, err := tx.AccountContact(fromAccountID)
	if err != nil || !found {
		return err
	}
	return tx.PutAccountContact(toAccountID, c)
}

// The types of alternate contact.
const (
	ContactBilling    = "BILLING"
	ContactOperations = "OPERATIONS"
	ContactSecurity   = "SECURITY"
)

// AlternateContact is whom AWS writes to besides the root user (API reference,
// AlternateContact). An account has at most one of each type.
type AlternateContact struct {
	// Type is one of the Contact constants.
	Type         string
	EmailAddress string
	Name         string
	PhoneNumber  string
	Title        string
}

// errNoAlternate has the wording that AWS's clients look for.
func errNoAlternate() error {
	return fail(CodeNotFound, "No contact of the inputted alternate contact type found.")
}

// GetAlternateContact returns the contact of a type. It fails with CodeNotFound.
func GetAlternateContact(_ context.Context, tx Tx, accountID, contactType string) (AlternateContact, error) {
	c, found, err := tx.AlternateContact(accountID, contactType)
	if err != nil {
		return AlternateContact{}, err
	}
	if !found {
		return AlternateContact{}, errNoAlternate()
	}
	return c, nil
}

// PutAlternateContact adds or replaces the contact of c's type.
func PutAlternateContact(_ context.Context, tx Tx, accountID string, c AlternateContact) error {
	return tx.PutAlternateContact(accountID, c)
}

// DeleteAlternateContact removes the contact of a type. It fails with CodeNotFound.
func DeleteAlternateContact(_ context.Context, tx Tx, accountID, contactType string) error {
	found, err := tx.DeleteAlternateContact(accountID, contactType)
	if err == nil && !found {
		return errNoAlternate()
	}
	return err
}
