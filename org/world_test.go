package org_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	management = "111111111111"
	stranger   = "999999999999"
	allowAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	denyAll    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	denyRCP    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`
)

// world is a store with two standalone accounts and, after organize, an organization of the
// first one.
type world struct {
	*testing.T
	db       *store.DB
	now      time.Time
	settings org.Settings
	org      org.Organization
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC), settings: org.Settings{AccountLimit: 1000}}
	w.db = storetest.Memory().Open(t, func(o *store.Options) { o.Now = func() time.Time { return w.now } })
	for id, email := range map[string]string{management: "boss@example.com", stranger: "stranger@example.com"} {
		w.must(func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CreateStandaloneAccount(ctx, tx, id, "Name", email)
			return err
		})
	}
	return w
}

// organized is a world with an organization that has all features.
func organized(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		w.org, err = org.CreateOrganization(ctx, tx, management, "")
		return err
	})
	return w
}

type step func(ctx context.Context, tx *store.Tx) error

func (w *world) try(fn step) error {
	w.Helper()
	return w.db.Update(w.Context(), func(tx *store.Tx) error { return fn(w.Context(), tx) })
}

func (w *world) must(fn step) {
	w.Helper()
	if err := w.try(fn); err != nil {
		w.Fatal(err)
	}
}

// refused runs the step and checks that it fails with a code and, if given, a reason.
func (w *world) refused(code org.Code, reason string, fn step) {
	w.Helper()
	err := w.try(fn)
	var e *org.Error
	if !errors.As(err, &e) {
		w.Errorf("error = %v, want %s", err, code)
		return
	}
	if e.Code != code || e.Reason != reason {
		w.Errorf("error = %s (%s): %s, want %s (%s)", e.Code, e.Reason, e.Message, code, reason)
	}
	if e.Message == "" {
		w.Errorf("%s has no message", e.Code)
	}
}

// account makes a member account and returns its id.
func (w *world) account(email string) string {
	w.Helper()
	var r org.CreateRequest
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = org.CreateAccount(ctx, tx, w.org, w.settings, org.NewAccount{Name: "Member", Email: email})
		return err
	})
	if r.State != org.CreateSucceeded {
		w.Fatalf("account for %s: %+v", email, r)
	}
	return r.AccountID
}

// unit makes an OU and returns its id.
func (w *world) unit(parent, name string) string {
	w.Helper()
	var u org.Unit
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		u, err = org.CreateOrganizationalUnit(ctx, tx, w.org, parent, name, nil)
		return err
	})
	return u.ID
}

// policy makes a policy and returns its id.
func (w *world) policy(policyType, name, content string) string {
	w.Helper()
	var p org.Policy
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = org.CreatePolicy(ctx, tx, w.org, org.Policy{Type: policyType, Name: name, Content: content}, nil)
		return err
	})
	return p.ID
}

func (w *world) enable(policyType string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		if policyType == hubPolicy {
			if err := org.EnableAWSServiceAccess(ctx, tx, w.org, "securityhub.amazonaws.com"); err != nil {
				return err
			}
		}
		return org.EnablePolicyType(ctx, tx, w.org, w.org.RootID, policyType)
	})
}

func (w *world) attach(policyID, targetID string) {
	w.Helper()
	w.must(w.attaching(policyID, targetID))
}

func (w *world) attaching(policyID, targetID string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		return org.AttachPolicy(ctx, tx, w.org, policyID, targetID)
	}
}

func (w *world) detaching(policyID, targetID string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		return org.DetachPolicy(ctx, tx, w.org, policyID, targetID)
	}
}

func (w *world) moving(accountID, source, destination string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		return org.MoveAccount(ctx, tx, w.org, accountID, source, destination)
	}
}

func (w *world) removing(accountID string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		return org.RemoveAccountFromOrganization(ctx, tx, w.org, w.settings, accountID)
	}
}

func (w *world) closing(accountID string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		return org.CloseAccount(ctx, tx, w.org, w.settings, accountID)
	}
}

// attached returns the ids of the policies on a node.
func (w *world) attached(policyType, targetID string) (ids []string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		policies, _, err := org.ListPoliciesForTarget(ctx, tx, w.org, targetID, policyType, org.Page{Limit: 100})
		for _, p := range policies {
			ids = append(ids, p.ID)
		}
		return err
	})
	return ids
}

// membership returns where an account stands.
func (w *world) membership(accountID string) (m org.Membership) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		var found bool
		var err error
		m, found, err = org.MembershipOf(ctx, tx, accountID)
		if !found {
			w.Errorf("no account %s", accountID)
		}
		return err
	})
	return m
}
