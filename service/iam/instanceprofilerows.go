package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

func (s *Service) instanceProfileRows() []authz.Row {
	return []authz.Row{
		{
			Operation: "CreateInstanceProfile", Actions: []string{"iam:CreateInstanceProfile", "iam:TagInstanceProfile"},
			Checks: authz.For(createProfileChecks),
		},
		onProfile(s, "GetInstanceProfile", func(in *iamapi.GetInstanceProfileInput) *string { return in.InstanceProfileName }).row(),
		onProfile(s, "DeleteInstanceProfile", func(in *iamapi.DeleteInstanceProfileInput) *string { return in.InstanceProfileName }).row(),
		authz.Anywhere("ListInstanceProfiles", "iam:ListInstanceProfiles"),
		onIdentity(s, "ListInstanceProfilesForRole", iam.KindRole, func(in *iamapi.ListInstanceProfilesForRoleInput) *string { return in.RoleName }).row(),
		{
			Operation: "AddRoleToInstanceProfile", Actions: []string{"iam:AddRoleToInstanceProfile", "iam:PassRole"},
			Checks: authz.For(s.addRoleChecks),
		},
		onProfile(s, "RemoveRoleFromInstanceProfile", func(in *iamapi.RemoveRoleFromInstanceProfileInput) *string { return in.InstanceProfileName }).row(),
		onProfile(s, "TagInstanceProfile", func(in *iamapi.TagInstanceProfileInput) *string { return in.InstanceProfileName }).
			tags(func(in *iamapi.TagInstanceProfileInput) []iamapi.Tag { return in.Tags }).row(),
		onProfile(s, "UntagInstanceProfile", func(in *iamapi.UntagInstanceProfileInput) *string { return in.InstanceProfileName }).
			tagKeys(func(in *iamapi.UntagInstanceProfileInput) []string { return in.TagKeys }).row(),
		onProfile(s, "ListInstanceProfileTags", func(in *iamapi.ListInstanceProfileTagsInput) *string { return in.InstanceProfileName }).row(),
	}
}

func createProfileChecks(_ context.Context, c *authz.Call, in *iamapi.CreateInstanceProfileInput) ([]authz.Check, error) {
	arn := iam.InstanceProfileARN(c.Caller.AccountID, smithy.Value(in.Path), smithy.Value(in.InstanceProfileName))
	return createChecks("iam:CreateInstanceProfile", "iam:TagInstanceProfile", arn, in.Tags, nil), nil
}

// The condition key of iam:PassRole, and the service that instance profiles pass roles to.
const (
	keyPassedToService = "iam:PassedToService"
	instanceService    = "ec2.amazonaws.com"
)

// addRoleChecks ask for the permission to pass the role too; see AddRoleToInstanceProfile in
// the IAM API Reference.
func (s *Service) addRoleChecks(ctx context.Context, c *authz.Call, in *iamapi.AddRoleToInstanceProfileInput) ([]authz.Check, error) {
	p, err := s.profileResource(ctx, c.Caller.AccountID, smithy.Value(in.InstanceProfileName))
	if err != nil {
		return nil, err
	}
	role, err := s.identityResource(ctx, c.Caller.AccountID, iam.KindRole, smithy.Value(in.RoleName))
	if err != nil {
		return nil, err
	}
	role.keys.Set(keyPassedToService, instanceService)
	return []authz.Check{
		{Action: "iam:AddRoleToInstanceProfile", Resource: p.arn, Keys: p.keys},
		{Action: "iam:PassRole", Resource: role.arn, Keys: role.keys},
	}, nil
}

// onProfile is the target of an operation on an instance profile.
func onProfile[I any](s *Service, operation string, name func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		return s.profileResource(ctx, c.AccountID, smithy.Value(name(in)))
	}}
}

// profileResource looks an instance profile up; one that does not exist has the ARN of its
// name at the root path.
func (s *Service) profileResource(ctx context.Context, accountID, name string) (resource, error) {
	r := resource{arn: iam.InstanceProfileARN(accountID, "", name), keys: policy.Keys{}}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		p, ok, err := tx.IAMProfile(accountID, name)
		if err != nil || !ok {
			return err
		}
		r.arn = p.ARN()
		tags, err := tx.IAMTags(p.ID)
		setResourceTags(r.keys, tags, prefixResourceTag)
		return err
	})
	return r, err
}
