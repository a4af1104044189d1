package org

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// TransferBilling is the only type of responsibility that AWS transfers.
const TransferBilling = "BILLING"

// The statuses of a transfer (API reference, ResponsibilityTransfer). Until it is accepted
// they are those of its invitation.
const (
	TransferRequested = "REQUESTED"
	TransferDeclined  = "DECLINED"
	TransferCanceled  = "CANCELED"
	TransferExpired   = "EXPIRED"
	TransferAccepted  = "ACCEPTED"
	TransferWithdrawn = "WITHDRAWN"
)

// The directions of a transfer as an organization sees it: inbound if it manages the
// responsibility for the other one.
const (
	Inbound  = "inbound"
	Outbound = "outbound"
)

// Participant is one side of a transfer.
type Participant struct {
	OrganizationID string
	// AccountID and Email are of the management account; Email is read only.
	AccountID, Email string
	// Name is what this side calls the transfer; empty if it gave no name.
	Name string
}

// Transfer is the arrangement that one organization's management account manages a
// responsibility for another organization, or the invitation to it (Billing user guide,
// "Transfer billing management to external accounts").
type Transfer struct {
	// ID is "rt-" and 32 lower-case letters or digits.
	ID string
	// Type is TransferBilling.
	Type string
	// Status is a Transfer constant.
	Status string
	// HandshakeID is the invitation.
	HandshakeID string
	// Source lets Target manage the responsibility. Target has sent the invitation.
	Source, Target Participant
	// StartAt is the beginning of a month, in UTC; EndAt the end of one, or nil while no end
	// is set.
	StartAt time.Time
	EndAt   *time.Time
	// SettledAt is when the status began; of an invitation that waits, when it expires.
	SettledAt time.Time
}

// TransferStore keeps transfers as they were last written: that an invitation has expired
// is a matter of time.
type TransferStore interface {
	OrgTransfer(id string) (Transfer, bool, error)
	OrgTransferByHandshake(handshakeID string) (Transfer, bool, error)
	InsertOrgTransfer(t Transfer) error
	// UpdateOrgTransfer writes everything but id, type and handshake.
	UpdateOrgTransfer(t Transfer) error
	DeleteOrgTransfer(id string) error
	// OrgTransfers returns the transfers in a direction of the organization in ascending order of id,
	// those after the given id that were settled after the given time or ever accepted, at most limit.
	OrgTransfers(organizationID, direction string, settledAfter time.Time, after string, limit int) ([]Transfer, error)
	// CountOrgTransfers counts those in a direction that are accepted or withdrawn and have
	// not ended at a time, and, if invited, the invitations that have not expired then.
	CountOrgTransfers(organizationID, direction string, at time.Time, invited bool) (int, error)
}

// at returns the transfer with the status that it has at a time.
func (t Transfer) at(now time.Time) Transfer {
	if t.Status == TransferRequested && !t.SettledAt.After(now) {
		t.Status = TransferExpired
	}
	return t
}

// accepted reports whether the invitation was accepted once.
func (t Transfer) accepted() bool {
	return t.Status == TransferAccepted || t.Status == TransferWithdrawn
}

// runsAfter reports whether the responsibility is transferred, now or later, after a time.
func (t Transfer) runsAfter(at time.Time) bool {
	return t.accepted() && (t.EndAt == nil || t.EndAt.After(at))
}

// seen reports whether the transfer can still be seen: invitations that came to nothing go
// with their handshakes.
func (t Transfer) seen(now time.Time) bool {
	return t.accepted() || t.SettledAt.Add(keepEnded).After(now)
}

// TransferView is a transfer as an organization sees it.
type TransferView struct {
	Transfer
	// Direction is Inbound or Outbound.
	Direction string
	// Name is what the organization calls the transfer.
	Name string
	ARN  string
}

// view returns the transfer as the organization sees it. One that comes to the organization
// through another one has the name that the organization between gave it.
func (o Organization) view(t Transfer, now time.Time) TransferView {
	v := TransferView{Transfer: t.at(now), Direction: Inbound, Name: t.Target.Name}
	if t.Source.OrganizationID == o.ID {
		v.Direction, v.Name = Outbound, t.Source.Name
	}
	v.ARN = o.TransferARN(t.Type, v.Direction, t.ID)
	return v
}

// TransferARN returns the ARN of a transfer as this organization sees it.
func (o Organization) TransferARN(transferType, direction, id string) string {
	return TransferARN(o.ManagementAccountID, o.ID, transferType, direction, id)
}

