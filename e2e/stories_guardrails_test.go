package e2e

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// fullAWSAccess is the service control policy that is attached everywhere at first.
const fullAWSAccess = "p-FullAWSAccess"

// A service control policy holds from the next request on, wherever above the account it is
// attached; where nothing allows, nothing is allowed; and the management account is exempt.
func TestServiceControlPoliciesAtEveryLevel(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		outer := w.unit(t, w.rootID, "Outer")
		inner := w.unit(t, outer, "Inner")
		account := w.account(t, inner, "Member", "")
		other := w.account(t, w.rootID, "Other", "")
		inside, elsewhere := w.inside(t, account), w.inside(t, other)
		who := sessionARN(account, adminRole)
		may(t, "before any policy", inside.listUsers())

		denial := w.scp(t, "NoListing", deny("iam:ListUsers", "*"))
		listing := w.scp(t, "Listing", allow("iam:ListUsers", "*"))
		nodes := []struct{ name, id string }{{"root", w.rootID}, {"outer unit", outer}, {"inner unit", inner}, {"account", account}}
		for _, node := range nodes {
			t.Run("deny at the "+node.name, func(t *testing.T) {
				w.attach(t, denial, node.id)
				denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(denial)))
				may(t, "the management account", w.admin.listUsers())
				if node.id != w.rootID {
					may(t, "an account elsewhere", elsewhere.listUsers())
				}
				w.detach(t, denial, node.id)
				may(t, "after it is gone", inside.listUsers())
			})
			t.Run("no allow at the "+node.name, func(t *testing.T) {
				// An allow list takes the place of FullAWSAccess: only what it names is left.
				w.attach(t, listing, node.id)
				w.detach(t, fullAWSAccess, node.id)
				may(t, "what the list names", inside.listUsers())
				_, err := inside.iam().ListRoles(context.Background(), &iam.ListRolesInput{})
				denied(t, err, who, "iam:ListRoles", "arn:aws:iam::"+account+":role/", noAllow(controlPolicy, "iam:ListRoles"))
				w.attach(t, fullAWSAccess, node.id)
				w.detach(t, listing, node.id)
				_, err = inside.iam().ListRoles(context.Background(), &iam.ListRolesInput{})
				may(t, "after FullAWSAccess is back", err)
			})
		}

		t.Run("moving changes what holds", func(t *testing.T) {
			quarantine := w.unit(t, w.rootID, "Quarantine")
			denyAll := w.scp(t, "DenyAll", deny("*", "*"), quarantine)
			w.move(t, account, inner, quarantine)
			denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(denyAll)))
			// The policies of the caller's account count, not those of the role's.
			w.admin.mustAssume(t, roleARN(account, adminRole))
			w.move(t, account, quarantine, inner)
			may(t, "out of quarantine", inside.listUsers())
		})
		t.Run("the last policy stays", func(t *testing.T) {
			_, err := w.admin.organizations().DetachPolicy(context.Background(), &organizations.DetachPolicyInput{PolicyId: aws.String(fullAWSAccess), TargetId: &account})
			var violation *orgtypes.ConstraintViolationException
			if !errors.As(err, &violation) || violation.Reason != orgtypes.ConstraintViolationExceptionReasonMinPolicyTypeAttachmentLimitExceeded {
				t.Errorf("detaching the last policy: %v", err)
			}
		})
		t.Run("a change of the text", func(t *testing.T) {
			id := w.scp(t, "Changing", deny("iam:ListRoles", "*"), account)
			may(t, "before", inside.listUsers())
			_, err := w.admin.organizations().UpdatePolicy(context.Background(), &organizations.UpdatePolicyInput{PolicyId: &id, Content: aws.String(deny("iam:List*", "*"))})
			must(t, err)
			denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(id)))
			w.detach(t, id, account)
		})
		t.Run("the type is disabled", func(t *testing.T) {
			w.attach(t, denial, account)
			_, err := w.admin.organizations().DisablePolicyType(context.Background(), &organizations.DisablePolicyTypeInput{RootId: &w.rootID, PolicyType: orgtypes.PolicyTypeServiceControlPolicy})
			must(t, err)
			may(t, "without service control policies", inside.listUsers())
		})
	})
}

// A service control policy limits the caller of sts:AssumeRole, also on the way out of its
// account; what the target account's policies say about it does not matter.
func TestServiceControlPolicyStopsTheSwitch(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		from, to := w.account(t, w.rootID, "From", ""), w.account(t, w.rootID, "To", "")
		role := w.inside(t, to).newRole(t, "Reader", trusting(from), allow("iam:List*", "*"))
		user := w.inside(t, from).newUser(t, "user", allow("sts:AssumeRole", role))
		user.mustAssume(t, role)
		id := w.scp(t, "NoSwitch", deny("sts:AssumeRole", "*"), to)
		user.mustAssume(t, role)
		w.attach(t, id, from)
		user.mayNotAssume(t, role, deniedBy(controlPolicy, w.scpARN(id)))
	})
}

