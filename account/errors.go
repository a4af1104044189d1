package account

import "fmt"

// Code is the kind of a domain error.
type Code string

// The codes of this package's errors.
const (
	// CodeAccessDenied means that the caller may not act on the account it named.
	CodeAccessDenied Code = "AccessDenied"
	// CodeNotFound means that the account has no such contact.
	CodeNotFound Code = "ResourceNotFound"
	// CodeInvalid means that a field cannot be taken; [Error.Field] names it.
	CodeInvalid Code = "Validation"
	// CodeConflict means that the state of the resource does not allow it just now.
	CodeConflict Code = "Conflict"
	// CodeTooMany means that a quota on calls is used up.
	CodeTooMany Code = "TooManyRequests"
)

// Reasons of CodeInvalid (API reference, ValidationException).
const (
	ReasonField        = "fieldValidationFailed"
	ReasonRegionTarget = "invalidRegionOptTarget"
)

// Error is every error of this package that is the caller's to mend. All others come from
// the store.
type Error struct {
	Code Code
	// Reason is one of the Reason constants for CodeInvalid, else empty.
	Reason string
	// Field is the path of the input's member at fault, in the API's spelling, or empty.
	Field string
	// Message is safe to show. That of CodeAccessDenied is the part that says why, which may
	// be empty: who was denied what is for the service to say.
	Message string
}

// Error returns code, field and message.
func (e *Error) Error() string {
	s := "account: " + string(e.Code)
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	return s + ": " + e.Message
}

func fail(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(reason, field, format string, args ...any) error {
	return &Error{Code: CodeInvalid, Reason: reason, Field: field, Message: fmt.Sprintf(format, args...)}
}
