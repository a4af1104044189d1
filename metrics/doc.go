// Package metrics counts and times what the server does and shows it in the text format of
// Prometheus: requests by service, operation, decision and status, how long they and the
// decisions on them took, the store's transactions and batches, lengths of queues and
// sizes of caches, and the runtime.
//
// Labels come from the API tables and from this package only, never from a request: the
// number of series is bounded, and no account, caller or resource is named. It stands
// beside package wire, whose Observer it implements; package operator serves its handler.
package metrics
