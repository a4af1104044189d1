package org

import (
	"context"
	"time"
)

// StateDeleted is the state of what is left of an account that was closed long ago. No
// operation shows it: the account is in no organization, and nobody can act for it. Its id
// and address are never given to another account (Account Management reference guide,
// "Close an AWS account").
const StateDeleted = "DELETED"

// closedLife is how long a closed account can still be seen, and reopened through support
// (API reference, CloseAccount).
const closedLife = 90 * 24 * time.Hour

// ClosedStore is for accounts that were closed long ago.
type ClosedStore interface {
	// OrgAccountsClosed returns accounts in StateClosed that were closed at or before a time,
	// the oldest closure first, at most limit.
	OrgAccountsClosed(at time.Time, limit int) ([]Account, error)
	// EraseAccount removes everything that the account has, in all domains: principals,
	// policies, keys, contacts. The account itself, its events and what its organization keeps
	// about it stay.
	EraseAccount(accountID string) error
}

// Deleted is an account that is gone, with the organization that it was in; that one is the
// zero value if it was in none.
type Deleted struct {
	AccountID    string
	Organization Organization
}

// DeleteClosedAccounts deletes accounts that were closed 90 days ago, at most limit: they
// leave their organization with all that was attached to them and registered for them there,
// and count no more; what they had is erased. It is for work in the background, in small
// pieces: whoever calls it again until fewer than the limit are returned has deleted all.
func DeleteClosedAccounts(_ context.Context, tx Tx, limit int) ([]Deleted, error) {
	due, err := tx.OrgAccountsClosed(tx.Now().Add(-closedLife), limit)
	if err != nil {
		return nil, err
	}
	out := make([]Deleted, 0, len(due))
	for _, a := range due {
		d, err := deleteClosed(tx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func deleteClosed(tx Tx, a Account) (Deleted, error) {
	d := Deleted{AccountID: a.ID}
	if a.OrganizationID != "" {
		var err error
		if d.Organization, _, err = tx.Organization(a.OrganizationID); err != nil {
			return d, err
		}
		if err := deregisterAll(tx, a.OrganizationID, a.ID); err != nil {
			return d, err
		}
	}
	left := a
	left.State = StateDeleted
	if err := detachMember(tx, left); err != nil {
		return d, err
	}
	tx.Touch("iam/" + a.ID)
	return d, tx.EraseAccount(a.ID)
}

// deregisterAll ends everything that the account administers.
func deregisterAll(tx Tx, organizationID, accountID string) error {
	have, err := tx.OrgDelegations(organizationID, accountID, "", maxDelegates)
	if err != nil {
		return err
	}
	for _, d := range have {
		if _, err := tx.DeleteOrgDelegation(organizationID, accountID, d.Principal); err != nil {
			return err
		}
	}
	return nil
}
