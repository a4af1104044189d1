package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/bailiwick/bailiwick/store"
)

type restoreCmd struct {
	File string `arg:"" help:"Backup that backup or export wrote." type:"existingfile"`

	placeFlags
	keyFlags
	Replace bool `help:"Put the backup in place of the data in the folder, which is kept under another name."`
}

// Run puts a backup where a server will find it. No server may run on that place.
func (c *restoreCmd) Run(ctx context.Context) error {
	copied, err := isDatabase(c.File)
	switch {
	case err != nil:
		return err
	case !copied && c.Replace:
		return errors.New("--replace is for backups of a SQLite file; an archive goes into a new data folder or database")
	case !copied:
		return importArchive(ctx, c.File, &c.placeFlags, &c.keyFlags)
	case c.DatabaseURL != "":
		return errors.New("this backup is a SQLite file: restore it to a data folder, export that, and import the archive into the PostgreSQL database")
	}
	verify, err := c.verifier(ctx, c.folder())
	if err != nil {
		return err
	}
	if err := store.CheckFile(ctx, c.File, verify); err != nil {
		return fmt.Errorf("%s: %w; nothing was restored", c.File, err)
	}
	server := serverFlags{DataDir: c.folder()}
	if err := server.prepareFolder(); err != nil {
		return err
	}
	lock, err := store.LockFolder(c.folder())
	if err != nil {
		return err
	}
	return errors.Join(c.put(c.options().Path), lock.Close())
}

// isDatabase tells a SQLite file, by its first bytes, from an archive.
func isDatabase(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	const begins = "SQLite format 3\x00"
	head := make([]byte, len(begins))
	_, err = io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return string(head) == begins, errors.Join(err, f.Close())
}

// put copies the backup to the database's place. At every moment there is a database under
// the name: a server that found none would begin a new installation.
func (c *restoreCmd) put(path string) error {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		// SQLite would apply a log that was left behind to whatever database it finds.
		if _, err := os.Lstat(path + walSuffix); err == nil {
			return fmt.Errorf("%s is there without its database: move it away first", path+walSuffix)
		}
		if err := newFile(path, c.copyTo); err != nil {
			return err
		}
		fmt.Printf("Restored to %s.\n", path)
		return nil
	}
	if err != nil {
		return err
	}
	if !c.Replace {
		return fmt.Errorf("there is data in %s already: with --replace it is kept under another name", filepath.Dir(path))
	}
	fresh := path + ".restoring"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := newFile(fresh, c.copyTo); err != nil {
		return err
	}
	kept := path + ".before-restore-" + time.Now().UTC().Format(backupTime)
	if err := setAside(path, kept); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(fresh, path), syncFolder(filepath.Dir(path))); err != nil {
		return err
	}
	fmt.Printf("Restored to %s. What was there is %s.\n", path, kept)
	return nil
}

// walSuffix ends the name of the write-ahead log of a SQLite file.
const walSuffix = "-wal"

// setAside gives a database and its write-ahead log second names, then takes the log away:
// it must not be applied to the database that comes.
func setAside(path, kept string) error {
	if err := os.Link(path, kept); err != nil {
		return err
	}
	if err := os.Link(path+walSuffix, kept+walSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return err
	}
	for _, name := range []string{path + walSuffix, path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (c *restoreCmd) copyTo(to *os.File) error {
	from, err := os.Open(c.File)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, from.Close())
}

// explainDamage says what to do about a damaged database.
func (f *serverFlags) explainDamage(err error) error {
	if !errors.Is(err, store.ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w\nThe database %s cannot be used. Restore the last backup (the damaged file is kept):\n\n  bailiwick restore --replace --data-dir %s BACKUP",
		err, f.storeOptions(nil).Path, f.DataDir)
}
