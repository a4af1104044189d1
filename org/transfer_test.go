package org_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

var july = time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)

// founded makes another organization, of an account of that id, that may take over as many
// bills as it likes.
func (w *world) founded(id string) (o org.Organization) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		if id != management && id != stranger {
			if _, err := org.CreateStandaloneAccount(ctx, tx, id, "Boss "+id, id+"@example.com"); err != nil {
				return err
			}
		}
		var err error
		if o, err = org.CreateOrganization(ctx, tx, id, ""); err != nil {
			return err
		}
		return org.SetQuota(ctx, tx, o, org.QuotaInboundTransfers, 100)
	})
	return o
}

// payers is a world with two organizations; the first may take over the bills of others.
func payers(t *testing.T) (*world, org.Organization) {
	w := newWorld(t)
	w.org = w.founded(management)
	return w, w.founded(stranger)
}

func transferTo(accountID string) org.TransferInvitation {
	return org.TransferInvitation{Type: org.TransferBilling, PartyType: org.PartyAccount, PartyID: accountID, Name: "Bills", StartAt: july}
}

func (w *world) offering(o org.Organization, in org.TransferInvitation) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.InviteOrganizationToTransferResponsibility(ctx, tx, o, in)
		return err
	}
}

// offer invites and returns the handshake.
func (w *world) offer(o org.Organization, in org.TransferInvitation) (h org.Handshake) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		h, err = org.InviteOrganizationToTransferResponsibility(ctx, tx, o, in)
		return err
	})
	return h
}

// transfer lets one organization pay for another.
func (w *world) transfer(from, to org.Organization, start time.Time) org.Transfer {
	w.Helper()
	in := transferTo(from.ManagementAccountID)
	in.StartAt = start
	h := w.offer(to, in)
	w.must(w.accepting(from.ManagementAccountID, h.ID))
	return *h.Transfer
}

func (w *world) describe(o org.Organization, id string) (v org.TransferView) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		v, err = org.DescribeResponsibilityTransfer(ctx, tx, o, id)
		return err
	})
	return v
}

func (w *world) terminating(o org.Organization, id string, end *time.Time) step {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := org.TerminateResponsibilityTransfer(ctx, tx, o, id, end)
		return err
	}
}

// listed returns "id of the other side: status" of the transfers in a direction.
func (w *world) listed(o org.Organization, direction, through string) (out []string) {
	w.Helper()
	w.must(func(ctx context.Context, tx *store.Tx) error {
		var views []org.TransferView
		var err error
		if direction == org.Inbound {
			views, _, err = org.ListInboundResponsibilityTransfers(ctx, tx, o, through, org.Page{Limit: 100})
		} else {
			views, _, err = org.ListOutboundResponsibilityTransfers(ctx, tx, o, org.Page{Limit: 100})
		}
		out = nil
		for _, v := range views {
			other := v.Source.AccountID
			if direction == org.Outbound {
				other = v.Target.AccountID
			}
			out = append(out, other+": "+v.Status)
		}
		return err
	})
	return out
}

