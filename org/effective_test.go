package org_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	mgmt "github.com/bailiwick/bailiwick/policy/management"
	"github.com/bailiwick/bailiwick/store"
)

const (
	tagPolicy = mgmt.TagPolicy
	hubPolicy = mgmt.SecurityHubPolicy
	// halfHub is a document whose effective policy lacks a list.
	halfHub  = `{"securityhub":{"enable_in_regions":{"@@assign":["eu-west-1"]}}}`
	otherHub = `{"securityhub":{"disable_in_regions":{"@@assign":[]}}}`
)

// tagging is a tag policy that gives the key team values by an operator.
func tagging(operator string, values ...string) string {
	return fmt.Sprintf(`{"tags":{"team":{"tag_value":{%q:["%s"]}}}}`, operator, strings.Join(values, `","`))
}

func (w *world) effective(policyType, accountID string) (p org.EffectivePolicy) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = org.DescribeEffectivePolicy(ctx, tx, w.org, policyType, accountID)
		return err
	})
	return p
}

func (w *world) describingEffective(policyType, target string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DescribeEffectivePolicy(ctx, tx, w.org, policyType, target)
		return err
	}
}

func (w *world) checkTeam(accountID string, values ...string) {
	w.Helper()
	want := `{"tags":{"team":{"tag_value":["` + strings.Join(values, `","`) + `"]}}}`
	if got := w.effective(tagPolicy, accountID).Content; got != want {
		w.Errorf("effective policy of %s = %s, want %s", accountID, got, want)
	}
}

func TestEffectivePolicyFollowsTreeAndAttachments(t *testing.T) {
	w := organized(t)
	dev := w.unit(w.org.RootID, "Dev")
	inner := w.unit(dev, "Inner")
	a := w.account("a@example.com")
	w.refused(org.CodeEffectivePolicyNotFound, "", w.describingEffective(tagPolicy, a))
	w.refused(org.CodePolicyTypeNotEnabled, "", w.attaching(w.policy(tagPolicy, "early", tagging("@@assign", "x")), a))
	w.enable(tagPolicy)
	w.refused(org.CodeEffectivePolicyNotFound, "", w.describingEffective(tagPolicy, a))

	w.attach(w.policy(tagPolicy, "root", tagging("@@assign", "red")), w.org.RootID)
	w.attach(w.policy(tagPolicy, "dev", tagging("@@append", "green")), dev)
	w.attach(w.policy(tagPolicy, "inner", tagging("@@append", "blue")), inner)
	w.attach(w.policy(tagPolicy, "own", tagging("@@remove", "red")), a)
	w.checkTeam(management, "red")
	w.must(w.moving(a, w.org.RootID, dev))
	w.checkTeam(a, "green")
	w.must(w.moving(a, dev, inner))
	w.checkTeam(a, "green", "blue")

	for _, c := range []struct {
		target, reason string
		code           org.Code
	}{
		{w.org.RootID, org.ReasonTargetNotSupported, org.CodeInvalidInput},
		{inner, org.ReasonTargetNotSupported, org.CodeInvalidInput},
		{stranger, "", org.CodeTargetNotFound},
		{"ou-none-00000000", "", org.CodeTargetNotFound},
	} {
		w.refused(c.code, c.reason, w.describingEffective(tagPolicy, c.target))
	}
	w.refused(org.CodeInvalidInput, org.ReasonInvalidPolicyType, w.describingEffective(scp, a))

	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.DisablePolicyType(ctx, tx, w.org, w.org.RootID, tagPolicy)
	})
	w.refused(org.CodeEffectivePolicyNotFound, "", w.describingEffective(tagPolicy, a))
	w.enable(tagPolicy)
	w.refused(org.CodeEffectivePolicyNotFound, "", w.describingEffective(tagPolicy, a))
}

