package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
)

// masterKeyCmd are the verbs for master keys.
type masterKeyCmd struct {
	New    masterKeyNewCmd    `cmd:"" help:"Print a new master key."`
	Show   masterKeyShowCmd   `cmd:"" help:"Show the ids of the master keys, and how many secrets each has sealed."`
	Rotate masterKeyRotateCmd `cmd:"" help:"Put a new master key into the file, before the one it has. A running server takes it on and seals all secrets anew."`
	Retire masterKeyRetireCmd `cmd:"" help:"Take former master keys that seal nothing any more out of the file."`
}

type masterKeyNewCmd struct{}

// Run prints a key for those who keep it elsewhere than in the file.
func (masterKeyNewCmd) Run() error {
	key, err := credential.NewMasterKey()
	if err != nil {
		return err
	}
	fmt.Println(key.Reveal())
	return nil
}

// keysAndData are the flags of verbs that look at keys and at what they have sealed.
type keysAndData struct {
	placeFlags
	keyFlags
}

// path is the file of the keys.
func (c *keysAndData) path() (string, error) {
	path := c.file(c.folder())
	if path == "" {
		return "", errors.New("the master key is not kept in a file: change --master-key or what --master-key-command prints, and let --previous-master-keys or further lines hold the former one")
	}
	return path, nil
}

// counts are how many secrets each key has sealed, by the key's id.
func (c *keysAndData) counts(ctx context.Context) (map[string]int, error) {
	db, err := c.openToRead(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]int{}
	err = db.View(ctx, func(tx *store.Tx) error {
		clear(found)
		for place := (store.SealedPlace{}); !place.Done(); {
			var err error
			place, err = tx.Sealed(place, 1000, func(sealed []byte) { found[credential.SealedWith(sealed)]++ })
			if err != nil {
				return err
			}
		}
		check, ok, err := tx.Setting(settingMasterCheck)
		if err != nil || !ok {
			return err
		}
		sealed, err := hex.DecodeString(check)
		found[credential.SealedWith(sealed)]++
		return err
	})
	return found, errors.Join(err, db.Close())
}

type masterKeyShowCmd struct {
	keysAndData
}

// Run lists the keys. It shows ids only.
func (c *masterKeyShowCmd) Run(ctx context.Context) error {
	keys, err := c.existing(ctx, c.folder())
	if err != nil {
		return err
	}
	found, err := c.counts(ctx)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(out, "KEY\tUSE\tSECRETS")
	for i, key := range keys {
		use := "former"
		if i == 0 {
			use = "current"
		}
		fmt.Fprintf(out, "%s\t%s\t%d\n", key.ID(), use, found[key.ID()])
		delete(found, key.ID())
	}
	for id, n := range found {
		fmt.Fprintf(out, "%s\tmissing\t%d\n", id, n)
	}
	return out.Flush()
}

type masterKeyRotateCmd struct {
	keysAndData
	Prepare bool   `help:"Put the new key last, so that it only opens: the first step where several nodes have files of their own." xor:"how"`
	To      string `help:"Make no key, but put the one of this id first, which the file has: the second step, when all nodes have the key that was prepared." placeholder:"ID" xor:"how"`
}

// Run writes the file. It is safe beside a running server, and when it is cut off.
func (c *masterKeyRotateCmd) Run() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	keys, err := credential.LoadMasterKeys(path)
	if err != nil {
		return err
	}
	key, err := c.key(keys)
	if err != nil {
		return err
	}
	what := "current"
	keys = slices.DeleteFunc(keys, func(k credential.MasterKey) bool { return k == key })
	if c.Prepare {
		keys, what = append(keys, key), "prepared"
	} else {
		keys = append([]credential.MasterKey{key}, keys...)
	}
	if err := credential.ReplaceMasterKeys(path, keys); err != nil {
		return err
	}
	fmt.Printf("%s: the %s master key is %s. Keep a copy of the file, apart from backups of the data.\n", path, what, key.ID())
	return nil
}

// key is the key to put into its place among the others: a new one, or the one that is named.
func (c *masterKeyRotateCmd) key(keys []credential.MasterKey) (credential.MasterKey, error) {
	if c.To == "" {
		return credential.NewMasterKey()
	}
	at := slices.IndexFunc(keys, func(k credential.MasterKey) bool { return k.ID() == c.To })
	if at < 0 {
		return credential.MasterKey{}, fmt.Errorf("the file has no master key with the id %s", c.To)
	}
	return keys[at], nil
}

type masterKeyRetireCmd struct {
	keysAndData
	Now bool `help:"Do not wait until the session tokens of former keys have ended: those are void at once."`
}

// tokensEnd is how long session tokens of a key that seals no more may be in use: the longest
// session, and an hour for clocks.
const tokensEnd = 37 * time.Hour

// Run takes keys out of the file.
func (c *masterKeyRetireCmd) Run(ctx context.Context) error {
	path, err := c.path()
	if err != nil {
		return err
	}
	keys, err := credential.LoadMasterKeys(path)
	if err != nil {
		return err
	}
	if len(keys) == 1 {
		fmt.Println("There are no former master keys.")
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if ready := info.ModTime().Add(tokensEnd); !c.Now && time.Now().Before(ready) {
		return fmt.Errorf("session tokens that a former key has sealed may be in use until %s: wait, or end them with --now", ready.UTC().Format(time.RFC3339))
	}
	found, err := c.counts(ctx)
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(keys), func(k credential.MasterKey) bool { return k != keys[0] && found[k.ID()] == 0 })
	if len(kept) < len(keys) {
		if err := credential.ReplaceMasterKeys(path, kept); err != nil {
			return err
		}
	}
	fmt.Printf("%d former master keys are out of use and were taken out; %d still seal something.\n", len(keys)-len(kept), len(kept)-1)
	return nil
}
