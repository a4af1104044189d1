package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/pgtest"
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

// leadPatience is how long a test waits for what must happen: on a machine that is very busy
// it takes its time.
const leadPatience = time.Minute

func awaitLead(t *testing.T, c *candidate, leads bool) time.Duration {
	t.Helper()
	began := time.Now()
	for c.leads.Load() != leads {
		if time.Since(began) > leadPatience {
			t.Fatalf("leads is %v for too long", !leads)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

// leadInterval is how often nodes ask for the lead here.
const leadInterval = 50 * time.Millisecond

// candidates are two nodes that wait so long for an answer: the first one's connections go over
// the line.
func candidates(t *testing.T, answer time.Duration) (first, direct *store.DB, line *pgtest.Line) {
	t.Helper()
	options := storetest.Postgres().New(t)
	line = pgtest.NewLine(t, options.URL)
	behind := store.Options{URL: line.URL()}
	for _, o := range []*store.Options{&options, &behind} {
		store.LeadTimes(o, leadInterval, answer)
	}
	return storetest.Reopen(t, behind), storetest.Reopen(t, options), line
}

// A node has the lead until its connection goes or it gives the lead up, and then another one
// has it. The database may take its time to answer here, as it does on a machine that is very
// busy: nobody loses the lead by that.
func TestOneNodeLeads(t *testing.T) {
	var together atomic.Int32
	first, direct, line := candidates(t, leadPatience)
	one := stands(t, first, &together)
	awaitLead(t, one, true)
	two := stands(t, direct, &together)
	time.Sleep(20 * leadInterval)
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
	time.Sleep(20 * leadInterval)
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
}

// A node that gets no answer any more must not lead on, though its connection seems to stand
// and the database keeps the lock for it.
func TestNodeWithoutAnAnswerLeadsNoLonger(t *testing.T) {
	if store.LeadBound > 5*time.Second {
		t.Errorf("a node without an answer leads on for %v", store.LeadBound)
	}
	const answer = time.Second
	var together atomic.Int32
	first, _, line := candidates(t, answer)
	one := stands(t, first, &together)
	awaitLead(t, one, true)
	line.Stall()
	t.Logf("the node without an answer stopped after %v", awaitLead(t, one, false))
	line.Mend()
	awaitLead(t, one, true)
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
