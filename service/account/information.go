package account

import (
	"context"
	"fmt"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GetAccountInformation returns the account's name, age and state.
func (s *Service) GetAccountInformation(ctx context.Context, in *accountapi.GetAccountInformationInput) (*accountapi.GetAccountInformationOutput, error) {
	c := call{"GetAccountInformation", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetAccountInformationOutput, error) {
		a, err := existing(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		return &accountapi.GetAccountInformationOutput{
			AccountId: smithy.Ptr(a.ID), AccountName: smithy.Ptr(a.Name),
			AccountCreatedDate: smithy.Ptr(a.CreatedAt), AccountState: smithy.Ptr(state(a.State)),
		}, nil
	})
}

// GetGovCloudAccountInformation returns the account of AWS GovCloud (US) that the account is
// linked to.
func (s *Service) GetGovCloudAccountInformation(ctx context.Context, in *accountapi.GetGovCloudAccountInformationInput) (*accountapi.GetGovCloudAccountInformationOutput, error) {
	c := call{"GetGovCloudAccountInformation", in.StandardAccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetGovCloudAccountInformationOutput, error) {
		linked, found, err := org.GovCloudAccountOf(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, &account.Error{Code: account.CodeNotFound, Message: "No GovCloud account is linked to the account."}
		}
		return &accountapi.GetGovCloudAccountInformationOutput{
			GovCloudAccountId: &linked.ID, AccountState: smithy.Ptr(state(linked.State)),
		}, nil
	})
}

// state is the account's state in the words of this API, which has none for an account
// whose closure has begun: it can no longer be used.
func state(s string) string {
	if s == org.StatePendingClosure {
		return accountapi.AccountStateSuspended
	}
	return s
}

// PutAccountName renames the account.
func (s *Service) PutAccountName(ctx context.Context, in *accountapi.PutAccountNameInput) (*accountapi.PutAccountNameOutput, error) {
	c := call{"PutAccountName", in.AccountId}
	return change[accountapi.PutAccountNameOutput](ctx, s, c, func(tx *store.Tx, id string) error {
		return org.RenameAccount(ctx, tx, id, smithy.Value(in.AccountName))
	})
}

// GetPrimaryEmail returns the address of a member account's root user.
func (s *Service) GetPrimaryEmail(ctx context.Context, in *accountapi.GetPrimaryEmailInput) (*accountapi.GetPrimaryEmailOutput, error) {
	c := call{"GetPrimaryEmail", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetPrimaryEmailOutput, error) {
		a, err := existing(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		return &accountapi.GetPrimaryEmailOutput{PrimaryEmail: smithy.Ptr(a.Email)}, nil
	})
}

// existing returns an account that must be there: it is the caller's own or was found in
// its organization.
func existing(ctx context.Context, tx *store.Tx, id string) (org.Account, error) {
	a, found, err := org.AccountByID(ctx, tx, id)
	if err == nil && !found {
		err = fmt.Errorf("account %s has gone", id)
	}
	return a, err
}
