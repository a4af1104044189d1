package demo

import (
	"reflect"
	"testing"
)

// Every size has the accounts that were asked for, within AWS's quotas of OUs, names that
// siblings do not share, and addresses that nobody shares.
func TestPlan(t *testing.T) {
	for _, accounts := range []int{LeastAccounts, 23, 100, 1_000, 10_000, 50_000, MostAccounts} {
		p := makePlan(accounts, 1)
		if got := len(p.accounts) + 1; got != accounts {
			t.Errorf("%d accounts, want %d", got, accounts)
		}
		if len(p.units) > 2_000 {
			t.Errorf("%d accounts: %d OUs are more than AWS allows", accounts, len(p.units))
		}
		type sibling struct {
			parent int
			name   string
		}
		names := map[sibling]bool{}
		for i, u := range p.units {
			if u.parent >= i || u.depth > 5 || names[sibling{u.parent, u.name}] {
				t.Errorf("%d accounts: OU %d is %+v", accounts, i, u)
			}
			names[sibling{u.parent, u.name}] = true
		}
		emails, equipped := map[string]bool{}, 0
		production := map[int]bool{}
		for _, u := range p.production {
			production[u] = true
		}
		for _, a := range p.accounts {
			if emails[a.email] || a.unit >= len(p.units) || len(a.email) > 64 || len(a.name) > 50 {
				t.Errorf("%d accounts: %+v", accounts, a)
			}
			emails[a.email] = true
			if a.equipped {
				equipped++
			}
			if a.equipped && production[a.unit] {
				t.Errorf("%s gets users, which production forbids", a.name)
			}
		}
		if equipped == 0 {
			t.Errorf("%d accounts: none is equipped", accounts)
		}
	}
}

func TestPlanFollowsTheSeed(t *testing.T) {
	if !reflect.DeepEqual(makePlan(1_000, 7), makePlan(1_000, 7)) {
		t.Error("the same seed gave two plans")
	}
	if reflect.DeepEqual(makePlan(1_000, 7), makePlan(1_000, 8)) {
		t.Error("another seed gave the same plan")
	}
}
