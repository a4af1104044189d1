package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Handshakes is the suite of the tables of package org for handshakes, trusted services and
// delegation.
func Handshakes(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"round trip", testHandshakeRoundTrip},
		{"queries", testHandshakeQueries},
		{"ended", testHandshakesEnded},
		{"deleted with their organization", testHandshakesDeleted},
		{"emails", testUnverifiedEmails},
		{"feature set", testFeatureSet},
		{"trusted services", testTrustedServices},
		{"delegations", testDelegations},
		{"resource policies", testResourcePolicies},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func sampleHandshake(o org.Organization, id, recipient string) org.Handshake {
	return org.Handshake{
		ID: id, OrganizationID: o.ID, ManagementAccountID: o.ManagementAccountID,
		ManagementName: "Name " + o.ManagementAccountID, ManagementEmail: o.ManagementAccountEmail, FeatureSet: o.FeatureSet,
		Action: org.ActionInvite, State: org.HandshakeOpen, PartyType: org.PartyAccount, PartyID: recipient, Recipient: recipient,
		RequestedAt: orgTime, ExpiresAt: orgTime.Add(time.Hour), EndsAt: orgTime.Add(time.Hour),
	}
}

// twoSenders makes two organizations.
func twoSenders(t *testing.T, db *store.DB) (one, two org.Organization) {
	t.Helper()
	update(t, db, func(tx *store.Tx) (err error) {
		var err2 error
		one, err = insertOrganization(tx, orgID, "111111111111")
		two, err2 = insertOrganization(tx, "o-bbbbbbbbbb", "222222222222")
		return errors.Join(err, err2)
	})
	return one, two
}

func testHandshakeRoundTrip(t *testing.T, db *store.DB) {
	o, _ := twoSenders(t, db)
	want := sampleHandshake(o, "h-1", "333333333333")
	want.ParentID, want.Notes = "h-0", "Komm zu uns"
	update(t, db, func(tx *store.Tx) error { return tx.InsertOrgHandshake(want) })
	check := func(what string) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.OrgHandshake(want.ID)
			equal(t, what, got, want)
			equal(t, "found", found, true)
			return err
		})
	}
	check("new")
	want.State, want.EndsAt = org.HandshakeDeclined, orgTime.Add(time.Minute)
	update(t, db, func(tx *store.Tx) error { return tx.SetOrgHandshakeState(want.ID, want.State, want.EndsAt) })
	check("answered")
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgHandshake(want.ID) })
	view(t, db, func(tx *store.Tx) error {
		_, found, err := tx.OrgHandshake(want.ID)
		equal(t, "found when deleted", found, false)
		return err
	})
}

func testHandshakeQueries(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	update(t, db, func(tx *store.Tx) error {
		invite, other := sampleHandshake(one, "h-a", "333333333333"), sampleHandshake(two, "h-b", "333333333333")
		mail := sampleHandshake(one, "h-c", "new@example.com")
		mail.State, mail.EndsAt, mail.RequestedAt = org.HandshakeCanceled, orgTime, orgTime.Add(-time.Hour)
		child := sampleHandshake(one, "h-d", "444444444444")
		child.Action, child.ParentID = org.ActionApproveAllFeatures, "h-parent"
		var err error
		for _, h := range []org.Handshake{child, mail, other, invite} {
			err = errors.Join(err, tx.InsertOrgHandshake(h))
		}
		return err
	})
	for _, c := range []struct {
		name string
		q    org.HandshakeQuery
		want []string
	}{
		{"sent", org.HandshakeQuery{OrganizationID: one.ID}, []string{"h-a", "h-c", "h-d"}},
		{"received", org.HandshakeQuery{Recipients: []string{"333333333333", "three@example.com"}}, []string{"h-a", "h-b"}},
		{"to either name", org.HandshakeQuery{Recipients: []string{"444444444444", "new@example.com"}}, []string{"h-c", "h-d"}},
		{"sent to one", org.HandshakeQuery{OrganizationID: two.ID, Recipients: []string{"333333333333"}}, []string{"h-b"}},
		{"of a kind", org.HandshakeQuery{OrganizationID: one.ID, Action: org.ActionInvite}, []string{"h-a", "h-c"}},
		{"of a parent", org.HandshakeQuery{OrganizationID: one.ID, ParentID: "h-parent"}, []string{"h-d"}},
		{"in a state", org.HandshakeQuery{OrganizationID: one.ID, States: []string{org.HandshakeCanceled, org.HandshakeDeclined}}, []string{"h-c"}},
		{"not ended", org.HandshakeQuery{OrganizationID: one.ID, EndsAfter: orgTime}, []string{"h-a", "h-d"}},
		{"lately requested", org.HandshakeQuery{OrganizationID: one.ID, RequestedAfter: orgTime.Add(-time.Minute)}, []string{"h-a", "h-d"}},
		{"all conditions", org.HandshakeQuery{
			OrganizationID: one.ID, Recipients: []string{"444444444444"}, States: []string{org.HandshakeOpen}, Action: org.ActionApproveAllFeatures,
			ParentID: "h-parent", EndsAfter: orgTime, RequestedAfter: orgTime.Add(-time.Second),
		}, []string{"h-d"}},
	} {
		view(t, db, func(tx *store.Tx) error {
			n, err := tx.CountOrgHandshakes(c.q)
			equal(t, c.name+": count", n, len(c.want))
			c.q.Limit = 10
			got, err2 := tx.OrgHandshakes(c.q)
			var ids []string
			for _, h := range got {
				ids = append(ids, h.ID)
			}
			equal(t, c.name, ids, c.want)
			return errors.Join(err, err2)
		})
	}
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.OrgHandshakes(org.HandshakeQuery{OrganizationID: one.ID, After: "h-a", Limit: 1})
		if len(got) != 1 || got[0].ID != "h-c" {
			t.Errorf("second piece = %+v", got)
		}
		return err
	})
}

