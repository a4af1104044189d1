package e2e

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	_ "github.com/jackc/pgx/v5/stdlib" // a test makes handshakes older
)

// invite invites an account by its id, or by its address if there is an @ in it.
func (w *world) invite(target string) (*orgtypes.Handshake, error) {
	party := orgtypes.HandshakePartyTypeAccount
	if strings.Contains(target, "@") {
		party = orgtypes.HandshakePartyTypeEmail
	}
	out, err := w.root.organizations().InviteAccountToOrganization(context.Background(), &organizations.InviteAccountToOrganizationInput{
		Target: &orgtypes.HandshakeParty{Id: &target, Type: party}, Notes: aws.String("Join us"),
		Tags: []orgtypes.Tag{{Key: aws.String("stage"), Value: aws.String("prod")}},
	})
	if err != nil {
		return nil, err
	}
	return out.Handshake, nil
}

func (w *world) mustInvite(t testing.TB, target string) string {
	t.Helper()
	h, err := w.invite(target)
	must(t, err)
	if h.State != orgtypes.HandshakeStateOpen || h.ExpirationTimestamp.Sub(*h.RequestedTimestamp).Hours() != 15*24 {
		t.Errorf("the invitation is %s, from %v to %v", h.State, h.RequestedTimestamp, h.ExpirationTimestamp)
	}
	return *h.Id
}

func (a as) accept(id string) error {
	_, err := a.organizations().AcceptHandshake(context.Background(), &organizations.AcceptHandshakeInput{HandshakeId: &id})
	return err
}

func (a as) decline(id string) error {
	_, err := a.organizations().DeclineHandshake(context.Background(), &organizations.DeclineHandshakeInput{HandshakeId: &id})
	return err
}

func (a as) cancel(id string) error {
	_, err := a.organizations().CancelHandshake(context.Background(), &organizations.CancelHandshakeInput{HandshakeId: &id})
	return err
}

// state is the state of a handshake as the caller sees it, or the code of the refusal.
func (a as) state(t testing.TB, id string) orgtypes.HandshakeState {
	t.Helper()
	out, err := a.organizations().DescribeHandshake(context.Background(), &organizations.DescribeHandshakeInput{HandshakeId: &id})
	must(t, err)
	return out.Handshake.State
}

// received are the handshakes of one action that wait for the caller's answer.
func (a as) received(t testing.TB, action orgtypes.ActionType) (ids []string) {
	t.Helper()
	pages := organizations.NewListHandshakesForAccountPaginator(a.organizations(), &organizations.ListHandshakesForAccountInput{Filter: &orgtypes.HandshakeFilter{ActionType: action}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, h := range page.Handshakes {
			if h.State == orgtypes.HandshakeStateOpen {
				ids = append(ids, *h.Id)
			}
		}
	}
	return ids
}

// later lets days pass for all handshakes: it ends the server, makes them older in the
// database and starts it again.
func (s *server) later(t testing.TB, days int) {
	t.Helper()
	must(t, s.stop())
	driver, source := "sqlite3", filepath.Join(s.dir, "bailiwick.db")
	if s.url != "" {
		driver, source = "pgx", s.url
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	shift := strconv.FormatInt((time.Duration(days) * 24 * time.Hour).Microseconds(), 10)
	_, err = db.Exec("update org_handshakes set requested_at = requested_at - " + shift + ", expires_at = expires_at - " + shift + ", ends_at = ends_at - " + shift)
	must(t, err)
	must(t, db.Close())
	s.run()
}

// constraint expects a HandshakeConstraintViolationException with that reason.
func constraint(t testing.TB, err error, reason orgtypes.HandshakeConstraintViolationExceptionReason) {
	t.Helper()
	var violation *orgtypes.HandshakeConstraintViolationException
	if !errors.As(err, &violation) || violation.Reason != reason {
		t.Errorf("got %v, want HandshakeConstraintViolationException %s", err, reason)
	}
}

// An account that exists is invited, accepts, is moved under the unit for production, and
// from then on its policies hold; it has no role for the administrator until it makes one.
func TestInvitedAccount(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		prod := w.unit(t, w.rootID, "Prod")
		noListing := w.scp(t, "NoListing", deny("iam:ListUsers", "*"), prod)
		invited, other := s.openAccount(t, "Invited"), s.openAccount(t, "Other")
		account := invited.accountID(t)
		invited.newUser(t, "owner", allow("*", "*"))
		ctx := context.Background()

		id := w.mustInvite(t, account)
		if got := invited.received(t, orgtypes.ActionTypeInviteAccountToOrganization); len(got) != 1 || got[0] != id {
			t.Errorf("received %v, want %s", got, id)
		}
		t.Run("refused before the answer", func(t *testing.T) {
			_, err := w.invite(account)
			fails(t, err, "DuplicateHandshakeException", "")
			_, err = w.invite("invited@example.org") // the same account by its address
			fails(t, err, "DuplicateHandshakeException", "")
			fails(t, other.accept(id), "HandshakeNotFoundException", "")
			fails(t, w.root.accept(id), "AccessDeniedException", "")
			fails(t, invited.cancel(id), "AccessDeniedException", "")
			fails(t, invited.accept("h-examplehandshakeid111"), "HandshakeNotFoundException", "")
			clerk := invited.newUser(t, "clerk")
			err = clerk.accept(id)
			denied(t, err, userARN(account, "clerk"), "organizations:AcceptHandshake",
				"arn:aws:organizations::"+managementID+":handshake/"+w.orgID+"/invite/"+id, noAllow(identityPolicy, "organizations:AcceptHandshake"))
		})

		must(t, invited.accept(id))
		if state := w.root.state(t, id); state != orgtypes.HandshakeStateAccepted {
			t.Errorf("the invitation is %s", state)
		}
		described, err := w.root.organizations().DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &account})
		must(t, err)
		if described.Account.JoinedMethod != orgtypes.AccountJoinedMethodInvited {
			t.Errorf("joined by %s", described.Account.JoinedMethod)
		}
		tags, err := w.root.organizations().ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: &account})
		if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "stage" {
			t.Errorf("tags of the invitation: %v %v", tags, err)
		}
		w.admin.mayNotAssume(t, roleARN(account, adminRole), noTrust)
		may(t, "outside of the unit", invited.listUsers())
		w.move(t, account, w.rootID, prod)
		denied(t, invited.listUsers(), "arn:aws:iam::"+account+":root", "iam:ListUsers", usersARN(account), deniedBy(controlPolicy, w.scpARN(noListing)))
		role := invited.newRole(t, adminRole, trusting(managementID), "arn:aws:iam::aws:policy/AdministratorAccess")
		w.admin.mustAssume(t, role)

		fails(t, invited.accept(id), "HandshakeAlreadyInStateException", "")
		_, err = w.invite(account)
		constraint(t, err, orgtypes.HandshakeConstraintViolationExceptionReasonAlreadyInAnOrganization)

		t.Run("and leaves", func(t *testing.T) {
			_, err := w.root.organizations().RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &account})
			must(t, err)
			may(t, "after it left", invited.listUsers())
			_, err = invited.organizations().DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
			fails(t, err, "AWSOrganizationsNotInUseException", "")
		})
	})
}

