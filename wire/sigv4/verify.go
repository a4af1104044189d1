package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// DefaultSkew is how far the time of signing may lie from the server's clock: the 15
	// minutes that "Common Errors" of the API references give under RequestExpired.
	DefaultSkew = 15 * time.Minute

	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// Options is what a verification depends on besides the request.
type Options struct {
	// Now is the server's time.
	Now time.Time
	// Skew is how far the time of signing may lie from Now, either way; zero means
	// [DefaultSkew].
	Skew time.Duration
	// Services are the signing names that are accepted, the preferred one first; none at
	// all accepts any well-formed name.
	Services []string
	// Keys caches signing keys; nil derives the key each time.
	Keys *KeyCache
	// ObjectPaths selects S3's path rule: the path is encoded once and not normalized,
	// because an object key may hold any sequence of slashes and dots.
	ObjectPaths bool
	// UnsignedPayload accepts the body of a request that says UNSIGNED-PAYLOAD. Control
	// planes never do; a gateway in front of S3 may.
	UnsignedPayload bool
}

// Check judges what needs no secret, in AWS's order: the time, the headers that must be
// signed, the credential scope. [Signature.Verify] includes it; calling it first saves the
// search for a key that could not be used anyway. The error is an [*Error].
func (s *Signature) Check(r *http.Request, o Options) error { return s.check(r, &o) }

func (s *Signature) check(r *http.Request, o *Options) error {
	if err := s.checkTime(o); err != nil {
		return err
	}
	if err := s.checkHeaders(r); err != nil {
		return err
	}
	return s.checkScope(o)
}

// Verify reports whether the holder of secret signed r with this body, for this service,
// now; nil means so. The error is an [*Error] of kind [OutOfTime], [InvalidScope] or
// [Mismatch].
func (s *Signature) Verify(r *http.Request, body []byte, secret string, o Options) error {
	if err := s.check(r, &o); err != nil {
		return err
	}
	payload, err := s.payloadHash(body, &o)
	if err != nil {
		return err
	}
	space := buffers.Get().(*[]byte)
	defer buffers.Put(space)
	canonical, ok := s.appendCanonicalRequest((*space)[:0], r, payload, o.ObjectPaths)
	*space = canonical
	if !ok {
		return mismatch()
	}
	requestHash := sha256.Sum256(canonical)

	var toSign [256]byte
	b := append(toSign[:0], algorithm+"\n"...)
	b = append(s.Time.AppendFormat(b, timeFormat), '\n')
	for _, part := range [...]string{s.Scope.Date, s.Scope.Region, s.Scope.Service} {
		b = append(append(b, part...), '/')
	}
	b = append(b, terminator+"\n"...)
	b = hex.AppendEncode(b, requestHash[:])

	key := o.Keys.signingKey(secret, &s.Scope)
	var expected [2 * sha256.Size]byte
	hex.Encode(expected[:], sum(key[:], b))
	if !hmac.Equal(expected[:], []byte(s.Signature)) {
		return mismatch()
	}
	return nil
}

// buffers holds the space in which canonical requests are written. They hold no secrets,
// but a session token may be among the headers: they are never logged.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

func (s *Signature) checkTime(o *Options) error {
	skew := o.Skew
	if skew == 0 {
		skew = DefaultSkew
	}
	life := skew
	if s.Expires != 0 {
		life = s.Expires
	}
	now := o.Now.UTC()
	if limit := now.Add(-life); s.Time.Before(limit) {
		return &Error{OutOfTime, fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %s)",
			s.Time.Format(timeFormat), limit.Format(timeFormat), now.Format(timeFormat), span(life))}
	}
	if limit := now.Add(skew); s.Time.After(limit) {
		return &Error{OutOfTime, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %s)",
			s.Time.Format(timeFormat), limit.Format(timeFormat), now.Format(timeFormat), span(skew))}
	}
	return nil
}

// span writes a duration as AWS's messages do: "15 min.".
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min.", d/time.Minute)
	}
	return fmt.Sprintf("%d sec.", d/time.Second)
}

