package wire

import (
	"log/slog"
	"net/http"
	"strconv"

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
	case x.request.Header.Get("X-Amz-Target") != "":
		return smithy.AWSJSON11
	case action != "" || isForm(x.request):
		return smithy.AWSQuery
	default:
		return smithy.RESTJSON1
	}
}

func (x *exchange) respond(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Amzn-Requestid", x.requestID)
	h.Set("Server", "Bailiwick")
	if x.err != nil {
		x.respondError(w)
		return
	}
	desc := x.id.service.desc
	status, body := http.StatusOK, []byte(nil)
	switch desc.Protocol {
	case smithy.AWSQuery:
		h.Set("Content-Type", "text/xml")
		body = awsquery.AppendResponse(nil, desc, x.id.op, x.output, x.requestID)
	case smithy.RESTJSON1:
		var header http.Header
		status, header, body = restjson.Encode(x.id.op, x.output)
		for name, values := range header {
			h[name] = values
		}
	default:
		h.Set("Content-Type", jsonContentType(desc.Protocol))
		body = awsjson.Append(nil, x.output)
	}
	x.write(w, status, body)
}

func (x *exchange) respondError(w http.ResponseWriter) {
	e, h := x.rendered(), w.Header()
	var body []byte
	switch p := x.protocol(); p {
	case smithy.AWSQuery:
		h.Set("Content-Type", "text/xml")
		var desc *smithy.Service
		if x.id.service != nil {
			desc = x.id.service.desc
		}
		body = awsquery.AppendError(nil, desc, e.code, e.message, e.status < 500, x.requestID, e.shape)
	case smithy.RESTJSON1:
		var header http.Header
		header, body = restjson.EncodeError(e.code, e.message, e.shape)
		for name, values := range header {
			h[name] = values
		}
	default:
		h.Set("Content-Type", jsonContentType(p))
		h.Set("X-Amzn-Errortype", e.code)
		body = awsjson.AppendError(nil, e.code, e.message, e.shape)
	}
	x.write(w, e.status, body)
}

func (x *exchange) write(w http.ResponseWriter, status int, body []byte) {
	x.status = status
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if x.request.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(body); err != nil {
		x.server.Logger.Debug("the client went away", "request_id", x.requestID, "error", err)
	}
}

func jsonContentType(p smithy.Protocol) string {
	if p == smithy.AWSJSON10 {
		return "application/x-amz-json-1.0"
	}
	return "application/x-amz-json-1.1"
}

// log writes the request's one line: who did what, what was decided, what came of it.
func (x *exchange) log() {
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs, slog.String("request_id", x.requestID))
	if m := x.id.service; m != nil {
		attrs = append(attrs, slog.String("service", m.desc.ID))
	}
	attrs = append(attrs,
		slog.String("operation", x.id.wanted), slog.String("caller", x.caller.ARN),
		slog.String("source_ip", x.sourceIP()))
	level, status, decision := slog.LevelInfo, http.StatusOK, "allowed"
	if x.err != nil {
		e := x.rendered()
		status = e.status
		if decision = ""; e.refused {
			decision = "denied"
		}
		attrs = append(attrs, slog.String("code", e.code), slog.String("message", e.message))
		if status == http.StatusInternalServerError || status == http.StatusServiceUnavailable {
			level = slog.LevelError
			attrs = append(attrs, slog.String("cause", x.err.Error()))
		}
	}
	if decision != "" {
		attrs = append(attrs, slog.String("decision", decision))
	}
	attrs = append(attrs, slog.Int("status", status), slog.Duration("took", x.server.Now().Sub(x.started)))
	x.server.Logger.LogAttrs(x.request.Context(), level, "request", attrs...)
}
