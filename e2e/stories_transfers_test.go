package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// quota calls the operator's command and returns the line of one quota, in fields.
func (s *server) quota(t testing.TB, name, verb, organization string, args ...string) []string {
	t.Helper()
	all := append([]string{"quota", verb, "--endpoint", s.endpoint, "--organization", organization}, args...)
	text, errs, ok := command(t, []string{"BAILIWICK_OPERATOR_TOKEN=" + operatorToken}, all...)
	if !ok {
		t.Fatalf("%v: %s", all, errs)
	}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] == name {
			return fields
		}
	}
	t.Fatalf("no quota %s in %q", name, text)
	return nil
}

func (a as) describeTransfer(t testing.TB, id *string) *orgtypes.ResponsibilityTransfer {
	t.Helper()
	out, err := a.organizations().DescribeResponsibilityTransfer(context.Background(), &organizations.DescribeResponsibilityTransferInput{Id: id})
	must(t, err)
	return out.ResponsibilityTransfer
}

// One organization takes over the bills of another one: it may when the operator has raised
// its quota, the other's management account accepts, and either of them ends it.
func TestBillsAreTransferred(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		w := organize(t, s)
		payer := w.root.organizations()
		source := s.openAccount(t, "Source")
		_, err := source.organizations().CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
		must(t, err)
		own, err := payer.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		must(t, err)

		now := time.Now().UTC()
		next := time.Date(now.Year(), now.Month()+2, 1, 0, 0, 0, 0, time.UTC)
		invite := func(start time.Time) (*orgtypes.Handshake, error) {
			out, err := payer.InviteOrganizationToTransferResponsibility(ctx, &organizations.InviteOrganizationToTransferResponsibilityInput{
				Type: orgtypes.ResponsibilityTransferTypeBilling, SourceName: aws.String("Source's bills"), StartTimestamp: &start,
				Target: &orgtypes.HandshakeParty{Type: orgtypes.HandshakePartyTypeAccount, Id: aws.String(source.accountID(t))},
				Tags:   []orgtypes.Tag{{Key: aws.String("team"), Value: aws.String("finance")}}, Notes: aws.String("We pay"),
			})
			if err != nil {
				return nil, err
			}
			return out.Handshake, nil
		}
		_, err = invite(next)
		var violation *orgtypes.ConstraintViolationException
		if !errors.As(err, &violation) || violation.Reason != orgtypes.ConstraintViolationExceptionReasonResponsibilityTransferMaxInboundQuotaViolation {
			t.Errorf("before the quota is raised: %v", err)
		}
		if f := s.quota(t, "inbound-transfers", "list", *own.Organization.Id); f[1] != "0" || f[3] != "-" {
			t.Errorf("at first: %v", f)
		}
		if f := s.quota(t, "inbound-transfers", "set", *own.Organization.MasterAccountId, "inbound-transfers", "1"); f[1] != "1" || f[2] != "0" {
			t.Errorf("raised: %v", f)
		}
		_, err = invite(next.Add(time.Hour))
		fails(t, err, "InvalidInputException", "")
		h, err := invite(next)
		must(t, err)
		if h.Action != orgtypes.ActionTypeTransferResponsibility || h.State != orgtypes.HandshakeStateOpen {
			t.Errorf("handshake = %+v", h)
		}
		if got := source.received(t, orgtypes.ActionTypeTransferResponsibility); len(got) != 1 || got[0] != *h.Id {
			t.Errorf("received: %v", got)
		}
		waiting, err := source.organizations().ListOutboundResponsibilityTransfers(ctx, &organizations.ListOutboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling})
		must(t, err)
		if n := len(waiting.ResponsibilityTransfers); n != 1 || waiting.ResponsibilityTransfers[0].Status != orgtypes.ResponsibilityTransferStatusRequested {
			t.Fatalf("outbound of the source: %+v", waiting.ResponsibilityTransfers)
		}
		_, err = payer.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
		fails(t, err, "ConstraintViolationException", "")
		must(t, source.accept(*h.Id))

		id := waiting.ResponsibilityTransfers[0].Id
		in, out := w.root.describeTransfer(t, id), source.describeTransfer(t, id)
		if in.Status != orgtypes.ResponsibilityTransferStatusAccepted || aws.ToString(in.Name) != "Source's bills" || !in.StartTimestamp.Equal(next) ||
			*in.Source.ManagementAccountId != source.accountID(t) || !strings.Contains(*in.Arn, "/billing/inbound/"+*id) || in.EndTimestamp != nil {
			t.Errorf("as the payer sees it: %+v", in)
		}
		if out.Name != nil || !strings.Contains(*out.Arn, "/billing/outbound/"+*id) || *out.Target.ManagementAccountId != *own.Organization.MasterAccountId {
			t.Errorf("as the source sees it: %+v", out)
		}
		tags, err := payer.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: id})
		must(t, err)
		if len(tags.Tags) != 1 || *tags.Tags[0].Value != "finance" {
			t.Errorf("tags = %+v", tags.Tags)
		}
		_, err = payer.UpdateResponsibilityTransfer(ctx, &organizations.UpdateResponsibilityTransferInput{Id: id, Name: aws.String("Renamed")})
		must(t, err)

		// A clerk may look at what comes in, and not end it.
		clerk := w.root.newUser(t, "clerk", document(
			when(statement("Allow", "organizations:*ResponsibilityTransfer*", "*"), `{"StringEquals":{"organizations:TransferDirection":"inbound"}}`),
			statement("Deny", "organizations:TerminateResponsibilityTransfer", "*"),
		))
		listed, err := clerk.organizations().ListInboundResponsibilityTransfers(ctx, &organizations.ListInboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling})
		may(t, "list inbound transfers", err)
		if err == nil && (len(listed.ResponsibilityTransfers) != 1 || *listed.ResponsibilityTransfers[0].Name != "Renamed") {
			t.Errorf("inbound = %+v", listed.ResponsibilityTransfers)
		}
		_, err = clerk.organizations().ListOutboundResponsibilityTransfers(ctx, &organizations.ListOutboundResponsibilityTransfersInput{Type: orgtypes.ResponsibilityTransferTypeBilling})
		fails(t, err, "AccessDeniedException", "")
		_, err = clerk.organizations().TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: id})
		fails(t, err, "AccessDeniedException", "")

		end := next.AddDate(0, 1, 0).Add(-time.Second)
		ended, err := source.organizations().TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: id, EndTimestamp: &end})
		must(t, err)
		if ended.ResponsibilityTransfer.Status != orgtypes.ResponsibilityTransferStatusWithdrawn || !ended.ResponsibilityTransfer.EndTimestamp.Equal(end) {
			t.Errorf("ended: %+v", ended.ResponsibilityTransfer)
		}
		_, err = payer.TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: id})
		fails(t, err, "ResponsibilityTransferAlreadyInStatusException", "")
		_, err = source.organizations().DescribeResponsibilityTransfer(ctx, &organizations.DescribeResponsibilityTransferInput{Id: aws.String("rt-00000000")})
		fails(t, err, "ResponsibilityTransferNotFoundException", "")
		w.heard(t, "ServiceQuotaChanged", "TerminateResponsibilityTransfer", "AcceptHandshake")
	})
}

