package awsjson

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Append appends the JSON object of out to dst. Members bound to other parts of an HTTP
// message (restJson1) are left out. A nil out is an empty object.
func Append(dst []byte, out smithy.Shape) []byte {
	e := newEncoder(append(dst, '{'))
	if out != nil {
		out.Encode(e)
	}
	return append(e.buf, '}')
}

// AppendMember appends the value of the single member m of out, or nothing if it is not
// set: the payload member of restJson1.
func AppendMember(dst []byte, out smithy.Shape, m *smithy.Member) []byte {
	e := newEncoder(dst)
	e.payload = m
	out.Encode(e)
	return e.buf
}

// container is what an encoder is inside of.
type container uint8

const (
	inObject container = iota
	inList
	inMap
)

// encoder is the visitor that writes values.
type encoder struct {
	buf []byte
	// open holds the containers around the present position, without the outermost object.
	open []container
	// first is true where no comma is due.
	first bool
	// payload is the only member of the outermost structure to write, without its name.
	payload *smithy.Member
	// skipping counts the containers of a value that is not written.
	skipping int
	// messageSeen is true once a member named "message" in any case has been written.
	messageSeen bool

	space [12]container
}

var _ smithy.Encoder = (*encoder)(nil)

func newEncoder(dst []byte) *encoder {
	e := &encoder{buf: dst, first: true}
	e.open = e.space[:0]
	return e
}

// begin writes what comes before a value and reports whether the value is to be written.
func (e *encoder) begin(m *smithy.Member) bool {
	if e.skipping > 0 {
		return false
	}
	outermost := len(e.open) == 0
	if outermost {
		if e.payload != nil {
			return m.Index == e.payload.Index
		}
		if m.Binding != smithy.BindBody {
			return false
		}
	} else if e.open[len(e.open)-1] == inMap {
		return true // MapKey has written comma and name.
	}
	if !e.first {
		e.buf = append(e.buf, ',')
	}
	e.first = false
	if outermost || e.open[len(e.open)-1] == inObject {
		e.buf = AppendString(e.buf, m.WireName)
		e.buf = append(e.buf, ':')
		if outermost && (m.WireName == "message" || m.WireName == "Message") {
			e.messageSeen = true
		}
	}
	return true
}

// enter writes the opening of a container.
func (e *encoder) enter(m *smithy.Member, c container, opening byte) {
	if !e.begin(m) {
		e.skipping++
		return
	}
	e.buf = append(e.buf, opening)
	e.open = append(e.open, c)
	e.first = true
}

// leave writes the closing of a container.
func (e *encoder) leave(closing byte) {
	if e.skipping > 0 {
		e.skipping--
		return
	}
	e.buf = append(e.buf, closing)
	e.open = e.open[:len(e.open)-1]
	e.first = false
}

// BeginStruct opens an object.
func (e *encoder) BeginStruct(m *smithy.Member) { e.enter(m, inObject, '{') }

// EndStruct closes it.
func (e *encoder) EndStruct(*smithy.Member) { e.leave('}') }

// BeginList opens a list.
func (e *encoder) BeginList(m *smithy.Member, _ int) { e.enter(m, inList, '[') }

// EndList closes it.
func (e *encoder) EndList(*smithy.Member) { e.leave(']') }

// BeginMap opens an object.
func (e *encoder) BeginMap(m *smithy.Member, _ int) { e.enter(m, inMap, '{') }

// MapKey writes the name of an entry.
func (e *encoder) MapKey(_ *smithy.Member, key string) {
	if e.skipping > 0 {
		return
	}
	if !e.first {
		e.buf = append(e.buf, ',')
	}
	e.first = false
	e.buf = AppendString(e.buf, key)
	e.buf = append(e.buf, ':')
}

// EndMap closes the object.
func (e *encoder) EndMap(*smithy.Member) { e.leave('}') }

// String writes a string.
func (e *encoder) String(m *smithy.Member, v string) {
	if e.begin(m) {
		e.buf = AppendString(e.buf, v)
	}
}

// Bool writes true or false.
func (e *encoder) Bool(m *smithy.Member, v bool) {
	if e.begin(m) {
		e.buf = strconv.AppendBool(e.buf, v)
	}
}

// Int writes a whole number.
func (e *encoder) Int(m *smithy.Member, v int64) {
	if e.begin(m) {
		e.buf = strconv.AppendInt(e.buf, v, 10)
	}
}

// Float writes a number.
func (e *encoder) Float(m *smithy.Member, v float64) {
	if e.begin(m) {
		e.buf = AppendFloat(e.buf, v)
	}
}

// Blob writes a base64 string.
func (e *encoder) Blob(m *smithy.Member, v []byte) {
	if !e.begin(m) {
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = base64.StdEncoding.AppendEncode(e.buf, v)
	e.buf = append(e.buf, '"')
}

// Time writes epoch seconds, to the millisecond, unless the model wants a string.
func (e *encoder) Time(m *smithy.Member, v time.Time) {
	if !e.begin(m) {
		return
	}
	switch m.TimeFormat {
	case smithy.TimeDateTime:
		e.buf = append(e.buf, '"')
		e.buf = v.UTC().AppendFormat(e.buf, "2006-01-02T15:04:05.999Z")
		e.buf = append(e.buf, '"')
	case smithy.TimeHTTPDate:
		e.buf = append(e.buf, '"')
		e.buf = v.UTC().AppendFormat(e.buf, "Mon, 02 Jan 2006 15:04:05 GMT")
		e.buf = append(e.buf, '"')
	default:
		e.buf = appendEpoch(e.buf, v)
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
