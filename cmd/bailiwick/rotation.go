package main

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/housekeeping"
	"github.com/bailiwick/bailiwick/store"
)

const (
	// keysEvery is how often the file of the master keys is looked at.
	keysEvery = 5 * time.Second
	// resealEvery is how often somebody looks whether secrets are to be sealed anew.
	resealEvery = 10 * time.Second
	// resealAgain is after what time all of them are looked through again while there are former
	// keys: a node that had not heard of the new one yet may have sealed with its own.
	resealAgain = time.Hour
	// resealBatch is how many secrets are sealed anew in one transaction.
	resealBatch = 200
)

// rotation lets a running node change its master key: it takes on what the file or the command
// gives, and has what former keys sealed sealed anew. It keeps nothing: a walk that is cut off
// begins again and passes over what it has done.
type rotation struct {
	flags  *serverFlags
	ring   *credential.Keyring
	vault  *credential.Vault
	db     *store.DB
	logger *slog.Logger

	mu sync.Mutex
	// walk is for which current key place was reached; done is when all had been looked through.
	walk  string
	place store.SealedPlace
	done  time.Time
}

// changeable reports whether the keys can be read again.
func (r *rotation) changeable() bool {
	return r.flags.MasterKeyCommand != "" || r.flags.file(r.flags.keyFolder()) != ""
}

// watch reads the keys again when their file has changed, and on SIGHUP, until ctx ends.
func (r *rotation) watch(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	ticker := time.NewTicker(keysEvery)
	defer ticker.Stop()
	last := r.look()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			last = r.look()
		case <-ticker.C:
			now := r.look()
			if now == last {
				continue
			}
			last = now
		}
		if err := r.reload(ctx); err != nil {
			r.logger.Error("the master keys cannot be taken on, the old ones stay", "error", err)
		}
	}
}

// look is the state of the file of keys; none if there is no file.
func (r *rotation) look() (s stamp) {
	if info, err := os.Stat(r.flags.file(r.flags.keyFolder())); err == nil {
		s.keyTime, s.keySize = info.ModTime(), info.Size()
	}
	return s
}

// reload takes on the keys as they are now, if they open what is in the store.
func (r *rotation) reload(ctx context.Context) error {
	if !r.changeable() {
		return nil
	}
	keys, err := r.flags.existing(ctx, r.flags.keyFolder())
	if err != nil || slices.Equal(keys, r.ring.Keys()) {
		return err
	}
	vault, err := credential.NewVault(credential.NewKeyring(keys[0], keys[1:]...))
	if err != nil {
		return err
	}
	if err := r.db.View(ctx, func(tx *store.Tx) error { return checkMasterKey(tx, vault) }); err != nil {
		return err
	}
	r.ring.Replace(keys[0], keys[1:]...)
	r.logger.Info("master keys read again", "current", keys[0].ID(), "former", len(keys)-1)
	return nil
}

// task seals anew what former keys have sealed.
func (r *rotation) task() housekeeping.Task {
	return housekeeping.Task{Name: "reseal", Every: resealEvery, Step: r.step}
}

func (r *rotation) step(ctx context.Context) (done int, more bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := r.ring.Keys()
	current := keys[0].ID()
	switch {
	case len(keys) == 1:
		return 0, false, nil
	case r.walk != current:
		r.walk, r.place, r.done = current, store.SealedPlace{}, time.Time{}
	case r.place.Done() && time.Since(r.done) < resealAgain:
		return 0, false, nil
	case r.place.Done():
		r.place = store.SealedPlace{}
	}
	var next store.SealedPlace
	err = r.db.Update(ctx, func(tx *store.Tx) error {
		var err error
		if done, next, err = tx.Reseal(r.place, resealBatch, r.vault.Reseal); err != nil || !next.Done() {
			return err
		}
		return resealCheck(tx, r.vault)
	})
	if err != nil {
		return 0, false, err
	}
	if done > 0 {
		r.logger.Debug("secrets sealed anew", "count", done, "current", current)
	}
	if r.place = next; next.Done() {
		r.done = time.Now()
		r.logger.Info("all secrets are sealed with the current master key", "current", current)
	}
	return done, !next.Done(), nil
}

// resealCheck seals the master key's check value anew: it comes last.
func resealCheck(tx *store.Tx, vault *credential.Vault) error {
	check, ok, err := tx.Setting(settingMasterCheck)
	if err != nil || !ok {
		return err
	}
	sealed, err := hex.DecodeString(check)
	if err != nil {
		return errors.New("the check value of the master key is damaged")
	}
	fresh, changed, err := vault.Reseal(settingMasterCheck, sealed)
	if err != nil || !changed {
		return err
	}
	return tx.PutSetting(settingMasterCheck, hex.EncodeToString(fresh))
}
