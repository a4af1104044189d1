package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// BenchmarkAppendEvents measures an event of the log, written in batches as the queue does.
func BenchmarkAppendEvents(b *testing.B) {
	db := storetest.File().Open(b)
	ctx := context.Background()
	body := []byte(`{"padding":"` + strings.Repeat("x", 900) + `"}`)
	const batch = 256
	events := make([]audit.Event, 0, batch)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		at := time.Now()
		id, err := audit.NewID(at, rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		events = append(events, audit.Event{
			ID: id, RequestID: id, AccountID: fmt.Sprintf("%012d", n%50), Time: at, Source: "sts.amazonaws.com",
			Name: "GetCallerIdentity", Username: "alice", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", ReadOnly: true, Record: body,
		})
		if n++; len(events) == batch {
			if err := db.AppendEvents(ctx, events); err != nil {
				b.Fatal(err)
			}
			events = events[:0]
		}
	}
}
