package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Transfers is the suite of the tables of package org for transfers of responsibilities,
// raised quotas, and what background work looks for and remembers.
func Transfers(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"round trip", testTransferRoundTrip},
		{"lists and counts", testTransferLists},
		{"quotas", testQuotas},
		{"closed accounts", testClosedAccounts},
		{"places to validate again", testRechecks},
		{"invalid effective policies", testInvalidPolicies},
		{"deleted with their organization", testTransfersDeleted},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func sampleTransfer(target, source org.Organization, id, status string, settled time.Time) org.Transfer {
	return org.Transfer{
		ID: id, Type: org.TransferBilling, Status: status, HandshakeID: "h-" + id,
		Target:  org.Participant{OrganizationID: target.ID, AccountID: target.ManagementAccountID, Email: target.ManagementAccountEmail, Name: "Bills"},
		Source:  org.Participant{OrganizationID: source.ID, AccountID: source.ManagementAccountID, Email: source.ManagementAccountEmail},
		StartAt: orgTime.Add(time.Hour), SettledAt: settled,
	}
}

func testTransferRoundTrip(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	want := sampleTransfer(one, two, "rt-1", org.TransferRequested, orgTime)
	update(t, db, func(tx *store.Tx) error { return tx.InsertOrgTransfer(want) })
	check := func(what string) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.OrgTransfer(want.ID)
			equal(t, what, got, want)
			equal(t, what+" found", found, true)
			got, _, err2 := tx.OrgTransferByHandshake(want.HandshakeID)
			equal(t, what+" by handshake", got, want)
			return errors.Join(err, err2)
		})
	}
	check("inserted")
	end := orgTime.Add(time.Minute)
	want.Status, want.EndAt, want.SettledAt, want.StartAt = org.TransferWithdrawn, &end, end, orgTime
	want.Source.Name, want.Target.Name = "Zahler", "Rechnungen"
	update(t, db, func(tx *store.Tx) error { return tx.UpdateOrgTransfer(want) })
	check("updated")
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgTransfer(want.ID) })
	view(t, db, func(tx *store.Tx) error {
		_, found, err := tx.OrgTransfer(want.ID)
		equal(t, "deleted", found, false)
		return err
	})
}

func testTransferLists(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	past, future := orgTime.Add(-time.Hour), orgTime.Add(time.Hour)
	update(t, db, func(tx *store.Tx) error {
		ended := sampleTransfer(one, two, "rt-5", org.TransferWithdrawn, past)
		ended.EndAt = &past
		ending := sampleTransfer(one, two, "rt-6", org.TransferWithdrawn, past)
		ending.EndAt = &future
		return errors.Join(
			tx.InsertOrgTransfer(sampleTransfer(one, two, "rt-1", org.TransferRequested, future)),
			tx.InsertOrgTransfer(sampleTransfer(one, two, "rt-2", org.TransferRequested, past)),
			tx.InsertOrgTransfer(sampleTransfer(one, two, "rt-3", org.TransferDeclined, past)),
			tx.InsertOrgTransfer(sampleTransfer(one, two, "rt-4", org.TransferAccepted, past)),
			tx.InsertOrgTransfer(ended), tx.InsertOrgTransfer(ending),
		)
	})
	ids := func(transfers []org.Transfer) (out []string) {
		for _, r := range transfers {
			out = append(out, r.ID)
		}
		return out
	}
	view(t, db, func(tx *store.Tx) error {
		all, err := tx.OrgTransfers(one.ID, org.Inbound, past.Add(-time.Second), "", 10)
		equal(t, "inbound", ids(all), []string{"rt-1", "rt-2", "rt-3", "rt-4", "rt-5", "rt-6"})
		all, err2 := tx.OrgTransfers(two.ID, org.Outbound, orgTime, "rt-1", 2)
		equal(t, "a piece of outbound, without what is over", ids(all), []string{"rt-4", "rt-5"})
		none, err3 := tx.OrgTransfers(two.ID, org.Inbound, past, "", 10)
		equal(t, "inbound of the other", len(none), 0)
		n, err4 := tx.CountOrgTransfers(one.ID, org.Inbound, orgTime, true)
		equal(t, "count with invitations", n, 3)
		m, err5 := tx.CountOrgTransfers(two.ID, org.Outbound, orgTime, false)
		equal(t, "count without invitations", m, 2)
		return errors.Join(err, err2, err3, err4, err5)
	})
}

func testQuotas(t *testing.T, db *store.DB) {
	quota := func(q org.Quota, value int) org.RaisedQuota {
		return org.RaisedQuota{Quota: q, Value: value, RaisedAt: orgTime}
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(
			tx.PutOrgQuota(orgID, quota("b", 1)), tx.PutOrgQuota(orgID, quota("a", 2)), tx.PutOrgQuota(orgID, quota("b", 3)),
			tx.PutOrgQuota("o-bbbbbbbbbb", quota("a", 4)),
		)
	})
	view(t, db, func(tx *store.Tx) error {
		got, found, err := tx.OrgQuota(orgID, "b")
		equal(t, "quota", got, quota("b", 3))
		equal(t, "quota found", found, true)
		all, err2 := tx.OrgQuotas(orgID)
		equal(t, "quotas", all, []org.RaisedQuota{quota("a", 2), quota("b", 3)})
		return errors.Join(err, err2)
	})
	update(t, db, func(tx *store.Tx) error {
		there, err := tx.DeleteOrgQuota(orgID, "b")
		equal(t, "deleted", there, true)
		there, err2 := tx.DeleteOrgQuota(orgID, "b")
		equal(t, "deleted again", there, false)
		return errors.Join(err, err2)
	})
}

func testClosedAccounts(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		var errs []error
		for i, state := range []string{org.StateClosed, org.StateClosed, org.StateActive, org.StateDeleted, org.StateClosed} {
			a := sampleAccount("00000000000" + string(rune('1'+i)))
			at := orgTime.Add(-time.Duration(i) * time.Hour)
			a.State, a.ClosedAt = state, &at
			errs = append(errs, tx.InsertOrgAccount(a))
		}
		return errors.Join(errs...)
	})
	view(t, db, func(tx *store.Tx) error {
		var got []string
		due, err := tx.OrgAccountsClosed(orgTime.Add(-time.Hour), 10)
		for _, a := range due {
			got = append(got, a.ID)
		}
		equal(t, "closed", got, []string{"000000000005", "000000000002"})
		due, err2 := tx.OrgAccountsClosed(orgTime, 1)
		equal(t, "a piece", len(due), 1)
		return errors.Join(err, err2)
	})
	update(t, db, func(tx *store.Tx) error { return tx.EraseAccount("000000000005") })
}

func testTransfersDeleted(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertOrgTransfer(sampleTransfer(one, two, "rt-1", org.TransferAccepted, orgTime)),
			tx.InsertOrgTransfer(sampleTransfer(two, one, "rt-2", org.TransferAccepted, orgTime)),
			tx.PutOrgQuota(one.ID, org.RaisedQuota{Quota: "a", RaisedAt: orgTime}),
			tx.DeleteOrganization(one.ID),
		)
	})
	view(t, db, func(tx *store.Tx) error {
		_, found, err := tx.OrgTransfer("rt-1")
		equal(t, "the organization's own", found, false)
		_, found, err2 := tx.OrgTransfer("rt-2")
		equal(t, "the other's", found, true)
		left, err3 := tx.OrgQuotas(one.ID)
		equal(t, "quotas", len(left), 0)
		return errors.Join(err, err2, err3)
	})
}
