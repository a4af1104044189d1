package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// EnableOrganizationsRootCredentialsManagement lets the organization's administrators manage
// the credentials of root users.
func (s *Service) EnableOrganizationsRootCredentialsManagement(ctx context.Context, _ *iamapi.EnableOrganizationsRootCredentialsManagementInput) (*iamapi.EnableOrganizationsRootCredentialsManagementOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.EnableOrganizationsRootCredentialsManagementOutput, error) {
		id, features, err := iam.EnableRootFeature(ctx, tx, account(ctx), iam.RootCredentialsManagement)
		return &iamapi.EnableOrganizationsRootCredentialsManagementOutput{OrganizationId: &id, EnabledFeatures: features}, err
	})
}

// DisableOrganizationsRootCredentialsManagement ends what enabling began.
func (s *Service) DisableOrganizationsRootCredentialsManagement(ctx context.Context, _ *iamapi.DisableOrganizationsRootCredentialsManagementInput) (*iamapi.DisableOrganizationsRootCredentialsManagementOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.DisableOrganizationsRootCredentialsManagementOutput, error) {
		id, features, err := iam.DisableRootFeature(ctx, tx, account(ctx), iam.RootCredentialsManagement)
		return &iamapi.DisableOrganizationsRootCredentialsManagementOutput{OrganizationId: &id, EnabledFeatures: features}, err
	})
}

// EnableOrganizationsRootSessions lets the organization's administrators do privileged tasks
// in member accounts.
func (s *Service) EnableOrganizationsRootSessions(ctx context.Context, _ *iamapi.EnableOrganizationsRootSessionsInput) (*iamapi.EnableOrganizationsRootSessionsOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.EnableOrganizationsRootSessionsOutput, error) {
		id, features, err := iam.EnableRootFeature(ctx, tx, account(ctx), iam.RootSessions)
		return &iamapi.EnableOrganizationsRootSessionsOutput{OrganizationId: &id, EnabledFeatures: features}, err
	})
}

// DisableOrganizationsRootSessions ends what enabling began.
func (s *Service) DisableOrganizationsRootSessions(ctx context.Context, _ *iamapi.DisableOrganizationsRootSessionsInput) (*iamapi.DisableOrganizationsRootSessionsOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.DisableOrganizationsRootSessionsOutput, error) {
		id, features, err := iam.DisableRootFeature(ctx, tx, account(ctx), iam.RootSessions)
		return &iamapi.DisableOrganizationsRootSessionsOutput{OrganizationId: &id, EnabledFeatures: features}, err
	})
}

// ListOrganizationsFeatures lists the features of centralized root access that are enabled.
func (s *Service) ListOrganizationsFeatures(ctx context.Context, _ *iamapi.ListOrganizationsFeaturesInput) (*iamapi.ListOrganizationsFeaturesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListOrganizationsFeaturesOutput, error) {
		id, features, err := iam.RootFeatures(ctx, tx, account(ctx))
		return &iamapi.ListOrganizationsFeaturesOutput{OrganizationId: &id, EnabledFeatures: features}, err
	})
}

func rootAccessRows() []authz.Row {
	return []authz.Row{
		authz.Anywhere("EnableOrganizationsRootCredentialsManagement", "iam:EnableOrganizationsRootCredentialsManagement"),
		authz.Anywhere("DisableOrganizationsRootCredentialsManagement", "iam:DisableOrganizationsRootCredentialsManagement"),
		authz.Anywhere("EnableOrganizationsRootSessions", "iam:EnableOrganizationsRootSessions"),
		authz.Anywhere("DisableOrganizationsRootSessions", "iam:DisableOrganizationsRootSessions"),
		authz.Anywhere("ListOrganizationsFeatures", "iam:ListOrganizationsFeatures"),
	}
}