// Who has yet to prove that the e-mail address is his cannot invite; the operator vouches for
// it.
func TestInvitingNeedsAVerifiedAddress(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		invited := s.openAccount(t, "Invited").accountID(t)
		founder := s.openAccount(t, "Founder", "--email-unverified")
		_, err := founder.organizations().CreateOrganization(context.Background(), &organizations.CreateOrganizationInput{})
		must(t, err)
		w := &world{s: s, root: founder}
		_, err = w.invite(invited)
		fails(t, err, "AccountOwnerNotVerifiedException", "")
		verify := []string{"account", "verify-email", "--endpoint", s.endpoint, "--account-id"}
		operator := []string{"BAILIWICK_OPERATOR_TOKEN=" + operatorToken}
		complains(t, operator, []string{"account"}, append(verify, "000000000000")...)
		complains(t, []string{"BAILIWICK_OPERATOR_TOKEN=guess"}, []string{"token"}, append(verify, founder.accountID(t))...)
		_, err = w.invite(invited)
		fails(t, err, "AccountOwnerNotVerifiedException", "")
		if _, errs, ok := command(t, operator, append(verify, founder.accountID(t))...); !ok {
			t.Fatalf("verify-email: %s", errs)
		}
		w.mustInvite(t, invited)
	})
}

