package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func accept(*store.Tx) error { return nil }

// export returns the archive of a store and its lines without the first and the last, which
// have times and sums.
func export(t testing.TB, db *store.DB, audit bool) (archive []byte, lines []string) {
	t.Helper()
	var b bytes.Buffer
	out, err := store.Export(context.Background(), db, &b, audit)
	if err != nil {
		t.Fatal(err)
	}
	lines = unpack(t, b.Bytes())
	lines = lines[1 : len(lines)-1]
	var rows int64
	for _, line := range lines {
		if line[0] == '[' {
			rows++
		}
	}
	if rows != out.Rows {
		t.Errorf("%d rows are told, %d are there", out.Rows, rows)
	}
	return b.Bytes(), lines
}

func unpack(t testing.TB, archive []byte) []string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func pack(t testing.TB, lines []string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, strings.Join(lines, "\n")+"\n")
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filledTables are the tables that have rows.
func filledTables(lines []string) map[string]bool {
	out := map[string]bool{}
	table := ""
	for _, line := range lines {
		var mark struct{ Table string }
		if json.Unmarshal([]byte(line), &mark) == nil {
			table = mark.Table
			continue
		}
		out[table] = true
	}
	return out
}

// moved imports an archive into a new place of an engine and exports it from there.
func moved(t testing.TB, e storetest.Engine, archive []byte) ([]byte, []string) {
	t.Helper()
	options := e.New(t)
	if _, err := store.Import(context.Background(), options, bytes.NewReader(archive), accept); err != nil {
		t.Fatalf("import into %s: %v", e.Name, err)
	}
	db, err := store.Open(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return export(t, db, true)
}

// TestArchiveMovesEverything sends what the suites of all domains leave in their stores from
// SQLite to PostgreSQL and back.
func TestArchiveMovesEverything(t *testing.T) {
	covered := map[string]bool{}
	e := storetest.Memory()
	e.Closing = func(t testing.TB, db *store.DB) {
		if err := db.View(context.Background(), func(*store.Tx) error { return nil }); errors.Is(err, store.ErrClosed) {
			return // the test closed it
		}
		archive, lines := export(t, db, true)
		tables := filledTables(lines)
		fresh := false
		for name := range tables {
			fresh = fresh || !covered[name]
		}
		if !fresh {
			return // a database for each of some hundred stores would take minutes
		}
		maps.Copy(covered, tables)
		there, inPostgres := moved(t, storetest.Postgres(), archive)
		_, back := moved(t, storetest.File(), there)
		if !slices.Equal(lines, inPostgres) || !slices.Equal(lines, back) {
			t.Errorf("of %d lines %d came to PostgreSQL and %d back, or they differ", len(lines), len(inPostgres), len(back))
		}
	}
	storetest.Run(t, e)
	storetest.Org(t, e)
	storetest.Handshakes(t, e)
	storetest.Transfers(t, e)
	storetest.IAM(t, e)
	storetest.IAMExtra(t, e)
	storetest.Account(t, e)
	storetest.Audit(t, e)
	storetest.Resources(t, e)
	if len(covered) < 20 {
		t.Errorf("only %d tables had rows", len(covered))
	}
}

// TestArchiveHasEveryColumn compares what archives take for the schema with the database.
func TestArchiveHasEveryColumn(t *testing.T) {
	db := storetest.Memory().Open(t)
	view(t, db, func(tx *store.Tx) error {
		names, err := tx.Strings(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'
			and name not in ('core_changes', 'core_nodes', 'schema_migrations') order by name`)
		if err != nil {
			return err
		}
		want := store.ArchivedColumns(t)
		if got := slices.Sorted(maps.Keys(want)); !slices.Equal(got, names) {
			t.Errorf("archives have the tables %v, the database %v", got, names)
		}
		for _, name := range names {
			columns, err := tx.Strings(`select name || ' ' || lower(type) || ' ' || (pk > 0) from pragma_table_info('` + name + `') order by cid`)
			if err != nil {
				return err
			}
			if !slices.Equal(columns, want[name]) {
				t.Errorf("%s: archives have %v, the database %v", name, want[name], columns)
			}
		}
		return nil
	})
}

// everyValue is a store with values that are easily spoilt on the way.
func everyValue(t testing.TB, e storetest.Engine) *store.DB {
	t.Helper()
	db := e.Open(t)
	err := db.Update(context.Background(), func(tx *store.Tx) error {
		for i, value := range []string{"", " ", "é", "😀", "<&>", "\u2028", "\\u0000", "\"'`", "\n\r\t\x01", "null", strings.Repeat("x", 1<<20)} {
			if err := tx.PutSetting(strconv.Itoa(i), value); err != nil {
				return err
			}
		}
		for i, secret := range [][]byte{{}, {0}, {0xff, 0, 0xfe}, bytes.Repeat([]byte{7}, 1000)} {
			_, err := tx.Exec(`insert into iam_access_keys (id, account_id, user_id, status, secret, created_at, last_used_at, last_used_service, last_used_region)
				values ($1, 'a', '', 's', $2, $3, $4, '', '')`, "k"+strconv.Itoa(i), secret, int64(-9223372036854775808), []any{nil, int64(9223372036854775807)}[i%2])
			if err != nil {
				return err
			}
		}
		for i := range 120 {
			_, err := tx.Exec(`insert into audit_resources (event_id, position, account_id, at, name, type, owner_id) values ('e', $1, '', 0, '', '', '')`, int64(i))
			if err != nil {
				return err
			}
		}
		return fillEveryTable(t, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// fillEveryTable adds a row to each table, whatever it is for; all references are to "x".
func fillEveryTable(t testing.TB, tx *store.Tx) error {
	values := map[string]any{"text": "x", "integer": int64(1), "blob": []byte{1, 2, 3}}
	columns := store.ArchivedColumns(t)
	for _, table := range store.ArchivedTables(t) {
		var names, places []string
		var args []any
		for i, column := range columns[table] {
			words := strings.Fields(column)
			names, places = append(names, words[0]), append(places, "$"+strconv.Itoa(i+1))
			args = append(args, values[words[1]])
		}
		_, err := tx.Exec("insert into "+table+" ("+strings.Join(names, ", ")+") values ("+strings.Join(places, ", ")+")", args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func TestArchiveKeepsValues(t *testing.T) {
	for _, from := range storetest.Engines(t) {
		archive, lines := export(t, everyValue(t, from), true)
		if filled, all := filledTables(lines), store.ArchivedTables(t); len(filled) != len(all) {
			t.Errorf("%d of %d tables have rows", len(filled), len(all))
		}
		for _, to := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
			if _, got := moved(t, to, archive); !slices.Equal(got, lines) {
				t.Errorf("%s to %s: the rows differ", from.Name, to.Name)
			}
		}
	}
}

func TestArchiveWithoutAudit(t *testing.T) {
	_, lines := export(t, everyValue(t, storetest.Memory()), false)
	if tables := filledTables(lines); tables["audit_resources"] || !tables["iam_access_keys"] {
		t.Errorf("tables with rows: %v", tables)
	}
}

// TestImportRefuses shows that whatever is wrong nothing is imported, and that the right
// archive can be imported afterwards.
func TestImportRefuses(t *testing.T) {
	good, _ := export(t, everyValue(t, storetest.Memory()), true)
	lines := unpack(t, good)
	edited := func(edit func([]string) []string) []byte { return pack(t, edit(slices.Clone(lines))) }
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 4
	refused := errors.New("refused by the caller")
	cases := []struct {
		name    string
		archive []byte
		verify  func(*store.Tx) error
		want    error
	}{
		{"empty file", nil, accept, store.ErrArchive},
		{"other file", []byte("SQLite format 3\x00"), accept, store.ErrArchive},
		{"other JSON", pack(t, []string{`{"format":"x"}`}), accept, store.ErrArchive},
		{"cut off in the middle", good[:len(good)/2], accept, store.ErrArchive},
		{"last byte missing", good[:len(good)-1], accept, store.ErrArchive},
		{"a bit flipped", flipped, accept, store.ErrArchive},
		{"last line missing", edited(func(l []string) []string { return l[:len(l)-1] }), accept, store.ErrArchive},
		{"a row missing", edited(func(l []string) []string { return slices.Delete(l, 3, 4) }), accept, store.ErrArchive},
		{"a row changed", edited(func(l []string) []string {
			l[2] = strings.Replace(l[2], `""`, `"f"`, 1)
			return l
		}), accept, store.ErrArchive},
		{"goes on", edited(func(l []string) []string { return append(l, "{}") }), accept, store.ErrArchive},
		{"unknown table", edited(func(l []string) []string {
			return slices.Insert(l, len(l)-1, `{"table":"sqlite_schema","columns":["name"]}`)
		}), accept, store.ErrArchive},
		{"unknown column", edited(func(l []string) []string {
			l[1] = strings.Replace(l[1], `"value"`, `"valor"`, 1)
			return l
		}), accept, store.ErrArchive},
		{"row before any table", edited(func(l []string) []string { return slices.Insert(l, 1, `["a"]`) }), accept, store.ErrArchive},
		{"wrong type", edited(func(l []string) []string {
			l[2] = `["a","b","c"]`
			return l
		}), accept, store.ErrArchive},
		{"later format", edited(func(l []string) []string {
			l[0] = strings.Replace(l[0], `"version":1`, `"version":2`, 1)
			return l
		}), accept, store.ErrNewer},
		{"later schema", edited(func(l []string) []string {
			l[0] = strings.Replace(l[0], `}],"audit"`, `},{"version":9999,"name":"x","checksum":"x"}],"audit"`, 1)
			return l
		}), accept, store.ErrNewer},
		{"refused", good, func(*store.Tx) error { return refused }, refused},
	}
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		t.Run(e.Name, func(t *testing.T) {
			options := e.New(t)
			for _, c := range cases {
				_, err := store.Import(t.Context(), options, bytes.NewReader(c.archive), c.verify)
				if !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", c.name, err, c.want)
				}
			}
			if _, err := store.Import(t.Context(), options, bytes.NewReader(good), accept); err != nil {
				t.Fatalf("the right archive: %v", err)
			}
			if _, err := store.Import(t.Context(), options, bytes.NewReader(good), accept); !errors.Is(err, store.ErrNotEmpty) {
				t.Errorf("a second import: %v, want ErrNotEmpty", err)
			}
		})
	}
}

// TestImportCalledOff ends the context in the middle; nothing stays.
func TestImportCalledOff(t *testing.T) {
	good, _ := export(t, everyValue(t, storetest.Memory()), true)
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		options := e.New(t)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := store.Import(ctx, options, &canceling{bytes.NewReader(good), len(good) / 2, cancel}, accept)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", e.Name, err)
		}
		if _, err := store.Import(t.Context(), options, bytes.NewReader(good), accept); err != nil {
			t.Errorf("%s: the next import: %v", e.Name, err)
		}
	}
}

// canceling ends a context once it was read beyond a place.
type canceling struct {
	*bytes.Reader
	beyond int
	cancel context.CancelFunc
}

// Read implements io.Reader.
func (c *canceling) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p[:min(len(p), 256)])
	if c.Reader.Len() < c.beyond {
		c.cancel()
	}
	return n, err
}

// TestImportOfOlderSchema takes in an archive that an older version of the program wrote,
// for each version there was.
func TestImportOfOlderSchema(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		for n := 1; n <= store.Migrations(t); n++ {
			t.Run(fmt.Sprint(e.Name, n), func(t *testing.T) {
				archive := store.ArchiveOfSchema(t, n, func(tx *store.Tx) error { return tx.PutSetting("a", "b") })
				options := e.New(t)
				if e.Shared {
					options = store.Options{URL: pgtest.Database(t)}
				}
				if _, err := store.Import(t.Context(), options, bytes.NewReader(archive), accept); err != nil {
					t.Fatal(err)
				}
				db := storetest.Reopen(t, options)
				view(t, db, func(tx *store.Tx) error {
					value, _, err := tx.Setting("a")
					if value != "b" {
						t.Errorf("setting = %q", value)
					}
					return err
				})
				if _, lines := export(t, db, true); len(lines) <= len(store.ArchivedTables(t)) {
					t.Errorf("%d lines after the migrations", len(lines))
				}
			})
		}
	}
}

