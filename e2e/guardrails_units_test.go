package e2e

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// maxDepth is how deep organizational units nest; Organizations user guide, "Quotas and
// service limits for AWS Organizations".
const maxDepth = 5

// The units that the white paper "Organizing Your AWS Environment Using Multiple Accounts"
// recommends, nested as deep as units can be; an account feels a move with its next call.
func TestUnitsOfAnEnterprise(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		unit := map[string]string{}
		for _, name := range []string{"Security", "Infrastructure", "Workloads", "Sandbox", "Policy Staging", "Suspended"} {
			unit[name] = w.unit(t, w.rootID, name)
		}
		for _, name := range []string{"Production", "NonProduction"} {
			unit[name] = w.unit(t, unit["Workloads"], name)
		}
		t.Run("depth", func(t *testing.T) { unitsNest(t, w, unit["Production"]) })
		t.Run("names", func(t *testing.T) { unitNames(t, w, unit) })
		t.Run("moves", func(t *testing.T) { movesCountAtOnce(t, w, unit) })
		t.Run("deletion", func(t *testing.T) { unitsEmptyBeforeDeletion(t, w) })
	})
}

// unitsNest goes down from a unit of the second level to the fifth and no further.
func unitsNest(t *testing.T, w *world, second string) {
	ctx, client := context.Background(), w.admin.organizations()
	deepest := second
	for level := 3; level <= maxDepth; level++ {
		deepest = w.unit(t, deepest, "Level")
	}
	_, err := client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &deepest, Name: aws.String("Too deep")})
	failsFor(t, err, string(orgtypes.ConstraintViolationExceptionReasonOuDepthLimitExceeded),
		"You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.")

	account := w.account(t, deepest, "Deepest", "")
	for child, levels := account, 0; child != w.rootID; levels++ {
		if levels > maxDepth {
			t.Fatalf("%s is more than %d levels deep", account, maxDepth)
		}
		out, err := client.ListParents(ctx, &organizations.ListParentsInput{ChildId: &child})
		must(t, err)
		child = *out.Parents[0].Id
	}

	// What is attached to the top of the chain reaches the bottom of it.
	inside := w.inside(t, account)
	id := w.scp(t, "Everything below", deny("iam:ListUsers", "*"), second)
	denied(t, inside.listUsers(), sessionARN(account, adminRole), "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(id)))
	w.detach(t, id, second)
	may(t, "without the policy", inside.listUsers())
}

func unitNames(t *testing.T, w *world, unit map[string]string) {
	ctx, client := context.Background(), w.admin.organizations()
	_, err := client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &w.rootID, Name: aws.String("Security")})
	fails(t, err, "DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
	_, err = client.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: aws.String(unit["Sandbox"]), Name: aws.String("Security")})
	fails(t, err, "DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
	// The same name below another parent is another unit.
	w.unit(t, unit["Sandbox"], "Security")
	nowhere := "ou-" + w.rootID[len("r-"):] + "-00000000"
	_, err = client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &nowhere, Name: aws.String("X")})
	fails(t, err, "ParentNotFoundException", "You specified a parent that doesn't exist.")
	_, err = client.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: &nowhere})
	fails(t, err, "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
}

func movesCountAtOnce(t *testing.T, w *world, unit map[string]string) {
	account := w.account(t, unit["Sandbox"], "Mover", "")
	inside, who := w.inside(t, account), sessionARN(account, adminRole)
	frozen := w.scp(t, "Suspended", deny("*", "*"), unit["Suspended"])
	production := w.scp(t, "Production", deny("iam:ListUsers", "*"), unit["Production"])
	at := unit["Sandbox"]
	for _, step := range []struct {
		to, policy string
	}{
		{"Production", production}, {"NonProduction", ""}, {"Suspended", frozen}, {"Policy Staging", ""}, {"Production", production}, {"Sandbox", ""},
	} {
		w.move(t, account, at, unit[step.to])
		at = unit[step.to]
		if step.policy == "" {
			may(t, "in "+step.to, inside.listUsers())
			continue
		}
		denied(t, inside.listUsers(), who, "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(step.policy)))
	}

	ctx, client := context.Background(), w.admin.organizations()
	move := func(account, from, to string) error {
		_, err := client.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &from, DestinationParentId: &to})
		return err
	}
	nowhere := "ou-" + w.rootID[len("r-"):] + "-00000000"
	// The source is there, but the account is not in it.
	fails(t, move(account, unit["Production"], unit["Security"]), "AccountNotFoundException", "You specified an account that doesn't exist.")
	fails(t, move(account, nowhere, unit["Security"]), "SourceParentNotFoundException", "You specified a source parent that doesn't exist.")
	fails(t, move(account, at, nowhere), "DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.")
	fails(t, move(account, at, at), "DuplicateAccountException", "The account is already present in the specified destination.")
	fails(t, move("999999999999", at, unit["Security"]), "AccountNotFoundException", "You specified an account that doesn't exist.")
	// A member may not move itself out of a limit.
	_, err := inside.organizations().MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &account, SourceParentId: &at, DestinationParentId: &w.rootID})
	fails(t, err, "AccessDeniedException", "You don't have permissions to access this resource.")
}

func unitsEmptyBeforeDeletion(t *testing.T, w *world) {
	ctx, client := context.Background(), w.admin.organizations()
	outer := w.unit(t, w.rootID, "Outer")
	inner := w.unit(t, outer, "Inner")
	account := w.account(t, inner, "Guest", "")
	remove := func(id string) error {
		_, err := client.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
		return err
	}
	const notEmpty = "You specified an organizational unit that is not empty."
	fails(t, remove(outer), "OrganizationalUnitNotEmptyException", notEmpty)
	fails(t, remove(inner), "OrganizationalUnitNotEmptyException", notEmpty)
	w.move(t, account, inner, w.rootID)
	fails(t, remove(outer), "OrganizationalUnitNotEmptyException", notEmpty)
	// An attached policy does not keep a unit; the policy itself stays.
	id := w.scp(t, "Orphan", deny("iam:ListUsers", "*"), inner)
	may(t, "the inner unit", remove(inner))
	targets, err := client.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: &id})
	must(t, err)
	if len(targets.Targets) != 0 {
		t.Errorf("the policy is still attached to %v", targets.Targets)
	}
	may(t, "the outer unit", remove(outer))
	fails(t, remove(outer), "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
	_, err = client.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
	may(t, "the policy", err)
}
