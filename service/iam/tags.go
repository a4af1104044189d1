package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// owner finds who has the tags of an operation.
type owner func(tx *store.Tx) (iam.Tagged, error)

func identityOwner(ctx context.Context, kind iam.Kind, name *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		if err := touch(ctx, tx, kind, name); err != nil {
			return iam.Tagged{}, err
		}
		return iam.TaggedIdentity(ctx, tx, account(ctx), kind, smithy.Value(name))
	}
}

func policyOwner(ctx context.Context, policyARN *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		touchPolicy(ctx, policyARN)
		return iam.TaggedPolicy(ctx, tx, account(ctx), smithy.Value(policyARN))
	}
}

func putTags[O any](ctx context.Context, s *Service, find owner, tags []iamapi.Tag) (*O, error) {
	return change[O](ctx, s, func(tx *store.Tx) error {
		o, err := find(tx)
		if err != nil {
			return err
		}
		return iam.PutTags(ctx, tx, o, domainTags(tags))
	})
}

func deleteTags[O any](ctx context.Context, s *Service, find owner, keys []string) (*O, error) {
	return change[O](ctx, s, func(tx *store.Tx) error {
		o, err := find(tx)
		if err != nil {
			return err
		}
		return iam.DeleteTags(ctx, tx, o, keys)
	})
}

func listTags[O any](ctx context.Context, s *Service, find owner, p iam.Page, pack func(tags []iamapi.Tag, next string) *O) (*O, error) {
	return read(ctx, s, func(tx *store.Tx) (*O, error) {
		o, err := find(tx)
		if err != nil {
			return nil, err
		}
		tags, next, err := iam.ListTags(ctx, tx, o, p)
		if err != nil {
			return nil, err
		}
		list := apiTags(tags)
		if list == nil {
			list = []iamapi.Tag{}
		}
		return pack(list, next), nil
	})
}

// TagUser adds tags to a user.
func (s *Service) TagUser(ctx context.Context, in *iamapi.TagUserInput) (*iamapi.TagUserOutput, error) {
	return putTags[iamapi.TagUserOutput](ctx, s, identityOwner(ctx, iam.KindUser, in.UserName), in.Tags)
}

// UntagUser removes tags from a user.
func (s *Service) UntagUser(ctx context.Context, in *iamapi.UntagUserInput) (*iamapi.UntagUserOutput, error) {
	return deleteTags[iamapi.UntagUserOutput](ctx, s, identityOwner(ctx, iam.KindUser, in.UserName), in.TagKeys)
}

// ListUserTags lists the tags of a user.
func (s *Service) ListUserTags(ctx context.Context, in *iamapi.ListUserTagsInput) (*iamapi.ListUserTagsOutput, error) {
	return listTags(ctx, s, identityOwner(ctx, iam.KindUser, in.UserName), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListUserTagsOutput {
			out := &iamapi.ListUserTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

// TagRole adds tags to a role.
func (s *Service) TagRole(ctx context.Context, in *iamapi.TagRoleInput) (*iamapi.TagRoleOutput, error) {
	return putTags[iamapi.TagRoleOutput](ctx, s, identityOwner(ctx, iam.KindRole, in.RoleName), in.Tags)
}

// UntagRole removes tags from a role.
func (s *Service) UntagRole(ctx context.Context, in *iamapi.UntagRoleInput) (*iamapi.UntagRoleOutput, error) {
	return deleteTags[iamapi.UntagRoleOutput](ctx, s, identityOwner(ctx, iam.KindRole, in.RoleName), in.TagKeys)
}

// ListRoleTags lists the tags of a role.
func (s *Service) ListRoleTags(ctx context.Context, in *iamapi.ListRoleTagsInput) (*iamapi.ListRoleTagsOutput, error) {
	return listTags(ctx, s, identityOwner(ctx, iam.KindRole, in.RoleName), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListRoleTagsOutput {
			out := &iamapi.ListRoleTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

// TagPolicy adds tags to a customer managed policy.
func (s *Service) TagPolicy(ctx context.Context, in *iamapi.TagPolicyInput) (*iamapi.TagPolicyOutput, error) {
	return putTags[iamapi.TagPolicyOutput](ctx, s, policyOwner(ctx, in.PolicyArn), in.Tags)
}

// UntagPolicy removes tags from a customer managed policy.
func (s *Service) UntagPolicy(ctx context.Context, in *iamapi.UntagPolicyInput) (*iamapi.UntagPolicyOutput, error) {
	return deleteTags[iamapi.UntagPolicyOutput](ctx, s, policyOwner(ctx, in.PolicyArn), in.TagKeys)
}

// ListPolicyTags lists the tags of a customer managed policy.
func (s *Service) ListPolicyTags(ctx context.Context, in *iamapi.ListPolicyTagsInput) (*iamapi.ListPolicyTagsOutput, error) {
	return listTags(ctx, s, policyOwner(ctx, in.PolicyArn), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListPolicyTagsOutput {
			out := &iamapi.ListPolicyTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}
