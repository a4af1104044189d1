package iam_test

import (
	"context"
	"fmt"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	service "github.com/bailiwick/bailiwick/service/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const servicePolicyARN = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"

// Each error that AWS documents for these operations and that can occur here, with its
// wording.
func TestErrors(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { testErrors(t, e) })
	}
}

func testErrors(t *testing.T, e storetest.Engine) {
	const (
		noUser   = "The user with name nobody cannot be found."
		noGroup  = "The group with name nobody cannot be found."
		noRole   = "The role with name nobody cannot be found."
		noPolicy = "Policy arn:aws:iam::111122223333:policy/nothing was not found."
		absent   = "arn:aws:iam::111122223333:policy/nothing"
		foreign  = "arn:aws:iam::444455556666:policy/theirs"

		allowOld = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

		slr          = "AWSServiceRoleForTest"
		slrProtected = "Cannot perform the operation on the protected role 'AWSServiceRoleForTest' - this role is only modifiable by AWS"
	)
	f := newFixture(t, e)
	f.populate(t)
	session, stranger := asRole(t), as(t, other, "x")
	noError(t, only(f.AddUserToGroup(f.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("alice")})))
	noError(t, only(f.AttachRolePolicy(f.ctx, &iamapi.AttachRolePolicyInput{RoleName: ptr("deploy"), PolicyArn: ptr(ownARN)})))
	noError(t, only(f.CreatePolicy(f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("bound"), PolicyDocument: ptr(allowAll)})))
	noError(t, only(f.PutUserPermissionsBoundary(f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("bob"), PermissionsBoundary: ptr("arn:aws:iam::111122223333:policy/bound")})))
	noError(t, only(f.CreatePolicy(f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("versioned"), PolicyDocument: ptr(allowAll)})))
	noError(t, only(f.CreatePolicyVersion(f.ctx, &iamapi.CreatePolicyVersionInput{PolicyArn: ptr("arn:aws:iam::111122223333:policy/versioned"), PolicyDocument: ptr(allowAll)})))
	noError(t, only(f.CreatePolicy(stranger, &iamapi.CreatePolicyInput{PolicyName: ptr("theirs"), PolicyDocument: ptr(allowAll)})))
	key, err := f.CreateAccessKey(f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("bob")})
	noError(t, err)
	keyID := key.AccessKey.AccessKeyId
	noError(t, only(f.CreateAccessKey(f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("bob")})))
	noError(t, only(f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: ptr("inline")})))
	noError(t, only(f.PutUserPolicy(f.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("inline"), PolicyName: ptr("p"), PolicyDocument: ptr(allowAll)})))

	for _, c := range []struct {
		name string
		ctx  context.Context
		in   smithy.Shape
		// message is not checked if it is empty.
		code, message string
	}{
		{
			"get no user", f.ctx, &iamapi.GetUserInput{UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"get another account's user", stranger, &iamapi.GetUserInput{UserName: ptr("alice")},
			"NoSuchEntity", "The user with name alice cannot be found.",
		},
		{
			"get the user of a session", session, &iamapi.GetUserInput{},
			"ValidationError", "Must specify userName when calling with non-User credentials",
		},
		{
			"create a taken user", f.ctx, &iamapi.CreateUserInput{UserName: ptr("ALICE")},
			"EntityAlreadyExists", "User with name ALICE already exists.",
		},
		{
			"create with no boundary", f.ctx, &iamapi.CreateUserInput{UserName: ptr("new"), PermissionsBoundary: ptr(absent)},
			"NoSuchEntity", "Scope ARN: " + absent + " does not exist or is not attachable.",
		},
		{
			"create with two tags of one key", f.ctx, &iamapi.CreateUserInput{UserName: ptr("new"), Tags: tags("a", "A")},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
		},
		{
			"create with AWS's tag", f.ctx, &iamapi.CreateUserInput{UserName: ptr("new"), Tags: tags("AWS:a")},
			"InvalidInput", "aws: prefixed tag key names are not allowed for external use.",
		},
		{
			"rename no user", f.ctx, &iamapi.UpdateUserInput{UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"rename to a taken name", f.ctx, &iamapi.UpdateUserInput{UserName: ptr("alice"), NewUserName: ptr("Bob")},
			"EntityAlreadyExists", "User with name Bob already exists.",
		},
		{
			"delete no user", f.ctx, &iamapi.DeleteUserInput{UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"delete a user with an inline policy", f.ctx, &iamapi.DeleteUserInput{UserName: ptr("inline")},
			"DeleteConflict", "Cannot delete entity, must delete policies first.",
		},
		{
			"delete a user in a group", f.ctx, &iamapi.DeleteUserInput{UserName: ptr("alice")},
			"DeleteConflict", "Cannot delete entity, must remove users from group first.",
		},
		{
			"delete a user with keys", f.ctx, &iamapi.DeleteUserInput{UserName: ptr("bob")},
			"DeleteConflict", "Cannot delete entity, must delete access keys first.",
		},

		{
			"get no group", f.ctx, &iamapi.GetGroupInput{GroupName: ptr("nobody")},
			"NoSuchEntity", noGroup,
		},
		{
			"create a taken group", f.ctx, &iamapi.CreateGroupInput{GroupName: ptr("Devs")},
			"EntityAlreadyExists", "Group with name Devs already exists.",
		},
		{
			"delete a group with users", f.ctx, &iamapi.DeleteGroupInput{GroupName: ptr("devs")},
			"DeleteConflict", "Cannot delete entity, must remove users from group first.",
		},
		{
			"join no group", f.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("nobody"), UserName: ptr("alice")},
			"NoSuchEntity", noGroup,
		},
		{
			"join as nobody", f.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"leave as nobody", f.ctx, &iamapi.RemoveUserFromGroupInput{GroupName: ptr("devs"), UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"list groups of nobody", f.ctx, &iamapi.ListGroupsForUserInput{UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"list with a marker of another form", f.ctx, &iamapi.ListGroupsInput{Marker: ptr("!")},
			"ValidationError", "Invalid Marker.",
		},

		{
			"get no role", f.ctx, &iamapi.GetRoleInput{RoleName: ptr("nobody")},
			"NoSuchEntity", noRole,
		},
		{
			"create a taken role", f.ctx, &iamapi.CreateRoleInput{RoleName: ptr("Deploy"), AssumeRolePolicyDocument: ptr(trustAccount)},
			"EntityAlreadyExists", "Role with name Deploy already exists.",
		},
		{
			"create a role without trust", f.ctx, &iamapi.CreateRoleInput{RoleName: ptr("new"), AssumeRolePolicyDocument: ptr(allowAll)},
			"MalformedPolicyDocument", "",
		},
		{
			"create a service-linked role", f.ctx, &iamapi.CreateRoleInput{RoleName: ptr("new"), Path: ptr("/aws-service-role/x.amazonaws.com/"), AssumeRolePolicyDocument: ptr(trustAccount)},
			"InvalidInput", "The path /aws-service-role/x.amazonaws.com/ is reserved for roles that AWS services create.",
		},
		{
			"trust nobody", f.ctx, &iamapi.UpdateAssumeRolePolicyInput{RoleName: ptr("nobody"), PolicyDocument: ptr(trustAccount)},
			"NoSuchEntity", noRole,
		},
		{
			"change a service-linked role", f.ctx, &iamapi.UpdateRoleInput{RoleName: ptr(slr)},
			"UnmodifiableEntity", slrProtected,
		},
		{
			"describe a service-linked role anew", f.ctx, &iamapi.UpdateRoleDescriptionInput{RoleName: ptr(slr), Description: ptr("x")},
			"UnmodifiableEntity", slrProtected,
		},
		{
			"attach to a service-linked role", f.ctx, &iamapi.AttachRolePolicyInput{RoleName: ptr(slr), PolicyArn: ptr(adminARN)},
			"UnmodifiableEntity", slrProtected,
		},
		{
			"put a policy into a service-linked role", f.ctx, &iamapi.PutRolePolicyInput{RoleName: ptr(slr), PolicyName: ptr("p"), PolicyDocument: ptr(allowAll)},
			"UnmodifiableEntity", slrProtected,
		},
		{
			"bound a service-linked role", f.ctx, &iamapi.PutRolePermissionsBoundaryInput{RoleName: ptr(slr), PermissionsBoundary: ptr(adminARN)},
			"UnmodifiableEntity", slrProtected,
		},
		{
			"delete a service-linked role", f.ctx, &iamapi.DeleteRoleInput{RoleName: ptr(slr)},
			"UnmodifiableEntity", slrProtected,
		},
		{
			"delete a role with policies", f.ctx, &iamapi.DeleteRoleInput{RoleName: ptr("deploy")},
			"DeleteConflict", "Cannot delete entity, must detach all policies first.",
		},

		{
			"get no policy", f.ctx, &iamapi.GetPolicyInput{PolicyArn: ptr(absent)},
			"NoSuchEntity", noPolicy,
		},
		{
			"get another account's policy", f.ctx, &iamapi.GetPolicyInput{PolicyArn: ptr(foreign)},
			"NoSuchEntity", "Policy " + foreign + " was not found.",
		},
		{
			"get what is no policy", f.ctx, &iamapi.GetPolicyInput{PolicyArn: ptr("arn:aws:iam::111122223333:user/alice")},
			"InvalidInput", "ARN arn:aws:iam::111122223333:user/alice is not valid.",
		},
		{
			"create a taken policy", f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("OWN"), Path: ptr("/x/"), PolicyDocument: ptr(allowAll)},
			"EntityAlreadyExists", "A policy called OWN already exists. Duplicate names are not allowed.",
		},
		{
			"create what is no policy", f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("new"), PolicyDocument: ptr("{}")},
			"MalformedPolicyDocument", "",
		},
		{
			"create in the older version of the language", f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("new"), PolicyDocument: ptr(allowOld)},
			"MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater.",
		},
		{
			"create with a description that no document takes", f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("new"), PolicyDocument: ptr(allowAll), Description: ptr("\x00")},
			"InvalidInput", "",
		},
		{
			"delete an attached policy", f.ctx, &iamapi.DeletePolicyInput{PolicyArn: ptr(ownARN)},
			"DeleteConflict", "Cannot delete a policy attached to entities.",
		},
		{
			"delete a boundary", f.ctx, &iamapi.DeletePolicyInput{PolicyArn: ptr("arn:aws:iam::111122223333:policy/bound")},
			"DeleteConflict", "Cannot delete a policy attached to entities.",
		},
		{
			"delete a policy with versions", f.ctx, &iamapi.DeletePolicyInput{PolicyArn: ptr("arn:aws:iam::111122223333:policy/versioned")},
			"DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
		},
		{
			"delete AWS's policy", f.ctx, &iamapi.DeletePolicyInput{PolicyArn: ptr(adminARN)},
			"AccessDenied", "Policy is outside your own account.",
		},
		{
			"get no version", f.ctx, &iamapi.GetPolicyVersionInput{PolicyArn: ptr(ownARN), VersionId: ptr("v9")},
			"NoSuchEntity", "Policy " + ownARN + " version v9 does not exist or is not attachable.",
		},
		{
			"default to no version", f.ctx, &iamapi.SetDefaultPolicyVersionInput{PolicyArn: ptr(ownARN), VersionId: ptr("v01")},
			"NoSuchEntity", "Policy " + ownARN + " version v01 does not exist or is not attachable.",
		},
		{
			"delete the default version", f.ctx, &iamapi.DeletePolicyVersionInput{PolicyArn: ptr(ownARN), VersionId: ptr("v1")},
			"DeleteConflict", "Cannot delete the default version of a policy.",
		},
		{
			"add a version that is no policy", f.ctx, &iamapi.CreatePolicyVersionInput{PolicyArn: ptr(ownARN), PolicyDocument: ptr("[]")},
			"MalformedPolicyDocument", "",
		},
		{
			"list the versions of no policy", f.ctx, &iamapi.ListPolicyVersionsInput{PolicyArn: ptr(absent)},
			"NoSuchEntity", noPolicy,
		},
		{
			"list who carries no policy", f.ctx, &iamapi.ListEntitiesForPolicyInput{PolicyArn: ptr(absent)},
			"NoSuchEntity", noPolicy,
		},

		{
			"attach no policy", f.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(absent)},
			"NoSuchEntity", "Policy " + absent + " does not exist or is not attachable.",
		},
		{
			"attach another account's policy", f.ctx, &iamapi.AttachGroupPolicyInput{GroupName: ptr("devs"), PolicyArn: ptr(foreign)},
			"NoSuchEntity", "Policy " + foreign + " does not exist or is not attachable.",
		},
		{
			"attach to nobody", f.ctx, &iamapi.AttachGroupPolicyInput{GroupName: ptr("nobody"), PolicyArn: ptr(ownARN)},
			"NoSuchEntity", noGroup,
		},
		{
			"attach a service's policy", f.ctx, &iamapi.AttachRolePolicyInput{RoleName: ptr("deploy"), PolicyArn: ptr(servicePolicyARN)},
			"PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.",
		},
		{
			"attach what is no policy", f.ctx, &iamapi.AttachRolePolicyInput{RoleName: ptr("deploy"), PolicyArn: ptr("arn:aws:s3:::a-bucket-of-mine")},
			"InvalidInput", "",
		},
		{
			"detach what is not attached", f.ctx, &iamapi.DetachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(ownARN)},
			"NoSuchEntity", "Policy " + ownARN + " was not found.",
		},
		{
			"list attachments of nobody", f.ctx, &iamapi.ListAttachedRolePoliciesInput{RoleName: ptr("nobody")},
			"NoSuchEntity", noRole,
		},

		{
			"put what is no policy", f.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("alice"), PolicyName: ptr("p"), PolicyDocument: ptr(trustAccount)},
			"MalformedPolicyDocument", "",
		},
		{
			"get no user policy", f.ctx, &iamapi.GetUserPolicyInput{UserName: ptr("alice"), PolicyName: ptr("p")},
			"NoSuchEntity", "The user policy with name p cannot be found.",
		},
		{
			"get no group policy", f.ctx, &iamapi.GetGroupPolicyInput{GroupName: ptr("devs"), PolicyName: ptr("p")},
			"NoSuchEntity", "The group policy with name p cannot be found.",
		},
		{
			"delete no role policy", f.ctx, &iamapi.DeleteRolePolicyInput{RoleName: ptr("deploy"), PolicyName: ptr("p")},
			"NoSuchEntity", "The role policy with name p cannot be found.",
		},
		{
			"list policies in nobody", f.ctx, &iamapi.ListUserPoliciesInput{UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},

		{
			"bound by no policy", f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr(absent)},
			"NoSuchEntity", "Scope ARN: " + absent + " does not exist or is not attachable.",
		},
		{
			"bound by a service's policy", f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr(servicePolicyARN)},
			"PolicyNotAttachable", "",
		},
		{
			"unbound what has no boundary", f.ctx, &iamapi.DeleteUserPermissionsBoundaryInput{UserName: ptr("alice")},
			"NoSuchEntity", "User with name alice does not have a permissions boundary.",
		},

		{
			"a third key", f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("bob")},
			"LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2",
		},
		{
			"a key of nobody", f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("nobody")},
			"NoSuchEntity", noUser,
		},
		{
			"a key of a session", session, &iamapi.CreateAccessKeyInput{},
			"ValidationError", "",
		},
		{
			"change another user's key", f.ctx, &iamapi.UpdateAccessKeyInput{UserName: ptr("alice"), AccessKeyId: keyID, Status: ptr("Inactive")},
			"NoSuchEntity", "The Access Key with id " + *keyID + " cannot be found.",
		},
		{
			"delete another user's key", f.ctx, &iamapi.DeleteAccessKeyInput{UserName: ptr("alice"), AccessKeyId: keyID},
			"NoSuchEntity", "The Access Key with id " + *keyID + " cannot be found.",
		},
		{
			"use of another account's key", stranger, &iamapi.GetAccessKeyLastUsedInput{AccessKeyId: keyID},
			"NoSuchEntity", "The Access Key with id " + *keyID + " cannot be found.",
		},

		{
			"tag nobody", f.ctx, &iamapi.TagUserInput{UserName: ptr("nobody"), Tags: tags("a")},
			"NoSuchEntity", noUser,
		},
		{
			"untag no role", f.ctx, &iamapi.UntagRoleInput{RoleName: ptr("nobody"), TagKeys: []string{"a"}},
			"NoSuchEntity", noRole,
		},
		{
			"tag AWS's policy", f.ctx, &iamapi.TagPolicyInput{PolicyArn: ptr(adminARN), Tags: tags("a")},
			"AccessDenied", "Policy is outside your own account.",
		},
		{
			"list tags of no policy", f.ctx, &iamapi.ListPolicyTagsInput{PolicyArn: ptr(absent)},
			"NoSuchEntity", noPolicy,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			gotCode, gotMessage := code(f.call(c.ctx, c.in))
			if gotCode != c.code || c.message != "" && gotMessage != c.message {
				t.Errorf("got %s %q, want %s %q", gotCode, gotMessage, c.code, c.message)
			}
		})
	}
}

