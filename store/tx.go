package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Tx is one transaction. It belongs to the closure that got it and is used by one
// goroutine at a time.
type Tx struct {
	ctx     context.Context
	session session
	dialect *dialect
	rand    io.Reader
	now     time.Time
	write   bool

	touched []string
	// err is the first SQL error; it spoils the transaction.
	err error
	// rows are open while they are scanned: the connection has no room for a second
	// statement then.
	rows *sql.Rows
	done bool
}

// session is one connection inside a transaction.
type session interface {
	exec(ctx context.Context, sql string, args []any) (sql.Result, error)
	query(ctx context.Context, sql string, args []any) (*sql.Rows, error)
}

// Now returns the time of the transaction: UTC, in whole microseconds (what the store
// keeps), the same for the whole closure.
func (tx *Tx) Now() time.Time { return tx.now }

// Rand returns the store's source of randomness.
func (tx *Tx) Rand() io.Reader { return tx.rand }

// Touch tells caches that what scope covers is changed by this transaction; see
// [DB.Revision]. Scopes in use: "iam/<accountID>" (all that principals of an account
// carry), "org/<organizationID>" (features, policy types, policies and what the root and OUs
// carry of them), "account/<accountID>" (state and place of one account, and the policies
// attached to itself), "key/<accessKeyID>". In a View it is an error, which the View returns.
func (tx *Tx) Touch(scope string) {
	if !tx.write {
		tx.fail(fmt.Errorf("%w: touch %s", ErrReadOnly, scope))
		return
	}
	for _, have := range tx.touched {
		if have == scope {
			return
		}
	}
	tx.touched = append(tx.touched, scope)
}

// fail notes the first error of the transaction and returns err.
func (tx *Tx) fail(err error) error {
	if tx.err == nil {
		tx.err = err
	}
	return err
}

// ready says whether the transaction can take one more statement.
func (tx *Tx) ready() error {
	switch {
	case tx.done:
		return ErrTxDone
	case tx.err != nil:
		return tx.err
	case tx.rows != nil:
		return tx.fail(errors.New("store: statement inside the scan of another"))
	}
	if err := tx.ctx.Err(); err != nil {
		return tx.fail(err)
	}
	return nil
}

// exec runs a statement and returns how many rows it affected.
func (tx *Tx) exec(sql string, args ...any) (int64, error) {
	if err := tx.ready(); err != nil {
		return 0, err
	}
	if err := normalize(args); err != nil {
		return 0, tx.fail(err)
	}
	res, err := tx.session.exec(tx.ctx, sql, args)
	if err != nil {
		return 0, tx.fail(tx.explain(err, sql))
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, tx.fail(tx.explain(err, sql))
	}
	return n, nil
}

// later runs a statement of which nothing but its success matters: where there is a way to the database it goes with the statement after it, or with the
// commit, and its error is theirs. Statements keep their order.
func (tx *Tx) later(sql string, args ...any) error {
	delayed, ok := tx.session.(interface {
		crowded() bool
		later(text string, args []any) error
	})
	// Who only reads is told at once.
	if !ok || !tx.write || delayed.crowded() {
		_, err := tx.exec(sql, args...)
		return err
	}
	if err := tx.ready(); err != nil {
		return err
	}
	if err := normalize(args); err != nil {
		return tx.fail(err)
	}
	if err := delayed.later(sql, args); err != nil {
		return tx.fail(err)
	}
	return nil
}

// row is the answer of queryRow.
type row struct {
	tx   *Tx
	sql  string
	rows *sql.Rows
	err  error
}

// queryRow runs a statement that returns at most one row which matters.
func (tx *Tx) queryRow(sql string, args ...any) row {
	rows, err := tx.query(sql, args)
	return row{tx: tx, sql: sql, rows: rows, err: err}
}

// Scan copies the columns of the row. It returns ErrNotFound if there is none; it must be
// called, once.
func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	var err error
	found := r.rows.Next()
	if found {
		err = r.rows.Scan(dest...)
	}
	// A statement that writes and returns has done its work only when its rows are read to
	// the end.
	if found && err == nil {
		r.rows.Next()
	}
	err = errors.Join(err, r.rows.Err(), r.tx.closeRows())
	if err != nil {
		return r.tx.fail(r.tx.explain(err, r.sql))
	}
	if !found {
		return ErrNotFound
	}
	return nil
}

// queryAll runs a statement and returns what scan makes of each row, in order. scan must
// not run another statement.
func queryAll[T any](tx *Tx, scan func(*sql.Rows) (T, error), sql string, args ...any) ([]T, error) {
	rows, err := tx.query(sql, args)
	if err != nil {
		return nil, err
	}
	var out []T
	for err == nil && rows.Next() {
		var item T
		if item, err = scan(rows); err == nil {
			out = append(out, item)
		}
	}
	err = errors.Join(err, rows.Err(), tx.closeRows())
	if err != nil {
		return nil, tx.fail(tx.explain(err, sql))
	}
	return out, nil
}

func (tx *Tx) query(sql string, args []any) (*sql.Rows, error) {
	if err := tx.ready(); err != nil {
		return nil, err
	}
	if err := normalize(args); err != nil {
		return nil, tx.fail(err)
	}
	rows, err := tx.session.query(tx.ctx, sql, args)
	if err != nil {
		return nil, tx.fail(tx.explain(err, sql))
	}
	tx.rows = rows
	return rows, nil
}

func (tx *Tx) closeRows() error {
	rows := tx.rows
	tx.rows = nil
	return rows.Close()
}

// explain adds the meaning of an engine's error and the beginning of the statement.
func (tx *Tx) explain(err error, sql string) error { return explained(tx.dialect, err, sql) }

func explained(d *dialect, err error, sql string) error {
	var earlier *earlierError
	if errors.As(err, &earlier) {
		sql = earlier.text
	}
	return fmt.Errorf("%w (in: %s)", d.classify(err), shortened(sql))
}

// shortened is the beginning of a statement, for messages.
func shortened(sql string) string {
	words := strings.Join(strings.Fields(sql), " ")
	const enough = 80
	if len(words) > enough {
		words = words[:enough] + "…"
	}
	return words
}

// normalize turns arguments into what both engines take alike.
func normalize(args []any) error {
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			if err := checkText(v); err != nil {
				return fmt.Errorf("%w (argument %d)", err, i+1)
			}
		case *string:
			args[i] = nil
			if v != nil {
				if err := checkText(*v); err != nil {
					return fmt.Errorf("%w (argument %d)", err, i+1)
				}
				args[i] = *v
			}
		case bool:
			args[i] = int64(0)
			if v {
				args[i] = int64(1)
			}
		case time.Time:
			args[i] = v.UnixMicro()
		case *time.Time:
			args[i] = nil
			if v != nil {
				args[i] = v.UnixMicro()
			}
		}
	}
	return nil
}

func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return ErrText
	}
	return nil
}
