package organizations_test

import (
	"slices"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	config    = "config.amazonaws.com"
	guardduty = "guardduty.amazonaws.com"
)

func (s *scene) trust(principal string) {
	s.t.Helper()
	ok(s.t)(s.EnableAWSServiceAccess(s.as(management), &organizationsapi.EnableAWSServiceAccessInput{ServicePrincipal: &principal}))
}

func (s *scene) delegate(accountID, principal string) error {
	_, err := s.RegisterDelegatedAdministrator(s.as(management), &organizationsapi.RegisterDelegatedAdministratorInput{
		AccountId: &accountID, ServicePrincipal: &principal,
	})
	return err
}

func TestTrustedServices(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			ctx := s.as(management)
			for _, principal := range []string{guardduty, config, config} {
				s.trust(principal)
			}
			list := func() string {
				out, err := s.ListAWSServiceAccessForOrganization(ctx, &organizationsapi.ListAWSServiceAccessForOrganizationInput{})
				if err != nil {
					t.Fatal(err)
				}
				return show(t, out.EnabledServicePrincipals)
			}
			want := `[{"ServicePrincipal":"config.amazonaws.com","DateEnabled":"2026-06-01T12:00:00Z"},` +
				`{"ServicePrincipal":"guardduty.amazonaws.com","DateEnabled":"2026-06-01T12:00:00Z"}]`
			if got := list(); got != want {
				t.Errorf("services:\n got %s\nwant %s", got, want)
			}
			err := s.DB.View(t.Context(), func(tx *store.Tx) error {
				_, found, err := iam.RoleByName(t.Context(), tx, management, "AWSServiceRoleForConfig")
				if !found {
					t.Error("the service has no role in the management account")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				for _, principal := range []string{config, guardduty} {
					ok(t)(s.DisableAWSServiceAccess(ctx, &organizationsapi.DisableAWSServiceAccessInput{ServicePrincipal: &principal}))
				}
			}
			if got := list(); got != "[]" {
				t.Errorf("services left: %s", got)
			}
		})
	}
}

func TestDelegatedAdministratorReads(t *testing.T) {
	s := organized(t, storetest.Memory())
	dev, member, other := s.unit(s.root, "Dev"), s.account("a@example.com"), s.account("b@example.com")
	policy := s.policy("Deny")
	s.trust(config)
	s.trust(guardduty)
	if err := s.delegate(member, config); err != nil {
		t.Fatal(err)
	}
	if err := s.delegate(member, guardduty); err != nil {
		t.Fatal(err)
	}
	type api = organizationsapi.Service
	reads := map[string]call{
		"ListRoots":                           of(api.ListRoots, organizationsapi.ListRootsInput{}),
		"ListAccounts":                        of(api.ListAccounts, organizationsapi.ListAccountsInput{}),
		"ListAccountsForParent":               of(api.ListAccountsForParent, organizationsapi.ListAccountsForParentInput{ParentId: &dev}),
		"DescribeAccount":                     of(api.DescribeAccount, organizationsapi.DescribeAccountInput{AccountId: &other}),
		"ListCreateAccountStatus":             of(api.ListCreateAccountStatus, organizationsapi.ListCreateAccountStatusInput{}),
		"DescribeOrganizationalUnit":          of(api.DescribeOrganizationalUnit, organizationsapi.DescribeOrganizationalUnitInput{OrganizationalUnitId: &dev}),
		"ListOrganizationalUnitsForParent":    of(api.ListOrganizationalUnitsForParent, organizationsapi.ListOrganizationalUnitsForParentInput{ParentId: &dev}),
		"ListChildren":                        of(api.ListChildren, organizationsapi.ListChildrenInput{ParentId: &dev, ChildType: new("ACCOUNT")}),
		"ListParents":                         of(api.ListParents, organizationsapi.ListParentsInput{ChildId: &dev}),
		"DescribePolicy":                      of(api.DescribePolicy, organizationsapi.DescribePolicyInput{PolicyId: &policy}),
		"ListPolicies":                        of(api.ListPolicies, organizationsapi.ListPoliciesInput{Filter: new(scp)}),
		"ListPoliciesForTarget":               of(api.ListPoliciesForTarget, organizationsapi.ListPoliciesForTargetInput{TargetId: &dev, Filter: new(scp)}),
		"ListTargetsForPolicy":                of(api.ListTargetsForPolicy, organizationsapi.ListTargetsForPolicyInput{PolicyId: &policy}),
		"ListTagsForResource":                 of(api.ListTagsForResource, organizationsapi.ListTagsForResourceInput{ResourceId: &dev}),
		"ListHandshakesForOrganization":       of(api.ListHandshakesForOrganization, organizationsapi.ListHandshakesForOrganizationInput{}),
		"ListAWSServiceAccessForOrganization": of(api.ListAWSServiceAccessForOrganization, organizationsapi.ListAWSServiceAccessForOrganizationInput{}),
		"ListDelegatedAdministrators":         of(api.ListDelegatedAdministrators, organizationsapi.ListDelegatedAdministratorsInput{}),
		"ListDelegatedServicesForAccount":     of(api.ListDelegatedServicesForAccount, organizationsapi.ListDelegatedServicesForAccountInput{AccountId: &member}),
	}
	writes := map[string]call{
		"CreatePolicy":             of(api.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("n"), Type: new(scp), Content: new(denyAll), Description: new("")}),
		"AttachPolicy":             of(api.AttachPolicy, organizationsapi.AttachPolicyInput{PolicyId: &policy, TargetId: &dev}),
		"CreateOrganizationalUnit": of(api.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: &dev, Name: new("n")}),
		"CloseAccount":             of(api.CloseAccount, organizationsapi.CloseAccountInput{AccountId: &other}),
		"EnableAWSServiceAccess":   of(api.EnableAWSServiceAccess, organizationsapi.EnableAWSServiceAccessInput{ServicePrincipal: new("ram.amazonaws.com")}),
		"TagResource":              of(api.TagResource, organizationsapi.TagResourceInput{ResourceId: &dev, Tags: []organizationsapi.Tag{{Key: new("k"), Value: new("v")}}}),
	}
	expect := func(calls map[string]call, accountID, want string) {
		t.Helper()
		for name, c := range calls {
			if got := code(c(s.as(accountID), s)); got != want {
				t.Errorf("%s by %s = %q, want %q", name, accountID, got, want)
			}
		}
	}
	expect(reads, member, "")
	expect(writes, member, "AccessDenied")
	expect(reads, other, "AccessDenied")
	// The right to read ends with the last service.
	for i, principal := range []string{config, guardduty} {
		ok(t)(s.DeregisterDelegatedAdministrator(s.as(management), &organizationsapi.DeregisterDelegatedAdministratorInput{
			AccountId: &member, ServicePrincipal: &principal,
		}))
		expect(reads, member, []string{"", "AccessDenied"}[i])
		delete(reads, "ListDelegatedServicesForAccount")
	}
}

