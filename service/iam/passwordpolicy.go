package iam

import (
	"cmp"
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// UpdateAccountPasswordPolicy replaces the account's password policy; what is left out gets
// its default.
func (s *Service) UpdateAccountPasswordPolicy(ctx context.Context, in *iamapi.UpdateAccountPasswordPolicyInput) (*iamapi.UpdateAccountPasswordPolicyOutput, error) {
	return change[iamapi.UpdateAccountPasswordPolicyOutput](ctx, s, func(tx *store.Tx) error {
		return iam.UpdatePasswordPolicy(ctx, tx, account(ctx), iam.PasswordPolicy{
			MinimumLength:      cmp.Or(int(smithy.Value(in.MinimumPasswordLength)), iam.DefaultMinimumLength),
			RequireSymbols:     smithy.Value(in.RequireSymbols),
			RequireNumbers:     smithy.Value(in.RequireNumbers),
			RequireUppercase:   smithy.Value(in.RequireUppercaseCharacters),
			RequireLowercase:   smithy.Value(in.RequireLowercaseCharacters),
			AllowUsersToChange: smithy.Value(in.AllowUsersToChangePassword),
			MaxAgeDays:         int(smithy.Value(in.MaxPasswordAge)),
			ReusePrevention:    int(smithy.Value(in.PasswordReusePrevention)),
			HardExpiry:         in.HardExpiry,
		})
	})
}

// GetAccountPasswordPolicy returns the account's own password policy.
func (s *Service) GetAccountPasswordPolicy(ctx context.Context, _ *iamapi.GetAccountPasswordPolicyInput) (*iamapi.GetAccountPasswordPolicyOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetAccountPasswordPolicyOutput, error) {
		p, err := iam.GetPasswordPolicy(ctx, tx, account(ctx))
		if err != nil {
			return nil, err
		}
		return &iamapi.GetAccountPasswordPolicyOutput{PasswordPolicy: &iamapi.PasswordPolicy{
			MinimumPasswordLength:      smithy.Ptr(int32(p.MinimumLength)),
			RequireSymbols:             &p.RequireSymbols,
			RequireNumbers:             &p.RequireNumbers,
			RequireUppercaseCharacters: &p.RequireUppercase,
			RequireLowercaseCharacters: &p.RequireLowercase,
			AllowUsersToChangePassword: &p.AllowUsersToChange,
			ExpirePasswords:            smithy.Ptr(p.MaxAgeDays > 0),
			MaxPasswordAge:             smithy.PtrTo(int32(p.MaxAgeDays)),
			PasswordReusePrevention:    smithy.PtrTo(int32(p.ReusePrevention)),
			HardExpiry:                 p.HardExpiry,
		}}, nil
	})
}

// DeleteAccountPasswordPolicy deletes the account's own password policy.
func (s *Service) DeleteAccountPasswordPolicy(ctx context.Context, _ *iamapi.DeleteAccountPasswordPolicyInput) (*iamapi.DeleteAccountPasswordPolicyOutput, error) {
	return change[iamapi.DeleteAccountPasswordPolicyOutput](ctx, s, func(tx *store.Tx) error {
		return iam.DeletePasswordPolicy(ctx, tx, account(ctx))
	})
}
