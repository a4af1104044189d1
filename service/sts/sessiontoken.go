package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
)

// GetSessionToken issues temporary credentials of the caller itself, a user or the root
// user; with a one-time code they say that the user was authenticated by it. It is open to
// all of them whatever the policies say: see the IAM user guide, "Permissions for
// GetSessionToken". The gate keeps sessions out (package authz, session.go).
func (s *Service) GetSessionToken(ctx context.Context, in *stsapi.GetSessionTokenInput) (*stsapi.GetSessionTokenOutput, error) {
	caller := credential.FromContext(ctx)
	verified, err := s.verifyCode(ctx, caller, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	who := *caller
	who.Session = &credential.Session{IssuerType: "GetSessionToken"}
	if verified {
		who.Session.MFA, who.Session.MFATime = true, s.DB.Now()
	}
	made, err := s.issue(ctx, order{who, userDuration(caller, in.DurationSeconds), in.MinimumSessionTokenSize})
	if err != nil {
		return nil, err
	}
	return &stsapi.GetSessionTokenOutput{
		Credentials: made.credentials, SessionTokenSize: made.size, SessionTokenUtilization: made.utilization,
	}, nil
}
