package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// orgTime is a time with microseconds, which the store must keep.
var orgTime = time.Date(2026, time.May, 15, 12, 34, 56, 789_012_000, time.UTC)

const orgID = "o-aaaaaaaaaa"

// Org is the suite of package org's tables.
func Org(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"organization", testOrganization},
		{"account", testOrgAccount},
		{"email", testOrgEmail},
		{"account pages", testOrgAccountPages},
		{"closures", testOrgClosures},
		{"units", testOrgUnits},
		{"unit path", testOrgUnitPath},
		{"create requests", testOrgCreateRequests},
		{"GovCloud accounts", testOrgGovCloud},
		{"policies", testOrgPolicies},
		{"attachments", testOrgAttachments},
		{"tags", testOrgTags},
		{"tagged", testOrgTagged},
		{"counters", testOrgCounters},
		{"delete", testOrgDelete},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// equal compares what the store gave back with what was put in.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func sampleAccount(id string) org.Account {
	return org.Account{
		ID: id, Name: "Name " + id, Email: id + "@example.com", State: org.StateActive,
		BillingAccess: org.BillingAllow, CreatedAt: orgTime,
	}
}

// insertOrganization makes an organization with its management account.
func insertOrganization(tx *store.Tx, id, management string) (org.Organization, error) {
	a := sampleAccount(management)
	o := org.Organization{
		ID: id, ManagementAccountID: management, ManagementAccountEmail: a.Email,
		FeatureSet: org.FeatureSetAll, RootID: "r-abcd", CreatedAt: orgTime,
	}
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = id, o.RootID, org.JoinedInvited, &orgTime
	return o, errors.Join(tx.InsertOrgAccount(a), tx.InsertOrganization(o))
}

func testOrganization(t *testing.T, db *store.DB) {
	var want org.Organization
	update(t, db, func(tx *store.Tx) (err error) {
		want, err = insertOrganization(tx, orgID, "111111111111")
		return errors.Join(err, tx.EnableOrgPolicyType(orgID, "B"), tx.EnableOrgPolicyType(orgID, "A"))
	})
	view(t, db, func(tx *store.Tx) error {
		got, found, err := tx.Organization(orgID)
		equal(t, "organization", got, want)
		equal(t, "found", found, true)
		_, found, err2 := tx.Organization("o-none")
		equal(t, "found another", found, false)
		types, err3 := tx.OrgPolicyTypes(orgID)
		equal(t, "types", types, []string{"A", "B"})
		return errors.Join(err, err2, err3)
	})
	update(t, db, func(tx *store.Tx) error { return tx.DisableOrgPolicyType(orgID, "A") })
	view(t, db, func(tx *store.Tx) error {
		types, err := tx.OrgPolicyTypes(orgID)
		equal(t, "types left", types, []string{"B"})
		return err
	})
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		return tx.InsertOrganization(org.Organization{ID: "o-second", ManagementAccountID: "111111111111"})
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("two organizations of one management account: %v", err)
	}
}

func testOrgAccount(t *testing.T, db *store.DB) {
	closed := orgTime.Add(time.Hour)
	want := sampleAccount("222222222222")
	update(t, db, func(tx *store.Tx) error { return tx.InsertOrgAccount(want) })
	check := func(what string) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.OrgAccount(want.ID)
			equal(t, what, got, want)
			equal(t, "found", found, true)
			return err
		})
	}
	check("standalone")
	want.Name, want.State, want.ClosedAt = "Neu", org.StateClosed, &closed
	want.BillingAccess, want.OrganizationID, want.ParentID = org.BillingDeny, orgID, "r-abcd"
	want.JoinedMethod, want.JoinedAt = org.JoinedCreated, &orgTime
	update(t, db, func(tx *store.Tx) error { return tx.UpdateOrgAccount(want) })
	check("member")
}

