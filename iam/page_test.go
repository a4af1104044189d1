package iam_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// walk reads a list page by page and returns all of it and the sizes of the pages.
func walk[T any](t *testing.T, db *store.DB, size int, list func(ctx context.Context, tx *store.Tx, p iam.Page) ([]T, string, error)) (all []T, sizes []int) {
	t.Helper()
	p := iam.Page{Size: size}
	for {
		var (
			items []T
			next  string
		)
		update(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
			items, next, err = list(ctx, tx, p)
			return err
		})
		all, sizes = append(all, items...), append(sizes, len(items))
		if next == "" {
			return all, sizes
		}
		if p.Marker = next; len(sizes) > 100 {
			t.Fatal("the list does not end")
		}
	}
}

func TestListsGoOnWhereTheyStopped(t *testing.T) {
	db := openStore(t)
	var want []string
	for n := range 7 {
		name := fmt.Sprint([]string{"b", "A", "_"}[n%3], n)
		user(t, db, home, name, "/")
		want = append(want, name)
	}
	slices.Sort(want)
	users := func(ctx context.Context, tx *store.Tx, p iam.Page) ([]iam.Identity, string, error) {
		return iam.List(ctx, tx, home, iam.KindUser, "/", p)
	}
	for size, pages := range map[int][]int{3: {3, 3, 1}, 7: {7}, 0: {7}, 1: {1, 1, 1, 1, 1, 1, 1}} {
		all, sizes := walk(t, db, size, users)
		var got []string
		for _, i := range all {
			got = append(got, i.Name)
		}
		if !slices.Equal(got, want) || !slices.Equal(sizes, pages) {
			t.Errorf("size %d: got %v in pages %v", size, got, sizes)
		}
	}
}

func TestPagesOfWhatIsReadWhole(t *testing.T) {
	db := openStore(t)
	user(t, db, home, "alice", "/")
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, name := range []string{"b", "C", "a"} {
			p, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: name, Document: allowAll})
			if err != nil {
				return err
			}
			if err := iam.AttachPolicy(ctx, tx, home, iam.KindUser, "alice", p.ARN()); err != nil {
				return err
			}
			if name == "b" {
				continue
			}
			if _, err := iam.CreatePolicyVersion(ctx, tx, home, p.ARN(), allowAll, name == "a"); err != nil {
				return err
			}
		}
		return nil
	})
	attached, sizes := walk(t, db, 2, func(ctx context.Context, tx *store.Tx, p iam.Page) ([]iam.AttachedPolicy, string, error) {
		return iam.ListAttachedPolicies(ctx, tx, home, iam.KindUser, "alice", "", p)
	})
	if len(attached) != 3 || attached[0].Name != "C" || attached[2].Name != "b" || !slices.Equal(sizes, []int{2, 1}) {
		t.Errorf("attached: %v in pages %v", attached, sizes)
	}
	versions, sizes := walk(t, db, 1, func(ctx context.Context, tx *store.Tx, p iam.Page) ([]iam.Version, string, error) {
		_, list, next, err := iam.ListPolicyVersions(ctx, tx, home, "arn:aws:iam::111122223333:policy/a", p)
		return list, next, err
	})
	if len(versions) != 2 || versions[0].Number != 2 || versions[1].Number != 1 || !slices.Equal(sizes, []int{1, 1}) {
		t.Errorf("versions: %v in pages %v", versions, sizes)
	}
}

func TestListPoliciesMixesAWSsWithOwn(t *testing.T) {
	db := openStore(t)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, name := range []string{"AdministratorAccess", "Zebra", "AAA"} {
			if _, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: name, Document: allowAll}); err != nil {
				return err
			}
		}
		return nil
	})
	all, _ := walk(t, db, 13, func(ctx context.Context, tx *store.Tx, p iam.Page) ([]iam.Policy, string, error) {
		return iam.ListPolicies(ctx, tx, home, iam.ScopeAll, iam.PolicyFilter{}, p)
	})
	seen := map[string]bool{}
	own := 0
	for i, p := range all {
		if seen[p.ARN()] {
			t.Errorf("%s is listed twice", p.ARN())
		}
		seen[p.ARN()] = true
		if !p.IsAWS() {
			own++
		}
		if i > 0 && strings.Compare(all[i-1].Name, p.Name) > 0 {
			t.Errorf("%s comes after %s", p.Name, all[i-1].Name)
		}
	}
	aws, _ := walk(t, db, 1000, func(ctx context.Context, tx *store.Tx, p iam.Page) ([]iam.Policy, string, error) {
		return iam.ListPolicies(ctx, tx, home, iam.ScopeAWS, iam.PolicyFilter{}, p)
	})
	if own != 3 || len(aws) == 0 || len(all) != len(aws)+3 {
		t.Errorf("%d own of %d, %d of AWS", own, len(all), len(aws))
	}
}

func TestMarkerOfAnotherForm(t *testing.T) {
	db := openStore(t)
	for _, marker := range []string{"%%%", "a", "gA"} {
		refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := iam.List(ctx, tx, home, iam.KindUser, "", iam.Page{Marker: marker})
			return err
		}), iam.InvalidRequest, "Invalid Marker.")
	}
}
