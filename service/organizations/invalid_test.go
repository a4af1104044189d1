package organizations_test

import (
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/smithy"
)

// What the model has against an input has the reason of the API reference, and the message
// lists all of it.
func TestInvalid(t *testing.T) {
	for _, c := range []struct {
		in     smithy.Shape
		reason string
		number string
	}{
		{&organizationsapi.CreatePolicyInput{}, "INPUT_REQUIRED", "4 validation errors detected: "},
		{&organizationsapi.ListPoliciesInput{Filter: new("X")}, "INVALID_ENUM_POLICY_TYPE", "1 validation error detected: "},
		{&organizationsapi.EnablePolicyTypeInput{RootId: new("r-abcd"), PolicyType: new("X")}, "INVALID_ENUM_POLICY_TYPE", "1 validation error detected: "},
		{&organizationsapi.CreateOrganizationInput{FeatureSet: new("SOME")}, "INVALID_ENUM", "1 validation error detected: "},
		{&organizationsapi.DescribePolicyInput{PolicyId: new("x")}, "INVALID_SYNTAX_POLICY_ID", "1 validation error detected: "},
		{&organizationsapi.AttachPolicyInput{PolicyId: new("p-12345678"), TargetId: new("x")}, "INVALID_PATTERN_TARGET_ID", "1 validation error detected: "},
		{&organizationsapi.AttachPolicyInput{PolicyId: new("x"), TargetId: new("x")}, "INVALID_SYNTAX_POLICY_ID", "2 validation errors detected: "},
		{&organizationsapi.DescribeAccountInput{AccountId: new("x")}, "INVALID_PATTERN", "1 validation error detected: "},
		{&organizationsapi.ListCreateAccountStatusInput{States: []string{"X"}}, "INVALID_LIST_MEMBER", "1 validation error detected: "},
		{&organizationsapi.UpdateOrganizationalUnitInput{OrganizationalUnitId: new("ou-abcd-12345678"), Name: new("")}, "MIN_LENGTH_EXCEEDED", "1 validation error detected: "},
		{&organizationsapi.UpdateOrganizationalUnitInput{OrganizationalUnitId: new("ou-abcd-12345678"), Name: new(strings.Repeat("x", 129))}, "MAX_LENGTH_EXCEEDED", "1 validation error detected: "},
		{&organizationsapi.ListRootsInput{MaxResults: new(int32(0))}, "MIN_VALUE_EXCEEDED", "1 validation error detected: "},
		{&organizationsapi.ListRootsInput{MaxResults: new(int32(21))}, "MAX_VALUE_EXCEEDED", "1 validation error detected: "},
	} {
		err := organizations.Invalid(smithy.Validate(c.in))
		if got := code(err); got != "InvalidInput "+c.reason || !strings.Contains(err.Error(), ". "+c.number) {
			t.Errorf("%T: %v, want %s and %q", c.in, err, c.reason, c.number)
		}
	}
}
