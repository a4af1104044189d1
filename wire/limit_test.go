package wire_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

// slowly rebuilds the server with a limit and a clock that the test turns.
func slowly(t *testing.T, b *bench, r wire.Rate, mounts func(m *wire.Mount)) (forward func(time.Duration)) {
	t.Helper()
	now := time.Now()
	c := b.Config
	c.Mounts = slices.Clone(c.Mounts)
	for i := range c.Mounts {
		mounts(&c.Mounts[i])
	}
	c.Rate, c.Now = r, func() time.Time { return now }
	var err error
	if b.Server, err = wire.New(c); err != nil {
		t.Fatal(err)
	}
	return func(d time.Duration) { now = now.Add(d) }
}

func TestWhoComesTooFastIsThrottledInTheServicesOwnWords(t *testing.T) {
	b := newBench(t)
	forward := slowly(t, b, wire.Rate{PerSecond: 1, Burst: 2}, func(*wire.Mount) {})
	for _, c := range []struct {
		service string
		status  int
		code    string
	}{
		{"query", http.StatusBadRequest, "<Code>Throttling</Code>"},
		{"json", http.StatusBadRequest, "ThrottlingException"},
		{"rest", http.StatusTooManyRequests, "TooManyRequestsException"},
	} {
		for range 2 {
			if w := b.send(b.signed(c.service, "Do", "n")); w.Code != http.StatusOK {
				t.Fatalf("%s: within the burst: %d %s", c.service, w.Code, w.Body)
			}
		}
		done := len(b.steps)
		w := b.send(b.signed(c.service, "Do", "n"))
		if all := w.Header().Get("X-Amzn-Errortype") + w.Body.String(); w.Code != c.status || !strings.Contains(all, c.code) || !strings.Contains(all, "Rate exceeded") {
			t.Errorf("%s: beyond the burst: %d %s", c.service, w.Code, all)
		}
		if len(b.steps) != done {
			t.Errorf("%s: a throttled request went on: %v", c.service, b.steps[done:])
		}
	}
	forward(1100 * time.Millisecond)
	if w := b.send(b.signed("query", "Do", "n")); w.Code != http.StatusOK {
		t.Errorf("a second later: %d %s", w.Code, w.Body)
	}
	if w := b.send(b.signed("query", "Do", "n")); w.Code == http.StatusOK {
		t.Error("one second brought more than one request")
	}
}

func TestServiceChoosesItsThrottlingError(t *testing.T) {
	b := newBench(t)
	slowly(t, b, wire.Rate{PerSecond: 1, Burst: 1}, func(m *wire.Mount) {
		m.Throttled = func(message string) error {
			return &smithy.GenericError{Code: "SlowDown", Status: http.StatusBadRequest, Message: message}
		}
	})
	b.send(b.signed("json", "Do", "n"))
	if w := b.send(b.signed("json", "Do", "n")); w.Header().Get("X-Amzn-Errortype") != "SlowDown" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestStrangersUseUpNobodysShare sends what is not authenticated and what needs no
// signature: neither takes from the account's own rate.
func TestStrangersUseUpNobodysShare(t *testing.T) {
	b := newBench(t)
	slowly(t, b, wire.Rate{PerSecond: 1, Burst: 1}, func(*wire.Mount) {})
	for range 3 {
		r, body := b.request("query", "Do", "n")
		r = b.sign(r, body, "query", keyID)
		r.Header.Set("X-Amz-Date", "20260101T000000Z") // breaks the signature
		if w := b.send(r); w.Code == http.StatusOK || strings.Contains(w.Body.String(), "Throttling") {
			t.Fatalf("broken signature: %d %s", w.Code, w.Body)
		}
	}
	unsigned := func() int {
		r, _ := b.request("query", "Open", "n")
		return b.send(r).Code
	}
	if first, second := unsigned(), unsigned(); first != http.StatusOK || second != http.StatusBadRequest {
		t.Errorf("unsigned requests of one address: %d, then %d", first, second)
	}
	if w := b.send(b.signed("query", "Do", "n")); w.Code != http.StatusOK {
		t.Errorf("the account's first request: %d %s", w.Code, w.Body)
	}
}

func TestHalfARateIsRefused(t *testing.T) {
	b := newBench(t)
	for _, r := range []wire.Rate{{PerSecond: 1}, {Burst: 1}, {PerSecond: -1, Burst: 1}, {PerSecond: 1, Burst: -1}} {
		c := b.Config
		c.Rate = r
		if _, err := wire.New(c); err == nil {
			t.Errorf("%+v was accepted", r)
		}
	}
}

// observed keeps what it is told.
type observed struct{ all []wire.Observation }

// Observe implements wire.Observer.
func (o *observed) Observe(one wire.Observation) { o.all = append(o.all, one) }

func TestObserverLearnsWhatCameOfEachRequest(t *testing.T) {
	b := newBench(t)
	o := &observed{}
	c := b.Config
	c.Observer, c.Logger, c.Rate = o, slog.New(slog.DiscardHandler), wire.Rate{PerSecond: 0.001, Burst: 2}
	var err error
	if b.Server, err = wire.New(c); err != nil {
		t.Fatal(err)
	}
	b.send(b.signed("json", "Do", "n"))
	b.gate = &wire.Refusal{Message: "no"}
	b.send(b.signed("json", "Do", "n"))
	b.send(b.signed("json", "Do", "n"))
	b.send(b.signed("query", "Wrong", "n"))
	b.send(b.signed("nowhere", "Do", "n"))
	type line struct {
		service, operation string
		verdict            wire.Verdict
		status             int
		throttled, decided bool
	}
	want := []line{
		{"json", "Do", wire.Allowed, 200, false, true},
		{"json", "Do", wire.Denied, 400, false, true},
		{"json", "Do", wire.Undecided, 400, true, false},
		{"query", "", wire.Undecided, 400, false, false},
		{"", "", wire.Undecided, 404, false, false},
	}
	var got []line
	for _, e := range o.all {
		l := line{verdict: e.Verdict, status: e.Status, throttled: e.Throttled, decided: e.Deciding > 0}
		if e.Service != nil {
			l.service = e.Service.ID
		}
		if e.Operation != nil {
			l.operation = e.Operation.Name
		}
		if e.Took <= 0 || e.Took > time.Minute || e.Deciding > e.Took {
			t.Errorf("took %v, deciding %v", e.Took, e.Deciding)
		}
		got = append(got, l)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
