package account

import (
	"context"
	"errors"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
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
		Message: smithy.Ptr("The operation failed because of an internal error. Try it again later. Request ID: " + requestID),
	}
}

// apiError gives an error of the domain or the store its name in the API. Others are
// returned as they are: the wire layer answers those with Internal.
func apiError(ctx context.Context, operation string, err error) error {
	var rule *account.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &rule):
		return modeled(ctx, operation, rule)
	case errors.Is(err, store.ErrBusy):
		return &accountapi.TooManyRequestsException{Message: smithy.Ptr("The account is being modified by other requests. Try again later.")}
	// A conflict that the domain did not see coming is another transaction's doing.
	case errors.Is(err, store.ErrConflict):
		return &accountapi.ConflictException{Message: smithy.Ptr("The request conflicts with another one that was made at the same time.")}
	case errors.Is(err, store.ErrText):
		return &accountapi.ValidationException{
			Message: smithy.Ptr("The request contains characters that are not valid."),
			Reason:  smithy.Ptr(accountapi.ValidationExceptionReasonFieldValidationFailed),
		}
	default:
		return err
	}
}

func modeled(ctx context.Context, operation string, e *account.Error) error {
	message := smithy.Ptr(e.Message)
	switch e.Code {
	case account.CodeAccessDenied:
		return &accountapi.AccessDeniedException{Message: smithy.Ptr(denial(ctx, operation, e.Message))}
	case account.CodeNotFound:
		return &accountapi.ResourceNotFoundException{Message: message}
	case account.CodeConflict:
		return &accountapi.ConflictException{Message: message}
	case account.CodeTooMany:
		return &accountapi.TooManyRequestsException{Message: message}
	case account.CodeInvalid:
		return &accountapi.ValidationException{
			Message: message, Reason: smithy.Ptr(e.Reason),
			FieldList: []accountapi.ValidationExceptionField{{Name: smithy.Ptr(e.Field), Message: message}},
		}
	default:
		return e
	}
}

// denial is AWS's wording: who was denied what, and in brackets why, if that is said.
func denial(ctx context.Context, operation, why string) string {
	s := "User: " + credential.FromContext(ctx).ARN + " is not authorized to perform: " + action(operation)
	if why != "" {
		s += " (" + why + ")"
	}
	return s
}
