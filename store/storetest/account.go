package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Account is the suite of package account's tables.
func Account(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"contact", testAccountContact},
		{"alternate contacts", testAlternateContacts},
		{"regions", testAccountRegions},
		{"switches of an organization", testOrgRegionSwitches},
		{"one-time codes", testAccountCodes},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func testAccountContact(t *testing.T, db *store.DB) {
	const first, second = "111111111111", "222222222222"
	full := account.Contact{
		FullName: "Jane Doe", CompanyName: "Ünïted", AddressLine1: "1", AddressLine2: "2", AddressLine3: "3",
		City: "City", DistrictOrCounty: "District", StateOrRegion: "State", PostalCode: "12345",
		CountryCode: "DE", PhoneNumber: "+49 30 1", WebsiteURL: "https://example.com",
	}
	sparse := account.Contact{FullName: "Max", AddressLine1: "Street", City: "Bern", PostalCode: "3000", CountryCode: "CH", PhoneNumber: "+41"}
	update(t, db, func(tx *store.Tx) error { return tx.PutAccountContact(first, full) })
	update(t, db, func(tx *store.Tx) error { return tx.PutAccountContact(second, sparse) })
	check := func(accountID string, want account.Contact, exists bool) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.AccountContact(accountID)
			equal(t, "contact of "+accountID, got, want)
			equal(t, "contact of "+accountID+" exists", found, exists)
			return err
		})
	}
	check(first, full, true)
	check(second, sparse, true)
	check("333333333333", account.Contact{}, false)
	// Replaced as a whole: nothing of the old one stays.
	update(t, db, func(tx *store.Tx) error { return tx.PutAccountContact(first, sparse) })
	check(first, sparse, true)
}

func testAlternateContacts(t *testing.T, db *store.DB) {
	const first, second = "111111111111", "222222222222"
	contact := func(kind, name string) account.AlternateContact {
		return account.AlternateContact{Type: kind, EmailAddress: name + "@example.com", Name: name, PhoneNumber: "+1", Title: "Title of " + name}
	}
	update(t, db, func(tx *store.Tx) error {
		for _, kind := range []string{account.ContactBilling, account.ContactOperations, account.ContactSecurity} {
			if err := tx.PutAlternateContact(first, contact(kind, "a")); err != nil {
				return err
			}
		}
		return tx.PutAlternateContact(second, contact(account.ContactBilling, "b"))
	})
	update(t, db, func(tx *store.Tx) error { return tx.PutAlternateContact(first, contact(account.ContactBilling, "c")) })
	update(t, db, func(tx *store.Tx) error {
		gone, err := tx.DeleteAlternateContact(first, account.ContactSecurity)
		equal(t, "deleted", gone, true)
		return err
	})
	update(t, db, func(tx *store.Tx) error {
		gone, err := tx.DeleteAlternateContact(first, account.ContactSecurity)
		equal(t, "deleted again", gone, false)
		return err
	})
	for _, c := range []struct{ accountID, kind, name string }{
		{first, account.ContactBilling, "c"},
		{first, account.ContactOperations, "a"},
		{first, account.ContactSecurity, ""},
		{second, account.ContactBilling, "b"},
		{second, account.ContactOperations, ""},
	} {
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.AlternateContact(c.accountID, c.kind)
			want := account.AlternateContact{}
			if c.name != "" {
				want = contact(c.kind, c.name)
			}
			equal(t, c.kind+" of "+c.accountID, got, want)
			equal(t, c.kind+" of "+c.accountID+" exists", found, c.name != "")
			return err
		})
	}
}

