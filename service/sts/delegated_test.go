package sts_test

import (
	"context"
	"errors"
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// delegate has the stranger's account ask for what a policy allows, an owner take the request
// on, and the approver approve it; it returns the request.
func (s *scene) delegate(approver *credential.Caller, seconds int32, document string) (r iam.DelegationRequest, err error) {
	err = s.DB.Update(s.t.Context(), func(tx *store.Tx) error {
		ctx := s.t.Context()
		if err := iam.RegisterPartner(ctx, tx, iam.Partner{AccountID: stranger, Domain: "vendor.example", Name: "Vendor"}); err != nil {
			return err
		}
		template, err := iam.RegisterPartnerPolicy(ctx, tx, iam.PolicyTemplate, "vendor.example", "Setup", document)
		if err != nil {
			return err
		}
		made, err := iam.CreateDelegationRequest(ctx, tx, stranger, iam.NewDelegationRequest{
			TemplateARN: template, WorkflowID: "workflow", Channel: "arn:aws:sns:us-east-1:" + stranger + ":topic", Duration: seconds,
		})
		if err != nil {
			return err
		}
		if _, err := iam.AssociateDelegationRequest(ctx, tx, approver, made.ID); err != nil {
			return err
		}
		if _, err := iam.AcceptDelegationRequest(ctx, tx, approver, made.ID); err != nil {
			return err
		}
		r, err = iam.SendDelegationToken(ctx, tx, approver, made.ID)
		return err
	})
	return r, err
}

func (s *scene) exchange(c *credential.Caller, r *iam.DelegationRequest) (*stsapi.GetDelegatedAccessTokenOutput, error) {
	token, err := iam.ExchangeToken(r, s.Vault.Seal)
	s.must(err)
	return call[*stsapi.GetDelegatedAccessTokenOutput](s, c, &stsapi.GetDelegatedAccessTokenInput{TradeInToken: &token})
}

// The access ends when the time since the release is over, however often the token is
// exchanged, and only the requestor can exchange it.
func TestDelegatedAccessEndsWithItsToken(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		r, err := s.delegate(s.user(s.dev, "alice", allowAll), 3600, allowing("sts:GetAccessKeyInfo"))
		s.must(err)
		vendor := s.user(stranger, "app", allowing("sts:GetDelegatedAccessToken"))
		for _, after := range []time.Duration{0, 59 * time.Minute} {
			s.now = start.Add(after)
			out, err := s.exchange(vendor, &r)
			s.must(err)
			c := s.session(out.Credentials)
			if !c.Session.ExpiresAt.Equal(start.Add(time.Hour)) || !c.Session.IssuedAt.Equal(start) || c.Session.DelegateAccountID != stranger {
				t.Errorf("after %s: %+v", after, c.Session)
			}
		}
		_, err = s.exchange(s.user(stranger, "clerk", ""), &r)
		expect(t, err, "AccessDenied", "sts:GetDelegatedAccessToken")
		_, err = s.exchange(s.user(boss, "other", allowAll), &r)
		expect(t, err, "ValidationError", "The trade-in token is not valid.")
		s.now = start.Add(time.Hour)
		_, err = s.exchange(vendor, &r)
		expect(t, err, "ExpiredTradeInTokenException", "has expired")
	})
}

// Whatever grants, the policy of the request limits: also a trust policy that names the
// approver, and also the root user's power.
func TestDelegationPolicyLimitsWhateverGrants(t *testing.T) {
	s := newScene(t, storetest.Memory())
	alice := s.user(s.dev, "alice", "")
	role := s.role(s.dev, "Trusting", trusting(alice.ARN))
	s.assumed(alice, &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: smithy.Ptr("direct")})
	r, err := s.delegate(alice, 3600, allowing("sts:GetAccessKeyInfo"))
	s.must(err)
	vendor := s.user(stranger, "app", allowAll)
	out, err := s.exchange(vendor, &r)
	s.must(err)
	delegated := s.session(out.Credentials)
	_, err = s.assume(delegated, &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: smithy.Ptr("delegated")})
	expect(t, err, "AccessDenied", "no session policy allows the sts:AssumeRole action")
	// Alice may not do herself what the policy of the request allows.
	_, err = call[*stsapi.GetAccessKeyInfoOutput](s, delegated, &stsapi.GetAccessKeyInfoInput{AccessKeyId: smithy.Ptr("AKIAIOSFODNN7EXAMPLE")})
	expect(t, err, "AccessDenied", "no identity-based policy allows the sts:GetAccessKeyInfo action")
	_, err = call[*stsapi.GetSessionTokenOutput](s, delegated, &stsapi.GetSessionTokenInput{})
	expect(t, err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
}

