package e2e

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// A start-up grows out of one account: the account becomes the management account of an
// organization, by the command line.
func TestOneAccountBecomesAnOrganization(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		root := s.root()
		ctx := context.Background()
		_, err := root.organizations().DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		fails(t, err, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")

		if got := root.ok(t, "organizations", "create-organization", "--query", "Organization.[FeatureSet,MasterAccountId]", "--output", "text"); got != "ALL\t"+managementID+"\n" {
			t.Errorf("created %q", got)
		}
		top := strings.TrimSpace(root.ok(t, "organizations", "list-roots", "--query", "Roots[0].Id", "--output", "text"))
		unit := strings.TrimSpace(root.ok(t, "organizations", "create-organizational-unit", "--parent-id", top, "--name", "Workloads", "--query", "OrganizationalUnit.Id", "--output", "text"))
		request := strings.TrimSpace(root.ok(t, "organizations", "create-account", "--account-name", "Dev Team A", "--email", "a@example.com", "--query", "CreateAccountStatus.Id", "--output", "text"))
		status := decode[struct{ CreateAccountStatus map[string]any }](t,
			root.ok(t, "organizations", "describe-create-account-status", "--create-account-request-id", request)).CreateAccountStatus
		account, _ := status["AccountId"].(string)
		if status["State"] != "SUCCEEDED" || len(account) != 12 {
			t.Fatalf("the account is not made at the first look: %v", status)
		}
		root.ok(t, "organizations", "move-account", "--account-id", account, "--source-parent-id", top, "--destination-parent-id", unit)
		if got := root.ok(t, "organizations", "list-accounts-for-parent", "--parent-id", unit, "--query", "Accounts[].[Name,Status,JoinedMethod]", "--output", "text"); got != "Dev Team A\tACTIVE\tCREATED\n" {
			t.Errorf("in the unit: %q", got)
		}

		// The refused: a second organization, a second move, the root user in a role.
		root.refused(t, "AlreadyInOrganizationException", "organizations", "create-organization")
		root.refused(t, "DuplicateAccountException", "organizations", "move-account", "--account-id", account, "--source-parent-id", top, "--destination-parent-id", unit)
		root.refused(t, "AccessDenied", "sts", "assume-role", "--role-session-name", "scene", "--role-arn", roleARN(account, adminRole))
	})
}

// Users live in the management account; the developer of a team may enter the account of
// that team and no other, and what is taken away is gone with the next request.
func TestTeamEntersItsAccountOnly(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		dev := w.unit(t, w.rootID, "Development")
		teamA := w.account(t, dev, "Dev Team A", "")
		teamB := w.account(t, dev, "Dev Team B", "")
		roleA, roleB := roleARN(teamA, adminRole), roleARN(teamB, adminRole)
		ctx := context.Background()

		for name, document := range map[string]string{"dinesh": allow("sts:*", roleA), "richard": allow("sts:AssumeRole", roleA)} {
			user := w.admin.newUser(t, name, document)
			inA := user.mustAssume(t, roleA)
			if got, want := inA.arn(t), sessionARN(teamA, adminRole); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
			may(t, name+" lists users in his account", inA.listUsers())
			user.mayNotAssume(t, roleB, noPermission)
			user.mayNotAssume(t, roleARN(teamA, "NoSuchRole"), noTrust)
			denied(t, user.listUsers(), userARN(managementID, name), "iam:ListUsers", usersARN(managementID), noAllow(identityPolicy, "iam:ListUsers"))
		}

		// A user who may assume everything is kept out by the trust policy alone.
		outsider := w.inside(t, teamB).newUser(t, "outsider", allow("sts:*", "*"))
		outsider.mayNotAssume(t, roleA, noTrust)
		// The root user may not assume roles at all.
		_, err := w.root.assume(roleA)
		fails(t, err, "AccessDenied", "Roles may not be assumed by root accounts.")

		// By a group; leaving the group ends it.
		jared := w.admin.newUser(t, "jared")
		jared.mayNotAssume(t, roleB, noPermission)
		w.admin.newGroup(t, "TeamB", allow("sts:AssumeRole", roleB), "jared")
		inB := jared.mustAssume(t, roleB)
		jared.mayNotAssume(t, roleA, noPermission)
		group, member := "TeamB", "jared"
		_, err = w.admin.iam().RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: &group, UserName: &member})
		must(t, err)
		jared.mayNotAssume(t, roleB, noPermission)
		may(t, "the session that is already there", inB.listUsers())

		// A restart changes nothing of this, not even for sessions.
		s.restart()
		inB.BaseEndpoint, jared.BaseEndpoint = &s.endpoint, &s.endpoint
		may(t, "the session after a restart", inB.listUsers())
		jared.mayNotAssume(t, roleB, noPermission)

		// What a role loses its sessions lose.
		w.admin.BaseEndpoint = &s.endpoint
		name, policy := adminRole, "arn:aws:iam::aws:policy/AdministratorAccess"
		_, err = w.inside(t, teamB).iam().DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &name, PolicyArn: &policy})
		must(t, err)
		denied(t, inB.listUsers(), sessionARN(teamB, adminRole), "iam:ListUsers", usersARN(teamB), noAllow(identityPolicy, "iam:ListUsers"))
	})
}

