package iam

import (
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
)

// Rows returns what each operation that is built must be allowed, after the Service
// Authorization Reference, "Actions, resources, and condition keys for AWS Identity and
// Access Management".
func (s *Service) Rows() []authz.Row {
	var rows []authz.Row
	for _, part := range [][]authz.Row{
		s.settingsRows(), outboundRows(), s.userRows(), s.groupRows(), s.roleRows(), s.policyRows(), s.keyRows(),
		s.mfaRows(), s.passwordRows(), s.serviceLinkedRows(), s.instanceProfileRows(),
		accountRows(), s.publicKeyRows(), s.serverCertificateRows(), s.serviceCredentialRows(),
		s.oidcProviderRows(), s.samlProviderRows(), credentialReportRows(), s.lastAccessRows(), rootAccessRows(), s.simulateRows(),
		s.delegationRows(), s.roleTemplateRows(),
	} {
		rows = append(rows, part...)
	}
	return rows
}

func (s *Service) userRows() []authz.Row {
	return []authz.Row{
		{Operation: "CreateUser", Actions: []string{"iam:CreateUser", "iam:TagUser"}, Checks: authz.For(createUserChecks)},
		onUserOrCaller(s, "GetUser", func(in *iamapi.GetUserInput) *string { return in.UserName }).row(),
		{Operation: "UpdateUser", Actions: []string{"iam:UpdateUser"}, Checks: authz.For(s.updateUserChecks)},
		onIdentity(s, "DeleteUser", iam.KindUser, func(in *iamapi.DeleteUserInput) *string { return in.UserName }).row(),
		listing("ListUsers", iam.KindUser, func(in *iamapi.ListUsersInput) *string { return in.PathPrefix }),
		onIdentity(s, "ListGroupsForUser", iam.KindUser, func(in *iamapi.ListGroupsForUserInput) *string { return in.UserName }).row(),

		onIdentity(s, "AttachUserPolicy", iam.KindUser, func(in *iamapi.AttachUserPolicyInput) *string { return in.UserName }).
			boundary().policyARN(func(in *iamapi.AttachUserPolicyInput) *string { return in.PolicyArn }).row(),
		onIdentity(s, "DetachUserPolicy", iam.KindUser, func(in *iamapi.DetachUserPolicyInput) *string { return in.UserName }).
			boundary().policyARN(func(in *iamapi.DetachUserPolicyInput) *string { return in.PolicyArn }).row(),
		onIdentity(s, "ListAttachedUserPolicies", iam.KindUser, func(in *iamapi.ListAttachedUserPoliciesInput) *string { return in.UserName }).row(),
		onIdentity(s, "PutUserPolicy", iam.KindUser, func(in *iamapi.PutUserPolicyInput) *string { return in.UserName }).boundary().row(),
		onIdentity(s, "GetUserPolicy", iam.KindUser, func(in *iamapi.GetUserPolicyInput) *string { return in.UserName }).row(),
		onIdentity(s, "DeleteUserPolicy", iam.KindUser, func(in *iamapi.DeleteUserPolicyInput) *string { return in.UserName }).boundary().row(),
		onIdentity(s, "ListUserPolicies", iam.KindUser, func(in *iamapi.ListUserPoliciesInput) *string { return in.UserName }).row(),

		onIdentity(s, "PutUserPermissionsBoundary", iam.KindUser, func(in *iamapi.PutUserPermissionsBoundaryInput) *string { return in.UserName }).
			newBoundary(func(in *iamapi.PutUserPermissionsBoundaryInput) *string { return in.PermissionsBoundary }).row(),
		onIdentity(s, "DeleteUserPermissionsBoundary", iam.KindUser, func(in *iamapi.DeleteUserPermissionsBoundaryInput) *string { return in.UserName }).
			boundary().row(),

		onIdentity(s, "TagUser", iam.KindUser, func(in *iamapi.TagUserInput) *string { return in.UserName }).
			tags(func(in *iamapi.TagUserInput) []iamapi.Tag { return in.Tags }).row(),
		onIdentity(s, "UntagUser", iam.KindUser, func(in *iamapi.UntagUserInput) *string { return in.UserName }).
			tagKeys(func(in *iamapi.UntagUserInput) []string { return in.TagKeys }).row(),
		onIdentity(s, "ListUserTags", iam.KindUser, func(in *iamapi.ListUserTagsInput) *string { return in.UserName }).row(),
	}
}

