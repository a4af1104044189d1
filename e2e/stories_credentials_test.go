package e2e

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bailiwick/bailiwick/credential"
)

const (
	badToken     = "The security token included in the request is invalid."
	expiredToken = "The security token included in the request is expired"
	badSignature = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

// identity asks a service of each protocol who is there: errors of credentials have one name
// in the query protocol and another in JSON.
func (a as) identity(t testing.TB, query, json, message string) {
	t.Helper()
	_, err := a.sts().GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	fails(t, err, query, message)
	_, err = a.organizations().DescribeOrganization(context.Background(), &organizations.DescribeOrganizationInput{})
	fails(t, err, json, message)
}

// Credentials that are not good are refused at once, by the name that clients know.
func TestBadCredentials(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		c, err := w.admin.Credentials.Retrieve(ctx)
		must(t, err)

		t.Run("unknown key", func(t *testing.T) {
			s.with("AKIAIOSFODNN7NOTHERE", rootSecret, "").identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
		})
		t.Run("wrong secret", func(t *testing.T) {
			s.with(c.AccessKeyID, rootSecret, "").identity(t, "SignatureDoesNotMatch", "InvalidSignatureException", badSignature)
		})
		t.Run("no token", func(t *testing.T) {
			user, err := w.admin.session("", "")
			must(t, err)
			own, err := user.Credentials.Retrieve(ctx)
			must(t, err)
			s.with(own.AccessKeyID, own.SecretAccessKey, "").identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
			s.with(own.AccessKeyID, own.SecretAccessKey, own.SessionToken[:len(own.SessionToken)-2]).identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
			s.with(c.AccessKeyID, c.SecretAccessKey, own.SessionToken).identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
		})
		t.Run("expired", func(t *testing.T) {
			s.expired(t, c.AccessKeyID).identity(t, "ExpiredToken", "ExpiredTokenException", expiredToken)
		})
		t.Run("deactivated key", func(t *testing.T) {
			user, name := w.admin.newUser(t, "switched"), "switched"
			keys, err := user.Credentials.Retrieve(ctx)
			must(t, err)
			user.arn(t)
			set := func(status iamtypes.StatusType) {
				_, err := w.admin.iam().UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &name, AccessKeyId: &keys.AccessKeyID, Status: status})
				must(t, err)
			}
			set(iamtypes.StatusTypeInactive)
			user.identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
			set(iamtypes.StatusTypeActive)
			user.arn(t)
		})
	})
}

// expired are genuine session credentials, sealed with the server's own key, that were over
// a minute ago: the shortest session lasts a quarter of an hour.
func (s *server) expired(t testing.TB, accessKeyID string) as {
	t.Helper()
	master, err := credential.LoadMasterKeys(filepath.Join(s.dir, "master.key"))
	must(t, err)
	began := time.Now().Add(-16 * time.Minute)
	token, err := credential.NewSealer(credential.NewKeyring(master[0])).Seal(&credential.Caller{
		Type: credential.RootUser, AccountID: managementID, ARN: "arn:aws:iam::" + managementID + ":root",
		PrincipalID: managementID, EntityID: managementID, AccessKeyID: accessKeyID,
		Session: &credential.Session{IssuedAt: began, ExpiresAt: began.Add(15 * time.Minute), IssuerType: "GetSessionToken"},
	}, rootSecret)
	must(t, err)
	return s.with(accessKeyID, rootSecret, token)
}

// Who is deleted is gone with the next request, with sessions and with the trust of others;
// a namesake gets nothing of it.
func TestDeletedPrincipals(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		admin := s.root().newUser(t, "admin", allow("*", "*"))
		ctx := context.Background()
		user := admin.newUser(t, "alice", allow("sts:*", "*"))
		role := admin.newRole(t, "ForAlice", trusting(userARN(managementID, "alice")), allow("iam:ListUsers", "*"))
		inRole := user.mustAssume(t, role)
		own, err := user.session("", "")
		must(t, err)
		own.arn(t)

		keys, err := user.Credentials.Retrieve(ctx)
		must(t, err)
		name, policy := "alice", "policy-0"
		_, err = admin.iam().DeleteUser(ctx, &iam.DeleteUserInput{UserName: &name})
		fails(t, err, "DeleteConflict", "")
		_, err = admin.iam().DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: &keys.AccessKeyID})
		must(t, err)
		user.identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
		_, err = admin.iam().DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &name, PolicyName: &policy})
		must(t, err)
		_, err = admin.iam().DeleteUser(ctx, &iam.DeleteUserInput{UserName: &name})
		must(t, err)
		own.identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
		may(t, "the role's session is the role's", inRole.listUsers())

		namesake := admin.newUser(t, "alice", allow("sts:*", "*"))
		namesake.mayNotAssume(t, role, noTrust)

		forAlice := "ForAlice"
		_, err = admin.iam().DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &forAlice, PolicyName: &forAlice})
		must(t, err)
		denied(t, inRole.listUsers(), sessionARN(managementID, forAlice), "iam:ListUsers", usersARN(managementID), noAllow(identityPolicy, "iam:ListUsers"))
		_, err = admin.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &forAlice})
		must(t, err)
		inRole.identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
		admin.newRole(t, forAlice, trusting(managementID), allow("iam:ListUsers", "*"))
		inRole.identity(t, "InvalidClientTokenId", "UnrecognizedClientException", badToken)
	})
}

// How long a session may last, and what chaining makes of it.
func TestSessionLimits(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		admin := s.root().newUser(t, "admin", allow("*", "*"))
		role := admin.newRole(t, "Work", trusting(managementID), allow("sts:*", "*"))
		seconds := func(n int32) func(*sts.AssumeRoleInput) {
			return func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(n) }
		}
		_, err := admin.assume(role, seconds(3601))
		fails(t, err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		_, err = admin.assume(role, seconds(899))
		fails(t, err, "ValidationError", "")
		name := "Work"
		_, err = admin.iam().UpdateRole(context.Background(), &iam.UpdateRoleInput{RoleName: &name, MaxSessionDuration: aws.Int32(7200)})
		must(t, err)
		first := admin.mustAssume(t, role, seconds(7200))
		_, err = first.assume(role, seconds(3601))
		fails(t, err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
		first.mustAssume(t, role, seconds(900))

		_, err = admin.assume(role, func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("no spaces please") })
		fails(t, err, "ValidationError", "")
		_, err = admin.assume("arn:aws:iam::" + managementID + ":user/Work")
		fails(t, err, "ValidationError", "")
	})
}
