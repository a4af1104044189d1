package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// What creates something is checked on the ARN that it will have. Who tags in the same call
// needs the tagging action too; see the IAM user guide, "Tags for IAM resources".

func createChecks(action, tagAction, arn string, tags []iamapi.Tag, boundary *string) []authz.Check {
	keys := policy.Keys{}
	setRequestTags(keys, tags)
	setBoundary(keys, smithy.Value(boundary))
	checks := []authz.Check{{Action: action, Resource: arn, Keys: keys}}
	if len(tags) > 0 {
		checks = append(checks, authz.Check{Action: tagAction, Resource: arn, Keys: keys})
	}
	return checks
}

func newARN(c *authz.Call, kind iam.Kind, path, name *string) string {
	i := iam.Identity{Kind: kind, AccountID: c.Caller.AccountID, Path: orElse(path, "/"), Name: smithy.Value(name)}
	return i.ARN()
}

func orElse(p *string, fallback string) string {
	if p == nil {
		return fallback
	}
	return *p
}

func createUserChecks(_ context.Context, c *authz.Call, in *iamapi.CreateUserInput) ([]authz.Check, error) {
	return createChecks("iam:CreateUser", "iam:TagUser", newARN(c, iam.KindUser, in.Path, in.UserName),
		in.Tags, in.PermissionsBoundary), nil
}

func createRoleChecks(_ context.Context, c *authz.Call, in *iamapi.CreateRoleInput) ([]authz.Check, error) {
	return createChecks("iam:CreateRole", "iam:TagRole", newARN(c, iam.KindRole, in.Path, in.RoleName),
		in.Tags, in.PermissionsBoundary), nil
}

func createGroupChecks(_ context.Context, c *authz.Call, in *iamapi.CreateGroupInput) ([]authz.Check, error) {
	return createChecks("iam:CreateGroup", "", newARN(c, iam.KindGroup, in.Path, in.GroupName), nil, nil), nil
}

func createPolicyChecks(_ context.Context, c *authz.Call, in *iamapi.CreatePolicyInput) ([]authz.Check, error) {
	p := iam.Policy{AccountID: c.Caller.AccountID, Path: orElse(in.Path, "/"), Name: smithy.Value(in.PolicyName)}
	return createChecks("iam:CreatePolicy", "iam:TagPolicy", p.ARN(), in.Tags, nil), nil
}

// Who renames or moves needs the permission on the old and on the new ARN; see UpdateUser
// and UpdateGroup.

func (s *Service) updateUserChecks(ctx context.Context, c *authz.Call, in *iamapi.UpdateUserInput) ([]authz.Check, error) {
	return s.renameChecks(ctx, c, "iam:UpdateUser", iam.KindUser, in.UserName, in.NewUserName, in.NewPath)
}

func (s *Service) updateGroupChecks(ctx context.Context, c *authz.Call, in *iamapi.UpdateGroupInput) ([]authz.Check, error) {
	return s.renameChecks(ctx, c, "iam:UpdateGroup", iam.KindGroup, in.GroupName, in.NewGroupName, in.NewPath)
}

func (s *Service) renameChecks(ctx context.Context, c *authz.Call, action string, kind iam.Kind, name, newName, newPath *string) ([]authz.Check, error) {
	from, err := s.identityResource(ctx, c.Caller.AccountID, kind, smithy.Value(name))
	if err != nil {
		return nil, err
	}
	checks := []authz.Check{{Action: action, Resource: from.arn, Keys: from.keys}}
	if newName == nil && newPath == nil {
		return checks, nil
	}
	to := newARN(c, kind, smithy.Ptr(orElse(newPath, from.path)), smithy.Ptr(orElse(newName, from.name)))
	return append(checks, authz.Check{Action: action, Resource: to, Keys: from.keys}), nil
}

// listing is the row of an operation that lists by path prefix: its resource is the part of
// the account's ARNs that it asks for.
func listing[I any](operation string, kind iam.Kind, pathPrefix func(*I) *string) authz.Row {
	action := "iam:" + operation
	return authz.Row{
		Operation: operation, Actions: []string{action},
		Checks: authz.For(func(_ context.Context, c *authz.Call, in *I) ([]authz.Check, error) {
			return []authz.Check{{Action: action, Resource: newARN(c, kind, smithy.Ptr(orElse(pathPrefix(in), "/")), nil)}}, nil
		}),
	}
}

// keyLastUsedChecks are on the user that has the key. A key that the account does not have
// is looked for among all its users.
func (s *Service) keyLastUsedChecks(ctx context.Context, c *authz.Call, in *iamapi.GetAccessKeyLastUsedInput) ([]authz.Check, error) {
	const action = "iam:GetAccessKeyLastUsed"
	var k iam.AccessKey
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		k, _, err = tx.IAMKey(smithy.Value(in.AccessKeyId))
		return err
	})
	if err != nil {
		return nil, err
	}
	if k.AccountID != c.Caller.AccountID {
		return []authz.Check{{Action: action, Resource: newARN(c, iam.KindUser, nil, smithy.Ptr("*"))}}, nil
	}
	if k.UserID == "" {
		return []authz.Check{{Action: action, Resource: k.OwnerARN()}}, nil
	}
	r, err := s.identityResource(ctx, k.AccountID, iam.KindUser, k.UserName)
	return []authz.Check{{Action: action, Resource: r.arn, Keys: r.keys}}, err
}
