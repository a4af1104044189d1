package organizations_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// payers is a scene with two organizations, of which the first may take over bills.
func payers(t *testing.T, e storetest.Engine) *scene {
	t.Helper()
	s := organized(t, e)
	ok(t)(s.CreateOrganization(s.as(stranger), &organizationsapi.CreateOrganizationInput{}))
	err := s.DB.Update(t.Context(), func(tx *store.Tx) error {
		o, _, err := org.OrganizationNamed(t.Context(), tx, management)
		if err != nil {
			return err
		}
		return org.SetQuota(t.Context(), tx, o, org.QuotaInboundTransfers, 5)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func billsOf(accountID string) organizationsapi.InviteOrganizationToTransferResponsibilityInput {
	return organizationsapi.InviteOrganizationToTransferResponsibilityInput{
		Type: new(organizationsapi.ResponsibilityTransferTypeBilling), SourceName: new("Bills"), Notes: new("Let us pay"),
		Target:         &organizationsapi.HandshakeParty{Type: new("ACCOUNT"), Id: &accountID},
		StartTimestamp: new(time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)),
	}
}

func TestTransferOnTheWire(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := payers(t, e)
			in := billsOf(stranger)
			invited, err := s.InviteOrganizationToTransferResponsibility(s.as(management), &in)
			if err != nil {
				t.Fatal(err)
			}
			waiting, err := s.ListInboundResponsibilityTransfers(s.as(management), &organizationsapi.ListInboundResponsibilityTransfersInput{Type: in.Type})
			if err != nil || len(waiting.ResponsibilityTransfers) != 1 {
				t.Fatalf("%+v, %v", waiting, err)
			}
			rt, h := *waiting.ResponsibilityTransfers[0].Id, *invited.Handshake.Id
			o := *ok(t)(s.DescribeOrganization(s.as(management), &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization.Id
			want := `{"Id":"H","Arn":"arn:aws:organizations::111111111111:handshake/O/transfer_responsibility/H",` +
				`"Parties":[{"Id":"` + o[2:] + `","Type":"ORGANIZATION"},{"Id":"999999999999","Type":"ACCOUNT"}],` +
				`"State":"OPEN","RequestedTimestamp":"2026-06-01T12:00:00Z","ExpirationTimestamp":"2026-06-16T12:00:00Z","Action":"TRANSFER_RESPONSIBILITY",` +
				`"Resources":[{"Value":"O","Type":"ORGANIZATION","Resources":[{"Value":"111111111111","Type":"MANAGEMENT_ACCOUNT"},` +
				`{"Value":"boss@example.com","Type":"MANAGEMENT_EMAIL"},{"Value":"Boss","Type":"MANAGEMENT_NAME"}]},` +
				`{"Value":"999999999999","Type":"ACCOUNT"},{"Value":"RT","Type":"RESPONSIBILITY_TRANSFER","Resources":[{"Value":"BILLING","Type":"TRANSFER_TYPE"},` +
				`{"Value":"2026-07-01T00:00:00Z","Type":"TRANSFER_START_TIMESTAMP"}]},{"Value":"Let us pay","Type":"NOTES"}]}`
			if got := strings.ReplaceAll(show(t, invited.Handshake, o, "O", h, "H", rt, "RT"), `,"Resources":null`, ""); got != want {
				t.Errorf("handshake:\n got %s\nwant %s", got, want)
			}
			ok(t)(s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: &h}))
			ended, err := s.TerminateResponsibilityTransfer(s.as(stranger), &organizationsapi.TerminateResponsibilityTransferInput{Id: &rt})
			if err != nil {
				t.Fatal(err)
			}
			got := *ended.ResponsibilityTransfer
			if *got.Status != organizationsapi.ResponsibilityTransferStatusWithdrawn || got.Name != nil || *got.ActiveHandshakeId != h ||
				!got.EndTimestamp.Equal(time.Date(2026, time.June, 30, 23, 59, 59, 999e6, time.UTC)) ||
				*got.Source.ManagementAccountEmail != "stranger@example.com" || *got.Target.ManagementAccountId != management {
				t.Errorf("ended: %s", show(t, got))
			}
		})
	}
}

