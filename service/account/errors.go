package account

import (
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/smithy"
)

// Invalid is the error for input that breaks the model's constraints: every field at fault
// is listed (API reference, ValidationException).
func Invalid(vs []smithy.Violation) error {
	fields := make([]accountapi.ValidationExceptionField, len(vs))
	for i, v := range vs {
		fields[i] = accountapi.ValidationExceptionField{Name: smithy.Ptr(v.Path), Message: smithy.Ptr(v.String())}
	}
	return &accountapi.ValidationException{
		Message: smithy.Ptr(smithy.Message(vs)), FieldList: fields,
		Reason: smithy.Ptr(accountapi.ValidationExceptionReasonFieldValidationFailed),
	}
}

// Internal is the answer to a failure of the server itself; the cause is in the log only.
func Internal(requestID string) error {
	return &accountapi.InternalServerException{
		Message: smithy.Ptr("The operation failed because of an error internal to AWS. Try your operation again later. Request ID: " + requestID),
	}
}
