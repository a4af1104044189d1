package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/iam/managed"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// trusted returns the service with a principal. It fails with UNRECOGNIZED_SERVICE_PRINCIPAL.
func trusted(principal string) (managed.TrustedService, error) {
	service, known := managed.TrustedServiceFor(principal)
	if !known {
		return service, invalidInput(organizationsapi.InvalidInputExceptionReasonUnrecognizedServicePrincipal,
			"You specified an unrecognized service principal.")
	}
	return service, nil
}

// EnableAWSServiceAccess implements [organizationsapi.Service]. The service gets its
// service-linked role in the management account, if it has one; in member accounts it makes
// its role when it first works there.
func (s *Service) EnableAWSServiceAccess(ctx context.Context, in *organizationsapi.EnableAWSServiceAccessInput) (*organizationsapi.EnableAWSServiceAccessOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.EnableAWSServiceAccessOutput, error) {
		service, err := trusted(*in.ServicePrincipal)
		if err != nil {
			return nil, err
		}
		if err := org.EnableAWSServiceAccess(ctx, tx, o, service.Principal); err != nil {
			return nil, err
		}
		_, err = iam.EnsureServiceLinkedRole(ctx, tx, o.ManagementAccountID, service.Principal)
		return &organizationsapi.EnableAWSServiceAccessOutput{}, err
	})
}

// DisableAWSServiceAccess implements [organizationsapi.Service]. Service-linked roles stay:
// the service goes on in accounts where it has one until its owner deletes it.
func (s *Service) DisableAWSServiceAccess(ctx context.Context, in *organizationsapi.DisableAWSServiceAccessInput) (*organizationsapi.DisableAWSServiceAccessOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.DisableAWSServiceAccessOutput, error) {
		service, err := trusted(*in.ServicePrincipal)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DisableAWSServiceAccessOutput{}, org.DisableAWSServiceAccess(ctx, tx, o, service.Principal)
	})
}

// ListAWSServiceAccessForOrganization implements [organizationsapi.Service].
func (s *Service) ListAWSServiceAccessForOrganization(ctx context.Context, in *organizationsapi.ListAWSServiceAccessForOrganizationInput) (*organizationsapi.ListAWSServiceAccessForOrganizationOutput, error) {
	const list = "ListAWSServiceAccessForOrganization"
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListAWSServiceAccessForOrganizationOutput, error) {
		services, next, err := org.ListAWSServiceAccessForOrganization(ctx, tx, o, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListAWSServiceAccessForOrganizationOutput{
			EnabledServicePrincipals: make([]organizationsapi.EnabledServicePrincipal, 0, len(services)), NextToken: nextToken(list, next),
		}
		for _, t := range services {
			out.EnabledServicePrincipals = append(out.EnabledServicePrincipals, organizationsapi.EnabledServicePrincipal{
				ServicePrincipal: &t.Principal, DateEnabled: &t.EnabledAt,
			})
		}
		return out, nil
	})
}
