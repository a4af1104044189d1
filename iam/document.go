package iam

import (
	"errors"

	"github.com/bailiwick/bailiwick/policy"
)

// checkDocument refuses a document that IAM would not keep as a policy of that kind. Sizes
// are quotas of this package, not of the language.
func checkDocument(kind policy.Kind, document string) error {
	d, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		return malformed(err)
	}
	if f := policy.FirstError(d.Validate(kind, policy.Limits{})); f != nil {
		return fail(MalformedPolicyDocument, "%s (line %d, column %d)", f.Message, f.Pos.Line, f.Pos.Column)
	}
	return nil
}

// malformed says what keeps a document from being one, and where.
func malformed(err error) error {
	var syntax *policy.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	return fail(MalformedPolicyDocument, "Syntax errors in policy. %s (line %d, column %d)",
		syntax.Message, syntax.Line, syntax.Column)
}

// size counts the characters of a document as AWS does for its quotas: without white space;
// see the IAM user guide, "IAM and AWS STS quotas".
func size(document string) int { return policy.Limits{}.Size([]byte(document)) }
