package store_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// BenchmarkAppendEvents measures an event of the log: its record is made, and it is written in
// batches as the queue does.
func BenchmarkAppendEvents(b *testing.B) {
	const batch = 1024
	for _, accounts := range []int{1, 50} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			db := storetest.File().Open(b)
			ctx := context.Background()
			events := make([]audit.Event, 0, batch)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				events = append(events, benchEvent(b, n%accounts))
				if n++; len(events) == batch {
					if err := db.AppendEvents(ctx, events); err != nil {
						b.Fatal(err)
					}
					events = events[:0]
				}
			}
		})
	}
}

// BenchmarkAuditEvents looks for events in a log of a million, all of one account: the newest, one
// by its id, and a few of which nothing says where they are.
func BenchmarkAuditEvents(b *testing.B) {
	const total, batch = 1_000_000, 1000
	db := storetest.File().Open(b)
	began := time.Now().Add(-total * time.Millisecond)
	var middle string
	for n := 0; n < total; n += batch {
		events := make([]audit.Event, batch)
		for i := range events {
			events[i] = benchEventAt(b, 0, began.Add(time.Duration(n+i)*time.Millisecond))
			if i == 0 && n%(total/10) == 0 {
				events[i].Name, middle = "DeleteUser", events[i].ID
			}
		}
		if err := db.AppendEvents(context.Background(), events); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		query audit.Query
		found int
	}{
		{"newest", audit.Query{}, 51},
		{"id", audit.Query{Attribute: audit.ByEventID, Value: middle}, 1},
		{"rare", audit.Query{Attribute: audit.ByEventName, Value: "DeleteUser"}, 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.query.AccountID, c.query.Limit = fmt.Sprintf("%012d", 0), 51
				err := db.View(context.Background(), func(tx *store.Tx) error {
					events, err := tx.AuditEvents(c.query)
					if len(events) != c.found {
						b.Errorf("%d events", len(events))
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchEvent(b *testing.B, account int) audit.Event { return benchEventAt(b, account, time.Now()) }

// benchEventAt is the event of a call like others: what differs is when it was, and its ids.
func benchEventAt(b *testing.B, account int, at time.Time) audit.Event {
	id, err := audit.NewID(at, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	accountID := fmt.Sprintf("%012d", account)
	r := audit.Recording{Call: audit.Call{
		EventID: id, RequestID: id, Time: at, Source: "sts.amazonaws.com", Name: "GetCallerIdentity", Region: "us-east-1", APIVersion: "2011-06-15",
		SourceIP: "127.0.0.1", UserAgent: "aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.26.0 md/GOOS#linux md/GOARCH#amd64 api/sts#1.41.5 m/E",
		Caller: &credential.Caller{
			Type: credential.User, AccountID: accountID, ARN: "arn:aws:iam::" + accountID + ":user/alice", PrincipalID: "AIDAIOSFODNN7EXAMPLE",
			EntityID: "AIDAIOSFODNN7EXAMPLE", EntityARN: "arn:aws:iam::" + accountID + ":user/alice", EntityName: "alice", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
		},
		ReadOnly: true, Parameters: json.RawMessage("null"),
	}}
	return r.Complete(nil)[0]
}
