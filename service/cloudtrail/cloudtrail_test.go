package cloudtrail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	service "github.com/bailiwick/bailiwick/service/cloudtrail"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	home  = "111122223333"
	other = "444455556666"
)

// now is the time of the store's clock, with a part of a second.
var now = time.Date(2026, time.June, 1, 12, 0, 0, 250_000_000, time.UTC)

// fixture is a service over a fresh store.
type fixture struct {
	*service.Service
	t *testing.T
}

func newFixture(t *testing.T, e storetest.Engine) *fixture {
	t.Helper()
	db := e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return now } })
	events := audit.NewQueue(db, slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(events.Close)
	return &fixture{Service: &service.Service{DB: db, Events: events}, t: t}
}

// id is the n-th event id.
func id(n int) string { return fmt.Sprintf("01890a5d-ac96-774b-bcce-%012d", n) }

// event is the n-th event of home, so many minutes before now.
func event(n, minutes int) audit.Event {
	return audit.Event{
		ID: id(n), RequestID: id(n), AccountID: home, Time: now.Add(-time.Duration(minutes) * time.Minute),
		Source: "iam.amazonaws.com", Name: "CreateUser", Username: "alice", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
		Record: json.RawMessage(`{"eventID":"` + id(n) + `"}`),
	}
}

// add puts events into the queue and waits for nothing: a look-up must find them.
func (f *fixture) add(events ...audit.Event) {
	f.t.Helper()
	if err := f.Events.Add(events); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) as(accountID string) context.Context {
	return credential.NewContext(f.t.Context(), &credential.Caller{Type: credential.RootUser, AccountID: accountID})
}

// look looks up as an account, after the checks of the model.
func (f *fixture) look(accountID string, in *cloudtrailapi.LookupEventsInput) (*cloudtrailapi.LookupEventsOutput, error) {
	if vs := smithy.Validate(in); len(vs) > 0 {
		return nil, service.Invalid(vs)
	}
	return f.LookupEvents(f.as(accountID), in)
}

// found returns the ids of the events of all pages.
func (f *fixture) found(accountID string, in *cloudtrailapi.LookupEventsInput) (ids []string, pages int) {
	f.t.Helper()
	for {
		out, err := f.look(accountID, in)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, e := range out.Events {
			ids = append(ids, *e.EventId)
		}
		if pages++; out.NextToken == nil {
			return ids, pages
		}
		in.NextToken = out.NextToken
	}
}

func ptr[T any](v T) *T { return &v }

func by(key, value string) []cloudtrailapi.LookupAttribute {
	return []cloudtrailapi.LookupAttribute{{AttributeKey: &key, AttributeValue: &value}}
}

// An event comes back whole, on every engine, right after it has happened.
func TestLookupEvents(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			first, second, theirs := event(1, 2), event(2, 1), event(3, 1)
			first.Resources = []audit.Resource{{ARN: "arn:aws:iam::111122223333:user/bob", Type: "AWS::IAM::User"}, {ARN: "arn:x"}}
			second.ReadOnly, second.Username, second.AccessKeyID = true, "", ""
			theirs.AccountID = other
			f.add(first, second, theirs)
			out, err := f.look(home, &cloudtrailapi.LookupEventsInput{})
			if err != nil {
				t.Fatal(err)
			}
			want := &cloudtrailapi.LookupEventsOutput{Events: []cloudtrailapi.Event{
				{
					EventId: ptr(id(2)), EventName: ptr("CreateUser"), EventSource: ptr("iam.amazonaws.com"), ReadOnly: ptr("true"),
					EventTime: ptr(time.Date(2026, time.June, 1, 11, 59, 0, 0, time.UTC)), Resources: []cloudtrailapi.Resource{},
					CloudTrailEvent: ptr(`{"eventID":"` + id(2) + `"}`),
				},
				{
					EventId: ptr(id(1)), EventName: ptr("CreateUser"), EventSource: ptr("iam.amazonaws.com"), ReadOnly: ptr("false"),
					EventTime: ptr(time.Date(2026, time.June, 1, 11, 58, 0, 0, time.UTC)),
					Username:  ptr("alice"), AccessKeyId: ptr("AKIAIOSFODNN7EXAMPLE"),
					Resources: []cloudtrailapi.Resource{
						{ResourceName: ptr("arn:aws:iam::111122223333:user/bob"), ResourceType: ptr("AWS::IAM::User")}, {ResourceName: ptr("arn:x")},
					},
					CloudTrailEvent: ptr(`{"eventID":"` + id(1) + `"}`),
				},
			}}
			if got, want := show(t, out), show(t, want); got != want {
				t.Errorf("events = %s\nwant %s", got, want)
			}
			if ids, _ := f.found(other, &cloudtrailapi.LookupEventsInput{}); !slices.Equal(ids, []string{id(3)}) {
				t.Errorf("the other account's events = %v", ids)
			}
		})
	}
}