func TestFirstAttachedCounts(t *testing.T) {
	w := organized(t)
	w.enable(tagPolicy)
	var ids []string
	for _, value := range []string{"one", "two", "three"} {
		ids = append(ids, w.policy(tagPolicy, value, tagging("@@assign", value)))
	}
	// Whatever the order of the ids, that of the attachments counts.
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}} {
		for _, i := range order {
			w.attach(ids[i], w.org.RootID)
		}
		w.checkTeam(management, []string{"one", "two", "three"}[order[0]])
		w.must(w.detaching(ids[order[0]], w.org.RootID))
		w.checkTeam(management, []string{"one", "two", "three"}[order[1]])
		w.attach(ids[order[0]], w.org.RootID)
		w.checkTeam(management, []string{"one", "two", "three"}[order[1]])
		for _, id := range ids {
			w.must(w.detaching(id, w.org.RootID))
		}
	}
}

func TestEffectivePolicyHasTheTimeOfItsLastChange(t *testing.T) {
	w := organized(t)
	w.enable(tagPolicy)
	check := func(what string) {
		t.Helper()
		if got := w.effective(tagPolicy, management).UpdatedAt; !got.Equal(w.now) {
			t.Errorf("%s: updated at %v, want %v", what, got, w.now)
		}
		w.now = w.now.Add(time.Hour)
	}
	id := w.policy(tagPolicy, "p", tagging("@@assign", "x"))
	w.now = w.now.Add(time.Hour)
	w.attach(id, w.org.RootID)
	check("attached")
	w.must(w.updatingPolicy(id, org.PolicyChange{Content: new(tagging("@@assign", "y"))}))
	check("changed")
	w.attach(w.policy(tagPolicy, "q", tagging("@@append", "z")), management)
	check("attached further down")
}

func TestQuotasOfManagementPolicies(t *testing.T) {
	w := organized(t)
	for policyType, c := range map[string]struct {
		size, attached int
		document       func(text string) string
	}{
		tagPolicy:                   {10000, 10, func(s string) string { return `{"tags":{}` + s + `}` }},
		mgmt.AIServicesOptOutPolicy: {2500, 5, func(s string) string { return `{"services":{}` + s + `}` }},
		mgmt.UpgradeRolloutPolicy:   {5120, 10, func(s string) string { return `{"upgrade_rollout":{}` + s + `}` }},
		mgmt.ChatbotPolicy:          {10000, 5, func(s string) string { return `{"chatbot":{}` + s + `}` }},
	} {
		sized := func(n int) string { return c.document(strings.Repeat(" ", n-len(c.document("")))) }
		w.enable(policyType)
		w.must(w.creatingPolicy(policyType, "as long as can be", sized(c.size)))
		w.refused(org.CodeConstraintViolation, org.ReasonPolicyContent, w.creatingPolicy(policyType, "longer", sized(c.size+1)))
		for i := range c.attached {
			w.attach(w.policy(policyType, fmt.Sprint(i), c.document("")), management)
		}
		w.refused(org.CodeConstraintViolation, org.ReasonMaxAttachments, w.attaching(w.policy(policyType, "more", c.document("")), management))
	}
}

// Every management type can be enabled, and accounts and OUs that come later carry nothing.
func TestManagementTypesHaveNoDefaults(t *testing.T) {
	w := organized(t)
	for _, name := range mgmt.Names() {
		w.enable(name)
	}
	unit, account := w.unit(w.org.RootID, "Dev"), w.account("a@example.com")
	for _, name := range mgmt.Names() {
		for _, target := range []string{w.org.RootID, unit, account} {
			if got := w.attached(name, target); len(got) != 0 {
				t.Errorf("%s on %s: %v", name, target, got)
			}
		}
	}
	var types []org.PolicyTypeStatus
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		types, err = org.EnabledPolicyTypes(ctx, tx, w.org)
		return err
	})
	if len(types) != len(mgmt.Names()) {
		t.Errorf("enabled types = %v", types)
	}
}

func (w *world) invalid(policyType string, p org.Page) (ids []string, next string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		accounts, cursor, err := org.ListAccountsWithInvalidEffectivePolicy(ctx, tx, w.org, policyType, p)
		for _, a := range accounts {
			ids = append(ids, a.ID)
		}
		next = cursor
		return err
	})
	return ids, next
}

