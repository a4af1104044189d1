package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// candidate stands for the lead in a store.
type candidate struct {
	leads atomic.Bool
	terms atomic.Int32
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// stands lets a store stand; together counts those that lead at a time.
func stands(t *testing.T, db *store.DB, together *atomic.Int32) *candidate {
	ctx, stop := context.WithCancel(t.Context())
	c := &candidate{stop: stop}
	c.done.Go(func() {
		db.Lead(ctx, "work", func(ctx context.Context) {
			together.Add(1)
			c.leads.Store(true)
			c.terms.Add(1)
			<-ctx.Done()
			c.leads.Store(false)
			together.Add(-1)
		})
	})
	t.Cleanup(func() { stop(); c.done.Wait() })
	return c
}

func awaitLead(t *testing.T, c *candidate, leads bool) time.Duration {
	t.Helper()
	began := time.Now()
	for c.leads.Load() != leads {
		if time.Since(began) > patience {
			t.Fatalf("leads is %v for too long", !leads)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

func TestOneNodeLeads(t *testing.T) {
	var together atomic.Int32
	first, direct, line := behind(t)
	one := stands(t, first, &together)
	awaitLead(t, one, true)
	two := stands(t, direct, &together)
	time.Sleep(2 * time.Second)
	if two.leads.Load() || together.Load() != 1 {
		t.Error("a second node leads")
	}
	// Another name is another matter.
	led, stop := context.WithCancel(t.Context())
	direct.Lead(led, "other work", func(context.Context) { stop() })

	// The lock is free at once, and the node that had it learns of it at its next look.
	line.Cut()
	t.Logf("the node that was cut off stopped after %v", awaitLead(t, one, false))
	t.Logf("another took over %v later", awaitLead(t, two, true))
	line.Mend()
	time.Sleep(2 * time.Second)
	if one.leads.Load() || together.Load() != 1 {
		t.Error("the first leads beside the second")
	}
	// One that stops in order hands over.
	two.stop()
	two.done.Wait()
	awaitLead(t, one, true)
	if one.terms.Load() != 2 || two.terms.Load() != 1 {
		t.Errorf("terms %d and %d", one.terms.Load(), two.terms.Load())
	}
	// One that gets no answer any more must not go on.
	line.Stall()
	if took := awaitLead(t, one, false); took > 6*time.Second {
		t.Errorf("a node without an answer led on for %v", took)
	}
	line.Mend()
}

func TestTheOnlyNodeLeads(t *testing.T) {
	var together atomic.Int32
	c := stands(t, storetest.Memory().Open(t), &together)
	awaitLead(t, c, true)
	c.stop()
	c.done.Wait()
	if c.leads.Load() {
		t.Error("it leads on")
	}
}
