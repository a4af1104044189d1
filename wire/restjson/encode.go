package restjson

import (
	"encoding/base64"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

const (
	contentType = "Content-Type"
	jsonType    = "application/json"
)

// Encode writes out, the output of op: the status, the headers that the model binds and a
// Content-Type if there is a body. An operation without output has none; an output whose
// members are all bound elsewhere has none either, and one without members is "{}".
func Encode(op *smithy.Operation, out smithy.Shape) (status int, header http.Header, body []byte) {
	header = make(http.Header)
	status = op.Status
	if status == 0 {
		status = http.StatusOK
	}
	if op.Output == nil || out == nil {
		return status, header, nil
	}
	u := bindings(out.Schema())
	if u.head || (u.payload != nil && isText(u.payload)) {
		e := &headWriter{header: header, payload: u.payload}
		out.Encode(e)
		if e.status != 0 {
			status = e.status
		}
		body = e.body
	}
	switch {
	case u.payload != nil && isText(u.payload):
		if body != nil && header.Get(contentType) == "" {
			header.Set(contentType, textType(u.payload))
		}
	case u.payload != nil:
		if body = awsjson.AppendMember(nil, out, u.payload); len(body) == 0 {
			body = []byte("{}")
		}
		header.Set(contentType, jsonType)
	case u.body || !u.head:
		body = awsjson.Append(nil, out)
		header.Set(contentType, jsonType)
	}
	return status, header, body
}

func textType(m *smithy.Member) string {
	if m.Target.Kind == smithy.KindString {
		return "text/plain"
	}
	return "application/octet-stream"
}

// EncodeError writes the headers and the body of an error. Its code stands in the header
// X-Amzn-Errortype and, as clients look there too, in the body's "__type". A nil shape is
// an error that the service does not model; the status is the caller's to choose.
func EncodeError(code, message string, shape smithy.ModeledError) (header http.Header, body []byte) {
	header = make(http.Header)
	header.Set("X-Amzn-Errortype", code)
	header.Set(contentType, jsonType)
	if shape != nil && bindings(shape.Schema()).head {
		shape.Encode(&headWriter{header: header})
	}
	return header, awsjson.AppendError(nil, code, message, shape)
}

// headWriter is the visitor that writes members bound to headers or the status, and a
// payload that is text or bytes.
type headWriter struct {
	header  http.Header
	payload *smithy.Member
	status  int
	body    []byte

	// depth counts the containers around the present position.
	depth int
	// bound is the list or map member being written, nil outside of one that is bound.
	bound *smithy.Member
	list  []string
	key   string
}

var _ smithy.Encoder = (*headWriter)(nil)

// put writes one value: to a header, as an element of one, or as an entry of a map.
func (w *headWriter) put(m *smithy.Member, text string) {
	switch {
	case w.depth == 0 && m.Binding == smithy.BindHeader:
		w.header.Set(m.BindingName, headerText(text))
	case w.depth == 0 && m.Binding == smithy.BindPayload && w.payload == m:
		w.body = []byte(text)
	case w.depth == 1 && w.bound != nil && w.bound.Binding == smithy.BindHeader:
		w.list = append(w.list, listText(text))
	case w.depth == 1 && w.bound != nil && w.bound.Binding == smithy.BindPrefixHeaders:
		w.header.Set(w.bound.BindingName+w.key, headerText(text))
	}
}

// headerText removes what would end a header's line.
func headerText(text string) string {
	if !strings.ContainsAny(text, "\r\n\x00") {
		return text
	}
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(text)
}

// listText quotes an element that a list header could not hold otherwise.
func listText(text string) string {
	text = headerText(text)
	if text != "" && !strings.ContainsAny(text, `,"`) && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func (w *headWriter) enter(m *smithy.Member) {
	if w.depth == 0 && (m.Binding == smithy.BindHeader || m.Binding == smithy.BindPrefixHeaders) {
		w.bound, w.list = m, nil
	}
	w.depth++
}

func (w *headWriter) leave() {
	w.depth--
	if w.depth > 0 || w.bound == nil {
		return
	}
	if len(w.list) > 0 {
		w.header.Set(w.bound.BindingName, strings.Join(w.list, ", "))
	}
	w.bound = nil
}

// BeginStruct passes over a structure: none travels in a header.
func (w *headWriter) BeginStruct(m *smithy.Member) { w.enter(m) }

// EndStruct ends it.
func (w *headWriter) EndStruct(*smithy.Member) { w.leave() }

// BeginList begins a list header.
func (w *headWriter) BeginList(m *smithy.Member, _ int) { w.enter(m) }

// EndList writes it.
func (w *headWriter) EndList(*smithy.Member) { w.leave() }

// BeginMap begins headers with a common prefix.
func (w *headWriter) BeginMap(m *smithy.Member, _ int) { w.enter(m) }

// MapKey notes the rest of the next header's name.
func (w *headWriter) MapKey(_ *smithy.Member, key string) {
	if w.depth == 1 {
		w.key = key
	}
}

// EndMap ends them.
func (w *headWriter) EndMap(*smithy.Member) { w.leave() }

// String writes text.
func (w *headWriter) String(m *smithy.Member, v string) { w.put(m, v) }

// Bool writes true or false.
func (w *headWriter) Bool(m *smithy.Member, v bool) { w.put(m, strconv.FormatBool(v)) }

// Int writes a whole number, or sets the status.
func (w *headWriter) Int(m *smithy.Member, v int64) {
	if w.depth == 0 && m.Binding == smithy.BindStatusCode {
		w.status = int(v)
		return
	}
	w.put(m, strconv.FormatInt(v, 10))
}

// Float writes a number.
func (w *headWriter) Float(m *smithy.Member, v float64) {
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if math.IsInf(v, 0) {
		text = strings.TrimPrefix(text, "+") + "inity"
	}
	w.put(m, text)
}

// Blob writes base64, or the body as it is.
func (w *headWriter) Blob(m *smithy.Member, v []byte) {
	if w.depth == 0 && m.Binding == smithy.BindPayload && w.payload == m {
		w.body = v
		return
	}
	w.put(m, base64.StdEncoding.EncodeToString(v))
}

// Time writes an HTTP date, unless the model says otherwise.
func (w *headWriter) Time(m *smithy.Member, v time.Time) {
	v = v.UTC()
	switch m.TimeFormat {
	case smithy.TimeDateTime:
		w.put(m, v.Format("2006-01-02T15:04:05.999Z"))
	case smithy.TimeEpoch:
		w.put(m, strconv.FormatInt(v.Unix(), 10))
	default:
		w.put(m, v.Format(http.TimeFormat))
	}
}
