package awsquery_test

import (
	"encoding/xml"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsquery"
	"pgregory.net/rapid"
)

var service = &smithy.Service{XMLNamespace: "https://example.amazonaws.com/doc/2010-05-08/"}

const (
	opening = `<DoResponse xmlns="https://example.amazonaws.com/doc/2010-05-08/">`
	closing = `<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>`
)

func TestAppendResponse(t *testing.T) {
	op := &smithy.Operation{Name: "Do", ResultWrapper: "DoResult"}
	tests := []struct {
		name string
		out  values
		want string
	}{
		{"nothing", values{}, ""},
		{"text", values{"Text": "a<b>&\"c'\r\n\t\x00\x0b\ufffe\xff é😀"}, "<Text>a&lt;b&gt;&amp;&quot;c'&#13;\n\t\uFFFD\uFFFD\uFFFD\uFFFD é😀</Text>"},
		{"empty text", values{"Text": ""}, "<Text></Text>"},
		{"scalars", values{"Flag": true, "Small": int64(-5), "Large": int64(math.MaxInt64), "Ratio": 2.5}, "<Flag>true</Flag><Small>-5</Small><Large>9223372036854775807</Large><Ratio>2.5</Ratio>"},
		{"infinity", values{"Ratio": math.Inf(-1)}, "<Ratio>-Infinity</Ratio>"},
		{"no number", values{"Ratio": math.NaN()}, "<Ratio>NaN</Ratio>"},
		{"a blob", values{"Data": []byte("hi?")}, "<Data>aGk/</Data>"},
		{"a time", values{"When": time.Date(2011, 2, 8, 15, 33, 12, 0, time.UTC)}, "<When>2011-02-08T15:33:12Z</When>"},
		{"a time loses its fraction and zone", values{"When": time.Date(2011, 2, 8, 16, 33, 12, 999e6, time.FixedZone("", 3600))}, "<When>2011-02-08T15:33:12Z</When>"},
		{"a structure", values{"Tag": values{"Key": "a", "Value": "b"}}, "<Tag><Key>a</Key><Value>b</Value></Tag>"},
		{"lists", values{"Tags": []any{values{"Key": "a"}, values{}}, "Names": []any{}, "Grid": []any{[]any{int64(1)}, []any{}}}, "<Tags><member><Key>a</Key></member><member></member></Tags><Names></Names><Grid><member><member>1</member></member><member></member></Grid>"},
		{"maps", values{"Labels": values{"b": "2", "a": "1"}, "TagsByName": values{"n": values{"Key": "k"}}}, "<Labels><entry><key>a</key><value>1</value></entry><entry><key>b</key><value>2</value></entry></Labels><TagsByName><entry><key>n</key><value><Key>k</Key></value></entry></TagsByName>"},
		{"a wire name", values{"Renamed": "x"}, "<renamed-here>x</renamed-here>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := &smithytest.Record{Of: smithytest.Everything, Values: tt.out}
			got := string(awsquery.AppendResponse(nil, service, op, out, "id-1"))
			if want := opening + "<DoResult>" + tt.want + "</DoResult>" + closing; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestAppendResponseWithoutOutput(t *testing.T) {
	op := &smithy.Operation{Name: "Do"}
	if got, want := string(awsquery.AppendResponse([]byte("x"), service, op, nil, "id-1")), "x"+opening+closing; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	op.ResultWrapper = "DoResult"
	if got, want := string(awsquery.AppendResponse(nil, service, op, nil, "id-1")), opening+"<DoResult></DoResult>"+closing; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendResponseFlattenedAndRenamed(t *testing.T) {
	renamed := smithytest.List("Renamed", smithytest.String)
	renamed.Element.WireName = "item"
	ofPairs := smithytest.Map("Pairs", smithytest.Tag)
	ofPairs.Key.WireName, ofPairs.Element.WireName = "Name", "Content"
	schema := smithytest.Structure("Flat",
		smithy.Member{Name: "Flat", WireName: "F", Target: smithytest.List("L", smithytest.Tag), Flattened: true},
		smithy.Member{Name: "FlatMap", Target: ofPairs, Flattened: true},
		smithy.Member{Name: "Items", Target: renamed},
		smithy.Member{Name: "HTTPDate", Target: smithytest.Timestamp, TimeFormat: smithy.TimeHTTPDate},
		smithy.Member{Name: "Epoch", Target: smithytest.Timestamp, TimeFormat: smithy.TimeEpoch},
	)
	when := time.Unix(1612345678, 0)
	out := &smithytest.Record{Of: schema, Values: values{
		"Flat":    []any{values{"Key": "a"}, values{"Key": "b"}},
		"FlatMap": values{"n": values{"Key": "c"}, "o": values{}},
		"Items":   []any{"x", "y"}, "HTTPDate": when, "Epoch": when,
	}}
	got := string(awsquery.AppendResponse(nil, service, &smithy.Operation{Name: "Do", ResultWrapper: "R"}, out, "id-1"))
	want := opening + "<R><F><Key>a</Key></F><F><Key>b</Key></F>" +
		"<FlatMap><Name>n</Name><Content><Key>c</Key></Content></FlatMap><FlatMap><Name>o</Name><Content></Content></FlatMap>" +
		"<Items><item>x</item><item>y</item></Items>" +
		"<HTTPDate>Wed, 03 Feb 2021 09:47:58 GMT</HTTPDate><Epoch>1612345678</Epoch></R>" + closing
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAppendError(t *testing.T) {
	schema := smithytest.Structure("NoSuchEntityException",
		smithy.Member{Name: "message", Target: smithytest.String},
		smithy.Member{Name: "Detail", Target: smithytest.String},
		smithy.Member{Name: "Tag", Target: smithytest.Structure("T", smithy.Member{Name: "message", Target: smithytest.String})},
	)
	shape := &smithytest.Record{Of: schema, Values: values{"message": "own <1>", "Detail": "d", "Tag": values{"message": "inner"}}}
	tests := []struct {
		name, message string
		sender        bool
		shape         smithy.ModeledError
		want          string
	}{
		{"no shape", "a & b", true, nil, "<Type>Sender</Type><Code>C</Code><Message>a &amp; b</Message>"},
		{"the service's fault", "", false, nil, "<Type>Receiver</Type><Code>C</Code><Message></Message>"},
		{"the shape's message", "", true, shape, "<Type>Sender</Type><Code>C</Code><Detail>d</Detail><Tag><message>inner</message></Tag><Message>own &lt;1&gt;</Message>"},
		{"the message given", "given", true, shape, "<Type>Sender</Type><Code>C</Code><Detail>d</Detail><Tag><message>inner</message></Tag><Message>given</Message>"},
	}
	for _, tt := range tests {
		got := string(awsquery.AppendError(nil, service, "C", tt.message, tt.sender, "id-1", tt.shape))
		want := `<ErrorResponse xmlns="https://example.amazonaws.com/doc/2010-05-08/"><Error>` + tt.want + `</Error><RequestId>id-1</RequestId></ErrorResponse>`
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, want)
		}
	}
}

func TestAppendErrorWithoutService(t *testing.T) {
	got := string(awsquery.AppendError(nil, nil, "InvalidAction", "no", true, "id-1", nil))
	want := "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>no</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestAppendText reads any text back with encoding/xml.
func TestAppendText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "s"))
		doc := "<a>" + string(awsquery.AppendText(nil, s)) + "</a>"
		var got struct {
			Text string `xml:",chardata"`
		}
		if err := xml.Unmarshal([]byte(doc), &got); err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		want := strings.Map(func(r rune) rune {
			switch {
			case r == '\t' || r == '\n' || r == '\r':
				return r
			case r < ' ' || r == 0xFFFE || r == 0xFFFF:
				return 0xFFFD
			}
			return r
		}, s)
		// Map turns a byte that is no UTF-8 into U+FFFD, as AppendText does.
		if got.Text != want {
			t.Fatalf("%q was read as %q, want %q", s, got.Text, want)
		}
	})
}
