package wire

import (
	"context"
	"net/http"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/sigv4"
)

// Signed is what a signed request proves.
type Signed struct {
	Caller *credential.Caller
	// RequestID is one for this request; Time is when it arrived, UTC.
	RequestID string
	Time      time.Time
	// Region is the region of the credential scope.
	Region   string
	SourceIP string
}

// Authenticate proves the caller of a request to an API that has the address of this server
// but is none of its services: it has to be signed for the service of that name, as every
// request to an AWS service is, and counts against that name's rate. The error is a
// *smithy.GenericError as a REST service answers it.
func (s *Server) Authenticate(r *http.Request, body []byte, service string) (*Signed, error) {
	x, err := s.begin(r)
	if err != nil {
		return nil, err
	}
	x.body = body
	if x.err = x.prove(service); x.err != nil {
		e := x.rendered()
		if e.status >= http.StatusInternalServerError {
			s.Logger.Error("a signature was not checked", "request_id", x.requestID, "error", x.err)
		}
		return nil, &smithy.GenericError{Code: e.code, Status: e.status, Message: e.message}
	}
	return &Signed{
		Caller: x.caller, RequestID: x.requestID, Time: x.started, Region: x.signature.Scope.Region, SourceIP: x.sourceIP,
	}, nil
}

// prove is authenticate for a service that is not mounted.
func (x *exchange) prove(service string) (err error) {
	if x.signature, err = sigv4.Parse(x.request); err != nil {
		return err
	}
	options := sigv4.Options{Now: x.started, Keys: x.server.signingKeys, Services: []string{service}}
	caller, err := x.signer(x.request.Context(), options)
	if err != nil {
		return err
	}
	x.caller = caller
	x.server.Keys.Used(caller, service, "", x.signature.Scope.Region, x.started)
	if l := x.server.limiter; l != nil && !l.allow(bucketKey{caller: caller.AccountID, service: service}, x.started) {
		return &smithy.GenericError{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests, Message: throttledMessage}
	}
	return nil
}

// signer proves the signature and returns whose it is.
func (x *exchange) signer(ctx context.Context, options sigv4.Options) (*credential.Caller, error) {
	sig := x.signature
	checked, err := sig.Check(x.request, options)
	if err != nil {
		return nil, err
	}
	secret, caller, err := x.server.Keys.Resolve(ctx, sig.AccessKeyID, sig.Token, x.started)
	if err != nil {
		return nil, err
	}
	if err := checked.Verify(x.body, secret); err != nil {
		return nil, err
	}
	return caller, nil
}
