package iam

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// OutboundIssuer is the identity provider that an account is to others: tokens of its users and
// roles name it as their issuer. See the IAM user guide, "Federating AWS identities to external
// services".
type OutboundIssuer struct {
	AccountID string
	// ID is a random UUID; the issuer's URL ends in it.
	ID string
	// Enabled says that tokens are issued.
	Enabled bool
}

// The algorithms by which tokens are signed; see GetWebIdentityToken in the STS API Reference.
const (
	AlgorithmRS256 = "RS256"
	AlgorithmES384 = "ES384"
)

// OutboundKey is a key pair that signs tokens of an account.
type OutboundKey struct {
	// ID is random, and what tokens name as kid.
	ID        string
	AccountID string
	// Algorithm is AlgorithmRS256 or AlgorithmES384.
	Algorithm string
	// Public is the public key in PKIX form; Sealed is the private key in PKCS #8 form, as the
	// vault sealed it for the owner ID.
	Public, Sealed []byte
	CreatedAt      time.Time
}

// OutboundStore keeps issuers and their keys.
type OutboundStore interface {
	// IAMPutOutboundIssuer writes the row of the issuer's account. It returns ErrDuplicate if
	// another account has the id.
	IAMPutOutboundIssuer(OutboundIssuer) error
	IAMOutboundIssuer(accountID string) (OutboundIssuer, bool, error)
	IAMOutboundIssuerByID(id string) (OutboundIssuer, bool, error)
	// IAMInsertOutboundKey returns ErrDuplicate if the id is taken.
	IAMInsertOutboundKey(OutboundKey) error
	// IAMOutboundKeys lists the account's keys, the oldest first.
	IAMOutboundKeys(accountID string) ([]OutboundKey, error)
	// IAMOutboundKeysAged returns at most limit accounts with a key made at or before signing
	// that has a successor made at or before replaced, or, where tokens are issued, none; at
	// least one if there is any.
	IAMOutboundKeysAged(signing, replaced time.Time, limit int) (accountIDs []string, err error)
	// IAMDropOutboundKeys deletes keys of the account.
	IAMDropOutboundKeys(accountID string, ids []string) error
}

// The life of a key. AWS does not say how often it changes its keys.
const (
	// outboundKeySigns is how long a key signs before another takes its place.
	outboundKeySigns = 90 * 24 * time.Hour
	// outboundKeyShown is how long a key is published before it signs, unless it is the first:
	// verifiers keep what they fetched for a while.
	outboundKeyShown = 24 * time.Hour
	// outboundKeyStays is how long a key is published after its successor signs: longer than any
	// token lives that it signed.
	outboundKeyStays = 24 * time.Hour
)

// EnableOutbound lets the users and roles of an account get tokens. id is the issuer's if the
// account never had one. The keys must be there (see [AddOutboundKeys]).
func EnableOutbound(_ context.Context, tx OutboundTx, accountID, id string) (OutboundIssuer, error) {
	have, ok, err := tx.IAMOutboundIssuer(accountID)
	switch {
	case err != nil:
		return OutboundIssuer{}, err
	case have.Enabled:
		return OutboundIssuer{}, fail(FeatureEnabled, "Outbound web identity federation is already enabled for this account.")
	case !ok:
		have = OutboundIssuer{AccountID: accountID, ID: id}
	}
	have.Enabled = true
	err = tx.IAMPutOutboundIssuer(have)
	if errors.Is(err, ErrDuplicate) {
		err = fmt.Errorf("iam: two accounts with the issuer %s", id)
	}
	return have, err
}

// DisableOutbound ends it. What has been issued stays valid, and verifiable, until it expires.
func DisableOutbound(ctx context.Context, tx OutboundTx, accountID string) error {
	have, err := Outbound(ctx, tx, accountID)
	if err != nil {
		return err
	}
	have.Enabled = false
	return tx.IAMPutOutboundIssuer(have)
}

// Outbound returns the issuer of an account that has the feature enabled. The error is
// FeatureDisabled if not.
func Outbound(_ context.Context, tx OutboundTx, accountID string) (OutboundIssuer, error) {
	have, _, err := tx.IAMOutboundIssuer(accountID)
	if err == nil && !have.Enabled {
		err = fail(FeatureDisabled, "Outbound web identity federation is not enabled for this account.")
	}
	return have, err
}

// OutboundTx is what outbound federation needs of a transaction. *store.Tx is one.
type OutboundTx interface {
	Environment
	OutboundStore
}