// checkHeaders demands that the host and every x-amz-* header are signed, as "Create a
// signed AWS API request", step 1, has it, and that the list of signed headers is sorted,
// in lower case and without repetition, as signers must write it. content-type need not be
// signed: only S3 asks for it, and the SDKs that presign leave it out.
//
// Strangers get this far, so the work grows with the length of the request only.
func (s *Signature) checkHeaders(r *http.Request) error {
	host, covered, previous := false, 0, ""
	for name := range strings.SplitSeq(s.SignedHeaders, ";") {
		if name <= previous || strings.ToLower(name) != name {
			return mismatch()
		}
		previous = name
		switch {
		case name == "host", name == ":authority":
			host = true
		case isAmz(name) && headerValues(r.Header, name) != nil:
			covered++
		}
	}
	if !host {
		return &Error{Mismatch, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."}
	}
	present := 0
	for name := range r.Header {
		if isAmz(name) {
			present++
		}
	}
	if covered != present {
		return s.unsignedHeaders(r)
	}
	return nil
}

func isAmz(name string) bool { return len(name) > 6 && strings.EqualFold(name[:6], "x-amz-") }

// unsignedHeaders is the error that names the x-amz-* headers which are not signed, as S3
// has it.
func (s *Signature) unsignedHeaders(r *http.Request) *Error {
	signed := map[string]bool{}
	for name := range strings.SplitSeq(s.SignedHeaders, ";") {
		signed[name] = true
	}
	var unsigned []string
	for name := range r.Header {
		if lower := strings.ToLower(name); isAmz(name) && !signed[lower] {
			unsigned = append(unsigned, lower)
		}
	}
	slices.Sort(unsigned)
	return &Error{Mismatch, "There were headers present in the request which were not signed: " + strings.Join(unsigned, ", ")}
}

// checkScope collects every fault of the scope into one message, as AWS does; each sentence
// ends with a space there.
func (s *Signature) checkScope(o *Options) error {
	var b strings.Builder
	if !wellFormed(s.Scope.Region) {
		b.WriteString("Credential should be scoped to a valid region, not '" + s.Scope.Region + "'. ")
	}
	switch {
	case len(o.Services) > 0 && !slices.Contains(o.Services, s.Scope.Service):
		b.WriteString("Credential should be scoped to correct service: '" + o.Services[0] + "'. ")
	case !wellFormed(s.Scope.Service):
		b.WriteString("Credential should be scoped to a valid service, not '" + s.Scope.Service + "'. ")
	}
	if s.Scope.Terminator != terminator {
		b.WriteString("Credential should be scoped with a valid terminator: 'aws4_request', not '" + s.Scope.Terminator + "'. ")
	}
	var space [len(timeFormat)]byte
	if day := s.Time.AppendFormat(space[:0], timeFormat)[:8]; string(day) != s.Scope.Date {
		b.WriteString("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			s.Scope.Date + "' != '" + string(day) + "', from '" + s.Time.Format(timeFormat) + "'.")
	}
	if b.Len() == 0 {
		return nil
	}
	return &Error{InvalidScope, b.String()}
}

// wellFormed reports whether name can be a region or a signing name: lower-case letters,
// digits and hyphens, as in "us-gov-east-1", "aws-global", "execute-api".
func wellFormed(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// payloadHash returns the last line of the canonical request: the hash of the body that was
// really received. A request that names another hash, or streams signed chunks, is refused.
func (s *Signature) payloadHash(body []byte, o *Options) (string, error) {
	if s.payload == unsignedPayload && o.UnsignedPayload {
		return unsignedPayload, nil
	}
	actual := emptyHash
	if len(body) > 0 {
		digest := sha256.Sum256(body)
		actual = hex.EncodeToString(digest[:])
	}
	if s.payload != "" && s.payload != actual {
		return "", &Error{Mismatch, "The provided 'x-amz-content-sha256' header does not match what was computed."}
	}
	return actual, nil
}

// emptyHash is the SHA-256 of nothing.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
