package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestMigrate(t *testing.T) {
	files := func(more ...string) fstest.MapFS {
		out := fstest.MapFS{}
		for i := 0; i < len(more); i += 2 {
			out["migrations/"+more[i]+".sql"] = &fstest.MapFile{Data: []byte(more[i+1])}
		}
		return out
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db := emptySchema(t, e)
			steps := []struct {
				name  string
				files fstest.MapFS
				// want is part of the error, or empty.
				want string
			}{
				{"first", files("0001_a", "create table mig_a (x text);"), ""},
				{"the same again", files("0001_a", "create table mig_a (x text);"), ""},
				{
					"two more, the second of which is wrong",
					files("0001_a", "create table mig_a (x text);", "0002_b", "create table mig_b (x text);", "0003_c", "create wrong;"),
					"migration 0003_c",
				},
				{
					"both again, since neither had stayed",
					files("0001_a", "create table mig_a (x text);", "0002_b", "create table mig_b (x text);", "0005_c", "create table mig_c (x text);"), "",
				},
				{
					"one in a gap, from another domain",
					files("0001_a", "create table mig_a (x text);", "0002_b", "create table mig_b (x text);", "0004_d", "create table mig_d (x text);",
						"0005_c", "create table mig_c (x text);"), "",
				},
				{"changed", files("0001_a", "create table mig_a (y text);", "0005_c", "create table mig_c (x text);"), "0001_a is not the one"},
				{"older program", files("0001_a", "create table mig_a (x text);"), "database schema is version 5, this binary knows up to 1: use a newer bailiwick"},
				{"number used twice", files("0001_a", "", "0001_b", ""), "number 1 is taken"},
				{"no number", files("a", ""), "not NNNN_name.sql"},
			}
			for _, step := range steps {
				err := db.Migrate(t.Context(), step.files)
				if step.want == "" && err != nil || step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)) {
					t.Errorf("%s: %v, want %q", step.name, err, step.want)
				}
				if newer := strings.HasPrefix(step.name, "older"); newer != errors.Is(err, store.ErrNewer) {
					t.Errorf("%s: %v", step.name, err)
				}
			}
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.Exec(`insert into mig_a (x) select x from mig_b union select x from mig_c union select x from mig_d`)
				return err
			})
		})
	}
}

// emptySchema opens a store and makes it forget its migrations, so that a test can bring
// its own.
func emptySchema(t *testing.T, e storetest.Engine) *store.DB {
	db := e.Open(t)
	update(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(`delete from schema_migrations`)
		return err
	})
	return db
}

func TestOpenRefusesNewerDatabase(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		if !e.Durable {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			options := e.New(t)
			db := storetest.Reopen(t, options)
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.Exec(`insert into schema_migrations (version, name, checksum, applied_at) values (9999, 'later', '', 0)`)
				return err
			})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time shows that the first gave the lock back
				if _, err := store.Open(t.Context(), options); !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "version 9999") {
					t.Errorf("open = %v, want ErrNewer", err)
				}
			}
		})
	}
}

func TestNodesMigrateOneAfterTheOther(t *testing.T) {
	url := pgtest.Database(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			db, err := store.Open(context.Background(), store.Options{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestOpenNeedsOnePlace(t *testing.T) {
	for _, o := range []store.Options{{}, {Path: "a", Memory: true}, {Memory: true, URL: "postgres://x"}, {URL: "nonsense://"}, {Path: "/nowhere/at/all.db"}} {
		if db, err := store.Open(t.Context(), o); err == nil {
			t.Errorf("open %+v succeeded", o)
			_ = db.Close()
		}
	}
}
