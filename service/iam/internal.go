package iam

import (
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/smithy"
)

// Internal is the answer to a failure that is the service's own.
func Internal(requestID string) error {
	return &iamapi.ServiceFailureException{
		Message: smithy.Ptr("The request processing has failed because of an unknown error, exception or failure. Request id: " + requestID),
	}
}
