package store

import (
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of package iam: identities and groups here, policies in iampolicy.go, tags and
// access keys in iamkey.go.

var _ iam.Tx = (*Tx)(nil)

const identityColumns = `i.id, i.account_id, i.kind, i.name, i.path, i.created_at, i.boundary,
	i.password_last_used, i.description, i.trust_policy, i.max_session, i.last_used_at, i.last_used_region`

func scanIdentity(row scanner) (i iam.Identity, err error) {
	err = row.Scan(&i.ID, &i.AccountID, &i.Kind, &i.Name, &i.Path, asTime(&i.CreatedAt), &i.Boundary,
		asZeroTime(&i.PasswordLastUsed), &i.Role.Description, &i.Role.TrustPolicy,
		&i.Role.MaxSessionDuration, asZeroTime(&i.Role.LastUsedAt), &i.Role.LastUsedRegion)
	return i, err
}

func scanIdentities(rows *sql.Rows) (iam.Identity, error) { return scanIdentity(rows) }

// asZeroTime scans a time or null, which becomes the zero time.
func asZeroTime(dst *time.Time) *zeroTimeColumn { return &zeroTimeColumn{dst: dst} }

type zeroTimeColumn struct{ dst *time.Time }

// Scan implements sql.Scanner.
func (c *zeroTimeColumn) Scan(src any) error {
	*c.dst = time.Time{}
	if src == nil {
		return nil
	}
	t, err := columnTime(src)
	if err == nil {
		*c.dst = t
	}
	return err
}

// orNull is the inverse of asZeroTime.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// duplicate turns a broken unique key into the domain's own error.
func duplicate(err error) error {
	if errors.Is(err, ErrConflict) {
		return errors.Join(iam.ErrDuplicate, err)
	}
	return err
}

// IAMInsertIdentity implements [iam.IdentityStore]. It passes over a row that is there instead
// of failing: PostgreSQL then has the transaction run again if the row came meanwhile, and
// that run finds it.
func (tx *Tx) IAMInsertIdentity(i iam.Identity) error {
	n, err := tx.exec(`
		insert into iam_identities (id, account_id, kind, name, name_key, path, created_at, boundary,
			password_last_used, description, trust_policy, max_session, last_used_at, last_used_region)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict do nothing`,
		i.ID, i.AccountID, string(i.Kind), i.Name, strings.ToLower(i.Name), i.Path, i.CreatedAt, i.Boundary,
		orNull(i.PasswordLastUsed), i.Role.Description, i.Role.TrustPolicy,
		i.Role.MaxSessionDuration, orNull(i.Role.LastUsedAt), i.Role.LastUsedRegion)
	if err == nil && n == 0 {
		err = iam.ErrDuplicate
	}
	return err
}

// IAMUpdateIdentity implements [iam.IdentityStore].
func (tx *Tx) IAMUpdateIdentity(i iam.Identity) error {
	_, err := tx.exec(`
		update iam_identities
		set name = $2, name_key = $3, path = $4, boundary = $5, password_last_used = $6, description = $7,
			trust_policy = $8, max_session = $9
		where id = $1`,
		i.ID, i.Name, strings.ToLower(i.Name), i.Path, i.Boundary, orNull(i.PasswordLastUsed),
		i.Role.Description, i.Role.TrustPolicy, i.Role.MaxSessionDuration)
	return duplicate(err)
}

// IAMDeleteIdentity implements [iam.IdentityStore].
func (tx *Tx) IAMDeleteIdentity(id string) error {
	return tx.later(`delete from iam_identities where id = $1`, id)
}

// IAMIdentity implements [iam.IdentityStore].
func (tx *Tx) IAMIdentity(accountID string, kind iam.Kind, name string) (iam.Identity, bool, error) {
	return found(scanIdentity(tx.queryRow(`
		select `+identityColumns+` from iam_identities i
		where i.account_id = $1 and i.kind = $2 and i.name_key = $3`,
		accountID, string(kind), strings.ToLower(name))))
}

// IAMIdentityByID implements [iam.IdentityStore].
func (tx *Tx) IAMIdentityByID(id string) (iam.Identity, bool, error) {
	return found(scanIdentity(tx.queryRow(`
		select `+identityColumns+` from iam_identities i where i.id = $1`, id)))
}

// IAMIdentities implements [iam.IdentityStore].
func (tx *Tx) IAMIdentities(accountID string, kind iam.Kind, pathPrefix string, r iam.Range) ([]iam.Identity, error) {
	return queryAll(tx, scanIdentities, `
		select `+identityColumns+` from iam_identities i
		where i.account_id = $1 and i.kind = $2 and i.name > $3 and substr(i.path, 1, $5) = $4
		order by i.name limit $6`,
		accountID, string(kind), r.After, pathPrefix, len(pathPrefix), r.Limit)
}

// IAMCountIdentities implements [iam.IdentityStore].
func (tx *Tx) IAMCountIdentities(accountID string, kind iam.Kind) (int, error) {
	return tx.count(`select count(*) from iam_identities where account_id = $1 and kind = $2`,
		accountID, string(kind))
}

func (tx *Tx) count(sql string, args ...any) (n int, err error) {
	err = tx.queryRow(sql, args...).Scan(&n)
	return n, err
}

// IAMSetTrusted implements [iam.TrustStore].
func (tx *Tx) IAMSetTrusted(roleID string, ids map[string]string) error {
	if err := tx.later(`delete from iam_trusts where role_id = $1`, roleID); err != nil {
		return err
	}
	for name, id := range ids {
		err := tx.later(`insert into iam_trusts (role_id, name, principal_id) values ($1, $2, $3)`, roleID, name, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// scanTrusted reads a name in a policy with the unique id that it was pinned to, and who has
// that id now.
func scanTrusted(rows *sql.Rows) (t iam.Trusted, err error) {
	var i iam.Identity
	if err = rows.Scan(&t.Name, &t.ID, &i.AccountID, &i.Kind, &i.Path, &i.Name); err == nil && i.Name != "" {
		t.ARN = i.ARN()
	}
	return t, err
}

// IAMTrusted implements [iam.TrustStore].
func (tx *Tx) IAMTrusted(roleID string) ([]iam.Trusted, error) {
	return queryAll(tx, scanTrusted, `
		select t.name, t.principal_id, coalesce(i.account_id, ''), coalesce(i.kind, ''),
			coalesce(i.path, ''), coalesce(i.name, '')
		from iam_trusts t left join iam_identities i on i.id = t.principal_id
		where t.role_id = $1
		order by t.name`, roleID)
}

// IAMTrustingAccounts implements [iam.TrustStore].
func (tx *Tx) IAMTrustingAccounts(principalID string) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }, `
		select distinct r.account_id from iam_trusts t join iam_identities r on r.id = t.role_id
		where t.principal_id = $1
		order by r.account_id`, principalID)
}

// IAMAddMember implements [iam.GroupStore].
func (tx *Tx) IAMAddMember(groupID, userID string) error {
	return tx.later(`
		insert into iam_members (group_id, user_id) values ($1, $2)
		on conflict (group_id, user_id) do nothing`, groupID, userID)
}

// IAMRemoveMember implements [iam.GroupStore].
func (tx *Tx) IAMRemoveMember(groupID, userID string) error {
	return tx.later(`delete from iam_members where group_id = $1 and user_id = $2`, groupID, userID)
}

// IAMIsMember implements [iam.GroupStore].
func (tx *Tx) IAMIsMember(groupID, userID string) (bool, error) {
	n, err := tx.count(`select count(*) from iam_members where group_id = $1 and user_id = $2`, groupID, userID)
	return n > 0, err
}

// IAMMembers implements [iam.GroupStore].
func (tx *Tx) IAMMembers(groupID string, r iam.Range) ([]iam.Identity, error) {
	return queryAll(tx, scanIdentities, `
		select `+identityColumns+` from iam_members m join iam_identities i on i.id = m.user_id
		where m.group_id = $1 and i.name > $2
		order by i.name limit $3`, groupID, r.After, r.Limit)
}

// IAMGroupsOf implements [iam.GroupStore].
func (tx *Tx) IAMGroupsOf(userID string, r iam.Range) ([]iam.Identity, error) {
	return queryAll(tx, scanIdentities, `
		select `+identityColumns+` from iam_members m join iam_identities i on i.id = m.group_id
		where m.user_id = $1 and i.name > $2
		order by i.name limit $3`, userID, r.After, r.Limit)
}

// IAMCountGroupsOf implements [iam.GroupStore].
func (tx *Tx) IAMCountGroupsOf(userID string) (int, error) {
	return tx.count(`select count(*) from iam_members where user_id = $1`, userID)
}
