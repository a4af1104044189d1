package store

import (
	"context"

	"github.com/bailiwick/bailiwick/audit"
)

// Write runs fn in one Update and returns its output. If a call is being recorded in ctx,
// the events of its success are written in the same transaction: what was done and that it
// was done are kept together or not at all. On an error the output is the zero value.
//
// Like every closure of an Update, fn may run more than once.
func Write[O any](ctx context.Context, db *DB, fn func(*Tx) (O, error)) (O, error) {
	var (
		out    O
		zero   O
		stored bool
		rec    = audit.FromContext(ctx)
		mark   = rec.Mark()
	)
	err := db.Update(ctx, func(tx *Tx) error {
		rec.Rewind(mark)
		var err error
		if out, err = fn(tx); err != nil {
			return err
		}
		stored, err = tx.record(rec, out)
		return err
	})
	if err != nil {
		return zero, err
	}
	if stored {
		rec.MarkStored()
	}
	return out, nil
}

// Read runs fn in one View and returns its output. It writes no event: events of reads go
// through the audit queue. On an error the output is the zero value.
func Read[O any](ctx context.Context, db *DB, fn func(*Tx) (O, error)) (O, error) {
	var out, zero O
	err := db.View(ctx, func(tx *Tx) error {
		var err error
		out, err = fn(tx)
		return err
	})
	if err != nil {
		return zero, err
	}
	return out, nil
}

// record writes the events of the call, if one is being recorded, into the transaction and
// reports whether it did.
func (tx *Tx) record(rec *audit.Recording, out any) (bool, error) {
	if rec == nil {
		return false, nil
	}
	return true, tx.AppendEvents(rec.Complete(out))
}
