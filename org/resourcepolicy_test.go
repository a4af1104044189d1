package org_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// delegating is a resource policy with one statement that has these elements besides.
func delegating(elements string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + elements + `}]}`
}

func (w *world) putting(content string, tags []org.Tag, p *org.ResourcePolicy) step {
	return func(ctx context.Context, tx *store.Tx) error {
		got, err := org.PutResourcePolicy(ctx, tx, w.org, content, tags)
		if err == nil {
			*p = got
		}
		return err
	}
}

func TestResourcePolicyLife(t *testing.T) {
	w := organized(t)
	describing := func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DescribeResourcePolicy(ctx, tx, w.org)
		return err
	}
	deleting := func(ctx context.Context, tx *store.Tx) error { return org.DeleteResourcePolicy(ctx, tx, w.org) }
	w.refused(org.CodeResourcePolicyNotFound, "", describing)
	w.refused(org.CodeResourcePolicyNotFound, "", deleting)
	read := delegating(`"Principal":{"AWS":"222222222222"},"Action":"organizations:ListRoots","Resource":"*"`)
	write := delegating(`"Principal":"*","Action":"organizations:TagResource","Resource":"*"`)
	tags := []org.Tag{{Key: "k", Value: "v"}}
	var first, second, third org.ResourcePolicy
	w.must(w.putting(read, tags, &first))
	if first.Content != read || !strings.HasPrefix(first.ARN(w.org), "arn:aws:organizations::111111111111:resourcepolicy/"+w.org.ID+"/rp-") {
		t.Errorf("policy = %+v, ARN %s", first, first.ARN(w.org))
	}
	w.refused(org.CodeInvalidInput, org.ReasonResourcePolicyTags, w.putting(write, tags, &second))
	w.must(w.putting(write, nil, &second))
	if second.ID != first.ID || second.Content != write || !second.CreatedAt.Equal(first.CreatedAt) {
		t.Errorf("replaced: %+v, was %+v", second, first)
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		have, err := org.ListTagsForResource(ctx, tx, w.org, first.ID)
		if len(have) != 1 || have[0] != tags[0] {
			t.Errorf("tags = %v", have)
		}
		return err
	})
	w.must(deleting)
	w.refused(org.CodeResourcePolicyNotFound, "", describing)
	w.refused(org.CodeTargetNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		return org.TagResource(ctx, tx, w.org, first.ID, tags)
	})
	w.must(w.putting(read, nil, &third))
	if third.ID == first.ID {
		t.Error("a new policy has the id of the old one")
	}
	w.must(func(_ context.Context, tx *store.Tx) error {
		left, err := tx.OrgTags(w.org.ID, first.ID)
		if len(left) > 0 {
			t.Errorf("tags left: %v", left)
		}
		return err
	})
}

func TestResourcePolicyContent(t *testing.T) {
	w := organized(t)
	const who, what, where = `"Principal":{"AWS":"arn:aws:iam::222222222222:root"}`, `"Action":"organizations:ListRoots"`, `"Resource":"*"`
	for i, c := range []struct{ content, reason string }{
		{delegating(who + "," + what + "," + where), ""},
		{delegating(who + `,"Action":["organizations:Describe*","organizations:List*","organizations:CreatePolicy","ORGANIZATIONS:attachpolicy"],` + where), ""},
		{delegating(who + "," + what + `,"Resource":"arn:aws:organizations::111111111111:ou/o-x/*"`), ""},
		{"no policy", org.ReasonResourcePolicyJSON},
		{"{}", org.ReasonResourcePolicyJSON},
		{delegating(what + "," + where), org.ReasonResourcePolicyJSON},
		{delegating(`"Principal":{"Service":"x.amazonaws.com"},` + what + "," + where), org.ReasonInvalidPrincipal},
		{`{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"222222222222"},` + what + "," + where + "}}", org.ReasonInvalidPrincipal},
		{delegating(who + `,"Action":"*",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + `,"Action":"organizations:*",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + `,"Action":"organizations:Create*",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + `,"Action":"organizations:?ist*",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + `,"Action":"organizations:CreateAccount",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + `,"Action":"iam:ListUsers",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + `,"NotAction":"organizations:CreateAccount",` + where), org.ReasonResourcePolicyAction},
		{delegating(who + "," + what + `,"Resource":"arn:aws:s3:::x"`), org.ReasonResourcePolicyResource},
	} {
		t.Run(fmt.Sprint(i), func(*testing.T) {
			var p org.ResourcePolicy
			if c.reason == "" {
				w.must(w.putting(c.content, nil, &p))
				return
			}
			w.refused(org.CodeInvalidInput, c.reason, w.putting(c.content, nil, &p))
		})
	}
}

func TestResourcePolicyNeedsAllFeatures(t *testing.T) {
	w, _, _, _ := billing(t)
	var p org.ResourcePolicy
	w.refused(org.CodeConstraintViolation, org.ReasonAllFeaturesNeeded,
		w.putting(delegating(`"Principal":"*","Action":"organizations:ListRoots","Resource":"*"`), nil, &p))
}
