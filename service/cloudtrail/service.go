package cloudtrail

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// Service implements the CloudTrail API. Operations that are not built answer
// NotImplemented.
type Service struct {
	cloudtrailapi.Unimplemented
	DB *store.DB
	// Events is flushed before a look-up, so that what was answered before is found.
	Events *audit.Queue
}

var _ cloudtrailapi.Service = (*Service)(nil)

// pageSize is the most events of a page, and how many there are when the caller does not
// say (API reference, LookupEvents).
const pageSize = 50

// Rows are the authorization rows; see the Service Authorization Reference, "Actions,
// resources, and condition keys for AWS CloudTrail".
func (s *Service) Rows() []authz.Row {
	return []authz.Row{authz.Anywhere("LookupEvents", "cloudtrail:LookupEvents")}
}

// LookupEvents returns events of the caller's account, newest first.
func (s *Service) LookupEvents(ctx context.Context, in *cloudtrailapi.LookupEventsInput) (*cloudtrailapi.LookupEventsOutput, error) {
	q, err := query(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &cloudtrailapi.LookupEventsOutput{Events: []cloudtrailapi.Event{}}
	if insight(in) {
		return out, nil // there are no trails, so no Insights events
	}
	if err := s.Events.Flush(ctx); err != nil {
		return nil, err
	}
	return store.Read(ctx, s.DB, func(tx *store.Tx) (*cloudtrailapi.LookupEventsOutput, error) {
		q.Start = laterOf(q.Start, tx.Now().Add(-audit.Retention))
		limit := q.Limit
		q.Limit++
		events, err := tx.AuditEvents(q)
		if err != nil {
			return nil, err
		}
		if len(events) > limit {
			events = events[:limit]
			out.NextToken = nextToken(in, events[limit-1])
		}
		for _, e := range events {
			out.Events = append(out.Events, render(e))
		}
		return out, nil
	})
}

func query(ctx context.Context, in *cloudtrailapi.LookupEventsInput) (audit.Query, error) {
	q := audit.Query{AccountID: credential.FromContext(ctx).AccountID, Limit: pageSize}
	if n := smithy.Value(in.MaxResults); n > 0 {
		q.Limit = int(n)
	}
	if err := timeRange(in, &q); err != nil {
		return q, err
	}
	if err := attribute(in, &q); err != nil {
		return q, err
	}
	var err error
	q.After, err = cursor(in)
	return q, err
}

// timeRange sets the bounds. Events carry whole seconds, so an event belongs to the second
// in which it happened: the end includes all of its second, and a start within a second
// leaves that second out.
func timeRange(in *cloudtrailapi.LookupEventsInput, q *audit.Query) error {
	start, end := smithy.Value(in.StartTime), smithy.Value(in.EndTime)
	switch {
	case impossible(in.StartTime), impossible(in.EndTime):
		return invalidRange("The time range is outside the range of possible values.")
	case in.StartTime != nil && in.EndTime != nil && start.After(end):
		return invalidRange("The start time occurs after the end time.")
	}
	if in.StartTime != nil {
		q.Start = start.Add(time.Second - time.Nanosecond).Truncate(time.Second)
	}
	if in.EndTime != nil {
		q.End = end.Truncate(time.Second).Add(time.Second - time.Microsecond)
	}
	return nil
}

// impossible reports a time that no event can have.
func impossible(t *time.Time) bool {
	const lastYear = 9999
	return t != nil && (t.Before(time.Unix(0, 0)) || t.UTC().Year() > lastYear)
}

// insightAttributes are what events of the category insight can be looked up by.
var insightAttributes = []audit.Attribute{audit.ByEventID, audit.ByEventName, audit.ByEventSource}

func attribute(in *cloudtrailapi.LookupEventsInput, q *audit.Query) error {
	switch len(in.LookupAttributes) {
	case 0:
		return nil
	case 1:
	default:
		return invalidAttributes("Only one lookup attribute can be specified.")
	}
	q.Attribute = audit.Attribute(smithy.Value(in.LookupAttributes[0].AttributeKey))
	q.Value = smithy.Value(in.LookupAttributes[0].AttributeValue)
	switch {
	case q.Attribute == audit.ByReadOnly && q.Value != "true" && q.Value != "false":
		return invalidAttributes("The value of ReadOnly is true or false.")
	case strings.ContainsRune(q.Value, 0):
		return invalidAttributes("The attribute value contains a character that is not valid.")
	case insight(in) && !slices.Contains(insightAttributes, q.Attribute):
		return invalidAttributes("Insights events cannot be looked up by " + string(q.Attribute) + ".")
	}
	return nil
}

// insight reports that the caller asks for Insights events.
func insight(in *cloudtrailapi.LookupEventsInput) bool {
	return smithy.Value(in.EventCategory) == cloudtrailapi.EventCategoryInsight
}

func invalidRange(message string) error {
	return &cloudtrailapi.InvalidTimeRangeException{Message: smithy.Ptr(message)}
}

func invalidAttributes(message string) error {
	return &cloudtrailapi.InvalidLookupAttributesException{Message: smithy.Ptr(message)}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func render(e audit.Event) cloudtrailapi.Event {
	out := cloudtrailapi.Event{
		EventId: smithy.Ptr(e.ID), EventName: smithy.Ptr(e.Name), EventSource: smithy.Ptr(e.Source),
		ReadOnly: smithy.Ptr(strconv.FormatBool(e.ReadOnly)), EventTime: smithy.Ptr(e.Time.Truncate(time.Second)),
		Username: smithy.PtrTo(e.Username), AccessKeyId: smithy.PtrTo(e.AccessKeyID),
		CloudTrailEvent: smithy.Ptr(string(e.Record)), Resources: []cloudtrailapi.Resource{},
	}
	for _, r := range e.Resources {
		out.Resources = append(out.Resources, cloudtrailapi.Resource{ResourceType: smithy.PtrTo(r.Type), ResourceName: smithy.PtrTo(r.ARN)})
	}
	return out
}

// question is a fingerprint of what a look-up asks for: its token does not fit another one.
func question(in *cloudtrailapi.LookupEventsInput) string {
	var parts []string
	for _, t := range []*time.Time{in.StartTime, in.EndTime} {
		part := ""
		if t != nil {
			part = t.UTC().String()
		}
		parts = append(parts, part)
	}
	for _, a := range in.LookupAttributes {
		parts = append(parts, smithy.Value(a.AttributeKey), smithy.Value(a.AttributeValue))
	}
	const enough = 16
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:enough])
}

