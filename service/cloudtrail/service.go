package cloudtrail

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

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
	if smithy.Value(in.EventCategory) == cloudtrailapi.EventCategoryInsight {
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
			resources, err := tx.AuditResources(e)
			if err != nil {
				return nil, err
			}
			out.Events = append(out.Events, render(e, resources))
		}
		return out, nil
	})
}

func query(ctx context.Context, in *cloudtrailapi.LookupEventsInput) (audit.Query, error) {
	q := audit.Query{AccountID: credential.FromContext(ctx).AccountID, Limit: pageSize}
	if n := smithy.Value(in.MaxResults); n > 0 {
		q.Limit = int(n)
	}
	q.Start, q.End = smithy.Value(in.StartTime), smithy.Value(in.EndTime)
	if !q.Start.IsZero() && !q.End.IsZero() && q.Start.After(q.End) {
		return q, &cloudtrailapi.InvalidTimeRangeException{Message: smithy.Ptr("The start time occurs after the end time.")}
	}
	switch len(in.LookupAttributes) {
	case 0:
	case 1:
		q.Attribute = audit.Attribute(smithy.Value(in.LookupAttributes[0].AttributeKey))
		q.Value = smithy.Value(in.LookupAttributes[0].AttributeValue)
	default:
		return q, invalidAttributes("Only one lookup attribute can be specified.")
	}
	if q.Attribute == audit.ByReadOnly && q.Value != "true" && q.Value != "false" {
		return q, invalidAttributes("The value of ReadOnly is true or false.")
	}
	var err error
	q.After, err = cursor(in)
	return q, err
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

func render(e audit.Event, resources []audit.Resource) cloudtrailapi.Event {
	out := cloudtrailapi.Event{
		EventId: smithy.Ptr(e.ID), EventName: smithy.Ptr(e.Name), EventSource: smithy.Ptr(e.Source),
		ReadOnly: smithy.Ptr(strconv.FormatBool(e.ReadOnly)), EventTime: smithy.Ptr(e.Time.Truncate(time.Second)),
		Username: smithy.PtrTo(e.Username), AccessKeyId: smithy.PtrTo(e.AccessKeyID),
		CloudTrailEvent: smithy.Ptr(string(e.Record)), Resources: []cloudtrailapi.Resource{},
	}
	for _, r := range resources {
		out.Resources = append(out.Resources, cloudtrailapi.Resource{ResourceType: smithy.PtrTo(r.Type), ResourceName: smithy.PtrTo(r.ARN)})
	}
	return out
}

// token is what NextToken holds: where to go on, and in which question.
type token struct {
	At       int64
	ID       string
	Question string
}

// question names what a look-up asks for: its token does not fit another one.
func question(in *cloudtrailapi.LookupEventsInput) string {
	parts := []string{smithy.Value(in.StartTime).UTC().String(), smithy.Value(in.EndTime).UTC().String()}
	for _, a := range in.LookupAttributes {
		parts = append(parts, smithy.Value(a.AttributeKey), smithy.Value(a.AttributeValue))
	}
	return strings.Join(parts, "\x00")
}

func nextToken(in *cloudtrailapi.LookupEventsInput, last audit.Event) *string {
	text, err := json.Marshal(token{last.Time.UnixMicro(), last.ID, question(in)})
	if err != nil {
		return nil
	}
	return smithy.Ptr(base64.RawURLEncoding.EncodeToString(text))
}

func cursor(in *cloudtrailapi.LookupEventsInput) (audit.Cursor, error) {
	if in.NextToken == nil {
		return audit.Cursor{}, nil
	}
	var t token
	text, err := base64.RawURLEncoding.DecodeString(*in.NextToken)
	if err != nil || json.Unmarshal(text, &t) != nil || t.ID == "" || t.Question != question(in) {
		return audit.Cursor{}, &cloudtrailapi.InvalidNextTokenException{Message: smithy.Ptr("The token is invalid.")}
	}
	return audit.Cursor{At: time.UnixMicro(t.At).UTC(), ID: t.ID}, nil
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
