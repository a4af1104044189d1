package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/policy"
)

func TestParseKeepsPositions(t *testing.T) {
	text := "{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"é\", \"Statement\": [\n    {\"Sid\": \"a\", \"Effect\": \"Allow\",\n     \"Action\": [\"s3:Get*\", \"s3:List*\"],\n     \"Resource\": \"*\"}\n  ]\n}\n"
	d, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := d.Statements[0]
	if s.Span.Start.Line != 4 || s.Span.Start.Column != 5 || s.Span.End.Line != 6 || s.Span.End.Column != 22 {
		t.Errorf("statement at %+v", s.Span)
	}
	if got := text[s.Span.Start.Offset:s.Span.End.Offset]; !strings.HasPrefix(got, `{"Sid"`) || !strings.HasSuffix(got, `"*"}`) {
		t.Errorf("statement text %q", got)
	}
	if p := s.Action[1].Pos; p.Line != 5 || p.Column != 28 || text[p.Offset:p.Offset+5] != `"s3:L` {
		t.Errorf("second action at %+v", p)
	}
	if d.ID.Text != "é" || !d.VersionSet || d.Version != policy.Version2012 {
		t.Errorf("document %+v", d)
	}
}

func TestParseRefuses(t *testing.T) {
	const ok = `"Effect":"Allow","Action":"*","Resource":"*"`
	for text, want := range map[string]string{
		``:                              "unexpected end of the policy document at line 1, column 1",
		`[]`:                            "a policy document is a JSON object",
		`{} {}`:                         "unexpected text after the policy document at line 1, column 4",
		`{}`:                            "the policy document has no Statement",
		`{"Statement":[]}`:              "no statements",
		`{"Statement":"x"}`:             "Statement has to be an object",
		`{"statement":{` + ok + `}}`:    `"statement" is not an element of a policy document`,
		`{"Statement":{` + ok + `},}`:   "expected a name in double quotes",
		`{"Statement":[{` + ok + `},]}`: "unexpected character",
		`{"Version":"2012-10-18","Statement":{` + ok + `}}`:                                          `version "2012-10-18"`,
		`{"Version":2012,"Statement":{` + ok + `}}`:                                                  "expected a string at line 1, column 12 (Version)",
		`{"Statement":{` + ok + `,"Effect":"Deny"}}`:                                                 `duplicate name "Effect"`,
		`{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`:                               `Effect is "allow"`,
		`{"Statement":{"Action":"*","Resource":"*"}}`:                                                "no Effect",
		`{"Statement":{"Effect":"Allow","Resource":"*"}}`:                                            "neither Action nor NotAction",
		`{"Statement":{` + ok + `,"NotAction":"s3:*"}}`:                                              "both Action and NotAction",
		`{"Statement":{` + ok + `,"NotResource":"*"}}`:                                               "both Resource and NotResource",
		`{"Statement":{` + ok + `,"Principal":"*","NotPrincipal":"*"}}`:                              "both Principal and NotPrincipal",
		`{"Statement":{` + ok + `,"Principal":"111122223333"}}`:                                      `has to be "*"`,
		`{"Statement":{` + ok + `,"Principal":{"aws":"*"}}}`:                                         `"aws" is not an element of a principal`,
		`{"Statement":{` + ok + `,"Principal":{}}}`:                                                  "the principal is empty",
		`{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}`:                                "the list is empty at line 1, column 41 (Statement.Action)",
		`{"Statement":[{"Effect":"Allow","Action":["a:b",1],"Resource":"*"}]}`:                       "(Statement[0].Action[1])",
		`{"Statement":{` + ok + `,"Condition":[]}}`:                                                  "Condition has to be an object",
		`{"Statement":{` + ok + `,"Condition":{"StringMatches":{"a:b":"c"}}}}`:                       "unknown operator",
		`{"Statement":{` + ok + `,"Condition":{"NullIfExists":{"a:b":"true"}}}}`:                     "unknown operator",
		`{"Statement":{` + ok + `,"Condition":{"ForSomeValues:StringLike":{"a:b":"c"}}}}`:            "unknown operator",
		`{"Statement":{` + ok + `,"Condition":{"StringLike":"c"}}}`:                                  "object of condition keys",
		`{"Statement":{` + ok + `,"Condition":{"StringLike":{"a:b":[]}}}}`:                           "has no values",
		`{"Statement":{` + ok + `,"Condition":{"StringLike":{"a:b":null}}}}`:                         "expected a string, a number or a boolean",
		`{"Statement":{` + ok + `,"Condition":{"StringLike":{"a:b":{"c":1}}}}}`:                      "expected a string, a number or a boolean",
		`{"Statement":{` + ok + `,"Principle":"*"}}`:                                                 `"Principle" is not an element of a statement`,
		`{"Statement":{"Effect":"Allow","Action":"\x","Resource":"*"}}`:                              "unknown escape",
		`{"Statement":{"Effect":"Allow","Action":"\ud800","Resource":"*"}}`:                          `malformed \u escape`,
		"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"a\nb\",\"Resource\":\"*\"}}":              "control character",
		"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"\xff\",\"Resource\":\"*\"}}":              "not valid UTF-8",
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*`:                                  "string is not closed",
		`{"Statement":{` + ok + `,"Condition":{"NumericEquals":{"a:b":01}}}}`:                        "malformed number",
		`{"Statement":{` + ok + `,"Condition":{"NumericEquals":{"a:b":1.}}}}`:                        "malformed number",
		`{"Statement":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`:                  "nested too deeply",
		strings.Repeat(" ", policy.DefaultMaxBytes) + `{"Statement":{` + ok + `}}`:                   "too long",
		`{"Statement":{` + ok + `,"Condition":{"StringLike":{"a:b":"c"},"StringLike":{"d:e":"f"}}}}`: `duplicate name "StringLike"`,
	} {
		_, err := policy.Parse([]byte(text), policy.ParseOptions{})
		var syntax *policy.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s\n got  %v\n want %s", text, err, want)
		}
	}
}

// TestInspectFindsAllFaults gives one document many faults.
func TestInspectFindsAllFaults(t *testing.T) {
	d, faults := policy.Inspect([]byte(`{"Version":"2020-01-01","Extra":1,"Statement":[
		{"Effect":"allow","Action":[],"Resource":["*",7],"Principal":{"Robot":"r"}},
		{"Action":"s3:*","NotAction":"s3:*","Resource":[],"Condition":{"Null":{"k:a":[]},"NullIfExists":{"k:a":"true"},"Sounds":{"k:a":"x"},"Bool":7}},
		"deny"]}`), policy.ParseOptions{})
	want := []string{
		policy.CodeInvalidVersion, policy.CodeInvalidElement,
		policy.CodeInvalidEffect, policy.CodeEmptyArrayAction, policy.CodeDataType, policy.CodeInvalidPrincipalKey,
		policy.CodeEmptyArrayResource, policy.CodeEmptyArrayCondition, policy.CodeNullWithIfExists, policy.CodeInvalidOperator, policy.CodeDataType,
		policy.CodeMissingEffect, policy.CodeUnsupportedElement,
		policy.CodeDataType,
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Code)
		if f.Line == 0 || f.Column == 0 || f.Message == "" || f.Path == "" {
			t.Errorf("fault without place or words: %+v", f)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults\n %v, want\n %v", got, want)
	}
	if d == nil || len(d.Statements) != 3 {
		t.Fatalf("document %+v", d)
	}
	sets := &policy.Sets{Identity: []policy.Attached{{Policy: policy.Compile(d)}}}
	if d := policy.Evaluate(&policy.Request{Principal: zoe, Action: "s3:GetObject", Resource: "*"}, sets); d.Allowed {
		t.Error("a document with faults allows")
	}
	if d, faults := policy.Inspect([]byte(`[`), policy.ParseOptions{}); d != nil || len(faults) != 1 || faults[0].Code != policy.CodeJSONSyntax {
		t.Errorf("no JSON: %+v, %v", d, faults)
	}
}

func TestParseAccepts(t *testing.T) {
	for _, text := range []string{
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}}`,
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{}}}}`,
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"a:b":[1,-2.5,1e3,"7"]},"Bool":{"c:d":true}}}}`,
		`{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["*"],"Service":"a.b","Federated":"c","CanonicalUser":"d"},"NotAction":"a:b","NotResource":["*"]}]}`,
		"\t{ \"Statement\" : { \"Effect\" : \"\\u0041llow\" , \"Action\":\"*\",\"Resource\":\"\\ud83d\\ude00\\/\" } }\r\n",
	} {
		if _, err := policy.Parse([]byte(text), policy.ParseOptions{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestValidate(t *testing.T) {
	const v = `"Version":"2012-10-17",`
	for _, c := range []struct {
		name string
		kind policy.Kind
		text string
		code string // of the first error; empty: none
		path string
	}{
		{"identity", policy.Identity, `{` + v + `"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "", ""},
		{"identity principal", policy.Identity, `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`, policy.CodeUnsupportedPrincipal, "Statement[0].Principal"},
		{"boundary principal", policy.Boundary, `{"Statement":[{"Effect":"Allow","NotPrincipal":"*","Action":"s3:*","Resource":"*"}]}`, policy.CodeUnsupportedPrincipal, "Statement[0].Principal"},
		{"identity no resource", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}`, policy.CodeMissingResource, "Statement[0].Resource"},
		{"no vendor", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":["s3:*","GetObject"],"Resource":"*"}]}`, policy.CodeInvalidAction, "Statement[0].Action[1]"},
		{"wildcard vendor", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s*:Get","Resource":"*"}]}`, policy.CodeInvalidAction, "Statement[0].Action[0]"},
		{"empty name", policy.Identity, `{"Statement":[{"Effect":"Allow","NotAction":"s3:","Resource":"*"}]}`, policy.CodeInvalidAction, "Statement[0].NotAction[0]"},
		{"bad name", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:Get Object","Resource":"*"}]}`, policy.CodeInvalidAction, "Statement[0].Action[0]"},
		{"resource no arn", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["*","bucket"]}]}`, policy.CodeInvalidARN, "Statement[0].Resource[1]"},
		{"duplicate sid", policy.Identity, `{"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`, policy.CodeUniqueSids, "Statement[1].Sid"},
		{"sid with space", policy.Identity, `{"Statement":[{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, policy.CodeInvalidSid, "Statement[0].Sid"},
		{"scp sid with space", policy.SCP, `{` + v + `"Statement":[{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "", ""},
		{"bad number", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"NumericEquals":{"s3:max-keys":"ten"}}}]}`, policy.CodeTypeNumber, "Statement[0].Condition.NumericEquals.s3:max-keys"},
		{"bad date", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"tomorrow"}}}]}`, policy.CodeTypeDate, "Statement[0].Condition.DateLessThan.aws:CurrentTime"},
		{"bad range", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/40"}}}]}`, policy.CodeTypeIPRange, "Statement[0].Condition.IpAddress.aws:SourceIp"},
		{"bad bool", policy.SCP, `{` + v + `"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"no"}}}]}`, policy.CodeTypeBoolean, "Statement[0].Condition.Bool.aws:SecureTransport"},
		{"key without vendor", policy.Identity, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"username":"a"}}}]}`, policy.CodeInvalidKeyFormat, "Statement[0].Condition.StringLike.username"},
		{"bad variable", policy.Identity, `{` + v + `"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username"}]}`, policy.CodeVariableBrace, "Statement[0].Resource[0]"},
		{"trust", policy.Trust, `{` + v + `"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`, "", ""},
		{"trust no principal", policy.Trust, `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}`, policy.CodeMissingPrincipal, "Statement[0].Principal"},
		{"trust resource", policy.Trust, `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`, policy.CodeTrustResource, "Statement[0].Resource"},
		{"trust action", policy.Trust, `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}`, policy.CodeUnsupportedAction, "Statement[0].Action[0]"},
		{"trust not action", policy.Trust, `{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"sts:TagSession"}]}`, policy.CodeUnsupportedAction, "Statement[0].NotAction"},
		{"trust not principal", policy.Trust, `{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}`, policy.CodeNotPrincipalInRoleTrust, "Statement[0].NotPrincipal"},
		{"partial wildcard", policy.Trust, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Action":"sts:AssumeRole"}]}`, policy.CodePrincipalWildcard, "Statement[0].Principal"},
		{"bad principal", policy.Resource, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"zoe"},"Action":"s3:*","Resource":"*"}]}`, policy.CodeInvalidPrincipal, "Statement[0].Principal"},
		{"resource ok", policy.Resource, `{"Id":"x","Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/zoe","AIDAEXAMPLEEXAMPLE01"],"Service":"s3.amazonaws.com"},"Action":"s3:*","Resource":"*"}]}`, "", ""},
		{"resource no principal", policy.Resource, `{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, policy.CodeMissingPrincipal, "Statement[0].Principal"},
		{"not principal allow", policy.Resource, `{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}]}`, policy.CodeNotPrincipalWithAllow, "Statement[0].NotPrincipal"},
		{"scp full language", policy.SCP, `{` + v + `"Statement":[{"Effect":"Allow","NotAction":"s3:*Object","NotResource":"arn:aws:s3:::a","Condition":{"StringEquals":{"aws:PrincipalTag/t":"x"}}}]}`, "", ""},
		{"scp principal", policy.SCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`, policy.CodeSCPPrincipal, "Statement[0].Principal"},
		{"scp version", policy.SCP, `{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`, policy.CodeMissingVersion, "Version"},
		{"rcp", policy.RCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::a"}]}`, "", ""},
		{"rcp allow", policy.RCP, `{` + v + `"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`, policy.CodeRCPAllow, "Statement[0].Effect"},
		{"rcp principal", policy.RCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}]}`, policy.CodeRCPPrincipal, "Statement[0].Principal"},
		{"rcp principal of accounts", policy.RCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}]}`, policy.CodeRCPPrincipal, "Statement[0].Principal"},
		{"rcp wildcards", policy.RCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:*Object","sqs:?end*"],"Resource":"*"}]}`, "", ""},
		{"rcp not action", policy.RCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}]}`, policy.CodeRCPNotAction, "Statement[0].NotAction"},
		{"rcp star action", policy.RCP, `{` + v + `"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`, policy.CodeRCPAction, "Statement[0].Action[0]"},
	} {
		d, err := policy.Parse([]byte(c.text), policy.ParseOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f := policy.FirstError(d.Validate(c.kind, policy.Limits{}))
		switch {
		case f == nil && c.code != "":
			t.Errorf("%s: no error, want %s", c.name, c.code)
		case f != nil && (f.Code != c.code || f.Path != c.path):
			t.Errorf("%s: %s at %s, want %s at %s", c.name, f.Code, f.Path, c.code, c.path)
		}
	}
}

