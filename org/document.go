package org

import (
	"errors"
	"fmt"
	"time"

	"github.com/bailiwick/bailiwick/policy"
)

// checkContent checks a document against size and grammar of its type at a time. Every
// character counts, white space too: only the AWS console strips it. It fails with
// CodeConstraintViolation or CodeMalformedPolicy.
func checkContent(t policyType, content string, at time.Time) error {
	text := []byte(content)
	if limits := policy.LimitsAt(t.kind, at); limits.MaxSize > 0 && limits.Size(text) > limits.MaxSize {
		return errConstraint(ReasonPolicyContent, "You have exceeded the maximum policy size.")
	}
	document, err := policy.Parse(text, policy.ParseOptions{})
	if syntax := (*policy.SyntaxError)(nil); errors.As(err, &syntax) {
		return errMalformed(syntax.Error())
	}
	if err != nil {
		return err
	}
	for _, f := range document.Validate(t.kind, policy.Limits{}) {
		if f.Severity == policy.SeverityError {
			return errMalformed(fmt.Sprintf("%s at line %d, column %d", f.Message, f.Pos.Line, f.Pos.Column))
		}
	}
	return nil
}

// errMalformed begins with AWS's words and goes on with ours: where the fault is.
func errMalformed(detail string) *Error {
	return errorf(CodeMalformedPolicy, "",
		"The provided policy document does not meet the requirements of the specified policy type. %s", detail)
}
