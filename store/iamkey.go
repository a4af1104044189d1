package store

import (
	"database/sql"
	"strings"

	"github.com/bailiwick/bailiwick/iam"
)

// IAMTags implements [iam.TagStore].
func (tx *Tx) IAMTags(ownerID string) ([]iam.Tag, error) {
	return queryAll(tx, func(rows *sql.Rows) (t iam.Tag, err error) { return t, rows.Scan(&t.Key, &t.Value) }, `
		select tag_key, tag_value from iam_tags where owner_id = $1 order by tag_key`, ownerID)
}

// IAMPutTag implements [iam.TagStore].
func (tx *Tx) IAMPutTag(ownerID string, t iam.Tag) error {
	return tx.later(`
		insert into iam_tags (owner_id, tag_key_folded, tag_key, tag_value) values ($1, $2, $3, $4)
		on conflict (owner_id, tag_key_folded)
		do update set tag_key = excluded.tag_key, tag_value = excluded.tag_value`,
		ownerID, strings.ToLower(t.Key), t.Key, t.Value)
}

// IAMDeleteTag implements [iam.TagStore].
func (tx *Tx) IAMDeleteTag(ownerID, key string) error {
	return tx.later(`delete from iam_tags where owner_id = $1 and tag_key_folded = $2`, ownerID, strings.ToLower(key))
}

// IAMDeleteTags implements [iam.TagStore].
func (tx *Tx) IAMDeleteTags(ownerID string) error {
	if err := tx.later(`delete from iam_untagged where owner_id = $1`, ownerID); err != nil {
		return err
	}
	return tx.later(`delete from iam_tags where owner_id = $1`, ownerID)
}

// IAMInsertKey implements [iam.KeyStore].
func (tx *Tx) IAMInsertKey(k iam.AccessKey) error {
	_, err := tx.exec(`
		insert into iam_access_keys (id, account_id, user_id, status, secret, created_at,
			last_used_service, last_used_region)
		values ($1, $2, $3, $4, $5, $6, '', '')`,
		k.ID, k.AccountID, k.UserID, k.Status, k.SealedSecret, k.CreatedAt)
	return duplicate(err)
}

// IAMSetKeyStatus implements [iam.KeyStore].
func (tx *Tx) IAMSetKeyStatus(id, status string) error {
	return tx.later(`update iam_access_keys set status = $2 where id = $1`, id, status)
}

// IAMDeleteKey implements [iam.KeyStore].
func (tx *Tx) IAMDeleteKey(id string) error {
	return tx.later(`delete from iam_access_keys where id = $1`, id)
}

// accessKeyColumns are those of an access key k and of the user u that has it.
const accessKeyColumns = `k.id, k.account_id, k.user_id, k.status, k.created_at, k.last_used_at,
	k.last_used_service, k.last_used_region, coalesce(u.name, ''), coalesce(u.path, '')`

func accessKeyFields(k *iam.AccessKey) []any {
	return []any{
		&k.ID, &k.AccountID, &k.UserID, &k.Status, asTime(&k.CreatedAt), asZeroTime(&k.LastUsedAt),
		&k.LastUsedService, &k.LastUsedRegion, &k.UserName, &k.UserPath,
	}
}

// IAMKey implements [iam.KeyStore].
func (tx *Tx) IAMKey(id string) (iam.AccessKey, bool, error) {
	var k iam.AccessKey
	err := tx.queryRow(`
		select `+accessKeyColumns+`, k.secret
		from iam_access_keys k left join iam_identities u on u.id = k.user_id
		where k.id = $1`, id).Scan(append(accessKeyFields(&k), &k.SealedSecret)...)
	return found(k, err)
}

// IAMKeys implements [iam.KeyStore].
func (tx *Tx) IAMKeys(accountID, userID string) ([]iam.AccessKey, error) {
	return queryAll(tx, func(rows *sql.Rows) (k iam.AccessKey, err error) {
		return k, rows.Scan(accessKeyFields(&k)...)
	}, `
		select `+accessKeyColumns+`
		from iam_access_keys k left join iam_identities u on u.id = k.user_id
		where k.account_id = $1 and k.user_id = $2
		order by k.id`, accountID, userID)
}

// IAMSetKeyUse implements [iam.UseStore].
func (tx *Tx) IAMSetKeyUse(u iam.KeyUse) error {
	return tx.later(`
		update iam_access_keys
		set last_used_at = $2, last_used_service = $3, last_used_region = $4
		where id = $1 and (last_used_at is null or last_used_at < $2)`,
		u.ID, u.At, u.Service, u.Region)
}

// IAMSetRoleUse implements [iam.UseStore].
func (tx *Tx) IAMSetRoleUse(u iam.RoleUse) error {
	return tx.later(`
		update iam_identities
		set last_used_at = $2, last_used_region = $3
		where id = $1 and kind = 'role' and (last_used_at is null or last_used_at < $2)`,
		u.RoleID, u.At, u.Region)
}
