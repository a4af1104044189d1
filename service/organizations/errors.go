package organizations

import (
	"errors"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// modeled makes the API's error of a domain error.
type modeled func(message, reason *string) error

// modeledErrors has an entry for every code of package org; a test counts them.
var modeledErrors = map[org.Code]modeled{
	org.CodeAccessDenied:               func(m, _ *string) error { return &organizationsapi.AccessDeniedException{Message: m} },
	org.CodeNotInOrganization:          func(m, _ *string) error { return &organizationsapi.AWSOrganizationsNotInUseException{Message: m} },
	org.CodeAlreadyInOrganization:      func(m, _ *string) error { return &organizationsapi.AlreadyInOrganizationException{Message: m} },
	org.CodeOrganizationNotEmpty:       func(m, _ *string) error { return &organizationsapi.OrganizationNotEmptyException{Message: m} },
	org.CodeConstraintViolation:        func(m, r *string) error { return &organizationsapi.ConstraintViolationException{Message: m, Reason: r} },
	org.CodeInvalidInput:               func(m, r *string) error { return &organizationsapi.InvalidInputException{Message: m, Reason: r} },
	org.CodeAccountNotFound:            func(m, _ *string) error { return &organizationsapi.AccountNotFoundException{Message: m} },
	org.CodeAccountAlreadyClosed:       func(m, _ *string) error { return &organizationsapi.AccountAlreadyClosedException{Message: m} },
	org.CodeCreateStatusNotFound:       func(m, _ *string) error { return &organizationsapi.CreateAccountStatusNotFoundException{Message: m} },
	org.CodeMasterCannotLeave:          func(m, _ *string) error { return &organizationsapi.MasterCannotLeaveOrganizationException{Message: m} },
	org.CodeRootNotFound:               func(m, _ *string) error { return &organizationsapi.RootNotFoundException{Message: m} },
	org.CodeParentNotFound:             func(m, _ *string) error { return &organizationsapi.ParentNotFoundException{Message: m} },
	org.CodeChildNotFound:              func(m, _ *string) error { return &organizationsapi.ChildNotFoundException{Message: m} },
	org.CodeUnitNotFound:               func(m, _ *string) error { return &organizationsapi.OrganizationalUnitNotFoundException{Message: m} },
	org.CodeUnitNotEmpty:               func(m, _ *string) error { return &organizationsapi.OrganizationalUnitNotEmptyException{Message: m} },
	org.CodeDuplicateUnit:              func(m, _ *string) error { return &organizationsapi.DuplicateOrganizationalUnitException{Message: m} },
	org.CodeSourceParentNotFound:       func(m, _ *string) error { return &organizationsapi.SourceParentNotFoundException{Message: m} },
	org.CodeDestinationParentNotFound:  func(m, _ *string) error { return &organizationsapi.DestinationParentNotFoundException{Message: m} },
	org.CodeDuplicateAccount:           func(m, _ *string) error { return &organizationsapi.DuplicateAccountException{Message: m} },
	org.CodeTargetNotFound:             func(m, _ *string) error { return &organizationsapi.TargetNotFoundException{Message: m} },
	org.CodePolicyNotFound:             func(m, _ *string) error { return &organizationsapi.PolicyNotFoundException{Message: m} },
	org.CodePolicyInUse:                func(m, _ *string) error { return &organizationsapi.PolicyInUseException{Message: m} },
	org.CodeDuplicatePolicy:            func(m, _ *string) error { return &organizationsapi.DuplicatePolicyException{Message: m} },
	org.CodeMalformedPolicy:            func(m, _ *string) error { return &organizationsapi.MalformedPolicyDocumentException{Message: m} },
	org.CodeDuplicateAttachment:        func(m, _ *string) error { return &organizationsapi.DuplicatePolicyAttachmentException{Message: m} },
	org.CodePolicyNotAttached:          func(m, _ *string) error { return &organizationsapi.PolicyNotAttachedException{Message: m} },
	org.CodePolicyTypeNotEnabled:       func(m, _ *string) error { return &organizationsapi.PolicyTypeNotEnabledException{Message: m} },
	org.CodePolicyTypeAlreadyEnabled:   func(m, _ *string) error { return &organizationsapi.PolicyTypeAlreadyEnabledException{Message: m} },
	org.CodeHandshakeNotFound:          func(m, _ *string) error { return &organizationsapi.HandshakeNotFoundException{Message: m} },
	org.CodeDuplicateHandshake:         func(m, _ *string) error { return &organizationsapi.DuplicateHandshakeException{Message: m} },
	org.CodeInvalidHandshakeTransition: func(m, _ *string) error { return &organizationsapi.InvalidHandshakeTransitionException{Message: m} },
	org.CodeHandshakeAlreadyInState:    func(m, _ *string) error { return &organizationsapi.HandshakeAlreadyInStateException{Message: m} },
	org.CodeAccountOwnerNotVerified:    func(m, _ *string) error { return &organizationsapi.AccountOwnerNotVerifiedException{Message: m} },
	org.CodeAccountAlreadyRegistered:   func(m, _ *string) error { return &organizationsapi.AccountAlreadyRegisteredException{Message: m} },
	org.CodeResourcePolicyNotFound:     func(m, _ *string) error { return &organizationsapi.ResourcePolicyNotFoundException{Message: m} },
	org.CodeAccountNotRegistered:       func(m, _ *string) error { return &organizationsapi.AccountNotRegisteredException{Message: m} },
	org.CodeHandshakeConstraintViolation: func(m, r *string) error {
		return &organizationsapi.HandshakeConstraintViolationException{Message: m, Reason: r}
	},
	org.CodePolicyTypeNotAvailable: func(m, _ *string) error {
		return &organizationsapi.PolicyTypeNotAvailableForOrganizationException{Message: m}
	},
	org.CodeTransferNotFound: func(m, _ *string) error {
		return &organizationsapi.ResponsibilityTransferNotFoundException{Message: m}
	},
	org.CodeTransferAlreadyInStatus: func(m, _ *string) error {
		return &organizationsapi.ResponsibilityTransferAlreadyInStatusException{Message: m}
	},
	org.CodeInvalidTransferTransition: func(m, _ *string) error {
		return &organizationsapi.InvalidResponsibilityTransferTransitionException{Message: m}
	},
	org.CodeEffectivePolicyNotFound: func(m, _ *string) error {
		return &organizationsapi.EffectivePolicyNotFoundException{Message: m}
	},
}

// apiError gives an error of the domain or the store its name in the API. Others are
// returned as they are: the wire layer answers those with the service's internal failure.
func apiError(err error) error {
	var rule *org.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &rule):
		build, ok := modeledErrors[rule.Code]
		if !ok {
			return err
		}
		return build(&rule.Message, smithy.PtrTo(rule.Reason))
	// A conflict that the domain did not see coming is another transaction's doing.
	case errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrConflict):
		return errConcurrent()
	case errors.Is(err, store.ErrText):
		return invalidInput(organizationsapi.InvalidInputExceptionReasonInvalidPattern,
			"You provided a value that does not match the required pattern.")
	default:
		return err
	}
}

func errConcurrent() error {
	return &organizationsapi.ConcurrentModificationException{
		Message: smithy.Ptr("The target of the operation is currently being modified by a different request. Try again later."),
	}
}

func invalidInput(reason, message string) error {
	return &organizationsapi.InvalidInputException{Message: &message, Reason: &reason}
}
