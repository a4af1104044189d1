package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// pgSession is one transaction on a connection of the pool. It begins with its first
// statement, in one message, and ends unread: so reading one row costs one round trip.
type pgSession struct {
	p    *postgres
	conn *sql.Conn
	// line is the driver's side of conn.
	line *pgConn
	// waiting are commands that go with the next statement: the one that begins the transaction,
	// and writes of which nothing but their success matters.
	waiting []pgCommand
	// begun says that the server has answered a statement of the transaction.
	begun bool
}

// open takes a connection for a transaction that the given command begins.
func (p *postgres) open(ctx context.Context, begin string) (*pgSession, error) {
	s := &pgSession{p: p, waiting: []pgCommand{{text: begin}}}
	return s, s.connect(ctx)
}

// connect takes a connection, and waits for the database when it is away.
func (s *pgSession) connect(ctx context.Context) error {
	for {
		conn, err := s.p.pool.Conn(ctx)
		if err == nil {
			s.conn = conn
			return conn.Raw(func(line any) error {
				s.line, _ = line.(*pgConn) // the pool has no others
				return nil
			})
		}
		if err = pgBeginError(err); !errors.Is(err, ErrUnavailable) || !s.p.wait(ctx) {
			return err
		}
	}
}

// close gives the connection back. What was not committed is undone.
func (s *pgSession) close() {
	if s.conn == nil {
		return
	}
	s.line.abandon()
	_ = s.conn.Close() // a connection that breaks here has nothing more to say
	s.conn, s.line = nil, nil
}

func (s *pgSession) exec(ctx context.Context, text string, args []any) (result sql.Result, err error) {
	err = s.send(ctx, func() error {
		result, err = s.conn.ExecContext(context.Background(), text, args...)
		return err
	})
	return result, err
}

func (s *pgSession) query(ctx context.Context, text string, args []any) (rows *sql.Rows, err error) {
	err = s.send(ctx, func() error {
		rows, err = s.conn.QueryContext(context.Background(), text, args...)
		return err
	})
	return rows, err
}

// mostWaiting bounds what waits: while one end writes much, the other must not be kept from
// writing by what nobody reads.
const mostWaiting = 64

// crowded says that no more may wait.
func (s *pgSession) crowded() bool { return len(s.waiting) >= mostWaiting }

// later has a statement go with the next one, or with the commit. If it fails, that one
// answers its error.
func (s *pgSession) later(text string, args []any) error {
	values := make([]any, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return err
		}
		values[i] = value
	}
	s.waiting = append(s.waiting, pgCommand{text, values})
	return nil
}

// send runs a statement together with those that wait. A connection that died while it was
// idle is found out by the first one, when nothing is lost yet: the next connection is tried,
// as often as there are some, and then the database waited for.
func (s *pgSession) send(ctx context.Context, statement func() error) error {
	for tries := 1; ; tries++ {
		s.line.ctx, s.line.before = ctx, s.waiting
		err := statement()
		if s.begun || answered(err) {
			if !s.begun {
				s.p.outage.over()
			}
			s.begun, s.waiting = true, nil
			return err
		}
		if ctx.Err() != nil || s.conn == nil {
			return err
		}
		if tries > s.p.connections || pgSaid(err) {
			if !s.p.wait(ctx) {
				return err
			}
			tries = 0
		}
		s.close()
		if err := s.connect(ctx); err != nil {
			return err
		}
	}
}

// answered reports whether a statement with this outcome had an answer of a server that
// goes on serving.
func answered(err error) bool {
	return err == nil || pgSaid(err) && !gone(err)
}

// pgSaid reports whether an error is the server's word.
func pgSaid(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said)
}

// arrive sends what waits if nothing was sent yet: a connection that has died must not be found
// out by a commit, of which nobody would know what became.
func (s *pgSession) arrive(tx *Tx) error {
	last := len(s.waiting) - 1
	if s.begun || last == 0 {
		return nil
	}
	command := s.waiting[last]
	s.waiting = s.waiting[:last]
	_, err := tx.exec(command.text, command.args...)
	return err
}

// commit makes the transaction durable.
func (s *pgSession) commit(ctx context.Context) error {
	if !s.begun {
		return nil // there was nothing to do
	}
	_, err := s.exec(ctx, pgCommit, nil)
	return err
}
