package wire

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsquery"
	"github.com/bailiwick/bailiwick/wire/eventjson"
	"github.com/bailiwick/bailiwick/wire/sigv4"
)

// exchange is one request on its way to its response. Its fields are filled step by step.
type exchange struct {
	server    *Server
	request   *http.Request
	requestID string
	started   time.Time
	// sourceIP is the client's address.
	sourceIP string

	// body is as received: its hash is what the client signed. payload is body decompressed.
	body, payload []byte
	form          []awsquery.Pair
	signature     *sigv4.Signature
	id            identified
	// caller is nil until it is proved who that is, recording until it is known what is called.
	caller    *credential.Caller
	recording *audit.Recording
	// call and event are what gate and recording are given; they have their room here.
	call  Call
	event audit.Recording

	output smithy.Shape
	// err is final once the steps are taken; shown is its translation, made when it is needed.
	err   error
	shown *rendered

	// verdict, deciding, took, throttled and status are what the observer learns.
	verdict   Verdict
	deciding  time.Duration
	took      time.Duration
	throttled bool
	status    int
}

func (s *Server) begin(r *http.Request) (*exchange, error) {
	now := s.Now().UTC()
	id, err := audit.NewID(now, s.Rand)
	if err != nil {
		return nil, err
	}
	return &exchange{server: s, request: r, requestID: id, started: now, sourceIP: s.sourceIP(r)}, nil
}

// run takes the exchange as far as it gets: to an output or to an error.
func (x *exchange) run() {
	x.proceed()
	x.record()
}

// proceed takes the steps. A panic in one of them is a defect of ours: it ends this call,
// which is answered and recorded like any other, and not the server.
func (x *exchange) proceed() {
	defer func() {
		if p := recover(); p != nil {
			x.output, x.err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx := x.request.Context()
	if x.err = x.read(); x.err != nil {
		return
	}
	if x.err = x.identify(); x.err != nil {
		return
	}
	if x.err = x.authenticate(ctx); x.err != nil {
		return
	}
	x.output, x.err = x.perform(ctx)
}

func (x *exchange) read() error {
	body, err := readBody(x.request, x.server.MaxBody)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return x.bodyTooLarge()
		}
		return &smithy.GenericError{Code: "RequestTimeout", Status: http.StatusBadRequest, Message: "The request body could not be read."}
	}
	x.body, x.payload = body, body
	if strings.EqualFold(header(x.request, "Content-Encoding"), "gzip") {
		x.payload, err = gunzip(body, x.server.MaxBody)
		switch {
		case errors.Is(err, errTooLarge):
			return x.bodyTooLarge()
		case err != nil:
			return &smithy.SerializationError{Message: "The body is not valid gzip"}
		}
	}
	return nil
}

// smallBody is how long a body may say that it is to get its room at once, in bytes. What is
// longer gets it as it comes: what strangers say they will send must not take memory.
const smallBody = 16 << 10

// readBody reads the body of a request, which net/http ends where its Content-Length says. A
// body beyond the limit is a *http.MaxBytesError.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	switch n := r.ContentLength; {
	case n == 0 && r.Body == http.NoBody:
		return nil, nil
	case n > 0 && n <= min(smallBody, limit):
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
}

func (x *exchange) bodyTooLarge() error {
	return &smithy.GenericError{
		Code: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("Request body is larger than %d bytes", x.server.MaxBody),
	}
}

// errTooLarge says that a body is too large once it is decompressed.
var errTooLarge = errors.New("wire: too large when decompressed")

