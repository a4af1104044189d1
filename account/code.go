package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bailiwick/bailiwick/org"
)

// The kinds of one-time code: what one proves to be the account's.
const (
	KindEmail = "EMAIL"
	KindPhone = "PHONE"
)

const (
	// CodeLife is how long a code can be used. The reference says that codes expire, but not
	// after what time.
	CodeLife = 30 * time.Minute
	// maxAttempts is how many attempts there are to give a code back; after that it is void.
	// The reference says nothing about it. Six characters of 32 are safe with far more.
	maxAttempts = 5
)

// Seal seals a secret for its owner, Open opens it again; the methods of credential.Vault are
// such.
type (
	Seal func(owner string, secret []byte) ([]byte, error)
	Open func(owner string, sealed []byte) ([]byte, error)
)

// OneTimeCode is a code that was sent to an address or a telephone number of an account.
type OneTimeCode struct {
	AccountID string
	// Kind is KindEmail or KindPhone.
	Kind string
	// Destination is the e-mail address or the telephone number that it was sent to.
	Destination string
	// Sealed is the code, six characters, as the vault sealed it for the owner that CodeOwner
	// names; empty once it has been used.
	Sealed []byte
	SentAt time.Time
	// Attempts counts how often somebody began to give it back.
	Attempts int
	// UsedAt is nil while the code waits.
	UsedAt *time.Time
}

// ExpiresAt is when the code ends to be of use.
func (c OneTimeCode) ExpiresAt() time.Time { return c.SentAt.Add(CodeLife) }

// CodeOwner is for whom the code of an account is sealed.
func CodeOwner(accountID, kind string) string { return "account-code/" + accountID + "/" + kind }

// fresh reports whether the code is neither used nor too old.
func (c OneTimeCode) fresh(now time.Time) bool {
	return c.UsedAt == nil && len(c.Sealed) > 0 && now.Before(c.ExpiresAt())
}

// waits reports whether somebody may still begin to give the code back.
func (c OneTimeCode) waits(now time.Time) bool { return c.fresh(now) && c.Attempts < maxAttempts }

// WaitingCode is a code with what it is, for who delivers it. It is never to be logged.
type WaitingCode struct {
	OneTimeCode
	Code string
}

// WaitingCodes returns the codes of an account that can be used, for who delivers them: AWS
// sends an e-mail or a text message. It fails with CodeNotFound if there is no such account.
func WaitingCodes(_ context.Context, tx Tx, accountID string, open Open) ([]WaitingCode, error) {
	_, found, err := tx.OrgAccount(accountID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fail(CodeNotFound, "There is no such account.")
	}
	var waiting []WaitingCode
	for _, kind := range []string{KindEmail, KindPhone} {
		c, found, err := tx.AccountCode(accountID, kind)
		if err != nil {
			return nil, err
		}
		if !found || !c.waits(tx.Now()) {
			continue
		}
		code, err := open(CodeOwner(accountID, kind), c.Sealed)
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, WaitingCode{c, string(code)})
	}
	return waiting, nil
}

// sendCode makes a new code, which replaces the last one of its kind.
func sendCode(tx Tx, accountID, kind, destination string, seal Seal) error {
	code, err := newCode(tx.Rand())
	if err != nil {
		return err
	}
	sealed, err := seal(CodeOwner(accountID, kind), []byte(code))
	if err != nil {
		return err
	}
	return tx.PutAccountCode(OneTimeCode{
		AccountID: accountID, Kind: kind, Destination: destination, Sealed: sealed, SentAt: tx.Now(),
	})
}

// newCode returns six characters that nobody mistakes for others. Their number divides 256,
// so that each is as likely as any other.
func newCode(random io.Reader) (string, error) {
	const alphabet, length = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6
	b := make([]byte, length)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("account: no randomness: %w", err)
	}
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b), nil
}

// Attempt is one of the attempts to give back a code, counted already.
type Attempt struct {
	sentAt time.Time
	number int
}

// BeginAttempt counts an attempt to give a code back, before the code is looked at: it must be
// committed even if the attempt fails, and before it is used. Without a waiting code there is
// nothing to count.
func BeginAttempt(_ context.Context, tx Tx, accountID, kind string) (Attempt, error) {
	c, found, err := tx.AccountCode(accountID, kind)
	if err != nil || !found || !c.waits(tx.Now()) {
		return Attempt{}, err
	}
	c.Attempts++
	return Attempt{c.SentAt, c.Attempts}, tx.PutAccountCode(c)
}

