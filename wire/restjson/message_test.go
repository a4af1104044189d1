package restjson_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/restjson"
)

type values = smithytest.Values

// bound has members in all parts of a message.
var bound = smithytest.Structure("Bound",
	smithy.Member{Name: "Id", Target: smithytest.String, Required: true, Binding: smithy.BindLabel},
	smithy.Member{Name: "At", Target: smithytest.Timestamp, Binding: smithy.BindLabel},
	smithy.Member{Name: "Next", Target: smithytest.String, Binding: smithy.BindQuery, BindingName: "next_token"},
	smithy.Member{Name: "Max", Target: smithytest.Integer, Binding: smithy.BindQuery, BindingName: "max_result"},
	smithy.Member{Name: "Keys", Target: smithytest.List("Keys", smithytest.String), Binding: smithy.BindQuery, BindingName: "key"},
	smithy.Member{Name: "Since", Target: smithytest.Timestamp, Binding: smithy.BindQuery, BindingName: "since"},
	smithy.Member{Name: "Until", Target: smithytest.Timestamp, TimeFormat: smithy.TimeEpoch, Binding: smithy.BindQuery, BindingName: "until"},
	smithy.Member{Name: "All", Target: smithytest.Map("All", smithytest.String), Binding: smithy.BindQueryParams},
	smithy.Member{Name: "Token", Target: smithytest.Secret, Binding: smithy.BindHeader, BindingName: "x-amz-sso_bearer_token"},
	smithy.Member{Name: "Flag", Target: smithytest.Boolean, Binding: smithy.BindHeader, BindingName: "X-Flag"},
	smithy.Member{Name: "Ratio", Target: smithytest.Double, Binding: smithy.BindHeader, BindingName: "X-Ratio"},
	smithy.Member{Name: "Data", Target: smithytest.Blob, Binding: smithy.BindHeader, BindingName: "X-Data"},
	smithy.Member{Name: "Modified", Target: smithytest.Timestamp, Binding: smithy.BindHeader, BindingName: "X-Modified"},
	smithy.Member{Name: "Names", Target: smithytest.List("Names", smithytest.String), Binding: smithy.BindHeader, BindingName: "X-Names"},
	smithy.Member{Name: "Dates", Target: smithytest.List("Dates", smithytest.Timestamp), Binding: smithy.BindHeader, BindingName: "X-Dates"},
	smithy.Member{Name: "Meta", Target: smithytest.Map("Meta", smithytest.String), Binding: smithy.BindPrefixHeaders, BindingName: "X-Meta-"},
	smithy.Member{Name: "Text", WireName: "text", Target: smithytest.String},
	smithy.Member{Name: "Tag", Target: smithytest.Tag},
)

var operation = &smithy.Operation{Name: "Do", Method: "POST", URI: "/do/{Id}/{At}", Status: 200, Input: bound, Output: bound}

func TestDecode(t *testing.T) {
	header := http.Header{
		"X-Amz-Sso_bearer_token": {"secret"}, "X-Flag": {"true"}, "X-Ratio": {"-2.5"}, "X-Data": {"aGk/"},
		"X-Modified": {"Wed, 03 Feb 2021 09:47:58 GMT"},
		"X-Names":    {`a, "b, \"c\"" ,d`, "e"},
		"X-Dates":    {"Wed, 03 Feb 2021 09:47:58 GMT, Thu, 04 Feb 2021 09:47:58 GMT"},
		"X-Meta-One": {"1"}, "X-Other": {"2"},
	}
	labels := []restjson.Label{{Member: "Id", Value: "a%2Fb%20c"}, {Member: "At", Value: "2021-02-03T09:47:58Z"}}
	query := "next_token=a+b%3D&max_result=7&key=x&key=y&since=2021-02-03T09%3A47%3A58.5Z&until=1612345678"
	got := smithytest.New(bound)
	if err := restjson.Decode(operation, labels, query, header, []byte(`{"text":"body","Id":"not from here","Tag":{"Key":"k"}}`), got); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2021, 2, 3, 9, 47, 58, 0, time.UTC)
	want := values{
		"Id": "a/b c", "At": when, "Next": "a b=", "Max": int64(7), "Keys": []any{"x", "y"},
		"Since": when.Add(500 * time.Millisecond), "Until": when,
		"All":   values{"next_token": "a b=", "max_result": "7", "key": "x", "since": "2021-02-03T09:47:58.5Z", "until": "1612345678"},
		"Token": "secret", "Flag": true, "Ratio": -2.5, "Data": []byte("hi?"), "Modified": when,
		"Names": []any{"a", `b, "c"`, "d", "e"}, "Dates": []any{when, when.Add(24 * time.Hour)}, "Meta": values{"one": "1"},
		"Text": "body", "Tag": values{"Key": "k"},
	}
	if !reflect.DeepEqual(got.Values, want) {
		t.Errorf("got  %v\nwant %v", got.Values, want)
	}
}

