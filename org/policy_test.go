package org_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

const (
	scp     = org.ServiceControlPolicy
	rcp     = org.ResourceControlPolicy
	fullSCP = "p-FullAWSAccess"
	fullRCP = "p-RCPFullAWSAccess"
)

func (w *world) creatingPolicy(policyType, name, content string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreatePolicy(ctx, tx, w.org, org.Policy{Type: policyType, Name: name, Content: content}, nil)
		return err
	}
}

func (w *world) updatingPolicy(id string, c org.PolicyChange) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.UpdatePolicy(ctx, tx, w.org, id, c)
		return err
	}
}

func (w *world) deletingPolicy(id string) step {
	return func(ctx context.Context, tx *store.Tx) error { return org.DeletePolicy(ctx, tx, w.org, id) }
}

// sized returns a valid service control policy of exactly n characters, one of them outside
// of ASCII.
func sized(n int) string {
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:x":"é`, `"}}}]}`
	return head + strings.Repeat("x", n-len(head)+1-len(tail)) + tail
}

func TestCreatePolicyChecksItsDocument(t *testing.T) {
	w := organized(t)
	for _, c := range []struct{ name, policyType, content, reason string }{
		{"not JSON", scp, `{`, ""},
		{"no statement", scp, `{"Version":"2012-10-17"}`, ""},
		{"principal in an SCP", scp, denyRCP, ""},
		{"unknown effect", scp, `{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}`, ""},
		{"no principal in an RCP", rcp, denyAll, ""},
		{"allow in an RCP", rcp, strings.Replace(denyRCP, "Deny", "Allow", 1), ""},
		{"too long", scp, sized(10241), org.ReasonPolicyContent},
		{"RCP too long", rcp, denyRCP + strings.Repeat(" ", 5121-len(denyRCP)), org.ReasonPolicyContent},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			code := org.CodeMalformedPolicy
			if c.reason != "" {
				code = org.CodeConstraintViolation
			}
			w.refused(code, c.reason, w.creatingPolicy(c.policyType, "n", c.content))
		})
	}
	w.T = t
	w.must(w.creatingPolicy(scp, "as long as can be", sized(10240)))
	w.must(w.creatingPolicy(rcp, "as long as can be", denyRCP+strings.Repeat(" ", 5120-len(denyRCP))))
	w.refused(org.CodeInvalidInput, org.ReasonInvalidPolicyType, w.creatingPolicy("NO_POLICY", "n", "{}"))
}

func TestQuotasFollowTheDate(t *testing.T) {
	w := organized(t)
	w.now = time.Date(2026, time.May, 14, 23, 59, 59, 0, time.UTC)
	w.refused(org.CodeConstraintViolation, org.ReasonPolicyContent, w.creatingPolicy(scp, "n", sized(5121)))
	w.enable(scp)
	for i := range 4 {
		w.attach(w.policy(scp, fmt.Sprint(i), denyAll), w.org.RootID)
	}
	sixth := w.policy(scp, "sixth", denyAll)
	w.refused(org.CodeConstraintViolation, org.ReasonMaxAttachments, w.attaching(sixth, w.org.RootID))

	w.now = w.now.Add(time.Second)
	w.must(w.creatingPolicy(scp, "n", sized(5121)))
	w.attach(sixth, w.org.RootID)
	for i := range 4 {
		w.attach(w.policy(scp, fmt.Sprint("more", i), denyAll), w.org.RootID)
	}
	w.refused(org.CodeConstraintViolation, org.ReasonMaxAttachments, w.attaching(w.policy(scp, "eleventh", denyAll), w.org.RootID))
}

