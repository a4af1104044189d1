package iam_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// choose makes a password ready for a user of home.
func choose(t *testing.T, db *store.DB, name, password string, first bool) (iam.Password, error) {
	t.Helper()
	var p *iam.Passwords
	err := db.View(t.Context(), func(tx *store.Tx) (err error) {
		p, err = iam.PasswordsOf(t.Context(), tx, home, name, first)
		return err
	})
	if err != nil {
		return iam.Password{}, err
	}
	return p.Choose(password, rand.Reader)
}

func chosen(t *testing.T, db *store.DB, name, password string, first bool) iam.Password {
	t.Helper()
	p, err := choose(t, db, name, password, first)
	if err != nil {
		t.Fatalf("choose %q: %v", password, err)
	}
	return p
}

func createProfile(t *testing.T, db *store.DB, name, password string) {
	t.Helper()
	p := chosen(t, db, name, password, true)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateLoginProfile(ctx, tx, home, name, p, false)
		return err
	})
}

func setPassword(t *testing.T, db *store.DB, name string, p iam.Password) error {
	return try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.UpdateLoginProfile(ctx, tx, home, name, &p, nil)
	})
}

func putPolicy(t *testing.T, db *store.DB, p iam.PasswordPolicy) {
	t.Helper()
	update(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.UpdatePasswordPolicy(ctx, tx, home, p) })
}

func TestPasswordPolicies(t *testing.T) {
	long := iam.PasswordPolicy{MinimumLength: 6}
	for _, c := range []struct {
		name     string
		policy   *iam.PasswordPolicy
		password string
		ok       bool
	}{
		{"default", nil, "Passw0rd", true},
		{"default, short", nil, "Passw0r", false},
		{"default, two kinds", nil, "password1234", false},
		{"default, three kinds with symbol", nil, "password-1234", true},
		{"default, other symbols do not count", nil, "password~1234", false},
		{"default, the account's e-mail", nil, "HOME-1@example.com", false},
		{"default, the account's name", nil, "Account-1", false},
		{"length counts characters", &long, "ééééé", false},
		{"length reached", &long, "éééééé", true},
		{"symbol missing", &iam.PasswordPolicy{MinimumLength: 6, RequireSymbols: true}, "aaaaaA1", false},
		{"symbol", &iam.PasswordPolicy{MinimumLength: 6, RequireSymbols: true}, "aaaaa'", true},
		{"number missing", &iam.PasswordPolicy{MinimumLength: 6, RequireNumbers: true}, "aaaaaA-", false},
		{"number", &iam.PasswordPolicy{MinimumLength: 6, RequireNumbers: true}, "aaaaa9", true},
		{"uppercase missing", &iam.PasswordPolicy{MinimumLength: 6, RequireUppercase: true}, "aaaaÀ1-", false},
		{"uppercase", &iam.PasswordPolicy{MinimumLength: 6, RequireUppercase: true}, "aaaaaZ", true},
		{"lowercase missing", &iam.PasswordPolicy{MinimumLength: 6, RequireLowercase: true}, "AAAAA1-", false},
		{"lowercase", &iam.PasswordPolicy{MinimumLength: 6, RequireLowercase: true}, "AAAAAz", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := storetest.Memory().Open(t)
			account(t, db, home, "Account-1", "home-1@example.com")
			user(t, db, home, "alice", "/")
			if c.policy != nil {
				putPolicy(t, db, *c.policy)
			}
			_, err := choose(t, db, "alice", c.password, true)
			if c.ok && err != nil {
				t.Errorf("%q: %v", c.password, err)
			}
			if !c.ok {
				refused(t, err, iam.PasswordPolicyViolation, "Password does not conform to the account password policy.")
			}
		})
	}
}

func TestPasswordReuse(t *testing.T) {
	db := openStore(t)
	user(t, db, home, "alice", "/")
	putPolicy(t, db, iam.PasswordPolicy{MinimumLength: 6, ReusePrevention: 2})
	createProfile(t, db, "alice", "first-1")
	for n, c := range []struct {
		password string
		ok       bool
	}{
		{"first-1", false},
		{"second-2", true},
		{"first-1", false}, // one of the last two
		{"second-2", false},
		{"third-3", true},
		{"first-1", true}, // the third last
	} {
		p, err := choose(t, db, "alice", c.password, false)
		if !c.ok {
			refused(t, err, iam.PasswordPolicyViolation, "")
			continue
		}
		if err == nil {
			err = setPassword(t, db, "alice", p)
		}
		if err != nil {
			t.Errorf("step %d: %v", n, err)
		}
	}
}

