package store

import (
	"context"
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
	session, err := p.open(ctx, pgBeginUpdate)
	if err != nil {
		return fateOf(err), err
	}
	// In a deferred call, so that a panic of fn leaves the connection clean.
	defer session.close()
	t := p.db.begin(ctx, session, postgresDialect, true)
	var trace *trace
	err = t.run(func(t *Tx) (err error) {
		if err = fn(t); err == nil {
			trace, err = p.follower.announce(t)
		}
		if err == nil {
			err = session.arrive(t)
		}
		return err
	})
	if fate := fateOf(t.err); fate != settled {
		return fate, t.err
	}
	if err == nil {
		return p.commit(ctx, session, t, trace)
	}
	p.standby(t.err)
	return settled, err
}

// standby looks for the error of a server that has become a standby: its connections are of
// no use.
func (p *postgres) standby(err error) {
	if errors.Is(err, ErrReadOnly) {
		p.forget()
	}
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

// commit commits, together with what the closure wrote last. It outlives ctx: who breaks off a
// commit does not know whether it happened.
func (p *postgres) commit(ctx context.Context, session *pgSession, t *Tx, trace *trace) (fate, error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.limits.commit)
	defer cancel()
	err := session.commit(own)
	if unknown := err != nil && unanswered(err); unknown {
		// Whatever happened, caches must take it that the data has changed.
		p.db.revisions.bump(t.touched)
		session.close()
		return p.clarify(ctx, t.touched, trace, err)
	}
	if err != nil {
		err = t.explain(err, pgCommit)
		p.standby(err)
		return fateOf(err), err
	}
	p.db.revisions.bump(t.touched)
	if len(t.touched) > 0 {
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

// verdict asks for a transaction's row by writing one in its place. While the transaction
// runs, the server lets that wait; when it has left its row, that row stays and comes back;
// and if it has not, it never will, since its key is taken. Its commit waits until the
// standbys hold what was there: a server that came back after a crash shows transactions that
// it never replicated.
func (p *postgres) verdict(ctx context.Context, t *trace) (verdict, error) {
	ctx, stop := context.WithTimeout(ctx, p.limits.commit)
	defer stop()
	var scope string
	err := p.pool.QueryRowContext(ctx, `insert into core_changes (id, xid, node, scope)
		values ($1, pg_current_xact_id()::text::bigint, $2, '')
		on conflict (id) do update set node = excluded.node returning scope`, t.id, t.node).Scan(&scope)
	switch {
	case err != nil:
		return pending, err
	case scope == "":
		return aborted, nil
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
