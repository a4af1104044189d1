package iam

import (
	"context"
	"slices"

	"github.com/bailiwick/bailiwick/org"
)

// The features of centralized root access; see EnableOrganizationsRootCredentialsManagement
// and EnableOrganizationsRootSessions.
const (
	RootCredentialsManagement = "RootCredentialsManagement"
	RootSessions              = "RootSessions"
)

// RootAccessTx is what centralized root access needs of a transaction. *store.Tx is one.
type RootAccessTx interface {
	org.Tx
	// IAMEnableRootFeature and IAMDisableRootFeature do nothing if it is so already.
	IAMEnableRootFeature(organizationID, feature string) error
	IAMDisableRootFeature(organizationID, feature string) error
	// IAMRootFeatures lists in bytewise order.
	IAMRootFeatures(organizationID string) ([]string, error)
}

// serviceName is IAM's own service principal, which organizations trust and for which they
// delegate.
const serviceName = "iam.amazonaws.com"

// EnableRootFeature enables a feature for the organization of the calling account, which must be
// the management account: a delegated administrator may list and disable features, not enable
// them.
func EnableRootFeature(ctx context.Context, tx RootAccessTx, callerID, feature string) (organizationID string, features []string, err error) {
	o, err := rootAdministrator(ctx, tx, callerID)
	if err == nil && o.ManagementAccountID != callerID {
		err = fail(NotManagement, "The account %s is not the management account of the organization.", callerID)
	}
	if err != nil {
		return "", nil, err
	}
	return rootFeature(ctx, tx, callerID, feature, tx.IAMEnableRootFeature)
}

// DisableRootFeature disables a feature for the organization of the calling account.
func DisableRootFeature(ctx context.Context, tx RootAccessTx, callerID, feature string) (organizationID string, features []string, err error) {
	return rootFeature(ctx, tx, callerID, feature, tx.IAMDisableRootFeature)
}

func rootFeature(ctx context.Context, tx RootAccessTx, callerID, feature string, set func(organizationID, feature string) error) (string, []string, error) {
	o, err := rootAdministrator(ctx, tx, callerID)
	if err != nil {
		return "", nil, err
	}
	if err := set(o.ID, feature); err != nil {
		return "", nil, err
	}
	features, err := tx.IAMRootFeatures(o.ID)
	return o.ID, features, err
}

// RootFeatures lists the features that the organization of the calling account has enabled.
func RootFeatures(ctx context.Context, tx RootAccessTx, callerID string) (organizationID string, features []string, err error) {
	o, err := rootAdministrator(ctx, tx, callerID)
	if err != nil {
		return "", nil, err
	}
	features, err = tx.IAMRootFeatures(o.ID)
	return o.ID, features, err
}

// rootAdministrator returns the organization whose root access the account administers: as its
// management account or as IAM's delegated administrator.
func rootAdministrator(_ context.Context, tx RootAccessTx, callerID string) (org.Organization, error) {
	account, ok, err := tx.OrgAccount(callerID)
	if err != nil {
		return org.Organization{}, err
	}
	var o org.Organization
	if ok && account.OrganizationID != "" {
		if o, ok, err = tx.Organization(account.OrganizationID); err != nil {
			return o, err
		}
	}
	if !ok || o.ID == "" {
		return o, fail(OrganizationNotFound, "The account %s is not part of an organization.", callerID)
	}
	if o.ManagementAccountID != callerID {
		delegate, err := administersIAM(tx, o.ID, callerID)
		if err != nil {
			return o, err
		}
		if !delegate {
			return o, fail(NotAdministrator, "The account %s is not the management account or a delegated administrator of the organization.", callerID)
		}
	}
	if !o.AllFeatures() {
		return o, fail(NotAllFeatures, "The organization %s does not have all features enabled.", o.ID)
	}
	_, trusted, err := tx.OrgTrustedService(o.ID, serviceName)
	if err == nil && !trusted {
		err = fail(ServiceAccessNotEnabled, "Trusted access for %s is not enabled in the organization %s.", serviceName, o.ID)
	}
	return o, err
}

// delegationsRead is more than an account can have.
const delegationsRead = 1000

func administersIAM(tx RootAccessTx, organizationID, accountID string) (bool, error) {
	list, err := tx.OrgDelegations(organizationID, accountID, "", delegationsRead)
	return slices.ContainsFunc(list, func(d org.Delegation) bool { return d.Principal == serviceName }), err
}

// CheckRootSession says whether the calling account may begin a root session in the target
// account, which must be another, active member of the organization that has the feature
// enabled. The error is AccessDenied if not.
func CheckRootSession(ctx context.Context, tx RootAccessTx, callerID, targetID, feature string) error {
	denied := fail(AccessDenied, "Access denied: root sessions in the account %s are not available to this account.", targetID)
	o, err := rootAdministrator(ctx, tx, callerID)
	if isRule(err) {
		return denied
	}
	if err != nil {
		return err
	}
	features, err := tx.IAMRootFeatures(o.ID)
	if err != nil {
		return err
	}
	target, ok, err := tx.OrgAccount(targetID)
	if err != nil {
		return err
	}
	if !ok || target.OrganizationID != o.ID || target.ID == o.ManagementAccountID || target.State != org.StateActive ||
		!slices.Contains(features, feature) {
		return denied
	}
	return nil
}