// useCode takes a fresh code in one of the attempts. It fails with CodeInvalid if the code is
// wrong or too old, or there were too many attempts.
func useCode(tx Tx, c OneTimeCode, a Attempt, given string, open Open) error {
	counted := a.number > 0 && a.number <= min(maxAttempts, c.Attempts) && a.sentAt.Equal(c.SentAt)
	if !counted || !c.fresh(tx.Now()) {
		return invalid(ReasonField, "otp", "The one-time passcode has expired.")
	}
	code, err := open(CodeOwner(c.AccountID, c.Kind), c.Sealed)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(code, []byte(given)) != 1 {
		return invalid(ReasonField, "otp", "The one-time passcode is incorrect.")
	}
	now := tx.Now()
	c.Sealed, c.UsedAt = nil, &now
	return tx.PutAccountCode(c)
}

// The states of a change of the root user's address (API reference,
// PrimaryEmailUpdateStatus). ACCEPTED is the answer to the code; as the change is made at
// once, it is COMPLETED whenever somebody asks later. FAILED are those whose code has
// expired or was guessed at too often.
const (
	EmailPending   = "PENDING"
	EmailAccepted  = "ACCEPTED"
	EmailCompleted = "COMPLETED"
	EmailFailed    = "FAILED"
)

// StartEmailUpdate sends a code to the address that a member account's root user is to get;
// one that was sent before is void then. It fails with CodeInvalid, or CodeConflict if an
// account has the address or this one is closed.
func StartEmailUpdate(ctx context.Context, tx Tx, accountID, email string, seal Seal) error {
	if err := emailError(org.CheckNewEmail(ctx, tx, accountID, email)); err != nil {
		return err
	}
	return sendCode(tx, accountID, KindEmail, email, seal)
}

// AcceptEmailUpdate gives a member account's root user the address that the code was sent
// to. It fails with CodeNotFound if nothing was started, with CodeConflict if it has ended
// or the address was taken meanwhile, and with CodeInvalid if the address is another one or
// the code is wrong or too old. The attempt is one of KindEmail.
func AcceptEmailUpdate(ctx context.Context, tx Tx, accountID, email, code string, a Attempt, open Open) error {
	c, found, err := tx.AccountCode(accountID, KindEmail)
	switch {
	case err != nil:
		return err
	case !found:
		return fail(CodeNotFound, "No primary email update was started for this account.")
	case c.UsedAt != nil:
		return fail(CodeConflict, "The primary email update has already been accepted.")
	case c.Destination != email:
		return invalid(ReasonField, "primaryEmail", "The email address doesn't match that of the primary email update.")
	}
	if err := useCode(tx, c, a, code, open); err != nil {
		return err
	}
	return emailError(org.ChangeEmail(ctx, tx, accountID, email))
}

// EmailUpdateStatus returns the state of the last change of a member account's root user's
// address, and since when it is so. It fails with CodeNotFound if there was none.
func EmailUpdateStatus(_ context.Context, tx Tx, accountID string) (string, time.Time, error) {
	c, found, err := tx.AccountCode(accountID, KindEmail)
	switch {
	case err != nil:
		return "", time.Time{}, err
	case !found:
		return "", time.Time{}, fail(CodeNotFound, "No primary email update was started for this account.")
	case c.UsedAt != nil:
		return EmailCompleted, *c.UsedAt, nil
	case c.waits(tx.Now()):
		return EmailPending, c.SentAt, nil
	case tx.Now().Before(c.ExpiresAt()):
		// The attempts are used up. When the last one was is not kept.
		return EmailFailed, c.SentAt, nil
	default:
		return EmailFailed, c.ExpiresAt(), nil
	}
}

// emailError gives what package org has against an address this package's words.
func emailError(err error) error {
	switch {
	case errors.Is(err, org.ErrInvalidAccount):
		return invalid(ReasonField, "primaryEmail", "The email address is not valid.")
	case errors.Is(err, org.ErrEmailExists):
		return fail(CodeConflict, "The email address is already in use by an account.")
	case errors.Is(err, org.ErrAccountClosed):
		return fail(CodeConflict, "The account is not active.")
	default:
		return err
	}
}
