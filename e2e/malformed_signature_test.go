package e2e

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// failure is how one kind of failed authentication reads in the three protocols.
type failure struct {
	query       string
	queryStatus int
	json        string
	restStatus  int
}

// The codes are those of "Common Errors" in the API references and the names under which
// the SDKs know them in JSON.
var (
	unsignedCall = failure{"MissingAuthenticationToken", 403, "MissingAuthenticationTokenException", 403}
	incomplete   = failure{"IncompleteSignature", 400, "IncompleteSignatureException", 400}
	mismatched   = failure{"SignatureDoesNotMatch", 403, "InvalidSignatureException", 403}
	unknownKey   = failure{"InvalidClientTokenId", 403, "UnrecognizedClientException", 403}
)

// impostor spoils a right request.
type impostor struct {
	name  string
	want  failure
	says  string
	spoil func(t *testing.T, m message) *http.Request
}

// edited signs the message and then edits the request.
func edited(edit func(r *http.Request)) func(*testing.T, message) *http.Request {
	return func(t *testing.T, m message) *http.Request {
		r := m.signed(t)
		edit(r)
		return r
	}
}

// changed changes the message and then signs it.
func changed(change func(m *message)) func(*testing.T, message) *http.Request {
	return func(t *testing.T, m message) *http.Request {
		change(&m)
		return m.signed(t)
	}
}

func setHeader(name, value string) func(*testing.T, message) *http.Request {
	return edited(func(r *http.Request) { r.Header.Set(name, value) })
}

// authorization edits the Authorization header of the signed request.
func authorization(old, new string) func(*testing.T, message) *http.Request {
	return edited(func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	})
}

// Nobody gets in but with a signature that is right in every part.
func TestNobodyWithoutSignature(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		session := w.inside(t, w.account(t, w.rootID, "Member", ""))
		calls := map[string]message{
			"query": query(w.admin, "sts", "Action=GetCallerIdentity"+stsVersion),
			"JSON":  organizationsCall(w.admin, "ListRoots", "{}"),
			"REST":  accountCall(w.admin, "/listRegions", "{}"),
		}
		all := append(impostors(), w.strangers(t, session)...)
		ids := map[string]bool{}
		for protocol, m := range calls {
			if a := send(t, m.signed(t)); a.status != 200 {
				t.Fatalf("%s: the right request got %d %s", protocol, a.status, a.body)
			}
			for _, i := range all {
				t.Run(protocol+" "+i.name, func(t *testing.T) {
					a := send(t, i.spoil(t, m))
					ids[a.requestID] = true
					code, status := i.want.json, 400
					switch protocol {
					case "query":
						code, status = i.want.query, i.want.queryStatus
					case "REST":
						status = i.want.restStatus
					}
					if a.code != code || a.status != status || !strings.Contains(a.message, i.says) {
						t.Errorf("got  %d %s: %s\nwant %d %s: %s", a.status, a.code, a.message, status, code, i.says)
					}
				})
			}
		}
		s.loggedOnce(t, ids)
	})
}

const noMatch = "The request signature we calculated does not match the signature you provided."

