package iam_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// equal compares shapes as they go on the wire.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %#v\nwant %#v", what, got, want)
	}
}

func TestUserReadsBack(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	created, err := f.CreateUser(f.ctx, &iamapi.CreateUserInput{
		UserName: ptr("Alice+1"), Path: ptr("/a/b/"), PermissionsBoundary: ptr(adminARN), Tags: tags("Team"),
	})
	noError(t, err)
	u := created.User
	if !strings.HasPrefix(*u.UserId, "AIDA") || len(*u.UserId) != 21 || *u.CreateDate != u.CreateDate.Truncate(time.Second) {
		t.Errorf("id %s, created %s", *u.UserId, *u.CreateDate)
	}
	equal(t, "user", u, &iamapi.User{
		UserName: ptr("Alice+1"), Path: ptr("/a/b/"), Arn: ptr("arn:aws:iam::111122223333:user/a/b/Alice+1"),
		UserId: u.UserId, CreateDate: u.CreateDate, Tags: tags("Team"),
		PermissionsBoundary: &iamapi.AttachedPermissionsBoundary{PermissionsBoundaryType: ptr("Policy"), PermissionsBoundaryArn: ptr(adminARN)},
	})
	got, err := f.GetUser(f.ctx, &iamapi.GetUserInput{UserName: ptr("Alice+1")})
	noError(t, err)
	equal(t, "read back", got.User, u)

	list, err := f.ListUsers(f.ctx, &iamapi.ListUsersInput{PathPrefix: ptr("/a/")})
	noError(t, err)
	listed := *u
	listed.Tags, listed.PermissionsBoundary = nil, nil
	equal(t, "listed", list, &iamapi.ListUsersOutput{Users: []iamapi.User{listed}, IsTruncated: ptr(false)})

	noError(t, only(f.UpdateUser(f.ctx, &iamapi.UpdateUserInput{UserName: ptr("Alice+1"), NewUserName: ptr("alice+1"), NewPath: ptr("/")})))
	got, err = f.GetUser(as(t, home, "alice+1"), &iamapi.GetUserInput{})
	noError(t, err)
	equal(t, "renamed", []string{*got.User.Arn, *got.User.UserId}, []string{"arn:aws:iam::111122223333:user/alice+1", *u.UserId})
	noError(t, only(f.DeleteUserPermissionsBoundary(f.ctx, &iamapi.DeleteUserPermissionsBoundaryInput{UserName: ptr("alice+1")})))
	noError(t, only(f.DeleteUser(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("alice+1")})))
	empty, err := f.ListUsers(f.ctx, &iamapi.ListUsersInput{})
	noError(t, err)
	equal(t, "empty list", empty, &iamapi.ListUsersOutput{Users: []iamapi.User{}, IsTruncated: ptr(false)})
}

func TestRootUserReadsItself(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	got, err := f.GetUser(f.root, &iamapi.GetUserInput{})
	noError(t, err)
	if got.User.CreateDate == nil {
		t.Error("no creation date")
	}
	equal(t, "root", got.User, &iamapi.User{
		UserId: ptr(home), Arn: ptr("arn:aws:iam::111122223333:root"), CreateDate: got.User.CreateDate,
	})
}

