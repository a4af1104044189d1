package storetest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
)

// Engine is one way to keep data.
type Engine struct {
	// Name is "memory", "file" or "postgres".
	Name string
	// Durable says that the data outlives the store: the same options can be opened again.
	Durable bool
	// Shared says that several stores can have the same data open at once.
	Shared bool
	// Closing, if set, is called before a store that Open opened is closed.
	Closing func(t testing.TB, db *store.DB)
	// New returns the options of a fresh, empty place, which is removed when the test ends.
	New func(t testing.TB) store.Options
}

// Engines returns all engines.
func Engines(t testing.TB) []Engine {
	t.Helper()
	return []Engine{Memory(), File(), Postgres()}
}

// Memory is SQLite in memory, the fastest.
func Memory() Engine {
	return Engine{
		Name: "memory",
		New:  func(testing.TB) store.Options { return store.Options{Memory: true} },
	}
}

// File is SQLite in a file.
func File() Engine {
	return Engine{
		Name:    "file",
		Durable: true,
		New: func(t testing.TB) store.Options {
			return store.Options{Path: filepath.Join(t.TempDir(), "bailiwick.db")}
		},
	}
}

// Postgres is a database of a PostgreSQL server (package pgtest). Without a server the test
// that asks for a place fails.
func Postgres() Engine {
	return Engine{
		Name:    "postgres",
		Durable: true,
		Shared:  true,
		New: func(t testing.TB) store.Options {
			return store.Options{URL: pgtest.Clone(t, "migrated", migrated)}
		},
	}
}

// migrated fills the template that test databases are copied from: copying is faster than
// migrating anew.
func migrated(url string) error {
	db, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return err
	}
	return db.Close()
}

// Open opens a store in a fresh place and closes it when the test ends. Each edit may
// change the options, to set a clock for example.
func (e Engine) Open(t testing.TB, edits ...func(*store.Options)) *store.DB {
	t.Helper()
	db := Reopen(t, e.New(t), edits...)
	if e.Closing != nil {
		t.Cleanup(func() { e.Closing(t, db) })
	}
	return db
}

// Reopen opens a store with given options and closes it when the test ends; a test may
// close it earlier.
func Reopen(t testing.TB, options store.Options, edits ...func(*store.Options)) *store.DB {
	t.Helper()
	for _, edit := range edits {
		edit(&options)
	}
	db, err := store.Open(context.Background(), options)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return db
}
