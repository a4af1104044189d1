package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
)

// picky refuses every batch that holds one event, and everything while it is down.
type picky struct {
	mu     sync.Mutex
	down   bool
	stored map[string]bool
}

func (p *picky) AppendEvents(_ context.Context, events []audit.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return errors.New("down")
	}
	for _, e := range events {
		if e.ID == "bad" {
			return errors.New("never")
		}
	}
	for _, e := range events {
		p.stored[e.ID] = true
	}
	return nil
}

// One event that no store takes is given to the log and keeps nobody waiting; a store that
// is down loses nothing.
func TestAnEventThatCannotBeStoredKeepsNobodyWaiting(t *testing.T) {
	p := &picky{down: true, stored: map[string]bool{}}
	var log strings.Builder
	q := audit.NewQueue(p, slog.New(slog.NewTextHandler(&log, nil)))
	if err := q.Add([]audit.Event{{ID: "a"}, {ID: "bad"}, {ID: "b"}}); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(2500*time.Millisecond, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.down = false
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := q.Flush(ctx); err != nil {
		t.Fatalf("the queue is stuck: %v", err)
	}
	q.Close()
	if !p.stored["a"] || !p.stored["b"] {
		t.Errorf("stored %v", p.stored)
	}
	if !strings.Contains(log.String(), "audit event cannot be stored") {
		t.Errorf("the event is not in the log: %s", log.String())
	}
}

// fullError is the error of a store that takes nothing new.
type fullError struct{}

func (fullError) Error() string     { return "full" }
func (fullError) Unavailable() bool { return true }

// full takes again what it has, and nothing else while it is full.
type full struct {
	picky
	full bool
}

func (f *full) AppendEvents(ctx context.Context, events []audit.Event) error {
	f.mu.Lock()
	for _, e := range events {
		if f.full && !f.stored[e.ID] {
			f.mu.Unlock()
			return fmt.Errorf("store: %w", fullError{})
		}
	}
	f.mu.Unlock()
	return f.picky.AppendEvents(ctx, events)
}

func (f *full) fill(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

// A store that is full takes again what it has: that is no reason to take what it does not have
// for events that nothing can store.
func TestAFullStoreLosesNothing(t *testing.T) {
	f := &full{picky: picky{stored: map[string]bool{}}}
	var log strings.Builder
	q := audit.NewQueue(f, slog.New(slog.NewTextHandler(&log, nil)))
	add := func(ids ...string) {
		t.Helper()
		for _, id := range ids {
			if err := q.Add([]audit.Event{{ID: id}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("a")
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.fill(true)
	add("a", "b", "c")
	time.AfterFunc(3500*time.Millisecond, func() { f.fill(false) })
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	q.Close()
	if !f.stored["b"] || !f.stored["c"] || strings.Contains(log.String(), "cannot be stored") {
		t.Errorf("stored %v: %s", f.stored, log.String())
	}
}
