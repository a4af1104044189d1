package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/bailiwick/bailiwick/store"
)

type importCmd struct {
	File string `arg:"" help:"Archive that export or backup wrote." type:"existingfile"`

	placeFlags
	keyFlags
}

// Run fills an empty data folder or database with the archive.
func (c *importCmd) Run(ctx context.Context) error {
	return importArchive(ctx, c.File, &c.placeFlags, &c.keyFlags)
}

func importArchive(ctx context.Context, path string, place *placeFlags, key *keyFlags) error {
	server := serverFlags{DataDir: place.folder()}
	if err := server.prepareFolder(); err != nil {
		return err
	}
	verify, err := key.verifier(place.folder())
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	out, err := store.Import(ctx, place.options(), f, verify)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w; nothing was imported", path, err)
	}
	fmt.Printf("Imported %d rows, as they were at %s. Start the server on them with the same master key.\n",
		out.Rows, out.CreatedAt.Format("2006-01-02 15:04:05 MST"))
	return nil
}
