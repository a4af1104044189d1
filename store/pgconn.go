package store

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// Commands that begin and end transactions. Their prepared statements are named after them.
const (
	pgBeginPlain  = "begin"
	pgBeginUpdate = "begin isolation level serializable"
	pgBeginView   = "begin isolation level repeatable read read only"
	pgCommit      = "commit"
	pgRollback    = "rollback"
)

// pgConnector opens connections for the pool.
type pgConnector struct{ config *pgx.ConnConfig }

// Connect implements driver.Connector.
func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := pgconn.ConnectConfig(ctx, &c.config.Config)
	if err != nil {
		return nil, err
	}
	conn := &pgConn{raw: raw, statements: make(map[string]*pgStatement)}
	var commands []pgCommand
	for _, text := range []string{
		pgBeginPlain, pgBeginUpdate, pgBeginView, pgCommit, pgRollback, pgSavepoint, pgRollbackTo, pgRelease, pgShortWaits,
	} {
		commands = append(commands, pgCommand{text: text})
	}
	// They are prepared beforehand: what is lost on the way to a commit is the commit then, and
	// what takes an error back cannot be prepared after it.
	if err := conn.prepare(ctx, commands, func(text string) string { return text }); err != nil {
		return nil, errors.Join(err, raw.Close(ctx))
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c pgConnector) Driver() driver.Driver { return stdlib.GetDefaultDriver() }

// pgConn is one connection with its prepared statements. Beyond what database/sql asks of a
// connection it sends several commands at once, and can leave an answer unread until it is
// used again: most of the time of a small transaction is the way to the server and back.
type pgConn struct {
	raw        *pgconn.PgConn
	statements map[string]*pgStatement
	// prepared counts the statements that ever were, for their names.
	prepared int
	// ctx, unless nil, is the context of statements. It is not handed down through database/sql,
	// which would start a goroutine for each.
	ctx context.Context
	// before goes to the server ahead of the next statement, in the same message.
	before []pgCommand
	// answers are still to be read: of a query whose rows are open, or of a rollback that
	// nobody waited for.
	answers *pgconn.Pipeline
}

// pgCommand is a statement with its arguments, of the types that [driver.Value] allows.
type pgCommand struct {
	text string
	args []any
}

// pgStatement is a prepared statement.
type pgStatement struct {
	described *pgconn.StatementDescription
	// columns and formats are of the rows it returns.
	columns []string
	formats []int16
}

// Formats of values, and the state of a connection without a transaction (PostgreSQL
// documentation, "Frontend/Backend Protocol").
const (
	textFormat   = 0
	binaryFormat = 1
	pgIdle       = 'I'
)

