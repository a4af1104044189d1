package organizations

import (
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
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
		row(s, "DescribeHandshake", func(b *checks, in *organizationsapi.DescribeHandshakeInput) { b.handshake(in.HandshakeId) }),
	}
}

// acceptRow asks a member that an invitation takes out of its organization for
// organizations:LeaveOrganization besides: an organization that denies its members to leave
// must not lose them to an invitation.
func (s *Service) acceptRow() authz.Row {
	leave := action("LeaveOrganization")
	r := row(s, "AcceptHandshake", func(b *checks, in *organizationsapi.AcceptHandshakeInput) {
		h, found := b.handshake(in.HandshakeId)
		if found && h.Action == org.ActionInvite && !b.standalone() && h.OrganizationID != b.call.Membership.OrganizationID {
			b.add(leave, "*", b.keys)
		}
	})
	r.Actions = append(r.Actions, leave)
	return r
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
