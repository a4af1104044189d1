package sts_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const audience = "https://api.example.com"

// outbound lets the account issue tokens and returns the issuer's id.
func (s *scene) outbound(account string) string {
	s.t.Helper()
	s.PublicURL = "https://bailiwick.example.com"
	s.update(func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.EnableOutbound(ctx, tx, account, "issuer-of-"+account)
		return err
	})
	return "issuer-of-" + account
}

func (s *scene) identityToken(c *credential.Caller, in stsapi.GetWebIdentityTokenInput) (*stsapi.GetWebIdentityTokenOutput, error) {
	if in.Audience == nil {
		in.Audience = []string{audience}
	}
	if in.SigningAlgorithm == nil {
		in.SigningAlgorithm = new("ES384")
	}
	return call[*stsapi.GetWebIdentityTokenOutput](s, c, &in)
}

// verified returns the claims of a token and the id of the key that signed it, if the issuer
// publishes that key.
func (s *scene) verified(issuer, text string) (map[string]any, string) {
	s.t.Helper()
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256, jose.ES384})
	s.must(err)
	var keys []iam.OutboundKey
	s.update(func(ctx context.Context, tx *store.Tx) (err error) {
		keys, _, err = iam.OutboundPublished(ctx, tx, issuer)
		return err
	})
	for _, k := range keys {
		if k.ID != token.Headers[0].KeyID {
			continue
		}
		public, err := x509.ParsePKIXPublicKey(k.Public)
		s.must(err)
		var claims map[string]any
		s.must(token.Claims(public, &claims))
		return claims, k.ID
	}
	s.t.Fatalf("the issuer does not publish the key %s", token.Headers[0].KeyID)
	return nil, ""
}

func TestGetWebIdentityToken(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(s.dev, "alice", allowing("sts:*"))
		_, err := s.identityToken(alice, stsapi.GetWebIdentityTokenInput{})
		expect(t, err, "OutboundWebIdentityFederationDisabledException", "not enabled")
		issuer := s.outbound(s.dev)
		for _, algorithm := range []string{"RS256", "ES384"} {
			out, err := s.identityToken(alice, stsapi.GetWebIdentityTokenInput{
				SigningAlgorithm: &algorithm, Tags: []stsapi.Tag{{Key: new("job"), Value: new("n=1")}},
			})
			s.must(err)
			claims, _ := s.verified(issuer, *out.WebIdentityToken)
			if claims["jti"] == "" {
				t.Error("no jti")
			}
			delete(claims, "jti")
			path := "" // of the account in its organization
			if list, ok := claims["https://sts.amazonaws.com/"].(map[string]any)["ou_path"].([]any); ok && len(list) == 1 {
				path, _ = list[0].(string)
			}
			if !strings.HasPrefix(path, s.organization.ID+"/"+s.organization.RootID+"/") {
				t.Errorf("path %q", path)
			}
			want := map[string]any{
				"iss": "https://bailiwick.example.com/_bailiwick/oidc/" + issuer, "sub": alice.ARN, "aud": audience,
				"iat": float64(s.now.Unix()), "exp": float64(s.now.Unix() + 300),
				"https://sts.amazonaws.com/": map[string]any{
					"aws_account": s.dev, "principal_id": alice.ARN, "org_id": s.organization.ID, "ou_path": []any{path},
					"principal_tags": map[string]any{"team": "alice"}, "request_tags": map[string]any{"job": "n=1"},
				},
			}
			if !reflect.DeepEqual(claims, want) {
				t.Errorf("claims\n%v, want\n%v", claims, want)
			}
			if !out.Expiration.Equal(s.now.Add(5 * time.Minute)) {
				t.Errorf("expires %s", out.Expiration)
			}
		}
	})
}

func TestGetWebIdentityTokenOfSessions(t *testing.T) {
	s := newScene(t, storetest.Memory())
	issuer := s.outbound(s.dev)
	alice := s.user(s.dev, "alice", allowing("sts:*"))
	role := s.role(s.dev, "Deploy", trusting(alice.ARN))
	session := s.assumed(alice, &stsapi.AssumeRoleInput{
		RoleArn: &role, DurationSeconds: new(int32(900)), SourceIdentity: new("alice"),
		Tags: []stsapi.Tag{{Key: new("Stage"), Value: new("live")}},
	})
	out, err := s.identityToken(session, stsapi.GetWebIdentityTokenInput{Audience: []string{"a", "b"}})
	s.must(err)
	claims, _ := s.verified(issuer, *out.WebIdentityToken)
	own := claims["https://sts.amazonaws.com/"].(map[string]any)
	for name, want := range map[string]any{
		"principal_id": role, "source_identity": "alice", "principal_tags": map[string]any{"Stage": "live"},
		"original_session_exp": s.now.Add(15 * time.Minute).Format(time.RFC3339),
	} {
		if !reflect.DeepEqual(own[name], want) {
			t.Errorf("%s = %v, want %v", name, own[name], want)
		}
	}
	if claims["sub"] != role || !reflect.DeepEqual(claims["aud"], []any{"a", "b"}) {
		t.Errorf("sub %v, aud %v", claims["sub"], claims["aud"])
	}
	_, err = s.identityToken(session, stsapi.GetWebIdentityTokenInput{DurationSeconds: new(int32(901))})
	expect(t, err, "SessionDurationEscalationException", "beyond its original expiration")
}

