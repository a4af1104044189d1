package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// InviteOrganizationToTransferResponsibility implements [organizationsapi.Service].
func (s *Service) InviteOrganizationToTransferResponsibility(ctx context.Context, in *organizationsapi.InviteOrganizationToTransferResponsibilityInput) (*organizationsapi.InviteOrganizationToTransferResponsibilityOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.InviteOrganizationToTransferResponsibilityOutput, error) {
		h, err := org.InviteOrganizationToTransferResponsibility(ctx, tx, o, org.TransferInvitation{
			Type: *in.Type, PartyType: *in.Target.Type, PartyID: *in.Target.Id, Name: *in.SourceName,
			Notes: smithy.Value(in.Notes), StartAt: *in.StartTimestamp, Tags: unpackTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		return &organizationsapi.InviteOrganizationToTransferResponsibilityOutput{Handshake: packHandshake(h)}, nil
	})
}

// DescribeResponsibilityTransfer implements [organizationsapi.Service].
func (s *Service) DescribeResponsibilityTransfer(ctx context.Context, in *organizationsapi.DescribeResponsibilityTransferInput) (*organizationsapi.DescribeResponsibilityTransferOutput, error) {
	return read(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.DescribeResponsibilityTransferOutput, error) {
		t, err := org.DescribeResponsibilityTransfer(ctx, tx, o, *in.Id)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribeResponsibilityTransferOutput{ResponsibilityTransfer: packTransfer(t)}, nil
	})
}

// ListInboundResponsibilityTransfers implements [organizationsapi.Service].
func (s *Service) ListInboundResponsibilityTransfers(ctx context.Context, in *organizationsapi.ListInboundResponsibilityTransfersInput) (*organizationsapi.ListInboundResponsibilityTransfersOutput, error) {
	through := smithy.Value(in.Id)
	list := "ListInboundResponsibilityTransfers " + through
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListInboundResponsibilityTransfersOutput, error) {
		transfers, next, err := org.ListInboundResponsibilityTransfers(ctx, tx, o, through, p)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListInboundResponsibilityTransfersOutput{
			ResponsibilityTransfers: packTransfers(transfers), NextToken: nextToken(list, next),
		}, nil
	})
}

// ListOutboundResponsibilityTransfers implements [organizationsapi.Service].
func (s *Service) ListOutboundResponsibilityTransfers(ctx context.Context, in *organizationsapi.ListOutboundResponsibilityTransfersInput) (*organizationsapi.ListOutboundResponsibilityTransfersOutput, error) {
	const list = "ListOutboundResponsibilityTransfers"
	p, err := page(list, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListOutboundResponsibilityTransfersOutput, error) {
		transfers, next, err := org.ListOutboundResponsibilityTransfers(ctx, tx, o, p)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListOutboundResponsibilityTransfersOutput{
			ResponsibilityTransfers: packTransfers(transfers), NextToken: nextToken(list, next),
		}, nil
	})
}

// UpdateResponsibilityTransfer implements [organizationsapi.Service].
func (s *Service) UpdateResponsibilityTransfer(ctx context.Context, in *organizationsapi.UpdateResponsibilityTransferInput) (*organizationsapi.UpdateResponsibilityTransferOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.UpdateResponsibilityTransferOutput, error) {
		t, err := org.UpdateResponsibilityTransfer(ctx, tx, o, *in.Id, *in.Name)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.UpdateResponsibilityTransferOutput{ResponsibilityTransfer: packTransfer(t)}, nil
	})
}

// TerminateResponsibilityTransfer implements [organizationsapi.Service]. The other side
// finds the call in its own log too.
func (s *Service) TerminateResponsibilityTransfer(ctx context.Context, in *organizationsapi.TerminateResponsibilityTransferInput) (*organizationsapi.TerminateResponsibilityTransferOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.TerminateResponsibilityTransferOutput, error) {
		t, err := org.TerminateResponsibilityTransfer(ctx, tx, o, *in.Id, in.EndTimestamp)
		if err != nil {
			return nil, err
		}
		other, direction := t.Target, org.Inbound
		if t.Direction == org.Inbound {
			other, direction = t.Source, org.Outbound
		}
		audit.FromContext(ctx).Touch(audit.Resource{
			ARN:  org.TransferARN(other.AccountID, other.OrganizationID, t.Type, direction, t.ID),
			Type: "AWS::Organizations::ResponsibilityTransfer", AccountID: other.AccountID,
		})
		return &organizationsapi.TerminateResponsibilityTransferOutput{ResponsibilityTransfer: packTransfer(t)}, appendTransfer(ctx, tx, transferTerminated, t.Transfer)
	})
}

// The events that tell everybody concerned of a transfer (API reference, AcceptHandshake and
// TerminateResponsibilityTransfer).
const (
	transferAccepted   = "ResponsibilityTransferAccepted"
	transferTerminated = "ResponsibilityTransferTerminated"
)

// transferChange is the body of those events. The members are those of the API's type
// ResponsibilityTransfer that are the same for everybody.
type transferChange struct {
	ID             string           `json:"id"`
	Type           string           `json:"type"`
	Status         string           `json:"status"`
	Source         transferSideName `json:"source"`
	Target         transferSideName `json:"target"`
	StartTimestamp string           `json:"startTimestamp"`
	EndTimestamp   string           `json:"endTimestamp,omitempty"`
}

type transferSideName struct {
	ManagementAccountID string `json:"managementAccountId"`
}

