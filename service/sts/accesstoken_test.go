package sts_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/service/sts"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// Access tokens of the OAuth 2.0 providers that AWS knows: only the provider can say what they are.
func TestAccessTokens(t *testing.T) {
	s := newScene(t, storetest.Memory())
	mux := http.NewServeMux()
	for path, body := range map[string]string{
		"/auth/o2/tokeninfo": `{"user_id":"amzn1.account.ANN","aud":"amzn1.oa2-client.GAME","app_id":"amzn1.application.GAME"}`,
		"/me":                `{"id":"1234"}`, "/app": `{"id":"5678"}`,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("access_token") != "Atza|good" {
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = io.WriteString(w, body)
		})
	}
	providers := httptest.NewTLSServer(mux)
	defer providers.Close()
	s.AskAboutTokens(providers.Client(), map[string]string{oidc.Amazon: providers.URL, oidc.Facebook: providers.URL})
	roles := map[string]string{
		oidc.Amazon:   s.role(s.dev, "players", federatedTrust(oidc.Amazon, `"sts:AssumeRoleWithWebIdentity"`, `{"StringEquals":{"www.amazon.com:app_id":"amzn1.application.GAME"}}`)),
		oidc.Facebook: s.role(s.dev, "friends", federatedTrust(oidc.Facebook, `"sts:AssumeRoleWithWebIdentity"`, `{"StringEquals":{"graph.facebook.com:app_id":"5678","graph.facebook.com:id":"1234"}}`)),
	}
	assume := func(role, provider, token string) (*stsapi.AssumeRoleWithWebIdentityOutput, error) {
		return call[*stsapi.AssumeRoleWithWebIdentityOutput](s, &credential.Caller{}, &stsapi.AssumeRoleWithWebIdentityInput{
			RoleArn: &role, RoleSessionName: new("ann"), WebIdentityToken: &token, ProviderId: &provider,
		})
	}
	for provider, want := range map[string][3]string{
		oidc.Amazon:   {"amzn1.account.ANN", "amzn1.oa2-client.GAME", oidc.Amazon + ":user_id"},
		oidc.Facebook: {"1234", "5678", oidc.Facebook + ":id"},
	} {
		out, err := assume(roles[provider], provider, "Atza|good")
		s.must(err)
		if *out.Provider != provider || *out.SubjectFromWebIdentityToken != want[0] || *out.Audience != want[1] {
			t.Errorf("%s: %+v", provider, out)
		}
		session := s.session(out.Credentials).Session
		if got := session.FederatedKeys[want[2]]; session.FederatedProvider != provider || len(got) != 1 || got[0] != want[0] {
			t.Errorf("%s: session %+v", provider, session)
		}
	}
	_, err := assume(roles[oidc.Amazon], oidc.Facebook, "Atza|good")
	expect(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	_, err = assume(roles[oidc.Facebook], oidc.Facebook, "stolen")
	expect(t, err, "IDPRejectedClaim", "graph.facebook.com: graph.facebook.com responded with HTTP/1.1 400 Bad Request")
	_, err = assume(roles[oidc.Amazon], "accounts.google.com", "Atza|good")
	expect(t, err, "ValidationError", "accounts.google.com is not supported")
	providers.Close()
	_, err = assume(roles[oidc.Amazon], oidc.Amazon, "another")
	expect(t, err, "IDPCommunicationError", "Couldn't reach the identity provider www.amazon.com")
}

// Some OpenID Connect providers are there in every account, and take tokens for anybody: their
// trust policies say for whom.
func TestBuiltInProviders(t *testing.T) {
	s := newScene(t, storetest.Memory())
	for _, issuer := range []string{"accounts.google.com", "https://accounts.google.com", "https://cognito-identity.amazonaws.com"} {
		p, err := s.OIDCProvider(t.Context(), s.dev, issuer)
		s.must(err)
		if host := strings.TrimPrefix(issuer, "https://"); p.ARN != host || p.URL != host {
			t.Errorf("%s: %+v", issuer, p)
		}
		for _, c := range []struct {
			party, audience, want string
		}{{"", "my-app", "my-app"}, {"my-phone", "my-app", "my-phone"}} {
			if got, err := sts.AudienceOf(p, c.party, c.audience); err != nil || got != c.want {
				t.Errorf("%s: %q, %v", issuer, got, err)
			}
		}
	}
	_, err := s.OIDCProvider(t.Context(), s.dev, "https://accounts.google.com.evil.example")
	expect(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found")
}

// What a provider said of somebody counts in later requests of the session, as far as AWS says so.
func TestFederatedKeysOfSessions(t *testing.T) {
	s := newScene(t, storetest.Memory())
	x := newSAMLScene(s)
	out, err := x.assumeSAML(response(x.sign(x.claim().xml())))
	s.must(err)
	ann := s.session(out.Credentials)

	i := newIssuer(t)
	arn := s.provider(s.dev, i, i.thumbprint())
	ci := s.role(s.dev, "ci", federatedTrust(arn, `"sts:AssumeRoleWithWebIdentity"`, `{}`))
	made, err := call[*stsapi.AssumeRoleWithWebIdentityOutput](s, &credential.Caller{}, &stsapi.AssumeRoleWithWebIdentityInput{
		RoleArn: &ci, RoleSessionName: new("ci"), WebIdentityToken: new(sign(t, jose.RS256, i.key, "one", i.claims(s.now, set("email", "ci@example.com")))),
	})
	s.must(err)
	runner := s.session(made.Credentials)

	for n, c := range []struct {
		who             *credential.Caller
		principal, keys string
		code            string
	}{
		{ann, x.roleARN, `"saml:sub":"ann","saml:sub_type":"persistent","saml:namequalifier":"` + *out.NameQualifier + `"`, ""},
		{ann, x.roleARN, `"saml:sub":"eve"`, "AccessDenied"},
		{ann, x.roleARN, `"saml:iss":"` + idpName + `"`, "AccessDenied"}, // of no use after the first request
		{runner, ci, `"` + i.host() + `:sub":"repo:org/app","` + i.host() + `:aud":"sts.amazonaws.com"`, ""},
		{runner, ci, `"` + i.host() + `:email":"ci@example.com"`, "AccessDenied"},
		{runner, ci, `"saml:sub":"ann"`, "AccessDenied"},
	} {
		name := "next-" + string(rune('a'+n))
		next := s.role(s.dev, name, trusting(c.principal, `"StringEquals":{`+c.keys+`}`))
		in := &stsapi.AssumeRoleInput{RoleArn: &next}
		_, err := s.assume(c.who, in)
		t.Log(c.keys)
		expect(t, err, c.code, "")
	}
	// The next session is nobody's of the provider any more.
	last := s.role(s.dev, "last", trusting(ci))
	if chained := s.assumed(runner, &stsapi.AssumeRoleInput{RoleArn: &last}); len(chained.Session.FederatedKeys) != 0 {
		t.Errorf("chained: %+v", chained.Session)
	}
}
