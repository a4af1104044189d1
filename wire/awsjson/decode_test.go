package awsjson_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

type values = smithytest.Values

func TestDecode(t *testing.T) {
	tests := []struct {
		name, body string
		want       values
	}{
		{"an empty body is an empty object", "", values{}},
		{"white space is an empty object", " \r\n\t", values{}},
		{"an empty object", " { } ", values{}},
		{"a string", `{"Text":"abc"}`, values{"Text": "abc"}},
		{"escapes", `{"Text":"\"\\\/\b\f\n\r\t\u0041\u00e9"}`, values{"Text": "\"\\/\b\f\n\r\tAé"}},
		{"a surrogate pair", `{"Text":"\ud83d\ude00!"}`, values{"Text": "😀!"}},
		{"a lone high surrogate", `{"Text":"\ud83dx"}`, values{"Text": "\uFFFDx"}},
		{"a lone low surrogate", `{"Text":"\ude00\ud83d"}`, values{"Text": "\uFFFD\uFFFD"}},
		{"a high surrogate before another escape", `{"Text":"\ud83d\n\ud83d\u0041"}`, values{"Text": "\uFFFD\n\uFFFDA"}},
		{"text beyond ASCII", `{"Text":"grüße 😀"}`, values{"Text": "grüße 😀"}},
		{"an escaped member name", `{"\u0054ext":"abc"}`, values{"Text": "abc"}},
		{"null is absent", `{"Text":null,"Tags":null,"Tag":null,"Flag":null}`, values{}},
		{"names keep their case", `{"text":"abc","TEXT":"abc"}`, values{}},
		{"the last of two counts", `{"Text":"a","Text":"b"}`, values{"Text": "b"}},
		{"the last of two lists counts", `{"Names":["a"],"Names":["b"]}`, values{"Names": []any{"b"}}},
		{"members in any order", `{"Names":["x"],"Text":"a","Flag":true}`, values{"Names": []any{"x"}, "Text": "a", "Flag": true}},
		{"unknown members are passed over", `{"Nope":{"a":[1,2,{"b":"c"}],"d":null},"Text":"a","Z":-1.5e-7}`, values{"Text": "a"}},
		{"the wire name counts", `{"renamed-here":"a","Renamed":"b"}`, values{"Renamed": "a"}},
		{"booleans", `{"Flag":false}`, values{"Flag": false}},
		{"an integer", `{"Small":-12,"Large":9223372036854775807}`, values{"Small": int64(-12), "Large": int64(math.MaxInt64)}},
		{"whole numbers with exponent or fraction", `{"Small":1e3,"Large":10.0}`, values{"Small": int64(1000), "Large": int64(10)}},
		{"a double", `{"Ratio":-0.25E+1}`, values{"Ratio": -2.5}},
		{"a whole double", `{"Ratio":3}`, values{"Ratio": 3.0}},
		{"infinity", `{"Ratio":"-Infinity"}`, values{"Ratio": math.Inf(-1)}},
		{"a blob", `{"Data":"aGk/"}`, values{"Data": []byte("hi?")}},
		{"an epoch time", `{"When":1612345678}`, values{"When": time.Unix(1612345678, 0).UTC()}},
		{"an epoch time with a fraction", `{"When":1612345678.123}`, values{"When": time.UnixMilli(1612345678123).UTC()}},
		{"an epoch time with an exponent", `{"When":1.612345678123E9}`, values{"When": time.UnixMilli(1612345678123).UTC()}},
		{"a time before 1970", `{"When":-1.5}`, values{"When": time.UnixMilli(-1500).UTC()}},
		{"a date-time", `{"When":"2021-02-03T09:47:58+01:00"}`, values{"When": time.Date(2021, 2, 3, 8, 47, 58, 0, time.UTC)}},
		{
			"nesting", `{"Tag":{"Key":"a","Value":"b"},"Tags":[{"Key":"c"},{}],"Grid":[[1,2],[]],"Labels":{"x":"y","":"z"},"TagsByName":{"n":{"Key":"k"}}}`,
			values{
				"Tag":        values{"Key": "a", "Value": "b"},
				"Tags":       []any{values{"Key": "c"}, values{}},
				"Grid":       []any{[]any{int64(1), int64(2)}, []any{}},
				"Labels":     values{"x": "y", "": "z"},
				"TagsByName": values{"n": values{"Key": "k"}},
			},
		},
		{"an entry that is null is absent", `{"Labels":{"a":null,"b":"c"}}`, values{"Labels": values{"b": "c"}}},
		{"an empty list is not an absent one", `{"Names":[]}`, values{"Names": []any{}}},
		{"as deep as is allowed", `{"x":` + strings.Repeat("[", 255) + strings.Repeat("]", 255) + `}`, values{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := smithytest.New(smithytest.Everything)
			if err := awsjson.Decode([]byte(tt.body), got); err != nil {
				t.Fatalf("Decode(%s): %v", tt.body, err)
			}
			if !reflect.DeepEqual(got.Values, tt.want) {
				t.Errorf("Decode(%s) = %v, want %v", tt.body, got.Values, tt.want)
			}
		})
	}
}

