package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// IAMExtra is the suite of what users sign in with, and of instance profiles, aliases and
// deletions.
func IAMExtra(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"MFA devices", testMFADevices},
		{"login profiles", testLoginProfiles},
		{"old passwords", testOldPasswords},
		{"password policies", testPasswordPolicies},
		{"instance profiles", testInstanceProfiles},
		{"aliases", testAliases},
		{"deletion tasks", testDeletionTasks},
		{"policies in use", testPoliciesInUse},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func mfaDevice(name string) iam.MFADevice {
	return iam.MFADevice{
		Serial: iam.MFASerial(iamAccount, "", name), AccountID: iamAccount, SealedSeed: []byte{0, 255, 1}, CreatedAt: iamTime,
	}
}

func serials(list []iam.MFADevice) (out []string) {
	for _, d := range list {
		out = append(out, d.Serial[len("arn:aws:iam::111122223333:mfa/"):])
	}
	return out
}

func testMFADevices(t *testing.T, db *store.DB) {
	b, a, c := mfaDevice("b"), mfaDevice("a"), mfaDevice("C")
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMInsertMFADevice(b), tx.IAMInsertMFADevice(a), tx.IAMInsertMFADevice(c))
	})
	for _, taken := range []string{"a", "A"} {
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertMFADevice(mfaDevice(taken)) })
		if !errors.Is(err, iam.ErrDuplicate) {
			t.Errorf("insert of %s: %v", taken, err)
		}
	}
	b.UserID, b.EnabledAt, b.LastStep, b.Drift = "AIDAUSER", iamTime.Add(time.Minute), 59_000_000_000, -3
	c.EnabledAt = iamTime
	update(t, db, func(tx *store.Tx) error { return errors.Join(tx.IAMUpdateMFADevice(b), tx.IAMUpdateMFADevice(c)) })
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMMFADevice(b.Serial)
		equal(t, "found", ok, true)
		equal(t, "device", got, b)
		if err != nil {
			return err
		}
		_, ok, err = tx.IAMMFADevice(mfaDevice("B").Serial)
		equal(t, "found by a serial of another case", ok, false)
		if err != nil {
			return err
		}
		all, enabled, err := tx.IAMCountMFADevices(iamAccount)
		equal(t, "counts", []int{all, enabled}, []int{3, 2})
		return err
	})
	for _, q := range []struct {
		a     iam.Assignment
		after string
		limit int
		want  []string
	}{
		{iam.AnyAssignment, "", 10, []string{"C", "a", "b"}},
		{iam.AnyAssignment, a.Serial, 10, []string{"b"}},
		{iam.AnyAssignment, "", 2, []string{"C", "a"}},
		{iam.Assigned, "", 10, []string{"C", "b"}},
		{iam.Unassigned, "", 10, []string{"a"}},
	} {
		view(t, db, func(tx *store.Tx) error {
			list, err := tx.IAMMFADevices(iamAccount, q.a, iam.Range{After: q.after, Limit: q.limit})
			equal(t, fmt.Sprintf("%+v", q), serials(list), q.want)
			return err
		})
	}
	view(t, db, func(tx *store.Tx) error {
		of, err := tx.IAMMFADevicesOf(iamAccount, "AIDAUSER")
		equal(t, "of the user", serials(of), []string{"b"})
		if err != nil {
			return err
		}
		of, err = tx.IAMMFADevicesOf(iamAccount, "")
		equal(t, "of the root user, without those that are nobody's", serials(of), []string{"C"})
		return err
	})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteMFADevice(b.Serial) })
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMMFADevice(b.Serial)
		equal(t, "found after deletion", ok, false)
		return err
	})
}

func loginProfile(u iam.Identity) iam.LoginProfile {
	return iam.LoginProfile{UserID: u.ID, Hash: "hash", ResetRequired: true, CreatedAt: iamTime, ChangedAt: iamTime.Add(time.Microsecond)}
}

