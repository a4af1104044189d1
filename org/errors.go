package org

import (
	"fmt"
	"strconv"
)

// Code is what went wrong, in the words of the API reference without the ending
// "Exception".
type Code string

// The codes of this package's errors.
const (
	CodeAccessDenied              Code = "AccessDenied"
	CodeNotInOrganization         Code = "AWSOrganizationsNotInUse"
	CodeAlreadyInOrganization     Code = "AlreadyInOrganization"
	CodeOrganizationNotEmpty      Code = "OrganizationNotEmpty"
	CodeConstraintViolation       Code = "ConstraintViolation"
	CodeInvalidInput              Code = "InvalidInput"
	CodeAccountNotFound           Code = "AccountNotFound"
	CodeAccountAlreadyClosed      Code = "AccountAlreadyClosed"
	CodeCreateStatusNotFound      Code = "CreateAccountStatusNotFound"
	CodeMasterCannotLeave         Code = "MasterCannotLeaveOrganization"
	CodeRootNotFound              Code = "RootNotFound"
	CodeParentNotFound            Code = "ParentNotFound"
	CodeChildNotFound             Code = "ChildNotFound"
	CodeUnitNotFound              Code = "OrganizationalUnitNotFound"
	CodeUnitNotEmpty              Code = "OrganizationalUnitNotEmpty"
	CodeDuplicateUnit             Code = "DuplicateOrganizationalUnit"
	CodeSourceParentNotFound      Code = "SourceParentNotFound"
	CodeDestinationParentNotFound Code = "DestinationParentNotFound"
	CodeDuplicateAccount          Code = "DuplicateAccount"
	CodeTargetNotFound            Code = "TargetNotFound"
	CodePolicyNotFound            Code = "PolicyNotFound"
	CodePolicyInUse               Code = "PolicyInUse"
	CodeDuplicatePolicy           Code = "DuplicatePolicy"
	CodeMalformedPolicy           Code = "MalformedPolicyDocument"
	CodeDuplicateAttachment       Code = "DuplicatePolicyAttachment"
	CodePolicyNotAttached         Code = "PolicyNotAttached"
	CodePolicyTypeNotEnabled      Code = "PolicyTypeNotEnabled"
	CodePolicyTypeAlreadyEnabled  Code = "PolicyTypeAlreadyEnabled"
	CodePolicyTypeNotAvailable    Code = "PolicyTypeNotAvailableForOrganization"

	CodeHandshakeNotFound            Code = "HandshakeNotFound"
	CodeDuplicateHandshake           Code = "DuplicateHandshake"
	CodeHandshakeConstraintViolation Code = "HandshakeConstraintViolation"
	CodeInvalidHandshakeTransition   Code = "InvalidHandshakeTransition"
	CodeHandshakeAlreadyInState      Code = "HandshakeAlreadyInState"
	CodeAccountOwnerNotVerified      Code = "AccountOwnerNotVerified"
	CodeAccountAlreadyRegistered     Code = "AccountAlreadyRegistered"
	CodeAccountNotRegistered         Code = "AccountNotRegistered"
	CodeResourcePolicyNotFound       Code = "ResourcePolicyNotFound"
	CodeEffectivePolicyNotFound      Code = "EffectivePolicyNotFound"
	CodeTransferNotFound             Code = "ResponsibilityTransferNotFound"
	CodeTransferAlreadyInStatus      Code = "ResponsibilityTransferAlreadyInStatus"
	CodeInvalidTransferTransition    Code = "InvalidResponsibilityTransferTransition"
)

// Reasons of CodeConstraintViolation.
const (
	ReasonAccountCreationNotComplete = "ACCOUNT_CREATION_NOT_COMPLETE"
	ReasonAllFeaturesNeeded          = "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
	ReasonCannotCloseManagement      = "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
	ReasonCloseQuota                 = "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
	ReasonMaxAttachments             = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
	ReasonMinAttachments             = "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
	ReasonMaxTags                    = "MAX_TAG_LIMIT_EXCEEDED"
	ReasonDelegateExists             = "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"
	ReasonDelegateLeaves             = "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"
	ReasonDelegateManagement         = "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
	ReasonDelegateSuspended          = "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"
	ReasonMaxDelegates               = "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED"
	ReasonServiceAccess              = "SERVICE_ACCESS_NOT_ENABLED"
	ReasonMigrationSize              = "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED"
	ReasonTagPolicy                  = "TAG_POLICY_VIOLATION"
	ReasonUnitDepth                  = "OU_DEPTH_LIMIT_EXCEEDED"
	ReasonUnitNumber                 = "OU_NUMBER_LIMIT_EXCEEDED"
	ReasonPolicyContent              = "POLICY_CONTENT_LIMIT_EXCEEDED"
	ReasonPolicyNumber               = "POLICY_NUMBER_LIMIT_EXCEEDED"
	ReasonWaitPeriod                 = "WAIT_PERIOD_ACTIVE"
	ReasonTypeOfService              = "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE"
	ReasonActiveTransfer             = "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"
	ReasonMaxInbound                 = "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION"
	ReasonMaxOutbound                = "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION"
	ReasonMaxTransferLevel           = "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION"
	ReasonMaxChainTransfers          = "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION"
)

