package store

import (
	"database/sql"
	"time"

	"github.com/bailiwick/bailiwick/account"
)

// The SQL of package account.

var _ account.Tx = (*Tx)(nil)

const contactColumns = `full_name, company_name, address_line_1, address_line_2, address_line_3, city,
	district_or_county, state_or_region, postal_code, country_code, phone_number, website_url`

// AccountContact implements [account.ContactStore].
func (tx *Tx) AccountContact(accountID string) (account.Contact, bool, error) {
	var c account.Contact
	err := tx.queryRow(`select `+contactColumns+` from account_contacts where account_id = $1`, accountID).
		Scan(&c.FullName, &c.CompanyName, &c.AddressLine1, &c.AddressLine2, &c.AddressLine3, &c.City,
			&c.DistrictOrCounty, &c.StateOrRegion, &c.PostalCode, &c.CountryCode, &c.PhoneNumber, &c.WebsiteURL)
	return found(c, err)
}

// PutAccountContact implements [account.ContactStore].
func (tx *Tx) PutAccountContact(accountID string, c account.Contact) error {
	return tx.later(`
		insert into account_contacts (account_id, `+contactColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		on conflict (account_id) do update set
			full_name = excluded.full_name, company_name = excluded.company_name,
			address_line_1 = excluded.address_line_1, address_line_2 = excluded.address_line_2,
			address_line_3 = excluded.address_line_3, city = excluded.city,
			district_or_county = excluded.district_or_county, state_or_region = excluded.state_or_region,
			postal_code = excluded.postal_code, country_code = excluded.country_code,
			phone_number = excluded.phone_number, website_url = excluded.website_url`,
		accountID, c.FullName, c.CompanyName, c.AddressLine1, c.AddressLine2, c.AddressLine3, c.City,
		c.DistrictOrCounty, c.StateOrRegion, c.PostalCode, c.CountryCode, c.PhoneNumber, c.WebsiteURL)
}

// AlternateContact implements [account.ContactStore].
func (tx *Tx) AlternateContact(accountID, contactType string) (account.AlternateContact, bool, error) {
	c := account.AlternateContact{Type: contactType}
	err := tx.queryRow(`
		select email_address, name, phone_number, title
		from account_alternate_contacts
		where account_id = $1 and contact_type = $2`, accountID, contactType).
		Scan(&c.EmailAddress, &c.Name, &c.PhoneNumber, &c.Title)
	return found(c, err)
}

// PutAlternateContact implements [account.ContactStore].
func (tx *Tx) PutAlternateContact(accountID string, c account.AlternateContact) error {
	return tx.later(`
		insert into account_alternate_contacts (account_id, contact_type, email_address, name, phone_number, title)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (account_id, contact_type) do update set
			email_address = excluded.email_address, name = excluded.name,
			phone_number = excluded.phone_number, title = excluded.title`,
		accountID, c.Type, c.EmailAddress, c.Name, c.PhoneNumber, c.Title)
}

// DeleteAlternateContact implements [account.ContactStore].
func (tx *Tx) DeleteAlternateContact(accountID, contactType string) (bool, error) {
	n, err := tx.exec(`delete from account_alternate_contacts where account_id = $1 and contact_type = $2`, accountID, contactType)
	return n > 0, err
}

// AccountRegions implements [account.RegionStore].
func (tx *Tx) AccountRegions(accountID string) ([]account.Switch, error) {
	return queryAll(tx, func(rows *sql.Rows) (s account.Switch, err error) {
		err = rows.Scan(&s.Region, &s.Enabled, asTime(&s.DoneAt))
		return s, err
	}, `
		select region, enabled, done_at
		from account_regions
		where account_id = $1
		order by region`, accountID)
}

// PutAccountRegion implements [account.RegionStore].
func (tx *Tx) PutAccountRegion(accountID string, s account.Switch) error {
	return tx.later(`
		insert into account_regions (account_id, region, enabled, done_at)
		values ($1, $2, $3, $4)
		on conflict (account_id, region) do update set enabled = excluded.enabled, done_at = excluded.done_at`,
		accountID, s.Region, s.Enabled, s.DoneAt)
}

// CountOrgRegionSwitches implements [account.RegionStore].
func (tx *Tx) CountOrgRegionSwitches(organizationID string, after time.Time) (int, error) {
	var n int
	err := tx.queryRow(`
		select count(*)
		from account_regions r join org_accounts a on a.id = r.account_id
		where r.done_at > $2 and a.organization_id = $1`, organizationID, after).Scan(&n)
	return n, err
}

// AccountCode implements [account.CodeStore].
func (tx *Tx) AccountCode(accountID, kind string) (account.OneTimeCode, bool, error) {
	c := account.OneTimeCode{AccountID: accountID, Kind: kind}
	err := tx.queryRow(`
		select destination, sealed, attempts, sent_at, used_at
		from account_codes
		where account_id = $1 and kind = $2`, accountID, kind).
		Scan(&c.Destination, &c.Sealed, &c.Attempts, asTime(&c.SentAt), asNullTime(&c.UsedAt))
	return found(c, err)
}

// ForgetCodesBefore removes from at most limit rows the code itself, if it was sent before a
// time and never used: the row still says what came of it. It returns how many it were.
func (tx *Tx) ForgetCodesBefore(before time.Time, limit int) (int64, error) {
	return tx.exec(`
		update account_codes set sealed = null where (account_id, kind) in (
			select account_id, kind from account_codes where sealed is not null and sent_at < $1 order by sent_at limit $2)`,
		before, limit)
}

// PutAccountCode implements [account.CodeStore].
func (tx *Tx) PutAccountCode(c account.OneTimeCode) error {
	return tx.later(`
		insert into account_codes (account_id, kind, destination, code, sealed, attempts, sent_at, used_at)
		values ($1, $2, $3, '', $4, $5, $6, $7)
		on conflict (account_id, kind) do update set
			destination = excluded.destination, code = excluded.code,
			sealed = excluded.sealed, attempts = excluded.attempts,
			sent_at = excluded.sent_at, used_at = excluded.used_at`,
		c.AccountID, c.Kind, c.Destination, c.Sealed, c.Attempts, c.SentAt, c.UsedAt)
}
