package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store/pgtest"
)

// sealedSecrets selects what is sealed in the tables that the scenes fill.
const sealedSecrets = `select secret from iam_access_keys union all select seed from iam_mfa_devices union all select private_key from iam_outbound_keys`

// sealedWith counts the secrets in the store by the id of the master key that sealed them.
func sealedWith(t testing.TB, db *sql.DB) map[string]int {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), sealedSecrets)
	must(t, err)
	defer rows.Close()
	found := map[string]int{}
	for rows.Next() {
		var sealed []byte
		must(t, rows.Scan(&sealed))
		found[credential.SealedWith(sealed)]++
	}
	must(t, rows.Err())
	return found
}

// manyKeys gives the account users with keys, as many that sealing them anew takes many steps.
func (w *world) manyKeys(t testing.TB, count int) []as {
	t.Helper()
	keys := make([]as, count)
	var making sync.WaitGroup
	for part := range 8 {
		making.Go(func() {
			for i := part; i < count; i += 8 {
				keys[i] = w.admin.newUser(t, fmt.Sprintf("keeper-%d", i), allow("*", "*"))
			}
		})
	}
	making.Wait()
	return keys
}

// The master key is changed under a running server that is killed again and again while it
// seals everything anew: every key and every session goes on working, before, meanwhile, after
// it, and when the former key is gone.
func TestMasterKeyRotation(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		rotate(t, start(t, "", "--log-level", "debug"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		rotate(t, start(t, pgtest.Database(t), "--log-level", "debug"))
	})
}

func rotate(t *testing.T, s *server) {
	w := organize(t, s)
	session := w.inside(t, w.account(t, w.rootID, "Member", ""))
	// A batch is 200: this takes three steps with a pause after each.
	keys := append(w.manyKeys(t, 500), w.admin, w.root, session)
	path := filepath.Join(s.dir, "master.key")
	former, err := credential.LoadMasterKeys(path)
	must(t, err)
	place := []string{"--data-dir", s.dir}
	if s.url != "" {
		place = append(place, "--database-url", s.url)
	}
	verb := func(name string, more ...string) string {
		t.Helper()
		text, errs, ok := command(t, nil, append(append([]string{"master-key", name}, place...), more...)...)
		if !ok {
			t.Fatalf("master-key %s: %s %s", name, text, errs)
		}
		return text
	}
	verb("rotate")
	current, err := credential.LoadMasterKeys(path)
	must(t, err)
	if len(current) != 2 || current[1] != former[0] {
		t.Fatalf("keys %v after %v", current, former)
	}
	kills, halves := 0, 0
	for done := false; !done; kills++ {
		awaitLog(t, s, "sealed anew", "all secrets are sealed")
		s.kill()
		db := s.books(t)
		found := sealedWith(t, db)
		must(t, db.Close())
		if done = found[former[0].ID()] == 0; !done && found[current[0].ID()] > 0 {
			halves++
		}
		s.run()
		for i := range keys {
			keys[i] = keys[i].at(s)
		}
		must(t, errors.Join(keys[kills].listUsers(), keys[len(keys)-1].listUsers()))
	}
	if halves == 0 {
		t.Error("it was never killed half way")
	}
	t.Logf("killed %d times, %d of them half way", kills, halves)
	works := func() {
		t.Helper()
		for _, key := range keys {
			must(t, key.listUsers())
		}
	}
	works()
	// The check value comes last; the server says when it is done.
	for end := time.Now().Add(time.Minute); !strings.Contains(verb("show"), former[0].ID()+"  former   0"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("keys in use:\n%s", verb("show"))
		}
	}
	complains(t, nil, []string{"session tokens"}, append([]string{"master-key", "retire"}, place...)...)
	must(t, os.Chtimes(path, time.Time{}, time.Now().Add(-40*time.Hour)))
	verb("retire")
	s.restart()
	for i := range keys {
		keys[i] = keys[i].at(s)
	}
	session = keys[len(keys)-1]
	fails(t, session.listUsers(), "InvalidClientTokenId", "") // its token was the former key's
	keys = keys[:len(keys)-1]
	works()
	text, err := os.ReadFile(path)
	must(t, err)
	if bytes.Count(text, []byte("\n")) != 1 {
		t.Errorf("keys left: %d", bytes.Count(text, []byte("\n")))
	}
}

// awaitLog waits until the log has one of the texts.
func awaitLog(t testing.TB, s *server, texts ...string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		for _, text := range texts {
			if strings.Contains(s.log.String(), text) {
				return
			}
		}
	}
	t.Fatalf("no %q in the log:\n%s", texts, s.log)
}

// hangUp sends the server SIGHUP.
func (s *server) hangUp() error { return s.cmd.Process.Signal(syscall.SIGHUP) }

// Master keys come from a file of any name, from a command, and from the environment; a running
// server takes on what the command says now, and keeps its keys when that makes no sense.
func TestMasterKeySources(t *testing.T) {
	t.Parallel()
	first, err := credential.NewMasterKey()
	must(t, err)
	second, err := credential.NewMasterKey()
	must(t, err)
	other, err := credential.NewMasterKey()
	must(t, err)
	path := filepath.Join(t.TempDir(), "keys")
	must(t, credential.ReplaceMasterKeys(path, []credential.MasterKey{first}))
	s := start(t, "", "--master-key-command", "cat "+path)
	key := s.root().newUser(t, "alice", allow("*", "*"))
	session, err := key.session("", "")
	must(t, err)

	for _, nonsense := range []string{"", "no key at all\n", strings.Repeat("x", 10_000), other.Reveal() + "\n"} {
		must(t, os.WriteFile(path, []byte(nonsense), 0o600))
		mark := len(s.log.String())
		must(t, s.hangUp())
		for end := time.Now().Add(10 * time.Second); !strings.Contains(s.log.String()[mark:], "the old ones stay"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%.20q was taken:\n%s", nonsense, s.log)
			}
		}
		must(t, key.listUsers())
	}
	must(t, credential.ReplaceMasterKeys(path, []credential.MasterKey{second, first}))
	must(t, s.hangUp())
	awaitLog(t, s, "all secrets are sealed with the current master key")
	must(t, key.listUsers())
	_, err = session.sts().GetCallerIdentity(context.Background(), nil)
	must(t, err)
	for _, k := range []credential.MasterKey{first, second, other} {
		if strings.Contains(s.log.String(), k.Reveal()) {
			t.Error("a master key is in the log")
		}
	}

	must(t, credential.ReplaceMasterKeys(path, []credential.MasterKey{second}))
	for _, source := range [][]string{
		{"--master-key-file", path},
		{"--master-key", second.Reveal()},
		{"--master-key-command", "cat " + path},
		{"--master-key", other.Reveal(), "--previous-master-keys", second.Reveal()},
	} {
		must(t, s.stop())
		s.args = source
		s.run()
		key = key.at(s)
		must(t, key.listUsers())
	}
	must(t, s.stop())
	for _, source := range [][]string{
		{"--master-key", first.Reveal()},
		{"--master-key-file", filepath.Join(s.dir, "none")},
		{"--master-key-command", "exit 3"},
		{"--master-key-command", "sleep 0; echo " + first.Reveal()},
		{"--master-key-file", path, "--master-key", second.Reveal()},
	} {
		_, errs, ok := command(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", s.dir}, source...)...)
		if ok || !strings.Contains(errs, "master") {
			t.Errorf("%v: %v, %s", source, ok, errs)
		}
		if strings.Contains(errs, first.Reveal()) {
			t.Errorf("%v: the key is in the answer", source)
		}
	}
}
