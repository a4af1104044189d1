package policytest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policytest"
)

// files is a small file system.
type files map[string]string

func (f files) options() policytest.Options {
	return policytest.Options{
		Read: func(name string) ([]byte, error) {
			text, ok := f[name]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		},
		Managed: func(arn string) (string, bool) {
			if arn != "arn:aws:iam::aws:policy/AdministratorAccess" {
				return "", false
			}
			return allowAll, true
		},
		At: time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC),
	}
}

const (
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	denyS3   = `{"Version":"2012-10-17","Statement":[{"Sid":"NoS3","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
)

// load reads one test file out of a few; fault lists what is wrong with it, a line each.
func load(t *testing.T, f files) (s *policytest.Suite, fault string) {
	t.Helper()
	s, err := policytest.Load("t.yaml", f.options())
	var bad *policytest.Error
	switch {
	case errors.As(err, &bad):
		return nil, bad.Error()
	case err != nil:
		t.Fatal(err)
	}
	return s, ""
}

// world has an organization with guardrails at two levels; cases are appended.
const world = `
policies:
  no-s3: no-s3.json
organization:
  id: o-testtesttest
  management-account: 111111111111
  root:
    ous:
      Work:
        ous:
          Prod:
            scps: no-s3
            accounts: {shop: 222222222222}
          Open:
            detach: FullAWSAccess
            scps: {name: only-ec2, document: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "ec2:*", Resource: "*"}]}}
            accounts:
              lab: {id: "000000000333"}
      Data:
        rcps:
          - Version: 2012-10-17
            Statement: [{Sid: Ours, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEquals: {aws:PrincipalOrgID: o-testtesttest}}}]
        accounts: {lake: 444444444444}
identities:
  admin: {account: shop, user: team/admin, policies: AdministratorAccess, tags: {team: a}}
  labs: {account: lab, role: app, session-name: i-1, policies: AdministratorAccess}
  boss: {account: management, user: boss, policies: AdministratorAccess}
  lake: {account: lake, role: etl, policies: AdministratorAccess}
  linked: {account: shop, role: aws-service-role/x.amazonaws.com/AWSServiceRoleForX, policies: AdministratorAccess}
  bounded: {account: lake, user: b, policies: AdministratorAccess, boundary: no-s3}
  reduced: {account: lake, role: r, policies: AdministratorAccess, session-policies: []}
  guest: {account: 555555555555, user: guest, policies: AdministratorAccess}
  careful: {account: lake, user: c, mfa: true, policies: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "ec2:*", Resource: "*", Condition: {Bool: {aws:MultiFactorAuthPresent: true}}}]}}
resources:
  bucket:
    arn: arn:aws:s3:::lake
    account: lake
    tags: {class: open}
    policy: {Version: 2012-10-17, Statement: [{Sid: All, Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*"}]}
  role:
    arn: arn:aws:iam::444444444444:role/open
    trust: {Version: 2012-10-17, Statement: [{Sid: T, Effect: Allow, Principal: {AWS: "222222222222"}, Action: "sts:AssumeRole"}]}
  key:
    arn: arn:aws:kms:eu-west-1:444444444444:key/1
    policy: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: "222222222222"}, Action: "kms:Decrypt", Resource: "*"}]}
