package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateInstanceProfile makes an instance profile without a role.
func (s *Service) CreateInstanceProfile(ctx context.Context, in *iamapi.CreateInstanceProfileInput) (*iamapi.CreateInstanceProfileOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateInstanceProfileOutput, error) {
		p, err := iam.CreateInstanceProfile(ctx, tx, account(ctx), smithy.Value(in.InstanceProfileName),
			smithy.Value(in.Path), domainTags(in.Tags))
		if err != nil {
			return nil, err
		}
		touchProfile(ctx, &p)
		out, err := instanceProfile(ctx, tx, &p)
		out.Tags = apiTags(domainTags(in.Tags))
		return &iamapi.CreateInstanceProfileOutput{InstanceProfile: &out}, err
	})
}

// GetInstanceProfile returns an instance profile with its role.
func (s *Service) GetInstanceProfile(ctx context.Context, in *iamapi.GetInstanceProfileInput) (*iamapi.GetInstanceProfileOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetInstanceProfileOutput, error) {
		p, err := iam.GetInstanceProfile(ctx, tx, account(ctx), smithy.Value(in.InstanceProfileName))
		if err != nil {
			return nil, err
		}
		out, err := instanceProfile(ctx, tx, &p)
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(p.ID)
		out.Tags = apiTags(tags)
		return &iamapi.GetInstanceProfileOutput{InstanceProfile: &out}, err
	})
}

// DeleteInstanceProfile deletes an instance profile without a role.
func (s *Service) DeleteInstanceProfile(ctx context.Context, in *iamapi.DeleteInstanceProfileInput) (*iamapi.DeleteInstanceProfileOutput, error) {
	return change[iamapi.DeleteInstanceProfileOutput](ctx, s, func(tx *store.Tx) error {
		if err := touchProfileNamed(ctx, tx, in.InstanceProfileName); err != nil {
			return err
		}
		return iam.DeleteInstanceProfile(ctx, tx, account(ctx), smithy.Value(in.InstanceProfileName))
	})
}

// ListInstanceProfiles lists instance profiles by path prefix, without their tags.
func (s *Service) ListInstanceProfiles(ctx context.Context, in *iamapi.ListInstanceProfilesInput) (*iamapi.ListInstanceProfilesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListInstanceProfilesOutput, error) {
		list, next, err := iam.ListInstanceProfiles(ctx, tx, account(ctx), smithy.Value(in.PathPrefix), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListInstanceProfilesOutput{}
		out.IsTruncated, out.Marker = pages(next)
		out.InstanceProfiles, err = instanceProfiles(ctx, tx, list)
		return out, err
	})
}

// ListInstanceProfilesForRole lists the instance profiles that have a role.
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *iamapi.ListInstanceProfilesForRoleInput) (*iamapi.ListInstanceProfilesForRoleOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListInstanceProfilesForRoleOutput, error) {
		list, next, err := iam.ListInstanceProfilesForRole(ctx, tx, account(ctx), smithy.Value(in.RoleName), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListInstanceProfilesForRoleOutput{}
		out.IsTruncated, out.Marker = pages(next)
		out.InstanceProfiles, err = instanceProfiles(ctx, tx, list)
		return out, err
	})
}

// AddRoleToInstanceProfile puts a role into an instance profile.
func (s *Service) AddRoleToInstanceProfile(ctx context.Context, in *iamapi.AddRoleToInstanceProfileInput) (*iamapi.AddRoleToInstanceProfileOutput, error) {
	return change[iamapi.AddRoleToInstanceProfileOutput](ctx, s, func(tx *store.Tx) error {
		if err := touchProfileNamed(ctx, tx, in.InstanceProfileName); err != nil {
			return err
		}
		if err := touch(ctx, tx, iam.KindRole, in.RoleName); err != nil {
			return err
		}
		return iam.AddRoleToInstanceProfile(ctx, tx, account(ctx), smithy.Value(in.InstanceProfileName), smithy.Value(in.RoleName))
	})
}

