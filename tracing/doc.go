// Package tracing follows requests through the server for OpenTelemetry: a span for the
// request, below it one for each of authenticate, authorize and operation, and below those one
// for each transaction of the store. Finished spans go to a collector as OTLP over HTTP, from a
// bounded queue that no request waits for: what a slow collector does not take is dropped.
//
// A request that comes with a traceparent header (W3C Trace Context) continues that trace and
// its sampling decision. Spans hold names out of the API tables, ids of requests, status and
// error codes; no input, output, caller or secret.
//
// It stands beside package metrics: it implements the Tracer of package wire and the one of
// package store, and neither of them knows OpenTelemetry. Where the server is to trace
// nothing, there is no Tracer.
package tracing