func testLoginProfiles(t *testing.T, db *store.DB) {
	alice := iamIdentity(iam.KindUser, "alice")
	insertIdentities(t, db, alice)
	l := loginProfile(alice)
	update(t, db, func(tx *store.Tx) error { return tx.IAMInsertLoginProfile(l) })
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertLoginProfile(l) })
	if !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("a second profile: %v", err)
	}
	check := func(want iam.LoginProfile, there bool) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, ok, err := tx.IAMLoginProfile(alice.ID)
			equal(t, "found", ok, there)
			equal(t, "profile", got, want)
			return err
		})
	}
	check(l, true)
	l.Hash, l.ResetRequired, l.ChangedAt = "other", false, iamTime.Add(time.Hour)
	update(t, db, func(tx *store.Tx) error { return tx.IAMUpdateLoginProfile(l) })
	check(l, true)
	err = db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMDeleteIdentity(alice.ID) })
	if !errors.Is(err, store.ErrReference) {
		t.Errorf("a user with a password was deleted: %v", err)
	}
	for _, there := range []bool{true, false} {
		update(t, db, func(tx *store.Tx) error {
			was, err := tx.IAMDeleteLoginProfile(alice.ID)
			equal(t, "was there", was, there)
			return err
		})
	}
	check(iam.LoginProfile{}, false)
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteIdentity(alice.ID) })
}

func testOldPasswords(t *testing.T, db *store.DB) {
	alice, bob := iamIdentity(iam.KindUser, "alice"), iamIdentity(iam.KindUser, "bob")
	insertIdentities(t, db, alice, bob)
	keep := func(u iam.Identity, n int) {
		l := loginProfile(u)
		l.Hash, l.ChangedAt = fmt.Sprint(u.Name, n), iamTime.Add(time.Duration(n)*time.Second)
		update(t, db, func(tx *store.Tx) error { return tx.IAMKeepOldPassword(l, 3) })
	}
	keep(bob, 1)
	for n := range 5 {
		keep(alice, n)
	}
	for _, q := range []struct {
		user  iam.Identity
		limit int
		want  []string
	}{
		{alice, 10, []string{"alice4", "alice3", "alice2"}},
		{alice, 1, []string{"alice4"}},
		{alice, 0, nil},
		{bob, 10, []string{"bob1"}},
	} {
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.IAMOldPasswords(q.user.ID, q.limit)
			equal(t, fmt.Sprint(q.user.Name, q.limit), got, q.want)
			return err
		})
	}
	update(t, db, func(tx *store.Tx) error {
		_, err := tx.IAMDeleteLoginProfile(alice.ID)
		return errors.Join(err, tx.IAMDeleteIdentity(alice.ID))
	})
}

func testPasswordPolicies(t *testing.T, db *store.DB) {
	yes := true
	for _, p := range []iam.PasswordPolicy{
		{
			MinimumLength: 14, RequireSymbols: true, RequireNumbers: true, RequireUppercase: true, RequireLowercase: true,
			AllowUsersToChange: true, MaxAgeDays: 90, ReusePrevention: 24, HardExpiry: &yes,
		},
		{MinimumLength: 6, HardExpiry: new(bool)},
		{MinimumLength: 6},
	} {
		update(t, db, func(tx *store.Tx) error { return tx.IAMPutPasswordPolicy(iamAccount, p) })
		view(t, db, func(tx *store.Tx) error {
			got, ok, err := tx.IAMPasswordPolicy(iamAccount)
			equal(t, "found", ok, true)
			equal(t, "policy", got, p)
			return err
		})
	}
	for _, there := range []bool{true, false} {
		update(t, db, func(tx *store.Tx) error {
			was, err := tx.IAMDeletePasswordPolicy(iamAccount)
			equal(t, "was there", was, there)
			return err
		})
	}
}

