package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// RegisterDelegatedAdministrator implements [organizationsapi.Service].
func (s *Service) RegisterDelegatedAdministrator(ctx context.Context, in *organizationsapi.RegisterDelegatedAdministratorInput) (*organizationsapi.RegisterDelegatedAdministratorOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.RegisterDelegatedAdministratorOutput, error) {
		service, err := trusted(*in.ServicePrincipal)
		if err != nil {
			return nil, err
		}
		if !service.DelegatedAdministrator {
			return nil, invalidInput(organizationsapi.InvalidInputExceptionReasonUnrecognizedServicePrincipal,
				"You specified a service principal whose service does not support delegated administrators.")
		}
		return &organizationsapi.RegisterDelegatedAdministratorOutput{}, org.RegisterDelegatedAdministrator(ctx, tx, o, *in.AccountId, service.Principal)
	})
}

// DeregisterDelegatedAdministrator implements [organizationsapi.Service].
func (s *Service) DeregisterDelegatedAdministrator(ctx context.Context, in *organizationsapi.DeregisterDelegatedAdministratorInput) (*organizationsapi.DeregisterDelegatedAdministratorOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.DeregisterDelegatedAdministratorOutput, error) {
		service, err := trusted(*in.ServicePrincipal)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DeregisterDelegatedAdministratorOutput{}, org.DeregisterDelegatedAdministrator(ctx, tx, o, *in.AccountId, service.Principal)
	})
}

// ListDelegatedAdministrators implements [organizationsapi.Service].
func (s *Service) ListDelegatedAdministrators(ctx context.Context, in *organizationsapi.ListDelegatedAdministratorsInput) (*organizationsapi.ListDelegatedAdministratorsOutput, error) {
	principal := smithy.Value(in.ServicePrincipal)
	list := "ListDelegatedAdministrators " + principal
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListDelegatedAdministratorsOutput, error) {
		if principal != "" {
			if _, err := trusted(principal); err != nil {
				return nil, err
			}
		}
		delegates, next, err := org.ListDelegatedAdministrators(ctx, tx, o, principal, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListDelegatedAdministratorsOutput{
			DelegatedAdministrators: make([]organizationsapi.DelegatedAdministrator, 0, len(delegates)), NextToken: nextToken(list, next),
		}
		for _, d := range delegates {
			a := d.Account
			out.DelegatedAdministrators = append(out.DelegatedAdministrators, organizationsapi.DelegatedAdministrator{
				Id: &a.ID, Arn: smithy.Ptr(o.AccountARN(a.ID)), Email: &a.Email, Name: &a.Name,
				Status: smithy.Ptr(a.Status()), State: &a.State, JoinedMethod: &a.JoinedMethod, JoinedTimestamp: a.JoinedAt,
				DelegationEnabledDate: &d.RegisteredAt,
			})
		}
		return out, nil
	})
}

// ListDelegatedServicesForAccount implements [organizationsapi.Service].
func (s *Service) ListDelegatedServicesForAccount(ctx context.Context, in *organizationsapi.ListDelegatedServicesForAccountInput) (*organizationsapi.ListDelegatedServicesForAccountOutput, error) {
	list := "ListDelegatedServicesForAccount " + *in.AccountId
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListDelegatedServicesForAccountOutput, error) {
		services, next, err := org.ListDelegatedServicesForAccount(ctx, tx, o, *in.AccountId, p)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListDelegatedServicesForAccountOutput{
			DelegatedServices: make([]organizationsapi.DelegatedService, 0, len(services)), NextToken: nextToken(list, next),
		}
		for _, d := range services {
			out.DelegatedServices = append(out.DelegatedServices, organizationsapi.DelegatedService{
				ServicePrincipal: &d.Principal, DelegationEnabledDate: &d.RegisteredAt,
			})
		}
		return out, nil
	})
}

// keyServicePrincipal is the condition key of the actions on trusted services.
const keyServicePrincipal = "organizations:ServicePrincipal"

func (b *checks) servicePrincipal(principal *string) {
	if principal != nil {
		b.keys.Set(keyServicePrincipal, *principal)
	}
}

// delegationRows are the rows of trusted services and delegated administrators.
func (s *Service) delegationRows() []authz.Row {
	return []authz.Row{
		anywhere("ListAWSServiceAccessForOrganization"),
		row(s, "EnableAWSServiceAccess", func(b *checks, in *organizationsapi.EnableAWSServiceAccessInput) {
			b.servicePrincipal(in.ServicePrincipal)
			b.anywhere()
		}),
		row(s, "DisableAWSServiceAccess", func(b *checks, in *organizationsapi.DisableAWSServiceAccessInput) {
			b.servicePrincipal(in.ServicePrincipal)
			b.anywhere()
		}),
		row(s, "ListDelegatedAdministrators", func(b *checks, in *organizationsapi.ListDelegatedAdministratorsInput) {
			b.servicePrincipal(in.ServicePrincipal)
			b.anywhere()
		}),
		row(s, "RegisterDelegatedAdministrator", func(b *checks, in *organizationsapi.RegisterDelegatedAdministratorInput) {
			b.servicePrincipal(in.ServicePrincipal)
			b.node(in.AccountId)
		}),
		row(s, "DeregisterDelegatedAdministrator", func(b *checks, in *organizationsapi.DeregisterDelegatedAdministratorInput) {
			b.servicePrincipal(in.ServicePrincipal)
			b.node(in.AccountId)
		}),
		row(s, "ListDelegatedServicesForAccount", func(b *checks, in *organizationsapi.ListDelegatedServicesForAccountInput) {
			b.node(in.AccountId)
		}),
	}
}
