package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// DescribeAccount implements [organizationsapi.Service].
func (s *Service) DescribeAccount(ctx context.Context, in *organizationsapi.DescribeAccountInput) (*organizationsapi.DescribeAccountOutput, error) {
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribeAccountOutput, error) {
		a, err := org.DescribeAccount(ctx, tx, o, *in.AccountId)
		if err != nil {
			return nil, err
		}
		packed, err := packAccounts(ctx, tx, o, []org.Account{a})
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribeAccountOutput{Account: &packed[0]}, nil
	})
}

// ListAccounts implements [organizationsapi.Service].
func (s *Service) ListAccounts(ctx context.Context, in *organizationsapi.ListAccountsInput) (*organizationsapi.ListAccountsOutput, error) {
	const list = "ListAccounts"
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListAccountsOutput, error) {
		accounts, next, err := org.ListAccounts(ctx, tx, o, p)
		if err != nil {
			return nil, err
		}
		packed, err := packAccounts(ctx, tx, o, accounts)
		return &organizationsapi.ListAccountsOutput{Accounts: packed, NextToken: nextToken(list, next)}, err
	})
}

// ListAccountsForParent implements [organizationsapi.Service].
func (s *Service) ListAccountsForParent(ctx context.Context, in *organizationsapi.ListAccountsForParentInput) (*organizationsapi.ListAccountsForParentOutput, error) {
	list := "ListAccountsForParent " + *in.ParentId
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListAccountsForParentOutput, error) {
		accounts, next, err := org.ListAccountsForParent(ctx, tx, o, *in.ParentId, p)
		if err != nil {
			return nil, err
		}
		packed, err := packAccounts(ctx, tx, o, accounts)
		return &organizationsapi.ListAccountsForParentOutput{Accounts: packed, NextToken: nextToken(list, next)}, err
	})
}

// MoveAccount implements [organizationsapi.Service].
func (s *Service) MoveAccount(ctx context.Context, in *organizationsapi.MoveAccountInput) (*organizationsapi.MoveAccountOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.MoveAccountOutput, error) {
		return &organizationsapi.MoveAccountOutput{}, org.MoveAccount(ctx, tx, o, *in.AccountId, *in.SourceParentId, *in.DestinationParentId)
	})
}

// CloseAccount implements [organizationsapi.Service]. AWS closes in the background; here
// the account is closed when the call returns, and the event CloseAccountResult is written
// with it.
func (s *Service) CloseAccount(ctx context.Context, in *organizationsapi.CloseAccountInput) (*organizationsapi.CloseAccountOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.CloseAccountOutput, error) {
		if err := org.CloseAccount(ctx, tx, o, s.Settings, *in.AccountId); err != nil {
			return nil, err
		}
		return &organizationsapi.CloseAccountOutput{}, appendCloseResult(tx, o, *in.AccountId)
	})
}

// RemoveAccountFromOrganization implements [organizationsapi.Service].
func (s *Service) RemoveAccountFromOrganization(ctx context.Context, in *organizationsapi.RemoveAccountFromOrganizationInput) (*organizationsapi.RemoveAccountFromOrganizationOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.RemoveAccountFromOrganizationOutput, error) {
		if err := org.RemoveAccountFromOrganization(ctx, tx, o, s.Settings, *in.AccountId); err != nil {
			return nil, err
		}
		return &organizationsapi.RemoveAccountFromOrganizationOutput{}, appendDeparted(tx, o, *in.AccountId, departedRemoved)
	})
}

// LeaveOrganization implements [organizationsapi.Service].
func (s *Service) LeaveOrganization(ctx context.Context, _ *organizationsapi.LeaveOrganizationInput) (*organizationsapi.LeaveOrganizationOutput, error) {
	return write(ctx, s, asLeaver, func(tx *store.Tx, o org.Organization) (*organizationsapi.LeaveOrganizationOutput, error) {
		if err := org.LeaveOrganization(ctx, tx, o, s.Settings, caller(ctx)); err != nil {
			return nil, err
		}
		return &organizationsapi.LeaveOrganizationOutput{}, appendDeparted(tx, o, caller(ctx), departedLeft)
	})
}

// packAccounts packs accounts of one page, looking up the path of each parent once.
func packAccounts(ctx context.Context, tx *store.Tx, o org.Organization, accounts []org.Account) ([]organizationsapi.Account, error) {
	paths, err := org.ParentPaths(ctx, tx, o, accounts)
	if err != nil {
		return nil, err
	}
	out := make([]organizationsapi.Account, 0, len(accounts))
	for _, a := range accounts {
		out = append(out, organizationsapi.Account{
			Id: &a.ID, Arn: smithy.Ptr(o.AccountARN(a.ID)), Email: &a.Email, Name: &a.Name,
			Status: smithy.Ptr(a.Status()), State: &a.State, Paths: []string{paths[a.ParentID] + a.ID + "/"},
			JoinedMethod: &a.JoinedMethod, JoinedTimestamp: a.JoinedAt,
		})
	}
	return out, nil
}
