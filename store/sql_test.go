package store_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// onEach runs a test on every engine, with a table for traps.
func onEach(t *testing.T, test func(t *testing.T, db *store.DB)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			update(t, db, func(tx *store.Tx) error {
				for _, s := range store.Statements(`
					create table trap (
						id   integer primary key, -- numbers itself
						name text not null unique,
						note text,
						n    integer,
						x    real,
						b    blob,
						unique (n, x)
					);
					create table trap_leaf (name text not null references trap (name));
					create unique index trap_lower on trap (lower(note));`) {
					if _, err := tx.Exec(tx.Schema(s)); err != nil {
						return err
					}
				}
				return nil
			})
			test(t, db)
		})
	}
}

func update(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func insert(names ...string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		for _, name := range names {
			if _, err := tx.Exec(`insert into trap (name) values ($1)`, name); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestTextIsOrderedByBytes(t *testing.T) {
	want := []string{"", " ", "-a", "A", "B", "Z", "_", "a", "a b", "a-b", "ab", "b", "z", "ß", "é", "人", "😀"}
	onEach(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			shuffled := slices.Clone(want)
			slices.Reverse(shuffled)
			return insert(shuffled...)(tx)
		})
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.Strings(`select name from trap order by name`)
			if !slices.Equal(got, want) {
				t.Errorf("order = %q, want %q", got, want)
			}
			if err != nil {
				return err
			}
			// Keyset paging over two columns: the comparison must agree with the order.
			last, pages := "", []string{""}
			for {
				page, err := tx.Strings(`
					select name from trap
					where (coalesce(note, ''), name) > ($1, $2)
					order by coalesce(note, ''), name limit $3`, "", last, 4)
				if err != nil || len(page) == 0 {
					if !slices.Equal(pages, want) {
						t.Errorf("pages = %q, want %q", pages, want)
					}
					return err
				}
				pages = append(pages, page...)
				last = page[len(page)-1]
			}
		})
		view(t, db, func(tx *store.Tx) error {
			for _, name := range []string{"É", "Ab", "A B", "e\u0301"} {
				if got, err := tx.Strings(`select name from trap where name = $1`, name); err != nil || len(got) > 0 {
					t.Errorf("%q finds %q, %v", name, got, err)
				}
			}
			return nil
		})
	})
}

func TestConflictNamesTheKey(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(`insert into trap (id, name, note, n, x) values (7, 'a', 'a', 1, 2)`)
			return err
		})
		tests := []struct {
			name, sql, table, columns string
			// index is for the key that SQLite names by its index only.
			index string
		}{
			{"one column", `insert into trap (name) values ('a')`, "trap", "name", ""},
			{"two columns", `insert into trap (name, n, x) values ('b', 1, 2)`, "trap", "n, x", ""},
			{"primary key", `insert into trap (id, name) values (7, 'b')`, "trap", "id", ""},
			{"expression", `insert into trap (name, note) values ('b', 'A')`, "", "", "trap_lower"},
		}
		for _, tt := range tests {
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(tt.sql)
				return err
			})
			var conflict *store.ConflictError
			if !errors.Is(err, store.ErrConflict) || !errors.As(err, &conflict) {
				t.Errorf("%s: error = %v, want a conflict", tt.name, err)
				continue
			}
			if tt.index != "" {
				if conflict.Index != tt.index {
					t.Errorf("%s: index = %q", tt.name, conflict.Index)
				}
			} else if conflict.Table != tt.table || strings.Join(conflict.Columns, ", ") != tt.columns {
				t.Errorf("%s: key = %s %v", tt.name, conflict.Table, conflict.Columns)
			}
			if !strings.Contains(err.Error(), "insert into trap") {
				t.Errorf("%s: message %q does not say where", tt.name, err)
			}
		}
		for _, sql := range []string{`insert into trap_leaf (name) values ('nobody')`} {
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(sql)
				return err
			})
			if !errors.Is(err, store.ErrReference) {
				t.Errorf("%s: error = %v, want ErrReference", sql, err)
			}
		}
	})
}

