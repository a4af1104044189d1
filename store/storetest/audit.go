package storetest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/store"
)

const (
	auditAccount = "111122223333"
	auditOther   = "444455556666"
)

// Audit is the suite of the event log.
func Audit(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"an event comes back as it was", testAuditEvent},
		{"an event is stored once", testAuditTwice},
		{"bytes that are no text lose no event", testAuditText},
		{"attributes", testAuditAttributes},
		{"times", testAuditTimes},
		{"pages", testAuditPages},
		{"retention", testAuditRetention},
		{"retention in batches", testAuditBatches},
		{"few among many", testAuditMany},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

// auditEvent is an event of auditAccount, after minutes.
func auditEvent(id string, after int) audit.Event {
	return audit.Event{
		ID: id, RequestID: "request of " + id, AccountID: auditAccount, Time: orgTime.Add(time.Duration(after) * time.Minute),
		Source: "iam.amazonaws.com", Name: "CreateUser", Username: "alice", AccessKeyID: "AKIAALICE",
		Record: json.RawMessage(`{"eventID": "` + id + `"}`),
	}
}

func appendEvents(t *testing.T, db *store.DB, events ...audit.Event) {
	t.Helper()
	if err := db.AppendEvents(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

// eventIDs returns the ids of the events that a query finds.
func eventIDs(t *testing.T, db *store.DB, q audit.Query) []string {
	t.Helper()
	if q.AccountID == "" {
		q.AccountID = auditAccount
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	var ids []string
	view(t, db, func(tx *store.Tx) error {
		events, err := tx.AuditEvents(q)
		for _, e := range events {
			ids = append(ids, e.ID)
		}
		return err
	})
	return ids
}

// found returns the one event with an id.
func found(t *testing.T, db *store.DB, id string) (e audit.Event) {
	t.Helper()
	view(t, db, func(tx *store.Tx) error {
		events, err := tx.AuditEvents(audit.Query{AccountID: auditAccount, Attribute: audit.ByEventID, Value: id, Limit: 2})
		if len(events) != 1 {
			t.Fatalf("%d events with id %s", len(events), id)
		}
		e = events[0]
		return err
	})
	return e
}

func testAuditEvent(t *testing.T, db *store.DB) {
	e := auditEvent("a", 0)
	e.ReadOnly, e.ErrorCode = true, "AccessDenied"
	e.Resources = []audit.Resource{
		{ARN: "arn:z", Type: "AWS::IAM::User", AccountID: auditAccount}, {ARN: "arn:a", Type: "AWS::IAM::Role", AccountID: auditOther}, {},
	}
	appendEvents(t, db, e)
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.AuditEvents(audit.Query{AccountID: auditAccount, Limit: 1})
		equal(t, "event", got, []audit.Event{e})
		return err
	})
}

func testAuditTwice(t *testing.T, db *store.DB) {
	e := auditEvent("a", 0)
	e.Resources = []audit.Resource{{ARN: "arn"}}
	appendEvents(t, db, e)
	appendEvents(t, db, e, auditEvent("b", 1))
	equal(t, "events", eventIDs(t, db, audit.Query{}), []string{"b", "a"})
	equal(t, "the event", found(t, db, "a"), e)
	// Events that are written together, together and apart once more.
	c, d := auditEvent("c", 2), auditEvent("d", 2)
	appendEvents(t, db, c, d)
	appendEvents(t, db, c, d)
	appendEvents(t, db, d)
	appendEvents(t, db, c)
	appendEvents(t, db, c, auditEvent("e", 2))
	equal(t, "events", eventIDs(t, db, audit.Query{}), []string{"e", "d", "c", "b", "a"})
	equal(t, "two of them", eventIDs(t, db, audit.Query{Limit: 2}), []string{"e", "d"})
}

func testAuditText(t *testing.T, db *store.DB) {
	e := auditEvent("a", 0)
	e.Username, e.AccessKeyID, e.Record = "x\x00\xff", "\x00", json.RawMessage("\"\xff\"")
	e.Resources = []audit.Resource{{ARN: "arn:\x00"}}
	appendEvents(t, db, e)
	equal(t, "the event", found(t, db, "a"), e)
	equal(t, "by its name", eventIDs(t, db, audit.Query{Attribute: audit.ByUsername, Value: e.Username}), []string{"a"})
}

func testAuditAttributes(t *testing.T, db *store.DB) {
	a, b, other := auditEvent("a", 0), auditEvent("b", 1), auditEvent("c", 2)
	b.Source, b.Name, b.Username, b.AccessKeyID, b.ReadOnly = "sts.amazonaws.com", "createuser", "Alice", "ASIABOB", true
	a.Resources = []audit.Resource{{ARN: "arn:one", Type: "AWS::IAM::User"}, {ARN: "arn:two", Type: "AWS::IAM::Role"}}
	b.Resources = []audit.Resource{{ARN: "arn:two", Type: "AWS::IAM::Role"}, {ARN: "arn:three", Type: "AWS::IAM::Role"}}
	other.AccountID = auditOther
	other.Resources = a.Resources
	appendEvents(t, db, a, b, other)
	for _, c := range []struct {
		attribute audit.Attribute
		value     string
		want      []string
	}{
		{audit.ByNothing, "", []string{"b", "a"}},
		{audit.ByEventID, "a", []string{"a"}},
		{audit.ByEventID, "c", nil}, // another account's
		{audit.ByEventName, "CreateUser", []string{"a"}},
		{audit.ByEventName, "CREATEUSER", nil},
		{audit.ByEventName, "%", nil},
		{audit.ByReadOnly, "true", []string{"b"}},
		{audit.ByReadOnly, "false", []string{"a"}},
		{audit.ByUsername, "alice", []string{"a"}},
		{audit.ByEventSource, "sts.amazonaws.com", []string{"b"}},
		{audit.ByAccessKeyID, "AKIAALICE", []string{"a"}},
		{audit.ByResourceName, "arn:two", []string{"b", "a"}},
		{audit.ByResourceName, "arn:one", []string{"a"}},
		{audit.ByResourceType, "AWS::IAM::Role", []string{"b", "a"}},
		{audit.ByResourceType, "AWS::IAM::User", []string{"a"}},
		{audit.ByResourceType, "AWS::IAM", nil},
	} {
		got := eventIDs(t, db, audit.Query{Attribute: c.attribute, Value: c.value})
		equal(t, string(c.attribute)+" "+c.value, got, c.want)
	}
	err := db.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AuditEvents(audit.Query{AccountID: auditAccount, Attribute: "Weather", Limit: 1})
		return err
	})
	if err == nil {
		t.Error("an unknown attribute found something")
	}
}

