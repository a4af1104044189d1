package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// Events that were written before there were packs are found among the others until they are
// too old.
func TestEventsFromBeforePacks(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.File(), storetest.Postgres()} {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			began := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
			var all []audit.Event
			for i := range 200 {
				event := audit.Event{
					ID: fmt.Sprintf("%03d", i), RequestID: "r", AccountID: "111122223333", Time: began.Add(time.Duration(i) * time.Second),
					Source: "iam.amazonaws.com", Name: "CreateUser", Username: "alice", AccessKeyID: "AKIAALICE", Record: json.RawMessage(`{}`),
					Resources: []audit.Resource{{ARN: fmt.Sprintf("arn:%d", i%2), Type: "AWS::IAM::User", AccountID: "111122223333"}},
				}
				all = append(all, event)
				update(t, db, func(tx *store.Tx) error {
					if i%3 == 0 {
						return tx.AppendEvents([]audit.Event{event})
					}
					_, err := tx.Exec(`insert into audit_events (id, account_id, at, request_id, source, name, username, access_key_id, read_only, error_code, record)
						values ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9)`,
						event.ID, event.AccountID, event.Time, event.RequestID, event.Source, event.Name, event.Username, event.AccessKeyID, string(event.Record))
					r := event.Resources[0]
					_, err2 := tx.Exec(`insert into audit_resources (event_id, position, account_id, at, name, type, owner_id) values ($1, 0, $2, $3, $4, $5, $6)`,
						event.ID, event.AccountID, event.Time, r.ARN, r.Type, r.AccountID)
					return errors.Join(err, err2)
				})
			}
			look := func(q audit.Query) (out []audit.Event) {
				q.AccountID, q.Limit = "111122223333", 30
				for {
					var page []audit.Event
					err := db.View(t.Context(), func(tx *store.Tx) (err error) {
						page, err = tx.AuditEvents(q)
						return err
					})
					if err != nil {
						t.Fatal(err)
					}
					if len(page) == 0 {
						return out
					}
					out = append(out, page...)
					last := page[len(page)-1]
					q.After = audit.Cursor{At: last.Time, ID: last.ID}
				}
			}
			newestFirst := func(keep func(i int) bool) (out []audit.Event) {
				for i := len(all) - 1; i >= 0; i-- {
					if keep(i) {
						out = append(out, all[i])
					}
				}
				return out
			}
			if got := look(audit.Query{}); !reflect.DeepEqual(got, newestFirst(func(int) bool { return true })) {
				t.Errorf("%d events", len(got))
			}
			if got := look(audit.Query{Attribute: audit.ByResourceName, Value: "arn:1"}); !reflect.DeepEqual(got, newestFirst(func(i int) bool { return i%2 == 1 })) {
				t.Errorf("%d events by resource", len(got))
			}
			update(t, db, func(tx *store.Tx) error {
				removed, err := tx.DeleteAuditEventsBefore(all[150].Time, 1000)
				if removed != 150 {
					t.Errorf("%d are gone", removed)
				}
				return err
			})
			if got := look(audit.Query{}); !reflect.DeepEqual(got, newestFirst(func(i int) bool { return i >= 150 })) {
				t.Errorf("%d events are left", len(got))
			}
		})
	}
}