context: {aws:RequestedRegion: eu-west-1}
cases:
`

func TestCasesAreDecided(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{`{who: admin, action: ec2:RunInstances, expect: allow, because: {layer: identity, policy: AdministratorAccess}}`, ""},
		{`{who: admin, action: s3:GetObject, expect: deny, because: scp}`, ""},
		{`{who: admin, action: s3:GetObject, expect: explicit-deny, because: {policy: no-s3, sid: NoS3, level: Prod}}`, ""},
		{`{who: admin, action: s3:GetObject, expect: explicit-deny, because: {level: Work/Prod}}`, ""},
		{`{who: admin, action: s3:GetObject, expect: explicit-deny, because: {level: ou Work/Prod}}`, ""},
		{`{who: admin, action: s3:GetObject, expect: explicit-deny, because: {level: Open}}`, "level Open/ou Work/Prod"},
		{`{who: admin, action: s3:GetObject, expect: explicit-deny, because: {policy: other, sid: X}}`, "policy other/no-s3 sid X/NoS3"},
		{`{who: admin, action: s3:GetObject, expect: implicit-deny}`, `outcome deny (implicit: nothing allows it)/deny (explicit) by scp "no-s3" statement NoS3 at ou Work/Prod`},
		{`{who: admin, action: s3:GetObject, expect: deny, because: identity}`, `reason deny by identity/deny (explicit) by scp "no-s3" statement NoS3 at ou Work/Prod`},
		{`{who: labs, action: s3:GetObject, expect: implicit-deny, because: {layer: scp, level: Open}}`, ""},
		{`{who: labs, action: s3:GetObject, expect: implicit-deny, because: {layer: scp, level: lab}}`, "level lab/ou Work/Open"},
		{`{who: labs, action: s3:GetObject, expect: implicit-deny, because: {policy: only-ec2}}`, "policy only-ec2/none"},
		{`{who: labs, action: ec2:RunInstances, expect: allow}`, ""},
		{`{who: boss, action: s3:GetObject, expect: allow}`, ""},
		{`{who: linked, action: s3:GetObject, expect: allow}`, ""},
		{`{who: bounded, action: s3:GetObject, expect: explicit-deny, because: boundary}`, ""},
		{`{who: bounded, action: ec2:RunInstances, expect: implicit-deny, because: boundary}`, ""},
		{`{who: reduced, action: ec2:RunInstances, expect: implicit-deny, because: session}`, ""},
		{`{who: careful, action: ec2:RunInstances, expect: allow}`, ""},
		{`{who: careful, action: ec2:RunInstances, context: {aws:MultiFactorAuthPresent: null}, expect: deny}`, ""},
		{`{who: guest, action: s3:GetObject, resource: bucket, expect: explicit-deny, because: {layer: rcp, sid: Ours, level: Data}}`, ""},
		{`{who: anonymous, action: s3:GetObject, resource: bucket, context: {aws:PrincipalOrgID: o-testtesttest}, expect: allow, because: {layer: resource, sid: All}}`, ""},
		{`{who: lake, action: s3:GetObject, resource: "arn:aws:s3:::lake/x", expect: allow, because: resource}`, ""},
		{`{who: lake, action: s3:GetObject, resource: "arn:aws:s3:::lakes", expect: allow, because: identity}`, ""},
		{`{who: admin, action: sts:AssumeRole, resource: role, expect: allow}`, ""},
		{`{who: guest, action: sts:AssumeRole, resource: role, expect: implicit-deny, because: trust}`, ""},
		{`{who: admin, action: kms:Decrypt, resource: key, expect: allow}`, ""},
		{`{who: lake, action: kms:Decrypt, resource: key, expect: implicit-deny, because: resource}`, ""},
		{`{who: ec2.amazonaws.com, action: s3:GetObject, resource: bucket, context: {aws:PrincipalOrgID: o-testtesttest}, expect: allow}`, ""},
		{`{who: "444444444444", action: s3:GetObject, expect: allow}`, ""},
		{`{who: lake, action: ec2:RunInstances, endpoint: no-s3-endpoint.json, expect: implicit-deny, because: endpoint}`, ""},
		{`{who: lake, action: s3:GetObject, resource: arn:aws:s3:::other, resource-account: 666666666666, expect: implicit-deny, because: resource}`, ""},
	} {
		s, fault := load(t, files{
			"t.yaml": world + "  - " + test.line, "no-s3.json": denyS3,
			"no-s3-endpoint.json": strings.Replace(denyS3, `"Action"`, `"Principal":"*","Action"`, 1),
		})
		if fault != "" {
			t.Errorf("%s\n%s", test.line, fault)
			continue
		}
		r := s.Run()[0]
		var got []string
		for _, d := range r.Differences {
			got = append(got, d.What+" "+d.Want+"/"+d.Got)
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s\n got %q\nwant %q (%s)", test.line, text, test.want, r.Summary())
		}
		if r.Passed() != (test.want == "") {
			t.Errorf("%s: passed %v", test.line, r.Passed())
		}
	}
}

// TestKeysAreFilledIn asks for keys through the conditions of a policy.
func TestKeysAreFilledIn(t *testing.T) {
	s, fault := load(t, files{"t.yaml": world + `
  - {who: admin, action: ec2:RunInstances, resource: bucket, request-tags: {b: x, a: y}, expect: allow}
  - {who: labs, action: ec2:RunInstances, expect: allow}
  - {who: ec2.amazonaws.com, action: ec2:RunInstances, expect: deny}
  - {who: "111111111111", action: ec2:RunInstances, context: {aws:SourceIp: [203.0.113.1, 203.0.113.2], aws:SecureTransport: null}, expect: allow}
