package org_test

import (
	"context"
	"errors"
	"regexp"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

func TestCreateOrganizationMakesManagementAccount(t *testing.T) {
	w := organized(t)
	if w.org.FeatureSet != org.FeatureSetAll || w.org.ManagementAccountEmail != "boss@example.com" {
		t.Errorf("organization = %+v", w.org)
	}
	for id, form := range map[string]string{
		w.org.ID:     `^o-[a-z0-9]{10,32}$`,
		w.org.RootID: `^r-[0-9a-z]{4,32}$`,
		w.org.ARN():  `^arn:aws:organizations::111111111111:organization/o-[a-z0-9]{10}$`,
	} {
		if !regexp.MustCompile(form).MatchString(id) {
			t.Errorf("%q does not look like %s", id, form)
		}
	}
	m := w.membership(management)
	if !m.IsManagement() || m.ParentID != w.org.RootID || len(m.Nodes) != 2 {
		t.Errorf("membership = %+v", m)
	}
	if got, want := m.OrgPath(), w.org.ID+"/"+w.org.RootID+"/"; got != want {
		t.Errorf("path = %q, want %q", got, want)
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		types, err := org.EnabledPolicyTypes(ctx, tx, w.org)
		if len(types) != 0 {
			t.Errorf("a new root lists %v as enabled", types)
		}
		return err
	})
	if got := w.org.AvailablePolicyTypes(); len(got) != 1 || got[0].Type != org.ServiceControlPolicy || got[0].Status != "ENABLED" {
		t.Errorf("available policy types = %v", got)
	}
	w.refused(org.CodeAlreadyInOrganization, "", func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateOrganization(ctx, tx, management, "")
		return err
	})
}

func TestConsolidatedBillingHasNoPolicies(t *testing.T) {
	w := newWorld(t)
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		w.org, err = org.CreateOrganization(ctx, tx, management, org.FeatureSetConsolidatedBilling)
		return err
	})
	if got := w.org.AvailablePolicyTypes(); got != nil {
		t.Errorf("available policy types = %v", got)
	}
	w.refused(org.CodePolicyTypeNotAvailable, "", func(ctx context.Context, tx *store.Tx) error {
		return org.EnablePolicyType(ctx, tx, w.org, w.org.RootID, org.ServiceControlPolicy)
	})
	w.refused(org.CodePolicyTypeNotAvailable, "", func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreatePolicy(ctx, tx, w.org, org.Policy{Type: org.ServiceControlPolicy, Name: "n", Content: denyAll}, nil)
		return err
	})
	id := w.account("a@example.com")
	w.refused(org.CodeConstraintViolation, org.ReasonAllFeaturesNeeded, w.closing(id))
	// There are tags, which no policy is about.
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.TagResource(ctx, tx, w.org, id, []org.Tag{{Key: "k", Value: "v"}})
	})
	first := org.Page{Limit: 10}
	for name, fn := range map[string]func(context.Context, *store.Tx) error{
		"trusted services": func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListAWSServiceAccessForOrganization(ctx, tx, w.org, first)
			return err
		},
		"distrust": func(ctx context.Context, tx *store.Tx) error {
			return org.DisableAWSServiceAccess(ctx, tx, w.org, "config.amazonaws.com")
		},
		"administrators": func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListDelegatedAdministrators(ctx, tx, w.org, "", first)
			return err
		},
		"administered services": func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListDelegatedServicesForAccount(ctx, tx, w.org, id, first)
			return err
		},
		"deregistration": func(ctx context.Context, tx *store.Tx) error {
			return org.DeregisterDelegatedAdministrator(ctx, tx, w.org, id, "config.amazonaws.com")
		},
		"resource policy": func(ctx context.Context, tx *store.Tx) error {
			_, err := org.DescribeResourcePolicy(ctx, tx, w.org)
			return err
		},
		"effective policy": func(ctx context.Context, tx *store.Tx) error {
			_, err := org.DescribeEffectivePolicy(ctx, tx, w.org, "TAG_POLICY", id)
			return err
		},
		"transfers": func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListOutboundResponsibilityTransfers(ctx, tx, w.org, first)
			return err
		},
		"transfer": func(ctx context.Context, tx *store.Tx) error {
			_, err := org.UpdateResponsibilityTransfer(ctx, tx, w.org, "rt-00000000", "n")
			return err
		},
	} {
		t.Run(name, func(*testing.T) { w.refused(org.CodeConstraintViolation, org.ReasonAllFeaturesNeeded, fn) })
	}
}