func impostors() []impostor {
	return []impostor{
		{"no signature", unsignedCall, "missing Authentication Token", func(t *testing.T, m message) *http.Request { return m.plain(t) }},
		{"a password", unsignedCall, "", setHeader("Authorization", "Basic YWRtaW46YWRtaW4=")},
		{"a bearer", unsignedCall, "", setHeader("Authorization", "Bearer abc")},
		{"an empty header", unsignedCall, "", setHeader("Authorization", "")},
		{"the old signature", unsignedCall, "", setHeader("Authorization", "AWS3 AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE")},
		{"only the algorithm", incomplete, "Authorization header requires 'Credential' parameter.", setHeader("Authorization", "AWS4-HMAC-SHA256 ")},
		{"nonsense", incomplete, "Invalid key=value pair (missing equal-sign)", setHeader("Authorization", "AWS4-HMAC-SHA256 nonsense")},
		{"no Signature", incomplete, "Authorization header requires 'Signature' parameter.", authorization("Signature=", "Sign=")},
		{"no SignedHeaders", incomplete, "Authorization header requires 'SignedHeaders' parameter.", authorization("SignedHeaders=", "Headers=")},
		{"a credential in parts", incomplete, "Credential", authorization("/aws4_request", "")},
		{"two headers", incomplete, "more than one 'Authorization'", edited(func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) })},
		{"header and query", incomplete, "", edited(func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256" })},
		{"no date", incomplete, "requires existence of either a 'X-Amz-Date' or a 'Date' header", edited(func(r *http.Request) { r.Header.Del("X-Amz-Date") })},
		{"a date that is none", incomplete, "", setHeader("X-Amz-Date", "yesterday")},
		{"another date", mismatched, noMatch, edited(func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().UTC().Add(time.Second).Format("20060102T150405Z"))
		})},
		{"another day in the scope", mismatched, "Date in Credential scope does not match", authorization("/"+time.Now().UTC().Format("20060102")+"/", "/20200101/")},
		{"another terminator", mismatched, "valid terminator: 'aws4_request'", authorization("/aws4_request", "/aws5_request")},
		{"a region in capitals", mismatched, "valid region", changed(func(m *message) { m.region = "EU-CENTRAL-1" })},
		{"a region that is none", mismatched, "valid region", changed(func(m *message) { m.region = "a b" })},
		{"another region than was signed", mismatched, noMatch, authorization("/us-east-1/", "/us-west-1/")},
		{"another algorithm", incomplete, "Unsupported AWS 'algorithm'", authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")},
		{"a signature of nobody", mismatched, noMatch, authorization("Signature=", "Signature=0")},
		{"the host not signed", mismatched, "'Host' or ':authority' must be a 'SignedHeader'", authorization(";host;", ";")},
		{"another host", mismatched, noMatch, edited(func(r *http.Request) { r.Host = "iam.amazonaws.com" })},
		{"another path", mismatched, noMatch, edited(func(r *http.Request) { r.URL.Path += "x" })},
		{"another query", mismatched, noMatch, edited(func(r *http.Request) { r.URL.RawQuery = "a=b" })},
		{"another body", mismatched, noMatch, func(t *testing.T, m message) *http.Request {
			r := m.signed(t)
			m.body += " "
			other := m.plain(t)
			other.Header = r.Header
			return other
		}},
		{"another hash of the body", mismatched, "x-amz-content-sha256", changed(func(m *message) { *m = m.with("X-Amz-Content-Sha256", hash("other")) })},
		{"an unsigned body", mismatched, "x-amz-content-sha256", changed(func(m *message) { *m = m.with("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") })},
		{"a header that is not signed", mismatched, "headers present in the request which were not signed: x-amz-more", setHeader("X-Amz-More", "1")},
		{"a signed header twice", mismatched, "", edited(func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") })},
		{"a signed header gone", mismatched, noMatch, edited(func(r *http.Request) { r.Header.Set("Content-Type", "application/json; x=y") })},
		{"a quarter of an hour late", mismatched, "Signature expired: ", changed(func(m *message) { m.at = time.Now().Add(-16 * time.Minute) })},
		{"a quarter of an hour early", mismatched, "Signature not yet current: ", changed(func(m *message) { m.at = time.Now().Add(16 * time.Minute) })},
		{"bytes as a key", unknownKey, "The security token included in the request is invalid.", authorization("Credential=A", "Credential=\xff\xfe")},
		{"quotes as a key", unknownKey, "", authorization("Credential=A", "Credential=A' or '1'='1")},
		{"a long key", unknownKey, "", authorization("Credential=", "Credential="+strings.Repeat("A", 5000))},
	}
}

// strangers are requests that are signed well by somebody who is not let in.
func (w *world) strangers(t *testing.T, session as) []impostor {
	t.Helper()
	ctx, name := context.Background(), "leaver"
	leaver := w.admin.newUser(t, name, allow("*", "*"))
	c, err := leaver.Credentials.Retrieve(ctx)
	must(t, err)
	_, err = w.admin.iam().UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &name, AccessKeyId: &c.AccessKeyID, Status: iamtypes.StatusTypeInactive})
	must(t, err)
	temporary, err := session.Credentials.Retrieve(ctx)
	must(t, err)
	admin, err := w.admin.Credentials.Retrieve(ctx)
	must(t, err)
	as := func(id, secret, token string) func(*testing.T, message) *http.Request {
		return changed(func(m *message) { m.who = w.s.with(id, secret, token) })
	}
	id, secret, token := temporary.AccessKeyID, temporary.SecretAccessKey, temporary.SessionToken
	const invalid = "The security token included in the request is invalid."
	return []impostor{
		{"a key that is none", unknownKey, invalid, as("AKIAQQQQQQQQQQQQQQQQ", "secret", "")},
		{"a deactivated key", unknownKey, invalid, as(c.AccessKeyID, c.SecretAccessKey, "")},
		{"another's secret", mismatched, noMatch, as(admin.AccessKeyID, c.SecretAccessKey, "")},
		{"no secret", mismatched, noMatch, as(admin.AccessKeyID, "x", "")},
		{"a session without its token", unknownKey, invalid, as(id, secret, "")},
		{"a session with a broken token", unknownKey, invalid, as(id, secret, token[:len(token)-8]+"AAAAAAAA")},
		{"a session with half a token", unknownKey, invalid, as(id, secret, token[:len(token)/2])},
		{"a token that is none", unknownKey, invalid, as(id, secret, "token")},
		{"a token with another key", unknownKey, invalid, as(admin.AccessKeyID, admin.SecretAccessKey, token)},
		{"a token with another secret", mismatched, noMatch, as(id, admin.SecretAccessKey, token)},
		{"a token that is not signed", mismatched, "not signed: x-amz-security-token", func(t *testing.T, m message) *http.Request {
			m.who = w.s.with(id, secret, "")
			r := m.signed(t)
			r.Header.Set("X-Amz-Security-Token", token)
			return r
		}},
	}
}

