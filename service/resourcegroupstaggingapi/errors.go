package resourcegroupstaggingapi

import (
	"errors"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tagging"
)

// Invalid is the error for input that breaks the model's constraints.
func Invalid(vs []smithy.Violation) error { return invalid(smithy.Message(vs)) }

// Internal is the answer to a failure of the server itself; the cause is in the log only.
func Internal(requestID string) error {
	return &tagapi.InternalServiceException{
		Message: smithy.Ptr("The request failed because of an unknown error. Try again later. Request ID: " + requestID),
	}
}

// Throttled is the answer to a call too many.
func Throttled(message string) error { return &tagapi.ThrottledException{Message: &message} }

func invalid(message string) error { return &tagapi.InvalidParameterException{Message: &message} }

func constraint(message string) error { return &tagapi.ConstraintViolationException{Message: &message} }

// apiError gives an error of the domain or the store its name in the API. Others are returned
// as they are: the wire layer answers those with Internal.
func apiError(err error) error {
	switch {
	case errors.Is(err, store.ErrBusy):
		return Throttled("The resources are being modified by other requests. Try again later.")
	case errors.Is(err, store.ErrText):
		return invalid("A value contains a character that is not allowed.")
	}
	return err
}

// failure is what is told of a resource whose tags could not be changed: the code is that of
// the service that has it (API reference, data type FailureInfo). It reports false for errors
// that end the whole call.
func failure(err error) (tagapi.FailureInfo, bool) {
	var (
		ours       *tagging.Error
		denied     *authz.DeniedError
		identity   *iam.Error
		tree       *org.Error
		registered *resource.Error
	)
	switch {
	case errors.As(err, &ours):
		switch ours.Code {
		case tagging.NotSupported:
			return info("InternalServiceException", 500, ours.Message), true
		case tagging.NotCompliant:
			return info("TagPolicyException", 400, ours.Message), true
		}
		return info("InvalidParameterException", 400, ours.Message), true
	case errors.As(err, &denied):
		return info("AccessDeniedException", 403, denied.Message), true
	case errors.As(err, &identity):
		return info(string(identity.Code), iamStatus(identity.Code), identity.Message), true
	case errors.As(err, &tree):
		return info(string(tree.Code)+"Exception", 400, tree.Message), true
	case errors.As(err, &registered):
		return info("InvalidParameterException", 400, registered.Message), true
	}
	return tagapi.FailureInfo{}, false
}

func iamStatus(code iam.Code) int32 {
	switch code {
	case iam.NoSuchEntity:
		return 404
	case iam.LimitExceeded:
		return 409
	}
	return 400
}

func info(code string, status int32, message string) tagapi.FailureInfo {
	return tagapi.FailureInfo{ErrorCode: &code, StatusCode: &status, ErrorMessage: &message}
}