func TestDecodeNaN(t *testing.T) {
	got := smithytest.New(smithytest.Everything)
	if err := awsjson.Decode([]byte(`{"Ratio":"NaN"}`), got); err != nil {
		t.Fatal(err)
	}
	if f, ok := got.Values["Ratio"].(float64); !ok || !math.IsNaN(f) {
		t.Errorf("Ratio = %v, want NaN", got.Values["Ratio"])
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		structure = "Start of structure or map found where not expected"
		list      = "Start of list found where not expected"
		field     = "Unexpected field type"
		syntax    = "The request body is not valid JSON"
		end       = "Unexpected end of the JSON document"
		badString = "The JSON document contains an invalid string"
		base64    = "only base-64-encoded strings are convertible to bytes"
	)
	tests := []struct{ body, path, message string }{
		{`[]`, "", list},
		{`"x"`, "", field},
		{`17`, "", field},
		{`null`, "", field},
		{`{`, "", end},
		{`{"Text"`, "", end},
		{`{"Text":`, "Text", end},
		{`{"Text":"a`, "Text", end},
		{`{"Text":"a"`, "", end},
		{`{"Text":"a",}`, "", syntax},
		{`{,}`, "", syntax},
		{`{"Text" "a"}`, "", syntax},
		{`{'Text':"a"}`, "", syntax},
		{`{"Text":"a"} x`, "", "Unexpected content after the JSON document"},
		{`{"Text":"a"}{}`, "", "Unexpected content after the JSON document"},
		{"{\"Text\":\"a\nb\"}", "Text", badString},
		{`{"Text":"\x41"}`, "Text", badString},
		{`{"Text":"\u00g0"}`, "Text", badString},
		{`{"Text":"\u00"}`, "Text", badString},
		{"{\"Text\":\"a\xffb\"}", "Text", badString},
		{"{\"Te\xffxt\":\"ab\"}", "", badString},
		{"\x00", "", syntax},
		{`{"Text":12}`, "Text", "NUMBER_VALUE can not be converted to a String"},
		{`{"Text":1.5}`, "Text", "DECIMAL_VALUE can not be converted to a String"},
		{`{"Text":true}`, "Text", "TRUE_VALUE can not be converted to a String"},
		{`{"Text":false}`, "Text", "FALSE_VALUE can not be converted to a String"},
		{`{"Text":{}}`, "Text", structure},
		{`{"Text":[]}`, "Text", list},
		{`{"Text":tru}`, "Text", syntax},
		{`{"Text":nul}`, "Text", syntax},
		{`{"Text":nothing}`, "Text", syntax},
		{`{"Flag":"true"}`, "Flag", "Unexpected token received from parser"},
		{`{"Flag":1}`, "Flag", "NUMBER_VALUE can not be converted to a Boolean"},
		{`{"Small":"1"}`, "Small", "STRING_VALUE can not be converted to an Integer"},
		{`{"Small":1.5}`, "Small", "DECIMAL_VALUE can not be converted to an Integer"},
		{`{"Small":2147483648}`, "Small", "NUMBER_VALUE is out of range for an Integer"},
		{`{"Small":1e10}`, "Small", "DECIMAL_VALUE can not be converted to an Integer"},
		{`{"Large":9223372036854775808}`, "Large", "NUMBER_VALUE is out of range for a Long"},
		{`{"Large":1e400}`, "Large", "DECIMAL_VALUE can not be converted to a Long"},
		{`{"Large":01}`, "", syntax},
		{`{"Large":-}`, "Large", syntax},
		{`{"Large":1.}`, "Large", syntax},
		{`{"Large":.5}`, "Large", syntax},
		{`{"Large":1e}`, "Large", syntax},
		{`{"Large":+1}`, "Large", syntax},
		{`{"Ratio":"much"}`, "Ratio", "STRING_VALUE can not be converted to a Double"},
		{`{"Ratio":1e999}`, "Ratio", "NUMBER_VALUE is out of range for a Double"},
		{`{"Data":"a"}`, "Data", base64},
		{`{"Data":7}`, "Data", base64},
		{`{"When":"yesterday"}`, "When", "STRING_VALUE can not be converted to a Date"},
		{`{"When":1e30}`, "When", "NUMBER_VALUE is out of range for a Date"},
		{`{"When":true}`, "When", "TRUE_VALUE can not be converted to a Date"},
		{`{"Names":"a"}`, "Names", field},
		{`{"Names":{}}`, "Names", structure},
		{`{"Names":["a",5]}`, "Names.2", "NUMBER_VALUE can not be converted to a String"},
		{`{"Names":[null]}`, "Names.1", "A list must not contain null"},
		{`{"Names":["a",]}`, "Names", syntax},
		{`{"Names":["a" "b"]}`, "Names", syntax},
		{`{"Tags":[{"Key":"a"},{"Key":7}]}`, "Tags.2.Key", "NUMBER_VALUE can not be converted to a String"},
		{`{"Tag":[]}`, "Tag", list},
		{`{"Tag":"x"}`, "Tag", field},
		{`{"Labels":{"a":{}}}`, "Labels.a", structure},
		{`{"Labels":[]}`, "Labels", list},
		{`{"x":` + strings.Repeat("[", 256) + strings.Repeat("]", 256) + `}`, "", "The JSON document is nested too deeply"},
		{strings.Repeat(`{"x":`, 100000), "", "The JSON document is nested too deeply"},
	}
	for _, tt := range tests {
		err := awsjson.Decode([]byte(tt.body), smithytest.New(smithytest.Everything))
		var se *smithy.SerializationError
		if !errors.As(err, &se) {
			t.Errorf("Decode(%.60s): error %v, want a SerializationError", tt.body, err)
			continue
		}
		if se.Path != tt.path || se.Message != tt.message {
			t.Errorf("Decode(%.60s): %q at %q, want %q at %q", tt.body, se.Message, se.Path, tt.message, tt.path)
		}
	}
}

