package sigv4_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bailiwick/bailiwick/wire/sigv4"
)

// meaning is everything about a request that a handler could act on and that a signature
// covers. Two requests with the same meaning may differ in spelling: the case of a header's
// name, of the digits of a percent escape.
func meaning(r *http.Request, body []byte, s *sigv4.Signature) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %q %q %s %v %s\n", r.Method, r.Host, r.URL.Path, body, s.Token, s.Time, s.AccessKeyID)
	q, err := url.ParseQuery(r.URL.RawQuery)
	fmt.Fprintf(&b, "%s %v\n", q.Encode(), err)
	for name := range strings.SplitSeq(s.SignedHeaders, ";") {
		fmt.Fprintf(&b, "%s: %q\n", name, r.Header.Values(name))
	}
	return b.String()
}

func tampered() map[string]func(t testing.TB, base string) *http.Request {
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Amz-Target": {"A.B"}}
	return map[string]func(t testing.TB, base string) *http.Request{
		"signed in the header": func(t testing.TB, base string) *http.Request {
			return sign(t, session, "POST", base+"/2015/a%2Fb/c?Action=ListUsers&Path=%2Fx%20y", "UserName=richard", form, -1)
		},
		"presigned": func(t testing.TB, base string) *http.Request {
			return sign(t, session, "GET", base+"/a/b?Action=GetCallerIdentity", "", http.Header{"X-Cluster": {"one"}}, 900)
		},
	}
}

func raw(t testing.TB, r *http.Request) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every bit of a valid request is flipped, one at a time, and the result sent over TCP to
// a real server. What is accepted must mean what the original meant.
func TestNoFlippedBitChangesTheMeaning(t *testing.T) {
	for name, signed := range tampered() {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			accepted := ""
			srv := server(t, options(), func(r *http.Request, body []byte, s *sigv4.Signature) {
				mu.Lock()
				defer mu.Unlock()
				accepted = meaning(r, body, s)
			})
			address := srv.Listener.Addr().String()
			original := raw(t, signed(t, srv.URL))
			if status := exchange(t, address, original); status != http.StatusNoContent {
				t.Fatalf("the original got %d", status)
			}
			want, same, refused := accepted, 0, 0
			for i := range original {
				for bit := range 8 {
					flipped := bytes.Clone(original)
					flipped[i] ^= 1 << bit
					accepted = ""
					status := exchange(t, address, flipped)
					mu.Lock()
					got := accepted
					mu.Unlock()
					switch {
					case got == "" && status != http.StatusNoContent:
						refused++
					case got == want:
						same++
					// Which secret belongs to an access key id is looked up: the signature of
					// one key is not another's. This server has one secret for all.
					case sameButKey(got, want):
						same++
					default:
						t.Fatalf("bit %d of byte %d flipped:\n%s\nwas accepted as\n%s", bit, i, flipped, got)
					}
				}
			}
			t.Logf("%d flips refused, %d without meaning", refused, same)
			if refused < 3*same {
				t.Errorf("only %d of %d flips were refused", refused, refused+same)
			}
		})
	}
}

func sameButKey(got, want string) bool {
	cut := func(s string) string {
		line, rest, _ := strings.Cut(s, "\n")
		return line[:strings.LastIndexByte(line, ' ')] + rest
	}
	return got != "" && cut(got) == cut(want)
}

// exchange sends bytes over a connection of its own and returns the status of the answer,
// or 0 if the server hung up without one.
func exchange(t *testing.T, address string, request []byte) int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(request); err != nil {
		return 0
	}
	// The end of the stream ends a body that a flipped length made longer.
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return 0
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			t.Fatal("the server does not answer")
		}
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// Requests that a careless canonicalization would let through with another meaning.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	tests := []struct {
		name, target, from, to string
	}{
		{"semicolon instead of its escape", "/?a=1%3Bb=2", "%3B", ";"},
		{"broken escape", "/?a=%25zz", "%25zz", "%zz"},
		{"cut escape", "/?a=%252", "%252", "%2"},
		{"plus instead of its escape", "/?a=1%2B2", "%2B", "+"},
		{"ampersand instead of its escape", "/?a=1%26b", "%26", "&"},
		{"slash instead of its escape", "/a%2Fb", "%2F", "/"},
		{"escape instead of a slash", "/a/b", "a/b", "a%2Fb"},
		{"another order of one name's values is the same, another value is not", "/?a=1&a=2", "a=2", "a=3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			original := raw(t, sign(t, longTerm, "GET", "http://localhost"+tt.target, "", nil, -1))
			if err := verifyRaw(t, original); err != nil {
				t.Fatalf("the original: %v", err)
			}
			changed := bytes.Replace(original, []byte(tt.from), []byte(tt.to), 1)
			if err := verifyRaw(t, changed); kind(err) != sigv4.Mismatch {
				t.Errorf("%s for %s: %v, want a mismatch", tt.to, tt.from, err)
			}
		})
	}
}

// The signature is left out of what it signs, but nothing may hide behind its name.
func TestSecondSignatureParameterIsRefused(t *testing.T) {
	for name, signed := range tampered() {
		for _, extra := range []string{"X-Amz-Signature=", "X-Amz-Signature", "X%2DAmz-Signature=", "X-Amz-Signature=x", "x-amz-signature=x"} {
			for _, place := range []string{"first", "last"} {
				r := signed(t, "http://localhost")
				if place == "first" {
					r.URL.RawQuery = extra + "&" + r.URL.RawQuery
				} else {
					r.URL.RawQuery += "&" + extra
				}
				if err := verifyRaw(t, raw(t, r)); err == nil {
					t.Errorf("%s: %s as the %s parameter was accepted", name, extra, place)
				}
			}
		}
	}
}

func verifyRaw(t testing.TB, request []byte) error {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return verify(r, string(body), vectorSecret, options())
}

func FuzzVerify(f *testing.F) {
	meanings := map[string]bool{}
	for _, signed := range tampered() {
		r := signed(f, "http://localhost")
		request := raw(f, r)
		f.Add(request)
		parsed, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			f.Fatal(err)
		}
		body, _ := io.ReadAll(parsed.Body)
		s, err := sigv4.Parse(parsed)
		if err != nil {
			f.Fatal(err)
		}
		meanings[meaning(parsed, body, s)] = true
	}
	f.Add(raw(f, sign(f, aws.Credentials{AccessKeyID: "A", SecretAccessKey: "another secret"}, "GET", "http://localhost/", "", nil, -1)))
	f.Fuzz(func(t *testing.T, request []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s, err := sigv4.Parse(r)
		if (s == nil) != (err != nil) {
			t.Fatalf("Parse = %v, %v", s, err)
		}
		if err == nil {
			err = prove(s, r, body, vectorSecret, options())
		}
		if err != nil {
			if name, status := kind(err).Code(true); name == "" || status == 0 {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		for known := range meanings {
			if got := meaning(r, body, s); got == known || sameButKey(got, known) {
				return
			}
		}
		t.Fatalf("accepted: %q", request)
	})
}
