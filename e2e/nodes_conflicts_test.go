package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// TestNodesInConflict lets two nodes do what excludes each other at the same time. What comes
// out must be what some order of the calls, one after the other, would have come to, and each
// call must have been told what it did in that order.
func TestNodesInConflict(t *testing.T) {
	t.Parallel()
	all := nodes(t, 2, pgtest.Database(t), "--account-limit", "6")
	w := organize(t, all[0])
	t.Run("move one account to and fro", func(t *testing.T) { moveAtOnce(t, w, all) })
	t.Run("attach one policy many times", func(t *testing.T) { attachAtOnce(t, w, all) })
	t.Run("create accounts up to the quota", func(t *testing.T) { createAtOnce(t, w, all) })
	t.Run("make keys up to the quota", func(t *testing.T) { keysAtOnce(t, w, all) })
	t.Run("delete what is being filled", func(t *testing.T) { fillAndDelete(t, w, all) })
}

// atOnce does something several times at each node and returns the answers.
func atOnce(all []*server, times int, do func(s *server, n int) error) []error {
	var running sync.WaitGroup
	out := make([]error, times*len(all))
	for i := range out {
		running.Go(func() { out[i] = do(all[i%len(all)], i) })
	}
	running.Wait()
	return out
}

// tally counts answers by their code; success has none. An answer that asks to try again
// says that nothing happened.
func tally(t *testing.T, answers []error, expected ...string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, err := range answers {
		c := code(err)
		if err != nil && (c == "" || !slices.Contains(expected, c)) {
			t.Errorf("unexpected answer: %v", err)
		}
		out[c]++
	}
	return out
}

func moveAtOnce(t *testing.T, w *world, all []*server) {
	ctx := context.Background()
	places := []string{w.rootID, w.unit(t, w.rootID, "A"), w.unit(t, w.rootID, "B"), w.unit(t, w.rootID, "C")}
	account := w.account(t, w.rootID, "Wanderer", "")
	type step struct{ from, to string }
	var mu sync.Mutex
	var taken []step
	answers := atOnce(all, 40, func(s *server, _ int) error {
		from, to := rand.N(len(places)), rand.N(len(places)-1)
		if to >= from {
			to++
		}
		_, err := w.admin.at(s).organizations().MoveAccount(ctx, &organizations.MoveAccountInput{
			AccountId: &account, SourceParentId: &places[from], DestinationParentId: &places[to],
		})
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			taken = append(taken, step{places[from], places[to]})
		}
		return err
	})
	got := tally(t, answers, "AccountNotFoundException", "SourceParentNotFoundException", "DuplicateAccountException", "ConcurrentModificationException")
	// The moves that were answered are the steps of one walk that begins at the root: each place
	// is left as often as it is reached, but for the first and the last.
	balance := map[string]int{w.rootID: 1}
	for _, s := range taken {
		balance[s.from]--
		balance[s.to]++
	}
	end := ""
	for place, n := range balance {
		if n == 1 && end == "" {
			end = place
		} else if n != 0 {
			t.Errorf("the place %s is reached %d times more than it is left", place, n)
		}
	}
	parents, err := w.admin.organizations().ListParents(ctx, &organizations.ListParentsInput{ChildId: &account})
	must(t, err)
	if len(parents.Parents) != 1 || *parents.Parents[0].Id != end {
		t.Errorf("the account is in %v, the walk ends in %s", parents.Parents, end)
	}
	t.Logf("answers %v", got)
}

func attachAtOnce(t *testing.T, w *world, all []*server) {
	ctx := context.Background()
	unit := w.unit(t, w.rootID, "Attached")
	// An OU takes ten policies, and has FullAWSAccess already: of twelve more nine fit.
	const fit = 10
	var policies []string
	for i := range fit + 2 {
		policies = append(policies, w.scp(t, fmt.Sprint("P", i), deny("s3:*", "*")))
	}
	answers := atOnce(all, 36, func(s *server, n int) error {
		_, err := w.admin.at(s).organizations().AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policies[n%len(policies)], TargetId: &unit})
		return err
	})
	got := tally(t, answers, "DuplicatePolicyAttachmentException", "ConstraintViolationException", "ConcurrentModificationException")
	out, err := w.admin.organizations().ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: &unit, Filter: orgtypes.PolicyTypeServiceControlPolicy})
	must(t, err)
	if len(out.Policies) != fit || got[""] != fit-1 {
		t.Errorf("%d policies are attached, answers %v", len(out.Policies), got)
	}
	t.Logf("answers %v", got)
}

func createAtOnce(t *testing.T, w *world, all []*server) {
	ctx := context.Background()
	k := &killer{world: w}
	k.admin = w.admin
	before := len(k.allAccounts(t))
	answers := atOnce(all, 6, func(s *server, n int) error {
		name := fmt.Sprint("Crowd", n)
		_, err := w.admin.at(s).organizations().CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@example.com")})
		return err
	})
	got := tally(t, answers, "ConstraintViolationException", "ConcurrentModificationException")
	states := map[orgtypes.CreateAccountState]int{}
	for _, r := range k.requests(t) {
		states[r.State]++
	}
	if n := len(k.allAccounts(t)); n != 6 {
		t.Errorf("%d accounts after %d, answers %v, requests %v", n, before, got, states)
	}
	t.Logf("answers %v, requests %v", got, states)
}

func keysAtOnce(t *testing.T, w *world, all []*server) {
	ctx := context.Background()
	_, err := w.admin.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("keyring")})
	must(t, err)
	answers := atOnce(all, 8, func(s *server, _ int) error {
		_, err := w.admin.at(s).iam().CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("keyring")})
		return err
	})
	got := tally(t, answers, "LimitExceeded", "ConcurrentModification")
	out, err := w.admin.iam().ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("keyring")})
	must(t, err)
	if len(out.AccessKeyMetadata) != 2 || got[""] != 2 {
		t.Errorf("%d keys, answers %v", len(out.AccessKeyMetadata), got)
	}
	t.Logf("answers %v", got)
}

// fillAndDelete deletes OUs at one node while the other puts OUs into them: what was put into
// a place that is gone is a child without a parent.
func fillAndDelete(t *testing.T, w *world, all []*server) {
	ctx := context.Background()
	for i := range 12 {
		unit := w.unit(t, w.rootID, fmt.Sprint("Fragile", i))
		answers := atOnce(all, 1, func(s *server, n int) error {
			org := w.admin.at(s).organizations()
			if n == 0 {
				_, err := org.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &unit})
				return err
			}
			_, err := org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &unit, Name: aws.String("Inside")})
			return err
		})
		tally(t, answers, "OrganizationalUnitNotEmptyException", "ParentNotFoundException", "ConcurrentModificationException")
		_, err := w.admin.organizations().DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &unit})
		var gone *orgtypes.OrganizationalUnitNotFoundException
		if deleted := answers[0] == nil; deleted != errors.As(err, &gone) || deleted && answers[1] == nil {
			t.Errorf("answers %v, and the OU: %v", answers, err)
		}
	}
}
