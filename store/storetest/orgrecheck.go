package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

const tagType, backupType = "TAG_POLICY", "BACKUP_POLICY"

func testRechecks(t *testing.T, db *store.DB) {
	place := func(o, policyType, id string, after time.Duration) org.Recheck {
		return org.Recheck{OrganizationID: o, PolicyType: policyType, Place: id, RequestedAt: orgTime.Add(after)}
	}
	first, second := place("o-b", tagType, "r-1", time.Second), place("o-a", backupType, "ou-1", time.Second)
	later := place("o-a", tagType, "111122223333", time.Minute)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.PutOrgRecheck(later), tx.PutOrgRecheck(first), tx.PutOrgRecheck(second))
	})
	// The oldest comes first; one that is put again waits anew.
	again := first
	again.Next, again.RequestedAt = "5", orgTime.Add(time.Hour)
	update(t, db, func(tx *store.Tx) error {
		got, found, err := tx.OldestOrgRecheck()
		equal(t, "oldest", got, second)
		equal(t, "found", found, true)
		return errors.Join(err, tx.PutOrgRecheck(again), tx.DeleteOrgRecheck(second))
	})
	for _, want := range []org.Recheck{later, again} {
		update(t, db, func(tx *store.Tx) error {
			got, _, err := tx.OldestOrgRecheck()
			equal(t, "next", got, want)
			return errors.Join(err, tx.DeleteOrgRecheck(got))
		})
	}
	view(t, db, func(tx *store.Tx) error {
		_, found, err := tx.OldestOrgRecheck()
		equal(t, "anything left", found, false)
		return err
	})
}

func testInvalidPolicies(t *testing.T, db *store.DB) {
	const a, b, c = "111111111111", "222222222222", "333333333333"
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(
			tx.PutOrgInvalidPolicy("o-1", a, tagType, "x"), tx.PutOrgInvalidPolicy("o-1", b, tagType, "y"),
			tx.PutOrgInvalidPolicy("o-1", a, backupType, "z"), tx.PutOrgInvalidPolicy("o-2", a, tagType, "other"),
			tx.PutOrgInvalidPolicy("o-1", b, tagType, "y2"),
		)
	})
	check := func(o, policyType string, want map[string]string) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			got, err := tx.OrgInvalidPolicies(o, policyType, []string{a, b, c})
			equal(t, "invalid in "+o, got, want)
			return err
		})
	}
	check("o-1", tagType, map[string]string{a: "x", b: "y2"})
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.DeleteOrgInvalidPolicy("o-1", b, tagType), tx.DeleteOrgInvalidPoliciesOf("o-1", a))
	})
	check("o-1", tagType, map[string]string{})
	check("o-1", backupType, map[string]string{})
	check("o-2", tagType, map[string]string{a: "other"})
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.OrgInvalidPolicies("o-2", tagType, nil)
		equal(t, "of no accounts", len(got), 0)
		return err
	})
}