// TransferARN returns the ARN of a transfer as an organization sees it.
func TransferARN(managementAccountID, organizationID, transferType, direction, id string) string {
	return resourceARN(managementAccountID, "transfer/"+organizationID+"/"+strings.ToLower(transferType)+"/"+direction+"/"+id)
}

func errTransferNotFound() *Error {
	return errorf(CodeTransferNotFound, "", "We can't find a transfer that you specified.")
}

// transferOf returns a transfer that the organization takes part in, or that comes to it
// through others. It fails with CodeTransferNotFound.
func transferOf(tx Tx, o Organization, id string) (TransferView, error) {
	t, found, err := tx.OrgTransfer(id)
	if err != nil {
		return TransferView{}, err
	}
	if !found || !t.seen(tx.Now()) {
		return TransferView{}, errTransferNotFound()
	}
	if t.Source.OrganizationID == o.ID || t.Target.OrganizationID == o.ID {
		return o.view(t, tx.Now()), nil
	}
	// An invitation between others is theirs alone, until it is accepted.
	inherits := false
	if t.accepted() {
		inherits, err = inheritedBy(tx, o, t)
	}
	if err == nil && !inherits {
		err = errTransferNotFound()
	}
	return o.view(t, tx.Now()), err
}

// inheritedBy reports whether what the target of a transfer manages is managed, through
// further transfers, by the organization (Billing user guide, "Responding to invitations":
// transfers are inherited).
func inheritedBy(tx Tx, o Organization, t Transfer) (bool, error) {
	at := t.Target.OrganizationID
	for range Limit(QuotaTransferLevels, tx.Now()) {
		above, found, err := outbound(tx, at, tx.Now())
		if err != nil || !found {
			return false, err
		}
		if at = above.Target.OrganizationID; at == o.ID {
			return true, nil
		}
	}
	return false, nil
}

// outbound returns the transfer by which a responsibility of the organization is managed by
// another one after a time.
func outbound(tx Tx, organizationID string, at time.Time) (Transfer, bool, error) {
	// Only those that came to nothing and those of the past stand before the one.
	const piece = 100
	for after := ""; ; {
		some, err := tx.OrgTransfers(organizationID, Outbound, tx.Now().Add(-keepEnded), after, piece)
		if err != nil {
			return Transfer{}, false, err
		}
		for _, t := range some {
			if after = t.ID; t.runsAfter(at) {
				return t, true, nil
			}
		}
		if len(some) < piece {
			return Transfer{}, false, nil
		}
	}
}

// DescribeResponsibilityTransfer returns a transfer of the organization. It fails with
// CodeTransferNotFound.
func DescribeResponsibilityTransfer(_ context.Context, tx Tx, o Organization, id string) (TransferView, error) {
	return transferOf(tx, o, id)
}

// ListInboundResponsibilityTransfers returns the transfers and invitations by which the
// organization manages a responsibility for others, in ascending order of id. With the id of
// one of them the list has those that come through it: the inbound transfers of its source.
// (The API reference says of the parameter only that it is a transfer's id.) Invitations that
// the source has sent are not among these, so that a page may have fewer. It fails with
// CodeTransferNotFound.
func ListInboundResponsibilityTransfers(_ context.Context, tx Tx, o Organization, through string, p Page) ([]TransferView, string, error) {
	if through == "" {
		return listTransfers(tx, o, o.ID, Inbound, p)
	}
	t, err := transferOf(tx, o, through)
	if err != nil {
		return nil, "", err
	}
	if t.Direction != Inbound || !t.runsAfter(tx.Now()) {
		return []TransferView{}, "", nil
	}
	views, next, err := listTransfers(tx, o, t.Source.OrganizationID, Inbound, p)
	return slices.DeleteFunc(views, func(v TransferView) bool { return !v.accepted() }), next, err
}

// ListOutboundResponsibilityTransfers returns the transfers and invitations by which others
// manage a responsibility for the organization, in ascending order of id.
func ListOutboundResponsibilityTransfers(_ context.Context, tx Tx, o Organization, p Page) ([]TransferView, string, error) {
	return listTransfers(tx, o, o.ID, Outbound, p)
}

func listTransfers(tx Tx, o Organization, ofID, direction string, p Page) ([]TransferView, string, error) {
	if err := o.needAllFeatures(); err != nil {
		return nil, "", err
	}
	all, err := tx.OrgTransfers(ofID, direction, tx.Now().Add(-keepEnded), p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, p, func(t Transfer) string { return t.ID })
	views := make([]TransferView, len(page))
	for i, t := range page {
		views[i] = o.view(t, tx.Now())
	}
	return views, next, nil
}

