package e2e

import (
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// plainText decodes a policy document: IAM gives them out encoded after RFC 3986.
func plainText(t testing.TB, encoded *string) string {
	t.Helper()
	text, err := url.PathUnescape(*encoded)
	must(t, err)
	return text
}

func everyRole(t *testing.T, x *everything) {
	c := x.c
	trust := "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]\n}"
	made := fetch[iam.CreateRoleOutput](t, c, &iam.CreateRoleInput{
		RoleName: new("Deploy"), Path: new("/r/"), AssumeRolePolicyDocument: &trust, Description: new("ships it: ä"), MaxSessionDuration: new(int32(7200)),
		PermissionsBoundary: new(readOnlyPolicy), Tags: tagsOf("team=blue", "Cost=1"),
	}).Role
	same(t, "role", made, &iamtypes.Role{
		RoleName: new("Deploy"), Path: new("/r/"), Arn: new("arn:aws:iam::" + managementID + ":role/r/Deploy"), RoleId: made.RoleId, CreateDate: made.CreateDate,
		AssumeRolePolicyDocument: made.AssumeRolePolicyDocument, Description: new("ships it: ä"), MaxSessionDuration: new(int32(7200)),
		PermissionsBoundary: boundaryOf(readOnlyPolicy), Tags: made.Tags,
	})
	same(t, "trust policy", plainText(t, made.AssumeRolePolicyDocument), trust)
	get := func(name string) *iamtypes.Role {
		return fetch[iam.GetRoleOutput](t, c, &iam.GetRoleInput{RoleName: &name}).Role
	}
	want := *made
	want.RoleLastUsed = &iamtypes.RoleLastUsed{}
	same(t, "read back", get("Deploy"), &want)
	same(t, "tags", fetch[iam.ListRoleTagsOutput](t, c, &iam.ListRoleTagsInput{RoleName: new("Deploy")}).Tags, made.Tags)

	do(t, c, &iam.CreateRoleInput{RoleName: new("plain"), Path: new("/r/"), AssumeRolePolicyDocument: &trust}, &iam.CreateRoleInput{RoleName: new("alpha"), Path: new("/r/"), AssumeRolePolicyDocument: &trust})
	if plain := get("plain"); *plain.MaxSessionDuration != 3600 || plain.Description != nil && *plain.Description != "" || plain.Tags != nil || plain.PermissionsBoundary != nil {
		t.Errorf("a role by default: %s", jsonText(plain))
	}
	if n := walk(t, c, &iam.ListRolesInput{PathPrefix: new("/r/")}, "Roles"); n != 3 {
		t.Errorf("%d roles", n)
	}
	do(t, c, &iam.TagRoleInput{RoleName: new("Deploy"), Tags: tagsOf("team=red", "x=1")}, &iam.UntagRoleInput{RoleName: new("Deploy"), TagKeys: []string{"Cost"}})
	if n := walk(t, c, &iam.ListRoleTagsInput{RoleName: new("Deploy")}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	next := trusting("arn:aws:iam::" + managementID + ":root")
	described := fetch[iam.UpdateRoleDescriptionOutput](t, c, &iam.UpdateRoleDescriptionInput{RoleName: new("Deploy"), Description: new("anew")}).Role
	same(t, "description", described.Description, new("anew"))
	do(t, c, &iam.UpdateAssumeRolePolicyInput{RoleName: new("Deploy"), PolicyDocument: &next},
		&iam.UpdateRoleInput{RoleName: new("Deploy"), Description: new("third"), MaxSessionDuration: new(int32(43200))},
		&iam.PutRolePermissionsBoundaryInput{RoleName: new("Deploy"), PermissionsBoundary: new(adminPolicy)})
	got := get("Deploy")
	same(t, "updated", []any{plainText(t, got.AssumeRolePolicyDocument), *got.Description, *got.MaxSessionDuration, got.PermissionsBoundary, *got.RoleId},
		[]any{next, "third", int32(43200), boundaryOf(adminPolicy), *made.RoleId})
	do(t, c, &iam.DeleteRolePermissionsBoundaryInput{RoleName: new("Deploy")})
	if b := get("Deploy").PermissionsBoundary; b != nil {
		t.Errorf("a boundary after its deletion: %s", jsonText(b))
	}
	for _, name := range []string{"Deploy", "plain", "alpha"} {
		do(t, c, &iam.DeleteRoleInput{RoleName: &name})
	}
	refusal{&iam.GetRoleInput{RoleName: new("Deploy")}, "NoSuchEntity", "The role with name Deploy cannot be found."}.check(t, c)
}

func everyPolicy(t *testing.T, x *everything) {
	c := x.c
	text := "{\n\t\"Version\": \"2012-10-17\",\n\t\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", \"Resource\": \"arn:aws:s3:::a+b/*\"}\n}"
	made := fetch[iam.CreatePolicyOutput](t, c, &iam.CreatePolicyInput{PolicyName: new("Read+1"), Path: new("/p/"), PolicyDocument: &text, Description: new("reads"), Tags: tagsOf("a=1", "b=2")}).Policy
	arn := "arn:aws:iam::" + managementID + ":policy/p/Read+1"
	same(t, "policy", made, &iamtypes.Policy{
		PolicyName: new("Read+1"), Path: new("/p/"), Arn: &arn, PolicyId: made.PolicyId, CreateDate: made.CreateDate, UpdateDate: made.CreateDate, DefaultVersionId: new("v1"), Description: new("reads"),
		IsAttachable: true, AttachmentCount: new(int32(0)), PermissionsBoundaryUsageCount: new(int32(0)), Tags: tagsOf("a=1", "b=2"),
	})
	get := func() *iamtypes.Policy {
		return fetch[iam.GetPolicyOutput](t, c, &iam.GetPolicyInput{PolicyArn: &arn}).Policy
	}
	same(t, "read back", get(), made)
	version := func(id string) *iamtypes.PolicyVersion {
		return fetch[iam.GetPolicyVersionOutput](t, c, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: &id}).PolicyVersion
	}
	same(t, "document", plainText(t, version("v1").Document), text)
	second := fetch[iam.CreatePolicyVersionOutput](t, c, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: new(allow("s3:*", "*"))}).PolicyVersion
	if *second.VersionId != "v2" || second.IsDefaultVersion || second.Document != nil {
		t.Errorf("second version: %s", jsonText(second))
	}
	same(t, "still the first", *get().DefaultVersionId, "v1")
	do(t, c, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new("v2")})
	same(t, "now the second", []any{*get().DefaultVersionId, version("v1").IsDefaultVersion, version("v2").IsDefaultVersion}, []any{"v2", false, true})
	do(t, c, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &text, SetAsDefault: true})
	if n := walk(t, c, &iam.ListPolicyVersionsInput{PolicyArn: &arn}, "Versions"); n != 3 {
		t.Errorf("%d versions", n)
	}
	do(t, c, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: new("v2")})
	versions := fetch[iam.ListPolicyVersionsOutput](t, c, &iam.ListPolicyVersionsInput{PolicyArn: &arn}).Versions
	same(t, "versions", namesOf(versions, func(v iamtypes.PolicyVersion) *string { return v.VersionId }), []string{"v3", "v1"})
	do(t, c, &iam.CreatePolicyInput{PolicyName: new("other"), Path: new("/p/"), PolicyDocument: &text})
	if n := walk(t, c, &iam.ListPoliciesInput{PathPrefix: new("/p/"), Scope: iamtypes.PolicyScopeTypeLocal}, "Policies"); n != 2 {
		t.Errorf("%d policies", n)
	}
	do(t, c, &iam.TagPolicyInput{PolicyArn: &arn, Tags: tagsOf("c=3")}, &iam.UntagPolicyInput{PolicyArn: &arn, TagKeys: []string{"a"}})
	same(t, "tags", fetch[iam.ListPolicyTagsOutput](t, c, &iam.ListPolicyTagsInput{PolicyArn: &arn}).Tags, tagsOf("b=2", "c=3"))
	if n := walk(t, c, &iam.ListPolicyTagsInput{PolicyArn: &arn}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	do(t, c, &iam.CreateUserInput{UserName: new("bound"), PermissionsBoundary: &arn}, &iam.AttachUserPolicyInput{UserName: new("bound"), PolicyArn: &arn})
	counted := get()
	same(t, "uses", []int32{*counted.AttachmentCount, *counted.PermissionsBoundaryUsageCount}, []int32{1, 1})
	for _, r := range []refusal{
		{&iam.DeletePolicyInput{PolicyArn: &arn}, "DeleteConflict", ""},
		{&iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: new("v3")}, "DeleteConflict", "Cannot delete the default version of a policy."},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.DetachUserPolicyInput{UserName: new("bound"), PolicyArn: &arn}, &iam.DeleteUserInput{UserName: new("bound")})
	do(t, c, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, &iam.DeletePolicyInput{PolicyArn: &arn})
	refusal{&iam.GetPolicyInput{PolicyArn: &arn}, "NoSuchEntity", "Policy " + arn + " was not found."}.check(t, c)
}

