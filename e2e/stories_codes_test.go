package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// A member account's root user gets another address: the operator delivers the code, which
// is neither in the server's log nor in the audit events.
func TestPrimaryEmailChanges(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx, email := context.Background(), "owner@example.org"
		member := w.account(t, w.rootID, "Moving", "")
		_, err := w.root.organizations().EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("account.amazonaws.com")})
		must(t, err)
		client := w.root.account()
		_, err = client.StartPrimaryEmailUpdate(ctx, &account.StartPrimaryEmailUpdateInput{AccountId: &member, PrimaryEmail: &email})
		must(t, err)

		outbox := []string{"account", "codes", "--endpoint", s.endpoint, "--account-id"}
		operator := []string{"BAILIWICK_OPERATOR_TOKEN=" + operatorToken}
		complains(t, []string{"BAILIWICK_OPERATOR_TOKEN=guess"}, []string{"token"}, append(outbox, member)...)
		complains(t, operator, []string{"account"}, append(outbox, "000000000000")...)
		text, errs, ok := command(t, operator, append(outbox, member)...)
		fields := strings.Split(strings.TrimSpace(text), "\t")
		if !ok || len(fields) != 4 || fields[0] != "EMAIL" || fields[1] != `"`+email+`"` {
			t.Fatalf("codes: %q %s", text, errs)
		}
		code := fields[2]
		accept := func(otp string) error {
			_, err := client.AcceptPrimaryEmailUpdate(ctx, &account.AcceptPrimaryEmailUpdateInput{AccountId: &member, PrimaryEmail: &email, Otp: &otp})
			return err
		}
		fails(t, accept("0000oo"), "ValidationException", "")
		must(t, accept(code))
		got, err := client.GetPrimaryEmail(ctx, &account.GetPrimaryEmailInput{AccountId: &member})
		must(t, err)
		if *got.PrimaryEmail != email {
			t.Errorf("address = %s", *got.PrimaryEmail)
		}
		if text, _, ok := command(t, operator, append(outbox, member)...); !ok || text != "" {
			t.Errorf("codes after the change: %q", text)
		}

		events, err := w.root.cloudtrail().LookupEvents(ctx, &cloudtrail.LookupEventsInput{})
		must(t, err)
		seen := false
		for _, e := range events.Events {
			seen = seen || *e.EventName == "AcceptPrimaryEmailUpdate"
			if strings.Contains(*e.CloudTrailEvent, code) {
				t.Errorf("the code is in the event %s", *e.CloudTrailEvent)
			}
		}
		if !seen {
			t.Error("the change is in no event")
		}
		if strings.Contains(s.log.String(), code) {
			t.Error("the code is in the log")
		}
	})
}
