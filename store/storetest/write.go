package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
)

func testWrite(t *testing.T, e Engine) {
	db := e.Open(t)
	for _, result := range []error{nil, errRefused} {
		rec := &audit.Recording{
			Call: audit.Call{
				EventID:   "event",
				RequestID: "request",
				Time:      time.Date(2026, 5, 15, 0, 0, 0, 0, time.UTC),
				Source:    "organizations.amazonaws.com",
				Name:      "CreateOrganization",
				Region:    "us-east-1",
				Caller:    &credential.Caller{AccountID: "111122223333"},
			},
			Render: func(out any) json.RawMessage {
				text, _ := json.Marshal(out)
				return text
			},
		}
		if result != nil {
			rec.Call.EventID, rec.Call.RequestID = "refused", "refused"
		}
		out, err := store.Write(audit.NewContext(t.Context(), rec), db, func(tx *store.Tx) (string, error) {
			return "output", errors.Join(tx.PutSetting("by/"+rec.Call.RequestID, "written"), result)
		})
		if !errors.Is(err, result) {
			t.Fatalf("write = %v, want %v", err, result)
		}
		done := result == nil
		if (out == "output") != done || rec.Stored() != done || (get(t, db, "by/"+rec.Call.RequestID) == "written") != done {
			t.Errorf("after a write with the result %v: output %q, stored %v", result, out, rec.Stored())
		}
		events, err := store.Read(t.Context(), db, func(tx *store.Tx) ([]audit.Event, error) {
			return tx.AuditEvents(audit.Query{AccountID: rec.Call.Caller.AccountID, Attribute: audit.ByEventID, Value: rec.Call.EventID, Limit: 2})
		})
		if err != nil || (len(events) == 1) != done {
			t.Errorf("after a write with the result %v: %d events, %v", result, len(events), err)
		}
	}
	if _, err := store.Write(t.Context(), db, func(tx *store.Tx) (string, error) {
		return "output", tx.PutSetting("without a recording", "written")
	}); err != nil {
		t.Errorf("write outside of a call: %v", err)
	}
}