func (s *Service) groupRows() []authz.Row {
	return []authz.Row{
		{Operation: "CreateGroup", Actions: []string{"iam:CreateGroup"}, Checks: authz.For(createGroupChecks)},
		onIdentity(s, "GetGroup", iam.KindGroup, func(in *iamapi.GetGroupInput) *string { return in.GroupName }).row(),
		{Operation: "UpdateGroup", Actions: []string{"iam:UpdateGroup"}, Checks: authz.For(s.updateGroupChecks)},
		onIdentity(s, "DeleteGroup", iam.KindGroup, func(in *iamapi.DeleteGroupInput) *string { return in.GroupName }).row(),
		listing("ListGroups", iam.KindGroup, func(in *iamapi.ListGroupsInput) *string { return in.PathPrefix }),
		onIdentity(s, "AddUserToGroup", iam.KindGroup, func(in *iamapi.AddUserToGroupInput) *string { return in.GroupName }).row(),
		onIdentity(s, "RemoveUserFromGroup", iam.KindGroup, func(in *iamapi.RemoveUserFromGroupInput) *string { return in.GroupName }).row(),

		onIdentity(s, "AttachGroupPolicy", iam.KindGroup, func(in *iamapi.AttachGroupPolicyInput) *string { return in.GroupName }).
			policyARN(func(in *iamapi.AttachGroupPolicyInput) *string { return in.PolicyArn }).row(),
		onIdentity(s, "DetachGroupPolicy", iam.KindGroup, func(in *iamapi.DetachGroupPolicyInput) *string { return in.GroupName }).
			policyARN(func(in *iamapi.DetachGroupPolicyInput) *string { return in.PolicyArn }).row(),
		onIdentity(s, "ListAttachedGroupPolicies", iam.KindGroup, func(in *iamapi.ListAttachedGroupPoliciesInput) *string { return in.GroupName }).row(),
		onIdentity(s, "PutGroupPolicy", iam.KindGroup, func(in *iamapi.PutGroupPolicyInput) *string { return in.GroupName }).row(),
		onIdentity(s, "GetGroupPolicy", iam.KindGroup, func(in *iamapi.GetGroupPolicyInput) *string { return in.GroupName }).row(),
		onIdentity(s, "DeleteGroupPolicy", iam.KindGroup, func(in *iamapi.DeleteGroupPolicyInput) *string { return in.GroupName }).row(),
		onIdentity(s, "ListGroupPolicies", iam.KindGroup, func(in *iamapi.ListGroupPoliciesInput) *string { return in.GroupName }).row(),
	}
}

