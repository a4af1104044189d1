package organizations_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// call is one operation with its input, the output left out.
type call func(ctx context.Context, s *scene) error

// of makes a call of a method with an input.
func of[I, O any](method func(organizationsapi.Service, context.Context, *I) (*O, error), in I) call {
	return func(ctx context.Context, s *scene) error {
		_, err := method(s, ctx, &in)
		return err
	}
}

// code returns "Code" or "Code REASON" of a modeled error.
func code(err error) string {
	var (
		modeled smithy.ModeledError
		limit   *organizationsapi.ConstraintViolationException
		input   *organizationsapi.InvalidInputException
		shake   *organizationsapi.HandshakeConstraintViolationException
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &limit):
		return "ConstraintViolation " + smithy.Value(limit.Reason)
	case errors.As(err, &input):
		return "InvalidInput " + smithy.Value(input.Reason)
	case errors.As(err, &shake):
		return "HandshakeConstraintViolation " + smithy.Value(shake.Reason)
	case errors.As(err, &modeled):
		return strings.TrimSuffix(modeled.Schema().Error.Code, "Exception")
	default:
		return err.Error()
	}
}

func TestErrors(t *testing.T) {
	s := organized(t, storetest.Memory())
	dev, prod := s.unit(s.root, "Dev"), s.unit(s.root, "Prod")
	inner := s.unit(dev, "Inner")
	member, closed := s.account("a@example.com"), s.account("b@example.com")
	deny, loose := s.policy("Deny"), s.policy("Loose")
	ctx := s.as(management)
	ok(t)(s.CloseAccount(ctx, &organizationsapi.CloseAccountInput{AccountId: &closed}))
	ok(t)(s.AttachPolicy(ctx, &organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: &dev}))
	ok(t)(s.EnablePolicyType(ctx, &organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: new(rcp)}))

	for _, c := range []struct {
		name string
		call call
		want string
	}{
		{"second organization", of(organizationsapi.Service.CreateOrganization, organizationsapi.CreateOrganizationInput{}), "AlreadyInOrganization"},
		{"delete with accounts", of(organizationsapi.Service.DeleteOrganization, organizationsapi.DeleteOrganizationInput{}), "OrganizationNotEmpty"},
		{"management leaves", of(organizationsapi.Service.LeaveOrganization, organizationsapi.LeaveOrganizationInput{}), "MasterCannotLeaveOrganization"},
		{"management is removed", of(organizationsapi.Service.RemoveAccountFromOrganization, organizationsapi.RemoveAccountFromOrganizationInput{AccountId: new(management)}), "MasterCannotLeaveOrganization"},
		{"removed too early", of(organizationsapi.Service.RemoveAccountFromOrganization, organizationsapi.RemoveAccountFromOrganizationInput{AccountId: &member}), "ConstraintViolation WAIT_PERIOD_ACTIVE"},
		{"stranger is removed", of(organizationsapi.Service.RemoveAccountFromOrganization, organizationsapi.RemoveAccountFromOrganizationInput{AccountId: new(stranger)}), "AccountNotFound"},
		{"describe stranger", of(organizationsapi.Service.DescribeAccount, organizationsapi.DescribeAccountInput{AccountId: new(stranger)}), "AccountNotFound"},
		{"close management", of(organizationsapi.Service.CloseAccount, organizationsapi.CloseAccountInput{AccountId: new(management)}), "ConstraintViolation CANNOT_CLOSE_MANAGEMENT_ACCOUNT"},
		{"close again", of(organizationsapi.Service.CloseAccount, organizationsapi.CloseAccountInput{AccountId: &closed}), "AccountAlreadyClosed"},
		{"reserved role for GovCloud", of(organizationsapi.Service.CreateGovCloudAccount, organizationsapi.CreateGovCloudAccountInput{AccountName: new("n"), Email: new("n@example.com"), RoleName: new("AWSServiceRoleForX")}), "InvalidInput INVALID_ROLE_NAME"},
		{"reserved role", of(organizationsapi.Service.CreateAccount, organizationsapi.CreateAccountInput{AccountName: new("n"), Email: new("n@example.com"), RoleName: new("AWSServiceRoleForX")}), "InvalidInput INVALID_ROLE_NAME"},
		{"no such request", of(organizationsapi.Service.DescribeCreateAccountStatus, organizationsapi.DescribeCreateAccountStatusInput{CreateAccountRequestId: new("car-00000000")}), "CreateAccountStatusNotFound"},
		{"move: source", of(organizationsapi.Service.MoveAccount, organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: new("r-none"), DestinationParentId: &dev}), "SourceParentNotFound"},
		{"move: destination", of(organizationsapi.Service.MoveAccount, organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: &s.root, DestinationParentId: new("r-none")}), "DestinationParentNotFound"},
		{"move: there already", of(organizationsapi.Service.MoveAccount, organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: &s.root, DestinationParentId: &s.root}), "DuplicateAccount"},
		{"unit name", of(organizationsapi.Service.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: &s.root, Name: new("Dev")}), "DuplicateOrganizationalUnit"},
		{"unit rename", of(organizationsapi.Service.UpdateOrganizationalUnit, organizationsapi.UpdateOrganizationalUnitInput{OrganizationalUnitId: &prod, Name: new("Dev")}), "DuplicateOrganizationalUnit"},
		{"unit parent", of(organizationsapi.Service.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: new("r-none"), Name: new("x")}), "ParentNotFound"},
		{"unit with children", of(organizationsapi.Service.DeleteOrganizationalUnit, organizationsapi.DeleteOrganizationalUnitInput{OrganizationalUnitId: &dev}), "OrganizationalUnitNotEmpty"},
		{"no such unit", of(organizationsapi.Service.DescribeOrganizationalUnit, organizationsapi.DescribeOrganizationalUnitInput{OrganizationalUnitId: new("ou-none-00000000")}), "OrganizationalUnitNotFound"},
		{"tags of a unit", of(organizationsapi.Service.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: &inner, Name: new("x"), Tags: []organizationsapi.Tag{{Key: new("aws:x"), Value: new("")}}}), "InvalidInput INVALID_SYSTEM_TAGS_PARAMETER"},
		{"NUL in a name", of(organizationsapi.Service.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: &inner, Name: new("x\x00")}), "InvalidInput INVALID_PATTERN"},
		{"children of nothing", of(organizationsapi.Service.ListChildren, organizationsapi.ListChildrenInput{ParentId: new("r-none"), ChildType: new("ACCOUNT")}), "ParentNotFound"},
		{"units of nothing", of(organizationsapi.Service.ListOrganizationalUnitsForParent, organizationsapi.ListOrganizationalUnitsForParentInput{ParentId: new("r-none")}), "ParentNotFound"},
		{"parents of nothing", of(organizationsapi.Service.ListParents, organizationsapi.ListParentsInput{ChildId: new("ou-none-00000000")}), "ChildNotFound"},
		{"policy name", of(organizationsapi.Service.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("Deny"), Type: new(scp), Content: new(denyAll), Description: new("")}), "DuplicatePolicy"},
		{"policy text", of(organizationsapi.Service.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("n"), Type: new(scp), Content: new("{}"), Description: new("")}), "MalformedPolicyDocument"},
		{"policy length", of(organizationsapi.Service.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("n"), Type: new(scp), Content: new(denyAll + strings.Repeat(" ", 10240)), Description: new("")}), "ConstraintViolation POLICY_CONTENT_LIMIT_EXCEEDED"},
		{"tag policy", of(organizationsapi.Service.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("n"), Type: new("TAG_POLICY"), Content: new("{}"), Description: new("")}), "MalformedPolicyDocument"},
		{"effective policy of a type that is off", of(organizationsapi.Service.DescribeEffectivePolicy, organizationsapi.DescribeEffectivePolicyInput{PolicyType: new("TAG_POLICY")}), "EffectivePolicyNotFound"},
		{"AWS's own policy", of(organizationsapi.Service.UpdatePolicy, organizationsapi.UpdatePolicyInput{PolicyId: new("p-FullAWSAccess"), Name: new("n")}), "InvalidInput IMMUTABLE_POLICY"},
		{"policy in use", of(organizationsapi.Service.DeletePolicy, organizationsapi.DeletePolicyInput{PolicyId: &deny}), "PolicyInUse"},
		{"no such policy", of(organizationsapi.Service.DescribePolicy, organizationsapi.DescribePolicyInput{PolicyId: new("p-00000000")}), "PolicyNotFound"},
		{"attach again", of(organizationsapi.Service.AttachPolicy, organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: &dev}), "DuplicatePolicyAttachment"},
		{"attach to nothing", of(organizationsapi.Service.AttachPolicy, organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: new("ou-none-00000000")}), "TargetNotFound"},
		{"detach what is not there", of(organizationsapi.Service.DetachPolicy, organizationsapi.DetachPolicyInput{PolicyId: &loose, TargetId: &dev}), "PolicyNotAttached"},
		{"detach the last", of(organizationsapi.Service.DetachPolicy, organizationsapi.DetachPolicyInput{PolicyId: new("p-FullAWSAccess"), TargetId: &prod}), "ConstraintViolation MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"},
		{"detach the fixed", of(organizationsapi.Service.DetachPolicy, organizationsapi.DetachPolicyInput{PolicyId: new("p-RCPFullAWSAccess"), TargetId: &prod}), "InvalidInput NON_DETACHABLE_POLICY"},
		{"enable again", of(organizationsapi.Service.EnablePolicyType, organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: new(scp)}), "PolicyTypeAlreadyEnabled"},
		{"disable what is off", of(organizationsapi.Service.DisablePolicyType, organizationsapi.DisablePolicyTypeInput{RootId: &s.root, PolicyType: new("TAG_POLICY")}), "PolicyTypeNotEnabled"},
		{"no such root", of(organizationsapi.Service.DisablePolicyType, organizationsapi.DisablePolicyTypeInput{RootId: new("r-none"), PolicyType: new(scp)}), "RootNotFound"},
		{"tag nothing", of(organizationsapi.Service.TagResource, organizationsapi.TagResourceInput{ResourceId: new("ou-none-00000000"), Tags: []organizationsapi.Tag{{Key: new("k"), Value: new("")}}}), "TargetNotFound"},
		{"list tags of nothing", of(organizationsapi.Service.ListTagsForResource, organizationsapi.ListTagsForResourceInput{ResourceId: new(stranger)}), "TargetNotFound"},
		{"token of nothing", of(organizationsapi.Service.ListAccounts, organizationsapi.ListAccountsInput{NextToken: new("x")}), "InvalidInput INVALID_NEXT_TOKEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.call(ctx, s)); got != c.want {
				t.Errorf("error = %q, want %q", got, c.want)
			}
		})
	}
}

