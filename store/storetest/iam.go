package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

const (
	iamAccount = "111122223333"
	iamOther   = "444455556666"
)

// iamTime has whole seconds, as the domain has.
var iamTime = time.Date(2026, time.May, 15, 12, 34, 56, 0, time.UTC)

// IAM is the suite of package iam's tables.
func IAM(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"identity", testIAMIdentity},
		{"names are unique whatever their case", testIAMNames},
		{"identity pages", testIAMIdentityPages},
		{"trusts", testIAMTrusts},
		{"groups", testIAMGroups},
		{"policies", testIAMPolicies},
		{"policy filters", testIAMPolicyFilters},
		{"versions", testIAMVersions},
		{"what an entity carries", testIAMDocuments},
		{"who carries a policy", testIAMEntities},
		{"inline", testIAMInline},
		{"tags", testIAMTags},
		{"tagged", testIAMTagged},
		{"access keys", testIAMKeys},
		{"last use", testIAMUse},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func iamIdentity(kind iam.Kind, name string) iam.Identity {
	return iam.Identity{
		Kind: kind, ID: string(kind) + "-" + name, AccountID: iamAccount, Name: name, Path: "/", CreatedAt: iamTime,
	}
}

func insertIdentities(t *testing.T, db *store.DB, list ...iam.Identity) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		for _, i := range list {
			if err := tx.IAMInsertIdentity(i); err != nil {
				return err
			}
		}
		return nil
	})
}

func testIAMIdentity(t *testing.T, db *store.DB) {
	role := iamIdentity(iam.KindRole, "Deploy")
	role.Path, role.Boundary = "/team/", "arn:aws:iam::aws:policy/ReadOnlyAccess"
	role.Role = iam.RoleSettings{
		Description: "ships", TrustPolicy: `{"a":"é"}`,
		MaxSessionDuration: 7200, LastUsedAt: iamTime.Add(time.Hour), LastUsedRegion: "eu-west-1",
	}
	user := iamIdentity(iam.KindUser, "alice")
	user.PasswordLastUsed = iamTime.Add(time.Minute)
	insertIdentities(t, db, role, user)
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMIdentity(iamAccount, iam.KindRole, "DEPLOY")
		equal(t, "found by another case", ok, true)
		equal(t, "role", got, role)
		if err != nil {
			return err
		}
		got, ok, err = tx.IAMIdentityByID(user.ID)
		equal(t, "found by id", ok, true)
		equal(t, "user", got, user)
		if err != nil {
			return err
		}
		_, ok, err = tx.IAMIdentity(iamOther, iam.KindRole, "Deploy")
		equal(t, "found in another account", ok, false)
		return err
	})

	role.Name, role.Path, role.Boundary = "Release", "/", ""
	role.Role.Description, role.Role.TrustPolicy = "", "{}"
	role.Role.MaxSessionDuration = 3600
	update(t, db, func(tx *store.Tx) error { return tx.IAMUpdateIdentity(role) })
	view(t, db, func(tx *store.Tx) error {
		got, _, err := tx.IAMIdentity(iamAccount, iam.KindRole, "release")
		equal(t, "changed role", got, role)
		return err
	})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteIdentity(role.ID) })
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMIdentityByID(role.ID)
		equal(t, "found after deletion", ok, false)
		return err
	})
}

func testIAMNames(t *testing.T, db *store.DB) {
	insertIdentities(t, db, iamIdentity(iam.KindUser, "Alice"), iamIdentity(iam.KindGroup, "alice"), iamIdentity(iam.KindUser, "bob"))
	elsewhere := iamIdentity(iam.KindUser, "ALICE")
	elsewhere.AccountID = iamOther
	insertIdentities(t, db, elsewhere)

	again := iamIdentity(iam.KindUser, "aLICE")
	if err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertIdentity(again) }); !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("insert of a taken name: %v", err)
	}
	bob := iamIdentity(iam.KindUser, "bob")
	bob.Name = "ALICE"
	if err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMUpdateIdentity(bob) }); !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("rename to a taken name: %v", err)
	}
}

func testIAMIdentityPages(t *testing.T, db *store.DB) {
	team := iamIdentity(iam.KindUser, "zoe")
	team.Path = "/team/a/"
	similar := iamIdentity(iam.KindUser, "yan")
	similar.Path = "/Team/a/"
	insertIdentities(t, db, iamIdentity(iam.KindUser, "b"), iamIdentity(iam.KindUser, "B_"), iamIdentity(iam.KindUser, "_"),
		iamIdentity(iam.KindUser, "a"), iamIdentity(iam.KindGroup, "g"), team, similar)
	for _, c := range []struct {
		prefix, after string
		limit         int
		want          []string
	}{
		{"/", "", 10, []string{"B_", "_", "a", "b", "yan", "zoe"}},
		{"", "_", 2, []string{"a", "b"}},
		{"/team/", "", 10, []string{"zoe"}},
		{"/t_am/", "", 10, nil},
	} {
		view(t, db, func(tx *store.Tx) error {
			list, err := tx.IAMIdentities(iamAccount, iam.KindUser, c.prefix, iam.Range{After: c.after, Limit: c.limit})
			equal(t, fmt.Sprintf("page %+v", c), names(list), c.want)
			return err
		})
	}
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.IAMCountIdentities(iamAccount, iam.KindUser)
		equal(t, "users", n, 6)
		return err
	})
}