// Both sides are told when a transfer is accepted and when it is terminated.
func TestTransfersAreEvents(t *testing.T) {
	s := payers(t, storetest.Memory())
	in := billsOf(stranger)
	h := ok(t)(s.InviteOrganizationToTransferResponsibility(s.as(management), &in)).(*organizationsapi.InviteOrganizationToTransferResponsibilityOutput).Handshake
	ok(t)(s.AcceptHandshake(s.as(stranger), &organizationsapi.AcceptHandshakeInput{HandshakeId: h.Id}))
	rt := ok(t)(s.ListOutboundResponsibilityTransfers(s.as(stranger), &organizationsapi.ListOutboundResponsibilityTransfersInput{Type: in.Type})).(*organizationsapi.ListOutboundResponsibilityTransfersOutput).ResponsibilityTransfers[0].Id
	ok(t)(s.TerminateResponsibilityTransfer(s.as(management), &organizationsapi.TerminateResponsibilityTransferInput{Id: rt}))
	const sides = `"source":{"managementAccountId":"999999999999"},"target":{"managementAccountId":"111111111111"},"startTimestamp":"Jul 1, 2026 12:00:00 AM"`
	want := map[string]string{
		"ResponsibilityTransferAccepted":   `{"id":"RT","type":"BILLING","status":"ACCEPTED",` + sides + `}`,
		"ResponsibilityTransferTerminated": `{"id":"RT","type":"BILLING","status":"WITHDRAWN",` + sides + `,"endTimestamp":"Jun 30, 2026 11:59:59 PM"}`,
	}
	for _, account := range []string{management, stranger} {
		got := map[string]string{}
		err := s.DB.View(t.Context(), func(tx *store.Tx) error {
			events, err := tx.AuditEvents(audit.Query{AccountID: account, Limit: 20})
			for _, e := range events {
				var record struct{ ServiceEventDetails json.RawMessage }
				if err := json.Unmarshal(e.Record, &record); err != nil {
					return err
				}
				if text := string(record.ServiceEventDetails); strings.Contains(text, *rt) {
					got[e.Name] = strings.ReplaceAll(text, *rt, "RT")
				}
			}
			return err
		})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s finds %v, %v\nwant %v", account, got, err, want)
		}
	}
}

