package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestTablesThatGrowAreAnalyzed fills a table: it is analyzed then, and again once it has
// twice as many rows, and not in between.
func TestTablesThatGrowAreAnalyzed(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres().Open(t)
	rows := 0
	fill := func(count int) {
		update(t, db, func(tx *store.Tx) error {
			for range count {
				rows++
				if err := tx.PutSetting(fmt.Sprintf("name %d", rows), "value"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	// The server counts rows with some delay, at the end of a later transaction.
	within := func(limit time.Duration) (tables int) {
		t.Helper()
		for deadline := time.Now().Add(limit); tables == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			update(t, db, func(tx *store.Tx) error { return tx.PutSetting("name 1", time.Now().String()) })
			n, more, err := db.AnalyzeGrown(t.Context())
			if tables += n; err != nil || more {
				t.Fatal(n, more, err)
			}
		}
		return tables
	}
	analyzed := func() {
		t.Helper()
		if within(patience) == 0 {
			t.Fatalf("nothing was analyzed with %d rows", rows)
		}
		var known float64
		view(t, db, func(tx *store.Tx) error {
			return tx.Scan([]any{&known}, `select reltuples::float8 from pg_class where relname = 'core_settings'`)
		})
		if int(known) != rows {
			t.Errorf("the planner knows of %g rows, there are %d", known, rows)
		}
	}
	left := func() {
		t.Helper()
		if n := within(1500 * time.Millisecond); n != 0 {
			t.Errorf("%d tables were analyzed with %d rows", n, rows)
		}
	}
	fill(50)
	left()
	fill(150)
	analyzed()
	fill(100)
	left()
	fill(200)
	analyzed()
}

func TestNothingIsAnalyzedOnSQLite(t *testing.T) {
	if n, more, err := storetest.Memory().Open(t).AnalyzeGrown(t.Context()); n != 0 || more || err != nil {
		t.Error(n, more, err)
	}
}
