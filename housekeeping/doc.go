// Package housekeeping does what no request does: it deletes what is past its time, in small
// steps, again and again. It owns when a task runs, how long it may go on at a stretch, how
// it is called off, and what is told about it. What a task does is the affair of the domains;
// which node does it is the store's (store.DB.Lead): one at a time.
//
// Every task must be harmless when it is done twice, since a node that has lost its way to
// the database may be finishing a step when another takes over.
//
// Neighbours: cmd/bailiwick, which lists the tasks; metrics, which counts the runs.
package housekeeping
