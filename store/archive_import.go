package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxArchiveLine bounds one line of an archive, in bytes.
const maxArchiveLine = 64 << 20

// Import fills an empty store with what an archive holds, in one transaction: all of it or,
// on any error, nothing. verify may look at what was imported and refuse it; its writes
// stay. The schema becomes the archive's and is brought up to date when the store is opened
// the next time, so that archives of older versions pass through the same migrations as
// their stores would have.
//
// Errors: [ErrNotEmpty] for a store that has data, [ErrArchive] for a file that is no
// archive or not intact, [ErrNewer] for an archive, or an empty store, of a newer version.
func Import(ctx context.Context, o Options, r io.ReadSeeker, verify func(*Tx) error) (Archive, error) {
	var out Archive
	a, err := openArchive(r)
	if err != nil {
		return out, err
	}
	if a.head.Organization != "" {
		return out, fmt.Errorf("%w of a whole installation: it has the organization %s alone", ErrArchive, a.head.Organization)
	}
	known, err := readMigrations(migrationFiles)
	if err != nil {
		return out, err
	}
	schema, err := a.schema(known)
	if err != nil {
		return out, err
	}
	tables, err := tablesOf(schema)
	if err != nil {
		return out, err
	}
	db, err := open(ctx, o, schema, true)
	if errors.Is(err, ErrNewer) {
		return out, fmt.Errorf("what is there has a newer schema than the archive; import into a new data folder or database: %w", err)
	}
	if err != nil {
		return out, err
	}
	err = db.Update(ctx, func(tx *Tx) error {
		// The closure may run again: it begins at the beginning of the file.
		a, err := openArchive(r)
		if err != nil {
			return err
		}
		if err := checkEmpty(tx, tables); err != nil {
			return err
		}
		if err := a.load(ctx, tx, tables); err != nil {
			return err
		}
		out = Archive{CreatedAt: a.head.CreatedAt, Rows: a.rows, Audit: a.head.Audit}
		return verify(tx)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return Archive{}, fmt.Errorf("import: %w", err)
	}
	return out, nil
}

func checkEmpty(tx *Tx, tables []table) error {
	for _, t := range tables {
		var one int64
		err := tx.queryRow("select 1 from " + t.name + " limit 1").Scan(&one)
		if err == nil {
			return fmt.Errorf("%w: table %s has rows; import into a new data folder or database", ErrNotEmpty, t.name)
		}
		if !isNotFound(err) {
			return err
		}
	}
	return nil
}

// archiveReader reads the lines of an archive.
type archiveReader struct {
	head  archiveHead
	lines *bufio.Scanner
	sum   hash.Hash
	rows  int64
}

// openArchive reads the first line, from the beginning of r.
func openArchive(r io.ReadSeeker) (*archiveReader, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArchive, err)
	}
	a := &archiveReader{lines: bufio.NewScanner(z), sum: sha256.New()}
	a.lines.Buffer(make([]byte, 64<<10), maxArchiveLine)
	line, err := a.next()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &a.head); err != nil || a.head.Format != archiveFormat {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrArchive)
	}
	if a.head.Version != archiveVersion {
		return nil, fmt.Errorf("%w: the archive's format is version %d, this binary knows version %d", ErrNewer, a.head.Version, archiveVersion)
	}
	a.add(line)
	return a, nil
}

// schema returns the migrations of the store that was exported.
func (a *archiveReader) schema(known []migration) ([]migration, error) {
	var have []applied
	for _, s := range a.head.Schema {
		have = append(have, applied{s.Version, s.Name, s.Checksum})
	}
	out, err := pick(have, known)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return out, nil
}

// next returns the next line without its end.
func (a *archiveReader) next() ([]byte, error) {
	if a.lines.Scan() {
		return a.lines.Bytes(), nil
	}
	if err := a.lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArchive, err)
	}
	return nil, fmt.Errorf("%w: it is cut off", ErrArchive)
}

// add puts a line into the checksum.
func (a *archiveReader) add(line []byte) {
	a.sum.Write(line)
	a.sum.Write([]byte{'\n'})
}