func TestDelegatedAdministrators(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			ctx := s.as(management)
			a, b := s.account("a@example.com"), s.account("b@example.com")
			s.trust(config)
			s.trust(guardduty)
			for _, d := range [][2]string{{a, config}, {b, config}, {a, guardduty}} {
				if err := s.delegate(d[0], d[1]); err != nil {
					t.Fatal(err)
				}
			}
			both := []string{a, b}
			slices.Sort(both)
			for principal, want := range map[string][]string{"": both, config: both, guardduty: {a}} {
				_, got := pages(t, func(token *string) (ids []string, _ *string, _ error) {
					out, err := s.ListDelegatedAdministrators(ctx, &organizationsapi.ListDelegatedAdministratorsInput{
						ServicePrincipal: smithy.PtrTo(principal), NextToken: token, MaxResults: new(int32(1)),
					})
					for _, d := range smithy.Value(out).DelegatedAdministrators {
						ids = append(ids, *d.Id)
						if *d.Status != "ACTIVE" || *d.JoinedMethod != "CREATED" || !d.DelegationEnabledDate.Equal(start) {
							t.Errorf("delegate = %s", show(t, d))
						}
					}
					return ids, smithy.Value(out).NextToken, err
				})
				if !slices.Equal(got, want) {
					t.Errorf("delegates of %q = %v, want %v", principal, got, want)
				}
			}
			services, err := s.ListDelegatedServicesForAccount(ctx, &organizationsapi.ListDelegatedServicesForAccountInput{AccountId: &a})
			want := `[{"ServicePrincipal":"config.amazonaws.com","DelegationEnabledDate":"2026-06-01T12:00:00Z"},` +
				`{"ServicePrincipal":"guardduty.amazonaws.com","DelegationEnabledDate":"2026-06-01T12:00:00Z"}]`
			if err != nil || show(t, services.DelegatedServices) != want {
				t.Errorf("services = %s, %v", show(t, services), err)
			}
		})
	}
}

