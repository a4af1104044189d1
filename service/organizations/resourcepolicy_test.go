package organizations_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// gate returns the authorizer over the service's rows.
func (s *scene) gate() *authz.Authorizer {
	s.t.Helper()
	policies, err := authz.NewCompiler()
	if err != nil {
		s.t.Fatal(err)
	}
	gate, err := authz.New(authz.Config{
		View: func(ctx context.Context, fn func(authz.Tx) error) error {
			return s.DB.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: s.DB.Revision, Policies: policies, Rows: map[string][]authz.Row{"organizations": s.Rows()},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return gate
}

// ask asks the gate on behalf of an account's root user, whose own policies allow all.
func (s *scene) ask(gate *authz.Authorizer, accountID, operation string, in any) string {
	s.t.Helper()
	err := gate.Authorize(s.t.Context(), &authz.Request{
		Service: "organizations", Operation: operation, Input: in,
		Caller: &credential.Caller{
			Type: credential.RootUser, AccountID: accountID, PrincipalID: accountID, EntityID: accountID, ARN: "arn:aws:iam::" + accountID + ":root",
		},
	})
	var denied *authz.DeniedError
	switch {
	case errors.As(err, &denied):
		return "denied: " + denied.Message
	default:
		return code(err)
	}
}

// nobody makes a user of an account who carries no policies.
func (s *scene) nobody(accountID string) *credential.Caller {
	s.t.Helper()
	var u iam.Identity
	err := s.DB.Update(s.t.Context(), func(tx *store.Tx) (err error) {
		u, err = iam.CreateUser(s.t.Context(), tx, accountID, iam.NewUser{Name: "nobody"})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return &credential.Caller{
		Type: credential.User, AccountID: accountID, ARN: u.ARN(), PrincipalID: u.ID, EntityID: u.ID, EntityARN: u.ARN(), EntityName: u.Name,
	}
}

func (s *scene) putResourcePolicy(content string) {
	s.t.Helper()
	ok(s.t)(s.PutResourcePolicy(s.as(management), &organizationsapi.PutResourcePolicyInput{Content: &content}))
}

func TestResourcePolicyDelegates(t *testing.T) {
	s := organized(t, storetest.Memory())
	dev, prod := s.unit(s.root, "Dev"), s.unit(s.root, "Prod")
	member, other, deny := s.account("a@example.com"), s.account("b@example.com"), s.policy("Deny")
	gate := s.gate()
	o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
	roots := &organizationsapi.ListRootsInput{}
	attach := func(target string) *organizationsapi.AttachPolicyInput {
		return &organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: &target}
	}
	expect := func(when, account, operation string, in any, want string) {
		t.Helper()
		if got := s.ask(gate, account, operation, in); got != want && !(want == "denied" && strings.Contains(got, "resource-based policy")) {
			t.Errorf("%s: %s of %s = %q, want %q", when, operation, account, got, want)
		}
	}
	expect("nothing delegated", member, "ListRoots", roots, "AccessDenied")
	expect("nothing delegated", member, "AttachPolicy", attach(dev), "AccessDenied")
	expect("nothing delegated", member, "DescribeOrganization", &organizationsapi.DescribeOrganizationInput{}, "")
	expect("nothing delegated", management, "ListRoots", roots, "")
	expect("nothing delegated", stranger, "ListRoots", roots, "")

	s.putResourcePolicy(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + member + `:root"},"Action":["organizations:List*"],"Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":"` + member + `"},"Action":"organizations:AttachPolicy",
		 "Resource":["arn:aws:organizations::111111111111:ou/` + o + `/` + dev + `","arn:aws:organizations::111111111111:policy/` + o + `/service_control_policy/*"],
		 "Condition":{"StringEquals":{"organizations:PolicyType":"SERVICE_CONTROL_POLICY"}}}]}`)
	expect("delegated", member, "ListRoots", roots, "")
	expect("delegated", member, "AttachPolicy", attach(dev), "")
	expect("another target", member, "AttachPolicy", attach(prod), "denied")
	expect("another action", member, "DetachPolicy", &organizationsapi.DetachPolicyInput{PolicyId: &deny, TargetId: &dev}, "denied")
	expect("another account", other, "ListRoots", roots, "denied")
	expect("management", management, "DetachPolicy", &organizationsapi.DetachPolicyInput{PolicyId: &deny, TargetId: &prod}, "")
	ok(t)(s.AttachPolicy(s.as(member), attach(dev)))
	ok(t)(s.ListRoots(s.as(member), roots))
	// What cannot be delegated stays the management account's.
	if got := code(of(organizationsapi.Service.CloseAccount, organizationsapi.CloseAccountInput{AccountId: &other})(s.as(member), s)); got != "AccessDenied" {
		t.Errorf("closing by a delegate: %q", got)
	}

	// A delegated administrator of a service reads without the policy and writes only by it.
	s.trust(config)
	if err := s.delegate(other, config); err != nil {
		t.Fatal(err)
	}
	expect("service delegate", other, "ListRoots", roots, "")
	expect("service delegate", other, "AttachPolicy", attach(dev), "denied")

	// What the policy denies is denied to it too, and what it allows adds nothing.
	s.putResourcePolicy(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":"*","Action":"organizations:List*","Resource":"*"},
		{"Effect":"Deny","Principal":{"AWS":"` + other + `"},"Action":"organizations:ListRoots","Resource":"*"}]}`)
	expect("denied", other, "ListRoots", roots, "denied")
	expect("denied something else", other, "ListAccounts", &organizationsapi.ListAccountsInput{}, "")
	nobody := s.nobody(other)
	err := gate.Authorize(t.Context(), &authz.Request{Service: "organizations", Operation: "ListAccounts", Input: &organizationsapi.ListAccountsInput{}, Caller: nobody})
	if denied := (*authz.DeniedError)(nil); !errors.As(err, &denied) {
		t.Errorf("a user without permission in the delegate: %v", err)
	}

	ok(t)(s.DeleteResourcePolicy(s.as(management), &organizationsapi.DeleteResourcePolicyInput{}))
	expect("taken back", member, "ListRoots", roots, "AccessDenied")
	if _, err := s.AttachPolicy(s.as(member), attach(prod)); code(err) != "AccessDenied" {
		t.Errorf("attaching when taken back: %v", err)
	}
	expect("taken back", other, "AttachPolicy", attach(dev), "AccessDenied")
	expect("taken back", other, "ListRoots", roots, "")
}

func TestResourcePolicyOnTheWire(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			ctx := s.as(management)
			_, err := s.DescribeResourcePolicy(ctx, &organizationsapi.DescribeResourcePolicyInput{})
			if got := code(err); got != "ResourcePolicyNotFound" {
				t.Errorf("describing none: %q", got)
			}
			_, err = s.PutResourcePolicy(ctx, &organizationsapi.PutResourcePolicyInput{Content: new("{}")})
			if got := code(err); got != "InvalidInput INVALID_RESOURCE_POLICY_JSON" {
				t.Errorf("putting none: %q", got)
			}
			const content = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"organizations:ListRoots","Resource":"*"}}`
			made, err := s.PutResourcePolicy(ctx, &organizationsapi.PutResourcePolicyInput{
				Content: new(content), Tags: []organizationsapi.Tag{{Key: new("k"), Value: new("v")}},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.DescribeResourcePolicy(ctx, &organizationsapi.DescribeResourcePolicyInput{})
			if err != nil || show(t, got.ResourcePolicy) != show(t, made.ResourcePolicy) || *got.ResourcePolicy.Content != content {
				t.Errorf("described %s, made %s, %v", show(t, got), show(t, made), err)
			}
			id := made.ResourcePolicy.ResourcePolicySummary.Id
			tags, err := s.ListTagsForResource(ctx, &organizationsapi.ListTagsForResourceInput{ResourceId: id})
			if err != nil || len(tags.Tags) != 1 {
				t.Errorf("tags = %s, %v", show(t, tags), err)
			}
			want := []string{"organizations:UntagResource " + *made.ResourcePolicy.ResourcePolicySummary.Arn + " aws:resourcetag/k=v aws:tagkeys=k"}
			if got := s.checks(management, "UntagResource", &organizationsapi.UntagResourceInput{ResourceId: id, TagKeys: []string{"k"}}); got[0] != want[0] || len(got) != 1 {
				t.Errorf("checks = %q, want %q", got, want)
			}
			ok(t)(s.DeleteResourcePolicy(ctx, &organizationsapi.DeleteResourcePolicyInput{}))
			ok(t)(s.DeleteOrganization(ctx, &organizationsapi.DeleteOrganizationInput{}))
		})
	}
}