// UpdateResponsibilityTransfer gives a transfer another name. Each side has a name of its own
// for it, which the other does not see (Billing user guide, "Updating transfers"). It fails
// with CodeTransferNotFound.
func UpdateResponsibilityTransfer(_ context.Context, tx Tx, o Organization, id, name string) (TransferView, error) {
	t, err := ownTransfer(tx, o, id)
	if err != nil {
		return TransferView{}, err
	}
	if t.Source.OrganizationID == o.ID {
		t.Source.Name = name
	} else {
		t.Target.Name = name
	}
	return o.view(t, tx.Now()), tx.UpdateOrgTransfer(t)
}

// ownTransfer returns a transfer that the organization is a side of. It fails with
// CodeTransferNotFound, CodeInvalidInput or CodeConstraintViolation.
func ownTransfer(tx Tx, o Organization, id string) (Transfer, error) {
	if err := o.needAllFeatures(); err != nil {
		return Transfer{}, err
	}
	v, err := transferOf(tx, o, id)
	if err != nil {
		return Transfer{}, err
	}
	t := v.Transfer
	if t.Source.OrganizationID != o.ID && t.Target.OrganizationID != o.ID {
		return Transfer{}, errInput(ReasonTransferAction, "You provided a value that is not supported by this operation.")
	}
	// What is written back is the stored status.
	stored, _, err := tx.OrgTransfer(id)
	return stored, err
}

// TerminateResponsibilityTransfer withdraws a transfer, which either side may do; it goes on
// until its end, the end of a month (Billing user guide, "Withdrawing transfers"). Without an
// end it is that of the current month. It fails with CodeTransferNotFound, CodeInvalidInput,
// CodeTransferAlreadyInStatus or CodeInvalidTransferTransition.
func TerminateResponsibilityTransfer(_ context.Context, tx Tx, o Organization, id string, end *time.Time) (TransferView, error) {
	t, err := ownTransfer(tx, o, id)
	if err != nil {
		return TransferView{}, err
	}
	switch {
	case t.Status == TransferWithdrawn:
		return TransferView{}, errorf(CodeTransferAlreadyInStatus, "", "The responsibility transfer is already in the status that you specified.")
	case t.Status != TransferAccepted:
		return TransferView{}, errorf(CodeInvalidTransferTransition, "",
			"The responsibility transfer can't transition to the requested state because it's not in a valid state for this operation.")
	}
	at := endOfMonth(tx.Now())
	if end != nil {
		at = end.UTC()
	}
	switch {
	// Clients that send whole seconds mean the last moment of the last one.
	case !at.Truncate(time.Second).Equal(endOfMonth(at).Truncate(time.Second)):
		return TransferView{}, errInput(ReasonEndNotEndOfMonth,
			"You provided an invalid end date. The end date must be the end of the last day of the month (23.59.59.999).")
	case !at.After(tx.Now()):
		return TransferView{}, errInput(ReasonEndTooEarly, "You provided an invalid end date. It is too early for the transfer to end.")
	}
	t.Status, t.EndAt, t.SettledAt = TransferWithdrawn, &at, tx.Now()
	return o.view(t, tx.Now()), tx.UpdateOrgTransfer(t)
}

// endOfMonth returns the last millisecond of a time's month.
func endOfMonth(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond)
}

// transferring reports whether the organization has a transfer or an invitation of its own
// under way.
func transferring(tx Tx, o Organization) (bool, error) {
	in, err := tx.CountOrgTransfers(o.ID, Inbound, tx.Now(), true)
	if err != nil || in > 0 {
		return in > 0, err
	}
	out, err := tx.CountOrgTransfers(o.ID, Outbound, tx.Now(), false)
	return out > 0, err
}

// TransferAudience returns the management accounts that a transfer concerns: its two sides, and
// those to which it comes through further transfers of its target.
func TransferAudience(_ context.Context, tx Tx, t Transfer) ([]string, error) {
	accounts, at := []string{t.Source.AccountID, t.Target.AccountID}, t.Target.OrganizationID
	for range Limit(QuotaTransferLevels, tx.Now()) {
		above, found, err := outbound(tx, at, tx.Now())
		if err != nil || !found {
			return accounts, err
		}
		accounts, at = append(accounts, above.Target.AccountID), above.Target.OrganizationID
	}
	return accounts, nil
}

// TransferOf returns a transfer that an organization can see, for decisions.
func TransferOf(_ context.Context, tx Tx, o Organization, id string) (TransferView, bool, error) {
	v, err := transferOf(tx, o, id)
	if rule := (*Error)(nil); errors.As(err, &rule) {
		return TransferView{}, false, nil
	}
	return v, err == nil, err
}
