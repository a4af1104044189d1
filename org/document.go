package org

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/management"
)

// checkContent checks a document against size and grammar of its type at a time. Every
// character counts, white space too: only the AWS console strips it. It fails with
// CodeConstraintViolation or CodeMalformedPolicy.
func checkContent(t policyType, content string, at time.Time) error {
	if t.management != nil {
		return checkManagement(t, content, at)
	}
	text := []byte(content)
	if limits := policy.LimitsAt(t.kind, at); limits.MaxSize > 0 && limits.Size(text) > limits.MaxSize {
		return errTooLong()
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

func checkManagement(t policyType, content string, at time.Time) error {
	if utf8.RuneCountInString(content) > Limit(t.size, at) {
		return errTooLong()
	}
	_, err := t.management.Parse(content)
	if fault := (*management.Error)(nil); errors.As(err, &fault) {
		return errMalformed(fault.Error())
	}
	return err
}

func errTooLong() *Error {
	return errConstraint(ReasonPolicyContent, "You have exceeded the maximum policy size.")
}

// errMalformed begins with AWS's words and goes on with ours: where the fault is.
func errMalformed(detail string) *Error {
	return errorf(CodeMalformedPolicy, "",
		"The provided policy document does not meet the requirements of the specified policy type. %s", detail)
}
