package audit

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// What append writes is what encoding/json writes.
func TestRecordIsWrittenAsEncodingJSONWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := anyRecord(t)
		want, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		if got := rec.append([]byte("x")); string(got) != "x"+string(want) {
			t.Fatalf("\ngot  %s\nwant x%s", got, want)
		}
		if got := rec.append(nil); string(got) != string(want) {
			t.Fatalf("with a part written before:\ngot  %s\nwant %s", got, want)
		}
	})
}

func anyRecord(t *rapid.T) *record {
	rec := &record{
		EventVersion: eventVersion, UserIdentity: anyIdentity(t),
		EventTime: anyText(t), EventSource: anyText(t), EventName: anyText(t), AWSRegion: anyText(t),
		SourceIPAddress: anyText(t), UserAgent: anyText(t), ErrorCode: anyText(t), ErrorMessage: anyText(t),
		RequestParameters: orNull(anyJSON(t)), ResponseElements: orNull(anyJSON(t)),
		AdditionalEventData: anyJSON(t), ServiceEventDetails: anyJSON(t),
		RequestID: anyText(t), EventID: anyText(t), ReadOnly: rapid.Bool().Draw(t, "read only"),
		EventType: anyText(t), APIVersion: anyText(t), ManagementEvent: rapid.Bool().Draw(t, "management"),
		RecipientAccountID: anyText(t), SharedEventID: anyText(t), EventCategory: anyText(t),
	}
	for range rapid.IntRange(0, 2).Draw(t, "resources") {
		rec.Resources = append(rec.Resources, recordRes{ARN: anyText(t), AccountID: anyText(t), Type: anyText(t)})
	}
	return rec
}

func anyIdentity(t *rapid.T) *userIdentity {
	id := &userIdentity{
		Type: anyText(t), PrincipalID: anyText(t), ARN: anyText(t), AccountID: anyText(t),
		AccessKeyID: anyText(t), UserName: anyText(t), InvokedBy: anyText(t),
	}
	if rapid.Bool().Draw(t, "delegate") {
		id.InvokedByDelegate = &delegate{AccountID: anyText(t)}
	}
	if rapid.Bool().Draw(t, "session") {
		id.SessionContext = &sessionContext{
			Attributes:     sessionAttrs{CreationDate: anyText(t), MFAAuthenticated: anyText(t)},
			SourceIdentity: anyText(t), AssumedRoot: anyText(t),
		}
		if rapid.Bool().Draw(t, "issuer") {
			id.SessionContext.SessionIssuer = &sessionIssuer{
				Type: anyText(t), PrincipalID: anyText(t), ARN: anyText(t), AccountID: anyText(t), UserName: anyText(t),
			}
		}
	}
	return id
}

// anyText returns a text with many of the bytes that need care, often an empty one.
func anyText(t *rapid.T) string {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "arn:aws:iam::111122223333:user/", "é", "😀", "<", ">", "&", "\u2027", "\u2028", "\u2029", "\u202a", "\ufffd", "\"", "\\", "/", "'",
		"\x00", "\x01", "\b", "\t", "\n", "\f", "\r", "\x1f", "\x7f", "\x80", "\xc3", "\xe2", "\xe2\x80", "\xed\xa0\x80", "\xf0\x9f", "\xff",
	}), 0, 4).Draw(t, "text")
	var s string
	for _, piece := range pieces {
		s += piece
	}
	return s
}

// anyJSON returns compact JSON without the escapes that are only for HTML, or nothing.
func anyJSON(t *rapid.T) json.RawMessage {
	if rapid.Bool().Draw(t, "no JSON") {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(rapid.Bool().Draw(t, "escaped"))
	if err := enc.Encode(map[string]any{anyText(t): []string{anyText(t), anyText(t)}, "n": 1.5}); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "<b>&\"\\\u2028\u2029\x00\x7f", "\xe2\x80\xa8", "\xe2\x80", "\xff\xc0", "é😀\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		text := appendString([]byte{'"'}, s)
		if got := string(text) + `"`; got != string(want) {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
		if !utf8.Valid(text) {
			t.Errorf("%q: %q is no UTF-8", s, text)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{"null", `{"a":"<b>&\u2028","b":["` + "\u2028\u2029\u2027" + `"]}`, "\"\xe2\x80\"", "\"\xe2\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var compact bytes.Buffer
		if json.Compact(&compact, text) != nil {
			t.Skip()
		}
		want, err := json.Marshal(json.RawMessage(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := appendJSON(nil, compact.Bytes()); !bytes.Equal(got, want) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	})
}
