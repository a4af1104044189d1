package organizations_test

import (
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// What the gate has decided about one organization lets nobody into another one, if the
// account changes between the gate and the operation.
func TestDecisionsAreAboutOneOrganization(t *testing.T) {
	s := organized(t, storetest.Memory())
	member := s.account("a@example.com")
	const all = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["organizations:List*","organizations:Describe*"],"Resource":"*"}]}`
	s.putResourcePolicy(all)
	ok(t)(s.CreateOrganization(s.as(stranger), &organizationsapi.CreateOrganizationInput{}))
	ok(t)(s.PutResourcePolicy(s.as(stranger), &organizationsapi.PutResourcePolicyInput{Content: new(all)}))
	gate := s.gate()
	type api = organizationsapi.Service
	calls := map[string]call{
		"ListAccounts":      of(api.ListAccounts, organizationsapi.ListAccountsInput{}),
		"LeaveOrganization": of(api.LeaveOrganization, organizationsapi.LeaveOrganizationInput{}),
	}
	inputs := map[string]any{"ListAccounts": &organizationsapi.ListAccountsInput{}, "LeaveOrganization": &organizationsapi.LeaveOrganizationInput{}}
	before := map[string]func() error{}
	for name, c := range calls {
		ctx := s.as(member)
		err := gate.Authorize(ctx, &authz.Request{Service: "organizations", Operation: name, Input: inputs[name], Caller: &credential.Caller{
			Type: credential.RootUser, AccountID: member, PrincipalID: member, EntityID: member, ARN: "arn:aws:iam::" + member + ":root",
		}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before[name] = func() error { return c(ctx, s) }
	}
	if err := before["ListAccounts"](); err != nil {
		t.Errorf("at first: %v", err)
	}
	// The account goes from one organization to the other.
	err := s.DB.Update(t.Context(), func(tx *store.Tx) error {
		theirs, _, err := org.OrganizationNamed(t.Context(), tx, stranger)
		if err != nil {
			return err
		}
		h, err := org.InviteAccountToOrganization(t.Context(), tx, theirs, s.Settings, org.Invitation{PartyType: org.PartyAccount, PartyID: member})
		if err != nil {
			return err
		}
		_, _, err = org.AcceptHandshake(t.Context(), tx, org.Settings{AccountLimit: 100, RemovalAge: -1}, member, h.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, again := range before {
		if got := code(again()); got != "ConcurrentModification" {
			t.Errorf("%s after the change: %q", name, got)
		}
	}
	if got := code(calls["ListAccounts"](s.as(member), s)); got != "" {
		t.Errorf("a new call: %q", got)
	}
}

// What is kept of an organization is what it is: its address changes with that of its management
// account, and it may go.
func TestDescribedAsItIs(t *testing.T) {
	s := organized(t, storetest.Memory())
	member := s.account("a@example.com")
	gate := s.gate()
	described := func() (*organizationsapi.Organization, error) {
		ctx := s.as(member)
		err := gate.Authorize(ctx, &authz.Request{
			Service: "organizations", Operation: "DescribeOrganization", Input: &organizationsapi.DescribeOrganizationInput{}, Caller: &credential.Caller{
				Type: credential.RootUser, AccountID: member, PrincipalID: member, EntityID: member, ARN: "arn:aws:iam::" + member + ":root",
			},
		})
		if err != nil {
			return nil, err
		}
		out, err := s.DescribeOrganization(ctx, &organizationsapi.DescribeOrganizationInput{})
		if err != nil {
			return nil, err
		}
		return out.Organization, nil
	}
	expect := func(address string) {
		t.Helper()
		for range 2 {
			if o, err := described(); err != nil || *o.MasterAccountEmail != address || *o.MasterAccountId != management {
				t.Errorf("%+v, %v, want %s", o, err, address)
			}
		}
	}
	expect("boss@example.com")
	err := s.DB.Update(t.Context(), func(tx *store.Tx) error {
		return org.ChangeEmail(t.Context(), tx, management, "chief@example.com")
	})
	if err != nil {
		t.Fatal(err)
	}
	expect("chief@example.com")
	s.Settings.RemovalAge = -1
	ok(t)(s.RemoveAccountFromOrganization(s.as(management), &organizationsapi.RemoveAccountFromOrganizationInput{AccountId: &member}))
	if _, err := described(); code(err) != "AWSOrganizationsNotInUse" {
		t.Errorf("out of the organization: %v", err)
	}
}
