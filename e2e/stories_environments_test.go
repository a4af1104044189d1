package e2e

import (
	"context"
	"encoding/base32"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bailiwick/bailiwick/credential"
)

// Users exist only in the managing account; a group may enter one environment by name, or
// all of them by a pattern.
func TestGroupsEnterEnvironments(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		unit := w.unit(t, w.rootID, "Environments")
		test, live := w.account(t, unit, "Test", ""), w.account(t, unit, "Live", "")
		special := w.account(t, unit, "Special", "OtherRole")
		for _, name := range []string{"tester", "operator"} {
			w.admin.newUser(t, name)
		}
		w.admin.newGroup(t, "Testers", allow("sts:AssumeRole", roleARN(test, adminRole)), "tester")
		w.admin.newGroup(t, "Operators", allow("sts:AssumeRole", roleARN("*", adminRole)), "operator")
		tester, operator := w.admin.newKey(t, "tester"), w.admin.newKey(t, "operator")

		tester.mustAssume(t, roleARN(test, adminRole))
		tester.mayNotAssume(t, roleARN(live, adminRole), noPermission)
		for _, account := range []string{test, live} {
			may(t, "the operator inside", operator.mustAssume(t, roleARN(account, adminRole)).listUsers())
		}
		operator.mayNotAssume(t, roleARN(special, "OtherRole"), noPermission)
		operator.mayNotAssume(t, roleARN("999999999999", adminRole), noTrust)
		// The pattern is the group's, not a way into the managing account itself.
		denied(t, operator.listUsers(), userARN(managementID, "operator"), "iam:ListUsers", usersARN(managementID), noAllow(identityPolicy, "iam:ListUsers"))

		// The group's policy changes and with it what its members may do next.
		group, text := "Operators", allow("sts:AssumeRole", roleARN(test, adminRole))
		_, err := w.admin.iam().PutGroupPolicy(context.Background(), &iam.PutGroupPolicyInput{GroupName: &group, PolicyName: &group, PolicyDocument: &text})
		must(t, err)
		operator.mayNotAssume(t, roleARN(live, adminRole), noPermission)
		operator.mustAssume(t, roleARN(test, adminRole))
	})
}

// authenticator is a person's MFA device. Its clock runs ahead with each pair of codes, so
// that a scene need not wait for the next code: a code is good once.
type authenticator struct {
	user, serial string
	seed         []byte
	step         int64
}

// newAuthenticator creates a device for the user with the given identity; it is not enabled.
func newAuthenticator(t testing.TB, who as, user string) *authenticator {
	t.Helper()
	out, err := who.iam().CreateVirtualMFADevice(context.Background(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &user})
	must(t, err)
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(out.VirtualMFADevice.Base32StringSeed))
	must(t, err)
	return &authenticator{user: user, serial: *out.VirtualMFADevice.SerialNumber, seed: seed, step: credential.TOTPStep(time.Now()) - 60}
}

func (d *authenticator) next() string {
	d.step++
	return credential.TOTP(d.seed, d.step)
}

// enable assigns the device with the identity of who.
func (d *authenticator) enable(who as) error {
	_, err := who.iam().EnableMFADevice(context.Background(), &iam.EnableMFADeviceInput{
		UserName: &d.user, SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.next()), AuthenticationCode2: aws.String(d.next()),
	})
	return err
}

// code is a fresh code; the administrator synchronizes the device for each.
func (d *authenticator) code(t testing.TB, admin as) string {
	t.Helper()
	_, err := admin.iam().ResyncMFADevice(context.Background(), &iam.ResyncMFADeviceInput{
		UserName: &d.user, SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.next()), AuthenticationCode2: aws.String(d.next()),
	})
	must(t, err)
	return d.next()
}

// withMFA passes a code of the device.
func (d *authenticator) withMFA(code string) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) { in.SerialNumber, in.TokenCode = &d.serial, &code }
}

// session is the user's own session, begun with a code.
func (a as) session(serial, code string) (as, error) {
	in := &sts.GetSessionTokenInput{}
	if serial != "" {
		in.SerialNumber, in.TokenCode = &serial, &code
	}
	out, err := a.sts().GetSessionToken(context.Background(), in)
	if err != nil {
		return as{}, err
	}
	c := out.Credentials
	return a.s.with(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken), nil
}

