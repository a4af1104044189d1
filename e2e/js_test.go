package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // the form of thumbprints
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// The scenes of e2e/js, with the AWS SDK for JavaScript v3, on both stores. A second server of each
// has a low rate limit.
func TestJavaScriptSDK(t *testing.T) {
	t.Parallel()
	dir := installJavaScript(t)
	issuer := newTokenIssuer(t)
	for _, store := range []struct {
		name string
		url  func() string
	}{{"sqlite", func() string { return "" }}, {"postgres", func() string { return pgtest.Database(t) }}} {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			s, slow := start(t, store.url()), start(t, store.url(), "--rate-limit", "5", "--rate-burst", "5")
			runJavaScript(t, dir, append(issuer.environment(t),
				"AWS_ENDPOINT_URL="+s.endpoint, "THROTTLED_ENDPOINT="+slow.endpoint)...)
		})
	}
}

// installJavaScript copies the scenes out of the checkout, installs what they need beside them, and
// returns the folder.
func installJavaScript(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob("js/*.mjs")
	must(t, err)
	for _, file := range append(files, "js/package.json", "js/package-lock.json", "js/.npmrc") {
		content, err := os.ReadFile(file)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o600))
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--silent")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v (make deps installs Node.js)\n%s", err, out)
	}
	return dir
}

// passed is the summary of a run in which something was tested and nothing left out.
var passed = regexp.MustCompile(`(?s)# pass [1-9].*# fail 0\n.*# skipped 0\n`)

func runJavaScript(t *testing.T, dir string, env ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, "node", "--test", "--test-reporter=tap", "scenes.test.mjs")
	run.Dir = dir
	run.Env = append(os.Environ(),
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID="+rootKeyID, "AWS_SECRET_ACCESS_KEY="+rootSecret, "AWS_SESSION_TOKEN=",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
	run.Env = append(run.Env, env...)
	out, err := run.CombinedOutput()
	if err != nil || !passed.Match(out) {
		t.Errorf("node: %v\n%s", err, out)
	}
}

// tokenIssuer is an OpenID Connect provider at a server of its own.
type tokenIssuer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newTokenIssuer(t *testing.T) *tokenIssuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	i := &tokenIssuer{key: key}
	mux := http.NewServeMux()
	answer := func(path string, body func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(body()) })
	}
	answer("/.well-known/openid-configuration", func() any {
		return map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"}
	})
	answer("/keys", func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one"}}}
	})
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}

// token says that its bearer is the subject.
func (i *tokenIssuer) token(t *testing.T, key *rsa.PrivateKey, subject string) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "one")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, options)
	must(t, err)
	now := time.Now()
	text, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": i.URL, "sub": subject, "aud": "sts.amazonaws.com", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}).Serialize()
	must(t, err)
	return text
}

// environment tells the scenes of the issuer and gives them three tokens: a good one in a file, as
// runners of builds have it, one of somebody else, and one that the issuer did not sign.
func (i *tokenIssuer) environment(t *testing.T) []string {
	t.Helper()
	const subject = "repo:pied-piper/app"
	file := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(file, bytes.TrimSpace([]byte(i.token(t, i.key, subject))), 0o600))
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	sum := sha1.Sum(i.Certificate().Raw)
	return []string{
		"OIDC_ISSUER=" + i.URL, "OIDC_THUMBPRINT=" + hex.EncodeToString(sum[:]), "OIDC_TOKEN_FILE=" + file,
		"OIDC_STRANGER=" + i.token(t, i.key, "repo:hooli/app"), "OIDC_FORGED=" + i.token(t, other, subject),
	}
}