// OutboundKeyDue returns the algorithms for which the account needs another key: it has none, or
// the newest one has signed for so long that its successor has to be published.
func OutboundKeyDue(_ context.Context, tx OutboundTx, accountID string) ([]string, error) {
	keys, err := tx.IAMOutboundKeys(accountID)
	if err != nil {
		return nil, err
	}
	var due []string
	for _, algorithm := range []string{AlgorithmRS256, AlgorithmES384} {
		newest, ok := newestKey(keys, algorithm)
		if !ok || !tx.Now().Before(newest.CreatedAt.Add(outboundKeySigns)) {
			due = append(due, algorithm)
		}
	}
	return due, nil
}

func newestKey(keys []OutboundKey, algorithm string) (k OutboundKey, ok bool) {
	for i := range keys {
		if keys[i].Algorithm == algorithm {
			k, ok = keys[i], true
		}
	}
	return k, ok
}

// AddOutboundKeys adds keys that are due still: of several that were made at the same time the
// first stays. Keys that nobody needs any more are dropped.
func AddOutboundKeys(ctx context.Context, tx OutboundTx, accountID string, made []OutboundKey) error {
	for _, k := range made {
		due, err := OutboundKeyDue(ctx, tx, accountID)
		if err != nil {
			return err
		}
		for _, algorithm := range due {
			if algorithm != k.Algorithm {
				continue
			}
			k.AccountID, k.CreatedAt = accountID, tx.Now()
			if err := tx.IAMInsertOutboundKey(k); err != nil {
				return err
			}
		}
	}
	keys, err := tx.IAMOutboundKeys(accountID)
	if err != nil {
		return err
	}
	var over []string
	for i := range keys {
		if !shown(keys, i, tx.Now()) {
			over = append(over, keys[i].ID)
		}
	}
	if len(over) == 0 {
		return nil
	}
	return tx.IAMDropOutboundKeys(accountID, over)
}

// OutboundTending is what is to be done about the keys of one account: to make keys for the
// algorithms, if any, and to call [AddOutboundKeys], which drops those that nobody needs.
type OutboundTending struct {
	AccountID  string
	Algorithms []string
}

// OutboundToTend returns at most limit accounts whose keys have signed for long enough, or are
// not needed any more; whoever calls it again until there are none has tended all. It is for work in the background; accounts that get tokens every day
// have their keys changed on the way.
func OutboundToTend(ctx context.Context, tx OutboundTx, limit int) ([]OutboundTending, error) {
	now := tx.Now()
	ids, err := tx.IAMOutboundKeysAged(now.Add(-outboundKeySigns), now.Add(-outboundKeyShown-outboundKeyStays), limit)
	if err != nil {
		return nil, err
	}
	out := make([]OutboundTending, 0, len(ids))
	for _, id := range ids {
		issuer, _, err := tx.IAMOutboundIssuer(id)
		if err != nil {
			return nil, err
		}
		t := OutboundTending{AccountID: id}
		if issuer.Enabled {
			if t.Algorithms, err = OutboundKeyDue(ctx, tx, id); err != nil {
				return nil, err
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// shown reports whether the key has to be published: until some time after its successor signs.
func shown(keys []OutboundKey, i int, now time.Time) bool {
	for j := i + 1; j < len(keys); j++ {
		if keys[j].Algorithm == keys[i].Algorithm {
			return now.Before(keys[j].CreatedAt.Add(outboundKeyShown + outboundKeyStays))
		}
	}
	return true
}

// OutboundSigner returns the key that signs for the account now: the newest that has been
// published long enough, else the oldest. ok is false if there is none.
func OutboundSigner(_ context.Context, tx OutboundTx, accountID, algorithm string) (k OutboundKey, ok bool, err error) {
	keys, err := tx.IAMOutboundKeys(accountID)
	if err != nil {
		return OutboundKey{}, false, err
	}
	for i := range keys {
		if keys[i].Algorithm == algorithm && (!ok || !tx.Now().Before(keys[i].CreatedAt.Add(outboundKeyShown))) {
			k, ok = keys[i], true
		}
	}
	return k, ok, nil
}

// OutboundPublished returns the keys that the issuer with that id publishes, whether or not the
// feature is enabled: what was signed before must stay verifiable. ok is false if there is no such
// issuer.
func OutboundPublished(_ context.Context, tx OutboundTx, issuerID string) (keys []OutboundKey, ok bool, err error) {
	issuer, ok, err := tx.IAMOutboundIssuerByID(issuerID)
	if err != nil || !ok {
		return nil, false, err
	}
	all, err := tx.IAMOutboundKeys(issuer.AccountID)
	for i := range all {
		if shown(all, i, tx.Now()) {
			keys = append(keys, all[i])
		}
	}
	return keys, true, err
}
