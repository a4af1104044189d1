package organizations

import (
	"context"
	"errors"
	"strings"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// InviteAccountToOrganization implements [organizationsapi.Service]. AWS tells the
// recipient by mail; here the recipient asks with ListHandshakesForAccount.
func (s *Service) InviteAccountToOrganization(ctx context.Context, in *organizationsapi.InviteAccountToOrganizationInput) (*organizationsapi.InviteAccountToOrganizationOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.InviteAccountToOrganizationOutput, error) {
		h, err := org.InviteAccountToOrganization(ctx, tx, o, s.Settings, org.Invitation{
			PartyType: *in.Target.Type, PartyID: *in.Target.Id, Notes: smithy.Value(in.Notes), Tags: unpackTags(in.Tags),
		})
		if err != nil {
			return nil, err
		}
		return &organizationsapi.InviteAccountToOrganizationOutput{Handshake: packHandshake(h)}, nil
	})
}

// AcceptHandshake implements [organizationsapi.Service]. The organizations that the account
// joins and leaves find the call, and the event of the change, in their own logs.
func (s *Service) AcceptHandshake(ctx context.Context, in *organizationsapi.AcceptHandshakeInput) (*organizationsapi.AcceptHandshakeOutput, error) {
	out, err := store.Write(ctx, s.DB, func(tx *store.Tx) (*organizationsapi.AcceptHandshakeOutput, error) {
		h, joined, err := org.AcceptHandshake(ctx, tx, s.Settings, caller(ctx), *in.HandshakeId)
		if err != nil {
			return nil, err
		}
		touchHandshake(ctx, h)
		if err := linkRole(ctx, tx, caller(ctx)); err != nil {
			return nil, err
		}
		if joined.From.ID != "" {
			if err := appendDeparted(tx, joined.From, caller(ctx), departedLeft); err != nil {
				return nil, err
			}
		}
		if joined.To.ID != "" {
			if err := appendJoined(tx, joined.To, caller(ctx), org.JoinedInvited); err != nil {
				return nil, err
			}
		}
		if h.Action == org.ActionTransfer {
			if err := appendAcceptedTransfer(ctx, tx, h); err != nil {
				return nil, err
			}
		}
		return &organizationsapi.AcceptHandshakeOutput{Handshake: packHandshake(h)}, nil
	})
	return out, apiError(err)
}

// DeclineHandshake implements [organizationsapi.Service].
func (s *Service) DeclineHandshake(ctx context.Context, in *organizationsapi.DeclineHandshakeInput) (*organizationsapi.DeclineHandshakeOutput, error) {
	out, err := store.Write(ctx, s.DB, func(tx *store.Tx) (*organizationsapi.DeclineHandshakeOutput, error) {
		h, err := org.DeclineHandshake(ctx, tx, caller(ctx), *in.HandshakeId)
		if err != nil {
			return nil, err
		}
		touchHandshake(ctx, h)
		return &organizationsapi.DeclineHandshakeOutput{Handshake: packHandshake(h)}, nil
	})
	return out, apiError(err)
}

// CancelHandshake implements [organizationsapi.Service].
func (s *Service) CancelHandshake(ctx context.Context, in *organizationsapi.CancelHandshakeInput) (*organizationsapi.CancelHandshakeOutput, error) {
	out, err := store.Write(ctx, s.DB, func(tx *store.Tx) (*organizationsapi.CancelHandshakeOutput, error) {
		h, err := org.CancelHandshake(ctx, tx, caller(ctx), *in.HandshakeId)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.CancelHandshakeOutput{Handshake: packHandshake(h)}, nil
	})
	return out, apiError(err)
}

// DescribeHandshake implements [organizationsapi.Service]. Besides sender and recipient,
// those can see a handshake who find it with ListHandshakesForOrganization.
func (s *Service) DescribeHandshake(ctx context.Context, in *organizationsapi.DescribeHandshakeInput) (*organizationsapi.DescribeHandshakeOutput, error) {
	out, err := store.Read(ctx, s.DB, func(tx *store.Tx) (*organizationsapi.DescribeHandshakeOutput, error) {
		h, err := org.DescribeHandshake(ctx, tx, caller(ctx), *in.HandshakeId)
		if rule := (*org.Error)(nil); errors.As(err, &rule) {
			h, err = sentHandshake(ctx, tx, *in.HandshakeId, err)
		}
		if err != nil {
			return nil, err
		}
		return &organizationsapi.DescribeHandshakeOutput{Handshake: packHandshake(h)}, nil
	})
	return out, apiError(err)
}

// sentHandshake returns a handshake of the organization that the gate decided about for a
// delegated administrator. It fails with refusal for others.
func sentHandshake(ctx context.Context, tx *store.Tx, id string, refusal error) (org.Handshake, error) {
	h, found, err := org.SentHandshake(ctx, tx, caller(ctx), id)
	if noted := credential.Target(ctx); err == nil && (!found || noted != "" && noted != h.OrganizationID) {
		err = refusal
	}
	return h, err
}

// ListHandshakesForAccount implements [organizationsapi.Service].
func (s *Service) ListHandshakesForAccount(ctx context.Context, in *organizationsapi.ListHandshakesForAccountInput) (*organizationsapi.ListHandshakesForAccountOutput, error) {
	filter, list, p, err := handshakeList("ListHandshakesForAccount", in.Filter, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out, err := store.Read(ctx, s.DB, func(tx *store.Tx) (*organizationsapi.ListHandshakesForAccountOutput, error) {
		handshakes, next, err := org.ListHandshakesForAccount(ctx, tx, caller(ctx), filter, p)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListHandshakesForAccountOutput{
			Handshakes: packHandshakes(handshakes), NextToken: nextToken(list, next),
		}, nil
	})
	return out, apiError(err)
}

// ListHandshakesForOrganization implements [organizationsapi.Service].
func (s *Service) ListHandshakesForOrganization(ctx context.Context, in *organizationsapi.ListHandshakesForOrganizationInput) (*organizationsapi.ListHandshakesForOrganizationOutput, error) {
	filter, list, p, err := handshakeList("ListHandshakesForOrganization", in.Filter, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListHandshakesForOrganizationOutput, error) {
		handshakes, next, err := org.ListHandshakesForOrganization(ctx, tx, o, filter, p)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.ListHandshakesForOrganizationOutput{
			Handshakes: packHandshakes(handshakes), NextToken: nextToken(list, next),
		}, nil
	})
}