func names(list []iam.Identity) (out []string) {
	for _, i := range list {
		out = append(out, i.Name)
	}
	return out
}

func testIAMTrusts(t *testing.T, db *store.DB) {
	role, alice := iamIdentity(iam.KindRole, "r"), iamIdentity(iam.KindUser, "alice")
	role.AccountID, alice.Path = iamOther, "/x/"
	insertIdentities(t, db, role, alice)
	update(t, db, func(tx *store.Tx) error {
		err := tx.IAMSetTrusted(role.ID, map[string]string{"old": "AIDAGONE"})
		return errors.Join(err, tx.IAMSetTrusted(role.ID, map[string]string{"b": alice.ID, "a": "AIDAGONE"}))
	})
	view(t, db, func(tx *store.Tx) error {
		trusted, err := tx.IAMTrusted(role.ID)
		equal(t, "trusted", trusted, []iam.Trusted{
			{Name: "a", ID: "AIDAGONE"}, {Name: "b", ID: alice.ID, ARN: "arn:aws:iam::111122223333:user/x/alice"},
		})
		if err != nil {
			return err
		}
		accounts, err := tx.IAMTrustingAccounts(alice.ID)
		equal(t, "trusting accounts", accounts, []string{iamOther})
		return err
	})
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMSetTrusted(role.ID, nil), tx.IAMDeleteIdentity(role.ID))
	})
}

func testIAMGroups(t *testing.T, db *store.DB) {
	alice, bob := iamIdentity(iam.KindUser, "alice"), iamIdentity(iam.KindUser, "bob")
	devs, ops := iamIdentity(iam.KindGroup, "devs"), iamIdentity(iam.KindGroup, "Ops")
	insertIdentities(t, db, alice, bob, devs, ops)
	update(t, db, func(tx *store.Tx) error {
		for _, m := range [][2]string{{devs.ID, bob.ID}, {devs.ID, alice.ID}, {devs.ID, alice.ID}, {ops.ID, alice.ID}} {
			if err := tx.IAMAddMember(m[0], m[1]); err != nil {
				return err
			}
		}
		return nil
	})
	check := func(groups, members []string, aliceInOps bool) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			list, err := tx.IAMGroupsOf(alice.ID, iam.Range{Limit: 10})
			equal(t, "groups", names(list), groups)
			if err != nil {
				return err
			}
			if list, err = tx.IAMMembers(devs.ID, iam.Range{After: "alice", Limit: 10}); err != nil {
				return err
			}
			equal(t, "members after alice", names(list), members)
			in, err := tx.IAMIsMember(ops.ID, alice.ID)
			equal(t, "in ops", in, aliceInOps)
			if err != nil {
				return err
			}
			n, err := tx.IAMCountGroupsOf(alice.ID)
			equal(t, "count", n, len(groups))
			return err
		})
	}
	check([]string{"Ops", "devs"}, []string{"bob"}, true)
	update(t, db, func(tx *store.Tx) error { return tx.IAMRemoveMember(ops.ID, alice.ID) })
	check([]string{"devs"}, []string{"bob"}, false)
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMDeleteIdentity(devs.ID) })
	if !errors.Is(err, store.ErrReference) {
		t.Errorf("a group with members was deleted: %v", err)
	}
}

func iamPolicy(name string) iam.Policy {
	return iam.Policy{
		ID: "ANPA-" + name, AccountID: iamAccount, Name: name, Path: "/", DefaultVersion: 1, NextVersion: 2,
		CreatedAt: iamTime, UpdatedAt: iamTime,
	}
}

func insertPolicies(t *testing.T, db *store.DB, list ...iam.Policy) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		for _, p := range list {
			if err := tx.IAMInsertPolicy(p); err != nil {
				return err
			}
			if err := tx.IAMInsertVersion(p.ID, iam.Version{Number: 1, Document: "doc of " + p.Name, CreatedAt: iamTime}); err != nil {
				return err
			}
		}
		return nil
	})
}

