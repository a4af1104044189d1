package store

import (
	"database/sql"

	"github.com/bailiwick/bailiwick/org"
)

// PutOrgRecheck implements [org.RecheckStore].
func (tx *Tx) PutOrgRecheck(r org.Recheck) error {
	return tx.later(`
		insert into org_rechecks (organization_id, type, place, requested_at, next) values ($1, $2, $3, $4, $5)
		on conflict (organization_id, type, place) do update set requested_at = excluded.requested_at, next = excluded.next`,
		r.OrganizationID, r.PolicyType, r.Place, r.RequestedAt, r.Next)
}

// OldestOrgRecheck implements [org.RecheckStore]. The condition is always true; it makes the
// engines go into the index.
func (tx *Tx) OldestOrgRecheck() (org.Recheck, bool, error) {
	var r org.Recheck
	err := tx.queryRow(`
		select organization_id, type, place, requested_at, next from org_rechecks where requested_at > 0
		order by requested_at, organization_id, type, place limit 1`).
		Scan(&r.OrganizationID, &r.PolicyType, &r.Place, asTime(&r.RequestedAt), &r.Next)
	return found(r, err)
}

// DeleteOrgRecheck implements [org.RecheckStore].
func (tx *Tx) DeleteOrgRecheck(r org.Recheck) error {
	return tx.later(`delete from org_rechecks where organization_id = $1 and type = $2 and place = $3`,
		r.OrganizationID, r.PolicyType, r.Place)
}

// OrgInvalidPolicies implements [org.RecheckStore].
func (tx *Tx) OrgInvalidPolicies(organizationID, policyType string, accountIDs []string) (map[string]string, error) {
	out := make(map[string]string)
	if len(accountIDs) == 0 {
		return out, nil
	}
	list, args := placeholderList([]any{organizationID, policyType}, accountIDs)
	_, err := queryAll(tx, func(rows *sql.Rows) (account string, err error) {
		var problems string
		err = rows.Scan(&account, &problems)
		out[account] = problems
		return account, err
	}, `
		select account_id, problems from org_invalid_policies
		where organization_id = $1 and type = $2 and account_id in (`+list+`)`, args...)
	return out, err
}

// PutOrgInvalidPolicy implements [org.RecheckStore].
func (tx *Tx) PutOrgInvalidPolicy(organizationID, accountID, policyType, problems string) error {
	return tx.later(`
		insert into org_invalid_policies (organization_id, account_id, type, problems) values ($1, $2, $3, $4)
		on conflict (organization_id, account_id, type) do update set problems = excluded.problems`,
		organizationID, accountID, policyType, problems)
}

// DeleteOrgInvalidPolicy implements [org.RecheckStore].
func (tx *Tx) DeleteOrgInvalidPolicy(organizationID, accountID, policyType string) error {
	return tx.later(`delete from org_invalid_policies where organization_id = $1 and account_id = $2 and type = $3`,
		organizationID, accountID, policyType)
}

// DeleteOrgInvalidPoliciesOf implements [org.RecheckStore].
func (tx *Tx) DeleteOrgInvalidPoliciesOf(organizationID, accountID string) error {
	return tx.later(`delete from org_invalid_policies where organization_id = $1 and account_id = $2`, organizationID, accountID)
}