func TestRoleReadsBack(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	document := `{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",` +
		` "Condition": {"StringEquals": {"sts:ExternalId": "ä+b~c*d/e f"}}}]}`
	created, err := f.CreateRole(f.ctx, &iamapi.CreateRoleInput{
		RoleName: ptr("deploy"), Path: ptr("/ci/"), AssumeRolePolicyDocument: &document, Description: ptr("ships it"),
		MaxSessionDuration: ptr(int32(7200)), PermissionsBoundary: ptr(adminARN), Tags: tags("Team", "app"),
	})
	noError(t, err)
	r := created.Role
	if strings.ContainsAny(*r.AssumeRolePolicyDocument, `+ "/*{`) || !strings.Contains(*r.AssumeRolePolicyDocument, "%C3%A4%2Bb~c%2Ad%2Fe%20f") {
		t.Errorf("not encoded after RFC 3986: %s", *r.AssumeRolePolicyDocument)
	}
	decoded, err := url.PathUnescape(*r.AssumeRolePolicyDocument)
	noError(t, err)
	equal(t, "trust policy", decoded, document)
	got, err := f.GetRole(f.ctx, &iamapi.GetRoleInput{RoleName: ptr("deploy")})
	noError(t, err)
	want := *r
	want.RoleLastUsed = &iamapi.RoleLastUsed{}
	equal(t, "read back", got.Role, &want)
	equal(t, "role", r, &iamapi.Role{
		RoleName: ptr("deploy"), Path: ptr("/ci/"), RoleId: r.RoleId, Arn: ptr("arn:aws:iam::111122223333:role/ci/deploy"),
		CreateDate: r.CreateDate, AssumeRolePolicyDocument: r.AssumeRolePolicyDocument, Description: ptr("ships it"),
		MaxSessionDuration: ptr(int32(7200)), Tags: tags("Team", "app"),
		PermissionsBoundary: &iamapi.AttachedPermissionsBoundary{PermissionsBoundaryType: ptr("Policy"), PermissionsBoundaryArn: ptr(adminARN)},
	})

	described, err := f.UpdateRoleDescription(f.ctx, &iamapi.UpdateRoleDescriptionInput{RoleName: ptr("deploy"), Description: ptr("new")})
	noError(t, err)
	equal(t, "described", []any{*described.Role.Description, *described.Role.MaxSessionDuration}, []any{"new", int32(7200)})
	noError(t, only(f.UpdateRole(f.ctx, &iamapi.UpdateRoleInput{RoleName: ptr("deploy")})))
	noError(t, only(f.UpdateAssumeRolePolicy(f.ctx, &iamapi.UpdateAssumeRolePolicyInput{RoleName: ptr("deploy"), PolicyDocument: ptr(trustAccount)})))
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	f.update(t, func(tx *store.Tx) error {
		return iam.RecordRoleUse(f.ctx, tx, []iam.RoleUse{{RoleID: *r.RoleId, At: at, Region: "eu-west-1"}})
	})
	got, err = f.GetRole(f.ctx, &iamapi.GetRoleInput{RoleName: ptr("deploy")})
	noError(t, err)
	equal(t, "changed", []any{*got.Role.Description, *got.Role.MaxSessionDuration, got.Role.RoleLastUsed},
		[]any{"new", int32(3600), &iamapi.RoleLastUsed{LastUsedDate: &at, Region: ptr("eu-west-1")}})

	list, err := f.ListRoles(f.ctx, &iamapi.ListRolesInput{})
	noError(t, err)
	listed := *got.Role
	listed.Tags, listed.PermissionsBoundary, listed.RoleLastUsed = nil, nil, nil
	equal(t, "listed", list.Roles, []iamapi.Role{listed})
}

func TestPolicyReadsBack(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	created, err := f.CreatePolicy(f.ctx, &iamapi.CreatePolicyInput{
		PolicyName: ptr("s3"), Path: ptr("/data/"), PolicyDocument: ptr(allowAll), Description: ptr("Über alles"), Tags: tags("x"),
	})
	noError(t, err)
	p := created.Policy
	equal(t, "policy", p, &iamapi.Policy{
		PolicyName: ptr("s3"), Path: ptr("/data/"), PolicyId: p.PolicyId, Arn: ptr("arn:aws:iam::111122223333:policy/data/s3"),
		DefaultVersionId: ptr("v1"), AttachmentCount: ptr(int32(0)), PermissionsBoundaryUsageCount: ptr(int32(0)),
		IsAttachable: ptr(true), Description: ptr("Über alles"), CreateDate: p.CreateDate, UpdateDate: p.CreateDate, Tags: tags("x"),
	})
	if !strings.HasPrefix(*p.PolicyId, "ANPA") {
		t.Errorf("id %s", *p.PolicyId)
	}
	noError(t, only(f.AttachUserPolicy(f.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: p.Arn})))
	noError(t, only(f.AttachGroupPolicy(f.ctx, &iamapi.AttachGroupPolicyInput{GroupName: ptr("devs"), PolicyArn: p.Arn})))
	noError(t, only(f.PutRolePermissionsBoundary(f.ctx, &iamapi.PutRolePermissionsBoundaryInput{RoleName: ptr("deploy"), PermissionsBoundary: p.Arn})))
	got, err := f.GetPolicy(f.ctx, &iamapi.GetPolicyInput{PolicyArn: p.Arn})
	noError(t, err)
	p.AttachmentCount, p.PermissionsBoundaryUsageCount = ptr(int32(2)), ptr(int32(1))
	equal(t, "read back", got.Policy, p)

	list, err := f.ListPolicies(f.ctx, &iamapi.ListPoliciesInput{Scope: ptr("Local"), OnlyAttached: ptr(true)})
	noError(t, err)
	listed := *p
	listed.Tags, listed.Description = nil, nil
	equal(t, "listed", list, &iamapi.ListPoliciesOutput{Policies: []iamapi.Policy{listed}, IsTruncated: ptr(false)})

	entities, err := f.ListEntitiesForPolicy(f.ctx, &iamapi.ListEntitiesForPolicyInput{PolicyArn: p.Arn})
	noError(t, err)
	if len(entities.PolicyGroups) != 1 || len(entities.PolicyUsers) != 1 || len(entities.PolicyRoles) != 1 {
		t.Errorf("entities: %+v", entities)
	}
	entities, err = f.ListEntitiesForPolicy(f.ctx, &iamapi.ListEntitiesForPolicyInput{PolicyArn: p.Arn, EntityFilter: ptr("Role"), PolicyUsageFilter: ptr("PermissionsPolicy")})
	noError(t, err)
	equal(t, "roles with the permissions policy", entities, &iamapi.ListEntitiesForPolicyOutput{
		PolicyGroups: []iamapi.PolicyGroup{}, PolicyUsers: []iamapi.PolicyUser{}, PolicyRoles: []iamapi.PolicyRole{}, IsTruncated: ptr(false),
	})
}

