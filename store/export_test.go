package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Doors for the tests of this package, which stand outside it so that they can use
// storetest.

// Exec runs a statement.
func (tx *Tx) Exec(sql string, args ...any) (int64, error) { return tx.exec(sql, args...) }

// Later runs a statement at some time before the end.
func (tx *Tx) Later(sql string, args ...any) error { return tx.later(sql, args...) }

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

// Tokens cuts a statement into its parts.
func Tokens(text string) []string {
	var out []string
	for _, t := range tokens(text) {
		out = append(out, text[t.from:t.to])
	}
	return out
}

// Forgotten runs a query and never looks at its row.
func (tx *Tx) Forgotten() { tx.queryRow(`select name from core_settings`) }

// PanicInScan panics while rows are open.
func (tx *Tx) PanicInScan() {
	_, _ = queryAll(tx, func(*sql.Rows) (int, error) { panic("in scan") }, `select name from core_settings`)
}

// Prepared returns the statements that the connections of a SQLite store have used. It waits
// for no one: the store must be idle.
func (db *DB) Prepared() []string {
	s := db.engine.(*sqlite)
	var out []string
	collect := func(c *sqliteConn) {
		for text := range c.statements {
			out = append(out, text)
		}
	}
	collect(s.writer.conn)
	for range len(s.readers) {
		c := <-s.readers
		collect(c)
		s.readers <- c
	}
	return out
}

// Plan returns the steps in which SQLite would run a statement.
func (tx *Tx) Plan(text string) ([]string, error) {
	rows, err := tx.session.query(tx.ctx, "explain query plan "+text, make([]any, placeholderCount(text)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		out = append(out, step)
	}
	return out, rows.Err()
}

// PostgresPlan returns the steps in which PostgreSQL would run a statement, whatever its
// arguments, as JSON.
func (tx *Tx) PostgresPlan(text string) ([]byte, error) {
	nulls := strings.TrimSuffix(strings.Repeat("null, ", placeholderCount(text)), ", ")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	for _, s := range []string{"set local plan_cache_mode = force_generic_plan", "prepare planned as " + text} {
		if _, err := tx.exec(s); err != nil {
			return nil, err
		}
	}
	steps, err := tx.Strings("explain (format json) execute planned" + nulls)
	if err != nil {
		return nil, err
	}
	_, err = tx.exec("deallocate planned")
	return []byte(strings.Join(steps, "")), err
}

// Compilations returns how often SQLite compiles a query that is asked a few more times.
func (tx *Tx) Compilations(text string) (int, error) {
	c := tx.session.(*sqliteConn)
	compiled := 0
	// SQLite asks what a statement may do whenever it compiles one.
	watch := func(callback func(int, string, string, string) int) error {
		return c.conn.Raw(func(conn any) error {
			conn.(*sqlite3.SQLiteConn).RegisterAuthorizer(callback)
			return nil
		})
	}
	args := make([]any, placeholderCount(text))
	for i := range args {
		args[i] = 1
	}
	ask := func() error {
		rows, err := c.query(tx.ctx, text, args)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return errors.Join(rows.Err(), rows.Close())
	}
	err := errors.Join(ask(), watch(func(action int, _, _, _ string) int {
		if action == sqlite3.SQLITE_SELECT {
			compiled++
		}
		return sqlite3.SQLITE_OK
	}), ask()) // a new watcher makes SQLite compile everything once
	compiled = 0
	err = errors.Join(err, ask(), ask(), watch(nil))
	return compiled, err
}

// placeholderCount returns the highest n of the $n in a statement.
func placeholderCount(text string) int {
	highest := 0
	for _, t := range tokens(text) {
		if t.kind == tokenCode && text[t.from] == '$' {
			n, _ := strconv.Atoi(text[t.from+1 : t.to])
			highest = max(highest, n)
		}
	}
	return highest
}

// Schema rewrites a statement of a migration as the engine needs it.
func (tx *Tx) Schema(statement string) string { return tx.dialect.schema(statement) }

var (
	QuickCheck = quickCheck
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
	return db.Update(ctx, func(tx *Tx) error {
		return migrate(tx, known, slog.New(slog.DiscardHandler), func([]migration) error { return nil })
	})
}

// Hurry shortens the times that transactions of PostgreSQL may take.
func (db *DB) Hurry(transaction, commit, patience time.Duration) {
	db.engine.(*postgres).limits = limits{transaction, commit, patience, longestRide}
}

// OneLane has updates of PostgreSQL run one after the other, and ride along for as long as it
// takes.
func (db *DB) OneLane() {
	p := db.engine.(*postgres)
	p.limits.ride = time.Minute
	l := p.lanes
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most, l.width = 1, 1
}

// Connections is the size of the pool of a PostgreSQL store.
func (db *DB) Connections() int { return db.engine.(*postgres).connections }

// OpenWith opens a store with the migrations of the program and those of other files.
func OpenWith(ctx context.Context, o Options, more fs.FS) (*DB, error) {
	schema, err := readMigrations(migrationFiles)
	if err != nil {
		return nil, err
	}
	later, err := readMigrations(more)
	if err != nil {
		return nil, err
	}
	return open(ctx, o, append(schema, later...), false)
}

// NodeTimes sets how often nodes say that they run and for how long that counts.
func NodeTimes(o *Options, beat, life time.Duration) { o.nodeBeat, o.nodeLife = beat, life }

// Scopes returns how many scopes the revisions remember.
func (db *DB) Scopes() int {
	db.revisions.mu.RLock()
	defer db.revisions.mu.RUnlock()
	return len(db.revisions.scope)
}

// TouchMany gives n scopes a new revision.
func TouchMany(db *DB, n int) {
	scopes := make([]string, n)
	for i := range scopes {
		scopes[i] = strconv.Itoa(i)
	}
	db.revisions.bump(scopes)
}

// MaxScopes is the bound of the scopes that the revisions remember.
const MaxScopes = maxScopes

// Follower is a follower that looks only when it is told to.
type Follower struct{ f *follower }

// Follow makes one more follower, whose findings go to the revisions of db.
func (db *DB) Follow(ctx context.Context) (*Follower, error) {
	p := db.engine.(*postgres)
	f, err := newFollower(ctx, db, p.pool, p.follower.config, rand.Text())
	return &Follower{f}, err
}

// Sync takes in what was changed.
func (f *Follower) Sync(ctx context.Context) error { return f.f.sync(ctx) }

// Floor is the place up to which everything was seen.
func (f *Follower) Floor() int64 { return f.f.floor }

// PruneBelow deletes changes.
func (f *Follower) PruneBelow(ctx context.Context, below int64) error {
	return f.f.pruneBelow(ctx, below)
}

// PruneAt is the look for old changes after the given time.
func (f *Follower) PruneAt(ctx context.Context, at time.Time) error {
	f.f.synced = at
	return f.f.prune(ctx)
}

// Lose is the loss of the connection after the last look was that long ago.
func (f *Follower) Lose(ctx context.Context, ago time.Duration) {
	f.f.synced = time.Now().Add(-ago)
	f.f.lost(ctx, errors.New("lost by the test"))
}

// Close ends the follower.
func (f *Follower) Close() { f.f.disconnect() }

// Erased returns the tables that EraseAccount knows: those that name their account, and
// those whose rows belong to others', each with its column, the table and the column of the
// owner.
func Erased() (named []string, of [][4]string) {
	for _, p := range parts {
		of = append(of, [4]string{p.table, p.column, p.owners, p.key})
	}
	return owned, of
}