func tags(keys ...string) []iamapi.Tag {
	out := make([]iamapi.Tag, len(keys))
	for i := range keys {
		out[i] = iamapi.Tag{Key: &keys[i], Value: ptr("value")}
	}
	return out
}

func TestEveryCodeHasItsName(t *testing.T) {
	for _, c := range []iam.Code{
		iam.NoSuchEntity, iam.EntityAlreadyExists, iam.LimitExceeded, iam.DeleteConflict, iam.MalformedPolicyDocument,
		iam.InvalidInput, iam.PolicyNotAttachable, iam.UnmodifiableEntity, iam.InvalidRequest,
		iam.InvalidPublicKey, iam.DuplicateSSHPublicKey, iam.UnrecognizedPublicKeyEncoding, iam.InvalidCertificate, iam.DuplicateCertificate,
		iam.MalformedCertificate, iam.KeyPairMismatch, iam.ServiceNotSupported, iam.ReportNotPresent, iam.ReportExpired,
		iam.OrganizationNotFound, iam.NotAdministrator, iam.NotAllFeatures, iam.ServiceAccessNotEnabled,
		iam.NameConflict, iam.RoleTemplateDisabled,
	} {
		got, message := code(service.WireError(&iam.Error{Code: c, Message: "why"}))
		if got != string(c) || message != "why" {
			t.Errorf("%s is sent as %s %q", c, got, message)
		}
	}
	if got, _ := code(service.WireError(fmt.Errorf("store: %w", store.ErrBusy))); got != "ConcurrentModification" {
		t.Errorf("a busy store is sent as %s", got)
	}
	if got, _ := code(service.WireError(store.ErrFull)); got != "unmapped" {
		t.Errorf("a full disk is sent as %s", got)
	}
}