func TestPolicyNamesAndChanges(t *testing.T) {
	w := organized(t)
	first, second := w.policy(scp, "first", denyAll), w.policy(scp, "second", denyAll)
	w.policy(rcp, "first", denyRCP)
	w.refused(org.CodeDuplicatePolicy, "", w.creatingPolicy(scp, "first", denyAll))
	w.refused(org.CodeDuplicatePolicy, "", w.creatingPolicy(scp, "FullAWSAccess", denyAll))
	w.refused(org.CodeDuplicatePolicy, "", w.updatingPolicy(second, org.PolicyChange{Name: new("first")}))
	w.refused(org.CodeMalformedPolicy, "", w.updatingPolicy(second, org.PolicyChange{Content: new("x")}))
	w.refused(org.CodeInvalidInput, org.ReasonImmutablePolicy, w.updatingPolicy(fullSCP, org.PolicyChange{}))
	w.refused(org.CodeInvalidInput, org.ReasonImmutablePolicy, w.deletingPolicy(fullRCP))
	w.refused(org.CodePolicyNotFound, "", w.updatingPolicy("p-00000000", org.PolicyChange{}))

	before := w.db.Revision("org/" + w.org.ID)
	w.must(w.updatingPolicy(first, org.PolicyChange{Description: new("why"), Content: new(allowAll)}))
	if w.db.Revision("org/"+w.org.ID) == before {
		t.Error("caches were not told of new content")
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		p, err := org.DescribePolicy(ctx, tx, w.org, first)
		if p.Name != "first" || p.Description != "why" || p.Content != allowAll || p.AWSManaged {
			t.Errorf("policy = %+v", p)
		}
		if got, want := w.org.PolicyARN(p), "arn:aws:organizations::111111111111:policy/"+w.org.ID+"/service_control_policy/"+first; got != want {
			t.Errorf("ARN = %q, want %q", got, want)
		}
		return err
	})
	w.must(w.deletingPolicy(second))
	w.refused(org.CodePolicyNotFound, "", w.deletingPolicy(second))
}

func TestPolicyNumberLimit(t *testing.T) {
	w := organized(t)
	w.must(func(_ context.Context, tx *store.Tx) error { return tx.AddOrgCount(w.org.ID, "policies/"+rcp, 1999) })
	w.policy(rcp, "the last", denyRCP)
	w.refused(org.CodeConstraintViolation, org.ReasonPolicyNumber, w.creatingPolicy(rcp, "one more", denyRCP))
}

func TestListPoliciesHasAWSOwn(t *testing.T) {
	w := organized(t)
	want := []string{fullSCP}
	for i := range 6 {
		want = append(want, w.policy(scp, fmt.Sprint(i), denyAll))
	}
	w.policy(rcp, "other", denyRCP)
	slices.Sort(want)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		var got []string
		for p := (org.Page{Limit: 2}); ; {
			policies, next, err := org.ListPolicies(ctx, tx, w.org, scp, p)
			if err != nil {
				return err
			}
			for _, policy := range policies {
				got = append(got, policy.ID)
			}
			if p.After = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("policies = %v, want %v", got, want)
		}
		none, next, err := org.ListPolicies(ctx, tx, w.org, "TAG_POLICY", org.Page{Limit: 2})
		if len(none) != 0 || next != "" {
			t.Errorf("tag policies = %v", none)
		}
		return err
	})
}

func TestAttachments(t *testing.T) {
	w := organized(t)
	root := w.org.RootID
	deny := w.policy(scp, "deny", denyAll)
	w.refused(org.CodePolicyTypeNotEnabled, "", w.attaching(deny, root))
	w.refused(org.CodePolicyNotAttached, "", w.detaching(fullSCP, root))
	w.enable(scp)
	w.refused(org.CodePolicyNotFound, "", w.attaching("p-00000000", root))
	w.refused(org.CodeTargetNotFound, "", w.attaching(deny, "ou-none-00000000"))
	w.refused(org.CodeTargetNotFound, "", w.attaching(deny, stranger))
	w.refused(org.CodePolicyNotAttached, "", w.detaching(deny, root))
	w.refused(org.CodeDuplicateAttachment, "", w.attaching(fullSCP, root))
	w.refused(org.CodeConstraintViolation, org.ReasonMinAttachments, w.detaching(fullSCP, root))

	w.attach(deny, root)
	w.refused(org.CodePolicyInUse, "", w.deletingPolicy(deny))
	w.must(w.detaching(fullSCP, root))
	w.refused(org.CodeConstraintViolation, org.ReasonMinAttachments, w.detaching(deny, root))
	w.attach(fullSCP, root)
	w.must(w.detaching(deny, root))
	if got := w.attached(scp, root); !slices.Equal(got, []string{fullSCP}) {
		t.Errorf("attached = %v", got)
	}
	w.must(w.deletingPolicy(deny))
}

