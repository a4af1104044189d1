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

// fate is what became of one attempt at an update.
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

// inLane attempts a transaction when there is a lane for it, or in another one's.
func (p *postgres) inLane(ctx context.Context, again bool, fn func(*Tx) error) (result fate, err error) {
	seat, err := p.lanes.enter(ctx, again)
	if err != nil {
		return settled, err
	}
	if seat != nil {
		return p.ride(ctx, seat, fn)
	}
	defer func() { p.lanes.leave(result == refused) }()
	return p.attempt(ctx, fn)
}

// attempt runs the closure once, takes those along that wait for a lane, and commits.
func (p *postgres) attempt(ctx context.Context, fn func(*Tx) error) (fate, error) {
	session, err := p.open(ctx, pgBeginUpdate)
	if err != nil {
		return fateOf(err), err
	}
	// In a deferred call, so that a panic of fn leaves the connection clean.
	defer session.close()
	// The transaction sees what was committed before its first statement. Who came later may
	// know of more, and must not ride along.
	latest := p.lanes.last()
	t := p.db.begin(ctx, session, postgresDialect, true)
	work := &work{updates: 1}
	err = t.run(func(t *Tx) error {
		if err := fn(t); err != nil || t.err != nil {
			return err
		}
		if err := p.announce(t, work); err != nil {
			return err
		}
		return session.arrive(t)
	})
	if err != nil {
		p.standby(t.err)
		if fate := fateOf(t.err); fate != settled {
			return fate, t.err
		}
		return settled, err
	}
	c := &carriage{p: p, session: session, work: work, latest: latest}
	return c.drive(ctx)
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

// work is what a transaction does beside its statements.
type work struct {
	// updates is how many share the transaction.
	updates int
	touched []string
	// trace is the row by which it can be found again; nil if nothing was touched.
	trace *trace
}

// add takes another update's part in.
func (w *work) add(other *work) {
	w.updates++
	w.touched = append(w.touched, other.touched...)
	if other.trace != nil {
		w.trace = other.trace
	}
}

// announce tells the other nodes what an update touched, as part of its transaction.
func (p *postgres) announce(t *Tx, w *work) error {
	trace, err := p.follower.announce(t)
	if err != nil {
		return err
	}
	w.touched = append(w.touched, t.touched...)
	if trace != nil {
		w.trace = trace
	}
	return nil
}

// commit commits, together with what was written last. It outlives ctx: who breaks off a
// commit does not know whether it happened.
func (p *postgres) commit(ctx context.Context, session *pgSession, w *work) (fate, error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.limits.commit)
	defer cancel()
	err := session.commit(own)
	if unknown := err != nil && unanswered(err); unknown {
		// Whatever happened, caches must take it that the data has changed.
		p.db.revisions.bump(w.touched)
		session.close()
		return p.clarify(ctx, w, err)
	}
	if err != nil {
		err = explained(postgresDialect, err, pgCommit)
		p.standby(err)
		return fateOf(err), err
	}
	p.committed(w)
	return settled, nil
}

// committed makes known what has happened.
func (p *postgres) committed(w *work) {
	p.db.revisions.bump(w.touched)
	if len(w.touched) > 0 {
		p.follower.tell()
	}
	if observer := p.db.options.Observer; observer != nil {
		observer.Commit(w.updates)
	}
}

// unanswered reports whether a commit ended without a word of the server on it. A session
// that is ended while it waits for the standby has committed already.
func unanswered(err error) bool {
	var said *pgconn.PgError
	return !errors.As(err, &said) || gone(err)
}

// clarify finds out what became of a transaction whose commit was not answered: from its
// row in core_changes, when it left one. It returns what [postgres.attempt] does.
func (p *postgres) clarify(ctx context.Context, w *work, cause error) (fate, error) {
	err := &kindError{ErrUnavailable, cause}
	if w.trace == nil {
		return settled, err
	}
	for p.wait(ctx) {
		verdict, asked := p.verdict(ctx, w.trace)
		switch {
		case asked != nil || verdict == pending:
			continue
		case verdict == aborted:
			return lost, err
		}
		p.committed(w)
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
