package iam

import (
	"encoding/json"
	"unicode/utf8"
)

// documentKind is where a policy document is about to be put.
type documentKind uint8

const (
	identityDocument documentKind = iota
	trustDocument
)

// checkDocument refuses a document that is not a policy of the kind.
func checkDocument(_ documentKind, doc string) error {
	if !json.Valid([]byte(doc)) {
		return fail(MalformedPolicyDocument, "This policy contains invalid Json")
	}
	return nil
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