func everyAttachment(t *testing.T, x *everything) {
	c := x.c
	name, trust := new("attached"), trusting(managementID)
	do(t, c, &iam.CreateUserInput{UserName: name}, &iam.CreateGroupInput{GroupName: name}, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: &trust})
	own := fetch[iam.CreatePolicyOutput](t, c, &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: new(allow("s3:*", "*"))}).Policy.Arn
	for _, arn := range []*string{own, new(readOnlyPolicy), own} { // attaching twice is no error
		do(t, c, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: arn}, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn}, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn})
	}
	for _, in := range []any{
		&iam.ListAttachedUserPoliciesInput{UserName: name}, &iam.ListAttachedGroupPoliciesInput{GroupName: name}, &iam.ListAttachedRolePoliciesInput{RoleName: name},
	} {
		if n := walk(t, c, in, "AttachedPolicies"); n != 2 {
			t.Errorf("%T: %d policies", in, n)
		}
	}
	got := fetch[iam.ListAttachedRolePoliciesOutput](t, c, &iam.ListAttachedRolePoliciesInput{RoleName: name}).AttachedPolicies
	names := map[string]string{}
	for _, p := range got {
		names[*p.PolicyName] = *p.PolicyArn
	}
	same(t, "attached", names, map[string]string{"attached": *own, "ReadOnlyAccess": readOnlyPolicy})

	entities := fetch[iam.ListEntitiesForPolicyOutput](t, c, &iam.ListEntitiesForPolicyInput{PolicyArn: own})
	if len(entities.PolicyUsers) != 1 || len(entities.PolicyGroups) != 1 || len(entities.PolicyRoles) != 1 || *entities.PolicyRoles[0].RoleName != "attached" || (*entities.PolicyUsers[0].UserId)[:4] != "AIDA" {
		t.Errorf("entities: %s", jsonText(entities))
	}
	total := 0
	for in := (&iam.ListEntitiesForPolicyInput{PolicyArn: own, MaxItems: new(int32(1))}); ; total++ {
		page := fetch[iam.ListEntitiesForPolicyOutput](t, c, in)
		if len(page.PolicyUsers)+len(page.PolicyGroups)+len(page.PolicyRoles) != 1 {
			t.Fatalf("a page: %s", jsonText(page))
		}
		if in.Marker = page.Marker; !page.IsTruncated {
			break
		}
	}
	if total != 2 {
		t.Errorf("%d further pages", total)
	}
	granting := fetch[iam.ListPoliciesGrantingServiceAccessOutput](t, c, &iam.ListPoliciesGrantingServiceAccessInput{Arn: new(roleARN(managementID, "attached")), ServiceNamespaces: []string{"s3", "ses"}}).PoliciesGrantingServiceAccess
	if len(granting) != 2 || *granting[0].ServiceNamespace != "s3" || len(granting[0].Policies) != 2 {
		t.Errorf("granting: %s", jsonText(granting))
	}
	refusal{&iam.DeleteRoleInput{RoleName: name}, "DeleteConflict", "Cannot delete entity, must detach all policies first."}.check(t, c)
	refusal{&iam.DeleteGroupInput{GroupName: name}, "DeleteConflict", "Cannot delete entity, must detach all policies first."}.check(t, c)
	for _, arn := range []*string{own, new(readOnlyPolicy)} {
		do(t, c, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: arn}, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: arn}, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn})
	}
	do(t, c, &iam.DeleteUserInput{UserName: name}, &iam.DeleteGroupInput{GroupName: name}, &iam.DeleteRoleInput{RoleName: name}, &iam.DeletePolicyInput{PolicyArn: own})
}

