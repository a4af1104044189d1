package sts

import (
	"context"
	"errors"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/store"
)

// The refusals of one-time codes, in AWS's words.
const (
	mfaIncomplete = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
	mfaNoDevice   = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	mfaWrongCode  = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
)

// verifyCode verifies the one-time code of a request and reports whether there was one. A
// code is good once and the store notes its use, so it must be verified once only for each
// request.
func (s *Service) verifyCode(ctx context.Context, c *credential.Caller, serial, code *string) (bool, error) {
	switch {
	case serial == nil && code == nil:
		return false, nil
	case serial == nil || code == nil:
		return false, accessDenied(mfaIncomplete)
	case c.Type != credential.User && c.Type != credential.RootUser:
		return false, accessDenied(mfaNoDevice) // roles and federated users have no devices
	}
	// A device is counted for its user: nobody else can make it rest.
	device := c.EntityID + "/" + *serial
	if !s.codes.begin(device, s.DB.Now()) {
		return false, accessDenied(mfaWrongCode)
	}
	result := unseen
	defer func() { s.codes.end(device, result) }()
	err := s.DB.Update(ctx, func(tx *store.Tx) error {
		return iam.VerifyMFA(ctx, tx, c.AccountID, c.EntityID, *serial, *code, s.Vault.Open)
	})
	var rule *iam.Error
	switch {
	case err == nil:
		result = right
		return true, nil
	case !errors.As(err, &rule):
		return false, err
	case rule.Code == iam.InvalidAuthenticationCode:
		result = wrong
		return false, accessDenied(mfaWrongCode)
	default:
		return false, accessDenied(mfaNoDevice)
	}
}

// setMFAKeys lets the policies of this very request see that its one-time code was
// verified. A caller with long-term credentials has no such keys otherwise.
func (s *Service) setMFAKeys(ctx context.Context, c *credential.Caller, serial, code *string, k policy.Keys) error {
	verified, err := s.verifyCode(ctx, c, serial, code)
	if verified {
		k.Set(keyMFAPresent, "true")
		k.Set(keyMFAAge, "0")
	}
	return err
}