func testHandshakesEnded(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	update(t, db, func(tx *store.Tx) error {
		var err error
		for i, h := range []org.Handshake{
			sampleHandshake(one, "h-late", "1"), sampleHandshake(one, "h-first", "2"), sampleHandshake(one, "h-second", "3"), sampleHandshake(two, "h-other", "4"),
		} {
			h.EndsAt = orgTime.Add([]time.Duration{time.Hour, -2 * time.Hour, 0, -3 * time.Hour}[i])
			err = errors.Join(err, tx.InsertOrgHandshake(h))
		}
		return err
	})
	view(t, db, func(tx *store.Tx) error {
		for limit, want := range map[int][]string{10: {"h-first", "h-second"}, 1: {"h-first"}} {
			got, err := tx.EndedOrgHandshakes(one.ID, orgTime, limit)
			if err != nil {
				return err
			}
			var ids []string
			for _, h := range got {
				ids = append(ids, h.ID)
			}
			equal(t, "ended", ids, want)
		}
		return nil
	})
}

func testHandshakesDeleted(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertOrgHandshake(sampleHandshake(one, "h-a", "3")), tx.InsertOrgHandshake(sampleHandshake(two, "h-b", "3")),
			tx.DeleteOrganization(one.ID),
		)
	})
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.CountOrgHandshakes(org.HandshakeQuery{Recipients: []string{"3"}})
		equal(t, "handshakes left", n, 1)
		return err
	})
}

func testUnverifiedEmails(t *testing.T, db *store.DB) {
	for _, unverified := range []bool{true, true, false, false} {
		update(t, db, func(tx *store.Tx) error { return tx.SetOrgEmailUnverified("111111111111", unverified) })
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.OrgEmailUnverified("111111111111")
			equal(t, "unverified", got, unverified)
			other, err2 := tx.OrgEmailUnverified("222222222222")
			equal(t, "another account's", other, false)
			return errors.Join(err, err2)
		})
	}
}

func testFeatureSet(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	update(t, db, func(tx *store.Tx) error {
		return tx.SetOrganizationFeatureSet(one.ID, org.FeatureSetConsolidatedBilling)
	})
	view(t, db, func(tx *store.Tx) error {
		changed, _, err := tx.Organization(one.ID)
		equal(t, "feature set", changed.FeatureSet, org.FeatureSetConsolidatedBilling)
		other, _, err2 := tx.Organization(two.ID)
		equal(t, "feature set of another", other.FeatureSet, two.FeatureSet)
		return errors.Join(err, err2)
	})
}

