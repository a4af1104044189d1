package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// childVariable makes the test binary be the child of TestKill, with the folder as value.
const childVariable = "BAILIWICK_TEST_STORE_CHILD"

func TestMain(m *testing.M) {
	if folder := os.Getenv(childVariable); folder != "" {
		if err := child(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// child writes without end and prints each number when its write is acknowledged. A number
// is written in two rows, so that half a write would show.
func child(folder string) error {
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(folder, "bailiwick.db")})
	if err != nil {
		return err
	}
	const writers = 8
	failed := make(chan error, writers)
	for range writers {
		go func() {
			for {
				id := strconv.FormatUint(rand.Uint64(), 36)
				err := db.Update(context.Background(), func(tx *store.Tx) error {
					return errors.Join(tx.PutSetting("x"+id, strings.Repeat("x", 500)), tx.PutSetting("y"+id, ""))
				})
				if err != nil {
					failed <- err
				}
				// One system call for each line, so that no line is half printed.
				if _, err := os.Stdout.WriteString(id + "\n"); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// TestKill kills a writing process again and again, in the middle, and finds all that was
// acknowledged, and nothing half.
func TestKill(t *testing.T) {
	const rounds = 10
	folder := t.TempDir()
	acknowledged := make(map[string]bool)
	for range rounds {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), childVariable+"="+folder)
		command.Stderr = os.Stderr
		pipe, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		enough := len(acknowledged) + 40
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			acknowledged[lines.Text()] = true
			if len(acknowledged) == enough {
				time.AfterFunc(rand.N(20*time.Millisecond), func() { _ = command.Process.Kill() })
			}
		}
		_ = command.Wait() // it says that the child was killed
		check(t, folder, acknowledged)
	}
	t.Logf("%d acknowledged writes over %d kills", len(acknowledged), rounds)
}

func check(t *testing.T, folder string, acknowledged map[string]bool) {
	t.Helper()
	db := storetest.Reopen(t, store.Options{Path: filepath.Join(folder, "bailiwick.db")})
	view(t, db, func(tx *store.Tx) error {
		verdict, err := tx.Strings(`pragma integrity_check`)
		if err != nil || strings.Join(verdict, ";") != "ok" {
			t.Errorf("integrity check: %q, %v", verdict, err)
		}
		rows, err := tx.Strings(`select name from core_settings`)
		if err != nil {
			return err
		}
		have := make(map[string]bool, len(rows))
		for _, name := range rows {
			have[name] = true
		}
		for id := range acknowledged {
			if !have["x"+id] {
				t.Errorf("the acknowledged write %s is lost", id)
			}
		}
		for name := range have {
			if !have["x"+name[1:]] || !have["y"+name[1:]] {
				t.Errorf("half of the write %s is there", name[1:])
			}
		}
		return nil
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	folder := t.TempDir()
	options := store.Options{Path: filepath.Join(folder, "bailiwick.db")}
	db := storetest.Reopen(t, options)
	_, err := store.Open(t.Context(), options)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("second open = %v, want ErrLocked with the owner's process id", err)
	}
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+folder)
	if out, err := command.CombinedOutput(); err == nil || !strings.Contains(string(out), store.ErrLocked.Error()) {
		t.Errorf("another process: %v, %s", err, out)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Reopen(t, options)
}

// TestFullDisk lets SQLite run out of room in the middle of a crowd of updates: those that
// were acknowledged are there, the others are not, and the store goes on when there is room
// again.
func TestFullDisk(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.Memory(), storetest.File()} {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			limit := func(pages int) {
				t.Helper()
				update(t, db, func(tx *store.Tx) error {
					var got int
					return tx.Scan([]any{&got}, fmt.Sprintf(`pragma max_page_count = %d`, pages))
				})
			}
			var used int
			view(t, db, func(tx *store.Tx) error { return tx.Scan([]any{&used}, `pragma page_count`) })
			limit(used + 20)
			const crowd = 40
			results := make([]error, crowd)
			var wait sync.WaitGroup
			for i := range crowd {
				wait.Go(func() {
					results[i] = db.Update(t.Context(), func(tx *store.Tx) error {
						_ = tx.PutSetting("n"+strconv.Itoa(i), strings.Repeat("x", 10_000)) // hides the error
						return nil
					})
				})
			}
			wait.Wait()
			full := 0
			for i, err := range results {
				value, _ := setting(t, db, "n"+strconv.Itoa(i))
				if there := len(value) == 10_000; there != (err == nil) {
					t.Errorf("update %d: %v, but there: %v", i, err, there)
				}
				if err != nil {
					full++
					if !errors.Is(err, store.ErrFull) {
						t.Errorf("update %d = %v, want ErrFull", i, err)
					}
				}
			}
			if full == 0 {
				t.Error("the disk was never full")
			}
			limit(1 << 30)
			update(t, db, func(tx *store.Tx) error { return tx.PutSetting("after", "x") })
		})
	}
}

// TestFailedCommitFailsTheBatch lets a commit fail by a deferred constraint, which nothing
// in the store's own schema has: all updates of that commit have failed, whoever was to
// blame, and no cache is told of a change.
func TestFailedCommitFailsTheBatch(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.Memory(), storetest.File()} {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.Exec(`create table bomb (name text not null references core_settings (name) deferrable initially deferred)`)
				return err
			})
			revision := db.Revision("batch")
			// The first update holds the batch open until the others wait behind it.
			const crowd = 5
			results := make([]error, crowd)
			began, crowded := make(chan struct{}), make(chan struct{})
			var wait sync.WaitGroup
			for i := range crowd {
				wait.Go(func() {
					if i > 0 {
						<-began
					}
					results[i] = db.Update(t.Context(), func(tx *store.Tx) error {
						if i == 0 {
							close(began)
							<-crowded
							_, err := tx.Exec(`insert into bomb (name) values ('nobody')`)
							return err
						}
						tx.Touch("batch")
						return tx.PutSetting("n"+strconv.Itoa(i), "written")
					})
				})
			}
			<-began
			time.Sleep(20 * time.Millisecond)
			close(crowded)
			wait.Wait()
			for i, err := range results {
				if !errors.Is(err, store.ErrReference) {
					t.Errorf("update %d = %v, want ErrReference", i, err)
				}
				if value, _ := setting(t, db, "n"+strconv.Itoa(i)); value != "" {
					t.Errorf("update %d is there", i)
				}
			}
			if db.Revision("batch") != revision {
				t.Error("the revision changed")
			}
			update(t, db, func(tx *store.Tx) error { return tx.PutSetting("after", "x") })
		})
	}
}

// TestPathWithOddLetters opens files whose names mean something in a URI.
func TestPathWithOddLetters(t *testing.T) {
	for _, name := range []string{"a b", "a%20b", "a?mode=ro", "a#b", "ä"} {
		folder := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, name+".db")
		db := storetest.Reopen(t, store.Options{Path: path})
		update(t, db, func(tx *store.Tx) error { return tx.PutSetting("a", "b") })
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// TestFileIsSetUpForDurability pins the settings that the promise "acknowledged is on disk"
// rests on (https://www.sqlite.org/pragma.html): WAL, and synchronous FULL, which is 2.
func TestFileIsSetUpForDurability(t *testing.T) {
	db := storetest.File().Open(t)
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "fullfsync": "1"}
	update(t, db, func(tx *store.Tx) error {
		for pragma, value := range want {
			var got string
			if err := tx.Scan([]any{&got}, "pragma "+pragma); err != nil || got != value {
				t.Errorf("%s = %s, %v, want %s", pragma, got, err, value)
			}
		}
		return nil
	})
}
