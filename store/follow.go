package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// pollInterval bounds how long a change by another node stays unknown here when its
	// notification is lost.
	pollInterval = 500 * time.Millisecond
	// notifyInterval bounds how often this node sends notifications.
	notifyInterval = 5 * time.Millisecond
	// staleAfter is how long the changes may be out of reach before caches are emptied, so
	// that nothing is decided on what may long have been changed elsewhere.
	staleAfter = 2 * time.Second
	// pruneInterval and keepChanges say when and how old changes are deleted.
	pruneInterval = time.Minute
	keepChanges   = 10 * time.Minute
)

const (
	changesChannel = "bailiwick_changes"
	// prunedScope begins the scope of a row that says up to where older rows were deleted.
	prunedScope = "pruned/"
)

// follower tells the other nodes of a PostgreSQL database what this one changed, and
// learns what they changed.
//
// A writing transaction adds a row to core_changes for each scope, marked with its
// transaction id. The follower reads the rows whose id is not below the oldest transaction
// that ran when it last looked: ids are given out in another order than commits happen,
// so "newer than the newest seen" would miss some. Rows seen twice are told apart by their
// key. A notification says only "look now" and is sent after the commit, by one goroutine
// and at most every few milliseconds, because PostgreSQL lets transactions that notify
// commit only one at a time. What a lost notification would have told, the next poll does.
type follower struct {
	db     *DB
	pool   *sql.DB
	config *pgx.ConnConfig
	node   string

	// conn is nil while there is no connection. It, floor, seen, synced and marks belong
	// to the listening goroutine.
	conn *pgx.Conn
	// floor is the oldest transaction id that may not have been seen yet.
	floor int64
	// seen are the keys of the rows at or above floor that were taken in already.
	seen map[int64]bool
	// blind says that the connection is new. The server may be another one, a standby that
	// gives out transaction ids anew, so that ids below the floor may be unseen.
	blind  bool
	synced time.Time
	// heard is synced in nanoseconds since 1970, for the watching goroutine.
	heard atomic.Int64
	marks []mark
	// beaten is when this node last said that it runs.
	beaten time.Time

	telling chan struct{}
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// mark is where the floor was at some time; it says what is old enough to delete.
type mark struct {
	at    time.Time
	floor int64
}

// follow connects and begins to follow. What is committed after it returns will be seen.
func follow(ctx context.Context, db *DB, pool *sql.DB, config *pgx.ConnConfig, node string) (*follower, error) {
	f, err := newFollower(ctx, db, pool, config, node)
	if err != nil {
		return nil, err
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel = cancel
	f.done.Go(func() { f.listen(own) })
	f.done.Go(func() { f.notify(own) })
	f.done.Go(func() { f.watch(own) })
	return f, nil
}

// newFollower connects and takes its place at the end of the changes.
func newFollower(ctx context.Context, db *DB, pool *sql.DB, config *pgx.ConnConfig, node string) (*follower, error) {
	f := &follower{
		db:      db,
		pool:    pool,
		config:  config,
		node:    node,
		beaten:  time.Now(),
		telling: make(chan struct{}, 1),
	}
	if err := f.connect(ctx); err != nil {
		return nil, err
	}
	if err := f.sync(ctx); err != nil {
		f.disconnect()
		return nil, err
	}
	return f, nil
}

func (f *follower) stop() {
	f.cancel()
	f.done.Wait()
}

// trace is a row of core_changes by which a transaction can be found again. Nobody else uses
// its id.
type trace struct {
	id   int64
	node string
}

// announce adds what the transaction touched to the changes, with its last statements, and
// returns the last row; nil for a transaction that touched nothing.
func (f *follower) announce(tx *Tx) (*trace, error) {
	var out *trace
	for _, scope := range tx.touched {
		// Ids from here are beyond those that the table numbers itself.
		out = &trace{id: rand.Int64() | 1<<62, node: f.node}
		err := tx.later(`insert into core_changes (id, xid, node, scope)
			values ($1, pg_current_xact_id()::text::bigint, $2, $3)`, out.id, f.node, scope)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tell makes the other nodes look soon.
func (f *follower) tell() {
	select {
	case f.telling <- struct{}{}:
	default: // somebody has asked already and the notification is still to come
	}
}

func (f *follower) notify(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.telling:
		}
		if _, err := f.pool.ExecContext(ctx, `select pg_notify($1, $2)`, changesChannel, f.node); err != nil && ctx.Err() == nil {
			f.db.options.Logger.Warn("other nodes could not be notified of a change; they learn it by polling", "error", err)
		}
		pause(ctx, notifyInterval)
	}
}

func (f *follower) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.await(ctx)
		if err == nil {
			err = f.sync(ctx)
		}
		if err == nil {
			err = errors.Join(f.prune(ctx), f.beat(ctx))
		}
		if err != nil && ctx.Err() == nil {
			f.lost(ctx, err)
		}
	}
	f.disconnect()
}

