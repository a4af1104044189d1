package wire

import (
	"context"
	"errors"
	"net/http"
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

// String returns the verdict's name.
func (v Verdict) String() string {
	switch v {
	case Allowed:
		return "allowed"
	case Denied:
		return "denied"
	default:
		return "failed"
	}
}

// Observation is what came of one request, for those who count.
type Observation struct {
	// Service and Operation are nil if the request names none that exists.
	Service   *smithy.Service
	Operation *smithy.Operation
	Verdict   Verdict
	// Status is the HTTP status of the answer; Code is its error code, empty if it is none.
	Status int
	Code   string
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

// Tracer follows requests through their steps. It is called by many goroutines.
type Tracer interface {
	// Request begins a request; the context that it returns is the request's from then on.
	Request(r *http.Request, requestID string) context.Context
	// Step begins a step of the request of ctx ("authenticate", "authorize", "operation"). The
	// step runs with the context that is returned, and end is told what came of it.
	Step(ctx context.Context, name string) (_ context.Context, end func(err error))
	// End is told what came of the request of ctx, after its answer was written.
	End(ctx context.Context, o Observation)
}

// decide asks the gate and notes what it said and how long it took.
func (x *exchange) decide(ctx context.Context) (err error) {
	ctx, end := x.step(ctx, "authorize")
	defer func() { end(err) }()
	began := time.Now()
	err = x.server.Gate.Authorize(ctx, &x.call)
	x.deciding = time.Since(began)
	if err == nil {
		x.verdict = Allowed
		return nil
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		x.verdict = Denied
		x.recording.Decision = refusal.Decision
	}
	return err
}

// observe tells those who want to know, if there are any.
func (x *exchange) observe() {
	if x.server.Observer == nil && x.server.Tracer == nil {
		return
	}
	o := Observation{
		Operation: x.id.op, Verdict: x.verdict, Status: x.status,
		Took: x.took, Deciding: x.deciding, Throttled: x.throttled,
	}
	if x.id.service != nil {
		o.Service = x.id.service.desc
	}
	if x.err != nil {
		o.Code = x.rendered().code
	}
	if x.server.Observer != nil {
		x.server.Observer.Observe(o)
	}
	if x.server.Tracer != nil {
		x.server.Tracer.End(x.request.Context(), o)
	}
}

// step begins a step under the eyes of the tracer, if there is one; end wants to know what
// came of it.
func (x *exchange) step(ctx context.Context, name string) (_ context.Context, end func(error)) {
	if x.server.Tracer == nil {
		return ctx, untraced
	}
	return x.server.Tracer.Step(ctx, name)
}

func untraced(error) {}
