package org

import (
	"context"
	"time"
)

// featuresLife is how long an attempt to enable all features can take.
const featuresLife = 90 * 24 * time.Hour

// EnableAllFeatures begins to give an organization with consolidated billing all features
// (Organizations user guide, "Enabling all features in your organization"): every account
// that was invited is asked, invitations are canceled. Accounts that the organization made
// need not agree, closed ones cannot. The handshake that is returned is the management
// account's own: accepting it, when all have agreed, finishes the change. It fails with
// CodeHandshakeConstraintViolation or CodeConstraintViolation.
func EnableAllFeatures(_ context.Context, tx Tx, o Organization) (Handshake, error) {
	if o.AllFeatures() {
		return Handshake{}, errHandshakeConstraint(ReasonHasAllFeatures,
			"The handshake request is invalid because the organization has already enabled all features.")
	}
	_, pending, err := enabling(tx, o.ID)
	if err != nil {
		return Handshake{}, err
	}
	if pending {
		return Handshake{}, errHandshakeConstraint(ReasonPendingAllFeatures,
			"The handshake request is invalid because the organization has already started the process to enable all features.")
	}
	count, err := tx.OrgCount(o.ID, string(countAccounts))
	if err != nil {
		return Handshake{}, err
	}
	if count > Limit(QuotaMigrationAccounts, tx.Now()) {
		return Handshake{}, errConstraint(ReasonMigrationSize, "Your organization has more accounts than the standard migration process allows.")
	}
	if err := sweepHandshakes(tx, o); err != nil {
		return Handshake{}, err
	}
	if err := cancelAll(tx, HandshakeQuery{OrganizationID: o.ID, Action: ActionInvite}); err != nil {
		return Handshake{}, err
	}
	accounts, err := tx.OrgAccounts(o.ID, "", count)
	if err != nil {
		return Handshake{}, err
	}
	var asked []Account
	for _, a := range accounts {
		if a.JoinedMethod == JoinedInvited && a.ID != o.ManagementAccountID && mayAnswer(a) {
			asked = append(asked, a)
		}
	}
	parent := Handshake{Action: ActionEnableAllFeatures, State: HandshakeRequested, Recipient: o.ManagementAccountID}
	if len(asked) == 0 {
		parent.State = HandshakeOpen
	}
	if parent, err = send(tx, o, parent, featuresLife); err != nil {
		return Handshake{}, err
	}
	for _, a := range asked {
		_, err := send(tx, o, Handshake{
			Action: ActionApproveAllFeatures, State: HandshakeOpen, ParentID: parent.ID,
			PartyType: PartyAccount, PartyID: a.ID, Recipient: a.ID,
		}, featuresLife)
		if err != nil {
			return Handshake{}, err
		}
	}
	return parent, nil
}

// mayAnswer reports whether somebody can still act for the account.
func mayAnswer(a Account) bool { return a.State == StateActive || a.State == StatePendingActivation }

// enabling returns the organization's handshake for all features that is under way.
func enabling(tx Tx, organizationID string) (Handshake, bool, error) {
	open, err := tx.OrgHandshakes(HandshakeQuery{
		OrganizationID: organizationID, Action: ActionEnableAllFeatures, States: openStates, EndsAfter: tx.Now(), Limit: 1,
	})
	if err != nil || len(open) == 0 {
		return Handshake{}, false, err
	}
	return open[0], true, nil
}

// cancelAll cancels the handshakes of the query that wait for an answer.
func cancelAll(tx Tx, q HandshakeQuery) error {
	const piece = 500
	q.States, q.EndsAfter, q.Limit = openStates, tx.Now(), piece
	for {
		open, err := tx.OrgHandshakes(q)
		if err != nil {
			return err
		}
		for _, h := range open {
			if _, err := end(tx, h, HandshakeCanceled); err != nil {
				return err
			}
		}
		if len(open) < piece {
			return nil
		}
	}
}

// afterAnswer does what the end of a handshake means for the others of its attempt to
// enable all features: an attempt that ends takes its questions with it, and the last
// agreement opens the management account's own handshake.
func afterAnswer(tx Tx, h Handshake) error {
	switch {
	case h.Action == ActionEnableAllFeatures && h.State != HandshakeAccepted:
		return cancelAll(tx, HandshakeQuery{OrganizationID: h.OrganizationID, ParentID: h.ID})
	case h.Action == ActionApproveAllFeatures:
		return openIfAgreed(tx, h.OrganizationID)
	default:
		return nil
	}
}

// openIfAgreed lets the management account finish once every account that was asked and is
// still there has agreed.
func openIfAgreed(tx Tx, organizationID string) error {
	parent, pending, err := enabling(tx, organizationID)
	if err != nil || !pending || parent.State == HandshakeOpen {
		return err
	}
	q := HandshakeQuery{
		OrganizationID: organizationID, ParentID: parent.ID, Limit: Limit(QuotaMigrationAccounts, tx.Now()),
		States: []string{HandshakeOpen, HandshakeDeclined, HandshakeCanceled},
	}
	others, err := tx.OrgHandshakes(q)
	if err != nil {
		return err
	}
	for _, h := range others {
		a, found, err := tx.OrgAccount(h.Recipient)
		if err != nil {
			return err
		}
		if found && a.OrganizationID == organizationID && mayAnswer(a) {
			return nil
		}
	}
	return tx.SetOrgHandshakeState(parent.ID, HandshakeOpen, parent.ExpiresAt)
}

// finishAllFeatures gives the organization all features. Policy types stay disabled until
// EnablePolicyType.
func finishAllFeatures(tx Tx, h Handshake) error {
	o, found, err := tx.Organization(h.OrganizationID)
	if err != nil || !found {
		return orElse(err, errHandshakeNotFound())
	}
	tx.Touch(o.scope())
	return tx.SetOrganizationFeatureSet(o.ID, FeatureSetAll)
}

// withdraw ends the questions to an account that has left the organization or was closed.
// The account is to be written before.
func withdraw(tx Tx, organizationID, accountID string) error {
	q := HandshakeQuery{OrganizationID: organizationID, Recipients: []string{accountID}, Action: ActionApproveAllFeatures}
	if err := cancelAll(tx, q); err != nil {
		return err
	}
	return openIfAgreed(tx, organizationID)
}
