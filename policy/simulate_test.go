package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
	"pgregory.net/rapid"
)

// A key that is not named as missing cannot change the decision, whatever its value.
func TestOnlyMissingKeysCanChangeADecision(t *testing.T) {
	values := []string{"x", "X", "yy", "zoe", "z1", "1", "2.5", "2026-01-01T00:00:00Z", "10.1.2.3", "arn:aws:iam::111122223333:user/zoe", "true", "false"}
	pool := []string{"k:a", "k:list", "k:none", "aws:username", "k:n", "k:d", "aws:sourceip", "aws:principalarn", "k:b"}
	changed := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		sets := w.sets(t)
		sets.Session, sets.Endpoint = nil, nil
		for range 10 {
			req := w.request()
			if req.Principal.Type == policy.FederatedUser {
				continue
			}
			s := policy.Simulate(req, sets)
			if want := policy.Evaluate(req, sets); s.Decision != want {
				rt.Fatalf("decision %+v, the evaluation's is %+v", s.Decision, want)
			}
			if s.Decision.Effect == policy.ExplicitDeny && s.Organizations && len(s.Statements) == 0 && len(sets.RCP) == 0 {
				rt.Fatalf("nothing made the deny of %+v\n%s", req, dump(sets))
			}
			for _, key := range pool {
				if had, _ := req.Context.Lookup(key); len(had) > 0 {
					continue
				}
				for _, value := range values {
					with := *req
					with.Context = plus(req.Context, pool, key, value)
					d := policy.Evaluate(&with, sets)
					if d.Effect == s.Decision.Effect {
						continue
					}
					changed++
					if !slices.Contains(s.MissingKeys, key) {
						rt.Fatalf("%s is not missing (%v), but %s makes %v of %v\n%+v\n%s", key, s.MissingKeys, value, d.Effect, s.Decision.Effect, req, dump(sets))
					}
				}
			}
		}
	})
	if changed < 20 {
		t.Errorf("only %d values changed a decision: the cases do not test much", changed)
	}
}

// plus returns the keys of a context that are in the pool, and one more.
func plus(c policy.Context, pool []string, key, value string) policy.Keys {
	more := policy.Keys{}
	for _, k := range pool {
		if v, ok := c.Lookup(k); ok {
			more[k] = v
		}
	}
	more.Set(key, value)
	return more
}

