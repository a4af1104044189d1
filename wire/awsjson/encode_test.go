package awsjson_test

import (
	"math"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

func TestAppend(t *testing.T) {
	tests := []struct {
		name string
		out  values
		want string
	}{
		{"nothing", values{}, `{}`},
		{"a string", values{"Text": "a\"b\\c/<&>\x00\x1f\n\r\t\b\f\u2028é😀"}, `{"Text":"a\"b\\c/<&>\u0000\u001f\n\r\t\b\f` + "\u2028é😀" + `"}`},
		{"bytes that are no UTF-8", values{"Text": "a\xff\xc3b"}, `{"Text":"a` + "\uFFFD\uFFFD" + `b"}`},
		{"booleans and numbers", values{"Flag": true, "Small": int64(-1), "Large": int64(math.MinInt64)}, `{"Flag":true,"Small":-1,"Large":-9223372036854775808}`},
		{"a double", values{"Ratio": 2.5}, `{"Ratio":2.5}`},
		{"a whole double", values{"Ratio": 100.0}, `{"Ratio":100}`},
		{"a tiny double", values{"Ratio": 1e-9}, `{"Ratio":1e-09}`},
		{"no number", values{"Ratio": math.NaN()}, `{"Ratio":"NaN"}`},
		{"infinity", values{"Ratio": math.Inf(1)}, `{"Ratio":"Infinity"}`},
		{"minus infinity", values{"Ratio": math.Inf(-1)}, `{"Ratio":"-Infinity"}`},
		{"a blob", values{"Data": []byte("hi?")}, `{"Data":"aGk/"}`},
		{"a whole second", values{"When": time.Unix(946684800, 0)}, `{"When":946684800}`},
		{"milliseconds", values{"When": time.Unix(1612345678, 123456789)}, `{"When":1612345678.123}`},
		{"hundredths", values{"When": time.UnixMilli(1612345678120)}, `{"When":1612345678.12}`},
		{"tenths", values{"When": time.UnixMilli(1612345678100)}, `{"When":1612345678.1}`},
		{"a small fraction", values{"When": time.UnixMilli(1612345678003)}, `{"When":1612345678.003}`},
		{"before 1970", values{"When": time.UnixMilli(-1500)}, `{"When":-1.5}`},
		{"a wire name", values{"Renamed": "x"}, `{"renamed-here":"x"}`},
		{"empty containers", values{"Tag": values{}, "Tags": []any{}, "Labels": values{}}, `{"Tag":{},"Tags":[],"Labels":{}}`},
		{
			"nesting",
			values{
				"Tag":        values{"Key": "a", "Value": "b"},
				"Tags":       []any{values{"Key": "c"}, values{}, values{"Key": "d"}},
				"Names":      []any{"x", "y"},
				"Grid":       []any{[]any{int64(1), int64(2)}, []any{}, []any{int64(3)}},
				"Labels":     values{"x": "y", "": "z"},
				"TagsByName": values{"n": values{"Key": "k"}, "o": values{}},
			},
			`{"Tag":{"Key":"a","Value":"b"},"Tags":[{"Key":"c"},{},{"Key":"d"}],"Names":["x","y"],"Grid":[[1,2],[],[3]],` +
				`"Labels":{"":"z","x":"y"},"TagsByName":{"n":{"Key":"k"},"o":{}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(awsjson.Append(nil, &smithytest.Record{Of: smithytest.Everything, Values: tt.out}))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	got := string(awsjson.Append([]byte("x="), nil))
	if got != "x={}" {
		t.Errorf("got %q", got)
	}
}

func TestAppendTimeFormats(t *testing.T) {
	schema := smithytest.Structure("Times",
		smithy.Member{Name: "A", Target: smithytest.Timestamp, TimeFormat: smithy.TimeDateTime},
		smithy.Member{Name: "B", Target: smithytest.Timestamp, TimeFormat: smithy.TimeHTTPDate},
		smithy.Member{Name: "C", Target: smithytest.Timestamp, TimeFormat: smithy.TimeEpoch},
	)
	when := time.UnixMilli(1612345678120)
	got := string(awsjson.Append(nil, &smithytest.Record{Of: schema, Values: values{"A": when, "B": when, "C": when}}))
	want := `{"A":"2021-02-03T09:47:58.12Z","B":"Wed, 03 Feb 2021 09:47:58 GMT","C":1612345678.12}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendLeavesOutMembersBoundElsewhere(t *testing.T) {
	schema := smithytest.Structure("Bound",
		smithy.Member{Name: "Header", Target: smithytest.List("L", smithytest.String), Binding: smithy.BindHeader},
		smithy.Member{Name: "Meta", Target: smithytest.Map("M", smithytest.String), Binding: smithy.BindPrefixHeaders},
		smithy.Member{Name: "Code", Target: smithytest.Integer, Binding: smithy.BindStatusCode},
		smithy.Member{Name: "Tag", Target: smithytest.Tag},
		smithy.Member{Name: "Text", Target: smithytest.String},
	)
	out := &smithytest.Record{Of: schema, Values: values{
		"Header": []any{"a", "b"}, "Meta": values{"k": "v"}, "Code": int64(201), "Tag": values{"Key": "k"}, "Text": "x",
	}}
	if got, want := string(awsjson.Append(nil, out)), `{"Tag":{"Key":"k"},"Text":"x"}`; got != want {
		t.Errorf("Append: got %s, want %s", got, want)
	}
	if got, want := string(awsjson.AppendMember(nil, out, &schema.Members[3])), `{"Key":"k"}`; got != want {
		t.Errorf("AppendMember: got %s, want %s", got, want)
	}
	if got := string(awsjson.AppendMember(nil, smithytest.New(schema), &schema.Members[3])); got != "" {
		t.Errorf("AppendMember of an absent member: got %s", got)
	}
}

func TestAppendError(t *testing.T) {
	lower := smithytest.Structure("lower", smithy.Member{Name: "message", Target: smithytest.String}, smithy.Member{Name: "Reason", Target: smithytest.String})
	upper := smithytest.Structure("upper", smithy.Member{Name: "Message", Target: smithytest.String})
	none := smithytest.Structure("none", smithy.Member{Name: "Reason", Target: smithytest.String})
	record := func(s *smithy.Schema, v values) smithy.ModeledError { return &smithytest.Record{Of: s, Values: v} }
	tests := []struct {
		name, message string
		shape         smithy.ModeledError
		want          string
	}{
		{"no shape", "no \"way\"", nil, `{"__type":"Code","message":"no \"way\""}`},
		{"no shape, no message", "", nil, `{"__type":"Code"}`},
		{"the shape's message", "other", record(lower, values{"message": "own", "Reason": "R"}), `{"__type":"Code","message":"own","Reason":"R"}`},
		{"no message in the shape", "given", record(lower, values{"Reason": "R"}), `{"__type":"Code","Reason":"R","message":"given"}`},
		{"the model's spelling", "given", record(upper, values{}), `{"__type":"Code","Message":"given"}`},
		{"a model without message", "given", record(none, values{"Reason": "R"}), `{"__type":"Code","Reason":"R","message":"given"}`},
	}
	for _, tt := range tests {
		if got := string(awsjson.AppendError(nil, "Code", tt.message, tt.shape)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