func TestTransferIsAcceptedAndWithdrawn(t *testing.T) {
	w, theirs := payers(t)
	in := transferTo(stranger)
	in.Tags = []org.Tag{{Key: "team", Value: "finance"}}
	h := w.offer(w.org, in)
	if h.Action != org.ActionTransfer || h.State != org.HandshakeOpen || !h.ExpiresAt.Equal(w.now.Add(15*24*time.Hour)) {
		t.Errorf("handshake = %+v", h)
	}
	id := h.Transfer.ID
	for _, c := range []struct {
		of                  org.Organization
		direction, name     string
		status, arnContains string
	}{
		{w.org, org.Inbound, "Bills", org.TransferRequested, "arn:aws:organizations::111111111111:transfer/" + w.org.ID + "/billing/inbound/" + id},
		{theirs, org.Outbound, "", org.TransferRequested, "arn:aws:organizations::999999999999:transfer/" + theirs.ID + "/billing/outbound/" + id},
	} {
		v := w.describe(c.of, id)
		if v.Direction != c.direction || v.Name != c.name || v.Status != c.status || v.ARN != c.arnContains {
			t.Errorf("as seen by %s: %+v", c.of.ID, v)
		}
	}
	w.refused(org.CodeInvalidTransferTransition, "", w.terminating(w.org, id, nil))
	w.refused(org.CodeTargetNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		return org.TagResource(ctx, tx, w.org, id, []org.Tag{{Key: "a", Value: "b"}})
	})
	w.must(w.accepting(stranger, h.ID))
	w.must(func(ctx context.Context, tx *store.Tx) error {
		tags, err := org.ListTagsForResource(ctx, tx, w.org, id)
		if len(tags) != 1 || tags[0].Value != "finance" {
			t.Errorf("tags = %v", tags)
		}
		if theirTags, err2 := org.ListTagsForResource(ctx, tx, theirs, id); err2 != nil || len(theirTags) != 0 {
			t.Errorf("the other side's tags = %v, %v", theirTags, err2)
		}
		_, err2 := org.UpdateResponsibilityTransfer(ctx, tx, theirs, id, "Payer")
		if err2 == nil {
			_, err2 = org.UpdateResponsibilityTransfer(ctx, tx, w.org, id, "Stranger's bills")
		}
		if err2 != nil {
			t.Error(err2)
		}
		return err
	})
	if ours, their := w.describe(w.org, id), w.describe(theirs, id); ours.Name != "Stranger's bills" || their.Name != "Payer" ||
		ours.Status != org.TransferAccepted || ours.EndAt != nil {
		t.Errorf("accepted: %+v, %+v", ours, their)
	}
	w.now = w.now.AddDate(0, 2, 0)
	end := time.Date(2026, time.September, 30, 23, 59, 59, 0, time.UTC)
	w.must(w.terminating(theirs, id, &end))
	if v := w.describe(w.org, id); v.Status != org.TransferWithdrawn || !v.EndAt.Equal(end) {
		t.Errorf("withdrawn: %+v", v)
	}
	w.refused(org.CodeTransferAlreadyInStatus, "", w.terminating(w.org, id, nil))
	w.refused(org.CodeTransferNotFound, "", w.terminating(w.org, "rt-00000000", nil))
}

func TestTransferEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end    time.Time
		reason string
	}{
		"the last second":          {time.Date(2026, time.June, 30, 23, 59, 59, 0, time.UTC), ""},
		"the last millisecond":     {time.Date(2027, time.February, 28, 23, 59, 59, 999e6, time.UTC), ""},
		"in another time zone":     {time.Date(2026, time.June, 30, 18, 59, 59, 0, time.FixedZone("", -5*3600)), ""},
		"the beginning of a month": {july, org.ReasonEndNotEndOfMonth},
		"the last but one day":     {time.Date(2026, time.June, 29, 23, 59, 59, 0, time.UTC), org.ReasonEndNotEndOfMonth},
		"the past":                 {time.Date(2026, time.May, 31, 23, 59, 59, 0, time.UTC), org.ReasonEndTooEarly},
	} {
		t.Run(name, func(t *testing.T) {
			w, theirs := payers(t)
			id := w.transfer(theirs, w.org, july).ID
			if c.reason != "" {
				w.refused(org.CodeInvalidInput, c.reason, w.terminating(w.org, id, &c.end))
				return
			}
			w.must(w.terminating(w.org, id, &c.end))
		})
	}
	w, theirs := payers(t)
	id := w.transfer(theirs, w.org, july).ID
	w.must(w.terminating(w.org, id, nil))
	if v := w.describe(w.org, id); !v.EndAt.Equal(july.Add(-time.Millisecond)) {
		t.Errorf("end without a wish = %v", v.EndAt)
	}
}

