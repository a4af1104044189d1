package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// fileStore makes a SQLite store with values and returns its path; the store is closed.
func fileStore(t *testing.T) (path string, lines []string) {
	t.Helper()
	var options store.Options
	e := storetest.File()
	inner := e.New
	e.New = func(t testing.TB) store.Options {
		options = inner(t)
		return options
	}
	db := everyValue(t, e)
	_, lines = export(t, db, true)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return options.Path, lines
}

func TestBackupUnderWrites(t *testing.T) {
	path, _ := fileStore(t)
	db := storetest.Reopen(t, store.Options{Path: path})
	update(t, db, func(tx *store.Tx) error { return errors.Join(tx.PutSetting("a", "500"), tx.PutSetting("b", "500")) })
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := db.Update(ctx, func(tx *store.Tx) error { return move(tx, i%7-3) }); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	for range 10 {
		target := filepath.Join(t.TempDir(), "backup.db")
		if err := store.Backup(t.Context(), path, target); err != nil {
			t.Fatal(err)
		}
		copied := storetest.Reopen(t, store.Options{Path: target})
		_, lines := export(t, copied, true)
		if sum, state := amounts(t, lines); sum != 1000 {
			t.Errorf("a backup has %d (%s)", sum, state)
		}
	}
	stop()
	writer.Wait()
}

func TestBackupIsEqual(t *testing.T) {
	path, lines := fileStore(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "a b?#%.db")
	if err := store.Backup(t.Context(), path, target); err != nil {
		t.Fatal(err)
	}
	copied := storetest.Reopen(t, store.Options{Path: target})
	if _, got := export(t, copied, true); !slices.Equal(got, lines) {
		t.Error("the backup has other rows")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the backup changed the store (%v)", err)
	}
	if err := store.Backup(t.Context(), path, target); err == nil {
		t.Error("a backup replaced another")
	}
	if err := store.Backup(t.Context(), path+".none", target+"2"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("backup of nothing = %v", err)
	}
}

// TestQuickCheckIsBounded stops the look at a file before its end; the store goes on.
func TestQuickCheckIsBounded(t *testing.T) {
	options := storetest.File().New(t)
	db := storetest.Reopen(t, options)
	update(t, db, func(tx *store.Tx) error {
		for i := range 50_000 {
			if err := tx.PutSetting(strconv.Itoa(i), strings.Repeat("x", 1000)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, atMost := range []time.Duration{time.Microsecond, time.Millisecond, 3 * time.Millisecond, time.Minute} {
		began := time.Now()
		if err := store.QuickCheck(t.Context(), options.Path, atMost); err != nil {
			t.Errorf("check in %s: %v", atMost, err)
		}
		took := time.Since(began)
		t.Logf("check in %s took %s", atMost, took)
		if took > atMost+time.Second {
			t.Errorf("check in %s took %s", atMost, took)
		}
		update(t, db, func(tx *store.Tx) error { return tx.PutSetting("after", atMost.String()) })
	}
}

// TestDamage damages a file in several ways: opening it, or checking it, finds that out.
func TestDamage(t *testing.T) {
	path, _ := fileStore(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	cases := []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"other file", func([]byte) []byte { return []byte(strings.Repeat("no database ", 1000)) }},
		{"header", func(b []byte) []byte { copy(b, "SQLite format 4"); return b }},
		{"schema page", func(b []byte) []byte { clear(b[100:page]); return b }},
		{"second half lost", func(b []byte) []byte { return b[:len(b)/2/page*page] }},
		{"pages zeroed", func(b []byte) []byte { clear(b[2*page : 12*page]); return b }},
		{"pages of noise", func(b []byte) []byte {
			for i := 3 * page; i < 9*page; i++ {
				b[i] ^= byte(i*7 + 1)
			}
			return b
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bailiwick.db")
			if err := os.WriteFile(path, c.damage(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := store.CheckFile(t.Context(), path, nil); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("check = %v, want ErrDamaged", err)
			}
			if db, err := store.Open(t.Context(), store.Options{Path: path}); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("open = %v, want ErrDamaged", err)
				if err == nil {
					_ = db.Close()
				}
			}
			if err := store.Backup(t.Context(), path, filepath.Join(t.TempDir(), "b.db")); err == nil {
				t.Error("a damaged file was backed up without a word")
			}
		})
	}
	if err := store.CheckFile(t.Context(), path, accept); err != nil {
		t.Errorf("check of the whole file = %v", err)
	}
	refused := errors.New("refused")
	if err := store.CheckFile(t.Context(), path, func(*store.Tx) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("check = %v, want the caller's refusal", err)
	}
}
