package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	// timeFormat is ISO 8601's basic format, as X-Amz-Date and the string to sign have it.
	timeFormat = "20060102T150405Z"
	// maxExpires is the longest life of a presigned URL: seven days, as long as a signing
	// key may be used (S3 API reference, "Authenticating Requests: Using Query Parameters").
	maxExpires = 604800
)

// Scope is the credential scope: what a signature is good for.
type Scope struct {
	// Date is YYYYMMDD, Terminator "aws4_request" in any scope that verifies.
	Date, Region, Service, Terminator string
}

// Signature is what a request says about who signed it. Until [Checked.Verify] returns
// nil it is nothing but a claim.
type Signature struct {
	// AccessKeyID is the key that is said to have signed.
	AccessKeyID string
	Scope       Scope
	// SignedHeaders is the list of header names as the request has it, joined by ";".
	SignedHeaders string
	// Signature is the signature in hexadecimal.
	Signature string
	// Token is the session token, empty for long-term access keys.
	Token string
	// Time is when the request was signed, in UTC, to the second.
	Time time.Time
	// Presigned is true for a signature in the query; Expires is then how long it is valid,
	// zero if the query does not say.
	Presigned bool
	Expires   time.Duration

	// algorithm as given; it is judged together with the scope.
	algorithm string
	// stamp is Time in the basic format of ISO 8601, as the string to sign has it.
	stamp string
	// payload is the value of X-Amz-Content-Sha256, empty if there is none.
	payload string
}

// Parse reads the signature of r. The error is an [*Error] of kind [MissingAuthentication]
// if r is not signed and [Incomplete] if its signature is malformed; it never reads the
// body.
func Parse(r *http.Request) (*Signature, error) {
	q, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	headers := r.Header["Authorization"]
	signed := len(headers) > 0 && strings.HasPrefix(strings.TrimLeft(headers[0], " "), "AWS4-")
	switch {
	case len(headers) > 0 && q.present:
		return nil, incomplete("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case len(headers) > 1:
		return nil, incomplete("Found more than one 'Authorization' HTTP header.")
	case signed:
		return fromHeader(r, headers[0])
	case q.present:
		return fromQuery(r, &q)
	default:
		return nil, &Error{MissingAuthentication, "Request is missing Authentication Token"}
	}
}

func incomplete(format string, args ...any) *Error {
	return &Error{Incomplete, fmt.Sprintf(format, args...)}
}

// fromHeader reads a signature in the Authorization header.
func fromHeader(r *http.Request, header string) (*Signature, error) {
	s := &Signature{}
	var credential string
	rest := strings.TrimSpace(header)
	s.algorithm, rest, _ = strings.Cut(rest, " ")
	for part, more := "", true; more; {
		part, rest, more = strings.Cut(rest, ",")
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, incomplete("Invalid key=value pair (missing equal-sign) in Authorization header %s: '%s'.", hashed, digest(header))
		}
		var field *string
		switch name {
		case "Credential":
			field = &credential
		case "SignedHeaders":
			field = &s.SignedHeaders
		case "Signature":
			field = &s.Signature
		default:
			continue
		}
		if *field != "" {
			return nil, incomplete("Authorization header has more than one '%s' parameter. %s Authorization=%s", name, hashed, digest(header))
		}
		*field = value
	}
	date, err := headerDate(r)
	if err != nil {
		return nil, err
	}
	if missing := missingFromHeader(credential, s, date); missing != "" {
		return nil, incomplete("%s%s Authorization=%s", missing, hashed, digest(header))
	}
	if s.Token, err = oneHeader(r, "X-Amz-Security-Token"); err != nil {
		return nil, err
	}
	return s.complete(r, credential, date)
}

// hashed and digest stand for an Authorization header in an error message, the way AWS
// quotes it: it may hold somebody's password or bearer token.
const hashed = "(Hashed with SHA-256 and encoded with Base64)"

