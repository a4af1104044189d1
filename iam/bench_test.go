package iam_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// crowd is an account at its quotas of users and roles; alice is in three groups and carries
// five managed policies and a boundary.
func crowd(b *testing.B) (db *store.DB, alice iam.Identity) {
	b.Helper()
	db = storetest.File().Open(b)
	err := db.Update(b.Context(), func(tx *store.Tx) error {
		ctx := b.Context()
		if _, err := org.CreateStandaloneAccount(ctx, tx, home, "home", "home@example.com"); err != nil {
			return err
		}
		for n := range 4999 {
			if _, err := iam.CreateUser(ctx, tx, home, iam.NewUser{Name: fmt.Sprint("user", n)}); err != nil {
				return err
			}
		}
		for n := range 1000 {
			if _, err := iam.CreateRole(ctx, tx, home, iam.NewRole{Name: fmt.Sprint("role", n), TrustPolicy: trusting(`{"AWS":"` + home + `"}`)}); err != nil {
				return err
			}
		}
		var err error
		alice, err = iam.CreateUser(ctx, tx, home, iam.NewUser{Name: "alice", Boundary: adminARN})
		if err != nil {
			return err
		}
		return carry(ctx, tx)
	})
	if err != nil {
		b.Fatal(err)
	}
	return db, alice
}

func carry(ctx context.Context, tx *store.Tx) error {
	for n := range 5 {
		p, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: fmt.Sprint("policy", n), Document: allowAll})
		if err != nil {
			return err
		}
		kind, name := iam.KindUser, "alice"
		if n < 3 {
			kind, name = iam.KindGroup, fmt.Sprint("group", n)
			if _, err := iam.CreateGroup(ctx, tx, home, name, "/"); err != nil {
				return err
			}
			if err := iam.AddUserToGroup(ctx, tx, home, name, "alice"); err != nil {
				return err
			}
		}
		if err := iam.AttachPolicy(ctx, tx, home, kind, name, p.ARN()); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkAccountAtItsQuotas(b *testing.B) {
	db, alice := crowd(b)
	for _, c := range []struct {
		name string
		read func(ctx context.Context, tx *store.Tx) error
	}{
		{"Entity", func(ctx context.Context, tx *store.Tx) error {
			_, _, err := iam.Entity(ctx, tx, home, alice.ID)
			return err
		}},
		{"RoleByARN", func(ctx context.Context, tx *store.Tx) error {
			_, _, err := iam.RoleByARN(ctx, tx, "arn:aws:iam::"+home+":role/role500")
			return err
		}},
		{"ListUsers", func(ctx context.Context, tx *store.Tx) error {
			_, _, err := iam.List(ctx, tx, home, iam.KindUser, "/", iam.Page{})
			return err
		}},
		{"ListPolicies", func(ctx context.Context, tx *store.Tx) error {
			_, _, err := iam.ListPolicies(ctx, tx, home, iam.ScopeAll, iam.PolicyFilter{}, iam.Page{})
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := db.View(b.Context(), func(tx *store.Tx) error { return c.read(b.Context(), tx) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
