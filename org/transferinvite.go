package org

import (
	"context"
	"time"
)

// ActionTransfer is the kind of handshake that invites another organization to let the
// sender manage a responsibility for it.
const ActionTransfer = "TRANSFER_RESPONSIBILITY"

const (
	// transferNotice is how long before its start a transfer is to be accepted (Billing user
	// guide, "Sending invitations").
	transferNotice = 24 * time.Hour
	// transferMonths is how far ahead a transfer can start. AWS has such a limit and does not
	// document it; this one is ours.
	transferMonths = 12
)

// TransferInvitation is what InviteOrganizationToTransferResponsibility is given.
type TransferInvitation struct {
	// Type is TransferBilling.
	Type string
	// PartyType and PartyID name the other organization's management account: PartyAccount and
	// its id, or PartyEmail and the address of its root user.
	PartyType, PartyID string
	// Name is what the sender calls the transfer, Notes what it writes to the recipient.
	Name, Notes string
	// StartAt is the beginning of the month from which on the sender is responsible.
	StartAt time.Time
	// Tags are given to the transfer when the invitation is accepted.
	Tags []Tag
}

// InviteOrganizationToTransferResponsibility invites the management account of another
// organization to let this one manage a responsibility for it. It fails with
// CodeInvalidInput, CodeConstraintViolation, CodeHandshakeConstraintViolation or
// CodeDuplicateHandshake.
func InviteOrganizationToTransferResponsibility(ctx context.Context, tx Tx, o Organization, in TransferInvitation) (Handshake, error) {
	if !o.AllFeatures() {
		return Handshake{}, errAllFeatures()
	}
	if err := checkNewTags(ctx, tx, o, TypeTransfer, in.Tags); err != nil {
		return Handshake{}, err
	}
	if err := checkStart(in.StartAt, tx.Now()); err != nil {
		return Handshake{}, err
	}
	source, err := transferSource(tx, o, in)
	if err != nil {
		return Handshake{}, err
	}
	if err := checkTransferInvitation(tx, o, source, in.StartAt); err != nil {
		return Handshake{}, err
	}
	if err := sweepHandshakes(tx, o); err != nil {
		return Handshake{}, err
	}
	life := min(inviteLife, in.StartAt.Add(-transferNotice).Sub(tx.Now()))
	h, err := send(tx, o, Handshake{
		Action: ActionTransfer, State: HandshakeOpen, PartyType: in.PartyType, PartyID: in.PartyID,
		Recipient: source.ID, Notes: in.Notes,
	}, life)
	if err != nil {
		return Handshake{}, err
	}
	t := Transfer{
		Type: in.Type, Status: TransferRequested, HandshakeID: h.ID, StartAt: in.StartAt.UTC(), SettledAt: h.ExpiresAt,
		Target: Participant{OrganizationID: o.ID, AccountID: o.ManagementAccountID, Email: h.ManagementEmail, Name: in.Name},
		Source: Participant{OrganizationID: source.OrganizationID, AccountID: source.ID, Email: source.Email},
	}
	if t.ID, err = newTransferID(tx); err != nil {
		return Handshake{}, err
	}
	if err := tx.InsertOrgTransfer(t); err != nil {
		return Handshake{}, err
	}
	h.Transfer = &t
	// The tags wait under the handshake's id.
	return h, putTags(tx, o, h.ID, in.Tags)
}

func newTransferID(tx Tx) (string, error) {
	return unusedID(prefixed(tx, "rt-", base36, transferIDLength), func(id string) (bool, error) {
		_, found, err := tx.OrgTransfer(id)
		return found, err
	})
}

// checkStart checks when a transfer is to begin: at the beginning of a month, late enough
// for the invitation to be accepted before, and not too late.
func checkStart(start, now time.Time) error {
	start = start.UTC()
	switch day := start.Truncate(24 * time.Hour); {
	case !start.Equal(day):
		return errInput(ReasonStartNotBeginningOfDay, "You provided an invalid start date. The start date must be the beginning of the day (00:00:00.000).")
	case start.Day() != 1:
		return errInput(ReasonStartNotBeginningOfMonth, "You provided an invalid start date. The start date must be the first day of the month.")
	case !start.Add(-transferNotice).After(now):
		return errInput(ReasonStartTooEarly, "You provided an invalid start date. The start date is too early.")
	case start.After(now.AddDate(0, transferMonths, 0)):
		return errInput(ReasonStartTooLate, "You provided an invalid start date. The start date is too late.")
	}
	return nil
}

