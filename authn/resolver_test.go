package authn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/authn"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const account = "111111111111"

var start = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// world is a resolver over a store with one account.
type world struct {
	*authn.Resolver
	t  *testing.T
	db *store.DB
}

func newWorld(t *testing.T, e storetest.Engine) *world {
	t.Helper()
	db := e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return start } })
	key, err := credential.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	ring := credential.NewKeyring(key)
	vault, err := credential.NewVault(ring)
	if err != nil {
		t.Fatal(err)
	}
	r, err := authn.New(authn.Config{
		View: func(ctx context.Context, fn func(iam.Tx) error) error {
			return db.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Update: func(ctx context.Context, fn func(iam.Tx) error) error {
			return db.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: db.Revision, Vault: vault, Sealer: credential.NewSealer(ring),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Resolver: r, t: t, db: db}
	w.update(func(ctx context.Context, tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(ctx, tx, account, "Account", "a@example.com")
		return err
	})
	return w
}

func (w *world) update(fn func(ctx context.Context, tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), func(tx *store.Tx) error { return fn(w.t.Context(), tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// user makes a user with an access key and returns the key's id and the user.
func (w *world) user(name string) (keyID string, u iam.Identity) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) (err error) {
		if u, err = iam.CreateUser(ctx, tx, account, iam.NewUser{Name: name}); err != nil {
			return err
		}
		keyID = credential.NewAccessKeyID(credential.LongTerm, account, tx.Rand())
		sealed, err := w.Vault.Seal(keyID, []byte("secret of "+name))
		if err != nil {
			return err
		}
		_, err = iam.CreateAccessKey(ctx, tx, account, name, keyID, sealed)
		return err
	})
	return keyID, u
}

func (w *world) resolve(keyID, token string) *credential.Caller {
	w.t.Helper()
	_, c, err := w.Resolve(w.t.Context(), keyID, token, start)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// session seals a session of a user, or of somebody for whom it answers.
func (w *world) session(u iam.Identity, kind credential.PrincipalType) (keyID, token string) {
	w.t.Helper()
	c := credential.Caller{
		Type: kind, AccountID: account, ARN: u.ARN(), PrincipalID: u.ID, EntityID: u.ID, EntityARN: u.ARN(), EntityName: u.Name,
		AccessKeyID: "ASIATEST", Session: &credential.Session{IssuedAt: start, ExpiresAt: start.Add(time.Hour), MFA: true},
	}
	if kind == credential.FederatedUser {
		c.ARN = "arn:aws:sts::" + account + ":federated-user/carol"
	}
	token, err := w.Sealer.Seal(&c, "secret")
	if err != nil {
		w.t.Fatal(err)
	}
	return c.AccessKeyID, token
}

// A name can be given to somebody else: who has credentials of the former bearer must not
// become the new one, whom operations and policies mean by name.
func TestSessionsFollowTheirUsersName(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			w := newWorld(t, e)
			longTerm, first := w.user("alice")
			own, ownToken := w.session(first, credential.User)
			federated, federatedToken := w.session(first, credential.FederatedUser)
			check := func(when, name string) {
				t.Helper()
				arn := "arn:aws:iam::" + account + ":user/" + name
				for _, c := range []*credential.Caller{w.resolve(longTerm, ""), w.resolve(own, ownToken)} {
					if c.EntityName != name || c.ARN != arn || c.EntityARN != arn || c.EntityID != first.ID {
						t.Errorf("%s: %+v", when, c)
					}
				}
				c := w.resolve(federated, federatedToken)
				if c.EntityName != name || c.EntityARN != arn || !strings.HasSuffix(c.ARN, ":federated-user/carol") {
					t.Errorf("%s: %+v", when, c)
				}
			}
			check("at first", "alice")
			w.update(func(ctx context.Context, tx *store.Tx) error {
				return iam.UpdateUser(ctx, tx, account, "alice", "allison", "")
			})
			w.user("alice")
			check("renamed", "allison")
		})
	}
}

// Anybody can send anything as an access key id; it is no reason for an internal failure.
func TestUnknownKeys(t *testing.T) {
	w := newWorld(t, storetest.Memory())
	for _, id := range []string{"", "AKIAIOSFODNN7EXAMPLE", "\xff\xfe", "AKIA\x00", strings.Repeat("A", 200), "AKIA/../x"} {
		if _, _, err := w.Resolve(t.Context(), id, "", start); !errors.Is(err, credential.ErrUnknownKey) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
