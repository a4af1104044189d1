package sts_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// issuer is an OpenID Connect provider on this machine.
type issuer struct {
	*httptest.Server
	key, ec crypto.Signer
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, ec: ec}
	mux := http.NewServeMux()
	answer := func(path string, body func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(body())
		})
	}
	answer("/.well-known/openid-configuration", func() any {
		return map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"}
	})
	answer("/keys", func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one"}, {Key: ec.Public(), KeyID: "two"}}}
	})
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) thumbprint() string {
	sum := sha1.Sum(i.Certificate().Raw)
	return hex.EncodeToString(sum[:])
}

// host is the issuer without its scheme, as condition keys begin.
func (i *issuer) host() string { return strings.TrimPrefix(i.URL, "https://") }

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// claims are those of a good token, with changes.
func (i *issuer) claims(now time.Time, change ...func(map[string]any)) map[string]any {
	c := map[string]any{
		"iss": i.URL, "sub": "repo:org/app", "aud": "sts.amazonaws.com", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for _, f := range change {
		f(c)
	}
	return c
}

func set(key string, value any) func(map[string]any) {
	return func(c map[string]any) { c[key] = value }
}

// provider makes the issuer known to the account.
func (s *scene) provider(account string, i *issuer, thumbprint string) string {
	var arn string
	s.update(func(ctx context.Context, tx *store.Tx) error {
		p, err := iam.CreateOIDCProvider(ctx, tx, account, iam.NewOIDCProvider{
			URL: i.URL, ClientIDs: []string{"sts.amazonaws.com", "other"}, Thumbprints: []string{thumbprint},
		})
		arn = p.ARN
		return err
	})
	return arn
}

func federatedTrust(provider, action, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":[` + action + `],"Condition":` + condition + `}]}`
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		i := newIssuer(t)
		arn := s.provider(s.dev, i, i.thumbprint())
		roleARN := s.role(s.dev, "deploy", federatedTrust(arn, `"sts:AssumeRoleWithWebIdentity"`,
			`{"StringEquals":{"`+i.host()+`:aud":"sts.amazonaws.com"},"StringLike":{"`+i.host()+`:sub":"repo:org/*"}}`))
		tagged := s.role(s.dev, "tagged", federatedTrust(arn, `"sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"`,
			`{"StringEquals":{"aws:RequestTag/project":"red"}}`))
		assume := func(role, token string) (*stsapi.AssumeRoleWithWebIdentityOutput, error) {
			return call[*stsapi.AssumeRoleWithWebIdentityOutput](s, &credential.Caller{}, &stsapi.AssumeRoleWithWebIdentityInput{
				RoleArn: &role, RoleSessionName: new("ci"), WebIdentityToken: &token,
			})
		}
		rs := func(change ...func(map[string]any)) string {
			return sign(t, jose.RS256, i.key, "one", i.claims(s.now, change...))
		}
		out, err := assume(roleARN, rs())
		s.must(err)
		who := s.session(out.Credentials)
		if who.ARN != "arn:aws:sts::"+s.dev+":assumed-role/deploy/ci" || *out.SubjectFromWebIdentityToken != "repo:org/app" ||
			*out.Audience != "sts.amazonaws.com" || *out.Provider != i.URL {
			t.Errorf("session of %s: %+v", who.ARN, out)
		}
		_, err = assume(roleARN, sign(t, jose.ES256, i.ec, "two", i.claims(s.now)))
		s.must(err)

		attributes := set("https://aws.amazon.com/tags", map[string]any{
			"principal_tags": map[string]any{"project": []string{"red"}}, "transitive_tag_keys": []string{"project"},
		})
		out, err = assume(tagged, rs(attributes, set("https://aws.amazon.com/source_identity", "ann")))
		s.must(err)
		session := s.session(out.Credentials).Session
		if session.Tags["project"] != "red" || session.SourceIdentity != "ann" || len(session.TransitiveTagKeys) != 1 {
			t.Errorf("session: %+v", session)
		}

		stolen, err := rsa.GenerateKey(rand.Reader, 2048)
		s.must(err)
		const denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
		for _, c := range []struct{ name, role, token, code, message string }{
			{"another subject", roleARN, rs(set("sub", "repo:evil/app")), "AccessDenied", denied},
			{"another audience", roleARN, rs(set("aud", "other")), "AccessDenied", denied},
			{"an audience that is not listed", roleARN, rs(set("aud", "evil")), "InvalidIdentityToken", "Incorrect token audience"},
			{"an authorized party that is not listed", roleARN, rs(set("azp", "evil")), "InvalidIdentityToken", "Incorrect token audience"},
			{"no such role", roleARN + "x", rs(), "AccessDenied", denied},
			{"tags that the role does not take", roleARN, rs(attributes), "AccessDenied", "Not authorized to perform sts:TagSession"},
			{"expired", roleARN, rs(set("exp", s.now.Unix())), "ExpiredTokenException", "Token expired"},
			{"not yet", roleARN, rs(set("nbf", s.now.Add(time.Hour).Unix())), "InvalidIdentityToken", "not valid yet"},
			{"no times", roleARN, rs(func(c map[string]any) { delete(c, "iat") }), "InvalidIdentityToken", "Missing a required claim"},
			{"another's key", roleARN, sign(t, jose.RS256, stolen, "one", i.claims(s.now)), "InvalidIdentityToken", "Couldn't retrieve verification key"},
			{"a key that is not there", roleARN, sign(t, jose.RS256, stolen, "nine", i.claims(s.now)), "InvalidIdentityToken", "Couldn't retrieve verification key"},
			{"a shared secret", roleARN, sign(t, jose.HS256, make([]byte, 32), "one", i.claims(s.now)), "InvalidIdentityToken", "not a valid JWT"},
			{"no token", roleARN, "token", "InvalidIdentityToken", "not a valid JWT"},
			{"another issuer", roleARN, rs(set("iss", "https://evil.example.com")), "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://evil.example.com"},
			{"another account", strings.Replace(roleARN, s.dev, boss, 1), rs(), "InvalidIdentityToken", "No OpenIDConnect provider found"},
		} {
			_, err := assume(c.role, c.token)
			t.Log(c.name)
			expect(t, err, c.code, c.message)
		}
	})
}

// A token counts only if the provider's server is whom its certificate or a thumbprint says.
func TestWebIdentityProviderServer(t *testing.T) {
	s := newScene(t, storetest.Memory())
	i := newIssuer(t)
	arn := s.provider(s.dev, i, strings.Repeat("0", 40))
	roleARN := s.role(s.dev, "deploy", federatedTrust(arn, `"sts:AssumeRoleWithWebIdentity"`, `{}`))
	assume := func() error {
		_, err := call[*stsapi.AssumeRoleWithWebIdentityOutput](s, &credential.Caller{}, &stsapi.AssumeRoleWithWebIdentityInput{
			RoleArn: &roleARN, RoleSessionName: new("ci"), WebIdentityToken: new(sign(t, jose.RS256, i.key, "one", i.claims(s.now))),
		})
		return err
	}
	expect(t, assume(), "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
	s.update(func(ctx context.Context, tx *store.Tx) error {
		return iam.UpdateOIDCThumbprints(ctx, tx, s.dev, arn, []string{i.thumbprint()})
	})
	s.must(assume())
	i.Close()
	s.must(assume()) // its keys are known
	s.update(func(ctx context.Context, tx *store.Tx) error {
		return iam.UpdateOIDCThumbprints(ctx, tx, s.dev, arn, []string{i.thumbprint(), strings.Repeat("0", 40)})
	})
	expect(t, assume(), "IDPCommunicationError", "")
}
