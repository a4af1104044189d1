package lint

import (
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// An operator that is misspelled is one fault: the condition that it leaves empty is not a
// second one.
func TestAMisspelledOperatorIsOneFinding(t *testing.T) {
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:CreateUser","Resource":"*","Condition":{"StringEqual":{"aws:PrincipalOrgID":"o-1"}}}]}`
	for _, f := range Check([]byte(text), policy.SCP, policy.Limits{}) {
		if f.Code == EmptyCondition {
			t.Errorf("reported too: %+v", f)
		}
	}
	empty := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:CreateUser","Resource":"*","Condition":{}}]}`
	found := false
	for _, f := range Check([]byte(empty), policy.SCP, policy.Limits{}) {
		found = found || f.Code == EmptyCondition
	}
	if !found {
		t.Error("an empty condition is not reported")
	}
}
