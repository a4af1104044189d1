package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

func attach(tx *store.Tx, i iam.Identity, p iam.Policy) error {
	return tx.IAMAttach(&i, iam.AttachedPolicy{ARN: p.ARN(), Name: p.Name, Path: p.Path})
}

func testIAMDocuments(t *testing.T, db *store.DB) {
	alice, bob, devs := iamIdentity(iam.KindUser, "alice"), iamIdentity(iam.KindUser, "bob"), iamIdentity(iam.KindGroup, "Devs")
	insertIdentities(t, db, alice, bob, devs)
	own, shared := iamPolicy("own"), iamPolicy("shared")
	shared.Path = "/s/"
	insertPolicies(t, db, own, shared)
	update(t, db, func(tx *store.Tx) error {
		aws := iam.AttachedPolicy{ARN: "arn:aws:iam::aws:policy/Z", Name: "Z", Path: "/"}
		return errors.Join(tx.IAMAddMember(devs.ID, alice.ID), attach(tx, alice, own), attach(tx, devs, shared),
			tx.IAMAttach(&alice, aws), attach(tx, bob, shared),
			tx.IAMPutInline(alice.ID, "in", "first"), tx.IAMPutInline(devs.ID, "in", "group's"))
	})
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.IAMAttachedDocuments(alice.ID)
		equal(t, "managed", got, []iam.PolicyText{
			{ARN: "arn:aws:iam::aws:policy/Z", Name: "Z", Owner: "user/alice"},
			{ARN: own.ARN(), Name: "own", Owner: "user/alice", Document: "doc of own"},
			{ARN: shared.ARN(), Name: "shared", Owner: "group/Devs", Document: "doc of shared"},
		})
		if err != nil {
			return err
		}
		got, err = tx.IAMInlineDocuments(alice.ID)
		equal(t, "inline", got, []iam.PolicyText{
			{Name: "in", Owner: "user/alice", Document: "first"}, {Name: "in", Owner: "group/Devs", Document: "group's"},
		})
		return err
	})
	update(t, db, func(tx *store.Tx) error {
		was, err := tx.IAMDetach(alice.ID, own.ARN())
		equal(t, "was attached", was, true)
		if err != nil {
			return err
		}
		was, err = tx.IAMDetach(alice.ID, own.ARN())
		equal(t, "was attached still", was, false)
		return err
	})
	view(t, db, func(tx *store.Tx) error {
		list, err := tx.IAMAttached(alice.ID, "")
		equal(t, "attached", list, []iam.AttachedPolicy{{ARN: "arn:aws:iam::aws:policy/Z", Name: "Z", Path: "/"}})
		if err != nil {
			return err
		}
		list, err = tx.IAMAttached(bob.ID, "/s/")
		equal(t, "attached under a path", list, []iam.AttachedPolicy{{ARN: shared.ARN(), Name: "shared", Path: "/s/"}})
		return err
	})
}

func testIAMEntities(t *testing.T, db *store.DB) {
	p := iamPolicy("p")
	insertPolicies(t, db, p)
	list := []iam.Identity{
		iamIdentity(iam.KindUser, "a"), iamIdentity(iam.KindUser, "B"), iamIdentity(iam.KindRole, "r"),
		iamIdentity(iam.KindGroup, "g"), iamIdentity(iam.KindUser, "none"),
	}
	list[1].Boundary = p.ARN()
	list[2].Path = "/x/"
	insertIdentities(t, db, list...)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(attach(tx, list[0], p), attach(tx, list[2], p), attach(tx, list[3], p))
	})
	for _, c := range []struct {
		filter iam.EntityFilter
		after  iam.EntityCursor
		limit  int
		want   []string
	}{
		{iam.EntityFilter{}, iam.EntityCursor{}, 10, []string{"g", "r", "B", "a"}},
		{iam.EntityFilter{}, iam.EntityCursor{Kind: iam.KindRole, Name: "r"}, 1, []string{"B"}},
		{iam.EntityFilter{Kind: iam.KindUser}, iam.EntityCursor{}, 10, []string{"B", "a"}},
		{iam.EntityFilter{PathPrefix: "/x/"}, iam.EntityCursor{}, 10, []string{"r"}},
		{iam.EntityFilter{Usage: iam.UsedAsBoundary}, iam.EntityCursor{}, 10, []string{"B"}},
		{iam.EntityFilter{Usage: iam.UsedAsPolicy}, iam.EntityCursor{}, 10, []string{"g", "r", "a"}},
	} {
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.IAMPolicyEntities(iamAccount, p.ARN(), c.filter, c.after, c.limit)
			equal(t, fmt.Sprintf("%+v", c), names(got), c.want)
			return err
		})
	}
}