func TestPolicyTypeBringsAndTakesAttachments(t *testing.T) {
	w := organized(t)
	root := w.org.RootID
	dev, member := w.unit(root, "Dev"), w.account("a@example.com")
	nodes := []string{root, dev, member, management}
	check := func(when, policyType string, want ...string) {
		t.Helper()
		for _, n := range nodes {
			if got := w.attached(policyType, n); !slices.Equal(got, want) {
				t.Errorf("%s: attached to %s = %v, want %v", when, n, got, want)
			}
		}
	}
	check("at first", scp)
	w.enable(scp)
	check("enabled", scp, fullSCP)
	w.refused(org.CodePolicyTypeAlreadyEnabled, "", func(ctx context.Context, tx *store.Tx) error {
		return org.EnablePolicyType(ctx, tx, w.org, root, scp)
	})
	w.enable(rcp)
	check("enabled", rcp, fullRCP)
	nodes = append(nodes, w.unit(dev, "New"), w.account("b@example.com"))
	check("new nodes", scp, fullSCP)
	check("new nodes", rcp, fullRCP)
	for _, n := range nodes {
		w.refused(org.CodeInvalidInput, org.ReasonNonDetachablePolicy, w.detaching(fullRCP, n))
	}
	deny := w.policy(scp, "deny", denyAll)
	w.attach(deny, dev)
	disabling := func(ctx context.Context, tx *store.Tx) error { return org.DisablePolicyType(ctx, tx, w.org, root, scp) }
	w.must(disabling)
	check("disabled", scp)
	check("the other type", rcp, fullRCP)
	w.refused(org.CodePolicyTypeNotEnabled, "", disabling)
	w.must(w.deletingPolicy(deny))
	w.enable(scp)
	check("enabled again", scp, fullSCP)
	for _, enabling := range []bool{true, false} {
		w.refused(org.CodeRootNotFound, "", func(ctx context.Context, tx *store.Tx) error {
			if enabling {
				return org.EnablePolicyType(ctx, tx, w.org, "r-none", scp)
			}
			return org.DisablePolicyType(ctx, tx, w.org, "r-none", scp)
		})
	}
	w.refused(org.CodeInvalidInput, org.ReasonInvalidPolicyType, func(ctx context.Context, tx *store.Tx) error {
		return org.EnablePolicyType(ctx, tx, w.org, root, "NO_POLICY")
	})
}

func TestListTargetsForPolicy(t *testing.T) {
	w := organized(t)
	w.enable(scp)
	dev := w.unit(w.org.RootID, "Dev")
	want := []org.Target{
		{ID: management, Kind: org.KindAccount, Name: "Name"},
		{ID: dev, Kind: org.KindUnit, Name: "Dev"},
		{ID: w.org.RootID, Kind: org.KindRoot, Name: "Root"},
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		var got []org.Target
		for p := (org.Page{Limit: 1}); ; {
			targets, next, err := org.ListTargetsForPolicy(ctx, tx, w.org, fullSCP, p)
			if err != nil {
				return err
			}
			got = append(got, targets...)
			if p.After = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("targets = %+v, want %+v", got, want)
		}
		return nil
	})
	w.refused(org.CodePolicyNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		_, _, err := org.ListTargetsForPolicy(ctx, tx, w.org, "p-00000000", org.Page{Limit: 1})
		return err
	})
}

func TestPolicyLevels(t *testing.T) {
	w := organized(t)
	root := w.org.RootID
	dev, member := w.unit(root, "Dev"), w.account("a@example.com")
	w.must(w.moving(member, root, dev))
	levels := func(account string) (out []string, enabled bool) {
		m := w.membership(account)
		w.must(func(ctx context.Context, tx *store.Tx) error {
			all, on, err := org.PolicyLevels(ctx, tx, m, scp)
			enabled = on
			for _, l := range all {
				line := l.Kind + " " + l.TargetID + ":"
				for _, p := range l.Policies {
					line += fmt.Sprintf(" %s=%s,%t,%d", p.Name, p.ARN, p.AWSManaged, len(p.Content))
				}
				out = append(out, line)
			}
			return err
		})
		return out, enabled
	}
	if got, enabled := levels(member); enabled || got != nil {
		t.Errorf("levels before the type is enabled = %v, %v", got, enabled)
	}
	w.enable(scp)
	deny := w.policy(scp, "Deny", denyAll)
	w.attach(deny, dev)
	w.must(w.detaching(fullSCP, dev))
	full := fmt.Sprintf(" FullAWSAccess=arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess,true,%d", len(allowAll))
	want := []string{
		"ROOT " + root + ":" + full,
		fmt.Sprintf("ORGANIZATIONAL_UNIT %s: Deny=arn:aws:organizations::111111111111:policy/%s/service_control_policy/%s,false,%d", dev, w.org.ID, deny, len(denyAll)),
		"ACCOUNT " + member + ":" + full,
	}
	if got, enabled := levels(member); !enabled || !slices.Equal(got, want) {
		t.Errorf("levels = %v, %q\nwant %q", enabled, got, want)
	}
	if got, enabled := levels(stranger); enabled || got != nil {
		t.Errorf("levels of a standalone account = %v, %v", got, enabled)
	}
}
