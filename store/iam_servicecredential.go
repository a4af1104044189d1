package store

import (
	"database/sql"

	"github.com/bailiwick/bailiwick/iam"
)

// serviceCredentialColumns are those of a credential c and of the user u that has it.
const serviceCredentialColumns = `c.id, c.account_id, c.user_id, c.service, c.alias, c.secret, c.status, c.created_at,
	c.expires_at, u.name`

func scanServiceCredential(row scanner) (c iam.ServiceCredential, err error) {
	err = row.Scan(&c.ID, &c.AccountID, &c.UserID, &c.Service, &c.Alias, &c.SecretHash, &c.Status,
		asTime(&c.CreatedAt), asZeroTime(&c.ExpiresAt), &c.UserName)
	return c, err
}

// IAMInsertServiceCredential implements [iam.ServiceCredentialStore].
func (tx *Tx) IAMInsertServiceCredential(c iam.ServiceCredential) error {
	_, err := tx.exec(`
		insert into iam_service_credentials (id, account_id, user_id, service, alias, secret, status, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.ID, c.AccountID, c.UserID, c.Service, c.Alias, c.SecretHash, c.Status, c.CreatedAt, orNull(c.ExpiresAt))
	return duplicate(err)
}

// IAMUpdateServiceCredential implements [iam.ServiceCredentialStore].
func (tx *Tx) IAMUpdateServiceCredential(c iam.ServiceCredential) error {
	return tx.later(`update iam_service_credentials set secret = $2, status = $3 where id = $1`, c.ID, c.SecretHash, c.Status)
}

// IAMDeleteServiceCredential implements [iam.ServiceCredentialStore].
func (tx *Tx) IAMDeleteServiceCredential(id string) error {
	return tx.later(`delete from iam_service_credentials where id = $1`, id)
}

// IAMServiceCredential implements [iam.ServiceCredentialStore].
func (tx *Tx) IAMServiceCredential(id string) (iam.ServiceCredential, bool, error) {
	return found(scanServiceCredential(tx.queryRow(`
		select `+serviceCredentialColumns+`
		from iam_service_credentials c join iam_identities u on u.id = c.user_id
		where c.id = $1`, id)))
}

// IAMHasServiceAlias implements [iam.ServiceCredentialStore].
func (tx *Tx) IAMHasServiceAlias(accountID, service, alias string) (bool, error) {
	n, err := tx.count(`select count(*) from iam_service_credentials where account_id = $1 and service = $2 and alias = $3`,
		accountID, service, alias)
	return n > 0, err
}

// IAMServiceCredentials implements [iam.ServiceCredentialStore].
func (tx *Tx) IAMServiceCredentials(accountID, userID, service string, r iam.Range) ([]iam.ServiceCredential, error) {
	return queryAll(tx, func(rows *sql.Rows) (iam.ServiceCredential, error) { return scanServiceCredential(rows) }, `
		select `+serviceCredentialColumns+`
		from iam_service_credentials c join iam_identities u on u.id = c.user_id
		where c.account_id = $1 and ($2 = '' or c.user_id = $2) and ($3 = '' or c.service = $3) and c.id > $4
		order by c.id limit $5`, accountID, userID, service, r.After, r.Limit)
}
