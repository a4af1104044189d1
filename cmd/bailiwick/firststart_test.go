package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// interrupted is a source of randomness that lets something happen before its first byte.
type interrupted struct{ first func() }

func (r *interrupted) Read(p []byte) (int, error) {
	if first := r.first; first != nil {
		r.first = nil
		first()
	}
	return rand.Read(p)
}

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
	one := storetest.Reopen(t, options)
	// Written before, so that the slow one has nothing written yet when the fast one comes.
	if err := one.Update(t.Context(), func(tx *store.Tx) error { return checkMasterKey(tx, vault) }); err != nil {
		t.Fatal(err)
	}
	flags := func() *serverFlags {
		return &serverFlags{DataDir: t.TempDir(), AccountName: "Management", RootEmail: "root@example.com"}
	}
	fast, slow := flags(), flags()
	var winner firstAccount
	two := storetest.Reopen(t, options, func(o *store.Options) {
		o.Rand = &interrupted{first: func() {
			if winner, err = bootstrap(t.Context(), one, vault, fast); err != nil {
				t.Error(err)
			}
		}}
	})
	loser, err := bootstrap(t.Context(), two, vault, slow)
	if err != nil {
		t.Fatal(err)
	}
	if winner.Secret == "" || loser.ID != winner.ID || loser.Secret != "" || loser.CredentialsFile != "" {
		t.Errorf("winner %s, loser %+v", winner.ID, loser)
	}
	if _, err := os.Stat(filepath.Join(fast.DataDir, "credentials")); err != nil {
		t.Errorf("the winner's credentials: %v", err)
	}
	if _, err := os.Stat(filepath.Join(slow.DataDir, "credentials")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the loser's credentials: %v", err)
	}
}
