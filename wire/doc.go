// Package wire is the protocol runtime: it turns an HTTP request into a call of an
// operation and the outcome into a response, in the service's own protocol.
//
// The way of a request is fixed, and there is no other one:
//
//	read (bounded) → identify (service, operation) → authenticate (SigV4) → decode →
//	validate → gate (authorization) → invoke → encode
//
// Whatever ends the way early is an error in the service's own form. From the moment the
// caller is known, each outcome is recorded ([audit.Recording]) and each request leaves one
// line in the log.
//
// Neighbours: wire/sigv4 (signatures), wire/awsjson, wire/awsquery and wire/restjson
// (visitors over smithy), wire/eventjson (parameters for the audit event). Authorization is
// known only as a [Gate], access keys only as [Keys]; cmd/bailiwick ties them together.
package wire
