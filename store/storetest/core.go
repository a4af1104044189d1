package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
)

// Run is the suite of the store's core: transactions, snapshots, concurrency, revisions,
// opening again.
func Run(t *testing.T, e Engine) {
	tests := []struct {
		name string
		run  func(*testing.T, Engine)
	}{
		{"an update happens as a whole or not at all", testAtomic},
		{"a view cannot write", testViewCannotWrite},
		{"a transaction is over when its closure returns", testTxDone},
		{"a canceled context runs nothing", testCanceled},
		{"a panic reaches its caller and hurts nobody else", testPanic},
		{"a closure that ends its goroutine hurts nobody else", testGoexit},
		{"the clock stands still in a transaction", testNow},
		{"randomness comes from the options", testRand},
		{"a closed store refuses", testClosed},
		{"data outlives the store", testReopen},
		{"a view reads at one snapshot", testSnapshot},
		{"no view sees half of an update", testNoHalf},
		{"a failed update in a crowd fails alone", testFailsAlone},
		{"increments are never lost", testIncrements},
		{"an update that waits can be called off", testWithdraw},
		{"a revision changes with what it covers", testRevision},
		{"a cache that keeps the protocol is never stale", testCache},
		{"the event of a call is in its transaction", testWrite},
		{"text keeps its letters", testText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, e) })
	}
}

var errRefused = errors.New("refused by the test")

func put(t testing.TB, db *store.DB, name, value string) {
	t.Helper()
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.PutSetting(name, value) })
	if err != nil {
		t.Fatalf("put %s: %v", name, err)
	}
}

func get(t testing.TB, db *store.DB, name string) string {
	t.Helper()
	value, err := store.Read(t.Context(), db, func(tx *store.Tx) (string, error) {
		value, _, err := tx.Setting(name)
		return value, err
	})
	if err != nil {
		t.Fatalf("get %s: %v", name, err)
	}
	return value
}

// increment adds one to a number; the name counts from zero.
func increment(tx *store.Tx, name string) error {
	value, _, err := tx.Setting(name)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(value)
	return tx.PutSetting(name, strconv.Itoa(n+1))
}

func testAtomic(t *testing.T, e Engine) {
	db := e.Open(t)
	put(t, db, "a", "before")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		if err := errors.Join(tx.PutSetting("a", "after"), tx.PutSetting("b", "after")); err != nil {
			return err
		}
		if value, _, err := tx.Setting("a"); err != nil || value != "after" {
			t.Errorf("the update reads %q, %v after it wrote", value, err)
		}
		return errRefused
	})
	if err != errRefused { //nolint:errorlint // the closure's error itself must come back
		t.Errorf("update = %v, want the closure's error", err)
	}
	if a, b := get(t, db, "a"), get(t, db, "b"); a != "before" || b != "" {
		t.Errorf("a, b = %q, %q after a failed update", a, b)
	}
}

func testViewCannotWrite(t *testing.T, e Engine) {
	db := e.Open(t)
	err := db.View(t.Context(), func(tx *store.Tx) error { return tx.PutSetting("a", "b") })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("write in a view = %v, want ErrReadOnly", err)
	}
	err = db.View(t.Context(), func(tx *store.Tx) error {
		tx.Touch("a")
		return nil
	})
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("touch in a view = %v, want ErrReadOnly", err)
	}
	if got := get(t, db, "a"); got != "" {
		t.Errorf("a = %q", got)
	}
}

func testTxDone(t *testing.T, e Engine) {
	db := e.Open(t)
	var kept *store.Tx
	keep := func(tx *store.Tx) error {
		kept = tx
		return nil
	}
	for _, door := range []func(context.Context, func(*store.Tx) error) error{db.View, db.Update} {
		if err := door(t.Context(), keep); err != nil {
			t.Fatal(err)
		}
		if _, _, err := kept.Setting("a"); !errors.Is(err, store.ErrTxDone) {
			t.Errorf("read after the end = %v, want ErrTxDone", err)
		}
		if err := kept.PutSetting("a", "b"); !errors.Is(err, store.ErrTxDone) {
			t.Errorf("write after the end = %v, want ErrTxDone", err)
		}
	}
}