// A presigned request carries its signature in the query and lives as long as it says.
func TestPresignedRequests(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		admin := s.root().newUser(t, "admin", allow("*", "*"))
		c, err := admin.Credentials.Retrieve(context.Background())
		must(t, err)
		presign := func(t *testing.T, expires string, at time.Time) *http.Request {
			t.Helper()
			r, err := http.NewRequest(http.MethodGet, s.endpoint+"/?Action=GetCallerIdentity"+stsVersion+"&X-Amz-Expires="+expires, nil)
			must(t, err)
			signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), c, r, hash(""), "sts", "us-east-1", at)
			must(t, err)
			r.URL, err = url.Parse(signed)
			must(t, err)
			return r
		}
		if a := send(t, presign(t, "60", time.Now())); a.status != 200 || !strings.Contains(string(a.body), "user/admin") {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := send(t, presign(t, "3600", time.Now().Add(-50*time.Minute))); a.status != 200 {
			t.Errorf("within its hour: %d %s", a.status, a.body)
		}
		replace := func(old, new string) func(*http.Request) {
			return func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, old, new, 1) }
		}
		tests := []struct {
			name    string
			expires string
			age     time.Duration
			edit    func(r *http.Request)
			want    failure
		}{
			{"too late", "60", 2 * time.Minute, nil, mismatched},
			{"longer than a week", "604801", 0, nil, incomplete},
			{"a negative life", "-1", 0, nil, incomplete},
			{"a life that is no number", "soon", 0, nil, incomplete},
			{"a longer life than was signed", "60", 0, replace("X-Amz-Expires=60", "X-Amz-Expires=3600"), mismatched},
			{"another action", "60", 0, replace("GetCallerIdentity", "GetSessionToken"), mismatched},
			{"something more", "60", 0, func(r *http.Request) { r.URL.RawQuery += "&DurationSeconds=900" }, mismatched},
			{"another method", "60", 0, func(r *http.Request) { r.Method = http.MethodPost }, mismatched},
			{"no signature", "60", 0, replace("X-Amz-Signature=", "X-Amz-Sign="), incomplete},
			{"two signatures", "60", 0, func(r *http.Request) { r.URL.RawQuery += "&X-Amz-Signature=0" }, incomplete},
			{"a zero byte as a key", "60", 0, replace("X-Amz-Credential=", "X-Amz-Credential=%00"), unknownKey},
			{"bytes as a key", "60", 0, replace("X-Amz-Credential=", "X-Amz-Credential=%ff%fe"), failure{query: "MalformedInput", queryStatus: 400}},
		}
		ids := map[string]bool{}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := presign(t, tt.expires, time.Now().Add(-tt.age))
				if tt.edit != nil {
					tt.edit(r)
				}
				a := send(t, r)
				ids[a.requestID] = true
				if a.code != tt.want.query || a.status != tt.want.queryStatus {
					t.Errorf("got  %d %s: %s\nwant %d %s", a.status, a.code, a.message, tt.want.queryStatus, tt.want.query)
				}
			})
		}
		s.loggedOnce(t, ids)
	})
}