// A resource control policy limits who may use an account's roles, whatever account they
// come from.
func TestResourceControlPolicyKeepsStrangersOut(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		_, err := w.admin.organizations().EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: orgtypes.PolicyTypeResourceControlPolicy})
		must(t, err)
		target := w.account(t, w.rootID, "Target", "")
		outside := s.openAccount(t, "Outside")
		stranger := outside.newUser(t, "stranger", allow("sts:AssumeRole", "*"))
		role := w.inside(t, target).newRole(t, "Shared", trusting(outside.accountID(t), managementID), allow("iam:ListUsers", "*"))
		stranger.mustAssume(t, role)

		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*",` +
			`"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"` + w.orgID + `"}}}]}`
		made, err := w.admin.organizations().CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Name: aws.String("OnlyUs"), Description: aws.String(""), Type: orgtypes.PolicyTypeResourceControlPolicy, Content: &text,
		})
		must(t, err)
		w.attach(t, *made.Policy.PolicySummary.Id, target)
		// The stranger is of another organization: he does not learn which policy it is.
		stranger.mayNotAssume(t, role, deniedBy("resource control policy", ""))
		w.admin.mustAssume(t, role)
		w.detach(t, *made.Policy.PolicySummary.Id, target)
		stranger.mustAssume(t, role)
	})
}

// A permissions boundary and a session policy take away and never give.
func TestBoundaryAndSessionPolicyLimit(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		admin := s.root().newUser(t, "admin", allow("*", "*"))
		ctx := context.Background()
		name, text := "Limit", allow("iam:ListUsers", "*")
		policy, err := admin.iam().CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &text})
		must(t, err)
		listRoles := func(a as) error {
			_, err := a.iam().ListRoles(ctx, &iam.ListRolesInput{})
			return err
		}
		roles := "arn:aws:iam::" + managementID + ":role/"

		t.Run("boundary of a user", func(t *testing.T) {
			user := admin.newUser(t, "bounded", allow("iam:*", "*"))
			may(t, "without a boundary", listRoles(user))
			bounded := "bounded"
			_, err := admin.iam().PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: &bounded, PermissionsBoundary: policy.Policy.Arn})
			must(t, err)
			may(t, "within the boundary", user.listUsers())
			denied(t, listRoles(user), userARN(managementID, bounded), "iam:ListRoles", roles, noAllow(boundaryPolicy, "iam:ListRoles"))

			// The text of the boundary changes under the user.
			wider := document(statement("Allow", "iam:List*", "*"), statement("Deny", "iam:ListUsers", "*"))
			_, err = admin.iam().CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: policy.Policy.Arn, PolicyDocument: &wider, SetAsDefault: true})
			must(t, err)
			may(t, "within the wider boundary", listRoles(user))
			denied(t, user.listUsers(), userARN(managementID, bounded), "iam:ListUsers", usersARN(managementID), deniedBy(boundaryPolicy, *policy.Policy.Arn))
			_, err = admin.iam().SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: policy.Policy.Arn, VersionId: aws.String("v1")})
			must(t, err)
			may(t, "with the first version again", user.listUsers())
			_, err = admin.iam().DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &bounded})
			must(t, err)
			may(t, "without the boundary", listRoles(user))
		})

		role := admin.newRole(t, "Wide", trusting(managementID), allow("iam:*", "*"))
		who := sessionARN(managementID, "Wide")
		t.Run("boundary of a role", func(t *testing.T) {
			session, wide := admin.mustAssume(t, role), "Wide"
			_, err := admin.iam().PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &wide, PermissionsBoundary: policy.Policy.Arn})
			must(t, err)
			may(t, "within the boundary", session.listUsers())
			denied(t, listRoles(session), who, "iam:ListRoles", roles, noAllow(boundaryPolicy, "iam:ListRoles"))
			_, err = admin.iam().DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &wide})
			must(t, err)
			may(t, "without the boundary", listRoles(session))
		})
		t.Run("session policy", func(t *testing.T) {
			inline := admin.mustAssume(t, role, func(in *sts.AssumeRoleInput) { in.Policy = &text })
			managed := admin.mustAssume(t, role, func(in *sts.AssumeRoleInput) {
				in.PolicyArns = []ststypes.PolicyDescriptorType{{Arn: policy.Policy.Arn}}
			})
			for _, session := range []as{inline, managed} {
				may(t, "within the session policy", session.listUsers())
				denied(t, listRoles(session), who, "iam:ListRoles", roles, noAllow(sessionPolicy, "iam:ListRoles"))
			}
			// It gives nothing that the role does not have.
			wide := admin.mustAssume(t, role, func(in *sts.AssumeRoleInput) { in.Policy = aws.String(allow("*", "*")) })
			_, err := wide.account().GetContactInformation(ctx, &account.GetContactInformationInput{})
			denied(t, err, who, "account:GetContactInformation", "arn:aws:account::"+managementID+":account", noAllow(identityPolicy, "account:GetContactInformation"))
			denying := admin.mustAssume(t, role, func(in *sts.AssumeRoleInput) {
				in.Policy = aws.String(document(statement("Allow", "*", "*"), statement("Deny", "iam:ListUsers", "*")))
			})
			denied(t, denying.listUsers(), who, "iam:ListUsers", usersARN(managementID), deniedBy(sessionPolicy, ""))
		})
	})
}