// heard checks that the management account finds events of those names.
func (w *world) heard(t testing.TB, names ...string) {
	t.Helper()
	seen := map[string]bool{}
	pages := cloudtrail.NewLookupEventsPaginator(w.root.cloudtrail(), &cloudtrail.LookupEventsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		for _, e := range page.Events {
			seen[*e.EventName] = true
		}
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("no event %s", name)
		}
	}
}

// The operator raises what AWS raises on request, for one organization, and only the
// operator does.
func TestQuotasAreRaised(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		w := organize(t, s)
		root := w.root.accountID(t)
		operator := []string{"BAILIWICK_OPERATOR_TOKEN=" + operatorToken}
		list := []string{"quota", "list", "--endpoint", s.endpoint, "--organization"}
		complains(t, []string{"BAILIWICK_OPERATOR_TOKEN=guess"}, []string{"token"}, append(list, root)...)
		complains(t, operator, []string{"organization"}, append(list, "o-0000000000")...)
		complains(t, operator, []string{"quota"}, "quota", "set", "--endpoint", s.endpoint, "--organization", root, "tags", "5")

		s.quota(t, "organizational-units", "set", root, "organizational-units", "1")
		w.unit(t, w.rootID, "One")
		second := &organizations.CreateOrganizationalUnitInput{ParentId: &w.rootID, Name: aws.String("Two")}
		_, err := w.root.organizations().CreateOrganizationalUnit(ctx, second)
		fails(t, err, "ConstraintViolationException", "")
		s.restart()
		if f := s.quota(t, "organizational-units", "list", root); f[1] != "1" || f[2] != "2000" {
			t.Errorf("after a restart: %v", f)
		}
		s.quota(t, "organizational-units", "reset", root, "organizational-units")
		_, err = s.root().organizations().CreateOrganizationalUnit(ctx, second)
		must(t, err)
	})
}