// A role that is assumed with delegated access may do what the role may, but it ends with the
// access, is known as delegated, and approves nothing.
func TestRolesAssumedWithDelegatedAccess(t *testing.T) {
	s := newScene(t, storetest.Memory())
	alice := s.user(s.dev, "alice", allowAll)
	role := s.role(s.dev, "Deploy", trusting(alice.ARN))
	r, err := s.delegate(alice, 3600, allowing("sts:AssumeRole"))
	s.must(err)
	out, err := s.exchange(s.user(stranger, "app", allowAll), &r)
	s.must(err)
	delegated := s.session(out.Credentials)
	for after, want := range map[time.Duration]time.Duration{0: 15 * time.Minute, 59*time.Minute + 30*time.Second: time.Hour} {
		s.now = start.Add(after)
		c := s.assumed(delegated, &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: smithy.Ptr("on"), DurationSeconds: smithy.Ptr(int32(900))})
		if c.Session.DelegateAccountID != stranger || !c.Session.ExpiresAt.Equal(start.Add(want)) {
			t.Errorf("after %s: for %q until %s", after, c.Session.DelegateAccountID, c.Session.ExpiresAt)
		}
		err := s.DB.Update(t.Context(), func(tx *store.Tx) error {
			made, err := iam.CreateDelegationRequest(t.Context(), tx, stranger, iam.NewDelegationRequest{
				TemplateARN: r.TemplateARN, WorkflowID: "again" + after.String(), Channel: r.Channel, Duration: 3600,
			})
			if err == nil {
				_, err = iam.AssociateDelegationRequest(t.Context(), tx, c, made.ID)
			}
			if err == nil {
				_, err = iam.AcceptDelegationRequest(t.Context(), tx, c, made.ID)
			}
			return err
		})
		var rule *iam.Error
		if !errors.As(err, &rule) || rule.Code != iam.AccessDenied {
			t.Errorf("approved by a role that was assumed with delegated access: %v", err)
		}
		// The request's policy speaks of assuming roles only; what the role may do is the role's.
		_, err = s.assume(c, &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: smithy.Ptr("further")})
		expect(t, err, "AccessDenied", "sts:AssumeRole")
		if _, err = call[*stsapi.GetAccessKeyInfoOutput](s, delegated, &stsapi.GetAccessKeyInfoInput{AccessKeyId: smithy.Ptr("AKIAIOSFODNN7EXAMPLE")}); err == nil {
			t.Error("the policy of the request does not limit any more")
		}
	}
}

func TestRootUsersApproveFourHours(t *testing.T) {
	s := newScene(t, storetest.Memory())
	_, err := s.delegate(root(s.dev), 4*3600+1, allowing("sts:GetAccessKeyInfo"))
	var rule *iam.Error
	if !errors.As(err, &rule) || rule.Code != iam.InvalidInput {
		t.Errorf("more than four hours: %v", err)
	}
	r, err := s.delegate(root(s.dev), 4*3600, allowing("sts:GetAccessKeyInfo"))
	s.must(err)
	out, err := s.exchange(s.user(stranger, "app", allowAll), &r)
	s.must(err)
	delegated := s.session(out.Credentials)
	_, err = call[*stsapi.GetAccessKeyInfoOutput](s, delegated, &stsapi.GetAccessKeyInfoInput{AccessKeyId: smithy.Ptr("AKIAIOSFODNN7EXAMPLE")})
	expect(t, err, "ValidationError", "does not exist") // past the gate
	_, err = call[*stsapi.DecodeAuthorizationMessageOutput](s, delegated, &stsapi.DecodeAuthorizationMessageInput{EncodedMessage: smithy.Ptr("x")})
	expect(t, err, "AccessDenied", "no session policy allows")
}

// Requests expire where they stand, and somebody with delegated access approves nothing.
func TestDelegationRequestsExpire(t *testing.T) {
	s := newScene(t, storetest.Memory())
	alice := s.user(s.dev, "alice", allowAll)
	r, err := s.delegate(alice, 300, allowing("sts:GetAccessKeyInfo"))
	s.must(err)
	state := func() (state iam.DelegationState) {
		s.update(func(ctx context.Context, tx *store.Tx) error {
			found, err := iam.GetDelegationRequest(ctx, tx, s.dev, r.ID)
			state = found.State
			return err
		})
		return state
	}
	for after, want := range map[time.Duration]iam.DelegationState{
		7*24*time.Hour - time.Second: iam.DelegationFinalized, 7 * 24 * time.Hour: iam.DelegationExpired,
	} {
		s.now = start.Add(after)
		if got := state(); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
	}
	s.now = start
	approver := *alice
	approver.Session = &credential.Session{DelegateAccountID: stranger}
	var made iam.DelegationRequest
	ask := func(workflow string) {
		s.update(func(ctx context.Context, tx *store.Tx) (err error) {
			made, err = iam.CreateDelegationRequest(ctx, tx, stranger, iam.NewDelegationRequest{
				TemplateARN: r.TemplateARN, WorkflowID: workflow, Channel: r.Channel, Duration: 300,
			})
			return err
		})
	}
	step := func(do func(ctx context.Context, tx *store.Tx) (iam.DelegationRequest, error)) error {
		return s.DB.Update(t.Context(), func(tx *store.Tx) error {
			_, err := do(t.Context(), tx)
			return err
		})
	}
	associate := func(ctx context.Context, tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.AssociateDelegationRequest(ctx, tx, alice, made.ID)
	}
	ask("second")
	s.must(step(associate))
	err = step(func(ctx context.Context, tx *store.Tx) (iam.DelegationRequest, error) {
		return iam.AcceptDelegationRequest(ctx, tx, &approver, made.ID)
	})
	var rule *iam.Error
	if !errors.As(err, &rule) || rule.Code != iam.AccessDenied {
		t.Errorf("approved with delegated access: %v", err)
	}
	ask("third")
	s.now = start.Add(24 * time.Hour)
	if err = step(associate); !errors.As(err, &rule) || rule.Message != "The delegation request "+made.ID+" is in the state EXPIRED." {
		t.Errorf("taken on after a day: %v", err)
	}
}
