package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"
)

// An archive is a whole installation in one file that either engine can take in: lines of
// JSON, compressed with gzip.
//
//	{"format":"bailiwick-archive","version":1,"created_at":…,"schema":[…],"audit":true}
//	{"table":"org_accounts","columns":["id",…]}
//	["111122223333",…]
//	…
//	{"end":true,"rows":12345,"sha256":"…"}
//
// A row has the values of its columns: text as string, integer as number, blob as string in
// base64. The last line has the number of rows and the SHA-256 of all bytes before it,
// uncompressed, so that a file which was cut off or changed is found out. Secrets are in it
// as they are in the store: sealed with the master key, which is not in it.
const (
	archiveFormat  = "bailiwick-archive"
	archiveVersion = 1
)

// Errors of archives.
var (
	// ErrArchive says that a file is not an archive, or not a whole one, or was changed.
	ErrArchive = errors.New("store: not an intact archive")
	// ErrNotEmpty says that an import met a store that has data already.
	ErrNotEmpty = errors.New("store: not empty")
)

// Archive says what an archive holds.
type Archive struct {
	// CreatedAt is the time of the snapshot.
	CreatedAt time.Time
	// Rows is the number of rows over all tables.
	Rows int64
	// Audit says whether the audit log is in it.
	Audit bool
	// Organization is the one organization that is in it; empty for a whole installation.
	Organization string
}

// archiveHead is the first line.
type archiveHead struct {
	Format    string          `json:"format"`
	Version   int             `json:"version"`
	CreatedAt time.Time       `json:"created_at"`
	Schema    []archiveSchema `json:"schema"`
	Audit     bool            `json:"audit"`
	// Organization and Settings are those of ExportOrganization.
	Organization string            `json:"organization,omitempty"`
	Settings     map[string]string `json:"settings,omitempty"`
}

// archiveSchema is one migration of the store that was exported.
type archiveSchema struct {
	Version  int    `json:"version"`
	Name     string `json:"name"`
	Checksum string `json:"checksum"`
}

// archiveLine is any other line that is not a row.
type archiveLine struct {
	Table   string   `json:"table,omitempty"`
	Columns []string `json:"columns,omitempty"`
	End     bool     `json:"end,omitempty"`
	Rows    int64    `json:"rows,omitempty"`
	SHA256  string   `json:"sha256,omitempty"`
}

// Export writes all of the store to w as one archive, from one snapshot: what is committed
// while it runs is not in it, and nothing is in it by half. With audit false the audit log
// is left out. The rows are streamed; memory does not grow with the store.
func Export(ctx context.Context, db *DB, w io.Writer, audit bool) (Archive, error) {
	var out Archive
	err := db.View(ctx, func(tx *Tx) error {
		schema, err := schemaOf(tx)
		if err != nil {
			return err
		}
		tables, err := tablesOf(schema)
		if err != nil {
			return err
		}
		out = Archive{CreatedAt: tx.Now(), Audit: audit}
		a := newArchiveWriter(w)
		a.line(headOf(out, schema))
		for _, t := range tables {
			if !audit && strings.HasPrefix(t.name, auditTables) {
				continue
			}
			if err := a.table(tx, t, ""); err != nil {
				return err
			}
		}
		out.Rows = a.rows
		return a.end()
	})
	if err != nil {
		return Archive{}, fmt.Errorf("export: %w", err)
	}
	return out, nil
}

// headOf is the first line of an archive.
func headOf(a Archive, schema []migration) archiveHead {
	head := archiveHead{
		Format: archiveFormat, Version: archiveVersion, CreatedAt: a.CreatedAt, Audit: a.Audit,
		Organization: a.Organization, Settings: map[string]string{},
	}
	for _, m := range schema {
		head.Schema = append(head.Schema, archiveSchema{m.version, m.name, m.checksum})
	}
	return head
}

