package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// failsFor expects an error of Organizations with a reason.
func failsFor(t testing.TB, err error, reason, message string) {
	t.Helper()
	var constraint *orgtypes.ConstraintViolationException
	var input *orgtypes.InvalidInputException
	got, text := "", ""
	switch {
	case errors.As(err, &constraint):
		got, text = string(constraint.Reason), constraint.ErrorMessage()
	case errors.As(err, &input):
		got, text = string(input.Reason), input.ErrorMessage()
	default:
		t.Errorf("%v; want an error for the reason %s", err, reason)
		return
	}
	if got != reason || message != "" && text != message {
		t.Errorf("got  %s: %s\nwant %s: %s", got, text, reason, message)
	}
}

// in is the same identity in another region.
func (a as) in(region string) as {
	a.Region = region
	return a
}

// trail is the newest event of that name in the caller's own account. Refusals reach the log
// within a second; the service's look-up waits for what is under way.
func (a as) trail(t testing.TB, event string) (cloudtrailtypes.Event, map[string]any) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		out, err := a.cloudtrail().LookupEvents(context.Background(), &cloudtrail.LookupEventsInput{
			LookupAttributes: []cloudtrailtypes.LookupAttribute{{AttributeKey: cloudtrailtypes.LookupAttributeKeyEventName, AttributeValue: &event}},
		})
		must(t, err)
		if len(out.Events) > 0 {
			record := map[string]any{}
			must(t, json.Unmarshal([]byte(*out.Events[0].CloudTrailEvent), &record))
			return out.Events[0], record
		}
		if time.Now().After(end) {
			t.Fatalf("no event %s", event)
		}
	}
}

// Guardrails that organizations put on everything below them, each with what it stops and
// what it lets through.
func TestGuardrails(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		account := w.account(t, w.rootID, "Member", "")
		g := &guarded{w, account, w.inside(t, account), sessionARN(account, adminRole)}
		t.Run("nobody leaves", g.nobodyLeaves)
		t.Run("regions", g.regions)
		t.Run("quarantine", g.quarantine)
		t.Run("one role makes users", g.oneRoleMakesUsers)
		t.Run("no root user", g.noRootUser)
	})
}

// guarded is a member account with its administrator.
type guarded struct {
	*world
	account string
	inside  as
	who     string
}

// with runs a scene while a service control policy is attached to the root.
func (g *guarded) with(t *testing.T, name, document string, scene func(policyARN string)) {
	t.Helper()
	id := g.scp(t, name, document, g.rootID)
	scene(g.scpARN(id))
	g.detach(t, id, g.rootID)
}

func (g *guarded) nobodyLeaves(t *testing.T) {
	leave := func() error {
		_, err := g.inside.organizations().LeaveOrganization(context.Background(), &organizations.LeaveOrganizationInput{})
		return err
	}
	g.with(t, "Stay", deny("organizations:LeaveOrganization", "*"), func(policyARN string) {
		denied(t, leave(), g.who, "organizations:LeaveOrganization", "*", deniedBy(controlPolicy, policyARN))
		may(t, "another call", g.inside.listUsers())

		event, record := g.inside.trail(t, "LeaveOrganization")
		if record["errorCode"] != "AccessDenied" && record["errorCode"] != "AccessDeniedException" {
			t.Errorf("errorCode %v", record["errorCode"])
		}
		want := "User: " + g.who + " is not authorized to perform: organizations:LeaveOrganization on resource: *" + deniedBy(controlPolicy, policyARN)
		if record["errorMessage"] != want {
			t.Errorf("errorMessage %v, want %s", record["errorMessage"], want)
		}
		if record["recipientAccountId"] != g.account || *event.Username != "scene" {
			t.Errorf("event of account %v, user %s", record["recipientAccountId"], *event.Username)
		}
		// The event says which statement of which policy decided.
		explanation, err := json.Marshal(record["additionalEventData"])
		must(t, err)
		for _, part := range []string{policyARN, "explicitDeny", "service control policy"} {
			if !strings.Contains(string(explanation), part) {
				t.Errorf("the explanation lacks %q: %s", part, explanation)
			}
		}
	})
	// Without the guardrail the service's own rule speaks: the account is too young.
	failsFor(t, leave(), string(orgtypes.ConstraintViolationExceptionReasonWaitPeriodActive), "")
}

