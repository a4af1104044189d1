package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of package iam: identities and groups here, policies in iampolicy.go, tags and
// access keys in iamkey.go.

var _ iam.Tx = (*Tx)(nil)

const identityColumns = `i.id, i.account_id, i.kind, i.name, i.path, i.created_at, i.boundary,
	i.password_last_used, i.description, i.trust_policy, i.trust_principals, i.max_session,
	i.last_used_at, i.last_used_region`

func scanIdentity(row scanner) (i iam.Identity, err error) {
	var principals string
	err = row.Scan(&i.ID, &i.AccountID, &i.Kind, &i.Name, &i.Path, asTime(&i.CreatedAt), &i.Boundary,
		asZeroTime(&i.PasswordLastUsed), &i.Role.Description, &i.Role.TrustPolicy, &principals,
		&i.Role.MaxSessionDuration, asZeroTime(&i.Role.LastUsedAt), &i.Role.LastUsedRegion)
	if err == nil && principals != "" {
		err = json.Unmarshal([]byte(principals), &i.Role.Principals)
	}
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

// principalsText is empty if there are none.
func principalsText(ids map[string]string) (string, error) {
	if len(ids) == 0 {
		return "", nil
	}
	b, err := json.Marshal(ids)
	return string(b), err
}

// IAMInsertIdentity implements [iam.IdentityStore].
func (tx *Tx) IAMInsertIdentity(i iam.Identity) error {
	principals, err := principalsText(i.Role.Principals)
	if err != nil {
		return err
	}
	_, err = tx.exec(`
		insert into iam_identities (id, account_id, kind, name, name_key, path, created_at, boundary,
			password_last_used, description, trust_policy, trust_principals, max_session,
			last_used_at, last_used_region)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		i.ID, i.AccountID, string(i.Kind), i.Name, strings.ToLower(i.Name), i.Path, i.CreatedAt, i.Boundary,
		orNull(i.PasswordLastUsed), i.Role.Description, i.Role.TrustPolicy, principals,
		i.Role.MaxSessionDuration, orNull(i.Role.LastUsedAt), i.Role.LastUsedRegion)
	return duplicate(err)
}

// IAMUpdateIdentity implements [iam.IdentityStore].
func (tx *Tx) IAMUpdateIdentity(i iam.Identity) error {
	principals, err := principalsText(i.Role.Principals)
	if err != nil {
		return err
	}
	_, err = tx.exec(`
		update iam_identities
		set name = $2, name_key = $3, path = $4, boundary = $5, password_last_used = $6, description = $7,
			trust_policy = $8, trust_principals = $9, max_session = $10
		where id = $1`,
		i.ID, i.Name, strings.ToLower(i.Name), i.Path, i.Boundary, orNull(i.PasswordLastUsed),
		i.Role.Description, i.Role.TrustPolicy, principals, i.Role.MaxSessionDuration)
	return duplicate(err)
}

// IAMDeleteIdentity implements [iam.IdentityStore].
func (tx *Tx) IAMDeleteIdentity(id string) error {
	_, err := tx.exec(`delete from iam_identities where id = $1`, id)
	return err
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

// IAMAddMember implements [iam.GroupStore].
func (tx *Tx) IAMAddMember(groupID, userID string) error {
	_, err := tx.exec(`
		insert into iam_members (group_id, user_id) values ($1, $2)
		on conflict (group_id, user_id) do nothing`, groupID, userID)
	return err
}

// IAMRemoveMember implements [iam.GroupStore].
func (tx *Tx) IAMRemoveMember(groupID, userID string) error {
	_, err := tx.exec(`delete from iam_members where group_id = $1 and user_id = $2`, groupID, userID)
	return err
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
