package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Options say where the data is. Exactly one of Path, Memory and URL is set.
type Options struct {
	// Path is the SQLite file. Its folder must exist and belongs to one process: Open
	// locks it.
	Path string
	// Memory keeps everything in memory until Close.
	Memory bool
	// URL is a PostgreSQL connection URL: postgres://… or postgresql://….
	URL string

	// Now is the clock, safe for concurrent use; nil means time.Now.
	Now func() time.Time
	// Rand is the source of random bytes; nil means crypto/rand. It need not be safe for
	// concurrent use.
	Rand io.Reader
	// Version is the program's, for the other nodes of a database to tell.
	Version string
	// Logger gets what an operator should know (migrations, lost connections); nil means
	// silence.
	Logger *slog.Logger
	// Observer learns of transactions; nil means nobody does.
	Observer Observer
	// Tracer follows transactions; nil means nobody does.
	Tracer Tracer

	// These are the constants of the same names unless a test sets others.
	nodeBeat, nodeLife, leadInterval, leadAnswer time.Duration
}

// Observer counts and times. It is called by many goroutines, after the fact.
type Observer interface {
	// Transaction is told of each View and Update: whether it may write, how long it took
	// with its waits and its commit, and whether it ended with an error of any kind.
	Transaction(write bool, took time.Duration, failed bool)
	// Commit is told how many updates shared a commit.
	Commit(updates int)
}

// Tracer follows transactions. It is called by many goroutines.
type Tracer interface {
	// Transaction begins a View or, if write is true, an Update on behalf of ctx. It runs with
	// the context that is returned, and end is told what came of it.
	Transaction(ctx context.Context, write bool) (_ context.Context, end func(err error))
}

// DB is an open store. It is safe for concurrent use.
type DB struct {
	engine    engine
	options   Options
	revisions *revisions
	// schema are the migrations that the store is brought up to.
	schema []migration
	// unhurried lifts the bounds of time from the transactions of PostgreSQL.
	unhurried bool
	// refusing is true since the storage refused an Update, until it takes one.
	refusing atomic.Bool
}

// engine is what SQLite and PostgreSQL do each in their own way. The closure sets the Tx
// up, runs the caller's closure and returns its error.
type engine interface {
	view(ctx context.Context, fn func(*Tx) error) error
	update(ctx context.Context, fn func(*Tx) error) error
	figures() Figures
	close() error
}

// Open opens the store, creates or migrates its schema, and returns when it can be used. A
// database that a newer version of the program has written is refused with [ErrNewer], a
// data folder that another process uses with [ErrLocked].
func Open(ctx context.Context, o Options) (*DB, error) {
	schema, err := readMigrations(migrationFiles)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return open(ctx, o, schema, false)
}

// open is Open with the migrations that the schema is to have, and with or without bounds
// of time.
func open(ctx context.Context, o Options, schema []migration, unhurried bool) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	} else {
		o.Rand = &lockedReader{r: o.Rand}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.nodeBeat, o.nodeLife = cmp.Or(o.nodeBeat, nodeBeat), cmp.Or(o.nodeLife, nodeLife)
	o.leadInterval, o.leadAnswer = cmp.Or(o.leadInterval, leadInterval), cmp.Or(o.leadAnswer, leadAnswer)
	db := &DB{options: o, revisions: newRevisions(), schema: schema, unhurried: unhurried}
	var err error
	switch {
	case o.Path != "" && !o.Memory && o.URL == "":
		db.engine, err = openFile(ctx, db)
	case o.Path == "" && o.Memory && o.URL == "":
		db.engine, err = openMemory(ctx, db)
	case o.Path == "" && !o.Memory && o.URL != "":
		db.engine, err = openPostgres(ctx, db)
	default:
		err = errors.New("store: set exactly one of a path, memory and a database URL")
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return db, nil
}

// Close waits for the transactions that run, refuses new ones with [ErrClosed] and lets go
// of files and connections.
func (db *DB) Close() error { return db.engine.close() }

// Figures are how a store stands at a moment.
type Figures struct {
	// Connections are open; Busy of them are in a transaction.
	Connections, Busy int
	// Lanes is how many updates may run beside each other: one on SQLite.
	Lanes int
	// Waiting is how many updates wait for their turn.
	Waiting int
	// Reruns is how many attempts at an update PostgreSQL could not serialize so far.
	Reruns uint64
}

// Figures returns how the store stands.
func (db *DB) Figures() Figures { return db.engine.figures() }

// View runs fn in a transaction that reads at one snapshot: all that was committed before
// View was called, and nothing that is half done. It returns fn's error.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return db.observe(ctx, false, func(ctx context.Context) error { return db.engine.view(ctx, fn) })
}

