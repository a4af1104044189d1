package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
)

// placeFlags say where an installation is kept, as those of the server do.
type placeFlags struct {
	DataDir     string `help:"The server's data folder (default: ${datadir})." env:"BAILIWICK_DATA_DIR" placeholder:"DIR"`
	DatabaseURL string `name:"database-url" help:"The PostgreSQL database, if the data is there." env:"BAILIWICK_DATABASE_URL" placeholder:"URL"`
}

func (f *placeFlags) folder() string {
	if f.DataDir == "" {
		return defaultDataDir()
	}
	return f.DataDir
}

func (f *placeFlags) options() store.Options {
	server := serverFlags{DataDir: f.folder(), DatabaseURL: f.DatabaseURL}
	return server.storeOptions(nil)
}

// openToRead opens the store beside a server that may be running on it.
func (f *placeFlags) openToRead(ctx context.Context) (*store.DB, error) {
	db, err := store.OpenReadOnly(ctx, f.options())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no data in %s: name the server's --data-dir or --database-url", f.folder())
	}
	return db, err
}

// verifier returns the check that the master key opens what is in a store. It makes no key:
// a new one could open nothing.
func (f *keyFlags) verifier(ctx context.Context, folder string) (func(*store.Tx) error, error) {
	vault, err := f.vault(ctx, folder)
	if err != nil {
		return nil, err
	}
	return func(tx *store.Tx) error {
		if _, ok, err := tx.Setting(settingMasterCheck); err != nil || !ok {
			return errors.Join(err, errors.New("this is no installation: no server was ever started on it"))
		}
		return checkMasterKey(tx, vault)
	}, nil
}

// vault opens secrets with the keys there are.
func (f *keyFlags) vault(ctx context.Context, folder string) (*credential.Vault, error) {
	keys, err := f.existing(ctx, folder)
	if err != nil {
		return nil, err
	}
	return credential.NewVault(credential.NewKeyring(keys[0], keys[1:]...))
}

// organizationVerifier returns the check that the keys open both what is in a store and the
// secrets of an organization that comes to it.
func (f *keyFlags) organizationVerifier(ctx context.Context, folder string) (func(*store.Tx, map[string]string) error, error) {
	here, err := f.verifier(ctx, folder)
	if err != nil {
		return nil, err
	}
	vault, err := f.vault(ctx, folder)
	if err != nil {
		return nil, err
	}
	return func(tx *store.Tx, settings map[string]string) error {
		if err := here(tx); err != nil {
			return err
		}
		sealed, err := hex.DecodeString(settings[settingMasterCheck])
		if err == nil {
			_, err = vault.Open(settingMasterCheck, sealed)
		}
		if err != nil {
			return errors.New("the organization comes of a server with another master key: give that one as --previous-master-keys, here and to the server from now on")
		}
		return nil
	}, nil
}

// keyReminder is what whoever keeps copies must know.
const keyReminder = "Secrets in it are sealed with the master key (%s of the data folder, or --master-key), which is not in it: keep that safe, elsewhere.\n"

type exportCmd struct {
	File string `arg:"" help:"Archive to write; it must not exist yet." type:"path"`

	placeFlags
	Organization string `help:"Only this organization, with its accounts, for a server that has others already." placeholder:"ID"`
	Audit        bool   `help:"Take the audit log along." default:"true" negatable:""`
}

// Run writes the archive.
func (c *exportCmd) Run(ctx context.Context) error {
	db, err := c.openToRead(ctx)
	if err != nil {
		return err
	}
	var out store.Archive
	err = newFile(c.File, func(f *os.File) error {
		var err error
		if c.Organization != "" {
			out, err = store.ExportOrganization(ctx, db, f, c.Organization, c.Audit, settingMasterCheck)
		} else {
			out, err = store.Export(ctx, db, f, c.Audit)
		}
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	fmt.Printf("%s: %d rows.\n"+keyReminder, c.File, out.Rows, masterKeyFile)
	return nil
}

// newFile makes a file that its owner alone can read: it appears whole and on disk under
// its name, or not at all, and never in place of another.
func newFile(path string, write func(*os.File) error) (err error) {
	dir := filepath.Dir(path)
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// Some file systems that backups are kept on have no links.
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncFolder(dir)
}

// syncFolder puts the names in a folder on disk.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
