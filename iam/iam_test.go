package iam_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	home  = "111122223333"
	other = "444455556666"

	adminARN = "arn:aws:iam::aws:policy/AdministratorAccess"
	allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
)

// openStore has two accounts without anything in them.
func openStore(t *testing.T) *store.DB {
	t.Helper()
	db := storetest.Memory().Open(t)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range []string{home, other} {
			if _, err := org.CreateStandaloneAccount(ctx, tx, id, "account "+id, id+"@example.com"); err != nil {
				return err
			}
		}
		return nil
	})
	return db
}

func update(t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := try(t, db, fn); err != nil {
		t.Fatal(err)
	}
}

func try(t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) error {
	t.Helper()
	return db.Update(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) })
}

// refused checks the code and a part of the message of a domain error.
func refused(t *testing.T, err error, code iam.Code, message string) {
	t.Helper()
	var e *iam.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, message) {
		t.Errorf("got %v, want %s with %q", err, code, message)
	}
}

func user(t *testing.T, db *store.DB, account, name, path string) iam.Identity {
	t.Helper()
	var u iam.Identity
	update(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		u, err = iam.CreateUser(ctx, tx, account, iam.NewUser{Name: name, Path: path})
		return err
	})
	return u
}

func role(t *testing.T, db *store.DB, account, name, trust string) iam.Identity {
	t.Helper()
	var r iam.Identity
	update(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = iam.CreateRole(ctx, tx, account, iam.NewRole{Name: name, TrustPolicy: trust})
		return err
	})
	return r
}

// trusting is a trust policy with the given Principal element.
func trusting(principal string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": ` + principal +
		`, "Action": "sts:AssumeRole"}]}`
}

func entity(t *testing.T, db *store.DB, account, id string) (iam.EntityPolicies, bool) {
	t.Helper()
	var (
		e  iam.EntityPolicies
		ok bool
	)
	err := db.View(t.Context(), func(tx *store.Tx) (err error) {
		e, ok, err = iam.Entity(t.Context(), tx, account, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, ok
}
