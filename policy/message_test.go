package policy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

func TestMessage(t *testing.T) {
	const who = "User: arn:aws:iam::111122223333:user/zoe is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/x"
	allow := func(k policy.Kind) policy.Attached { return attached(t, k, fullAccess) }
	deny := func(k policy.Kind, arn string) policy.Attached {
		principal := ""
		if k == policy.Resource || k == policy.Trust || k == policy.RCP || k == policy.VPCEndpoint {
			principal = `"Principal":"*",`
		}
		a := attached(t, k, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+principal+`"Action":"*","Resource":"*"},{"Effect":"Deny",`+principal+`"Action":"s3:*","Resource":"*"}]}`)
		a.ARN = arn
		return a
	}
	nothing := attached(t, policy.Boundary, `{"Statement":[{"Effect":"Allow","Action":"x:Y","Resource":"*"}]}`)
	emptyTrust := attached(t, policy.Trust, `{"Statement":[{"Effect":"Allow","Principal":{"Service":"a.b"},"Action":"x:Y"}]}`)
	ptr := func(a policy.Attached) *policy.Attached { return &a }
	const scpARN = "arn:aws:organizations::222233334444:policy/o-exampleorgid/service_control_policy/p-examplepolicyid111"
	for _, c := range []struct {
		sets    policy.Sets
		account string
		want    string
	}{
		{policy.Sets{}, "", " because no identity-based policy allows the s3:GetObject action"},
		{policy.Sets{}, "222233334444", " because no resource-based policy allows the s3:GetObject action"},
		{policy.Sets{Identity: []policy.Attached{deny(policy.Identity, "arn:aws:iam::111122223333:policy/guard")}}, "", " with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/guard"},
		{policy.Sets{Identity: []policy.Attached{deny(policy.Identity, "")}}, "", " with an explicit deny in an identity-based policy"},
		{policy.Sets{SCP: []policy.Level{{Name: "root", Policies: []policy.Attached{deny(policy.SCP, scpARN)}}}}, "", " with an explicit deny in a service control policy: " + scpARN},
		{policy.Sets{SCP: []policy.Level{{Name: "root"}}}, "", " because no service control policy allows the s3:GetObject action"},
		{policy.Sets{RCP: []policy.Level{{Name: "root", Policies: []policy.Attached{deny(policy.RCP, "arn:x")}}}}, "", " with an explicit deny in a resource control policy: arn:x"},
		{policy.Sets{Identity: []policy.Attached{allow(policy.Identity)}, Boundary: &nothing}, "", " because no permissions boundary allows the s3:GetObject action"},
		{policy.Sets{Identity: []policy.Attached{allow(policy.Identity)}, Boundary: ptr(deny(policy.Boundary, "arn:b"))}, "", " with an explicit deny in a permissions boundary: arn:b"},
		{policy.Sets{Identity: []policy.Attached{allow(policy.Identity)}, Session: []policy.Attached{nothing}}, "", " because no session policy allows the s3:GetObject action"},
		{policy.Sets{Identity: []policy.Attached{allow(policy.Identity)}, Session: []policy.Attached{deny(policy.Session, "")}}, "", " with an explicit deny in a session policy"},
		{policy.Sets{Resource: ptr(deny(policy.Resource, ""))}, "", " with an explicit deny in a resource-based policy"},
		{policy.Sets{Resource: &emptyTrust}, "", " because no role trust policy allows the s3:GetObject action"},
		{policy.Sets{Resource: ptr(deny(policy.Trust, ""))}, "", " with an explicit deny in the role trust policy"},
		{policy.Sets{Endpoint: ptr(deny(policy.VPCEndpoint, ""))}, "", " with an explicit deny in a VPC endpoint policy"},
	} {
		req := &policy.Request{Principal: zoe, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x", ResourceAccount: c.account}
		d := policy.Evaluate(req, &c.sets)
		if got := policy.Message(d, req, true); got != who+c.want {
			t.Errorf("got  %s\nwant %s", got, who+c.want)
		}
		short, _, _ := strings.Cut(c.want, ": arn")
		if got := policy.Message(d, req, false); got != who+short {
			t.Errorf("without policy ARN: got  %s\nwant %s", got, who+short)
		}
	}
	req := &policy.Request{Principal: zoe, Action: "s3:GetObject"}
	if got := policy.Message(policy.Decision{Allowed: true}, req, true); got != "" {
		t.Errorf("allowed: %q", got)
	}
	if got := policy.Message(policy.Decision{}, req, true); got != "User: arn:aws:iam::111122223333:user/zoe is not authorized to perform: s3:GetObject" {
		t.Errorf("zero decision: %q", got)
	}
}

func TestExplainNamesWhatFailed(t *testing.T) {
	sets := &policy.Sets{
		Identity: []policy.Attached{{Name: "dev", ARN: "arn:aws:iam::111122223333:policy/dev", Kind: policy.Identity, Policy: compile(t, `{"Version":"2012-10-17","Statement":[
			{"Sid":"mfa","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringLike":{"aws:PrincipalTag/team":["red","blue"]}}},
			{"Sid":"home","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"},
			{"Sid":"ec2","Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`)}},
		SCP: []policy.Level{{Name: "root", Policies: []policy.Attached{attached(t, policy.SCP, fullAccess)}}},
	}
	req := &policy.Request{Principal: zoe, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x", Context: parseKeys("aws:PrincipalTag/team=green")}
	e := policy.Explain(req, sets)
	if e.Allowed || e.Outcome != "implicitDeny" || e.Reason != "identity-based policy" {
		t.Fatalf("got %+v", e)
	}
	if want := []string{"aws:multifactorauthpresent", "aws:username"}; !slices.Equal(e.MissingKeys, want) {
		t.Errorf("missing keys %v, want %v", e.MissingKeys, want)
	}
	if e.Layers[0].Kind != "service control policy" || e.Layers[0].Says != "allow" || e.Layers[0].Level != "root" {
		t.Errorf("first layer %+v", e.Layers[0])
	}
	dev := e.Layers[1].Policies[0]
	if e.Layers[1].Says != "nothing" || len(dev.Statements) != 2 || dev.Others != 1 {
		t.Fatalf("identity layer %+v", e.Layers[1])
	}
	mfa, home := dev.Statements[0], dev.Statements[1]
	if mfa.Failed != "Condition" || len(mfa.Conditions) != 2 || home.Failed != "Resource" {
		t.Errorf("statements %+v, %+v", mfa, home)
	}
	team := mfa.Conditions[1]
	if team.Met || !team.Present || !slices.Equal(team.Actual, []string{"green"}) || !slices.Equal(team.Expected, []string{"red", "blue"}) {
		t.Errorf("condition %+v", team)
	}
	if mfa.Conditions[0].Present || mfa.Conditions[0].Met {
		t.Errorf("condition %+v", mfa.Conditions[0])
	}
	text, err := json.Marshal(e)
	if err != nil || !strings.Contains(string(text), `"failed":"Condition"`) || !strings.Contains(string(text), `"sid":"mfa"`) {
		t.Errorf("JSON %s, %v", text, err)
	}
}

func TestDecidingPointsIntoTheDocument(t *testing.T) {
	text := "{\"Version\":\"2012-10-17\",\"Statement\":[\n{\"Sid\":\"a\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},\n  {\"Sid\":\"no\",\"Effect\":\"Deny\",\"Action\":[\"s3:*\",\"s3:Get*\",\"s3:GetObject\"],\"Resource\":\"*\"}]}"
	sets := &policy.Sets{Identity: []policy.Attached{{Name: "p", Kind: policy.Identity, Policy: compile(t, text)}}}
	d := policy.Evaluate(&policy.Request{Principal: zoe, Action: "s3:GetObject", Resource: "*"}, sets)
	if d.DecidingCount() != 1 {
		t.Fatalf("%d deciding statements", d.DecidingCount())
	}
	ref := d.Deciding()[0]
	if span := ref.Span(); ref.Sid() != "no" || ref.Index != 1 || ref.Attached.Name != "p" || span.Start.Line != 3 || span.Start.Column != 3 {
		t.Errorf("deciding %+v at %+v", ref, span)
	}
}
