package org_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// What concerns one account leaves the caches of all others alone; what holds for many
// reaches them all.
func TestWhatAChangeConcerns(t *testing.T) {
	w := organized(t)
	w.enable(org.ServiceControlPolicy)
	unit, mine, other := w.unit(w.org.RootID, "Unit"), w.account("mine@example.com"), w.account("other@example.com")
	deny := w.policy(org.ServiceControlPolicy, "Deny", denyAll)
	for _, c := range []struct {
		name            string
		do              step
		organization    bool
		mine, neighbour bool
	}{
		{"create an account", func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "New", Email: "new@example.com"})
			return err
		}, false, false, false},
		{"create an OU", func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateOrganizationalUnit(ctx, tx, w.org, w.org.RootID, "Another", nil)
			return err
		}, false, false, false},
		{"move", w.moving(mine, w.org.RootID, unit), false, true, false},
		{"attach to the account", w.attaching(deny, mine), false, true, false},
		{"detach from the account", w.detaching(deny, mine), false, true, false},
		{"attach to an OU", w.attaching(deny, unit), true, false, false},
		{"detach from an OU", w.detaching(deny, unit), true, false, false},
		{"attach to the root", w.attaching(deny, w.org.RootID), true, false, false},
		{"rewrite a policy", func(ctx context.Context, tx *store.Tx) error {
			content := allowAll
			_, err := org.UpdatePolicy(ctx, tx, w.org, deny, org.PolicyChange{Content: &content})
			return err
		}, true, false, false},
		{"close", w.closing(mine), false, true, false},
		{"disable a policy type", func(ctx context.Context, tx *store.Tx) error {
			return org.DisablePolicyType(ctx, tx, w.org, w.org.RootID, org.ServiceControlPolicy)
		}, true, false, false},
	} {
		scopes := []string{"org/" + w.org.ID, "account/" + mine, "account/" + other}
		before := make([]uint64, len(scopes))
		for i, scope := range scopes {
			before[i] = w.db.Revision(scope)
		}
		w.must(c.do)
		for i, want := range []bool{c.organization, c.mine, c.neighbour} {
			if got := w.db.Revision(scopes[i]) != before[i]; got != want {
				t.Errorf("%s: the revision of %s changed = %v, want %v", c.name, scopes[i], got, want)
			}
		}
	}
}
