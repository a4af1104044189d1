package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/store"
)

// Resources is the suite of package resource's tables.
func Resources(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"registrations", testRegistrations},
		{"pages of registrations", testRegistrationPages},
		{"principals of registrations", testRegistrationPrincipals},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func bucket(name, account string) resource.Resource {
	return resource.Resource{
		ARN: "arn:aws:s3:::" + name, AccountID: account, Type: "AWS::S3::Bucket", Policy: `{"Ünï":1}`,
		Tags: []resource.Tag{{Key: "a", Value: ""}, {Key: "A", Value: "\"ß"}}, CreatedAt: iamTime, UpdatedAt: iamTime.Add(time.Second),
	}
}

func testRegistrations(t *testing.T, db *store.DB) {
	first := bucket("first", "111122223333")
	update(t, db, func(tx *store.Tx) error { return tx.PutRegisteredResource(first) })
	changed := first
	changed.Policy, changed.Tags, changed.UpdatedAt, changed.CreatedAt = "", nil, iamTime.Add(time.Hour), iamTime.Add(time.Hour)
	check := func(want resource.Resource, exists bool) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, found, err := tx.RegisteredResource(first.ARN)
			equal(t, "resource", got, want)
			equal(t, "resource exists", found, exists)
			return err
		})
	}
	check(first, true)
	update(t, db, func(tx *store.Tx) error { return tx.PutRegisteredResource(changed) })
	changed.CreatedAt = first.CreatedAt // stays
	check(changed, true)
	update(t, db, func(tx *store.Tx) error { return tx.DeleteRegisteredResource(first.ARN) })
	check(resource.Resource{}, false)
}

func testRegistrationPages(t *testing.T, db *store.DB) {
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.PutRegisteredResource(bucket("b-b", "111122223333")), tx.PutRegisteredResource(bucket("b.a", "444455556666")),
			tx.PutRegisteredResource(bucket("b0", "111122223333")), tx.PutRegisteredResource(bucket("a", "111122223333")))
	})
	for _, c := range []struct {
		account, after string
		limit          int
		want           []string
	}{
		{"", "", 10, []string{"a", "b-b", "b.a", "b0"}},
		{"", "arn:aws:s3:::a", 2, []string{"b-b", "b.a"}},
		{"111122223333", "", 10, []string{"a", "b-b", "b0"}},
		{"111122223333", "arn:aws:s3:::a", 1, []string{"b-b"}},
		{"999999999999", "", 10, nil},
	} {
		view(t, db, func(tx *store.Tx) error {
			list, err := tx.RegisteredResources(c.account, iam.Range{After: c.after, Limit: c.limit})
			var names []string
			for _, r := range list {
				names = append(names, r.ARN[len("arn:aws:s3:::"):])
			}
			equal(t, "resources of "+c.account+" after "+c.after, names, c.want)
			return err
		})
	}
	view(t, db, func(tx *store.Tx) error {
		owners, err := tx.ResourceOwners([]string{"999999999999", "444455556666", "111122223333", "000000000000"})
		equal(t, "owners", owners, []string{"111122223333", "444455556666"})
		none, err2 := tx.ResourceOwners(nil)
		equal(t, "owners among none", len(none), 0)
		return errors.Join(err, err2)
	})
}

func testRegistrationPrincipals(t *testing.T, db *store.DB) {
	role := iam.Identity{Kind: iam.KindRole, ID: "AROAREGISTRATION0001", AccountID: iamAccount, Name: "reader", Path: "/", CreatedAt: iamTime}
	r := bucket("pinned", iamAccount)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMInsertIdentity(role), tx.PutRegisteredResource(r),
			tx.SetRegisteredResourcePrincipals(r.ARN, map[string]string{"x": "AROAGONE", "arn": role.ID}))
	})
	check := func(want []iam.Trusted) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.RegisteredResourcePrincipals(r.ARN)
			equal(t, "principals", got, want)
			return err
		})
	}
	check([]iam.Trusted{{Name: "arn", ID: role.ID, ARN: role.ARN()}, {Name: "x", ID: "AROAGONE"}})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteIdentity(role.ID) })
	check([]iam.Trusted{{Name: "arn", ID: role.ID}, {Name: "x", ID: "AROAGONE"}})
	update(t, db, func(tx *store.Tx) error { return tx.SetRegisteredResourcePrincipals(r.ARN, nil) })
	check(nil)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.SetRegisteredResourcePrincipals(r.ARN, map[string]string{"x": "AROAGONE"}), tx.DeleteRegisteredResource(r.ARN))
	})
	check(nil)
}
