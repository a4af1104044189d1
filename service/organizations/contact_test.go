package organizations_test

import (
	"testing"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// A new account starts with the contact information that its management account has then,
// if it has any; what changes later changes for one of them only.
func TestNewAccountCopiesTheContact(t *testing.T) {
	s := organized(t, storetest.Memory())
	contact := account.Contact{
		FullName: "Jane Doe", AddressLine1: "1 Main St", City: "Bern", PostalCode: "3000", CountryCode: "CH", PhoneNumber: "+41 31",
	}
	put := func() {
		t.Helper()
		err := s.DB.Update(t.Context(), func(tx *store.Tx) error { return account.PutContact(t.Context(), tx, management, contact) })
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(id string, want account.Contact, has bool) {
		t.Helper()
		err := s.DB.View(t.Context(), func(tx *store.Tx) error {
			got, found, err := tx.AccountContact(id)
			if got != want || found != has {
				t.Errorf("contact = %+v, %v, want %+v", got, found, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.account("before@example.com"), account.Contact{}, false)
	put()
	first, then := s.account("after@example.com"), contact
	check(first, then, true)
	contact.City = "Basel"
	put()
	check(first, then, true)
	check(s.account("later@example.com"), contact, true)
}
