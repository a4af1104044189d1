package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/sigv4"
)

// rendered is an error as the client sees it.
type rendered struct {
	code    string
	status  int
	message string
	// shape is set for modeled errors, which may have members besides the message.
	shape smithy.ModeledError
	// refused is true for denied authorizations.
	refused bool
}

// rendered is the exchange's error as the event, the answer and the log line show it.
func (x *exchange) rendered() *rendered {
	if x.shown == nil {
		r := x.render()
		x.shown = &r
	}
	return x.shown
}

// render translates the exchange's error. What it does not know is an internal failure:
// the client learns the request id, the log the cause.
func (x *exchange) render() rendered {
	json := x.protocol() != smithy.AWSQuery
	var (
		modeled smithy.ModeledError
		generic *smithy.GenericError
		notYet  *smithy.NotImplementedError
		serial  *smithy.SerializationError
		refusal *Refusal
		sig     *sigv4.Error
	)
	switch {
	case errors.As(x.err, &modeled):
		return fromModeled(modeled)
	case errors.As(x.err, &generic):
		return rendered{code: generic.Code, status: generic.Status, message: generic.Message}
	case errors.As(x.err, &refusal):
		return x.accessDenied(refusal)
	case errors.As(x.err, &notYet):
		return rendered{code: "NotImplemented", status: http.StatusNotImplemented, message: "The operation " + notYet.Operation + " is not implemented."}
	case errors.As(x.err, &serial):
		return rendered{code: pick(json, "SerializationException", "MalformedInput"), status: http.StatusBadRequest, message: serial.Error()}
	case errors.As(x.err, &sig):
		return x.unauthenticated(sig)
	case errors.Is(x.err, credential.ErrUnknownKey), errors.Is(x.err, credential.ErrInvalidToken):
		return x.unauthenticated(sigv4.NewInvalidToken())
	case errors.Is(x.err, credential.ErrExpiredToken):
		return x.unauthenticated(sigv4.NewExpiredToken())
	case x.request.Context().Err() != nil:
		// The client has hung up and what was under way has ended with it.
		return rendered{
			code: pick(json, "RequestAbortedException", "RequestAborted"), status: http.StatusBadRequest,
			message: "The request was aborted before it was answered.",
		}
	case x.server.unavailable(x.err):
		// "Common Errors" of every service; SDKs try such a call again.
		return rendered{
			code: "ServiceUnavailable", status: http.StatusServiceUnavailable,
			message: "The request has failed due to a temporary failure of the server. Request id: " + x.requestID,
		}
	}
	return x.internal()
}

// unavailable reports whether an error says that the store, or the event log, cannot be used at
// this time.
func (s *Server) unavailable(err error) bool {
	return errors.Is(err, audit.ErrBehind) || s.Unavailable != nil && s.Unavailable(err)
}

func (x *exchange) unauthenticated(err *sigv4.Error) rendered {
	p := x.protocol()
	code, status := err.Kind.Code(p != smithy.AWSQuery)
	if p == smithy.RESTJSON1 {
		status = err.Kind.RESTStatus()
	}
	return rendered{code: code, status: status, message: err.Message}
}

func fromModeled(err smithy.ModeledError) rendered {
	t := err.Schema().Error
	return rendered{code: t.Code, status: t.Status, message: messageOf(err), shape: err}
}

// messageOf returns the message alone: Error puts the code before it, which is not always
// the shape's name (NoSuchEntity for NoSuchEntityException).
func messageOf(err smithy.ModeledError) string {
	return strings.TrimPrefix(err.Error(), err.Schema().Error.Code+": ")
}

// accessDenied is AccessDenied with status 403 in the query services, and
// AccessDeniedException in the JSON services: 400 where the operation is named in the
// target header, 403 where the path names it.
func (x *exchange) accessDenied(r *Refusal) rendered {
	if r.Modeled != nil {
		out := fromModeled(r.Modeled)
		out.refused = true
		return out
	}
	out := rendered{message: r.Message, refused: true}
	switch x.protocol() {
	case smithy.AWSQuery:
		out.code, out.status = "AccessDenied", http.StatusForbidden
	case smithy.RESTJSON1:
		out.code, out.status = "AccessDeniedException", http.StatusForbidden
	default:
		out.code, out.status = "AccessDeniedException", http.StatusBadRequest
	}
	return out
}

func (x *exchange) internal() rendered {
	if m := x.id.service; m != nil && m.Internal != nil {
		var modeled smithy.ModeledError
		if err := m.Internal(x.requestID); errors.As(err, &modeled) {
			return fromModeled(modeled)
		}
	}
	return rendered{
		code: "InternalFailure", status: http.StatusInternalServerError,
		message: "The request processing has failed because of an unknown error, exception or failure. Request id: " + x.requestID,
	}
}

// unknownOperation is the answer to a request whose service or operation does not exist.
func (x *exchange) unknownOperation() error {
	if x.id.service == nil && x.signature != nil {
		return &smithy.GenericError{
			Code: pick(x.protocol() != smithy.AWSQuery, "UnknownOperationException", "InvalidAction"), Status: http.StatusNotFound,
			Message: fmt.Sprintf("The service %q is not served here.", x.signature.Scope.Service),
		}
	}
	e := &smithy.GenericError{Code: "UnknownOperationException", Status: http.StatusBadRequest}
	switch x.protocol() {
	case smithy.AWSQuery:
		e.Code = "InvalidAction"
		e.Message = fmt.Sprintf("Could not find operation %s for version %s", x.id.wanted, orNone(x.id.version))
		if x.id.nameless {
			e.Code, e.Message = "MissingAction", "The request names no Action."
		}
	case smithy.RESTJSON1:
		e.Status, e.Message = http.StatusNotFound, "No operation matches "+x.id.wanted
	default:
		e.Message = fmt.Sprintf("The operation %q does not exist.", x.id.wanted)
	}
	if x.id.complaint != "" {
		e.Message = x.id.complaint
	}
	return e
}

func orNone(version string) string {
	if version == "" {
		return "NO_VERSION_SPECIFIED"
	}
	return version
}

// invalid is the service's own validation error.
func (x *exchange) invalid(vs []smithy.Violation) error {
	if m := x.id.service; m.Invalid != nil {
		return m.Invalid(vs)
	}
	json := x.protocol() != smithy.AWSQuery
	return &smithy.GenericError{
		Code: pick(json, "ValidationException", "ValidationError"), Status: http.StatusBadRequest,
		Message: smithy.Message(vs),
	}
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
