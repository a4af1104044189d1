package e2e

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
)

// unchecked is the same identity with a client that sends what the SDK finds wanting.
func (a as) unchecked() as {
	a.APIOptions = append(slices.Clone(a.APIOptions), func(stack *middleware.Stack) error {
		_, _ = stack.Initialize.Remove("OperationInputValidation") // some inputs have nothing required
		return nil
	})
	return a
}

// leafThrough walks a list with pages of one item, reads it again in one piece, and tries tokens that
// are no good; other is the same list of something else. The member of the output that is a
// list is the one that counts.
func leafThrough(t *testing.T, client, in, other any) {
	t.Helper()
	name := operationOf(in)
	set := func(in any, token *string, most *int32) {
		v := reflect.ValueOf(in).Elem()
		v.FieldByName("NextToken").Set(reflect.ValueOf(token))
		if size := v.FieldByName("MaxResults"); size.IsValid() {
			size.Set(reflect.ValueOf(most))
		}
	}
	read := func(in any) (items reflect.Value, next *string) {
		t.Helper()
		out, err := ask(client, in)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		v := reflect.ValueOf(out).Elem()
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.Slice {
				items = v.Field(i)
			}
		}
		next, _ = v.FieldByName("NextToken").Interface().(*string)
		return items, next
	}
	set(in, nil, new(int32(20)))
	whole, next := read(in)
	if next != nil || whole.Len() == 0 || whole.Len() == 20 {
		t.Fatalf("%s: %d items, and %v", name, whole.Len(), next)
	}
	set(in, nil, nil)
	again, _ := read(in)
	same(t, name+" read again", again.Interface(), whole.Interface())
	set(in, nil, new(int32(1)))
	pages, next := read(in)
	token := next
	for next != nil && pages.Len() <= whole.Len() {
		set(in, next, new(int32(1)))
		var page reflect.Value
		if page, next = read(in); page.Len() != 1 {
			t.Errorf("%s: a page of %d", name, page.Len())
		}
		pages = reflect.AppendSlice(pages, page)
	}
	same(t, name+" page by page", pages.Interface(), whole.Interface())
	bad := []string{"x", "!", strings.Repeat("A", 2000)}
	if token != nil && other != nil {
		set(other, token, nil)
		refuses(t, client, other, "InvalidInputException INVALID_NEXT_TOKEN")
	}
	for _, token := range bad {
		set(in, &token, nil)
		refuses(t, client, in, "InvalidInputException INVALID_NEXT_TOKEN")
	}
}

