package e2e

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// An organization as code: what was put in is read back, twice the same and in one order,
// and it comes down in the order in which it went up, not before.
func TestOrganizationUpAndDown(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx, client := context.Background(), w.root.organizations()
		top := w.unit(t, w.rootID, "Top")
		for _, name := range []string{"zeta", "Alpha", "beta", "Ädil"} {
			w.unit(t, top, name)
		}
		tagged, err := client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{
			ParentId: &top, Name: aws.String("Tagged"), Tags: []orgtypes.Tag{{Key: aws.String("b"), Value: aws.String("2")}, {Key: aws.String("a"), Value: aws.String("")}},
		})
		must(t, err)
		unit := *tagged.OrganizationalUnit.Id
		text := "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\"}\n}"
		id := w.scp(t, "AsWritten", text, unit)
		joined := s.openAccount(t, "Joined")
		account := joined.accountID(t)
		must(t, joined.accept(w.mustInvite(t, account)))
		w.move(t, account, w.rootID, unit)

		read := func() []any {
			t.Helper()
			o, err1 := client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
			units, err2 := client.ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &top})
			p, err3 := client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
			targets, err4 := client.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: &id})
			tags, err5 := client.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: &unit})
			a, err6 := client.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &account})
			parents, err7 := client.ListParents(ctx, &organizations.ListParentsInput{ChildId: &account})
			must(t, errors.Join(err1, err2, err3, err4, err5, err6, err7))
			return []any{o.Organization, units.OrganizationalUnits, p.Policy, targets.Targets, tags.Tags, a.Account, parents.Parents}
		}
		before := read()
		if again := read(); !reflect.DeepEqual(before, again) {
			t.Errorf("read once:  %s\nread twice: %s", jsonText(before), jsonText(again))
		}
		if got := *before[2].(*orgtypes.Policy).Content; got != text {
			t.Errorf("the policy came back as %q", got)
		}
		var keys []string
		for _, tag := range before[4].([]orgtypes.Tag) {
			keys = append(keys, *tag.Key+"="+*tag.Value)
		}
		if slices.Sort(keys); !slices.Equal(keys, []string{"a=", "b=2"}) {
			t.Errorf("tags: %v", keys)
		}
		s.restart()
		w.root = s.with(keysOf(t, w.root))
		client = w.root.organizations()
		if again := read(); !reflect.DeepEqual(before, again) {
			t.Errorf("before the restart: %s\nafter: %s", jsonText(before), jsonText(again))
		}

		t.Run("down", func(t *testing.T) {
			_, err := client.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
			fails(t, err, "PolicyInUseException", "")
			w.detach(t, id, unit)
			_, err = client.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
			must(t, err)
			deleteUnit := func(id string) error {
				_, err := client.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &id})
				return err
			}
			fails(t, deleteUnit(unit), "OrganizationalUnitNotEmptyException", "")
			fails(t, deleteUnit(top), "OrganizationalUnitNotEmptyException", "")
			_, err = client.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
			fails(t, err, "OrganizationNotEmptyException", "")
			_, err = client.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &account})
			must(t, err)
			for _, u := range before[1].([]orgtypes.OrganizationalUnit) {
				must(t, deleteUnit(*u.Id))
			}
			must(t, deleteUnit(top))
			fails(t, deleteUnit(top), "OrganizationalUnitNotFoundException", "")
			_, err = client.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
			must(t, err)
			_, err = client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
			fails(t, err, "AWSOrganizationsNotInUseException", "")
			// The account is there as before, and can begin anew.
			may(t, "IAM in the account", w.root.listUsers())
			_, err = client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
			must(t, err)
		})
	})
}

// Accounts that the organization made cannot be thrown out on the first day, nor can the
// management account ever; closing is possible, once.
func TestCreatedAccountStaysAtFirst(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		account := w.account(t, w.rootID, "New", "")
		ctx, client := context.Background(), w.root.organizations()
		remove := func(id string) error {
			_, err := client.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &id})
			return err
		}
		var violation *orgtypes.ConstraintViolationException
		if err := remove(account); !errors.As(err, &violation) || violation.Reason != orgtypes.ConstraintViolationExceptionReasonWaitPeriodActive {
			t.Errorf("removing the new account: %v", err)
		}
		_, err := w.inside(t, account).organizations().LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
		fails(t, err, "ConstraintViolationException", "")
		fails(t, remove(managementID), "MasterCannotLeaveOrganizationException", "")
		closeAccount := func(id string) error {
			_, err := client.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &id})
			return err
		}
		fails(t, closeAccount(managementID), "ConstraintViolationException", "")
		inside := w.inside(t, account)
		must(t, closeAccount(account))
		fails(t, closeAccount(account), "AccountAlreadyClosedException", "")
		out, err := client.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &account})
		must(t, err)
		if out.Account.Status != orgtypes.AccountStatusSuspended || out.Account.State != orgtypes.AccountStateClosed {
			t.Errorf("a closed account is %s, %s", out.Account.Status, out.Account.State)
		}
		fails(t, inside.listUsers(), "InvalidClientTokenId", badToken)
		w.admin.mayNotAssume(t, roleARN(account, adminRole), noTrust)
		// Its address is taken for good.
		made, err := client.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("New"), Email: aws.String("new@example.com")})
		must(t, err)
		status, err := client.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
		must(t, err)
		if got := status.CreateAccountStatus; got.State != orgtypes.CreateAccountStateFailed || got.FailureReason != orgtypes.CreateAccountFailureReasonEmailAlreadyExists {
			t.Errorf("a second account of that address: %s (%s)", got.State, got.FailureReason)
		}
	})
}
