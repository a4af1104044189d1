package awsquery_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsquery"
)

func decode(form string, in smithy.Shape) error {
	pairs, err := awsquery.ParseForm(form)
	if err != nil {
		return err
	}
	return awsquery.Decode(pairs, in)
}

func TestParseForm(t *testing.T) {
	tests := []struct {
		form string
		want []awsquery.Pair
	}{
		{"", nil},
		{"a=b", []awsquery.Pair{{Name: "a", Value: "b"}}},
		{"a=b&&c=d&", []awsquery.Pair{{Name: "a", Value: "b"}, {Name: "c", Value: "d"}}},
		{"a", []awsquery.Pair{{Name: "a"}}},
		{"a=", []awsquery.Pair{{Name: "a"}}},
		{"a=b=c", []awsquery.Pair{{Name: "a", Value: "b=c"}}},
		{"a+b=c+d%2B%20%26", []awsquery.Pair{{Name: "a b", Value: "c d+ &"}}},
		{"%61=%c3%A9", []awsquery.Pair{{Name: "a", Value: "é"}}},
		{"b=1&a=2&b=3", []awsquery.Pair{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "3"}}},
	}
	for _, tt := range tests {
		got, err := awsquery.ParseForm(tt.form)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("ParseForm(%q) = %q, %v, want %q", tt.form, got, err, tt.want)
		}
	}
	for _, form := range []string{"a=%", "a=%4", "a=%zz", "%=1", "a=%4g", "a=%ff", "a=\xff", "\xff=1"} {
		_, err := awsquery.ParseForm(form)
		var se *smithy.SerializationError
		if !errors.As(err, &se) {
			t.Errorf("ParseForm(%q): error %v, want a SerializationError", form, err)
		}
	}
}

func TestAction(t *testing.T) {
	pairs, err := awsquery.ParseForm("Version=2010-05-08&UserName=Action&Action=CreateUser")
	if err != nil {
		t.Fatal(err)
	}
	if action, version := awsquery.Action(pairs); action != "CreateUser" || version != "2010-05-08" {
		t.Errorf("Action = %q, %q", action, version)
	}
	if action, version := awsquery.Action(nil); action != "" || version != "" {
		t.Errorf("Action of nothing = %q, %q", action, version)
	}
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, form string
		want       values
	}{
		{"nothing", "", values{}},
		{"other parameters are passed over", "Action=X&Version=Y&X-Amz-Date=Z&Nope.member.1.Key=1&.Text=a&Text2=b", values{}},
		{"a string", "Text=a+b%0A", values{"Text": "a b\n"}},
		{"an empty string", "Text=", values{"Text": ""}},
		{"the last of two counts", "Text=a&Text=b", values{"Text": "b"}},
		{"names keep their case", "text=a", values{}},
		{"the wire name counts", "renamed-here=a&Renamed=b", values{"Renamed": "a"}},
		{"booleans", "Flag=True", values{"Flag": true}},
		{"false", "Flag=false", values{"Flag": false}},
		{"numbers", "Small=-5&Large=9223372036854775807&Ratio=-2.5e1", values{"Small": int64(-5), "Large": int64(math.MaxInt64), "Ratio": -25.0}},
		{"infinity", "Ratio=-Infinity", values{"Ratio": math.Inf(-1)}},
		{"a blob", "Data=aGk%2F", values{"Data": []byte("hi?")}},
		{"a date-time", "When=2021-02-03T09%3A47%3A58.250%2B01%3A00", values{"When": time.Date(2021, 2, 3, 8, 47, 58, 250e6, time.UTC)}},
		{"epoch seconds", "When=1612345678.5", values{"When": time.UnixMilli(1612345678500).UTC()}},
		{"a structure", "Tag.Key=a&Tag.Value=b&Tag.Nope=c", values{"Tag": values{"Key": "a", "Value": "b"}}},
		{"an empty structure", "Tag=", values{"Tag": values{}}},
		{"a list", "Names.member.1=a&Names.member.2=", values{"Names": []any{"a", ""}}},
		{"an empty list", "Names=", values{"Names": []any{}}},
		{"an empty list in the other form", "Names.member=", values{"Names": []any{}}},
		{"numbers decide on the order", "Names.member.10=c&Names.member.2=b&Names.member.1=a", values{"Names": []any{"a", "b", "c"}}},
		{"numbers may have gaps", "Names.member.2147483647=b&Names.member.3=a", values{"Names": []any{"a", "b"}}},
		{"a list of structures", "Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=x", values{"Tags": []any{values{"Key": "a", "Value": "x"}, values{"Key": "b"}}}},
		{"a list of lists", "Grid.member.1.member.2=2&Grid.member.1.member.1=1&Grid.member.2=", values{"Grid": []any{[]any{int64(1), int64(2)}, []any{}}}},
		{"a map", "Labels.entry.1.key=a&Labels.entry.1.value=b&Labels.entry.2.key=c&Labels.entry.2.value=", values{"Labels": values{"a": "b", "c": ""}}},
		{"an empty map", "Labels=", values{"Labels": values{}}},
		{"an entry without value is absent", "Labels.entry.1.key=a", values{"Labels": values{}}},
		{"a map of structures", "TagsByName.entry.1.key=n&TagsByName.entry.1.value.Key=k", values{"TagsByName": values{"n": values{"Key": "k"}}}},
		{"names that share a beginning", "Tags.member.1.Key=a&TagsByName=&Tag.Key=b", values{"Tags": []any{values{"Key": "a"}}, "TagsByName": values{}, "Tag": values{"Key": "b"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := smithytest.New(smithytest.Everything)
			if err := decode(tt.form, got); err != nil {
				t.Fatalf("%s: %v", tt.form, err)
			}
			if !reflect.DeepEqual(got.Values, tt.want) {
				t.Errorf("%s = %v, want %v", tt.form, got.Values, tt.want)
			}
		})
	}
}

