package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"github.com/bailiwick/bailiwick/wire/sigv4"
)

var (
	signedAt = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	longTerm = aws.Credentials{AccessKeyID: "AKIAQNZGKIQY56JQ7WML", SecretAccessKey: vectorSecret}
	session  = aws.Credentials{AccessKeyID: "ASIAQNZGKIQY56JQ7WML", SecretAccessKey: vectorSecret, SessionToken: "FwoGZXIv+/YXdzE=="}
)

func sum(body string) string {
	h := sha256.Sum256([]byte(body))
	return hex.EncodeToString(h[:])
}

// sign makes a request and signs it with AWS's own signer, in the header or, if expires is
// not negative, in the query.
func sign(t testing.TB, cred aws.Credentials, method, target, body string, header http.Header, expires int) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	s, ctx := signer.NewSigner(), context.Background()
	if expires < 0 {
		if err := s.SignHTTP(ctx, cred, r, sum(body), "iam", "us-east-1", signedAt); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if expires > 0 {
		q := r.URL.Query()
		q.Set("X-Amz-Expires", fmt.Sprint(expires))
		r.URL.RawQuery = q.Encode()
	}
	signedURL, signedHeader, err := s.PresignHTTP(ctx, cred, r, sum(body), "iam", "us-east-1", signedAt)
	if err != nil {
		t.Fatal(err)
	}
	presigned, err := http.NewRequest(method, signedURL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range signedHeader {
		if name != "Host" {
			presigned.Header[name] = values
		}
	}
	return presigned
}

// server is a real HTTP server that verifies what it gets and answers 204 or, with the
// message, 403.
func server(t testing.TB, o sigv4.Options, saw func(r *http.Request, body []byte, s *sigv4.Signature)) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s, err := sigv4.Parse(r)
		if err == nil {
			err = prove(s, r, body, vectorSecret, o)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		if saw != nil {
			saw(r, body, s)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	return srv
}

func options() sigv4.Options {
	return sigv4.Options{Now: signedAt.Add(time.Minute), Services: []string{"iam"}, Keys: sigv4.NewKeyCache(8)}
}

// send sends r as a client does and returns the refusal, empty if there was none.
func send(t testing.TB, r *http.Request) string {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusNoContent {
		return ""
	}
	return fmt.Sprintf("%d %s", res.StatusCode, text)
}

func TestRequestsOfTheSDKVerify(t *testing.T) {
	var got *sigv4.Signature
	srv := server(t, options(), func(_ *http.Request, _ []byte, s *sigv4.Signature) { got = s })
	json := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSOrganizationsV20161128.ListAccounts"}}
	tests := []struct {
		name                 string
		cred                 aws.Credentials
		method, target, body string
		header               http.Header
		expires              int
	}{
		{"form in the body", longTerm, "POST", "/", "Action=ListUsers&Version=2010-05-08", http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, -1},
		{"JSON with a session token", session, "POST", "/", "{}", json, -1},
		{"no body", longTerm, "GET", "/2015-02-01/file systems/a%2Fb/ünï?list&a=b%20c&a=b+c&x=%E1%88%B4", "", nil, -1},
		{"repeated and padded headers", longTerm, "DELETE", "/x", "", http.Header{"X-Amz-Meta": {" a   b ", "c"}}, -1},
		{"presigned", longTerm, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", nil, 0},
		{"presigned with a session token and expiry", session, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", nil, 900},
		{"presigned with a signed header", session, "GET", "/?Action=GetCallerIdentity", "", http.Header{"X-K8s-Aws-Id": {"cluster one"}}, 60},
		{"presigned with a body", longTerm, "POST", "/", "Action=ListUsers", nil, 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sign(t, tt.cred, tt.method, srv.URL+tt.target, tt.body, tt.header, tt.expires)
			if refusal := send(t, r); refusal != "" {
				t.Fatal(refusal)
			}
			if got.AccessKeyID != tt.cred.AccessKeyID || got.Token != tt.cred.SessionToken || !got.Time.Equal(signedAt) ||
				got.Presigned != (tt.expires >= 0) || got.Scope != (sigv4.Scope{Date: "20260314", Region: "us-east-1", Service: "iam", Terminator: "aws4_request"}) {
				t.Errorf("signature read as %+v", got)
			}
			if want := time.Duration(max(tt.expires, 0)) * time.Second; got.Expires != want {
				t.Errorf("Expires = %v, want %v", got.Expires, want)
			}
		})
	}
}

func TestAnyRequestOfTheSDKVerifies(t *testing.T) {
	srv := server(t, options(), nil)
	text := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune(" +%/&=?#;:@!$'()*,~-._azAZ09")), rapid.Rune().Filter(func(r rune) bool { return r != 0 })), 0, 12, -1)
	value := rapid.StringMatching(`[!-~]( ?[!-~ ]{0,8}[!-~])?`)
	rapid.Check(t, func(rt *rapid.T) {
		q := url.Values{}
		for range rapid.IntRange(0, 4).Draw(rt, "params") {
			q.Add(text.Draw(rt, "name"), text.Draw(rt, "value"))
		}
		path := "/"
		for i := range rapid.IntRange(0, 3).Draw(rt, "segments") {
			if i > 0 {
				path += "/"
			}
			// The SDK leaves dot segments and double slashes alone; AWS normalizes them.
			path += "s" + url.PathEscape(text.Draw(rt, "segment"))
		}
		header := http.Header{}
		for i := range rapid.IntRange(0, 3).Draw(rt, "headers") {
			name := fmt.Sprintf("X-Amz-Meta-%d", i)
			header[name] = rapid.SliceOfN(value, 1, 3).Draw(rt, "header")
		}
		method := rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE"}).Draw(rt, "method")
		body := ""
		if method == "POST" || method == "PUT" {
			body = string(rapid.SliceOf(rapid.Byte()).Draw(rt, "body"))
		}
		cred := rapid.SampledFrom([]aws.Credentials{longTerm, session}).Draw(rt, "credentials")
		expires := rapid.SampledFrom([]int{-1, 0, 300}).Draw(rt, "expires")
		target := srv.URL + path
		if len(q) > 0 {
			target += "?" + q.Encode()
		}
		r := sign(t, cred, method, target, body, header, expires)
		if refusal := send(t, r); refusal != "" {
			rt.Fatalf("%s %s: %s", r.Method, r.URL, refusal)
		}
	})
}