func TestTransferInvitationErrors(t *testing.T) {
	w, theirs := payers(t)
	member := w.account("member@example.com")
	with := func(change func(*org.TransferInvitation)) org.TransferInvitation {
		in := transferTo(stranger)
		change(&in)
		return in
	}
	at := func(start time.Time) org.TransferInvitation {
		return with(func(in *org.TransferInvitation) { in.StartAt = start })
	}
	party := func(kind, id string) org.TransferInvitation {
		return with(func(in *org.TransferInvitation) { in.PartyType, in.PartyID = kind, id })
	}
	for _, c := range []struct {
		name string
		in   org.TransferInvitation
		code org.Code
		want string
	}{
		{"not midnight", at(july.Add(time.Millisecond)), org.CodeInvalidInput, org.ReasonStartNotBeginningOfDay},
		{"not the first", at(july.AddDate(0, 0, 1)), org.CodeInvalidInput, org.ReasonStartNotBeginningOfMonth},
		{"this month", at(july.AddDate(0, -1, 0)), org.CodeInvalidInput, org.ReasonStartTooEarly},
		{"in years", at(july.AddDate(2, 0, 0)), org.CodeInvalidInput, org.ReasonStartTooLate},
		{"to itself", party(org.PartyAccount, management), org.CodeHandshakeConstraintViolation, org.ReasonSourceIsTarget},
		{"to a member", party(org.PartyAccount, member), org.CodeInvalidInput, org.ReasonTargetNotSupported},
		{"to nobody", party(org.PartyEmail, "nobody@example.com"), org.CodeInvalidInput, org.ReasonTargetNotSupported},
		{"to half an id", party(org.PartyAccount, "1"), org.CodeInvalidInput, org.ReasonInvalidPattern},
		{"to no address", party(org.PartyEmail, "nobody"), org.CodeInvalidInput, org.ReasonInvalidEmailTarget},
		{"to an organization", party("ORGANIZATION", theirs.ID), org.CodeInvalidInput, org.ReasonInvalidPartyType},
		{"with a system tag", with(func(in *org.TransferInvitation) { in.Tags = []org.Tag{{Key: "aws:x"}} }), org.CodeInvalidInput, org.ReasonSystemTag},
	} {
		t.Run(c.name, func(t *testing.T) { w.refused(c.code, c.want, w.offering(w.org, c.in)) })
	}
	w.must(w.offering(w.org, party(org.PartyEmail, "Stranger@example.com")))
	w.refused(org.CodeDuplicateHandshake, "", w.offering(w.org, transferTo(stranger)))
}

func TestTransferQuotas(t *testing.T) {
	w, theirs := payers(t)
	third := w.founded("333333333333")
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.ResetQuota(ctx, tx, w.org, org.QuotaInboundTransfers)
	})
	w.refused(org.CodeConstraintViolation, org.ReasonMaxInbound, w.offering(w.org, transferTo(stranger)))
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.SetQuota(ctx, tx, w.org, org.QuotaInboundTransfers, 1)
	})
	h := w.offer(w.org, transferTo(stranger))
	w.refused(org.CodeConstraintViolation, org.ReasonMaxInbound, w.offering(w.org, transferTo(third.ManagementAccountID)))
	w.must(w.declining(stranger, h.ID))
	if got := w.listed(w.org, org.Inbound, ""); fmt.Sprint(got) != "[999999999999: DECLINED]" {
		t.Errorf("inbound = %v", got)
	}
	id := w.transfer(theirs, w.org, july).ID
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonTransferExists, w.offering(w.org, transferTo(stranger)))
	// The one outbound transfer is taken until it has ended.
	h = w.offer(third, transferTo(stranger))
	w.refused(org.CodeConstraintViolation, org.ReasonMaxOutbound, w.accepting(stranger, h.ID))
	w.must(w.terminating(theirs, id, nil))
	w.must(w.accepting(stranger, h.ID))
}

func TestTransferChains(t *testing.T) {
	w := newWorld(t)
	var chain []org.Organization
	for i := range 7 {
		chain = append(chain, w.founded(fmt.Sprintf("%012d", 300000000000+i)))
	}
	var ids []string
	for i := range 5 {
		ids = append(ids, w.transfer(chain[i], chain[i+1], july).ID)
	}
	h := w.offer(chain[6], transferTo(chain[5].ManagementAccountID))
	w.refused(org.CodeConstraintViolation, org.ReasonMaxTransferLevel, w.accepting(chain[5].ManagementAccountID, h.ID))
	h = w.offer(chain[0], transferTo(chain[5].ManagementAccountID))
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonSourceIsTarget, w.accepting(chain[5].ManagementAccountID, h.ID))
	// The last pays for all and sees what comes to it through others.
	if got := w.listed(chain[5], org.Inbound, ids[4]); fmt.Sprint(got) != "["+chain[3].ManagementAccountID+": ACCEPTED]" {
		t.Errorf("through the last transfer: %v", got)
	}
	if v := w.describe(chain[5], ids[0]); v.Direction != org.Inbound || v.Name != "Bills" {
		t.Errorf("inherited: %+v", v)
	}
	w.refused(org.CodeInvalidInput, org.ReasonTransferAction, w.terminating(chain[5], ids[0], nil))
	w.refused(org.CodeTransferNotFound, "", w.terminating(chain[0], ids[1], nil))
	w.refused(org.CodeTransferNotFound, "", w.terminating(chain[6], ids[0], nil))
}

