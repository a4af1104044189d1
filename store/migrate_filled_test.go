package store_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestMigrateFromEverySchema fills a database of each schema that there ever was, on both
// engines, and opens it: every row must come through with all its values.
func TestMigrateFromEverySchema(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		for n := 1; n < store.Migrations(t); n++ {
			t.Run(fmt.Sprint(e.Name, n), func(t *testing.T) {
				options := e.New(t)
				if e.Shared {
					options = store.Options{URL: pgtest.Database(t)} // the engine's own has the newest schema
				}
				old, tables := store.OpenOld(t, options, n)
				update(t, old, func(tx *store.Tx) error {
					for _, table := range tables {
						if err := fillOld(tx, table); err != nil {
							return err
						}
					}
					return nil
				})
				if err := old.Close(); err != nil {
					t.Fatal(err)
				}
				db := storetest.Reopen(t, options)
				view(t, db, func(tx *store.Tx) error {
					for _, table := range tables {
						checkOld(t, tx, table)
					}
					return nil
				})
				// The newest schema takes a write.
				update(t, db, func(tx *store.Tx) error { return tx.PutSetting("after", "x") })
			})
		}
	}
}

// oldValues are what the columns of a kind get; references are all to the one row there is.
var oldValues = map[string]any{"text": "x", "integer": int64(1), "blob": []byte{0, 255}}

func fillOld(tx *store.Tx, table store.OldTable) error {
	var places []string
	var args []any
	for i, kind := range table.Kinds {
		places, args = append(places, "$"+strconv.Itoa(i+1)), append(args, oldValues[kind])
	}
	_, err := tx.Exec("insert into "+table.Name+" ("+strings.Join(table.Columns, ", ")+") values ("+strings.Join(places, ", ")+")", args...)
	return err
}

// checkOld looks for the row with each value of it.
func checkOld(t *testing.T, tx *store.Tx, table store.OldTable) {
	t.Helper()
	var conditions []string
	var args []any
	for i, column := range table.Columns {
		conditions, args = append(conditions, column+" = $"+strconv.Itoa(i+1)), append(args, oldValues[table.Kinds[i]])
	}
	var n int
	err := tx.Scan([]any{&n}, "select count(*) from "+table.Name+" where "+strings.Join(conditions, " and "), args...)
	if err != nil || n != 1 {
		t.Errorf("%s: %d rows have come through, %v", table.Name, n, err)
	}
}
