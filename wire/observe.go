package wire

import (
	"context"
	"errors"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Verdict is what became of the question whether a request may go on.
type Verdict uint8

const (
	// Undecided requests ended before the gate had an answer: signature or input wrong, too
	// many requests, no such operation, not built, or a failure of ours.
	Undecided Verdict = iota
	// Denied requests were refused by the gate.
	Denied
	// Allowed requests passed the gate; their operation may still have answered an error.
	Allowed
)

// Observation is what came of one request, for those who count.
type Observation struct {
	// Service and Operation are nil if the request names none that exists.
	Service   *smithy.Service
	Operation *smithy.Operation
	Verdict   Verdict
	// Status is the HTTP status of the answer.
	Status int
	// Took is the time from the request's arrival until its answer was written; Deciding is
	// the gate's part of it, zero if the gate was not asked.
	Took, Deciding time.Duration
	// Throttled is true for a request that came too fast.
	Throttled bool
}

// Observer learns of each request after its answer was written. It is called by many
// goroutines and keeps nothing of what it is given.
type Observer interface {
	Observe(o Observation)
}

// decide asks the gate and notes what it said and how long it took.
func (x *exchange) decide(ctx context.Context, call *Call) error {
	began := time.Now()
	err := x.server.Gate.Authorize(ctx, call)
	x.deciding = time.Since(began)
	var refusal *Refusal
	switch {
	case err == nil:
		x.verdict = Allowed
	case errors.As(err, &refusal):
		x.verdict = Denied
		x.recording.Decision = refusal.Decision
	}
	return err
}

// observe tells the observer, if there is one.
func (x *exchange) observe() {
	if x.server.Observer == nil {
		return
	}
	o := Observation{
		Operation: x.id.op, Verdict: x.verdict, Status: x.status,
		Took: x.server.Now().Sub(x.started), Deciding: x.deciding, Throttled: x.throttled,
	}
	if x.id.service != nil {
		o.Service = x.id.service.desc
	}
	x.server.Observer.Observe(o)
}
