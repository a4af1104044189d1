package org_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

func TestCreateStandaloneAccount(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name, id, account, email string
		want                     error
	}{
		{"random id", "", "A", "a@example.com", nil},
		{"given id", "012345678901", "B", "b@example.com", nil},
		{"same id", management, "C", "c@example.com", org.ErrAccountExists},
		{"same address in another case", "", "D", "BOSS@example.com", org.ErrEmailExists},
		{"short id", "123", "E", "e@example.com", org.ErrInvalidAccount},
		{"no number", "12345678901x", "E", "e@example.com", org.ErrInvalidAccount},
		{"no name", "", "", "e@example.com", org.ErrInvalidAccount},
		{"no address", "", "E", "example.com", org.ErrInvalidAccount},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.try(func(ctx context.Context, tx *store.Tx) error {
				a, err := org.CreateStandaloneAccount(ctx, tx, c.id, c.account, c.email)
				if err == nil && (len(a.ID) != 12 || a.State != org.StateActive || a.OrganizationID != "" || c.id != "" && a.ID != c.id) {
					t.Errorf("account = %+v", a)
				}
				return err
			})
			if !errors.Is(err, c.want) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}

func TestCreateAccountFinishesAtOnce(t *testing.T) {
	w := organized(t)
	w.enable(org.ServiceControlPolicy)
	var r org.CreateRequest
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{
			Name: "Dev", Email: "dev@example.com", BillingAccess: org.BillingDeny, Tags: []org.Tag{{Key: "team", Value: "a"}},
		})
		return err
	})
	w.must(func(ctx context.Context, tx *store.Tx) error {
		stored, err := org.DescribeCreateAccountStatus(ctx, tx, w.org, r.ID)
		if stored.State != org.CreateSucceeded || stored.AccountID == "" || stored.CompletedAt == nil {
			t.Errorf("request = %+v", stored)
		}
		a, err2 := org.DescribeAccount(ctx, tx, w.org, r.AccountID)
		if a.State != org.StateActive || a.Status() != "ACTIVE" || a.JoinedMethod != org.JoinedCreated ||
			a.BillingAccess != org.BillingDeny || a.ParentID != w.org.RootID || !a.JoinedAt.Equal(w.now) {
			t.Errorf("account = %+v", a)
		}
		tags, err3 := org.ListTagsForResource(ctx, tx, w.org, r.AccountID)
		if !slices.Equal(tags, []org.Tag{{Key: "team", Value: "a"}}) {
			t.Errorf("tags = %v", tags)
		}
		return errors.Join(err, err2, err3)
	})
	if got := w.attached(org.ServiceControlPolicy, r.AccountID); !slices.Equal(got, []string{"p-FullAWSAccess"}) {
		t.Errorf("attached = %v", got)
	}
}

func TestCreateAccountFailures(t *testing.T) {
	w := organized(t)
	w.settings.AccountLimit = 3
	w.account("a@example.com")
	for _, c := range []struct{ name, email, want string }{
		{"taken", "A@EXAMPLE.com", org.FailureEmailExists},
		{"taken by a standalone account", "stranger@example.com", org.FailureEmailExists},
		{"no domain dot", "b@example", org.FailureInvalidEmail},
		{"bracket", "b(c@example.com", org.FailureInvalidEmail},
		{"leading dot", ".b@example.com", org.FailureInvalidEmail},
		{"two at signs", "b@c@example.com", org.FailureInvalidEmail},
		{"hyphen at the end", "b@example.com-", org.FailureInvalidEmail},
		{"not ASCII", "bé@example.com", org.FailureInvalidEmail},
		{"the last one", "b+c@ex-ample.com", ""},
		{"too many", "c@example.com", org.FailureAccountLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			w.must(func(ctx context.Context, tx *store.Tx) error {
				r, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: c.email})
				if r.FailureReason != c.want || (r.State == org.CreateFailed) != (c.want != "") || (r.AccountID == "") != (c.want != "") {
					t.Errorf("request = %+v, want %q", r, c.want)
				}
				return err
			})
		})
	}
	w.T = t
	w.refused(org.CodeInvalidInput, org.ReasonInvalidRoleName, func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: "z@example.com", RoleName: "AWSServiceRoleForX"})
		return err
	})
	w.must(func(ctx context.Context, tx *store.Tx) error {
		failed, _, err := org.ListCreateAccountStatus(ctx, tx, w.org, []string{org.CreateFailed}, org.Page{Limit: 20})
		if len(failed) != 9 {
			t.Errorf("%d failed requests, want 9", len(failed))
		}
		return err
	})
	w.refused(org.CodeCreateStatusNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DescribeCreateAccountStatus(ctx, tx, w.org, "car-00000000")
		return err
	})
}

