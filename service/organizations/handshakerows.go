package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/iam/managed"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

func (s *Service) handshakeRows() []authz.Row {
	return []authz.Row{
		anywhere("ListHandshakesForAccount"),
		anywhere("ListHandshakesForOrganization"),
		anywhere("EnableAllFeatures"),
		rowWithTags(s, "InviteAccountToOrganization", func(b *checks, in *organizationsapi.InviteAccountToOrganizationInput) {
			b.requestTags(in.Tags)
			// An account that is named by its address has no ARN that a policy could mean.
			target := "*"
			if smithy.Value(in.Target).Type != nil && *in.Target.Type == org.PartyAccount {
				target = b.arn("account", smithy.Value(in.Target.Id))
			}
			b.resource(target, "")
			b.tagging(in.Tags, target)
		}),
		s.acceptRow(),
		row(s, "DeclineHandshake", func(b *checks, in *organizationsapi.DeclineHandshakeInput) { b.handshake(in.HandshakeId) }),
		row(s, "CancelHandshake", func(b *checks, in *organizationsapi.CancelHandshakeInput) { b.handshake(in.HandshakeId) }),
		s.describeRow(),
	}
}

// acceptRow asks for iam:CreateServiceLinkedRole besides where accepting makes the role of
// Organizations (API reference, AcceptHandshake), and a member that an invitation takes out of its organization for
// organizations:LeaveOrganization: an organization that denies its members to leave must not
// lose them to an invitation.
func (s *Service) acceptRow() authz.Row {
	leave := action("LeaveOrganization")
	r := row(s, "AcceptHandshake", func(b *checks, in *organizationsapi.AcceptHandshakeInput) {
		h, found := b.handshake(in.HandshakeId)
		if found && h.Action == org.ActionInvite && !b.standalone() && h.OrganizationID != b.call.Membership.OrganizationID {
			b.add(leave, "*", b.keys)
		}
		if found {
			b.linkedRole()
		}
	})
	r.Actions = append(r.Actions, leave, createLinkedRole)
	return r
}

// describeRow heeds the delegation of the organization where the caller has no part in the
// handshake but administers a service for the organization that has sent it.
func (s *Service) describeRow() authz.Row {
	const operation = "DescribeHandshake"
	return authz.Row{
		Operation: operation, Actions: []string{action(operation)},
		Checks: authz.For(func(ctx context.Context, c *authz.Call, in *organizationsapi.DescribeHandshakeInput) ([]authz.Check, error) {
			var sent bool
			list, err := s.collect(ctx, c, operation, func(b *checks) {
				var h org.Handshake
				if h, sent = b.sentHandshake(in.HandshakeId); sent {
					b.add(b.action, h.ARN(), b.keys)
					return
				}
				b.handshake(in.HandshakeId)
			})
			if err != nil || !sent {
				return list, err
			}
			return s.heedDelegation(ctx, c, list, true)
		}),
	}
}

// sentHandshake returns a handshake that the caller has no part in and can read as a
// delegated administrator.
func (b *checks) sentHandshake(id *string) (h org.Handshake, found bool) {
	account := b.call.Caller.AccountID
	_, own, err := org.HandshakeOf(b.ctx, b.tx, account, smithy.Value(id))
	if b.err = err; err != nil || own {
		return h, false
	}
	h, found, b.err = org.SentHandshake(b.ctx, b.tx, account, smithy.Value(id))
	return h, found
}

// handshake adds the check of a handshake, which may be another organization's. One that
// the caller has no part in is asked for as anything, and is then not found.
func (b *checks) handshake(id *string) (org.Handshake, bool) {
	var h org.Handshake
	var found bool
	if b.err == nil {
		h, found, b.err = org.HandshakeOf(b.ctx, b.tx, b.call.Caller.AccountID, smithy.Value(id))
	}
	if !found {
		b.add(b.action, "*", b.keys)
		return h, false
	}
	b.add(b.action, h.ARN(), b.keys)
	return h, true
}

// Denied is the error that takes the place of AccessDenied where a caller may do what it
// asks for and not make the service-linked role that goes with it; nil for other actions
// (API reference, AccessDeniedForDependencyException).
func Denied(action string) smithy.ModeledError {
	if action != createLinkedRole {
		return nil
	}
	return &organizationsapi.AccessDeniedForDependencyException{
		Message: smithy.Ptr("The request failed because your credentials do not have permission to create the service-linked role required by AWS Organizations."),
		Reason:  smithy.Ptr(organizationsapi.AccessDeniedForDependencyExceptionReasonAccessDeniedDuringCreateServiceLinkedRole),
	}
}

// createLinkedRole is the action of making a service-linked role, keyLinkedService its
// condition key for the service.
const (
	createLinkedRole = "iam:CreateServiceLinkedRole"
	keyLinkedService = "iam:AWSServiceName"
)

// linkedRole adds the check for making the role of Organizations in the caller's account,
// if it is not there yet.
func (b *checks) linkedRole() {
	linked, known := managed.ServiceLinkedRoleFor(eventSource)
	if !known || b.err != nil {
		return
	}
	account := b.call.Caller.AccountID
	_, there, err := iam.RoleByName(b.ctx, b.tx, account, linked.RoleName)
	if b.err = err; err != nil || there {
		return
	}
	role := arn.ARN{Partition: "aws", Service: "iam", AccountID: account, Resource: "role" + linked.Path() + linked.RoleName}
	keys := policy.Keys{}
	keys.Set(keyLinkedService, eventSource)
	b.add(createLinkedRole, role.String(), keys)
}