// Reasons of CodeHandshakeConstraintViolation.
const (
	ReasonAccountNumber         = "ACCOUNT_NUMBER_LIMIT_EXCEEDED"
	ReasonAlreadyInOrganization = "ALREADY_IN_AN_ORGANIZATION"
	ReasonHandshakeRate         = "HANDSHAKE_RATE_LIMIT_EXCEEDED"
	ReasonHasAllFeatures        = "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"
	ReasonInviteDisabled        = "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES"
	ReasonSourceIsTarget        = "SOURCE_AND_TARGET_CANNOT_MATCH"
	ReasonTransferExists        = "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"
	ReasonPendingAllFeatures    = "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
)

// Reasons of CodeInvalidInput.
const (
	ReasonDuplicateTagKey        = "DUPLICATE_TAG_KEY"
	ReasonImmutablePolicy        = "IMMUTABLE_POLICY"
	ReasonInvalidEmailTarget     = "INVALID_EMAIL_ADDRESS_TARGET"
	ReasonInvalidNextToken       = "INVALID_NEXT_TOKEN"
	ReasonInvalidPartyType       = "INVALID_PARTY_TYPE_TARGET"
	ReasonInvalidPattern         = "INVALID_PATTERN"
	ReasonInvalidPolicyType      = "INVALID_ENUM_POLICY_TYPE"
	ReasonInvalidPrincipal       = "INVALID_PRINCIPAL"
	ReasonResourcePolicyAction   = "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"
	ReasonResourcePolicyJSON     = "INVALID_RESOURCE_POLICY_JSON"
	ReasonResourcePolicyResource = "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY"
	// ReasonResourcePolicyTags is in the model among the reasons of another error only.
	ReasonResourcePolicyTags  = "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED"
	ReasonInvalidRoleName     = "INVALID_ROLE_NAME"
	ReasonSystemTag           = "INVALID_SYSTEM_TAGS_PARAMETER"
	ReasonNonDetachablePolicy = "NON_DETACHABLE_POLICY"
	ReasonTargetNotSupported  = "TARGET_NOT_SUPPORTED"

	ReasonTransferAction           = "UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER"
	ReasonStartNotBeginningOfDay   = "START_DATE_NOT_BEGINNING_OF_DAY"
	ReasonStartNotBeginningOfMonth = "START_DATE_NOT_BEGINNING_OF_MONTH"
	ReasonStartTooEarly            = "START_DATE_TOO_EARLY"
	ReasonStartTooLate             = "START_DATE_TOO_LATE"
	ReasonEndNotEndOfMonth         = "END_DATE_NOT_END_OF_MONTH"
	ReasonEndTooEarly              = "END_DATE_TOO_EARLY"
)

// Error is every error of this package that is the caller's to mend. All others come from
// the store.
type Error struct {
	Code Code
	// Reason is one of the Reason constants for the codes that have reasons, else empty.
	Reason string
	// Message is safe to show, in the wording of AWS's API where that is known.
	Message string
}

// Error returns code, reason and message.
func (e *Error) Error() string {
	s := "org: " + string(e.Code)
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s + ": " + e.Message
}

func errorf(code Code, reason, format string, args ...any) *Error {
	return &Error{Code: code, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func errNotInOrganization() *Error {
	return errorf(CodeNotInOrganization, "", "Your account is not a member of an organization.")
}

func errAccessDenied() *Error {
	return errorf(CodeAccessDenied, "", "You don't have permissions to access this resource.")
}

func errAccountNotFound() *Error {
	return errorf(CodeAccountNotFound, "", "You specified an account that doesn't exist.")
}

func errUnitNotFound() *Error {
	return errorf(CodeUnitNotFound, "", "You specified an organizational unit that doesn't exist.")
}

func errRootNotFound() *Error {
	return errorf(CodeRootNotFound, "", "You specified a root that doesn't exist.")
}

func errPolicyNotFound() *Error {
	return errorf(CodePolicyNotFound, "", "You specified a policy that doesn't exist.")
}

func errTargetNotFound() *Error {
	return errorf(CodeTargetNotFound, "", "You specified a target that doesn't exist.")
}

func errConstraint(reason, message string) *Error {
	return &Error{Code: CodeConstraintViolation, Reason: reason, Message: message}
}

// errAllFeatures is for what an organization with consolidated billing only cannot do or
// ask.
func errAllFeatures() *Error {
	return errConstraint(ReasonAllFeaturesNeeded,
		"The request failed because the organization does not have all features enabled. Please enable all features in your organization and then retry.")
}

// needAllFeatures fails with [errAllFeatures].
func (o Organization) needAllFeatures() error {
	if !o.AllFeatures() {
		return errAllFeatures()
	}
	return nil
}

func errInput(reason, message string) *Error {
	return &Error{Code: CodeInvalidInput, Reason: reason, Message: message}
}

// accountIDDigits is the length of every account id.
const accountIDDigits = 12

// validAccountID reports whether s is twelve digits.
func validAccountID(s string) bool {
	if len(s) != accountIDDigits {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}
