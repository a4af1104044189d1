package store

import (
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one file migrations/NNNN_name.sql.
type migration struct {
	version  int
	name     string
	text     string
	checksum string
	// breaking says that nodes of the version before cannot live with it.
	breaking bool
}

// applied is one row of schema_migrations.
type applied struct {
	version        int
	name, checksum string
}

// migrate brings the schema up to what the store was opened with.
func (db *DB) migrate(tx *Tx) error {
	return migrate(tx, db.schema, db.options.Logger, func([]migration) error { return nil })
}

// readMigrations reads the migrations in the order of their numbers. A number may be
// missing, since domains have numbers of their own, but not be there twice.
func readMigrations(files fs.FS) ([]migration, error) {
	paths, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var out []migration
	for _, path := range paths {
		base := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		number, name, ok := strings.Cut(base, "_")
		version, err := strconv.Atoi(number)
		if !ok || err != nil || len(number) != 4 {
			return nil, fmt.Errorf("migration %s: name is not NNNN_name.sql", path)
		}
		if len(out) > 0 && out[len(out)-1].version == version {
			return nil, fmt.Errorf("migration %s: number %d is taken by %s", path, version, out[len(out)-1].name)
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		m := migration{version, name, string(text), hex.EncodeToString(sum[:]), strings.HasPrefix(string(text), breakingMark)}
		if err := checkAdditive(m); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// migrate compares what the database has with what this program knows, and adds what is
// missing, unless guard refuses. It must run alone: the caller holds the engine's lock.
func migrate(tx *Tx, known []migration, log *slog.Logger, guard func(missing []migration) error) error {
	_, err := tx.exec(tx.dialect.schema(`create table if not exists schema_migrations (
		version    integer not null primary key,
		name       text    not null,
		checksum   text    not null,
		applied_at integer not null
	)`))
	if err != nil {
		return err
	}
	have, err := appliedIn(tx)
	if err != nil {
		return err
	}
	missing, err := compare(have, known)
	if err != nil {
		return err
	}
	if err := guard(missing); err != nil {
		return err
	}
	for _, m := range missing {
		if err := apply(tx, m); err != nil {
			return fmt.Errorf("migration %04d_%s: %w", m.version, m.name, err)
		}
		if len(have) > 0 {
			log.Info("database schema migrated", "version", m.version, "name", m.name)
		}
	}
	if len(have) == 0 && len(missing) > 0 {
		log.Info("database schema made", "version", missing[len(missing)-1].version)
	}
	return nil
}

// appliedIn returns the migrations that the database has, in the order of their numbers.
func appliedIn(tx *Tx) ([]applied, error) {
	return queryAll(tx, func(r *sql.Rows) (applied, error) {
		var a applied
		err := r.Scan(&a.version, &a.name, &a.checksum)
		return a, err
	}, `select version, name, checksum from schema_migrations order by version`)
}

// compare returns the migrations that the database does not have yet.
func compare(have []applied, known []migration) ([]migration, error) {
	byVersion := make(map[int]migration, len(known))
	newest := 0
	for _, m := range known {
		byVersion[m.version] = m
		newest = max(newest, m.version)
	}
	if n := len(have); n > 0 && have[n-1].version > newest {
		return nil, fmt.Errorf("%w: database schema is version %d, this binary knows up to %d: use a newer bailiwick",
			ErrNewer, have[n-1].version, newest)
	}
	for _, a := range have {
		m, ok := byVersion[a.version]
		if !ok {
			return nil, fmt.Errorf("database has migration %04d_%s, which this binary does not know", a.version, a.name)
		}
		if m.checksum != a.checksum {
			return nil, fmt.Errorf("migration %04d_%s is not the one that this database was made with", m.version, m.name)
		}
		delete(byVersion, a.version)
	}
	var missing []migration
	for _, m := range known {
		if _, ok := byVersion[m.version]; ok {
			missing = append(missing, m)
		}
	}
	return missing, nil
}

func apply(tx *Tx, m migration) error {
	for _, statement := range statements(m.text) {
		if _, err := tx.exec(tx.dialect.schema(statement)); err != nil {
			return err
		}
	}
	_, err := tx.exec(`insert into schema_migrations (version, name, checksum, applied_at) values ($1, $2, $3, $4)`,
		m.version, m.name, m.checksum, tx.Now())
	return err
}
