package awsquery_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsquery"
	"pgregory.net/rapid"
)

// FuzzDecode decodes any form. What is accepted must survive being written as a form and
// read again, and must be answerable in well-formed XML.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"Action=X&Version=Y&Text=a+b&Flag=true&Small=1&Large=2&Ratio=1.5&Data=aGk%3D&When=2021-02-03T09:47:58Z",
		"Tags.member.1.Key=a&Tags.member.2.Key=b&Names.member.1=x&Grid.member.1.member.1=1",
		"Labels.entry.1.key=a&Labels.entry.1.value=b&TagsByName.entry.1.key=n&TagsByName.entry.1.value.Key=k",
		"Names=&Tags.member=&Labels=&Tag=", "a=%", "Names.member.x=1", "Text.=1", "..=&.=&=", "Names.member.1=a&Names.member.01=b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, form string) {
		pairs, err := awsquery.ParseForm(form)
		first := smithytest.New(smithytest.Everything)
		if err == nil {
			awsquery.Action(pairs)
			err = awsquery.Decode(pairs, first)
		}
		if err != nil {
			var se *smithy.SerializationError
			if !errors.As(err, &se) || se.Message == "" {
				t.Fatalf("error %v of type %T", err, err)
			}
			return
		}
		written := writeForm(first)
		second := smithytest.New(smithytest.Everything)
		if err := awsquery.Decode(slices.Clone(written), second); err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		if again := writeForm(second); !reflect.DeepEqual(again, written) {
			t.Fatalf("written again:\n%q\n%q", written, again)
		}
		checkXML(t, awsquery.AppendResponse(nil, service, &smithy.Operation{Name: "Do", ResultWrapper: "R"}, first, "id"))
	})
}

// FuzzParseForm compares with net/url where both have the same rules: net/url refuses
// semicolons and takes text that is not UTF-8.
func FuzzParseForm(f *testing.F) {
	f.Add("a=b&c=%20+&a=d")
	f.Add("%zz=1&a=%4")
	f.Fuzz(func(t *testing.T, form string) {
		pairs, err := awsquery.ParseForm(form)
		want, urlErr := url.ParseQuery(form)
		if err != nil || urlErr != nil {
			if err == nil && urlErr != nil && !containsSemicolon(form) {
				t.Fatalf("%q was accepted; net/url says %v", form, urlErr)
			}
			return
		}
		got := url.Values{}
		for _, p := range pairs {
			got[p.Name] = append(got[p.Name], p.Value)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %q, net/url: %q", form, got, want)
		}
	})
}

func containsSemicolon(s string) bool {
	for i := range len(s) {
		if s[i] == ';' {
			return true
		}
	}
	return false
}

func checkXML(t *testing.T, doc []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not XML: %v in %q", err, doc)
		}
	}
}

// TestRoundTrip writes random values as a form and reads them again.
func TestRoundTrip(t *testing.T) {
	text := rapid.Map(rapid.String(), func(s string) any { return s })
	tag := rapid.Map(rapid.String(), func(s string) any { return values{"Key": s} })
	rapid.Check(t, func(t *rapid.T) {
		in := smithytest.New(smithytest.Everything)
		in.Values["Text"] = rapid.String().Draw(t, "Text")
		in.Values["Large"] = rapid.Int64().Draw(t, "Large")
		in.Values["Ratio"] = rapid.Float64().Draw(t, "Ratio")
		in.Values["Data"] = rapid.SliceOf(rapid.Byte()).Draw(t, "Data")
		in.Values["When"] = time.UnixMilli(rapid.Int64Range(-5e12, 5e12).Draw(t, "When")).UTC()
		in.Values["Tag"] = tag.Draw(t, "Tag")
		in.Values["Tags"] = rapid.SliceOfN(tag, 0, 12).Draw(t, "Tags")
		in.Values["Names"] = rapid.SliceOfN(text, 0, 12).Draw(t, "Names")
		in.Values["Labels"] = values(rapid.MapOfN(rapid.String(), text, 0, 4).Draw(t, "Labels"))
		in.Values["TagsByName"] = values(rapid.MapOfN(rapid.String(), tag, 0, 4).Draw(t, "TagsByName"))

		form := encodeForm(writeForm(in))
		pairs, err := awsquery.ParseForm(form)
		if err != nil {
			t.Fatalf("%q: %v", form, err)
		}
		order := rapid.Permutation(pairs).Draw(t, "order")
		out := smithytest.New(smithytest.Everything)
		if err := awsquery.Decode(order, out); err != nil {
			t.Fatalf("%q: %v", form, err)
		}
		if !reflect.DeepEqual(out.Values, in.Values) {
			t.Fatalf("put in %v\ngot out %v\nas %s", in.Values, out.Values, form)
		}
	})
}
