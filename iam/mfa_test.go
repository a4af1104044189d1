package iam_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// openStoreAt is openStore with a clock, which stands at the middle of a time step.
func openStoreAt(t *testing.T, e storetest.Engine) (*store.DB, *clock) {
	t.Helper()
	c := &clock{now: time.Unix(1_111_111_110+15, 0).UTC()}
	db := e.Open(t, func(o *store.Options) { o.Now = c.Now })
	account(t, db, home, "home", "home@example.com")
	return db, c
}

// seed is the secret of the test vectors of RFC 6238.
var seed = []byte("12345678901234567890")

// unsealed stands for a vault: it keeps seeds as they are but checks whose they are.
func unsealed(owner string, sealed []byte) ([]byte, error) {
	got, ok := bytes.CutPrefix(sealed, []byte(owner+"|"))
	if !ok {
		return nil, credential.ErrSealed
	}
	return got, nil
}

func sealedFor(serial string) []byte { return append([]byte(serial+"|"), seed...) }

func device(t *testing.T, db *store.DB, name string) string {
	t.Helper()
	serial := iam.MFASerial(home, "", name)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateMFADevice(ctx, tx, home, serial, sealedFor(serial), nil)
		return err
	})
	return serial
}

// codes are the codes of the step before at and of the step of at.
func codes(at time.Time) iam.MFACodes {
	step := credential.TOTPStep(at)
	return iam.MFACodes{First: credential.TOTP(seed, step-1), Second: credential.TOTP(seed, step)}
}

func enable(t *testing.T, db *store.DB, user, serial string, c iam.MFACodes) error {
	return try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.EnableMFADevice(ctx, tx, home, user, serial, c, unsealed)
	})
}

func verify(t *testing.T, db *store.DB, userID, serial, code string) error {
	return try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.VerifyMFA(ctx, tx, home, userID, serial, code, unsealed)
	})
}

func TestMFACodesOfRFC6238(t *testing.T) {
	db, c := openStoreAt(t, storetest.Memory())
	alice := user(t, db, home, "alice", "/")
	serial := device(t, db, "alice")
	// RFC 6238, appendix B, SHA-1: the last six digits of the codes of the steps before and
	// at 1111111111.
	if err := enable(t, db, "alice", serial, iam.MFACodes{First: "081804", Second: "050471"}); err != nil {
		t.Fatal(err)
	}
	refused(t, verify(t, db, alice.ID, serial, "050471"), iam.InvalidAuthenticationCode, "not valid")
	c.now = time.Unix(1234567890, 0).UTC()
	if err := verify(t, db, alice.ID, serial, "005924"); err != nil {
		t.Errorf("the code of 1234567890: %v", err)
	}
	refused(t, verify(t, db, alice.ID, serial, "005924"), iam.InvalidAuthenticationCode, "not valid")
	c.now = time.Unix(2000000000, 0).UTC()
	refused(t, verify(t, db, alice.ID, serial, "279038"), iam.InvalidAuthenticationCode, "not valid")
	if err := verify(t, db, alice.ID, serial, "279037"); err != nil {
		t.Errorf("the code of 2000000000: %v", err)
	}
}

func TestMFAReplayAndSkew(t *testing.T) {
	db, c := openStoreAt(t, storetest.Memory())
	alice := user(t, db, home, "alice", "/")
	serial := device(t, db, "alice")
	// The device's clock is five minutes ahead.
	ahead := func() time.Time { return c.now.Add(5 * time.Minute) }
	if err := enable(t, db, "alice", serial, codes(ahead())); err != nil {
		t.Fatal(err)
	}
	c.pass(credential.TOTPPeriod)
	current := codes(ahead()).Second
	if err := verify(t, db, alice.ID, serial, current); err != nil {
		t.Errorf("a code with the drift that was seen: %v", err)
	}
	c.pass(credential.TOTPPeriod)
	refused(t, verify(t, db, alice.ID, serial, current), iam.InvalidAuthenticationCode, "")
	refused(t, verify(t, db, alice.ID, serial, codes(c.now).Second), iam.InvalidAuthenticationCode, "")

	// Its clock is set right: only two codes in a row tell.
	c.pass(10 * time.Minute)
	refused(t, verify(t, db, alice.ID, serial, codes(c.now).Second), iam.InvalidAuthenticationCode, "")
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.ResyncMFADevice(ctx, tx, home, "alice", serial, codes(c.now), unsealed)
	})
	refused(t, verify(t, db, alice.ID, serial, codes(c.now).Second), iam.InvalidAuthenticationCode, "")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.ResyncMFADevice(ctx, tx, home, "alice", serial, codes(c.now), unsealed)
	}), iam.InvalidAuthenticationCode, "")
	c.pass(credential.TOTPPeriod)
	if err := verify(t, db, alice.ID, serial, codes(c.now).Second); err != nil {
		t.Errorf("after the resynchronization: %v", err)
	}
}

