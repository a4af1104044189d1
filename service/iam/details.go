package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GetAccountAuthorizationDetails lists all users, groups, roles and managed policies with
// all that they carry.
func (s *Service) GetAccountAuthorizationDetails(ctx context.Context, in *iamapi.GetAccountAuthorizationDetailsInput) (*iamapi.GetAccountAuthorizationDetailsOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetAccountAuthorizationDetailsOutput, error) {
		kinds := convert(in.Filter, func(kind *string) iam.DetailKind { return iam.DetailKind(*kind) })
		list, next, err := iam.ListDetails(ctx, tx, account(ctx), kinds, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.GetAccountAuthorizationDetailsOutput{
			UserDetailList: []iamapi.UserDetail{}, GroupDetailList: []iamapi.GroupDetail{},
			RoleDetailList: []iamapi.RoleDetail{}, Policies: []iamapi.ManagedPolicyDetail{},
		}
		for n := range list {
			if err := addDetail(ctx, tx, out, &list[n]); err != nil {
				return nil, err
			}
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

func addDetail(ctx context.Context, tx *store.Tx, out *iamapi.GetAccountAuthorizationDetailsOutput, d *iam.Detail) error {
	if d.Policy != nil {
		p, err := policyDetail(ctx, tx, d.Policy)
		out.Policies = append(out.Policies, p)
		return err
	}
	carried, err := carriedBy(ctx, tx, d.Identity)
	if err != nil {
		return err
	}
	switch d.Identity.Kind {
	case iam.KindUser:
		u, err := userDetail(tx, d.Identity, carried)
		out.UserDetailList = append(out.UserDetailList, u)
		return err
	case iam.KindGroup:
		out.GroupDetailList = append(out.GroupDetailList, groupDetail(d.Identity, carried))
		return nil
	default:
		r, err := roleDetail(ctx, tx, d.Identity, carried)
		out.RoleDetailList = append(out.RoleDetailList, r)
		return err
	}
}

// carried is what the details of users, groups and roles have in common.
type carried struct {
	inline   []iamapi.PolicyDetail
	attached []iamapi.AttachedPolicy
	tags     []iamapi.Tag
}

func carriedBy(ctx context.Context, tx *store.Tx, i *iam.Identity) (c carried, err error) {
	inline, err := iam.InlinePolicies(ctx, tx, i)
	if err != nil {
		return c, err
	}
	c.inline = convert(inline, func(p *iam.PolicyText) iamapi.PolicyDetail {
		return iamapi.PolicyDetail{PolicyName: &p.Name, PolicyDocument: encode(p.Document)}
	})
	attached, err := tx.IAMAttached(i.ID, "")
	if err != nil {
		return c, err
	}
	c.attached = convert(attached, func(p *iam.AttachedPolicy) iamapi.AttachedPolicy {
		return iamapi.AttachedPolicy{PolicyArn: &p.ARN, PolicyName: &p.Name}
	})
	tags, err := tx.IAMTags(i.ID)
	c.tags = convert(tags, func(t *iam.Tag) iamapi.Tag { return iamapi.Tag{Key: &t.Key, Value: &t.Value} })
	return c, err
}

func userDetail(tx *store.Tx, i *iam.Identity, c carried) (iamapi.UserDetail, error) {
	groups, err := tx.IAMGroupsOf(i.ID, iam.Range{Limit: iam.QuotaValue(iam.GroupsPerUser, tx.Now())})
	return iamapi.UserDetail{
		Path: &i.Path, UserName: &i.Name, UserId: &i.ID, Arn: smithy.Ptr(i.ARN()), CreateDate: date(i.CreatedAt),
		UserPolicyList: c.inline, AttachedManagedPolicies: c.attached, PermissionsBoundary: boundary(i), Tags: c.tags,
		GroupList: convert(groups, func(g *iam.Identity) string { return g.Name }),
	}, err
}

func groupDetail(i *iam.Identity, c carried) iamapi.GroupDetail {
	return iamapi.GroupDetail{
		Path: &i.Path, GroupName: &i.Name, GroupId: &i.ID, Arn: smithy.Ptr(i.ARN()), CreateDate: date(i.CreatedAt),
		GroupPolicyList: c.inline, AttachedManagedPolicies: c.attached,
	}
}

func roleDetail(ctx context.Context, tx *store.Tx, i *iam.Identity, c carried) (iamapi.RoleDetail, error) {
	trust, err := iam.TrustPolicyOf(ctx, tx, i)
	if err != nil {
		return iamapi.RoleDetail{}, err
	}
	profiles, err := tx.IAMProfilesOf(i.AccountID, i.ID, iam.Range{
		Limit: iam.QuotaValue(iam.InstanceProfilesPerAccount, tx.Now()),
	})
	if err != nil {
		return iamapi.RoleDetail{}, err
	}
	described := role(i, trust, nil)
	out := iamapi.RoleDetail{
		Path: &i.Path, RoleName: &i.Name, RoleId: &i.ID, Arn: smithy.Ptr(i.ARN()), CreateDate: date(i.CreatedAt),
		AssumeRolePolicyDocument: described.AssumeRolePolicyDocument, RoleLastUsed: described.RoleLastUsed,
		RolePolicyList: c.inline, AttachedManagedPolicies: c.attached, PermissionsBoundary: boundary(i), Tags: c.tags,
	}
	out.InstanceProfileList, err = instanceProfiles(ctx, tx, profiles)
	return out, err
}

func policyDetail(ctx context.Context, tx *store.Tx, p *iam.Policy) (iamapi.ManagedPolicyDetail, error) {
	versions, err := iam.PolicyVersions(ctx, tx, p)
	listed := listedPolicy(p)
	return iamapi.ManagedPolicyDetail{
		PolicyName: listed.PolicyName, PolicyId: listed.PolicyId, Arn: listed.Arn, Path: listed.Path,
		DefaultVersionId: listed.DefaultVersionId, AttachmentCount: listed.AttachmentCount,
		PermissionsBoundaryUsageCount: listed.PermissionsBoundaryUsageCount, IsAttachable: listed.IsAttachable,
		Description: smithy.PtrTo(p.Description), CreateDate: listed.CreateDate, UpdateDate: listed.UpdateDate,
		PolicyVersionList: convert(versions, func(v *iam.Version) iamapi.PolicyVersion { return version(p, v) }),
	}, err
}