func testOrgEmail(t *testing.T, db *store.DB) {
	a := sampleAccount("222222222222")
	a.Email = "Alice@Example.com"
	update(t, db, func(tx *store.Tx) error { return tx.InsertOrgAccount(a) })
	view(t, db, func(tx *store.Tx) error {
		got, found, err := tx.OrgAccountByEmail("aLICE@eXAMPLE.com")
		equal(t, "account", got, a)
		equal(t, "found", found, true)
		return err
	})
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		b := sampleAccount("333333333333")
		b.Email = "ALICE@example.com"
		return tx.InsertOrgAccount(b)
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same address in another case: %v", err)
	}
}

func testOrgAccountPages(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		for i := range 5 {
			a := sampleAccount(fmt.Sprintf("%012d", i))
			a.OrganizationID, a.ParentID = orgID, []string{"r-abcd", "ou-abcd-1"}[i%2]
			if err := tx.InsertOrgAccount(a); err != nil {
				return err
			}
		}
		other := sampleAccount("999999999999")
		other.OrganizationID, other.ParentID = "o-other", "r-abcd"
		return tx.InsertOrgAccount(other)
	})
	ids := func(accounts []org.Account) (out []string) {
		for _, a := range accounts {
			out = append(out, a.ID[11:])
		}
		return out
	}
	view(t, db, func(tx *store.Tx) error {
		first, err := tx.OrgAccounts(orgID, "", 2)
		equal(t, "first page", ids(first), []string{"0", "1"})
		rest, err2 := tx.OrgAccounts(orgID, "000000000001", 10)
		equal(t, "rest", ids(rest), []string{"2", "3", "4"})
		below, err3 := tx.OrgAccountsIn(orgID, "r-abcd", "000000000000", 10)
		equal(t, "under the root", ids(below), []string{"2", "4"})
		none, err4 := tx.OrgAccountsIn("o-other", "ou-abcd-1", "", 10)
		equal(t, "another organization's OU", len(none), 0)
		return errors.Join(err, err2, err3, err4)
	})
}

func testOrgClosures(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		for i := range 4 {
			a := sampleAccount(fmt.Sprintf("%012d", i))
			a.OrganizationID = orgID
			if i > 0 {
				at := orgTime.Add(time.Duration(i) * time.Hour)
				a.ClosedAt = &at
			}
			if err := tx.InsertOrgAccount(a); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.CountOrgClosures(orgID, orgTime.Add(time.Hour))
		equal(t, "closed after", n, 2)
		return err
	})
}

func testOrgUnits(t *testing.T, db *store.DB) {
	names := []string{"b", "B", "é", "_"}
	update(t, db, func(tx *store.Tx) error {
		for i, name := range names {
			u := org.Unit{ID: fmt.Sprintf("ou-abcd-%d", i), ParentID: "r-abcd", Name: name, Depth: 1, CreatedAt: orgTime}
			if err := tx.InsertOrgUnit(orgID, u); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		want := org.Unit{ID: "ou-abcd-1", ParentID: "r-abcd", Name: "B", Depth: 1, CreatedAt: orgTime}
		got, found, err := tx.OrgUnit(orgID, "ou-abcd-1")
		equal(t, "unit", got, want)
		equal(t, "found", found, true)
		named, found, err2 := tx.OrgUnitByName(orgID, "r-abcd", "B")
		equal(t, "by name", named, want)
		equal(t, "found by name", found, true)
		_, found, err3 := tx.OrgUnit("o-other", "ou-abcd-1")
		equal(t, "found in another organization", found, false)
		page, err4 := tx.OrgUnits(orgID, "r-abcd", "ou-abcd-0", 2)
		equal(t, "page", []string{page[0].Name, page[1].Name}, []string{"B", "é"})
		return errors.Join(err, err2, err3, err4)
	})
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.RenameOrgUnit(orgID, "ou-abcd-0", "c"), tx.DeleteOrgUnit(orgID, "ou-abcd-3"))
	})
	view(t, db, func(tx *store.Tx) error {
		u, _, err := tx.OrgUnit(orgID, "ou-abcd-0")
		equal(t, "new name", u.Name, "c")
		_, found, err2 := tx.OrgUnit(orgID, "ou-abcd-3")
		equal(t, "found after delete", found, false)
		return errors.Join(err, err2)
	})
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.RenameOrgUnit(orgID, "ou-abcd-0", "B") })
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("two siblings of one name: %v", err)
	}
}