func everyInlinePolicy(t *testing.T, x *everything) {
	c := x.c
	name, trust := new("inline"), trusting(managementID)
	do(t, c, &iam.CreateUserInput{UserName: name}, &iam.CreateGroupInput{GroupName: name}, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: &trust})
	text := "{ \"Version\": \"2012-10-17\",\r\n\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::a b/ä%2F\"}]}"
	for _, policy := range []string{"b", "A", "c"} {
		for range 2 { // the same again changes nothing
			do(t, c, &iam.PutUserPolicyInput{UserName: name, PolicyName: &policy, PolicyDocument: &text},
				&iam.PutGroupPolicyInput{GroupName: name, PolicyName: &policy, PolicyDocument: &text},
				&iam.PutRolePolicyInput{RoleName: name, PolicyName: &policy, PolicyDocument: &text})
		}
	}
	for _, in := range []any{&iam.ListUserPoliciesInput{UserName: name}, &iam.ListGroupPoliciesInput{GroupName: name}, &iam.ListRolePoliciesInput{RoleName: name}} {
		if n := walk(t, c, in, "PolicyNames"); n != 3 {
			t.Errorf("%T: %d policies", in, n)
		}
	}
	user := fetch[iam.GetUserPolicyOutput](t, c, &iam.GetUserPolicyInput{UserName: name, PolicyName: new("A")})
	group := fetch[iam.GetGroupPolicyOutput](t, c, &iam.GetGroupPolicyInput{GroupName: name, PolicyName: new("A")})
	role := fetch[iam.GetRolePolicyOutput](t, c, &iam.GetRolePolicyInput{RoleName: name, PolicyName: new("A")})
	same(t, "names", []string{*user.UserName, *user.PolicyName, *group.GroupName, *group.PolicyName, *role.RoleName, *role.PolicyName},
		[]string{"inline", "A", "inline", "A", "inline", "A"})
	for _, document := range []*string{user.PolicyDocument, group.PolicyDocument, role.PolicyDocument} {
		same(t, "document", plainText(t, document), text)
	}
	refusal{&iam.DeleteRoleInput{RoleName: name}, "DeleteConflict", "Cannot delete entity, must delete policies first."}.check(t, c)
	for _, policy := range []string{"b", "A", "c"} {
		do(t, c, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: &policy}, &iam.DeleteGroupPolicyInput{GroupName: name, PolicyName: &policy}, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: &policy})
	}
	do(t, c, &iam.DeleteUserInput{UserName: name}, &iam.DeleteGroupInput{GroupName: name}, &iam.DeleteRoleInput{RoleName: name})
}

