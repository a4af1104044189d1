package org_test

import (
	"context"
	"errors"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

func (w *world) quota(q org.Quota) (s org.QuotaState) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		all, err := org.Quotas(ctx, tx, w.org, w.settings)
		for _, have := range all {
			if have.Quota == q {
				s = have
			}
		}
		return err
	})
	return s
}

func (w *world) setting(q org.Quota, value int) step {
	return func(ctx context.Context, tx *store.Tx) error { return org.SetQuota(ctx, tx, w.org, q, value) }
}

func TestRaisedQuotas(t *testing.T) {
	w := organized(t)
	w.settings.AccountLimit = 0
	if got := w.quota(org.QuotaAccounts); got.Default != 10 || got.Value != 10 || got.RaisedAt != nil {
		t.Errorf("at first: %+v", got)
	}
	w.must(w.setting(org.QuotaAccounts, 2))
	if got := w.quota(org.QuotaAccounts); got.Default != 10 || got.Value != 2 || !got.RaisedAt.Equal(w.now) {
		t.Errorf("set: %+v", got)
	}
	create := func(email string) (r org.CreateRequest) {
		w.must(func(ctx context.Context, tx *store.Tx) (err error) {
			r, err = org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "n", Email: email})
			return err
		})
		return r
	}
	if r := create("a@example.com"); r.State != org.CreateSucceeded {
		t.Errorf("first: %+v", r)
	}
	if r := create("b@example.com"); r.FailureReason != org.FailureAccountLimit {
		t.Errorf("above the quota: %+v", r)
	}
	// The raise counts more than what the operator set for all.
	w.settings.AccountLimit = 1000
	if r := create("b@example.com"); r.FailureReason != org.FailureAccountLimit {
		t.Errorf("with a higher default: %+v", r)
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.ResetQuota(ctx, tx, w.org, org.QuotaAccounts)
	})
	if got := w.quota(org.QuotaAccounts); got.Value != 1000 || got.RaisedAt != nil {
		t.Errorf("reset: %+v", got)
	}
	if r := create("b@example.com"); r.State != org.CreateSucceeded {
		t.Errorf("after the reset: %+v", r)
	}
}

func TestRaisedQuotasOfTreeAndPolicies(t *testing.T) {
	w := organized(t)
	w.must(w.setting(org.QuotaUnits, 1))
	w.must(w.setting(org.QuotaSCPs, 1))
	w.must(w.setting(org.QuotaCloseLeast, 0))
	w.unit(w.org.RootID, "one")
	w.refused(org.CodeConstraintViolation, org.ReasonUnitNumber, func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateOrganizationalUnit(ctx, tx, w.org, w.org.RootID, "two", nil)
		return err
	})
	w.policy(org.ServiceControlPolicy, "one", denyAll)
	w.refused(org.CodeConstraintViolation, org.ReasonPolicyNumber, func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreatePolicy(ctx, tx, w.org, org.Policy{Type: org.ServiceControlPolicy, Name: "two", Content: denyAll}, nil)
		return err
	})
	member := w.account("a@example.com")
	w.refused(org.CodeConstraintViolation, org.ReasonCloseQuota, w.closing(member))
	w.must(w.setting(org.QuotaCloseLeast, 1))
	w.must(w.closing(member))
}

func TestQuotaErrors(t *testing.T) {
	w := organized(t)
	for _, c := range []struct {
		quota org.Quota
		value int
		want  error
	}{
		{org.QuotaTags, 100, org.ErrUnknownQuota},
		{"nothing", 1, org.ErrUnknownQuota},
		{org.QuotaAccounts, -1, org.ErrQuotaValue},
		{org.QuotaAccounts, 1 << 40, org.ErrQuotaValue},
	} {
		if err := w.try(w.setting(c.quota, c.value)); !errors.Is(err, c.want) {
			t.Errorf("%s = %d: %v", c.quota, c.value, err)
		}
	}
	err := w.try(func(ctx context.Context, tx *store.Tx) error { return org.ResetQuota(ctx, tx, w.org, "nothing") })
	if !errors.Is(err, org.ErrUnknownQuota) {
		t.Errorf("reset of nothing: %v", err)
	}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		for id, want := range map[string]bool{w.org.ID: true, management: true, stranger: false, "o-0000000000": false, "000000000000": false} {
			o, found, err := org.OrganizationNamed(ctx, tx, id)
			if err != nil || found != want || found && o.ID != w.org.ID {
				t.Errorf("%s: %+v, %v, %v", id, o, found, err)
			}
		}
		return nil
	})
}
