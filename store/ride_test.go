package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// commits counts commits and the updates in them.
type commits struct{ commits, updates, most atomic.Int64 }

func (c *commits) Transaction(bool, time.Duration, bool) {}

func (c *commits) Commit(updates int) {
	c.commits.Add(1)
	c.updates.Add(int64(updates))
	if n := int64(updates); n > c.most.Load() {
		c.most.Store(n)
	}
}

// narrow opens a store that runs one update at a time, behind one that holds the lane and does
// nothing until release is called. Of those that wait for it, the first takes the others along.
func narrow(t *testing.T, options store.Options) (db *store.DB, seen *commits, release func()) {
	t.Helper()
	seen = &commits{}
	options.Observer = seen
	db = storetest.Reopen(t, options)
	db.OneLane()
	inside, leave := make(chan bool), make(chan bool)
	var first sync.WaitGroup
	var once sync.Once
	first.Go(func() {
		err := db.Update(context.Background(), func(tx *store.Tx) error {
			once.Do(func() { close(inside) })
			<-leave
			return errRule
		})
		if !errors.Is(err, errRule) {
			t.Error(err)
		}
	})
	<-inside
	return db, seen, func() { close(leave); first.Wait() }
}

// waitFor waits until so many updates wait for a lane.
func waitFor(t *testing.T, db *store.DB, count int) {
	t.Helper()
	for deadline := time.Now().Add(patience); db.Figures().Waiting < count; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d wait", db.Figures().Waiting, count)
		}
	}
}

const putOnce = `insert into core_settings (name, value, updated_at) values ($1, 'x', 1)`

var errRule = errors.New("a rule is broken")

// TestUpdatesThatWaitShareACommit has updates of all kinds of outcome wait for one lane: each
// must get its own outcome, and what it did is kept or not as if it had been alone.
func TestUpdatesThatWaitShareACommit(t *testing.T) {
	t.Parallel()
	db, seen, release := narrow(t, storetest.Postgres().New(t))
	var riders sync.WaitGroup
	ride := func(name string, want error, closure func(tx *store.Tx) error) {
		ready := db.Figures().Waiting + 1
		riders.Go(func() {
			before := db.Revision("iam/" + name)
			defer func() {
				if want == nil && db.Revision("iam/"+name) == before {
					t.Errorf("%s: the caches do not know", name)
				}
			}()
			err := db.Update(context.Background(), func(tx *store.Tx) error {
				tx.Touch("iam/" + name)
				if err := tx.PutSetting(name, "done"); err != nil {
					return err
				}
				return closure(tx)
			})
			if !errors.Is(err, want) {
				t.Errorf("%s: the error is %v, want %v", name, err, want)
			}
		})
		waitFor(t, db, ready)
	}
	good := func(tx *store.Tx) error { return tx.Later(putOnce, "later "+strconv.Itoa(int(time.Now().UnixNano()))) }
	ride("lead", nil, good)
	ride("early conflict", store.ErrConflict, func(tx *store.Tx) error { _, err := tx.Exec(putOnce, "early conflict"); return err })
	ride("a", nil, good)
	ride("rule", errRule, func(tx *store.Tx) error { return errors.Join(tx.Later(putOnce, "of rule"), errRule) })
	ride("b", nil, func(tx *store.Tx) error {
		if value, _, err := tx.Setting("a"); value != "done" || err != nil {
			t.Errorf("what was done before is not seen: %q, %v", value, err)
		}
		if _, there, err := tx.Setting("rule"); there || err != nil {
			t.Errorf("what was taken back is seen: %v", err)
		}
		return nil
	})
	ride("conflict", store.ErrConflict, func(tx *store.Tx) error { _, err := tx.Exec(putOnce, "a"); return err })
	ride("c", nil, good)
	ride("late conflict", store.ErrConflict, func(tx *store.Tx) error { return tx.Later(putOnce, "a") })
	ride("d", nil, good)
	ride("hidden conflict", store.ErrConflict, func(tx *store.Tx) error { _, _ = tx.Exec(putOnce, "a"); return nil })
	ride("e", nil, good)
	riders.Go(func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = db.Update(context.Background(), func(tx *store.Tx) error { tx.PanicInScan(); return nil })
	})
	waitFor(t, db, 12)
	ride("f", nil, good)
	release()
	riders.Wait()
	if seen.most.Load() != 7 {
		t.Errorf("%d updates shared a commit, want 7 of 13: %d commits", seen.most.Load(), seen.commits.Load())
	}
	for name, want := range map[string]bool{
		"lead": true, "a": true, "b": true, "c": true, "d": true, "e": true, "f": true,
		"early conflict": false, "rule": false, "of rule": false, "conflict": false, "late conflict": false, "hidden conflict": false,
	} {
		if _, there := setting(t, db, name); there != want {
			t.Errorf("%s: there is %t, want %t", name, there, want)
		}
	}
}