// EnableAllFeatures implements [organizationsapi.Service].
func (s *Service) EnableAllFeatures(ctx context.Context, _ *organizationsapi.EnableAllFeaturesInput) (*organizationsapi.EnableAllFeaturesOutput, error) {
	return write(ctx, s, org.AsManagement, func(tx *store.Tx, o org.Organization) (*organizationsapi.EnableAllFeaturesOutput, error) {
		h, err := org.EnableAllFeatures(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		return &organizationsapi.EnableAllFeaturesOutput{Handshake: packHandshake(h)}, nil
	})
}

// handshakeList unpacks what the two lists are given; list is the name for their tokens.
func handshakeList(operation string, in *organizationsapi.HandshakeFilter, token *string, maxResults *int32) (filter org.HandshakeQuery, list string, p org.Page, err error) {
	if in != nil {
		filter.Action, filter.ParentID = smithy.Value(in.ActionType), smithy.Value(in.ParentHandshakeId)
	}
	if filter.Action != "" && filter.ParentID != "" {
		return filter, "", p, invalidInput(organizationsapi.InvalidInputExceptionReasonMaxLimitExceededFilter,
			"You can specify only one filter parameter for the operation.")
	}
	list = strings.Join([]string{operation, filter.Action, filter.ParentID}, " ")
	p, err = page(list, token, maxResults)
	return filter, list, p, err
}

// touchHandshake lets the sender's account find the call of the recipient.
func touchHandshake(ctx context.Context, h org.Handshake) {
	audit.FromContext(ctx).Touch(audit.Resource{
		ARN: h.ARN(), Type: "AWS::Organizations::Handshake", AccountID: h.ManagementAccountID,
	})
}

func packHandshakes(handshakes []org.Handshake) []organizationsapi.Handshake {
	out := make([]organizationsapi.Handshake, 0, len(handshakes))
	for _, h := range handshakes {
		out = append(out, *packHandshake(h))
	}
	return out
}

// packHandshake lays a handshake out as the user guide's runs show it: the organization as
// a party, and a parent handshake, are named without the prefix of their ids. No run of a
// transfer's is shown there: its resources are nested in the same manner.
func packHandshake(h org.Handshake) *organizationsapi.Handshake {
	resource := func(kind, value string) organizationsapi.HandshakeResource {
		return organizationsapi.HandshakeResource{Type: &kind, Value: &value}
	}
	parties := []organizationsapi.HandshakeParty{{
		Id: smithy.Ptr(strings.TrimPrefix(h.OrganizationID, "o-")), Type: smithy.Ptr(organizationsapi.HandshakePartyTypeOrganization),
	}}
	sender := resource(organizationsapi.HandshakeResourceTypeOrganization, h.OrganizationID)
	if h.Action == org.ActionInvite {
		sender.Resources = []organizationsapi.HandshakeResource{
			resource(organizationsapi.HandshakeResourceTypeMasterEmail, h.ManagementEmail),
			resource(organizationsapi.HandshakeResourceTypeMasterName, h.ManagementName),
			resource(organizationsapi.HandshakeResourceTypeOrganizationFeatureSet, h.FeatureSet),
		}
	}
	if h.Action == org.ActionTransfer {
		sender.Resources = []organizationsapi.HandshakeResource{
			resource(organizationsapi.HandshakeResourceTypeManagementAccount, h.ManagementAccountID),
			resource(organizationsapi.HandshakeResourceTypeManagementEmail, h.ManagementEmail),
			resource(organizationsapi.HandshakeResourceTypeManagementName, h.ManagementName),
		}
	}
	var resources []organizationsapi.HandshakeResource
	if h.ParentID != "" {
		resources = append(resources, resource(organizationsapi.HandshakeResourceTypeParentHandshake, strings.TrimPrefix(h.ParentID, "h-")))
	}
	resources = append(resources, sender)
	if h.PartyType != "" {
		parties = append(parties, organizationsapi.HandshakeParty{Id: &h.PartyID, Type: &h.PartyType})
		// The types of parties are types of resources too.
		resources = append(resources, resource(h.PartyType, h.PartyID))
	}
	if t := h.Transfer; t != nil {
		transfer := resource(organizationsapi.HandshakeResourceTypeResponsibilityTransfer, t.ID)
		transfer.Resources = []organizationsapi.HandshakeResource{
			resource(organizationsapi.HandshakeResourceTypeTransferType, t.Type),
			resource(organizationsapi.HandshakeResourceTypeTransferStartTimestamp, t.StartAt.Format(time.RFC3339)),
		}
		resources = append(resources, transfer)
	}
	if h.Notes != "" {
		resources = append(resources, resource(organizationsapi.HandshakeResourceTypeNotes, h.Notes))
	}
	return &organizationsapi.Handshake{
		Id: &h.ID, Arn: smithy.Ptr(h.ARN()), Action: &h.Action, State: &h.State, Parties: parties, Resources: resources,
		RequestedTimestamp: &h.RequestedAt, ExpirationTimestamp: &h.ExpiresAt,
	}
}
