package org_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

const tagPolicyType = "TAG_POLICY"

const teamPolicy = `{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red","blue*"]},
	"enforced_for":{"@@assign":["organizations:account","organizations:ou","organizations:policy"]}}}}`

// TestTagPolicyIsEnforced tags each kind of resource, when it is made and later.
func TestTagPolicyIsEnforced(t *testing.T) {
	w := organized(t)
	root, member := w.org.RootID, w.account("a@example.com")
	unit, policy := w.unit(root, "Dev"), w.policy(org.ServiceControlPolicy, "n", denyAll)
	green := org.Tag{Key: "Team", Value: "green"}
	w.must(w.tagging(member, green))

	w.enable(tagPolicyType)
	id := w.policy(tagPolicyType, "teams", teamPolicy)
	w.must(w.tagging(member, green))
	w.attach(id, root)

	for _, bad := range []org.Tag{green, {Key: "team", Value: "red"}, {Key: "Team"}} {
		for _, target := range []string{member, management, unit, policy} {
			w.refused(org.CodeConstraintViolation, org.ReasonTagPolicy, w.tagging(target, bad))
		}
		w.refused(org.CodeConstraintViolation, org.ReasonTagPolicy, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: "z@example.com", Tags: []org.Tag{bad}})
			return err
		})
		w.refused(org.CodeConstraintViolation, org.ReasonTagPolicy, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateOrganizationalUnit(ctx, tx, w.org, root, "m", []org.Tag{bad})
			return err
		})
		w.refused(org.CodeConstraintViolation, org.ReasonTagPolicy, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreatePolicy(ctx, tx, w.org, org.Policy{Type: org.ServiceControlPolicy, Name: "m", Content: denyAll}, []org.Tag{bad})
			return err
		})
		// The root is not among the types that the policy names.
		w.must(w.tagging(root, bad))
	}
	w.must(w.tagging(unit, org.Tag{Key: "Team", Value: "blueish"}, org.Tag{Key: "other", Value: "x"}))
	// Removing is never refused, nor is adding beside what does not comply.
	w.must(w.tagging(member, org.Tag{Key: "other", Value: "x"}))
	w.must(w.untagging(member, "Team"))

	w.must(w.detaching(id, root))
	w.must(w.tagging(unit, green))
}

func TestTagTypes(t *testing.T) {
	for id, want := range map[string]string{
		"111111111111": org.TypeAccount, "r-abcd": org.TypeRoot, "ou-abcd-12345678": org.TypeUnit,
		"p-12345678": org.TypePolicy, "rp-1234": org.TypeResourcePolicy, "rt-12345678": org.TypeTransfer,
	} {
		if got := org.TagType(id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}

// TestTagPolicyOfTheManagementAccountCounts attaches the policy where it reaches a member
// only: the organization's resources belong to the management account.
func TestTagPolicyOfTheManagementAccountCounts(t *testing.T) {
	w := organized(t)
	member := w.account("a@example.com")
	w.enable(tagPolicyType)
	w.attach(w.policy(tagPolicyType, "teams", teamPolicy), member)
	w.must(w.tagging(member, org.Tag{Key: "Team", Value: "green"}))

	w.must(func(ctx context.Context, tx *store.Tx) error {
		rules, err := org.TagRules(ctx, tx, member)
		if err == nil && rules.Allows(org.TypeAccount, "Team", "green") {
			t.Error("the member's own rules allow anything")
		}
		none, err2 := org.TagRules(ctx, tx, management)
		if none != nil {
			t.Errorf("rules of the management account: %+v", none)
		}
		if err == nil {
			err = err2
		}
		return err
	})
}