func TestLimits(t *testing.T) {
	before, after := time.Date(2026, 5, 14, 23, 59, 59, 0, time.UTC), time.Date(2026, 5, 15, 0, 0, 0, 0, time.UTC)
	if got := policy.LimitsAt(policy.SCP, before).MaxSize; got != 5120 {
		t.Errorf("SCP before 2026-05-15: %d", got)
	}
	if got := policy.LimitsAt(policy.SCP, after).MaxSize; got != 10240 {
		t.Errorf("SCP since 2026-05-15: %d", got)
	}
	d, err := policy.Parse([]byte(fullAccess+strings.Repeat(" ", 10240-len(fullAccess))), policy.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if f := policy.FirstError(d.Validate(policy.SCP, policy.LimitsAt(policy.SCP, after))); f != nil {
		t.Errorf("10,240 characters: %v", f)
	}
	if f := policy.FirstError(d.Validate(policy.SCP, policy.LimitsAt(policy.SCP, before))); f == nil || f.Code != policy.CodePolicySize {
		t.Errorf("10,240 characters in 2025: %v", f)
	}
	if f := policy.FirstError(d.Validate(policy.Identity, policy.Limits{MaxSize: len(fullAccess)})); f != nil {
		t.Errorf("IAM does not count white space: %v", f)
	}
	if got := (policy.Limits{CountsSpace: true}).Size([]byte("é é")); got != 3 {
		t.Errorf("characters, not bytes, count: %d", got)
	}
}
