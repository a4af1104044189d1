package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
)

// sink stores events when it is let.
type sink struct {
	gate chan struct{}

	mu     sync.Mutex
	events []audit.Event
}

func (s *sink) AppendEvents(_ context.Context, events []audit.Event) error {
	<-s.gate
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, events...)
	return nil
}

// Long events fill the queue like many short ones: who adds more has to wait, and nothing
// is lost.
func TestQueueIsBoundedByBytes(t *testing.T) {
	s := &sink{gate: make(chan struct{})}
	q := audit.NewQueue(s, slog.New(slog.DiscardHandler))
	const count = 100
	added := make(chan int, count)
	go func() {
		defer close(added)
		record := json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
		for i := range count {
			if err := q.Add([]audit.Event{{ID: fmt.Sprint(i), Record: record}}); err != nil {
				t.Error(err)
			}
			added <- i
		}
	}()
	waiting := 0
	for quiet := false; !quiet; {
		select {
		case <-added:
			waiting++
		case <-time.After(300 * time.Millisecond):
			quiet = true
		}
	}
	if waiting < 16 || waiting > 70 {
		t.Errorf("%d events of a mebibyte wait", waiting)
	}
	close(s.gate)
	for range added {
		waiting++
	}
	q.Close()
	if waiting != count || len(s.events) != count {
		t.Errorf("%d added, %d stored, want %d", waiting, len(s.events), count)
	}
	if err := q.Add([]audit.Event{{ID: "late"}}); err == nil {
		t.Error("added to a closed queue")
	}
}

// A store that takes nothing keeps nobody for ever: what has room waits, who comes later is
// refused, and what was taken is stored in the end.
func TestQueueThatIsBehind(t *testing.T) {
	s := &sink{gate: make(chan struct{})}
	q := audit.NewQueue(s, slog.New(slog.DiscardHandler))
	q.Hurry(100 * time.Millisecond)
	taken := 0
	var err error
	for ; err == nil; taken++ {
		if err = q.Add([]audit.Event{{ID: fmt.Sprint(taken)}}); err != nil {
			break
		}
	}
	if !errors.Is(err, audit.ErrBehind) || taken < 1000 {
		t.Fatalf("after %d events: %v", taken, err)
	}
	if err := q.Flush(t.Context()); !errors.Is(err, audit.ErrBehind) {
		t.Errorf("flush = %v", err)
	}
	var waiting sync.WaitGroup
	q.Hurry(time.Minute)
	for i := range 100 {
		waiting.Go(func() {
			if err := q.Add([]audit.Event{{ID: fmt.Sprint("late-", i)}}); err != nil {
				t.Error(err)
			}
		})
	}
	close(s.gate)
	waiting.Wait()
	q.Close()
	if len(s.events) != taken+100 {
		t.Errorf("%d events are stored, %d were taken", len(s.events), taken+100)
	}
}

// An event that is longer than the whole room must not wait for ever.
func TestQueueTakesAnEventLongerThanItsRoom(t *testing.T) {
	s := &sink{gate: make(chan struct{})}
	close(s.gate)
	q := audit.NewQueue(s, slog.New(slog.DiscardHandler))
	long := audit.Event{ID: "long", Record: make(json.RawMessage, 65<<20)}
	if err := q.Add([]audit.Event{long, {ID: "short", Record: json.RawMessage("{}")}}); err != nil {
		t.Fatal(err)
	}
	q.Close()
	if len(s.events) != 2 {
		t.Errorf("%d events", len(s.events))
	}
}

// Many short events fill the queue as well.
func TestQueueIsBoundedByCount(t *testing.T) {
	s := &sink{gate: make(chan struct{})}
	q := audit.NewQueue(s, slog.New(slog.DiscardHandler))
	const count = 10_000
	var added atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range count {
			if err := q.Add([]audit.Event{{ID: fmt.Sprint(i)}}); err != nil {
				t.Error(err)
			}
			added.Add(1)
		}
	}()
	for before := int64(-1); before != added.Load(); time.Sleep(100 * time.Millisecond) {
		before = added.Load()
	}
	if n := added.Load(); n < 1024 || n > 9000 || int64(q.Len()) != n {
		t.Errorf("%d events were taken, %d wait", n, q.Len())
	}
	close(s.gate)
	<-done
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.events) != count || q.Len() != 0 {
		t.Fatalf("%d events are stored, %d wait", len(s.events), q.Len())
	}
	for i, e := range s.events {
		if e.ID != fmt.Sprint(i) {
			t.Fatalf("event %s is the %dth", e.ID, i)
		}
	}
	q.Close()
}

// What the queue has taken is stored once and in its order, also when it is closed meanwhile.
func TestCloseLosesNothing(t *testing.T) {
	s := &sink{gate: make(chan struct{})}
	close(s.gate)
	q := audit.NewQueue(s, slog.New(slog.DiscardHandler))
	const adders = 8
	var (
		taken [adders]int
		busy  sync.WaitGroup
	)
	for a := range adders {
		busy.Go(func() {
			for n := 0; q.Add([]audit.Event{{AccountID: fmt.Sprint(a), RequestID: fmt.Sprint(n)}}) == nil; n++ {
				taken[a] = n + 1
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	q.Close()
	stored := len(s.events)
	busy.Wait()
	var next [adders]int
	for _, e := range s.events {
		a := e.AccountID[0] - '0'
		if e.RequestID != fmt.Sprint(next[a]) {
			t.Fatalf("adder %d: event %s comes as number %d", a, e.RequestID, next[a])
		}
		next[a]++
	}
	if next != taken || len(s.events) != stored || stored == 0 {
		t.Errorf("taken %v, stored %v", taken, next)
	}
}

// An event that nobody follows and nobody asks for is stored soon.
func TestALoneEventIsStored(t *testing.T) {
	s := &sink{gate: make(chan struct{})}
	q := audit.NewQueue(s, slog.New(slog.DiscardHandler))
	defer q.Close()
	for range 2 {
		if err := q.Add([]audit.Event{{ID: "lone"}}); err != nil {
			t.Fatal(err)
		}
		select {
		case s.gate <- struct{}{}:
		case <-time.After(10 * time.Second):
			t.Fatal("it is not")
		}
		for q.Len() > 0 {
			time.Sleep(time.Millisecond)
		}
	}
}
