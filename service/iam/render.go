package iam

import (
	"net/url"
	"slices"
	"strings"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
)

// encode writes a policy document as the IAM API returns it: percent-encoded after
// RFC 3986, every character but the unreserved ones.
func encode(document string) *string {
	return smithy.Ptr(strings.ReplaceAll(url.QueryEscape(document), "+", "%20"))
}

// The shapes of lists leave out boundary, tags and last use; see ListUsers and ListRoles.

func listedUser(i *iam.Identity) iamapi.User {
	return iamapi.User{
		Path: smithy.Ptr(i.Path), UserName: smithy.Ptr(i.Name), UserId: smithy.Ptr(i.ID),
		Arn: smithy.Ptr(i.ARN()), CreateDate: smithy.Ptr(i.CreatedAt), PasswordLastUsed: date(i.PasswordLastUsed),
	}
}

func user(i *iam.Identity, tags []iam.Tag) *iamapi.User {
	u := listedUser(i)
	u.PermissionsBoundary, u.Tags = boundary(i), apiTags(tags)
	return &u
}

func group(i *iam.Identity) iamapi.Group {
	return iamapi.Group{
		Path: smithy.Ptr(i.Path), GroupName: smithy.Ptr(i.Name), GroupId: smithy.Ptr(i.ID),
		Arn: smithy.Ptr(i.ARN()), CreateDate: smithy.Ptr(i.CreatedAt),
	}
}

// listedRole takes the trust policy in the form that is shown.
func listedRole(i *iam.Identity, trustPolicy string) iamapi.Role {
	return iamapi.Role{
		Path: smithy.Ptr(i.Path), RoleName: smithy.Ptr(i.Name), RoleId: smithy.Ptr(i.ID),
		Arn: smithy.Ptr(i.ARN()), CreateDate: smithy.Ptr(i.CreatedAt),
		AssumeRolePolicyDocument: encode(trustPolicy), Description: smithy.PtrTo(i.Role.Description),
		MaxSessionDuration: smithy.Ptr(i.Role.MaxSessionDuration),
	}
}

func role(i *iam.Identity, trustPolicy string, tags []iam.Tag) *iamapi.Role {
	r := listedRole(i, trustPolicy)
	r.PermissionsBoundary, r.Tags = boundary(i), apiTags(tags)
	r.RoleLastUsed = &iamapi.RoleLastUsed{
		LastUsedDate: date(i.Role.LastUsedAt), Region: smithy.PtrTo(i.Role.LastUsedRegion),
	}
	return &r
}

// boundaryType is the only value that IAM returns, whatever the model's enumeration says;
// see the type AttachedPermissionsBoundary in the IAM API Reference.
const boundaryType = "Policy"

func boundary(i *iam.Identity) *iamapi.AttachedPermissionsBoundary {
	if i.Boundary == "" {
		return nil
	}
	return &iamapi.AttachedPermissionsBoundary{
		PermissionsBoundaryType: smithy.Ptr(boundaryType), PermissionsBoundaryArn: smithy.Ptr(i.Boundary),
	}
}

// listedPolicy leaves out description and tags, as ListPolicies does.
func listedPolicy(p *iam.Policy) iamapi.Policy {
	return iamapi.Policy{
		PolicyName: smithy.Ptr(p.Name), PolicyId: smithy.Ptr(p.ID), Arn: smithy.Ptr(p.ARN()), Path: smithy.Ptr(p.Path),
		DefaultVersionId:              smithy.Ptr(iam.VersionID(p.DefaultVersion)),
		AttachmentCount:               smithy.Ptr(int32(p.Usage.Attachments)),
		PermissionsBoundaryUsageCount: smithy.Ptr(int32(p.Usage.Boundaries)),
		IsAttachable:                  smithy.Ptr(p.Attachable()),
		CreateDate:                    smithy.Ptr(p.CreatedAt), UpdateDate: smithy.Ptr(p.UpdatedAt),
	}
}

func managedPolicy(p *iam.Policy, tags []iam.Tag) *iamapi.Policy {
	out := listedPolicy(p)
	out.Description, out.Tags = smithy.PtrTo(p.Description), apiTags(tags)
	return &out
}

// version leaves the document out if it is empty: lists have none.
func version(p *iam.Policy, v *iam.Version) iamapi.PolicyVersion {
	out := iamapi.PolicyVersion{
		VersionId: smithy.Ptr(iam.VersionID(v.Number)), CreateDate: smithy.Ptr(v.CreatedAt),
		IsDefaultVersion: smithy.Ptr(v.Number == p.DefaultVersion),
	}
	if v.Document != "" {
		out.Document = encode(v.Document)
	}
	return out
}

// apiTags is nil for no tags, so that the element is left out.
func apiTags(tags []iam.Tag) []iamapi.Tag {
	if len(tags) == 0 {
		return nil
	}
	return convert(tags, func(t *iam.Tag) iamapi.Tag {
		return iamapi.Tag{Key: smithy.Ptr(t.Key), Value: smithy.Ptr(t.Value)}
	})
}

// domainTags are in the order of their keys, as all answers have them, also those of the calls
// that make things: see the member Tags in the answer of CreateSAMLProvider.
func domainTags(tags []iamapi.Tag) []iam.Tag {
	sorted := convert(tags, func(t *iamapi.Tag) iam.Tag {
		return iam.Tag{Key: smithy.Value(t.Key), Value: smithy.Value(t.Value)}
	})
	slices.SortFunc(sorted, func(a, b iam.Tag) int { return strings.Compare(a.Key, b.Key) })
	return sorted
}

// convert never returns nil: a list that is empty is there all the same.
func convert[A, B any](list []A, one func(*A) B) []B {
	out := make([]B, len(list))
	for i := range list {
		out[i] = one(&list[i])
	}
	return out
}

// date leaves out a time that never was.
func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.Truncate(time.Second)
	return &t
}
