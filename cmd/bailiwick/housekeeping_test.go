package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// litter leaves behind one of each thing that is past its time.
func (m *metered) litter(tx *store.Tx) error {
	const id = "111122223333"
	long := tx.Now().AddDate(0, 0, -100)
	return errors.Join(
		tx.IAMInsertDeletionTask(iam.DeletionTask{ID: "task/old", AccountID: id, CreatedAt: long, Status: iam.DeletionSucceeded}),
		tx.IAMInsertDelegation(iam.DelegationRequest{ID: "old", Requestor: id, WorkflowID: "w", State: iam.DelegationUnassigned, CreatedAt: long, UpdatedAt: long, ExpiresAt: long}),
		tx.PutAccountCode(account.OneTimeCode{AccountID: id, Kind: account.KindEmail, Sealed: []byte{1}, SentAt: long}),
		tx.IAMPutOutboundIssuer(iam.OutboundIssuer{AccountID: id, ID: "issuer", Enabled: true}),
		tx.IAMInsertOutboundKey(iam.OutboundKey{ID: "old", AccountID: id, Algorithm: iam.AlgorithmES384, Public: []byte{1}, Sealed: []byte{1}, CreatedAt: long}),
		tx.PutOrgRecheck(org.Recheck{OrganizationID: "o-gone", PolicyType: "TAG_POLICY", Place: "r-gone", RequestedAt: long}),
	)
}

// TestWorkInTheBackground lets a node clean up: what is past its time goes, in several steps,
// and the rest stays.
func TestWorkInTheBackground(t *testing.T) {
	m := newMetered(t, func(f *serverFlags) { f.AuditDays = 7 })
	var events []audit.Event
	for i := range 1300 {
		// So far apart that each is a row of its own.
		at := time.Now().Add(-8*24*time.Hour + time.Duration(i)*2*audit.PackSpan)
		if i >= 1200 {
			at = at.Add(2 * 24 * time.Hour)
		}
		id, err := audit.NewID(at, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, audit.Event{ID: id, AccountID: "111122223333", Time: at, Name: "Old", Source: "iam.amazonaws.com", Record: []byte("{}")})
	}
	if err := m.db.AppendEvents(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if err := m.db.Update(t.Context(), m.litter); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { m.background(ctx) })
	want := []string{
		`bailiwick_housekeeping_leading 1`,
		`bailiwick_housekeeping_items_total{task="audit_retention"} 1200`,
		`bailiwick_housekeeping_runs_total{outcome="ok",task="handshakes"} 1`,
		`bailiwick_housekeeping_runs_total{outcome="ok",task="closed_accounts"} 1`,
		`bailiwick_housekeeping_items_total{task="deletion_tasks"} 1`,
		`bailiwick_housekeeping_items_total{task="delegation_requests"} 1`,
		`bailiwick_housekeeping_items_total{task="one_time_codes"} 1`,
		`bailiwick_housekeeping_items_total{task="outbound_keys"} 1`,
		`bailiwick_housekeeping_items_total{task="effective_policies"} 1`,
	}
	missing := func() string {
		page := m.page()
		for _, line := range want {
			if !strings.Contains(page, line) {
				return line
			}
		}
		return ""
	}
	for end := time.Now().Add(20 * time.Second); missing() != ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is not shown:\n%s\n%s", missing(), m.page(), m.log)
		}
	}
	stop()
	running.Wait()
	if !strings.Contains(m.page(), "bailiwick_housekeeping_leading 0") {
		t.Error("a node that has stopped leads")
	}
	err := m.db.View(context.Background(), func(tx *store.Tx) error {
		left, err := tx.AuditEvents(audit.Query{AccountID: "111122223333", Limit: 200})
		kept := 0
		for i := range left {
			if left[i].Name == "Old" {
				kept++
			}
		}
		if kept != 100 {
			t.Errorf("%d old events are left, want 100", kept)
		}
		keys, err2 := tx.IAMOutboundKeys("111122223333")
		if len(keys) != 3 { // the old one, and a new one of each algorithm
			t.Errorf("%d keys, want 3", len(keys))
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
}
