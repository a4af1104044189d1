package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// OpenReadOnly opens a store that a server may be using at the same time, to read from it:
// it takes no lock, migrates nothing, and Update answers [ErrReadOnly]. A SQLite file must
// exist. Caches must not be built on it: it learns of no change.
func OpenReadOnly(ctx context.Context, o Options) (*DB, error) {
	db := &DB{options: o, revisions: newRevisions()}
	var err error
	switch {
	case o.Path != "" && o.URL == "" && !o.Memory:
		db.engine, err = readFile(ctx, db)
	case o.URL != "" && o.Path == "" && !o.Memory:
		db.engine, err = readPostgres(db)
	default:
		err = errors.New("set exactly one of a path and a database URL")
	}
	if err != nil {
		return nil, fmt.Errorf("open store to read: %w", err)
	}
	if db.options.Now == nil {
		db.options.Now = time.Now
	}
	return db, nil
}

func readFile(ctx context.Context, db *DB) (engine, error) {
	pool, err := openToRead(ctx, db.options.Path)
	if err != nil {
		return nil, err
	}
	return &reading{db: db, pool: pool, dialect: sqliteDialect}, nil
}

func readPostgres(db *DB) (engine, error) {
	config, err := pgx.ParseConfig(db.options.URL)
	if err != nil {
		return nil, err
	}
	return &reading{db: db, pool: stdlib.OpenDB(*config), dialect: postgresDialect}, nil
}

// openToRead opens a SQLite file that exists. The file stays as it is.
func openToRead(ctx context.Context, path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite3", "file:"+escapePath(path)+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(classifySQLite(err), pool.Close())
	}
	return pool, nil
}

// reading is the engine of a store that is only read.
type reading struct {
	db      *DB
	pool    *sql.DB
	dialect *dialect
}

func (r *reading) view(ctx context.Context, fn func(*Tx) error) error {
	options := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	if r.dialect == sqliteDialect {
		// A transaction of SQLite is a snapshot, and the connection cannot write.
		options = nil
	}
	tx, err := r.pool.BeginTx(ctx, options)
	if err != nil {
		return r.dialect.classify(err)
	}
	// A transaction that wrote nothing has nothing to say at its end.
	defer func() { _ = tx.Rollback() }()
	return r.db.begin(ctx, readingSession{tx, r.dialect}, r.dialect, false).run(fn)
}

func (r *reading) update(context.Context, func(*Tx) error) error { return ErrReadOnly }

func (r *reading) figures() Figures {
	pool := r.pool.Stats()
	return Figures{Connections: pool.OpenConnections, Busy: pool.InUse}
}

func (r *reading) close() error { return r.pool.Close() }

type readingSession struct {
	tx      *sql.Tx
	dialect *dialect
}

func (s readingSession) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	return s.tx.ExecContext(ctx, s.dialect.placeholders(text), args...)
}

func (s readingSession) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, s.dialect.placeholders(text), args...)
}

// Backup copies the SQLite file at path, which a server may be using, to a new file: one
// snapshot, compacted, checked, and on disk when Backup returns. target must not exist, or
// be empty. On an error target is not a backup and the caller removes it.
func Backup(ctx context.Context, path, target string) error {
	pool, err := openToRead(ctx, path)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	_, err = pool.ExecContext(ctx, `vacuum into ?`, target)
	if err = errors.Join(classifySQLite(err), pool.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := CheckFile(ctx, target, nil); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return syncFile(target)
}

// syncFile puts a file and its name on disk.
func syncFile(path string) error {
	for _, name := range []string{path, filepath.Dir(path)} {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// CheckFile reads a SQLite file of this program from end to end and returns [ErrDamaged] if
// it is not intact, [ErrNewer] if a newer version wrote it. verify, unless nil, may look
// into it and refuse it.
func CheckFile(ctx context.Context, path string, verify func(*Tx) error) error {
	db, err := OpenReadOnly(ctx, Options{Path: path})
	if err != nil {
		return err
	}
	err = db.View(ctx, func(tx *Tx) error {
		var verdict string
		if err := tx.queryRow(`pragma integrity_check(1)`).Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return damaged(verdict)
		}
		if _, err := schemaOf(tx); err != nil || verify == nil {
			return err
		}
		return verify(tx)
	})
	return errors.Join(err, db.Close())
}

// damaged is ErrDamaged with SQLite's finding, in one line.
func damaged(verdict string) error {
	return fmt.Errorf("%w: %s", ErrDamaged, strings.Join(strings.Fields(verdict), " "))
}

// checkTime bounds the look at a SQLite file at start. It covers some ten megabytes.
const checkTime = 50 * time.Millisecond

// quickCheck looks for damage in a file that is to be opened, as far as it comes in the
// time: damage in what it did not reach shows as ErrDamaged when that is read. It has a
// connection of its own, since the interruption of a statement can hit the next one too.
func quickCheck(ctx context.Context, path string, atMost time.Duration) error {
	pool, err := openToRead(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a new store
	}
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	var verdict string
	err = pool.QueryRowContext(within, `pragma quick_check(1)`).Scan(&verdict)
	switch {
	case err != nil && within.Err() != nil:
		err = ctx.Err()
	case err != nil:
		err = classifySQLite(err)
	case verdict != "ok":
		err = damaged(verdict)
	}
	return errors.Join(err, pool.Close())
}
