package credential_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// What was sealed before a rotation opens after it, while it happens, until the old key goes.
func TestRotationWhileInUse(t *testing.T) {
	first, second := testKey(t, "11"), testKey(t, "22")
	ring := credential.NewKeyring(first)
	v, err := credential.NewVault(ring)
	if err != nil {
		t.Fatal(err)
	}
	sealer := credential.NewSealer(ring)
	old, err := v.Seal("owner", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	c := roleSession()
	issued := c.Session.IssuedAt
	token, err := sealer.Seal(c, "s")
	if err != nil {
		t.Fatal(err)
	}
	opens := func() error {
		got, err := v.Open("owner", old)
		if err == nil && !bytes.Equal(got, []byte("secret")) {
			err = errors.New("another secret")
		}
		_, _, tokenErr := sealer.Open(c.AccessKeyID, token, issued.Add(time.Minute))
		return errors.Join(err, tokenErr)
	}
	var using sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		using.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := opens(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	ring.Replace(second, first)
	fresh, changed, err := v.Reseal("owner", old)
	if err != nil || !changed || credential.SealedWith(fresh) != second.ID() || credential.SealedWith(old) != first.ID() {
		t.Errorf("resealed: %v, %v, %s", changed, err, credential.SealedWith(fresh))
	}
	if again, changed, err := v.Reseal("owner", fresh); err != nil || changed || !bytes.Equal(again, fresh) {
		t.Errorf("resealed twice: %v, %v", changed, err)
	}
	if _, _, err := v.Reseal("another", old); !errors.Is(err, credential.ErrSealed) {
		t.Errorf("resealed for another owner: %v", err)
	}
	close(stop)
	using.Wait()

	ring.Replace(second)
	if _, err := v.Open("owner", old); !errors.Is(err, credential.ErrSealed) {
		t.Errorf("with a key that is gone: %v", err)
	}
	if _, _, err := sealer.Open(c.AccessKeyID, token, issued.Add(time.Minute)); !errors.Is(err, credential.ErrInvalidToken) {
		t.Errorf("the token of a key that is gone: %v", err)
	}
	if got, err := v.Open("owner", fresh); err != nil || string(got) != "secret" {
		t.Errorf("resealed: %q, %v", got, err)
	}
}

func TestReplaceMasterKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	first, err := credential.LoadOrCreateMasterKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []credential.MasterKey{testKey(t, "22"), first[0]}
	if err := credential.ReplaceMasterKeys(path, want); err != nil {
		t.Fatal(err)
	}
	if got, err := credential.LoadOrCreateMasterKeys(path); err != nil || !slices.Equal(got, want) {
		t.Errorf("keys = %v, %v", got, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if credential.ReplaceMasterKeys(path, nil) == nil {
		t.Error("a file without keys was written")
	}
}