func testIAMInline(t *testing.T, db *store.DB) {
	role := iamIdentity(iam.KindRole, "r")
	insertIdentities(t, db, role)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMPutInline(role.ID, "b", "1"), tx.IAMPutInline(role.ID, "A", "2"),
			tx.IAMPutInline(role.ID, "b", "3"), tx.IAMPutInline(role.ID, "B", "4"))
	})
	view(t, db, func(tx *store.Tx) error {
		list, err := tx.IAMInlineNames(role.ID, iam.Range{Limit: 10})
		equal(t, "names", list, []string{"A", "B", "b"})
		if err != nil {
			return err
		}
		document, ok, err := tx.IAMInline(role.ID, "b")
		equal(t, "found", ok, true)
		equal(t, "document", document, "3")
		return err
	})
	update(t, db, func(tx *store.Tx) error {
		was, err := tx.IAMDeleteInline(role.ID, "b")
		equal(t, "was there", was, true)
		if err != nil {
			return err
		}
		was, err = tx.IAMDeleteInline(role.ID, "b")
		equal(t, "was there still", was, false)
		return err
	})
}

func testIAMTags(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMPutTag("AIDA1", iam.Tag{Key: "Team", Value: "a"}), tx.IAMPutTag("AIDA1", iam.Tag{Key: "É", Value: ""}),
			tx.IAMPutTag("AIDA1", iam.Tag{Key: "TEAM", Value: "b"}), tx.IAMPutTag("AIDA1", iam.Tag{Key: "é", Value: "c"}),
			tx.IAMPutTag("AIDA2", iam.Tag{Key: "Team", Value: "other"}))
	})
	check := func(owner string, want []iam.Tag) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.IAMTags(owner)
			equal(t, "tags", got, want)
			return err
		})
	}
	check("AIDA1", []iam.Tag{{Key: "TEAM", Value: "b"}, {Key: "é", Value: "c"}})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteTag("AIDA1", "team") })
	check("AIDA1", []iam.Tag{{Key: "é", Value: "c"}})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteTags("AIDA1") })
	check("AIDA1", nil)
	check("AIDA2", []iam.Tag{{Key: "Team", Value: "other"}})
}

func testIAMKeys(t *testing.T, db *store.DB) {
	alice := iamIdentity(iam.KindUser, "alice")
	alice.Path = "/x/"
	insertIdentities(t, db, alice)
	user := iam.AccessKey{
		ID: "AKIAUSER", AccountID: iamAccount, UserID: alice.ID, Status: iam.KeyActive,
		SealedSecret: []byte{0, 1, 255}, CreatedAt: iamTime,
	}
	root := iam.AccessKey{ID: "AKIAROOT", AccountID: iamAccount, Status: iam.KeyActive, SealedSecret: []byte("s"), CreatedAt: iamTime}
	update(t, db, func(tx *store.Tx) error { return errors.Join(tx.IAMInsertKey(user), tx.IAMInsertKey(root)) })
	user.UserName, user.UserPath = "alice", "/x/"
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMKey(user.ID)
		equal(t, "found", ok, true)
		equal(t, "key", got, user)
		if err != nil {
			return err
		}
		list, err := tx.IAMKeys(iamAccount, "")
		listed := root
		listed.SealedSecret = nil
		equal(t, "root keys", list, []iam.AccessKey{listed})
		return err
	})
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertKey(root) })
	if !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("insert of a taken id: %v", err)
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMSetKeyStatus(user.ID, iam.KeyInactive), tx.IAMDeleteKey(root.ID))
	})
	view(t, db, func(tx *store.Tx) error {
		got, _, err := tx.IAMKey(user.ID)
		equal(t, "status", got.Status, iam.KeyInactive)
		if err != nil {
			return err
		}
		_, ok, err := tx.IAMKey(root.ID)
		equal(t, "found after deletion", ok, false)
		return err
	})
}

func testIAMUse(t *testing.T, db *store.DB) {
	role := iamIdentity(iam.KindRole, "r")
	insertIdentities(t, db, role)
	late, early := iamTime.Add(2*time.Hour), iamTime.Add(time.Hour)
	update(t, db, func(tx *store.Tx) error {
		key := iam.AccessKey{ID: "AKIA1", AccountID: iamAccount, Status: iam.KeyActive, SealedSecret: []byte("s"), CreatedAt: iamTime}
		return errors.Join(tx.IAMInsertKey(key),
			tx.IAMSetKeyUse(iam.KeyUse{ID: "AKIA1", At: late, Service: "sts", Region: "us-east-1"}),
			tx.IAMSetKeyUse(iam.KeyUse{ID: "AKIA1", At: early, Service: "iam", Region: "eu-west-1"}),
			tx.IAMSetKeyUse(iam.KeyUse{ID: "AKIAGONE", At: early, Service: "iam", Region: "eu-west-1"}),
			tx.IAMSetRoleUse(iam.RoleUse{RoleID: role.ID, At: late, Region: "us-east-1"}),
			tx.IAMSetRoleUse(iam.RoleUse{RoleID: role.ID, At: early, Region: "eu-west-1"}))
	})
	view(t, db, func(tx *store.Tx) error {
		k, _, err := tx.IAMKey("AKIA1")
		equal(t, "key use", []any{k.LastUsedAt, k.LastUsedService, k.LastUsedRegion}, []any{late, "sts", "us-east-1"})
		if err != nil {
			return err
		}
		i, _, err := tx.IAMIdentityByID(role.ID)
		equal(t, "role use", []any{i.Role.LastUsedAt, i.Role.LastUsedRegion}, []any{late, "us-east-1"})
		return err
	})
}