func TestStandings(t *testing.T) {
	w := organized(t)
	member := w.account("a@example.com")
	for _, c := range []struct {
		name   string
		as     func(context.Context, org.Tx, string) (org.Organization, error)
		caller string
		want   org.Code
	}{
		{"management as management", org.AsManagement, management, ""},
		{"management as member", org.AsMember, management, ""},
		{"management as administrator", org.AsAdministrator, management, ""},
		{"member as member", org.AsMember, member, ""},
		{"member as management", org.AsManagement, member, org.CodeAccessDenied},
		{"member as administrator", org.AsAdministrator, member, org.CodeAccessDenied},
		{"stranger as member", org.AsMember, stranger, org.CodeNotInOrganization},
		{"stranger as management", org.AsManagement, stranger, org.CodeNotInOrganization},
		{"nobody", org.AsMember, "000000000000", org.CodeNotInOrganization},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.try(func(ctx context.Context, tx *store.Tx) error {
				o, err := c.as(ctx, tx, c.caller)
				if err == nil && o.ID != w.org.ID {
					t.Errorf("organization = %+v", o)
				}
				return err
			})
			var e *org.Error
			if got := errors.As(err, &e); got != (c.want != "") || got && e.Code != c.want {
				t.Errorf("error = %v, want %q", err, c.want)
			}
		})
	}
}

func TestDeleteOrganizationWantsNoMembers(t *testing.T) {
	w := organized(t)
	deleting := func(ctx context.Context, tx *store.Tx) error { return org.DeleteOrganization(ctx, tx, w.org) }
	w.settings.RemovalAge = -1
	member := w.account("a@example.com")
	w.refused(org.CodeOrganizationNotEmpty, "", deleting)
	w.must(w.removing(member))
	unit, policy := w.unit(w.org.RootID, "Dev"), w.policy(org.ServiceControlPolicy, "Deny", denyAll)
	w.enable(org.ServiceControlPolicy)
	w.attach(policy, unit)
	w.must(deleting)
	if m := w.membership(management); m.OrganizationID != "" || m.OrgPath() != "" {
		t.Errorf("membership after deletion = %+v", m)
	}
	first := w.org
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		w.org, err = org.CreateOrganization(ctx, tx, management, "")
		return err
	})
	if w.org.ID == first.ID {
		t.Error("the second organization has the first one's id")
	}
	if got := w.attached(org.ServiceControlPolicy, w.org.RootID); got != nil {
		t.Errorf("attached in the second organization: %v", got)
	}
}

func TestOrganizationsNeverSeeEachOther(t *testing.T) {
	w := organized(t)
	w.enable(org.ServiceControlPolicy)
	unit, member := w.unit(w.org.RootID, "Dev"), w.account("a@example.com")
	policy := w.policy(org.ServiceControlPolicy, "Deny", denyAll)
	first := w.org
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		w.org, err = org.CreateOrganization(ctx, tx, stranger, "")
		return err
	})
	w.enable(org.ServiceControlPolicy)
	root := w.org.RootID
	for name, c := range map[string]struct {
		code org.Code
		fn   step
	}{
		"describe account": {org.CodeAccountNotFound, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.DescribeAccount(ctx, tx, w.org, member)
			return err
		}},
		"close":  {org.CodeAccountNotFound, w.closing(member)},
		"remove": {org.CodeAccountNotFound, w.removing(member)},
		"move":   {org.CodeAccountNotFound, w.moving(member, root, root)},
		"unit": {org.CodeUnitNotFound, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.DescribeOrganizationalUnit(ctx, tx, w.org, unit)
			return err
		}},
		"create below": {org.CodeParentNotFound, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateOrganizationalUnit(ctx, tx, w.org, unit, "x", nil)
			return err
		}},
		"policy":         {org.CodePolicyNotFound, w.attaching(policy, root)},
		"target unit":    {org.CodeTargetNotFound, w.attaching("p-FullAWSAccess", unit)},
		"target account": {org.CodeTargetNotFound, w.attaching("p-FullAWSAccess", member)},
		"tags": {org.CodeTargetNotFound, func(ctx context.Context, tx *store.Tx) error {
			return org.TagResource(ctx, tx, w.org, member, []org.Tag{{Key: "k"}})
		}},
		"parents": {org.CodeChildNotFound, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.ListParents(ctx, tx, w.org, member)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) { w.T = t; w.refused(c.code, "", c.fn) })
	}
	w.T = t
	w.must(func(ctx context.Context, tx *store.Tx) error {
		accounts, _, err := org.ListAccounts(ctx, tx, w.org, org.Page{Limit: 20})
		if len(accounts) != 1 || accounts[0].ID != stranger {
			t.Errorf("accounts of the second organization: %+v", accounts)
		}
		policies, _, err2 := org.ListPolicies(ctx, tx, w.org, org.ServiceControlPolicy, org.Page{Limit: 20})
		if len(policies) != 1 || !policies[0].AWSManaged {
			t.Errorf("policies of the second organization: %+v", policies)
		}
		targets, _, err3 := org.ListTargetsForPolicy(ctx, tx, first, "p-FullAWSAccess", org.Page{Limit: 20})
		if len(targets) != 4 {
			t.Errorf("targets in the first organization: %+v", targets)
		}
		return errors.Join(err, err2, err3)
	})
}
