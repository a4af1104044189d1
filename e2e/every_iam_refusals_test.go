package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// notInIAM are the errors that the model gives to operations and that nothing provokes here.
var notInIAM = []impossible{
	{"*", "ServiceFailureException", "it is the failure of AWS's own service; here a fault answers InternalFailure"},
	{"*", "ConcurrentModificationException", "operations are serializable; it is answered when all repetitions of a transaction met others, which no client can bring about at will (service/iam shows the mapping)"},
	{
		"Delete* Remove* Deactivate* Detach* ChangePassword CreateLoginProfile UpdateLoginProfile CreateAccountAlias GenerateCredentialReport ResyncMFADevice SetDefaultPolicyVersion UpdateAccessKey UpdateAccountPasswordPolicy UpdateGroup UpdateServerCertificate UpdateSigningCertificate UpdateUser",
		"LimitExceededException", "there is not more of anything afterwards than before",
	},
	{"CreateUser CreateServiceLinkedRole CreateVirtualMFADevice", "LimitExceededException", "it takes thousands of users or roles; the tests of package iam fill them"},
	{"*", "EntityTemporarilyUnmodifiableException", "a name is free as soon as its owner is deleted; only who changes a password while another does gets it, of which package iam's tests tell"},
	{"AcquireRole", "EntityAlreadyExistsException", "a name that is taken has an error of its own, NameConflictException"},
	{"AcquireRole", "RoleModifiedException", "a template cannot change while a role is made from it: both are in transactions"},
	{"AddRoleToInstanceProfile", "EntityAlreadyExistsException", "a profile that has a role has all that it may have: LimitExceededException"},
	{"CreateGroup CreateServiceLinkedRole UpdateAccountPasswordPolicy", "NoSuchEntityException", "the request names nothing that could be missing"},
	{"UpdateAccountPasswordPolicy", "MalformedPolicyDocumentException", "the request has no document"},
	{"DeleteOpenIDConnectProvider", "NoSuchEntityException", "the API Reference says that deleting what is not there is no error"},
	{"DeleteServerCertificate", "DeleteConflictException", "there is no load balancer that could use a certificate"},
	{"GenerateOrganizationsAccessReport", "ReportGenerationLimitExceededException", "a report is made while it is asked for: two must be asked for in the same moment, as the tests of service/iam do"},
	{"UploadSigningCertificate", "EntityAlreadyExistsException", "a certificate that is there already has an error of its own, DuplicateCertificateException"},
	{"GetCredentialReport", "CredentialReportExpiredException", "it takes four hours; the tests of service/iam move the clock"},
	{"GetCredentialReport", "CredentialReportNotReadyException", "a report is ready when GenerateCredentialReport answers"},
	{"GetSSHPublicKey", "UnrecognizedPublicKeyEncodingException", "the model allows two encodings, any other is a ValidationError"},
	{"GetAccountProperties", "InvalidInputException", "the request has no members"},
	{"GetServiceLastAccessedDetails ListAttached* ListDelegationRequests ListMFADeviceTags UntagInstanceProfile UntagMFADevice UntagServerCertificate", "InvalidInputException", "what the model's constraints let through has a form that can be looked for; see NoSuchEntityException"},
	{"ListDelegationRequests", "NoSuchEntityException", "an owner who is not there has no requests"},
	{"Simulate*", "PolicyEvaluationException", "no policy is kept that cannot be evaluated"},
}

// everyIAMRefusal is one call for each error that the scenes of things do not meet anyway.
func everyIAMRefusal(t *testing.T, x *everything) {
	for _, r := range noSuchThings() {
		r.check(t, x.c)
	}
}