func testAccountRegions(t *testing.T, db *store.DB) {
	const first, second = "111111111111", "222222222222"
	put := func(accountID, region string, enabled bool, at time.Time) {
		t.Helper()
		update(t, db, func(tx *store.Tx) error {
			return tx.PutAccountRegion(accountID, account.Switch{Region: region, Enabled: enabled, DoneAt: at})
		})
	}
	put(first, "me-south-1", true, orgTime)
	put(first, "af-south-1", true, orgTime)
	put(second, "af-south-1", true, orgTime)
	later := orgTime.Add(time.Minute)
	put(first, "af-south-1", false, later)
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.AccountRegions(first)
		equal(t, "switches", got, []account.Switch{
			{Region: "af-south-1", DoneAt: later}, {Region: "me-south-1", Enabled: true, DoneAt: orgTime},
		})
		return err
	})
}

func testOrgRegionSwitches(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		for i := range 4 {
			a := sampleAccount(fmt.Sprintf("%012d", i+1))
			if i < 3 {
				a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = orgID, "r-abcd", org.JoinedCreated, &orgTime
			}
			if err := tx.InsertOrgAccount(a); err != nil {
				return err
			}
			for j, region := range []string{"af-south-1", "me-south-1"} {
				s := account.Switch{Region: region, Enabled: true, DoneAt: orgTime.Add(time.Duration(j) * time.Minute)}
				if err := tx.PutAccountRegion(a.ID, s); err != nil {
					return err
				}
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		for after, want := range map[time.Time]int{
			orgTime.Add(-time.Microsecond): 6,
			orgTime:                        3,
			orgTime.Add(time.Minute):       0,
		} {
			got, err := tx.CountOrgRegionSwitches(orgID, after)
			if err != nil {
				return err
			}
			equal(t, "switches after "+after.String(), got, want)
		}
		n, err := tx.CountOrgRegionSwitches("o-bbbbbbbbbb", orgTime.Add(-time.Hour))
		equal(t, "switches of another organization", n, 0)
		return err
	})
}

func testAccountCodes(t *testing.T, db *store.DB) {
	const first, second = "111111111111", "222222222222"
	later := orgTime.Add(time.Minute)
	code := func(accountID, kind, code string, used *time.Time) account.OneTimeCode {
		c := account.OneTimeCode{AccountID: accountID, Kind: kind, Destination: kind + " of " + accountID, SentAt: orgTime, UsedAt: used}
		if code != "" {
			c.Sealed, c.Attempts = []byte(code), len(kind)
		}
		return c
	}
	for _, c := range []account.OneTimeCode{
		code(first, account.KindEmail, "AAAAAA", nil),
		code(first, account.KindPhone, "BBBBBB", nil),
		code(second, account.KindEmail, "CCCCCC", nil),
		code(first, account.KindEmail, "", &later),
	} {
		update(t, db, func(tx *store.Tx) error { return tx.PutAccountCode(c) })
	}
	for _, c := range []struct {
		accountID, kind string
		want            account.OneTimeCode
	}{
		{first, account.KindEmail, code(first, account.KindEmail, "", &later)},
		{first, account.KindPhone, code(first, account.KindPhone, "BBBBBB", nil)},
		{second, account.KindEmail, code(second, account.KindEmail, "CCCCCC", nil)},
		{second, account.KindPhone, account.OneTimeCode{}},
	} {
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.AccountCode(c.accountID, c.kind)
			equal(t, c.kind+" of "+c.accountID, got, c.want)
			equal(t, c.kind+" of "+c.accountID+" exists", found, c.want.AccountID != "")
			return err
		})
	}
	update(t, db, func(tx *store.Tx) error {
		none, err := tx.ForgetCodesBefore(orgTime, 10)
		one, err2 := tx.ForgetCodesBefore(later, 1)
		other, err3 := tx.ForgetCodesBefore(later, 10)
		over, err4 := tx.ForgetCodesBefore(later, 10)
		equal(t, "forgotten", []int64{none, one, other, over}, []int64{0, 1, 1, 0})
		c, found, err5 := tx.AccountCode(second, account.KindEmail)
		equal(t, "the code", len(c.Sealed), 0)
		equal(t, "the row is there", found, true)
		return errors.Join(err, err2, err3, err4, err5)
	})
}
