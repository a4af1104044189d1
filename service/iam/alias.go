package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateAccountAlias gives the account an alias in the place of the one it has.
func (s *Service) CreateAccountAlias(ctx context.Context, in *iamapi.CreateAccountAliasInput) (*iamapi.CreateAccountAliasOutput, error) {
	return change[iamapi.CreateAccountAliasOutput](ctx, s, func(tx *store.Tx) error {
		return iam.CreateAccountAlias(ctx, tx, account(ctx), smithy.Value(in.AccountAlias))
	})
}

// DeleteAccountAlias takes its alias away from the account.
func (s *Service) DeleteAccountAlias(ctx context.Context, in *iamapi.DeleteAccountAliasInput) (*iamapi.DeleteAccountAliasOutput, error) {
	return change[iamapi.DeleteAccountAliasOutput](ctx, s, func(tx *store.Tx) error {
		return iam.DeleteAccountAlias(ctx, tx, account(ctx), smithy.Value(in.AccountAlias))
	})
}

// ListAccountAliases lists the account's alias, if it has one.
func (s *Service) ListAccountAliases(ctx context.Context, in *iamapi.ListAccountAliasesInput) (*iamapi.ListAccountAliasesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListAccountAliasesOutput, error) {
		list, next, err := iam.ListAccountAliases(ctx, tx, account(ctx), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListAccountAliasesOutput{AccountAliases: convert(list, func(alias *string) string { return *alias })}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}
