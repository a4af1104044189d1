package weather

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/smithy"
)

// Config says what the weather needs; all of it is required but Now.
type Config struct {
	Settings Settings
	// Created returns when an organization made the account; false if no organization did, or there
	// is no such account.
	Created func(ctx context.Context, accountID string) (time.Time, bool, error)
	// Observe learns of each call that an effect has changed.
	Observe func(effect, service, operation string)
	Logger  *slog.Logger
	// Now is time.Now unless given.
	Now func() time.Time
}

// Weather holds what is pending. It is safe for concurrent use.
type Weather struct {
	Config
	limiter *limiter

	mu      sync.Mutex
	pending map[thing]time.Time
	// swept is when what is over was last looked for.
	swept time.Time
	// changing are the organizations, by management account, that a change is under way in;
	// changes counts those that there were.
	changing map[string]bool
	changes  map[string]uint64
	// settled are accounts whose creation is over.
	settled map[string]bool
}

// thing is what an effect holds back: an ARN, an account, an access key.
type thing struct {
	effect Effect
	name   string
}

// New returns weather in which nothing is pending.
func New(c Config) (*Weather, error) {
	if c.Created == nil || c.Observe == nil || c.Logger == nil || c.Settings.Share <= 0 || c.Settings.Share > 1 {
		return nil, errors.New("weather: Settings, Created, Observe and Logger are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Weather{
		Config: c, limiter: newLimiter(c.Settings.Share), pending: map[thing]time.Time{},
		changing: map[string]bool{}, changes: map[string]uint64{}, settled: map[string]bool{},
	}, nil
}

// String says which effects are on and for how long.
func (w *Weather) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed=%d", w.Settings.Seed)
	for _, e := range effects {
		switch span, on := w.Settings.Spans[e.name]; {
		case !on:
			fmt.Fprintf(&b, ",%s=off", e.name)
		case span == Span{}:
			fmt.Fprintf(&b, ",%s=on", e.name)
		default:
			fmt.Fprintf(&b, ",%s=%s-%s", e.name, span.Min, span.Max)
		}
	}
	return b.String()
}

func (w *Weather) on(e Effect) bool {
	_, on := w.Settings.Spans[e]
	return on
}

// lasts returns for how long the effect holds the named thing: always as long for one seed.
func (w *Weather) lasts(e Effect, name string) time.Duration {
	span := w.Settings.Spans[e]
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", w.Settings.Seed, e, name))
	fraction := float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
	return span.Min + time.Duration(fraction*float64(span.Max-span.Min))
}

// maxPending bounds what is kept, and maxSettled what is remembered as over.
const (
	maxPending = 1 << 14
	maxSettled = 1 << 16
)

// begin makes the thing pending, if the effect is on.
func (w *Weather) begin(e Effect, name string) {
	if !w.on(e) {
		return
	}
	now := w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) >= maxPending && now.Sub(w.swept) >= time.Second {
		w.swept = now
		for t, until := range w.pending {
			if !until.After(now) {
				delete(w.pending, t)
			}
		}
	}
	if len(w.pending) < maxPending {
		w.pending[thing{e, name}] = now.Add(w.lasts(e, name))
	}
}

// end makes the thing not pending any more.
func (w *Weather) end(e Effect, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pending, thing{e, name})
}

// isPending reports whether the effect holds the thing still.
func (w *Weather) isPending(e Effect, name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	until, there := w.pending[thing{e, name}]
	if !there {
		return false
	}
	if until.After(w.Now()) {
		return true
	}
	delete(w.pending, thing{e, name})
	return false
}

// pendingWith returns the names that the effect holds still and that match.
func (w *Weather) pendingWith(e Effect, match func(name string) bool) []string {
	now := w.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for t, until := range w.pending {
		if t.effect == e && until.After(now) && match(t.name) {
			names = append(names, t.name)
		}
	}
	return names
}

// creating reports whether an account is to look as if it were not there yet.
func (w *Weather) creating(ctx context.Context, accountID string) (bool, error) {
	if !w.on(Creation) || w.isSettled(accountID) {
		return false, nil
	}
	at, made, err := w.Created(ctx, accountID)
	if err != nil || !made {
		return false, err
	}
	if w.isNew(accountID, at) {
		return true, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.settled) >= maxSettled {
		clear(w.settled)
	}
	w.settled[accountID] = true
	return false, nil
}

func (w *Weather) isSettled(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.settled[accountID]
}

// isNew reports whether the creation of an account that was finished then goes on for the looks of
// it.
func (w *Weather) isNew(accountID string, finished time.Time) bool {
	return w.on(Creation) && w.Now().Before(finished.Add(w.lasts(Creation, accountID)))
}

// note counts and logs that an effect has changed the call.
func (w *Weather) note(ctx context.Context, e Effect, service string, op *smithy.Operation) {
	id := ""
	if r := audit.FromContext(ctx); r != nil {
		id = r.Call.RequestID
	}
	w.noteCall(e, service, op, id)
}

func (w *Weather) noteCall(e Effect, service string, op *smithy.Operation, requestID string) {
	w.Observe(string(e), service, op.Name)
	w.Logger.Info("weather", "request_id", requestID, "effect", string(e), "service", service, "operation", op.Name)
}
