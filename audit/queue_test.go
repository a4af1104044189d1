package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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
