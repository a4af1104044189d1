package org

import "context"

// RemoveAccountFromOrganization makes a member account standalone, on behalf of the
// management account. It fails with CodeAccountNotFound, CodeMasterCannotLeave,
// CodeInvalidInput (TARGET_NOT_SUPPORTED for a closed account) or CodeConstraintViolation
// (WAIT_PERIOD_ACTIVE for an account that the organization made a few days ago).
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
	// A closed account stays until it is deleted (Organizations user guide, "Deleting an
	// organization"); no reason of the model's is about that.
	if a.State == StateClosed || a.State == StatePendingClosure {
		return errInput(ReasonTargetNotSupported, "You can't perform the specified operation on that target entity: the account is closed.")
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
	return detachMember(tx, a)
}

// detachMember writes the account without its organization, if it is in one: what was
// attached to it there is gone, and nobody waits for its answers.
func detachMember(tx Tx, a Account) error {
	from := a.OrganizationID
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = "", "", "", nil
	if err := tx.UpdateOrgAccount(a); err != nil {
		return err
	}
	tx.Touch(accountScope(a.ID))
	if from == "" {
		return nil
	}
	if err := tx.DeleteOrgAttachmentsOf(from, a.ID); err != nil {
		return err
	}
	if err := tx.DeleteOrgTags(from, a.ID); err != nil {
		return err
	}
	if err := tx.DeleteOrgInvalidPoliciesOf(from, a.ID); err != nil {
		return err
	}
	if err := tx.AddOrgCount(from, string(countAccounts), -1); err != nil {
		return err
	}
	return withdraw(tx, from, a.ID)
}