// regions denies everything but the global services outside of two regions.
func (g *guarded) regions(t *testing.T) {
	text := document(`{"Sid":"Regions","Effect":"Deny","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*",` +
		`"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}}`)
	g.with(t, "Regions", text, func(policyARN string) {
		role := g.inside.newRole(t, "Regional", trusting(g.account), allow("sts:GetCallerIdentity", "*"))
		for region, allowed := range map[string]bool{"eu-central-1": true, "eu-west-1": true, "us-east-1": false, "ap-south-1": false} {
			_, err := g.inside.in(region).assume(role)
			switch {
			case allowed:
				may(t, "in "+region, err)
			default:
				denied(t, err, g.who, "sts:AssumeRole", role, deniedBy(controlPolicy, policyARN))
			}
			// IAM has no regions, whatever region the client has.
			may(t, "IAM in "+region, g.inside.in(region).listUsers())
		}
	})
}

func (g *guarded) quarantine(t *testing.T) {
	unit := g.unit(t, g.rootID, "Quarantine")
	id := g.scp(t, "Quarantine", deny("*", "*"), unit)
	user := g.inside.newUser(t, "intruder", allow("*", "*"))
	role := g.inside.newRole(t, "BackDoor", trusting(g.account), allow("*", "*"))
	session := user.mustAssume(t, role)
	g.move(t, g.account, g.rootID, unit)
	cause := deniedBy(controlPolicy, g.scpARN(id))
	denied(t, g.inside.listUsers(), g.who, "iam:ListUsers", usersARN(g.account), cause)
	denied(t, user.listUsers(), userARN(g.account, "intruder"), "iam:ListUsers", usersARN(g.account), cause)
	denied(t, session.listUsers(), sessionARN(g.account, "BackDoor"), "iam:ListUsers", usersARN(g.account), cause)
	user.mayNotAssume(t, role, cause)
	_, err := user.iam().CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{})
	denied(t, err, userARN(g.account, "intruder"), "iam:CreateAccessKey", userARN(g.account, "intruder"), cause)
	// Who one is can always be asked.
	if got := user.arn(t); got != userARN(g.account, "intruder") {
		t.Errorf("caller %s", got)
	}
	// Nothing is lost meanwhile.
	g.move(t, g.account, unit, g.rootID)
	may(t, "the session after quarantine", session.listUsers())
	_, err = g.inside.iam().GetRole(context.Background(), &iam.GetRoleInput{RoleName: aws.String("BackDoor")})
	may(t, "the role after quarantine", err)
}

func (g *guarded) oneRoleMakesUsers(t *testing.T) {
	text := document(`{"Effect":"Deny","Action":["iam:CreateUser","iam:CreateAccessKey"],"Resource":"*",` +
		`"Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/identity/UserMaker"}}}`)
	ctx, path, name := context.Background(), "/identity/", "UserMaker"
	_, err := g.inside.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, Path: &path, AssumeRolePolicyDocument: aws.String(trusting(g.account))})
	must(t, err)
	_, err = g.inside.iam().PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: &name, PolicyDocument: aws.String(allow("iam:*", "*"))})
	must(t, err)
	maker := g.inside.mustAssume(t, "arn:aws:iam::"+g.account+":role/identity/UserMaker")
	// The same name without the path is another role.
	impostor := g.inside.mustAssume(t, g.inside.newRole(t, "UserMaker2", trusting(g.account), allow("iam:*", "*")))
	create := func(who as, name string) error {
		_, err := who.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
		return err
	}
	g.with(t, "OneRole", text, func(policyARN string) {
		cause := deniedBy(controlPolicy, policyARN)
		denied(t, create(g.inside, "mallory"), g.who, "iam:CreateUser", userARN(g.account, "mallory"), cause)
		denied(t, create(impostor, "mallory"), sessionARN(g.account, "UserMaker2"), "iam:CreateUser", userARN(g.account, "mallory"), cause)
		may(t, "the role itself", create(maker, "trent"))
		may(t, "reading", g.inside.listUsers())
		may(t, "the management account", create(g.admin, "trent"))
	})
	may(t, "without the policy", create(g.inside, "mallory"))
}