func testInstanceProfiles(t *testing.T, db *store.DB) {
	web := iam.InstanceProfile{ID: "AIPAWEB", AccountID: iamAccount, Name: "Web", Path: "/x/", CreatedAt: iamTime}
	db1 := iam.InstanceProfile{ID: "AIPADB", AccountID: iamAccount, Name: "db", Path: "/", CreatedAt: iamTime}
	update(t, db, func(tx *store.Tx) error { return errors.Join(tx.IAMInsertProfile(web), tx.IAMInsertProfile(db1)) })
	again := web
	again.ID, again.Name = "AIPAAGAIN", "WEB"
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertProfile(again) })
	if !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("a taken name: %v", err)
	}
	web.RoleID = "AROAROLE"
	update(t, db, func(tx *store.Tx) error { return tx.IAMSetProfileRole(web.ID, web.RoleID) })
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMProfile(iamAccount, "wEB")
		equal(t, "found", ok, true)
		equal(t, "profile", got, web)
		if err != nil {
			return err
		}
		for _, q := range []struct {
			prefix, after string
			limit         int
			want          []iam.InstanceProfile
		}{
			{"", "", 10, []iam.InstanceProfile{web, db1}},
			{"/x/", "", 10, []iam.InstanceProfile{web}},
			{"", "Web", 10, []iam.InstanceProfile{db1}},
			{"", "", 1, []iam.InstanceProfile{web}},
		} {
			list, err := tx.IAMProfiles(iamAccount, q.prefix, iam.Range{After: q.after, Limit: q.limit})
			equal(t, fmt.Sprintf("%+v", q), list, q.want)
			if err != nil {
				return err
			}
		}
		of, err := tx.IAMProfilesOf(iamAccount, "AROAROLE", iam.Range{Limit: 10})
		equal(t, "of the role", of, []iam.InstanceProfile{web})
		if err != nil {
			return err
		}
		n, err := tx.IAMCountProfiles(iamAccount)
		equal(t, "count", n, 2)
		return err
	})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteProfile(web.ID) })
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMProfile(iamAccount, "Web")
		equal(t, "found after deletion", ok, false)
		return err
	})
}

func testAliases(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMSetAlias(iamAccount, "first"), tx.IAMSetAlias(iamAccount, "second"), tx.IAMSetAlias(iamOther, "first"))
	})
	err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMSetAlias(iamOther, "second") })
	if !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("an alias of another account: %v", err)
	}
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteAlias(iamOther) })
	view(t, db, func(tx *store.Tx) error {
		alias, err := tx.IAMAlias(iamAccount)
		equal(t, "alias", alias, "second")
		if err != nil {
			return err
		}
		owner, err := tx.IAMAliasOwner("second")
		equal(t, "owner", owner, iamAccount)
		if err != nil {
			return err
		}
		owner, err = tx.IAMAliasOwner("first")
		equal(t, "owner of an alias that is free", owner, "")
		if err != nil {
			return err
		}
		alias, err = tx.IAMAlias(iamOther)
		equal(t, "alias after deletion", alias, "")
		return err
	})
}

func testDeletionTasks(t *testing.T, db *store.DB) {
	task := func(id string, at time.Time) iam.DeletionTask {
		return iam.DeletionTask{ID: id, AccountID: iamAccount, CreatedAt: at, Status: iam.DeletionFailed, Reason: "needed"}
	}
	old, kept := task("old", iamTime), task("kept", iamTime.Add(time.Second))
	update(t, db, func(tx *store.Tx) error {
		err := errors.Join(tx.IAMInsertDeletionTask(old), tx.IAMInsertDeletionTask(kept))
		n, err2 := tx.DeleteDeletionTasksBefore(kept.CreatedAt, 10)
		equal(t, "swept", n, int64(1))
		return errors.Join(err, err2)
	})
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMDeletionTask("kept")
		equal(t, "found", ok, true)
		equal(t, "task", got, kept)
		if err != nil {
			return err
		}
		_, ok, err = tx.IAMDeletionTask("old")
		equal(t, "found after its time", ok, false)
		return err
	})
}

func testPoliciesInUse(t *testing.T, db *store.DB) {
	alice, bob := iamIdentity(iam.KindUser, "alice"), iamIdentity(iam.KindUser, "bob")
	alice.Boundary, bob.Boundary = "arn:b", "arn:a"
	insertIdentities(t, db, alice, bob)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMAttach(&alice, iam.AttachedPolicy{ARN: "arn:a"}), tx.IAMAttach(&bob, iam.AttachedPolicy{ARN: "arn:a"}),
			tx.IAMAttach(&bob, iam.AttachedPolicy{ARN: "arn:c"}))
	})
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.IAMCountPoliciesInUse(iamAccount)
		equal(t, "in use", n, 3)
		return err
	})
}