func TestDelegationErrors(t *testing.T) {
	s := organized(t, storetest.Memory())
	s.Settings.RemovalAge = -1
	member, other, closed := s.account("a@example.com"), s.account("b@example.com"), s.account("c@example.com")
	ok(t)(s.CloseAccount(s.as(management), &organizationsapi.CloseAccountInput{AccountId: &closed}))
	s.trust(config)
	s.trust(guardduty)
	if err := s.delegate(member, guardduty); err != nil {
		t.Fatal(err)
	}
	type api = organizationsapi.Service
	register := func(account, principal string) call {
		return of(api.RegisterDelegatedAdministrator, organizationsapi.RegisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: &principal})
	}
	deregister := func(account, principal string) call {
		return of(api.DeregisterDelegatedAdministrator, organizationsapi.DeregisterDelegatedAdministratorInput{AccountId: &account, ServicePrincipal: &principal})
	}
	const unknown = "InvalidInput UNRECOGNIZED_SERVICE_PRINCIPAL"
	for _, c := range []struct {
		name string
		call call
		want string
	}{
		{"trust nothing", of(api.EnableAWSServiceAccess, organizationsapi.EnableAWSServiceAccessInput{ServicePrincipal: new("x.amazonaws.com")}), unknown},
		{"distrust nothing", of(api.DisableAWSServiceAccess, organizationsapi.DisableAWSServiceAccessInput{ServicePrincipal: new("x.amazonaws.com")}), unknown},
		{"delegate nothing", register(member, "x.amazonaws.com"), unknown},
		{"no delegates for it", register(member, "controltower.amazonaws.com"), unknown},
		{"delegates of nothing", of(api.ListDelegatedAdministrators, organizationsapi.ListDelegatedAdministratorsInput{ServicePrincipal: new("x.amazonaws.com")}), unknown},
		{"a stranger", register(stranger, config), "AccountNotFound"},
		{"the management account", register(management, config), "ConstraintViolation CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"},
		{"a closed account", register(closed, config), "ConstraintViolation CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"},
		{"no trust", register(member, "sso.amazonaws.com"), "ConstraintViolation SERVICE_ACCESS_NOT_ENABLED"},
		{"again", register(member, guardduty), "AccountAlreadyRegistered"},
		{"a second", register(other, guardduty), "ConstraintViolation DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"},
		{"deregister a stranger", deregister(stranger, guardduty), "AccountNotFound"},
		{"deregister nobody", deregister(other, guardduty), "AccountNotRegistered"},
		{"services of nobody", of(api.ListDelegatedServicesForAccount, organizationsapi.ListDelegatedServicesForAccountInput{AccountId: &other}), "AccountNotRegistered"},
		{"services of a stranger", of(api.ListDelegatedServicesForAccount, organizationsapi.ListDelegatedServicesForAccountInput{AccountId: new(stranger)}), "AccountNotFound"},
		{"distrust with a delegate", of(api.DisableAWSServiceAccess, organizationsapi.DisableAWSServiceAccessInput{ServicePrincipal: new(guardduty)}), "ConstraintViolation DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"},
		{"remove a delegate", of(api.RemoveAccountFromOrganization, organizationsapi.RemoveAccountFromOrganizationInput{AccountId: &member}), "ConstraintViolation CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"},
		{"deregister", deregister(member, guardduty), ""},
		{"remove", of(api.RemoveAccountFromOrganization, organizationsapi.RemoveAccountFromOrganizationInput{AccountId: &member}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.call(s.as(management), s)); got != c.want {
				t.Errorf("error = %q, want %q", got, c.want)
			}
		})
	}
	for n := range 4 {
		want := ""
		if n == 3 {
			want = "ConstraintViolation MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED"
		}
		if got := code(s.delegate(s.account(string(rune('p'+n))+"@example.com"), config)); got != want {
			t.Errorf("delegate %d: %q, want %q", n, got, want)
		}
	}
}

func TestTrustNeedsAllFeatures(t *testing.T) {
	s := newScene(t, storetest.Memory())
	ok(t)(s.CreateOrganization(s.as(management), &organizationsapi.CreateOrganizationInput{FeatureSet: new("CONSOLIDATED_BILLING")}))
	member := s.account("a@example.com")
	const want = "ConstraintViolation ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
	_, err := s.EnableAWSServiceAccess(s.as(management), &organizationsapi.EnableAWSServiceAccessInput{ServicePrincipal: new(config)})
	if got := code(err); got != want {
		t.Errorf("trust: %q", got)
	}
	if got := code(s.delegate(member, config)); got != want {
		t.Errorf("delegate: %q", got)
	}
}

