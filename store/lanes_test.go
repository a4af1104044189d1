package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// beside runs updates of a few clients through lanes; each of them meets another one, and has
// to run again, when more than far run at the same time. It returns the most that ran
// together at the end, and how many met.
func beside(t *testing.T, l *lanes, far int) (together, met int64) {
	t.Helper()
	var running, most, meetings atomic.Int64
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for n := range 100 {
				for again := false; ; again = true {
					if _, err := l.enter(context.Background(), again); err != nil {
						t.Error(err)
						return
					}
					now := running.Add(1)
					if n > 50 && now > most.Load() {
						most.Store(now)
					}
					time.Sleep(50 * time.Microsecond)
					met := now > int64(far)
					running.Add(-1)
					l.leave(met)
					if !met {
						break
					}
					meetings.Add(1)
				}
			}
		})
	}
	clients.Wait()
	if l.running != 0 || l.waiting.Len() != 0 {
		t.Errorf("%d run and %d wait when all is done", l.running, l.waiting.Len())
	}
	return most.Load(), meetings.Load()
}

func TestLanesStayWideForWhatIsFarApart(t *testing.T) {
	if together, met := beside(t, newLanes(8), 8); together != 8 || met != 0 {
		t.Errorf("%d ran together, %d met; want 8 and none", together, met)
	}
}

func TestLanesNarrowWhereUpdatesMeet(t *testing.T) {
	together, met := beside(t, newLanes(8), 1)
	if together > 2 || met > 160 {
		t.Errorf("%d ran together and %d of 1600 met: hardly any should", together, met)
	}
}

func TestLanesWidenAgain(t *testing.T) {
	l := newLanes(4)
	beside(t, l, 1)
	if together, _ := beside(t, l, 4); together != 4 {
		t.Errorf("%d ran together, want 4", together)
	}
}

func TestWhoGivesUpLeavesNoLaneTaken(t *testing.T) {
	l := newLanes(1)
	if _, err := l.enter(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var waiting sync.WaitGroup
	for range 10 {
		waiting.Go(func() {
			if _, err := l.enter(ctx, false); !errors.Is(err, context.Canceled) {
				t.Errorf("entered: %v", err)
			}
		})
	}
	cancel()
	waiting.Wait()
	l.leave(false)
	if _, err := l.enter(context.Background(), false); err != nil || l.running != 1 {
		t.Errorf("%v, %d run", err, l.running)
	}
}

// Who has to run again does not stand behind those who came later.
func TestWhoRunsAgainComesFirst(t *testing.T) {
	l := newLanes(1)
	if _, err := l.enter(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 2)
	var waiting sync.WaitGroup
	for i, name := range []string{"new", "again"} {
		waiting.Go(func() {
			if _, err := l.enter(context.Background(), name == "again"); err != nil {
				t.Error(err)
			}
			order <- name
			l.leave(false)
		})
		for l.count() != i+1 {
			time.Sleep(time.Millisecond)
		}
	}
	l.leave(true)
	waiting.Wait()
	if first := <-order; first != "again" {
		t.Errorf("%s was first", first)
	}
}

func (l *lanes) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.Len()
}
