package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreatePolicy makes a customer managed policy.
func (s *Service) CreatePolicy(ctx context.Context, in *iamapi.CreatePolicyInput) (*iamapi.CreatePolicyOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreatePolicyOutput, error) {
		p, err := iam.CreatePolicy(ctx, tx, account(ctx), iam.NewPolicy{
			Name: smithy.Value(in.PolicyName), Path: smithy.Value(in.Path),
			Document: smithy.Value(in.PolicyDocument), Description: smithy.Value(in.Description),
			Tags: domainTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		touchPolicy(ctx, smithy.Ptr(p.ARN()))
		return &iamapi.CreatePolicyOutput{Policy: managedPolicy(&p, domainTags(in.Tags))}, nil
	})
}

// GetPolicy returns a managed policy.
func (s *Service) GetPolicy(ctx context.Context, in *iamapi.GetPolicyInput) (*iamapi.GetPolicyOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetPolicyOutput, error) {
		p, err := iam.GetPolicy(ctx, tx, account(ctx), smithy.Value(in.PolicyArn))
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(p.ID)
		return &iamapi.GetPolicyOutput{Policy: managedPolicy(&p, tags)}, err
	})
}

// DeletePolicy deletes a customer managed policy that nobody carries.
func (s *Service) DeletePolicy(ctx context.Context, in *iamapi.DeletePolicyInput) (*iamapi.DeletePolicyOutput, error) {
	touchPolicy(ctx, in.PolicyArn)
	return change[iamapi.DeletePolicyOutput](ctx, s, func(tx *store.Tx) error {
		return iam.DeletePolicy(ctx, tx, account(ctx), smithy.Value(in.PolicyArn))
	})
}

// ListPolicies lists managed policies, AWS's and the account's own.
func (s *Service) ListPolicies(ctx context.Context, in *iamapi.ListPoliciesInput) (*iamapi.ListPoliciesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListPoliciesOutput, error) {
		list, next, err := iam.ListPolicies(ctx, tx, account(ctx), iam.Scope(smithy.Value(in.Scope)), iam.PolicyFilter{
			PathPrefix: smithy.Value(in.PathPrefix), OnlyAttached: smithy.Value(in.OnlyAttached),
			Usage: iam.UsageFilter(smithy.Value(in.PolicyUsageFilter)),
		}, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListPoliciesOutput{Policies: convert(list, listedPolicy)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// entityKinds are the kinds of identity behind the values of EntityFilter; the other values
// select policies, of which this list has none.
var entityKinds = map[string]iam.Kind{
	iamapi.EntityTypeUser:  iam.KindUser,
	iamapi.EntityTypeRole:  iam.KindRole,
	iamapi.EntityTypeGroup: iam.KindGroup,
}

// ListEntitiesForPolicy lists who carries a managed policy.
func (s *Service) ListEntitiesForPolicy(ctx context.Context, in *iamapi.ListEntitiesForPolicyInput) (*iamapi.ListEntitiesForPolicyOutput, error) {
	filter := iam.EntityFilter{
		PathPrefix: smithy.Value(in.PathPrefix), Usage: iam.UsageFilter(smithy.Value(in.PolicyUsageFilter)),
	}
	if in.EntityFilter != nil {
		filter.Kind = entityKinds[*in.EntityFilter]
		if filter.Kind == "" {
			filter.Kind = "none"
		}
	}
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListEntitiesForPolicyOutput, error) {
		list, next, err := iam.ListEntitiesForPolicy(ctx, tx, account(ctx), smithy.Value(in.PolicyArn), filter,
			page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := entities(list)
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

func entities(list []iam.Identity) *iamapi.ListEntitiesForPolicyOutput {
	out := &iamapi.ListEntitiesForPolicyOutput{
		PolicyGroups: []iamapi.PolicyGroup{}, PolicyUsers: []iamapi.PolicyUser{}, PolicyRoles: []iamapi.PolicyRole{},
	}
	for i := range list {
		name, id := smithy.Ptr(list[i].Name), smithy.Ptr(list[i].ID)
		switch list[i].Kind {
		case iam.KindGroup:
			out.PolicyGroups = append(out.PolicyGroups, iamapi.PolicyGroup{GroupName: name, GroupId: id})
		case iam.KindUser:
			out.PolicyUsers = append(out.PolicyUsers, iamapi.PolicyUser{UserName: name, UserId: id})
		default:
			out.PolicyRoles = append(out.PolicyRoles, iamapi.PolicyRole{RoleName: name, RoleId: id})
		}
	}
	return out
}

// CreatePolicyVersion adds a version to a customer managed policy.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *iamapi.CreatePolicyVersionInput) (*iamapi.CreatePolicyVersionOutput, error) {
	touchPolicy(ctx, in.PolicyArn)
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreatePolicyVersionOutput, error) {
		isDefault := smithy.Value(in.SetAsDefault)
		v, err := iam.CreatePolicyVersion(ctx, tx, account(ctx), smithy.Value(in.PolicyArn),
			smithy.Value(in.PolicyDocument), isDefault)
		if err != nil {
			return nil, err
		}
		return &iamapi.CreatePolicyVersionOutput{PolicyVersion: &iamapi.PolicyVersion{
			VersionId: smithy.Ptr(iam.VersionID(v.Number)), IsDefaultVersion: smithy.Ptr(isDefault),
			CreateDate: smithy.Ptr(v.CreatedAt),
		}}, nil
	})
}

// GetPolicyVersion returns a version with its document.
func (s *Service) GetPolicyVersion(ctx context.Context, in *iamapi.GetPolicyVersionInput) (*iamapi.GetPolicyVersionOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetPolicyVersionOutput, error) {
		p, v, err := iam.GetPolicyVersion(ctx, tx, account(ctx), smithy.Value(in.PolicyArn), smithy.Value(in.VersionId))
		if err != nil {
			return nil, err
		}
		return &iamapi.GetPolicyVersionOutput{PolicyVersion: smithy.Ptr(version(&p, &v))}, nil
	})
}

// ListPolicyVersions lists the versions of a managed policy, newest first.
func (s *Service) ListPolicyVersions(ctx context.Context, in *iamapi.ListPolicyVersionsInput) (*iamapi.ListPolicyVersionsOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListPolicyVersionsOutput, error) {
		p, list, next, err := iam.ListPolicyVersions(ctx, tx, account(ctx), smithy.Value(in.PolicyArn), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListPolicyVersionsOutput{Versions: convert(list, func(v *iam.Version) iamapi.PolicyVersion {
			return version(&p, v)
		})}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// SetDefaultPolicyVersion puts a version in force.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in *iamapi.SetDefaultPolicyVersionInput) (*iamapi.SetDefaultPolicyVersionOutput, error) {
	touchPolicy(ctx, in.PolicyArn)
	return change[iamapi.SetDefaultPolicyVersionOutput](ctx, s, func(tx *store.Tx) error {
		return iam.SetDefaultPolicyVersion(ctx, tx, account(ctx), smithy.Value(in.PolicyArn), smithy.Value(in.VersionId))
	})
}

// DeletePolicyVersion deletes a version that is not in force.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *iamapi.DeletePolicyVersionInput) (*iamapi.DeletePolicyVersionOutput, error) {
	touchPolicy(ctx, in.PolicyArn)
	return change[iamapi.DeletePolicyVersionOutput](ctx, s, func(tx *store.Tx) error {
		return iam.DeletePolicyVersion(ctx, tx, account(ctx), smithy.Value(in.PolicyArn), smithy.Value(in.VersionId))
	})
}
