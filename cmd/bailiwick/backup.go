package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bailiwick/bailiwick/store"
)

type backupCmd struct {
	Dir string `arg:"" help:"Folder to put the backup into, under a name with the time." type:"path"`

	placeFlags
}

// Run writes a backup beside the running server: a copy of the SQLite file, or the archive
// of a PostgreSQL database.
func (c *backupCmd) Run(ctx context.Context) error {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	db, err := c.openToRead(ctx)
	if err != nil {
		return err
	}
	extension := ".db"
	write := func(f *os.File) error { return store.Backup(ctx, c.options().Path, f.Name()) }
	if c.DatabaseURL != "" {
		extension = ".archive"
		write = func(f *os.File) error {
			_, err := store.Export(ctx, db, f, true)
			return err
		}
	}
	path := filepath.Join(c.Dir, "bailiwick-"+time.Now().UTC().Format(backupTime)+extension)
	if err := errors.Join(newFile(path, write), db.Close()); err != nil {
		return err
	}
	fmt.Printf("%s\n"+keyReminder, path, masterKeyFile)
	return nil
}

// backupTime is the form of the time in names of files.
const backupTime = "20060102T150405Z"
