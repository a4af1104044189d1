package sts

import (
	"fmt"

	"github.com/bailiwick/bailiwick/smithy"
)

// validation is the error of this service for input that the model lets through.
func validation(format string, args ...any) error {
	return &smithy.GenericError{Code: "ValidationError", Status: 400, Message: fmt.Sprintf(format, args...)}
}

// invalidValue is the error for session tags that break the rules.
func invalidValue(format string, args ...any) error {
	return &smithy.GenericError{Code: "InvalidParameterValue", Status: 400, Message: fmt.Sprintf(format, args...)}
}

// accessDenied is a refusal that comes from the service's own rules, not from a policy.
func accessDenied(message string) error {
	return &smithy.GenericError{Code: "AccessDenied", Status: 403, Message: message}
}

// notBuilt answers for a parameter that is not built: credentials that leave it out would
// not be what was asked for.
func notBuilt(operation, parameter string) error {
	return &smithy.NotImplementedError{Service: "sts", Operation: operation + " with " + parameter}
}
