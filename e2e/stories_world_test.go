package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// adminRole is the role that Organizations makes in the accounts it creates.
const adminRole = "OrganizationAccountAccessRole"

// world is an organization with an administrator: the root user may not assume roles.
type world struct {
	s           *server
	root, admin as
	// rootID and orgID are those of the organization.
	rootID, orgID string
}

// organize makes the first account of a server the management account of an organization
// with all features and service control policies.
func organize(t testing.TB, s *server) *world {
	t.Helper()
	w := &world{s: s, root: s.root()}
	ctx := context.Background()
	made, err := w.root.organizations().CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll})
	must(t, err)
	w.orgID = *made.Organization.Id
	roots, err := w.root.organizations().ListRoots(ctx, &organizations.ListRootsInput{})
	must(t, err)
	w.rootID = *roots.Roots[0].Id
	_, err = w.root.organizations().EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{
		RootId: &w.rootID, PolicyType: orgtypes.PolicyTypeServiceControlPolicy,
	})
	must(t, err)
	w.admin = w.root.newUser(t, "admin", allow("*", "*"))
	return w
}

func (w *world) unit(t testing.TB, parent, name string) string {
	t.Helper()
	out, err := w.root.organizations().CreateOrganizationalUnit(context.Background(), &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	must(t, err)
	return *out.OrganizationalUnit.Id
}

// account creates an account below parent; role is the name of its first role, the default
// one if empty.
func (w *world) account(t testing.TB, parent, name, role string) string {
	t.Helper()
	ctx := context.Background()
	in := &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(strings.ReplaceAll(strings.ToLower(name), " ", "-") + "@example.com")}
	if role != "" {
		in.RoleName = &role
	}
	made, err := w.root.organizations().CreateAccount(ctx, in)
	must(t, err)
	status := made.CreateAccountStatus
	for end := time.Now().Add(10 * time.Second); status.State == orgtypes.CreateAccountStateInProgress && time.Now().Before(end); {
		out, err := w.root.organizations().DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id})
		must(t, err)
		if status = out.CreateAccountStatus; status.State == orgtypes.CreateAccountStateInProgress {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if status.State != orgtypes.CreateAccountStateSucceeded {
		t.Fatalf("account %s is %s (%s)", name, status.State, status.FailureReason)
	}
	if parent != w.rootID {
		w.move(t, *status.AccountId, w.rootID, parent)
	}
	return *status.AccountId
}

func (w *world) move(t testing.TB, account, from, to string) {
	t.Helper()
	_, err := w.root.organizations().MoveAccount(context.Background(), &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
	must(t, err)
}

// scp makes a service control policy, attaches it to the targets and returns its id.
func (w *world) scp(t testing.TB, name, document string, targets ...string) string {
	t.Helper()
	out, err := w.root.organizations().CreatePolicy(context.Background(), &organizations.CreatePolicyInput{
		Name: &name, Description: aws.String(""), Type: orgtypes.PolicyTypeServiceControlPolicy, Content: &document,
	})
	must(t, err)
	for _, target := range targets {
		w.attach(t, *out.Policy.PolicySummary.Id, target)
	}
	return *out.Policy.PolicySummary.Id
}

func (w *world) attach(t testing.TB, policy, target string) {
	t.Helper()
	_, err := w.root.organizations().AttachPolicy(context.Background(), &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
	must(t, err)
}

func (w *world) detach(t testing.TB, policy, target string) {
	t.Helper()
	_, err := w.root.organizations().DetachPolicy(context.Background(), &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
	must(t, err)
}

// scpARN is the ARN under which a refusal names a service control policy.
func (w *world) scpARN(id string) string {
	return "arn:aws:organizations::" + managementID + ":policy/" + w.orgID + "/service_control_policy/" + id
}

// inside is the administrator in a member account, by the role that the organization made.
func (w *world) inside(t testing.TB, account string) as {
	t.Helper()
	return w.admin.mustAssume(t, roleARN(account, adminRole))
}

// newUser makes a user with an access key and one inline policy for each document.
func (a as) newUser(t testing.TB, name string, documents ...string) as {
	t.Helper()
	ctx := context.Background()
	_, err := a.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	must(t, err)
	for n, document := range documents {
		a.putUserPolicy(t, name, fmt.Sprintf("policy-%d", n), document)
	}
	return a.newKey(t, name)
}

// newKey gives a user another access key.
func (a as) newKey(t testing.TB, user string) as {
	t.Helper()
	key, err := a.iam().CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{UserName: &user})
	must(t, err)
	return a.s.with(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
}

func (a as) putUserPolicy(t testing.TB, user, name, document string) {
	t.Helper()
	_, err := a.iam().PutUserPolicy(context.Background(), &iam.PutUserPolicyInput{UserName: &user, PolicyName: &name, PolicyDocument: &document})
	must(t, err)
}

// newGroup makes a group with one inline policy.
func (a as) newGroup(t testing.TB, name, document string, members ...string) {
	t.Helper()
	ctx := context.Background()
	_, err := a.iam().CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name})
	must(t, err)
	_, err = a.iam().PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: &name, PolicyName: &name, PolicyDocument: &document})
	must(t, err)
	for _, user := range members {
		_, err := a.iam().AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: &name, UserName: &user})
		must(t, err)
	}
}

// newRole makes a role with an inline policy, or an AWS managed one if policy is an ARN,
// and returns its ARN.
func (a as) newRole(t testing.TB, name, trust, policy string) string {
	t.Helper()
	ctx := context.Background()
	out, err := a.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	must(t, err)
	switch {
	case strings.HasPrefix(policy, "arn:"):
		_, err = a.iam().AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &policy})
	case policy != "":
		_, err = a.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: &name, PolicyDocument: &policy})
	}
	must(t, err)
	return *out.Role.Arn
}