func show(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAttributes(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	first, second := event(1, 2), event(2, 1)
	second.Source, second.Name, second.Username, second.AccessKeyID, second.ReadOnly = "sts.amazonaws.com", "AssumeRole", "bob", "ASIAIOSFODNN7EXAMPLE", true
	first.Resources = []audit.Resource{{ARN: "arn:one", Type: "AWS::IAM::User"}}
	f.add(first, second)
	for _, c := range []struct {
		key, value string
		want       []string
	}{
		{"EventId", id(1), []string{id(1)}},
		{"EventName", "AssumeRole", []string{id(2)}},
		{"ReadOnly", "true", []string{id(2)}},
		{"ReadOnly", "false", []string{id(1)}},
		{"Username", "alice", []string{id(1)}},
		{"ResourceType", "AWS::IAM::User", []string{id(1)}},
		{"ResourceName", "arn:one", []string{id(1)}},
		{"EventSource", "sts.amazonaws.com", []string{id(2)}},
		{"AccessKeyId", "ASIAIOSFODNN7EXAMPLE", []string{id(2)}},
		{"Username", "nobody", nil},
	} {
		if ids, _ := f.found(home, &cloudtrailapi.LookupEventsInput{LookupAttributes: by(c.key, c.value)}); !slices.Equal(ids, c.want) {
			t.Errorf("by %s %s: %v, want %v", c.key, c.value, ids, c.want)
		}
	}
	// There are no trails, so no Insights.
	ids, _ := f.found(home, &cloudtrailapi.LookupEventsInput{EventCategory: ptr("insight"), LookupAttributes: by("EventName", "CreateUser")})
	if ids != nil {
		t.Errorf("Insights events = %v", ids)
	}
}

// The bounds are compared with what the client sees: whole seconds.
func TestTimes(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	const day = 24 * 60
	f.add(event(1, 2), event(2, 1), event(3, 0), event(4, 90*day-1), event(5, 90*day+1))
	at := func(minutes int) *time.Time {
		return ptr(now.Truncate(time.Second).Add(-time.Duration(minutes) * time.Minute))
	}
	for _, c := range []struct {
		name       string
		start, end *time.Time
		want       []int
	}{
		{"all that is kept for look-ups", nil, nil, []int{3, 2, 1, 4}},
		{"from before that", at(100 * day), nil, []int{3, 2, 1, 4}},
		{"until before that", nil, at(91 * day), nil},
		{"exactly from", at(1), nil, []int{3, 2}},
		{"a little later", ptr(at(1).Add(time.Millisecond)), nil, []int{3}},
		{"exactly until", at(100), at(1), []int{2, 1}},
		{"a little earlier", at(100), ptr(at(1).Add(-time.Millisecond)), []int{1}},
		{"one second", at(1), at(1), []int{2}},
	} {
		var want []string
		for _, n := range c.want {
			want = append(want, id(n))
		}
		if ids, _ := f.found(home, &cloudtrailapi.LookupEventsInput{StartTime: c.start, EndTime: c.end}); !slices.Equal(ids, want) {
			t.Errorf("%s: %v, want %v", c.name, ids, want)
		}
	}
}

func TestPages(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	var events []audit.Event
	var want []string
	for n := range 120 {
		events = append(events, event(n, 120-n))
		want = append(want, id(n))
	}
	f.add(events...)
	slices.Reverse(want)
	for _, c := range []struct {
		size  *int32
		pages int
	}{{nil, 3}, {ptr(int32(50)), 3}, {ptr(int32(40)), 3}, {ptr(int32(7)), 18}} {
		in := &cloudtrailapi.LookupEventsInput{MaxResults: c.size, LookupAttributes: by("Username", "alice"), StartTime: ptr(now.AddDate(0, 0, -1))}
		ids, pages := f.found(home, in)
		if !slices.Equal(ids, want) || pages != c.pages {
			t.Errorf("%d events in %d pages, want %d in %d", len(ids), pages, len(want), c.pages)
		}
	}
}

func TestErrors(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.add(event(1, 2), event(2, 1))
	first, err := f.look(home, &cloudtrailapi.LookupEventsInput{MaxResults: ptr(int32(1))})
	if err != nil || first.NextToken == nil {
		t.Fatalf("first page: %+v, %v", first, err)
	}
	long := make([]byte, 2001)
	for i := range long {
		long[i] = 'a'
	}
	for _, c := range []struct {
		name string
		in   *cloudtrailapi.LookupEventsInput
		code string
	}{
		{"no results", &cloudtrailapi.LookupEventsInput{MaxResults: ptr(int32(0))}, "InvalidMaxResultsException"},
		{"too many results", &cloudtrailapi.LookupEventsInput{MaxResults: ptr(int32(51))}, "InvalidMaxResultsException"},
		{"backwards", &cloudtrailapi.LookupEventsInput{StartTime: ptr(now), EndTime: ptr(now.Add(-time.Second))}, "InvalidTimeRangeException"},
		{"before time", &cloudtrailapi.LookupEventsInput{StartTime: ptr(time.Unix(-1, 0))}, "InvalidTimeRangeException"},
		{"after time", &cloudtrailapi.LookupEventsInput{EndTime: ptr(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))}, "InvalidTimeRangeException"},
		{"far before time", &cloudtrailapi.LookupEventsInput{EndTime: ptr(time.UnixMilli(-1 << 63))}, "InvalidTimeRangeException"},
		{"two attributes", &cloudtrailapi.LookupEventsInput{LookupAttributes: append(by("EventId", id(1)), by("ReadOnly", "true")...)}, "InvalidLookupAttributesException"},
		{"an unknown attribute", &cloudtrailapi.LookupEventsInput{LookupAttributes: by("Weather", "fine")}, "InvalidLookupAttributesException"},
		{"an attribute in another case", &cloudtrailapi.LookupEventsInput{LookupAttributes: by("eventId", id(1))}, "InvalidLookupAttributesException"},
		{"no value", &cloudtrailapi.LookupEventsInput{LookupAttributes: by("EventId", "")}, "InvalidLookupAttributesException"},
		{"a long value", &cloudtrailapi.LookupEventsInput{LookupAttributes: by("EventId", string(long))}, "InvalidLookupAttributesException"},
		{"read-only or not", &cloudtrailapi.LookupEventsInput{LookupAttributes: by("ReadOnly", "True")}, "InvalidLookupAttributesException"},
		{"a byte that cannot be kept", &cloudtrailapi.LookupEventsInput{LookupAttributes: by("EventName", "a\x00")}, "InvalidLookupAttributesException"},
		{"Insights by user", &cloudtrailapi.LookupEventsInput{EventCategory: ptr("insight"), LookupAttributes: by("Username", "alice")}, "InvalidLookupAttributesException"},
		{"a category", &cloudtrailapi.LookupEventsInput{EventCategory: ptr("weather")}, "InvalidEventCategoryException"},
		{"a token that is none", &cloudtrailapi.LookupEventsInput{NextToken: ptr("!")}, "InvalidNextTokenException"},
		{"an empty token", &cloudtrailapi.LookupEventsInput{NextToken: ptr("")}, "InvalidNextTokenException"},
		{"half a token", &cloudtrailapi.LookupEventsInput{NextToken: ptr((*first.NextToken)[:20])}, "InvalidNextTokenException"},
		{"a token of another question", &cloudtrailapi.LookupEventsInput{NextToken: first.NextToken, LookupAttributes: by("ReadOnly", "false")}, "InvalidNextTokenException"},
		{"a token of another time", &cloudtrailapi.LookupEventsInput{NextToken: first.NextToken, StartTime: ptr(now.AddDate(0, -1, 0))}, "InvalidNextTokenException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.look(home, c.in)
			var got smithy.ModeledError
			if !errors.As(err, &got) || got.Schema().Error.Code != c.code || len(got.Error()) <= len(c.code)+len(": ") {
				t.Errorf("error = %v, want %s with a message", err, c.code)
			}
		})
	}
	// The size of the page may change on the way.
	in := &cloudtrailapi.LookupEventsInput{MaxResults: ptr(int32(2)), NextToken: first.NextToken}
	if ids, _ := f.found(home, in); !slices.Equal(ids, []string{id(1)}) {
		t.Errorf("second page = %v", ids)
	}
	// A token shows nobody another account's events.
	in.NextToken = first.NextToken
	if ids, _ := f.found(other, in); ids != nil {
		t.Errorf("another account's page = %v", ids)
	}
}

func TestRows(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	rows := f.Rows()
	if len(rows) != 1 || rows[0].Operation != "LookupEvents" {
		t.Fatalf("rows = %+v", rows)
	}
	checks, err := rows[0].Checks(t.Context(), nil)
	if err != nil || len(checks) != 1 || checks[0].Action != "cloudtrail:LookupEvents" || checks[0].Resource != "*" {
		t.Errorf("checks = %+v, %v", checks, err)
	}
	for _, op := range cloudtrailapi.Describe().Operations {
		_, err := cloudtrailapi.Handler(f.Service).Invoke(f.as(home), &op, op.NewInput())
		var missing *smithy.NotImplementedError
		if errors.As(err, &missing) == (op.Name == "LookupEvents") {
			t.Errorf("%s: %v", op.Name, err)
		}
	}
}

// Input that has no error of its own in the API gets the general one.
func TestInvalid(t *testing.T) {
	err := service.Invalid([]smithy.Violation{{Path: "nextToken", Constraint: "Member must not be null", Missing: true}})
	var general *smithy.GenericError
	if !errors.As(err, &general) || general.Code != "ValidationException" || general.Status != 400 {
		t.Errorf("error = %v", err)
	}
}
