package organizations_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// validations does the rechecks that wait and returns the events that the management account
// has about effective policies, the newest first.
func (s *scene) validations() (events []audit.Event) {
	s.t.Helper()
	err := s.DB.Update(s.t.Context(), func(tx *store.Tx) error {
		if _, err := organizations.RecheckEffectivePolicies(s.t.Context(), tx, 100); err != nil {
			return err
		}
		all, err := tx.AuditEvents(audit.Query{AccountID: management, Limit: 100})
		events = slices.DeleteFunc(all, func(e audit.Event) bool { return e.Name != "EffectivePolicyValidation" })
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return events
}

// The management account learns that an effective policy is invalid, and that it is mended,
// in the form of the user guide's examples.
func TestEffectivePolicyValidationEvents(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { testValidationEvents(t, organized(t, e)) })
	}
}

func testValidationEvents(t *testing.T, s *scene) {
	ctx := s.as(management)
	member := s.account("a@example.com")
	s.enableType(backupType)
	p := s.typed(backupType, "half", `{"plans":{"P":{"regions":{"@@assign":["eu-west-1"]}}}}`, member)
	events := s.validations()
	if len(events) != 1 || !events[0].ReadOnly {
		t.Fatalf("events = %v", events)
	}
	o := ok(t)(s.DescribeOrganization(ctx, &organizationsapi.DescribeOrganizationInput{})).(*organizationsapi.DescribeOrganizationOutput).Organization
	detail := func(missing string) string {
		return `{"accountPath":"` + *o.Id + "/" + s.root + "/" + member + `/","evaluationTimestamp":"Jun 1, 2026, 12:00:00 PM","errorCode":"KEY_REQUIRED",` +
			`"errorMessage":"'` + missing + `' is missing","pathToError":"plans/p","contributingPolicies":["` + p + `"]}`
	}
	checkDetails(t, events[0], `{"accountId":"`+member+`","policyType":"BACKUP_POLICY","state":"INVALID","requestTimestamp":"Jun 1, 2026, 12:00:00 PM",`+
		`"info":"All validation errors listed","validationErrors":[`+detail("rules")+","+detail("selections")+`]}`)
	var record map[string]any
	if err := json.Unmarshal(events[0].Record, &record); err != nil {
		t.Fatal(err)
	}
	delete(record, "serviceEventDetails")
	delete(record, "eventID")
	got, _ := json.Marshal(record)
	want := `{"awsRegion":"us-east-1","eventCategory":"Management","eventName":"EffectivePolicyValidation","eventSource":"organizations.amazonaws.com",` +
		`"eventTime":"2026-06-01T12:00:00Z","eventType":"AwsServiceEvent","eventVersion":"1.11","managementEvent":true,"readOnly":true,` +
		`"recipientAccountId":"111111111111","requestParameters":null,"responseElements":null,"sourceIPAddress":"AWS Internal",` +
		`"userAgent":"AWS Internal","userIdentity":{"accountId":"111111111111","invokedBy":"AWS Internal"}}`
	if string(got) != want {
		t.Errorf("record:\n got %s\nwant %s", got, want)
	}

	ok(t)(s.DetachPolicy(ctx, &organizationsapi.DetachPolicyInput{PolicyId: &p, TargetId: &member}))
	events = s.validations()
	if len(events) != 2 {
		t.Fatalf("events = %v", events)
	}
	valid := slices.IndexFunc(events, func(e audit.Event) bool { return strings.Contains(string(e.Record), `"state":"VALID"`) })
	checkDetails(t, events[max(valid, 0)], `{"accountId":"`+member+`","policyType":"BACKUP_POLICY","state":"VALID","requestTimestamp":"Jun 1, 2026, 12:00:00 PM",`+
		`"info":"Previous effective policy validation error(s) resolved for this account/policyType"}`)
	if again := s.validations(); len(again) != 2 {
		t.Errorf("told again: %v", again)
	}
}

func checkDetails(t *testing.T, e audit.Event, want string) {
	t.Helper()
	var record struct {
		ServiceEventDetails json.RawMessage `json:"serviceEventDetails"`
	}
	if err := json.Unmarshal(e.Record, &record); err != nil {
		t.Fatal(err)
	}
	if got := string(record.ServiceEventDetails); got != want {
		t.Errorf("details:\n got %s\nwant %s", got, want)
	}
}
