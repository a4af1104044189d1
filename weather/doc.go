// Package weather makes a server behave in the ways of AWS that programs have to live with: what
// takes time, what is not visible everywhere at once, what is refused because too much happens at
// the same time. It is for trying automation against them, and off unless asked for.
//
// It stands around the wire layer's keys, gate and handlers and has no state in the store. What it
// does is one of two things: it refuses a call before anything has been done, or it changes what an
// answer shows after everything is done. So nothing that was acknowledged is lost or half done, and
// nobody is allowed more than what is committed allows: what is new comes late, what is taken away is
// gone at once.
//
// Effects, their times and the rates are data: effects.go and rates.go. How long an effect lasts for
// one account, role or key follows from the seed and its name, so that a scenario comes out the same
// each time. Except for the creation of accounts, whose time is in the store, what is pending is
// kept by the node and forgotten when it ends.
//
// Neighbours: wire (Keys, Gate), smithy (handlers), api/organizations, api/iam and api/sts (whose
// inputs and outputs it looks at), cmd/bailiwick (the flag --weather).
package weather
