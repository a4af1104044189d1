package store_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestSettings(t *testing.T) {
	ctx := context.Background()
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			for _, value := range []string{"one", "two", ""} {
				if err := db.Update(ctx, func(tx *store.Tx) error { return tx.PutSetting("test/name", value) }); err != nil {
					t.Fatal(err)
				}
				if got, ok := setting(t, db, "test/name"); !ok || got != value {
					t.Errorf("setting = %q, %v, want %q", got, ok, value)
				}
			}
			if got, ok := setting(t, db, "test/Name"); ok {
				t.Errorf("a name in other letters is there: %q", got)
			}
		})
	}
}

func setting(t *testing.T, db *store.DB, name string) (value string, ok bool) {
	t.Helper()
	err := db.View(context.Background(), func(tx *store.Tx) error {
		var err error
		value, ok, err = tx.Setting(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value, ok
}