func TestTransferErrors(t *testing.T) {
	s := payers(t, storetest.Memory())
	member := s.account("a@example.com")
	type api = organizationsapi.Service
	billing := new(organizationsapi.ResponsibilityTransferTypeBilling)
	in := billsOf(stranger)
	h := ok(t)(s.InviteOrganizationToTransferResponsibility(s.as(management), &in)).(*organizationsapi.InviteOrganizationToTransferResponsibilityOutput).Handshake
	rt := ok(t)(s.ListOutboundResponsibilityTransfers(s.as(stranger), &organizationsapi.ListOutboundResponsibilityTransfersInput{Type: billing})).(*organizationsapi.ListOutboundResponsibilityTransfersOutput).ResponsibilityTransfers[0].Id
	none := new("rt-00000000")
	tooFar := new(time.Date(2026, time.May, 31, 23, 59, 59, 0, time.UTC))
	for _, c := range []struct {
		name, by string
		call     call
		want     string
	}{
		{"twice", management, of(api.InviteOrganizationToTransferResponsibility, in), "DuplicateHandshake"},
		{"to itself", management, of(api.InviteOrganizationToTransferResponsibility, billsOf(management)), "HandshakeConstraintViolation SOURCE_AND_TARGET_CANNOT_MATCH"},
		{"to a member", management, of(api.InviteOrganizationToTransferResponsibility, billsOf(member)), "InvalidInput TARGET_NOT_SUPPORTED"},
		{"by a member", member, of(api.InviteOrganizationToTransferResponsibility, in), "AccessDenied"},
		{"above the quota", stranger, of(api.InviteOrganizationToTransferResponsibility, billsOf(management)), "ConstraintViolation RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION"},
		{"list by a member", member, of(api.ListInboundResponsibilityTransfers, organizationsapi.ListInboundResponsibilityTransfersInput{Type: billing}), "AccessDenied"},
		{"list through nothing", management, of(api.ListInboundResponsibilityTransfers, organizationsapi.ListInboundResponsibilityTransfersInput{Type: billing, Id: none}), "ResponsibilityTransferNotFound"},
		{"list with another's token", management, of(api.ListOutboundResponsibilityTransfers, organizationsapi.ListOutboundResponsibilityTransfersInput{Type: billing, NextToken: new("x")}), "InvalidInput INVALID_NEXT_TOKEN"},
		{"describe nothing", management, of(api.DescribeResponsibilityTransfer, organizationsapi.DescribeResponsibilityTransferInput{Id: none}), "ResponsibilityTransferNotFound"},
		{"update nothing", management, of(api.UpdateResponsibilityTransfer, organizationsapi.UpdateResponsibilityTransferInput{Id: none, Name: new("x")}), "ResponsibilityTransferNotFound"},
		{"end nothing", management, of(api.TerminateResponsibilityTransfer, organizationsapi.TerminateResponsibilityTransferInput{Id: none}), "ResponsibilityTransferNotFound"},
		{"end what has not begun", management, of(api.TerminateResponsibilityTransfer, organizationsapi.TerminateResponsibilityTransferInput{Id: rt}), "InvalidResponsibilityTransferTransition"},
		{"accept", stranger, of(api.AcceptHandshake, organizationsapi.AcceptHandshakeInput{HandshakeId: h.Id}), ""},
		{"invite again", management, of(api.InviteOrganizationToTransferResponsibility, in), "HandshakeConstraintViolation RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"},
		{"end in the past", stranger, of(api.TerminateResponsibilityTransfer, organizationsapi.TerminateResponsibilityTransferInput{Id: rt, EndTimestamp: tooFar}), "InvalidInput END_DATE_TOO_EARLY"},
		{"delete the organization", stranger, of(api.DeleteOrganization, organizationsapi.DeleteOrganizationInput{}), "ConstraintViolation ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"},
		{"end", stranger, of(api.TerminateResponsibilityTransfer, organizationsapi.TerminateResponsibilityTransferInput{Id: rt}), ""},
		{"end again", management, of(api.TerminateResponsibilityTransfer, organizationsapi.TerminateResponsibilityTransferInput{Id: rt}), "ResponsibilityTransferAlreadyInStatus"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.call(s.as(c.by), s)); got != c.want {
				t.Errorf("error = %q, want %q", got, c.want)
			}
		})
	}
}

// A transfer is asked for by its ARN, with type and direction as condition keys.
func TestTransferChecks(t *testing.T) {
	s := payers(t, storetest.Memory())
	in := billsOf(stranger)
	ok(t)(s.InviteOrganizationToTransferResponsibility(s.as(management), &in))
	rt := ok(t)(s.ListOutboundResponsibilityTransfers(s.as(stranger), &organizationsapi.ListOutboundResponsibilityTransfersInput{Type: in.Type})).(*organizationsapi.ListOutboundResponsibilityTransfersOutput).ResponsibilityTransfers[0].Id
	gate := s.gate()
	for account, direction := range map[string]string{management: "inbound", stranger: "outbound"} {
		who := s.nobody(account)
		message := refusal(s, gate, who, "DescribeResponsibilityTransfer", &organizationsapi.DescribeResponsibilityTransferInput{Id: rt})
		if !strings.Contains(message, "/billing/"+direction+"/"+*rt) || !strings.Contains(message, "arn:aws:organizations::"+account+":transfer/") {
			t.Errorf("%s: %q", account, message)
		}
	}
	who := s.nobody(s.account("b@example.com"))
	if message := refusal(s, gate, who, "TerminateResponsibilityTransfer", &organizationsapi.TerminateResponsibilityTransferInput{Id: rt}); !strings.Contains(message, "TerminateResponsibilityTransfer") {
		t.Errorf("a member: %q", message)
	}
}

// refusal is the gate's refusal of a call.
func refusal(s *scene, gate *authz.Authorizer, who *credential.Caller, operation string, in any) string {
	s.t.Helper()
	err := gate.Authorize(s.t.Context(), &authz.Request{Service: "organizations", Operation: operation, Input: in, Caller: who})
	var denied *authz.DeniedError
	if !errors.As(err, &denied) {
		s.t.Errorf("%s: %v", operation, err)
		return ""
	}
	return denied.Message
}