func testOrgUnitPath(t *testing.T, db *store.DB) {
	var want []string
	update(t, db, func(tx *store.Tx) error {
		above := "r-abcd"
		for i := range 5 {
			// Ids that sort against the depth.
			u := org.Unit{ID: fmt.Sprintf("ou-abcd-%d", 9-i), ParentID: above, Name: "same", Depth: i + 1, CreatedAt: orgTime}
			want = append(want, u.ID)
			above = u.ID
			if err := errors.Join(tx.InsertOrgUnit(orgID, u), tx.InsertOrgUnit("o-other", u)); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.OrgUnitPath(orgID, "ou-abcd-5")
		equal(t, "path", got, want)
		none, err2 := tx.OrgUnitPath(orgID, "ou-abcd-0")
		equal(t, "path of no unit", len(none), 0)
		above, err3 := tx.OrgUnitsAbove(orgID, []string{"ou-abcd-7", "ou-abcd-8", "ou-abcd-0"})
		equal(t, "units above", above, map[string]string{"ou-abcd-7": "ou-abcd-8", "ou-abcd-8": "ou-abcd-9", "ou-abcd-9": "r-abcd"})
		nothing, err4 := tx.OrgUnitsAbove(orgID, nil)
		equal(t, "units above none", len(nothing), 0)
		return errors.Join(err, err2, err3, err4)
	})
}

func testOrgCreateRequests(t *testing.T, db *store.DB) {
	done := orgTime.Add(time.Second)
	all := []org.CreateRequest{
		{ID: "car-1", OrganizationID: orgID, AccountName: "one", State: org.CreateInProgress, RequestedAt: orgTime},
		{ID: "car-2", OrganizationID: orgID, AccountName: "two", State: org.CreateSucceeded, RequestedAt: orgTime, CompletedAt: &done, AccountID: "222222222222"},
		{ID: "car-3", OrganizationID: orgID, AccountName: "three", State: org.CreateFailed, RequestedAt: orgTime, CompletedAt: &done, FailureReason: org.FailureEmailExists},
	}
	update(t, db, func(tx *store.Tx) error {
		for _, r := range all {
			if err := tx.InsertOrgCreateRequest(r); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		one, found, err := tx.OrgCreateRequest(orgID, "car-2")
		equal(t, "request", one, all[1])
		equal(t, "found", found, true)
		_, found, err2 := tx.OrgCreateRequest("o-other", "car-2")
		equal(t, "found in another organization", found, false)
		list, err3 := tx.OrgCreateRequests(orgID, nil, "car-1", 10)
		equal(t, "list", list, all[1:])
		some, err4 := tx.OrgCreateRequests(orgID, []string{org.CreateFailed, org.CreateInProgress}, "", 10)
		equal(t, "by state", some, []org.CreateRequest{all[0], all[2]})
		return errors.Join(err, err2, err3, err4)
	})
}

func testOrgPolicies(t *testing.T, db *store.DB) {
	p := org.Policy{
		ID: "p-1", Type: org.ServiceControlPolicy, Name: "Deny", Description: "",
		Content: "{ \"é\" : 1 }\n", CreatedAt: orgTime, UpdatedAt: orgTime.Add(time.Second),
	}
	other := p
	other.ID, other.Type = "p-2", org.ResourceControlPolicy
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.InsertOrgPolicy(orgID, p), tx.InsertOrgPolicy(orgID, other))
	})
	view(t, db, func(tx *store.Tx) error {
		got, found, err := tx.OrgPolicy(orgID, "p-1")
		equal(t, "policy", got, p)
		equal(t, "found", found, true)
		named, found, err2 := tx.OrgPolicyByName(orgID, org.ResourceControlPolicy, "Deny")
		equal(t, "by name", named, other)
		equal(t, "found by name", found, true)
		_, found, err3 := tx.OrgPolicyByName(orgID, org.ServiceControlPolicy, "deny")
		equal(t, "found in another case", found, false)
		list, err4 := tx.OrgPolicies(orgID, org.ServiceControlPolicy, "", 10)
		equal(t, "list", list, []org.Policy{p})
		return errors.Join(err, err2, err3, err4)
	})
	p.Name, p.Description, p.Content, p.UpdatedAt = "Allow", "why", "{}", orgTime.Add(time.Minute)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.UpdateOrgPolicy(orgID, p), tx.DeleteOrgPolicy(orgID, "p-2"))
	})
	view(t, db, func(tx *store.Tx) error {
		got, _, err := tx.OrgPolicy(orgID, "p-1")
		equal(t, "changed policy", got, p)
		_, found, err2 := tx.OrgPolicy(orgID, "p-2")
		equal(t, "found after delete", found, false)
		return errors.Join(err, err2)
	})
}