func everyOrganizationPage(t *testing.T, x *orgScenes) {
	const scp, backup = orgtypes.PolicyTypeServiceControlPolicy, orgtypes.EffectivePolicyTypeBackupPolicy
	var policies []*string
	for i := range 3 {
		id := x.policyID(t, newPolicy(scp, fmt.Sprint("Page ", i), deny("s3:*", "*")))
		x.attach(t, *id, x.dev)
		x.attach(t, *id, x.member)
		policies = append(policies, id)
	}
	more := x.account(t, x.dev, "More", "")
	x.managed(t, orgtypes.PolicyTypeBackupPolicy, "Half", `{"plans":{"Daily":{"regions":{"@@assign":["eu-west-1"]}}}}`, x.member)
	do(t, x.c, &organizations.TagResourceInput{ResourceId: &x.member, Tags: orgTags("a=1", "b=2")})
	a, _ := x.payer(t, "Page Payer")
	b, _ := x.payer(t, "Page Rival")
	source, _ := x.organizer(t, "Page Source")
	another, _ := x.organizer(t, "Page Another")
	for _, from := range []as{source, another} {
		x.invited(t, a, from)
		x.invited(t, b, from)
	}
	bills := orgtypes.ResponsibilityTransferTypeBilling
	for _, l := range []struct{ in, other any }{
		{&organizations.ListAWSServiceAccessForOrganizationInput{}, &organizations.ListAccountsInput{}},
		{&organizations.ListAccountsInput{}, &organizations.ListRootsInput{}},
		{&organizations.ListAccountsForParentInput{ParentId: &x.dev}, &organizations.ListAccountsForParentInput{ParentId: &x.rootID}},
		{&organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: backup}, &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: orgtypes.EffectivePolicyTypeTagPolicy}},
		{&organizations.ListChildrenInput{ParentId: &x.dev, ChildType: orgtypes.ChildTypeAccount}, &organizations.ListChildrenInput{ParentId: &x.dev, ChildType: orgtypes.ChildTypeOrganizationalUnit}},
		{&organizations.ListCreateAccountStatusInput{}, &organizations.ListAccountsInput{}},
		{&organizations.ListDelegatedAdministratorsInput{ServicePrincipal: new(configuring)}, &organizations.ListDelegatedAdministratorsInput{}},
		{&organizations.ListDelegatedServicesForAccountInput{AccountId: &x.member}, nil},
		{&organizations.ListEffectivePolicyValidationErrorsInput{AccountId: &x.member, PolicyType: backup}, &organizations.ListEffectivePolicyValidationErrorsInput{AccountId: &more, PolicyType: backup}},
		{&organizations.ListOrganizationalUnitsForParentInput{ParentId: &x.dev}, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &x.rootID}},
		{&organizations.ListParentsInput{ChildId: &x.member}, nil},
		{&organizations.ListPoliciesInput{Filter: scp}, &organizations.ListPoliciesInput{Filter: orgtypes.PolicyTypeTagPolicy}},
		{&organizations.ListPoliciesForTargetInput{TargetId: &x.dev, Filter: scp}, &organizations.ListPoliciesForTargetInput{TargetId: &x.member, Filter: scp}},
		{&organizations.ListRootsInput{}, nil},
		{&organizations.ListTagsForResourceInput{ResourceId: &x.member}, nil},
		{&organizations.ListTargetsForPolicyInput{PolicyId: policies[0]}, &organizations.ListTargetsForPolicyInput{PolicyId: policies[1]}},
	} {
		leafThrough(t, x.c, l.in, l.other)
	}
	leafThrough(t, a.organizations(), &organizations.ListInboundResponsibilityTransfersInput{Type: bills}, &organizations.ListOutboundResponsibilityTransfersInput{Type: bills})
	leafThrough(t, source.organizations(), &organizations.ListOutboundResponsibilityTransfersInput{Type: bills}, &organizations.ListInboundResponsibilityTransfersInput{Type: bills})
	leafThrough(t, b.organizations(), &organizations.ListHandshakesForOrganizationInput{}, &organizations.ListAccountsInput{})
	leafThrough(t, source.organizations(), &organizations.ListHandshakesForAccountInput{}, &organizations.ListHandshakesForOrganizationInput{})

	// A token of another organization shows nothing of that one.
	token := fetch[organizations.ListAccountsOutput](t, x.c, &organizations.ListAccountsInput{MaxResults: new(int32(1))}).NextToken
	ours := fetch[organizations.ListAccountsOutput](t, x.c, &organizations.ListAccountsInput{}).Accounts
	theirs := fetch[organizations.ListAccountsOutput](t, source.organizations(), &organizations.ListAccountsInput{NextToken: token}).Accounts
	for _, their := range theirs {
		if slices.ContainsFunc(ours, func(our orgtypes.Account) bool { return *our.Id == *their.Id }) {
			t.Errorf("with another's token: %s", jsonText(their))
		}
	}
}

// everyOrganizationRefusal has a user ask for everything that may nothing.
func everyOrganizationRefusal(t *testing.T, x *orgScenes) {
	c := x.root.newUser(t, "powerless").organizations()
	for _, in := range wellFormed {
		refuses(t, c, in, "AccessDeniedException")
	}
	// Nor may a member account what is the management account's.
	inside := x.account(t, x.rootID, "Curious", "")
	member := x.inside(t, inside)
	x.readers = append(x.readers, member)
	for _, in := range wellFormed {
		switch in.(type) {
		case *organizations.CreateOrganizationInput, *organizations.DescribeOrganizationInput, *organizations.LeaveOrganizationInput,
			*organizations.ListHandshakesForAccountInput:
			continue
		case *organizations.AcceptHandshakeInput, *organizations.DeclineHandshakeInput, *organizations.CancelHandshakeInput, *organizations.DescribeHandshakeInput:
			refuses(t, member.organizations(), in, "HandshakeNotFoundException")
		default:
			refuses(t, member.organizations(), in, "AccessDeniedException")
		}
	}
}

