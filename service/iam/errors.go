package iam

import (
	"errors"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// wireError gives a domain error its name in the API. Everything else passes unchanged:
// the wire layer answers it with the service's internal failure.
func wireError(err error) error {
	// Nothing was written: others changed the same thing again and again.
	if errors.Is(err, store.ErrBusy) {
		return &iamapi.ConcurrentModificationException{Message: smithy.Ptr(
			"The request was rejected because multiple requests to change this object were submitted " +
				"simultaneously. Wait a few minutes and submit your request again.")}
	}
	if errors.Is(err, store.ErrText) {
		return validation("A value contains a character that is not allowed.")
	}
	var e *iam.Error
	if !errors.As(err, &e) {
		return err
	}
	message := smithy.Ptr(e.Message)
	switch e.Code {
	case iam.NoSuchEntity:
		return &iamapi.NoSuchEntityException{Message: message}
	case iam.EntityAlreadyExists:
		return &iamapi.EntityAlreadyExistsException{Message: message}
	case iam.LimitExceeded:
		return &iamapi.LimitExceededException{Message: message}
	case iam.DeleteConflict:
		return &iamapi.DeleteConflictException{Message: message}
	case iam.MalformedPolicyDocument:
		return &iamapi.MalformedPolicyDocumentException{Message: message}
	case iam.InvalidInput:
		return &iamapi.InvalidInputException{Message: message}
	case iam.PolicyNotAttachable:
		return &iamapi.PolicyNotAttachableException{Message: message}
	case iam.UnmodifiableEntity:
		return &iamapi.UnmodifiableEntityException{Message: message}
	case iam.InvalidAuthenticationCode:
		return &iamapi.InvalidAuthenticationCodeException{Message: message}
	case iam.PasswordPolicyViolation:
		return &iamapi.PasswordPolicyViolationException{Message: message}
	case iam.EntityTemporarilyUnmodifiable:
		return &iamapi.EntityTemporarilyUnmodifiableException{Message: message}
	case iam.AccessDenied:
		return &smithy.GenericError{Code: "AccessDenied", Status: 403, Message: e.Message}
	case iam.InvalidRequest:
		return validation(e.Message)
	default:
		return keyError(e)
	}
}

// keyError names the errors of keys, certificates, reports and centralized root access.
func keyError(e *iam.Error) error {
	message := smithy.Ptr(e.Message)
	switch e.Code {
	case iam.InvalidPublicKey:
		return &iamapi.InvalidPublicKeyException{Message: message}
	case iam.DuplicateSSHPublicKey:
		return &iamapi.DuplicateSSHPublicKeyException{Message: message}
	case iam.UnrecognizedPublicKeyEncoding:
		return &iamapi.UnrecognizedPublicKeyEncodingException{Message: message}
	case iam.InvalidCertificate:
		return &iamapi.InvalidCertificateException{Message: message}
	case iam.DuplicateCertificate:
		return &iamapi.DuplicateCertificateException{Message: message}
	case iam.MalformedCertificate:
		return &iamapi.MalformedCertificateException{Message: message}
	case iam.KeyPairMismatch:
		return &iamapi.KeyPairMismatchException{Message: message}
	case iam.ReportNotPresent:
		return &iamapi.CredentialReportNotPresentException{Message: message}
	case iam.ReportExpired:
		return &iamapi.CredentialReportExpiredException{Message: message}
	case iam.NameConflict:
		return &iamapi.NameConflictException{Message: message}
	case iam.RoleTemplateDisabled:
		return &iamapi.RoleTemplateDisabledException{Message: message}
	case iam.OrganizationNotFound:
		return &iamapi.OrganizationNotFoundException{Message: message}
	case iam.NotAdministrator:
		return &iamapi.AccountNotManagementOrDelegatedAdministratorException{Message: message}
	case iam.NotAllFeatures:
		return &iamapi.OrganizationNotInAllFeaturesModeException{Message: message}
	case iam.ServiceAccessNotEnabled:
		return &iamapi.ServiceAccessNotEnabledException{Message: message}
	case iam.NotManagement:
		return &iamapi.CallerIsNotManagementAccountException{Message: message}
	case iam.FeatureEnabled:
		return &iamapi.FeatureEnabledException{Message: message}
	case iam.FeatureDisabled:
		return &iamapi.FeatureDisabledException{Message: message}
	case iam.ServiceNotSupported:
		return &iamapi.ServiceNotSupportedException{Message: message}
	default:
		return e
	}
}

// validation is the error of a request that no modeled error covers; see the IAM API
// Reference, "Common errors".
func validation(message string) error {
	return &smithy.GenericError{Code: "ValidationError", Status: 400, Message: message}
}