func everyInstanceProfile(t *testing.T, x *everything) {
	c := x.c
	name, trust := new("web"), document(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)
	role := fetch[iam.CreateRoleOutput](t, c, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: &trust}).Role
	made := fetch[iam.CreateInstanceProfileOutput](t, c, &iam.CreateInstanceProfileInput{InstanceProfileName: name, Path: new("/ip/"), Tags: tagsOf("a=1", "b=2")}).InstanceProfile
	same(t, "profile", made, &iamtypes.InstanceProfile{
		InstanceProfileName: name, Path: new("/ip/"), Arn: new("arn:aws:iam::" + managementID + ":instance-profile/ip/web"), InstanceProfileId: made.InstanceProfileId,
		CreateDate: made.CreateDate, Roles: []iamtypes.Role{}, Tags: tagsOf("a=1", "b=2"),
	})
	do(t, c, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name})
	got := fetch[iam.GetInstanceProfileOutput](t, c, &iam.GetInstanceProfileInput{InstanceProfileName: name}).InstanceProfile
	if len(got.Roles) != 1 || *got.Roles[0].Arn != *role.Arn || *got.Roles[0].AssumeRolePolicyDocument != *role.AssumeRolePolicyDocument {
		t.Errorf("roles: %s", jsonText(got.Roles))
	}
	got.Roles = made.Roles
	same(t, "read back", got, made)
	do(t, c, &iam.CreateInstanceProfileInput{InstanceProfileName: new("empty"), Path: new("/ip/")})
	if n := walk(t, c, &iam.ListInstanceProfilesInput{PathPrefix: new("/ip/")}, "InstanceProfiles"); n != 2 {
		t.Errorf("%d profiles", n)
	}
	do(t, c, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("empty"), RoleName: name})
	if n := walk(t, c, &iam.ListInstanceProfilesForRoleInput{RoleName: name}, "InstanceProfiles"); n != 2 {
		t.Errorf("%d profiles of the role", n)
	}
	do(t, c, &iam.TagInstanceProfileInput{InstanceProfileName: name, Tags: tagsOf("c=3")}, &iam.UntagInstanceProfileInput{InstanceProfileName: name, TagKeys: []string{"a"}})
	same(t, "tags", fetch[iam.ListInstanceProfileTagsOutput](t, c, &iam.ListInstanceProfileTagsInput{InstanceProfileName: name}).Tags, tagsOf("b=2", "c=3"))
	if n := walk(t, c, &iam.ListInstanceProfileTagsInput{InstanceProfileName: name}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	for _, r := range []refusal{
		{&iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: new(adminRole)}, "NoSuchEntity", ""},
		{&iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name}, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"},
		{&iam.DeleteInstanceProfileInput{InstanceProfileName: name}, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."},
		{&iam.DeleteRoleInput{RoleName: name}, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."},
	} {
		r.check(t, c)
	}
	for _, profile := range []string{"web", "empty"} {
		do(t, c, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &profile, RoleName: name}, &iam.DeleteInstanceProfileInput{InstanceProfileName: &profile})
	}
	do(t, c, &iam.DeleteRoleInput{RoleName: name})
}

