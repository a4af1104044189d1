package weather

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Effect is one way of AWS that can be switched.
type Effect string

const (
	// Creation keeps a new account IN_PROGRESS: it is in no list, and nobody gets in.
	Creation Effect = "creation"
	// Closure keeps a closed account PENDING_CLOSURE. Nobody gets in meanwhile either.
	Closure Effect = "closure"
	// Finalizing refuses accounts and invitations while an organization is new.
	Finalizing Effect = "finalizing"
	// Conflicts makes changes of an organization take their time, and refuses others meanwhile.
	Conflicts Effect = "conflicts"
	// Consistency hides what is new in IAM.
	Consistency Effect = "consistency"
	// Throttling limits how fast each account calls.
	Throttling Effect = "throttling"
)

// Span is how long an effect lasts: at least Min, at most Max.
type Span struct{ Min, Max time.Duration }

// effect is what is known of an effect: how long it lasts in AWS, in whose words, and how long here.
type effect struct {
	name Effect
	// mild and rough are zero for what has no time.
	mild, rough Span
	// source names the topic that documents it, as read on the date.
	source, asOf string
}

// effects are all there are. AWS documents that they occur and bounds few of them; the spans are
// ours: mild ones short enough for tests, rough ones as people report them.
var effects = []effect{
	{Creation, Span{2 * time.Second, 5 * time.Second}, Span{20 * time.Second, 90 * time.Second}, "Organizations API Reference, CreateAccount: operates asynchronously", "2026-11-22"},
	{Closure, Span{3 * time.Second, 6 * time.Second}, Span{60 * time.Second, 3 * time.Minute}, "Organizations API Reference, CloseAccount: PENDING_CLOSURE while in progress", "2026-11-22"},
	{Finalizing, Span{time.Second, 2 * time.Second}, Span{10 * time.Second, 30 * time.Second}, "Organizations API Reference, FinalizingOrganizationException: up to an hour", "2026-11-22"},
	{Conflicts, Span{30 * time.Millisecond, 120 * time.Millisecond}, Span{200 * time.Millisecond, 800 * time.Millisecond}, "Organizations API Reference, ConcurrentModificationException", "2026-11-22"},
	{Consistency, Span{500 * time.Millisecond, 3 * time.Second}, Span{3 * time.Second, 15 * time.Second}, "IAM User Guide, Troubleshoot IAM: changes are not always immediately visible", "2026-11-22"},
	{Throttling, Span{}, Span{}, "see the table of rates", "2026-11-22"},
}

// In progress at once, by "Quotas and service limits for AWS Organizations".
const (
	maxCreating = 5
	maxClosing  = 3
)

// Settings say what the weather is.
type Settings struct {
	// Seed decides how long each effect lasts within its span.
	Seed uint64
	// Spans are the effects that are on; those without a time have a zero span.
	Spans map[Effect]Span
	// Share is how much of the rates is left by whatever else calls, above 0 and at most 1.
	Share float64
}

// Parse reads what --weather says: words with commas between them. "mild" (the default) or "rough"
// comes first; then seed=N, and for an effect EFFECT=off, EFFECT=5s or EFFECT=2s-10s.
func Parse(text string) (Settings, error) {
	words := strings.Split(text, ",")
	s := Settings{Seed: 1, Share: 1, Spans: map[Effect]Span{}}
	rough := words[0] == "rough"
	if rough {
		s.Share = 0.5
	}
	if rough || words[0] == "mild" {
		words = words[1:]
	}
	for _, e := range effects {
		s.Spans[e.name] = e.mild
		if rough {
			s.Spans[e.name] = e.rough
		}
	}
	for _, word := range words {
		if err := s.set(word); err != nil {
			return Settings{}, err
		}
	}
	return s, nil
}

func (s *Settings) set(word string) error {
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return fmt.Errorf("weather: %q is not mild, rough, seed=N or EFFECT=VALUE, with mild or rough first", word)
	}
	if name == "seed" {
		seed, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return fmt.Errorf("weather: %q: a seed is a number", word)
		}
		s.Seed = seed
		return nil
	}
	usual, known := s.spanOf(Effect(name))
	switch {
	case !known:
		return fmt.Errorf("weather: no effect is called %q; they are %s", name, names())
	case value == "off":
		delete(s.Spans, Effect(name))
		return nil
	case value == "on":
		s.Spans[Effect(name)] = usual
		return nil
	case usual == Span{}:
		return fmt.Errorf("weather: %q: it is on or off", word)
	}
	span, err := parseSpan(value)
	if err != nil {
		return fmt.Errorf("weather: %q: %w", word, err)
	}
	s.Spans[Effect(name)] = span
	return nil
}

// spanOf returns the span that the effect has now, or its mild one.
func (s *Settings) spanOf(name Effect) (Span, bool) {
	for _, e := range effects {
		if e.name != name {
			continue
		}
		if now, on := s.Spans[name]; on {
			return now, true
		}
		return e.mild, true
	}
	return Span{}, false
}

// maxSpan bounds what can be asked for: longer than this is a typing error.
const maxSpan = 24 * time.Hour

func parseSpan(text string) (Span, error) {
	least, most, two := strings.Cut(text, "-")
	if !two {
		most = least
	}
	from, err1 := time.ParseDuration(least)
	to, err2 := time.ParseDuration(most)
	switch {
	case err1 != nil || err2 != nil:
		return Span{}, errors.New("a time is off, on, 5s or 2s-10s")
	case from < 0 || to < from || to > maxSpan:
		return Span{}, errors.New("times go from short to long, and to 24h at most")
	}
	return Span{from, to}, nil
}

func names() string {
	all := make([]string, 0, len(effects))
	for _, e := range effects {
		all = append(all, string(e.name))
	}
	return strings.Join(all, ", ")
}
