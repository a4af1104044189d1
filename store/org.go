package store

import (
	"database/sql"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/org"
)

// The SQL of package org: organizations and accounts here, the tree in orgtree.go, policies
// and tags in orgpolicy.go.

var _ org.Tx = (*Tx)(nil)

// Organization implements [org.OrganizationStore].
func (tx *Tx) Organization(id string) (org.Organization, bool, error) {
	var o org.Organization
	err := tx.queryRow(`
		select o.id, o.management_account_id, a.email, o.feature_set, o.root_id, o.created_at
		from org_organizations o join org_accounts a on a.id = o.management_account_id
		where o.id = $1`, id).
		Scan(&o.ID, &o.ManagementAccountID, &o.ManagementAccountEmail, &o.FeatureSet, &o.RootID, asTime(&o.CreatedAt))
	return found(o, err)
}

// InsertOrganization implements [org.OrganizationStore].
func (tx *Tx) InsertOrganization(o org.Organization) error {
	return tx.later(`
		insert into org_organizations (id, management_account_id, feature_set, root_id, created_at)
		values ($1, $2, $3, $4, $5)`,
		o.ID, o.ManagementAccountID, o.FeatureSet, o.RootID, o.CreatedAt)
}

// DeleteOrganization implements [org.OrganizationStore].
func (tx *Tx) DeleteOrganization(id string) error {
	for _, statement := range []string{
		`delete from org_policy_types where organization_id = $1`,
		`delete from org_attachments where organization_id = $1`,
		`delete from org_policies where organization_id = $1`,
		`delete from org_units where organization_id = $1`,
		`delete from org_tags where organization_id = $1`,
		`delete from org_untagged where organization_id = $1`,
		`delete from org_create_requests where organization_id = $1`,
		`delete from org_counters where organization_id = $1`,
		`delete from org_handshakes where organization_id = $1`,
		`delete from org_trusted_services where organization_id = $1`,
		`delete from org_delegated_administrators where organization_id = $1`,
		`delete from org_resource_policies where organization_id = $1`,
		`delete from org_rechecks where organization_id = $1`,
		`delete from org_invalid_policies where organization_id = $1`,
		`delete from org_quotas where organization_id = $1`,
		`delete from org_transfers where target_organization_id = $1`,
		`delete from org_organizations where id = $1`,
	} {
		if err := tx.later(statement, id); err != nil {
			return err
		}
	}
	return nil
}

// OrgPolicyTypes implements [org.OrganizationStore].
func (tx *Tx) OrgPolicyTypes(organizationID string) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (name string, err error) {
		return name, rows.Scan(&name)
	}, `select type from org_policy_types where organization_id = $1 order by type`, organizationID)
}

// EnableOrgPolicyType implements [org.OrganizationStore].
func (tx *Tx) EnableOrgPolicyType(organizationID, policyType string) error {
	return tx.later(`insert into org_policy_types (organization_id, type) values ($1, $2)`, organizationID, policyType)
}

// DisableOrgPolicyType implements [org.OrganizationStore].
func (tx *Tx) DisableOrgPolicyType(organizationID, policyType string) error {
	return tx.later(`delete from org_policy_types where organization_id = $1 and type = $2`, organizationID, policyType)
}

// OrgCount implements [org.OrganizationStore].
func (tx *Tx) OrgCount(organizationID, counter string) (int, error) {
	var n int
	err := tx.queryRow(`select value from org_counters where organization_id = $1 and name = $2`,
		organizationID, counter).Scan(&n)
	n, _, err = found(n, err)
	return n, err
}

// AddOrgCount implements [org.OrganizationStore].
func (tx *Tx) AddOrgCount(organizationID, counter string, by int) error {
	return tx.later(`
		insert into org_counters (organization_id, name, value) values ($1, $2, $3)
		on conflict (organization_id, name) do update set value = org_counters.value + excluded.value`,
		organizationID, counter, by)
}

const accountColumns = `id, name, email, state, billing_access, created_at, closed_at, created,
	organization_id, parent_id, joined_method, joined_at`

type scanner interface{ Scan(dest ...any) error }

func scanAccount(row scanner) (a org.Account, err error) {
	err = row.Scan(&a.ID, &a.Name, &a.Email, &a.State, &a.BillingAccess, asTime(&a.CreatedAt), asNullTime(&a.ClosedAt),
		&a.Created, &a.OrganizationID, &a.ParentID, &a.JoinedMethod, asNullTime(&a.JoinedAt))
	return a, err
}

func scanAccounts(rows *sql.Rows) (org.Account, error) { return scanAccount(rows) }

// OrgAccount implements [org.AccountStore].
func (tx *Tx) OrgAccount(id string) (org.Account, bool, error) {
	return found(scanAccount(tx.queryRow(`select `+accountColumns+` from org_accounts where id = $1`, id)))
}

// OrgAccountByEmail implements [org.AccountStore].
func (tx *Tx) OrgAccountByEmail(email string) (org.Account, bool, error) {
	return found(scanAccount(tx.queryRow(`select `+accountColumns+` from org_accounts where email_key = $1`, strings.ToLower(email))))
}

// InsertOrgAccount implements [org.AccountStore].
func (tx *Tx) InsertOrgAccount(a org.Account) error {
	return tx.later(`
		insert into org_accounts (`+accountColumns+`, email_key)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		a.ID, a.Name, a.Email, a.State, a.BillingAccess, a.CreatedAt, a.ClosedAt, a.Created,
		a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt, strings.ToLower(a.Email))
}

// UpdateOrgAccount implements [org.AccountStore].
func (tx *Tx) UpdateOrgAccount(a org.Account) error {
	return tx.later(`
		update org_accounts
		set name = $2, email = $3, state = $4, billing_access = $5, closed_at = $6, organization_id = $7,
			parent_id = $8, joined_method = $9, joined_at = $10, email_key = $11
		where id = $1`,
		a.ID, a.Name, a.Email, a.State, a.BillingAccess, a.ClosedAt, a.OrganizationID,
		a.ParentID, a.JoinedMethod, a.JoinedAt, strings.ToLower(a.Email))
}

// OrgAccounts implements [org.AccountStore].
func (tx *Tx) OrgAccounts(organizationID, after string, limit int) ([]org.Account, error) {
	return queryAll(tx, scanAccounts, `
		select `+accountColumns+` from org_accounts
		where organization_id = $1 and id > $2
		order by id limit $3`, organizationID, after, limit)
}

// OrgAccountsIn implements [org.AccountStore].
func (tx *Tx) OrgAccountsIn(organizationID, parentID, after string, limit int) ([]org.Account, error) {
	return queryAll(tx, scanAccounts, `
		select `+accountColumns+` from org_accounts
		where organization_id = $1 and parent_id = $2 and id > $3
		order by id limit $4`, organizationID, parentID, after, limit)
}

// CountOrgClosures implements [org.AccountStore].
func (tx *Tx) CountOrgClosures(organizationID string, after time.Time) (int, error) {
	var n int
	err := tx.queryRow(`select count(*) from org_accounts where organization_id = $1 and closed_at > $2`,
		organizationID, after).Scan(&n)
	return n, err
}