func everyServiceLinkedRole(t *testing.T, x *everything) {
	c := x.c
	made := fetch[iam.CreateServiceLinkedRoleOutput](t, c, &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("autoscaling.amazonaws.com"), CustomSuffix: new("blue"), Description: new("scales")}).Role
	if *made.RoleName != "AWSServiceRoleForAutoScaling_blue" || *made.Path != "/aws-service-role/autoscaling.amazonaws.com/" || *made.MaxSessionDuration != 3600 {
		t.Errorf("role: %s", jsonText(made))
	}
	got := fetch[iam.GetRoleOutput](t, c, &iam.GetRoleInput{RoleName: made.RoleName}).Role
	same(t, "read back", []any{*got.Description, *got.Arn, *got.AssumeRolePolicyDocument}, []any{"scales", *made.Arn, *made.AssumeRolePolicyDocument})
	refusal{&iam.DeleteRoleInput{RoleName: made.RoleName}, "UnmodifiableEntity", ""}.check(t, c)
	task := fetch[iam.DeleteServiceLinkedRoleOutput](t, c, &iam.DeleteServiceLinkedRoleInput{RoleName: made.RoleName}).DeletionTaskId
	eventually(t, "the role is deleted", func() bool {
		return fetch[iam.GetServiceLinkedRoleDeletionStatusOutput](t, c, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task}).Status == iamtypes.DeletionTaskStatusTypeSucceeded
	})
	refusal{&iam.GetRoleInput{RoleName: made.RoleName}, "NoSuchEntity", ""}.check(t, c)
}
