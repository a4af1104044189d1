package org

import "context"

// RemoveAccountFromOrganization makes a member account standalone, on behalf of the
// management account. It fails with CodeAccountNotFound, CodeMasterCannotLeave or
// CodeConstraintViolation (WAIT_PERIOD_ACTIVE for an account that the organization made a
// few days ago).
//
// AWS also demands a payment method, a support plan, a verified telephone and access of IAM
// users to billing, which a caller can give in its console only. They count as given here:
// otherwise no account could ever leave.
func RemoveAccountFromOrganization(_ context.Context, tx Tx, o Organization, s Settings, accountID string) error {
	a, err := member(tx, o, accountID)
	if err != nil {
		return err
	}
	return leave(tx, o, s, a)
}

// LeaveOrganization makes the calling account standalone, under the rules of
// [RemoveAccountFromOrganization].
func LeaveOrganization(_ context.Context, tx Tx, o Organization, s Settings, callerAccountID string) error {
	a, err := member(tx, o, callerAccountID)
	if err != nil {
		return err
	}
	return leave(tx, o, s, a)
}

// leave takes the account out of the tree with all that was attached to it there.
func leave(tx Tx, o Organization, s Settings, a Account) error {
	if a.ID == o.ManagementAccountID {
		return errorf(CodeMasterCannotLeave, "",
			"You can't remove the management account from an organization. To do that you must first delete the organization.")
	}
	if now := tx.Now(); a.Created && now.Sub(a.CreatedAt) < s.removalAge(now) {
		return errConstraint(ReasonWaitPeriod,
			"This operation requires a wait period. Try again after the account is old enough to be removed from the organization.")
	}
	delegate, err := isDelegate(tx, o.ID, a.ID)
	if err != nil {
		return err
	}
	if delegate {
		return errConstraint(ReasonDelegateLeaves,
			"You must deregister the account as a delegated administrator before you can remove it from the organization.")
	}
	if err := tx.DeleteOrgAttachmentsOf(o.ID, a.ID); err != nil {
		return err
	}
	if err := tx.DeleteOrgTags(o.ID, a.ID); err != nil {
		return err
	}
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = "", "", "", nil
	if err := tx.UpdateOrgAccount(a); err != nil {
		return err
	}
	if err := tx.AddOrgCount(o.ID, string(countAccounts), -1); err != nil {
		return err
	}
	if err := withdraw(tx, o.ID, a.ID); err != nil {
		return err
	}
	tx.Touch(accountScope(a.ID))
	return nil
}
