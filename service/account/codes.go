package account

import (
	"context"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// StartPrimaryEmailUpdate sends a code to the new address of a member account's root user.
func (s *Service) StartPrimaryEmailUpdate(ctx context.Context, in *accountapi.StartPrimaryEmailUpdateInput) (*accountapi.StartPrimaryEmailUpdateOutput, error) {
	c := call{"StartPrimaryEmailUpdate", in.AccountId}
	return write(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.StartPrimaryEmailUpdateOutput, error) {
		if err := account.StartEmailUpdate(ctx, tx, id, smithy.Value(in.PrimaryEmail), s.Vault.Seal); err != nil {
			return nil, err
		}
		return &accountapi.StartPrimaryEmailUpdateOutput{Status: smithy.Ptr(account.EmailPending)}, nil
	})
}

// AcceptPrimaryEmailUpdate gives a member account's root user the address that the code was
// sent to.
func (s *Service) AcceptPrimaryEmailUpdate(ctx context.Context, in *accountapi.AcceptPrimaryEmailUpdateInput) (*accountapi.AcceptPrimaryEmailUpdateOutput, error) {
	c := call{"AcceptPrimaryEmailUpdate", in.AccountId}
	attempt, err := s.begin(ctx, c, account.KindEmail)
	if err != nil {
		return nil, err
	}
	return write(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.AcceptPrimaryEmailUpdateOutput, error) {
		if err := account.AcceptEmailUpdate(ctx, tx, id, smithy.Value(in.PrimaryEmail), smithy.Value(in.Otp), attempt, s.Vault.Open); err != nil {
			return nil, err
		}
		return &accountapi.AcceptPrimaryEmailUpdateOutput{Status: smithy.Ptr(account.EmailAccepted)}, nil
	})
}

// GetPrimaryEmailUpdateStatus returns what came of the last change of a member account's
// root user's address. Although the model does not require the parameter, the operation is
// for member accounts only, which have to be named.
func (s *Service) GetPrimaryEmailUpdateStatus(ctx context.Context, in *accountapi.GetPrimaryEmailUpdateStatusInput) (*accountapi.GetPrimaryEmailUpdateStatusOutput, error) {
	c := call{"GetPrimaryEmailUpdateStatus", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetPrimaryEmailUpdateStatusOutput, error) {
		if smithy.Value(in.AccountId) == "" {
			return nil, &account.Error{Code: account.CodeAccessDenied}
		}
		status, at, err := account.EmailUpdateStatus(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		return &accountapi.GetPrimaryEmailUpdateStatusOutput{Status: &status, UpdatedAt: &at}, nil
	})
}

// SendPhoneNumberVerification sends a code to the primary contact's telephone number.
func (s *Service) SendPhoneNumberVerification(ctx context.Context, in *accountapi.SendPhoneNumberVerificationInput) (*accountapi.SendPhoneNumberVerificationOutput, error) {
	c := call{"SendPhoneNumberVerification", in.AccountId}
	return write(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.SendPhoneNumberVerificationOutput, error) {
		if err := account.SendPhoneCode(ctx, tx, id, s.Vault.Seal); err != nil {
			return nil, err
		}
		return &accountapi.SendPhoneNumberVerificationOutput{Status: smithy.Ptr(account.PhonePending)}, nil
	})
}

// VerifyPhoneNumber takes the code that was sent to the primary contact's telephone number.
func (s *Service) VerifyPhoneNumber(ctx context.Context, in *accountapi.VerifyPhoneNumberInput) (*accountapi.VerifyPhoneNumberOutput, error) {
	c := call{"VerifyPhoneNumber", in.AccountId}
	attempt, err := s.begin(ctx, c, account.KindPhone)
	if err != nil {
		return nil, err
	}
	return write(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.VerifyPhoneNumberOutput, error) {
		if err := account.VerifyPhone(ctx, tx, id, smithy.Value(in.Otp), attempt, s.Vault.Open); err != nil {
			return nil, err
		}
		return &accountapi.VerifyPhoneNumberOutput{Status: smithy.Ptr(account.PhoneVerified)}, nil
	})
}

// begin counts an attempt to give back a code, in a transaction of its own: a wrong code fails
// the operation's, and must have been counted all the same.
func (s *Service) begin(ctx context.Context, c call, kind string) (attempt account.Attempt, err error) {
	err = s.DB.Update(ctx, func(tx *store.Tx) error {
		id, err := account.Target(ctx, tx, credential.FromContext(ctx).AccountID, smithy.Value(c.accountID))
		if err != nil {
			return err
		}
		attempt, err = account.BeginAttempt(ctx, tx, id, kind)
		return err
	})
	return attempt, apiError(ctx, c.operation, err)
}
