package store_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// behind opens a store over a line that can fail, and one beside it over none.
func behind(t *testing.T, parameters ...string) (db, direct *store.DB, line *pgtest.Line) {
	t.Helper()
	options := storetest.Postgres().New(t)
	line = pgtest.NewLine(t, options.URL)
	direct = storetest.Reopen(t, options)
	db = storetest.Reopen(t, store.Options{URL: line.URL(parameters...)})
	return db, direct, line
}

// increment adds one to a setting and counts its runs.
func increment(name string, touch bool, runs *int) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		*runs++
		value, _, err := tx.Setting(name)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(value) // nothing is none
		if touch {
			tx.Touch("iam/1")
		}
		return tx.PutSetting(name, strconv.Itoa(n+1))
	}
}

// TestUpdateOutlivesItsConnection breaks the connection at each stage of an update. It must
// happen once, and the caller must not notice.
func TestUpdateOutlivesItsConnection(t *testing.T) {
	db, direct, line := behind(t)
	cases := []struct {
		name string
		fail func()
		// runs is how often the closure must run.
		runs int
	}{
		{"while idle", func() { line.Cut(); time.AfterFunc(300*time.Millisecond, line.Mend) }, 1},
		{"at the beginning", func() { line.LoseRequest("begin") }, 1},
		{"in the first statement", func() { line.LoseRequest("a counter") }, 1},
		// The second statement has the value behind the name.
		{"in the middle", func() { line.LoseRequest("a counter\x00\x00\x00\x014") }, 2},
		// What the update touches goes with the commit.
		{"before the commit arrives", func() { line.LoseRequest("iam/1") }, 2},
		{"before the commit is answered", func() { line.LoseAnswer("iam/1") }, 1},
	}
	for i, c := range cases {
		runs := 0
		before := db.Revision("iam/1")
		c.fail()
		if err := db.Update(t.Context(), increment("a counter", true, &runs)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if db.Revision("iam/1") == before {
			t.Errorf("%s: caches do not learn of it", c.name)
		}
		if value, _ := setting(t, direct, "a counter"); value != strconv.Itoa(i+1) || runs != c.runs {
			t.Errorf("%s: the value is %s after %d updates, %d runs, want %d", c.name, value, i+1, runs, c.runs)
		}
	}
}

// TestUnclearCommit loses the answer to a commit of which no trace is left: whoever asked
// must hear that it is unclear.
func TestUnclearCommit(t *testing.T) {
	db, _, line := behind(t)
	runs := 0
	line.LoseAnswer("commit")
	if err := db.Update(t.Context(), increment("n", false, &runs)); !errors.Is(err, store.ErrUnavailable) || runs != 1 {
		t.Errorf("update = %v after %d runs, want ErrUnavailable after one", err, runs)
	}
}

// TestNothingHangs shows that whatever the database does not answer ends in time and with an
// error that says so, and that all goes on when it answers again.
func TestNothingHangs(t *testing.T) {
	const limit, patience = 700 * time.Millisecond, 400 * time.Millisecond
	db, _, line := behind(t)
	db.Hurry(limit, limit, patience)
	runs := 0
	read := func() error {
		return db.View(t.Context(), func(tx *store.Tx) error { _, _, err := tx.Setting("n"); return err })
	}
	write := func() error { return db.Update(t.Context(), increment("n", true, &runs)) }
	cases := []struct {
		name   string
		fail   func()
		within time.Duration
	}{
		{"stalled", line.Stall, limit},
		{"stalled still", func() {}, limit},
		{"cut", line.Cut, patience},
		{"cut for long", func() { time.Sleep(patience) }, 0},
	}
	for _, c := range cases {
		c.fail()
		for name, do := range map[string]func() error{"view": read, "update": write} {
			began := time.Now()
			err := do()
			if took := time.Since(began); !errors.Is(err, store.ErrUnavailable) || !store.Unavailable(err) || took > c.within+time.Second {
				t.Errorf("%s: %s = %v after %v", c.name, name, err, took)
			}
		}
		if c.within == 0 {
			continue
		}
		line.Mend()
		if err := errors.Join(read(), write()); err != nil {
			t.Errorf("after it was %s: %v", c.name, err)
		}
		c.fail()
	}
}

func TestPoolIsExhausted(t *testing.T) {
	db := storetest.Postgres().Open(t)
	var holding sync.WaitGroup
	inside, release := make(chan bool), make(chan bool)
	for range db.Connections() {
		holding.Go(func() {
			_ = db.View(context.Background(), func(*store.Tx) error {
				inside <- true
				<-release
				return nil
			})
		})
		<-inside
	}
	db.Hurry(500*time.Millisecond, time.Second, time.Second)
	began := time.Now()
	err := db.Update(t.Context(), func(*store.Tx) error { return nil })
	if took := time.Since(began); !errors.Is(err, store.ErrUnavailable) || took > 2*time.Second {
		t.Errorf("update = %v after %v, want ErrUnavailable", err, took)
	}
	// The caller's own end is the caller's.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := db.Update(ctx, func(*store.Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("update of a caller in a hurry = %v", err)
	}
	close(release)
	holding.Wait()
	if err := db.Update(t.Context(), func(*store.Tx) error { return nil }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSlowStatements(t *testing.T) {
	db, direct, _ := behind(t, "statement_timeout=300ms", "lock_timeout=100ms")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Strings(`select pg_sleep(20)::text`)
		return err
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a slow statement = %v, want ErrUnavailable", err)
	}
	runs := 0
	update(t, direct, increment("n", false, &runs))
	err = direct.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.PutSetting("n", "locked"); err != nil {
			return err
		}
		began := time.Now()
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.PutSetting("n", "late") })
		if took := time.Since(began); !errors.Is(err, store.ErrBusy) || took > 5*time.Second {
			t.Errorf("a locked row = %v after %v, want ErrBusy", err, took)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	defaults, err := settingsOf(direct)
	if want := "10s 5s 30s off"; err != nil || defaults != want {
		t.Errorf("settings are %s, %v, want %s", defaults, err, want)
	}
}

// settingsOf are the bounds under which statements run unless the URL has others.
func settingsOf(db *store.DB) (out string, err error) {
	err = db.View(context.Background(), func(tx *store.Tx) error {
		return tx.Scan([]any{&out}, `select current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' ' ||
			current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('enable_seqscan')`)
	})
	return out, err
}

// TestCutOffNodeForgetsItsCaches stalls one node's line: it must not decide on old knowledge
// for longer than it says, and know what it missed once the line is whole.
func TestCutOffNodeForgetsItsCaches(t *testing.T) {
	db, direct, line := behind(t)
	for name, fail := range map[string]func(){"stalled": line.Stall, "cut": line.Cut} {
		before := db.Revision("iam/1")
		fail()
		update(t, direct, touched("iam/1"))
		if took := changed(t, db, "iam/1", before); took > 4*time.Second {
			t.Errorf("%s: the node went by its caches for %v", name, took)
		} else {
			t.Logf("%s: caches empty after %v", name, took)
		}
		line.Mend()
		// From here on a change arrives as fast as ever, once the node listens again.
		for began := time.Now(); ; {
			before = db.Revision("iam/2")
			time.Sleep(600 * time.Millisecond)
			if db.Revision("iam/2") == before {
				break
			}
			if time.Since(began) > patience {
				t.Fatalf("%s: the node does not listen again", name)
			}
		}
		update(t, direct, touched("iam/2"))
		if took := changed(t, db, "iam/2", before); took > time.Second {
			t.Errorf("%s: learnt only after %v", name, took)
		}
	}
}