// everyOutsider is an account in no organization that asks for everything.
func everyOutsider(t *testing.T, x *orgScenes) {
	c := x.stranger(t, "Outsider").organizations()
	outside := &organizationsapi.AWSOrganizationsNotInUseException{}
	for _, in := range wellFormed {
		operation := organizationsapi.Describe().Operation(operationOf(in))
		for _, failure := range operation.Errors {
			if failure == outside.Schema() && operation.Name != "AcceptHandshake" {
				refuses(t, c, in, "AWSOrganizationsNotInUseException")
			}
		}
	}
}

// everyBadInput leaves out what is required, all at once, and else sends what the model does
// not allow: each violation is told.
func everyBadInput(t *testing.T, x *orgScenes) {
	c := x.admin.unchecked().organizations()
	for _, in := range wellFormed {
		operation := organizationsapi.Describe().Operation(operationOf(in))
		if operation.Input == nil { // it has no members, and nothing can be wrong with it
			continue
		}
		required := 0
		for _, m := range operation.Input.Members {
			if m.Required {
				required++
			}
		}
		empty := reflect.New(reflect.TypeOf(in).Elem())
		want := "InvalidInputException INPUT_REQUIRED"
		token := empty.Elem().FieldByName("NextToken")
		switch {
		case required > 0:
		case token.IsValid():
			token.Set(reflect.ValueOf(new("x")))
			want = "InvalidInputException INVALID_NEXT_TOKEN"
		default:
			continue
		}
		_, err := ask(c, empty.Interface())
		var failure smithy.APIError
		if codeOf(err) != want || !errors.As(err, &failure) {
			t.Errorf("%s: %v, want %s", operation.Name, err, want)
			continue
		}
		number := fmt.Sprintf(" %d validation error", required)
		if required > 0 && (!strings.Contains(failure.ErrorMessage(), number) || strings.Count(failure.ErrorMessage(), "Member must not be null") != required) {
			t.Errorf("%s: %s, want%s", operation.Name, failure.ErrorMessage(), number)
		}
	}
	long := strings.Repeat("x", 129)
	for _, b := range []struct {
		in     any
		reason string
	}{
		{&organizations.CreateOrganizationInput{FeatureSet: "SOME"}, "INVALID_ENUM"},
		{&organizations.ListPoliciesInput{Filter: "SOME_POLICY"}, "INVALID_ENUM_POLICY_TYPE"},
		{&organizations.ListCreateAccountStatusInput{States: []orgtypes.CreateAccountState{"SOME"}}, "INVALID_LIST_MEMBER"},
		{&organizations.DescribePolicyInput{PolicyId: new("policy")}, "INVALID_SYNTAX_POLICY_ID"},
		{&organizations.DetachPolicyInput{PolicyId: new(noPolicy), TargetId: new("target")}, "INVALID_PATTERN_TARGET_ID"},
		{&organizations.DescribeAccountInput{AccountId: new("12345")}, "INVALID_PATTERN"},
		{&organizations.CreateOrganizationalUnitInput{ParentId: &x.rootID, Name: &long}, "MAX_LENGTH_EXCEEDED"},
		{&organizations.CreateOrganizationalUnitInput{ParentId: &x.rootID, Name: new("")}, "MIN_LENGTH_EXCEEDED"},
		{&organizations.ListRootsInput{MaxResults: new(int32(21))}, "MAX_VALUE_EXCEEDED"},
		{&organizations.ListRootsInput{MaxResults: new(int32(0))}, "MIN_VALUE_EXCEEDED"},
	} {
		refuses(t, c, b.in, "InvalidInputException "+b.reason)
	}
	_, err := ask(c, &organizations.CreatePolicyInput{Name: &long, Description: new(strings.Repeat("x", 513)), Type: "SOME_POLICY", Content: new("")})
	if want := "4 validation errors detected: "; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("four violations: %v", err)
	}
}