func testTrustedServices(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	update(t, db, func(tx *store.Tx) error {
		var err error
		for _, principal := range []string{"b", "a", "c"} {
			err = errors.Join(err, tx.InsertOrgTrustedService(one.ID, org.TrustedService{Principal: principal, EnabledAt: orgTime}))
		}
		return errors.Join(err,
			tx.InsertOrgTrustedService(two.ID, org.TrustedService{Principal: "a", EnabledAt: orgTime}),
			tx.DeleteOrgTrustedService(one.ID, "c"), tx.DeleteOrgTrustedService(one.ID, "never"))
	})
	view(t, db, func(tx *store.Tx) error {
		all, err := tx.OrgTrustedServices(one.ID, "", 10)
		equal(t, "services", all, []org.TrustedService{{Principal: "a", EnabledAt: orgTime}, {Principal: "b", EnabledAt: orgTime}})
		rest, err2 := tx.OrgTrustedServices(one.ID, "a", 1)
		equal(t, "second piece", rest, []org.TrustedService{{Principal: "b", EnabledAt: orgTime}})
		got, found, err3 := tx.OrgTrustedService(one.ID, "b")
		equal(t, "service", got, org.TrustedService{Principal: "b", EnabledAt: orgTime})
		equal(t, "found", found, true)
		_, found, err4 := tx.OrgTrustedService(one.ID, "c")
		equal(t, "found when deleted", found, false)
		return errors.Join(err, err2, err3, err4)
	})
}

func testDelegations(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	later := orgTime.Add(time.Hour)
	three, four := sampleAccount("333333333333"), sampleAccount("444444444444")
	update(t, db, func(tx *store.Tx) error {
		err := errors.Join(tx.InsertOrgAccount(three), tx.InsertOrgAccount(four))
		for _, d := range []org.Delegation{
			{AccountID: four.ID, Principal: "a", RegisteredAt: orgTime},
			{AccountID: three.ID, Principal: "b", RegisteredAt: orgTime},
			{AccountID: three.ID, Principal: "a", RegisteredAt: later},
			{AccountID: three.ID, Principal: "c", RegisteredAt: later},
		} {
			err = errors.Join(err, tx.InsertOrgDelegation(one.ID, d))
		}
		deleted, err2 := tx.DeleteOrgDelegation(one.ID, three.ID, "c")
		equal(t, "deleted", deleted, true)
		deleted, err3 := tx.DeleteOrgDelegation(one.ID, three.ID, "c")
		equal(t, "deleted again", deleted, false)
		return errors.Join(err, err2, err3)
	})
	view(t, db, func(tx *store.Tx) error {
		services, err := tx.OrgDelegations(one.ID, three.ID, "", 10)
		equal(t, "services", services, []org.Delegation{
			{AccountID: three.ID, Principal: "a", RegisteredAt: later}, {AccountID: three.ID, Principal: "b", RegisteredAt: orgTime},
		})
		rest, err2 := tx.OrgDelegations(one.ID, three.ID, "a", 1)
		equal(t, "second piece", rest, services[1:])
		of, err3 := tx.OrgDelegates(one.ID, "a", "", 10)
		equal(t, "delegates of one service", of, []org.Delegate{{Account: three, RegisteredAt: later}, {Account: four, RegisteredAt: orgTime}})
		all, err4 := tx.OrgDelegates(one.ID, "", "", 10)
		equal(t, "delegates", all, []org.Delegate{{Account: three, RegisteredAt: orgTime}, {Account: four, RegisteredAt: orgTime}})
		last, err5 := tx.OrgDelegates(one.ID, "", three.ID, 1)
		equal(t, "second piece", last, all[1:])
		n, err6 := tx.CountOrgDelegates(one.ID, "a")
		equal(t, "count", n, 2)
		none, err7 := tx.OrgDelegates(two.ID, "", "", 10)
		equal(t, "delegates of another organization", len(none), 0)
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
}

func testResourcePolicies(t *testing.T, db *store.DB) {
	one, two := twoSenders(t, db)
	for _, want := range []org.ResourcePolicy{{ID: "rp-1", Content: "a", CreatedAt: orgTime}, {ID: "rp-2", Content: "b", CreatedAt: orgTime.Add(time.Hour)}} {
		update(t, db, func(tx *store.Tx) error { return tx.PutOrgResourcePolicy(one.ID, want) })
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.OrgResourcePolicy(one.ID)
			equal(t, "policy", got, want)
			equal(t, "found", found, true)
			_, found, err2 := tx.OrgResourcePolicy(two.ID)
			equal(t, "found another's", found, false)
			return errors.Join(err, err2)
		})
	}
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgResourcePolicy(one.ID) })
	view(t, db, func(tx *store.Tx) error {
		_, found, err := tx.OrgResourcePolicy(one.ID)
		equal(t, "found when deleted", found, false)
		return err
	})
}
