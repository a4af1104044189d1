package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

const noFeatures = "ConstraintViolationException ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"

// billing is an organization of a stranger's for the one bill only.
func (x *orgScenes) billing(t testing.TB, name string) as {
	t.Helper()
	a := x.stranger(t, name)
	do(t, a.organizations(), &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetConsolidatedBilling})
	return a
}

func everyFeature(t *testing.T, x *orgScenes) {
	a, guest := x.billing(t, "Saver"), x.stranger(t, "Saving")
	c, theirs := a.organizations(), guest.organizations()
	do(t, theirs, &organizations.AcceptHandshakeInput{
		HandshakeId: fetch[organizations.InviteAccountToOrganizationOutput](t, c, inviting(guest.accountID(t))).Handshake.Id,
	})
	enable := &organizations.EnableAllFeaturesInput{}
	own := fetch[organizations.EnableAllFeaturesOutput](t, c, enable).Handshake
	if own.Action != orgtypes.ActionTypeEnableAllFeatures || own.State != orgtypes.HandshakeStateRequested || own.ExpirationTimestamp.Sub(*own.RequestedTimestamp) != 90*24*time.Hour {
		t.Errorf("handshake: %s", jsonText(own))
	}
	refuses(t, c, enable, "HandshakeConstraintViolationException ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
	refuses(t, c, inviting("late@example.net"), "HandshakeConstraintViolationException INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES")
	refuses(t, c, &organizations.AcceptHandshakeInput{HandshakeId: own.Id}, "InvalidHandshakeTransitionException")
	children := fetch[organizations.ListHandshakesForOrganizationOutput](t, c, &organizations.ListHandshakesForOrganizationInput{Filter: &orgtypes.HandshakeFilter{ParentHandshakeId: own.Id}}).Handshakes
	if len(children) != 1 || children[0].Action != orgtypes.ActionTypeApproveAllFeatures {
		t.Fatalf("asked: %s", jsonText(children))
	}
	do(t, theirs, &organizations.AcceptHandshakeInput{HandshakeId: children[0].Id})
	if got := fetch[organizations.DescribeHandshakeOutput](t, c, &organizations.DescribeHandshakeInput{HandshakeId: own.Id}).Handshake; got.State != orgtypes.HandshakeStateOpen {
		t.Errorf("when all have agreed: %s", jsonText(got))
	}
	do(t, c, &organizations.AcceptHandshakeInput{HandshakeId: own.Id})
	if got := fetch[organizations.DescribeOrganizationOutput](t, theirs, &organizations.DescribeOrganizationInput{}).Organization; got.FeatureSet != orgtypes.OrganizationFeatureSetAll {
		t.Errorf("organization: %s", jsonText(got))
	}
	refuses(t, c, enable, "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES")
}

func everyBillingOnly(t *testing.T, x *orgScenes) {
	a := x.billing(t, "Thrifty")
	c, id := a.organizations(), a.accountID(t)
	root := fetch[organizations.ListRootsOutput](t, c, &organizations.ListRootsInput{}).Roots[0].Id
	made := fetch[organizations.CreateAccountOutput](t, c, &organizations.CreateAccountInput{AccountName: new("Child"), Email: new("child@example.net")}).CreateAccountStatus
	member := fetch[organizations.DescribeCreateAccountStatusOutput](t, c, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.Id}).CreateAccountStatus.AccountId
	const tags = orgtypes.EffectivePolicyTypeTagPolicy
	bills := orgtypes.ResponsibilityTransferTypeBilling
	for _, in := range []any{
		&organizations.EnableAWSServiceAccessInput{ServicePrincipal: new(configuring)}, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: new(configuring)},
		&organizations.ListAWSServiceAccessForOrganizationInput{}, &organizations.ListDelegatedAdministratorsInput{},
		&organizations.RegisterDelegatedAdministratorInput{AccountId: member, ServicePrincipal: new(configuring)},
		&organizations.DeregisterDelegatedAdministratorInput{AccountId: member, ServicePrincipal: new(configuring)},
		&organizations.ListDelegatedServicesForAccountInput{AccountId: member}, &organizations.CloseAccountInput{AccountId: member},
		&organizations.PutResourcePolicyInput{Content: new(denyNothing)}, &organizations.DescribeResourcePolicyInput{}, &organizations.DeleteResourcePolicyInput{},
		&organizations.DescribeEffectivePolicyInput{PolicyType: tags}, &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: tags},
		&organizations.ListEffectivePolicyValidationErrorsInput{AccountId: member, PolicyType: tags},
		&organizations.ListInboundResponsibilityTransfersInput{Type: bills}, &organizations.ListOutboundResponsibilityTransfersInput{Type: bills},
		&organizations.UpdateResponsibilityTransferInput{Id: new(noTransfer), Name: new("n")}, &organizations.TerminateResponsibilityTransferInput{Id: new(noTransfer)},
		transferring(managementID),
	} {
		refuses(t, c, in, noFeatures)
	}
	const kind = orgtypes.PolicyTypeServiceControlPolicy
	refuses(t, c, newPolicy(kind, "Deny", deny("s3:*", "*")), "PolicyTypeNotAvailableForOrganizationException")
	refuses(t, c, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: kind}, "PolicyTypeNotAvailableForOrganizationException")
	do(t, c, &organizations.TagResourceInput{ResourceId: &id, Tags: orgTags("k=v")})
}

