package org_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Closing an account closes the account of the other partition that it is linked to, and no
// other.
func TestClosingClosesGovCloudAccount(t *testing.T) {
	w := organized(t)
	made := func(email string) (r org.CreateRequest) {
		t.Helper()
		w.must(func(ctx context.Context, tx *store.Tx) (err error) {
			r, err = org.CreateGovCloudAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "Gov", Email: email})
			return err
		})
		return r
	}
	is := func(r org.CreateRequest, state string) {
		t.Helper()
		w.must(func(ctx context.Context, tx *store.Tx) error {
			g, found, err := org.GovCloudAccountOf(ctx, tx, r.AccountID)
			if !found || g.ID != r.GovCloudAccountID || g.State != state {
				t.Errorf("linked to %s: %+v, %v; want %s in state %s", r.AccountID, g, found, r.GovCloudAccountID, state)
			}
			return err
		})
	}
	closed, other := made("one@example.com"), made("two@example.com")
	is(closed, org.StateActive)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.CloseAccount(ctx, tx, w.org, w.settings, closed.AccountID)
	})
	is(closed, org.StateClosed)
	is(other, org.StateActive)
}
