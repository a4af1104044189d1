package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bailiwick/bailiwick/demo"
)

// world is what is asked, and whom.
type world struct {
	*signer
	large *demo.Large
	// run tells the names of this run from those of another on the same server.
	run int64
}

func newWorld(endpoint string, clients int, large *demo.Large) *world {
	return &world{signer: newSigner(endpoint, clients), large: large, run: time.Now().UnixMilli()}
}

// limits end a load.
type limits struct {
	clients  int
	requests int64
	rate     float64
	duration time.Duration
	seed     uint64
}

// pace gives requests their times. It is shared by all clients.
type pace struct {
	began time.Time
	gap   time.Duration
	slots atomic.Int64
}

// next waits until a request is due and returns when it was: earlier than now if all clients
// were busy then.
func (p *pace) next() time.Time {
	n := p.slots.Add(1) - 1
	if p.gap == 0 {
		return time.Now()
	}
	due := p.began.Add(time.Duration(n) * p.gap)
	time.Sleep(time.Until(due))
	return due
}

// load lets clients do tasks of a mix until one of the limits is reached. Each client ends
// the task that it is at, so that nothing stays behind.
func (w *world) load(ctx context.Context, m *mix, l limits) *result {
	ctx, cancel := context.WithTimeout(ctx, l.duration)
	defer cancel()
	p := &pace{began: time.Now()}
	if l.rate > 0 {
		p.gap = time.Duration(float64(time.Second) / l.rate)
	}
	clients := make([]*client, l.clients)
	var working sync.WaitGroup
	for i := range clients {
		c := &client{world: w, random: rand.New(rand.NewPCG(l.seed, uint64(i))), pace: p, number: i, result: newResult()}
		clients[i] = c
		working.Go(func() {
			for ctx.Err() == nil && p.slots.Load() < l.requests {
				m.draw(c.random)(c)
			}
		})
	}
	working.Wait()
	total := newResult()
	total.took, total.mixed = time.Since(p.began), true
	for _, c := range clients {
		total.add(&c.result)
	}
	return &total
}

// do sends one request when it is due and counts it. nil is an error.
func (c *client) do(r request) []byte {
	due := c.pace.next()
	body, err := c.send(r)
	took := time.Since(due)
	c.result.of(r.operation).times.record(took)
	if err != nil {
		text := err.Error()
		var api *apiError
		if errors.As(err, &api) {
			text = api.code
		}
		c.result.note(r.operation, text)
		return nil
	}
	return body
}