func gunzip(body []byte, limit int64) ([]byte, error) {
	zr, err := gzip.NewReader(strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(zr, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(out)) > limit {
		return nil, errTooLarge
	}
	return out, nil
}

// identify needs the credential scope, so it parses the signature first; a signature that
// cannot be parsed is reported once it is known in which protocol to do so.
func (x *exchange) identify() error {
	sig, sigErr := sigv4.Parse(x.request)
	x.signature = sig
	var formErr error
	if isForm(x.request) {
		x.form, formErr = awsquery.ParseForm(string(x.payload))
	} else if x.request.URL.RawQuery != "" && header(x.request, "X-Amz-Target") == "" {
		x.form, formErr = awsquery.ParseForm(x.request.URL.RawQuery)
	}
	scope := ""
	if sig != nil {
		scope = sig.Scope.Service
	}
	x.id = x.server.registry.identify(x.request, scope, x.form)
	switch {
	case sigErr != nil && !(x.id.op != nil && x.id.op.Unsigned && isUnsigned(sigErr)):
		return sigErr
	case formErr != nil:
		return formErr
	}
	return nil
}

// isUnsigned reports that there is no signature at all, rather than a broken one.
func isUnsigned(err error) bool {
	var e *sigv4.Error
	return errors.As(err, &e) && e.Kind == sigv4.MissingAuthentication
}

// authenticate proves the caller. A request for something that does not exist is
// authenticated first, so that only callers learn what there is.
func (x *exchange) authenticate(ctx context.Context) (err error) {
	ctx, end := x.step(ctx, "authenticate")
	defer func() { end(err) }()
	if x.signature == nil {
		x.caller = &credential.Caller{} // only unsigned operations get this far
		return nil
	}
	sig := x.signature
	caller, err := x.signer(ctx, x.verifyOptions())
	if err != nil {
		return err
	}
	x.caller = caller
	if x.id.op != nil && x.id.op.Unsigned {
		// It proves its caller itself, and nobody else is meant.
		x.caller = &credential.Caller{}
		return nil
	}
	operation := ""
	if x.id.op != nil {
		operation = x.id.op.Name
	}
	x.server.Keys.Used(caller, sig.Scope.Service, operation, sig.Scope.Region, x.started)
	return nil
}

func (x *exchange) verifyOptions() sigv4.Options {
	o := sigv4.Options{Now: x.started, Keys: x.server.signingKeys}
	if m := x.id.service; m != nil {
		o.Services, o.Skew = m.signing, m.Skew
	}
	return o
}

// perform looks at the rate, decodes, validates, asks the gate and invokes.
func (x *exchange) perform(ctx context.Context) (smithy.Shape, error) {
	if err := x.throttle(); err != nil {
		return nil, err
	}
	if x.id.op == nil {
		return nil, x.unknownOperation()
	}
	in := x.id.op.NewInput()
	decodeErr := x.decode(in)
	x.startRecording(in)
	if decodeErr != nil {
		return nil, decodeErr
	}
	if vs := smithy.Validate(in); len(vs) > 0 {
		return nil, x.invalid(vs)
	}
	x.describe(in)
	ctx = audit.NewContext(credential.NewContext(ctx, x.caller), x.recording)
	if err := x.decide(ctx); err != nil {
		return nil, err
	}
	return x.invoke(ctx, in)
}

func (x *exchange) invoke(ctx context.Context, in smithy.Shape) (_ smithy.Shape, err error) {
	ctx, end := x.step(ctx, "operation")
	defer func() { end(err) }()
	return x.id.service.Handler.Invoke(ctx, x.id.op, in)
}

// describe fills in the call for the gate.
func (x *exchange) describe(in smithy.Shape) {
	x.call = Call{
		Service: x.id.service.desc, Operation: x.id.op, Input: in, Caller: x.caller,
		RequestID: x.requestID, Time: x.started, SourceIP: x.sourceIP,
		UserAgent: header(x.request, "User-Agent"), Referer: header(x.request, "Referer"), TLS: x.request.TLS != nil,
	}
	if x.signature != nil {
		x.call.Region = x.signature.Scope.Region
	}
}

func (x *exchange) startRecording(in smithy.Shape) {
	m := x.id.service
	region := "us-east-1"
	if x.signature != nil && x.signature.Scope.Region != "" {
		region = x.signature.Scope.Region
	}
	readOnly := m.ReadOnly(x.id.op.Name)
	// The request id and the event id are one: who has either finds the other.
	x.event = audit.Recording{
		Call: audit.Call{
			EventID: x.requestID, RequestID: x.requestID, Time: x.started,
			Source: m.source, Name: x.id.op.Name, Region: region,
			APIVersion: m.desc.APIVersion, SourceIP: x.sourceIP, UserAgent: header(x.request, "User-Agent"),
			Caller: x.caller, ReadOnly: readOnly, Responds: !readOnly || m.Responds != nil && m.Responds(x.id.op.Name), TLS: x.request.TLS != nil,
			Parameters: eventjson.Append(nil, in),
		},
		Render: renderOutput,
	}
	x.recording = &x.event
}

// renderOutput gives the audit event its responseElements.
func renderOutput(out any) json.RawMessage {
	if shape, ok := out.(smithy.Shape); ok {
		return eventjson.Append(nil, shape)
	}
	return nil
}

// record hands the event of the call to the queue, unless the operation's transaction has
// stored it.
func (x *exchange) record() {
	rec := x.recording
	if rec == nil || rec.Stored() {
		return
	}
	if x.err != nil && x.server.unavailable(x.err) {
		// Nothing was done, and there is nowhere to keep the event: the queue would fill, and calls
		// wait for room in it until the store is back.
		return
	}
	var events []audit.Event
	if x.err != nil {
		r := x.rendered()
		events = rec.Fail(r.code, r.message)
	} else {
		events = rec.Complete(x.output)
	}
	if err := x.server.Audit.Add(events); err != nil {
		x.server.Logger.Error("audit event refused", "request_id", x.requestID, "error", err)
		if errors.Is(err, audit.ErrBehind) {
			// Nothing is told that the event log does not know of.
			x.output, x.err, x.shown = nil, err, nil
		}
	}
}

// sourceIP is the address of the client.
func (s *Server) sourceIP(r *http.Request) string {
	if s.TrustForwardedFor {
		if ff := r.Header.Values("X-Forwarded-For"); len(ff) > 0 {
			parts := strings.Split(ff[len(ff)-1], ",")
			if ip := net.ParseIP(strings.TrimSpace(parts[len(parts)-1])); ip != nil {
				return ip.String()
			}
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// header returns the first value of a header, or the empty string. The name is in the
// canonical form already, which http.Header.Get makes sure of each time.
func header(r *http.Request, name string) string {
	if values := r.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
