package store

import (
	"database/sql"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/iam"
)

const profileColumns = `id, account_id, name, path, created_at, role_id`

func scanProfile(row scanner) (p iam.InstanceProfile, err error) {
	err = row.Scan(&p.ID, &p.AccountID, &p.Name, &p.Path, asTime(&p.CreatedAt), &p.RoleID)
	return p, err
}

func scanProfiles(rows *sql.Rows) (iam.InstanceProfile, error) { return scanProfile(rows) }

// IAMInsertProfile implements [iam.ProfileStore].
func (tx *Tx) IAMInsertProfile(p iam.InstanceProfile) error {
	_, err := tx.exec(`
		insert into iam_instance_profiles (id, account_id, name, name_key, path, created_at, role_id)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.AccountID, p.Name, strings.ToLower(p.Name), p.Path, p.CreatedAt, p.RoleID)
	return duplicate(err)
}

// IAMSetProfileRole implements [iam.ProfileStore].
func (tx *Tx) IAMSetProfileRole(id, roleID string) error {
	return tx.later(`update iam_instance_profiles set role_id = $2 where id = $1`, id, roleID)
}

// IAMDeleteProfile implements [iam.ProfileStore].
func (tx *Tx) IAMDeleteProfile(id string) error {
	return tx.later(`delete from iam_instance_profiles where id = $1`, id)
}

// IAMProfile implements [iam.ProfileStore].
func (tx *Tx) IAMProfile(accountID, name string) (iam.InstanceProfile, bool, error) {
	return found(scanProfile(tx.queryRow(`
		select `+profileColumns+` from iam_instance_profiles where account_id = $1 and name_key = $2`,
		accountID, strings.ToLower(name))))
}

// IAMProfiles implements [iam.ProfileStore].
func (tx *Tx) IAMProfiles(accountID, pathPrefix string, r iam.Range) ([]iam.InstanceProfile, error) {
	return queryAll(tx, scanProfiles, `
		select `+profileColumns+` from iam_instance_profiles
		where account_id = $1 and name > $2 and substr(path, 1, $4) = $3
		order by name limit $5`, accountID, r.After, pathPrefix, len(pathPrefix), r.Limit)
}

// IAMProfilesOf implements [iam.ProfileStore].
func (tx *Tx) IAMProfilesOf(accountID, roleID string, r iam.Range) ([]iam.InstanceProfile, error) {
	return queryAll(tx, scanProfiles, `
		select `+profileColumns+` from iam_instance_profiles
		where account_id = $1 and role_id = $2 and name > $3
		order by name limit $4`, accountID, roleID, r.After, r.Limit)
}

// IAMCountProfiles implements [iam.ProfileStore].
func (tx *Tx) IAMCountProfiles(accountID string) (int, error) {
	return tx.count(`select count(*) from iam_instance_profiles where account_id = $1`, accountID)
}

// IAMSetAlias implements [iam.AliasStore].
func (tx *Tx) IAMSetAlias(accountID, alias string) error {
	_, err := tx.exec(`
		insert into iam_account_aliases (account_id, alias) values ($1, $2)
		on conflict (account_id) do update set alias = excluded.alias`, accountID, alias)
	return duplicate(err)
}

// IAMDeleteAlias implements [iam.AliasStore].
func (tx *Tx) IAMDeleteAlias(accountID string) error {
	return tx.later(`delete from iam_account_aliases where account_id = $1`, accountID)
}

// IAMAlias implements [iam.AliasStore].
func (tx *Tx) IAMAlias(accountID string) (string, error) {
	alias, _, err := tx.text(`select alias from iam_account_aliases where account_id = $1`, accountID)
	return alias, err
}

// IAMAliasOwner implements [iam.AliasStore].
func (tx *Tx) IAMAliasOwner(alias string) (string, error) {
	id, _, err := tx.text(`select account_id from iam_account_aliases where alias = $1`, alias)
	return id, err
}

func (tx *Tx) text(sql string, args ...any) (string, bool, error) {
	var text string
	err := tx.queryRow(sql, args...).Scan(&text)
	return found(text, err)
}

// IAMInsertDeletionTask implements [iam.DeletionTaskStore].
func (tx *Tx) IAMInsertDeletionTask(t iam.DeletionTask) error {
	return tx.later(`
		insert into iam_deletion_tasks (id, account_id, created_at, status, reason) values ($1, $2, $3, $4, $5)`,
		t.ID, t.AccountID, t.CreatedAt, t.Status, t.Reason)
}

// IAMDeletionTask implements [iam.DeletionTaskStore].
func (tx *Tx) IAMDeletionTask(id string) (iam.DeletionTask, bool, error) {
	t := iam.DeletionTask{ID: id}
	err := tx.queryRow(`select account_id, created_at, status, reason from iam_deletion_tasks where id = $1`, id).
		Scan(&t.AccountID, asTime(&t.CreatedAt), &t.Status, &t.Reason)
	return found(t, err)
}

// DeleteDeletionTasksBefore removes at most limit deletions of service-linked roles that were
// asked for before a time, the oldest first, and returns how many are gone.
func (tx *Tx) DeleteDeletionTasksBefore(before time.Time, limit int) (int64, error) {
	return tx.exec(`
		delete from iam_deletion_tasks where id in (
			select id from iam_deletion_tasks where created_at < $1 order by created_at limit $2)`, before, limit)
}

// IAMCountPoliciesInUse implements [iam.SummaryStore].
func (tx *Tx) IAMCountPoliciesInUse(accountID string) (int, error) {
	return tx.count(`
		select count(*) from (
			select a.policy_arn from iam_attachments a where a.account_id = $1
			union
			select i.boundary from iam_identities i where i.account_id = $1 and i.boundary > '') used`, accountID)
}