// Every created account has the role asked for, with full access, trusting the management
// account.
func TestCreatedAccountsHaveTheirRole(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		for account, role := range map[string]string{
			w.account(t, w.rootID, "Default", ""):           adminRole,
			w.account(t, w.rootID, "Named", "LandingAdmin"): "LandingAdmin",
		} {
			inside := w.admin.mustAssume(t, roleARN(account, role))
			out, err := inside.iam().GetRole(context.Background(), &iam.GetRoleInput{RoleName: &role})
			must(t, err)
			trust, err := url.QueryUnescape(*out.Role.AssumeRolePolicyDocument)
			must(t, err)
			if !strings.Contains(trust, `"arn:aws:iam::`+managementID+`:root"`) {
				t.Errorf("%s trusts %s", role, trust)
			}
			may(t, "full access", inside.listUsers())
			inside.newUser(t, "somebody")
			if role != adminRole {
				w.admin.mayNotAssume(t, roleARN(account, adminRole), noTrust)
			}
			// The account is a member: it cannot act for the organization, even with all rights.
			_, err = inside.organizations().ListAccounts(context.Background(), &organizations.ListAccountsInput{})
			fails(t, err, "AccessDeniedException", "You don't have permissions to access this resource.")
		}
	})
}

// Developers reach QA and QA reaches development, directly between member accounts, when the
// caller's policy and the role's trust both allow it.
func TestSiblingsReachEachOther(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		dev, qa := w.account(t, w.rootID, "Dev", ""), w.account(t, w.rootID, "QA", "")
		inDev, inQA := w.inside(t, dev), w.inside(t, qa)
		devRole := inDev.newRole(t, "FromQA", trusting(qa), allow("iam:ListUsers", "*"))
		qaRole := inQA.newRole(t, "FromDev", trusting(dev), allow("iam:ListUsers", "*"))
		developer := inDev.newUser(t, "developer", allow("sts:AssumeRole", qaRole))
		tester := inQA.newUser(t, "tester", allow("sts:AssumeRole", devRole))

		may(t, "developer in QA", developer.mustAssume(t, qaRole).listUsers())
		may(t, "tester in Dev", tester.mustAssume(t, devRole).listUsers())

		t.Run("no permission", func(t *testing.T) {
			intern := inDev.newUser(t, "intern")
			intern.mayNotAssume(t, qaRole, noPermission)
		})
		t.Run("no trust", func(t *testing.T) {
			inQA.trust(t, "FromDev", trusting(userARN(dev, "intern")))
			developer.mayNotAssume(t, qaRole, noTrust)
			inQA.trust(t, "FromDev", trusting(userARN(dev, "developer")))
			developer.mustAssume(t, qaRole)
		})
		t.Run("wrong account", func(t *testing.T) {
			third := w.account(t, w.rootID, "Third", "")
			stranger := w.inside(t, third).newUser(t, "stranger", allow("sts:AssumeRole", "*"))
			stranger.mayNotAssume(t, qaRole, noTrust)
		})
		t.Run("a deny wins", func(t *testing.T) {
			inDev.putUserPolicy(t, "developer", "stop", deny("sts:AssumeRole", qaRole))
			developer.mayNotAssume(t, qaRole, " with an explicit deny in an identity-based policy")
		})
		t.Run("no more than the role may", func(t *testing.T) {
			inside := tester.mustAssume(t, devRole)
			name := "x"
			_, err := inside.iam().CreateUser(context.Background(), &iam.CreateUserInput{UserName: &name})
			denied(t, err, sessionARN(dev, "FromQA"), "iam:CreateUser", userARN(dev, "x"), noAllow(identityPolicy, "iam:CreateUser"))
		})
	})
}