// transferring invites an account to transfer its bills from the month after the next on.
func transferring(id string) *organizations.InviteOrganizationToTransferResponsibilityInput {
	return &organizations.InviteOrganizationToTransferResponsibilityInput{
		Type: orgtypes.ResponsibilityTransferTypeBilling, Target: party(id), SourceName: new("Bills"), StartTimestamp: new(monthStart(2)),
	}
}

// payer is an organization that may take over bills.
func (x *orgScenes) payer(t testing.TB, name string) (as, *orgtypes.Organization) {
	t.Helper()
	a, o := x.organizer(t, name)
	x.s.quota(t, "inbound-transfers", "set", *o.Id, "inbound-transfers", "3")
	return a, o
}

// invited has one organization invite another to a transfer, and returns the handshake and the
// transfer.
func (x *orgScenes) invited(t testing.TB, to, from as) (handshake, transfer *string) {
	t.Helper()
	h := fetch[organizations.InviteOrganizationToTransferResponsibilityOutput](t, to.organizations(), transferring(from.accountID(t))).Handshake
	list := fetch[organizations.ListOutboundResponsibilityTransfersOutput](t, from.organizations(), &organizations.ListOutboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling})
	for _, r := range list.ResponsibilityTransfers {
		if *r.ActiveHandshakeId == *h.Id {
			return h.Id, r.Id
		}
	}
	t.Fatalf("no transfer of %s in %s", *h.Id, jsonText(list))
	return nil, nil
}

func everyTransfer(t *testing.T, x *orgScenes) {
	a, o := x.organizer(t, "Payer")
	c, id := a.organizations(), a.accountID(t)
	source, theirs := x.payer(t, "Source")
	c2, sourceID := source.organizations(), source.accountID(t)
	refuses(t, c, transferring(sourceID), "ConstraintViolationException RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION")
	x.s.quota(t, "inbound-transfers", "set", *o.Id, "inbound-transfers", "2")
	refuses(t, c, transferring(id), "HandshakeConstraintViolationException SOURCE_AND_TARGET_CANNOT_MATCH")
	refuses(t, c, transferring(x.member), "InvalidInputException TARGET_NOT_SUPPORTED")
	tagged := transferring(sourceID)
	tagged.Tags = manyTags(51)
	refuses(t, c, tagged, "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")
	handshake, transfer := x.invited(t, a, source)
	refuses(t, c, transferring(sourceID), "DuplicateHandshakeException")
	refuses(t, c, &organizations.DeleteOrganizationInput{}, "ConstraintViolationException ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS")
	describe := &organizations.DescribeResponsibilityTransferInput{Id: transfer}
	terminate := &organizations.TerminateResponsibilityTransferInput{Id: transfer}
	refuses(t, c, terminate, "InvalidResponsibilityTransferTransitionException")
	do(t, c2, &organizations.AcceptHandshakeInput{HandshakeId: handshake})
	side := func(a as, o *orgtypes.Organization) *orgtypes.TransferParticipant {
		return &orgtypes.TransferParticipant{ManagementAccountId: o.MasterAccountId, ManagementAccountEmail: o.MasterAccountEmail}
	}
	want := &orgtypes.ResponsibilityTransfer{
		Id: transfer, Arn: new("arn:aws:organizations::" + id + ":transfer/" + *o.Id + "/billing/inbound/" + *transfer), Name: new("Bills"),
		Type: orgtypes.ResponsibilityTransferTypeBilling, Status: orgtypes.ResponsibilityTransferStatusAccepted,
		Source: side(source, theirs), Target: side(a, o), StartTimestamp: new(monthStart(2)), ActiveHandshakeId: handshake,
	}
	same(t, "transfer", fetch[organizations.DescribeResponsibilityTransferOutput](t, c, describe).ResponsibilityTransfer, want)
	want.Name = new("Their bills")
	for range 2 {
		same(t, "updated", fetch[organizations.UpdateResponsibilityTransferOutput](t, c, &organizations.UpdateResponsibilityTransferInput{Id: transfer, Name: want.Name}).ResponsibilityTransfer, want)
	}
	inbound := &organizations.ListInboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling}
	same(t, "inbound", fetch[organizations.ListInboundResponsibilityTransfersOutput](t, c, inbound).ResponsibilityTransfers, []orgtypes.ResponsibilityTransfer{*want})
	refuses(t, c, transferring(sourceID), "HandshakeConstraintViolationException RESPONSIBILITY_TRANSFER_ALREADY_EXISTS")
	refuses(t, c, &organizations.ListInboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling, Id: new(noTransfer)}, "ResponsibilityTransferNotFoundException")
	for _, in := range []any{
		&organizations.DescribeResponsibilityTransferInput{Id: new(noTransfer)}, &organizations.UpdateResponsibilityTransferInput{Id: new(noTransfer), Name: new("n")},
		&organizations.TerminateResponsibilityTransferInput{Id: new(noTransfer)},
	} {
		refuses(t, c, in, "ResponsibilityTransferNotFoundException")
	}
	x.chain(t, a, source)
	// The payer hears of its own transfer and of the four that follow it.
	if told := a.events(t, "ResponsibilityTransferAccepted"); len(told) != 5 {
		t.Errorf("told of %s", jsonText(told))
	}
	end := monthStart(3).Add(-time.Millisecond)
	want.Status, want.EndTimestamp = orgtypes.ResponsibilityTransferStatusWithdrawn, &end
	terminate.EndTimestamp = &end
	same(t, "ended", fetch[organizations.TerminateResponsibilityTransferOutput](t, c, terminate).ResponsibilityTransfer, want)
	same(t, "described", fetch[organizations.DescribeResponsibilityTransferOutput](t, c, describe).ResponsibilityTransfer, want)
	refuses(t, c, terminate, "ResponsibilityTransferAlreadyInStatusException")
}