// S3 signs the path as it is, encoded once.
func TestObjectPaths(t *testing.T) {
	o := options()
	o.ObjectPaths = true
	srv := server(t, o, nil)
	for _, path := range []string{"/bucket/a//b/./c/../d", "/bucket/a%20b%2Bc", "/bucket/%E1%88%B4", "/"} {
		r, err := http.NewRequest("GET", srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := signer.NewSigner(func(so *signer.SignerOptions) { so.DisableURIPathEscaping = true })
		if err := s.SignHTTP(context.Background(), longTerm, r, sum(""), "iam", "us-east-1", signedAt); err != nil {
			t.Fatal(err)
		}
		if refusal := send(t, r); refusal != "" {
			t.Errorf("%s: %s", path, refusal)
		}
	}
}

// In HTTP/2 there is no Host header: the authority takes its place.
func TestHTTP2(t *testing.T) {
	o := options()
	protocol := ""
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol = r.Proto
		body, _ := io.ReadAll(r.Body)
		if err := verify(r, string(body), vectorSecret, o); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
		}
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	for _, target := range []string{"/", "/a//b/%2F?x=%20y"} {
		r := sign(t, session, "POST", srv.URL+target, "{}", http.Header{"X-Amz-Target": {"A.B"}}, -1)
		res, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		want := target == "/" // the SDK does not normalize the other one, the server does
		if (res.StatusCode == http.StatusOK) != want || protocol != "HTTP/2.0" {
			t.Errorf("%s: %s %d %s", target, protocol, res.StatusCode, text)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	body := "Action=GetCallerIdentity&Version=2011-06-15"
	header := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}, "Amz-Sdk-Request": {"attempt=1; max=3"},
		"Amz-Sdk-Invocation-Id": {"7b7a2b4e-0a0c-4b6b-9c58-3f8f4f7c2d11"},
	}
	for name, cred := range map[string]aws.Credentials{"long-term": longTerm, "session": session} {
		r := sign(b, cred, "POST", "http://127.0.0.1:4566/", body, header, -1)
		payload, o := []byte(body), options()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := sigv4.Parse(r)
				if err != nil {
					b.Fatal(err)
				}
				if err := prove(s, r, payload, vectorSecret, o); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+", no key cached", func(b *testing.B) {
			o := o
			o.Keys = nil
			s, err := sigv4.Parse(r)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := prove(s, r, payload, vectorSecret, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The body of a request is compared, not trusted.
func TestPayloadHash(t *testing.T) {
	o := options()
	for _, tt := range []struct {
		name, hash, body string
		allow, want      bool
	}{
		{"right", sum("x"), "x", false, true},
		{"of another body", sum("y"), "x", false, false},
		{"in upper case", strings.ToUpper(sum("x")), "x", false, false},
		{"unsigned", "UNSIGNED-PAYLOAD", "x", false, false},
		{"unsigned where that is allowed", "UNSIGNED-PAYLOAD", "x", true, true},
		{"streamed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x", true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequest("POST", "http://localhost/", bytes.NewReader([]byte(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Amz-Content-Sha256", tt.hash)
			if err := signer.NewSigner().SignHTTP(context.Background(), longTerm, r, tt.hash, "iam", "us-east-1", signedAt); err != nil {
				t.Fatal(err)
			}
			o.UnsignedPayload = tt.allow
			err = verify(r, tt.body, vectorSecret, o)
			if tt.want && err != nil {
				t.Errorf("Verify = %v", err)
			}
			if !tt.want && (kind(err) != sigv4.Mismatch || !strings.Contains(err.Error(), "x-amz-content-sha256")) {
				t.Errorf("Verify = %v, want a mismatch of the payload hash", err)
			}
		})
	}
}