func testOrgAttachments(t *testing.T, db *store.DB) {
	const scp, aws = org.ServiceControlPolicy, "p-FullAWSAccess"
	p := org.Policy{ID: "p-1", Type: scp, Name: "Deny", Description: "d", Content: "{}", CreatedAt: orgTime, UpdatedAt: orgTime}
	own := p
	own.CreatedAt = time.Time{}
	var now time.Time
	update(t, db, func(tx *store.Tx) error {
		now = tx.Now()
		o, err := insertOrganization(tx, orgID, "111111111111")
		return errors.Join(err,
			tx.InsertOrgPolicy(orgID, p),
			tx.InsertOrgUnit(orgID, org.Unit{ID: "ou-abcd-1", ParentID: o.RootID, Name: "Dev", Depth: 1, CreatedAt: orgTime}),
			tx.AttachOrgEverywhere(o, scp, aws),
			tx.InsertOrgAttachment(orgID, org.Attachment{TargetID: "ou-abcd-1", Kind: org.KindUnit, PolicyType: scp, PolicyID: "p-1", AttachedAt: orgTime}))
	})
	view(t, db, func(tx *store.Tx) error {
		at, err := tx.OrgPoliciesAt(orgID, scp, []string{"r-abcd", "ou-abcd-1"})
		equal(t, "attached", at, []org.Attachment{
			{TargetID: "ou-abcd-1", Kind: org.KindUnit, PolicyType: scp, PolicyID: "p-1", AttachedAt: orgTime, Position: 2, Policy: own},
			{TargetID: "ou-abcd-1", Kind: org.KindUnit, PolicyType: scp, PolicyID: aws, AttachedAt: now, Position: 1},
			{TargetID: "r-abcd", Kind: org.KindRoot, PolicyType: scp, PolicyID: aws, AttachedAt: now, Position: 1},
		})
		targets, err2 := tx.OrgTargets(orgID, aws, "", 10)
		equal(t, "targets", targets, []org.Target{
			{ID: "111111111111", Kind: org.KindAccount, Name: "Name 111111111111"},
			{ID: "ou-abcd-1", Kind: org.KindUnit, Name: "Dev"},
			{ID: "r-abcd", Kind: org.KindRoot},
		})
		after, err3 := tx.OrgTargets(orgID, aws, "111111111111", 1)
		equal(t, "next target", after[0].ID, "ou-abcd-1")
		return errors.Join(err, err2, err3)
	})
	count := func() (n int) {
		view(t, db, func(tx *store.Tx) error {
			at, err := tx.OrgPoliciesAt(orgID, scp, []string{"r-abcd", "ou-abcd-1", "111111111111"})
			n = len(at)
			return err
		})
		return n
	}
	update(t, db, func(tx *store.Tx) error {
		removed, err := tx.DeleteOrgAttachment(orgID, "ou-abcd-1", "p-1")
		equal(t, "removed", removed, true)
		again, err2 := tx.DeleteOrgAttachment(orgID, "ou-abcd-1", "p-1")
		equal(t, "removed again", again, false)
		return errors.Join(err, err2)
	})
	equal(t, "after detaching", count(), 3)
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgAttachmentsOf(orgID, "ou-abcd-1") })
	equal(t, "after one node", count(), 2)
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgAttachmentsOfType(orgID, scp) })
	equal(t, "after the type", count(), 0)
}

