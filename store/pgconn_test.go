package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestValues sends values of each type to PostgreSQL and back.
func TestValues(t *testing.T) {
	db := storetest.Postgres().Open(t)
	update(t, db, func(tx *store.Tx) error {
		if _, err := tx.Exec(tx.Schema(`create table all_kinds (n integer, r real, b blob, t text)`)); err != nil {
			return err
		}
		const insert = `insert into all_kinds (n, r, b, t) values ($1, $2, $3, $4)`
		for _, args := range [][]any{
			{int64(math.MinInt64), -1.5e300, []byte{0, 255, '\\', 'x'}, "ä\"'\\{}"},
			{math.MaxInt64, 0.1, []byte{}, ""},
			{true, nil, nil, nil},
		} {
			if n, err := tx.Exec(insert, args...); n != 1 || err != nil {
				return fmt.Errorf("%d rows inserted, %w", n, err)
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		var (
			n       int64
			r       float64
			b       []byte
			s       string
			present bool
		)
		err := tx.Scan([]any{&n, &r, &b, &s}, `select n, r, b, t from all_kinds where n < $1`, 0)
		if err != nil || n != math.MinInt64 || r != -1.5e300 || !bytes.Equal(b, []byte{0, 255, '\\', 'x'}) || s != "ä\"'\\{}" {
			t.Errorf("the first row is %d, %g, %v, %q, %v", n, r, b, s, err)
		}
		err = tx.Scan([]any{&n, &r, &b, &s}, `select n, r, b, t from all_kinds where n > $1`, 1)
		if err != nil || n != math.MaxInt64 || r != 0.1 || b == nil || len(b) != 0 || s != "" {
			t.Errorf("the second row is %d, %g, %v, %q, %v", n, r, b, s, err)
		}
		// The sum of integers is of a type that the schema does not have.
		err = tx.Scan([]any{&n, &present, &b}, `select sum(n), t is null, b from all_kinds where n = $1 group by t, b`, 1)
		if err != nil || n != 1 || !present || b != nil {
			t.Errorf("the third row is %d, %t, %v, %v", n, present, b, err)
		}
		return nil
	})
}

// TestManyStatements runs more different statements than a connection keeps.
func TestManyStatements(t *testing.T) {
	db := storetest.Postgres().Open(t)
	update(t, db, func(tx *store.Tx) error {
		for round := range 2 {
			for i := range 600 {
				var got int
				if err := tx.Scan([]any{&got}, fmt.Sprintf(`select %d + $1::bigint`, i), round); err != nil || got != i+round {
					return fmt.Errorf("%d + %d = %d, %w", i, round, got, err)
				}
			}
		}
		return tx.PutSetting("a", "b")
	})
	if value, _ := setting(t, db, "a"); value != "b" {
		t.Errorf("the setting is %q", value)
	}
}

// TestDelayedStatements shows where the outcome of a statement comes up that nobody waited
// for: with the next one or with the commit, in order, and nothing is kept if it failed.
func TestDelayedStatements(t *testing.T) {
	const insert = `insert into core_settings (name, value, updated_at) values ($1, 'x', 1)`
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			update(t, db, func(tx *store.Tx) error {
				if err := errors.Join(tx.Later(insert, "one"), tx.Later(insert, "two")); err != nil {
					return err
				}
				if value, _, err := tx.Setting("two"); value != "x" || err != nil {
					t.Errorf("a statement that was delayed is not seen by the next: %q, %v", value, err)
				}
				return tx.Later(insert, "three")
			})
			if value, _ := setting(t, db, "three"); value != "x" {
				t.Error("the last statement was lost")
			}
			for name, closure := range map[string]func(tx *store.Tx) error{
				"before another": func(tx *store.Tx) error {
					if err := tx.Later(insert, "one"); err != nil {
						return err
					}
					_, _, err := tx.Setting("one")
					return err
				},
				"before the commit": func(tx *store.Tx) error { return tx.Later(insert, "one") },
				"hidden": func(tx *store.Tx) error {
					_, _ = tx.Later(insert, "four"), tx.Later(insert, "one")
					_, _, _ = tx.Setting("one")
					return nil
				},
			} {
				var conflict *store.ConflictError
				err := db.Update(context.Background(), closure)
				if !errors.As(err, &conflict) || !strings.Contains(err.Error(), "insert into core_settings") {
					t.Errorf("%s: the error is %v", name, err)
				}
			}
			if _, there := setting(t, db, "four"); there {
				t.Error("a part of an update that failed was kept")
			}
			err := db.View(context.Background(), func(tx *store.Tx) error { return tx.Later(insert, "five") })
			if e.Name == "postgres" && !errors.Is(err, store.ErrReadOnly) || err == nil {
				t.Errorf("a view writes: %v", err)
			}
		})
	}
}

// TestSchemaChangesUnderPreparedStatements changes what a statement returns that a connection
// has prepared. The connection is given up; the next one knows better.
func TestSchemaChangesUnderPreparedStatements(t *testing.T) {
	db := storetest.Postgres().Open(t)
	all := func(tx *store.Tx) error { _, err := tx.Strings(`select * from changing`); return err }
	update(t, db, func(tx *store.Tx) error {
		if _, err := tx.Exec(`create table changing (a text)`); err != nil {
			return err
		}
		return all(tx)
	})
	update(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(`alter table changing add column b text`)
		return err
	})
	if err := db.View(t.Context(), all); err == nil {
		t.Error("the statement returns more columns than it did, and nobody noticed")
	}
	view(t, db, func(tx *store.Tx) error {
		var a, b string
		if err := tx.Scan([]any{&a, &b}, `select * from changing`); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("afterwards: %v", err)
		}
		return nil
	})
}