func TestAWSManagedPolicyReads(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	got, err := f.GetPolicy(f.ctx, &iamapi.GetPolicyInput{PolicyArn: ptr(adminARN)})
	noError(t, err)
	v, err := f.GetPolicyVersion(f.ctx, &iamapi.GetPolicyVersionInput{PolicyArn: ptr(adminARN), VersionId: got.Policy.DefaultVersionId})
	noError(t, err)
	if !*v.PolicyVersion.IsDefaultVersion || !strings.Contains(*v.PolicyVersion.Document, "Statement") {
		t.Errorf("version: %+v", v.PolicyVersion)
	}
	versions, err := f.ListPolicyVersions(f.ctx, &iamapi.ListPolicyVersionsInput{PolicyArn: ptr(adminARN)})
	noError(t, err)
	if len(versions.Versions) != 1 || *versions.Versions[0].VersionId != *got.Policy.DefaultVersionId || versions.Versions[0].Document != nil {
		t.Errorf("versions: %+v", versions.Versions)
	}
}

func TestVersions(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	second := strings.Replace(allowAll, "Allow", "Deny", 1)
	v, err := f.CreatePolicyVersion(f.ctx, &iamapi.CreatePolicyVersionInput{PolicyArn: ptr(ownARN), PolicyDocument: &second})
	noError(t, err)
	equal(t, "created", []any{*v.PolicyVersion.VersionId, *v.PolicyVersion.IsDefaultVersion, v.PolicyVersion.Document}, []any{"v2", false, (*string)(nil)})
	noError(t, only(f.SetDefaultPolicyVersion(f.ctx, &iamapi.SetDefaultPolicyVersionInput{PolicyArn: ptr(ownARN), VersionId: ptr("v2")})))
	noError(t, only(f.DeletePolicyVersion(f.ctx, &iamapi.DeletePolicyVersionInput{PolicyArn: ptr(ownARN), VersionId: ptr("v1")})))
	v, err = f.CreatePolicyVersion(f.ctx, &iamapi.CreatePolicyVersionInput{PolicyArn: ptr(ownARN), PolicyDocument: ptr(allowAll), SetAsDefault: ptr(true)})
	noError(t, err)
	equal(t, "numbers are not used again", *v.PolicyVersion.VersionId, "v3")
	list, err := f.ListPolicyVersions(f.ctx, &iamapi.ListPolicyVersionsInput{PolicyArn: ptr(ownARN)})
	noError(t, err)
	var got []any
	for _, v := range list.Versions {
		got = append(got, *v.VersionId, *v.IsDefaultVersion)
	}
	equal(t, "versions", got, []any{"v3", true, "v2", false})
	old, err := f.GetPolicyVersion(f.ctx, &iamapi.GetPolicyVersionInput{PolicyArn: ptr(ownARN), VersionId: ptr("v2")})
	noError(t, err)
	document, err := url.PathUnescape(smithy.Value(old.PolicyVersion.Document))
	noError(t, err)
	equal(t, "document", document, second)
}

func TestInlinePolicies(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	put := &iamapi.PutRolePolicyInput{RoleName: ptr("DEPLOY"), PolicyName: ptr("Inline"), PolicyDocument: ptr(allowAll)}
	noError(t, only(f.PutRolePolicy(f.ctx, put)))
	noError(t, only(f.PutRolePolicy(f.ctx, put)))
	list, err := f.ListRolePolicies(f.ctx, &iamapi.ListRolePoliciesInput{RoleName: ptr("deploy")})
	noError(t, err)
	equal(t, "names", list, &iamapi.ListRolePoliciesOutput{PolicyNames: []string{"Inline"}, IsTruncated: ptr(false)})
	got, err := f.GetRolePolicy(f.ctx, &iamapi.GetRolePolicyInput{RoleName: ptr("deploy"), PolicyName: ptr("Inline")})
	noError(t, err)
	document, err := url.PathUnescape(*got.PolicyDocument)
	noError(t, err)
	equal(t, "read back", []string{*got.RoleName, *got.PolicyName, document}, []string{"deploy", "Inline", allowAll})
	noError(t, only(f.DeleteRolePolicy(f.ctx, &iamapi.DeleteRolePolicyInput{RoleName: ptr("deploy"), PolicyName: ptr("Inline")})))
	list, err = f.ListRolePolicies(f.ctx, &iamapi.ListRolePoliciesInput{RoleName: ptr("deploy")})
	noError(t, err)
	equal(t, "names after deletion", list.PolicyNames, []string{})
}