func TestGetWebIdentityTokenRefusals(t *testing.T) {
	s := newScene(t, storetest.Memory())
	s.outbound(s.dev)
	alice := s.user(s.dev, "alice", allowing("sts:*"))
	untagged := s.user(s.dev, "untagged", allowing("sts:GetWebIdentityToken"))
	limited := s.user(s.dev, "limited", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetWebIdentityToken",
		"Resource":"arn:aws:sts::`+s.dev+`:self","Condition":{"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"`+audience+`"},
		"NumericLessThanEquals":{"sts:DurationSeconds":"300"},"StringEquals":{"sts:SigningAlgorithm":"ES384"}}}]}`)
	large := make([]stsapi.Tag, 50)
	for i := range large {
		large[i] = stsapi.Tag{Key: new(strings.Repeat("k", 120) + strconv.Itoa(i)), Value: new(strings.Repeat("v", 256))}
	}
	for _, c := range []struct {
		name          string
		caller        *credential.Caller
		in            stsapi.GetWebIdentityTokenInput
		code, message string
	}{
		{"within the conditions", limited, stsapi.GetWebIdentityTokenInput{}, "", ""},
		{"another audience", limited, stsapi.GetWebIdentityTokenInput{Audience: []string{audience, "x"}}, "AccessDenied", "sts:GetWebIdentityToken on resource: arn:aws:sts::" + s.dev + ":self"},
		{"too long", limited, stsapi.GetWebIdentityTokenInput{DurationSeconds: new(int32(301))}, "AccessDenied", ""},
		{"another algorithm", limited, stsapi.GetWebIdentityTokenInput{SigningAlgorithm: new("RS256")}, "AccessDenied", ""},
		{"tags without the permission", untagged, stsapi.GetWebIdentityTokenInput{Tags: large[:1]}, "AccessDenied", "sts:TagGetWebIdentityToken"},
		{"tags twice", alice, stsapi.GetWebIdentityTokenInput{Tags: []stsapi.Tag{{Key: new("a"), Value: new("")}, {Key: new("A"), Value: new("")}}}, "InvalidParameterValue", "Duplicate tag keys"},
		{"no such algorithm", alice, stsapi.GetWebIdentityTokenInput{SigningAlgorithm: new("RS384")}, "ValidationError", "[ES384, RS256]"},
		{"less than a minute", alice, stsapi.GetWebIdentityTokenInput{DurationSeconds: new(int32(59))}, "ValidationError", "greater than or equal to 60"},
		{"no audience", alice, stsapi.GetWebIdentityTokenInput{Audience: []string{}}, "ValidationError", "at 'audience'"},
		{"too much", alice, stsapi.GetWebIdentityTokenInput{Tags: large}, "JWTPayloadSizeExceededException", "exceeds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.identityToken(c.caller, c.in)
			expect(t, err, c.code, c.message)
		})
	}
}

// A key is published a day before it signs, and a while after its last token.
func TestTokenKeysChange(t *testing.T) {
	s := newScene(t, storetest.Memory())
	issuer := s.outbound(s.dev)
	alice := s.user(s.dev, "alice", allowing("sts:*"))
	signer := func() string {
		out, err := s.identityToken(alice, stsapi.GetWebIdentityTokenInput{})
		s.must(err)
		_, id := s.verified(issuer, *out.WebIdentityToken)
		return id
	}
	published := func() (n int) {
		s.update(func(ctx context.Context, tx *store.Tx) error {
			keys, _, err := iam.OutboundPublished(ctx, tx, issuer)
			n = len(keys)
			return err
		})
		return n
	}
	first := signer()
	s.now = s.now.Add(90*24*time.Hour - time.Second)
	if signer() != first || published() != 2 {
		t.Errorf("%d keys before the change", published())
	}
	s.now = s.now.Add(time.Second)
	if signer() != first || published() != 4 {
		t.Errorf("%d keys at the change", published())
	}
	s.now = s.now.Add(24 * time.Hour)
	second := signer()
	if second == first || published() != 4 {
		t.Errorf("%d keys a day later", published())
	}
	s.now = s.now.Add(24 * time.Hour)
	if signer() != second || published() != 2 {
		t.Errorf("%d keys two days later", published())
	}
}

// The log knows a token by its id and never holds it; and it opens nothing here.
func TestWebIdentityTokenStaysOutside(t *testing.T) {
	s := newScene(t, storetest.Memory())
	issuer := s.outbound(s.dev)
	alice := s.user(s.dev, "alice", allowing("sts:*"))
	var out *stsapi.GetWebIdentityTokenOutput
	events := s.recorded(alice, func(ctx context.Context) {
		var err error
		out, err = callIn[*stsapi.GetWebIdentityTokenOutput](s, ctx, &stsapi.GetWebIdentityTokenInput{
			Audience: []string{audience}, SigningAlgorithm: new("RS256"),
		})
		s.must(err)
	})
	claims, _ := s.verified(issuer, *out.WebIdentityToken)
	var record struct {
		ResponseElements map[string]string `json:"responseElements"`
	}
	s.must(json.Unmarshal(events[0].Record, &record))
	if record.ResponseElements["webIdentityTokenId"] != claims["jti"] || contains(events[0].Record, *out.WebIdentityToken) {
		t.Errorf("event %s", events[0].Record)
	}
	s.update(func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateOIDCProvider(ctx, tx, boss, iam.NewOIDCProvider{URL: claims["iss"].(string), ClientIDs: []string{audience}})
		return err
	})
	role := s.role(boss, "Federated", trusting(boss))
	_, err := callIn[*stsapi.AssumeRoleWithWebIdentityOutput](s, audit.NewContext(credential.NewContext(t.Context(), &credential.Caller{}), nil), &stsapi.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: new("session"), WebIdentityToken: out.WebIdentityToken,
	})
	expect(t, err, "InvalidIdentityToken", "cannot be used for federation into AWS")
}
