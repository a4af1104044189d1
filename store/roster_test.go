package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// later are migrations of a later version of the program.
func later(texts ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i, text := range texts {
		out["migrations/900"+string(rune('1'+i))+"_later.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

const (
	additive = "alter table core_settings add column note text; create table core_more (id text primary key); create unique index core_more_u on core_more (id);"
	breaking = "-- breaking: the value moves\nalter table core_settings rename column value to worth;"
)

// TestVersionsSideBySide starts nodes of a later version beside one that runs.
func TestVersionsSideBySide(t *testing.T) {
	options := storetest.Postgres().New(t)
	store.NodeTimes(&options, 100*time.Millisecond, 4*time.Second)
	options.Version = "1.2.3"
	old := storetest.Reopen(t, options)

	// A schema that only has more: both live with it, and the older cannot be started again.
	newer, err := store.OpenWith(t.Context(), options, later(additive))
	if err != nil {
		t.Fatal(err)
	}
	update(t, old, func(tx *store.Tx) error { return tx.PutSetting("from", "the old one") })
	if value, _ := setting(t, newer, "from"); value != "the old one" {
		t.Errorf("the newer node reads %q", value)
	}
	if _, err := store.Open(t.Context(), options); !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "use a newer bailiwick") {
		t.Errorf("an older node starts on a newer schema: %v", err)
	}
	if err := newer.Close(); err != nil {
		t.Error(err)
	}

	// One that the older cannot live with has to wait until it has gone.
	began := time.Now()
	_, err = store.OpenWith(t.Context(), options, later(additive, breaking))
	if took := time.Since(began); !errors.Is(err, store.ErrOlderNodes) || !strings.Contains(err.Error(), "9002_later") ||
		!strings.Contains(err.Error(), "stop all 1 nodes of version 1.2.3") || took > 10*time.Second {
		t.Errorf("beside an older node: %v after %v", err, took)
	}
	update(t, old, func(tx *store.Tx) error { return tx.PutSetting("from", "the old one still") })
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	began = time.Now()
	newer, err = store.OpenWith(t.Context(), options, later(additive, breaking))
	if err != nil || time.Since(began) > time.Second {
		t.Fatalf("when the older node has gone: %v after %v", err, time.Since(began))
	}
	if err := newer.Close(); err != nil {
		t.Error(err)
	}
}

// TestNodeThatDiedIsNotWaitedForLong leaves a node on the roster that says nothing any more.
func TestNodeThatDiedIsNotWaitedForLong(t *testing.T) {
	options := storetest.Postgres().New(t)
	store.NodeTimes(&options, 100*time.Millisecond, time.Second)
	db := storetest.Reopen(t, options)
	update(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(`insert into core_nodes (id, version, knows, began_at, seen_at)
			select 'dead', 'old', 21, seen_at, seen_at from core_nodes`)
		return err
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	newer, err := store.OpenWith(t.Context(), options, later("-- breaking: x\ndrop table core_settings;"))
	if err != nil {
		t.Fatal(err)
	}
	if err := newer.Close(); err != nil {
		t.Error(err)
	}
}

func TestUnmarkedMigrationsAreAdditive(t *testing.T) {
	for text, fine := range map[string]bool{
		additive: true,
		breaking: true,
		"create index core_x on core_settings (value);":                      true,
		"drop index core_changes_xid;":                                       true,
		"alter table core_settings add column n integer not null default 0;": true,
		"alter table core_settings add column n integer not null;":           false,
		"create unique index core_x on core_settings (value);":               false,
		"drop table core_settings;":                                          false,
		"update core_settings set value = '';":                               false,
		"alter table core_settings drop column value;":                       false,
	} {
		// An empty store: what the text does to it does not matter here.
		db, err := store.OpenWith(context.Background(), store.Options{Memory: true}, later(text))
		if refused := err != nil && strings.Contains(err.Error(), "mark the file"); refused == fine {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil {
			_ = db.Close()
		}
	}
}