// Update runs fn in a transaction that may write. If fn returns nil and the commit
// succeeds, Update returns nil and the writes are durable; otherwise nothing is written and
// it returns fn's error, or the store's. fn may run more than once. It runs on the caller's
// goroutine. A ctx that ends while the update waits for its turn drops it unrun; on SQLite
// a ctx that ends after the commit began changes nothing any more.
//
// When PostgreSQL goes away in the middle, the update waits some seconds for it (or for the
// standby that takes its place) and is run again if nothing of it happened. After that, and
// where it cannot be known whether a commit happened, the error is [ErrUnavailable].
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := db.observe(ctx, true, func(ctx context.Context) error { return db.engine.update(ctx, fn) })
	if errors.Is(err, ErrReadOnly) {
		// An Update may write: it is the storage that takes none.
		err = &kindError{ErrDisk, err}
	}
	if err == nil || refusesWrites(err) {
		db.refusing.Store(err != nil)
	}
	return err
}

// trialSetting is written and deleted again to see whether the storage takes writes.
const trialSetting = "store/trial"

// TakesWrites returns the reason for which the storage takes no writes at this time, nil if it
// takes them: [ErrFull], [ErrDisk], or whatever else keeps it from answering. It tries a
// write only if the last one was refused: while all is well it costs nothing.
func (db *DB) TakesWrites(ctx context.Context) error {
	if !db.refusing.Load() {
		return nil
	}
	return db.Update(ctx, func(tx *Tx) error {
		if err := tx.PutSetting(trialSetting, ""); err != nil {
			return err
		}
		_, err := tx.exec(`delete from core_settings where name = $1`, trialSetting)
		return err
	})
}

// observe tells the tracer and the observer, as far as there are any, of one transaction.
func (db *DB) observe(ctx context.Context, write bool, transaction func(context.Context) error) (err error) {
	if db.options.Tracer != nil {
		var end func(error)
		ctx, end = db.options.Tracer.Transaction(ctx, write)
		defer func() { end(err) }()
	}
	if db.options.Observer == nil {
		return transaction(ctx)
	}
	began := time.Now()
	err = transaction(ctx)
	db.options.Observer.Transaction(write, time.Since(began), err != nil)
	return err
}

// Now returns the store's clock as a transaction that began now would have it: UTC, in
// whole microseconds.
func (db *DB) Now() time.Time { return db.options.Now().UTC().Truncate(time.Microsecond) }

// begin makes the Tx of one run of a closure.
func (db *DB) begin(ctx context.Context, s session, d *dialect, write bool) *Tx {
	return &Tx{
		ctx:     ctx,
		session: s,
		dialect: d,
		rand:    db.options.Rand,
		now:     db.Now(),
		write:   write,
	}
}

// run calls the closure and gives the transaction's outcome: a closure that hides an SQL
// error fails all the same. However the closure ends, the Tx is of no use after it and
// leaves no rows open.
func (tx *Tx) run(fn func(*Tx) error) error {
	defer func() {
		tx.done = true
		if tx.rows != nil {
			// The closure is at fault and fails already, or never looked at the rows.
			_ = tx.closeRows()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.err
}

// lockedReader makes a reader safe for concurrent use.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
