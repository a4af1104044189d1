package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// get fetches a URL and returns the status and the text.
func get(t testing.TB, target string) (int, string) {
	t.Helper()
	res, err := http.Get(target)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(text)
}

// A presigned GetCallerIdentity is how many systems let a caller prove who it is: the URL
// works for whoever has it, until it runs out, and says nothing else than what was signed.
func TestPresignedIdentity(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	user := s.root().newUser(t, "alice")
	signed, err := sts.NewPresignClient(user.sts()).PresignGetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	must(t, err)
	if status, text := get(t, signed.URL); status != http.StatusOK || !strings.Contains(text, "<Arn>"+userARN(managementID, "alice")+"</Arn>") {
		t.Errorf("the signed URL: %d %s", status, text)
	}
	for what, change := range map[string]func(q url.Values){
		"another action":    func(q url.Values) { q.Set("Action", "GetSessionToken") },
		"a longer life":     func(q url.Values) { q.Set("X-Amz-Expires", "604800") },
		"another signature": func(q url.Values) { q.Set("X-Amz-Signature", strings.Repeat("0", 64)) },
		"more parameters":   func(q url.Values) { q.Set("More", "yes") },
	} {
		u, err := url.Parse(signed.URL)
		must(t, err)
		q := u.Query()
		change(q)
		u.RawQuery = q.Encode()
		if status, text := get(t, u.String()); status != http.StatusForbidden || !strings.Contains(text, "<Code>SignatureDoesNotMatch</Code>") {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
	for what, at := range map[string]time.Time{
		"Signature expired":     time.Now().Add(-20 * time.Minute),
		"Signature not yet cur": time.Now().Add(20 * time.Minute),
	} {
		status, text := get(t, presigned(t, user, at))
		if status != http.StatusForbidden || !strings.Contains(text, "<Code>SignatureDoesNotMatch</Code>") || !strings.Contains(text, what) {
			t.Errorf("signed at %v: %d %s", at, status, text)
		}
	}
	if status, text := get(t, s.endpoint+"/?Action=GetCallerIdentity&Version=2011-06-15"); status != http.StatusForbidden || !strings.Contains(text, "<Code>MissingAuthenticationToken</Code>") {
		t.Errorf("not signed: %d %s", status, text)
	}
}

// presigned is a URL that was signed at another time.
func presigned(t testing.TB, who as, at time.Time) string {
	t.Helper()
	c, err := who.Credentials.Retrieve(context.Background())
	must(t, err)
	req, err := http.NewRequest(http.MethodGet, who.s.endpoint+"/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=900", nil)
	must(t, err)
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	signed, _, err := signer.NewSigner().PresignHTTP(context.Background(), c, req, empty, "sts", "us-east-1", at)
	must(t, err)
	return signed
}

// With a certificate the server speaks TLS, and policies can ask for it.
func TestTLS(t *testing.T) {
	t.Parallel()
	onlyTLS := document(statement("Allow", "iam:ListUsers", "*"), when(statement("Deny", "*", "*"), `{"Bool":{"aws:SecureTransport":"false"}}`))
	plain := start(t, "")
	user := plain.root().newUser(t, "user", onlyTLS)
	denied(t, user.listUsers(), userARN(managementID, "user"), "iam:ListUsers", usersARN(managementID), " with an explicit deny in an identity-based policy")

	cert, key, pool := certificate(t)
	s := start(t, "", "--tls-cert", cert, "--tls-key", key)
	if !strings.HasPrefix(s.endpoint, "https://") {
		t.Fatalf("the endpoint is %s", s.endpoint)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	root := s.root()
	root.HTTPClient = client
	user = root.newUser(t, "user", onlyTLS)
	user.HTTPClient = client
	may(t, "over TLS", user.listUsers())
	if res, err := http.Get(strings.Replace(s.endpoint, "https:", "http:", 1)); err == nil {
		must(t, res.Body.Close())
		if res.StatusCode < http.StatusBadRequest {
			t.Errorf("without TLS: %s", res.Status)
		}
	}
	complains(t, nil, []string{"--tls-cert"}, "serve", "--ephemeral", "--listen", "127.0.0.1:0", "--tls-cert", key, "--tls-key", key)
}

// certificate makes a certificate for the loopback address and the pool that trusts it.
func certificate(t testing.TB) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bailiwick"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(cert, certPEM, 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return cert, key, pool
}

// record is what the scenes read of a CloudTrail event.
type record struct {
	EventName, ErrorCode, ErrorMessage, RecipientAccountID, SharedEventID string
	UserIdentity                                                          struct{ Type, ARN, AccountID string }
}

// events are the caller's account's events of that name, newest first.
func (a as) events(t testing.TB, name string) (list []record) {
	t.Helper()
	out, err := a.cloudtrail().LookupEvents(context.Background(), &cloudtrail.LookupEventsInput{
		LookupAttributes: []cloudtrailtypes.LookupAttribute{{AttributeKey: cloudtrailtypes.LookupAttributeKeyEventName, AttributeValue: aws.String(name)}},
	})
	must(t, err)
	for _, e := range out.Events {
		var r record
		must(t, json.Unmarshal([]byte(*e.CloudTrailEvent), &r))
		list = append(list, r)
	}
	return list
}

// Every switch leaves its event in both accounts, and every refusal one where it was asked.
func TestSwitchesAreRecorded(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		account := w.account(t, w.rootID, "Member", "")
		inside := w.inside(t, account)
		stranger := w.admin.newUser(t, "stranger")
		stranger.mayNotAssume(t, roleARN(account, adminRole), noPermission)
		if inside.listUsers() != nil {
			t.Error("not allowed")
		}

		home, there := w.admin.events(t, "AssumeRole"), inside.events(t, "AssumeRole")
		if len(home) != 2 || len(there) != 1 {
			t.Fatalf("%d events in the caller's account, want 2; %d in the role's, want 1", len(home), len(there))
		}
		refusal, grant := home[0], home[1]
		if refusal.ErrorCode != "AccessDenied" || !strings.HasSuffix(refusal.ErrorMessage, noPermission) || refusal.UserIdentity.ARN != userARN(managementID, "stranger") {
			t.Errorf("the refusal: %+v", refusal)
		}
		if grant.ErrorCode != "" || grant.RecipientAccountID != managementID || grant.UserIdentity.ARN != userARN(managementID, "admin") {
			t.Errorf("the switch, where it came from: %+v", grant)
		}
		if there[0].RecipientAccountID != account || there[0].UserIdentity.AccountID != managementID || there[0].SharedEventID == "" || there[0].SharedEventID != grant.SharedEventID {
			t.Errorf("the switch, where it went: %+v", there[0])
		}
		listed := inside.events(t, "ListUsers")
		if len(listed) != 1 || listed[0].UserIdentity.Type != "AssumedRole" || listed[0].UserIdentity.ARN != sessionARN(account, adminRole) {
			t.Errorf("the call inside: %+v", listed)
		}
		if got := w.admin.events(t, "ListUsers"); len(got) != 0 {
			t.Errorf("another account's call is seen: %+v", got)
		}
	})
}
