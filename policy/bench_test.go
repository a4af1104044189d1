package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

const account = "111122223333"

// benchPrincipal is a role session.
var benchPrincipal = policy.Principal{
	Type: policy.AssumedRole, Account: account,
	ARN:       "arn:aws:sts::111122223333:assumed-role/app/session",
	EntityARN: "arn:aws:iam::111122223333:role/app", UniqueID: "AROAEXAMPLEEXAMPLE01",
}

func attached(t testing.TB, k policy.Kind, text string) policy.Attached {
	return policy.Attached{Kind: k, Policy: compile(t, text)}
}

const fullAccess = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// typical is an account five levels deep with the guardrails that people really use.
func typical(t testing.TB) (*policy.Request, *policy.Sets) {
	guard := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"},
		{"Effect":"Deny","NotAction":["iam:*","sts:*","organizations:*","s3:*","support:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}},
		{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	var scp []policy.Level
	for i := range 5 {
		scp = append(scp, policy.Level{Name: fmt.Sprintf("level %d", i), Policies: []policy.Attached{
			attached(t, policy.SCP, fullAccess), attached(t, policy.SCP, guard),
		}})
	}
	identity := func(n int) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["ec2:Describe*","logs:*","cloudwatch:Get*"],"Resource":"*"},
			{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket-%d/home/${aws:PrincipalTag/team}/*"},
			{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:111122223333:table/t%d"}]}`, n, n)
	}
	sets := &policy.Sets{SCP: scp, Session: []policy.Attached{attached(t, policy.Session, fullAccess)}}
	for i := range 5 {
		sets.Identity = append(sets.Identity, attached(t, policy.Identity, identity(i)))
	}
	b := attached(t, policy.Boundary, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ec2:*","dynamodb:*"],"Resource":"*"}]}`)
	sets.Boundary = &b
	keys := policy.Keys{}
	keys.Set("aws:RequestedRegion", "eu-west-1")
	keys.Set("aws:SecureTransport", "true")
	keys.Set("aws:PrincipalTag/team", "red")
	return &policy.Request{
		Principal: benchPrincipal, Action: "s3:GetObject",
		Resource: "arn:aws:s3:::bucket-3/home/red/report.csv", Context: keys,
	}, sets
}

func BenchmarkEvaluateTypical(b *testing.B) {
	req, sets := typical(b)
	if d := policy.Evaluate(req, sets); !d.Allowed {
		b.Fatalf("not allowed: %v", d.Reason)
	}
	b.ReportAllocs()
	for b.Loop() {
		policy.Evaluate(req, sets)
	}
}

func BenchmarkEvaluateParallel(b *testing.B) {
	req, sets := typical(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			policy.Evaluate(req, sets)
		}
	})
}

// large is 20 policies of 40 statements, all of one service, with conditions.
func large(t testing.TB) (*policy.Request, *policy.Sets) {
	sets := &policy.Sets{}
	for i := range 20 {
		var s []string
		for j := range 40 {
			action := fmt.Sprintf("s3:Put%dThing%d", i, j)
			if j%4 == 0 {
				action = fmt.Sprintf("s3:List%d*", j)
			}
			if i == 19 && j == 39 {
				action = "s3:GetObject"
			}
			s = append(s, fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":"arn:aws:s3:::bucket-%d-*/data/*","Condition":{"StringLike":{"aws:PrincipalTag/team":["r*","b?ue"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`, action, i))
		}
		sets.Identity = append(sets.Identity, attached(t, policy.Identity, `{"Version":"2012-10-17","Statement":[`+strings.Join(s, ",")+`]}`))
	}
	keys := policy.Keys{}
	keys.Set("aws:PrincipalTag/team", "red")
	keys.Set("aws:SourceIp", "10.1.2.3")
	return &policy.Request{
		Principal: benchPrincipal, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket-19-a/data/x", Context: keys,
	}, sets
}

func BenchmarkEvaluateLarge(b *testing.B) {
	req, sets := large(b)
	if d := policy.Evaluate(req, sets); !d.Allowed {
		b.Fatalf("not allowed: %v", d.Reason)
	}
	b.ReportAllocs()
	for b.Loop() {
		policy.Evaluate(req, sets)
	}
}

func BenchmarkEvaluateAdversarial(b *testing.B) {
	p := strings.Repeat("a*", 2000) + "b"
	sets := &policy.Sets{Identity: []policy.Attached{attached(b, policy.Identity,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+strings.Repeat("a*", 400)+`:x","Resource":"*"},
		{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::`+p+`"},
		{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*`+strings.Repeat("?a", 1000)+`b*"}]}`)}}
	req := &policy.Request{Principal: benchPrincipal, Action: "s3:GetObject", Resource: "arn:aws:s3:::" + strings.Repeat("a", 1900)}
	b.ReportAllocs()
	for b.Loop() {
		policy.Evaluate(req, sets)
	}
}

func BenchmarkCompile(b *testing.B) {
	_, sets := large(b)
	d := sets.Identity[0].Policy.Document()
	b.ReportAllocs()
	for b.Loop() {
		policy.Compile(d)
	}
}

func BenchmarkExplainTypical(b *testing.B) {
	req, sets := typical(b)
	for b.Loop() {
		policy.Explain(req, sets)
	}
}

func TestEvaluateAllowedAllocatesNothing(t *testing.T) {
	for name, scene := range map[string]func(testing.TB) (*policy.Request, *policy.Sets){"typical": typical, "large": large} {
		req, sets := scene(t)
		if n := testing.AllocsPerRun(100, func() { policy.Evaluate(req, sets) }); n != 0 {
			t.Errorf("%s: %v allocations for an allowed decision", name, n)
		}
	}
}