// transferSource returns the account that an invitation is for, the management account of
// another organization: invitations are between such accounts only.
func transferSource(tx Tx, o Organization, in TransferInvitation) (Account, error) {
	var (
		a     Account
		found bool
		err   error
	)
	switch {
	case in.PartyType == PartyAccount && !validAccountID(in.PartyID):
		return Account{}, errInput(ReasonInvalidPattern, "You provided a value that does not match the required pattern.")
	case in.PartyType == PartyAccount:
		a, found, err = tx.OrgAccount(in.PartyID)
	case in.PartyType == PartyEmail && !validEmail(in.PartyID):
		return Account{}, errInput(ReasonInvalidEmailTarget, "You specified an invalid email address for the invited account owner.")
	case in.PartyType == PartyEmail:
		a, found, err = tx.OrgAccountByEmail(in.PartyID)
	default:
		return Account{}, errInput(ReasonInvalidPartyType, "You specified the wrong type of entity (account, organization, or email) as a party.")
	}
	if err != nil {
		return Account{}, err
	}
	if found && a.ID == o.ManagementAccountID {
		return Account{}, errSourceIsTarget()
	}
	var theirs Organization
	if found && a.OrganizationID != "" {
		if theirs, _, err = tx.Organization(a.OrganizationID); err != nil {
			return Account{}, err
		}
	}
	if a.ID == "" || theirs.ManagementAccountID != a.ID {
		return Account{}, errInput(ReasonTargetNotSupported,
			"You can't perform the specified operation on that target entity: it is not the management account of an organization.")
	}
	return a, nil
}

func errSourceIsTarget() *Error {
	return errHandshakeConstraint(ReasonSourceIsTarget,
		"An account can't accept a transfer invitation if it is both the sender and recipient of the invitation.")
}

// checkTransferInvitation checks what is against one more invitation to the account.
func checkTransferInvitation(tx Tx, o Organization, source Account, start time.Time) error {
	same, err := tx.CountOrgHandshakes(HandshakeQuery{
		OrganizationID: o.ID, Recipients: []string{source.ID}, Action: ActionTransfer, States: openStates, EndsAfter: tx.Now(),
	})
	if err != nil {
		return err
	}
	if same > 0 {
		return errorf(CodeDuplicateHandshake, "", "A handshake with the same action and target already exists.")
	}
	have, found, err := outbound(tx, source.OrganizationID, start)
	if err != nil {
		return err
	}
	if found && have.Target.OrganizationID == o.ID {
		return errHandshakeConstraint(ReasonTransferExists, "You cannot perform this operation with the current transfer.")
	}
	inbound, err := tx.CountOrgTransfers(o.ID, Inbound, tx.Now(), true)
	if err != nil {
		return err
	}
	most, err := limit(tx, o, QuotaInboundTransfers)
	if err != nil {
		return err
	}
	if inbound >= most {
		return errConstraint(ReasonMaxInbound, "You have exceeded your inbound transfers limit.")
	}
	return nil
}

// acceptTransfer makes a transfer of an invitation that the account has received.
func acceptTransfer(tx Tx, h Handshake, a Account) error {
	t, found, err := tx.OrgTransferByHandshake(h.ID)
	if err != nil || !found {
		return orElse(err, errHandshakeNotFound())
	}
	if a.OrganizationID == "" {
		return errNotInOrganization()
	}
	o, found, err := tx.Organization(a.OrganizationID)
	switch {
	case err != nil:
		return err
	case !found || o.ManagementAccountID != a.ID:
		return errAccessDenied()
	case !o.AllFeatures():
		return errAllFeatures()
	}
	t.Source.OrganizationID = o.ID
	if err := checkChain(tx, t); err != nil {
		return err
	}
	tags, err := tx.OrgTags(t.Target.OrganizationID, h.ID)
	if err != nil {
		return err
	}
	t.Status, t.SettledAt = TransferAccepted, tx.Now()
	if err := tx.UpdateOrgTransfer(t); err != nil {
		return err
	}
	return putTags(tx, Organization{ID: t.Target.OrganizationID}, t.ID, tags)
}

