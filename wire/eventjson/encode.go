package eventjson

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

// Hidden stands in place of every sensitive value.
const Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// timeLayout is how CloudTrail writes the timestamps of inputs and outputs.
const timeLayout = `"Jan 2, 2006, 3:04:05 PM"`

// room is what most records take, in bytes.
const room = 256

// Append appends the record of s to dst: an object, or null if s is nil or has no member
// set, which is how CloudTrail records a call without parameters or without an answer.
func Append(dst []byte, s smithy.Shape) []byte {
	if s == nil || len(s.Schema().Members) == 0 {
		return append(dst, "null"...)
	}
	start := len(dst)
	w := awsjson.NewWriter(style{}, append(slices.Grow(dst, room), '{'))
	s.Encode(w)
	if w.Empty() {
		return append(w.Bytes()[:start], "null"...)
	}
	return append(w.Bytes(), '}')
}

// style is the form of events.
type style struct{}

// Fate replaces what the models call sensitive.
func (style) Fate(m *smithy.Member, _ bool) awsjson.Fate {
	if m.Secret() {
		return awsjson.Replaced
	}
	return awsjson.Written
}

// Replacement is [Hidden].
func (style) Replacement() string { return Hidden }

// privateKeyLabel ends the first line of a private key of any kind in PEM.
const privateKeyLabel = "PRIVATE KEY-----"

// Text is [Hidden] for a private key: it may have been put where a certificate belongs, which
// the models do not call sensitive.
func (style) Text(v string) string {
	if len(v) > len(privateKeyLabel) && strings.Contains(v, privateKeyLabel) {
		return Hidden
	}
	return v
}

// AppendName appends a member's name with its first letter lowered.
func (style) AppendName(dst []byte, m *smithy.Member, _ bool) []byte {
	r, n := utf8.DecodeRuneInString(m.Name)
	dst = utf8.AppendRune(append(dst, '"'), unicode.ToLower(r))
	return append(append(dst, m.Name[n:]...), '"')
}

// AppendTime appends a text in the form of [timeLayout].
func (style) AppendTime(dst []byte, _ *smithy.Member, v time.Time) []byte {
	return v.UTC().AppendFormat(dst, timeLayout)
}
