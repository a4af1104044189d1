package sigv4_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/wire/sigv4"
)

// The published test vectors of Signature Version 4: credentials, time and scope are the
// same in all of them.
const (
	vectorKey    = "AKIDEXAMPLE"
	vectorSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	vectorDate   = "20150830T123600Z"
	vectorScope  = vectorKey + "/20150830/us-east-1/service/aws4_request"
	vectorToken  = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
	unreserved   = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

type vector struct {
	name      string
	method    string
	target    string
	header    http.Header
	body      string
	signed    string
	signature string
}

var vectors = []vector{
	{name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-header-key-duplicate", header: http.Header{"My-Header1": {"value2", "value2", "value1"}}, signed: "host;my-header1;x-amz-date", signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
	// The published request folds the header over three lines, which RFC 9112 has abolished;
	// its canonical form is that of three headers.
	{name: "get-header-value-multiline", header: http.Header{"My-Header1": {"value1", "  value2", "     value3"}}, signed: "host;my-header1;x-amz-date", signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790"},
	{name: "get-header-value-order", header: http.Header{"My-Header1": {"value4", "value1", "value3", "value2"}}, signed: "host;my-header1;x-amz-date", signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
	{name: "get-header-value-trim", header: http.Header{"My-Header1": {" value1"}, "My-Header2": {` "a   b   c"`}}, signed: "host;my-header1;my-header2;x-amz-date", signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{name: "get-unreserved", target: "/" + unreserved, signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{name: "get-utf8", target: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
	{name: "get-vanilla-empty-query-key", target: "/?Param1=value1", signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	{name: "get-vanilla-query-order-key", target: "/?Param1=value2&Param1=Value1", signature: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
	{name: "get-vanilla-query-order-key-case", target: "/?Param2=value2&Param1=value1", signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{name: "get-vanilla-query-order-value", target: "/?Param1=value2&Param1=value1", signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
	{name: "get-vanilla-query-unreserved", target: "/?" + unreserved + "=" + unreserved, signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{name: "get-vanilla-utf8-query", target: "/?ሴ=bar", signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{name: "get-relative", target: "/example/..", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-relative-relative", target: "/example1/example2/../..", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-slash", target: "//", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-slash-dot-slash", target: "/./", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-slash-pointless-dot", target: "/./example", signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
	{name: "get-slashes", target: "//example//", signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
	{name: "get-space", target: "/example space/", signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	{name: "post-vanilla", method: "POST", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{name: "post-header-key-sort", method: "POST", header: http.Header{"My-Header1": {"value1"}}, signed: "host;my-header1;x-amz-date", signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
	{name: "post-header-value-case", method: "POST", header: http.Header{"My-Header1": {"VALUE1"}}, signed: "host;my-header1;x-amz-date", signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
	{name: "post-vanilla-query", method: "POST", target: "/?Param1=value1", signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{name: "post-x-www-form-urlencoded", method: "POST", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, body: "Param1=value1", signed: "content-type;host;x-amz-date", signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	{name: "post-x-www-form-urlencoded-parameters", method: "POST", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf8"}}, body: "Param1=value1", signed: "content-type;host;x-amz-date", signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
	{name: "post-sts-header-before", method: "POST", header: http.Header{"X-Amz-Security-Token": {vectorToken}}, signed: "host;x-amz-date;x-amz-security-token", signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
}

// request builds what the server would get. Some targets are not valid in a request line
// any more (a bare space, raw UTF-8), so it does not go through a parser.
func (v *vector) request(t testing.TB) *http.Request {
	t.Helper()
	method, target, signed := v.method, v.target, v.signed
	if method == "" {
		method = "GET"
	}
	if target == "" {
		target = "/"
	}
	if signed == "" {
		signed = "host;x-amz-date"
	}
	path, query, _ := strings.Cut(target, "?")
	r := &http.Request{
		Method: method, RequestURI: target, URL: &url.URL{Path: path, RawQuery: query},
		Host: "example.amazonaws.com", Header: http.Header{}, ContentLength: int64(len(v.body)),
	}
	for name, values := range v.header {
		r.Header[name] = values
	}
	r.Header.Set("X-Amz-Date", vectorDate)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+vectorScope+", SignedHeaders="+signed+", Signature="+v.signature)
	return r
}

func vectorOptions(t testing.TB) sigv4.Options {
	t.Helper()
	now, err := time.Parse("20060102T150405Z", vectorDate)
	if err != nil {
		t.Fatal(err)
	}
	return sigv4.Options{Now: now, Services: []string{"service"}}
}

func verify(r *http.Request, body, secret string, o sigv4.Options) error {
	s, err := sigv4.Parse(r)
	if err != nil {
		return err
	}
	return prove(s, r, []byte(body), secret, o)
}

// prove checks and verifies.
func prove(s *sigv4.Signature, r *http.Request, body []byte, secret string, o sigv4.Options) error {
	checked, err := s.Check(r, o)
	if err != nil {
		return err
	}
	return checked.Verify(body, secret)
}

func TestPublishedVectorsVerify(t *testing.T) {
	o := vectorOptions(t)
	o.Keys = sigv4.NewKeyCache(4)
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if err := verify(v.request(t), v.body, vectorSecret, o); err != nil {
				t.Errorf("Verify: %v", err)
			}
			if err := verify(v.request(t), v.body+"x", vectorSecret, o); kind(err) != sigv4.Mismatch {
				t.Errorf("Verify with another body = %v, want a mismatch", err)
			}
			if err := verify(v.request(t), v.body, vectorSecret+"x", o); kind(err) != sigv4.Mismatch {
				t.Errorf("Verify with another secret = %v, want a mismatch", err)
			}
		})
	}
	entries, hits, misses := o.Keys.Figures()
	if asked := uint64(3 * len(vectors)); entries != 2 || misses != 2 || hits != asked-2 {
		t.Errorf("%d signing keys cached, want 2: one for each secret; %d hits and %d misses of %d", entries, hits, misses, asked)
	}
}

// The published vector "post-sts-header-after" adds the token after signing. The same
// request is refused here: a header that says who is asking must be signed.
func TestUnsignedTokenIsRefused(t *testing.T) {
	v := vector{method: "POST", header: http.Header{"X-Amz-Security-Token": {vectorToken}}, signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"}
	err := verify(v.request(t), "", vectorSecret, vectorOptions(t))
	if kind(err) != sigv4.Mismatch || !strings.Contains(err.Error(), "x-amz-security-token") {
		t.Errorf("Verify = %v, want a mismatch that names the header", err)
	}
}

func kind(err error) sigv4.Kind {
	var e *sigv4.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}