func digest(header string) string {
	sum := sha256.Sum256([]byte(header))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// missingFromHeader names each part that the header form demands and that is not there, in
// AWS's order.
func missingFromHeader(credential string, s *Signature, date string) string {
	var b strings.Builder
	for _, p := range [...]struct{ name, value string }{
		{"Credential", credential}, {"Signature", s.Signature}, {"SignedHeaders", s.SignedHeaders},
	} {
		if p.value == "" {
			b.WriteString("Authorization header requires '" + p.name + "' parameter. ")
		}
	}
	if date == "" {
		b.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	return b.String()
}

// oneHeader returns the value of a header that may be there at most once.
func oneHeader(r *http.Request, name string) (string, error) {
	switch values := r.Header[name]; len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	default:
		return "", incomplete("Found more than one '%s' HTTP header.", name)
	}
}

// headerDate returns the time of signing as the headers have it: X-Amz-Date wins over Date.
func headerDate(r *http.Request) (string, error) {
	date, err := oneHeader(r, "X-Amz-Date")
	if err != nil || date != "" {
		return date, err
	}
	return oneHeader(r, "Date")
}

// queryAuth holds the parameters of a presigned URL.
type queryAuth struct {
	present                                             bool
	algorithm, credential, date, expires, signedHeaders string
	signature, token, payload                           string
}

// field returns the place of a parameter, or nil if it is none of the signature's.
func (q *queryAuth) field(name string) *string {
	switch name {
	case "X-Amz-Algorithm":
		return &q.algorithm
	case "X-Amz-Credential":
		return &q.credential
	case "X-Amz-Date":
		return &q.date
	case "X-Amz-Expires":
		return &q.expires
	case "X-Amz-SignedHeaders":
		return &q.signedHeaders
	case "X-Amz-Signature":
		return &q.signature
	case "X-Amz-Security-Token":
		return &q.token
	case "X-Amz-Content-Sha256":
		return &q.payload
	default:
		return nil
	}
}

// parseQuery picks the parameters of the signature out of a raw query. A parameter that
// cannot be decoded is passed over here: such a query never verifies (see canonicalQuery).
func parseQuery(raw string) (queryAuth, error) {
	var q queryAuth
	if raw == "" {
		return q, nil
	}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			continue
		}
		field := q.field(name)
		if field == nil {
			continue
		}
		value, err = url.QueryUnescape(value)
		if err != nil {
			continue
		}
		if *field != "" {
			return q, incomplete("Found more than one '%s' query-string parameter. Re-examine the query-string parameters.", name)
		}
		*field = value
	}
	q.present = q.algorithm != "" || q.credential != "" || q.signature != ""
	return q, nil
}

// fromQuery reads the signature of a presigned URL.
func fromQuery(r *http.Request, q *queryAuth) (*Signature, error) {
	var missing strings.Builder
	for _, p := range [...]struct{ name, value string }{
		{"X-Amz-Algorithm", q.algorithm},
		{"X-Amz-Credential", q.credential},
		{"X-Amz-Signature", q.signature},
		{"X-Amz-SignedHeaders", q.signedHeaders},
		{"X-Amz-Date", q.date},
	} {
		if p.value == "" {
			missing.WriteString("AWS query-string parameters must include '" + p.name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return nil, incomplete("%sRe-examine the query-string parameters.", missing.String())
	}
	s := &Signature{
		SignedHeaders: q.signedHeaders, Signature: q.signature, Token: q.token,
		Presigned: true, algorithm: q.algorithm, payload: q.payload,
	}
	token, err := oneHeader(r, "X-Amz-Security-Token")
	switch {
	case err != nil:
		return nil, err
	case token != "" && s.Token != "":
		return nil, incomplete("Found 'X-Amz-Security-Token' both as a query-string param and as HTTP header.")
	case token != "":
		s.Token = token
	}
	if q.expires != "" {
		seconds, err := strconv.ParseInt(q.expires, 10, 64)
		switch {
		case err != nil:
			return nil, incomplete("X-Amz-Expires should be a number")
		case seconds < 1:
			return nil, incomplete("X-Amz-Expires must be at least 1 second")
		case seconds > maxExpires:
			return nil, incomplete("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
		}
		s.Expires = time.Duration(seconds) * time.Second
	}
	return s.complete(r, q.credential, q.date)
}

// complete fills what both forms share: time, credential, payload hash.
func (s *Signature) complete(r *http.Request, credential, date string) (*Signature, error) {
	var ok bool
	if s.Time, s.stamp, ok = parseTime(date); !ok {
		return nil, incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", date)
	}
	if s.algorithm != algorithm {
		return nil, incomplete("Unsupported AWS 'algorithm': '%s' (only AWS4-HMAC-SHA256 for now). ", s.algorithm)
	}
	if strings.Count(credential, "/") != 4 {
		return nil, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	}
	rest := credential
	s.AccessKeyID, rest, _ = strings.Cut(rest, "/")
	s.Scope.Date, rest, _ = strings.Cut(rest, "/")
	s.Scope.Region, rest, _ = strings.Cut(rest, "/")
	s.Scope.Service, s.Scope.Terminator, _ = strings.Cut(rest, "/")
	payload, err := oneHeader(r, "X-Amz-Content-Sha256")
	if err != nil {
		return nil, err
	}
	if payload != "" {
		s.payload = payload
	}
	return s, nil
}

// parseTime reads the basic format of ISO 8601, and what a Date header may hold besides. It
// returns the time also as the basic format writes it: a text of that format's length which
// can be read can be written in one way only.
func parseTime(date string) (t time.Time, stamp string, ok bool) {
	if len(date) == len(timeFormat) {
		if t, err := time.Parse(timeFormat, date); err == nil {
			return t, date, true
		}
	}
	t, err := http.ParseTime(date)
	if err != nil {
		return time.Time{}, "", false
	}
	t = t.UTC()
	stamp = t.Format(timeFormat)
	return t, stamp, len(stamp) == len(timeFormat)
}
