package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/credential"
)

// forms are the ways in which a secret could stand in a text.
func forms(secret string) [][]byte {
	raw := []byte(secret)
	quoted, _ := json.Marshal(secret) // a text is always JSON
	all := [][]byte{
		raw, quoted[1 : len(quoted)-1], []byte(url.QueryEscape(secret)), []byte(url.PathEscape(secret)), []byte(fmt.Sprint(raw)),
		[]byte(base64.StdEncoding.EncodeToString(raw)), []byte(base64.RawStdEncoding.EncodeToString(raw)), []byte(base64.RawURLEncoding.EncodeToString(raw)),
		[]byte(hex.EncodeToString(raw)), []byte(strings.ToUpper(hex.EncodeToString(raw))),
	}
	slices.SortFunc(all, bytes.Compare)
	return slices.CompactFunc(all, bytes.Equal)
}

// absent expects none of the secrets in a text, in whatever form.
func (c secrets) absent(t testing.TB, place string, text []byte) {
	t.Helper()
	for name, secret := range c {
		for _, form := range forms(secret) {
			if at := bytes.Index(text, form); at >= 0 {
				t.Errorf("the %s stands in %s: %q", name, place, text[max(0, at-80):min(len(text), at+len(form)+20)])
				break
			}
		}
	}
}

// searched expects none of the secrets in a text that has what is no secret.
func (c secrets) searched(t testing.TB, place string, text []byte, known string) {
	t.Helper()
	if !bytes.Contains(text, []byte(known)) {
		t.Errorf("%s are not what was to be searched: no %s in %d bytes", place, known, len(text))
	}
	c.absent(t, place, text)
}

// pem takes note of a key: the line of its text that has most of it, and its number.
func (c secrets) pem(t testing.TB, name, text string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	c[name+" in letters"] = lines[1]
	der, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "-----END") })], ""))
	must(t, err)
	c.der(t, name, der)
}

func (c secrets) der(t testing.TB, name string, der []byte) {
	t.Helper()
	key, err := x509.ParsePKCS8PrivateKey(der)
	must(t, err)
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		number, err := key.Bytes()
		must(t, err)
		c[name] = string(number)
	case *rsa.PrivateKey:
		c[name] = string(key.Primes[0].Bytes())
		c["exponent of the "+name] = string(key.D.Bytes())
	default:
		t.Fatalf("%s is a %T", name, key)
	}
}

// sealedOwners select what is sealed with the owner that it is sealed for.
var sealedOwners = map[string]string{
	"secret access key":           `select id, secret from iam_access_keys`,
	"seed":                        `select serial, seed from iam_mfa_devices`,
	"key of a server certificate": `select id, private_key from iam_server_certificates`,
	"key for SAML assertions":     `select id, private_key from iam_saml_keys`,
	"key of an issuer":            `select id, private_key from iam_outbound_keys`,
}

// opened takes note of all that the store has sealed, also of what nobody was ever told.
func (c secrets) opened(t testing.TB, s *server, db *sql.DB) {
	t.Helper()
	keys, err := credential.LoadMasterKeys(filepath.Join(s.dir, "master.key"))
	must(t, err)
	vault, err := credential.NewVault(credential.NewKeyring(keys[0], keys[1:]...))
	must(t, err)
	c["master key"] = keys[0].Reveal()
	for kind, query := range sealedOwners {
		rows, err := db.QueryContext(context.Background(), query)
		must(t, err)
		count := 0
		for ; rows.Next(); count++ {
			var owner string
			var sealed []byte
			must(t, rows.Scan(&owner, &sealed))
			secret, err := vault.Open(owner, sealed)
			must(t, err)
			name := kind + " " + owner
			switch {
			case kind == "key of an issuer":
				c.der(t, name, secret)
			case strings.HasPrefix(kind, "key "):
				c.pem(t, name, string(secret))
			default:
				c[name] = string(secret)
			}
		}
		must(t, rows.Err())
		if count == 0 {
			t.Errorf("there is no %s", kind)
		}
	}
}

// rowsOf are all rows of all tables of the store, as texts.
func rowsOf(t testing.TB, s *server, db *sql.DB) []byte {
	t.Helper()
	ctx := context.Background()
	query := `select name from sqlite_master where type = 'table'`
	if s.url != "" {
		query = `select table_name from information_schema.tables where table_schema = 'public'`
	}
	rows, err := db.QueryContext(ctx, query)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	if len(tables) < 30 {
		t.Errorf("only the tables %v", tables)
	}
	var all bytes.Buffer
	for _, table := range tables {
		rows, err := db.QueryContext(ctx, `select * from "`+table+`"`)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		for rows.Next() {
			must(t, rows.Scan(places...))
			for i, v := range values {
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				fmt.Fprintf(&all, "%s.%s=%v\n", table, columns[i], v)
			}
		}
		must(t, rows.Err())
	}
	return all.Bytes()
}

// copies are what backup and export write and say, beside the running server.
func (s *server) copies(t testing.TB) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	place := []string{"--data-dir", s.dir}
	if s.url != "" {
		place = append(place, "--database-url", s.url)
	}
	found := map[string][]byte{}
	for name, args := range map[string][]string{
		"backup": {"backup", filepath.Join(dir, "backups")},
		"export": {"export", filepath.Join(dir, "all.archive")},
	} {
		text, errs, ok := command(t, nil, append(args, place...)...)
		if !ok {
			t.Fatalf("%s: %s %s", name, text, errs)
		}
		found["what "+name+" prints"] = []byte(text + errs)
	}
	for path, text := range (&server{dir: dir}).files(t) {
		if strings.HasSuffix(path, ".archive") {
			unpacked, err := gzip.NewReader(bytes.NewReader(text))
			must(t, err)
			text, err = io.ReadAll(unpacked)
			must(t, err)
		}
		found[filepath.Base(path)] = text
	}
	if len(found) != 4 {
		t.Errorf("%d copies", len(found))
	}
	return found
}

// page is what the server answers to everybody.
func (s *server) page(t testing.TB, path string) []byte {
	t.Helper()
	res, err := http.Get(s.endpoint + path)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", path, res.Status)
	}
	return body
}

// closed expects the files of secrets to be closed to others, and returns the other files of
// the data folder.
func (s *server) closed(t testing.TB) map[string][]byte {
	t.Helper()
	found := s.files(t)
	for path := range found {
		if name := filepath.Base(path); name == "credentials" || name == "operator-token" || name == "master.key" {
			info, err := os.Stat(path)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s has the mode %v", name, info.Mode())
			}
			delete(found, path)
		}
	}
	return found
}