func testOrgTags(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		for _, key := range []string{"é", "a", "B", "_"} {
			if err := tx.PutOrgTag(orgID, "r-abcd", org.Tag{Key: key, Value: "old"}); err != nil {
				return err
			}
		}
		return errors.Join(
			tx.PutOrgTag(orgID, "r-abcd", org.Tag{Key: "a", Value: ""}),
			tx.DeleteOrgTag(orgID, "r-abcd", "_"),
			tx.PutOrgTag("o-other", "r-abcd", org.Tag{Key: "x"}))
	})
	view(t, db, func(tx *store.Tx) error {
		tags, err := tx.OrgTags(orgID, "r-abcd")
		equal(t, "tags", tags, []org.Tag{{Key: "B", Value: "old"}, {Key: "a"}, {Key: "é", Value: "old"}})
		return err
	})
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgTags(orgID, "r-abcd") })
	view(t, db, func(tx *store.Tx) error {
		tags, err := tx.OrgTags(orgID, "r-abcd")
		others, err2 := tx.OrgTags("o-other", "r-abcd")
		equal(t, "tags left", []int{len(tags), len(others)}, []int{0, 1})
		return errors.Join(err, err2)
	})
}

func testOrgCounters(t *testing.T, db *store.DB) {
	for _, by := range []int{3, -1, 5} {
		update(t, db, func(tx *store.Tx) error { return tx.AddOrgCount(orgID, "units", by) })
	}
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.OrgCount(orgID, "units")
		none, err2 := tx.OrgCount(orgID, "accounts")
		equal(t, "counters", []int{n, none}, []int{7, 0})
		return errors.Join(err, err2)
	})
}

func testOrgDelete(t *testing.T, db *store.DB) {
	fill := func(tx *store.Tx, id, account string) error {
		o, err := insertOrganization(tx, id, account)
		return errors.Join(err,
			tx.EnableOrgPolicyType(id, "A"),
			tx.InsertOrgUnit(id, org.Unit{ID: "ou-1", ParentID: o.RootID, Name: "n", Depth: 1, CreatedAt: orgTime}),
			tx.InsertOrgPolicy(id, org.Policy{ID: "p-1", Type: "A", Name: "n", CreatedAt: orgTime}),
			tx.AttachOrgEverywhere(o, "A", "p-1"),
			tx.PutOrgTag(id, "p-1", org.Tag{Key: "k"}),
			tx.AddOrgCount(id, "units", 1),
			tx.InsertOrgCreateRequest(org.CreateRequest{ID: "car-1", OrganizationID: id, RequestedAt: orgTime}))
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(fill(tx, orgID, "111111111111"), fill(tx, "o-other", "222222222222"))
	})
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrganization(orgID) })
	left := func(tx *store.Tx, id string) ([]int, error) {
		types, err := tx.OrgPolicyTypes(id)
		units, err2 := tx.OrgUnits(id, "r-abcd", "", 10)
		policies, err3 := tx.OrgPolicies(id, "A", "", 10)
		targets, err4 := tx.OrgTargets(id, "p-1", "", 10)
		tags, err5 := tx.OrgTags(id, "p-1")
		n, err6 := tx.OrgCount(id, "units")
		requests, err7 := tx.OrgCreateRequests(id, nil, "", 10)
		return []int{len(types), len(units), len(policies), len(targets), len(tags), n, len(requests)},
			errors.Join(err, err2, err3, err4, err5, err6, err7)
	}
	view(t, db, func(tx *store.Tx) error {
		gone, err := left(tx, orgID)
		equal(t, "left of the deleted", slices.Max(gone), 0)
		other, err2 := left(tx, "o-other")
		equal(t, "left of the other", other, []int{1, 1, 1, 3, 1, 1, 1})
		account, found, err3 := tx.OrgAccount("111111111111")
		equal(t, "account is kept", []any{found, account.OrganizationID}, []any{true, orgID})
		return errors.Join(err, err2, err3)
	})
}
