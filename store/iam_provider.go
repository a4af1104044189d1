package store

import (
	"database/sql"
	"encoding/json"

	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of identity providers.

const oidcColumns = `arn, account_id, url, client_ids, thumbprints, created_at`

func scanOIDCProvider(row scanner) (p iam.OIDCProvider, err error) {
	err = row.Scan(&p.ARN, &p.AccountID, &p.URL, (*listColumn)(&p.ClientIDs), (*listColumn)(&p.Thumbprints), asTime(&p.CreatedAt))
	return p, err
}

// listColumn scans a list of texts from JSON.
type listColumn []string

// Scan implements sql.Scanner.
func (c *listColumn) Scan(src any) error {
	var text string
	if err := asText(&text).Scan(src); err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), (*[]string)(c))
}

// listText is the JSON of a list of texts, which always has one.
func listText(list []string) string {
	b, _ := json.Marshal(list)
	return string(b)
}

// IAMInsertOIDCProvider implements [iam.OIDCProviderStore].
func (tx *Tx) IAMInsertOIDCProvider(p iam.OIDCProvider) error {
	_, err := tx.exec(`
		insert into iam_oidc_providers (arn, account_id, url, client_ids, thumbprints, created_at)
		values ($1, $2, $3, $4, $5, $6)`,
		p.ARN, p.AccountID, p.URL, listText(p.ClientIDs), listText(p.Thumbprints), p.CreatedAt)
	return duplicate(err)
}

// IAMUpdateOIDCProvider implements [iam.OIDCProviderStore].
func (tx *Tx) IAMUpdateOIDCProvider(p iam.OIDCProvider) error {
	return tx.later(`update iam_oidc_providers set client_ids = $2, thumbprints = $3 where arn = $1`,
		p.ARN, listText(p.ClientIDs), listText(p.Thumbprints))
}

// IAMDeleteOIDCProvider implements [iam.OIDCProviderStore].
func (tx *Tx) IAMDeleteOIDCProvider(arn string) error {
	return tx.later(`delete from iam_oidc_providers where arn = $1`, arn)
}

// IAMOIDCProvider implements [iam.OIDCProviderStore].
func (tx *Tx) IAMOIDCProvider(arn string) (iam.OIDCProvider, bool, error) {
	return found(scanOIDCProvider(tx.queryRow(`select `+oidcColumns+` from iam_oidc_providers where arn = $1`, arn)))
}

// IAMOIDCProviders implements [iam.OIDCProviderStore].
func (tx *Tx) IAMOIDCProviders(accountID string) ([]iam.OIDCProvider, error) {
	return queryAll(tx, func(rows *sql.Rows) (iam.OIDCProvider, error) { return scanOIDCProvider(rows) },
		`select `+oidcColumns+` from iam_oidc_providers where account_id = $1 order by arn`, accountID)
}

const samlColumns = `arn, account_id, uuid, metadata, encryption, created_at, valid_until`

func scanSAMLProvider(row scanner) (p iam.SAMLProvider, err error) {
	err = row.Scan(&p.ARN, &p.AccountID, &p.UUID, &p.Metadata, &p.Encryption, asTime(&p.CreatedAt), asTime(&p.ValidUntil))
	return p, err
}

// IAMInsertSAMLProvider implements [iam.SAMLProviderStore].
func (tx *Tx) IAMInsertSAMLProvider(p iam.SAMLProvider) error {
	_, err := tx.exec(`
		insert into iam_saml_providers (arn, account_id, uuid, metadata, encryption, created_at, valid_until)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		p.ARN, p.AccountID, p.UUID, p.Metadata, p.Encryption, p.CreatedAt, p.ValidUntil)
	return duplicate(err)
}

// IAMUpdateSAMLProvider implements [iam.SAMLProviderStore].
func (tx *Tx) IAMUpdateSAMLProvider(p iam.SAMLProvider) error {
	return tx.later(`update iam_saml_providers set metadata = $2, encryption = $3, valid_until = $4 where arn = $1`,
		p.ARN, p.Metadata, p.Encryption, p.ValidUntil)
}

// IAMDeleteSAMLProvider implements [iam.SAMLProviderStore].
func (tx *Tx) IAMDeleteSAMLProvider(arn string) error {
	if err := tx.later(`delete from iam_saml_keys where provider = $1`, arn); err != nil {
		return err
	}
	return tx.later(`delete from iam_saml_providers where arn = $1`, arn)
}

// IAMSAMLProvider implements [iam.SAMLProviderStore].
func (tx *Tx) IAMSAMLProvider(arn string) (iam.SAMLProvider, bool, error) {
	return found(scanSAMLProvider(tx.queryRow(`select `+samlColumns+` from iam_saml_providers where arn = $1`, arn)))
}

// IAMSAMLProviders implements [iam.SAMLProviderStore].
func (tx *Tx) IAMSAMLProviders(accountID string) ([]iam.SAMLProvider, error) {
	return queryAll(tx, func(rows *sql.Rows) (iam.SAMLProvider, error) { return scanSAMLProvider(rows) },
		`select `+samlColumns+` from iam_saml_providers where account_id = $1 order by arn`, accountID)
}

// IAMInsertSAMLKey implements [iam.SAMLProviderStore].
func (tx *Tx) IAMInsertSAMLKey(k iam.SAMLKey) error {
	_, err := tx.exec(`insert into iam_saml_keys (id, provider, private_key, added_at) values ($1, $2, $3, $4)`,
		k.ID, k.ProviderARN, k.Sealed, k.AddedAt)
	return duplicate(err)
}

// IAMDeleteSAMLKey implements [iam.SAMLProviderStore].
func (tx *Tx) IAMDeleteSAMLKey(providerARN, id string) error {
	return tx.later(`delete from iam_saml_keys where provider = $1 and id = $2`, providerARN, id)
}

// IAMSAMLKeys implements [iam.SAMLProviderStore].
func (tx *Tx) IAMSAMLKeys(providerARN string) ([]iam.SAMLKey, error) {
	return queryAll(tx, func(rows *sql.Rows) (k iam.SAMLKey, err error) {
		return k, rows.Scan(&k.ID, &k.ProviderARN, &k.Sealed, asTime(&k.AddedAt))
	}, `select id, provider, private_key, added_at from iam_saml_keys where provider = $1 order by id`, providerARN)
}
