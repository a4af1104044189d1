package audit_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
)

const (
	home  = "777788889999"
	other = "111122223333"
)

func recording() *audit.Recording {
	return &audit.Recording{Call: audit.Call{
		EventID: "01234567-89ab-7cde-8f01-23456789abcd", RequestID: "request", Source: "sts.amazonaws.com", Name: "AssumeRole",
		Time: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
		Caller: &credential.Caller{
			Type: credential.AssumedRole, AccountID: home, ARN: "arn:aws:sts::" + home + ":assumed-role/Inner/jane", PrincipalID: "AROAEXAMPLE:jane",
			EntityID: "AROAEXAMPLE", EntityARN: "arn:aws:iam::" + home + ":role/Inner", EntityName: "Inner", AccessKeyID: "ASIASECRETIVE",
			Session: &credential.Session{Name: "jane", SourceIdentity: "jane@example.com"},
		},
	}}
}

func role(account string) audit.Resource {
	return audit.Resource{ARN: "arn:aws:iam::" + account + ":role/R", AccountID: account, Type: "AWS::IAM::Role"}
}

// The account of a resource learns from which account somebody came, and nothing of the
// names and keys there.
func TestOtherAccountsLearnNoNames(t *testing.T) {
	r := recording()
	r.Touch(role(other))
	events := r.Complete(nil)
	if len(events) != 2 || events[0].AccountID != home || events[1].AccountID != other {
		t.Fatalf("events %+v", events)
	}
	if own := string(events[0].Record); events[0].Username != "jane" || events[0].AccessKeyID != "ASIASECRETIVE" || !strings.Contains(own, `"arn":"arn:aws:sts::`+home) {
		t.Errorf("the caller's own event: %+v %s", events[0], own)
	}
	foreign := events[1]
	var record struct {
		UserIdentity       json.RawMessage
		RecipientAccountID string
		EventID            string
	}
	if err := json.Unmarshal(foreign.Record, &record); err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"AWSAccount","principalId":"AROAEXAMPLE:jane","accountId":"` + home + `"}`
	if string(record.UserIdentity) != want || foreign.Username != "" || foreign.AccessKeyID != "" {
		t.Errorf("the other's event: user %q, key %q, %s", foreign.Username, foreign.AccessKeyID, record.UserIdentity)
	}
	if record.RecipientAccountID != other || record.EventID == events[0].ID || foreign.ID != record.EventID {
		t.Errorf("ids of the other's event: %+v", record)
	}
}

// An attempt of a transaction that did not happen leaves nothing behind.
func TestRewind(t *testing.T) {
	r := recording()
	r.Touch(role(home))
	m := r.Mark()
	r.Touch(role(other))
	r.Rewind(m)
	r.Touch(role("222222222222"))
	events := r.Complete(nil)
	if len(events) != 2 || events[1].AccountID != "222222222222" {
		t.Fatalf("events %+v", events)
	}
	if got := events[0].Resources; len(got) != 2 || got[0] != role(home) || got[1] != role("222222222222") {
		t.Errorf("resources %+v", got)
	}
	var none *audit.Recording
	none.Rewind(none.Mark())
}

// Whoever may do nothing must not fill the log with what was refused.
func TestRecordsAreBounded(t *testing.T) {
	r := recording()
	long := strings.Repeat("é", 1<<20)
	body, err := json.Marshal(map[string]string{"x": long})
	if err != nil {
		t.Fatal(err)
	}
	r.Call.Parameters, r.Decision, r.Call.UserAgent = body, body, long
	events := r.Fail("AccessDenied", long)
	var record struct {
		ErrorMessage, UserAgent                string
		RequestParameters, AdditionalEventData struct {
			Omitted      bool
			OriginalSize int
		}
	}
	if err := json.Unmarshal(events[0].Record, &record); err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("é", 512); record.ErrorMessage != want || record.UserAgent != want {
		t.Errorf("message of %d bytes, agent of %d", len(record.ErrorMessage), len(record.UserAgent))
	}
	p := record.RequestParameters
	if !p.Omitted || p.OriginalSize != len(body) || record.AdditionalEventData != p || len(events[0].Record) > 4096 {
		t.Errorf("%d bytes, %+v", len(events[0].Record), record)
	}
}