func (s *Service) roleRows() []authz.Row {
	return []authz.Row{
		{Operation: "CreateRole", Actions: []string{"iam:CreateRole", "iam:TagRole"}, Checks: authz.For(createRoleChecks)},
		onIdentity(s, "GetRole", iam.KindRole, func(in *iamapi.GetRoleInput) *string { return in.RoleName }).boundary().row(),
		onIdentity(s, "UpdateRole", iam.KindRole, func(in *iamapi.UpdateRoleInput) *string { return in.RoleName }).boundary().row(),
		onIdentity(s, "UpdateRoleDescription", iam.KindRole, func(in *iamapi.UpdateRoleDescriptionInput) *string { return in.RoleName }).boundary().row(),
		onIdentity(s, "UpdateAssumeRolePolicy", iam.KindRole, func(in *iamapi.UpdateAssumeRolePolicyInput) *string { return in.RoleName }).boundary().row(),
		onIdentity(s, "DeleteRole", iam.KindRole, func(in *iamapi.DeleteRoleInput) *string { return in.RoleName }).boundary().row(),
		listing("ListRoles", iam.KindRole, func(in *iamapi.ListRolesInput) *string { return in.PathPrefix }),

		onIdentity(s, "AttachRolePolicy", iam.KindRole, func(in *iamapi.AttachRolePolicyInput) *string { return in.RoleName }).
			boundary().policyARN(func(in *iamapi.AttachRolePolicyInput) *string { return in.PolicyArn }).row(),
		onIdentity(s, "DetachRolePolicy", iam.KindRole, func(in *iamapi.DetachRolePolicyInput) *string { return in.RoleName }).
			boundary().policyARN(func(in *iamapi.DetachRolePolicyInput) *string { return in.PolicyArn }).row(),
		onIdentity(s, "ListAttachedRolePolicies", iam.KindRole, func(in *iamapi.ListAttachedRolePoliciesInput) *string { return in.RoleName }).row(),
		onIdentity(s, "PutRolePolicy", iam.KindRole, func(in *iamapi.PutRolePolicyInput) *string { return in.RoleName }).boundary().row(),
		onIdentity(s, "GetRolePolicy", iam.KindRole, func(in *iamapi.GetRolePolicyInput) *string { return in.RoleName }).row(),
		onIdentity(s, "DeleteRolePolicy", iam.KindRole, func(in *iamapi.DeleteRolePolicyInput) *string { return in.RoleName }).boundary().row(),
		onIdentity(s, "ListRolePolicies", iam.KindRole, func(in *iamapi.ListRolePoliciesInput) *string { return in.RoleName }).row(),

		onIdentity(s, "PutRolePermissionsBoundary", iam.KindRole, func(in *iamapi.PutRolePermissionsBoundaryInput) *string { return in.RoleName }).
			newBoundary(func(in *iamapi.PutRolePermissionsBoundaryInput) *string { return in.PermissionsBoundary }).row(),
		onIdentity(s, "DeleteRolePermissionsBoundary", iam.KindRole, func(in *iamapi.DeleteRolePermissionsBoundaryInput) *string { return in.RoleName }).
			boundary().row(),

		onIdentity(s, "TagRole", iam.KindRole, func(in *iamapi.TagRoleInput) *string { return in.RoleName }).
			tags(func(in *iamapi.TagRoleInput) []iamapi.Tag { return in.Tags }).row(),
		onIdentity(s, "UntagRole", iam.KindRole, func(in *iamapi.UntagRoleInput) *string { return in.RoleName }).
			tagKeys(func(in *iamapi.UntagRoleInput) []string { return in.TagKeys }).row(),
		onIdentity(s, "ListRoleTags", iam.KindRole, func(in *iamapi.ListRoleTagsInput) *string { return in.RoleName }).row(),
	}
}

func (s *Service) policyRows() []authz.Row {
	return []authz.Row{
		{Operation: "CreatePolicy", Actions: []string{"iam:CreatePolicy", "iam:TagPolicy"}, Checks: authz.For(createPolicyChecks)},
		onPolicy(s, "GetPolicy", func(in *iamapi.GetPolicyInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "DeletePolicy", func(in *iamapi.DeletePolicyInput) *string { return in.PolicyArn }).row(),
		authz.Anywhere("ListPolicies", "iam:ListPolicies"),
		onPolicy(s, "ListEntitiesForPolicy", func(in *iamapi.ListEntitiesForPolicyInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "CreatePolicyVersion", func(in *iamapi.CreatePolicyVersionInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "GetPolicyVersion", func(in *iamapi.GetPolicyVersionInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "ListPolicyVersions", func(in *iamapi.ListPolicyVersionsInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "SetDefaultPolicyVersion", func(in *iamapi.SetDefaultPolicyVersionInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "DeletePolicyVersion", func(in *iamapi.DeletePolicyVersionInput) *string { return in.PolicyArn }).row(),
		onPolicy(s, "TagPolicy", func(in *iamapi.TagPolicyInput) *string { return in.PolicyArn }).
			tags(func(in *iamapi.TagPolicyInput) []iamapi.Tag { return in.Tags }).row(),
		onPolicy(s, "UntagPolicy", func(in *iamapi.UntagPolicyInput) *string { return in.PolicyArn }).
			tagKeys(func(in *iamapi.UntagPolicyInput) []string { return in.TagKeys }).row(),
		onPolicy(s, "ListPolicyTags", func(in *iamapi.ListPolicyTagsInput) *string { return in.PolicyArn }).row(),
	}
}

func (s *Service) keyRows() []authz.Row {
	return []authz.Row{
		onUserOrCaller(s, "CreateAccessKey", func(in *iamapi.CreateAccessKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "UpdateAccessKey", func(in *iamapi.UpdateAccessKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "DeleteAccessKey", func(in *iamapi.DeleteAccessKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "ListAccessKeys", func(in *iamapi.ListAccessKeysInput) *string { return in.UserName }).row(),
		{Operation: "GetAccessKeyLastUsed", Actions: []string{"iam:GetAccessKeyLastUsed"}, Checks: authz.For(s.keyLastUsedChecks)},
	}
}
