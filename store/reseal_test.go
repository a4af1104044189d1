package store

import "testing"

// unsealed are the columns of bytes that hold no secret.
var unsealed = map[string]bool{"iam_outbound_keys.public_key": true, "audit_packs.events": true}

// Whatever is kept as bytes is sealed, and the walk that seals it anew comes by.
func TestEverySealedColumnIsSealedAnew(t *testing.T) {
	schema, err := readMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tablesOf(schema)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range sealedColumns {
		known[c.table+"."+c.column] = true
	}
	found := 0
	for _, table := range tables {
		for _, c := range table.columns {
			name := table.name + "." + c.name
			if c.kind != "blob" || unsealed[name] {
				continue
			}
			if found++; !known[name] {
				t.Errorf("%s is not sealed anew when the master key changes", name)
			}
		}
	}
	if found != len(known) {
		t.Errorf("%d columns of %d", found, len(known))
	}
}
