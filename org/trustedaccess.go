package org

import (
	"context"
	"time"
)

// TrustedService is an AWS service that may work across the organization's accounts.
type TrustedService struct {
	// Principal is the service principal, for example "config.amazonaws.com".
	Principal string
	EnabledAt time.Time
}

// TrustStore keeps which services organizations trust.
type TrustStore interface {
	OrgTrustedService(organizationID, principal string) (TrustedService, bool, error)
	InsertOrgTrustedService(organizationID string, s TrustedService) error
	DeleteOrgTrustedService(organizationID, principal string) error
	// OrgTrustedServices returns services in ascending order of principal, those after the
	// given one, at most limit.
	OrgTrustedServices(organizationID, after string, limit int) ([]TrustedService, error)
}

// EnableAWSServiceAccess lets a service, which the caller knows to be one that can be
// trusted, work across the organization. Enabling again changes nothing. It fails with
// CodeConstraintViolation.
func EnableAWSServiceAccess(_ context.Context, tx Tx, o Organization, principal string) error {
	if !o.AllFeatures() {
		return errAllFeatures()
	}
	_, enabled, err := tx.OrgTrustedService(o.ID, principal)
	if err != nil || enabled {
		return err
	}
	return tx.InsertOrgTrustedService(o.ID, TrustedService{Principal: principal, EnabledAt: tx.Now()})
}

// DisableAWSServiceAccess ends what [EnableAWSServiceAccess] began; disabling what is not
// enabled changes nothing. It fails with CodeConstraintViolation while the service has
// delegated administrators: they could not be found out about otherwise; and while a policy
// type is enabled that the service works with.
func DisableAWSServiceAccess(_ context.Context, tx Tx, o Organization, principal string) error {
	if err := o.needAllFeatures(); err != nil {
		return err
	}
	delegates, err := tx.CountOrgDelegates(o.ID, principal)
	if err != nil {
		return err
	}
	if delegates > 0 {
		return errConstraint(ReasonDelegateExists,
			"To complete this operation, you must first deregister any existing delegated administrators for this service.")
	}
	enabled, err := tx.OrgPolicyTypes(o.ID)
	if err != nil {
		return err
	}
	for _, name := range enabled {
		if t, err := findType(name); err == nil && t.service == principal {
			return errConstraint(ReasonTypeOfService,
				"You attempted to disable service access before you disabled the policy type. To complete this operation, you must first disable the policy type.")
		}
	}
	return tx.DeleteOrgTrustedService(o.ID, principal)
}

// ListAWSServiceAccessForOrganization returns the services that the organization trusts, in
// ascending order of principal. It fails with CodeConstraintViolation where only billing is
// consolidated.
func ListAWSServiceAccessForOrganization(_ context.Context, tx Tx, o Organization, p Page) ([]TrustedService, string, error) {
	if err := o.needAllFeatures(); err != nil {
		return nil, "", err
	}
	all, err := tx.OrgTrustedServices(o.ID, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(s TrustedService) string { return s.Principal })
	return page, next, nil
}
