package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Limits of those who ride along: the first one must not wait for ever, and PostgreSQL looks
// at the savepoints of others one by one as long as they are fewer than 64.
const (
	mostRiders  = 32
	longestRide = 20 * time.Millisecond
)

// Commands around a rider's part of a transaction.
const (
	pgSavepoint  = "savepoint rider"
	pgRollbackTo = "rollback to savepoint rider"
	pgRelease    = "release savepoint rider"
	// Two nodes that carry riders may each wait for what the other has locked, which the server
	// finds out only after a second.
	pgShortWaits = "set local lock_timeout = 100"
)

// seat is a place in the transaction of another update, which has run and not committed yet.
// Where updates cannot run beside each other they share a commit that way, and with it the
// wait for the disk. The closure runs on its caller's goroutine, in a savepoint. It came before
// the transaction began, so it sees all that was committed when it came.
type seat struct {
	session *pgSession
	work    work
	// until is when its statements must have ended.
	until time.Time
	// back is what the closure left behind, end what became of the transaction.
	back chan outcome
	end  chan ending
	// failure is an error of a statement that the closure has not waited for.
	failure error
}

// ending is what became of a shared transaction.
type ending struct {
	fate fate
	err  error
}

// decline gives a seat back unused.
func (s *seat) decline() { s.back <- outcome{err: errAbandoned} }

// ride runs a closure in another update's transaction.
func (p *postgres) ride(ctx context.Context, s *seat, fn func(*Tx) error) (fate, error) {
	// Who breaks off a statement loses the connection, which belongs to all who ride.
	bounded, cancel := context.WithDeadline(context.WithoutCancel(ctx), s.until)
	defer cancel()
	t := p.db.begin(bounded, s.session, postgresDialect, true)
	err := s.run(t, func(t *Tx) error {
		if err := fn(t); err != nil || t.err != nil {
			return err
		}
		return p.announce(t, &s.work)
	})
	end := <-s.end
	switch {
	case end.err != nil:
		return end.fate, end.err
	case s.failure != nil:
		err = s.failure
	}
	p.standby(err)
	return settled, err
}

// run runs a closure and hands the transaction back however the closure ends.
func (s *seat) run(t *Tx, fn func(*Tx) error) error {
	result := outcome{tx: t, err: errAbandoned}
	defer func() { s.back <- result }()
	result.err = t.run(fn)
	return result.err
}

// carriage is a transaction that takes other updates along.
type carriage struct {
	p       *postgres
	session *pgSession
	work    *work
	// latest is the ticket of who came last before the transaction began.
	latest uint64
	riders []*seat
}

// drive takes those along who wait for a lane, commits, and tells them.
func (c *carriage) drive(ctx context.Context) (fate, error) {
	err := c.carry(ctx)
	result := carriedFate(err)
	if err == nil {
		result, err = c.p.commit(ctx, c.session, c.work)
	} else {
		c.p.standby(err)
	}
	for _, s := range c.riders {
		s.end <- ending{result, err}
	}
	return result, err
}

// carry lets those who wait run, one after the other. With an error nobody's part of the
// transaction can be committed.
func (c *carriage) carry(ctx context.Context) error {
	began := time.Now()
	until := began.Add(c.p.limits.transaction)
	bounded, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	for most := c.p.lanes.seats(c.latest); len(c.riders) < most && time.Since(began) < c.p.limits.ride; {
		s := &seat{session: c.session, until: until, back: make(chan outcome, 1), end: make(chan ending, 1)}
		if err := c.begin(bounded); err != nil {
			return err
		}
		if !c.p.lanes.board(s, c.latest) {
			c.session.waiting = nil
			return nil
		}
		c.riders = append(c.riders, s)
		if err := c.settle(bounded, s, <-s.back); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a rider's part. What came before the first one is sent ahead of it, so that an
// error is known to be of whom it belongs to; after that nothing waits between two riders.
func (c *carriage) begin(ctx context.Context) error {
	if len(c.riders) > 0 {
		return c.session.later(pgSavepoint, nil)
	}
	return errors.Join(c.session.later(pgShortWaits, nil), c.run(ctx, pgSavepoint))
}

// carriedFate is fateOf for a transaction with riders, which does not wait for others: all of
// it runs again.
func carriedFate(err error) fate {
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == pgLockNotAvailable {
		return refused
	}
	return fateOf(err)
}

// settle keeps a rider's part of the transaction or takes it back.
func (c *carriage) settle(ctx context.Context, s *seat, result outcome) error {
	switch {
	case result.err == nil:
		err := c.run(ctx, pgRelease)
		if err == nil {
			c.work.add(&s.work)
			return nil
		}
		if carriedFate(err) != settled {
			return err
		}
		s.failure = err
	case result.tx != nil && carriedFate(result.tx.err) != settled:
		return result.tx.err
	}
	unsent := len(c.session.waiting) > 0 && c.session.waiting[0].text == pgSavepoint
	if c.session.waiting = nil; unsent {
		return nil
	}
	return errors.Join(c.session.later(pgRollbackTo, nil), c.run(ctx, pgRelease))
}

// run runs a command of the transaction itself.
func (c *carriage) run(ctx context.Context, command string) error {
	if _, err := c.session.exec(ctx, command, nil); err != nil {
		return explained(postgresDialect, err, command)
	}
	return nil
}
