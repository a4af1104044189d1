package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
)

// While another process writes to the file, updates wait together, not one after the other.
func TestUpdatesThatWaitForALockGiveUpTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "locked.db")
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	other, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "begin immediate"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := db.Update(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrBusy) {
				t.Errorf("while the file is locked: %v", err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("ten updates gave up after %v", took)
	}
	if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), "rollback"); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(*store.Tx) error { return nil }); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}