func TestDecodeFlattenedAndRenamed(t *testing.T) {
	renamed := smithytest.List("Renamed", smithytest.String)
	renamed.Element.WireName = "item"
	ofPairs := smithytest.Map("Pairs", smithytest.String)
	ofPairs.Key.WireName, ofPairs.Element.WireName = "Name", "Content"
	schema := smithytest.Structure("Flat",
		smithy.Member{Name: "Flat", WireName: "F", Target: smithytest.List("L", smithytest.Tag), Flattened: true},
		smithy.Member{Name: "FlatMap", Target: ofPairs, Flattened: true},
		smithy.Member{Name: "Items", Target: renamed},
	)
	got := smithytest.New(schema)
	form := "F.2.Key=b&F.1.Key=a&FlatMap.1.Name=n&FlatMap.1.Content=c&Items.item.1=x"
	if err := decode(form, got); err != nil {
		t.Fatal(err)
	}
	want := values{
		"Flat":    []any{values{"Key": "a"}, values{"Key": "b"}},
		"FlatMap": values{"n": "c"},
		"Items":   []any{"x"},
	}
	if !reflect.DeepEqual(got.Values, want) {
		t.Errorf("got %v, want %v", got.Values, want)
	}
	empty := smithytest.New(schema)
	if err := decode("F=&FlatMap=", empty); err != nil {
		t.Fatal(err)
	}
	if want := (values{"Flat": []any{}, "FlatMap": values{}}); !reflect.DeepEqual(empty.Values, want) {
		t.Errorf("empty: got %v, want %v", empty.Values, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		complexEnd = "Unexpected complex element termination"
		listEnd    = "Unexpected list element termination"
		structure  = "Start of structure or map found where not expected"
		index      = "The list index is not a number"
	)
	tests := []struct{ form, path, message string }{
		{"Text.Key=a", "Text", structure},
		{"Text=a&Text.Key=a", "Text", structure},
		{"Text.=a", "Text", structure},
		{"Flag=yes", "Flag", "STRING_VALUE can not be converted to a Boolean"},
		{"Flag=", "Flag", "STRING_VALUE can not be converted to a Boolean"},
		{"Small=1.5", "Small", "STRING_VALUE can not be converted to an Integer"},
		{"Small=2147483648", "Small", "STRING_VALUE can not be converted to an Integer"},
		{"Large=a", "Large", "STRING_VALUE can not be converted to a Long"},
		{"Ratio=0x10", "Ratio", "STRING_VALUE can not be converted to a Double"},
		{"Ratio=inf", "Ratio", "STRING_VALUE can not be converted to a Double"},
		{"Data=!", "Data", "only base-64-encoded strings are convertible to bytes"},
		{"When=today", "When", "STRING_VALUE can not be converted to a Date"},
		{"When=1e30", "When", "STRING_VALUE can not be converted to a Date"},
		{"When=NaN", "When", "STRING_VALUE can not be converted to a Date"},
		{"Tag=x", "Tag", complexEnd},
		{"Names=a", "Names", listEnd},
		{"Names.member=a", "Names.member", listEnd},
		{"Names.1=a", "Names.1", "Unexpected list element name"},
		{"Names.member.x=a", "Names.member.x", index},
		{"Names.member.-1=a", "Names.member.-1", index},
		{"Names.member.99999999999=a", "Names.member.99999999999", index},
		{"Names.member..1=a", "Names.member", index},
		{"Names.member.1.Key=a", "Names.1", structure},
		{"Tags.member.2=x", "Tags.2", complexEnd},
		{"Tags.member.1.Key=a&Tags.member.2.Key.x=b", "Tags.2.Key", structure},
		{"Labels=x", "Labels", listEnd},
		{"Labels.entry.1.value=x", "Labels.1", "The map entry has no key"},
		{"Labels.entry.1.key.x=x", "Labels.1", structure},
		{"Labels.member.1.key=x", "Labels.member", "Unexpected list element name"},
	}
	for _, tt := range tests {
		err := decode(tt.form, smithytest.New(smithytest.Everything))
		var se *smithy.SerializationError
		if !errors.As(err, &se) {
			t.Errorf("%s: error %v, want a SerializationError", tt.form, err)
			continue
		}
		if se.Path != tt.path || se.Message != tt.message {
			t.Errorf("%s: %q at %q, want %q at %q", tt.form, se.Message, se.Path, tt.message, tt.path)
		}
	}
}

// TestDecodeManyPairs takes time that grows with the number of pairs, whatever their names.
func TestDecodeManyPairs(t *testing.T) {
	var b strings.Builder
	for i := 200000; i > 0; i-- {
		fmt.Fprintf(&b, "&Names.member.%d=x", i*10000)
	}
	got := smithytest.New(smithytest.Everything)
	start := time.Now()
	if err := decode(b.String(), got); err != nil {
		t.Fatal(err)
	}
	if n := len(got.Values["Names"].([]any)); n != 200000 {
		t.Errorf("decoded %d elements", n)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}
