package store

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// ArchivedTables are the tables that archives have.
func ArchivedTables(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, table := range knownTables(t) {
		out = append(out, table.name)
	}
	return out
}

// ArchivedColumns are the columns that archives know of each table: name, type and whether
// it is of the key.
func ArchivedColumns(t testing.TB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range knownTables(t) {
		for _, c := range table.columns {
			key := 0
			if slices.Contains(table.key, c.name) {
				key = 1
			}
			out[table.name] = append(out[table.name], c.name+" "+c.kind+" "+strconv.Itoa(key))
		}
	}
	return out
}

func knownTables(t testing.TB) []table {
	t.Helper()
	tables, err := tablesOf(allMigrations(t))
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func allMigrations(t testing.TB) []migration {
	t.Helper()
	known, err := readMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// Migrations is how many migrations there are.
func Migrations(t testing.TB) int { return len(allMigrations(t)) }

// ArchiveOfSchema is the archive of a store that has the first n migrations and what fill
// writes.
func ArchiveOfSchema(t testing.TB, n int, fill func(*Tx) error) []byte {
	t.Helper()
	db, err := open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "old.db")}, allMigrations(t)[:n], false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(t.Context(), fill); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := Export(context.Background(), db, &b, true); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// OldTable is a table of an older schema: its columns, and how they are asked for.
type OldTable struct {
	Name    string
	Columns []string
	// Kinds are text, integer or blob, for each column.
	Kinds []string
}

// OpenOld opens a store whose schema has the first n migrations and returns its tables.
func OpenOld(t testing.TB, o Options, n int) (*DB, []OldTable) {
	t.Helper()
	schema := allMigrations(t)[:n]
	db, err := open(t.Context(), o, schema, false)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tablesOf(schema)
	if err != nil {
		t.Fatal(err)
	}
	var out []OldTable
	for _, table := range tables {
		old := OldTable{Name: table.name}
		for _, c := range table.columns {
			old.Columns, old.Kinds = append(old.Columns, c.name), append(old.Kinds, c.kind)
		}
		out = append(out, old)
	}
	return db, out
}
