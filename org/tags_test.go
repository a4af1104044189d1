package org_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

func (w *world) tagging(id string, tags ...org.Tag) step {
	return func(ctx context.Context, tx *store.Tx) error { return org.TagResource(ctx, tx, w.org, id, tags) }
}

func (w *world) untagging(id string, keys ...string) step {
	return func(ctx context.Context, tx *store.Tx) error { return org.UntagResource(ctx, tx, w.org, id, keys) }
}

func TestTagsOnEveryKindOfResource(t *testing.T) {
	w := organized(t)
	for _, id := range []string{
		w.org.RootID, w.unit(w.org.RootID, "Dev"), w.account("a@example.com"), management, w.policy(org.ServiceControlPolicy, "n", denyAll),
	} {
		w.must(w.tagging(id, org.Tag{Key: "b", Value: "1"}, org.Tag{Key: "c", Value: "3"}))
		w.must(w.tagging(id, org.Tag{Key: "B", Value: ""}))
		w.must(w.tagging(id, org.Tag{Key: "b", Value: "é 2"}))
		w.must(w.untagging(id, "c", "not there"))
		w.must(func(ctx context.Context, tx *store.Tx) error {
			got, err := org.ListTagsForResource(ctx, tx, w.org, id)
			if want := []org.Tag{{Key: "B"}, {Key: "b", Value: "é 2"}}; !slices.Equal(got, want) {
				t.Errorf("tags of %s = %v, want %v", id, got, want)
			}
			return err
		})
	}
}

func TestTagRules(t *testing.T) {
	w := organized(t)
	root := w.org.RootID
	fifty := make([]org.Tag, 50)
	for i := range fifty {
		fifty[i] = org.Tag{Key: fmt.Sprint(i)}
	}
	w.must(w.tagging(root, fifty...))
	w.must(w.tagging(root, org.Tag{Key: "0", Value: "new"}))
	for _, c := range []struct {
		name   string
		code   org.Code
		reason string
		fn     step
	}{
		{"one too many", org.CodeConstraintViolation, org.ReasonMaxTags, w.tagging(root, org.Tag{Key: "x"})},
		{"51 at once", org.CodeConstraintViolation, org.ReasonMaxTags, w.tagging(management, append(slices.Clone(fifty), org.Tag{Key: "x"})...)},
		{"system tag", org.CodeInvalidInput, org.ReasonSystemTag, w.tagging(root, org.Tag{Key: "AWS:x"})},
		{"removing a system tag", org.CodeInvalidInput, org.ReasonSystemTag, w.untagging(root, "aws:x")},
		{"twice", org.CodeInvalidInput, org.ReasonDuplicateTagKey, w.tagging(root, org.Tag{Key: "x"}, org.Tag{Key: "x"})},
		{"twice but for the letter case", org.CodeInvalidInput, org.ReasonDuplicateTagKey, w.tagging(root, org.Tag{Key: "x"}, org.Tag{Key: "X"})},
		{"no key", org.CodeInvalidInput, org.ReasonInvalidPattern, w.tagging(root, org.Tag{})},
		{"long key", org.CodeInvalidInput, org.ReasonInvalidPattern, w.tagging(root, org.Tag{Key: strings.Repeat("é", 129)})},
		{"long value", org.CodeInvalidInput, org.ReasonInvalidPattern, w.tagging(root, org.Tag{Key: "0", Value: strings.Repeat("x", 257)})},
		{"strange value", org.CodeInvalidInput, org.ReasonInvalidPattern, w.tagging(root, org.Tag{Key: "0", Value: "a*b"})},
		{"AWS policy", org.CodeInvalidInput, org.ReasonTargetNotSupported, w.tagging("p-FullAWSAccess", org.Tag{Key: "x"})},
		{"unknown policy", org.CodeTargetNotFound, "", w.tagging("p-00000000", org.Tag{Key: "x"})},
		{"unknown account", org.CodeTargetNotFound, "", w.untagging(stranger, "x")},
		{"new unit", org.CodeInvalidInput, org.ReasonSystemTag, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateOrganizationalUnit(ctx, tx, w.org, root, "n", []org.Tag{{Key: "aws:x"}})
			return err
		}},
		{"new policy", org.CodeInvalidInput, org.ReasonSystemTag, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreatePolicy(ctx, tx, w.org, org.Policy{Type: org.ServiceControlPolicy, Name: "n", Content: denyAll}, []org.Tag{{Key: "aws:x"}})
			return err
		}},
		{"new account", org.CodeInvalidInput, org.ReasonSystemTag, func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: "z@example.com", Tags: []org.Tag{{Key: "aws:x"}}})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) { w.T = t; w.refused(c.code, c.reason, c.fn) })
	}
}
