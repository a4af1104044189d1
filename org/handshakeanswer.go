package org

import "context"

// Joined tells what accepting an invitation has changed; it is the zero value for other
// handshakes.
type Joined struct {
	// To is the organization that the account has joined, From the one that it has left for
	// it, if any.
	To, From Organization
}

// AcceptHandshake accepts a handshake that the calling account has received, and does what
// it is about: the account joins the organization, coming out of another one if it is in
// one; a member agrees to all features; the management account finishes enabling them, or
// lets another organization manage a responsibility. It
// fails with CodeHandshakeNotFound, CodeAccessDenied (the sender cannot answer),
// CodeInvalidHandshakeTransition, CodeHandshakeAlreadyInState,
// CodeHandshakeConstraintViolation, CodeConstraintViolation or CodeNotInOrganization, and
// for a member of another organization like [LeaveOrganization].
func AcceptHandshake(_ context.Context, tx Tx, s Settings, callerAccountID, id string) (Handshake, Joined, error) {
	p, err := answering(tx, callerAccountID, id, HandshakeAccepted)
	if err != nil {
		return Handshake{}, Joined{}, err
	}
	h := p.handshake
	var joined Joined
	switch h.Action {
	case ActionInvite:
		joined, err = acceptInvite(tx, s, h, p.account)
	case ActionApproveAllFeatures:
		// The parent opens once the answer is written.
	case ActionEnableAllFeatures:
		err = finishAllFeatures(tx, h)
	case ActionTransfer:
		err = acceptTransfer(tx, h, p.account)
	}
	if err != nil {
		return Handshake{}, Joined{}, err
	}
	if h, err = end(tx, h, HandshakeAccepted); err != nil {
		return Handshake{}, Joined{}, err
	}
	return h, joined, afterAnswer(tx, h)
}

// DeclineHandshake refuses a handshake that the calling account has received. It fails with
// CodeHandshakeNotFound, CodeAccessDenied (the sender cancels instead),
// CodeInvalidHandshakeTransition or CodeHandshakeAlreadyInState.
func DeclineHandshake(_ context.Context, tx Tx, callerAccountID, id string) (Handshake, error) {
	p, err := answering(tx, callerAccountID, id, HandshakeDeclined)
	if err != nil {
		return Handshake{}, err
	}
	h, err := end(tx, p.handshake, HandshakeDeclined)
	if err != nil {
		return Handshake{}, err
	}
	return h, afterAnswer(tx, h)
}

// CancelHandshake takes back a handshake that the calling account has sent. It fails with
// CodeHandshakeNotFound, CodeAccessDenied (the recipient declines instead),
// CodeInvalidHandshakeTransition or CodeHandshakeAlreadyInState.
func CancelHandshake(_ context.Context, tx Tx, callerAccountID, id string) (Handshake, error) {
	p, err := partyOf(tx, callerAccountID, id)
	if err != nil {
		return Handshake{}, err
	}
	if !p.sender {
		return Handshake{}, errAccessDenied()
	}
	if err := checkTransition(p.handshake, HandshakeCanceled); err != nil {
		return Handshake{}, err
	}
	h, err := end(tx, p.handshake, HandshakeCanceled)
	if err != nil {
		return Handshake{}, err
	}
	return h, afterAnswer(tx, h)
}

// answering returns the handshake for an answer of its recipient.
func answering(tx Tx, callerAccountID, id, state string) (party, error) {
	p, err := partyOf(tx, callerAccountID, id)
	if err != nil {
		return party{}, err
	}
	if !p.recipient {
		return party{}, errAccessDenied()
	}
	return p, checkTransition(p.handshake, state)
}

// checkTransition checks that a handshake can get a final state.
func checkTransition(h Handshake, state string) error {
	switch {
	case h.State == state:
		return errorf(CodeHandshakeAlreadyInState, "", "The specified handshake is already in the requested state.")
	case !h.Open(), h.State == HandshakeRequested && state == HandshakeAccepted:
		return errorf(CodeInvalidHandshakeTransition, "", "You can't perform the operation on the handshake in its current state: %s.", h.State)
	default:
		return nil
	}
}

// end writes a final state.
func end(tx Tx, h Handshake, state string) (Handshake, error) {
	h.State, h.EndsAt = state, tx.Now()
	if h.Action == ActionTransfer {
		if err := settleTransfer(tx, h); err != nil {
			return Handshake{}, err
		}
	}
	if err := tx.DeleteOrgTags(h.OrganizationID, h.ID); err != nil {
		return Handshake{}, err
	}
	return h, tx.SetOrgHandshakeState(h.ID, h.State, h.EndsAt)
}

// acceptInvite brings the account into the organization that has invited it.
func acceptInvite(tx Tx, s Settings, h Handshake, a Account) (Joined, error) {
	o, found, err := tx.Organization(h.OrganizationID)
	if err != nil || !found {
		return Joined{}, orElse(err, errHandshakeNotFound())
	}
	if a.OrganizationID == o.ID {
		return Joined{}, errHandshakeConstraint(ReasonAlreadyInOrganization, "The invited account is already a member of an organization.")
	}
	// The invitation itself is counted among the accounts to come; when the limit was
	// lowered meanwhile, it is too late.
	accounts, err := tx.OrgCount(o.ID, string(countAccounts))
	if err != nil {
		return Joined{}, err
	}
	most, err := s.accountLimit(tx, o)
	if err != nil {
		return Joined{}, err
	}
	if accounts >= most {
		return Joined{}, errTooManyAccounts()
	}
	joined := Joined{To: o}
	if a.OrganizationID != "" {
		if joined.From, found, err = tx.Organization(a.OrganizationID); err != nil || !found {
			return Joined{}, orElse(err, errNotInOrganization())
		}
		if err := leave(tx, joined.From, s, a); err != nil {
			return Joined{}, err
		}
	}
	tags, err := tx.OrgTags(o.ID, h.ID)
	if err != nil {
		return Joined{}, err
	}
	if err := join(tx, o, a, JoinedInvited); err != nil {
		return Joined{}, err
	}
	return joined, putTags(tx, o, a.ID, tags)
}