func TestFirstErrorSpoilsTheTransaction(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			if err := insert("a", "a")(tx); !errors.Is(err, store.ErrConflict) {
				t.Errorf("error = %v, want a conflict", err)
			}
			if err := insert("b")(tx); !errors.Is(err, store.ErrConflict) {
				t.Errorf("the next statement = %v, want the first error", err)
			}
			return nil
		})
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("update = %v, want the first error", err)
		}
		view(t, db, func(tx *store.Tx) error {
			names, err := tx.Strings(`select name from trap`)
			if len(names) > 0 {
				t.Errorf("names = %q, want none", names)
			}
			return err
		})
		update(t, db, func(tx *store.Tx) error {
			if err := tx.Scan([]any{new(string)}, `select name from trap where name = 'x'`); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("error = %v, want ErrNotFound", err)
			}
			return insert("c")(tx)
		})
	})
}

func TestValuesKeepTheirMeaning(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		times := []time.Time{
			time.UnixMicro(0).UTC(),
			time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
			time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
			time.Date(2026, 3, 29, 2, 30, 0, 1000, time.UTC),
		}
		update(t, db, func(tx *store.Tx) error {
			for _, want := range times {
				var got time.Time
				elsewhere := want.In(time.FixedZone("elsewhere", -9*60*60))
				err := tx.Scan([]any{store.AsTime(&got)},
					`insert into trap (name, n) values ($1, $2) returning n`, want.String(), elsewhere)
				if err != nil || !got.Equal(want) || got.Location() != time.UTC {
					t.Errorf("time %v came back as %v, %v", want, got, err)
				}
			}
			for _, want := range []int64{math.MinInt64, -1, 0, math.MaxInt32 + 1, math.MaxInt64} {
				var got int64
				err := tx.Scan([]any{&got}, `update trap set n = $1 where name = $2 returning n`, want, times[0].String())
				if err != nil || got != want {
					t.Errorf("integer %d came back as %d, %v", want, got, err)
				}
			}
			for _, want := range []bool{true, false} {
				var got bool
				err := tx.Scan([]any{&got}, `update trap set n = $1 where name = $2 returning n`, want, times[0].String())
				if err != nil || got != want {
					t.Errorf("%v came back as %v, %v", want, got, err)
				}
			}
			var (
				bytes []byte
				real  float64
			)
			err := tx.Scan([]any{&bytes, &real}, `update trap set b = $1, x = $2 where name = $3 returning b, x`,
				[]byte("\x00\xff"), 0.1, times[0].String())
			if err != nil || string(bytes) != "\x00\xff" || real != 0.1 {
				t.Errorf("blob and real came back as %q, %v, %v", bytes, real, err)
			}
			return nil
		})
	})
}

func TestNullIsNotEmpty(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		empty := ""
		update(t, db, func(tx *store.Tx) error {
			for name, note := range map[string]*string{"null": nil, "empty": &empty} {
				if _, err := tx.Exec(`insert into trap (name, note) values ($1, $2)`, name, note); err != nil {
					return err
				}
			}
			return nil
		})
		view(t, db, func(tx *store.Tx) error {
			for sql, want := range map[string]string{
				`select name from trap where note is null`:                         "null",
				`select name from trap where note = ''`:                            "empty",
				`select name from trap where note is distinct from ''`:             "null",
				`select name from trap where n is null and note is not null`:       "empty",
				`select name from trap order by coalesce(note, 'x'), name limit 1`: "empty",
			} {
				if got, err := tx.Strings(sql); err != nil || !slices.Equal(got, []string{want}) {
					t.Errorf("%s = %q, %v, want %s", sql, got, err, want)
				}
			}
			note, when := "?", new(time.Time)
			err := tx.Scan([]any{store.AsText(&note), store.AsNullTime(&when)}, `select note, n from trap where name = 'null'`)
			if note != "" || when != nil {
				t.Errorf("null scans as %q, %v", note, when)
			}
			return err
		})
	})
}

func TestColumnsRefuseOtherTypes(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		for _, sql := range []string{
			`insert into trap (name, n) values ('a', 'many')`,
			`insert into trap (name) values (null)`,
		} {
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(sql)
				return err
			})
			if err == nil {
				t.Errorf("%s was taken", sql)
			}
		}
	})
}

