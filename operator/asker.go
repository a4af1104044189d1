package operator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/wire"
)

// SigningName is the service for which requests of accounts to this API are signed.
const SigningName = "bailiwick"

// eventSource is the source of this API's audit events.
const eventSource = "bailiwick"

// maxFile bounds the body of a request about resources, in bytes.
const maxFile = 8 << 20

// asker is one request of somebody who may be the operator or a principal of an account.
type asker struct {
	request *http.Request
	body    []byte
	// signed is nil if the operator asks.
	signed *wire.Signed
	// recording is that of the call, nil if the operator asks.
	recording *audit.Recording
}

// operator reports whether the operator asks.
func (k *asker) operator() bool { return k.signed == nil }

// environment has the facts of the connection.
func (k *asker) environment() authz.Environment {
	if k.operator() {
		return authz.Environment{}
	}
	return authz.Environment{
		Time: k.signed.Time, SourceIP: k.signed.SourceIP, UserAgent: k.request.UserAgent(), Referer: k.request.Referer(),
		TLS: k.request.TLS != nil, Region: k.signed.Region,
	}
}

// problem is an error as it is answered.
type problem struct {
	status int
	// Code and Message are for the client, Errors has every broken rule if there are several.
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Errors  []brokenRule    `json:"errors,omitempty"`
	why     json.RawMessage // the decision, for the audit event
}

type brokenRule struct {
	ARN     string `json:"arn,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error returns the message.
func (p *problem) Error() string { return p.Message }

func bad(format string) *problem {
	return &problem{status: http.StatusBadRequest, Code: "InvalidInput", Message: format}
}

// either serves a request of the operator, who sends the token, or of a principal, who signs
// for the service "bailiwick". What a principal asks is recorded in its account's events
// under the name; the operator's changes record themselves.
func (a *api) either(name string, readOnly bool, next func(ctx context.Context, k *asker) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		operator, limit := a.isOperator(r), int64(maxFile)
		if !operator {
			limit = wire.DefaultMaxBody // strangers may send it
		}
		if !operator && bearer(r) {
			a.refuseToken(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			a.refuse(w, &problem{status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLarge", Message: "the body is too large or cannot be read"})
			return
		}
		k := &asker{request: r, body: body}
		if !operator {
			if k.signed, err = a.Authenticate(r, body, SigningName); err != nil {
				a.refuse(w, a.problemOf(err))
				return
			}
			w.Header().Set("X-Amzn-Requestid", k.signed.RequestID)
			k.record(name, readOnly)
		}
		out, err := next(audit.NewContext(r.Context(), k.recording), k)
		a.finish(w, k, out, err)
	}
}

func (k *asker) record(name string, readOnly bool) {
	s := k.signed
	k.recording = &audit.Recording{Call: audit.Call{
		EventID: s.RequestID, RequestID: s.RequestID, Time: s.Time, Source: eventSource, Name: name, Region: s.Region,
		SourceIP: s.SourceIP, UserAgent: k.request.UserAgent(), Caller: s.Caller, ReadOnly: readOnly, TLS: k.request.TLS != nil,
		Parameters: k.parameters(),
	}}
}

// parameters are the request's as the event has them: the query and the JSON of the body.
func (k *asker) parameters() json.RawMessage {
	all := map[string]any{}
	for key, values := range k.request.URL.Query() {
		if !strings.HasPrefix(strings.ToLower(key), "x-amz-") {
			all[key] = values[0]
		}
	}
	if json.Valid(k.body) {
		all["body"] = json.RawMessage(k.body)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return nil
	}
	return raw
}

// finish answers, and hands on the event of a call that has not stored it itself.
func (a *api) finish(w http.ResponseWriter, k *asker, out any, err error) {
	var p *problem
	if err != nil {
		p = a.problemOf(err)
	}
	if !a.keep(k.recording, p) {
		p = &problem{status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: "the event log takes no events at this time"}
	}
	if p != nil {
		a.refuse(w, p)
		return
	}
	a.write(w, http.StatusOK, out)
}

// keep hands the event of a call on. It returns false if the event log cannot take it, so that
// nothing must be told.
func (a *api) keep(rec *audit.Recording, p *problem) bool {
	if rec == nil || rec.Stored() {
		return true
	}
	events := rec.Complete
	if p != nil {
		rec.Decision = p.why
		events = func(any) []audit.Event { return rec.Fail(p.Code, p.Message) }
	}
	err := a.Audit.Add(events(nil))
	if err != nil {
		a.Logger.Error("audit event refused", "request_id", rec.Call.RequestID, "error", err)
	}
	return !errors.Is(err, audit.ErrBehind)
}

func (a *api) refuse(w http.ResponseWriter, p *problem) {
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="bailiwick operator"`)
	}
	a.write(w, p.status, p)
}

// statuses are those of the codes of package resource.
var statuses = map[resource.Code]int{
	resource.NotFound: http.StatusNotFound, resource.AccountNotFound: http.StatusNotFound,
	resource.AlreadyExists: http.StatusConflict, resource.Changed: http.StatusConflict,
}

// problemOf says what the client learns of an error.
func (a *api) problemOf(err error) *problem {
	var (
		known   *problem
		rule    *resource.Error
		rules   resource.Errors
		denied  *authz.DeniedError
		generic *smithy.GenericError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &rule):
		return problemOfRules(resource.Errors{rule})
	case errors.As(err, &rules):
		return problemOfRules(rules)
	case errors.As(err, &denied):
		return &problem{status: http.StatusForbidden, Code: "AccessDenied", Message: denied.Message, why: denied.JSON()}
	case errors.Is(err, authz.ErrPrincipalGone):
		return &problem{status: http.StatusForbidden, Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid."}
	case errors.Is(err, authz.ErrOwner), errors.Is(err, authz.ErrNoPrincipal):
		return bad(err.Error())
	case errors.As(err, &generic):
		return &problem{status: generic.Status, Code: generic.Code, Message: generic.Message}
	}
	a.Logger.Error("a request to the operator's API failed", "error", err)
	if store.Unavailable(err) {
		return &problem{status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: "the store cannot be used at this time"}
	}
	return &problem{status: http.StatusInternalServerError, Code: "InternalFailure", Message: "internal failure"}
}

func problemOfRules(rules resource.Errors) *problem {
	p := &problem{status: http.StatusBadRequest, Code: string(rules[0].Code), Message: rules.Error()}
	if status, ok := statuses[rules[0].Code]; ok {
		p.status = status
	}
	for _, e := range rules {
		p.Errors = append(p.Errors, brokenRule{ARN: e.ARN, Code: string(e.Code), Message: e.Message})
	}
	return p
}
