package audit

import "time"

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