// QueryContext implements driver.QueryerContext.
func (c *pgConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	reader, err := c.send(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return &pgRows{conn: c, reader: reader, statement: c.statements[text]}, nil
}

// ExecContext implements driver.ExecerContext.
func (c *pgConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	reader, err := c.send(ctx, text, args)
	if err != nil {
		return nil, err
	}
	tag, err := reader.Close()
	if err = errors.Join(err, c.settle()); err != nil {
		return nil, err
	}
	if text == pgCommit && tag.String() != "COMMIT" {
		return nil, fmt.Errorf("store: the server answered a commit with %s", tag)
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// send sends what waits and a statement, and returns the statement's answer; those before it
// have succeeded then.
func (c *pgConn) send(ctx context.Context, text string, args []driver.NamedValue) (*pgconn.ResultReader, error) {
	if c.ctx != nil {
		ctx = c.ctx
	}
	values := make([]any, len(args))
	for i := range args {
		values[i] = args[i].Value
	}
	commands := append(c.before, pgCommand{text, values})
	c.before = nil
	if err := c.prepareMissing(ctx, commands); err != nil {
		return nil, err
	}
	p := c.raw.StartPipeline(ctx)
	for _, command := range commands {
		s := c.statements[command.text]
		parameters, formats, err := encoded(command.args)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.SendQueryStatement(s.described, parameters, formats, s.formats)
	}
	if err := p.Sync(); err != nil {
		return nil, err
	}
	c.answers = p
	for i := 0; ; i++ {
		reader, err := c.answer()
		if last := i == len(commands)-1; last && err == nil {
			return reader, nil
		} else if err == nil {
			_, err = reader.Close()
		}
		if err != nil {
			// What comes after it was not run; the pipeline has no other news.
			_ = c.settle()
			if i < len(commands)-1 {
				err = &earlierError{commands[i].text, err}
			}
			return nil, c.outdated(err)
		}
	}
}

// earlierError is the error of a statement that went along with a later one.
type earlierError struct {
	text string
	err  error
}

func (e *earlierError) Error() string { return e.err.Error() }
func (e *earlierError) Unwrap() error { return e.err }

// answer returns the next answer to what was sent.
func (c *pgConn) answer() (*pgconn.ResultReader, error) {
	result, err := c.answers.GetResults()
	if err != nil {
		return nil, err
	}
	reader, ok := result.(*pgconn.ResultReader)
	if !ok {
		return nil, fmt.Errorf("store: the server answered a statement with %T", result)
	}
	return reader, nil
}

// settle reads what is left of the answers.
func (c *pgConn) settle() error {
	if c.answers == nil {
		return nil
	}
	err := c.answers.Close()
	c.answers = nil
	return err
}

// outdated gives a connection up whose prepared statements do not fit the schema any more.
func (c *pgConn) outdated(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == pgNotSupported {
		clear(c.statements)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return errors.Join(err, c.raw.Close(ctx))
	}
	return err
}

// prepareMissing prepares those of the commands that are not.
func (c *pgConn) prepareMissing(ctx context.Context, commands []pgCommand) error {
	if len(c.statements) >= maxStatements {
		if err := c.forget(ctx); err != nil {
			return err
		}
	}
	var missing []pgCommand
	for i, command := range commands {
		same := func(other pgCommand) bool { return other.text == command.text }
		if c.statements[command.text] == nil && !slices.ContainsFunc(missing, same) {
			missing = append(missing, commands[i])
		}
	}
	if missing == nil {
		return nil
	}
	return c.prepare(ctx, missing, func(string) string {
		c.prepared++
		return "s" + strconv.Itoa(c.prepared)
	})
}

// forget lets go of the prepared statements but for those that keep transactions.
func (c *pgConn) forget(ctx context.Context) error {
	p := c.raw.StartPipeline(ctx)
	for text, s := range c.statements {
		if s.described.Name != text {
			p.SendDeallocate(s.described.Name)
			delete(c.statements, text)
		}
	}
	if err := p.Sync(); err != nil {
		return err
	}
	return p.Close()
}

// prepare prepares commands, all at once, under the names that name gives.
func (c *pgConn) prepare(ctx context.Context, commands []pgCommand, name func(text string) string) error {
	p := c.raw.StartPipeline(ctx)
	names := make([]string, len(commands))
	for i, command := range commands {
		names[i] = name(command.text)
		p.SendPrepare(names[i], command.text, nil)
	}
	if err := p.Sync(); err != nil {
		return err
	}
	for i, command := range commands {
		result, err := p.GetResults()
		described, ok := result.(*pgconn.StatementDescription)
		if err == nil && !ok {
			err = fmt.Errorf("store: the server answered a preparation with %T", result)
		}
		if err != nil {
			_ = p.Close() // it has no other news
			return err
		}
		described.Name = names[i]
		s := &pgStatement{described: described}
		for _, f := range described.Fields {
			s.columns, s.formats = append(s.columns, f.Name), append(s.formats, formatOf(f.DataTypeOID))
		}
		c.statements[command.text] = s
	}
	return p.Close()
}

// encoded gives arguments the form of the protocol. Text is a form of every type; only bytes
// that are no text need the other one.
func encoded(args []any) (parameters [][]byte, formats []int16, err error) {
	parameters, formats = make([][]byte, len(args)), make([]int16, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case nil:
		case string:
			parameters[i] = []byte(v)
		case int64:
			parameters[i] = strconv.AppendInt(nil, v, 10)
		case []byte:
			parameters[i], formats[i] = v, binaryFormat
		case float64:
			parameters[i] = strconv.AppendFloat(nil, v, 'g', -1, 64)
		case bool:
			parameters[i] = strconv.AppendBool(nil, v)
		default:
			return nil, nil, fmt.Errorf("store: argument %d is a %T", i+1, arg)
		}
	}
	return parameters, formats, nil
}

// formatOf is the form in which a column of a type is asked for.
func formatOf(oid uint32) int16 {
	switch oid {
	case pgtype.Int8OID, pgtype.Int4OID, pgtype.Float8OID, pgtype.BoolOID, pgtype.ByteaOID:
		return binaryFormat
	}
	return textFormat
}

// decoded reads a column's value in the form of formatOf; types that the schema does not have
// stay text.
func decoded(oid uint32, raw []byte) (driver.Value, error) {
	size := -1
	switch oid {
	case pgtype.Int8OID, pgtype.Float8OID:
		size = 8
	case pgtype.Int4OID:
		size = 4
	case pgtype.BoolOID:
		size = 1
	}
	switch {
	case raw == nil:
		return nil, nil
	case size >= 0 && len(raw) != size:
		return nil, fmt.Errorf("store: a value of type %d has %d bytes", oid, len(raw))
	}
	switch oid {
	case pgtype.Int8OID:
		return int64(binary.BigEndian.Uint64(raw)), nil
	case pgtype.Int4OID:
		return int64(int32(binary.BigEndian.Uint32(raw))), nil
	case pgtype.Float8OID:
		return math.Float64frombits(binary.BigEndian.Uint64(raw)), nil
	case pgtype.BoolOID:
		return raw[0] != 0, nil
	case pgtype.ByteaOID:
		// The connection uses its buffer again.
		return append(make([]byte, 0, len(raw)), raw...), nil
	}
	return string(raw), nil
}

// pgRows are the rows of a query, read as they come.
type pgRows struct {
	conn      *pgConn
	reader    *pgconn.ResultReader
	statement *pgStatement
}

// Columns implements driver.Rows.
func (r *pgRows) Columns() []string { return r.statement.columns }

// Next implements driver.Rows.
func (r *pgRows) Next(dest []driver.Value) error {
	if !r.reader.NextRow() {
		if _, err := r.reader.Close(); err != nil {
			return err
		}
		return io.EOF
	}
	for i, raw := range r.reader.Values() {
		value, err := decoded(r.statement.described.Fields[i].DataTypeOID, raw)
		if err != nil {
			return err
		}
		dest[i] = value
	}
	return nil
}

// Close implements driver.Rows.
func (r *pgRows) Close() error {
	_, err := r.reader.Close()
	return errors.Join(err, r.conn.settle())
}

// CheckNamedValue implements driver.NamedValueChecker for the types that come most.
func (c *pgConn) CheckNamedValue(v *driver.NamedValue) error {
	switch value := v.Value.(type) {
	case nil, string, int64, []byte:
		return nil
	case int:
		v.Value = int64(value)
		return nil
	}
	return driver.ErrSkip
}

// abandon ends a transaction without waiting for the server's word: there is none that matters.
func (c *pgConn) abandon() {
	c.before = nil
	_ = c.settle() // what it says matters no more
	if c.raw.IsClosed() || c.raw.TxStatus() == pgIdle {
		return
	}
	p := c.raw.StartPipeline(context.Background())
	p.SendQueryStatement(c.statements[pgRollback].described, nil, nil, nil)
	if p.Sync() == nil { // else the connection is closed
		c.answers = p
	}
}

// ResetSession implements driver.SessionResetter: it reads the answer to a rollback.
func (c *pgConn) ResetSession(ctx context.Context) error {
	c.ctx, c.before = nil, nil
	if c.answers != nil {
		stop := context.AfterFunc(ctx, func() { _ = c.raw.Conn().SetDeadline(time.Unix(1, 0)) })
		err := c.settle()
		if !stop() || err != nil {
			return driver.ErrBadConn
		}
	}
	if c.raw.IsClosed() || c.raw.TxStatus() != pgIdle {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid implements driver.Validator.
func (c *pgConn) IsValid() bool { return !c.raw.IsClosed() }

// Close implements driver.Conn.
func (c *pgConn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return c.raw.Close(ctx)
}

var errNotUsed = errors.New("store: transactions and statements of database/sql are not in use here")

// Prepare implements driver.Conn.
func (c *pgConn) Prepare(string) (driver.Stmt, error) { return nil, errNotUsed }

// Begin implements driver.Conn.
func (c *pgConn) Begin() (driver.Tx, error) { return nil, errNotUsed }
