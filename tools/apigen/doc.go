// Command apigen writes api/<service>: the shapes, constraints, errors, Service
// interface and operation table of an AWS API.
//
// Three layers of facts are laid one over the other, all in the form of AWS's
// api-2.json models:
//
//  1. base: api-2.json of the Go module github.com/aws/aws-sdk-go. It has every trait,
//     but ends in July 2025.
//  2. current: what the npm package @aws-sdk/client-<service> says today (operations,
//     members, required, HTTP bindings, error codes, enumerations). It knows neither
//     lengths nor patterns. models/dump.mjs prints it.
//  3. overlay: overlay/<service>.json, written by hand: constraints of what is newer than
//     the base, and corrections.
//
// The files, in the order in which a model passes through them: services.go (what is
// generated), source.go (reading the layers), tree.go (laying one over the other),
// current.go (the form of layer 2), model.go (the result, checked), pattern.go (regular
// expressions), plan.go (Go names, reachability, cycles), emit*.go (Go text).
//
// To add a service: name it in services.go, pin its npm package in models/package.json,
// run the generator, and put into the overlay what it complains about (patterns with
// lookarounds, a member that changed its type) and the constraints of what is newer than
// the base, from the service's API reference. Two keys are the overlay's own: goPattern is
// a shape's pattern in Go's syntax, and comment says why something is there.
//
// The output is deterministic and committed; building the product needs none of this.
// Run it with "make generate".
package main