func TestAccountsWithInvalidEffectivePolicies(t *testing.T) {
	w := organized(t)
	w.refused(org.CodeEffectivePolicyNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		_, _, err := org.ListAccountsWithInvalidEffectivePolicy(ctx, tx, w.org, hubPolicy, org.Page{Limit: 5})
		return err
	})
	w.enable(hubPolicy)
	dev := w.unit(w.org.RootID, "Dev")
	var inDev []string
	for i := range 5 {
		id := w.account(fmt.Sprintf("dev%d@example.com", i))
		w.must(w.moving(id, w.org.RootID, dev))
		inDev = append(inDev, id)
	}
	outside := w.account("outside@example.com")
	if got, next := w.invalid(hubPolicy, org.Page{Limit: 20}); len(got) != 0 || next != "" {
		t.Errorf("without policies: %v, %q", got, next)
	}
	half, other := w.policy(hubPolicy, "half", halfHub), w.policy(hubPolicy, "other", otherHub)
	w.attach(half, dev)
	w.attach(half, outside)
	w.attach(other, inDev[2])
	want := slices.Concat(inDev[:2], inDev[3:], []string{outside})
	slices.Sort(want)
	if got, next := w.invalid(hubPolicy, org.Page{Limit: 20}); !slices.Equal(got, want) || next != "" {
		t.Errorf("invalid = %v, %q, want %v", got, next, want)
	}
	var all []string
	for p := (org.Page{Limit: 2}); ; {
		got, next := w.invalid(hubPolicy, p)
		if all = append(all, got...); next == "" {
			break
		}
		if p.After = next; len(got) != 2 {
			t.Errorf("page %v", got)
		}
	}
	if !slices.Equal(all, want) {
		t.Errorf("in pages: %v, want %v", all, want)
	}
	w.attach(other, w.org.RootID)
	// What mends the others is only half for the management account.
	if got, _ := w.invalid(hubPolicy, org.Page{Limit: 20}); !slices.Equal(got, []string{management}) {
		t.Errorf("mended at the root: %v", got)
	}
}

func TestErrorsOfAnEffectivePolicy(t *testing.T) {
	w := organized(t)
	w.enable(mgmt.BackupPolicy)
	dev := w.unit(w.org.RootID, "Dev")
	a := w.account("a@example.com")
	w.must(w.moving(a, w.org.RootID, dev))
	list := func(accountID string, p org.Page) (out org.EffectiveErrors, next string, err error) {
		err = w.try(func(ctx context.Context, tx *store.Tx) error {
			out, next, err = org.ListEffectivePolicyValidationErrors(ctx, tx, w.org, accountID, mgmt.BackupPolicy, p)
			return err
		})
		return out, next, err
	}
	listing := func(accountID string, p org.Page) step {
		return func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListEffectivePolicyValidationErrors(ctx, tx, w.org, accountID, mgmt.BackupPolicy, p)
			return err
		}
	}
	w.refused(org.CodeAccountNotFound, "", listing(stranger, org.Page{Limit: 2}))
	w.refused(org.CodeEffectivePolicyNotFound, "", listing(a, org.Page{Limit: 2}))
	id := w.policy(mgmt.BackupPolicy, "half", `{"plans":{"P":{"regions":{"@@assign":[]}}}}`)
	w.attach(id, dev)
	w.refused(org.CodeInvalidInput, org.ReasonInvalidNextToken, listing(a, org.Page{Limit: 2, After: "x"}))

	first, next, err := list(a, org.Page{Limit: 2})
	if err != nil || next != "2" || len(first.Problems) != 2 {
		t.Fatalf("first page = %+v, %q, %v", first, next, err)
	}
	if want := w.org.ID + "/" + w.org.RootID + "/" + dev + "/" + a + "/"; first.Path != want || !first.EvaluatedAt.Equal(w.now) {
		t.Errorf("path = %s at %v, want %s", first.Path, first.EvaluatedAt, want)
	}
	second, next, err := list(a, org.Page{Limit: 2, After: next})
	if err != nil || next != "" || len(second.Problems) != 1 {
		t.Fatalf("second page = %+v, %q, %v", second, next, err)
	}
	for _, p := range append(first.Problems, second.Problems...) {
		if !slices.Equal(p.Policies, []string{id}) {
			t.Errorf("problem %+v comes from %v", p, p.Policies)
		}
	}
	if got := second.Problems[0]; got.Path != "plans/p/regions" || got.Code != mgmt.CodeElementsTooFew {
		t.Errorf("last problem = %+v", got)
	}
}
