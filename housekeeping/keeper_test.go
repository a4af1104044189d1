package housekeeping_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/housekeeping"
)

// notes is an observer that keeps what it is told.
type notes struct {
	mu   sync.Mutex
	told []string
}

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, fmt.Sprintf(format, args...))
}

// Leading implements housekeeping.Observer.
func (n *notes) Leading(leads bool) { n.add("leading %v", leads) }

// TaskRan implements housekeeping.Observer.
func (n *notes) TaskRan(task string, done int, _ time.Duration, failed bool) {
	n.add("%s %d failed %v", task, done, failed)
}

// awaits returns once something was told count times.
func (n *notes) awaits(t *testing.T, what string, count int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		n.mu.Lock()
		found := 0
		for _, told := range n.told {
			if told == what {
				found++
			}
		}
		n.mu.Unlock()
		if found >= count {
			return
		}
	}
	t.Fatalf("%q was not told %d times: %q", what, count, n.told)
}

// alone leads at once and always.
func alone(ctx context.Context, work func(context.Context)) { work(ctx) }

// keep runs a keeper until the test's function returns, and until it has stopped.
func keep(t *testing.T, n *notes, lead func(context.Context, func(context.Context)), tasks []housekeeping.Task, during func()) string {
	t.Helper()
	var log bytes.Buffer
	k := housekeeping.Keeper{Lead: lead, Tasks: tasks, Observer: n, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan bool)
	go func() { defer close(done); k.Run(ctx) }()
	during()
	stop()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it does not stop")
	}
	return log.String()
}

func TestTasksRunAgainAndAgain(t *testing.T) {
	n, left := &notes{}, 5
	tasks := []housekeeping.Task{
		{Name: "steps", Every: time.Millisecond, Step: func(context.Context) (int, bool, error) {
			if left == 0 {
				return 0, false, nil
			}
			left--
			return 10, left > 0, nil
		}},
		{Name: "late", Every: time.Hour, Step: func(context.Context) (int, bool, error) { return 1, false, nil }},
	}
	keep(t, n, alone, tasks, func() {
		n.awaits(t, "steps 50 failed false", 1)
		n.awaits(t, "steps 0 failed false", 3)
		n.awaits(t, "late 1 failed false", 1)
	})
	if n.told[0] != "leading true" || n.told[len(n.told)-1] != "leading false" {
		t.Errorf("told %q", n.told)
	}
}

func TestFailuresAreToldAndTriedAgain(t *testing.T) {
	n, calls := &notes{}, 0
	tasks := []housekeeping.Task{{Name: "bad", Every: time.Millisecond, Step: func(context.Context) (int, bool, error) {
		switch calls++; calls {
		case 1:
			return 3, true, nil
		case 2:
			return 0, false, errors.New("the shelf is gone")
		case 3:
			panic("dropped the broom")
		}
		return 1, false, nil
	}}}
	log := keep(t, n, alone, tasks, func() { n.awaits(t, "bad 1 failed false", 1) })
	if !slices.Equal(n.told[:4], []string{"leading true", "bad 3 failed true", "bad 0 failed true", "bad 1 failed false"}) {
		t.Errorf("told %q", n.told)
	}
	if !strings.Contains(log, "the shelf is gone") || !strings.Contains(log, "dropped the broom") {
		t.Errorf("log:\n%s", log)
	}
}

// TestCalledOff ends the turn of a node in the middle of a step: the step's context ends, the
// keeper waits for it, and when the turn comes again it goes on.
func TestCalledOff(t *testing.T) {
	n := &notes{}
	turns := make(chan bool)
	lead := func(ctx context.Context, work func(context.Context)) {
		for ctx.Err() == nil {
			turn, end := context.WithCancel(ctx)
			go func() {
				select {
				case <-turns:
				case <-ctx.Done():
				}
				end()
			}()
			work(turn)
		}
	}
	began := make(chan bool, 100)
	tasks := []housekeeping.Task{{Name: "long", Every: time.Millisecond, Step: func(ctx context.Context) (int, bool, error) {
		began <- true
		<-ctx.Done()
		return 1, true, ctx.Err()
	}}}
	log := keep(t, n, lead, tasks, func() {
		for range 3 {
			<-began
			turns <- true
		}
		<-began
	})
	n.awaits(t, "leading false", 4)
	if strings.Contains(log, "failed") || slices.Contains(n.told, "long 1 failed true") {
		t.Errorf("being called off counts as a failure: %q\n%s", n.told, log)
	}
}