// await returns when another node has sent a notification or the poll is due.
func (f *follower) await(ctx context.Context) error {
	if f.conn == nil {
		return f.connect(ctx)
	}
	wait, cancel := context.WithDeadline(ctx, f.synced.Add(pollInterval))
	defer cancel()
	for {
		n, err := f.conn.WaitForNotification(wait)
		switch {
		case wait.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case n.Payload != f.node:
			return nil
		}
	}
}

func (f *follower) connect(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, f.config.Copy())
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if _, err := conn.Exec(bounded, "listen "+changesChannel); err != nil {
		return errors.Join(err, conn.Close(bounded))
	}
	f.conn, f.blind = conn, true
	return nil
}

func (f *follower) disconnect() {
	if f.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	// The connection is given up whatever the server answers.
	_ = f.conn.Close(ctx)
	f.conn = nil
}

// lost handles a failure: a new connection after a pause, and empty caches when the
// changes have been out of reach for too long.
func (f *follower) lost(ctx context.Context, err error) {
	stale := time.Since(f.synced) >= staleAfter
	f.db.options.Logger.Warn("changes of other nodes cannot be read", "error", err, "caches_emptied", stale)
	if stale {
		f.db.revisions.bumpAll()
	}
	f.disconnect()
	pause(ctx, pollInterval)
}

// watch empties the caches as long as the changes are out of reach, also while the listening
// goroutine waits for a server that does not answer.
func (f *follower) watch(ctx context.Context) {
	for ctx.Err() == nil {
		if time.Since(time.Unix(0, f.heard.Load())) >= staleAfter {
			f.db.revisions.bumpAll()
		}
		pause(ctx, pollInterval)
	}
}

// sync takes in what other nodes changed since the last look.
func (f *follower) sync(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, staleAfter-pollInterval)
	defer cancel()
	at := time.Now()
	from := f.floor
	if from == 0 {
		from = math.MaxInt64 // nothing is kept yet that an earlier change could concern
	}
	rows, err := f.conn.Query(limit, `
		select pg_snapshot_xmin(pg_current_snapshot())::text::bigint, coalesce(c.id, 0), coalesce(c.scope, '')
		from (select 1) one left join core_changes c on c.xid >= $1 and c.node <> $2`, from, f.node)
	if err != nil {
		return err
	}
	var (
		floor, id int64
		scope     string
		scopes    []string
		seen      = make(map[int64]bool)
		gap       bool
	)
	_, err = pgx.ForEachRow(rows, []any{&floor, &id, &scope}, func() error {
		below, isPruned := strings.CutPrefix(scope, prunedScope)
		switch {
		case id == 0:
			return nil
		case isPruned:
			n, err := strconv.ParseInt(below, 10, 64)
			gap = gap || n > f.floor
			return err
		case !f.seen[id]:
			scopes = append(scopes, scope)
		}
		seen[id] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("read changes: %w", err)
	}
	// An id that goes back means another database, restored from a copy.
	if first := f.floor == 0; !first && (f.blind || gap || floor < f.floor) {
		f.db.revisions.bumpAll()
	} else if !first {
		f.db.revisions.bump(scopes)
	}
	f.floor, f.seen, f.synced, f.blind = floor, seen, at, false
	f.heard.Store(at.UnixNano())
	return nil
}

// prune deletes changes that every node has seen long ago. The row that it leaves tells a
// node that was away for longer that it has missed some.
func (f *follower) prune(ctx context.Context) error {
	if n := len(f.marks); n > 0 && f.synced.Sub(f.marks[n-1].at) < pruneInterval {
		return nil
	}
	f.marks = append(f.marks, mark{f.synced, f.floor})
	if f.synced.Sub(f.marks[0].at) < keepChanges {
		return nil
	}
	below := f.marks[0].floor
	f.marks = f.marks[1:]
	ctx, cancel := context.WithTimeout(ctx, staleAfter)
	defer cancel()
	return f.pruneBelow(ctx, below)
}

func (f *follower) pruneBelow(ctx context.Context, below int64) error {
	return pgx.BeginFunc(ctx, f.conn, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from core_changes where xid < $1`, below)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `insert into core_changes (xid, node, scope)
			values (pg_current_xact_id()::text::bigint, $1, $2)`, f.node, prunedScope+strconv.FormatInt(below, 10))
		return err
	})
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