`, "no-s3.json": denyS3})
	if fault != "" {
		t.Fatal(fault)
	}
	for i, want := range []map[string]string{
		{
			"aws:principalarn": "arn:aws:iam::222222222222:user/team/admin", "aws:username": "admin", "aws:principaltype": "User",
			"aws:principalaccount": "222222222222", "aws:principalorgid": "o-testtesttest",
			"aws:principalorgpaths": "o-testtesttest/r-examplerootid111/ou-exam-work0000/ou-exam-workprod/",
			"aws:principaltag/team": "a", "aws:requestedregion": "eu-west-1", "aws:securetransport": "true",
			"aws:resourceaccount": "444444444444", "aws:resourceorgid": "o-testtesttest", "aws:resourcetag/class": "open",
			"ec2:resourcetag/class": "open", "aws:requesttag/a": "y", "aws:tagkeys": "a b", "aws:multifactorauthpresent": "-",
			"aws:resourceorgpaths": "o-testtesttest/r-examplerootid111/ou-exam-data0000/",
			"aws:viaawsservice":    "false", "aws:principalisawsservice": "false",
		},
		{
			"aws:principalarn": "arn:aws:iam::000000000333:role/app", "aws:principaltype": "AssumedRole", "aws:username": "-",
			"aws:userid": "AROAAPPEXAMPLEEXAMPLE:i-1", "aws:multifactorauthpresent": "false",
		},
		{"aws:principalisawsservice": "true", "aws:principalservicename": "ec2.amazonaws.com", "aws:principalarn": "-", "aws:principalorgid": "-"},
		{"aws:principaltype": "Account", "aws:sourceip": "203.0.113.1 203.0.113.2", "aws:securetransport": "-"},
	} {
		for key, value := range want {
			got, ok := s.Cases[i].Request.Context.Lookup(key)
			if text := strings.Join(got, " "); ok == (value == "-") || ok && text != value {
				t.Errorf("case %d: %s is %q (%v), want %q", i, key, text, ok, value)
			}
		}
	}
}

func TestListsMakeCases(t *testing.T) {
	s, fault := load(t, files{"t.yaml": world + `
  - {name: n, who: [admin, lake], action: [ec2:RunInstances, ec2:StopInstances], expect: allow}
  - {who: admin, action: ec2:RunInstances, resource: ["*", bucket], expect: allow}
  - {name: one, who: admin, action: ec2:RunInstances, expect: allow}
`, "no-s3.json": denyS3})
	if fault != "" {
		t.Fatal(fault)
	}
	var names []string
	for _, c := range s.Cases {
		names = append(names, c.Name)
	}
	want := []string{
		"n (admin ec2:RunInstances)", "n (admin ec2:StopInstances)", "n (lake ec2:RunInstances)", "n (lake ec2:StopInstances)",
		"admin ec2:RunInstances *: allow", "admin ec2:RunInstances bucket: allow", "one",
	}
	if fmt.Sprint(names) != fmt.Sprint(want) {
		t.Errorf("names\n got %q\nwant %q", names, want)
	}
}

// TestPlacesOfStatements finds statements where they are written, in each form.
func TestPlacesOfStatements(t *testing.T) {
	s, fault := load(t, files{"d/p.json": "{\n \"Version\": \"2012-10-17\",\n \"Statement\":\n  {\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}\n}", "t.yaml": `