// noRootUser takes the root user of a member its powers; an account that was opened by
// itself and joined has one, those that the organization makes have none.
func (g *guarded) noRootUser(t *testing.T) {
	joined := g.s.openAccount(t, "Joined")
	id := joined.accountID(t)
	must(t, joined.accept(g.mustInvite(t, id)))
	may(t, "the root user of a member", joined.listUsers())
	user := joined.newUser(t, "user", allow("*", "*"))
	text := document(`{"Sid":"NoRoot","Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}`)
	g.with(t, "NoRoot", text, func(policyARN string) {
		cause := deniedBy(controlPolicy, policyARN)
		denied(t, joined.listUsers(), "arn:aws:iam::"+id+":root", "iam:ListUsers", usersARN(id), cause)
		_, err := joined.iam().CreateAccessKey(context.Background(), &iam.CreateAccessKeyInput{UserName: aws.String("user")})
		denied(t, err, "arn:aws:iam::"+id+":root", "iam:CreateAccessKey", userARN(id, "user"), cause)
		may(t, "a user of the member", user.listUsers())
		may(t, "the role of a member", g.inside.listUsers())
		may(t, "the root user of the management account", g.root.listUsers())
	})
	may(t, "the root user without the policy", joined.listUsers())
}

// Disabling the type lifts all of its policies; enabling it again starts with FullAWSAccess
// everywhere and nothing else.
func TestPolicyTypeComesAndGoes(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx, client := context.Background(), w.admin.organizations()
		unit := w.unit(t, w.rootID, "Unit")
		account := w.account(t, unit, "Member", "")
		inside := w.inside(t, account)
		id := w.scp(t, "NoListing", deny("iam:ListUsers", "*"), w.rootID, unit, account)
		who := sessionARN(account, adminRole)
		denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(id)))

		kind := orgtypes.PolicyTypeServiceControlPolicy
		_, err := client.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.rootID, PolicyType: kind})
		must(t, err)
		may(t, "disabled", inside.listUsers())
		_, err = client.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &id, TargetId: &unit})
		fails(t, err, "PolicyTypeNotEnabledException", "")
		_, err = client.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.rootID, PolicyType: kind})
		fails(t, err, "PolicyTypeNotEnabledException", "")

		_, err = client.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: kind})
		must(t, err)
		_, err = client.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: kind})
		fails(t, err, "PolicyTypeAlreadyEnabledException", "")
		may(t, "enabled again", inside.listUsers())
		for _, target := range []string{w.rootID, unit, account, managementID} {
			out, err := client.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind})
			must(t, err)
			if len(out.Policies) != 1 || *out.Policies[0].Id != fullAWSAccess {
				t.Errorf("%s carries %d policies; want FullAWSAccess alone", target, len(out.Policies))
			}
		}
		_, err = client.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: aws.String(fullAWSAccess), TargetId: &unit})
		failsFor(t, err, string(orgtypes.ConstraintViolationExceptionReasonMinPolicyTypeAttachmentLimitExceeded), "")
		_, err = client.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: aws.String(fullAWSAccess), TargetId: &unit})
		fails(t, err, "DuplicatePolicyAttachmentException", "")
	})
}