// TestExportUnderWrites exports through a second door while writers move an amount to and
// fro: every archive has the whole amount.
func TestExportUnderWrites(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		t.Run(e.Name, func(t *testing.T) {
			options := e.New(t)
			db := storetest.Reopen(t, options)
			update(t, db, func(tx *store.Tx) error { return errors.Join(tx.PutSetting("a", "500"), tx.PutSetting("b", "500")) })
			reader, err := store.OpenReadOnly(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			ctx, stop := context.WithCancel(t.Context())
			var writers sync.WaitGroup
			var moves int
			writers.Go(func() {
				for ; ctx.Err() == nil; moves++ {
					err := db.Update(ctx, func(tx *store.Tx) error { return move(tx, moves%7-3) })
					if err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
			seen := map[string]bool{}
			until := time.Now().Add(20 * time.Second)
			for n := 0; n < 20 || len(seen) < 3 && time.Now().Before(until); n++ {
				_, lines := export(t, reader, true)
				sum, state := amounts(t, lines)
				if sum != 1000 {
					t.Errorf("an archive has %d (%s)", sum, state)
				}
				seen[state] = true
			}
			stop()
			writers.Wait()
			if len(seen) < 3 {
				t.Errorf("%d moves, %d states seen: that proves nothing", moves, len(seen))
			}
			err = reader.Update(t.Context(), func(*store.Tx) error { return nil })
			if !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("update through the reader = %v", err)
			}
		})
	}
}

func move(tx *store.Tx, n int) error {
	for name, change := range map[string]int{"a": n, "b": -n} {
		value, _, err := tx.Setting(name)
		if err != nil {
			return err
		}
		have, err := strconv.Atoi(value)
		if err != nil {
			return err
		}
		if err := tx.PutSetting(name, strconv.Itoa(have+change)); err != nil {
			return err
		}
	}
	return nil
}

func amounts(t *testing.T, lines []string) (sum int, state string) {
	t.Helper()
	for _, line := range lines {
		var cells []any
		if json.Unmarshal([]byte(line), &cells) != nil || len(cells) != 3 || (cells[0] != "a" && cells[0] != "b") {
			continue
		}
		n, err := strconv.Atoi(cells[1].(string))
		if err != nil {
			t.Fatal(err)
		}
		sum += n
		state += cells[1].(string) + " "
	}
	return sum, state
}
