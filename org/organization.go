package org

import (
	"context"
	"time"
)

// The feature sets of an organization (Organizations user guide, "Enabling all features").
const (
	FeatureSetAll                 = "ALL"
	FeatureSetConsolidatedBilling = "CONSOLIDATED_BILLING"
)

// rootName is the name that AWS gives to every root.
const rootName = "Root"

// Organization is an organization with its root.
type Organization struct {
	// ID is "o-" and ten lower-case letters or digits.
	ID string
	// ManagementAccountID and ManagementAccountEmail are of the account that made it.
	ManagementAccountID    string
	ManagementAccountEmail string
	// FeatureSet is FeatureSetAll or FeatureSetConsolidatedBilling.
	FeatureSet string
	// RootID is "r-" and four lower-case letters or digits.
	RootID string
	// CreatedAt is in UTC.
	CreatedAt time.Time
}

// RootName returns the name of the organization's root.
func (o Organization) RootName() string { return rootName }

// AllFeatures reports whether policies can be used in the organization.
func (o Organization) AllFeatures() bool { return o.FeatureSet == FeatureSetAll }

// scope is the revision scope of what holds for many accounts at once: features, address and policy
// types of the organization, what its policies say, and which of them its root and OUs carry.
// An OU stays where it was made and goes only when it is empty, so making and deleting one
// changes nothing for any account.
func (o Organization) scope() string { return "org/" + o.ID }

// accountScope is the revision scope of an account's state, its place in an organization and
// the policies attached to itself. Keeping it apart from the organization's lets what is
// known of all other accounts stand while accounts come, move and go.
func accountScope(accountID string) string { return "account/" + accountID }

// scopeOf is the scope of what is attached to a node.
func (o Organization) scopeOf(n Node) string {
	if n.Kind == KindAccount {
		return accountScope(n.ID)
	}
	return o.scope()
}

// AsMember returns the organization of the calling account. It fails with
// CodeNotInOrganization for a standalone account.
func AsMember(_ context.Context, tx Tx, callerAccountID string) (Organization, error) {
	account, found, err := tx.OrgAccount(callerAccountID)
	if err != nil {
		return Organization{}, err
	}
	if !found || account.OrganizationID == "" {
		return Organization{}, errNotInOrganization()
	}
	o, found, err := tx.Organization(account.OrganizationID)
	if err != nil {
		return Organization{}, err
	}
	if !found {
		return Organization{}, errNotInOrganization()
	}
	return o, nil
}

// AsManagement returns the organization of the calling account if that is its management
// account. It fails with CodeNotInOrganization or CodeAccessDenied.
func AsManagement(ctx context.Context, tx Tx, callerAccountID string) (Organization, error) {
	o, err := AsMember(ctx, tx, callerAccountID)
	if err != nil {
		return Organization{}, err
	}
	if o.ManagementAccountID != callerAccountID {
		return Organization{}, errAccessDenied()
	}
	return o, nil
}

// AsReader returns the organization of the calling account if that account may read it: the
// management account, a member that administers some service for the organization (API
// reference, RegisterDelegatedAdministrator), or a member that the organization's resource
// policy allows it. What the resource policy allows to whom was decided by the gate, which
// lets no member through that it does not name. It fails like [AsManagement].
func AsReader(ctx context.Context, tx Tx, callerAccountID string) (Organization, error) {
	return asDelegate(ctx, tx, callerAccountID, true)
}

// AsAdministrator returns the organization of the calling account if that account may manage
// its policies: the management account, or a member that the organization's resource policy
// allows it, which was decided by the gate as for [AsReader]. It fails like [AsManagement].
func AsAdministrator(ctx context.Context, tx Tx, callerAccountID string) (Organization, error) {
	return asDelegate(ctx, tx, callerAccountID, false)
}

func asDelegate(ctx context.Context, tx Tx, callerAccountID string, reads bool) (Organization, error) {
	o, err := AsMember(ctx, tx, callerAccountID)
	if err != nil || o.ManagementAccountID == callerAccountID {
		return o, err
	}
	delegate, _, found, err := DelegationOf(ctx, tx, o.ID, callerAccountID)
	if err != nil {
		return Organization{}, err
	}
	if found || delegate && reads {
		return o, nil
	}
	return Organization{}, errAccessDenied()
}

// CreateOrganization makes an organization with the calling account as its management
// account (API reference, CreateOrganization). An empty feature set means ALL. It fails
// with CodeAlreadyInOrganization.
//
// AWS lists no policy type as enabled in the new root, although its documentation says
// that service control policies are: clients call EnablePolicyType first.
func CreateOrganization(_ context.Context, tx Tx, callerAccountID, featureSet string) (Organization, error) {
	if featureSet == "" {
		featureSet = FeatureSetAll
	}
	account, found, err := tx.OrgAccount(callerAccountID)
	switch {
	case err != nil:
		return Organization{}, err
	case !found:
		return Organization{}, errAccountNotFound()
	case account.OrganizationID != "":
		return Organization{}, errorf(CodeAlreadyInOrganization, "", "The provided account is already a member of an organization.")
	case account.State != StateActive:
		return Organization{}, errorf(CodeConstraintViolation, ReasonAccountCreationNotComplete,
			"Your account setup isn't complete or your account isn't fully active.")
	}
	o := Organization{
		ManagementAccountID: callerAccountID, ManagementAccountEmail: account.Email,
		FeatureSet: featureSet, CreatedAt: tx.Now(),
	}
	if o.ID, err = newOrganizationID(tx); err != nil {
		return Organization{}, err
	}
	if o.RootID, err = newRootID(tx); err != nil {
		return Organization{}, err
	}
	if err := tx.InsertOrganization(o); err != nil {
		return Organization{}, err
	}
	// The management account counts as invited: it existed before the organization.
	if err := join(tx, o, account, JoinedInvited); err != nil {
		return Organization{}, err
	}
	tx.Touch(o.scope())
	return o, nil
}

// DeleteOrganization removes the organization with its OUs and policies; its management
// account becomes standalone. It fails with CodeOrganizationNotEmpty while there are member
// accounts, closed ones included (Organizations user guide, "Deleting an organization"), and
// with CodeConstraintViolation while a responsibility is transferred to or from it or an
// invitation of its own to that waits for an answer.
func DeleteOrganization(_ context.Context, tx Tx, o Organization) error {
	n, err := tx.OrgCount(o.ID, string(countAccounts))
	if err != nil {
		return err
	}
	if n > 1 {
		return errorf(CodeOrganizationNotEmpty, "",
			"To delete an organization you must first remove all member accounts (except the master).")
	}
	active, err := transferring(tx, o)
	if err != nil {
		return err
	}
	if active {
		return errConstraint(ReasonActiveTransfer, "You cannot delete organization due to an ongoing responsibility transfer process.")
	}
	account, found, err := tx.OrgAccount(o.ManagementAccountID)
	if err != nil {
		return err
	}
	if !found {
		return errAccountNotFound()
	}
	if err := tx.DeleteOrganization(o.ID); err != nil {
		return err
	}
	account.OrganizationID, account.ParentID, account.JoinedMethod, account.JoinedAt = "", "", "", nil
	if err := tx.UpdateOrgAccount(account); err != nil {
		return err
	}
	tx.Touch(o.scope())
	tx.Touch(accountScope(account.ID))
	return nil
}

// counter names a number that is kept per organization, so that limits are checked without
// counting rows.
type counter string

const (
	countAccounts counter = "accounts"
	countUnits    counter = "units"
)

// policyCounter counts the organization's own policies of one type.
func policyCounter(policyType string) counter { return counter("policies/" + policyType) }
