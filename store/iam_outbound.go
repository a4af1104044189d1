package store

import (
	"database/sql"
	"slices"
	"time"

	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of outbound federation and of the settings of accounts.

// IAMPutOutboundIssuer implements [iam.OutboundStore].
func (tx *Tx) IAMPutOutboundIssuer(i iam.OutboundIssuer) error {
	_, err := tx.exec(`
		insert into iam_outbound_issuers (account_id, issuer_id, enabled) values ($1, $2, $3)
		on conflict (account_id) do update set issuer_id = excluded.issuer_id, enabled = excluded.enabled`,
		i.AccountID, i.ID, i.Enabled)
	return duplicate(err)
}

func scanOutboundIssuer(row scanner) (i iam.OutboundIssuer, err error) {
	err = row.Scan(&i.AccountID, &i.ID, &i.Enabled)
	return i, err
}

// IAMOutboundIssuer implements [iam.OutboundStore].
func (tx *Tx) IAMOutboundIssuer(accountID string) (iam.OutboundIssuer, bool, error) {
	return found(scanOutboundIssuer(tx.queryRow(
		`select account_id, issuer_id, enabled from iam_outbound_issuers where account_id = $1`, accountID)))
}

// IAMOutboundIssuerByID implements [iam.OutboundStore].
func (tx *Tx) IAMOutboundIssuerByID(id string) (iam.OutboundIssuer, bool, error) {
	return found(scanOutboundIssuer(tx.queryRow(
		`select account_id, issuer_id, enabled from iam_outbound_issuers where issuer_id = $1`, id)))
}

// IAMInsertOutboundKey implements [iam.OutboundStore].
func (tx *Tx) IAMInsertOutboundKey(k iam.OutboundKey) error {
	_, err := tx.exec(`
		insert into iam_outbound_keys (id, account_id, algorithm, public_key, private_key, created_at)
		values ($1, $2, $3, $4, $5, $6)`,
		k.ID, k.AccountID, k.Algorithm, k.Public, k.Sealed, k.CreatedAt)
	return duplicate(err)
}

// IAMOutboundKeys implements [iam.OutboundStore].
func (tx *Tx) IAMOutboundKeys(accountID string) ([]iam.OutboundKey, error) {
	return queryAll(tx, func(rows *sql.Rows) (k iam.OutboundKey, err error) {
		err = rows.Scan(&k.ID, &k.AccountID, &k.Algorithm, &k.Public, &k.Sealed, asTime(&k.CreatedAt))
		return k, err
	}, `
		select id, account_id, algorithm, public_key, private_key, created_at from iam_outbound_keys
		where account_id = $1 order by created_at, id`, accountID)
}

// IAMOutboundKeysAged implements [iam.OutboundStore].
func (tx *Tx) IAMOutboundKeysAged(signing, replaced time.Time, limit int) ([]string, error) {
	ids, err := queryAll(tx, scanID, `
		select k.account_id from iam_outbound_keys k
		where k.created_at <= $1 and (
			exists (
				select 1 from iam_outbound_keys n
				where n.account_id = k.account_id and n.created_at > k.created_at and n.created_at <= $2 and n.algorithm = k.algorithm)
			or exists (select 1 from iam_outbound_issuers i where i.account_id = k.account_id and i.enabled = 1)
			and not exists (
				select 1 from iam_outbound_keys n
				where n.account_id = k.account_id and n.created_at > k.created_at and n.algorithm = k.algorithm))
		order by k.created_at limit $3`, signing, replaced, limit)
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// IAMDropOutboundKeys implements [iam.OutboundStore].
func (tx *Tx) IAMDropOutboundKeys(accountID string, ids []string) error {
	for _, id := range ids {
		if err := tx.later(`delete from iam_outbound_keys where id = $1 and account_id = $2`, id, accountID); err != nil {
			return err
		}
	}
	return nil
}

// IAMAccountSettings implements [iam.SettingsStore].
func (tx *Tx) IAMAccountSettings(accountID string) (iam.AccountSettings, error) {
	var s iam.AccountSettings
	err := tx.queryRow(`
		select global_token_version, role_manager, root_profile_at from iam_account_settings where account_id = $1`, accountID).
		Scan(&s.GlobalTokenVersion, &s.RoleManager, asZeroTime(&s.RootProfileAt))
	s, _, err = found(s, err)
	return s, err
}

// IAMPutAccountSettings implements [iam.SettingsStore].
func (tx *Tx) IAMPutAccountSettings(accountID string, s iam.AccountSettings) error {
	return tx.later(`
		insert into iam_account_settings (account_id, global_token_version, role_manager, root_profile_at)
		values ($1, $2, $3, $4)
		on conflict (account_id) do update set global_token_version = excluded.global_token_version,
			role_manager = excluded.role_manager, root_profile_at = excluded.root_profile_at`,
		accountID, s.GlobalTokenVersion, s.RoleManager, orNull(s.RootProfileAt))
}
