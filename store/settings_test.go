package store_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/store"
)

func TestSmoke(t *testing.T) {
	for _, o := range []store.Options{{Memory: true}, {Path: t.TempDir() + "/x.db"}} {
		db, err := store.Open(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Update(context.Background(), func(tx *store.Tx) error { return tx.PutSetting("a", "b") }); err != nil {
			t.Fatal(err)
		}
		v, err := store.Read(context.Background(), db, func(tx *store.Tx) (string, error) {
			v, ok, err := tx.Setting("a")
			if !ok {
				t.Error("not there")
			}
			return v, err
		})
		if v != "b" || err != nil {
			t.Fatal(v, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
