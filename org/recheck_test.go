package org_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// half is a backup policy that lacks two keys; empty lacks nothing.
const (
	backups = "BACKUP_POLICY"
	half    = `{"plans":{"P":{"regions":{"@@assign":["eu-west-1"]}}}}`
	empty   = `{"plans":{}}`
)

// verdicts does all the rechecks that wait, in steps of a limit, and tells what has changed.
func (w *world) verdicts(limit int) []string {
	w.Helper()
	var out []string
	for range 1000 {
		looked := 0
		w.must(func(ctx context.Context, tx *store.Tx) error {
			changed, n, err := org.RecheckEffectivePolicies(ctx, tx, limit)
			looked = n
			for _, v := range changed {
				out = append(out, fmt.Sprintf("%s %s %d %s", v.AccountID, v.PolicyType, len(v.Problems), strings.TrimPrefix(v.Path, w.org.ID)))
			}
			if n > limit+1 {
				w.Errorf("a step of %d looked at %d", limit, n)
			}
			return err
		})
		if looked < limit {
			return out
		}
	}
	w.Fatal("it never ends")
	return nil
}

func (w *world) tells(what string, limit int, want ...string) {
	w.Helper()
	got := w.verdicts(limit)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// Whatever change makes an effective policy invalid or valid again is told of, once, however
// small the steps are.
func TestRechecks(t *testing.T) {
	for _, limit := range []int{1, 2, 1000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) { testRechecks(t, limit) })
	}
}

func testRechecks(t *testing.T, limit int) {
	w := organized(t)
	w.enable(backups)
	w.enable(org.ServiceControlPolicy)
	top := w.unit(w.org.RootID, "Top")
	below := w.unit(top, "Below")
	bad := w.policy(backups, "bad", half)
	one, two := w.account("one@example.com"), w.account("two@example.com")
	content := func(text string) step {
		return func(ctx context.Context, tx *store.Tx) error {
			_, err := org.UpdatePolicy(ctx, tx, w.org, bad, org.PolicyChange{Content: new(text)})
			return err
		}
	}
	verdict := func(problems int, nodes ...string) string {
		return fmt.Sprintf("%s %s %d /%s/%s/", nodes[len(nodes)-1], backups, problems, w.org.RootID, strings.Join(nodes, "/"))
	}
	w.must(w.moving(two, w.org.RootID, below))
	w.tells("nothing attached", limit)
	w.must(w.attaching(bad, top))
	w.tells("attached to an OU", limit, verdict(2, top, below, two))
	w.tells("nothing new", limit)
	w.must(w.moving(one, w.org.RootID, top))
	w.tells("moved under it", limit, verdict(2, top, one))
	w.must(w.moving(one, top, w.org.RootID))
	w.tells("moved away", limit, verdict(0, one))
	w.must(w.attaching(bad, one))
	w.tells("attached to an account", limit, verdict(2, one))
	w.must(content(empty))
	w.tells("mended", limit, verdict(0, one), verdict(0, top, below, two))
	w.must(content(half))
	w.tells("broken again", limit, verdict(2, one), verdict(2, top, below, two))
	w.must(w.detaching(bad, one))
	w.tells("detached", limit, verdict(0, one))
	w.must(w.attaching(w.policy(org.ServiceControlPolicy, "scp", allowAll), w.org.RootID))
	w.tells("another kind of policy", limit)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.DisablePolicyType(ctx, tx, w.org, w.org.RootID, backups)
	})
	w.tells("disabled", limit, verdict(0, top, below, two))
	w.must(func(_ context.Context, tx *store.Tx) error {
		_, found, err := tx.OldestOrgRecheck()
		if found {
			t.Error("something waits still")
		}
		return err
	})
}

// An account that leaves is forgotten without a word; one that joins under a root with an
// invalid policy is told of.
func TestRechecksOfThoseWhoComeAndGo(t *testing.T) {
	w := organized(t)
	w.enable(backups)
	w.attach(w.policy(backups, "bad", half), w.org.RootID)
	place := func(id string) string { return fmt.Sprintf("%s %s 2 /%s/%s/", id, backups, w.org.RootID, id) }
	w.tells("the management account", 10, place(management))
	id := w.account("one@example.com")
	w.tells("a new account", 10, place(id))
	w.now = w.now.Add(30 * 24 * time.Hour)
	w.must(w.removing(id))
	w.must(func(_ context.Context, tx *store.Tx) error {
		left, err := tx.OrgInvalidPolicies(w.org.ID, backups, []string{id})
		if len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		return err
	})
	w.tells("gone", 10)
}
