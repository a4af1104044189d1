package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateOrganization implements [organizationsapi.Service].
func (s *Service) CreateOrganization(ctx context.Context, in *organizationsapi.CreateOrganizationInput) (*organizationsapi.CreateOrganizationOutput, error) {
	out, err := store.Write(ctx, s.DB, func(tx *store.Tx) (*organizationsapi.CreateOrganizationOutput, error) {
		o, err := org.CreateOrganization(ctx, tx, caller(ctx), smithy.Value(in.FeatureSet))
		if err != nil {
			return nil, err
		}
		if err := linkRole(ctx, tx, o.ManagementAccountID); err != nil {
			return nil, err
		}
		return &organizationsapi.CreateOrganizationOutput{Organization: packOrganization(o)}, appendJoined(tx, o, o.ManagementAccountID, org.JoinedInvited)
	})
	return out, apiError(err)
}

// DescribeOrganization implements [organizationsapi.Service]. Every account of an organization
// may ask, and clients do so all the time: what the gate has found out needs no second look.
func (s *Service) DescribeOrganization(ctx context.Context, _ *organizationsapi.DescribeOrganizationInput) (*organizationsapi.DescribeOrganizationOutput, error) {
	if id := credential.Target(ctx); id != "" && id != noOrganization {
		out, found, err := s.described.Get(ctx, s.DB, id, "org/"+id, func(tx *store.Tx) (*organizationsapi.DescribeOrganizationOutput, bool, error) {
			o, found, err := tx.Organization(id)
			return &organizationsapi.DescribeOrganizationOutput{Organization: packOrganization(o)}, found, err
		})
		if err != nil || found {
			return out, apiError(err)
		}
	}
	return read(ctx, s, org.AsMember, func(_ *store.Tx, o org.Organization) (*organizationsapi.DescribeOrganizationOutput, error) {
		return &organizationsapi.DescribeOrganizationOutput{Organization: packOrganization(o)}, nil
	})
}

// DeleteOrganization implements [organizationsapi.Service].
func (s *Service) DeleteOrganization(ctx context.Context, _ *organizationsapi.DeleteOrganizationInput) (*organizationsapi.DeleteOrganizationOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.DeleteOrganizationOutput, error) {
		if err := org.DeleteOrganization(ctx, tx, o); err != nil {
			return nil, err
		}
		return &organizationsapi.DeleteOrganizationOutput{}, appendDeparted(tx, o, o.ManagementAccountID, departedLeft)
	})
}

// ListRoots implements [organizationsapi.Service]. There is one root, so there is no second
// page.
func (s *Service) ListRoots(ctx context.Context, in *organizationsapi.ListRootsInput) (*organizationsapi.ListRootsOutput, error) {
	if _, err := page("ListRoots", in.NextToken, in.MaxResults); err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListRootsOutput, error) {
		root, err := packRoot(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListRootsOutput{Roots: []organizationsapi.Root{*root}}, nil
	})
}

// EnablePolicyType implements [organizationsapi.Service].
func (s *Service) EnablePolicyType(ctx context.Context, in *organizationsapi.EnablePolicyTypeInput) (*organizationsapi.EnablePolicyTypeOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.EnablePolicyTypeOutput, error) {
		if err := org.EnablePolicyType(ctx, tx, o, *in.RootId, *in.PolicyType); err != nil {
			return nil, err
		}
		root, err := packRoot(ctx, tx, o)
		return &organizationsapi.EnablePolicyTypeOutput{Root: root}, err
	})
}

// DisablePolicyType implements [organizationsapi.Service].
func (s *Service) DisablePolicyType(ctx context.Context, in *organizationsapi.DisablePolicyTypeInput) (*organizationsapi.DisablePolicyTypeOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.DisablePolicyTypeOutput, error) {
		if err := org.DisablePolicyType(ctx, tx, o, *in.RootId, *in.PolicyType); err != nil {
			return nil, err
		}
		root, err := packRoot(ctx, tx, o)
		return &organizationsapi.DisablePolicyTypeOutput{Root: root}, err
	})
}

func packOrganization(o org.Organization) *organizationsapi.Organization {
	return &organizationsapi.Organization{
		Id: &o.ID, Arn: smithy.Ptr(o.ARN()), FeatureSet: &o.FeatureSet,
		MasterAccountId:      &o.ManagementAccountID,
		MasterAccountArn:     smithy.Ptr(o.AccountARN(o.ManagementAccountID)),
		MasterAccountEmail:   &o.ManagementAccountEmail,
		AvailablePolicyTypes: packPolicyTypes(o.AvailablePolicyTypes()),
	}
}

func packRoot(ctx context.Context, tx *store.Tx, o org.Organization) (*organizationsapi.Root, error) {
	types, err := org.EnabledPolicyTypes(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	return &organizationsapi.Root{
		Id: &o.RootID, Arn: smithy.Ptr(o.RootARN()), Name: smithy.Ptr(o.RootName()), PolicyTypes: packPolicyTypes(types),
	}, nil
}

// packPolicyTypes never returns nil: clients read an empty list as "none", a missing one as
// "unknown".
func packPolicyTypes(types []org.PolicyTypeStatus) []organizationsapi.PolicyTypeSummary {
	out := make([]organizationsapi.PolicyTypeSummary, 0, len(types))
	for _, t := range types {
		out = append(out, organizationsapi.PolicyTypeSummary{Type: &t.Type, Status: &t.Status})
	}
	return out
}
