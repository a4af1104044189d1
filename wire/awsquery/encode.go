package awsquery

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// AppendResponse appends the XML document that answers op to dst. An operation without
// output has no Result element.
func AppendResponse(dst []byte, svc *smithy.Service, op *smithy.Operation, out smithy.Shape, requestID string) []byte {
	e := newEncoder(dst)
	e.text("<").text(op.Name).text(`Response xmlns="`)
	e.buf = AppendText(e.buf, svc.XMLNamespace)
	e.text(`">`)
	if op.ResultWrapper != "" {
		e.text("<").text(op.ResultWrapper).text(">")
		if out != nil {
			out.Encode(e)
		}
		e.text("</").text(op.ResultWrapper).text(">")
	}
	e.text("<ResponseMetadata><RequestId>")
	e.buf = AppendText(e.buf, requestID)
	e.text("</RequestId></ResponseMetadata></").text(op.Name).text("Response>")
	return e.buf
}

// AppendError appends the XML document of an error to dst. sender says whose fault it is.
// A nil shape is an error that the service does not model; members of a modeled one stand
// beside its code, and its message is used where message is empty. A nil svc is a request
// for which no service was found: the document has no namespace then.
func AppendError(dst []byte, svc *smithy.Service, code, message string, sender bool, requestID string, shape smithy.ModeledError) []byte {
	e := newEncoder(dst)
	e.text("<ErrorResponse")
	if svc != nil {
		e.text(` xmlns="`)
		e.buf = AppendText(e.buf, svc.XMLNamespace)
		e.text(`"`)
	}
	e.text("><Error><Type>")
	if sender {
		e.text("Sender")
	} else {
		e.text("Receiver")
	}
	e.text("</Type><Code>")
	e.buf = AppendText(e.buf, code)
	e.text("</Code>")
	if shape != nil {
		e.inError = true
		shape.Encode(e)
		if message == "" {
			message = e.message
		}
	}
	e.text("<Message>")
	e.buf = AppendText(e.buf, message)
	e.text("</Message></Error><RequestId>")
	e.buf = AppendText(e.buf, requestID)
	e.text("</RequestId></ErrorResponse>")
	return e.buf
}

// container is what an encoder is inside of.
type container uint8

const (
	inStruct container = iota
	inList
	inFlatList
	inMap
	inFlatMap
)

// frame is one open container: the member whose value it is, and its kind.
type frame struct {
	m    *smithy.Member
	kind container
}

// encoder is the visitor that writes elements.
type encoder struct {
	buf  []byte
	open []frame
	// inError is true while the members of an error are written: its message is kept
	// aside, to be written in AWS's place and spelling.
	inError bool
	message string

	space [6]frame
}

var _ smithy.Encoder = (*encoder)(nil)

func newEncoder(dst []byte) *encoder {
	e := &encoder{buf: dst}
	e.open = e.space[:0]
	return e
}

// text appends markup as it is.
func (e *encoder) text(s string) *encoder {
	e.buf = append(e.buf, s...)
	return e
}

// name is the element name of the value m at the present position.
func (e *encoder) name(m *smithy.Member) string {
	if len(e.open) == 0 {
		return m.WireName
	}
	switch top := e.open[len(e.open)-1]; top.kind {
	case inList:
		return wireName(m, "member")
	case inFlatList:
		return top.m.WireName
	case inMap, inFlatMap:
		return wireName(m, "value")
	default:
		return m.WireName
	}
}

func (e *encoder) start(m *smithy.Member) { e.text("<").text(e.name(m)).text(">") }

// end closes the element of a value, and with it the entry of a map that it completes.
func (e *encoder) end(m *smithy.Member) {
	e.text("</").text(e.name(m)).text(">")
	if len(e.open) == 0 {
		return
	}
	switch top := e.open[len(e.open)-1]; top.kind {
	case inMap:
		e.text("</entry>")
	case inFlatMap:
		e.text("</").text(top.m.WireName).text(">")
	}
}

