package wire

import (
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"sync"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
	"github.com/bailiwick/bailiwick/wire/awsquery"
	"github.com/bailiwick/bailiwick/wire/restjson"
)

// decode fills the input from the request in the service's protocol.
func (x *exchange) decode(in smithy.Shape) error {
	switch x.id.service.desc.Protocol {
	case smithy.AWSQuery:
		return awsquery.Decode(x.form, in)
	case smithy.RESTJSON1:
		if len(x.payload) > 0 && !isJSON(x.request) {
			return &smithy.GenericError{
				Code: "UnsupportedMediaTypeException", Status: http.StatusUnsupportedMediaType,
				Message: "The content type of the body is not application/json.",
			}
		}
		return restjson.Decode(x.id.op, x.id.labels, x.request.URL.RawQuery, x.request.Header, x.payload, in)
	default:
		return awsjson.Decode(x.payload, in)
	}
}

// protocol is how the response is written: the service's, or, if no service was found, the
// one that the request speaks.
func (x *exchange) protocol() smithy.Protocol {
	action, _ := awsquery.Action(x.form)
	switch {
	case x.id.service != nil:
		return x.id.service.desc.Protocol
	case header(x.request, "X-Amz-Target") != "":
		return smithy.AWSJSON11
	case action != "" || isForm(x.request):
		return smithy.AWSQuery
	default:
		return smithy.RESTJSON1
	}
}

// Answers are written into room that earlier ones have left: most take less than answerRoom
// bytes, and of those that take more than keptRoom nothing is kept.
const (
	answerRoom = 4 << 10
	keptRoom   = 64 << 10
)

var rooms = sync.Pool{New: func() any {
	room := make([]byte, 0, answerRoom)
	return &room
}}

func (x *exchange) respond(w http.ResponseWriter) {
	room := rooms.Get().(*[]byte)
	encode := x.encode
	if x.err != nil {
		encode = x.encodeError
	}
	status, contentType, body := encode(w.Header(), (*room)[:0])
	x.write(w, status, contentType, body)
	if cap(body) <= keptRoom {
		*room = body
		rooms.Put(room)
	}
}

// encode appends the body of the answer to dst.
func (x *exchange) encode(h http.Header, dst []byte) (status int, contentType string, body []byte) {
	desc := x.id.service.desc
	switch desc.Protocol {
	case smithy.AWSQuery:
		return http.StatusOK, xmlType, awsquery.AppendResponse(dst, desc, x.id.op, x.output, x.requestID)
	case smithy.RESTJSON1:
		status, bound, body := restjson.Encode(x.id.op, x.output)
		maps.Copy(h, bound)
		return status, "", body
	default:
		return http.StatusOK, jsonContentType(desc.Protocol), awsjson.Append(dst, x.output)
	}
}

// encodeError appends the body of an answer that is an error to dst.
func (x *exchange) encodeError(h http.Header, dst []byte) (status int, contentType string, body []byte) {
	e := x.rendered()
	switch p := x.protocol(); p {
	case smithy.AWSQuery:
		var desc *smithy.Service
		if x.id.service != nil {
			desc = x.id.service.desc
		}
		return e.status, xmlType, awsquery.AppendError(dst, desc, e.code, e.message, e.status < 500, x.requestID, e.shape)
	case smithy.RESTJSON1:
		bound, body := restjson.EncodeError(e.code, e.message, e.shape)
		maps.Copy(h, bound)
		return e.status, "", body
	default:
		h["X-Amzn-Errortype"] = []string{e.code}
		return e.status, jsonContentType(p), awsjson.AppendError(dst, e.code, e.message, e.shape)
	}
}

// write sends the answer. The names of headers are in their canonical form, and their values
// share one array.
func (x *exchange) write(w http.ResponseWriter, status int, contentType string, body []byte) {
	x.status = status
	h, values := w.Header(), []string{x.requestID, "Bailiwick", strconv.Itoa(len(body)), contentType}
	h["X-Amzn-Requestid"], h["Server"], h["Content-Length"] = values[0:1:1], values[1:2:2], values[2:3:3]
	if contentType != "" {
		h["Content-Type"] = values[3:4:4]
	}
	w.WriteHeader(status)
	if x.request.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(body); err != nil {
		x.server.Logger.Debug("the client went away", "request_id", x.requestID, "error", err)
	}
}

const xmlType = "text/xml"

func jsonContentType(p smithy.Protocol) string {
	if p == smithy.AWSJSON10 {
		return json10Type
	}
	return json11Type
}

// log writes the request's one line: who did what, what was decided, what came of it.
func (x *exchange) log() {
	level, decision := slog.LevelInfo, "allowed"
	var e *rendered
	if x.err != nil {
		e = x.rendered()
		if decision = ""; e.refused {
			decision = "denied"
		}
		if e.status == http.StatusInternalServerError || e.status == http.StatusServiceUnavailable {
			level = slog.LevelError
		}
	}
	ctx, logger := x.request.Context(), x.server.Logger
	if !logger.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 11), slog.String("request_id", x.requestID))
	if m := x.id.service; m != nil {
		attrs = append(attrs, slog.String("service", m.desc.ID))
	}
	caller := ""
	if x.caller != nil {
		caller = x.caller.ARN
	}
	attrs = append(attrs, slog.String("operation", x.id.wanted), slog.String("caller", caller), slog.String("source_ip", x.sourceIP))
	status := http.StatusOK
	if e != nil {
		status = e.status
		attrs = append(attrs, slog.String("code", e.code), slog.String("message", e.message))
		if level == slog.LevelError {
			attrs = append(attrs, slog.String("cause", x.err.Error()))
		}
	}
	if decision != "" {
		attrs = append(attrs, slog.String("decision", decision))
	}
	attrs = append(attrs, slog.Int("status", status), slog.Duration("took", x.took))
	// Without a program counter: all these lines come from here, and to find that out at each
	// of them takes longer than to write them.
	record := slog.NewRecord(x.started.Add(x.took).Local(), level, "request", 0)
	record.AddAttrs(attrs...)
	_ = logger.Handler().Handle(ctx, record) // as slog.Logger has it: there is nowhere to tell
}
