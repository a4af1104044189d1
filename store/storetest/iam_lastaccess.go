package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// IAMAccess is the suite of what principals used, and of reports of it.
func IAMAccess(t *testing.T, e Engine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db *store.DB)
	}{
		{"the latest use counts", testLatestUse},
		{"uses of an organization", testUsesOfOrganization},
		{"access reports", testAccessReports},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e.Open(t)) })
	}
}

func testLatestUse(t *testing.T, db *store.DB) {
	alice, bob := iamIdentity(iam.KindUser, "alice"), iamIdentity(iam.KindUser, "bob")
	insertIdentities(t, db, alice, bob)
	use := func(id, service, action string, minutes int, region string) iam.Use {
		return iam.Use{
			AccountID: iamAccount, PrincipalID: id, Service: service, Action: action,
			At: iamTime.Add(time.Duration(minutes) * time.Minute), Region: region,
		}
	}
	late, sts, early := use(alice.ID, "iam", "ListUsers", 2, "eu-west-1"), use(alice.ID, "sts", "GetCallerIdentity", 1, "us-east-1"), use(alice.ID, "iam", "ListRoles", 0, "us-east-1")
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMRecordUse(late), tx.IAMRecordUse(sts), tx.IAMRecordUse(early),
			tx.IAMRecordUse(use(alice.ID, "iam", "ListUsers", 1, "us-east-1")),
			tx.IAMRecordUse(use(bob.ID, "iam", "ListUsers", 3, "us-east-1")),
			tx.IAMRecordUse(use("AIDAGONE", "iam", "ListUsers", 3, "us-east-1")))
	})
	uses := func(id string, since time.Time) (out []iam.Use) {
		view(t, db, func(tx *store.Tx) (err error) {
			out, err = tx.IAMUses(iamAccount, id, since)
			return err
		})
		return out
	}
	equal(t, "all", uses(alice.ID, iamTime), []iam.Use{early, late, sts})
	equal(t, "since", uses(alice.ID, iamTime.Add(time.Second)), []iam.Use{late, sts})
	equal(t, "of one who is gone", len(uses("AIDAGONE", iamTime)), 0)
	update(t, db, func(tx *store.Tx) error { return tx.IAMForgetUses(iamAccount, alice.ID) })
	equal(t, "forgotten", len(uses(alice.ID, iamTime)), 0)
	equal(t, "of another", len(uses(bob.ID, iamTime)), 1)
}

func testUsesOfOrganization(t *testing.T, db *store.DB) {
	const organization, root = "o-aaaaaaaaaa", "r-aaaa"
	ids := []string{"111122223333", "444455556666", "777788889999"}
	use := func(account, service string, minutes int) iam.Use {
		return iam.Use{AccountID: account, Service: service, At: iamTime.Add(time.Duration(minutes) * time.Minute), Region: "us-east-1"}
	}
	update(t, db, func(tx *store.Tx) error {
		var err error
		for n, id := range ids {
			a := org.Account{ID: id, Name: id, Email: id + "@example.com", State: org.StateActive, CreatedAt: iamTime}
			if n < 2 {
				a.OrganizationID, a.ParentID = organization, root
			}
			err = errors.Join(err, tx.InsertOrgAccount(a), tx.IAMRecordServiceUse(use(id, "sts", n)), tx.IAMRecordServiceUse(use(id, "iam", 5)))
		}
		return errors.Join(err, tx.IAMRecordServiceUse(use(ids[0], "iam", 4)))
	})
	view(t, db, func(tx *store.Tx) error {
		one, err := tx.IAMServiceUses(ids[0], iamTime)
		equal(t, "one account", one, []iam.Use{use(ids[0], "iam", 5), use(ids[0], "sts", 0)})
		all, err2 := tx.IAMServiceUsesIn(organization, root, iamTime.Add(time.Minute))
		equal(t, "all accounts", all, []iam.Use{use(ids[0], "iam", 5), use(ids[1], "iam", 5), use(ids[1], "sts", 1)})
		return errors.Join(err, err2)
	})
}

func testAccessReports(t *testing.T, db *store.DB) {
	report := func(n int, owner string) iam.StoredReport {
		return iam.StoredReport{
			ID: fmt.Sprintf("report-%d", n), AccountID: iamAccount, Owner: owner, Subject: "subject",
			CreatedAt: iamTime.Add(time.Duration(n) * time.Hour), Content: `{"n": 1}`,
		}
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMInsertAccessReport(report(0, "alice")), tx.IAMInsertAccessReport(report(1, "alice")),
			tx.IAMInsertAccessReport(report(2, "bob")))
	})
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMAccessReport("report-0")
		equal(t, "report", []any{got, ok}, []any{report(0, "alice"), true})
		newest, ok, err2 := tx.IAMNewestAccessReport(iamAccount, "alice", "subject")
		equal(t, "newest", []any{newest, ok}, []any{report(1, "alice"), true})
		_, ok, err3 := tx.IAMNewestAccessReport(iamAccount, "alice", "another")
		equal(t, "about something else", ok, false)
		return errors.Join(err, err2, err3)
	})
	update(t, db, func(tx *store.Tx) error {
		n, err := tx.DeleteAccessReportsBefore(iamTime.Add(2*time.Hour), 1)
		equal(t, "deleted", n, int64(1))
		return err
	})
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMAccessReport("report-0")
		equal(t, "the oldest", ok, false)
		_, ok, err2 := tx.IAMAccessReport("report-1")
		equal(t, "the next", ok, true)
		return errors.Join(err, err2)
	})
}
