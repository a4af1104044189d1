package organizations_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// built returns the operations that this package has a method for.
func built(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			method, isFunc := d.(*ast.FuncDecl)
			if isFunc && method.Recv != nil && organizationsapi.Describe().Operation(method.Name.Name) != nil {
				names = append(names, method.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestEveryBuiltOperationHasItsRow(t *testing.T) {
	var rows []string
	for _, r := range (&organizations.Service{}).Rows() {
		rows = append(rows, r.Operation)
		if r.Checks == nil || r.Public || r.Actions[0] != "organizations:"+r.Operation {
			t.Errorf("row %+v", r)
		}
	}
	slices.Sort(rows)
	if want := built(t); !slices.Equal(rows, want) {
		t.Errorf("rows = %v\nbuilt = %v", rows, want)
	}
}

func (s *scene) checks(callerAccountID, operation string, in any) []string {
	s.t.Helper()
	i := slices.IndexFunc(s.Rows(), func(r authz.Row) bool { return r.Operation == operation })
	var m org.Membership
	err := s.DB.View(s.t.Context(), func(tx *store.Tx) (err error) {
		m, _, err = org.MembershipOf(s.t.Context(), tx, callerAccountID)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := s.Rows()[i].Checks(context.Background(), &authz.Call{
		Caller: &credential.Caller{AccountID: callerAccountID}, Input: in, Membership: m,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, c := range all {
		var keys []string
		for k, v := range c.Keys {
			keys = append(keys, k+"="+strings.Join(v, ","))
		}
		slices.Sort(keys)
		out = append(out, strings.TrimSpace(c.Action+" "+c.Resource+" "+strings.Join(keys, " ")))
	}
	return out
}

// The management account of a new organization gets the role of Organizations, which takes
// a permission of its own as long as the role is not there.
func TestCreatingChecksTheRole(t *testing.T) {
	s := newScene(t, storetest.Memory())
	want := []string{
		"organizations:CreateOrganization *",
		"iam:CreateServiceLinkedRole arn:aws:iam::111111111111:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations iam:awsservicename=organizations.amazonaws.com",
	}
	in := &organizationsapi.CreateOrganizationInput{}
	if got := s.checks(management, "CreateOrganization", in); !slices.Equal(got, want) {
		t.Errorf("at first:\n got %q\nwant %q", got, want)
	}
	ok(t)(s.CreateOrganization(s.as(management), in))
	if got := s.checks(management, "CreateOrganization", in); !slices.Equal(got, want[:1]) {
		t.Errorf("with the role there:\n got %q\nwant %q", got, want[:1])
	}
	if organizations.Denied("organizations:CreateOrganization") != nil {
		t.Error("the operation's own action has an error of its own")
	}
}

func TestChecks(t *testing.T) {
	s := organized(t, storetest.Memory())
	ctx := s.as(management)
	dev, member, deny := s.unit(s.root, "Dev"), s.account("a@example.com"), s.policy("Deny")
	tag := []organizationsapi.Tag{{Key: new("Team"), Value: new("a")}}
	ok(t)(s.TagResource(ctx, &organizationsapi.TagResourceInput{ResourceId: &dev, Tags: tag}))
	o := *ok(t)(s.DescribeOrganization(ctx, &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
	arn := "arn:aws:organizations::111111111111:"
	ou := arn + "ou/" + o + "/" + dev + " aws:resourcetag/team=a"
	account := arn + "account/" + o + "/" + member
	root := arn + "root/" + o + "/" + s.root
	policy := arn + "policy/" + o + "/service_control_policy/"
	for _, c := range []struct {
		operation string
		in        any
		want      []string
	}{
		{"DescribeOrganization", &organizationsapi.DescribeOrganizationInput{}, []string{"organizations:DescribeOrganization *"}},
		{"DescribeAccount", &organizationsapi.DescribeAccountInput{AccountId: &member}, []string{"organizations:DescribeAccount " + account}},
		{"MoveAccount", &organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: &s.root, DestinationParentId: &dev}, []string{
			"organizations:MoveAccount " + account, "organizations:MoveAccount " + root, "organizations:MoveAccount " + ou,
		}},
		{"CreateAccount", &organizationsapi.CreateAccountInput{}, []string{"organizations:CreateAccount *"}},
		{"CreateGovCloudAccount", &organizationsapi.CreateGovCloudAccountInput{Tags: tag}, []string{
			"organizations:CreateGovCloudAccount * aws:requesttag/team=a aws:tagkeys=Team",
			"organizations:TagResource * aws:requesttag/team=a aws:tagkeys=Team",
		}},
		{"CreateAccount", &organizationsapi.CreateAccountInput{Tags: tag}, []string{
			"organizations:CreateAccount * aws:requesttag/team=a aws:tagkeys=Team",
			"organizations:TagResource * aws:requesttag/team=a aws:tagkeys=Team",
		}},
		{"CreateOrganizationalUnit", &organizationsapi.CreateOrganizationalUnitInput{ParentId: &s.root, Tags: tag}, []string{
			"organizations:CreateOrganizationalUnit " + root + " aws:requesttag/team=a aws:tagkeys=Team",
			"organizations:TagResource " + arn + "ou/" + o + "/* aws:requesttag/team=a aws:tagkeys=Team",
		}},
		{"CreatePolicy", &organizationsapi.CreatePolicyInput{Type: new(rcp)}, []string{
			"organizations:CreatePolicy " + arn + "policy/" + o + "/resource_control_policy/* organizations:policytype=RESOURCE_CONTROL_POLICY",
		}},
		{"AttachPolicy", &organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: &dev}, []string{
			"organizations:AttachPolicy " + policy + deny + " organizations:policytype=SERVICE_CONTROL_POLICY",
			"organizations:AttachPolicy " + ou + " organizations:policytype=SERVICE_CONTROL_POLICY",
		}},
		{"DetachPolicy", &organizationsapi.DetachPolicyInput{PolicyId: new("p-RCPFullAWSAccess"), TargetId: &member}, []string{
			"organizations:DetachPolicy arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess organizations:policytype=RESOURCE_CONTROL_POLICY",
			"organizations:DetachPolicy " + account + " organizations:policytype=RESOURCE_CONTROL_POLICY",
		}},
		{"DescribePolicy", &organizationsapi.DescribePolicyInput{PolicyId: new("p-00000000")}, []string{
			"organizations:DescribePolicy " + policy + "p-00000000 organizations:policytype=SERVICE_CONTROL_POLICY",
		}},
		{"ListPolicies", &organizationsapi.ListPoliciesInput{Filter: new(scp)}, []string{"organizations:ListPolicies * organizations:policytype=SERVICE_CONTROL_POLICY"}},
		{"CreateAccount", &organizationsapi.CreateAccountInput{Tags: append(tag, organizationsapi.Tag{Key: new("team"), Value: new("b")})}, []string{
			"organizations:CreateAccount * aws:requesttag/team=a,b aws:tagkeys=Team,team",
			"organizations:TagResource * aws:requesttag/team=a,b aws:tagkeys=Team,team",
		}},
		{"EnablePolicyType", &organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: new(scp)}, []string{
			"organizations:EnablePolicyType " + root + " organizations:policytype=SERVICE_CONTROL_POLICY",
		}},
		{"TagResource", &organizationsapi.TagResourceInput{ResourceId: &deny, Tags: tag}, []string{
			"organizations:TagResource " + policy + deny + " aws:requesttag/team=a aws:tagkeys=Team organizations:policytype=SERVICE_CONTROL_POLICY",
		}},
		{"UntagResource", &organizationsapi.UntagResourceInput{ResourceId: &dev, TagKeys: []string{"a", "b"}}, []string{
			"organizations:UntagResource " + arn + "ou/" + o + "/" + dev + " aws:resourcetag/team=a aws:tagkeys=a,b",
		}},
	} {
		if got := s.checks(management, c.operation, c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.operation, got, c.want)
		}
	}
	// Who is in no organization is asked about anything and gets the operation's own error.
	if got := s.checks(stranger, "DescribeAccount", &organizationsapi.DescribeAccountInput{AccountId: &member}); !slices.Equal(got, []string{"organizations:DescribeAccount *"}) {
		t.Errorf("standalone caller: %q", got)
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	s := organized(t, storetest.Memory())
	if got := s.checks(management, "DescribeAccount", &organizationsapi.ListRootsInput{}); got != nil {
		t.Errorf("checks = %v, want none, which refuses", got)
	}
}
