// Package policy is the policy language of AWS: it parses a document ([Parse]), checks it
// against the rules of the place where it will stand ([Document.Validate]), compiles it
// ([Compile]), decides a request by all the policies that apply to it ([Evaluate]) and
// says why ([Explain], [Message]).
//
// It is pure: no input or output, no clock, no global state that changes. Compiled
// policies are immutable and safe for concurrent use. It can be imported by others as a
// library.
//
// The judge is the IAM user guide, above all its topics "Grammar of the IAM JSON policy
// language", "JSON policy elements" and "Policy evaluation logic", and the AWS
// Organizations user guide for service and resource control policies.
//
// One rule stands over all others: what the engine does not understand never counts as
// an allow. A statement that allows does not match when part of it cannot be understood;
// a statement that denies does.
//
// Files: json.go reads JSON with positions and parse.go makes a [Document] of it
// (document.go); validate.go, finding.go and limits.go hold the rules per [Kind];
// compile.go makes a [Policy] of matchers (glob.go, variable.go, arnpattern.go,
// principal.go, condition.go with operator.go and value.go) behind an index of actions
// (index.go); request.go and sets.go are what comes in, evaluate.go decides, decision.go is
// what comes out; explain.go (with hint.go, explaintext.go and redact.go), simulate.go,
// message.go and keys.go tell people about it.
//
// Neighbours: package arn (below), package authz (above), which gathers the policies and
// condition keys of a call. Package policy/serviceauth holds AWS's table of actions;
// package policy/lint advises on what is permitted but hardly meant.
package policy
