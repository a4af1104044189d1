package weather

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		seed uint64
		// spans are some that the text means; a negative one means off.
		spans map[Effect]Span
		share float64
	}{
		{"mild", 1, map[Effect]Span{Creation: {2 * time.Second, 5 * time.Second}, Throttling: {}}, 1},
		{"rough", 1, map[Effect]Span{Creation: {20 * time.Second, 90 * time.Second}}, 0.5},
		{"seed=9", 9, map[Effect]Span{Creation: {2 * time.Second, 5 * time.Second}}, 1},
		{"rough,seed=3,creation=1s,closure=10ms-2m", 3, map[Effect]Span{Creation: {time.Second, time.Second}, Closure: {10 * time.Millisecond, 2 * time.Minute}}, 0.5},
		{"conflicts=off,throttling=off", 1, map[Effect]Span{Conflicts: {-1, -1}, Throttling: {-1, -1}}, 1},
		{"conflicts=off,conflicts=on", 1, map[Effect]Span{Conflicts: {30 * time.Millisecond, 120 * time.Millisecond}}, 1},
	} {
		s, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if s.Seed != c.seed || s.Share != c.share {
			t.Errorf("%s: seed %d, share %v", c.text, s.Seed, s.Share)
		}
		for e, want := range c.spans {
			got, on := s.Spans[e]
			if on != (want.Min >= 0) || on && got != want {
				t.Errorf("%s: %s is %v (%v)", c.text, e, got, on)
			}
		}
	}
	for _, text := range []string{"", "stormy", "mild,rough", "seed=x", "seed=-1", "rain=1s", "creation", "creation=", "creation=5", "creation=5s-1s", "creation=-1s", "creation=25h", "throttling=1s", "mild,"} {
		if s, err := Parse(text); err == nil {
			t.Errorf("%q is taken for %v", text, s)
		}
	}
}

// clock is a time that tests move.
type clock struct{ now time.Time }

func newWeather(t *testing.T, text string) (*Weather, *clock) {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	born := c.now
	w, err := New(Config{
		Settings: s, Logger: slog.New(slog.DiscardHandler), Observe: func(string, string, string) {}, Now: func() time.Time { return c.now },
		Created: func(_ context.Context, id string) (time.Time, bool, error) {
			return born, strings.HasPrefix(id, "1"), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, c
}

func TestSeedDecides(t *testing.T) {
	one, _ := newWeather(t, "seed=1")
	again, _ := newWeather(t, "seed=1")
	two, _ := newWeather(t, "seed=2")
	differ := false
	for _, name := range []string{"a", "b", "c", "d"} {
		d := one.lasts(Creation, name)
		if d != again.lasts(Creation, name) {
			t.Errorf("%s takes %v and %v with one seed", name, d, again.lasts(Creation, name))
		}
		if d < 2*time.Second || d > 5*time.Second {
			t.Errorf("%s takes %v", name, d)
		}
		differ = differ || d != two.lasts(Creation, name)
	}
	if !differ {
		t.Error("another seed makes no difference")
	}
}

func TestPendingEnds(t *testing.T) {
	w, c := newWeather(t, "consistency=2s,closure=off")
	w.begin(Consistency, "x")
	w.begin(Closure, "x")
	c.now = c.now.Add(1999 * time.Millisecond)
	if !w.isPending(Consistency, "x") || w.isPending(Consistency, "y") || w.isPending(Closure, "x") {
		t.Error("only x is pending, and only for what is on")
	}
	c.now = c.now.Add(time.Millisecond)
	if w.isPending(Consistency, "x") {
		t.Error("it does not end")
	}
}

func TestPendingIsBounded(t *testing.T) {
	w, c := newWeather(t, "consistency=2s")
	for n := range 2 * maxPending {
		w.begin(Consistency, string(rune(n)))
	}
	if len(w.pending) > maxPending {
		t.Errorf("%d are pending", len(w.pending))
	}
	c.now = c.now.Add(time.Minute)
	w.begin(Consistency, "late")
	if len(w.pending) != 1 || !w.isPending(Consistency, "late") {
		t.Errorf("%d are kept that are over", len(w.pending))
	}
}

func TestCreationTakesItsTime(t *testing.T) {
	w, c := newWeather(t, "creation=3s")
	ctx := t.Context()
	for _, step := range []struct {
		at   time.Duration
		id   string
		want bool
	}{{0, "111111111111", true}, {0, "222222222222", false}, {2 * time.Second, "111111111111", true}, {time.Second, "111111111111", false}} {
		c.now = c.now.Add(step.at)
		if got, err := w.creating(ctx, step.id); err != nil || got != step.want {
			t.Errorf("%s: %v, %v", step.id, got, err)
		}
	}
	// What was over stays so, also if the clock is put back.
	c.now = c.now.Add(-time.Minute)
	if again, _ := w.creating(ctx, "111111111111"); again {
		t.Error("a finished creation begins again")
	}
}

func TestRates(t *testing.T) {
	l, now := newLimiter(1), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	atOnce := func(caller, service, operation string) (n int) {
		for n < 2000 && l.allow(caller, service, operation, now) {
			n++
		}
		return n
	}
	for _, c := range []struct {
		service, operation string
		want               int
	}{
		{"organizations", "ListAccounts", 40},
		{"organizations", "DescribeAccount", 40}, // counted for itself
		{"organizations", "MoveAccount", 12},
		{"iam", "GetRole", 60},
		{"iam", "CreateRole", 30},
		{"account", "DeleteAlternateContact", 6},
		{"account", "GetPrimaryEmail", 3},
		{"sts", "AssumeRole", 600},
		{"sts", "GetCallerIdentity", 0},             // counted with AssumeRole
		{"sts", "AssumeRoleWithWebIdentity", 2000},  // no limit is documented
		{"cloudtrail", "LookupEvents", 2000},        // not in the table
		{"account", "PutAccountName", 2000},         // not in the table
		{"account", "GetAlternateContact", 15},      // as documented
		{"account", "StartPrimaryEmailUpdate", 1},   // as documented
		{"organizations", "CreateOrganization", 12}, // a write
	} {
		if got := atOnce("111122223333", c.service, c.operation); got != c.want {
			t.Errorf("%s:%s: %d at once, want %d", c.service, c.operation, got, c.want)
		}
	}
	if got := atOnce("444455556666", "account", "GetPrimaryEmail"); got != 3 {
		t.Errorf("another account may call %d times", got)
	}
	now = now.Add(time.Second)
	if got := atOnce("111122223333", "account", "DeleteAlternateContact"); got != 1 {
		t.Errorf("a second later: %d", got)
	}
	l.share = 0.5
	if got := atOnce("777788889999", "account", "StartPrimaryEmailUpdate"); got != 1 {
		t.Errorf("half of one at once: %d", got)
	}
}

func TestTablesSayWhereTheyAreFrom(t *testing.T) {
	for _, e := range effects {
		if _, err := time.Parse(time.DateOnly, e.asOf); err != nil || e.source == "" {
			t.Errorf("%s: %q as of %q", e.name, e.source, e.asOf)
		}
		if e.mild.Min > e.mild.Max || e.rough.Min > e.rough.Max || e.rough.Max < e.mild.Max {
			t.Errorf("%s: %v, %v", e.name, e.mild, e.rough)
		}
	}
	for _, r := range rates {
		if _, err := time.Parse(time.DateOnly, r.asOf); err != nil || r.perSecond <= 0 || r.burst < 1 {
			t.Errorf("%s %v: as of %q", r.service, r.operations, r.asOf)
		}
	}
}