// TestWhoGivesUpWhileWaitingDoesNotRide ends callers that wait, and one while it rides: its
// update happens all the same, and all others too.
func TestWhoGivesUpWhileWaitingDoesNotRide(t *testing.T) {
	t.Parallel()
	db, _, release := narrow(t, storetest.Postgres().New(t))
	gone, leave := context.WithCancel(t.Context())
	riding, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	update := func(ctx context.Context, name string, want error) {
		ready := db.Figures().Waiting + 1
		all.Go(func() {
			err := db.Update(ctx, func(tx *store.Tx) error {
				if ctx == riding {
					stop()
				}
				return tx.PutSetting(name, "done")
			})
			if !errors.Is(err, want) {
				t.Errorf("%s: the error is %v, want %v", name, err, want)
			}
		})
		waitFor(t, db, ready)
	}
	update(t.Context(), "a", nil)
	update(gone, "gone", context.Canceled)
	update(riding, "riding", nil)
	update(t.Context(), "b", nil)
	leave()
	for db.Figures().Waiting != 3 {
		time.Sleep(time.Millisecond)
	}
	release()
	all.Wait()
	for name, want := range map[string]bool{"a": true, "gone": false, "riding": true, "b": true} {
		if _, there := setting(t, db, name); there != want {
			t.Errorf("%s: there is %t, want %t", name, there, want)
		}
	}
}

// TestSharedCommitIsLost breaks the connection before and after the commit that updates share,
// and while one of them runs: each must happen once.
func TestSharedCommitIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		fail func(line *pgtest.Line)
	}{
		{"before the commit", func(line *pgtest.Line) { line.LoseRequest("commit") }},
		{"after the commit", func(line *pgtest.Line) { line.LoseAnswer("commit") }},
		{"while one rides", func(line *pgtest.Line) { line.LoseRequest("rider 3") }},
		{"while one is taken in", func(line *pgtest.Line) { line.LoseRequest("release savepoint") }},
	} {
		options := storetest.Postgres().New(t)
		direct := storetest.Reopen(t, options)
		line := pgtest.NewLine(t, options.URL)
		db, _, release := narrow(t, store.Options{URL: line.URL()})
		var all sync.WaitGroup
		for i := range 6 {
			runs := 0
			all.Go(func() {
				if err := db.Update(t.Context(), increment(fmt.Sprintf("rider %d", i), true, &runs)); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			})
		}
		waitFor(t, db, 6)
		c.fail(line)
		release()
		all.Wait()
		for i := range 6 {
			if value, _ := setting(t, direct, fmt.Sprintf("rider %d", i)); value != "1" {
				t.Errorf("%s: rider %d is at %q, want 1", c.name, i, value)
			}
		}
	}
}

