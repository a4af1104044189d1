package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// evaluation is a result of the simulators as the aws CLI prints it.
type evaluation struct {
	EvalActionName, EvalResourceName, EvalDecision string
	MatchedStatements                              []struct {
		SourcePolicyID, SourcePolicyType string
		StartPosition, EndPosition       struct{ Line, Column int }
	}
	MissingContextValues              []string
	OrganizationsDecisionDetail       *struct{ AllowedByOrganizations bool }
	PermissionsBoundaryDecisionDetail *struct{ AllowedByPermissionsBoundary bool }
	EvalDecisionDetails               map[string]string
	ResourceSpecificResults           []struct {
		EvalResourceName, EvalResourceDecision string
		EvalDecisionDetails                    map[string]string
	}
}

// simulates runs a simulator by the aws CLI.
func (a as) simulates(t testing.TB, args ...string) []evaluation {
	t.Helper()
	var out struct{ EvaluationResults []evaluation }
	must(t, json.Unmarshal([]byte(a.ok(t, append([]string{"iam"}, args...)...)), &out))
	return out.EvaluationResults
}

// is expects a result to have that decision, made by the statements of those policies.
func (e evaluation) is(t testing.TB, decision string, policies ...string) {
	t.Helper()
	var made []string
	for _, s := range e.MatchedStatements {
		made = append(made, s.SourcePolicyID)
	}
	if e.EvalDecision != decision || strings.Join(made, " ") != strings.Join(policies, " ") {
		t.Errorf("%s on %s is %s by %v; want %s by %v", e.EvalActionName, e.EvalResourceName, e.EvalDecision, made, decision, policies)
	}
}

// The simulators of the command line: policies that are only written, with the values of
// their conditions, across accounts, and with SCPs.
func TestSimulateCustomPolicies(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		const after = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`
		at := func(time string) evaluation {
			args := []string{"simulate-custom-policy", "--policy-input-list", after, "--action-names", "dynamodb:CreateBackup"}
			if time != "" {
				args = append(args, "--context-entries", "ContextKeyName=aws:CurrentTime,ContextKeyValues="+time+",ContextKeyType=date")
			}
			return w.admin.simulates(t, args...)[0]
		}
		late := at("2019-04-25T11:00:00Z")
		late.is(t, "allowed", "PolicyInputList.1")
		if m := late.MatchedStatements[0]; m.SourcePolicyType != "IAM Policy" || m.StartPosition.Line != 1 || m.StartPosition.Column != 38 || m.EndPosition.Line != 1 || m.EndPosition.Column != 167 {
			t.Errorf("the statement stands at %+v", m)
		}
		at("2014-04-25T11:00:00Z").is(t, "implicitDeny")
		if never := at(""); strings.Join(never.MissingContextValues, " ") != "aws:CurrentTime" {
			t.Errorf("missing %v", never.MissingContextValues)
		}

		bucketPolicy := document(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:user/arnav"},"Action":["s3:List*","s3:Put*"],"Resource":"arn:aws:s3:::mary/*"}`)
		across := w.admin.simulates(t, "simulate-custom-policy", "--policy-input-list", allow("iam:GetRole", "*"), "--permissions-boundary-policy-input-list", allow("iam:*", "*"),
			"--action-names", "s3:PutObject", "--resource-arns", "arn:aws:s3:::mary/Test", "--resource-owner", "arn:aws:iam::123456789012:root",
			"--caller-arn", "arn:aws:iam::444455556666:user/arnav", "--resource-policy", bucketPolicy)[0]
		across.is(t, "implicitDeny")
		for name, want := range map[string]string{"IAM Policy": "implicitDeny", "Resource Policy": "allowed", "Permissions Boundary Policy": "implicitDeny"} {
			if across.EvalDecisionDetails[name] != want || across.ResourceSpecificResults[0].EvalDecisionDetails[name] != want {
				t.Errorf("%s: %v", name, across.EvalDecisionDetails)
			}
		}

		// Four results on pages of one; the command line puts them together.
		args := []string{"simulate-custom-policy", "--policy-input-list", allow("s3:*", "*"), "--action-names", "s3:Get1", "s3:Get2", "s3:Get3", "ec2:Get4"}
		if all := w.admin.simulates(t, append(args, "--page-size", "1")...); len(all) != 4 || all[2].EvalDecision != "allowed" || all[3].EvalDecision != "implicitDeny" {
			t.Errorf("results on pages: %+v", all)
		}

		keys := w.admin.ok(t, "iam", "get-context-keys-for-custom-policy", "--policy-input-list", after, "--query", "ContextKeyNames", "--output", "text")
		if strings.TrimSpace(keys) != "aws:CurrentTime" {
			t.Errorf("keys %q", keys)
		}
		if text := w.admin.refused(t, "InvalidInput", "iam", "simulate-custom-policy", "--policy-input-list", "{", "--action-names", "s3:GetObject"); !strings.Contains(text, "Policy input list item 1 has invalid content") {
			t.Errorf("a policy that is none: %s", text)
		}
		nobody := w.root.newUser(t, "nobody", allow("iam:GetUser", "*"))
		nobody.refused(t, "AccessDenied", "iam", "simulate-custom-policy", "--policy-input-list", after, "--action-names", "dynamodb:CreateBackup")

		guard := document(statement("Allow", "*", "*"), when(statement("Deny", "*", "*"), `{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}`))
		out, err := w.admin.iam().SimulateCustomPolicy(context.Background(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{allow("s3:*", "*")}, ActionNames: []string{"s3:GetObject"},
			OrderedOrganizationPolicyInputList: []iamtypes.OrderedOrganizationPolicyType{
				{ServiceControlPolicyInputList: []string{allow("*", "*")}}, {ServiceControlPolicyInputList: []string{guard}},
			},
		})
		must(t, err)
		r := out.EvaluationResults[0]
		if r.EvalDecision != iamtypes.PolicyEvaluationDecisionTypeExplicitDeny || r.OrganizationsDecisionDetail == nil || r.OrganizationsDecisionDetail.AllowedByOrganizations ||
			strings.Join(r.MissingContextValues, " ") != "aws:RequestedRegion" {
			t.Errorf("with an SCP that asks for the Region: %+v", r)
		}
	})
}

