package store

import (
	"database/sql"

	"github.com/bailiwick/bailiwick/org"
)

func scanTrustedService(row scanner) (s org.TrustedService, err error) {
	err = row.Scan(&s.Principal, asTime(&s.EnabledAt))
	return s, err
}

// OrgTrustedService implements [org.TrustStore].
func (tx *Tx) OrgTrustedService(organizationID, principal string) (org.TrustedService, bool, error) {
	return found(scanTrustedService(tx.queryRow(`
		select principal, enabled_at from org_trusted_services where organization_id = $1 and principal = $2`,
		organizationID, principal)))
}

// InsertOrgTrustedService implements [org.TrustStore].
func (tx *Tx) InsertOrgTrustedService(organizationID string, s org.TrustedService) error {
	return tx.later(`insert into org_trusted_services (organization_id, principal, enabled_at) values ($1, $2, $3)`,
		organizationID, s.Principal, s.EnabledAt)
}

// DeleteOrgTrustedService implements [org.TrustStore].
func (tx *Tx) DeleteOrgTrustedService(organizationID, principal string) error {
	return tx.later(`delete from org_trusted_services where organization_id = $1 and principal = $2`, organizationID, principal)
}

// OrgTrustedServices implements [org.TrustStore].
func (tx *Tx) OrgTrustedServices(organizationID, after string, limit int) ([]org.TrustedService, error) {
	return queryAll(tx, func(rows *sql.Rows) (org.TrustedService, error) { return scanTrustedService(rows) }, `
		select principal, enabled_at from org_trusted_services
		where organization_id = $1 and principal > $2
		order by principal limit $3`, organizationID, after, limit)
}

// InsertOrgDelegation implements [org.DelegationStore].
func (tx *Tx) InsertOrgDelegation(organizationID string, d org.Delegation) error {
	return tx.later(`
		insert into org_delegated_administrators (organization_id, account_id, principal, registered_at)
		values ($1, $2, $3, $4)`, organizationID, d.AccountID, d.Principal, d.RegisteredAt)
}

// DeleteOrgDelegation implements [org.DelegationStore].
func (tx *Tx) DeleteOrgDelegation(organizationID, accountID, principal string) (bool, error) {
	n, err := tx.exec(`
		delete from org_delegated_administrators
		where organization_id = $1 and account_id = $2 and principal = $3`, organizationID, accountID, principal)
	return n > 0, err
}

// OrgDelegations implements [org.DelegationStore].
func (tx *Tx) OrgDelegations(organizationID, accountID, after string, limit int) ([]org.Delegation, error) {
	return queryAll(tx, func(rows *sql.Rows) (d org.Delegation, err error) {
		return d, rows.Scan(&d.AccountID, &d.Principal, asTime(&d.RegisteredAt))
	}, `
		select account_id, principal, registered_at from org_delegated_administrators
		where organization_id = $1 and account_id = $2 and principal > $3
		order by principal limit $4`, organizationID, accountID, after, limit)
}

// OrgDelegates implements [org.DelegationStore].
func (tx *Tx) OrgDelegates(organizationID, principal, after string, limit int) ([]org.Delegate, error) {
	of, args := "", []any{organizationID, after, limit}
	if principal != "" {
		of, args = "and d.principal = $4", append(args, principal)
	}
	return queryAll(tx, func(rows *sql.Rows) (d org.Delegate, err error) {
		a := &d.Account
		err = rows.Scan(&a.ID, &a.Name, &a.Email, &a.State, &a.BillingAccess, asTime(&a.CreatedAt), asNullTime(&a.ClosedAt),
			&a.Created, &a.OrganizationID, &a.ParentID, &a.JoinedMethod, asNullTime(&a.JoinedAt), asTime(&d.RegisteredAt))
		return d, err
	}, `
		select a.id, a.name, a.email, a.state, a.billing_access, a.created_at, a.closed_at, a.created,
			a.organization_id, a.parent_id, a.joined_method, a.joined_at, t.registered_at
		from (
			select d.account_id, min(d.registered_at) as registered_at from org_delegated_administrators d
			where d.organization_id = $1 and d.account_id > $2 `+of+`
			group by d.account_id order by d.account_id limit $3
		) t
		join org_accounts a on a.id = t.account_id
		order by a.id`, args...)
}

// CountOrgDelegates implements [org.DelegationStore].
func (tx *Tx) CountOrgDelegates(organizationID, principal string) (int, error) {
	var n int
	err := tx.queryRow(`
		select count(*) from org_delegated_administrators where organization_id = $1 and principal = $2`,
		organizationID, principal).Scan(&n)
	return n, err
}

// OrgResourcePolicy implements [org.ResourcePolicyStore].
func (tx *Tx) OrgResourcePolicy(organizationID string) (org.ResourcePolicy, bool, error) {
	var p org.ResourcePolicy
	err := tx.queryRow(`select id, content, created_at from org_resource_policies where organization_id = $1`, organizationID).
		Scan(&p.ID, &p.Content, asTime(&p.CreatedAt))
	return found(p, err)
}

// PutOrgResourcePolicy implements [org.ResourcePolicyStore].
func (tx *Tx) PutOrgResourcePolicy(organizationID string, p org.ResourcePolicy) error {
	return tx.later(`
		insert into org_resource_policies (organization_id, id, content, created_at) values ($1, $2, $3, $4)
		on conflict (organization_id) do update set id = excluded.id, content = excluded.content, created_at = excluded.created_at`,
		organizationID, p.ID, p.Content, p.CreatedAt)
}

// DeleteOrgResourcePolicy implements [org.ResourcePolicyStore].
func (tx *Tx) DeleteOrgResourcePolicy(organizationID string) error {
	return tx.later(`delete from org_resource_policies where organization_id = $1`, organizationID)
}
