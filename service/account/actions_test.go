package account_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// Every operation that is built has a row, no other one has, and a row knows its input.
func TestRows(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	rows := f.Rows()
	var names []string
	for _, r := range rows {
		names = append(names, r.Operation)
		equal(t, "actions of "+r.Operation, r.Actions, []string{"account:" + r.Operation})
		checks, err := r.Checks(t.Context(), &authz.Call{Caller: &credential.Caller{AccountID: management}, Input: inputs(nil)[r.Operation]})
		if err != nil || len(checks) != 1 {
			t.Errorf("checks of %s: %v, %v", r.Operation, checks, err)
		}
		if checks, _ := r.Checks(t.Context(), &authz.Call{Caller: &credential.Caller{AccountID: management}}); len(checks) != 0 {
			t.Errorf("%s is checked with no input: %v", r.Operation, checks)
		}
	}
	for _, op := range accountapi.Describe().Operations {
		in, known := inputs(nil)[op.Name]
		if !known {
			in = op.NewInput()
		}
		_, err := accountapi.Handler(f.Service).Invoke(f.as(stranger), &op, in)
		var missing *smithy.NotImplementedError
		if built := !errors.As(err, &missing); built != slices.Contains(names, op.Name) {
			t.Errorf("%s: built %v, row %v", op.Name, built, !built)
		}
	}
}

// gate is the authorizer over the service's rows, for user ops of an account.
type gate struct {
	*authz.Authorizer
	f      *fixture
	caller *credential.Caller
}

