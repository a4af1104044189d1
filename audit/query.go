package audit

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Retention is how long events are kept, as CloudTrail's event history keeps them; see the
// CloudTrail user guide, "Working with CloudTrail event history".
const Retention = 90 * 24 * time.Hour

// Attribute is what events can be looked up by; the values are those of
// cloudtrail:LookupEvents.
type Attribute string

// The attributes of LookupEvents.
const (
	ByNothing      Attribute = ""
	ByEventID      Attribute = "EventId"
	ByEventName    Attribute = "EventName"
	ByReadOnly     Attribute = "ReadOnly"
	ByUsername     Attribute = "Username"
	ByResourceType Attribute = "ResourceType"
	ByResourceName Attribute = "ResourceName"
	ByEventSource  Attribute = "EventSource"
	ByAccessKeyID  Attribute = "AccessKeyId"
)

// Query asks for events of one account, newest first.
type Query struct {
	AccountID string
	// Start and End bound the time of the events, both inclusive; zero means unbounded.
	Start, End time.Time
	// Attribute and Value filter; a filter by read-only compares with "true" or "false".
	Attribute Attribute
	Value     string
	// After is the last event of the page before; its zero value begins.
	After Cursor
	Limit int
}

// Cursor is a place in the log.
type Cursor struct {
	At time.Time
	ID string
}

// IsZero reports whether the cursor is the beginning.
func (c Cursor) IsZero() bool { return c.ID == "" }

// Check fails for an attribute that events do not have.
func (q *Query) Check() error {
	switch q.Attribute {
	case ByNothing, ByEventID, ByEventName, ByReadOnly, ByUsername, ByResourceType, ByResourceName, ByEventSource, ByAccessKeyID:
		return nil
	default:
		return fmt.Errorf("audit: unknown attribute %q of the event log", q.Attribute)
	}
}

// asksFor reports whether q asks for an event of its account.
func (q *Query) asksFor(e *Event) bool {
	switch {
	case !q.Start.IsZero() && e.Time.Before(q.Start), !q.End.IsZero() && e.Time.After(q.End):
		return false
	case !q.After.IsZero() && order(e.Time, e.ID, q.After.At, q.After.ID) >= 0:
		return false
	}
	resource := func(value func(r Resource) string) bool {
		return slices.ContainsFunc(e.Resources, func(r Resource) bool { return value(r) == q.Value })
	}
	switch q.Attribute {
	case ByNothing:
		return true
	case ByEventID:
		return e.ID == q.Value
	case ByEventName:
		return e.Name == q.Value
	case ByReadOnly:
		return e.ReadOnly == (q.Value == "true")
	case ByUsername:
		return e.Username == q.Value
	case ByResourceType:
		return resource(func(r Resource) string { return r.Type })
	case ByResourceName:
		return resource(func(r Resource) string { return r.ARN })
	case ByEventSource:
		return e.Source == q.Value
	case ByAccessKeyID:
		return e.AccessKeyID == q.Value
	default:
		return false
	}
}

// order compares two places in the log.
func order(at time.Time, id string, otherAt time.Time, otherID string) int {
	if c := at.Compare(otherAt); c != 0 {
		return c
	}
	return strings.Compare(id, otherID)
}

// Page collects the answer to a query: the newest events that it asks for, as many as its
// limit, each once, in whatever order they come.
type Page struct {
	query  Query
	events []Event
	// full pages are at their limit, and in order.
	full bool
}

// NewPage returns an empty page for a query.
func NewPage(q Query) *Page { return &Page{query: q} }

// Add adds those of the events that are asked for.
func (p *Page) Add(events []Event) {
	for i := range events {
		if p.wants(&events[i]) {
			p.events = append(p.events, events[i])
		}
	}
	p.settle()
}

// AddPack adds those of the events of a pack that are asked for.
func (p *Page) AddPack(pack *Pack) error {
	var found []Event
	text := p.query.Value
	if p.query.Attribute == ByNothing || p.query.Attribute == ByReadOnly {
		text = "" // nothing that an event would hold as it is
	}
	err := pack.each(text, func(e *Event) {
		if p.wants(e) {
			found = append(found, *e)
		}
	})
	// The newest come last, and no more of them fit.
	if n := len(found) - p.query.Limit; n > 0 {
		found = found[n:]
	}
	for i := range found {
		found[i] = found[i].clone() // which lets go of the rest of the pack
	}
	p.events = append(p.events, found...)
	p.settle()
	return err
}

// wants reports whether an event is asked for and not too old for a page that is full.
func (p *Page) wants(e *Event) bool {
	n := p.query.Limit
	return !(p.full && order(e.Time, e.ID, p.events[n-1].Time, p.events[n-1].ID) <= 0) && p.query.asksFor(e)
}

// settle puts the events in their order and takes away what is too much.
func (p *Page) settle() {
	slices.SortFunc(p.events, func(a, b Event) int { return order(b.Time, b.ID, a.Time, a.ID) })
	p.events = slices.CompactFunc(p.events, func(a, b Event) bool { return a.ID == b.ID })
	n := max(p.query.Limit, 0)
	if len(p.events) > n {
		clear(p.events[n:])
		p.events = p.events[:n]
	}
	p.full = n > 0 && len(p.events) == n
}

// Complete reports whether events up to that time, and none later, would change nothing.
func (p *Page) Complete(upTo time.Time) bool {
	n := len(p.events)
	return n >= p.query.Limit && (n == 0 || p.events[n-1].Time.After(upTo))
}

// Events returns what was found, newest first.
func (p *Page) Events() []Event { return p.events }

// TimeOf returns the time in an id that [NewID] made; other text has none.
func TimeOf(id string) (time.Time, bool) {
	if len(id) != 36 || id[8] != '-' || id[14] != '7' {
		return time.Time{}, false
	}
	var ms [8]byte
	if _, err := hex.Decode(ms[2:], []byte(id[:8]+id[9:timeText])); err != nil {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC(), true
}
