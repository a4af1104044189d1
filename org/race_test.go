package org_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestTreeStaysWhole lets many callers move accounts, make and delete OUs, attach policies,
// make and remove accounts all at once, and then walks the tree: whatever the order was,
// nothing may hang in the air.
func TestTreeStaysWhole(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			r := newRace(t, db)
			var wait sync.WaitGroup
			for worker := range 8 {
				wait.Go(func() { r.work(t, uint64(worker)) })
			}
			wait.Wait()
			r.check(t)
		})
	}
}

type race struct {
	db       *store.DB
	org      org.Organization
	settings org.Settings
	deny     string

	mu sync.Mutex
	// parents and accounts are all ids that ever were.
	parents, accounts []string
}

func newRace(t *testing.T, db *store.DB) *race {
	t.Helper()
	r := &race{db: db, settings: org.Settings{AccountLimit: 1000, RemovalAge: -1}}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		ctx := t.Context()
		_, err := org.CreateStandaloneAccount(ctx, tx, management, "Boss", "boss@example.com")
		if err != nil {
			return err
		}
		if r.org, err = org.CreateOrganization(ctx, tx, management, ""); err != nil {
			return err
		}
		p, err := org.CreatePolicy(ctx, tx, r.org, org.Policy{Type: scp, Name: "deny", Content: denyAll}, nil)
		r.deny = p.ID
		return errors.Join(err, org.EnablePolicyType(ctx, tx, r.org, r.org.RootID, scp))
	})
	if err != nil {
		t.Fatal(err)
	}
	r.parents = []string{r.org.RootID}
	return r
}

func (r *race) pick(rnd *rand.Rand, list *[]string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(*list) == 0 {
		return "none"
	}
	return (*list)[rnd.IntN(len(*list))]
}

func (r *race) add(list *[]string, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != "" {
		*list = append(*list, id)
	}
}

// work does some random operations. Refusals by a rule are part of the game, and so is
// store.ErrBusy; anything else is a fault.
func (r *race) work(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 42))
	for i := range 40 {
		var id string
		var list *[]string
		parent, account, other := r.pick(rnd, &r.parents), r.pick(rnd, &r.accounts), r.pick(rnd, &r.parents)
		kind := rnd.IntN(8)
		err := r.db.Update(t.Context(), func(tx *store.Tx) error {
			id, list = "", nil
			switch ctx := t.Context(); kind {
			case 0, 1:
				u, err := org.CreateOrganizationalUnit(ctx, tx, r.org, parent, fmt.Sprint(rnd.IntN(20)), nil)
				id, list = u.ID, &r.parents
				return err
			case 2:
				return org.DeleteOrganizationalUnit(ctx, tx, r.org, parent)
			case 3:
				c, err := org.CreateAccount(ctx, tx, r.org, r.settings, org.NewAccount{Name: "n", Email: fmt.Sprintf("a%d-%d@example.com", seed, i)})
				id, list = c.AccountID, &r.accounts
				return err
			case 4:
				return org.RemoveAccountFromOrganization(ctx, tx, r.org, r.settings, account)
			case 5:
				return org.AttachPolicy(ctx, tx, r.org, r.deny, parent)
			default:
				a, err := org.DescribeAccount(ctx, tx, r.org, account)
				if err != nil {
					return err
				}
				return org.MoveAccount(ctx, tx, r.org, account, a.ParentID, other)
			}
		})
		var rule *org.Error
		switch {
		case err == nil:
			r.add(list, id)
		case errors.As(err, &rule) || errors.Is(err, store.ErrBusy):
		default:
			t.Errorf("operation %d: %v", kind, err)
		}
	}
}

func (r *race) check(t *testing.T) {
	err := r.db.View(t.Context(), func(tx *store.Tx) error {
		ctx, units, nodes := t.Context(), 0, map[string]bool{}
		if err := r.walk(ctx, t, tx, r.org.RootID, 0, nodes, &units); err != nil {
			return err
		}
		all, err := tx.OrgAccounts(r.org.ID, "", 10_000)
		if err != nil {
			return err
		}
		for _, a := range all {
			if !nodes[a.ID] {
				t.Errorf("account %s hangs on %s, which is not in the tree", a.ID, a.ParentID)
			}
		}
		targets, err := tx.OrgTargets(r.org.ID, fullSCP, "", 10_000)
		if err != nil {
			return err
		}
		if len(targets) != len(nodes) {
			t.Errorf("the default policy is on %d nodes of %d", len(targets), len(nodes))
		}
		denied, err := tx.OrgTargets(r.org.ID, r.deny, "", 10_000)
		for _, target := range append(targets, denied...) {
			if !nodes[target.ID] {
				t.Errorf("a policy is attached to %s, which is not in the tree", target.ID)
			}
		}
		accounts, err2 := tx.OrgCount(r.org.ID, "accounts")
		counted, err3 := tx.OrgCount(r.org.ID, "units")
		if accounts != len(all) || counted != units {
			t.Errorf("counted %d accounts and %d units, there are %d and %d", accounts, counted, len(all), units)
		}
		return errors.Join(err, err2, err3)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// walk collects what hangs below a root or OU and checks depths; more levels than are
// allowed would be a cycle.
func (r *race) walk(ctx context.Context, t *testing.T, tx *store.Tx, id string, depth int, nodes map[string]bool, units *int) error {
	nodes[id] = true
	if depth > 5 {
		t.Fatalf("%s is %d levels deep", id, depth)
	}
	accounts, err := tx.OrgAccountsIn(r.org.ID, id, "", 10_000)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		nodes[a.ID] = true
	}
	below, err := tx.OrgUnits(r.org.ID, id, "", 10_000)
	if err != nil {
		return err
	}
	for _, u := range below {
		*units++
		if u.Depth != depth+1 {
			t.Errorf("%s says that it is %d levels deep, it is %d", u.ID, u.Depth, depth+1)
		}
		if err := r.walk(ctx, t, tx, u.ID, depth+1, nodes, units); err != nil {
			return err
		}
	}
	return nil
}
