// Package audit owns the event log: what a call was, who made it, what was decided and
// what came of it, in CloudTrail's record format, append-only.
//
// A [Recording] accompanies one call from the moment its caller is authenticated. When the
// operation writes, the store completes the recording inside the operation's own
// transaction, so that a change and its event are durable together; calls that only read,
// were refused or failed go to the [Queue], which writes them in batches, makes callers wait
// rather than drop an event, and refuses them when the store takes none for too long.
//
// The events are read back by cloudtrail:LookupEvents (service/cloudtrail). The package
// knows callers (credential) and nothing of HTTP, SQL or the API shapes.
package audit
