package org

import (
	"context"
	"time"
)

// Delegation is that a member account administers a service for its organization.
type Delegation struct {
	AccountID string
	// Principal is the service principal.
	Principal    string
	RegisteredAt time.Time
}

// Delegate is a member account that administers some service.
type Delegate struct {
	Account Account
	// RegisteredAt is when it became a delegated administrator for the service asked for, or
	// for its first one.
	RegisteredAt time.Time
}

// DelegationStore keeps delegated administrators.
type DelegationStore interface {
	InsertOrgDelegation(organizationID string, d Delegation) error
	// DeleteOrgDelegation reports whether there was one.
	DeleteOrgDelegation(organizationID, accountID, principal string) (bool, error)
	// OrgDelegations returns what an account administers in ascending order of principal,
	// those after the given one, at most limit.
	OrgDelegations(organizationID, accountID, after string, limit int) ([]Delegation, error)
	// OrgDelegates returns the accounts that administer a service, or any service if
	// principal is empty, in ascending order of id, those after the given id, at most limit.
	OrgDelegates(organizationID, principal, after string, limit int) ([]Delegate, error)
	// CountOrgDelegates counts the accounts that administer a service.
	CountOrgDelegates(organizationID, principal string) (int, error)
}

// delegatesPerService are the services whose documentation gives a number of delegated
// administrators ("Delegated administrators" on the service's page of the Organizations
// user guide, or in the service's own guide). Others are not limited.
var delegatesPerService = map[string]int{
	"access-analyzer.amazonaws.com":                     1,
	"cloudtrail.amazonaws.com":                          3,
	"config-multiaccountsetup.amazonaws.com":            3,
	"config.amazonaws.com":                              3,
	"detective.amazonaws.com":                           1,
	"guardduty.amazonaws.com":                           1,
	"health.amazonaws.com":                              5,
	"inspector2.amazonaws.com":                          1,
	"ipam.amazonaws.com":                                1,
	"macie.amazonaws.com":                               1,
	"member.org.stacksets.cloudformation.amazonaws.com": 5,
	"reporting.trustedadvisor.amazonaws.com":            5,
	"securityhub.amazonaws.com":                         1,
	"sso.amazonaws.com":                                 1,
}

// maxDelegates is more than any limit of delegatesPerService.
const maxDelegates = 1000

func errNotRegistered() *Error {
	return errorf(CodeAccountNotRegistered, "", "The provided account is not a registered delegated administrator for your organization.")
}

// isDelegate reports whether the account administers any service.
func isDelegate(tx Tx, organizationID, accountID string) (bool, error) {
	have, err := tx.OrgDelegations(organizationID, accountID, "", 1)
	return len(have) > 0, err
}

// RegisterDelegatedAdministrator lets a member account administer a service, which the
// caller knows to be one that supports it. The account can read the organization from then
// on. It fails with CodeAccountNotFound, CodeAccountAlreadyRegistered or
// CodeConstraintViolation.
func RegisterDelegatedAdministrator(_ context.Context, tx Tx, o Organization, accountID, principal string) error {
	a, err := member(tx, o, accountID)
	if err != nil {
		return err
	}
	switch {
	case !o.AllFeatures():
		return errAllFeatures()
	case a.ID == o.ManagementAccountID:
		return errConstraint(ReasonDelegateManagement, "You cannot register management account/yourself as delegated administrator for your organization.")
	case a.Status() != "ACTIVE":
		return errConstraint(ReasonDelegateSuspended, "You cannot register a suspended account as a delegated administrator.")
	}
	_, enabled, err := tx.OrgTrustedService(o.ID, principal)
	if err != nil {
		return err
	}
	if !enabled {
		return errConstraint(ReasonServiceAccess, "You attempted to register a delegated administrator before you enabled service access. Call the EnableAWSServiceAccess API first.")
	}
	if err := roomForDelegate(tx, o, accountID, principal); err != nil {
		return err
	}
	return tx.InsertOrgDelegation(o.ID, Delegation{AccountID: accountID, Principal: principal, RegisteredAt: tx.Now()})
}

func roomForDelegate(tx Tx, o Organization, accountID, principal string) error {
	have, err := tx.OrgDelegates(o.ID, principal, "", maxDelegates)
	if err != nil {
		return err
	}
	for _, d := range have {
		if d.Account.ID == accountID {
			return errorf(CodeAccountAlreadyRegistered, "", "The provided account is already a delegated administrator for your organization.")
		}
	}
	most, limited := delegatesPerService[principal]
	switch {
	case !limited || len(have) < most:
		return nil
	case most == 1:
		return errConstraint(ReasonDelegateExists, "You attempted to register a delegated administrator for a service that already has one.")
	default:
		return errConstraint(ReasonMaxDelegates, "You attempted to register more delegated administrators than allowed for the service principal.")
	}
}

// DeregisterDelegatedAdministrator ends what [RegisterDelegatedAdministrator] began. It fails
// with CodeAccountNotFound, CodeAccountNotRegistered or CodeConstraintViolation.
func DeregisterDelegatedAdministrator(_ context.Context, tx Tx, o Organization, accountID, principal string) error {
	if err := o.needAllFeatures(); err != nil {
		return err
	}
	if _, err := member(tx, o, accountID); err != nil {
		return err
	}
	found, err := tx.DeleteOrgDelegation(o.ID, accountID, principal)
	if err != nil {
		return err
	}
	if !found {
		return errNotRegistered()
	}
	return nil
}

// ListDelegatedAdministrators returns the accounts that administer a service, or any if
// principal is empty, in ascending order of id. It fails with CodeConstraintViolation where
// only billing is consolidated.
func ListDelegatedAdministrators(_ context.Context, tx Tx, o Organization, principal string, p Page) ([]Delegate, string, error) {
	if err := o.needAllFeatures(); err != nil {
		return nil, "", err
	}
	all, err := tx.OrgDelegates(o.ID, principal, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(d Delegate) string { return d.Account.ID })
	return page, next, nil
}

// ListDelegatedServicesForAccount returns the services that an account administers, in
// ascending order of principal. It fails with CodeAccountNotFound, CodeAccountNotRegistered
// or CodeConstraintViolation.
func ListDelegatedServicesForAccount(_ context.Context, tx Tx, o Organization, accountID string, p Page) ([]Delegation, string, error) {
	if err := o.needAllFeatures(); err != nil {
		return nil, "", err
	}
	if _, err := member(tx, o, accountID); err != nil {
		return nil, "", err
	}
	delegate, err := isDelegate(tx, o.ID, accountID)
	if err != nil {
		return nil, "", err
	}
	if !delegate {
		return nil, "", errNotRegistered()
	}
	all, err := tx.OrgDelegations(o.ID, accountID, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(d Delegation) string { return d.Principal })
	return page, next, nil
}