identities:
  file: {account: 111122223333, user: a, policies: d/p.json}
  literal:
    account: 111122223333
    user: b
    policies: |
      {
        "Version": "2012-10-17",
        "Statement": [
          {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
        ]
      }
  yaml:
    account: 111122223333
    user: c
    policies:
      - Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: ec2:*
            Resource: "*"
cases:
  - {who: [file, literal, yaml], action: ec2:RunInstances, expect: allow}
`})
	if fault != "" {
		t.Fatal(fault)
	}
	want := []string{"d/p.json:4:3", "t.yaml:11:11", "t.yaml:20:13"}
	for i, r := range s.Run() {
		d := r.Deciding()
		if !r.Passed() || len(d) != 1 || d[0].Place.String() != want[i] {
			t.Errorf("%s: %+v, want %s", r.Case.Name, d, want[i])
		}
		// The explanation has the same line, so that it can be read beside the file.
		if line := r.Explanation.Deciding[0].Span.Start.Line; line != d[0].Line {
			t.Errorf("%s: the explanation says line %d, not %d", r.Case.Name, line, d[0].Line)
		}
	}
}

func TestSizesOfInlinePolicies(t *testing.T) {
	fill := func(n int) files {
		return files{"t.yaml": strings.Repeat("# far down\n", 3000) + `
identities:
  a:
    account: 111122223333
    role: r
    policies: []
    session-policies: [{Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::` + strings.Repeat("b", n) + `"}]}]
cases: [{who: a, action: s3:GetObject, expect: deny}]
`}
	}
	if _, fault := load(t, fill(1900)); fault != "" {
		t.Errorf("white space before a policy counts: %s", fault)
	}
	if _, fault := load(t, fill(2100)); !strings.Contains(fault, "of at most 2048") {
		t.Errorf("a policy of more than 2,048 characters is taken: %q", fault)
	}
}

func TestParsePrincipal(t *testing.T) {
	for text, want := range map[string]policy.Principal{
		"anonymous":                              {},
		"111122223333":                           {Type: policy.Root, Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", UniqueID: "111122223333"},
		"arn:aws:iam::111122223333:root":         {Type: policy.Root, Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", UniqueID: "111122223333"},
		"arn:aws-cn:iam::111122223333:user/a/zo": {Type: policy.User, Account: "111122223333", ARN: "arn:aws-cn:iam::111122223333:user/a/zo", UniqueID: "AIDAZOEXAMPLEEXAMPLEE"},
		"arn:aws:iam::111122223333:role/p/app": {
			Type: policy.AssumedRole, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/app/session",
			EntityARN: "arn:aws:iam::111122223333:role/p/app", UniqueID: "AROAAPPEXAMPLEEXAMPLE",
		},
		"arn:aws:sts::111122223333:assumed-role/app/me": {
			Type: policy.AssumedRole, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/app/me",
			EntityARN: "arn:aws:iam::111122223333:role/app", UniqueID: "AROAAPPEXAMPLEEXAMPLE",
		},
		"arn:aws:sts::111122223333:federated-user/bob": {Type: policy.FederatedUser, Account: "111122223333", ARN: "arn:aws:sts::111122223333:federated-user/bob"},
		"arn:aws:iam::111122223333:saml-provider/corp": {Type: policy.SAML, ARN: "arn:aws:iam::111122223333:saml-provider/corp"},
		"arn:aws:iam::111122223333:oidc-provider/x.io": {Type: policy.WebIdentity, ARN: "arn:aws:iam::111122223333:oidc-provider/x.io"},
		"lambda.amazonaws.com":                         {Type: policy.Service, ARN: "lambda.amazonaws.com"},
	} {
		got, err := policytest.ParsePrincipal(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v (%v), want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "zoe", "arn:aws:iam::1:user/zoe", "arn:aws:s3:::bucket", "arn:aws:iam::111122223333:user/", "arn:aws:iam::111122223333:group/g",
		"arn:aws:sts::111122223333:assumed-role/app", "arn:aws:sts::111122223333:assumed-role/app/",
	} {
		if p, err := policytest.ParsePrincipal(text); err == nil {
			t.Errorf("%q is taken as %+v", text, p)
		}
	}
}
