package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
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

// Checked is a signature of which everything is right that can be judged without the secret.
type Checked struct {
	signature *Signature
	request   *http.Request
	options   Options
}

// Check judges what needs no secret, in AWS's order: the time, the headers that must be
// signed, the credential scope. It comes first and saves the search for a key that could not
// be used anyway. The error is an [*Error] of kind [OutOfTime], [Mismatch] or [InvalidScope].
func (s *Signature) Check(r *http.Request, o Options) (Checked, error) {
	if err := s.checkTime(&o); err != nil {
		return Checked{}, err
	}
	if err := s.checkHeaders(r); err != nil {
		return Checked{}, err
	}
	if err := s.checkScope(&o); err != nil {
		return Checked{}, err
	}
	return Checked{s, r, o}, nil
}

// canonicalRoom is how long a canonical request may be that is written without an allocation:
// those of SDKs take 300 to 1,000 bytes, session tokens included.
const canonicalRoom = 1536

// Verify reports whether the holder of secret signed the request with this body, for this
// service, now; nil means so. The error is an [*Error] of kind [Mismatch].
func (c *Checked) Verify(body []byte, secret string) error {
	s := c.signature
	if s == nil {
		return mismatch() // nothing was checked
	}
	var payloadSpace [2 * sha256.Size]byte
	payload, err := s.appendPayloadHash(payloadSpace[:0], body, &c.options)
	if err != nil {
		return err
	}
	var space [canonicalRoom]byte
	canonical, ok := s.appendCanonicalRequest(space[:0], c.request, payload, c.options.ObjectPaths)
	if !ok {
		return mismatch()
	}
	requestHash := sha256.Sum256(canonical)

	var toSign [256]byte
	b := append(toSign[:0], algorithm+"\n"...)
	b = append(append(b, s.stamp...), '\n')
	for _, part := range [...]string{s.Scope.Date, s.Scope.Region, s.Scope.Service} {
		b = append(append(b, part...), '/')
	}
	b = append(b, terminator+"\n"...)
	b = hex.AppendEncode(b, requestHash[:])

	key := c.options.Keys.signingKey(secret, &s.Scope)
	signature := mac(key[:], b)
	var expected [2 * sha256.Size]byte
	hex.Encode(expected[:], signature[:])
	// Both are compared as bytes that do not leave this frame, in constant time.
	if !hmac.Equal(expected[:], []byte(s.Signature)) {
		return mismatch()
	}
	return nil
}

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
			s.stamp, limit.Format(timeFormat), now.Format(timeFormat), span(life))}
	}
	if limit := now.Add(skew); s.Time.After(limit) {
		return &Error{OutOfTime, fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %s)",
			s.stamp, limit.Format(timeFormat), now.Format(timeFormat), span(skew))}
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
	host, covered, name, previous := false, 0, "", ""
	for rest, more := s.SignedHeaders, true; more; {
		name, rest, more = strings.Cut(rest, ";")
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

// isAmz looks at the first letter by itself: it tells most headers off.
func isAmz(name string) bool {
	return len(name) > 6 && name[0]|0x20 == 'x' && strings.EqualFold(name[:6], "x-amz-")
}

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
	if day := s.stamp[:len("20060102")]; day != s.Scope.Date {
		b.WriteString("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			s.Scope.Date + "' != '" + day + "', from '" + s.stamp + "'.")
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

// appendPayloadHash appends the last line of the canonical request: the hash of the body that
// was really received. A request that names another hash, or streams signed chunks, is refused.
func (s *Signature) appendPayloadHash(b, body []byte, o *Options) ([]byte, error) {
	if s.payload == unsignedPayload && o.UnsignedPayload {
		return append(b, unsignedPayload...), nil
	}
	digest := sha256.Sum256(body)
	b = hex.AppendEncode(b, digest[:])
	if s.payload != "" && s.payload != string(b) {
		return b, &Error{Mismatch, "The provided 'x-amz-content-sha256' header does not match what was computed."}
	}
	return b, nil
}
