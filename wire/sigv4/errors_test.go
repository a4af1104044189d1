package sigv4_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/wire/sigv4"
)

func TestParseRefuses(t *testing.T) {
	const (
		credential = "Credential=" + vectorScope
		rest       = "SignedHeaders=host;x-amz-date, Signature=00"
	)
	date := http.Header{"X-Amz-Date": {vectorDate}}
	with := func(h http.Header, name string, values ...string) http.Header {
		h = h.Clone()
		if h == nil {
			h = http.Header{}
		}
		h[name] = values
		return h
	}
	auth := func(value string) http.Header { return with(date, "Authorization", value) }
	query := func(change map[string]string) string {
		q := url.Values{
			"X-Amz-Algorithm": {"AWS4-HMAC-SHA256"}, "X-Amz-Credential": {vectorScope}, "X-Amz-Date": {vectorDate},
			"X-Amz-SignedHeaders": {"host"}, "X-Amz-Signature": {"00"},
		}
		for name, value := range change {
			q.Set(name, value)
			if value == "" {
				q.Del(name)
			}
		}
		return q.Encode()
	}
	tests := []struct {
		name    string
		header  http.Header
		query   string
		kind    sigv4.Kind
		message string
	}{
		{"nothing", nil, "", sigv4.MissingAuthentication, "Request is missing Authentication Token"},
		{"password", with(nil, "Authorization", "Basic cmljaGFyZDpoZW5kcmlja3M="), "", sigv4.MissingAuthentication, "Request is missing Authentication Token"},
		{"version 2", nil, "AWSAccessKeyId=AKIDEXAMPLE&SignatureVersion=2&Signature=x", sigv4.MissingAuthentication, "Request is missing Authentication Token"},
		{"algorithm alone", with(nil, "Authorization", "AWS4-HMAC-SHA256"), "", sigv4.Incomplete, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization="},
		{"no signature", auth("AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host"), "", sigv4.Incomplete, "Authorization header requires 'Signature' parameter. (Hashed"},
		{"no equal sign", auth("AWS4-HMAC-SHA256 Credential, " + rest), "", sigv4.Incomplete, "Invalid key=value pair (missing equal-sign) in Authorization header"},
		{"parameter twice", auth("AWS4-HMAC-SHA256 " + credential + ", " + credential + ", " + rest), "", sigv4.Incomplete, "Authorization header has more than one 'Credential' parameter."},
		{"another algorithm", auth("AWS4-ECDSA-P256-SHA256 " + credential + ", " + rest), "", sigv4.Incomplete, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "},
		{"slash in the key id", auth("AWS4-HMAC-SHA256 Credential=a/" + vectorScope + ", " + rest), "", sigv4.Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/" + vectorScope + "'"},
		{"extended date", with(auth("AWS4-HMAC-SHA256 "+credential+", "+rest), "X-Amz-Date", "2015-08-30T12:36:00Z"), "", sigv4.Incomplete, "Date must be in ISO-8601 'basic format'. Got '2015-08-30T12:36:00Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"two dates", with(auth("AWS4-HMAC-SHA256 "+credential+", "+rest), "X-Amz-Date", vectorDate, vectorDate), "", sigv4.Incomplete, "Found more than one 'X-Amz-Date' HTTP header."},
		{"two tokens", with(auth("AWS4-HMAC-SHA256 "+credential+", "+rest), "X-Amz-Security-Token", "a", "b"), "", sigv4.Incomplete, "Found more than one 'X-Amz-Security-Token' HTTP header."},
		{"two signatures", with(date, "Authorization", "AWS4-HMAC-SHA256 "+credential+", "+rest, "AWS4-HMAC-SHA256 "+credential+", "+rest), "", sigv4.Incomplete, "Found more than one 'Authorization' HTTP header."},
		{"header and query", auth("AWS4-HMAC-SHA256 " + credential + ", " + rest), query(nil), sigv4.Incomplete, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		{"query with a bearer token beside it", with(nil, "Authorization", "Bearer x"), query(nil), sigv4.Incomplete, "Found both"},
		{"query without most", nil, "X-Amz-Algorithm=AWS4-HMAC-SHA256", sigv4.Incomplete, "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."},
		{"query without algorithm", nil, query(map[string]string{"X-Amz-Algorithm": ""}), sigv4.Incomplete, "AWS query-string parameters must include 'X-Amz-Algorithm'. Re-examine the query-string parameters."},
		{"query parameter twice", nil, query(nil) + "&X-Amz-Date=x", sigv4.Incomplete, "Found more than one 'X-Amz-Date' query-string parameter."},
		{"query parameter twice, once disguised", nil, query(nil) + "&X%2DAmz-Signature=x", sigv4.Incomplete, "Found more than one 'X-Amz-Signature' query-string parameter."},
		{"expiry in words", nil, query(map[string]string{"X-Amz-Expires": "soon"}), sigv4.Incomplete, "X-Amz-Expires should be a number"},
		{"no time at all", nil, query(map[string]string{"X-Amz-Expires": "0"}), sigv4.Incomplete, "X-Amz-Expires must be at least 1 second"},
		{"negative time", nil, query(map[string]string{"X-Amz-Expires": "-1"}), sigv4.Incomplete, "X-Amz-Expires must be at least 1 second"},
		{"over a week", nil, query(map[string]string{"X-Amz-Expires": "604801"}), sigv4.Incomplete, "X-Amz-Expires must be less than a week (in seconds)"},
		{"token in both places", with(nil, "X-Amz-Security-Token", "a"), query(map[string]string{"X-Amz-Security-Token": "a"}), sigv4.Incomplete, "Found 'X-Amz-Security-Token' both as a query-string param and as HTTP header."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{Method: "GET", URL: &url.URL{Path: "/", RawQuery: tt.query}, Host: "localhost", Header: tt.header}
			s, err := sigv4.Parse(r)
			if s != nil || kind(err) != tt.kind || !strings.HasPrefix(err.Error(), tt.message) {
				t.Errorf("Parse = %v, %v\nwant %s", s, err, tt.message)
			}
			if strings.Contains(err.Error(), "cmljaGFyZDpoZW5kcmlja3M=") {
				t.Error("the message quotes a password")
			}
		})
	}
}

func TestScope(t *testing.T) {
	tests := []struct {
		name, scope string
		services    []string
		message     string
	}{
		{"right", "20150830/us-east-1/iam/aws4_request", []string{"iam"}, ""},
		{"second name", "20150830/us-east-1/iam/aws4_request", []string{"sts", "iam"}, ""},
		{"any region for a global service", "20150830/eu-central-2/iam/aws4_request", []string{"iam"}, ""},
		{"any service where none is named", "20150830/us-east-1/execute-api/aws4_request", nil, ""},
		{"another service", "20150830/us-east-1/s3/aws4_request", []string{"iam"}, "Credential should be scoped to correct service: 'iam'. "},
		{"service in capitals", "20150830/us-east-1/IAM/aws4_request", []string{"iam"}, "Credential should be scoped to correct service: 'iam'. "},
		{"malformed service", "20150830/us-east-1/../aws4_request", nil, "Credential should be scoped to a valid service, not '..'. "},
		{"no region", "20150830//iam/aws4_request", []string{"iam"}, "Credential should be scoped to a valid region, not ''. "},
		{"malformed region", "20150830/US East/iam/aws4_request", []string{"iam"}, "Credential should be scoped to a valid region, not 'US East'. "},
		{"another terminator", "20150830/us-east-1/iam/aws5_request", []string{"iam"}, "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "},
		{"another day", "20150831/us-east-1/iam/aws4_request", []string{"iam"}, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'."},
		{"everything", "b/C/d/e", []string{"iam"}, "Credential should be scoped to a valid region, not 'C'. Credential should be scoped to correct service: 'iam'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20150830', from '20150830T123600Z'."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := (&vector{signature: "00"}).request(t)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+tt.scope+",SignedHeaders=host;x-amz-date,Signature=00")
			s, err := sigv4.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			o := vectorOptions(t)
			o.Services = tt.services
			checked, err := s.Check(r, o)
			if tt.message == "" {
				if err != nil {
					t.Errorf("Check = %v", err)
				}
				return
			}
			if kind(err) != sigv4.InvalidScope || err.Error() != tt.message {
				t.Errorf("Check = %q\nwant %q", err, tt.message)
			}
			if checked.Verify(nil, vectorSecret) == nil {
				t.Error("what Check has refused is verified")
			}
		})
	}
}

func TestTime(t *testing.T) {
	tests := []struct {
		name    string
		expires int // seconds of a presigned URL; -1 signs in the header
		age     time.Duration
		skew    time.Duration
		message string
	}{
		{"fresh", -1, 0, 0, ""},
		{"15 minutes old", -1, 15 * time.Minute, 0, ""},
		{"a second older", -1, 15*time.Minute + time.Second, 0, "Signature expired: 20260314T150926Z is now earlier than 20260314T150927Z (20260314T152427Z - 15 min.)"},
		{"five minutes where that is the limit", -1, 5*time.Minute + time.Second, 5 * time.Minute, "Signature expired: 20260314T150926Z is now earlier than 20260314T150927Z (20260314T151427Z - 5 min.)"},
		{"15 minutes ahead", -1, -15 * time.Minute, 0, ""},
		{"a second more", -1, -15*time.Minute - time.Second, 0, "Signature not yet current: 20260314T150926Z is still later than 20260314T150925Z (20260314T145425Z + 15 min.)"},
		{"presigned for a week, nearly over", 604800, 7 * 24 * time.Hour, 0, ""},
		{"presigned for a week, over", 604800, 7*24*time.Hour + time.Second, 0, "Signature expired: 20260314T150926Z is now earlier than 20260314T150927Z (20260321T150927Z - 10080 min.)"},
		{"presigned for 90 seconds, over", 90, 91 * time.Second, 0, "Signature expired: 20260314T150926Z is now earlier than 20260314T150927Z (20260314T151057Z - 90 sec.)"},
		{"presigned without expiry, within the skew", 0, 15 * time.Minute, 0, ""},
		{"presigned without expiry, beyond it", 0, 16 * time.Minute, 0, "Signature expired: "},
		{"presigned in the future", 60, -16 * time.Minute, 0, "Signature not yet current: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sign(t, longTerm, "GET", "http://localhost/?Action=ListUsers", "", nil, tt.expires)
			err := verify(r, "", vectorSecret, sigv4.Options{Now: signedAt.Add(tt.age), Skew: tt.skew})
			if tt.message == "" {
				if err != nil {
					t.Errorf("Verify = %v", err)
				}
				return
			}
			if kind(err) != sigv4.OutOfTime || !strings.HasPrefix(err.Error(), tt.message) {
				t.Errorf("Verify = %v\nwant %s", err, tt.message)
			}
		})
	}
}

// The Date header takes the place of X-Amz-Date, in the form of HTTP or of ISO 8601.
func TestDateHeader(t *testing.T) {
	for _, date := range []string{"20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"} {
		r := (&vector{signature: "00"}).request(t)
		r.Header.Del("X-Amz-Date")
		r.Header.Set("Date", date)
		s, err := sigv4.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		if want := vectorOptions(t).Now; !s.Time.Equal(want) {
			t.Errorf("Date %q read as %v, want %v", date, s.Time, want)
		}
	}
}

func TestSignedHeadersMustCover(t *testing.T) {
	tests := []struct {
		name, signed string
		message      string
	}{
		{"no host", "x-amz-date", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"a name that holds host", "ghost;x-amz-date", "'Host' or ':authority' must be"},
		{"no date", "host", "There were headers present in the request which were not signed: x-amz-date"},
		{"not sorted", "x-amz-date;host", "The request signature we calculated"},
		{"twice", "host;host;x-amz-date", "The request signature we calculated"},
		{"capitals", "Host;x-amz-date", "The request signature we calculated"},
		{"not there", "host;x-amz-date;x-missing", "The request signature we calculated"},
		{"empty name", ";host;x-amz-date", "The request signature we calculated"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := vector{signed: tt.signed, signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"}
			err := verify(v.request(t), "", vectorSecret, vectorOptions(t))
			if kind(err) != sigv4.Mismatch || !strings.HasPrefix(err.Error(), tt.message) {
				t.Errorf("Verify = %v, want %s", err, tt.message)
			}
		})
	}
}

// A stranger's request with as many headers as fit in a megabyte must not keep us busy.
func TestManyHeadersAreCheckedInLinearTime(t *testing.T) {
	v := vector{signature: "00", header: http.Header{}}
	names := []string{"host", "x-amz-date"}
	for i := range 30_000 {
		name := fmt.Sprintf("x-amz-m%05d", i)
		v.header[http.CanonicalHeaderKey(name)] = []string{""}
		names = append(names, name)
	}
	slices.Sort(names)
	v.signed = strings.Join(names, ";")
	start := time.Now()
	if err := verify(v.request(t), "", vectorSecret, vectorOptions(t)); kind(err) != sigv4.Mismatch {
		t.Errorf("Verify = %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCodes(t *testing.T) {
	tests := []struct {
		kind        sigv4.Kind
		query       string
		queryStatus int
		json        string
		restStatus  int
	}{
		{sigv4.MissingAuthentication, "MissingAuthenticationToken", 403, "MissingAuthenticationTokenException", 403},
		{sigv4.Incomplete, "IncompleteSignature", 400, "IncompleteSignatureException", 400},
		{sigv4.InvalidScope, "SignatureDoesNotMatch", 403, "InvalidSignatureException", 403},
		{sigv4.OutOfTime, "SignatureDoesNotMatch", 403, "InvalidSignatureException", 403},
		{sigv4.Mismatch, "SignatureDoesNotMatch", 403, "InvalidSignatureException", 403},
		{sigv4.NewInvalidToken().Kind, "InvalidClientTokenId", 403, "UnrecognizedClientException", 403},
		{sigv4.NewExpiredToken().Kind, "ExpiredToken", 403, "ExpiredTokenException", 403},
	}
	for _, tt := range tests {
		if name, status := tt.kind.Code(false); name != tt.query || status != tt.queryStatus {
			t.Errorf("query code of kind %d = %s %d, want %s %d", tt.kind, name, status, tt.query, tt.queryStatus)
		}
		if name, status := tt.kind.Code(true); name != tt.json || status != 400 {
			t.Errorf("JSON code of kind %d = %s %d, want %s 400", tt.kind, name, status, tt.json)
		}
		if status := tt.kind.RESTStatus(); status != tt.restStatus {
			t.Errorf("REST status of kind %d = %d, want %d", tt.kind, status, tt.restStatus)
		}
	}
}

func TestKeyCacheIsBounded(t *testing.T) {
	o := vectorOptions(t)
	o.Keys = sigv4.NewKeyCache(2)
	v := vectors[0]
	for _, secret := range []string{vectorSecret, "a", "b", "c", vectorSecret, vectorSecret} {
		err := verify(v.request(t), v.body, secret, o)
		if (err == nil) != (secret == vectorSecret) {
			t.Errorf("secret %q: %v", secret, err)
		}
		if entries, _, _ := o.Keys.Figures(); entries > 2 {
			t.Fatalf("%d keys in a cache of 2", entries)
		}
	}
}