func testAuditTimes(t *testing.T, db *store.DB) {
	for i, id := range []string{"a", "b", "c"} {
		appendEvents(t, db, auditEvent(id, i))
	}
	at := func(minutes int) time.Time { return orgTime.Add(time.Duration(minutes) * time.Minute) }
	for _, c := range []struct {
		start, end time.Time
		want       []string
	}{
		{time.Time{}, time.Time{}, []string{"c", "b", "a"}},
		{at(1), time.Time{}, []string{"c", "b"}},
		{at(1).Add(time.Microsecond), time.Time{}, []string{"c"}},
		{time.Time{}, at(1), []string{"b", "a"}},
		{time.Time{}, at(1).Add(-time.Microsecond), []string{"a"}},
		{at(1), at(1), []string{"b"}},
		{at(3), time.Time{}, nil},
	} {
		equal(t, fmt.Sprint(c.start, " to ", c.end), eventIDs(t, db, audit.Query{Start: c.start, End: c.end}), c.want)
	}
}

// pageIDs returns the ids of the events that a query finds, page after page; between two pages it
// says how many it has.
func pageIDs(t *testing.T, db *store.DB, q audit.Query, between func(read int)) (ids []string) {
	t.Helper()
	for {
		var page []audit.Event
		view(t, db, func(tx *store.Tx) (err error) {
			page, err = tx.AuditEvents(q)
			return err
		})
		if len(page) == 0 {
			return ids
		}
		for _, e := range page {
			ids = append(ids, e.ID)
			q.After = audit.Cursor{At: e.Time, ID: e.ID}
		}
		between(len(ids))
	}
}

func testAuditPages(t *testing.T, db *store.DB) {
	var all []audit.Event
	for i := range 10 {
		// Several events share a time: the id orders them.
		e := auditEvent(fmt.Sprintf("%c", 'a'+i), i/4)
		e.Resources = []audit.Resource{{ARN: "arn:all"}}
		all = append(all, e)
	}
	appendEvents(t, db, all...)
	slices.Reverse(all)
	for _, q := range []audit.Query{
		{}, {Attribute: audit.ByResourceName, Value: "arn:all"}, {Attribute: audit.ByEventName, Value: "CreateUser"},
	} {
		q.AccountID, q.Limit = auditAccount, 3
		got := pageIDs(t, db, q, func(read int) {
			// What happens meanwhile does not move the pages.
			newcomer := auditEvent(fmt.Sprintf("new %d by %s", read, q.Attribute), 100)
			newcomer.Name = "Newcomer"
			appendEvents(t, db, newcomer)
		})
		want := make([]string, len(all))
		for i, e := range all {
			want[i] = e.ID
		}
		equal(t, "pages by "+string(q.Attribute), got, want)
	}
}