// load writes all rows and checks that the archive is whole.
func (a *archiveReader) load(ctx context.Context, tx *Tx, tables []table) error {
	var into inserter
	for {
		line, err := a.next()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte{'['}) {
			if err := errors.Join(ctx.Err(), into.row(tx, line)); err != nil {
				return err
			}
			a.add(line)
			a.rows++
			continue
		}
		var mark archiveLine
		if err := json.Unmarshal(line, &mark); err != nil {
			return fmt.Errorf("%w: %w", ErrArchive, err)
		}
		if err := into.flush(tx); err != nil {
			return err
		}
		if mark.End {
			return a.finish(mark)
		}
		// The archive's order of tables is not trusted further than the store's own checks.
		i := slices.IndexFunc(tables, func(t table) bool { return t.name == mark.Table })
		if i < 0 || !slices.Equal(tables[i].names(), mark.Columns) {
			return fmt.Errorf("%w: table %q is not as its schema says", ErrArchive, mark.Table)
		}
		into = newInserter(tables[i])
		a.add(line)
	}
}

// finish compares the last line with what was read, and reads up to the end of the file,
// where gzip's own checksum is.
func (a *archiveReader) finish(end archiveLine) error {
	if end.Rows != a.rows || end.SHA256 != hex.EncodeToString(a.sum.Sum(nil)) {
		return fmt.Errorf("%w: its checksum is another", ErrArchive)
	}
	if a.lines.Scan() {
		return fmt.Errorf("%w: it goes on after its end", ErrArchive)
	}
	if err := a.lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	return nil
}

// rowsAtOnce is how many rows one insert takes: the way to PostgreSQL and back costs more
// than a row does.
const rowsAtOnce = 50

// inserter writes rows of one table. The zero value takes none.
type inserter struct {
	columns []column
	// many and one are the inserts of rowsAtOnce rows and of one row; many is empty where rows
	// come one by one.
	many, one string
	// fixed is set where a row that is there already must not be written over by another.
	fixed   *ConflictError
	waiting []any
}

func newInserter(t table) inserter {
	w := inserter{columns: t.carried(), many: insertText(t, rowsAtOnce), one: insertText(t, 1)}
	same, shared := registered[t.name]
	switch {
	case !shared:
		return w
	case same == "":
		w.one += " on conflict do nothing"
	default:
		w.one += " on conflict (" + strings.Join(t.key, ", ") + ") do update set " + same + " = excluded." + same +
			" where " + t.name + "." + same + " = excluded." + same
		w.fixed = &ConflictError{Table: t.name, Columns: t.key}
	}
	w.many = ""
	return w
}

func insertText(t table, rows int) string {
	var b strings.Builder
	b.WriteString("insert into " + t.name + " (" + strings.Join(t.names(), ", ") + ") values ")
	n := 0
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		before := "($"
		for range t.carried() {
			n++
			b.WriteString(before + strconv.Itoa(n))
			before = ", $"
		}
		b.WriteString(")")
	}
	return b.String()
}

func (w *inserter) row(tx *Tx, line []byte) error {
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	if len(w.columns) == 0 || len(cells) != len(w.columns) {
		return fmt.Errorf("%w: a row of %d values", ErrArchive, len(cells))
	}
	for i, cell := range cells {
		value, err := restored(cell, w.columns[i].kind)
		if err != nil {
			return fmt.Errorf("%w: column %s: %w", ErrArchive, w.columns[i].name, err)
		}
		w.waiting = append(w.waiting, value)
	}
	if w.many == "" {
		return w.flush(tx)
	}
	if len(w.waiting) < rowsAtOnce*len(w.columns) {
		return nil
	}
	_, err := tx.exec(w.many, w.waiting...)
	w.waiting = w.waiting[:0]
	return err
}

// flush writes the rows that wait.
func (w *inserter) flush(tx *Tx) error {
	for row := range slices.Chunk(w.waiting, max(1, len(w.columns))) {
		n, err := tx.exec(w.one, row...)
		if err == nil && n == 0 && w.fixed != nil {
			err = w.fixed
		}
		if err != nil {
			return err
		}
	}
	w.waiting = nil
	return nil
}
