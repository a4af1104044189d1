package policy_test

import (
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// compile parses and compiles a document, or fails the test.
func compile(t testing.TB, text string) *policy.Policy {
	t.Helper()
	d, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return policy.Compile(d)
}

func TestEvaluateIdentity(t *testing.T) {
	p := compile(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"a","Effect":"Allow","Action":"iam:Get*","Resource":"arn:aws:iam::111122223333:user/*"},
		{"Sid":"d","Effect":"Deny","Action":"iam:GetUser","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)
	sets := &policy.Sets{Identity: []policy.Attached{{Name: "p", Kind: policy.Identity, Policy: p}}}
	req := &policy.Request{
		Principal: policy.Principal{Type: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/zoe"},
		Action:    "iam:getuser",
		Resource:  "arn:aws:iam::111122223333:user/zoe",
	}
	d := policy.Evaluate(req, sets)
	if !d.Allowed || d.Reason != policy.Identity || len(d.Deciding()) != 1 || d.Deciding()[0].Sid() != "a" {
		t.Errorf("got %+v", d)
	}
	keys := policy.Keys{}
	keys.Set("aws:SecureTransport", "false")
	req.Context = keys
	d = policy.Evaluate(req, sets)
	if d.Allowed || d.Effect != policy.ExplicitDeny || d.Deciding()[0].Sid() != "d" {
		t.Errorf("got %+v", d)
	}
	if d := policy.Evaluate(req, &policy.Sets{}); d.Allowed || d.Effect != policy.ImplicitDeny {
		t.Errorf("nothing attached: got %+v", d)
	}
}