func prune(t *testing.T, db *store.DB, before time.Time, limit int) (n int64) {
	t.Helper()
	update(t, db, func(tx *store.Tx) (err error) {
		n, err = tx.DeleteAuditEventsBefore(before, limit)
		return err
	})
	return n
}

func testAuditRetention(t *testing.T, db *store.DB) {
	old, edge, other := auditEvent("old", 0), auditEvent("edge", 1), auditEvent("other", 0)
	other.AccountID = auditOther
	for _, e := range []*audit.Event{&old, &edge, &other} {
		e.Resources = []audit.Resource{{ARN: "arn:one"}, {ARN: "arn:two"}}
	}
	appendEvents(t, db, old, edge, other)
	equal(t, "removed when nothing is old", prune(t, db, old.Time, 100), int64(0))
	// An event as old as the bound stays.
	equal(t, "removed", prune(t, db, edge.Time, 100), int64(2))
	equal(t, "what stays", eventIDs(t, db, audit.Query{}), []string{"edge"})
	equal(t, "what stays of the other account", eventIDs(t, db, audit.Query{AccountID: auditOther}), []string(nil))
	equal(t, "resources of what stays", found(t, db, "edge").Resources, edge.Resources)
}

func testAuditBatches(t *testing.T, db *store.DB) {
	const total, batch = 25, 10
	for i := range total {
		// All of one moment, so that only the order of the statement tells them apart.
		e := auditEvent(fmt.Sprintf("%02d", (i*7)%total), 0)
		if i == 0 {
			e.Time = orgTime.Add(-time.Hour)
		}
		appendEvents(t, db, e)
	}
	bound := orgTime.Add(time.Second)
	for _, want := range []int64{10, 10, 5, 0} {
		equal(t, "removed", prune(t, db, bound, batch), want)
		if slices.Contains(eventIDs(t, db, audit.Query{}), "00") {
			t.Error("the oldest event is not the first to go")
		}
	}
	equal(t, "what stays", eventIDs(t, db, audit.Query{}), []string(nil))
}

// testAuditMany looks for events among many, of several batches whose times overlap.
func testAuditMany(t *testing.T, db *store.DB) {
	var all []audit.Event
	at := func(i int) time.Time { return orgTime.Add(time.Duration(i*37) * time.Millisecond) }
	for i := range 2000 {
		id, err := audit.NewID(at(i), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		e := auditEvent(id, 0)
		e.Time = at(i)
		if i%400 == 7 {
			e.Name = "Rare"
			e.Resources = []audit.Resource{{ARN: "arn:rare", Type: "AWS::IAM::User"}}
		}
		all = append(all, e)
	}
	// Each batch takes every fortieth event, so all of them lie over one another.
	for first := range 40 {
		var events []audit.Event
		for i := first; i < len(all); i += 40 {
			events = append(events, all[i])
		}
		appendEvents(t, db, events...)
	}
	slices.Reverse(all)
	ids := func(events []audit.Event, keep func(e *audit.Event) bool) (out []string) {
		for i := range events {
			if keep(&events[i]) {
				out = append(out, events[i].ID)
			}
		}
		return out
	}
	every := func(*audit.Event) bool { return true }
	rare := func(e *audit.Event) bool { return e.Name == "Rare" }
	equal(t, "the newest", eventIDs(t, db, audit.Query{Limit: 51}), ids(all[:51], every))
	equal(t, "the rare", eventIDs(t, db, audit.Query{Attribute: audit.ByEventName, Value: "Rare"}), ids(all, rare))
	equal(t, "by resource", eventIDs(t, db, audit.Query{Attribute: audit.ByResourceName, Value: "arn:rare"}), ids(all, rare))
	equal(t, "by resource, two", eventIDs(t, db, audit.Query{Attribute: audit.ByResourceName, Value: "arn:rare", Limit: 2}), ids(all, rare)[:2])
	equal(t, "between times", eventIDs(t, db, audit.Query{Start: all[700].Time, End: all[650].Time}), ids(all[650:701], every))
	equal(t, "one", eventIDs(t, db, audit.Query{Attribute: audit.ByEventID, Value: all[1234].ID}), []string{all[1234].ID})
	paged := pageIDs(t, db, audit.Query{AccountID: auditAccount, Limit: 50}, func(int) {})
	equal(t, "all pages", paged, ids(all, every))
}