// noSuchThings are all the calls about what is not there.
func noSuchThings() []refusal {
	nobody, key, none := new("nobody"), new("AKIAIOSFODNN7EXAMPL0"), new("none")
	policy := new("arn:aws:iam::" + managementID + ":policy/none")
	saml := new("arn:aws:iam::" + managementID + ":saml-provider/none")
	oidc := new("arn:aws:iam::" + managementID + ":oidc-provider/none.example.com")
	device := new("arn:aws:iam::" + managementID + ":mfa/none")
	role, text := new(roleARN(managementID, "nobody")), new(allow("s3:*", "*"))
	tags, keys, code := tagsOf("a=1"), []string{"a"}, new("000000")
	job := new("00000000-0000-0000-0000-000000000000")
	var list []refusal
	for message, inputs := range map[string][]any{
		"The user with name nobody cannot be found.": {
			&iam.GetUserInput{UserName: nobody}, &iam.UpdateUserInput{UserName: nobody}, &iam.DeleteUserInput{UserName: nobody},
			&iam.CreateAccessKeyInput{UserName: nobody}, &iam.ListAccessKeysInput{UserName: nobody}, &iam.UpdateAccessKeyInput{UserName: nobody, AccessKeyId: key, Status: iamtypes.StatusTypeActive},
			&iam.DeleteAccessKeyInput{UserName: nobody, AccessKeyId: key}, &iam.CreateLoginProfileInput{UserName: nobody, Password: new("a-Passw0rd")},
			&iam.ListMFADevicesInput{UserName: nobody}, &iam.ListSigningCertificatesInput{UserName: nobody}, &iam.ListSSHPublicKeysInput{UserName: nobody},
			&iam.ListServiceSpecificCredentialsInput{UserName: nobody}, &iam.CreateServiceSpecificCredentialInput{UserName: nobody, ServiceName: new("codecommit.amazonaws.com")},
			&iam.ListUserPoliciesInput{UserName: nobody}, &iam.ListAttachedUserPoliciesInput{UserName: nobody}, &iam.ListGroupsForUserInput{UserName: nobody}, &iam.ListUserTagsInput{UserName: nobody},
			&iam.TagUserInput{UserName: nobody, Tags: tags}, &iam.UntagUserInput{UserName: nobody, TagKeys: keys}, &iam.AttachUserPolicyInput{UserName: nobody, PolicyArn: new(adminPolicy)},
			&iam.DetachUserPolicyInput{UserName: nobody, PolicyArn: new(adminPolicy)}, &iam.PutUserPolicyInput{UserName: nobody, PolicyName: none, PolicyDocument: text},
			&iam.GetUserPolicyInput{UserName: nobody, PolicyName: none}, &iam.DeleteUserPolicyInput{UserName: nobody, PolicyName: none},
			&iam.PutUserPermissionsBoundaryInput{UserName: nobody, PermissionsBoundary: new(adminPolicy)}, &iam.DeleteUserPermissionsBoundaryInput{UserName: nobody},
			&iam.UploadSSHPublicKeyInput{UserName: nobody, SSHPublicKeyBody: none},
		},
		"The group with name nobody cannot be found.": {
			&iam.GetGroupInput{GroupName: nobody}, &iam.UpdateGroupInput{GroupName: nobody}, &iam.DeleteGroupInput{GroupName: nobody}, &iam.RemoveUserFromGroupInput{GroupName: nobody, UserName: nobody},
			&iam.AddUserToGroupInput{GroupName: nobody, UserName: nobody},
			&iam.ListGroupPoliciesInput{GroupName: nobody}, &iam.ListAttachedGroupPoliciesInput{GroupName: nobody}, &iam.AttachGroupPolicyInput{GroupName: nobody, PolicyArn: new(adminPolicy)},
			&iam.DetachGroupPolicyInput{GroupName: nobody, PolicyArn: new(adminPolicy)}, &iam.PutGroupPolicyInput{GroupName: nobody, PolicyName: none, PolicyDocument: text},
			&iam.GetGroupPolicyInput{GroupName: nobody, PolicyName: none}, &iam.DeleteGroupPolicyInput{GroupName: nobody, PolicyName: none},
		},
		"The role with name nobody cannot be found.": {
			&iam.GetRoleInput{RoleName: nobody}, &iam.UpdateRoleInput{RoleName: nobody}, &iam.UpdateRoleDescriptionInput{RoleName: nobody, Description: none}, &iam.DeleteRoleInput{RoleName: nobody},
			&iam.UpdateAssumeRolePolicyInput{RoleName: nobody, PolicyDocument: new(trusting(managementID))}, &iam.ListRolePoliciesInput{RoleName: nobody}, &iam.ListAttachedRolePoliciesInput{RoleName: nobody},
			&iam.ListRoleTagsInput{RoleName: nobody}, &iam.TagRoleInput{RoleName: nobody, Tags: tags}, &iam.UntagRoleInput{RoleName: nobody, TagKeys: keys}, &iam.AttachRolePolicyInput{RoleName: nobody, PolicyArn: new(adminPolicy)},
			&iam.DetachRolePolicyInput{RoleName: nobody, PolicyArn: new(adminPolicy)}, &iam.PutRolePolicyInput{RoleName: nobody, PolicyName: none, PolicyDocument: text},
			&iam.GetRolePolicyInput{RoleName: nobody, PolicyName: none}, &iam.DeleteRolePolicyInput{RoleName: nobody, PolicyName: none}, &iam.PutRolePermissionsBoundaryInput{RoleName: nobody, PermissionsBoundary: new(adminPolicy)},
			&iam.DeleteRolePermissionsBoundaryInput{RoleName: nobody}, &iam.ListInstanceProfilesForRoleInput{RoleName: nobody}, &iam.DeleteServiceLinkedRoleInput{RoleName: nobody},
		},
		"Policy " + *policy + " was not found.": {
			&iam.GetPolicyInput{PolicyArn: policy}, &iam.GetPolicyVersionInput{PolicyArn: policy, VersionId: new("v1")}, &iam.DeletePolicyInput{PolicyArn: policy}, &iam.ListPolicyVersionsInput{PolicyArn: policy},
			&iam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: text}, &iam.SetDefaultPolicyVersionInput{PolicyArn: policy, VersionId: new("v1")}, &iam.DeletePolicyVersionInput{PolicyArn: policy, VersionId: new("v1")},
			&iam.ListPolicyTagsInput{PolicyArn: policy}, &iam.TagPolicyInput{PolicyArn: policy, Tags: tags}, &iam.UntagPolicyInput{PolicyArn: policy, TagKeys: keys}, &iam.ListEntitiesForPolicyInput{PolicyArn: policy},
		},
		"": {
			&iam.CreateUserInput{UserName: new("fresh"), PermissionsBoundary: policy},
			&iam.GetLoginProfileInput{UserName: nobody}, &iam.UpdateLoginProfileInput{UserName: nobody}, &iam.DeleteLoginProfileInput{UserName: nobody},
			&iam.GetInstanceProfileInput{InstanceProfileName: nobody}, &iam.DeleteInstanceProfileInput{InstanceProfileName: nobody}, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: nobody, RoleName: nobody},
			&iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: nobody, RoleName: nobody}, &iam.ListInstanceProfileTagsInput{InstanceProfileName: nobody},
			&iam.TagInstanceProfileInput{InstanceProfileName: nobody, Tags: tags}, &iam.UntagInstanceProfileInput{InstanceProfileName: nobody, TagKeys: keys},
			&iam.GetServerCertificateInput{ServerCertificateName: nobody}, &iam.UpdateServerCertificateInput{ServerCertificateName: nobody}, &iam.DeleteServerCertificateInput{ServerCertificateName: nobody},
			&iam.ListServerCertificateTagsInput{ServerCertificateName: nobody}, &iam.TagServerCertificateInput{ServerCertificateName: nobody, Tags: tags}, &iam.UntagServerCertificateInput{ServerCertificateName: nobody, TagKeys: keys},
			&iam.GetSSHPublicKeyInput{UserName: nobody, SSHPublicKeyId: new("APKAIOSFODNN7EXAMPLE"), Encoding: iamtypes.EncodingTypeSsh}, &iam.UpdateSSHPublicKeyInput{UserName: nobody, SSHPublicKeyId: new("APKAIOSFODNN7EXAMPLE"), Status: iamtypes.StatusTypeActive},
			&iam.DeleteSSHPublicKeyInput{UserName: nobody, SSHPublicKeyId: new("APKAIOSFODNN7EXAMPLE")},
			&iam.UpdateSigningCertificateInput{UserName: nobody, CertificateId: new("AAAAAAAAAAAAAAAAAAAAAAAA"), Status: iamtypes.StatusTypeActive}, &iam.DeleteSigningCertificateInput{UserName: nobody, CertificateId: new("AAAAAAAAAAAAAAAAAAAAAAAA")},
			&iam.UpdateServiceSpecificCredentialInput{UserName: nobody, ServiceSpecificCredentialId: new("ACCAIOSFODNN7EXAMPLE"), Status: iamtypes.StatusTypeActive},
			&iam.DeleteServiceSpecificCredentialInput{UserName: nobody, ServiceSpecificCredentialId: new("ACCAIOSFODNN7EXAMPLE")}, &iam.ResetServiceSpecificCredentialInput{UserName: nobody, ServiceSpecificCredentialId: new("ACCAIOSFODNN7EXAMPLE")},
			&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc}, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, ClientID: none},
			&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, ClientID: none}, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: oidc, ThumbprintList: []string{}},
			&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: oidc}, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, Tags: tags}, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, TagKeys: keys},
			&iam.GetSAMLProviderInput{SAMLProviderArn: saml}, &iam.UpdateSAMLProviderInput{SAMLProviderArn: saml}, &iam.DeleteSAMLProviderInput{SAMLProviderArn: saml},
			&iam.ListSAMLProviderTagsInput{SAMLProviderArn: saml}, &iam.TagSAMLProviderInput{SAMLProviderArn: saml, Tags: tags}, &iam.UntagSAMLProviderInput{SAMLProviderArn: saml, TagKeys: keys},
			&iam.EnableMFADeviceInput{UserName: nobody, SerialNumber: device, AuthenticationCode1: code, AuthenticationCode2: code}, &iam.ResyncMFADeviceInput{UserName: nobody, SerialNumber: device, AuthenticationCode1: code, AuthenticationCode2: code},
			&iam.DeactivateMFADeviceInput{UserName: nobody, SerialNumber: device}, &iam.DeleteVirtualMFADeviceInput{SerialNumber: device}, &iam.GetMFADeviceInput{SerialNumber: device},
			&iam.ListMFADeviceTagsInput{SerialNumber: device}, &iam.TagMFADeviceInput{SerialNumber: device, Tags: tags}, &iam.UntagMFADeviceInput{SerialNumber: device, TagKeys: keys},
			&iam.GetAccountPasswordPolicyInput{}, &iam.DeleteAccountPasswordPolicyInput{},
			&iam.UploadSigningCertificateInput{UserName: nobody, CertificateBody: none}, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: new("task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling/" + *job)},
			&iam.GenerateServiceLastAccessedDetailsInput{Arn: role}, &iam.GetServiceLastAccessedDetailsInput{JobId: job}, &iam.GetServiceLastAccessedDetailsWithEntitiesInput{JobId: job, ServiceNamespace: new("s3")},
			&iam.GetOrganizationsAccessReportInput{JobId: job}, &iam.ListPoliciesGrantingServiceAccessInput{Arn: role, ServiceNamespaces: []string{"s3"}},
			&iam.SimulatePrincipalPolicyInput{PolicySourceArn: role, ActionNames: []string{"s3:GetObject"}}, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: role},
		},
	} {
		for _, in := range inputs {
			list = append(list, refusal{in, "NoSuchEntity", message})
		}
	}
	return list
}

