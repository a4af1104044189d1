package organizations_test

import (
	"slices"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const tagType, backupType = organizationsapi.PolicyTypeTagPolicy, organizationsapi.PolicyTypeBackupPolicy

// typed makes a policy of a type and attaches it.
func (s *scene) typed(policyType, name, content, target string) string {
	s.t.Helper()
	made, err := s.CreatePolicy(s.as(management), &organizationsapi.CreatePolicyInput{
		Name: &name, Type: &policyType, Content: &content, Description: new(""),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ok(s.t)(s.AttachPolicy(s.as(management), &organizationsapi.AttachPolicyInput{PolicyId: made.Policy.PolicySummary.Id, TargetId: &target}))
	return *made.Policy.PolicySummary.Id
}

func (s *scene) enableType(policyType string) {
	s.t.Helper()
	ok(s.t)(s.EnablePolicyType(s.as(management), &organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: &policyType}))
}

func TestEffectivePolicies(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { testEffectivePolicies(t, organized(t, e)) })
	}
}

func testEffectivePolicies(t *testing.T, s *scene) {
	ctx := s.as(management)
	dev, member := s.unit(s.root, "Dev"), s.account("a@example.com")
	ok(t)(s.MoveAccount(ctx, &organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: &s.root, DestinationParentId: &dev}))
	s.enableType(tagType)
	s.enableType(backupType)
	roots := ok(t)(s.ListRoots(ctx, &organizationsapi.ListRootsInput{})).(*organizationsapi.ListRootsOutput).Roots
	want := `[{"Type":"BACKUP_POLICY","Status":"ENABLED"},{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"},{"Type":"TAG_POLICY","Status":"ENABLED"}]`
	if got := show(t, roots[0].PolicyTypes); got != want {
		t.Errorf("policy types = %s, want %s", got, want)
	}

	s.typed(tagType, "root", `{"tags":{"Team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red"]}}}}`, s.root)
	s.typed(tagType, "dev", `{"tags":{"team":{"tag_value":{"@@append":["green"]}}}}`, dev)
	want = `{"PolicyContent":"{\"tags\":{\"team\":{\"tag_key\":\"Team\",\"tag_value\":[\"red\",\"green\"]}}}",` +
		`"LastUpdatedTimestamp":"2026-06-01T12:00:00Z","TargetId":"A","PolicyType":"TAG_POLICY"}`
	for _, c := range []struct {
		caller string
		target *string
	}{{member, nil}, {member, &member}, {management, &member}} {
		out, err := s.DescribeEffectivePolicy(s.as(c.caller), &organizationsapi.DescribeEffectivePolicyInput{PolicyType: new(tagType), TargetId: c.target})
		if err != nil {
			t.Fatal(err)
		}
		if got := show(t, out.EffectivePolicy, member, "A"); got != want {
			t.Errorf("asked by %s:\n got %s\nwant %s", c.caller, got, want)
		}
	}
	_, err := s.DescribeEffectivePolicy(ctx, &organizationsapi.DescribeEffectivePolicyInput{PolicyType: new(tagType), TargetId: &dev})
	if got := code(err); got != "InvalidInput TARGET_NOT_SUPPORTED" {
		t.Errorf("of an OU: %q", got)
	}

	none, err := s.ListAccountsWithInvalidEffectivePolicy(ctx, &organizationsapi.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: new(tagType)})
	if err != nil || none.Accounts == nil || len(none.Accounts) != 0 {
		t.Errorf("invalid tag policies: %s, %v", show(t, none), err)
	}
	half := s.typed(backupType, "half", `{"plans":{"P":{"regions":{"@@assign":["eu-west-1"]}}}}`, dev)
	invalid, err := s.ListAccountsWithInvalidEffectivePolicy(ctx, &organizationsapi.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: new(backupType)})
	if err != nil || len(invalid.Accounts) != 1 || *invalid.Accounts[0].Id != member || *invalid.PolicyType != backupType {
		t.Errorf("invalid backup policies: %s, %v", show(t, invalid), err)
	}
	var lines []string
	in := &organizationsapi.ListEffectivePolicyValidationErrorsInput{AccountId: &member, PolicyType: new(backupType), MaxResults: new(int32(1))}
	for range 3 {
		out, err := s.ListEffectivePolicyValidationErrors(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, show(t, out.EffectivePolicyValidationErrors, half, "P"))
		if !strings.HasSuffix(*out.Path, "/"+s.root+"/"+dev+"/"+member+"/") || *out.AccountId != member || !out.EvaluationTimestamp.Equal(start) {
			t.Errorf("page = %s", show(t, out))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	wantLines := []string{
		`[{"ErrorCode":"KEY_REQUIRED","ErrorMessage":"'rules' is missing","PathToError":"plans/p","ContributingPolicies":["P"]}]`,
		`[{"ErrorCode":"KEY_REQUIRED","ErrorMessage":"'selections' is missing","PathToError":"plans/p","ContributingPolicies":["P"]}]`,
	}
	if !slices.Equal(lines, wantLines) {
		t.Errorf("errors:\n got %s\nwant %s", strings.Join(lines, "\n     "), strings.Join(wantLines, "\n     "))
	}
}

// Faults of a document come with their place.
func TestMalformedManagementPolicy(t *testing.T) {
	s := organized(t, storetest.Memory())
	_, err := s.CreatePolicy(s.as(management), &organizationsapi.CreatePolicyInput{
		Name: new("n"), Type: new(tagType), Description: new(""),
		Content: new("{\"tags\":{\n  \"a\":{\"tag_value\":{\"@@assign\":\"x\"}}}}"),
	})
	if got := code(err); got != "MalformedPolicyDocument" || !strings.HasSuffix(err.Error(), "The setting takes a list of values. (tags/a/tag_value, line 2, column 8)") {
		t.Errorf("error = %v", err)
	}
}

func TestRowsOfEffectivePolicies(t *testing.T) {
	s := organized(t, storetest.Memory())
	member, other := s.account("a@example.com"), s.account("b@example.com")
	gate := s.gate()
	o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
	arn := "arn:aws:organizations::111111111111:account/" + o + "/"
	describe := func(target *string) *organizationsapi.DescribeEffectivePolicyInput {
		return &organizationsapi.DescribeEffectivePolicyInput{PolicyType: new(tagType), TargetId: target}
	}
	const typed = " organizations:policytype=TAG_POLICY"
	for _, c := range []struct {
		caller, operation string
		in                any
		want              string
	}{
		{member, "DescribeEffectivePolicy", describe(nil), arn + member},
		{management, "DescribeEffectivePolicy", describe(&other), arn + other},
		{management, "ListEffectivePolicyValidationErrors", &organizationsapi.ListEffectivePolicyValidationErrorsInput{PolicyType: new(tagType), AccountId: &other}, arn + other},
		{management, "ListAccountsWithInvalidEffectivePolicy", &organizationsapi.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: new(tagType)}, "*"},
	} {
		want := []string{"organizations:" + c.operation + " " + c.want + typed}
		if got := s.checks(c.caller, c.operation, c.in); !slices.Equal(got, want) {
			t.Errorf("checks of %s = %q, want %q", c.operation, got, want)
		}
	}
	expect := func(when, account, operation string, in any, want string) {
		t.Helper()
		if got := s.ask(gate, account, operation, in); got != want && !(want == "denied" && strings.HasPrefix(got, "denied")) {
			t.Errorf("%s: %s of %s = %q, want %q", when, operation, account, got, want)
		}
	}
	invalid := &organizationsapi.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: new(tagType)}
	expect("itself", member, "DescribeEffectivePolicy", describe(nil), "")
	expect("itself by id", member, "DescribeEffectivePolicy", describe(&member), "")
	expect("another", member, "DescribeEffectivePolicy", describe(&other), "AccessDenied")
	expect("no delegate", member, "ListAccountsWithInvalidEffectivePolicy", invalid, "AccessDenied")
	s.putResourcePolicy(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + member + `"},
		"Action":["organizations:DescribeEffectivePolicy","organizations:ListAccountsWithInvalidEffectivePolicy"],"Resource":"*",
		"Condition":{"StringEquals":{"organizations:PolicyType":"TAG_POLICY"}}}}`)
	expect("delegated", member, "DescribeEffectivePolicy", describe(&other), "")
	expect("delegated", member, "ListAccountsWithInvalidEffectivePolicy", invalid, "")
	expect("another type", member, "DescribeEffectivePolicy", &organizationsapi.DescribeEffectivePolicyInput{PolicyType: new(backupType), TargetId: &other}, "denied")
	expect("not delegated, itself", other, "DescribeEffectivePolicy", describe(nil), "")
}
