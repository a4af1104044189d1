package e2e

import (
	"strings"
	"testing"
)

// What people type every day, with the aws CLI. It reads answers with a model of its own, other
// than the SDK's; the store behind makes no difference to it.
func TestDailyIAMWithCLI(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	root := s.root()
	policy, trust := allow("iam:ListUsers", "*"), trusting("arn:aws:iam::"+managementID+":root")
	arn := "arn:aws:iam::" + managementID + ":policy/Read"
	root.ok(t, "iam", "create-policy", "--policy-name", "Read", "--policy-document", policy, "--description", "reads")
	root.ok(t, "iam", "create-group", "--group-name", "devs")
	root.ok(t, "iam", "attach-group-policy", "--group-name", "devs", "--policy-arn", arn)
	root.ok(t, "iam", "create-user", "--user-name", "ann", "--path", "/staff/", "--tags", "Key=team,Value=blue")
	root.ok(t, "iam", "add-user-to-group", "--group-name", "devs", "--user-name", "ann")
	root.ok(t, "iam", "wait", "user-exists", "--user-name", "ann")
	type key struct {
		AccessKey struct{ AccessKeyID, SecretAccessKey string }
	}
	made := decode[key](t, root.ok(t, "iam", "create-access-key", "--user-name", "ann")).AccessKey
	ann := s.with(made.AccessKeyID, made.SecretAccessKey, "")
	if got := decode[struct{ Users []struct{ Arn string } }](t, ann.ok(t, "iam", "list-users")).Users; len(got) != 1 || got[0].Arn != "arn:aws:iam::"+managementID+":user/staff/ann" {
		t.Errorf("users: %v", got)
	}
	ann.refused(t, "AccessDenied", "iam", "list-roles")

	root.ok(t, "iam", "create-role", "--role-name", "deploy", "--assume-role-policy-document", trust, "--max-session-duration", "7200")
	root.ok(t, "iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "inline", "--policy-document", policy)
	root.ok(t, "iam", "attach-role-policy", "--role-name", "deploy", "--policy-arn", readOnlyPolicy)
	// The CLI decodes documents: they come back as they were given.
	type statement struct{ Action string }
	type text struct{ Statement []statement }
	if got := decode[struct{ PolicyDocument text }](t, root.ok(t, "iam", "get-role-policy", "--role-name", "deploy", "--policy-name", "inline")).PolicyDocument; got.Statement[0].Action != "iam:ListUsers" {
		t.Errorf("inline policy: %v", got)
	}
	role := decode[struct {
		Role struct {
			MaxSessionDuration       int
			AssumeRolePolicyDocument text
		}
	}](t, root.ok(t, "iam", "get-role", "--role-name", "deploy")).Role
	if role.MaxSessionDuration != 7200 || role.AssumeRolePolicyDocument.Statement[0].Action != "sts:AssumeRole" {
		t.Errorf("role: %+v", role)
	}
	if got := decode[struct{ PolicyVersion struct{ Document text } }](t, root.ok(t, "iam", "get-policy-version", "--policy-arn", arn, "--version-id", "v1")).PolicyVersion; got.Document.Statement[0].Action != "iam:ListUsers" {
		t.Errorf("version: %+v", got)
	}
	// Page by page, and cut off where the person wants it.
	if all := decode[struct{ Policies []any }](t, root.ok(t, "iam", "list-policies", "--scope", "AWS", "--page-size", "100")).Policies; len(all) <= 200 {
		t.Errorf("%d policies of AWS", len(all))
	}
	if cut := decode[struct {
		Policies  []any
		NextToken string
	}](t, root.ok(t, "iam", "list-policies", "--scope", "AWS", "--max-items", "2")); len(cut.Policies) != 2 || cut.NextToken == "" {
		t.Errorf("%d policies, token %q", len(cut.Policies), cut.NextToken)
	}
	session := decode[struct {
		Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	}](t, ann.ok(t, "sts", "get-session-token", "--duration-seconds", "900")).Credentials
	if !strings.HasPrefix(session.AccessKeyID, "ASIA") || session.SessionToken == "" {
		t.Errorf("session %s", session.AccessKeyID)
	}
	root.ok(t, "iam", "create-instance-profile", "--instance-profile-name", "web")
	root.ok(t, "iam", "add-role-to-instance-profile", "--instance-profile-name", "web", "--role-name", "deploy")
	root.ok(t, "iam", "wait", "instance-profile-exists", "--instance-profile-name", "web")
	root.refused(t, "DeleteConflict", "iam", "delete-role", "--role-name", "deploy")
	root.refused(t, "DeleteConflict", "iam", "delete-user", "--user-name", "ann")
	root.refused(t, "NoSuchEntity", "iam", "get-user", "--user-name", "nobody")
	root.refused(t, "MalformedPolicyDocument", "iam", "create-policy", "--policy-name", "bad", "--policy-document", "{}")
	root.refused(t, "EntityAlreadyExists", "iam", "create-user", "--user-name", "ANN")
	if got := decode[struct{ SummaryMap map[string]int }](t, root.ok(t, "iam", "get-account-summary")).SummaryMap; got["Users"] != 1 || got["Roles"] != 1 {
		t.Errorf("summary: %v", got)
	}
	details := decode[struct {
		UserDetailList []struct{ GroupList []string }
		RoleDetailList []struct {
			RolePolicyList []struct{ PolicyDocument text }
		}
	}](t, root.ok(t, "iam", "get-account-authorization-details", "--filter", "User", "Role"))
	if details.UserDetailList[0].GroupList[0] != "devs" || details.RoleDetailList[0].RolePolicyList[0].PolicyDocument.Statement[0].Action != "iam:ListUsers" {
		t.Errorf("details: %+v", details)
	}
	for _, args := range []string{
		"remove-role-from-instance-profile --instance-profile-name web --role-name deploy", "delete-instance-profile --instance-profile-name web",
		"detach-role-policy --role-name deploy --policy-arn " + readOnlyPolicy, "delete-role-policy --role-name deploy --policy-name inline", "delete-role --role-name deploy",
		"remove-user-from-group --group-name devs --user-name ann", "update-access-key --user-name ann --status Inactive --access-key-id " + made.AccessKeyID,
		"delete-access-key --user-name ann --access-key-id " + made.AccessKeyID, "delete-user --user-name ann",
		"detach-group-policy --group-name devs --policy-arn " + arn, "delete-group --group-name devs", "delete-policy --policy-arn " + arn,
	} {
		root.ok(t, append([]string{"iam"}, strings.Fields(args)...)...)
	}
}
