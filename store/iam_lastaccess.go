package store

import (
	"database/sql"
	"time"

	"github.com/bailiwick/bailiwick/iam"
)

// IAMRecordUse implements [iam.AccessStore].
func (tx *Tx) IAMRecordUse(u iam.Use) error {
	// What a deleted user or role still tries is not kept: nobody can ask for it.
	return tx.later(`
		insert into iam_uses (account_id, principal_id, service, action, at, region)
		select account_id, id, cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text)
		from iam_identities where id = $2 and account_id = $1
		on conflict (account_id, principal_id, service, action) do update
		set at = excluded.at, region = excluded.region
		where iam_uses.at < excluded.at`,
		u.AccountID, u.PrincipalID, u.Service, u.Action, u.At, u.Region)
}

// IAMRecordServiceUse implements [iam.AccessStore].
func (tx *Tx) IAMRecordServiceUse(u iam.Use) error {
	return tx.later(`
		insert into iam_service_uses (account_id, service, at, region) values ($1, $2, $3, $4)
		on conflict (account_id, service) do update
		set at = excluded.at, region = excluded.region
		where iam_service_uses.at < excluded.at`,
		u.AccountID, u.Service, u.At, u.Region)
}

// IAMUses implements [iam.AccessStore].
func (tx *Tx) IAMUses(accountID, principalID string, since time.Time) ([]iam.Use, error) {
	return queryAll(tx, func(rows *sql.Rows) (iam.Use, error) {
		u := iam.Use{AccountID: accountID, PrincipalID: principalID}
		err := rows.Scan(&u.Service, &u.Action, asTime(&u.At), &u.Region)
		return u, err
	}, `
		select service, action, at, region from iam_uses
		where account_id = $1 and principal_id = $2 and at >= $3
		order by service, action`, accountID, principalID, since)
}

// IAMForgetUses implements [iam.AccessStore].
func (tx *Tx) IAMForgetUses(accountID, principalID string) error {
	return tx.later(`delete from iam_uses where account_id = $1 and principal_id = $2`, accountID, principalID)
}

// IAMServiceUses implements [iam.OrganizationAccessTx].
func (tx *Tx) IAMServiceUses(accountID string, since time.Time) ([]iam.Use, error) {
	return queryAll(tx, scanServiceUse, `
		select account_id, service, at, region from iam_service_uses
		where account_id = $1 and at >= $2
		order by service`, accountID, since)
}

// IAMServiceUsesIn implements [iam.OrganizationAccessTx].
func (tx *Tx) IAMServiceUsesIn(organizationID, parentID string, since time.Time) ([]iam.Use, error) {
	return queryAll(tx, scanServiceUse, `
		select u.account_id, u.service, u.at, u.region
		from org_accounts a join iam_service_uses u on u.account_id = a.id
		where a.organization_id = $1 and a.parent_id = $2 and u.at >= $3
		order by a.id, u.service`, organizationID, parentID, since)
}

func scanServiceUse(rows *sql.Rows) (iam.Use, error) {
	var u iam.Use
	err := rows.Scan(&u.AccountID, &u.Service, asTime(&u.At), &u.Region)
	return u, err
}

// IAMInsertAccessReport implements [iam.AccessStore].
func (tx *Tx) IAMInsertAccessReport(r iam.StoredReport) error {
	return tx.later(`
		insert into iam_access_reports (id, account_id, owner, subject, created_at, content)
		values ($1, $2, $3, $4, $5, $6)`,
		r.ID, r.AccountID, r.Owner, r.Subject, r.CreatedAt, r.Content)
}

const accessReportColumns = `id, account_id, owner, subject, created_at, content`

func accessReportFields(r *iam.StoredReport) []any {
	return []any{&r.ID, &r.AccountID, &r.Owner, &r.Subject, asTime(&r.CreatedAt), &r.Content}
}

// IAMAccessReport implements [iam.AccessStore].
func (tx *Tx) IAMAccessReport(id string) (iam.StoredReport, bool, error) {
	var r iam.StoredReport
	err := tx.queryRow(`select `+accessReportColumns+` from iam_access_reports where id = $1`, id).
		Scan(accessReportFields(&r)...)
	return found(r, err)
}

// IAMNewestAccessReport implements [iam.AccessStore].
func (tx *Tx) IAMNewestAccessReport(accountID, owner, subject string) (iam.StoredReport, bool, error) {
	var r iam.StoredReport
	err := tx.queryRow(`
		select `+accessReportColumns+` from iam_access_reports
		where account_id = $1 and owner = $2 and subject = $3
		order by created_at desc limit 1`, accountID, owner, subject).
		Scan(accessReportFields(&r)...)
	return found(r, err)
}

// DeleteAccessReportsBefore removes at most limit reports of access that were made before
// the given time, the oldest first, and returns how many are gone.
func (tx *Tx) DeleteAccessReportsBefore(before time.Time, limit int) (int64, error) {
	return tx.exec(`
		delete from iam_access_reports where id in (
			select id from iam_access_reports where created_at < $1 order by created_at limit $2)`, before, limit)
}
