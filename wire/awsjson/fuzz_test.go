package awsjson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsjson"
	"pgregory.net/rapid"
)

// FuzzWellFormed compares the scanner with encoding/json on what is JSON at all. Every
// member is unknown here, so that types play no part. Two differences are intended: bodies
// that are not UTF-8 are refused, and so is what is nested more than 256 levels deep.
func FuzzWellFormed(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{}`, `{"a":1}`, `{"a":[1,-2.5e+7,0,true,false,null,"x\u00e9\ud83d\ude00"],"b":{"c":{}}}`,
		`{"a":01}`, `{"a":1,}`, `{"a":[1,]}`, `{"a"}`, `{"a":"\x"}`, `{"a":"`, `{"a":1} `, `{"a":1}x`, `{"a":-}`, `{"a":1e}`, `{"a":tru}`, "{\"a\":\"\t\"}", "\x00", "{}\x00",
	} {
		f.Add([]byte(seed))
	}
	none := smithytest.Structure("None")
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) || depth(body) > 250 {
			t.Skip()
		}
		err := awsjson.Decode(body, smithytest.New(none))
		var se *smithy.SerializationError
		if err != nil && !errors.As(err, &se) {
			t.Fatalf("error of type %T", err)
		}
		var object map[string]json.RawMessage
		jsonErr := json.Unmarshal(body, &object)
		want := jsonErr == nil && object != nil || isSpace(body)
		if got := err == nil; got != want {
			t.Errorf("Decode(%q): %v; encoding/json: %v", body, err, jsonErr)
		}
	})
}

// depth is an upper bound of the nesting in body.
func depth(body []byte) (n int) {
	for _, c := range body {
		if c == '[' || c == '{' {
			n++
		}
	}
	return n
}

func isSpace(body []byte) bool {
	for _, c := range body {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

// FuzzDecode decodes anything into a shape with members of every kind. What is accepted
// must survive being written and read again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"Text":"a","Flag":true,"Small":1,"Large":2,"Ratio":1.5,"Data":"aGk=","When":1612345678.123,"Tag":{"Key":"k"},"Tags":[{}],"Names":["a"],"Grid":[[1]],"Labels":{"a":"b"}}`,
		`{"Ratio":"Infinity","When":"2021-02-03T09:47:58Z"}`, `{"Names":[null]}`, `{"Text":1}`, `{"Small":1e3}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		first := smithytest.New(smithytest.Everything)
		if err := awsjson.Decode(body, first); err != nil {
			var se *smithy.SerializationError
			if !errors.As(err, &se) || se.Message == "" {
				t.Fatalf("error %v of type %T", err, err)
			}
			return
		}
		text := awsjson.Append(nil, first)
		if !json.Valid(text) {
			t.Fatalf("Append wrote %s", text)
		}
		second := smithytest.New(smithytest.Everything)
		if err := awsjson.Decode(text, second); err != nil {
			t.Fatalf("Decode(%s): %v", text, err)
		}
		if again := awsjson.Append(nil, second); string(again) != string(text) {
			t.Fatalf("written again:\n%s\n%s", text, again)
		}
	})
}

// TestRoundTrip writes random values and reads them again, once by this package and once
// by encoding/json.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := &smithytest.Record{Of: smithytest.Everything, Values: drawEverything(t)}
		text := awsjson.Append(nil, in)
		if !json.Valid(text) {
			t.Fatalf("not JSON: %s", text)
		}
		out := smithytest.New(smithytest.Everything)
		if err := awsjson.Decode(text, out); err != nil {
			t.Fatalf("Decode(%s): %v", text, err)
		}
		if !reflect.DeepEqual(out.Values, in.Values) {
			t.Fatalf("put in %v\ngot out %v\nas %s", in.Values, out.Values, text)
		}
		var plain struct{ Text *string }
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatal(err)
		}
		if s, ok := in.Values["Text"]; ok && *plain.Text != s {
			t.Fatalf("encoding/json reads %q instead of %q", *plain.Text, s)
		}
	})
}

// drawEverything draws some members of smithytest.Everything.
func drawEverything(t *rapid.T) values {
	tag := rapid.Custom(func(t *rapid.T) any {
		return values{"Key": rapid.String().Draw(t, "Key"), "Value": rapid.String().Draw(t, "Value")}
	})
	text := rapid.Map(rapid.String(), func(s string) any { return s })
	number := rapid.Map(rapid.Int32(), func(n int32) any { return int64(n) })
	row := rapid.Map(rapid.SliceOfN(number, 0, 3), func(v []any) any { return v })
	members := map[string]*rapid.Generator[any]{
		"Text":  text,
		"Flag":  rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		"Small": number,
		"Large": rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		"Ratio": rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		"Data":  rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return b }),
		"When": rapid.Map(rapid.Int64Range(-5e12, 5e12), func(ms int64) any {
			return time.UnixMilli(ms).UTC()
		}),
		"Tag":    tag,
		"Tags":   rapid.Map(rapid.SliceOfN(tag, 0, 3), func(v []any) any { return v }),
		"Names":  rapid.Map(rapid.SliceOfN(text, 0, 3), func(v []any) any { return v }),
		"Grid":   rapid.Map(rapid.SliceOfN(row, 0, 3), func(v []any) any { return v }),
		"Labels": rapid.Map(rapid.MapOfN(rapid.String(), text, 0, 3), func(m map[string]any) any { return values(m) }),
		"TagsByName": rapid.Map(rapid.MapOfN(rapid.String(), tag, 0, 3), func(m map[string]any) any {
			return values(m)
		}),
	}
	out := values{}
	for i := range smithytest.Everything.Members {
		name := smithytest.Everything.Members[i].Name
		if g := members[name]; g != nil && rapid.Bool().Draw(t, "has "+name) {
			out[name] = g.Draw(t, name)
		}
	}
	return out
}