func testIAMPolicies(t *testing.T, db *store.DB) {
	p := iamPolicy("Boxes")
	p.Path, p.Description = "/x/", "opens boxes"
	insertPolicies(t, db, p)
	p.DefaultVersion, p.NextVersion, p.UpdatedAt = 3, 4, iamTime.Add(time.Hour)
	update(t, db, func(tx *store.Tx) error { return tx.IAMUpdatePolicy(p) })
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMPolicy("arn:aws:iam::111122223333:policy/x/Boxes")
		equal(t, "found", ok, true)
		equal(t, "policy", got, p)
		if err != nil {
			return err
		}
		_, ok, err = tx.IAMPolicy("arn:aws:iam::111122223333:policy/x/boxes")
		equal(t, "found by an ARN of another case", ok, false)
		if err != nil {
			return err
		}
		named, err := tx.IAMPolicyNamed(iamAccount, "BOXES")
		equal(t, "named", named, true)
		return err
	})
	again := iamPolicy("boxes")
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertPolicy(again) })
	if !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("insert of a taken name: %v", err)
	}
	update(t, db, func(tx *store.Tx) error {
		if err := tx.IAMDeleteVersions(p.ID); err != nil {
			return err
		}
		return tx.IAMDeletePolicy(p.ID)
	})
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.IAMCountPolicies(iamAccount)
		equal(t, "policies after deletion", n, 0)
		return err
	})
}

func testIAMPolicyFilters(t *testing.T, db *store.DB) {
	a, b, c := iamPolicy("a"), iamPolicy("B"), iamPolicy("c")
	c.Path = "/x/"
	insertPolicies(t, db, a, b, c)
	user := iamIdentity(iam.KindUser, "alice")
	user.Boundary = b.ARN()
	other := iamIdentity(iam.KindRole, "r")
	other.Boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	insertIdentities(t, db, user, other)
	update(t, db, func(tx *store.Tx) error {
		for _, arn := range []string{a.ARN(), a.ARN(), "arn:aws:iam::aws:policy/ReadOnlyAccess"} {
			if err := tx.IAMAttach(&user, iam.AttachedPolicy{ARN: arn, Name: "n", Path: "/"}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, q := range []struct {
		filter iam.PolicyFilter
		want   []string
	}{
		{iam.PolicyFilter{}, []string{"B 0 1", "a 1 0", "c 0 0"}},
		{iam.PolicyFilter{PathPrefix: "/x/"}, []string{"c 0 0"}},
		{iam.PolicyFilter{OnlyAttached: true}, []string{"a 1 0"}},
		{iam.PolicyFilter{Usage: iam.UsedAsBoundary}, []string{"B 0 1"}},
		{iam.PolicyFilter{Usage: iam.UsedAsPolicy}, []string{"a 1 0"}},
	} {
		view(t, db, func(tx *store.Tx) error {
			list, err := tx.IAMPolicies(iamAccount, q.filter, iam.Range{Limit: 10})
			var got []string
			for _, p := range list {
				got = append(got, fmt.Sprintf("%s %d %d", p.Name, p.Usage.Attachments, p.Usage.Boundaries))
			}
			equal(t, fmt.Sprintf("%+v", q.filter), got, q.want)
			return err
		})
	}
	view(t, db, func(tx *store.Tx) error {
		usage, err := tx.IAMAWSPolicyUsage(iamAccount)
		equal(t, "usage of AWS managed policies", usage, map[string]iam.Usage{
			"arn:aws:iam::aws:policy/ReadOnlyAccess": {Attachments: 1, Boundaries: 1},
		})
		if err != nil {
			return err
		}
		one, err := tx.IAMPolicyUsage(iamAccount, "arn:aws:iam::aws:policy/ReadOnlyAccess")
		equal(t, "usage", one, iam.Usage{Attachments: 1, Boundaries: 1})
		return err
	})
}

func testIAMVersions(t *testing.T, db *store.DB) {
	p := iamPolicy("p")
	insertPolicies(t, db, p)
	update(t, db, func(tx *store.Tx) error {
		return tx.IAMInsertVersion(p.ID, iam.Version{Number: 12, Document: "later", CreatedAt: iamTime.Add(time.Second)})
	})
	view(t, db, func(tx *store.Tx) error {
		list, err := tx.IAMVersions(p.ID)
		equal(t, "versions", list, []iam.Version{{Number: 12, CreatedAt: iamTime.Add(time.Second)}, {Number: 1, CreatedAt: iamTime}})
		if err != nil {
			return err
		}
		v, ok, err := tx.IAMVersion(p.ID, 12)
		equal(t, "version 12", v, iam.Version{Number: 12, Document: "later", CreatedAt: iamTime.Add(time.Second)})
		equal(t, "found", ok, true)
		return err
	})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteVersion(p.ID, 1) })
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMVersion(p.ID, 1)
		equal(t, "found after deletion", ok, false)
		return err
	})
}
