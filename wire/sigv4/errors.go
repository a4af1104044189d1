package sigv4

import "net/http"

// Kind classes the ways in which a request fails to prove who sent it.
type Kind uint8

// The kinds of failure. The zero value is no kind at all.
const (
	_ Kind = iota
	// MissingAuthentication: the request carries no signature. Example message: "Request is
	// missing Authentication Token".
	MissingAuthentication
	// Incomplete: there is a signature but a part of it is missing or malformed. Example:
	// "Authorization header requires 'Signature' parameter. …".
	Incomplete
	// InvalidScope: the credential scope is for another date, region, service or algorithm.
	// Example: "Credential should be scoped to correct service: 'iam'. ".
	InvalidScope
	// OutOfTime: signed too long ago or in the future. Example: "Signature expired:
	// 20260101T000000Z is now earlier than 20260101T001500Z (20260101T003000Z - 15 min.)".
	OutOfTime
	// Mismatch: the signature is not the one that the secret gives for this request, or does
	// not cover what it must. Example: "The request signature we calculated does not match …".
	Mismatch
	// InvalidToken: the access key is not known or inactive, or its session token does not
	// belong to it. Example: "The security token included in the request is invalid.".
	InvalidToken
	// ExpiredToken: the temporary credentials have expired. Example: "The security token
	// included in the request is expired".
	ExpiredToken
)

// Error says why a request is not authenticated. The message is AWS's own form and safe to
// send to the client.
type Error struct {
	Kind    Kind
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// NewInvalidToken returns the error for an access key that is not known or not active, or
// for a session token that cannot be opened or is another access key's. One answer for all
// of them: the sender must not learn which key ids exist.
func NewInvalidToken() *Error {
	return &Error{InvalidToken, "The security token included in the request is invalid."}
}

// NewExpiredToken returns the error for temporary credentials after their expiry.
func NewExpiredToken() *Error {
	return &Error{ExpiredToken, "The security token included in the request is expired"}
}

// code is what goes on the wire for one kind.
type code struct {
	query       string
	queryStatus int
	json        string
	restStatus  int
}

// The codes of the query protocol and their statuses are those of "Common Errors" in the
// API references of IAM and STS (IncompleteSignature 400, MissingAuthenticationToken 403,
// InvalidClientTokenId 403) and of the IAM user guide's topic "Troubleshoot Signature
// Version 4 signing" (SignatureDoesNotMatch 403). RequestExpired (400) stands in the same
// lists, yet STS, IAM and SNS answer a signature out of time with SignatureDoesNotMatch and
// the JSON services with InvalidSignatureException, and clients correct their clock on
// those; so that is what is sent. RequestTimeTooSkewed is S3's alone.
//
// The JSON twins carry the names that the AWS SDKs list as clock-skew and credential
// errors; AWS JSON 1.0 and 1.1 send them all with 400, REST-JSON services with 403.
var codes = [...]code{
	MissingAuthentication: {"MissingAuthenticationToken", http.StatusForbidden, "MissingAuthenticationTokenException", http.StatusForbidden},
	Incomplete:            {"IncompleteSignature", http.StatusBadRequest, "IncompleteSignatureException", http.StatusBadRequest},
	InvalidScope:          {"SignatureDoesNotMatch", http.StatusForbidden, "InvalidSignatureException", http.StatusForbidden},
	OutOfTime:             {"SignatureDoesNotMatch", http.StatusForbidden, "InvalidSignatureException", http.StatusForbidden},
	Mismatch:              {"SignatureDoesNotMatch", http.StatusForbidden, "InvalidSignatureException", http.StatusForbidden},
	InvalidToken:          {"InvalidClientTokenId", http.StatusForbidden, "UnrecognizedClientException", http.StatusForbidden},
	ExpiredToken:          {"ExpiredToken", http.StatusForbidden, "ExpiredTokenException", http.StatusForbidden},
}

// Code returns the error code and the HTTP status of the kind: in the query protocols, or,
// if json is true, in AWS JSON 1.0 and 1.1. A REST-JSON service sends the code of json with
// [Kind.RESTStatus].
func (k Kind) Code(json bool) (name string, status int) {
	c := codes[k]
	if json {
		return c.json, http.StatusBadRequest
	}
	return c.query, c.queryStatus
}

// RESTStatus returns the HTTP status of the kind in REST-JSON services.
func (k Kind) RESTStatus() int { return codes[k].restStatus }

// mismatch is the one answer for every signature that does not verify: which part differs
// is nothing to tell a stranger.
func mismatch() *Error {
	return &Error{Mismatch, "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
}