// appendTransfer writes the event of a transfer's new status for its two sides and for those
// to which it comes through others.
func appendTransfer(ctx context.Context, tx *store.Tx, name string, t org.Transfer) error {
	audience, err := org.TransferAudience(ctx, tx, t)
	if err != nil {
		return err
	}
	body := transferChange{
		ID: t.ID, Type: t.Type, Status: t.Status, StartTimestamp: t.StartAt.UTC().Format(eventTime),
		Source: transferSideName{t.Source.AccountID}, Target: transferSideName{t.Target.AccountID},
	}
	if t.EndAt != nil {
		body.EndTimestamp = t.EndAt.UTC().Format(eventTime)
	}
	for _, accountID := range audience {
		if err := appendServiceEventFor(tx, accountID, name, body); err != nil {
			return err
		}
	}
	return nil
}

// appendAcceptedTransfer writes the event of the transfer that the caller has just accepted.
func appendAcceptedTransfer(ctx context.Context, tx *store.Tx, h org.Handshake) error {
	o, err := org.AsManagement(ctx, tx, caller(ctx))
	if err != nil {
		return err
	}
	t, err := org.DescribeResponsibilityTransfer(ctx, tx, o, h.Transfer.ID)
	if err != nil {
		return err
	}
	return appendTransfer(ctx, tx, transferAccepted, t.Transfer)
}

func packTransfers(transfers []org.TransferView) []organizationsapi.ResponsibilityTransfer {
	out := make([]organizationsapi.ResponsibilityTransfer, 0, len(transfers))
	for _, t := range transfers {
		out = append(out, *packTransfer(t))
	}
	return out
}

func packTransfer(t org.TransferView) *organizationsapi.ResponsibilityTransfer {
	return &organizationsapi.ResponsibilityTransfer{
		Id: &t.ID, Arn: &t.ARN, Name: smithy.PtrTo(t.Name), Type: &t.Type, Status: &t.Status,
		Source: packParticipant(t.Source), Target: packParticipant(t.Target),
		StartTimestamp: &t.StartAt, EndTimestamp: t.EndAt, ActiveHandshakeId: &t.HandshakeID,
	}
}

func packParticipant(p org.Participant) *organizationsapi.TransferParticipant {
	return &organizationsapi.TransferParticipant{ManagementAccountId: &p.AccountID, ManagementAccountEmail: &p.Email}
}

// The condition keys of transfers.
const (
	keyTransferType      = "organizations:TransferType"
	keyTransferDirection = "organizations:TransferDirection"
)

func (s *Service) transferRows() []authz.Row {
	return []authz.Row{
		rowWithTags(s, "InviteOrganizationToTransferResponsibility", func(b *checks, in *organizationsapi.InviteOrganizationToTransferResponsibilityInput) {
			b.requestTags(in.Tags)
			b.transferKeys(smithy.Value(in.Type), org.Inbound)
			target := "*"
			if smithy.Value(in.Target).Type != nil && *in.Target.Type == org.PartyAccount {
				target = b.arn("account", smithy.Value(in.Target.Id))
			}
			b.add(b.action, target, b.keys)
			b.tagging(in.Tags, b.transferARN(smithy.Value(in.Type), org.Inbound, "*"))
		}),
		row(s, "ListInboundResponsibilityTransfers", func(b *checks, in *organizationsapi.ListInboundResponsibilityTransfersInput) {
			b.transferKeys(smithy.Value(in.Type), org.Inbound)
			b.anywhere()
		}),
		row(s, "ListOutboundResponsibilityTransfers", func(b *checks, in *organizationsapi.ListOutboundResponsibilityTransfersInput) {
			b.transferKeys(smithy.Value(in.Type), org.Outbound)
			b.anywhere()
		}),
		row(s, "DescribeResponsibilityTransfer", func(b *checks, in *organizationsapi.DescribeResponsibilityTransferInput) { b.transfer(in.Id) }),
		row(s, "UpdateResponsibilityTransfer", func(b *checks, in *organizationsapi.UpdateResponsibilityTransferInput) { b.transfer(in.Id) }),
		row(s, "TerminateResponsibilityTransfer", func(b *checks, in *organizationsapi.TerminateResponsibilityTransferInput) { b.transfer(in.Id) }),
	}
}

func (b *checks) transferKeys(transferType, direction string) {
	b.keys.Set(keyTransferType, transferType)
	b.keys.Set(keyTransferDirection, direction)
}

func (b *checks) transferARN(transferType, direction, id string) string {
	if b.standalone() {
		return "*"
	}
	return org.TransferARN(b.call.Membership.ManagementAccountID, b.call.Membership.OrganizationID, transferType, direction, id)
}

// transfer adds the check of a transfer. One that the organization has no part in is asked
// for as an inbound one: the answer must not tell whether it exists.
func (b *checks) transfer(id *string) {
	name := smithy.Value(id)
	transferType, direction := org.TransferBilling, org.Inbound
	if m := b.call.Membership; !b.standalone() && b.err == nil {
		o := org.Organization{ID: m.OrganizationID, ManagementAccountID: m.ManagementAccountID}
		t, found, err := org.TransferOf(b.ctx, b.tx, o, name)
		if b.err = err; found {
			transferType, direction = t.Type, t.Direction
		}
	}
	arn := b.transferARN(transferType, direction, name)
	b.transferKeys(transferType, direction)
	b.resource(arn, name)
}