// nextToken says where to go on, and in which question: the time and id of the last event
// of the page, and the fingerprint.
func nextToken(in *cloudtrailapi.LookupEventsInput, last audit.Event) *string {
	text := strconv.FormatInt(last.Time.UnixMicro(), 10) + "\x00" + last.ID + "\x00" + question(in)
	return smithy.Ptr(base64.RawURLEncoding.EncodeToString([]byte(text)))
}

func cursor(in *cloudtrailapi.LookupEventsInput) (audit.Cursor, error) {
	if in.NextToken == nil {
		return audit.Cursor{}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*in.NextToken)
	parts := strings.Split(string(text), "\x00")
	const fields = 3
	if err == nil && len(parts) == fields && parts[1] != "" && utf8.ValidString(parts[1]) && parts[2] == question(in) {
		if at, err := strconv.ParseInt(parts[0], 10, 64); err == nil {
			return audit.Cursor{At: time.UnixMicro(at).UTC(), ID: parts[1]}, nil
		}
	}
	return audit.Cursor{}, &cloudtrailapi.InvalidNextTokenException{Message: smithy.Ptr("The token is invalid.")}
}

// Invalid is CloudTrail's own error for input that breaks the model's constraints, where it
// has one.
func Invalid(vs []smithy.Violation) error {
	for _, v := range vs {
		switch {
		case v.Path == "maxResults":
			return &cloudtrailapi.InvalidMaxResultsException{Message: smithy.Ptr("A maximum results value of 1 to 50 is allowed.")}
		case strings.HasPrefix(v.Path, "lookupAttributes"):
			return invalidAttributes(smithy.Message(vs))
		case v.Path == "eventCategory":
			return &cloudtrailapi.InvalidEventCategoryException{Message: smithy.Ptr("The event category is not valid.")}
		}
	}
	return &smithy.GenericError{Code: "ValidationException", Status: 400, Message: smithy.Message(vs)}
}