func simulated(t *testing.T, sets *policy.Sets, keys policy.Keys) policy.Simulation {
	t.Helper()
	return policy.Simulate(&policy.Request{
		Principal: policy.Principal{Type: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/zoe"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::shop/x", Context: keys,
	}, sets)
}

func simulationPolicy(t *testing.T, k policy.Kind, statements string) policy.Attached {
	return policy.Attached{Name: k.String(), Kind: k, Policy: compile(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`)}
}

func TestMissingKeys(t *testing.T) {
	const (
		all    = `{"Effect":"Allow","Action":"*","Resource":"*"}`
		asksA  = `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"k:a":"x"}}}`
		denyB  = `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"k:b":"x"}}}`
		denies = `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`
	)
	for _, c := range []struct {
		name, identity, scp string
		keys                policy.Keys
		want                string
	}{
		{"an allow's condition", asksA, "", nil, "k:a"},
		{"an allow beside a certain one", asksA + "," + all, "", nil, ""},
		{"a deny that applies because of it", all + "," + denyB, "", nil, "k:b"},
		{"a deny that could apply", all + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"k:b":"x"}}}`, "", nil, "k:b"},
		{"a certain deny", asksA + "," + denies, "", nil, ""},
		{"another action", `{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"k:a":"x"}}}`, "", nil, ""},
		{"another resource", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::else","Condition":{"StringEquals":{"k:a":"x"}}}`, "", nil, ""},
		{"a condition that fails beside it", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"k:a":"x","k:b":"x"}}}`, "", policy.Keys{"k:b": {"y"}}, ""},
		{"a variable in a resource", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::shop/${aws:username}"}`, "", nil, "aws:username"},
		{"a variable with a default", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::shop/${aws:username, 'y'}"}`, "", nil, "aws:username"},
		{"a variable in a condition", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"k:a":"${k:b}"}}}`, "", policy.Keys{"k:a": {"x"}}, "k:b"},
		{"an SCP", all, denyB + "," + all, nil, "k:b"},
		{"SCP and identity", asksA, denyB + "," + all, nil, "k:a k:b"},
		{"given", asksA, denyB + "," + all, policy.Keys{"k:a": {"x"}, "k:b": {"x"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			sets := &policy.Sets{Identity: []policy.Attached{simulationPolicy(t, policy.Identity, c.identity)}}
			if c.scp != "" {
				sets.SCP = []policy.Level{{Policies: []policy.Attached{simulationPolicy(t, policy.SCP, c.scp)}}}
			}
			if got := strings.Join(simulated(t, sets, c.keys).MissingKeys, " "); got != c.want {
				t.Errorf("missing %q, want %q", got, c.want)
			}
		})
	}
}

// The places are those that the examples of the IAM API Reference and of the command line
// reference have for such documents.
func TestSimulatorSpans(t *testing.T) {
	const pretty = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    },\n" +
		"    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}"
	for _, c := range []struct {
		name, text string
		index      int
		want       string
	}{
		{
			"a single statement",
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`,
			0, "1:38-1:167",
		},
		{"a list in one line", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, 0, "1:38-1:84"},
		{"a list in lines", pretty, 0, "3:17-8:6"},
		{"the second of a list", pretty, 1, "8:6-13:6"},
		{"returns and line feeds", strings.ReplaceAll(pretty, "\n", "\r\n"), 0, "3:17-8:6"},
		{"a single statement in lines", "{\n  \"Version\":\"2012-10-17\",\n  \"Statement\":{\n    \"Effect\":\"Allow\",\n    \"Action\":\"s3:PutObject\",\n    \"Resource\":\"arn:aws:s3:::b\"\n  }\n}", 0, "3:16-7:4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := policy.Attached{Policy: compile(t, c.text)}
			span := policy.StatementRef{Attached: &a, Index: c.index}.SimulatorSpan()
			if got := span.Start.String() + "-" + span.End.String(); got != c.want {
				t.Errorf("at %s, want %s", got, c.want)
			}
		})
	}
	if got := (policy.StatementRef{Attached: &policy.Attached{}, Index: -1}).SimulatorSpan(); got != (policy.Span{}) {
		t.Errorf("a document that is not understood stands at %v", got)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		element, resource string
		want              bool
	}{
		{`,"Resource":"arn:aws:s3:::shop/*"`, "arn:aws:s3:::shop/x", true},
		{`,"Resource":"arn:aws:s3:::shop/*"`, "arn:aws:s3:::shop", false},
		{`,"NotResource":"arn:aws:s3:::shop/*"`, "arn:aws:s3:::shop/x", false},
		{`,"NotResource":"arn:aws:s3:::shop/*"`, "arn:aws:s3:::shop", true},
		{`,"Resource":"arn:aws:s3:::shop/${aws:username}"`, "arn:aws:s3:::shop/x", true},
		{"", "arn:aws:iam::111122223333:role/app", true},
	} {
		p := compile(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*"`+c.element+`}]}`)
		if got := p.Covers(c.resource); got != c.want {
			t.Errorf("%s covers %s: %v", c.element, c.resource, got)
		}
	}
}

func TestKeySpellings(t *testing.T) {
	p := compile(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:UserName}/${*}",
		"Condition":{"StringEquals":{"aws:PrincipalTag/Team":["${aws:RequestTag/Team, 'x'}"],"AWS:principaltag/team":"y"}}}]}`)
	spelled := map[string]string{"aws:username": "aws:username"}
	p.KeySpellings(spelled)
	for _, key := range p.ContextKeys() {
		if !strings.EqualFold(spelled[key], key) {
			t.Errorf("%s has no spelling", key)
		}
	}
	if spelled["aws:principaltag/team"] != "aws:PrincipalTag/Team" || spelled["aws:requesttag/team"] != "aws:RequestTag/Team" || spelled["aws:username"] != "aws:username" {
		t.Errorf("spellings %v", spelled)
	}
}

func TestValueForms(t *testing.T) {
	for form, texts := range map[policy.ValueForm]string{
		policy.NumericForm: "1 -1 2.5 01.00 +1 1e2 | abc NaN Infinity 0x10 1_0",
		policy.DateForm:    "2026-01-01T00:00:00Z 2035 2026-01-01 1577836800 | tomorrow 2026-13-01",
		policy.IPForm:      "203.0.113.7 2001:db8::1 | 999.0.0.1 203.0.113.0/24 here",
		policy.BinaryForm:  "QmluYXJ5 QQ== | !base64 QQ",
		"string":           "anything |",
	} {
		good, bad, _ := strings.Cut(texts, "|")
		for _, text := range strings.Fields(good) {
			if !form.Fits(text) {
				t.Errorf("%s does not fit %s", text, form)
			}
		}
		for _, text := range strings.Fields(bad) {
			if form.Fits(text) {
				t.Errorf("%s fits %s", text, form)
			}
		}
	}
	if policy.NumericForm.Fits(" 1 ") {
		t.Error("a number with spaces fits")
	}
}