// TestRidersOfTwoNodes has clients count up, each now on this node and now on the other, a
// number of its own and one of all. No count may be lost, and each client must find what it has
// done before, however often updates cannot be serialized.
func TestRidersOfTwoNodes(t *testing.T) {
	t.Parallel()
	options := storetest.Postgres().New(t)
	const clients, each = 24, 20
	seen := &commits{}
	options.Observer = seen
	nodes := []*store.DB{storetest.Reopen(t, options), storetest.Reopen(t, options)}
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			own := fmt.Sprintf("client %d", client)
			for n := range each {
				runs := 0
				err := nodes[(client+n)%2].Update(t.Context(), func(tx *store.Tx) error {
					value, _, err := tx.Setting(own)
					if err != nil {
						return err
					}
					if n > 0 && value != strconv.Itoa(n) {
						t.Errorf("%s finds %q after it made it %d", own, value, n)
					}
					return errors.Join(increment(own, true, &runs)(tx), increment("shared", true, &runs)(tx))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	value, _ := setting(t, nodes[0], "shared")
	if want := strconv.Itoa(clients * each); value != want {
		t.Errorf("the count is %s, want %s", value, want)
	}
	t.Logf("%d updates in %d commits, at most %d in one", seen.updates.Load(), seen.commits.Load(), seen.most.Load())
}

// TestRidersThatWaitForEachOther has each of two nodes hold what a rider of the other one needs.
func TestRidersThatWaitForEachOther(t *testing.T) {
	t.Parallel()
	options := storetest.Postgres().New(t)
	direct := storetest.Reopen(t, options)
	keys := []string{"x", "y"}
	for _, key := range keys {
		update(t, direct, func(tx *store.Tx) error { return tx.PutSetting(key, "0") })
	}
	var all, holding sync.WaitGroup
	holding.Add(len(keys))
	var releases []func()
	for i, key := range keys {
		db, _, release := narrow(t, options)
		releases = append(releases, release)
		var first sync.Once
		all.Go(func() {
			runs := 0
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				err := increment(key, true, &runs)(tx)
				first.Do(func() {
					holding.Done()
					holding.Wait()
				})
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		waitFor(t, db, 1)
		all.Go(func() {
			runs := 0
			if err := db.Update(t.Context(), increment(keys[1-i], true, &runs)); err != nil {
				t.Error(err)
			}
		})
		waitFor(t, db, 2)
	}
	began := time.Now()
	for _, release := range releases {
		release()
	}
	all.Wait()
	t.Logf("settled after %v", time.Since(began))
	for _, key := range keys {
		if value, _ := setting(t, direct, key); value != "2" {
			t.Errorf("%s is %s, want 2", key, value)
		}
	}
}

// TestWhoComesLaterSeesWhatWasDone has another node commit something while an update runs, and
// an update come after that which waits: it must not end up in a transaction that began before.
func TestWhoComesLaterSeesWhatWasDone(t *testing.T) {
	t.Parallel()
	options := storetest.Postgres().New(t)
	elsewhere := storetest.Reopen(t, options)
	db, seen, release := narrow(t, options)
	begun, goOn := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			if _, _, err := tx.Setting("any"); err != nil {
				return err
			}
			close(begun)
			<-goOn
			return tx.PutSetting("lead", "done")
		})
		if err != nil {
			t.Error(err)
		}
	})
	waitFor(t, db, 1)
	late := func(name string, sees bool) {
		ready := db.Figures().Waiting + 1
		all.Go(func() {
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				if value, _, err := tx.Setting("elsewhere"); sees && value != "done" || err != nil {
					t.Errorf("%s: what was done before it came is %q, %v", name, value, err)
				}
				return tx.PutSetting(name, "done")
			})
			if err != nil {
				t.Error(err)
			}
		})
		waitFor(t, db, ready)
	}
	late("early", false)
	release()
	<-begun
	update(t, elsewhere, func(tx *store.Tx) error { return tx.PutSetting("elsewhere", "done") })
	late("late", true)
	close(goOn)
	all.Wait()
	if seen.most.Load() != 2 || seen.commits.Load() != 2 {
		t.Errorf("%d commits, %d updates in one, want 2 and 2", seen.commits.Load(), seen.most.Load())
	}
}
