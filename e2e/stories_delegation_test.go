package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const vendorTemplate = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":"arn:aws:iam::@{AccountId}:role/vendor.example/*",
	 "Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::partner:policy/permissions-boundary/vendor.example/Reader_2026_01_15"}}},
	{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"},
	{"@Enabled":"WITH_GROUPS","Effect":"Allow","Action":"iam:ListGroups","Resource":"*"}]}`

const readerBoundary = "arn:aws:iam::partner:policy/permissions-boundary/vendor.example/Reader_2026_01_15"

// operate runs a command of the operator and returns what it prints.
func (s *server) operate(t testing.TB, args ...string) string {
	t.Helper()
	flags := []string{"--endpoint", s.endpoint, "--operator-token", operatorToken}
	out, err := exec.Command(binary, append(args, flags...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// written is a file with a text.
func written(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "document.json")
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// exchangeToken is the latest token that the provider is told of for a request.
func (s *server) exchangeToken(t testing.TB, provider, request string) string {
	t.Helper()
	for line := range strings.Lines(s.operate(t, "partner", "messages", "--account-id", provider)) {
		m := decode[struct{ Type, RequestID, ExchangeToken string }](t, line)
		if m.Type == "ExchangeToken" && m.RequestID == request {
			return m.ExchangeToken
		}
	}
	t.Fatalf("no token for %s", request)
	return ""
}

// A product provider asks for access, a user takes the request on, an administrator approves
// it, the user releases the token: then the provider can do what both the policy of the request
// and the administrator's own policies allow.
func TestTemporaryDelegation(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		w := organize(t, s)
		customer := w.account(t, w.rootID, "Customer", "")
		inside := w.inside(t, customer)
		dora, boss := inside.newUser(t, "dora"), inside.newUser(t, "boss", allow("*", "*"))
		vendorRoot := s.openAccount(t, "Vendor")
		vendorID := vendorRoot.accountID(t)
		vendor := vendorRoot.newUser(t, "app", allow("iam:CreateDelegationRequest", "*"), allow("sts:GetDelegatedAccessToken", "*"))

		ask := &iam.CreateDelegationRequestInput{
			Description: aws.String("Set up monitoring"), OwnerAccountId: &customer, RequestorWorkflowId: aws.String("workflow-1"),
			NotificationChannel: aws.String("arn:aws:sns:us-east-1:" + vendorID + ":delegations"), SessionDuration: aws.Int32(7200), OnlySendByOwner: true,
			Permissions: &iamtypes.DelegationPermission{
				PolicyTemplateArn: aws.String("arn:aws:iam::partner:delegation-template/vendor.example/Setup"),
				Parameters: []iamtypes.PolicyParameter{
					{Name: aws.String("AccountId"), Type: iamtypes.PolicyParameterTypeEnumString, Values: []string{customer}},
					{Name: aws.String("WITH_GROUPS"), Type: iamtypes.PolicyParameterTypeEnumString, Values: []string{"False"}},
				},
			},
		}
		_, err := vendor.iam().CreateDelegationRequest(ctx, ask)
		fails(t, err, "AccessDenied", "The account "+vendorID+" is not registered as a product provider.")
		s.operate(t, "partner", "register", "--account-id", vendorID, "--domain", "vendor.example", "--name", "Vendor")
		s.operate(t, "partner", "boundary", "--domain", "vendor.example", "--name", "Reader_2026_01_15", written(t, allow("iam:List*", "*")))
		if got := s.operate(t, "partner", "template", "--domain", "vendor.example", "--name", "Setup", written(t, vendorTemplate)); got != *ask.Permissions.PolicyTemplateArn {
			t.Fatalf("the template is %s", got)
		}
		made, err := vendor.iam().CreateDelegationRequest(ctx, ask)
		must(t, err)
		id := made.DelegationRequestId
		_, err = vendor.iam().CreateDelegationRequest(ctx, ask)
		fails(t, err, "EntityAlreadyExists", "A delegation request with the requestor workflow id workflow-1 already exists.")

		// It is for the customer's account: others do not see it, who belongs there does.
		_, err = vendorRoot.iam().GetDelegationRequest(ctx, &iam.GetDelegationRequestInput{DelegationRequestId: id})
		fails(t, err, "NoSuchEntity", "The delegation request "+*id+" cannot be found.")
		_, err = dora.iam().AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: id})
		must(t, err)
		seen := delegationOf(t, dora, id, iamtypes.PermissionCheckResultTypeDenied)
		if seen.State != iamtypes.StateTypeAssigned || *seen.OwnerId != userARN(customer, "dora") || *seen.RequestorName != "Vendor" ||
			len(seen.RolePermissionRestrictionArns) != 1 || seen.RolePermissionRestrictionArns[0] != readerBoundary || strings.Contains(*seen.PermissionPolicy, "ListGroups") {
			t.Errorf("the request is %+v", seen)
		}
		summary, err := dora.iam().GetHumanReadableSummary(ctx, &iam.GetHumanReadableSummaryInput{EntityArn: aws.String("arn:aws:iam::" + customer + ":delegation-request/" + *id)})
		must(t, err)
		if summary.SummaryState != iamtypes.SummaryStateTypeAvailable || !strings.Contains(*summary.SummaryContent, "iam:ListRoles") || !strings.Contains(*summary.SummaryContent, "2 hours") {
			t.Errorf("the summary is %s %s", summary.SummaryState, aws.ToString(summary.SummaryContent))
		}
		_, err = dora.iam().AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
		denied(t, err, userARN(customer, "dora"), "iam:AcceptDelegationRequest", "arn:aws:iam::"+customer+":delegation-request/"+*id, noAllow(identityPolicy, "iam:AcceptDelegationRequest"))
		_, err = dora.iam().UpdateDelegationRequest(ctx, &iam.UpdateDelegationRequestInput{DelegationRequestId: id, Notes: aws.String("please")})
		must(t, err)
		if seen := delegationOf(t, boss, id, iamtypes.PermissionCheckResultTypeAllowed); seen.State != iamtypes.StateTypePendingApproval || *seen.Notes != "please" {
			t.Errorf("forwarded: %+v", seen)
		}
		_, err = dora.iam().SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: id})
		fails(t, err, "InvalidInput", "The delegation request "+*id+" is in the state PENDING_APPROVAL.")
		_, err = boss.iam().AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
		must(t, err)
		_, err = boss.iam().SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: id})
		fails(t, err, "AccessDenied", "Only the owner of the delegation request "+*id+" can send its token.")
		_, err = dora.iam().SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: id})
		must(t, err)
		mine, err := dora.iam().ListDelegationRequests(ctx, &iam.ListDelegationRequestsInput{OwnerId: aws.String(userARN(customer, "dora"))})
		must(t, err)
		if len(mine.DelegationRequests) != 1 || mine.DelegationRequests[0].State != iamtypes.StateTypeFinalized {
			t.Errorf("dora's requests are %+v", mine.DelegationRequests)
		}

		token := s.exchangeToken(t, vendorID, *id)
		_, err = boss.sts().GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: &token})
		fails(t, err, "ValidationError", "The trade-in token is not valid.")
		out, err := vendor.sts().GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: &token})
		must(t, err)
		if *out.AssumedPrincipal != userARN(customer, "boss") {
			t.Errorf("the credentials are those of %s", *out.AssumedPrincipal)
		}
		delegated := s.with(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		delegatedScene(t, delegated, w.admin, customer, id)

		// What the approver may not do, the provider may not either.
		inside.putUserPolicy(t, "boss", "no-roles", deny("iam:ListRoles", "*"))
		_, err = delegated.iam().ListRoles(ctx, &iam.ListRolesInput{})
		denied(t, err, userARN(customer, "boss"), "iam:ListRoles", "arn:aws:iam::"+customer+":role/", " with an explicit deny in an identity-based policy")
		invokedByDelegate(t, inside, vendorID)
	})
}

// delegationOf reads a request, with the check of the caller's permissions.
func delegationOf(t testing.TB, a as, id *string, check iamtypes.PermissionCheckResultType) *iamtypes.DelegationRequest {
	t.Helper()
	out, err := a.iam().GetDelegationRequest(context.Background(), &iam.GetDelegationRequestInput{DelegationRequestId: id, DelegationPermissionCheck: true})
	must(t, err)
	if out.PermissionCheckStatus != iamtypes.PermissionCheckStatusTypeComplete || out.PermissionCheckResult != check {
		t.Errorf("the check is %s %s, want %s", out.PermissionCheckStatus, out.PermissionCheckResult, check)
	}
	return out.DelegationRequest
}

// delegatedScene does what delegated access may do and may not.
func delegatedScene(t *testing.T, delegated, admin as, customer string, id *string) {
	ctx := context.Background()
	_, err := delegated.iam().ListRoles(ctx, &iam.ListRolesInput{})
	may(t, "ListRoles", err)
	for name, call := range map[string]func() error{
		"iam:ListUsers": delegated.listUsers,
		"iam:ListGroups": func() error {
			_, err := delegated.iam().ListGroups(ctx, &iam.ListGroupsInput{})
			return err
		},
		// Not even by the rights of an owner, or of the root user whom a trust names.
		"iam:GetDelegationRequest": func() error {
			_, err := delegated.iam().GetDelegationRequest(ctx, &iam.GetDelegationRequestInput{DelegationRequestId: id})
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "because no session policy allows the "+name+" action") {
			t.Errorf("%s: %v", name, err)
		}
	}
	trust := trusting(managementID)
	role := &iam.CreateRoleInput{RoleName: aws.String("Reader"), Path: aws.String("/vendor.example/"), AssumeRolePolicyDocument: &trust}
	if _, err := delegated.iam().CreateRole(ctx, role); err == nil {
		t.Error("a role without a permissions boundary was created")
	}
	role.PermissionsBoundary = aws.String(readerBoundary)
	_, err = delegated.iam().CreateRole(ctx, role)
	must(t, err)
	document := allow("iam:*", "*")
	_, err = delegated.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role.RoleName, PolicyName: aws.String("all"), PolicyDocument: &document})
	must(t, err)
	reader := admin.mustAssume(t, roleARN(customer, "vendor.example/Reader"))
	may(t, "ListUsers in the boundary", reader.listUsers())
	_, err = reader.iam().CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("outside")})
	if err == nil || !strings.Contains(err.Error(), "no permissions boundary allows") {
		t.Errorf("outside of the boundary: %v", err)
	}
}

// invokedByDelegate looks for the provider in the customer's event log.
func invokedByDelegate(t testing.TB, customer as, provider string) {
	t.Helper()
	out, err := customer.cloudtrail().LookupEvents(context.Background(), &cloudtrail.LookupEventsInput{})
	must(t, err)
	for _, e := range out.Events {
		var record struct {
			UserIdentity struct {
				InvokedByDelegate struct{ AccountID string }
			}
		}
		must(t, json.Unmarshal([]byte(*e.CloudTrailEvent), &record))
		if record.UserIdentity.InvokedByDelegate.AccountID == provider && *e.EventName == "CreateRole" {
			return
		}
	}
	t.Error("no event names the provider")
}

// A service's template makes a role, for whoever may make such a role from it.
func TestRoleTemplates(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		const template = "arn:aws:iam::aws:role-template/reports.amazonaws.com/Reader:1"
		got := s.operate(t, "partner", "role-template", written(t, `{"Template":{"ARN":"`+template+`","Enabled":true,"DefaultMinor":0},
			"Version":{"Minor":0,"Enabled":true,"RoleName":"reader-@{team}","TrustPolicy":`+jsonText(trusting(managementID))+`,
			"ManagedARNs":["arn:aws:iam::aws:policy/ReadOnlyAccess"],"Parameters":[{"Name":"team","Type":"String","Required":true}]}}`))
		if got != template {
			t.Fatalf("the template is %s", got)
		}
		condition := `{"ArnEquals":{"iam:RoleTemplateARN":"` + template + `"}}`
		only := document(when(statement("Allow", "iam:*", "*"), condition), statement("Allow", "iam:GetRoleTemplateVersion", "*"))
		maker := s.root().newUser(t, "maker", only)
		version, err := maker.iam().GetRoleTemplateVersion(ctx, &iam.GetRoleTemplateVersionInput{TemplateArn: aws.String(template)})
		must(t, err)
		if v := version.RoleTemplateVersion; *v.RoleNamePattern != "reader-@{team}" || !v.Enabled || *v.ManagedByValue != "reports.amazonaws.com" {
			t.Errorf("the template is %+v", v)
		}
		in := &iam.AcquireRoleInput{TemplateArn: aws.String(template), ReplacementValues: map[string]iamtypes.ReplacementValueEntry{"team": {Values: []string{"blue"}}}}
		out, err := maker.iam().AcquireRole(ctx, in)
		must(t, err)
		if *out.Role.Arn != roleARN(managementID, "reader-blue") || *out.Role.SourceRoleTemplate.TemplateArn != template {
			t.Errorf("the role is %+v", out.Role)
		}
		_, err = maker.iam().AcquireRole(ctx, in)
		fails(t, err, "NameConflict", "The role template makes the name reader-blue, which a role of the account has.")
		// By themselves the same actions are not allowed.
		trust := trusting(managementID)
		_, err = maker.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("own"), AssumeRolePolicyDocument: &trust})
		denied(t, err, userARN(managementID, "maker"), "iam:CreateRole", roleARN(managementID, "own"), noAllow(identityPolicy, "iam:CreateRole"))
		creator := s.root().newUser(t, "creator", allow("iam:CreateRole", "*"))
		in.ReplacementValues["team"] = iamtypes.ReplacementValueEntry{Values: []string{"red"}}
		_, err = creator.iam().AcquireRole(ctx, in)
		denied(t, err, userARN(managementID, "creator"), "iam:AttachRolePolicy", roleARN(managementID, "reader-red"), noAllow(identityPolicy, "iam:AttachRolePolicy"))
	})
}