func TestDecodeNothing(t *testing.T) {
	got := smithytest.New(bound)
	if err := restjson.Decode(operation, nil, "", nil, nil, got); err != nil {
		t.Fatal(err)
	}
	if len(got.Values) != 0 {
		t.Errorf("got %v", got.Values)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name   string
		label  string
		query  string
		header http.Header
		body   string
		path   string
	}{
		{name: "an escape in the path", label: "%zz", path: "Id"},
		{name: "no UTF-8 in the path", label: "%ff", path: "Id"},
		{name: "an escape in the query", query: "next_token=%zz", path: "next_token"},
		{name: "no UTF-8 in the query", query: "%ff=a", path: ""},
		{name: "no number", query: "max_result=a", path: "Max"},
		{name: "too large", query: "max_result=2147483648", path: "Max"},
		{name: "no time", query: "since=now", path: "Since"},
		{name: "no epoch", query: "until=NaN", path: "Until"},
		{name: "no boolean", header: http.Header{"X-Flag": {"True"}}, path: "Flag"},
		{name: "no double", header: http.Header{"X-Ratio": {"0x1p4"}}, path: "Ratio"},
		{name: "no base64", header: http.Header{"X-Data": {"!"}}, path: "Data"},
		{name: "no HTTP date", header: http.Header{"X-Modified": {"2021-02-03T09:47:58Z"}}, path: "Modified"},
		{name: "no UTF-8 in a header", header: http.Header{"X-Meta-A": {"\xff"}}, path: "Meta"},
		{name: "a wrong type in the body", body: `{"text":1}`, path: "text"},
		{name: "no JSON", body: `{`, path: ""},
	}
	for _, tt := range tests {
		labels := []restjson.Label{{Member: "Id", Value: tt.label}}
		err := restjson.Decode(operation, labels, tt.query, tt.header, []byte(tt.body), smithytest.New(bound))
		var se *smithy.SerializationError
		if !errors.As(err, &se) || se.Path != tt.path || se.Message == "" {
			t.Errorf("%s: error %v, want a SerializationError at %q", tt.name, err, tt.path)
		}
	}
}