func TestPolicyTypeErrors(t *testing.T) {
	s := newScene(t, storetest.Memory())
	ctx := s.as(management)
	ok(t)(s.CreateOrganization(ctx, &organizationsapi.CreateOrganizationInput{FeatureSet: new("CONSOLIDATED_BILLING")}))
	_, err := s.CreatePolicy(ctx, &organizationsapi.CreatePolicyInput{Name: new("n"), Type: new(scp), Content: new(denyAll), Description: new("")})
	if got := code(err); got != "PolicyTypeNotAvailableForOrganization" {
		t.Errorf("creating: %s", got)
	}
	_, err = s.AttachPolicy(ctx, &organizationsapi.AttachPolicyInput{PolicyId: new("p-FullAWSAccess"), TargetId: new(management)})
	if got := code(err); got != "PolicyTypeNotEnabled" {
		t.Errorf("attaching: %s", got)
	}
}

func TestLimitsOfTheOperator(t *testing.T) {
	s := organized(t, storetest.Memory())
	s.Settings = org.Settings{AccountLimit: 3, CloseLimit: 1, RemovalAge: -1}
	first, second := s.account("a@example.com"), s.account("b@example.com")
	if third := s.account("c@example.com"); third != "" {
		t.Errorf("the fourth account was made: %s", third)
	}
	ctx := s.as(management)
	ok(t)(s.CloseAccount(ctx, &organizationsapi.CloseAccountInput{AccountId: &first}))
	_, err := s.CloseAccount(ctx, &organizationsapi.CloseAccountInput{AccountId: &second})
	if got := code(err); got != "ConstraintViolation CLOSE_ACCOUNT_QUOTA_EXCEEDED" {
		t.Errorf("closing: %s", got)
	}
	ok(t)(s.LeaveOrganization(s.as(second), &organizationsapi.LeaveOrganizationInput{}))
	if got := code(of(organizationsapi.Service.LeaveOrganization, organizationsapi.LeaveOrganizationInput{})(s.as(second), s)); got != "AWSOrganizationsNotInUse" {
		t.Errorf("leaving again: %s", got)
	}
}
