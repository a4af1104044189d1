package org

import (
	"errors"
	"time"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/policy"
)

// checkContent checks a document against size and grammar of its type at a time. Every
// character counts, white space too: only the AWS console strips it. It fails with
// CodeConstraintViolation or CodeMalformedPolicy.
func checkContent(t policyType, content string, at time.Time) error {
	if utf8.RuneCountInString(content) > Limit(t.size, at) {
		return errConstraint(ReasonPolicyContent, "You have exceeded the maximum policy size.")
	}
	_, err := policy.Parse([]byte(content), policy.ParseOptions{})
	if syntax := (*policy.SyntaxError)(nil); errors.As(err, &syntax) {
		return errorf(CodeMalformedPolicy, "", "The provided policy document does not meet the requirements of the specified policy type: %v", syntax)
	}
	return err
}
