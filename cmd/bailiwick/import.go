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

// Run fills an empty data folder or database with the archive, or adds an organization to one
// that is in use.
func (c *importCmd) Run(ctx context.Context) error {
	return importArchive(ctx, c.File, &c.placeFlags, &c.keyFlags)
}

func importArchive(ctx context.Context, path string, place *placeFlags, key *keyFlags) error {
	server := serverFlags{DataDir: place.folder()}
	if err := server.prepareFolder(); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	out, err := take(ctx, f, place, key)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w; nothing was imported", path, err)
	}
	if out.Organization != "" {
		fmt.Printf("Imported the organization %s, %d rows, as it was at %s.\n",
			out.Organization, out.Rows, out.CreatedAt.Format("2006-01-02 15:04:05 MST"))
		return nil
	}
	fmt.Printf("Imported %d rows, as they were at %s. Start the server on them with the same master key.\n",
		out.Rows, out.CreatedAt.Format("2006-01-02 15:04:05 MST"))
	return nil
}

// take imports what the archive has: an installation or one organization.
func take(ctx context.Context, f *os.File, place *placeFlags, key *keyFlags) (store.Archive, error) {
	organization, err := store.OrganizationOf(f)
	if err != nil {
		return store.Archive{}, err
	}
	if organization != "" {
		verify, err := key.organizationVerifier(ctx, place.folder())
		if err != nil {
			return store.Archive{}, err
		}
		return store.ImportOrganization(ctx, place.options(), f, verify)
	}
	verify, err := key.verifier(ctx, place.folder())
	if err != nil {
		return store.Archive{}, err
	}
	return store.Import(ctx, place.options(), f, verify)
}