// What an organization between has only asked for is not to be seen by the one that pays for it.
func TestInvitationsOfOthersAreTheirs(t *testing.T) {
	w, theirs := payers(t)
	below := w.founded("333333333333")
	through := w.transfer(theirs, w.org, july)
	h := w.offer(theirs, transferTo(below.ManagementAccountID))
	w.refused(org.CodeTransferNotFound, "", func(ctx context.Context, tx *store.Tx) error {
		_, err := org.DescribeResponsibilityTransfer(ctx, tx, w.org, h.Transfer.ID)
		return err
	})
	if got := w.listed(w.org, org.Inbound, through.ID); len(got) != 0 {
		t.Errorf("invitations of another organization: %v", got)
	}
	w.must(w.accepting(below.ManagementAccountID, h.ID))
	if got := w.listed(w.org, org.Inbound, through.ID); len(got) != 1 {
		t.Errorf("what was accepted: %v", got)
	}
	if v := w.describe(w.org, h.Transfer.ID); v.Direction != org.Inbound {
		t.Errorf("what was accepted: %+v", v)
	}
}

func TestTransferInvitationsEnd(t *testing.T) {
	w, theirs := payers(t)
	h := w.offer(w.org, transferTo(stranger))
	w.must(w.canceling(management, h.ID))
	if got := w.listed(theirs, org.Outbound, ""); fmt.Sprint(got) != "[111111111111: CANCELED]" {
		t.Errorf("outbound = %v", got)
	}
	w.now = july.Add(-30 * time.Hour)
	late := w.offer(w.org, transferTo(stranger))
	if want := july.Add(-24 * time.Hour); !late.ExpiresAt.Equal(want) {
		t.Errorf("an invitation shortly before the start expires at %v, want %v", late.ExpiresAt, want)
	}
	w.now = july.Add(-24 * time.Hour)
	w.refused(org.CodeInvalidHandshakeTransition, "", w.accepting(stranger, late.ID))
	if v := w.describe(w.org, late.Transfer.ID); v.Status != org.TransferExpired {
		t.Errorf("status = %s", v.Status)
	}
	w.now = w.now.AddDate(0, 0, 31)
	if got := w.listed(w.org, org.Inbound, ""); len(got) != 0 {
		t.Errorf("after a month: %v", got)
	}
	swept := 0
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		swept, err = org.SweepHandshakes(ctx, tx, 10)
		return err
	})
	if swept != 2 {
		t.Errorf("%d handshakes swept", swept)
	}
	w.must(func(_ context.Context, tx *store.Tx) error {
		_, found, err := tx.OrgTransfer(late.Transfer.ID)
		if found {
			t.Error("the invitation is still there")
		}
		return err
	})
}

func TestTransfersKeepOrganizations(t *testing.T) {
	deleting := func(o org.Organization) step {
		return func(ctx context.Context, tx *store.Tx) error { return org.DeleteOrganization(ctx, tx, o) }
	}
	w, theirs := payers(t)
	h := w.offer(w.org, transferTo(stranger))
	w.refused(org.CodeConstraintViolation, org.ReasonActiveTransfer, deleting(w.org))
	w.must(w.accepting(stranger, h.ID))
	w.refused(org.CodeConstraintViolation, org.ReasonActiveTransfer, deleting(theirs))
	w.must(w.terminating(w.org, h.Transfer.ID, nil))
	w.refused(org.CodeConstraintViolation, org.ReasonActiveTransfer, deleting(theirs))
	w.now = july
	w.must(deleting(theirs))
	if got := w.listed(w.org, org.Inbound, ""); fmt.Sprint(got) != "[999999999999: WITHDRAWN]" {
		t.Errorf("what is left: %v", got)
	}
	w.must(deleting(w.org))
}

func TestOnlyManagementAccountsTransfer(t *testing.T) {
	w, theirs := payers(t)
	h := w.offer(w.org, transferTo(stranger))
	w.must(func(ctx context.Context, tx *store.Tx) error { return org.DeleteOrganization(ctx, tx, theirs) })
	w.refused(org.CodeNotInOrganization, "", w.accepting(stranger, h.ID))
	w.refused(org.CodeAccessDenied, "", w.accepting(management, h.ID))
	third := w.founded("333333333333")
	var joining org.Handshake
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		joining, err = org.InviteAccountToOrganization(ctx, tx, third, w.settings, org.Invitation{PartyType: org.PartyAccount, PartyID: stranger})
		return err
	})
	w.must(w.accepting(stranger, joining.ID))
	w.refused(org.CodeAccessDenied, "", w.accepting(stranger, h.ID))
}
