package store

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that callers tell apart with errors.Is. The error of the engine is wrapped inside,
// for the log.
var (
	// ErrNotFound says that a query for one row found none.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict says that a row with the same unique key exists. errors.As with
	// *[ConflictError] tells which key.
	ErrConflict = errors.New("store: conflict with an existing row")
	// ErrReference says that a row refers to one that is not there, or that a row to be
	// deleted is still referred to.
	ErrReference = errors.New("store: broken reference")
	// ErrBusy says that others held what the transaction needs for too long, or that
	// PostgreSQL asked again and again for a new attempt. Nothing was written.
	ErrBusy = errors.New("store: busy")
	// ErrFull says that the disk is full. Nothing was written.
	ErrFull = errors.New("store: disk is full")
	// ErrDisk says that the disk fails, or that it takes no writes because its file system, or
	// the database, is read-only now. Nothing was written.
	ErrDisk = errors.New("store: disk fails or takes no writes")
	// ErrReadOnly says that a write was tried in a View. An Update on read-only storage is
	// [ErrDisk] as well.
	ErrReadOnly = errors.New("store: read-only")
	// ErrText says that an argument is not text which both engines can hold: it is not
	// UTF-8 or has a NUL character.
	ErrText = errors.New("store: text is not UTF-8 or has a NUL character")
	// ErrUnavailable says that PostgreSQL did not answer, or not in time. A transaction that
	// began its commit may have happened, any other has not. It is worth trying again.
	ErrUnavailable = errors.New("store: database does not answer")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("store: closed")
	// ErrNewer says that the database was written by a newer version of this program.
	ErrNewer = errors.New("store: database is newer than this program")
	// ErrLocked says that another process uses the data folder.
	ErrLocked = errors.New("store: data folder is in use")
	// ErrDamaged says that the SQLite file is not intact: a backup must be restored.
	ErrDamaged = errors.New("store: database file is damaged")
	// ErrTxDone says that a Tx was used after its closure had returned.
	ErrTxDone = errors.New("store: transaction is over")
)

// ConflictError is the error of a row whose unique key exists already. It matches
// [ErrConflict].
type ConflictError struct {
	// Table is the table's name. It is empty when SQLite names the index only.
	Table string
	// Columns are the columns of the key, in its order; empty when SQLite names the index
	// only, which it does for an index on an expression.
	Columns []string
	// Index is the name of the index or constraint. It is empty when SQLite names columns.
	Index string
	// Err is the engine's own error.
	Err error
}

// Error names the key.
func (e *ConflictError) Error() string {
	key := e.Table + " (" + strings.Join(e.Columns, ", ") + ")"
	if len(e.Columns) == 0 {
		key = "index " + e.Index
	}
	return fmt.Sprintf("%v: %s", ErrConflict, key)
}

// Is makes the error match [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// Unwrap returns the engine's own error.
func (e *ConflictError) Unwrap() error { return e.Err }

// kindError adds one of the errors above to an engine's own.
type kindError struct {
	kind error
	err  error
}

func (e *kindError) Error() string   { return e.kind.Error() + ": " + e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }

// Unavailable is what [Unavailable] says of the error, for those who do not know this package.
func (e *kindError) Unavailable() bool { return Unavailable(e.kind) }

// Unavailable reports whether an error says that the store could not be used at this time,
// whatever was asked of it: the same may succeed a moment later, on this node or another.
func Unavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrClosed) || refusesWrites(err)
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// refusesWrites reports whether an error says that the storage takes no writes at this time.
func refusesWrites(err error) bool { return errors.Is(err, ErrFull) || errors.Is(err, ErrDisk) }
