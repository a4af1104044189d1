package eventjson

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

// Hidden stands in place of every sensitive value.
const Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// timeLayout is how CloudTrail writes the timestamps of inputs and outputs.
const timeLayout = "Jan 2, 2006, 3:04:05 PM"

// Append appends the record of s to dst: an object, or null if s is nil or has no member
// set, which is how CloudTrail records a call without parameters or without an answer.
func Append(dst []byte, s smithy.Shape) []byte {
	if s == nil {
		return append(dst, "null"...)
	}
	start := len(dst)
	e := &encoder{buf: append(dst, '{'), first: true}
	e.open = e.space[:0]
	s.Encode(e)
	if e.first {
		return append(e.buf[:start], "null"...)
	}
	return append(e.buf, '}')
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
	buf  []byte
	open []container
	// first is true where no comma is due.
	first bool
	// hidden counts the containers of a sensitive value, which has been replaced.
	hidden int

	space [12]container
}

var _ smithy.Encoder = (*encoder)(nil)

// begin writes what comes before a value and reports whether the value is to be written;
// in place of a sensitive one it writes [Hidden].
func (e *encoder) begin(m *smithy.Member) bool {
	if e.hidden > 0 {
		return false
	}
	in := inObject
	if n := len(e.open); n > 0 {
		in = e.open[n-1]
	}
	if in != inMap {
		if !e.first {
			e.buf = append(e.buf, ',')
		}
		e.first = false
		if in == inObject {
			e.name(m.Name)
		}
	}
	if m.Secret() {
		e.buf = awsjson.AppendString(e.buf, Hidden)
		return false
	}
	return true
}

// name writes a member's name with its first letter lowered, and the colon.
func (e *encoder) name(name string) {
	e.buf = append(e.buf, '"')
	r, n := utf8.DecodeRuneInString(name)
	e.buf = utf8.AppendRune(e.buf, unicode.ToLower(r))
	e.buf = append(e.buf, name[n:]...)
	e.buf = append(e.buf, '"', ':')
}

// enter writes the opening of a container.
func (e *encoder) enter(m *smithy.Member, c container, opening byte) {
	if !e.begin(m) {
		e.hidden++
		return
	}
	e.buf = append(e.buf, opening)
	e.open = append(e.open, c)
	e.first = true
}

// leave writes the closing of a container.
func (e *encoder) leave(closing byte) {
	if e.hidden > 0 {
		e.hidden--
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

// MapKey writes the name of an entry, which keeps its case.
func (e *encoder) MapKey(_ *smithy.Member, key string) {
	if e.hidden > 0 {
		return
	}
	if !e.first {
		e.buf = append(e.buf, ',')
	}
	e.first = false
	e.buf = awsjson.AppendString(e.buf, key)
	e.buf = append(e.buf, ':')
}

// EndMap closes the object.
func (e *encoder) EndMap(*smithy.Member) { e.leave('}') }

// String writes a string.
func (e *encoder) String(m *smithy.Member, v string) {
	if e.begin(m) {
		e.buf = awsjson.AppendString(e.buf, v)
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
		e.buf = awsjson.AppendFloat(e.buf, v)
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

// Time writes a text in the form of [timeLayout].
func (e *encoder) Time(m *smithy.Member, v time.Time) {
	if !e.begin(m) {
		return
	}
	e.buf = append(e.buf, '"')
	e.buf = v.UTC().AppendFormat(e.buf, timeLayout)
	e.buf = append(e.buf, '"')
}
