package organizations_test

import (
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestWhoMayCall calls every operation as a member account and as a standalone one. The
// management account would succeed or at least come as far as the operation's own errors.
func TestWhoMayCall(t *testing.T) {
	s := organized(t, storetest.Memory())
	member := s.account("a@example.com")
	dev := s.unit(s.root, "Dev")
	policy := s.policy("Deny")
	type api = organizationsapi.Service
	const denied = "AccessDenied"
	for _, c := range []struct {
		name string
		call call
		// member is what a member account gets.
		member string
	}{
		{"DescribeOrganization", of(api.DescribeOrganization, organizationsapi.DescribeOrganizationInput{}), ""},
		{"LeaveOrganization", of(api.LeaveOrganization, organizationsapi.LeaveOrganizationInput{}), "ConstraintViolation WAIT_PERIOD_ACTIVE"},
		{"DeleteOrganization", of(api.DeleteOrganization, organizationsapi.DeleteOrganizationInput{}), denied},
		{"ListRoots", of(api.ListRoots, organizationsapi.ListRootsInput{}), denied},
		{"ListAccounts", of(api.ListAccounts, organizationsapi.ListAccountsInput{}), denied},
		{"ListAccountsForParent", of(api.ListAccountsForParent, organizationsapi.ListAccountsForParentInput{ParentId: &dev}), denied},
		{"DescribeAccount", of(api.DescribeAccount, organizationsapi.DescribeAccountInput{AccountId: &member}), denied},
		{"CreateAccount", of(api.CreateAccount, organizationsapi.CreateAccountInput{AccountName: new("n"), Email: new("n@example.com")}), denied},
		{"CreateGovCloudAccount", of(api.CreateGovCloudAccount, organizationsapi.CreateGovCloudAccountInput{AccountName: new("n"), Email: new("n@example.com")}), denied},
		{"DescribeCreateAccountStatus", of(api.DescribeCreateAccountStatus, organizationsapi.DescribeCreateAccountStatusInput{CreateAccountRequestId: new("car-00000000")}), denied},
		{"ListCreateAccountStatus", of(api.ListCreateAccountStatus, organizationsapi.ListCreateAccountStatusInput{}), denied},
		{"MoveAccount", of(api.MoveAccount, organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: &s.root, DestinationParentId: &dev}), denied},
		{"CloseAccount", of(api.CloseAccount, organizationsapi.CloseAccountInput{AccountId: &member}), denied},
		{"RemoveAccountFromOrganization", of(api.RemoveAccountFromOrganization, organizationsapi.RemoveAccountFromOrganizationInput{AccountId: &member}), denied},
		{"CreateOrganizationalUnit", of(api.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: &dev, Name: new("n")}), denied},
		{"DescribeOrganizationalUnit", of(api.DescribeOrganizationalUnit, organizationsapi.DescribeOrganizationalUnitInput{OrganizationalUnitId: &dev}), denied},
		{"UpdateOrganizationalUnit", of(api.UpdateOrganizationalUnit, organizationsapi.UpdateOrganizationalUnitInput{OrganizationalUnitId: &dev}), denied},
		{"DeleteOrganizationalUnit", of(api.DeleteOrganizationalUnit, organizationsapi.DeleteOrganizationalUnitInput{OrganizationalUnitId: &dev}), denied},
		{"ListOrganizationalUnitsForParent", of(api.ListOrganizationalUnitsForParent, organizationsapi.ListOrganizationalUnitsForParentInput{ParentId: &dev}), denied},
		{"ListChildren", of(api.ListChildren, organizationsapi.ListChildrenInput{ParentId: &dev, ChildType: new("ACCOUNT")}), denied},
		{"ListParents", of(api.ListParents, organizationsapi.ListParentsInput{ChildId: &dev}), denied},
		{"CreatePolicy", of(api.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("n"), Type: new(scp), Content: new(denyAll), Description: new("")}), denied},
		{"DescribePolicy", of(api.DescribePolicy, organizationsapi.DescribePolicyInput{PolicyId: &policy}), denied},
		{"UpdatePolicy", of(api.UpdatePolicy, organizationsapi.UpdatePolicyInput{PolicyId: &policy}), denied},
		{"DeletePolicy", of(api.DeletePolicy, organizationsapi.DeletePolicyInput{PolicyId: &policy}), denied},
		{"ListPolicies", of(api.ListPolicies, organizationsapi.ListPoliciesInput{Filter: new(scp)}), denied},
		{"AttachPolicy", of(api.AttachPolicy, organizationsapi.AttachPolicyInput{PolicyId: &policy, TargetId: &dev}), denied},
		{"DetachPolicy", of(api.DetachPolicy, organizationsapi.DetachPolicyInput{PolicyId: &policy, TargetId: &dev}), denied},
		{"ListPoliciesForTarget", of(api.ListPoliciesForTarget, organizationsapi.ListPoliciesForTargetInput{TargetId: &dev, Filter: new(scp)}), denied},
		{"ListTargetsForPolicy", of(api.ListTargetsForPolicy, organizationsapi.ListTargetsForPolicyInput{PolicyId: &policy}), denied},
		{"EnablePolicyType", of(api.EnablePolicyType, organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: new(rcp)}), denied},
		{"DisablePolicyType", of(api.DisablePolicyType, organizationsapi.DisablePolicyTypeInput{RootId: &s.root, PolicyType: new(scp)}), denied},
		{"TagResource", of(api.TagResource, organizationsapi.TagResourceInput{ResourceId: &dev, Tags: []organizationsapi.Tag{{Key: new("k"), Value: new("v")}}}), denied},
		{"UntagResource", of(api.UntagResource, organizationsapi.UntagResourceInput{ResourceId: &dev, TagKeys: []string{"k"}}), denied},
		{"InviteAccountToOrganization", of(api.InviteAccountToOrganization, organizationsapi.InviteAccountToOrganizationInput{Target: &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: new(stranger)}}), denied},
		{"EnableAllFeatures", of(api.EnableAllFeatures, organizationsapi.EnableAllFeaturesInput{}), denied},
		{"ListHandshakesForOrganization", of(api.ListHandshakesForOrganization, organizationsapi.ListHandshakesForOrganizationInput{}), denied},
		{"EnableAWSServiceAccess", of(api.EnableAWSServiceAccess, organizationsapi.EnableAWSServiceAccessInput{ServicePrincipal: new("ram.amazonaws.com")}), denied},
		{"DisableAWSServiceAccess", of(api.DisableAWSServiceAccess, organizationsapi.DisableAWSServiceAccessInput{ServicePrincipal: new("ram.amazonaws.com")}), denied},
		{"ListAWSServiceAccessForOrganization", of(api.ListAWSServiceAccessForOrganization, organizationsapi.ListAWSServiceAccessForOrganizationInput{}), denied},
		{"RegisterDelegatedAdministrator", of(api.RegisterDelegatedAdministrator, organizationsapi.RegisterDelegatedAdministratorInput{AccountId: &member, ServicePrincipal: new("config.amazonaws.com")}), denied},
		{"DeregisterDelegatedAdministrator", of(api.DeregisterDelegatedAdministrator, organizationsapi.DeregisterDelegatedAdministratorInput{AccountId: &member, ServicePrincipal: new("config.amazonaws.com")}), denied},
		{"ListDelegatedAdministrators", of(api.ListDelegatedAdministrators, organizationsapi.ListDelegatedAdministratorsInput{}), denied},
		{"ListDelegatedServicesForAccount", of(api.ListDelegatedServicesForAccount, organizationsapi.ListDelegatedServicesForAccountInput{AccountId: &member}), denied},
		{"PutResourcePolicy", of(api.PutResourcePolicy, organizationsapi.PutResourcePolicyInput{Content: new("{}")}), denied},
		{"DescribeResourcePolicy", of(api.DescribeResourcePolicy, organizationsapi.DescribeResourcePolicyInput{}), denied},
		{"DeleteResourcePolicy", of(api.DeleteResourcePolicy, organizationsapi.DeleteResourcePolicyInput{}), denied},
		{"DescribeEffectivePolicy of itself", of(api.DescribeEffectivePolicy, organizationsapi.DescribeEffectivePolicyInput{PolicyType: new("TAG_POLICY")}), "EffectivePolicyNotFound"},
		{"DescribeEffectivePolicy of another", of(api.DescribeEffectivePolicy, organizationsapi.DescribeEffectivePolicyInput{PolicyType: new("TAG_POLICY"), TargetId: new(management)}), denied},
		{"ListAccountsWithInvalidEffectivePolicy", of(api.ListAccountsWithInvalidEffectivePolicy, organizationsapi.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: new("TAG_POLICY")}), denied},
		{"ListEffectivePolicyValidationErrors", of(api.ListEffectivePolicyValidationErrors, organizationsapi.ListEffectivePolicyValidationErrorsInput{PolicyType: new("TAG_POLICY"), AccountId: &member}), denied},
		{"ListTagsForResource", of(api.ListTagsForResource, organizationsapi.ListTagsForResourceInput{ResourceId: &dev}), denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.call(s.as(member), s)); got != c.member {
				t.Errorf("a member gets %q, want %q", got, c.member)
			}
			if got := code(c.call(s.as(stranger), s)); got != "AWSOrganizationsNotInUse" {
				t.Errorf("a standalone account gets %q", got)
			}
		})
	}
}
