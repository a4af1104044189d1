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

// codeLife is how long a code can be used. The reference says that codes expire, but not
// after what time.
const codeLife = 30 * time.Minute

// OneTimeCode is a code that was sent to an address or a telephone number of an account.
type OneTimeCode struct {
	AccountID string
	// Kind is KindEmail or KindPhone.
	Kind string
	// Destination is the e-mail address or the telephone number that it was sent to.
	Destination string
	// Code is six characters; empty once it has been used. It is never to be logged.
	Code   string
	SentAt time.Time
	// UsedAt is nil while the code waits.
	UsedAt *time.Time
}

// ExpiresAt is when the code ends to be of use.
func (c OneTimeCode) ExpiresAt() time.Time { return c.SentAt.Add(codeLife) }

// waits reports whether the code can be used.
func (c OneTimeCode) waits(now time.Time) bool { return c.UsedAt == nil && now.Before(c.ExpiresAt()) }

// WaitingCodes returns the codes of an account that can be used, for who delivers them: AWS
// sends an e-mail or a text message. It fails with CodeNotFound if there is no such account.
func WaitingCodes(_ context.Context, tx Tx, accountID string) ([]OneTimeCode, error) {
	_, found, err := tx.OrgAccount(accountID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fail(CodeNotFound, "There is no such account.")
	}
	var waiting []OneTimeCode
	for _, kind := range []string{KindEmail, KindPhone} {
		c, found, err := tx.AccountCode(accountID, kind)
		if err != nil {
			return nil, err
		}
		if found && c.waits(tx.Now()) {
			waiting = append(waiting, c)
		}
	}
	return waiting, nil
}

// sendCode makes a new code, which replaces the last one of its kind.
func sendCode(tx Tx, accountID, kind, destination string) error {
	code, err := newCode(tx.Rand())
	if err != nil {
		return err
	}
	return tx.PutAccountCode(OneTimeCode{
		AccountID: accountID, Kind: kind, Destination: destination, Code: code, SentAt: tx.Now(),
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

// useCode takes a waiting code. It fails with CodeInvalid if the code is wrong or too old.
func useCode(tx Tx, c OneTimeCode, given string) error {
	if subtle.ConstantTimeCompare([]byte(c.Code), []byte(given)) != 1 {
		return invalid(ReasonField, "otp", "The one-time passcode is incorrect.")
	}
	if !c.waits(tx.Now()) {
		return invalid(ReasonField, "otp", "The one-time passcode has expired.")
	}
	now := tx.Now()
	c.Code, c.UsedAt = "", &now
	return tx.PutAccountCode(c)
}

// The states of a change of the root user's address (API reference,
// PrimaryEmailUpdateStatus). ACCEPTED is the answer to the code; as the change is made at
// once, it is COMPLETED whenever somebody asks later. FAILED are those whose code has
// expired.
const (
	EmailPending   = "PENDING"
	EmailAccepted  = "ACCEPTED"
	EmailCompleted = "COMPLETED"
	EmailFailed    = "FAILED"
)

// StartEmailUpdate sends a code to the address that a member account's root user is to get;
// one that was sent before is void then. It fails with CodeInvalid, or CodeConflict if an
// account has the address or this one is closed.
func StartEmailUpdate(ctx context.Context, tx Tx, accountID, email string) error {
	if err := emailError(org.CheckNewEmail(ctx, tx, accountID, email)); err != nil {
		return err
	}
	return sendCode(tx, accountID, KindEmail, email)
}

// AcceptEmailUpdate gives a member account's root user the address that the code was sent
// to. It fails with CodeNotFound if nothing was started, with CodeConflict if it has ended
// or the address was taken meanwhile, and with CodeInvalid if the address is another one or
// the code is wrong or too old.
func AcceptEmailUpdate(ctx context.Context, tx Tx, accountID, email, code string) error {
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
	if err := useCode(tx, c, code); err != nil {
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
