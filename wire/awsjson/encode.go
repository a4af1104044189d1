package awsjson

import (
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Append appends the JSON object of out to dst. Members bound to other parts of an HTTP
// message (restJson1) are left out. A nil out is an empty object.
func Append(dst []byte, out smithy.Shape) []byte {
	return append(appendBody(append(dst, '{'), out, &bodyStyle{}).Bytes(), '}')
}

// AppendMember appends the value of the single member m of out, or nothing if it is not
// set: the payload member of restJson1.
func AppendMember(dst []byte, out smithy.Shape, m *smithy.Member) []byte {
	return appendBody(dst, out, &bodyStyle{payload: m}).Bytes()
}

func appendBody(dst []byte, out smithy.Shape, style *bodyStyle) *Writer {
	w := NewWriter(style, dst)
	if out != nil {
		out.Encode(w)
	}
	return w
}

// bodyStyle is the form of message bodies.
type bodyStyle struct {
	// payload is the only member of the outermost structure to write, without its name.
	payload *smithy.Member
	// messageSeen is true once a member named "message" in any case has been written.
	messageSeen bool
}

// Fate leaves out what other parts of the message hold.
func (s *bodyStyle) Fate(m *smithy.Member, outermost bool) Fate {
	switch {
	case !outermost:
		return Written
	case s.payload != nil && m.Index == s.payload.Index:
		return Bare
	case s.payload != nil || m.Binding != smithy.BindBody:
		return Omitted
	default:
		return Written
	}
}

// Replacement is not asked for: bodies are written as they are.
func (s *bodyStyle) Replacement() string { return "" }

// Text is the text.
func (s *bodyStyle) Text(v string) string { return v }

// AppendName appends the name that the member has in messages.
func (s *bodyStyle) AppendName(dst []byte, m *smithy.Member, outermost bool) []byte {
	if outermost && (m.WireName == "message" || m.WireName == "Message") {
		s.messageSeen = true
	}
	return appendString(dst, m.WireName)
}

// AppendTime appends epoch seconds, to the millisecond, unless the model wants a string.
func (s *bodyStyle) AppendTime(dst []byte, m *smithy.Member, v time.Time) []byte {
	switch m.TimeFormat {
	case smithy.TimeDateTime:
		return v.UTC().AppendFormat(dst, `"2006-01-02T15:04:05.999Z"`)
	case smithy.TimeHTTPDate:
		return v.UTC().AppendFormat(dst, `"Mon, 02 Jan 2006 15:04:05 GMT"`)
	default:
		return appendEpoch(dst, v)
	}
}

// appendEpoch writes seconds since 1970 with up to three digits of fraction.
func appendEpoch(dst []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		dst = append(dst, '-')
		ms = -ms
	}
	dst = strconv.AppendInt(dst, ms/1000, 10)
	if ms %= 1000; ms == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+ms/100))
	if ms %= 100; ms == 0 {
		return dst
	}
	dst = append(dst, byte('0'+ms/10))
	if ms %= 10; ms == 0 {
		return dst
	}
	return append(dst, byte('0'+ms))
}