func testCanceled(t *testing.T, e Engine) {
	db := e.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, door := range []func(context.Context, func(*store.Tx) error) error{db.View, db.Update} {
		err := door(ctx, func(*store.Tx) error {
			t.Error("the closure ran")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
	}
}

func testPanic(t *testing.T, e Engine) {
	db := e.Open(t)
	for _, door := range []func(context.Context, func(*store.Tx) error) error{db.View, db.Update} {
		func() {
			defer func() {
				if got := recover(); got != "told to" {
					t.Errorf("recovered %v", got)
				}
			}()
			_ = door(t.Context(), func(tx *store.Tx) error {
				_ = tx.PutSetting("a", "half") // refused in the view, which does not matter
				panic("told to")
			})
			t.Error("the panic did not come through")
		}()
	}
	if got := get(t, db, "a"); got != "" {
		t.Errorf("a = %q: a panic left something behind", got)
	}
	put(t, db, "a", "whole")
	if got := get(t, db, "a"); got != "whole" {
		t.Errorf("a = %q after the panic", got)
	}
}

func testGoexit(t *testing.T, e Engine) {
	db := e.Open(t)
	// A failed t.Fatal in a closure does this.
	ended := make(chan struct{})
	ctx := t.Context()
	go func() {
		defer close(ended)
		_ = db.Update(ctx, func(tx *store.Tx) error {
			if err := tx.PutSetting("a", "half"); err != nil {
				return err
			}
			goexit()
			return nil
		})
	}()
	<-ended
	if got := get(t, db, "a"); got != "" {
		t.Errorf("a = %q: the closure that ended left something behind", got)
	}
	put(t, db, "a", "whole")
}

func testNow(t *testing.T, e Engine) {
	clock := time.Date(2026, 5, 15, 12, 0, 0, 123456789, time.FixedZone("here", 2*60*60))
	db := e.Open(t, func(o *store.Options) {
		o.Now = func() time.Time {
			clock = clock.Add(time.Second)
			return clock
		}
	})
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		first := tx.Now()
		if first.Location() != time.UTC || first.Nanosecond() != 123456000 {
			t.Errorf("now = %v, want UTC and whole microseconds", first)
		}
		if again := tx.Now(); again != first {
			t.Errorf("now = %v, then %v", first, again)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testRand(t *testing.T, e Engine) {
	db := e.Open(t, func(o *store.Options) { o.Rand = strings.NewReader("0123456789") })
	var got []byte
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		var err error
		got, err = io.ReadAll(io.LimitReader(tx.Rand(), 4))
		return err
	})
	if err != nil || string(got) != "0123" {
		t.Errorf("random bytes = %q, %v", got, err)
	}
}

func testClosed(t *testing.T, e Engine) {
	db := e.Open(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func(*store.Tx) error { return nil }
	if err := db.View(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("view = %v, want ErrClosed", err)
	}
	if err := db.Update(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("update = %v, want ErrClosed", err)
	}
}

func testReopen(t *testing.T, e Engine) {
	if !e.Durable {
		t.Skip("this engine forgets by design")
	}
	options := e.New(t)
	for i := range 3 {
		db := Reopen(t, options)
		if got := get(t, db, "n"); got != fmt.Sprint(i) && i > 0 {
			t.Errorf("n = %q when opened for the %d. time", got, i+1)
		}
		put(t, db, "n", fmt.Sprint(i+1))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func testText(t *testing.T, e Engine) {
	db := e.Open(t)
	for _, value := range []string{"", " ", "a", "A", "é", "e\u0301", "ß", "😀", "'", `"`, `\`, "%_", "\n\t", "null", "0x00"} {
		put(t, db, "k"+value, value)
		if got := get(t, db, "k"+value); got != value {
			t.Errorf("%q came back as %q", value, got)
		}
	}
	for _, value := range []string{"a\x00b", "\xff", "\xed\xa0\x80"} {
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.PutSetting("k", value) })
		if !errors.Is(err, store.ErrText) {
			t.Errorf("%q was taken: %v", value, err)
		}
	}
}