func (a as) trust(t testing.TB, role, document string) {
	t.Helper()
	_, err := a.iam().UpdateAssumeRolePolicy(context.Background(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &document})
	must(t, err)
}

// assume assumes a role under the session name "scene".
func (a as) assume(role string, changes ...func(*sts.AssumeRoleInput)) (as, error) {
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("scene")}
	for _, change := range changes {
		change(in)
	}
	out, err := a.sts().AssumeRole(context.Background(), in)
	if err != nil {
		return as{}, err
	}
	c := out.Credentials
	return a.s.with(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken), nil
}

func (a as) mustAssume(t testing.TB, role string, changes ...func(*sts.AssumeRoleInput)) as {
	t.Helper()
	got, err := a.assume(role, changes...)
	must(t, err)
	return got
}

// mayNotAssume expects the refusal with that cause.
func (a as) mayNotAssume(t testing.TB, role, cause string, changes ...func(*sts.AssumeRoleInput)) {
	t.Helper()
	_, err := a.assume(role, changes...)
	denied(t, err, a.arn(t), "sts:AssumeRole", role, cause)
}

// arn is who the service says this is.
func (a as) arn(t testing.TB) string {
	t.Helper()
	out, err := a.sts().GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	must(t, err)
	return *out.Arn
}

// listUsers is a small call in the caller's account; its resource is usersARN.
func (a as) listUsers() error {
	_, err := a.iam().ListUsers(context.Background(), &iam.ListUsersInput{})
	return err
}

func usersARN(account string) string { return "arn:aws:iam::" + account + ":user/" }

func roleARN(account, role string) string { return "arn:aws:iam::" + account + ":role/" + role }

func userARN(account, user string) string { return "arn:aws:iam::" + account + ":user/" + user }

// sessionARN is a session of a role under the name that assume gives it.
func sessionARN(account, role string) string {
	return "arn:aws:sts::" + account + ":assumed-role/" + role + "/scene"
}

// The causes of refusals, in the words of the IAM user guide, "Troubleshoot access denied
// error messages".
func noAllow(kind, action string) string {
	return " because no " + kind + " allows the " + action + " action"
}

const (
	identityPolicy = "identity-based policy"
	trustPolicy    = "role trust policy"
	controlPolicy  = "service control policy"
	boundaryPolicy = "permissions boundary"
	sessionPolicy  = "session policy"
)

var (
	noTrust      = noAllow(trustPolicy, "sts:AssumeRole")
	noPermission = noAllow(identityPolicy, "sts:AssumeRole")
)

func deniedBy(kind, arn string) string {
	text := " with an explicit deny in a " + kind
	if arn != "" {
		text += ": " + arn
	}
	return text
}

// denied expects a refused call with the exact message. The code is that of the protocol:
// AccessDenied of query services, AccessDeniedException of JSON services.
func denied(t testing.TB, err error, who, action, resource, cause string) {
	t.Helper()
	code := "AccessDenied"
	if strings.HasPrefix(action, "organizations:") || strings.HasPrefix(action, "account:") || strings.HasPrefix(action, "cloudtrail:") {
		code = "AccessDeniedException"
	}
	fails(t, err, code, "User: "+who+" is not authorized to perform: "+action+" on resource: "+resource+cause)
}

// fails expects an error of the API with that code and message; an empty message is any.
func fails(t testing.TB, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	switch {
	case err == nil:
		t.Errorf("succeeded; want %s: %s", code, message)
	case !errors.As(err, &api):
		t.Errorf("%v; want %s: %s", err, code, message)
	case api.ErrorCode() != code || message != "" && api.ErrorMessage() != message:
		t.Errorf("got  %s: %s\nwant %s: %s", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// may expects a call to succeed; unlike must it lets the scene go on.
func may(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// document makes a policy of statements.
func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// allow and deny are policies of one statement.
func allow(action string, resources ...string) string {
	return document(statement("Allow", action, resources...))
}

func deny(action string, resources ...string) string {
	return document(statement("Deny", action, resources...))
}

func statement(effect, action string, resources ...string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":%q,"Resource":%s}`, effect, action, jsonText(resources))
}

// when adds conditions, given as JSON, to a statement.
func when(statement, condition string) string {
	return strings.TrimSuffix(statement, "}") + `,"Condition":` + condition + "}"
}

// trusting is a trust policy that lets the principals assume the role.
func trusting(principals ...string) string { return document(trustStatement(principals...)) }

func trustStatement(principals ...string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":%s},"Action":"sts:AssumeRole"}`, jsonText(principals))
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // lists of strings always encode
	}
	return string(b)
}

// decode reads the JSON that the aws CLI printed.
func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// openAccount opens an account that is in no organization, as the operator, and returns its
// root user.
func (s *server) openAccount(t testing.TB, name string, flags ...string) as {
	t.Helper()
	cmd := exec.Command(binary, append([]string{
		"account", "create", "--endpoint", s.endpoint, "--operator-token", operatorToken,
		"--name", name, "--email", strings.ReplaceAll(strings.ToLower(name), " ", "-") + "@example.org",
	}, flags...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("account create: %v %s", err, out)
	}
	var id, secret string
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		switch key {
		case "aws_access_key_id":
			id = value
		case "aws_secret_access_key":
			secret = value
		}
	}
	return s.with(id, secret, "")
}

// accountID is the id of the caller's account.
func (a as) accountID(t testing.TB) string {
	t.Helper()
	out, err := a.sts().GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	must(t, err)
	return *out.Account
}
