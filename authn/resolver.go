package authn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
)

// Bounds of the caches, in entries.
const (
	// maxKeys is how many long-term keys are kept in memory.
	maxKeys = 50_000
	// maxUsers is of how many users behind sessions the name is kept.
	maxUsers = 50_000
)

// idle is how long they keep what nobody asks for: deleted keys, above all.
const idle = 10 * time.Minute

// Config says what a Resolver needs. All fields are required.
type Config struct {
	// View runs fn in a read-only snapshot of the store; Update in a transaction.
	View, Update func(ctx context.Context, fn func(tx iam.Tx) error) error
	// Revision answers the change counter of a scope.
	Revision func(scope string) uint64
	// Vault opens the secrets of long-term keys, Sealer session tokens.
	Vault  *credential.Vault
	Sealer *credential.Sealer
}

// Resolver finds access keys. It is safe for concurrent use.
type Resolver struct {
	Config
	keys  *otter.Cache[string, *key]
	users *otter.Cache[string, *user]
	uses  uses
	// keyUses and userUses tell how often the caches had what was wanted.
	keyUses, userUses *stats.Counter
}

// user is how a user is called at a revision of its account.
type user struct {
	revision  uint64
	name, arn string
}

// key is a long-term access key in memory.
type key struct {
	keyRevision, ownerRevision uint64
	secret                     string
	caller                     credential.Caller
}

// New returns a Resolver.
func New(c Config) (*Resolver, error) {
	if c.View == nil || c.Update == nil || c.Revision == nil || c.Vault == nil || c.Sealer == nil {
		return nil, errors.New("authn: every field of Config is required")
	}
	keys, err := otter.New(&otter.Options[string, *key]{MaximumSize: maxKeys, ExpiryCalculator: otter.ExpiryAccessing[string, *key](idle)})
	if err != nil {
		return nil, err
	}
	users, err := otter.New(&otter.Options[string, *user]{MaximumSize: maxUsers, ExpiryCalculator: otter.ExpiryAccessing[string, *user](idle)})
	if err != nil {
		return nil, err
	}
	return &Resolver{Config: c, keys: keys, users: users, keyUses: stats.NewCounter(), userUses: stats.NewCounter()}, nil
}

// Resolve returns the secret access key and the caller behind an access key id. sessionToken
// is empty for long-term keys. The errors are credential.ErrUnknownKey, ErrInvalidToken and
// ErrExpiredToken; any other means that the store could not be read.
func (r *Resolver) Resolve(ctx context.Context, accessKeyID, sessionToken string, now time.Time) (string, *credential.Caller, error) {
	if sessionToken != "" {
		return r.session(ctx, accessKeyID, sessionToken, now)
	}
	k, err := r.longTerm(ctx, accessKeyID)
	if err != nil {
		return "", nil, err
	}
	return k.secret, &k.caller, nil
}

func (r *Resolver) session(ctx context.Context, accessKeyID, token string, now time.Time) (string, *credential.Caller, error) {
	caller, secret, err := r.Sealer.Open(accessKeyID, token, now)
	if err != nil {
		return "", nil, err
	}
	if err := r.name(ctx, caller); err != nil {
		return "", nil, err
	}
	return secret, caller, nil
}

// name gives the user of a session, or behind it, the name and ARN that it has now. The
// token holds those of the time when it was made, and somebody else may have that name by
// now. Of a user who is gone they stay: the gate refuses those by their unique id.
func (r *Resolver) name(ctx context.Context, c *credential.Caller) error {
	if c.EntityID == c.AccountID || c.Type != credential.User && c.Type != credential.FederatedUser {
		return nil // the root user has no name, and roles keep theirs
	}
	revision := r.Revision("iam/" + c.AccountID)
	u, ok := r.users.GetIfPresent(c.EntityID)
	if ok && u.revision == revision {
		r.userUses.RecordHits(1)
	} else {
		r.userUses.RecordMisses(1)
		u = &user{revision: revision, name: c.EntityName, arn: c.EntityARN}
		err := r.View(ctx, func(tx iam.Tx) error {
			i, found, err := iam.UserByID(ctx, tx, c.AccountID, c.EntityID)
			if found {
				u.name, u.arn = i.Name, i.ARN()
			}
			return err
		})
		if err != nil {
			return err
		}
		r.users.Set(c.EntityID, u)
	}
	c.EntityName, c.EntityARN = u.name, u.arn
	if c.Type == credential.User {
		c.ARN = u.arn
	}
	return nil
}

func (r *Resolver) longTerm(ctx context.Context, id string) (*key, error) {
	if !wellFormed(id) {
		return nil, credential.ErrUnknownKey
	}
	account, _ := credential.AccountOf(id)
	keyScope := "key/" + id
	if have, ok := r.keys.GetIfPresent(id); ok &&
		have.keyRevision == r.Revision(keyScope) && have.ownerRevision == r.Revision("iam/"+have.caller.AccountID) {
		r.keyUses.RecordHits(1)
		return have, nil
	}
	r.keyUses.RecordMisses(1)
	// A key id that was given from outside (a fixed one for scripts) need not carry its
	// account; then the owner's revision is known only after a first look.
	for {
		k := &key{keyRevision: r.Revision(keyScope), ownerRevision: r.Revision("iam/" + account)}
		found := false
		err := r.View(ctx, func(tx iam.Tx) error {
			row, ok, err := iam.AccessKeyByID(ctx, tx, id)
			if err != nil || !ok || row.Status != iam.KeyActive {
				return err
			}
			found = true
			return r.fill(k, &row)
		})
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, credential.ErrUnknownKey
		}
		if k.caller.AccountID == account {
			r.keys.Set(id, k)
			return k, nil
		}
		account = k.caller.AccountID
	}
}

// maxKeyID is the longest access key id (IAM API reference, AccessKey).
const maxKeyID = 128

// wellFormed reports whether there can be an access key of that id: strangers send anything,
// and the store takes text only.
func wellFormed(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != "" && len(id) <= maxKeyID
}

func (r *Resolver) fill(k *key, row *iam.AccessKey) error {
	secret, err := r.Vault.Open(row.ID, row.SealedSecret)
	if err != nil {
		return fmt.Errorf("authn: secret of access key %s: %w", row.ID, err)
	}
	k.secret = string(secret)
	k.caller = credential.Caller{
		Type: credential.User, AccountID: row.AccountID, ARN: row.OwnerARN(),
		PrincipalID: row.UserID, EntityID: row.UserID, EntityARN: row.OwnerARN(),
		EntityName: row.UserName, AccessKeyID: row.ID,
	}
	if row.UserID == "" {
		k.caller.Type = credential.RootUser
		k.caller.PrincipalID, k.caller.EntityID = row.AccountID, row.AccountID
	}
	return nil
}
