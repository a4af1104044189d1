package org_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// BenchmarkManyAccounts measures with 50,000 accounts what must not depend on their number.
func BenchmarkManyAccounts(b *testing.B) {
	const many = 50_000
	db := storetest.Memory().Open(b)
	settings := org.Settings{AccountLimit: 2 * many}
	var (
		o    org.Organization
		unit org.Unit
		last string
	)
	run := func(fn func(ctx context.Context, tx *store.Tx) error) {
		b.Helper()
		if err := db.Update(b.Context(), func(tx *store.Tx) error { return fn(b.Context(), tx) }); err != nil {
			b.Fatal(err)
		}
	}
	next := 0
	create := func(ctx context.Context, tx *store.Tx) error {
		next++
		r, err := org.CreateAccount(ctx, tx, o, settings, org.NewAccount{Name: "n", Email: fmt.Sprintf("a%d@example.com", next)})
		last = r.AccountID
		return err
	}
	run(func(ctx context.Context, tx *store.Tx) (err error) {
		if _, err = org.CreateStandaloneAccount(ctx, tx, management, "Boss", "boss@example.com"); err != nil {
			return err
		}
		if o, err = org.CreateOrganization(ctx, tx, management, ""); err != nil {
			return err
		}
		if unit, err = org.CreateOrganizationalUnit(ctx, tx, o, o.RootID, "Dev", nil); err != nil {
			return err
		}
		for range many {
			if err := create(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	b.Run("EnableAndDisablePolicyType", func(b *testing.B) {
		for b.Loop() {
			run(func(ctx context.Context, tx *store.Tx) error { return org.EnablePolicyType(ctx, tx, o, o.RootID, scp) })
			run(func(ctx context.Context, tx *store.Tx) error { return org.DisablePolicyType(ctx, tx, o, o.RootID, scp) })
		}
	})
	run(func(ctx context.Context, tx *store.Tx) error { return org.EnablePolicyType(ctx, tx, o, o.RootID, scp) })
	for name, fn := range map[string]func(ctx context.Context, tx *store.Tx) error{
		"ListAccounts": func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListAccounts(ctx, tx, o, org.Page{After: "500000000000", Limit: 20})
			return err
		},
		"ListTargetsForPolicy": func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListTargetsForPolicy(ctx, tx, o, fullSCP, org.Page{After: "500000000000", Limit: 20})
			return err
		},
		"CreateAccount": create,
		"MoveAccountThereAndBack": func(ctx context.Context, tx *store.Tx) error {
			if err := org.MoveAccount(ctx, tx, o, last, o.RootID, unit.ID); err != nil {
				return err
			}
			return org.MoveAccount(ctx, tx, o, last, unit.ID, o.RootID)
		},
		"PolicyLevels": func(ctx context.Context, tx *store.Tx) error {
			m, _, err := org.MembershipOf(ctx, tx, last)
			if err != nil {
				return err
			}
			_, _, err = org.PolicyLevels(ctx, tx, m, scp)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run(fn)
			}
		})
	}
}
