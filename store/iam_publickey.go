package store

import (
	"database/sql"
	"strings"

	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of public keys and server certificates.

// publicKeyColumns are those of a public key k and of the user u that has it.
const publicKeyColumns = `k.id, k.kind, k.account_id, k.user_id, k.status, k.fingerprint, k.body, k.uploaded_at,
	coalesce(u.name, '')`

func scanPublicKey(row scanner) (k iam.PublicKey, err error) {
	err = row.Scan(&k.ID, &k.Kind, &k.AccountID, &k.UserID, &k.Status, &k.Fingerprint, &k.Body,
		asTime(&k.UploadedAt), &k.UserName)
	return k, err
}

// IAMInsertPublicKey implements [iam.PublicKeyStore].
func (tx *Tx) IAMInsertPublicKey(k iam.PublicKey) error {
	_, err := tx.exec(`
		insert into iam_public_keys (id, kind, account_id, user_id, status, fingerprint, body, uploaded_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		k.ID, string(k.Kind), k.AccountID, k.UserID, k.Status, k.Fingerprint, k.Body, k.UploadedAt)
	return duplicate(err)
}

// IAMSetPublicKeyStatus implements [iam.PublicKeyStore].
func (tx *Tx) IAMSetPublicKeyStatus(id, status string) error {
	return tx.later(`update iam_public_keys set status = $2 where id = $1`, id, status)
}

// IAMDeletePublicKey implements [iam.PublicKeyStore].
func (tx *Tx) IAMDeletePublicKey(id string) error {
	return tx.later(`delete from iam_public_keys where id = $1`, id)
}

// IAMPublicKey implements [iam.PublicKeyStore].
func (tx *Tx) IAMPublicKey(id string) (iam.PublicKey, bool, error) {
	return found(scanPublicKey(tx.queryRow(`
		select `+publicKeyColumns+`
		from iam_public_keys k left join iam_identities u on u.id = k.user_id
		where k.id = $1`, id)))
}

// IAMPublicKeys implements [iam.PublicKeyStore].
func (tx *Tx) IAMPublicKeys(accountID, userID string, kind iam.PublicKeyKind) ([]iam.PublicKey, error) {
	return queryAll(tx, func(rows *sql.Rows) (iam.PublicKey, error) { return scanPublicKey(rows) }, `
		select `+publicKeyColumns+`
		from iam_public_keys k left join iam_identities u on u.id = k.user_id
		where k.account_id = $1 and k.user_id = $2 and k.kind = $3
		order by k.id`, accountID, userID, string(kind))
}

// IAMHasPublicKey implements [iam.PublicKeyStore].
func (tx *Tx) IAMHasPublicKey(accountID string, kind iam.PublicKeyKind, fingerprint string) (bool, error) {
	n, err := tx.count(`select count(*) from iam_public_keys where account_id = $1 and kind = $2 and fingerprint = $3`,
		accountID, string(kind), fingerprint)
	return n > 0, err
}

const serverCertificateColumns = `id, account_id, name, path, uploaded_at, expires_at, body, chain`

func serverCertificateFields(c *iam.ServerCertificate) []any {
	return []any{
		&c.ID, &c.AccountID, &c.Name, &c.Path, asTime(&c.UploadedAt), asTime(&c.ExpiresAt), &c.Body, &c.Chain,
	}
}

// IAMInsertServerCertificate implements [iam.ServerCertificateStore].
func (tx *Tx) IAMInsertServerCertificate(c iam.ServerCertificate) error {
	_, err := tx.exec(`
		insert into iam_server_certificates (id, account_id, name, name_key, path, uploaded_at, expires_at,
			body, chain, private_key)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.AccountID, c.Name, strings.ToLower(c.Name), c.Path, c.UploadedAt, c.ExpiresAt, c.Body, c.Chain, c.SealedKey)
	return duplicate(err)
}

// IAMRenameServerCertificate implements [iam.ServerCertificateStore].
func (tx *Tx) IAMRenameServerCertificate(id, name, path string) error {
	_, err := tx.exec(`update iam_server_certificates set name = $2, name_key = $3, path = $4 where id = $1`,
		id, name, strings.ToLower(name), path)
	return duplicate(err)
}

// IAMDeleteServerCertificate implements [iam.ServerCertificateStore].
func (tx *Tx) IAMDeleteServerCertificate(id string) error {
	return tx.later(`delete from iam_server_certificates where id = $1`, id)
}

// IAMServerCertificate implements [iam.ServerCertificateStore].
func (tx *Tx) IAMServerCertificate(accountID, name string) (iam.ServerCertificate, bool, error) {
	var c iam.ServerCertificate
	err := tx.queryRow(`
		select `+serverCertificateColumns+`, private_key from iam_server_certificates
		where account_id = $1 and name_key = $2`, accountID, strings.ToLower(name)).
		Scan(append(serverCertificateFields(&c), &c.SealedKey)...)
	return found(c, err)
}

// IAMServerCertificates implements [iam.ServerCertificateStore].
func (tx *Tx) IAMServerCertificates(accountID, pathPrefix string, r iam.Range) ([]iam.ServerCertificate, error) {
	return queryAll(tx, func(rows *sql.Rows) (c iam.ServerCertificate, err error) {
		return c, rows.Scan(serverCertificateFields(&c)...)
	}, `
		select `+serverCertificateColumns+` from iam_server_certificates
		where account_id = $1 and name > $2 and substr(path, 1, $4) = $3
		order by name limit $5`, accountID, r.After, pathPrefix, len(pathPrefix), r.Limit)
}

// IAMCountServerCertificates implements [iam.ServerCertificateStore].
func (tx *Tx) IAMCountServerCertificates(accountID string) (int, error) {
	return tx.count(`select count(*) from iam_server_certificates where account_id = $1`, accountID)
}