func TestAccountLimitIsAWSDefault(t *testing.T) {
	w := organized(t)
	w.settings = org.Settings{}
	for i := range 9 {
		w.account(fmt.Sprintf("a%d@example.com", i))
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		r, err := org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: "b@example.com"})
		if r.FailureReason != org.FailureAccountLimit {
			t.Errorf("the eleventh account: %+v", r)
		}
		return err
	})
}

func TestMoveAccount(t *testing.T) {
	w := organized(t)
	root := w.org.RootID
	dev, prod := w.unit(root, "Dev"), w.unit(root, "Prod")
	id := w.account("a@example.com")
	for _, c := range []struct {
		name, account, from, to string
		want                    org.Code
	}{
		{"unknown account", "222222222222", root, dev, org.CodeAccountNotFound},
		{"standalone account", stranger, root, dev, org.CodeAccountNotFound},
		{"unknown source", id, "ou-abcd-00000000", dev, org.CodeSourceParentNotFound},
		{"unknown destination", id, root, "r-none", org.CodeDestinationParentNotFound},
		{"not in the source", id, prod, dev, org.CodeAccountNotFound},
		{"same place", id, root, root, org.CodeDuplicateAccount},
		{"there already", id, dev, root, org.CodeDuplicateAccount},
	} {
		t.Run(c.name, func(t *testing.T) { w.T = t; w.refused(c.want, "", w.moving(c.account, c.from, c.to)) })
	}
	w.T = t
	before := w.db.Revision("account/" + id)
	w.must(w.moving(id, root, dev))
	m := w.membership(id)
	if m.ParentID != dev || m.OrgPath() != w.org.ID+"/"+root+"/"+dev+"/" {
		t.Errorf("membership = %+v", m)
	}
	if w.db.Revision("account/"+id) == before {
		t.Error("caches of the account were not told of the move")
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		parent, err := org.ListParents(ctx, tx, w.org, id)
		if parent != (org.Node{ID: dev, Kind: org.KindUnit}) {
			t.Errorf("parent = %+v", parent)
		}
		children, _, err2 := org.ListChildren(ctx, tx, w.org, dev, org.KindAccount, org.Page{Limit: 20})
		if !slices.Equal(children, []org.Node{{ID: id, Kind: org.KindAccount}}) {
			t.Errorf("children = %+v", children)
		}
		return errors.Join(err, err2)
	})
}

func TestCloseAccount(t *testing.T) {
	w := organized(t)
	dev := w.unit(w.org.RootID, "Dev")
	id := w.account("a@example.com")
	w.must(w.moving(id, w.org.RootID, dev))
	before := w.db.Revision("account/" + id)
	w.must(w.closing(id))
	m := w.membership(id)
	if m.AccountState != org.StateClosed || m.ParentID != dev {
		t.Errorf("membership = %+v", m)
	}
	if w.db.Revision("account/"+id) == before {
		t.Error("caches of the account were not told")
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		a, err := org.DescribeAccount(ctx, tx, w.org, id)
		if a.Status() != "SUSPENDED" || a.ClosedAt == nil {
			t.Errorf("account = %+v", a)
		}
		return err
	})
	w.refused(org.CodeAccountAlreadyClosed, "", w.closing(id))
	w.refused(org.CodeConstraintViolation, org.ReasonCannotCloseManagement, w.closing(management))
	w.refused(org.CodeAccountNotFound, "", w.closing(stranger))
}

