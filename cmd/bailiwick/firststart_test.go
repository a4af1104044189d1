package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// Of two nodes that start at once on an empty database one makes the first account. The
// other must not leave credentials behind that are nobody's.
func TestFirstStartOfTwoNodes(t *testing.T) {
	key, err := credential.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := credential.NewVault(credential.NewKeyring(key))
	if err != nil {
		t.Fatal(err)
	}
	options := storetest.Postgres().New(t)
	one, two := storetest.Reopen(t, options), storetest.Reopen(t, options)
	if err := one.Update(t.Context(), func(tx *store.Tx) error { return checkMasterKey(tx, vault) }); err != nil {
		t.Fatal(err)
	}
	f := &serverFlags{DataDir: t.TempDir(), AccountName: "Management", RootEmail: "root@example.com"}
	file := filepath.Join(f.DataDir, "credentials")

	// The fast node commits when the slow one has written its file.
	const winner = "111122223333"
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- one.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.PutSetting(settingFirstAccount, winner); err != nil {
				return err
			}
			close(begun)
			for range 1000 {
				if _, err := os.Stat(file); err == nil {
					return nil
				}
				time.Sleep(10 * time.Millisecond)
			}
			return errors.New("the slow node writes no file")
		})
	}()
	<-begun
	loser, err := bootstrap(t.Context(), two, vault, f)
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if loser != (firstAccount{ID: winner}) {
		t.Errorf("the slow node has %+v", loser)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the slow node's credentials: %v", err)
	}
}