// schemaOf returns the migrations that the database has, all of which this program knows.
func schemaOf(tx *Tx) ([]migration, error) {
	known, err := readMigrations(migrationFiles)
	if err != nil {
		return nil, err
	}
	have, err := appliedIn(tx)
	if err != nil {
		return nil, err
	}
	return pick(have, known)
}

// pick returns those of the known migrations that a database or an archive has.
func pick(have []applied, known []migration) ([]migration, error) {
	missing, err := compare(have, known)
	if err != nil {
		return nil, err
	}
	lacks := make(map[int]bool, len(missing))
	for _, m := range missing {
		lacks[m.version] = true
	}
	var out []migration
	for _, m := range known {
		if !lacks[m.version] {
			out = append(out, m)
		}
	}
	return out, nil
}

// archiveWriter writes lines and remembers the first error.
type archiveWriter struct {
	gzip *gzip.Writer
	out  *bufio.Writer
	sum  hash.Hash
	rows int64
	err  error
}

func newArchiveWriter(w io.Writer) *archiveWriter {
	a := &archiveWriter{gzip: gzip.NewWriter(w), sum: sha256.New()}
	a.out = bufio.NewWriterSize(io.MultiWriter(a.gzip, a.sum), 64<<10)
	return a
}

// line writes a value as a line.
func (a *archiveWriter) line(value any) {
	if a.err != nil {
		return
	}
	text, err := json.Marshal(value)
	if err == nil {
		_, err = a.out.Write(append(text, '\n'))
	}
	a.err = err
}

// table writes the rows of a table that a condition selects, in the order of its key.
func (a *archiveWriter) table(tx *Tx, t table, where string, args ...any) error {
	a.line(archiveLine{Table: t.name, Columns: t.names()})
	columns := t.carried()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	query := "select " + strings.Join(t.names(), ", ") + " from " + t.name + where + " order by " + strings.Join(t.key, ", ")
	// The empty struct keeps nothing of a row once it is written.
	_, err := queryAll(tx, func(rows *sql.Rows) (struct{}, error) {
		if err := tx.ctx.Err(); err != nil {
			return struct{}{}, err
		}
		if err := rows.Scan(into...); err != nil {
			return struct{}{}, err
		}
		for i, c := range columns {
			if err := archived(&values[i], c.kind); err != nil {
				return struct{}{}, fmt.Errorf("%s.%s: %w", t.name, c.name, err)
			}
		}
		a.line(values)
		a.rows++
		return struct{}{}, a.err
	}, query, args...)
	return errors.Join(err, a.err)
}

// archived gives a scanned value the form it has in an archive.
func archived(value *any, kind string) error {
	switch v := (*value).(type) {
	case nil:
		return nil
	case int64:
		if kind == "integer" {
			return nil
		}
	case string:
		if kind == "text" {
			return nil
		}
	case []byte:
		switch kind {
		case "text":
			*value = string(v)
			return nil
		case "blob":
			*value = base64.StdEncoding.EncodeToString(v)
			return nil
		}
	}
	return fmt.Errorf("%T in a column of %s", *value, kind)
}

// end writes the last line.
func (a *archiveWriter) end() error {
	if a.err == nil {
		a.err = a.out.Flush()
	}
	a.line(archiveLine{End: true, Rows: a.rows, SHA256: hex.EncodeToString(a.sum.Sum(nil))})
	if a.err != nil {
		return a.err
	}
	return errors.Join(a.out.Flush(), a.gzip.Close())
}

// restored gives a value of an archive the form that the store takes.
func restored(text json.RawMessage, kind string) (any, error) {
	if string(text) == "null" {
		return nil, nil
	}
	if kind == "integer" {
		return strconv.ParseInt(string(text), 10, 64)
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	switch kind {
	case "text":
		return s, nil
	case "blob":
		b, err := base64.StdEncoding.DecodeString(s)
		if b == nil {
			b = []byte{}
		}
		return b, err
	}
	return nil, fmt.Errorf("columns of %s are unknown", kind)
}
