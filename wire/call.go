package wire

import (
	"context"
	"encoding/json"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
)

// Call is one authenticated call: what the gate decides on.
type Call struct {
	Service   *smithy.Service
	Operation *smithy.Operation
	// Input is decoded and validated.
	Input  smithy.Shape
	Caller *credential.Caller
	// RequestID is what the client got; Time is when the request arrived, UTC.
	RequestID string
	Time      time.Time
	// Region is the region of the credential scope.
	Region    string
	SourceIP  string
	UserAgent string
	Referer   string
	TLS       bool
}

// Gate decides whether a call may go on. It returns nil for an allowed call, a [*Refusal]
// for a denied one, a [*smithy.NotImplementedError] for an operation that is not built, or
// another error of the service.
type Gate interface {
	Authorize(ctx context.Context, c *Call) error
}

// Refusal is a denied authorization.
type Refusal struct {
	// Message is AWS's wording, with the deciding policy.
	Message string
	// Decision explains, as JSON; it goes to the audit event, not to the client.
	Decision json.RawMessage
	// Modeled is the service's own error for this refusal; nil means AccessDenied.
	Modeled smithy.ModeledError
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// Keys finds access keys.
type Keys interface {
	// Resolve returns the secret and the caller behind an access key id and, for temporary
	// credentials, the session token. The errors are credential.ErrUnknownKey,
	// ErrInvalidToken and ErrExpiredToken; any other means that it could not be found out.
	Resolve(ctx context.Context, accessKeyID, sessionToken string, now time.Time) (secret string, caller *credential.Caller, err error)
	// Used notes that the caller has signed a request for an operation of the service, whether
	// it will be allowed or not.
	Used(caller *credential.Caller, service, operation, region string, at time.Time)
}