func newGate(f *fixture, accountID string) *gate {
	f.t.Helper()
	g := &gate{f: f}
	f.update(func(tx *store.Tx) error {
		user, err := iam.CreateUser(f.t.Context(), tx, accountID, iam.NewUser{Name: "ops"})
		g.caller = &credential.Caller{
			Type: credential.User, AccountID: accountID, ARN: user.ARN(), PrincipalID: user.ID,
			EntityID: user.ID, EntityARN: user.ARN(), EntityName: "ops",
		}
		return err
	})
	policies, err := authz.NewCompiler()
	if err != nil {
		f.t.Fatal(err)
	}
	g.Authorizer, err = authz.New(authz.Config{
		View: func(ctx context.Context, fn func(authz.Tx) error) error {
			return f.DB.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: f.DB.Revision, Policies: policies, Rows: map[string][]authz.Row{"account": f.Rows()},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return g
}

// allow gives the user one policy.
func (g *gate) allow(statement string) {
	g.f.t.Helper()
	g.f.update(func(tx *store.Tx) error {
		return iam.PutInlinePolicy(g.f.t.Context(), tx, g.caller.AccountID, iam.KindUser, "ops", "p",
			`{"Version":"2012-10-17","Statement":{`+statement+`}}`)
	})
}

func (g *gate) ask(operation string, in any) error {
	return g.Authorize(g.f.t.Context(), &authz.Request{Service: "account", Operation: operation, Caller: g.caller, Input: in})
}

// Policies decide by action, by resource and by each of the service's condition keys.
func TestAllowedAndRefused(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.update(func(tx *store.Tx) error {
		if err := org.MoveAccount(t.Context(), tx, f.org, f.member, f.org.RootID, f.unit.ID); err != nil {
			return err
		}
		return org.TagResource(t.Context(), tx, f.org, f.member, []org.Tag{{Key: "Team", Value: "red"}})
	})
	g := newGate(f, management)
	memberARN := "arn:aws:account::" + management + ":account/" + f.org.ID + "/" + f.member
	path := f.org.ID + "/" + f.org.RootID + "/" + f.unit.ID + "/"
	contactOf := func(id *string, kind string) *accountapi.GetAlternateContactInput {
		return &accountapi.GetAlternateContactInput{AccountId: id, AlternateContactType: &kind}
	}
	region := func(id *string, name string) *accountapi.EnableRegionInput {
		return &accountapi.EnableRegionInput{AccountId: id, RegionName: &name}
	}
	for _, c := range []struct {
		name, statement string
		operation       string
		allowed         any
		refused         []any
	}{
		{
			"the own account", `"Effect":"Allow","Action":"account:GetAlternateContact","Resource":"arn:aws:account::` + management + `:account"`,
			"GetAlternateContact", contactOf(nil, "BILLING"),
			[]any{contactOf(&f.member, "BILLING"), contactOf(ptr(stranger), "BILLING")},
		},
		{
			"one member", `"Effect":"Allow","Action":"account:*","Resource":"` + memberARN + `"`,
			"GetAlternateContact", contactOf(&f.member, "BILLING"),
			[]any{contactOf(nil, "BILLING"), contactOf(&f.delegate, "BILLING")},
		},
		{
			"one type of contact", `"Effect":"Allow","Action":"account:*AlternateContact","Resource":"*","Condition":{"ForAllValues:StringEquals":{"account:AlternateContactTypes":["Security","SECURITY"]}}`,
			"GetAlternateContact", contactOf(&f.member, "SECURITY"),
			[]any{contactOf(&f.member, "BILLING"), contactOf(nil, "OPERATIONS")},
		},
		{
			"one Region", `"Effect":"Allow","Action":"account:EnableRegion","Resource":"*","Condition":{"StringEquals":{"account:TargetRegion":"af-south-1"}}`,
			"EnableRegion", region(nil, "af-south-1"),
			[]any{region(nil, "me-south-1"), region(&f.member, "me-south-1")},
		},
		{
			"the state of one Region", `"Effect":"Allow","Action":"account:GetRegionOptStatus","Resource":"*","Condition":{"StringEquals":{"account:TargetRegion":"af-south-1"}}`,
			"GetRegionOptStatus", &accountapi.GetRegionOptStatusInput{RegionName: ptr("af-south-1")},
			[]any{&accountapi.GetRegionOptStatusInput{RegionName: ptr("me-south-1")}},
		},
		{
			"accounts under an OU", `"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"account:AccountResourceOrgPaths":"` + path + `*"}}`,
			"EnableRegion", region(&f.member, "af-south-1"),
			[]any{region(&f.delegate, "af-south-1"), region(nil, "af-south-1"), region(ptr(stranger), "af-south-1")},
		},
		{
			"accounts with a tag", `"Effect":"Allow","Action":"account:*","Resource":"*","Condition":{"StringEquals":{"account:AccountResourceOrgTags/Team":"red"}}`,
			"EnableRegion", region(&f.member, "af-south-1"),
			[]any{region(&f.delegate, "af-south-1"), region(nil, "af-south-1")},
		},
		{
			"another action", `"Effect":"Allow","Action":["account:EnableRegion"],"Resource":"*"`,
			"EnableRegion", region(nil, "af-south-1"), nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.allow(c.statement)
			if err := g.ask(c.operation, c.allowed); err != nil {
				t.Errorf("refused: %v", err)
			}
			for _, in := range c.refused {
				var denied *authz.DeniedError
				if err := g.ask(c.operation, in); !errors.As(err, &denied) {
					t.Errorf("%+v is allowed (%v)", in, err)
				}
			}
			var denied *authz.DeniedError
			if err := g.ask("PutAccountName", &accountapi.PutAccountNameInput{AccountName: ptr("x")}); !errors.As(err, &denied) {
				t.Errorf("what no statement allows is allowed (%v)", err)
			}
		})
	}
}

// A delegated administrator's own policies decide over members: nothing has to be allowed in
// the management account, whose resources the members are.
func TestDelegateIsAuthorizedAtHome(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	g := newGate(f, f.delegate)
	in := &accountapi.ListRegionsInput{AccountId: &f.member}
	var denied *authz.DeniedError
	if err := g.ask("ListRegions", in); !errors.As(err, &denied) {
		t.Errorf("allowed without a policy (%v)", err)
	}
	g.allow(`"Effect":"Allow","Action":"account:ListRegions","Resource":"arn:aws:account::` + management + `:account/` + f.org.ID + `/*"`)
	if err := g.ask("ListRegions", in); err != nil {
		t.Errorf("refused: %v", err)
	}
	if err := g.ask("ListRegions", &accountapi.ListRegionsInput{}); !errors.As(err, &denied) {
		t.Errorf("the own account is not in the policy, but allowed (%v)", err)
	}
}