func TestOldPasswordsAreKeptAsLongAsAPolicyCanAsk(t *testing.T) {
	db := openStore(t)
	u := user(t, db, home, "alice", "/")
	createProfile(t, db, "alice", "Password-0")
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		l, err := iam.GetLoginProfile(ctx, tx, home, "alice")
		for n := range 40 {
			if err != nil {
				return err
			}
			l.Hash, l.ChangedAt = fmt.Sprint(n), l.ChangedAt.Add(1000)
			err = tx.IAMKeepOldPassword(l, 23)
		}
		if err != nil {
			return err
		}
		old, err := tx.IAMOldPasswords(u.ID, 100)
		if len(old) != 23 || old[0] != "39" || old[22] != "17" {
			t.Errorf("kept: %v", old)
		}
		return err
	})
}

func TestLoginProfileRules(t *testing.T) {
	db := openStore(t)
	user(t, db, home, "alice", "/")
	_, err := choose(t, db, "nobody", "Passw0rd", true)
	refused(t, err, iam.NoSuchEntity, "The user with name nobody cannot be found.")
	_, err = choose(t, db, "alice", "Passw0rd", false)
	refused(t, err, iam.NoSuchEntity, "Login Profile for User alice cannot be found.")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.DeleteLoginProfile(ctx, tx, home, "alice")
	}), iam.NoSuchEntity, "Login Profile for User alice cannot be found.")

	stale := chosen(t, db, "alice", "Passw0rd-stale", true)
	createProfile(t, db, "alice", "Passw0rd")
	_, err = choose(t, db, "alice", "Passw0rd", true)
	refused(t, err, iam.EntityAlreadyExists, "Login Profile for user alice already exists.")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateLoginProfile(ctx, tx, home, "alice", stale, false)
		return err
	}), iam.EntityAlreadyExists, "already exists")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, home, "alice") }),
		iam.DeleteConflict, "Cannot delete entity, must delete login profile first.")

	// Of two who set a password at the same time, the second hears of the first.
	one, two := chosen(t, db, "alice", "Passw0rd-1", false), chosen(t, db, "alice", "Passw0rd-2", false)
	if err := setPassword(t, db, "alice", one); err != nil {
		t.Fatal(err)
	}
	refused(t, setPassword(t, db, "alice", two), iam.EntityTemporarilyUnmodifiable, "at the same time")

	var p *iam.Passwords
	update(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = iam.PasswordsOf(ctx, tx, home, "alice", false)
		return err
	})
	refused(t, p.Present("Passw0rd-2"), iam.AccessDenied, "The old password was incorrect.")
	if err := p.Present("Passw0rd-1"); err != nil {
		t.Errorf("the present password: %v", err)
	}

	// A user of the same name is somebody else.
	for _, recreate := range []func(ctx context.Context, tx *store.Tx) error{
		func(ctx context.Context, tx *store.Tx) error { return iam.DeleteLoginProfile(ctx, tx, home, "alice") },
		func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, home, "alice") },
	} {
		update(t, db, recreate)
	}
	user(t, db, home, "alice", "/")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateLoginProfile(ctx, tx, home, "alice", stale, false)
		return err
	}), iam.EntityTemporarilyUnmodifiable, "at the same time")
}

func TestPasswordIsKeptAsAHashOnly(t *testing.T) {
	db := openStore(t)
	user(t, db, home, "alice", "/")
	createProfile(t, db, "alice", "Passw0rd-secret")
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		l, err := iam.GetLoginProfile(ctx, tx, home, "alice")
		if !strings.HasPrefix(l.Hash, "$argon2id$") || strings.Contains(l.Hash, "secret") {
			t.Errorf("kept: %s", l.Hash)
		}
		return err
	})
}
