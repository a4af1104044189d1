package storetest

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
)

func goexit() { runtime.Goexit() }

// soon is how long a test waits for something that should not happen.
const soon = 20 * time.Millisecond

func testSnapshot(t *testing.T, e Engine) {
	db := e.Open(t)
	put(t, db, "a", "before")
	written := make(chan error, 1)
	ctx := t.Context()
	err := db.View(ctx, func(tx *store.Tx) error {
		for i := range 3 {
			value, _, err := tx.Setting("a")
			if err != nil {
				return err
			}
			if value != "before" {
				t.Errorf("reading %d of the view = %q", i+1, value)
			}
			if i == 0 {
				// In memory the write waits until the view has ended.
				go func() {
					written <- db.Update(ctx, func(tx *store.Tx) error { return tx.PutSetting("a", "after") })
				}()
			}
			time.Sleep(soon)
		}
		return nil
	})
	if err := errors.Join(err, <-written); err != nil {
		t.Fatal(err)
	}
	if got := get(t, db, "a"); got != "after" {
		t.Errorf("a new view reads %q", got)
	}
}

// testNoHalf keeps two numbers equal and looks for a view that finds them different.
func testNoHalf(t *testing.T, e Engine) {
	db := e.Open(t)
	var (
		wait sync.WaitGroup
		over atomic.Bool
	)
	for range 4 {
		wait.Go(func() {
			for !over.Load() {
				err := db.View(t.Context(), func(tx *store.Tx) error {
					a, _, err := tx.Setting("a")
					if err != nil {
						return err
					}
					runtime.Gosched()
					b, _, err := tx.Setting("b")
					if a != b {
						t.Errorf("a view found %q and %q", a, b)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 100 {
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			if err := increment(tx, "a"); err != nil {
				return err
			}
			runtime.Gosched()
			return increment(tx, "b")
		})
		if err != nil {
			t.Error(err)
			break
		}
	}
	over.Store(true)
	wait.Wait()
}

func testFailsAlone(t *testing.T, e Engine) {
	db := e.Open(t)
	const crowd = 60
	var wait sync.WaitGroup
	for i := range crowd {
		wait.Go(func() {
			name := "n" + strconv.Itoa(i)
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				if err := tx.PutSetting(name, "written"); err != nil {
					return err
				}
				switch i % 3 {
				case 0:
					return errRefused
				case 1:
					// An SQL error that the closure hides fails the update as well.
					_ = tx.PutSetting("bad\x00name", "")
				}
				return nil
			})
			want := []error{errRefused, store.ErrText, nil}[i%3]
			if !errors.Is(err, want) {
				t.Errorf("update %d = %v, want %v", i, err, want)
			}
		})
	}
	wait.Wait()
	for i := range crowd {
		want := ""
		if i%3 == 2 {
			want = "written"
		}
		if got := get(t, db, "n"+strconv.Itoa(i)); got != want {
			t.Errorf("n%d = %q, want %q", i, got, want)
		}
	}
}

func testIncrements(t *testing.T, e Engine) {
	db := e.Open(t)
	const crowd, each = 100, 3
	var wait sync.WaitGroup
	for range crowd {
		wait.Go(func() {
			for range each {
				if err := db.Update(t.Context(), func(tx *store.Tx) error { return increment(tx, "n") }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := get(t, db, "n"); got != strconv.Itoa(crowd*each) {
		t.Errorf("n = %s, want %d", got, crowd*each)
	}
}

// testWithdraw holds the store with one update and cancels another that waits, or runs
// beside it: in both cases it has not happened.
func testWithdraw(t *testing.T, e Engine) {
	db := e.Open(t)
	put(t, db, "a", "before")
	holding, release := make(chan struct{}), make(chan struct{})
	held := make(chan error, 1)
	ctx := t.Context()
	go func() {
		first := true
		held <- db.Update(ctx, func(tx *store.Tx) error {
			if first {
				first = false
				close(holding)
				<-release
			}
			return tx.PutSetting("b", "written")
		})
	}()
	<-holding
	withdrawn, cancel := context.WithCancel(ctx)
	go func() {
		time.Sleep(soon)
		cancel()
	}()
	err := db.Update(withdrawn, func(tx *store.Tx) error {
		// PostgreSQL gets here at once.
		<-withdrawn.Done()
		return tx.PutSetting("a", "after")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("update = %v, want context.Canceled", err)
	}
	close(release)
	if err := <-held; err != nil {
		t.Error(err)
	}
	if a, b := get(t, db, "a"), get(t, db, "b"); a != "before" || b != "written" {
		t.Errorf("a, b = %q, %q", a, b)
	}
}

func touch(scope string, result error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		tx.Touch(scope)
		return result
	}
}

func testRevision(t *testing.T, e Engine) {
	db := e.Open(t)
	ctx := t.Context()
	seen := map[uint64]bool{}
	for range 3 {
		before, other := db.Revision("iam/1"), db.Revision("iam/2")
		if seen[before] || before == 0 {
			t.Errorf("revision %d is not a new one", before)
		}
		seen[before] = true
		if err := db.Update(ctx, touch("iam/1", errRefused)); !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
		if got := db.Revision("iam/1"); got != before {
			t.Errorf("a failed update changed the revision")
		}
		if err := db.Update(ctx, touch("iam/1", nil)); err != nil {
			t.Fatal(err)
		}
		if db.Revision("iam/1") == before {
			t.Errorf("the update did not change the revision")
		}
		if got := db.Revision("iam/2"); got != other {
			t.Errorf("another scope's revision changed")
		}
	}
}

// cached is one result of the cache in testCache.
type cached struct {
	revision uint64
	value    int
}

// testCache has writers that count up and readers that go through a cache by the protocol
// of DB.Revision: what a reader gets is never older than what was finished when it asked.
func testCache(t *testing.T, e Engine) {
	db := e.Open(t)
	var (
		cache    atomic.Pointer[cached]
		finished atomic.Int64
		over     atomic.Bool
		hits     atomic.Int64
		wait     sync.WaitGroup
	)
	load := func() (int, error) {
		revision := db.Revision("n")
		if c := cache.Load(); c != nil && c.revision == revision {
			hits.Add(1)
			return c.value, nil
		}
		value, err := store.Read(t.Context(), db, func(tx *store.Tx) (int, error) {
			value, _, err := tx.Setting("n")
			n, _ := strconv.Atoi(value)
			return n, err
		})
		cache.Store(&cached{revision, value})
		return value, err
	}
	for range 4 {
		wait.Go(func() {
			for !over.Load() {
				least := finished.Load()
				got, err := load()
				if err != nil || int64(got) < least {
					t.Errorf("the cache answers %d, %v after %d was finished", got, err, least)
					return
				}
				time.Sleep(10 * time.Microsecond)
			}
		})
	}
	for i := range 100 {
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			tx.Touch("n")
			return tx.PutSetting("n", strconv.Itoa(i+1))
		})
		if err != nil {
			t.Error(err)
		}
		finished.Store(int64(i + 1))
		if i%10 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	over.Store(true)
	wait.Wait()
	if hits.Load() == 0 {
		t.Error("the cache was never of use, so nothing was tested")
	}
}
