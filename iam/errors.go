package iam

import (
	"errors"
	"fmt"
)

// Code is the kind of a domain error; it is the error code of the IAM API.
type Code string

// The codes that the functions of this package return; see the errors of each action in the
// IAM API Reference.
const (
	NoSuchEntity            Code = "NoSuchEntity"
	EntityAlreadyExists     Code = "EntityAlreadyExists"
	LimitExceeded           Code = "LimitExceeded"
	DeleteConflict          Code = "DeleteConflict"
	MalformedPolicyDocument Code = "MalformedPolicyDocument"
	InvalidInput            Code = "InvalidInput"
	PolicyNotAttachable     Code = "PolicyNotAttachable"
	UnmodifiableEntity      Code = "UnmodifiableEntity"
	// InvalidAuthenticationCode is a one-time code that is wrong, too old or used.
	InvalidAuthenticationCode Code = "InvalidAuthenticationCode"
	PasswordPolicyViolation   Code = "PasswordPolicyViolation"
	// EntityTemporarilyUnmodifiable says that somebody else changed the entity meanwhile.
	EntityTemporarilyUnmodifiable Code = "EntityTemporarilyUnmodifiable"
	InvalidPublicKey              Code = "InvalidPublicKey"
	DuplicateSSHPublicKey         Code = "DuplicateSSHPublicKey"
	UnrecognizedPublicKeyEncoding Code = "UnrecognizedPublicKeyEncoding"
	InvalidCertificate            Code = "InvalidCertificate"
	DuplicateCertificate          Code = "DuplicateCertificate"
	MalformedCertificate          Code = "MalformedCertificate"
	KeyPairMismatch               Code = "KeyPairMismatch"
	ReportNotPresent              Code = "ReportNotPresent"
	ReportExpired                 Code = "ReportExpired"
	// NameConflict and RoleTemplateDisabled are about roles that are made from templates.
	NameConflict         Code = "NameConflict"
	RoleTemplateDisabled Code = "RoleTemplateDisabled"
	// These are about centralized root access.
	OrganizationNotFound    Code = "OrganizationNotFoundException"
	NotAdministrator        Code = "AccountNotManagementOrDelegatedAdministratorException"
	NotAllFeatures          Code = "OrganizationNotInAllFeaturesModeException"
	ServiceAccessNotEnabled Code = "ServiceAccessNotEnabledException"
	// NotManagement says that only the management account may enable centralized root access.
	NotManagement Code = "CallerIsNotManagementAccountException"
	// FeatureEnabled and FeatureDisabled are about outbound federation.
	FeatureEnabled  Code = "FeatureEnabled"
	FeatureDisabled Code = "FeatureDisabled"
	// ServiceNotSupported is the code of ServiceNotSupportedException.
	ServiceNotSupported Code = "NotSupportedService"
	// AccessDenied is no modeled error: it answers a wrong old password, and a change of a
	// policy that is AWS's.
	AccessDenied Code = "AccessDenied"
	// InvalidRequest is no modeled error: the service answers ValidationError.
	InvalidRequest Code = "ValidationError"
)

// Error is a broken rule. Its message is safe to show to the client.
type Error struct {
	Code    Code
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// ErrDuplicate is what the store's insert methods return when the row's name is taken. The
// functions of this package turn it into EntityAlreadyExists.
var ErrDuplicate = errors.New("iam: duplicate")

// isRule reports whether err is a broken rule, and not a fault.
func isRule(err error) bool {
	var e *Error
	return errors.As(err, &e)
}

func fail(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// noSuch is the wording for a user, group or role that is not there.
func noSuch(kind Kind, name string) error {
	return fail(NoSuchEntity, "The %s with name %s cannot be found.", kind, name)
}

func alreadyExists(kind Kind, name string) error {
	return fail(EntityAlreadyExists, "%s with name %s already exists.", kind.title(), name)
}

func noSuchPolicy(arn string) error {
	return fail(NoSuchEntity, "Policy %s was not found.", arn)
}
