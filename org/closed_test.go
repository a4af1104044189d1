package org_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// deletions runs what the background does and returns whom it has deleted.
func (w *world) deletions(limit int) (ids []string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		gone, err := org.DeleteClosedAccounts(ctx, tx, limit)
		ids = nil
		for _, d := range gone {
			ids = append(ids, d.AccountID)
			if d.Organization.ID != w.org.ID {
				w.Errorf("%s was in %+v", d.AccountID, d.Organization)
			}
		}
		return err
	})
	return ids
}

func TestClosedAccountsAreDeleted(t *testing.T) {
	w := organized(t)
	w.enable(org.ServiceControlPolicy)
	deny := w.policy(org.ServiceControlPolicy, "Deny", denyAll)
	first, second := w.account("a@example.com"), w.account("b@example.com")
	w.attach(deny, first)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(
			org.EnableAWSServiceAccess(ctx, tx, w.org, "config.amazonaws.com"),
			org.RegisterDelegatedAdministrator(ctx, tx, w.org, first, "config.amazonaws.com"),
			org.TagResource(ctx, tx, w.org, first, []org.Tag{{Key: "a", Value: "b"}}),
		)
	})
	w.must(w.closing(first))
	w.now = w.now.Add(time.Hour)
	w.must(w.closing(second))
	w.refused(org.CodeInvalidInput, org.ReasonTargetNotSupported, w.removing(first))
	w.now = w.now.Add(90*day - time.Hour - time.Second)
	if gone := w.deletions(10); len(gone) != 0 {
		t.Errorf("a second before 90 days: %v", gone)
	}
	w.now = w.now.Add(time.Second)
	if gone := w.deletions(10); len(gone) != 1 || gone[0] != first {
		t.Errorf("after 90 days: %v, want %s", gone, first)
	}
	w.now = w.now.Add(day)
	if gone := w.deletions(1); len(gone) != 1 || gone[0] != second {
		t.Errorf("a day later: %v, want %s", gone, second)
	}
	if gone := w.deletions(1); len(gone) != 0 {
		t.Errorf("again: %v", gone)
	}
	w.refused(org.CodeAccountNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DescribeAccount(ctx, tx, w.org, first)
		return err
	})
	w.must(func(ctx context.Context, tx *store.Tx) error {
		accounts, _, err := org.ListAccounts(ctx, tx, w.org, org.Page{Limit: 10})
		if len(accounts) != 1 {
			t.Errorf("accounts = %+v", accounts)
		}
		targets, _, err2 := org.ListTargetsForPolicy(ctx, tx, w.org, deny, org.Page{Limit: 10})
		if len(targets) != 0 {
			t.Errorf("targets = %+v", targets)
		}
		delegates, _, err3 := org.ListDelegatedAdministrators(ctx, tx, w.org, "", org.Page{Limit: 10})
		if len(delegates) != 0 {
			t.Errorf("delegates = %+v", delegates)
		}
		tags, err4 := org.Tags(ctx, tx, w.org.ID, first)
		if len(tags) != 0 {
			t.Errorf("tags = %+v", tags)
		}
		return errors.Join(err, err2, err3, err4)
	})
	// Nobody gets the address of an account that is gone.
	var r org.CreateRequest
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: "a@example.com"})
		return err
	})
	if r.FailureReason != org.FailureEmailExists {
		t.Errorf("the address again: %+v", r)
	}
	if m := w.membership(first); m.AccountState != org.StateDeleted || m.OrganizationID != "" {
		t.Errorf("what is left: %+v", m)
	}
	// The organization is empty now.
	w.must(func(ctx context.Context, tx *store.Tx) error { return org.DeleteOrganization(ctx, tx, w.org) })
}
