// Package lint looks through policy documents for what AWS permits but the author hardly
// meant: names that do not exist, access that is wider than it looks, parts without
// effect. It serves "bailiwick validate" and the ValidatePolicy operation of IAM Access
// Analyzer.
//
// [Check] returns the faults of the text ([policy.Inspect]), what the document's place
// forbids ([policy.Document.Validate]) and the advice of this package as one list. Codes
// and severities are those of the IAM user guide's topic "IAM policy validation check
// reference"; the words are ours. Where a check has no counterpart there, or a different
// severity, its constant says so (codes.go). Empty lists and values that do not fit their
// operator are errors here, as [policy.Parse] and Validate refuse them; AWS's reference
// lists them among suggestions and warnings.
//
// What exists comes from package policy/serviceauth; its table has a date
// ([serviceauth.Source]), and what AWS added later counts as unknown.
//
// Files: lint.go walks a document; action.go, resource.go, condition.go, principal.go and
// statement.go hold the checks of one element each; match.go compares patterns with each
// other. Neighbours below: policy, policy/serviceauth.
package lint
