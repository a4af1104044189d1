package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// limits bound what a transaction of PostgreSQL may wait for. None of them is met while the
// database is well.
type limits struct {
	// transaction bounds a transaction with all its waits and attempts, but for its last
	// commit.
	transaction time.Duration
	// commit bounds the wait for the answer to one commit.
	commit time.Duration
	// patience is how long after the database went away transactions still wait for it to
	// come back. One that comes later fails at once: when all wait, all memory goes.
	patience time.Duration
	// ride bounds for how long an update takes others along before it commits.
	ride time.Duration
}

// Limits of requests, and those of work that takes the time it takes, such as an import.
var (
	hurried   = limits{transaction: 15 * time.Second, commit: 10 * time.Second, patience: 10 * time.Second, ride: longestRide}
	unhurried = limits{transaction: 24 * time.Hour, commit: 10 * time.Minute, patience: 10 * time.Second, ride: longestRide}
)

// outagePause is about how long lies between two looks whether the database is back.
const outagePause = 200 * time.Millisecond

// outage knows since when the database has not answered.
type outage struct {
	mu    sync.Mutex
	since time.Time
}

// over notes that the database answers.
func (o *outage) over() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Time{}
}

// lasts notes that the database did not answer and returns for how long it has not.
func (o *outage) lasts() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		o.since = time.Now()
	}
	return time.Since(o.since)
}

// wait pauses before another attempt; false means that none is worth while.
func (p *postgres) wait(ctx context.Context) bool {
	left := p.limits.patience - p.outage.lasts()
	if left <= 0 || ctx.Err() != nil {
		return false
	}
	pause(ctx, min(left, outagePause/2+rand.N(outagePause)))
	return ctx.Err() == nil
}

// gone reports whether an error says that the connection, and not the statement, has
// failed: the server is away, going away, or is a standby that cannot write.
func gone(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch {
		case said.Severity == "FATAL", said.Severity == "PANIC":
			return true
		case said.Code == pgTooManyConnections:
			return true
		}
		// Classes of SQLSTATE: connection exception; operator intervention, of which the
		// cancelled statement is another matter.
		return strings.HasPrefix(said.Code, "08") || strings.HasPrefix(said.Code, "57P")
	}
	var (
		connect *pgconn.ConnectError
		network net.Error
	)
	return errors.As(err, &connect) || errors.As(err, &network) && !endOfContext(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") // pgx has no value for it
}

// endOfContext reports whether a context has ended the work; its end looks like a
// network's timeout.
func endOfContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// within bounds ctx by the time that a transaction may take. The returned function turns an
// error that comes of the bound, and not of ctx itself, into ErrUnavailable.
func (p *postgres) within(ctx context.Context) (bounded context.Context, stop func(), explain func(error) error) {
	bounded, stop = context.WithTimeout(ctx, p.limits.transaction)
	return bounded, stop, func(err error) error {
		if err == nil || bounded.Err() == nil || ctx.Err() != nil || errors.Is(err, ErrUnavailable) || !endOfContext(err) {
			return err
		}
		p.forget()
		return &kindError{ErrUnavailable, err}
	}
}

// forget closes the connections that nobody uses: where one does not answer, those beside it
// won't either, and each would cost somebody the whole wait.
func (p *postgres) forget() {
	p.pool.SetMaxIdleConns(-1)
	p.pool.SetMaxIdleConns(p.connections)
}