// RemoveRoleFromInstanceProfile takes a role out of an instance profile.
func (s *Service) RemoveRoleFromInstanceProfile(ctx context.Context, in *iamapi.RemoveRoleFromInstanceProfileInput) (*iamapi.RemoveRoleFromInstanceProfileOutput, error) {
	return change[iamapi.RemoveRoleFromInstanceProfileOutput](ctx, s, func(tx *store.Tx) error {
		if err := touchProfileNamed(ctx, tx, in.InstanceProfileName); err != nil {
			return err
		}
		if err := touch(ctx, tx, iam.KindRole, in.RoleName); err != nil {
			return err
		}
		return iam.RemoveRoleFromInstanceProfile(ctx, tx, account(ctx), smithy.Value(in.InstanceProfileName), smithy.Value(in.RoleName))
	})
}

// TagInstanceProfile adds tags to an instance profile.
func (s *Service) TagInstanceProfile(ctx context.Context, in *iamapi.TagInstanceProfileInput) (*iamapi.TagInstanceProfileOutput, error) {
	return putTags[iamapi.TagInstanceProfileOutput](ctx, s, profileTags(ctx, in.InstanceProfileName), in.Tags)
}

// UntagInstanceProfile removes tags from an instance profile.
func (s *Service) UntagInstanceProfile(ctx context.Context, in *iamapi.UntagInstanceProfileInput) (*iamapi.UntagInstanceProfileOutput, error) {
	return deleteTags[iamapi.UntagInstanceProfileOutput](ctx, s, profileTags(ctx, in.InstanceProfileName), in.TagKeys)
}

// ListInstanceProfileTags lists the tags of an instance profile.
func (s *Service) ListInstanceProfileTags(ctx context.Context, in *iamapi.ListInstanceProfileTagsInput) (*iamapi.ListInstanceProfileTagsOutput, error) {
	return listTags(ctx, s, profileTags(ctx, in.InstanceProfileName), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListInstanceProfileTagsOutput {
			out := &iamapi.ListInstanceProfileTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

func profileTags(ctx context.Context, name *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		if err := touchProfileNamed(ctx, tx, name); err != nil {
			return iam.Tagged{}, err
		}
		return iam.TaggedInstanceProfile(ctx, tx, account(ctx), smithy.Value(name))
	}
}

// instanceProfile renders an instance profile with its role and without tags.
func instanceProfile(ctx context.Context, tx *store.Tx, p *iam.InstanceProfile) (iamapi.InstanceProfile, error) {
	out := iamapi.InstanceProfile{
		Path: smithy.Ptr(p.Path), InstanceProfileName: smithy.Ptr(p.Name), InstanceProfileId: smithy.Ptr(p.ID),
		Arn: smithy.Ptr(p.ARN()), CreateDate: date(p.CreatedAt), Roles: []iamapi.Role{},
	}
	if p.RoleID == "" {
		return out, nil
	}
	r, _, err := tx.IAMIdentityByID(p.RoleID)
	if err != nil {
		return out, err
	}
	trust, err := iam.TrustPolicyOf(ctx, tx, &r)
	out.Roles = append(out.Roles, listedRole(&r, trust))
	return out, err
}

func instanceProfiles(ctx context.Context, tx *store.Tx, list []iam.InstanceProfile) ([]iamapi.InstanceProfile, error) {
	out := make([]iamapi.InstanceProfile, len(list))
	for i := range list {
		var err error
		if out[i], err = instanceProfile(ctx, tx, &list[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// touchProfileNamed tells the audit event which instance profile the call concerns. One that
// does not exist is left out.
func touchProfileNamed(ctx context.Context, tx *store.Tx, name *string) error {
	p, ok, err := tx.IAMProfile(account(ctx), smithy.Value(name))
	if err == nil && ok {
		touchProfile(ctx, &p)
	}
	return err
}

func touchProfile(ctx context.Context, p *iam.InstanceProfile) {
	audit.FromContext(ctx).Touch(audit.Resource{ARN: p.ARN(), Type: "AWS::IAM::InstanceProfile", AccountID: p.AccountID})
}
