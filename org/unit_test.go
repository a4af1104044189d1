package org_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

func (w *world) creatingUnit(parent, name string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateOrganizationalUnit(ctx, tx, w.org, parent, name, nil)
		return err
	}
}

func (w *world) deletingUnit(id string) step {
	return func(ctx context.Context, tx *store.Tx) error { return org.DeleteOrganizationalUnit(ctx, tx, w.org, id) }
}

func (w *world) renaming(id string, name *string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.UpdateOrganizationalUnit(ctx, tx, w.org, id, name)
		return err
	}
}

func TestUnitsNestFiveDeep(t *testing.T) {
	w := organized(t)
	parent, path := w.org.RootID, w.org.ID+"/"+w.org.RootID+"/"
	form := regexp.MustCompile(`^ou-` + w.org.RootID[2:] + `-[a-z0-9]{8,32}$`)
	for depth := 1; depth <= 5; depth++ {
		parent = w.unit(parent, "same name")
		path += parent + "/"
		if !form.MatchString(parent) {
			t.Errorf("id %q does not look like %s", parent, form)
		}
	}
	w.refused(org.CodeConstraintViolation, org.ReasonUnitDepth, w.creatingUnit(parent, "x"))
	w.must(func(ctx context.Context, tx *store.Tx) error {
		u, err := org.DescribeOrganizationalUnit(ctx, tx, w.org, parent)
		got, err2 := org.UnitPath(ctx, tx, w.org, u)
		if got != path {
			t.Errorf("path = %q, want %q", got, path)
		}
		return errors.Join(err, err2)
	})
	id := w.account("a@example.com")
	w.must(w.moving(id, w.org.RootID, parent))
	m := w.membership(id)
	if len(m.Nodes) != 7 || m.OrgPath() != path {
		t.Errorf("membership = %+v", m)
	}
}

func TestUnitNames(t *testing.T) {
	w := organized(t)
	root := w.org.RootID
	dev := w.unit(root, "Dev")
	ops := w.unit(root, "dev")
	w.unit(dev, "Dev")
	w.refused(org.CodeDuplicateUnit, "", w.creatingUnit(root, "Dev"))
	w.refused(org.CodeDuplicateUnit, "", w.renaming(ops, new("Dev")))
	w.must(w.renaming(dev, new("Dev")))
	w.must(w.renaming(dev, nil))
	w.must(w.renaming(dev, new("Prod")))
	w.unit(root, "Dev")
	w.refused(org.CodeUnitNotFound, "", w.renaming("ou-none-00000000", new("x")))
	w.refused(org.CodeUnitNotFound, "", w.renaming(root, new("x")))
	w.refused(org.CodeParentNotFound, "", w.creatingUnit("ou-none-00000000", "x"))
}

func TestDeleteUnitWantsItEmpty(t *testing.T) {
	w := organized(t)
	w.enable(org.ServiceControlPolicy)
	root := w.org.RootID
	dev := w.unit(root, "Dev")
	inner := w.unit(dev, "Inner")
	id := w.account("a@example.com")
	w.must(w.moving(id, root, dev))
	w.refused(org.CodeUnitNotEmpty, "", w.deletingUnit(dev))
	w.must(w.deletingUnit(inner))
	w.refused(org.CodeUnitNotEmpty, "", w.deletingUnit(dev))
	w.must(w.moving(id, dev, root))
	w.must(w.deletingUnit(dev))
	w.refused(org.CodeUnitNotFound, "", w.deletingUnit(dev))
	w.must(func(ctx context.Context, tx *store.Tx) error {
		targets, _, err := org.ListTargetsForPolicy(ctx, tx, w.org, "p-FullAWSAccess", org.Page{Limit: 20})
		for _, target := range targets {
			if target.Kind == org.KindUnit {
				t.Errorf("the policy is still attached to %s", target.ID)
			}
		}
		n, err2 := tx.OrgCount(w.org.ID, "units")
		if n != 0 {
			t.Errorf("%d units counted", n)
		}
		return errors.Join(err, err2)
	})
}

func TestUnitNumberLimit(t *testing.T) {
	w := organized(t)
	w.must(func(_ context.Context, tx *store.Tx) error {
		return tx.AddOrgCount(w.org.ID, "units", org.Limit(org.QuotaUnits, w.now)-1)
	})
	w.unit(w.org.RootID, "the last")
	w.refused(org.CodeConstraintViolation, org.ReasonUnitNumber, w.creatingUnit(w.org.RootID, "one more"))
}

func TestListUnitsPages(t *testing.T) {
	w := organized(t)
	var want []string
	for i := range 9 {
		want = append(want, w.unit(w.org.RootID, fmt.Sprint(i)))
	}
	w.unit(want[0], "below")
	slices.Sort(want)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		var got []string
		for p := (org.Page{Limit: 3}); ; {
			nodes, next, err := org.ListChildren(ctx, tx, w.org, w.org.RootID, org.KindUnit, p)
			if err != nil {
				return err
			}
			for _, n := range nodes {
				got = append(got, n.ID)
			}
			if p.After = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("children = %v, want %v", got, want)
		}
		return nil
	})
	for _, kind := range []string{org.KindAccount, org.KindUnit} {
		w.refused(org.CodeParentNotFound, "", func(ctx context.Context, tx *store.Tx) error {
			_, _, err := org.ListChildren(ctx, tx, w.org, "ou-none-00000000", kind, org.Page{Limit: 1})
			return err
		})
	}
}

func TestListParents(t *testing.T) {
	w := organized(t)
	dev := w.unit(w.org.RootID, "Dev")
	inner := w.unit(dev, "Inner")
	for child, want := range map[string]org.Node{
		dev:        {ID: w.org.RootID, Kind: org.KindRoot},
		inner:      {ID: dev, Kind: org.KindUnit},
		management: {ID: w.org.RootID, Kind: org.KindRoot},
	} {
		w.must(func(ctx context.Context, tx *store.Tx) error {
			got, err := org.ListParents(ctx, tx, w.org, child)
			if got != want {
				t.Errorf("parent of %s = %+v, want %+v", child, got, want)
			}
			return err
		})
	}
	for _, child := range []string{stranger, "ou-none-00000000", "222222222222"} {
		w.refused(org.CodeChildNotFound, "", func(ctx context.Context, tx *store.Tx) error {
			_, err := org.ListParents(ctx, tx, w.org, child)
			return err
		})
	}
}
