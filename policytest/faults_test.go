package policytest_test

import (
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policytest"
)

// TestFaultsAreTold gives what is wrong with a file, and where.
func TestFaultsAreTold(t *testing.T) {
	const cases = "\ncases: [{who: anonymous, action: s3:GetObject, expect: deny}]\n"
	for name, test := range map[string]struct{ text, want string }{
		"nothing":            {"", "t.yaml: the file is empty"},
		"only a comment":     {"# hello\n", "t.yaml: the file is empty"},
		"a list":             {"[1]", "t.yaml:1:1: the file has to be a mapping (name: value), not a list"},
		"a tab":              {"a:\n\t- b\n", "t.yaml:2:1: not YAML: a tab"},
		"two documents":      {"a: 1\n---\nb: 2\n", "is the second"},
		"an open quote":      {"a: 'x\nb: 2\n", "t.yaml:1:4: not YAML: found unexpected end of stream"},
		"a colon":            {"a: b: c\n", "needs quotes"},
		"binary":             {"\x00\x01", "not YAML"},
		"no cases":           {"description: x", "the file has no cases"},
		"empty cases":        {"cases: []", "the file has no cases"},
		"unknown section":    {"identites: {}" + cases, `t.yaml:1:1: the file has no member "identites"; did you mean "identities"?`},
		"a member twice":     {"context: {}\ncontext: {}" + cases, `t.yaml:2:1: "context" is there twice`},
		"incomplete case":    {"cases: [{who: anonymous}]", "a case needs who, action and expect"},
		"same name twice":    {"cases:\n- {name: a, who: anonymous, action: s3:GetObject, expect: deny}\n- {name: a, who: anonymous, action: s3:GetObject, expect: deny}", "t.yaml:3:3: there are two cases with the name"},
		"bad expectation":    {"cases: [{who: anonymous, action: s3:GetObject, expect: denied}]", `did you mean "deny"?`},
		"bad reason":         {"cases: [{who: anonymous, action: s3:GetObject, expect: deny, because: spc}]", `did you mean "scp"?`},
		"wildcard action":    {"cases: [{who: anonymous, action: 's3:*', expect: deny}]", "is no action"},
		"unknown resource":   {"cases: [{who: anonymous, action: s3:GetObject, resource: bucket, expect: deny}]", `there is no resource "bucket", and it is no ARN either`},
		"null action":        {"cases: [{who: anonymous, action: [null], expect: deny}]", "an action has to be a single value"},
		"bad key":            {"context: {region: x}" + cases, `"region" is no condition key`},
		"account without id": {"organization: {root: {accounts: {a: {scps: []}}}}" + cases, "the account a needs an id"},
		"two same accounts":  {"organization: {root: {accounts: {a: 111111111111, b: 111111111111}}}" + cases, "there are two accounts"},
		"number as account":  {"organization: {root: {accounts: {a: 1111}}}" + cases, "12 digits"},
		"deep OUs":           {"organization: {root: {ous: {a: {ous: {b: {ous: {c: {ous: {d: {ous: {e: {ous: {f: {}}}}}}}}}}}}}}" + cases, "at most 5 levels"},
		"detach own":         {"organization: {root: {detach: mine}}" + cases, "only FullAWSAccess can be detached"},
		"nobody":             {"identities: {a: {account: 111111111111}}" + cases, "has to be exactly one of"},
		"two persons":        {"identities: {a: {account: 111111111111, user: b, role: c}}" + cases, "has to be exactly one of"},
		"no account":         {"identities: {a: {user: b}}" + cases, "the identity a needs an account"},
		"root with policies": {"identities: {a: {account: 111111111111, root: true, policies: FullAWSAccess}}" + cases, "the root user carries no policies"},
		"root: maybe":        {"identities: {a: {account: 111111111111, root: maybe}}" + cases, "root can only be true"},
		"session of a user":  {"identities: {a: {account: 111111111111, user: b, session-name: c}}" + cases, "only roles have a session-name"},
		"two boundaries":     {"identities: {a: {account: 111111111111, user: b, boundary: [FullAWSAccess, FullAWSAccess]}}" + cases, "only one permissions boundary"},
		"bad mfa":            {"identities: {a: {account: 111111111111, user: b, mfa: yes}}" + cases, "mfa has to be true or false"},
		"no ARN":             {"resources: {a: {account: 111111111111}}" + cases, "needs an arn"},
		"policy and trust":   {"resources: {a: {arn: 'arn:aws:s3:::a', policy: ok.json, trust: trust.json}}" + cases, "not both"},
		"missing file":       {"policies: {a: gone.json}" + cases, "t.yaml:1:15: cannot read the policy: open gone.json"},
		"bad JSON":           {"policies: {a: bad.json}" + cases, "bad.json:2:1: "},
		"no policy":          {"policies: {a: {name: b}}" + cases, "a policy is a file"},
		"unknown policy":     {"policies: {guard: ok.json}\nidentities: {a: {account: 111111111111, user: b, policies: gard}}" + cases, `did you mean "guard"?`},
		"wrong place":        {"identities: {a: {account: 111111111111, user: b, policies: ok.json}}" + cases, "ok.json:1:38: AWS would refuse it as an identity-based policy: Policy document should not specify a principal. (Statement[0].Principal); used in line 1 of t.yaml"},
		"inline fault":       {"policies:\n  a:\n    Version: 2012-10-17\n    Statement:\n      - Efect: Allow" + cases, `t.yaml:5:9: "Efect" is not an element`},
		"bottomless":         {"policies: {a: {Version: 1, Statement: &a [*a]}}" + cases, "too long or too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			_, fault := load(t, files{
				"t.yaml": test.text, "bad.json": "{\n",
				"ok.json":    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`,
				"trust.json": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`,
			})
			if !strings.Contains(fault, test.want) {
				t.Errorf("%q\n lacks %q", fault, test.want)
			}
		})
	}
}

