package sts_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestGetCallerIdentityNeedsNoPermission(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		denied := s.user(boss, "denied", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)
		for _, c := range []*credential.Caller{denied, root(boss)} {
			out, err := call[*stsapi.GetCallerIdentityOutput](s, c, &stsapi.GetCallerIdentityInput{})
			if err != nil || *out.Arn != c.ARN || *out.Account != boss || *out.UserId != c.PrincipalID {
				t.Errorf("%s: %+v, %v", c.ARN, out, err)
			}
		}
	})
}

func TestGetAccessKeyInfo(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice, bob := s.user(boss, "alice", allowing("sts:GetAccessKeyInfo")), s.user(boss, "bob", "")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			return iam.CreateRootAccessKey(ctx, tx, stranger, "AKIACHOSENBYOPERATOR", []byte("sealed"))
		})
		tests := []struct {
			name, id, account, code string
			caller                  *credential.Caller
		}{
			// A published key that is long gone.
			{"an id that carries its account", "ASIAQNZGKIQY56JQ7WML", "029608264753", "", alice},
			{"an id that an operator chose", "AKIACHOSENBYOPERATOR", stranger, "", alice},
			{"an id that nobody has", "AKIAIOSFODNN7EXAMPLE", "", "ValidationError", alice},
			{"an id that cannot be one", "AKIA IOSFODNN7EXAMPLE", "", "ValidationError", alice},
			{"without permission", "ASIAQNZGKIQY56JQ7WML", "", "AccessDenied", bob},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				out, err := call[*stsapi.GetAccessKeyInfoOutput](s, tt.caller, &stsapi.GetAccessKeyInfoInput{AccessKeyId: &tt.id})
				expect(t, err, tt.code, "")
				if err == nil && *out.Account != tt.account {
					t.Errorf("account %s, want %s", *out.Account, tt.account)
				}
			})
		}
	})
}

func TestDecodeAuthorizationMessage(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", `{"Version":"2012-10-17","Statement":[
			{"Sid":"Any","Effect":"Allow","Action":"*","Resource":"*"},
			{"Sid":"NotFromHere","Effect":"Deny","Action":"sts:AssumeRole","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}]}`)
		role := s.role(s.dev, "R", trusting(boss))
		_, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role})
		var denied *authz.DeniedError
		if !errors.As(err, &denied) {
			t.Fatalf("not refused: %v", err)
		}
		encoded, err := authz.EncodeMessage(s.Vault, alice, denied)
		s.must(err)
		if len(encoded) > 10240 {
			t.Errorf("the message has %d characters, more than can be sent back", len(encoded))
		}
		decode := func(c *credential.Caller, text string) (*stsapi.DecodeAuthorizationMessageOutput, error) {
			return call[*stsapi.DecodeAuthorizationMessageOutput](s, c, &stsapi.DecodeAuthorizationMessageInput{EncodedMessage: &text})
		}
		out, err := decode(alice, encoded)
		s.must(err)
		var got struct {
			Allowed, ExplicitDeny bool
			MatchedStatements     struct {
				Items []struct{ StatementID, Effect string }
			}
			Context struct {
				Principal        struct{ ID, Name, ARN string }
				Action, Resource string
				Conditions       struct {
					Items []struct {
						Key    string
						Values struct{ Items []struct{ Value string } }
					}
				}
			}
		}
		s.must(json.Unmarshal([]byte(smithy.Value(out.DecodedMessage)), &got))
		c := got.Context
		if got.Allowed || !got.ExplicitDeny || c.Action != "sts:AssumeRole" || c.Resource != role || c.Principal.ARN != alice.ARN ||
			c.Principal.ID != alice.PrincipalID || c.Principal.Name != "alice" {
			t.Errorf("decoded %s", *out.DecodedMessage)
		}
		if len(c.Conditions.Items) != 1 || c.Conditions.Items[0].Key != "aws:SourceIp" || c.Conditions.Items[0].Values.Items[0].Value != "127.0.0.1" {
			t.Errorf("conditions %+v", c.Conditions)
		}
		effects := map[string]string{}
		for _, m := range got.MatchedStatements.Items {
			effects[m.StatementID] = m.Effect
		}
		if effects["NotFromHere"] != "DENY" || effects["Any"] != "ALLOW" {
			t.Errorf("matched statements %v", effects)
		}

		_, err = decode(s.user(boss, "bob", ""), encoded)
		expect(t, err, "AccessDenied", "sts:DecodeAuthorizationMessage on resource: *")
		for _, bad := range []string{"x", encoded + "A", encoded[1:], "!" + encoded[1:]} {
			_, err = decode(alice, bad)
			expect(t, err, "InvalidAuthorizationMessageException", "Message is not valid")
		}
		// A message is for the account whose call was refused.
		_, err = decode(root(stranger), encoded)
		expect(t, err, "InvalidAuthorizationMessageException", "Message is not valid")
	})
}

func TestUnbuiltOperationsSaySo(t *testing.T) {
	s := newScene(t, storetest.Memory())
	built := map[string]bool{}
	for _, r := range s.Rows() {
		built[r.Operation] = true
	}
	for i := range stsapi.Describe().Operations {
		op := &stsapi.Describe().Operations[i]
		if built[op.Name] {
			continue
		}
		_, err := stsapi.Handler(s.Service).Invoke(t.Context(), op, op.NewInput())
		expect(t, err, "NotImplemented", op.Name)
	}
	if len(built) < 10 {
		t.Errorf("%d operations have rows", len(built))
	}
}