func TestEncode(t *testing.T) {
	when := time.Date(2021, 2, 3, 9, 47, 58, 0, time.UTC)
	schema := smithytest.Structure("Output",
		smithy.Member{Name: "Code", Target: smithytest.Integer, Binding: smithy.BindStatusCode},
		smithy.Member{Name: "Token", Target: smithytest.String, Binding: smithy.BindHeader, BindingName: "X-Token"},
		smithy.Member{Name: "Count", Target: smithytest.Integer, Binding: smithy.BindHeader, BindingName: "X-Count"},
		smithy.Member{Name: "Flag", Target: smithytest.Boolean, Binding: smithy.BindHeader, BindingName: "X-Flag"},
		smithy.Member{Name: "Ratio", Target: smithytest.Double, Binding: smithy.BindHeader, BindingName: "X-Ratio"},
		smithy.Member{Name: "Data", Target: smithytest.Blob, Binding: smithy.BindHeader, BindingName: "X-Data"},
		smithy.Member{Name: "When", Target: smithytest.Timestamp, Binding: smithy.BindHeader, BindingName: "X-When"},
		smithy.Member{Name: "Iso", Target: smithytest.Timestamp, TimeFormat: smithy.TimeDateTime, Binding: smithy.BindHeader, BindingName: "X-Iso"},
		smithy.Member{Name: "Epoch", Target: smithytest.Timestamp, TimeFormat: smithy.TimeEpoch, Binding: smithy.BindHeader, BindingName: "X-Epoch"},
		smithy.Member{Name: "Names", Target: smithytest.List("Names", smithytest.String), Binding: smithy.BindHeader, BindingName: "X-Names"},
		smithy.Member{Name: "Meta", Target: smithytest.Map("Meta", smithytest.String), Binding: smithy.BindPrefixHeaders, BindingName: "X-Meta-"},
		smithy.Member{Name: "Text", Target: smithytest.String},
		smithy.Member{Name: "Tags", Target: smithytest.List("Tags", smithytest.Tag)},
	)
	op := &smithy.Operation{Name: "Do", Status: 202, Output: schema}
	out := &smithytest.Record{Of: schema, Values: values{
		"Code": int64(207), "Token": "a\r\nX-Evil: b", "Count": int64(3), "Flag": false, "Ratio": math.Inf(-1), "Data": []byte("hi?"),
		"When": when, "Iso": when, "Epoch": when, "Names": []any{"a", `b, "c"`, ""}, "Meta": values{"One": "1"},
		"Text": "body", "Tags": []any{values{"Key": "k"}},
	}}
	status, header, body := restjson.Encode(op, out)
	if status != 207 {
		t.Errorf("status %d", status)
	}
	want := http.Header{
		"X-Token": {"a  X-Evil: b"}, "X-Count": {"3"}, "X-Flag": {"false"}, "X-Ratio": {"-Infinity"}, "X-Data": {"aGk/"},
		"X-When": {"Wed, 03 Feb 2021 09:47:58 GMT"}, "X-Iso": {"2021-02-03T09:47:58Z"}, "X-Epoch": {"1612345678"},
		"X-Names": {`a, "b, \"c\"", ""`}, "X-Meta-One": {"1"}, "Content-Type": {"application/json"},
	}
	if !reflect.DeepEqual(header, want) {
		t.Errorf("header\n got %q\nwant %q", header, want)
	}
	if got, want := string(body), `{"Text":"body","Tags":[{"Key":"k"}]}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
}

func TestPayloads(t *testing.T) {
	token := smithy.Member{Name: "Token", Target: smithytest.String, Binding: smithy.BindHeader, BindingName: "X-Token"}
	tests := []struct {
		name, body, contentType string
		payload                 *smithy.Schema
		value                   any
	}{
		{"a structure", `{"Key":"k","Value":"v"}`, "application/json", smithytest.Tag, values{"Key": "k", "Value": "v"}},
		{"a list", `["a","b"]`, "application/json", smithytest.List("L", smithytest.String), []any{"a", "b"}},
		{"bytes", "\x00\xff{", "application/octet-stream", smithytest.Blob, []byte("\x00\xff{")},
		{"text", "größe {", "text/plain", smithytest.String, "größe {"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			schema := smithytest.Structure("S", token, smithy.Member{Name: "Body", Target: tt.payload, Binding: smithy.BindPayload})
			op := &smithy.Operation{Name: "Do", Status: 200, Input: schema, Output: schema}
			want := values{"Token": "t", "Body": tt.value}
			status, header, body := restjson.Encode(op, &smithytest.Record{Of: schema, Values: want})
			if status != 200 || string(body) != tt.body || header.Get("Content-Type") != tt.contentType || header.Get("X-Token") != "t" {
				t.Errorf("encoded %d %q %q", status, header, body)
			}
			got := smithytest.New(schema)
			if err := restjson.Decode(op, nil, "", header, body, got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Values, want) {
				t.Errorf("decoded %v, want %v", got.Values, want)
			}
			empty := smithytest.New(schema)
			if err := restjson.Decode(op, nil, "", nil, nil, empty); err != nil || len(empty.Values) != 0 {
				t.Errorf("an empty body: %v, %v", empty.Values, err)
			}
		})
	}
	schema := smithytest.Structure("S", smithy.Member{Name: "Body", Target: smithytest.String, Binding: smithy.BindPayload})
	if err := restjson.Decode(&smithy.Operation{Input: schema}, nil, "", nil, []byte("\xff"), smithytest.New(schema)); err == nil {
		t.Error("a text that is not UTF-8 was accepted")
	}
}

func TestEncodeBodies(t *testing.T) {
	onlyHeader := smithytest.Structure("H", smithy.Member{Name: "Token", Target: smithytest.String, Binding: smithy.BindHeader, BindingName: "X-Token"})
	none := smithytest.Structure("None")
	payload := smithytest.Structure("P", smithy.Member{Name: "Tag", Target: smithytest.Tag, Binding: smithy.BindPayload})
	tests := []struct {
		name   string
		output *smithy.Schema
		body   string
	}{
		{"no output", nil, ""},
		{"an output without members", none, "{}"},
		{"an output in headers only", onlyHeader, ""},
		{"an absent payload", payload, "{}"},
	}
	for _, tt := range tests {
		out := smithytest.New(none)
		if tt.output != nil {
			out = smithytest.New(tt.output)
		}
		status, header, body := restjson.Encode(&smithy.Operation{Output: tt.output}, out)
		if status != 200 || string(body) != tt.body || (header.Get("Content-Type") != "") != (tt.body != "") {
			t.Errorf("%s: %d %q %q, want body %q", tt.name, status, header, body, tt.body)
		}
	}
}

func TestEncodeError(t *testing.T) {
	schema := smithytest.Structure("TooManyRequestsException",
		smithy.Member{Name: "message", Target: smithytest.String},
		smithy.Member{Name: "Wait", Target: smithytest.Integer, Binding: smithy.BindHeader, BindingName: "Retry-After"})
	header, body := restjson.EncodeError("TooManyRequestsException", "", &smithytest.Record{Of: schema, Values: values{"message": "slow", "Wait": int64(3)}})
	if header.Get("X-Amzn-Errortype") != "TooManyRequestsException" || header.Get("Retry-After") != "3" || header.Get("Content-Type") != "application/json" {
		t.Errorf("header %q", header)
	}
	if got, want := string(body), `{"__type":"TooManyRequestsException","message":"slow"}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	header, body = restjson.EncodeError("AccessDeniedException", "no", nil)
	if header.Get("X-Amzn-Errortype") != "AccessDeniedException" || string(body) != `{"__type":"AccessDeniedException","message":"no"}` {
		t.Errorf("%q %s", header, body)
	}
}

// FuzzDecode decodes anything from all parts of a message; what is accepted must be
// encodable, with a body that is JSON.
func FuzzDecode(f *testing.F) {
	f.Add("a%2Fb", "next_token=a&max_result=7&key=x&key=y&since=2021-02-03T09:47:58Z&until=1", `a, "b, \"c\""`, []byte(`{"text":"a"}`))
	f.Add("%", "%=%", `"`, []byte(`{`))
	f.Add("", "&&=", ",,\"\\", []byte(``))
	f.Fuzz(func(t *testing.T, label, query, value string, body []byte) {
		header := http.Header{"X-Names": {value}, "X-Dates": {value}, "X-Meta-A": {value}, "X-Amz-Sso_bearer_token": {value}}
		in := smithytest.New(bound)
		if err := restjson.Decode(operation, []restjson.Label{{Member: "Id", Value: label}}, query, header, body, in); err != nil {
			var se *smithy.SerializationError
			if !errors.As(err, &se) {
				t.Fatalf("error %v of type %T", err, err)
			}
			return
		}
		if _, _, text := restjson.Encode(operation, in); !json.Valid(text) {
			t.Fatalf("Encode wrote %q", text)
		}
	})
}