// What the simulator says of a user of a member account, an SCP above it included, is what
// the user then meets.
func TestSimulatePrincipals(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		unit := w.unit(t, w.rootID, "Guarded")
		account := w.account(t, unit, "Shop", "")
		w.scp(t, "NoGroups", deny("iam:ListGroups", "*"), unit)
		inside := w.inside(t, account)
		zoe := inside.newUser(t, "zoe", document(statement("Allow", "iam:ListUsers", "*"), statement("Allow", "iam:ListGroups", "*"), statement("Allow", "iam:SimulatePrincipalPolicy", userARN(account, "zoe"))))
		inside.ok(t, "iam", "create-group", "--group-name", "devs")
		inside.ok(t, "iam", "put-group-policy", "--group-name", "devs", "--policy-name", "keys", "--policy-document",
			document(when(statement("Deny", "iam:ListRoles", "*"), `{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`), statement("Allow", "iam:ListRoles", "*")))
		inside.ok(t, "iam", "add-user-to-group", "--group-name", "devs", "--user-name", "zoe")

		results := zoe.simulates(t, "simulate-principal-policy", "--policy-source-arn", userARN(account, "zoe"),
			"--action-names", "iam:ListUsers", "iam:ListGroups", "iam:ListRoles", "iam:ListPolicies")
		results[0].is(t, "allowed", "user_zoe_policy-0")
		results[1].is(t, "explicitDeny")
		results[2].is(t, "allowed", "group_devs_keys")
		results[3].is(t, "implicitDeny")
		for i, allowed := range []bool{true, false, true, true} {
			if o := results[i].OrganizationsDecisionDetail; o == nil || o.AllowedByOrganizations != allowed {
				t.Errorf("%s: organization %+v", results[i].EvalActionName, o)
			}
		}
		if got := strings.Join(results[2].MissingContextValues, " "); got != "aws:MultiFactorAuthPresent" {
			t.Errorf("missing %q", got)
		}
		for i, command := range []string{"list-users", "list-groups", "list-roles", "list-policies"} {
			if _, text, ok := zoe.cli("iam", command); ok != (results[i].EvalDecision == "allowed") {
				t.Errorf("%s is simulated as %s, but: %s", command, results[i].EvalDecision, text)
			}
		}

		without := zoe.simulates(t, "simulate-principal-policy", "--policy-source-arn", userARN(account, "zoe"), "--action-names", "iam:ListUsers",
			"--permissions-boundary-policy-input-list", allow("s3:*", "*"))[0]
		without.is(t, "implicitDeny")
		if b := without.PermissionsBoundaryDecisionDetail; b == nil || b.AllowedByPermissionsBoundary {
			t.Errorf("boundary %+v", b)
		}
		keys := inside.ok(t, "iam", "get-context-keys-for-principal-policy", "--policy-source-arn", userARN(account, "zoe"), "--query", "ContextKeyNames", "--output", "text")
		if strings.TrimSpace(keys) != "aws:MultiFactorAuthPresent" {
			t.Errorf("keys %q", keys)
		}

		zoe.refused(t, "AccessDenied", "iam", "simulate-principal-policy", "--policy-source-arn", roleARN(account, adminRole), "--action-names", "iam:ListUsers")
		inside.refused(t, "NoSuchEntity", "iam", "simulate-principal-policy", "--policy-source-arn", userARN(account, "nobody"), "--action-names", "iam:ListUsers")
		inside.refused(t, "InvalidInput", "iam", "simulate-principal-policy", "--policy-source-arn", userARN(managementID, "admin"), "--action-names", "iam:ListUsers")
	})
}