func TestDelegationChecks(t *testing.T) {
	s := organized(t, storetest.Memory())
	member := s.account("a@example.com")
	o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
	const keys = " organizations:serviceprincipal=" + config
	account := "arn:aws:organizations::111111111111:account/" + o + "/" + member
	for _, c := range []struct {
		operation string
		in        any
		want      string
	}{
		{"EnableAWSServiceAccess", &organizationsapi.EnableAWSServiceAccessInput{ServicePrincipal: new(config)}, "organizations:EnableAWSServiceAccess *" + keys},
		{"DisableAWSServiceAccess", &organizationsapi.DisableAWSServiceAccessInput{ServicePrincipal: new(config)}, "organizations:DisableAWSServiceAccess *" + keys},
		{"ListDelegatedAdministrators", &organizationsapi.ListDelegatedAdministratorsInput{}, "organizations:ListDelegatedAdministrators *"},
		{"RegisterDelegatedAdministrator", &organizationsapi.RegisterDelegatedAdministratorInput{AccountId: &member, ServicePrincipal: new(config)}, "organizations:RegisterDelegatedAdministrator " + account + keys},
		{"DeregisterDelegatedAdministrator", &organizationsapi.DeregisterDelegatedAdministratorInput{AccountId: &member, ServicePrincipal: new(config)}, "organizations:DeregisterDelegatedAdministrator " + account + keys},
		{"ListDelegatedServicesForAccount", &organizationsapi.ListDelegatedServicesForAccountInput{AccountId: &member}, "organizations:ListDelegatedServicesForAccount " + account},
	} {
		if got := s.checks(management, c.operation, c.in); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s:\n got %q\nwant %q", c.operation, got, c.want)
		}
	}
}

// Who administers a service finds with DescribeHandshake what ListHandshakesForOrganization
// shows it, as far as the resource policy does not deny it; it cannot answer.
func TestDelegatedAdministratorDescribesHandshakes(t *testing.T) {
	s := organized(t, storetest.Memory())
	member, other := s.account("a@example.com"), s.account("b@example.com")
	h := s.invite(stranger)
	in := &organizationsapi.DescribeHandshakeInput{HandshakeId: h.Id}
	gate := s.gate()
	type api = organizationsapi.Service
	describe := func(accountID, wantGate, want string) {
		t.Helper()
		if got := s.ask(gate, accountID, "DescribeHandshake", in); !strings.HasPrefix(got, wantGate) || wantGate == "" && got != "" {
			t.Errorf("the gate says %q to %s, want %q", got, accountID, wantGate)
		}
		if got := code(of(api.DescribeHandshake, *in)(s.as(accountID), s)); got != want {
			t.Errorf("%s: %q, want %q", accountID, got, want)
		}
	}
	describe(member, "", "HandshakeNotFound")
	s.trust(config)
	if err := s.delegate(member, config); err != nil {
		t.Fatal(err)
	}
	describe(member, "", "")
	describe(other, "", "HandshakeNotFound")
	describe(stranger, "", "")
	if got, want := s.checks(member, "DescribeHandshake", in), []string{"organizations:DescribeHandshake " + *h.Arn}; !slices.Equal(got, want) {
		t.Errorf("checks = %q, want %q", got, want)
	}
	for name, answer := range map[string]call{
		"accept":  of(api.AcceptHandshake, organizationsapi.AcceptHandshakeInput{HandshakeId: h.Id}),
		"decline": of(api.DeclineHandshake, organizationsapi.DeclineHandshakeInput{HandshakeId: h.Id}),
		"cancel":  of(api.CancelHandshake, organizationsapi.CancelHandshakeInput{HandshakeId: h.Id}),
	} {
		if got := code(answer(s.as(member), s)); got != "HandshakeNotFound" {
			t.Errorf("%s by a delegate: %q", name, got)
		}
	}
	// What another organization has sent to this one is not this one's.
	ok(t)(s.CreateOrganization(s.as(stranger), &organizationsapi.CreateOrganizationInput{}))
	theirs, err := s.InviteAccountToOrganization(s.as(stranger), &organizationsapi.InviteAccountToOrganizationInput{
		Target: &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: &other},
	})
	if err != nil {
		t.Fatal(err)
	}
	in = &organizationsapi.DescribeHandshakeInput{HandshakeId: theirs.Handshake.Id}
	describe(member, "", "HandshakeNotFound")
	describe(other, "", "")
	in = &organizationsapi.DescribeHandshakeInput{HandshakeId: h.Id}
	s.putResourcePolicy(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"` + member + `"},"Action":"organizations:DescribeHandshake","Resource":"*"}]}`)
	describe(member, "denied: ", "")
}

// TestWordingOfRefusals holds messages that AWS's answers are known to have.
func TestWordingOfRefusals(t *testing.T) {
	s := organized(t, storetest.Memory())
	s.trust(config)
	s.Settings.AccountLimit = 1
	type api = organizationsapi.Service
	for want, refused := range map[string]call{
		"You cannot register management account/yourself as delegated administrator for your organization.": of(api.RegisterDelegatedAdministrator,
			organizationsapi.RegisterDelegatedAdministratorInput{AccountId: new(management), ServicePrincipal: new(config)}),
		"You have exceeded the allowed number of AWS accounts.": of(api.InviteAccountToOrganization,
			organizationsapi.InviteAccountToOrganizationInput{Target: &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: new(stranger)}}),
	} {
		if err := refused(s.as(management), s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
