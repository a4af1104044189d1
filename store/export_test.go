package store

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
)

// Doors for the tests of this package, which stand outside it so that they can use
// storetest.

// Exec runs a statement.
func (tx *Tx) Exec(sql string, args ...any) (int64, error) { return tx.exec(sql, args...) }

// Scan reads the one row of a query.
func (tx *Tx) Scan(dest []any, sql string, args ...any) error {
	return tx.queryRow(sql, args...).Scan(dest...)
}

// Strings reads the first column of a query.
func (tx *Tx) Strings(query string, args ...any) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (string, error) {
		var s string
		err := rows.Scan(&s)
		return s, err
	}, query, args...)
}

// Nested runs a statement while the rows of another are open.
func (tx *Tx) Nested() error {
	_, err := queryAll(tx, func(*sql.Rows) (int, error) { return 0, tx.PutSetting("a", "b") },
		`select name from core_settings`)
	return err
}

// Schema rewrites a statement of a migration as the engine needs it.
func (tx *Tx) Schema(statement string) string { return tx.dialect.schema(statement) }

var (
	AsTime     = asTime
	AsNullTime = asNullTime
	AsText     = asText
	Statements = statements
	Numbered   = numberedPlaceholders
	PgSchema   = postgresSchema
)

// Migrate applies the migrations of other files in an Update.
func (db *DB) Migrate(ctx context.Context, files fs.FS) error {
	known, err := readMigrations(files)
	if err != nil {
		return err
	}
	return db.Update(ctx, func(tx *Tx) error { return migrate(tx, known, slog.New(slog.DiscardHandler)) })
}

// MigrationFiles are those of the program.
func MigrationFiles() fs.FS { return migrationFiles }

// Scopes returns how many scopes the revisions remember.
func (db *DB) Scopes() int {
	db.revisions.mu.RLock()
	defer db.revisions.mu.RUnlock()
	return len(db.revisions.scope)
}

// BumpAll gives every scope a new revision.
func (db *DB) BumpAll() { db.revisions.bumpAll() }

// MaxScopes is the bound of the scopes that the revisions remember.
const MaxScopes = maxScopes