// An invitation is declined, canceled or runs out, and is then no way in any more.
func TestInvitationsThatComeToNothing(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		invited := s.openAccount(t, "Invited")
		account := invited.accountID(t)
		t.Run("declined", func(t *testing.T) {
			id := w.mustInvite(t, account)
			must(t, invited.decline(id))
			if state := w.root.state(t, id); state != orgtypes.HandshakeStateDeclined {
				t.Errorf("the invitation is %s", state)
			}
			fails(t, invited.accept(id), "InvalidHandshakeTransitionException", "")
			fails(t, invited.decline(id), "HandshakeAlreadyInStateException", "")
			fails(t, w.root.cancel(id), "InvalidHandshakeTransitionException", "")
		})
		t.Run("canceled", func(t *testing.T) {
			id := w.mustInvite(t, "invited@example.org")
			must(t, w.root.cancel(id))
			fails(t, invited.accept(id), "InvalidHandshakeTransitionException", "")
			fails(t, w.root.cancel(id), "HandshakeAlreadyInStateException", "")
		})
		t.Run("expired", func(t *testing.T) {
			id := w.mustInvite(t, account)
			s.later(t, 15)
			w.root, invited = s.with(keysOf(t, w.root)), s.with(keysOf(t, invited))
			if state := invited.state(t, id); state != orgtypes.HandshakeStateExpired {
				t.Errorf("the invitation is %s", state)
			}
			fails(t, invited.accept(id), "InvalidHandshakeTransitionException", "")
			again := w.mustInvite(t, account) // an invitation that has run out is in no one's way
			s.later(t, 14)
			w.root, invited = s.with(keysOf(t, w.root)), s.with(keysOf(t, invited))
			must(t, invited.accept(again))
		})
		t.Run("by the command line", func(t *testing.T) {
			other := s.openAccount(t, "Another")
			id := strings.TrimSpace(w.root.ok(t, "organizations", "invite-account-to-organization", "--target", "Type=ACCOUNT,Id="+other.accountID(t), "--query", "Handshake.Id", "--output", "text"))
			if got := strings.TrimSpace(other.ok(t, "organizations", "list-handshakes-for-account", "--query", "Handshakes[0].[Id,State]", "--output", "text")); got != id+"\tOPEN" {
				t.Errorf("received %q", got)
			}
			other.ok(t, "organizations", "accept-handshake", "--handshake-id", id)
			if got := strings.TrimSpace(w.root.ok(t, "organizations", "list-accounts", "--query", "Accounts[?Name=='Another'].JoinedMethod", "--output", "text")); got != "INVITED" {
				t.Errorf("joined: %q", got)
			}
		})
	})
}

// An organization for the one bill only has no policies; it becomes one with all features
// when every invited account has agreed.
func TestFromConsolidatedBillingToAllFeatures(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := &world{s: s, root: s.root()}
		ctx, client := context.Background(), w.root.organizations()
		made, err := client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetConsolidatedBilling})
		must(t, err)
		w.orgID = *made.Organization.Id
		if made.Organization.FeatureSet != orgtypes.OrganizationFeatureSetConsolidatedBilling || len(made.Organization.AvailablePolicyTypes) != 0 {
			t.Errorf("organization: %+v", made.Organization)
		}
		roots, err := client.ListRoots(ctx, &organizations.ListRootsInput{})
		must(t, err)
		w.rootID = *roots.Roots[0].Id
		w.admin = w.root.newUser(t, "admin", allow("*", "*"))
		created := w.account(t, w.rootID, "Created", "")
		inside := w.inside(t, created)
		invited := s.openAccount(t, "Invited")
		must(t, invited.accept(w.mustInvite(t, invited.accountID(t))))

		enable := func() error {
			_, err := client.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: orgtypes.PolicyTypeServiceControlPolicy})
			return err
		}
		fails(t, enable(), "PolicyTypeNotAvailableForOrganizationException", "")
		_, err = client.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &created})
		fails(t, err, "ConstraintViolationException", "")

		begun, err := client.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
		must(t, err)
		own := *begun.Handshake.Id
		if begun.Handshake.Action != orgtypes.ActionTypeEnableAllFeatures || begun.Handshake.State != orgtypes.HandshakeStateRequested {
			t.Errorf("the handshake is %s, %s", begun.Handshake.Action, begun.Handshake.State)
		}
		t.Run("refused while the members are asked", func(t *testing.T) {
			_, err := client.EnableAllFeatures(ctx, &organizations.EnableAllFeaturesInput{})
			fails(t, err, "HandshakeConstraintViolationException", "")
			_, err = w.invite(s.openAccount(t, "Late").accountID(t))
			constraint(t, err, orgtypes.HandshakeConstraintViolationExceptionReasonInviteDisabledDuringEnableAllFeatures)
			fails(t, w.root.accept(own), "InvalidHandshakeTransitionException", "")
			fails(t, enable(), "PolicyTypeNotAvailableForOrganizationException", "")
		})
		asked := invited.received(t, orgtypes.ActionTypeApproveAllFeatures)
		if len(asked) != 1 {
			t.Fatalf("the invited account is asked %v", asked)
		}
		if got := inside.received(t, orgtypes.ActionTypeApproveAllFeatures); len(got) != 0 {
			t.Errorf("the created account is asked %v", got)
		}
		must(t, invited.accept(asked[0]))
		must(t, w.root.accept(own))

		now, err := inside.organizations().DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		must(t, err)
		if now.Organization.FeatureSet != orgtypes.OrganizationFeatureSetAll {
			t.Errorf("features: %s", now.Organization.FeatureSet)
		}
		may(t, "policies can be enabled", enable())
		id := w.scp(t, "NoListing", deny("iam:ListUsers", "*"), created)
		denied(t, inside.listUsers(), sessionARN(created, adminRole), "iam:ListUsers", usersARN(created), deniedBy(controlPolicy, w.scpARN(id)))
	})
}