func TestMFADeviceRules(t *testing.T) {
	db, c := openStoreAt(t, storetest.Memory())
	alice, bob := user(t, db, home, "alice", "/"), user(t, db, home, "bob", "/")
	serial := device(t, db, "phone")

	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		again := iam.MFASerial(home, "/", "PHONE")
		_, err := iam.CreateMFADevice(ctx, tx, home, again, sealedFor(again), nil)
		return err
	}), iam.EntityAlreadyExists, "MFADevice entity at the same path and name already exists.")
	refused(t, enable(t, db, "nobody", serial, codes(c.now)), iam.NoSuchEntity, "The user with name nobody cannot be found.")
	refused(t, enable(t, db, "alice", serial+"x", codes(c.now)), iam.NoSuchEntity, "doesn't exist")
	swapped := iam.MFACodes{First: codes(c.now).Second, Second: codes(c.now).First}
	refused(t, enable(t, db, "alice", serial, swapped), iam.InvalidAuthenticationCode, "")
	refused(t, verify(t, db, "", serial, codes(c.now).Second), iam.NoSuchEntity, "doesn't exist")
	if err := enable(t, db, "alice", serial, codes(c.now)); err != nil {
		t.Fatal(err)
	}
	refused(t, enable(t, db, "bob", serial, codes(c.now)), iam.EntityAlreadyExists, "already in use")
	c.pass(credential.TOTPPeriod)
	refused(t, verify(t, db, bob.ID, serial, codes(c.now).Second), iam.NoSuchEntity, "doesn't exist")
	refused(t, verify(t, db, home, serial, codes(c.now).Second), iam.NoSuchEntity, "doesn't exist")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.VerifyMFA(ctx, tx, other, alice.ID, serial, codes(c.now).Second, unsealed)
	}), iam.NoSuchEntity, "doesn't exist")

	deletion := func(ctx context.Context, tx *store.Tx) error { return iam.DeleteMFADevice(ctx, tx, home, serial) }
	refused(t, try(t, db, deletion), iam.DeleteConflict, "MFA VirtualDevice in use. Must deactivate first.")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, home, "alice") }),
		iam.DeleteConflict, "Cannot delete entity, must delete MFA device first.")
	refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.DeactivateMFADevice(ctx, tx, home, "bob", serial)
	}), iam.NoSuchEntity, "doesn't exist")
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.DeactivateMFADevice(ctx, tx, home, "alice", serial)
	})
	refused(t, verify(t, db, alice.ID, serial, codes(c.now).Second), iam.NoSuchEntity, "doesn't exist")
	update(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, home, "alice") })

	// A code that was good for one owner is not good for the next.
	refused(t, enable(t, db, "", serial, iam.MFACodes{First: codes(c.now.Add(-time.Minute)).First, Second: codes(c.now.Add(-time.Minute)).Second}),
		iam.InvalidAuthenticationCode, "")
	if err := enable(t, db, "", serial, codes(c.now)); err != nil {
		t.Fatal(err)
	}
	c.pass(credential.TOTPPeriod)
	if err := verify(t, db, home, serial, codes(c.now).Second); err != nil {
		t.Errorf("the root user's code: %v", err)
	}
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.DeactivateMFADevice(ctx, tx, home, "", serial)
	})
	update(t, db, deletion)
	refused(t, try(t, db, deletion), iam.NoSuchEntity, "doesn't exist")
}

func TestMFADevicesPerUser(t *testing.T) {
	db, c := openStoreAt(t, storetest.Memory())
	user(t, db, home, "alice", "/")
	for n := range 8 {
		if err := enable(t, db, "alice", device(t, db, string(rune('a'+n))), codes(c.now)); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, enable(t, db, "alice", device(t, db, "i"), codes(c.now)), iam.LimitExceeded, "Cannot exceed quota for MFADevicesPerUser: 8")
}

// TestMFACodeIsGoodOnce has many requests arrive with one code.
func TestMFACodeIsGoodOnce(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db, c := openStoreAt(t, e)
			alice := user(t, db, home, "alice", "/")
			serial := device(t, db, "alice")
			if err := enable(t, db, "alice", serial, codes(c.now)); err != nil {
				t.Fatal(err)
			}
			c.pass(credential.TOTPPeriod)
			code := codes(c.Now()).Second
			results := make(chan error)
			const clients = 8
			for range clients {
				go func() {
					results <- db.Update(context.Background(), func(tx *store.Tx) error {
						return iam.VerifyMFA(context.Background(), tx, home, alice.ID, serial, code, unsealed)
					})
				}()
			}
			accepted := 0
			for range clients {
				if err := <-results; err == nil {
					accepted++
				} else {
					refused(t, err, iam.InvalidAuthenticationCode, "")
				}
			}
			if accepted != 1 {
				t.Errorf("one code was accepted %d times", accepted)
			}
		})
	}
}

func account(t *testing.T, db *store.DB, id, name, email string) {
	t.Helper()
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(ctx, tx, id, name, email)
		return err
	})
}