// selfService is the policy of the IAM user guide's tutorial in our words: without a second
// factor a user can do nothing but enrol a device.
const selfService = `{"Version":"2012-10-17","Statement":[
	{"Sid":"Enrol","Effect":"Allow","Action":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices"],
	 "Resource":["arn:aws:iam::*:mfa/${aws:username}","arn:aws:iam::*:user/${aws:username}"]},
	{"Sid":"Work","Effect":"Allow","Action":["sts:AssumeRole","iam:ListUsers"],"Resource":"*"},
	{"Sid":"NothingWithoutMFA","Effect":"Deny",
	 "NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices","sts:GetSessionToken"],
	 "Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`

// Without a second factor a user can do nothing but enrol a device; with it roles can be
// assumed.
func TestSecondFactorIsEnforced(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		live := w.account(t, w.rootID, "Live", "")
		role := roleARN(live, adminRole)
		user := w.admin.newUser(t, "olivia", selfService)
		who := userARN(managementID, "olivia")
		byIdentity := " with an explicit deny in an identity-based policy"

		denied(t, user.listUsers(), who, "iam:ListUsers", usersARN(managementID), byIdentity)
		user.mayNotAssume(t, role, byIdentity)

		device := newAuthenticator(t, user, "olivia")
		_, err := user.session(device.serial, device.next())
		fails(t, err, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
		must(t, device.enable(user))

		// A session without a code is not one with a second factor.
		plain, err := user.session("", "")
		must(t, err)
		plain.mayNotAssume(t, role, byIdentity)
		fails(t, plain.listUsers(), "InvalidClientTokenId", "The security token included in the request is invalid.")

		code := device.code(t, w.admin)
		strong, err := user.session(device.serial, code)
		must(t, err)
		may(t, "with a second factor", strong.listUsers())
		may(t, "the role", strong.mustAssume(t, role).listUsers())

		t.Run("a code is good once", func(t *testing.T) {
			_, err := user.session(device.serial, code)
			fails(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
		})
		t.Run("with the call itself", func(t *testing.T) {
			user.mustAssume(t, role, device.withMFA(device.code(t, w.admin)))
			_, err := user.assume(role, device.withMFA("000000"))
			fails(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
			_, err = user.assume(role, func(in *sts.AssumeRoleInput) { in.SerialNumber = &device.serial })
			fails(t, err, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
		})
		t.Run("somebody else's device", func(t *testing.T) {
			other := w.admin.newUser(t, "other", allow("sts:AssumeRole", role))
			_, err := other.assume(role, device.withMFA(device.code(t, w.admin)))
			fails(t, err, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
		})
		t.Run("deactivated", func(t *testing.T) {
			_, err := w.admin.iam().DeactivateMFADevice(context.Background(), &iam.DeactivateMFADeviceInput{UserName: &device.user, SerialNumber: &device.serial})
			must(t, err)
			_, err = user.session(device.serial, device.next())
			fails(t, err, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
		})
	})
}

// A role can ask for the second factor itself: Bool is not met by a caller without the key,
// BoolIfExists is.
func TestTrustAsksForSecondFactor(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		inside := w.inside(t, w.account(t, w.rootID, "Live", ""))
		present := `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
		strict := inside.newRole(t, "Strict", document(when(trustStatement(managementID), present)), "")
		lax := inside.newRole(t, "Lax", document(when(trustStatement(managementID), `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`)), "")
		fresh := inside.newRole(t, "Fresh", document(when(trustStatement(managementID), `{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}`)), "")
		old := inside.newRole(t, "Old", document(when(trustStatement(managementID), `{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"300"}}`)), "")

		user := w.admin.newUser(t, "olivia", allow("sts:AssumeRole", "*"))
		device := newAuthenticator(t, w.admin, "olivia")
		must(t, device.enable(w.admin))

		user.mustAssume(t, lax)
		for _, role := range []string{strict, fresh, old} {
			user.mayNotAssume(t, role, noTrust)
		}
		plain, err := user.session("", "")
		must(t, err)
		for _, role := range []string{strict, lax, fresh} {
			plain.mayNotAssume(t, role, noTrust)
		}
		strong, err := user.session(device.serial, device.code(t, w.admin))
		must(t, err)
		for _, role := range []string{strict, lax, fresh} {
			strong.mustAssume(t, role)
		}
		strong.mayNotAssume(t, old, noTrust)
		user.mustAssume(t, fresh, device.withMFA(device.code(t, w.admin)))
	})
}