func TestDecodePassesOverMembersBoundElsewhere(t *testing.T) {
	schema := smithytest.Structure("Bound",
		smithy.Member{Name: "Header", Target: smithytest.String, Binding: smithy.BindHeader},
		smithy.Member{Name: "Inner", Target: smithytest.Structure("Inner",
			smithy.Member{Name: "Label", Target: smithytest.String, Binding: smithy.BindLabel})},
	)
	got := smithytest.New(schema)
	if err := awsjson.Decode([]byte(`{"Header":"a","Inner":{"Label":"b"}}`), got); err != nil {
		t.Fatal(err)
	}
	want := values{"Inner": values{"Label": "b"}}
	if !reflect.DeepEqual(got.Values, want) {
		t.Errorf("got %v, want %v: bindings count in the outermost structure only", got.Values, want)
	}
}

func TestDecodeMember(t *testing.T) {
	tags := &smithytest.Everything.Members[8]
	got := smithytest.New(smithytest.Everything)
	if err := awsjson.DecodeMember([]byte(`[{"Key":"a"}]`), got, tags); err != nil {
		t.Fatal(err)
	}
	if want := (values{"Tags": []any{values{"Key": "a"}}}); !reflect.DeepEqual(got.Values, want) {
		t.Errorf("got %v, want %v", got.Values, want)
	}
	if err := awsjson.DecodeMember([]byte(`[] x`), got, tags); err == nil {
		t.Error("content after the value was accepted")
	}
	empty := smithytest.New(smithytest.Everything)
	if err := awsjson.DecodeMember(nil, empty, tags); err != nil || len(empty.Values) != 0 {
		t.Errorf("an empty body: %v, %v", empty.Values, err)
	}
}
