// Package policytest is the format of policy unit tests and their runner. A test file
// ([Load]) describes a small world (an organization with its accounts and policies,
// identities with what they carry, resources with theirs) and cases: who does what to which
// resource, what is expected, and because of which policy. Running a case ([Case.Run])
// decides it with package policy, as the server would decide it, and tells how the
// decision differs from the expectation.
//
// The format is YAML, so that JSON is understood as well; docs/policy-testing.md describes
// it. Whatever is not understood is refused with its place ([Problem]): a test that does not
// test what was meant is worse than none.
//
// Condition keys that every request carries are filled in as the gate of the server does
// (context.go); what depends on the call is said by the case.
//
// The package is pure: files are read through a function of [Options]. Files: load.go reads
// the whole, tree.go the organization, identity.go principals and what they carry,
// resource.go resources, document.go policies, cases.go the cases; decode.go and place.go
// walk YAML and keep places; run.go runs.
//
// Neighbours: package policy (below), which decides; cmd/bailiwick (above), which prints.
package policytest
