package awsjson

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Fate is what becomes of a value.
type Fate uint8

const (
	// Written values come with comma and name, as their place asks for.
	Written Fate = iota
	// Bare values come without: they are all that is written.
	Bare
	// Replaced values leave their name and the text that the style puts in their place.
	Replaced
	// Omitted values leave nothing.
	Omitted
)

// Style is in what two JSON forms of the same shapes differ.
type Style interface {
	// Fate decides on a value. outermost is true for members of the structure that is
	// written, as against those of structures in it.
	Fate(m *smithy.Member, outermost bool) Fate
	// Replacement is the text in place of a replaced value.
	Replacement() string
	// Text is what is written of a text.
	Text(v string) string
	// AppendName appends the quoted name of a member.
	AppendName(dst []byte, m *smithy.Member, outermost bool) []byte
	// AppendTime appends a timestamp.
	AppendTime(dst []byte, m *smithy.Member, v time.Time) []byte
}

// container is what a writer is inside of.
type container uint8

const (
	inObject container = iota
	inList
	inMap
)

// Writer is the visitor that writes the members of a structure as JSON, without the braces
// around them.
type Writer struct {
	style Style
	buf   []byte
	// open holds the containers around the present position, without the outermost object.
	open []container
	// first is true where no comma is due.
	first bool
	// skipping counts the containers of a value that is not written.
	skipping int

	space [12]container
}

var _ smithy.Encoder = (*Writer)(nil)

// NewWriter returns a writer that appends to dst.
func NewWriter(style Style, dst []byte) *Writer {
	w := &Writer{style: style, buf: dst, first: true}
	w.open = w.space[:0]
	return w
}

// Bytes returns dst with what was written.
func (w *Writer) Bytes() []byte { return w.buf }

// Empty reports that no member was written.
func (w *Writer) Empty() bool { return w.first }

// begin writes what comes before a value and reports whether the value is to be written.
func (w *Writer) begin(m *smithy.Member) bool {
	if w.skipping > 0 {
		return false
	}
	outermost, in := len(w.open) == 0, inObject
	if !outermost {
		in = w.open[len(w.open)-1]
	}
	fate := w.style.Fate(m, outermost)
	if fate == Omitted || fate == Bare {
		return fate == Bare
	}
	// In a map, MapKey has written comma and name.
	if in != inMap {
		w.comma()
	}
	if in == inObject {
		w.buf = append(w.style.AppendName(w.buf, m, outermost), ':')
	}
	if fate == Replaced {
		w.buf = appendString(w.buf, w.style.Replacement())
	}
	return fate == Written
}

func (w *Writer) comma() {
	if !w.first {
		w.buf = append(w.buf, ',')
	}
	w.first = false
}

// enter writes the opening of a container.
func (w *Writer) enter(m *smithy.Member, c container, opening byte) {
	if !w.begin(m) {
		w.skipping++
		return
	}
	w.buf = append(w.buf, opening)
	w.open = append(w.open, c)
	w.first = true
}

// leave writes the closing of a container.
func (w *Writer) leave(closing byte) {
	if w.skipping > 0 {
		w.skipping--
		return
	}
	w.buf = append(w.buf, closing)
	w.open = w.open[:len(w.open)-1]
	w.first = false
}

// BeginStruct opens an object.
func (w *Writer) BeginStruct(m *smithy.Member) { w.enter(m, inObject, '{') }

// EndStruct closes it.
func (w *Writer) EndStruct(*smithy.Member) { w.leave('}') }

// BeginList opens a list.
func (w *Writer) BeginList(m *smithy.Member, _ int) { w.enter(m, inList, '[') }

// EndList closes it.
func (w *Writer) EndList(*smithy.Member) { w.leave(']') }

// BeginMap opens an object.
func (w *Writer) BeginMap(m *smithy.Member, _ int) { w.enter(m, inMap, '{') }

// MapKey writes the name of an entry, which every style keeps as it is.
func (w *Writer) MapKey(_ *smithy.Member, key string) {
	if w.skipping > 0 {
		return
	}
	w.comma()
	w.buf = append(appendString(w.buf, key), ':')
}

// EndMap closes the object.
func (w *Writer) EndMap(*smithy.Member) { w.leave('}') }

// String writes a string.
func (w *Writer) String(m *smithy.Member, v string) {
	if w.begin(m) {
		w.buf = appendString(w.buf, w.style.Text(v))
	}
}

// Bool writes true or false.
func (w *Writer) Bool(m *smithy.Member, v bool) {
	if w.begin(m) {
		w.buf = strconv.AppendBool(w.buf, v)
	}
}

// Int writes a whole number.
func (w *Writer) Int(m *smithy.Member, v int64) {
	if w.begin(m) {
		w.buf = strconv.AppendInt(w.buf, v, 10)
	}
}

// Float writes a number.
func (w *Writer) Float(m *smithy.Member, v float64) {
	if w.begin(m) {
		w.buf = appendFloat(w.buf, v)
	}
}

// Blob writes a base64 string.
func (w *Writer) Blob(m *smithy.Member, v []byte) {
	if !w.begin(m) {
		return
	}
	w.buf = append(w.buf, '"')
	w.buf = base64.StdEncoding.AppendEncode(w.buf, v)
	w.buf = append(w.buf, '"')
}

// Time writes a timestamp as the style has it.
func (w *Writer) Time(m *smithy.Member, v time.Time) {
	if w.begin(m) {
		w.buf = w.style.AppendTime(w.buf, m, v)
	}
}