func TestActionsThatAWSDoesNotHave(t *testing.T) {
	s, fault := load(t, files{"t.yaml": `
cases:
  - {who: anonymous, action: s3:GetObjekt, expect: deny}
  - {who: anonymous, action: nosuch:Thing, expect: deny}
  - {who: anonymous, action: S3:getobject, expect: deny}
`})
	if fault != "" || len(s.Warnings) != 2 {
		t.Fatalf("%q, warnings %v", fault, s.Warnings)
	}
	if !strings.Contains(s.Warnings[0].String(), `t.yaml:3:30: AWS has no action "s3:GetObjekt"; did you mean "s3:GetObject"?`) ||
		!strings.Contains(s.Warnings[1].String(), "the service is not known") {
		t.Errorf("warnings %v", s.Warnings)
	}
}

func TestAsk(t *testing.T) {
	f := files{"deny.json": denyS3, "allow.json": allowAll}
	ask := func(change func(q *policytest.Query)) string {
		q := &policytest.Query{Principal: "arn:aws:iam::111122223333:user/zoe", Action: "s3:GetObject", Identity: []string{"AdministratorAccess"}}
		change(q)
		c, err := policytest.Ask(q, f.options())
		if err != nil {
			return err.Error()
		}
		r := c.Run()
		return r.Summary() + " " + strings.Join(c.Notes, " ")
	}
	for name, test := range map[string]struct {
		change func(q *policytest.Query)
		want   string
	}{
		"alone":       {func(*policytest.Query) {}, `allow by identity "AdministratorAccess"`},
		"no policies": {func(q *policytest.Query) { q.Identity = nil }, "deny (no identity-based policy allows it)"},
		"file":        {func(q *policytest.Query) { q.Identity = []string{"deny.json"} }, `deny (explicit) by identity "deny" statement NoS3`},
		"boundary":    {func(q *policytest.Query) { q.Boundary = "deny.json" }, `deny (explicit) by boundary "deny"`},
		"session":     {func(q *policytest.Query) { q.Session = []string{"deny.json"} }, `deny (explicit) by session "deny"`},
		"scp":         {func(q *policytest.Query) { q.SCP = []string{"allow.json", "ou Prod=deny.json"} }, `deny (explicit) by scp "deny" statement NoS3 at ou Prod`},
		"scp passes":  {func(q *policytest.Query) { q.SCP, q.Action = []string{"deny.json"}, "ec2:RunInstances" }, "allow by identity"},
		"bare scp": {func(q *policytest.Query) {
			q.SCP, q.BareSCP, q.Action = []string{"x=deny.json"}, true, "ec2:RunInstances"
		}, "deny (no service control policy allows it at x)"},
		"rcp for ec2": {func(q *policytest.Query) { q.RCP, q.Action = []string{"rcp.json"}, "ec2:RunInstances" }, "allow by identity \"AdministratorAccess\" RCPs do not apply to ec2"},
		"rcp":         {func(q *policytest.Query) { q.RCP = []string{"rcp.json"} }, `deny (explicit) by rcp "rcp"`},
		"rcp off": {func(q *policytest.Query) {
			q.RCP, q.Context = []string{"rcp.json"}, []string{"aws:SourceIp=203.0.113.1"}
		}, "allow by identity"},
		"other owner": {func(q *policytest.Query) { q.ResourceAccount = "444455556666" }, "deny (no resource-based policy allows it)"},
		"bad context": {func(q *policytest.Query) { q.Context = []string{"x"} }, "is no condition key with a value"},
		"bad file":    {func(q *policytest.Query) { q.Identity = []string{"gone.json"} }, "cannot read the policy"},
		"bad name":    {func(q *policytest.Query) { q.Identity = []string{"Admin"} }, `there is no policy "Admin"`},
		"bad action":  {func(q *policytest.Query) { q.Action = "s3" }, "is no action"},
		"typo":        {func(q *policytest.Query) { q.Action = "s3:GetObjekt" }, `AWS has no action "s3:GetObjekt"; did you mean "s3:GetObject"?`},
		"bad who":     {func(q *policytest.Query) { q.Principal = "zoe" }, `"zoe" is no principal`},
		"service role": {func(q *policytest.Query) {
			q.Principal, q.SCP = "arn:aws:iam::111122223333:role/aws-service-role/x/y", []string{"deny.json"}
		}, "allow by identity \"AdministratorAccess\" SCPs and RCPs do not apply"},
	} {
		f["rcp.json"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:SourceIp":"true"}}}]}`
		if got := ask(test.change); !strings.Contains(got, test.want) {
			t.Errorf("%s: %s\n lacks %s", name, got, test.want)
		}
	}
}

// FuzzLoad reads any text without panic; what it takes can be run.
func FuzzLoad(f *testing.F) {
	f.Add(world + "  - {who: admin, action: s3:GetObject, expect: deny}")
	f.Add("policies: {a: {Version: 1, Statement: &a [*a]}}")
	f.Add("cases: &a [*a]")
	f.Add("identities: {a: {root: true, account: 1}}\ncases: [{who: a, action: s3:GetObject, expect: deny, because: {level: x}}]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := policytest.Load("t.yaml", files{"t.yaml": text, "no-s3.json": denyS3}.options())
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		for _, r := range s.Run() {
			if r.Summary() == "" {
				t.Error("a decision without words")
			}
		}
	})
}