func (e *encoder) pop() {
	e.open = e.open[:len(e.open)-1]
}

// BeginStruct opens the structure's element.
func (e *encoder) BeginStruct(m *smithy.Member) {
	e.start(m)
	e.open = append(e.open, frame{m, inStruct})
}

// EndStruct closes it.
func (e *encoder) EndStruct(m *smithy.Member) {
	e.pop()
	e.end(m)
}

// BeginList opens the list's element; a flattened list has none.
func (e *encoder) BeginList(m *smithy.Member, _ int) {
	if m.Flattened {
		e.open = append(e.open, frame{m, inFlatList})
		return
	}
	e.start(m)
	e.open = append(e.open, frame{m, inList})
}

// EndList closes it.
func (e *encoder) EndList(m *smithy.Member) {
	e.pop()
	if !m.Flattened {
		e.end(m)
	}
}

// BeginMap opens the map's element; a flattened map has none.
func (e *encoder) BeginMap(m *smithy.Member, _ int) {
	if m.Flattened {
		e.open = append(e.open, frame{m, inFlatMap})
		return
	}
	e.start(m)
	e.open = append(e.open, frame{m, inMap})
}

// MapKey opens an entry and writes its key.
func (e *encoder) MapKey(m *smithy.Member, key string) {
	entry := "entry"
	if m.Flattened {
		entry = m.WireName
	}
	name := wireName(m.Target.Key, "key")
	e.text("<").text(entry).text("><").text(name).text(">")
	e.buf = AppendText(e.buf, key)
	e.text("</").text(name).text(">")
}

// EndMap closes the map's element.
func (e *encoder) EndMap(m *smithy.Member) {
	e.pop()
	if !m.Flattened {
		e.end(m)
	}
}

// String writes text.
func (e *encoder) String(m *smithy.Member, v string) {
	if e.inError && len(e.open) == 0 && (m.WireName == "message" || m.WireName == "Message") {
		e.message = v
		return
	}
	e.start(m)
	e.buf = AppendText(e.buf, v)
	e.end(m)
}

// Bool writes true or false.
func (e *encoder) Bool(m *smithy.Member, v bool) {
	e.start(m)
	e.buf = strconv.AppendBool(e.buf, v)
	e.end(m)
}

// Int writes a whole number.
func (e *encoder) Int(m *smithy.Member, v int64) {
	e.start(m)
	e.buf = strconv.AppendInt(e.buf, v, 10)
	e.end(m)
}

// Float writes a number.
func (e *encoder) Float(m *smithy.Member, v float64) {
	e.start(m)
	switch {
	case math.IsInf(v, 1):
		e.text("Infinity")
	case math.IsInf(v, -1):
		e.text("-Infinity")
	default:
		e.buf = strconv.AppendFloat(e.buf, v, 'g', -1, 64)
	}
	e.end(m)
}

// Blob writes base64.
func (e *encoder) Blob(m *smithy.Member, v []byte) {
	e.start(m)
	e.buf = base64.StdEncoding.AppendEncode(e.buf, v)
	e.end(m)
}

// Time writes a date-time with whole seconds, as IAM and STS do in every answer of their
// API references ("2011-02-08T15:33:12Z"); a fraction is cut off.
func (e *encoder) Time(m *smithy.Member, v time.Time) {
	e.start(m)
	v = v.UTC()
	switch m.TimeFormat {
	case smithy.TimeEpoch:
		e.buf = strconv.AppendInt(e.buf, v.Unix(), 10)
	case smithy.TimeHTTPDate:
		e.buf = v.AppendFormat(e.buf, "Mon, 02 Jan 2006 15:04:05 GMT")
	default:
		e.buf = v.AppendFormat(e.buf, "2006-01-02T15:04:05Z")
	}
	e.end(m)
}