func TestCloseQuotaRolls(t *testing.T) {
	w := organized(t)
	// The rule of that time: one in ten, but at least ten.
	w.now = time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 12 {
		ids = append(ids, w.account(fmt.Sprintf("a%d@example.com", i)))
	}
	for _, id := range ids[:10] {
		w.must(w.closing(id))
	}
	w.refused(org.CodeConstraintViolation, org.ReasonCloseQuota, w.closing(ids[10]))
	w.now = w.now.AddDate(0, 0, 30).Add(-time.Second)
	w.refused(org.CodeConstraintViolation, org.ReasonCloseQuota, w.closing(ids[10]))
	w.now = w.now.Add(2 * time.Second)
	w.must(w.closing(ids[10]))
	w.settings.CloseLimit = 1
	w.refused(org.CodeConstraintViolation, org.ReasonCloseQuota, w.closing(ids[11]))
}

func TestLeaving(t *testing.T) {
	w := organized(t)
	w.enable(org.ServiceControlPolicy)
	id := w.account("a@example.com")
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.TagResource(ctx, tx, w.org, id, []org.Tag{{Key: "k", Value: "v"}})
	})
	leaving := func(ctx context.Context, tx *store.Tx) error {
		return org.LeaveOrganization(ctx, tx, w.org, w.settings, id)
	}
	w.refused(org.CodeConstraintViolation, org.ReasonWaitPeriod, leaving)
	w.refused(org.CodeConstraintViolation, org.ReasonWaitPeriod, w.removing(id))
	w.refused(org.CodeMasterCannotLeave, "", w.removing(management))
	w.refused(org.CodeAccountNotFound, "", w.removing(stranger))
	w.now = w.now.AddDate(0, 0, 4).Add(-time.Second)
	w.refused(org.CodeConstraintViolation, org.ReasonWaitPeriod, leaving)
	w.now = w.now.Add(time.Second)
	w.must(leaving)
	if m := w.membership(id); m.OrganizationID != "" || m.Nodes != nil || m.AccountState != org.StateActive {
		t.Errorf("membership = %+v", m)
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		targets, _, err := org.ListTargetsForPolicy(ctx, tx, w.org, "p-FullAWSAccess", org.Page{Limit: 20})
		if len(targets) != 2 {
			t.Errorf("targets left = %+v", targets)
		}
		tags, err2 := tx.OrgTags(w.org.ID, id)
		if len(tags) != 0 {
			t.Errorf("tags left = %v", tags)
		}
		n, err3 := tx.OrgCount(w.org.ID, "accounts")
		if n != 1 {
			t.Errorf("%d accounts counted, want 1", n)
		}
		return errors.Join(err, err2, err3)
	})
	// It can have an organization of its own now.
	w.must(func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateOrganization(ctx, tx, id, "")
		return err
	})
}

func TestListAccountsPages(t *testing.T) {
	w := organized(t)
	dev := w.unit(w.org.RootID, "Dev")
	want := []string{management}
	for i := range 25 {
		id := w.account(fmt.Sprintf("a%d@example.com", i))
		want = append(want, id)
		if i%2 == 0 {
			w.must(w.moving(id, w.org.RootID, dev))
		}
	}
	slices.Sort(want)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		var got []string
		for p := (org.Page{Limit: 7}); ; {
			accounts, next, err := org.ListAccounts(ctx, tx, w.org, p)
			if err != nil {
				return err
			}
			for _, a := range accounts {
				got = append(got, a.ID)
			}
			if next == "" {
				break
			}
			p.After = next
		}
		if !slices.Equal(got, want) {
			t.Errorf("accounts = %v, want %v", got, want)
		}
		below, next, err := org.ListAccountsForParent(ctx, tx, w.org, dev, org.Page{Limit: 13})
		if len(below) != 13 || next != "" {
			t.Errorf("%d accounts in the OU, next %q", len(below), next)
		}
		return err
	})
	w.refused(org.CodeParentNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		_, _, err := org.ListAccountsForParent(ctx, tx, w.org, "r-none", org.Page{Limit: 1})
		return err
	})
}

func TestRenameAccount(t *testing.T) {
	w := newWorld(t)
	w.must(func(ctx context.Context, tx *store.Tx) error { return org.RenameAccount(ctx, tx, stranger, "New") })
	w.must(func(ctx context.Context, tx *store.Tx) error {
		a, _, err := org.AccountByID(ctx, tx, stranger)
		if a.Name != "New" {
			t.Errorf("account = %+v", a)
		}
		return err
	})
	w.refused(org.CodeAccountNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		return org.RenameAccount(ctx, tx, "222222222222", "New")
	})
}
