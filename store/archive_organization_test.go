package store_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func acceptAny(*store.Tx, map[string]string) error { return nil }

// fillFor adds a row to each table, in which everything is called by one name, as in
// fillEveryTable: tables with an organization or account in them are that organization's.
func fillFor(t testing.TB, tx *store.Tx, name string) error {
	t.Helper()
	columns := store.ArchivedColumns(t)
	for _, table := range store.ArchivedTables(t) {
		var names, places []string
		var args []any
		for _, column := range columns[table] {
			words := strings.Fields(column)
			if words[0] == "seq" {
				continue // numbers itself
			}
			names = append(names, words[0])
			places = append(places, "$"+strconv.Itoa(len(names)))
			switch words[1] {
			case "text":
				args = append(args, name)
			case "integer":
				args = append(args, int64(1))
			default:
				args = append(args, []byte{1})
			}
		}
		_, err := tx.Exec("insert into "+table+" ("+strings.Join(names, ", ")+") values ("+strings.Join(places, ", ")+")", args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// TestOneOrganization exports one of two organizations and adds it to a store that has a
// third.
func TestOneOrganization(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		t.Run(e.Name, func(t *testing.T) {
			from := e.Open(t)
			update(t, from, func(tx *store.Tx) error { return errors.Join(fillFor(t, tx, "one"), fillFor(t, tx, "two")) })
			var archive bytes.Buffer
			if _, err := store.ExportOrganization(t.Context(), from, &archive, "none", true); !errors.Is(err, store.ErrNoOrganization) {
				t.Errorf("an organization that is not there: %v", err)
			}
			archive.Reset()
			out, err := store.ExportOrganization(t.Context(), from, &archive, "one", true, "one")
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.Join(unpack(t, archive.Bytes()), "\n"), "two") {
				t.Error("the archive has something of the other organization")
			}
			options := e.New(t)
			if _, err := store.Import(t.Context(), options, bytes.NewReader(archive.Bytes()), accept); !errors.Is(err, store.ErrArchive) {
				t.Errorf("taken for a whole installation: %v", err)
			}
			there := storetest.Reopen(t, options)
			update(t, there, func(tx *store.Tx) error { return fillFor(t, tx, "three") })
			if err := there.Close(); err != nil {
				t.Fatal(err)
			}
			refused := errors.New("refused")
			_, err = store.ImportOrganization(t.Context(), options, bytes.NewReader(archive.Bytes()), func(_ *store.Tx, settings map[string]string) error {
				if settings["one"] != "one" {
					t.Errorf("settings %v", settings)
				}
				return refused
			})
			if !errors.Is(err, refused) {
				t.Errorf("refused by the caller: %v", err)
			}
			in, err := store.ImportOrganization(t.Context(), options, bytes.NewReader(archive.Bytes()), acceptAny)
			if err != nil || in.Rows != out.Rows || in.Organization != "one" {
				t.Fatalf("imported %+v of %+v, %v", in, out, err)
			}
			_, err = store.ImportOrganization(t.Context(), options, bytes.NewReader(archive.Bytes()), acceptAny)
			if !errors.Is(err, store.ErrConflict) || !strings.Contains(err.Error(), "there already, in ") {
				t.Errorf("a second time: %v", err)
			}
			compareOrganization(t, options, archive.Bytes())
		})
	}
}

// TestOrganizationWithWhatIsShared takes an organization to a store that knows the provider
// whose boundary one of its roles has, and the template of another.
func TestOrganizationWithWhatIsShared(t *testing.T) {
	const insert = `insert into iam_partner_policies (arn, kind, domain, document, created_at) values ('arn:b', 'boundary', 'd', $1, $2)`
	const template = `insert into iam_role_templates (arn, settings) values ('arn:t', $1)`
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		t.Run(e.Name, func(t *testing.T) {
			from := e.Open(t)
			update(t, from, func(tx *store.Tx) error {
				err := fillFor(t, tx, "one")
				for _, statement := range []string{
					`update iam_identities set boundary = 'arn:b'`, `update iam_role_sources set template_arn = 'arn:t'`,
					`update iam_partners set account_id = 'other'`,
					`update iam_delegation_requests set owner_account = 'other'`,
					`update org_handshakes set action = 'TRANSFER_RESPONSIBILITY'`,
				} {
					_, err2 := tx.Exec(statement)
					err = errors.Join(err, err2)
				}
				_, err2 := tx.Exec(insert, "doc", int64(1))
				_, err3 := tx.Exec(template, "theirs")
				return errors.Join(err, err2, err3)
			})
			var archive bytes.Buffer
			if _, err := store.ExportOrganization(t.Context(), from, &archive, "one", false); err != nil {
				t.Fatal(err)
			}
			rows := strings.Join(unpack(t, archive.Bytes()), "\n")
			for _, absent := range []string{"TRANSFER_RESPONSIBILITY", `"other"`} {
				if strings.Contains(rows, absent) {
					t.Errorf("%s travels", absent)
				}
			}
			for document, refused := range map[string]bool{"doc": false, "another": true} {
				options := e.New(t)
				there := storetest.Reopen(t, options)
				update(t, there, func(tx *store.Tx) error {
					_, err := tx.Exec(insert, document, int64(2))
					_, err2 := tx.Exec(template, "ours")
					return errors.Join(err, err2)
				})
				if err := there.Close(); err != nil {
					t.Fatal(err)
				}
				_, err := store.ImportOrganization(t.Context(), options, bytes.NewReader(archive.Bytes()), acceptAny)
				if errors.Is(err, store.ErrConflict) != refused || !refused && err != nil {
					t.Errorf("where the boundary is %q: %v", document, err)
				}
				if refused && !strings.Contains(err.Error(), "another document") {
					t.Errorf("error = %v", err)
				}
				view(t, storetest.Reopen(t, options), func(tx *store.Tx) error {
					v, found, err := tx.IAMPartnerPolicy("arn:b")
					if !found || v.Document != document || v.CreatedAt.UnixMicro() != 2 {
						t.Errorf("boundary = %+v", v)
					}
					return err
				})
			}
		})
	}
}

// compareOrganization exports the organization from where it came to: the same rows, and
// those of the one that was there are there still.
func compareOrganization(t *testing.T, options store.Options, archive []byte) {
	t.Helper()
	db := storetest.Reopen(t, options)
	body := func(archive []byte) []string {
		lines := unpack(t, archive)
		return lines[1 : len(lines)-1]
	}
	for _, name := range []string{"one", "three"} {
		var again bytes.Buffer
		out, err := store.ExportOrganization(context.Background(), db, &again, name, true)
		if err != nil || out.Rows < 40 {
			t.Errorf("%s: %d rows, %v", name, out.Rows, err)
		}
		if name == "one" && !slices.Equal(body(again.Bytes()), body(archive)) {
			t.Error("the rows are not the same")
		}
	}
}
