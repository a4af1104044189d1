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

// benchEvent is the event of a call like others: what differs is when it was, and its ids.
func benchEvent(b *testing.B, account int) audit.Event {
	at := time.Now()
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
