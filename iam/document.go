package iam

import (
	"errors"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/policy"
)

// documentKind is where a policy document is about to be put.
type documentKind uint8

const (
	identityDocument documentKind = iota
	trustDocument
)

// checkDocument refuses a document that is not a policy of the kind.
func checkDocument(_ documentKind, doc string) error {
	if _, err := policy.Parse([]byte(doc), policy.ParseOptions{}); err != nil {
		return malformed(err)
	}
	return nil
}

// malformed says what is wrong with a document and where.
func malformed(err error) error {
	var syntax *policy.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	return fail(MalformedPolicyDocument, "Syntax errors in policy. Line %d, column %d: %s",
		syntax.Line, syntax.Column, syntax.Message)
}

// size counts the characters of a document as AWS does for its quotas: without white space;
// see the IAM user guide, "IAM and AWS STS quotas".
func size(doc string) int {
	n := utf8.RuneCountInString(doc)
	for i := range len(doc) {
		switch doc[i] {
		case ' ', '\t', '\n', '\r':
			n--
		}
	}
	return n
}