// Resource control policies at every level keep strangers from the roles of members, not
// from those of the management account.
func TestResourceControlPoliciesAtEveryLevel(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx, client := context.Background(), w.admin.organizations()
		kind := orgtypes.PolicyTypeResourceControlPolicy
		_, err := client.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: kind})
		must(t, err)
		unit := w.unit(t, w.rootID, "Unit")
		account := w.account(t, unit, "Member", "")
		sibling := w.account(t, w.rootID, "Sibling", "")
		outside := s.openAccount(t, "Outside")
		outsideID := outside.accountID(t)
		stranger := outside.newUser(t, "stranger", allow("sts:AssumeRole", "*"))
		friend := w.inside(t, sibling).newUser(t, "friend", allow("sts:AssumeRole", "*"))
		shared := w.inside(t, account).newRole(t, "Shared", trusting(outsideID, sibling), allow("iam:ListUsers", "*"))
		ours := w.admin.newRole(t, "Ours", trusting(outsideID), "")

		text := document(`{"Sid":"OnlyUs","Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*",` +
			`"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"` + w.orgID + `"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`)
		made, err := client.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: aws.String("OnlyUs"), Description: aws.String(""), Type: kind, Content: &text})
		must(t, err)
		id := *made.Policy.PolicySummary.Id
		for _, node := range []struct{ name, id string }{{"root", w.rootID}, {"unit", unit}, {"account", account}} {
			stranger.mustAssume(t, shared)
			w.attach(t, id, node.id)
			stranger.mayNotAssume(t, shared, deniedBy("resource control policy", ""))
			friend.mustAssume(t, shared)
			// Resources of the management account are exempt.
			stranger.mustAssume(t, ours)
			w.detach(t, id, node.id)
		}

		// A deny for callers of the organization names the policy to them.
		text = document(`{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"` + sibling + `"}}}`)
		made, err = client.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: aws.String("NotSibling"), Description: aws.String(""), Type: kind, Content: &text})
		must(t, err)
		w.attach(t, *made.Policy.PolicySummary.Id, account)
		friend.mayNotAssume(t, shared, deniedBy("resource control policy",
			"arn:aws:organizations::"+managementID+":policy/"+w.orgID+"/resource_control_policy/"+*made.Policy.PolicySummary.Id))
		stranger.mustAssume(t, shared)

		_, err = client.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: aws.String("p-RCPFullAWSAccess"), TargetId: &account})
		failsFor(t, err, "NON_DETACHABLE_POLICY", "")
		_, err = client.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.rootID, PolicyType: kind})
		must(t, err)
		friend.mustAssume(t, shared)
	})
}

// An allow list must name an action at every level between root and account.
func TestAllowListsIntersect(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		outer := w.unit(t, w.rootID, "Outer")
		inner := w.unit(t, outer, "Inner")
		account := w.account(t, inner, "Member", "")
		inside, who := w.inside(t, account), sessionARN(account, adminRole)
		nodes := []string{w.rootID, outer, inner, account}
		actions := []string{"iam:ListUsers", "iam:ListRoles", "iam:ListGroups", "iam:ListPolicies"}
		for i, node := range nodes {
			// Each level leaves out one action that all others allow.
			var listed []string
			for j, action := range actions {
				if j != i {
					listed = append(listed, action)
				}
			}
			text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":%s,"Resource":"*"}}`, jsonText(append(listed, "sts:*", "iam:GetUser")))
			w.scp(t, fmt.Sprintf("List %d", i), text, node)
			w.detach(t, fullAWSAccess, node)
		}
		ctx := context.Background()
		_, err := inside.iam().ListRoles(ctx, &iam.ListRolesInput{})
		denied(t, err, who, "iam:ListRoles", "arn:aws:iam::"+account+":role/", noAllow(controlPolicy, "iam:ListRoles"))
		_, err = inside.iam().ListGroups(ctx, &iam.ListGroupsInput{})
		denied(t, err, who, "iam:ListGroups", "arn:aws:iam::"+account+":group/", noAllow(controlPolicy, "iam:ListGroups"))
		denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), noAllow(controlPolicy, "iam:ListUsers"))
		_, err = inside.iam().ListPolicies(ctx, &iam.ListPoliciesInput{})
		denied(t, err, who, "iam:ListPolicies", "*", noAllow(controlPolicy, "iam:ListPolicies"))
		_, err = inside.iam().GetUser(ctx, &iam.GetUserInput{UserName: aws.String("nobody")})
		fails(t, err, "NoSuchEntity", "The user with name nobody cannot be found.")
		// The level that lacks it is the one to mend.
		w.attach(t, fullAWSAccess, nodes[0])
		may(t, "with the root mended", inside.listUsers())
		_, err = inside.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		may(t, "who am I", err)
	})
}