// chain adds transfers to the one from a source to its payer.
func (x *orgScenes) chain(t *testing.T, payer, source as) {
	// Another payer comes too late; who has left its organization has nothing to transfer.
	rival, _ := x.payer(t, "Rival Payer")
	late, _ := x.invited(t, rival, source)
	refuses(t, source.organizations(), &organizations.AcceptHandshakeInput{HandshakeId: late}, "ConstraintViolationException RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION")
	gone, _ := x.organizer(t, "Gone")
	nothing, _ := x.invited(t, rival, gone)
	do(t, gone.organizations(), &organizations.DeleteOrganizationInput{})
	refuses(t, gone.organizations(), &organizations.AcceptHandshakeInput{HandshakeId: nothing}, "AWSOrganizationsNotInUseException")

	// Each organization pays for the next one; the first sees them all, and can change those
	// only that come to it directly.
	below := source
	for i := range 5 {
		next, _ := x.payer(t, fmt.Sprint("Below ", i))
		h, through := x.invited(t, below, next)
		in := &organizations.AcceptHandshakeInput{HandshakeId: h}
		if i == 4 {
			refuses(t, next.organizations(), in, "ConstraintViolationException RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION")
			break
		}
		do(t, next.organizations(), in)
		if i == 0 {
			refuses(t, payer.organizations(), &organizations.UpdateResponsibilityTransferInput{Id: through, Name: new("n")}, "InvalidInputException UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER")
		}
		below = next
	}
}

func everyTransferDate(t *testing.T, x *orgScenes) {
	a, _ := x.payer(t, "Dater")
	source, _ := x.organizer(t, "Dated")
	start := func(at time.Time) *organizations.InviteOrganizationToTransferResponsibilityInput {
		in := transferring(source.accountID(t))
		in.StartTimestamp = &at
		return in
	}
	c := a.organizations()
	refuses(t, c, start(monthStart(2).Add(time.Second)), "InvalidInputException START_DATE_NOT_BEGINNING_OF_DAY")
	refuses(t, c, start(monthStart(2).AddDate(0, 0, 1)), "InvalidInputException START_DATE_NOT_BEGINNING_OF_MONTH")
	refuses(t, c, start(monthStart(0)), "InvalidInputException START_DATE_TOO_EARLY")
	refuses(t, c, start(monthStart(14)), "InvalidInputException START_DATE_TOO_LATE")
	handshake, transfer := x.invited(t, a, source)
	do(t, source.organizations(), &organizations.AcceptHandshakeInput{HandshakeId: handshake})
	end := func(at time.Time) *organizations.TerminateResponsibilityTransferInput {
		return &organizations.TerminateResponsibilityTransferInput{Id: transfer, EndTimestamp: &at}
	}
	refuses(t, c, end(monthStart(2)), "InvalidInputException END_DATE_NOT_END_OF_MONTH")
	refuses(t, c, end(monthStart(0).Add(-time.Millisecond)), "InvalidInputException END_DATE_TOO_EARLY")
	do(t, c, &organizations.TerminateResponsibilityTransferInput{Id: transfer})
}
