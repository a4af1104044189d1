package store

import (
	"database/sql"
	"fmt"

	"github.com/bailiwick/bailiwick/account"
)

// sealedColumn is where a table keeps what the vault has sealed.
type sealedColumn struct {
	table, column string
	// owner is the column of the primary key that the secret is sealed for; ownerOf makes the
	// owner of a key of two columns.
	owner   string
	second  string
	ownerOf func(first, second string) string
}

// sealedColumns are all columns of sealed secrets, in the order in which they are sealed anew.
// A test looks through the migrations for others.
var sealedColumns = []sealedColumn{
	{table: "iam_access_keys", column: "secret", owner: "id"},
	{table: "iam_mfa_devices", column: "seed", owner: "serial"},
	{table: "iam_server_certificates", column: "private_key", owner: "id"},
	{table: "iam_saml_keys", column: "private_key", owner: "id"},
	{table: "iam_outbound_keys", column: "private_key", owner: "id"},
	{table: "account_codes", column: "sealed", owner: "account_id", second: "kind", ownerOf: account.CodeOwner},
}

// SealedPlace is a place in the walk through all sealed secrets. The zero value is the
// beginning.
type SealedPlace struct {
	column        int
	first, second string
}

// Done reports whether the walk has come to its end.
func (p SealedPlace) Done() bool { return p.column >= len(sealedColumns) }

// sealedRow is one sealed secret with the key of its row.
type sealedRow struct {
	first, second string
	sealed        []byte
}

// sealedRows returns the next rows of a column, and the place after them.
func (tx *Tx) sealedRows(p SealedPlace, limit int) ([]sealedRow, SealedPlace, error) {
	c := sealedColumns[p.column]
	key, after, args := c.owner, c.owner+" > $1", []any{p.first, limit}
	bound := "$2"
	if c.second != "" {
		key, after, bound = c.owner+", "+c.second, "("+c.owner+", "+c.second+") > ($1, $2)", "$3"
		args = []any{p.first, p.second, limit}
	}
	rows, err := queryAll(tx, func(rows *sql.Rows) (r sealedRow, err error) {
		if c.second != "" {
			return r, rows.Scan(&r.first, &r.second, &r.sealed)
		}
		return r, rows.Scan(&r.first, &r.sealed)
	}, fmt.Sprintf("select %s, %s from %s where %s order by %s limit %s", key, c.column, c.table, after, key, bound), args...)
	if err != nil {
		return nil, p, err
	}
	if len(rows) < limit {
		return rows, SealedPlace{column: p.column + 1}, nil
	}
	last := rows[len(rows)-1]
	return rows, SealedPlace{p.column, last.first, last.second}, nil
}

// Reseal seals anew up to limit secrets after a place, and returns how many it changed and the
// place after them. reseal returns the secret of an owner sealed anew, and whether that is
// something else than it was; credential.Vault.Reseal is such. Nothing but the seal changes, so
// that no cache has to know.
func (tx *Tx) Reseal(p SealedPlace, limit int, reseal func(owner string, sealed []byte) ([]byte, bool, error)) (int, SealedPlace, error) {
	rows, next, err := tx.sealedRows(p, limit)
	if err != nil {
		return 0, p, err
	}
	c, changed := sealedColumns[p.column], 0
	for _, r := range rows {
		if len(r.sealed) == 0 {
			continue // a code that has been used
		}
		fresh, different, err := reseal(c.ownerName(r), r.sealed)
		if err != nil {
			return 0, p, fmt.Errorf("%s of %s: %w", c.table, r.first, err)
		}
		if !different {
			continue
		}
		if err := tx.putSealed(c, r, fresh); err != nil {
			return 0, p, err
		}
		changed++
	}
	return changed, next, nil
}

func (tx *Tx) putSealed(c sealedColumn, r sealedRow, fresh []byte) error {
	if c.second != "" {
		_, err := tx.exec(fmt.Sprintf("update %s set %s = $3 where %s = $1 and %s = $2", c.table, c.column, c.owner, c.second), r.first, r.second, fresh)
		return err
	}
	return tx.later(fmt.Sprintf("update %s set %s = $2 where %s = $1", c.table, c.column, c.owner), r.first, fresh)
}

// Sealed calls seen with up to limit sealed secrets after a place, and returns the place after
// them.
func (tx *Tx) Sealed(p SealedPlace, limit int, seen func(sealed []byte)) (SealedPlace, error) {
	rows, next, err := tx.sealedRows(p, limit)
	for _, r := range rows {
		if len(r.sealed) > 0 {
			seen(r.sealed)
		}
	}
	return next, err
}

// ownerName is for whom the secret of a row is sealed.
func (c sealedColumn) ownerName(r sealedRow) string {
	if c.ownerOf != nil {
		return c.ownerOf(r.first, r.second)
	}
	return r.first
}
