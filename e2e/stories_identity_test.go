package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// An identity account holds the users; they switch into production by a role whose trust
// names the identity account. The administrator gets there first, by the role that the
// organization made.
func TestIdentityAccount(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		identity := w.account(t, w.unit(t, w.rootID, "Foundation"), "Identity", "")
		prodUnit := w.unit(t, w.rootID, "Prod")
		prod := w.account(t, prodUnit, "Prod", "")
		inside, inProd := w.inside(t, identity), w.inside(t, prod)
		role := inProd.newRole(t, "Operations", trusting(identity), "arn:aws:iam::aws:policy/PowerUserAccess")
		inside.newUser(t, "oscar")
		inside.newGroup(t, "Operations", allow("sts:AssumeRole", role), "oscar")
		oscar := inside.newKey(t, "oscar")

		session := oscar.mustAssume(t, role)
		if got, want := session.arn(t), sessionARN(prod, "Operations"); got != want {
			t.Errorf("oscar is %s, want %s", got, want)
		}
		// PowerUserAccess is everything but IAM, Organizations and Account Management.
		denied(t, session.listUsers(), sessionARN(prod, "Operations"), "iam:ListUsers", usersARN(prod), noAllow(identityPolicy, "iam:ListUsers"))

		t.Run("not by the administrator's role", func(t *testing.T) {
			oscar.mayNotAssume(t, roleARN(prod, adminRole), noTrust)
		})
		t.Run("only who is in the group", func(t *testing.T) {
			inside.newUser(t, "guest").mayNotAssume(t, role, noPermission)
		})
		t.Run("only from the identity account", func(t *testing.T) {
			w.admin.mayNotAssume(t, role, noTrust)
		})
		t.Run("the identity account may be stopped", func(t *testing.T) {
			id := w.scp(t, "NoProd", deny("sts:AssumeRole", "arn:aws:iam::"+prod+":role/*"), identity)
			oscar.mayNotAssume(t, role, deniedBy(controlPolicy, w.scpARN(id)))
			w.detach(t, id, identity)
			oscar.mustAssume(t, role)
		})
		t.Run("trust in one user", func(t *testing.T) {
			inProd.trust(t, "Operations", trusting(userARN(identity, "guest")))
			oscar.mayNotAssume(t, role, noTrust)
			inProd.trust(t, "Operations", document(`{"Effect":"Allow","Principal":{"AWS":"`+identity+`"},"Action":"sts:AssumeRole"}`,
				`{"Effect":"Deny","Principal":{"AWS":"`+userARN(identity, "oscar")+`"},"Action":"sts:AssumeRole"}`))
			oscar.mayNotAssume(t, role, " with an explicit deny in the role trust policy")
		})
	})
}

// Whoever acts for many customers must say for which: without the right external id a role
// cannot be assumed.
func TestThirdPartyNeedsExternalID(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		customer := w.account(t, w.rootID, "Customer", "")
		// The vendor is no part of the organization.
		root := s.openAccount(t, "Vendor")
		vendorID := root.accountID(t)
		vendor := root.newUser(t, "scanner", allow("sts:AssumeRole", "*"))
		trust := document(when(trustStatement(vendorID), `{"StringEquals":{"sts:ExternalId":"customer-7"}}`))
		role := w.inside(t, customer).newRole(t, "Audit", trust, "arn:aws:iam::aws:policy/SecurityAudit")
		external := func(id string) func(*sts.AssumeRoleInput) {
			return func(in *sts.AssumeRoleInput) { in.ExternalId = &id }
		}

		session := vendor.mustAssume(t, role, external("customer-7"))
		may(t, "the audit", session.listUsers())
		vendor.mayNotAssume(t, role, noTrust)
		vendor.mayNotAssume(t, role, noTrust, external("customer-8"))
		vendor.mayNotAssume(t, role, noTrust, external("Customer-7"))
		root.newUser(t, "clerk").mayNotAssume(t, role, noPermission, external("customer-7"))
		w.admin.mayNotAssume(t, role, noTrust, external("customer-7"))
	})
}

// Tags and source identity go from session to session, and policies can ask for them.
func TestSessionTagsAndSourceIdentity(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		hub, spoke := w.account(t, w.rootID, "Hub", ""), w.account(t, w.rootID, "Spoke", "")
		all := document(`{"Effect":"Allow","Principal":{"AWS":"` + managementID + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`)
		first := w.inside(t, hub).newRole(t, "First", all, allow("sts:*", "*"))
		condition := `{"StringEquals":{"aws:PrincipalTag/team":"blue","sts:SourceIdentity":"alice"}}`
		second := w.inside(t, spoke).newRole(t, "Second", document(when(`{"Effect":"Allow","Principal":{"AWS":"`+first+`"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}`, condition)), "")
		plain := w.inside(t, hub).newRole(t, "Plain", trusting(managementID), "")

		with := func(team, source string) func(*sts.AssumeRoleInput) {
			return func(in *sts.AssumeRoleInput) {
				in.Tags = []ststypes.Tag{{Key: aws.String("team"), Value: &team}}
				in.TransitiveTagKeys = []string{"team"}
				if source != "" {
					in.SourceIdentity = &source
				}
			}
		}
		w.admin.mustAssume(t, first, with("blue", "alice")).mustAssume(t, second, func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String("alice") })
		w.admin.mustAssume(t, first, with("red", "alice")).mayNotAssume(t, second, noTrust)
		w.admin.mustAssume(t, first, with("blue", "mallory")).mayNotAssume(t, second, noTrust)
		_, err := w.admin.assume(plain, with("blue", ""))
		denied(t, err, userARN(managementID, "admin"), "sts:TagSession", plain, noAllow(trustPolicy, "sts:TagSession"))
	})
}