// checkChain checks what a new transfer does to the transfers that it is tied to.
func checkChain(tx Tx, t Transfer) error {
	_, found, err := outbound(tx, t.Source.OrganizationID, t.StartAt)
	if err != nil {
		return err
	}
	// Limit of QuotaOutboundTransfers is 1.
	if found {
		return errConstraint(ReasonMaxOutbound, "You have exceeded your outbound transfers limit.")
	}
	most := Limit(QuotaTransferLevels, tx.Now())
	top, above := t.Target.OrganizationID, 0
	for ; above <= most; above++ {
		if top == t.Source.OrganizationID {
			return errSourceIsTarget()
		}
		next, found, err := outbound(tx, top, t.StartAt)
		if err != nil {
			return err
		}
		if !found {
			break
		}
		top = next.Target.OrganizationID
	}
	below, err := depthBelow(tx, t.Source.OrganizationID, t.StartAt, most)
	if err != nil {
		return err
	}
	if above+1+below > most {
		return errConstraint(ReasonMaxTransferLevel, "You have exceeded the maximum length of your transfer chain.")
	}
	return checkChainSize(tx, top, t)
}

// inboundAfter returns the transfers by which the organization manages responsibilities after
// a time.
func inboundAfter(tx Tx, organizationID string, at time.Time) ([]Transfer, error) {
	const piece = 500
	var out []Transfer
	for after := ""; ; {
		some, err := tx.OrgTransfers(organizationID, Inbound, tx.Now(), after, piece)
		if err != nil {
			return nil, err
		}
		for _, t := range some {
			if after = t.ID; t.runsAfter(at) {
				out = append(out, t)
			}
		}
		if len(some) < piece {
			return out, nil
		}
	}
}

// depthBelow returns how many transfers follow each other below an organization, at most
// limit and one more.
func depthBelow(tx Tx, organizationID string, at time.Time, limit int) (int, error) {
	level := []string{organizationID}
	for depth := 0; depth <= limit; depth++ {
		var next []string
		for _, id := range level {
			inbound, err := inboundAfter(tx, id, at)
			if err != nil {
				return 0, err
			}
			for _, t := range inbound {
				next = append(next, t.Source.OrganizationID)
			}
		}
		if len(next) == 0 {
			return depth, nil
		}
		level = next
	}
	return limit + 1, nil
}

// checkChainSize counts the transfers of the whole chain below its top, with what the new
// one adds.
func checkChainSize(tx Tx, top string, t Transfer) error {
	most := Limit(QuotaChainTransfers, tx.Now())
	count := 1
	for level := []string{top, t.Source.OrganizationID}; len(level) > 0; level = level[1:] {
		inbound, err := inboundAfter(tx, level[0], t.StartAt)
		if err != nil {
			return err
		}
		if count += len(inbound); count > most {
			return errConstraint(ReasonMaxChainTransfers, "You have exceeded the maximum number of inbound transfers allowed in a transfer chain.")
		}
		for _, t := range inbound {
			level = append(level, t.Source.OrganizationID)
		}
	}
	return nil
}

// settleTransfer gives the transfer of an invitation that has ended without being accepted
// its last status.
func settleTransfer(tx Tx, h Handshake) error {
	t, found, err := tx.OrgTransferByHandshake(h.ID)
	if err != nil || !found || t.accepted() {
		return err
	}
	t.Status, t.SettledAt = h.State, h.EndsAt
	return tx.UpdateOrgTransfer(t)
}

// withTransfer adds the transfer that an invitation is about.
func withTransfer(tx Tx, h Handshake) (Handshake, error) {
	if h.Action != ActionTransfer {
		return h, nil
	}
	t, found, err := tx.OrgTransferByHandshake(h.ID)
	if found {
		h.Transfer = &t
	}
	return h, err
}
