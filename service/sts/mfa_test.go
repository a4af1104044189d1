package sts_test

import (
	"context"
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// device is somebody's authenticator.
type device struct {
	serial string
	seed   []byte
}

func (d device) code(at time.Time) *string {
	return new(credential.TOTP(d.seed, credential.TOTPStep(at)))
}

// device gives a user (the root user if the name is empty) a virtual MFA device. The codes
// of the present time step are used up by it.
func (s *scene) device(account, user string) device {
	s.t.Helper()
	d := device{serial: iam.MFASerial(account, "", "phone-"+user), seed: []byte("0123456789012345678901234567890123456789")}
	sealed, err := s.Vault.Seal(d.serial, d.seed)
	s.must(err)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		if _, err := iam.CreateMFADevice(ctx, tx, account, d.serial, sealed, nil); err != nil {
			return err
		}
		codes := iam.MFACodes{First: *d.code(s.now.Add(-30 * time.Second)), Second: *d.code(s.now)}
		return iam.EnableMFADevice(ctx, tx, account, user, d.serial, codes, s.Vault.Open)
	})
	s.now = s.now.Add(30 * time.Second)
	return d
}

const (
	needsMFA    = `"Bool":{"aws:MultiFactorAuthPresent":"true"}`
	needsNewMFA = `"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}`
)

func TestAssumeRoleWithMFA(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice, bob := s.user(boss, "alice", allowAll), s.user(boss, "bob", allowAll)
		phone := s.device(boss, "alice")
		role := s.role(s.dev, "R", trusting(boss, needsMFA, needsNewMFA))
		with := func(code *string) *stsapi.AssumeRoleInput {
			return &stsapi.AssumeRoleInput{RoleArn: &role, SerialNumber: &phone.serial, TokenCode: code}
		}
		_, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "AccessDenied", "no role trust policy")
		_, err = s.assume(alice, with(phone.code(s.now.Add(time.Hour))))
		expect(t, err, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
		_, err = s.assume(bob, with(phone.code(s.now)))
		expect(t, err, "AccessDenied", "Please verify your MFA serial number is valid and associated with this user.")
		session := s.assumed(alice, with(phone.code(s.now)))
		if session.Session.MFA {
			t.Error("a role session says that it began with a code")
		}
		_, err = s.assume(alice, with(phone.code(s.now)))
		expect(t, err, "AccessDenied", "invalid MFA one time pass code")
		s.now = s.now.Add(30 * time.Second)
		_, err = s.assume(alice, with(phone.code(s.now)))
		expect(t, err, "", "")
		// A role has no device.
		s.now = s.now.Add(30 * time.Second)
		_, err = s.assume(session, with(phone.code(s.now)))
		expect(t, err, "AccessDenied", "unable to validate MFA code")
	})
}

func TestSessionTokenWithMFA(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		phone := s.device(boss, "alice")
		role := s.role(s.dev, "R", trusting(boss, needsMFA, needsNewMFA))
		get := func(in *stsapi.GetSessionTokenInput) (*stsapi.GetSessionTokenOutput, error) {
			return call[*stsapi.GetSessionTokenOutput](s, alice, in)
		}
		_, err := get(&stsapi.GetSessionTokenInput{SerialNumber: &phone.serial})
		expect(t, err, "AccessDenied", "must provide both")
		_, err = get(&stsapi.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: phone.code(s.now.Add(-time.Hour))})
		expect(t, err, "AccessDenied", "invalid MFA one time pass code")
		out, err := get(&stsapi.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: phone.code(s.now)})
		if err != nil {
			t.Fatal(err)
		}
		session := s.session(out.Credentials)
		if !session.Session.MFA || !session.Session.MFATime.Equal(s.now) {
			t.Errorf("session %+v does not say that it began with a code", session.Session)
		}
		_, err = s.assume(session, &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "", "")
		s.now = s.now.Add(2 * time.Minute)
		_, err = s.assume(session, &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "AccessDenied", "no role trust policy")
		without, err := get(&stsapi.GetSessionTokenInput{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.assume(s.session(without.Credentials), &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "AccessDenied", "no role trust policy")
	})
}

func TestRootUserHasADevice(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		phone := s.device(boss, "")
		out, err := call[*stsapi.GetSessionTokenOutput](s, root(boss), &stsapi.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: phone.code(s.now)})
		if err != nil {
			t.Fatal(err)
		}
		if !s.session(out.Credentials).Session.MFA {
			t.Error("the root user's session does not say that it began with a code")
		}
	})
}