// everyIAMViolation sends requests that are wrong in several ways: all of them are told.
func everyIAMViolation(t *testing.T, x *everything) {
	long := strings.Repeat("x", 65)
	for _, r := range []refusal{
		{&iam.CreateUserInput{UserName: &long, Path: new("no-slash")}, "ValidationError", "2 validation errors detected: "},
		{&iam.CreateRoleInput{RoleName: new("a b"), AssumeRolePolicyDocument: new(""), MaxSessionDuration: new(int32(1)), Description: new(strings.Repeat("d", 1001))}, "ValidationError", "5 validation errors detected: "},
		{&iam.ListUsersInput{MaxItems: new(int32(0)), PathPrefix: new("x")}, "ValidationError", "2 validation errors detected: "},
		{&iam.UpdateAccessKeyInput{AccessKeyId: new("short"), Status: "Sleeping"}, "ValidationError", "2 validation errors detected: "},
		{&iam.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: new(int32(5)), MaxPasswordAge: new(int32(2000)), PasswordReusePrevention: new(int32(25))}, "ValidationError", "3 validation errors detected: "},
	} {
		_, err := ask(x.c, r.in)
		var got smithy.APIError
		if !errors.As(err, &got) || got.ErrorCode() != r.code || !strings.HasPrefix(got.ErrorMessage(), r.message) {
			t.Errorf("%T: %v\nwant %s: %s", r.in, err, r.code, r.message)
		}
	}
}

