package audit

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// Call is what is known of a call before its operation runs.
type Call struct {
	// EventID is a random UUID; RequestID is the id that the client got.
	EventID, RequestID string
	// Time of the request, UTC.
	Time time.Time
	// Source is the service's principal, for example "organizations.amazonaws.com"; Name is
	// the operation.
	Source, Name string
	// Region is the region of the credential scope.
	Region     string
	APIVersion string
	SourceIP   string
	UserAgent  string
	Caller     *credential.Caller
	// ReadOnly operations change nothing.
	ReadOnly bool
	// Responds says that the response is recorded.
	Responds bool
	// TLS says whether the connection was encrypted.
	TLS bool
	// Parameters are the request's parameters as JSON with secrets blanked, or nil. Like the
	// response and the decision they become part of the record as they are: compact and
	// well-formed.
	Parameters json.RawMessage
}

// Resource is something that a call concerned.
type Resource struct {
	// ARN and Type ("AWS::IAM::Role") name it; AccountID owns it.
	ARN, Type, AccountID string
}

// Event is one finished record, addressed to one account.
type Event struct {
	ID        string
	RequestID string
	// AccountID is the account that finds the event with LookupEvents
	// (recipientAccountId).
	AccountID string
	Time      time.Time
	Source    string
	Name      string
	// Username and AccessKeyID are what LookupEvents can filter by.
	Username    string
	AccessKeyID string
	ReadOnly    bool
	ErrorCode   string
	Resources   []Resource
	// Record is the CloudTrail record, a JSON object.
	Record json.RawMessage
}

// Recording collects the event of one call. It is used by one goroutine at a time.
type Recording struct {
	Call Call
	// Render turns the operation's output into responseElements, secrets blanked.
	Render func(out any) json.RawMessage
	// Decision is the authorization decision as JSON; it is set for refused calls and goes
	// to additionalEventData.
	Decision json.RawMessage

	response   json.RawMessage
	resources  []Resource
	recipients []string
	stored     bool
}

// Touch adds a resource that the call concerned. The account of a resource in another
// account than the caller's receives the event too, as CloudTrail does for cross-account
// calls. A resource is listed once, however often it is named.
func (r *Recording) Touch(res Resource) {
	if r == nil || slices.Contains(r.resources, res) {
		return
	}
	r.resources = append(r.resources, res)
	if res.AccountID != "" && res.AccountID != r.Call.Caller.AccountID {
		r.deliver(res.AccountID)
	}
}

// Respond says what the event tells of the call's answer, in the place of the answer itself.
func (r *Recording) Respond(response json.RawMessage) {
	if r != nil {
		r.response = response
	}
}

// Region returns the region that the call was made to; nil has none.
func (r *Recording) Region() string {
	if r == nil {
		return ""
	}
	return r.Call.Region
}

func (r *Recording) deliver(accountID string) {
	for _, have := range r.recipients {
		if have == accountID {
			return
		}
	}
	r.recipients = append(r.recipients, accountID)
}

// Mark is a state of a recording to which [Recording.Rewind] goes back.
type Mark struct{ resources, recipients int }

// Mark returns the state of the recording; nil has one too.
func (r *Recording) Mark() Mark {
	if r == nil {
		return Mark{}
	}
	return Mark{len(r.resources), len(r.recipients)}
}

// Rewind forgets what was touched since m. The store calls it before a transaction is run
// again: what an attempt touched that did not happen concerns nobody.
func (r *Recording) Rewind(m Mark) {
	if r != nil {
		r.resources, r.recipients = r.resources[:m.resources], r.recipients[:m.recipients]
	}
}

// Stored reports whether the event is already in the log, written by the operation's own
// transaction.
func (r *Recording) Stored() bool { return r != nil && r.stored }

// MarkStored is called by the store when the transaction that holds the event has
// committed.
func (r *Recording) MarkStored() { r.stored = true }

// Complete returns the events of the call that succeeded with the given output, one for
// each account that receives it. It may be called again when a transaction is retried.
func (r *Recording) Complete(out any) []Event {
	response := r.response
	if response == nil && r.Render != nil && r.Call.Responds {
		response = r.Render(out)
	}
	return r.events("", "", response)
}

// Fail returns the events of the call that was refused or failed with the given error.
func (r *Recording) Fail(code, message string) []Event { return r.events(code, message, nil) }

type contextKey struct{}

// NewContext returns a context that carries the recording of the call.
func NewContext(ctx context.Context, r *Recording) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// FromContext returns the recording of the call, or nil outside of a call (background
// work, tests of a domain).
func FromContext(ctx context.Context) *Recording {
	r, _ := ctx.Value(contextKey{}).(*Recording)
	return r
}
