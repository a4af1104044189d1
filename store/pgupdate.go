package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Bounds of the attempts that a transaction gets when PostgreSQL cannot serialize it.
const (
	maxAttempts  = 60
	firstBackoff = time.Millisecond
	maxBackoff   = 100 * time.Millisecond
)

// fate is what became of one attempt at a transaction.
type fate int

const (
	// settled: it was committed, or will not be.
	settled fate = iota
	// refused: PostgreSQL could not serialize it. Nothing of it happened.
	refused
	// lost: the connection went, and nothing of it happened.
	lost
)

func (p *postgres) update(ctx context.Context, fn func(*Tx) error) error {
	ctx, stop, explain := p.within(ctx)
	defer stop()
	backoff := firstBackoff
	for attempt := 1; ; {
		fate, err := p.inLane(ctx, attempt > 1, fn)
		switch fate {
		case settled:
			return explain(err)
		case refused:
			p.reruns.Add(1)
			if attempt++; attempt > maxAttempts {
				return err
			}
			// Full jitter keeps those who met once from meeting again.
			pause(ctx, rand.N(backoff))
			backoff = min(2*backoff, maxBackoff)
		case lost:
			if !p.wait(ctx) {
				return explain(err)
			}
		}
		if ctx.Err() != nil {
			return explain(errors.Join(ctx.Err(), err))
		}
	}
}

// inLane attempts a transaction when there is a lane for it.
func (p *postgres) inLane(ctx context.Context, again bool, fn func(*Tx) error) (result fate, err error) {
	if err := p.lanes.enter(ctx, again); err != nil {
		return settled, err
	}
	defer func() { p.lanes.leave(result == refused) }()
	return p.attempt(ctx, fn)
}

// attempt runs the closure once.
func (p *postgres) attempt(ctx context.Context, fn func(*Tx) error) (fate, error) {
	// The transaction outlives ctx: database/sql would break off a commit otherwise, and
	// nobody would know whether it happened. Its statements heed ctx.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	begun := context.AfterFunc(ctx, cancel)
	tx, done, err := p.begin(ctx, own, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fateOf(err), err
	}
	// In a deferred call, so that a panic of fn leaves the connection clean.
	defer done()
	if !begun() {
		return settled, ctx.Err()
	}
	t := p.db.begin(ctx, pgSession{tx}, postgresDialect, true)
	var trace *trace
	err = t.run(func(t *Tx) (err error) {
		if err = fn(t); err == nil {
			trace, err = p.follower.announce(t)
		}
		return err
	})
	if fate := fateOf(t.err); fate != settled {
		return fate, t.err
	}
	if errors.Is(t.err, ErrReadOnly) {
		// The server has become a standby: its connections are of no use.
		p.forget()
	}
	if err != nil {
		return settled, err
	}
	return p.commit(ctx, tx, t.touched, trace, cancel)
}

// fateOf tells what an error before the commit means.
func fateOf(err error) fate {
	switch {
	case err == nil:
		return settled
	case retryable(err):
		return refused
	case gone(err):
		return lost
	}
	return settled
}

// retryable reports whether the server could not serialize the transaction: nothing of it
// happened, and it may succeed when it is run again.
func retryable(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == pgSerializationFailure || e.Code == pgDeadlock)
}

func (p *postgres) commit(ctx context.Context, tx *sql.Tx, touched []string, trace *trace, cancel func()) (fate, error) {
	timer := time.AfterFunc(p.limits.commit, cancel)
	defer timer.Stop()
	err := tx.Commit()
	if unknown := err != nil && unanswered(err); unknown {
		// Whatever happened, caches must take it that the data has changed.
		p.db.revisions.bump(touched)
		return p.clarify(ctx, touched, trace, err)
	}
	if err != nil {
		return fateOf(err), classifyPostgres(err)
	}
	p.db.revisions.bump(touched)
	if len(touched) > 0 {
		p.follower.tell()
	}
	return settled, nil
}

// unanswered reports whether a commit ended without a word of the server on it. A session
// that is ended while it waits for the standby has committed already.
func unanswered(err error) bool {
	var said *pgconn.PgError
	return !errors.As(err, &said) || gone(err)
}

// clarify finds out what became of a transaction whose commit was not answered: from its
// row in core_changes, when it left one. It returns what [postgres.attempt] does.
func (p *postgres) clarify(ctx context.Context, touched []string, t *trace, cause error) (fate, error) {
	err := &kindError{ErrUnavailable, cause}
	if t == nil {
		return settled, err
	}
	for p.wait(ctx) {
		verdict, asked := p.verdict(ctx, t)
		switch {
		case asked != nil || verdict == pending:
			continue
		case verdict == aborted:
			return lost, err
		}
		p.db.revisions.bump(touched)
		p.follower.tell()
		return settled, nil
	}
	return settled, err
}

// verdict is the server's word on a transaction.
type verdict int

const (
	pending verdict = iota
	committed
	aborted
)

// verdict asks for a transaction's row. When it is there one more row is written, whose
// commit waits until the standbys hold the first one too: a server that came back after a
// crash shows transactions that it never replicated.
func (p *postgres) verdict(ctx context.Context, t *trace) (verdict, error) {
	ctx, stop := context.WithTimeout(ctx, p.limits.commit)
	defer stop()
	tx, err := p.pool.BeginTx(ctx, nil)
	if err != nil {
		return pending, err
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	var status sql.NullString
	err = tx.QueryRowContext(ctx, `select pg_xact_status($1::bigint::text::xid8)`, t.xid).Scan(&status)
	var said *pgconn.PgError
	switch {
	case errors.As(err, &said) && said.Code == pgInvalidParameter:
		// A transaction of the future: the standby that is the server now never heard of it.
		return aborted, nil
	case err != nil:
		return pending, err
	case status.String == "in progress":
		return pending, nil
	}
	// The number alone proves nothing: a standby that became the server gives numbers out
	// again. This look is younger than the answer above, so it sees the row if there is one.
	var there bool
	err = tx.QueryRowContext(ctx, `select exists (select 1 from core_changes where id = $1 and xid = $2 and node = $3)`,
		t.id, t.xid, t.node).Scan(&there)
	if err != nil {
		return pending, err
	}
	if !there {
		return aborted, nil
	}
	_, err = tx.ExecContext(ctx, `insert into core_changes (xid, node, scope)
		values (pg_current_xact_id()::text::bigint, $1, '')`, t.node)
	if err = errors.Join(err, tx.Commit()); err != nil {
		return pending, err
	}
	return committed, nil
}

func (p *postgres) close() error {
	p.closed.Do(func() {
		p.follower.stop()
		p.leave()
		p.closeErr = p.pool.Close()
	})
	return p.closeErr
}
