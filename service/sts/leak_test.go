package sts_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// refusedAs returns the explanation of a refused AssumeRole as the caller's event has it, and
// as an encoded message tells it.
func (s *scene) refusedAs(c *credential.Caller, role, externalID string) (event, message string) {
	s.t.Helper()
	in := &stsapi.AssumeRoleInput{RoleArn: &role}
	if externalID != "" {
		in.ExternalId = &externalID
	}
	_, err := s.assume(c, in)
	var denied *authz.DeniedError
	if !errors.As(err, &denied) {
		s.t.Fatalf("not refused: %v", err)
	}
	encoded, err := authz.EncodeMessage(s.Vault, c, denied)
	s.must(err)
	message, err = authz.DecodeMessage(s.Vault, c.AccountID, encoded)
	s.must(err)
	return string(denied.JSON()), message
}

// A caller's events tell nothing of the trust policies of other accounts: an external id in
// them is as good as a password.
func TestRefusalDoesNotTellTheTrustPolicyOfAnotherAccount(t *testing.T) {
	s := newScene(t, storetest.Memory())
	mallory := s.user(stranger, "mallory", allowAll)
	trust := trusting(stranger, `"StringEquals":{"sts:ExternalId":"a-secret-between-us"}`)
	role := s.role(s.dev, "Vendor", trust)
	event, message := s.refusedAs(mallory, role, "guess")
	nobody, _ := s.refusedAs(mallory, strings.Replace(role, "Vendor", "Nobody", 1), "guess")
	if strings.ReplaceAll(event, "Vendor", "Nobody") != nobody {
		t.Errorf("a role that is there is told from one that is not:\n%s\n%s", event, nobody)
	}
	for _, secret := range []string{"a-secret-between-us", "externalid", "ExternalId"} {
		if strings.Contains(event, secret) || strings.Contains(message, secret) {
			t.Errorf("%q is told: %s %s", secret, event, message)
		}
	}
	// The own policies are told, and to the same account the trust policy too.
	if !strings.Contains(event, `"kind":"identity-based policy","says":"allow"`) {
		t.Errorf("the own layer is missing: %s", event)
	}
	own := s.user(s.dev, "own", allowAll)
	if event, _ := s.refusedAs(own, role, ""); !strings.Contains(event, `AWS:arn:aws:iam::`+stranger+`:root`) {
		t.Errorf("the account's own trust policy is missing: %s", event)
	}
}

// Beyond the organization nobody learns that an account is closed.
func TestRefusalDoesNotTellThatAnotherOrganizationsAccountIsClosed(t *testing.T) {
	s := newScene(t, storetest.Memory())
	mallory, alice := s.user(stranger, "mallory", allowAll), s.user(boss, "alice", allowAll)
	role := s.role(s.dev, "Open", trusting("*"))
	untrusting := s.role(s.dev, "Shut", trusting(s.dev))
	refused, _ := s.refusedAs(mallory, untrusting, "")
	s.update(func(ctx context.Context, tx *store.Tx) error {
		return org.CloseAccount(ctx, tx, s.organization, org.Settings{CloseLimit: 10}, s.dev)
	})
	event, _ := s.refusedAs(mallory, role, "")
	// Only the identity's layer tells more where the evaluation came to its end.
	var got, want struct {
		Authorization struct{ Reason, Outcome string }
	}
	s.must(json.Unmarshal([]byte(event), &got))
	s.must(json.Unmarshal([]byte(refused), &want))
	if got != want {
		t.Errorf("closed: %s\nuntrusting: %s", event, refused)
	}
	if event, _ := s.refusedAs(alice, role, ""); !strings.Contains(event, "state of the resource's account") {
		t.Errorf("to the organization: %s", event)
	}
}

// A question outside of an operation's row is no way to act for an account that is closed.
func TestNobodyOfAClosedAccountIsAllowedAnything(t *testing.T) {
	s := newScene(t, storetest.Memory())
	admin := s.user(s.dev, "admin", allowAll)
	check := authz.Check{Action: "iam:PassRole", Resource: "arn:aws:iam::" + s.dev + ":role/R"}
	if err := s.gate.Check(t.Context(), admin, authz.Environment{Time: s.now}, check); err != nil {
		t.Fatal(err)
	}
	s.update(func(ctx context.Context, tx *store.Tx) error {
		return org.CloseAccount(ctx, tx, s.organization, org.Settings{CloseLimit: 10}, s.dev)
	})
	if err := s.gate.Check(t.Context(), admin, authz.Environment{Time: s.now}, check); !errors.Is(err, authz.ErrPrincipalGone) {
		t.Errorf("after closing: %v", err)
	}
}