func TestPortableStatements(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			var a, b, c string
			err := tx.Scan([]any{&a, &b, &c},
				`select cast($2 as text), cast($1 as text), cast($2 as text) || '$1'`, "one", "two")
			if a != "two" || b != "one" || c != "two$1" {
				t.Errorf("placeholders = %q, %q, %q", a, b, c)
			}
			if err != nil {
				return err
			}
			var first, second int64
			err = errors.Join(
				tx.Scan([]any{&first}, `insert into trap (name) values ($1) returning id`, "a"),
				tx.Scan([]any{&second}, `insert into trap (name) values ($1) returning id`, "b"))
			if first == 0 || second <= first {
				t.Errorf("ids = %d, %d", first, second)
			}
			if err != nil {
				return err
			}
			n, err := tx.Exec(`
				insert into trap (name, n) values ($1, 1), ($2, 1), ($3, 1)
				on conflict (name) do update set n = coalesce(trap.n, 0) + excluded.n`, "a", "b", "c")
			if n != 3 {
				t.Errorf("upsert affected %d rows", n)
			}
			if err != nil {
				return err
			}
			chain, err := tx.Strings(`
				with recursive up (name, depth) as (
					select name, 0 from trap where name = $1
					union all
					select t.name, depth + 1 from trap t join up on t.name > up.name and depth < 2
				) select name from up order by depth, name`, "a")
			if got := strings.Join(chain, ""); got != "abcc" {
				t.Errorf("recursive query = %q", got)
			}
			return err
		})
	})
}

func TestNoStatementInsideAScan(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error { return tx.PutSetting("a", "before") })
		err := db.Update(t.Context(), (*store.Tx).Nested)
		if err == nil || !strings.Contains(err.Error(), "inside the scan") {
			t.Errorf("nested statement = %v", err)
		}
		update(t, db, func(tx *store.Tx) error { return tx.PutSetting("a", "after") })
	})
}

// TestRowsAreNeverLeftOpen ends closures while rows are open, in two ways; an open row would
// hold the connection, and the close of the store, for ever.
func TestRowsAreNeverLeftOpen(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error { return tx.PutSetting("a", "b") })
		for _, door := range []func(context.Context, func(*store.Tx) error) error{db.View, db.Update} {
			if err := door(t.Context(), func(tx *store.Tx) error {
				tx.Forgotten()
				return nil
			}); err != nil {
				t.Error(err)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("no panic came through")
					}
				}()
				_ = door(t.Context(), func(tx *store.Tx) error {
					tx.PanicInScan()
					return nil
				})
			}()
		}
		update(t, db, func(tx *store.Tx) error { return tx.PutSetting("a", "c") })
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestManyDifferentStatements(t *testing.T) {
	onEach(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			for i := range 1200 {
				if _, err := tx.Strings(`select name from trap where n = ` + strings.Repeat("1", 1+i%15) + strings.Repeat(" ", i)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func TestRewriting(t *testing.T) {
	sql := `select "a$1", '$1 '' $2', $1, $12 -- $3
		from t where n = $1`
	want := `select "a$1", '$1 '' $2', +?1, +?12 -- $3
		from t where n = +?1`
	if got := store.Numbered(sql); got != want {
		t.Errorf("placeholders:\n%s", got)
	}
	got := store.Statements("-- only; a comment\ncreate table a (x text); ;insert into a values (';''--');\n-- end")
	if want := []string{"create table a (x text)", "insert into a values (';''--')"}; !slices.Equal(got, want) {
		t.Errorf("statements = %q", got)
	}
	schema := store.PgSchema(`create table t (id integer primary key, context text not null default 'text', b blob, x real)`)
	wantSchema := `create table t (id bigint generated by default as identity primary key, context text collate "C" not null default 'text', b bytea, x double precision)`
	if schema != wantSchema {
		t.Errorf("schema = %s", schema)
	}
}

func FuzzTokens(f *testing.F) {
	for _, seed := range []string{"", "select $1", "'", `"a""b" -- c`, "a\x00\xff$", "$$1;;--"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := strings.Join(store.Tokens(text), ""); got != text {
			t.Errorf("the parts make %q of %q", got, text)
		}
		// Without what stands for a placeholder nothing has changed.
		bare := strings.NewReplacer("+?", "", "$", "")
		if got := store.Numbered(text); bare.Replace(got) != bare.Replace(text) {
			t.Errorf("%q became %q", text, got)
		}
		for _, s := range store.Statements(text) {
			if strings.TrimSpace(s) == "" {
				t.Errorf("%q has an empty statement", text)
			}
		}
	})
}
