package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func put(tx *store.Tx) error { return tx.PutSetting("a", "b") }

// refuses expects the storage to take no writes, which may take a moment to be so.
func refuses(t *testing.T, db *store.DB, kind error) {
	t.Helper()
	err := db.Update(t.Context(), put)
	for end := time.Now().Add(patience); err == nil && time.Now().Before(end); err = db.Update(t.Context(), put) {
		time.Sleep(time.Millisecond)
	}
	if !errors.Is(err, kind) || !store.Unavailable(err) {
		t.Errorf("update = %v, want %v", err, kind)
	}
	if err := db.TakesWrites(t.Context()); !errors.Is(err, kind) {
		t.Errorf("it takes writes: %v, want %v", err, kind)
	}
	setting(t, db, "a") // reads go on
}

func takes(t *testing.T, db *store.DB) {
	t.Helper()
	for range 2 {
		if err := db.TakesWrites(t.Context()); err != nil {
			t.Errorf("it takes no writes: %v", err)
		}
	}
	update(t, db, put)
}

// A database may be made read-only while it is in use: providers do so when its disk is
// nearly full.
func TestDatabaseThatIsMadeReadOnly(t *testing.T) {
	options := storetest.Postgres().New(t)
	db := storetest.Reopen(t, options)
	takes(t, db)
	config, err := pgx.ParseConfig(options.URL)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["default_transaction_read_only"] = "off"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// Sessions that stand keep the setting that they began with.
	readOnly := func(value string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), fmt.Sprintf(`alter database %q set default_transaction_read_only = %s`, config.Database, value))
		if err == nil {
			_, err = conn.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and pid <> pg_backend_pid()`)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	readOnly("on")
	refuses(t, db, store.ErrDisk)
	readOnly("off")
	takes(t, db)
	if got, ok := setting(t, db, "store/trial"); ok {
		t.Errorf("the trial stays: %q", got)
	}
}

// SQLite says of a connection that only reads what it says of a file that can only be read.
func TestFileThatTakesNoWrites(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.Memory(), storetest.File()} {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			takes(t, db)
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.Strings(`pragma query_only = on`)
				return err
			})
			refuses(t, db, store.ErrDisk)
		})
	}
}