// everyIAMMarker begins lists with markers that no page came with.
func everyIAMMarker(t *testing.T, x *everything) {
	name := new("admin")
	for _, in := range []any{
		&iam.ListUsersInput{Marker: new("???")}, &iam.ListGroupsInput{Marker: new("???")}, &iam.ListRolesInput{Marker: new("???")}, &iam.ListPoliciesInput{Marker: new("???")},
		&iam.ListUserPoliciesInput{UserName: name, Marker: new("???")}, &iam.ListAttachedUserPoliciesInput{UserName: name, Marker: new("???")}, &iam.ListAccessKeysInput{UserName: name, Marker: new("???")},
		&iam.GetAccountAuthorizationDetailsInput{Marker: new("???")}, &iam.ListVirtualMFADevicesInput{Marker: new("???")}, &iam.ListEntitiesForPolicyInput{PolicyArn: new(adminPolicy), Marker: new("???")},
		&iam.ListServerCertificatesInput{Marker: new("???")}, &iam.ListInstanceProfilesInput{Marker: new("???")}, &iam.ListUserTagsInput{UserName: name, Marker: new("???")},
	} {
		refusal{in, "ValidationError", "Invalid Marker."}.check(t, x.c)
	}
	// A marker of one caller is a place in the list, no key to another's.
	pages := iam.NewListUsersPaginator(x.c, &iam.ListUsersInput{MaxItems: new(int32(1))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		if len(page.Users) > 1 {
			t.Error(fmt.Sprint(len(page.Users)) + " users on a page of one")
		}
	}
}
