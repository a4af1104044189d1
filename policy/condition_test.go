package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// conditionCase is one condition, a request's keys, and whether it holds for an allow and
// for a deny.
type conditionCase struct {
	condition string // JSON of the Condition element
	keys      string // "key=value1,value2;key2=value"
	allow     bool
	deny      bool
}

func parseKeys(text string) policy.Keys {
	keys := policy.Keys{}
	for _, part := range strings.Split(text, ";") {
		if name, values, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			if values == "[]" {
				keys.Set(name)
				continue
			}
			keys.Set(name, strings.Split(values, ",")...)
		}
	}
	return keys
}

func runConditions(t *testing.T, cases []conditionCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.condition+" with "+c.keys, func(t *testing.T) {
			for effect, want := range map[string]bool{"Allow": c.allow, "Deny": c.deny} {
				text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Action":"*","Resource":"*","Condition":%s}]}`, effect, c.condition)
				sets := &policy.Sets{Identity: []policy.Attached{attached(t, policy.Identity, text)}}
				d := policy.Evaluate(&policy.Request{Principal: zoe, Action: "a:B", Resource: "*", Context: parseKeys(c.keys)}, sets)
				if got := d.Allowed || d.Effect == policy.ExplicitDeny; got != want {
					t.Errorf("%s: condition holds = %v, want %v", effect, got, want)
				}
			}
		})
	}
}

var zoe = policy.Principal{
	Type: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/zoe", UniqueID: "AIDAEXAMPLEEXAMPLE01",
}

func TestStringOperators(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"StringEquals":{"k:a":"x"}}`, "k:a=x", true, true},
		{`{"StringEquals":{"k:a":"x"}}`, "k:a=X", false, false},
		{`{"StringEquals":{"k:a":["y","x"]}}`, "k:a=x", true, true},
		{`{"StringEquals":{"K:A":"x"}}`, "k:a=x", true, true},
		{`{"StringEquals":{"k:a":"x"}}`, "", false, false},
		{`{"StringEquals":{"k:a":"x*"}}`, "k:a=xy", false, false},
		{`{"StringNotEquals":{"k:a":"x"}}`, "k:a=y", true, true},
		{`{"StringNotEquals":{"k:a":["x","y"]}}`, "k:a=y", false, false},
		{`{"StringNotEquals":{"k:a":"x"}}`, "", true, true},
		{`{"StringEqualsIgnoreCase":{"k:a":"XyZ"}}`, "k:a=xYz", true, true},
		{`{"StringNotEqualsIgnoreCase":{"k:a":"XyZ"}}`, "k:a=xYz", false, false},
		{`{"StringLike":{"k:a":"a*c?"}}`, "k:a=abbbcd", true, true},
		{`{"StringLike":{"k:a":"a*c?"}}`, "k:a=Abbbcd", false, false},
		{`{"StringLike":{"k:a":"*"}}`, "k:a=[]", false, false},
		{`{"StringNotLike":{"k:a":"a*"}}`, "k:a=bcd", true, true},
		{`{"StringNotLike":{"k:a":"a*"}}`, "", true, true},
		{`{"stringequals":{"k:a":"x"}}`, "k:a=x", true, true},
		{`{"StringEquals":{"k:a":"x","k:b":"y"}}`, "k:a=x", false, false},
		{`{"StringEquals":{"k:a":"x"},"StringLike":{"k:b":"y*"}}`, "k:a=x;k:b=yy", true, true},
		{`{"StringEquals":{"k:a":5}}`, "k:a=5", true, true},
		{`{"StringEquals":{"k:a":true}}`, "k:a=true", true, true},
		{`{"StringLike":{"k:a":"h?llo"}}`, "k:a=hëllo", true, true},
	})
}

func TestIfExistsAndNull(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"StringEqualsIfExists":{"k:a":"x"}}`, "", true, true},
		{`{"StringEqualsIfExists":{"k:a":"x"}}`, "k:a=y", false, false},
		{`{"StringNotEqualsIfExists":{"k:a":"x"}}`, "", true, true},
		{`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`, "", true, true},
		{`{"Null":{"k:a":"true"}}`, "", true, true},
		{`{"Null":{"k:a":"true"}}`, "k:a=x", false, false},
		{`{"Null":{"k:a":"false"}}`, "k:a=x", true, true},
		{`{"Null":{"k:a":false}}`, "", false, false},
		{`{"Null":{"k:a":"true"}}`, "k:a=[]", true, true},
		// With a set prefix Null says nothing about the key.
		{`{"ForAllValues:Null":{"k:a":"true"}}`, "k:a=x", true, true},
		{`{"ForAllValues:Null":{"k:a":"false"}}`, "", true, true},
		{`{"ForAnyValue:Null":{"k:a":"true"}}`, "", false, false},
		{`{"ForAnyValue:Null":{"k:a":"false"}}`, "k:a=x", false, false},
		{`{"Null":{"k:a":"maybe"}}`, "", false, true},
	})
}

func TestSetOperators(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"ForAllValues:StringEquals":{"k:a":["x","y"]}}`, "k:a=x,y", true, true},
		{`{"ForAllValues:StringEquals":{"k:a":["x","y"]}}`, "k:a=x,z", false, false},
		{`{"ForAllValues:StringEquals":{"k:a":"x"}}`, "", true, true},
		{`{"ForAllValues:StringEquals":{"k:a":"x"}}`, "k:a=[]", true, true},
		{`{"ForAllValues:StringEquals":{"k:a":"x"}}`, "k:a=", true, true},
		{`{"ForAnyValue:StringEquals":{"k:a":"x"}}`, "k:a=x,z", true, true},
		{`{"ForAnyValue:StringEquals":{"k:a":"x"}}`, "k:a=y,z", false, false},
		{`{"ForAnyValue:StringEquals":{"k:a":"x"}}`, "", false, false},
		{`{"ForAnyValue:StringEquals":{"k:a":""}}`, "k:a=", false, false},
		{`{"ForAnyValue:StringNotEquals":{"k:a":"x"}}`, "k:a=x,z", true, true},
		{`{"ForAnyValue:StringNotEquals":{"k:a":"x"}}`, "k:a=x", false, false},
		{`{"ForAnyValue:StringNotEquals":{"k:a":"x"}}`, "", false, false},
		{`{"ForAllValues:StringNotEquals":{"k:a":"x"}}`, "k:a=y,z", true, true},
		{`{"ForAllValues:StringNotEquals":{"k:a":"x"}}`, "k:a=x,z", false, false},
		{`{"ForAnyValue:StringLike":{"k:a":["o-1/*","o-2/*"]}}`, "k:a=o-3/r,o-2/r", true, true},
		{`{"ForAnyValue:StringEqualsIfExists":{"k:a":"x"}}`, "", true, true},
		{`{"StringEquals":{"k:a":"x"}}`, "k:a=y,x", true, true},
		{`{"StringNotEquals":{"k:a":"x"}}`, "k:a=y,x", false, false},
	})
}

func TestNumericOperators(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"NumericEquals":{"k:n":"10"}}`, "k:n=10", true, true},
		{`{"NumericEquals":{"k:n":10}}`, "k:n=10.0", true, true},
		{`{"NumericEquals":{"k:n":"9007199254740993"}}`, "k:n=9007199254740992", false, false},
		{`{"NumericNotEquals":{"k:n":"10"}}`, "k:n=11", true, true},
		{`{"NumericNotEquals":{"k:n":"10"}}`, "", true, true},
		{`{"NumericLessThan":{"k:n":"10"}}`, "k:n=9.5", true, true},
		{`{"NumericLessThan":{"k:n":"10"}}`, "k:n=10", false, false},
		{`{"NumericLessThanEquals":{"k:n":"10"}}`, "k:n=10", true, true},
		{`{"NumericGreaterThan":{"k:n":"10"}}`, "k:n=11", true, true},
		{`{"NumericGreaterThanEquals":{"k:n":"10"}}`, "k:n=10", true, true},
		{`{"NumericGreaterThanEquals":{"k:n":"10"}}`, "k:n=-10", false, false},
		{`{"NumericLessThan":{"k:n":"3600"}}`, "", false, false},
		// A value of the request that is no number: a positive condition fails, a negated
		// one holds only where it denies.
		{`{"NumericLessThan":{"k:n":"10"}}`, "k:n=few", false, false},
		{`{"NumericNotEquals":{"k:n":"10"}}`, "k:n=few", false, true},
		{`{"NumericNotEquals":{"k:n":"10"}}`, "k:n=0x10", false, true},
		// A value of the policy that is no number is not understood: never an allow.
		{`{"NumericLessThan":{"k:n":"ten"}}`, "k:n=5", false, true},
		{`{"NumericEquals":{"k:n":["ten","5"]}}`, "k:n=5", true, true},
		{`{"NumericEquals":{"k:n":["ten","5"]}}`, "k:n=6", false, true},
		{`{"NumericEquals":{"k:n":"${k:n}"}}`, "k:n=5", false, true},
	})
}

func TestDateOperators(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"DateGreaterThan":{"aws:CurrentTime":"2020-04-01T00:00:00Z"}}`, "aws:CurrentTime=2020-04-01T00:00:01Z", true, true},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2020-04-01T00:00:00Z"}}`, "aws:CurrentTime=2020-04-01T00:00:00Z", false, false},
		{`{"DateGreaterThanEquals":{"aws:CurrentTime":"2020-04-01"}}`, "aws:CurrentTime=2020-04-01T00:00:00Z", true, true},
		{`{"DateLessThan":{"aws:CurrentTime":"2020-04-01T02:00:00+02:00"}}`, "aws:CurrentTime=2020-03-31T23:59:59.999Z", true, true},
		{`{"DateLessThanEquals":{"aws:EpochTime":"1585699200"}}`, "aws:EpochTime=1585699200", true, true},
		{`{"DateEquals":{"aws:CurrentTime":"1585699200"}}`, "aws:CurrentTime=2020-04-01T00:00:00Z", true, true},
		{`{"DateEquals":{"aws:CurrentTime":1585699200}}`, "aws:CurrentTime=2020-04-01T00:00Z", true, true},
		{`{"DateEquals":{"aws:CurrentTime":"2020-04"}}`, "aws:CurrentTime=2020-04-01", true, true},
		{`{"DateEquals":{"aws:CurrentTime":"2020"}}`, "aws:CurrentTime=2020-01-01", true, true},
		{`{"DateNotEquals":{"aws:CurrentTime":"2020-04-01"}}`, "aws:CurrentTime=2020-04-02", true, true},
		{`{"DateLessThan":{"aws:TokenIssueTime":"2020-04-01"}}`, "", false, false},
		{`{"DateLessThan":{"aws:CurrentTime":"soon"}}`, "aws:CurrentTime=2020-04-01", false, true},
		{`{"DateLessThan":{"aws:CurrentTime":"2020-04-01"}}`, "aws:CurrentTime=now", false, false},
	})
}

func TestBoolAndBinary(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"Bool":{"aws:SecureTransport":"true"}}`, "aws:SecureTransport=true", true, true},
		{`{"Bool":{"aws:SecureTransport":true}}`, "aws:SecureTransport=TRUE", true, true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, "aws:SecureTransport=true", false, false},
		{`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`, "", false, false},
		{`{"Bool":{"aws:MultiFactorAuthPresent":"yes"}}`, "aws:MultiFactorAuthPresent=true", false, true},
		{`{"BinaryEquals":{"k:b":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}`, "k:b=QmluYXJ5VmFsdWVJbkJhc2U2NA==", true, true},
		{`{"BinaryEquals":{"k:b":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}`, "k:b=QUJD", false, false},
		{`{"BinaryEquals":{"k:b":"not base64"}}`, "k:b=QUJD", false, true},
	})
}

func TestIPOperators(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, "aws:SourceIp=203.0.113.7", true, true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, "aws:SourceIp=203.0.114.7", false, false},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.7"}}`, "aws:SourceIp=203.0.113.7", true, true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.99/24"}}`, "aws:SourceIp=203.0.113.7", true, true},
		{`{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8:1234:5678::/64"]}}`, "aws:SourceIp=2001:DB8:1234:5678::1", true, true},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, "aws:SourceIp=::ffff:10.1.2.3", true, true},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, "aws:SourceIp=198.51.100.1", true, true},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, "aws:SourceIp=203.0.113.7", false, false},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, "", true, true},
		{`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, "aws:SourceIp=somewhere", false, true},
		{`{"IpAddress":{"aws:SourceIp":"203.0.113.0/33"}}`, "aws:SourceIp=203.0.113.7", false, true},
		{`{"IpAddress":{"aws:SourceIp":"::ffff:10.0.0.0/104"}}`, "aws:SourceIp=10.1.2.3", true, true},
		{`{"IpAddress":{"aws:SourceIp":"::ffff:10.1.2.3"}}`, "aws:SourceIp=::ffff:10.1.2.3", true, true},
		{`{"NotIpAddress":{"aws:SourceIp":"::ffff:10.0.0.0/104"}}`, "aws:SourceIp=10.1.2.3", false, false},
		{`{"IpAddress":{"aws:SourceIp":"::ffff:0.0.0.0/40"}}`, "aws:SourceIp=10.1.2.3", false, true},
		{`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, "aws:SourceIp=2001:db8::1", false, false},
	})
}

func TestARNOperators(t *testing.T) {
	const topic = "aws:SourceArn=arn:aws:sns:us-east-1:111122223333:topic"
	runConditions(t, []conditionCase{
		{`{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:topic"}}`, topic, true, true},
		{`{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:111122223333:t*"}}`, topic, true, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-?:*:topic"}}`, topic, true, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-*3333:topic"}}`, topic, false, false},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:SNS:*:*:topic"}}`, topic, false, false},
		{`{"ArnLike":{"aws:SourceArn":"*"}}`, topic, true, true},
		{`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}`, "aws:PrincipalArn=arn:aws:iam::1:role/dev", true, true},
		{`{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}`, "aws:PrincipalArn=arn:aws:iam::1:role/admin", false, false},
		{`{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}`, "", true, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}`, "aws:SourceArn=topic", false, false},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:${aws:PrincipalAccount}:topic"}}`, topic + ";aws:PrincipalAccount=111122223333", true, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:${aws:PrincipalAccount}:topic"}}`, topic, false, false},
	})
}

func TestVariablesInConditions(t *testing.T) {
	runConditions(t, []conditionCase{
		{`{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}`, "aws:ResourceTag/team=red;aws:PrincipalTag/team=red", true, true},
		{`{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}`, "aws:ResourceTag/team=red;aws:PrincipalTag/team=blue", false, false},
		{`{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}`, "aws:ResourceTag/team=red", false, false},
		{`{"StringNotEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}`, "aws:ResourceTag/team=red", false, true},
		{`{"StringEquals":{"k:a":"${k:b, 'none'}"}}`, "k:a=none", true, true},
		{`{"StringEquals":{"k:a":"${k:b, 'none'}"}}`, "k:a=none;k:b=some", false, false},
		{`{"StringLike":{"k:a":"${k:b}/*"}}`, "k:a=x*/y;k:b=x*", true, true},
		{`{"StringLike":{"k:a":"${k:b}/*"}}`, "k:a=xz/y;k:b=x*", false, false},
		{`{"StringLike":{"k:a":"a${*}c"}}`, "k:a=a*c", true, true},
		{`{"StringLike":{"k:a":"a${*}c"}}`, "k:a=abc", false, false},
		{`{"StringLike":{"k:a":"${?}${$}"}}`, "k:a=?$", true, true},
		{`{"StringEquals":{"k:a":"${k:b}"}}`, "k:a=x;k:b=x,y", false, false},
		{`{"StringEqualsIgnoreCase":{"k:a":"pre-${k:b}"}}`, "k:a=PRE-x;k:b=X", true, true},
		{`{"StringEquals":{"k:a":"${unclosed"}}`, "k:a=${unclosed", true, true},
	})
}

func TestVariablesNeedVersion2012(t *testing.T) {
	for version, want := range map[string]bool{`"Version":"2012-10-17",`: true, `"Version":"2008-10-17",`: false, "": false} {
		text := `{` + version + `"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}]}`
		sets := &policy.Sets{Identity: []policy.Attached{attached(t, policy.Identity, text)}}
		d := policy.Evaluate(&policy.Request{
			Principal: zoe, Action: "s3:ListBucket", Resource: "arn:aws:s3:::zoe", Context: parseKeys("aws:username=zoe"),
		}, sets)
		if d.Allowed != want {
			t.Errorf("version %q: allowed = %v", version, d.Allowed)
		}
	}
}

// A document made in Go, not by Parse, can hold what the engine does not know.
func TestUnknownNeverAllows(t *testing.T) {
	star := []policy.Value{{Text: "*"}}
	for name, s := range map[string]policy.Statement{
		"operator":          {Action: star, Resource: star, Conditions: []policy.Condition{{Operator: "StringSounds", Key: "k:a", Values: star}}},
		"null if exists":    {Action: star, Resource: star, Conditions: []policy.Condition{{Operator: "NullIfExists", Key: "k:a", Values: star}}},
		"no values":         {Action: star, Resource: star, Conditions: []policy.Condition{{Operator: "StringLike", Key: "k:a"}}},
		"no action":         {Resource: star},
		"no resource":       {Action: star},
		"both resources":    {Action: star, Resource: star, NotResource: star},
		"principal class":   {Action: star, Resource: star, Principal: []policy.PrincipalValue{{Class: "Robot", Value: policy.Value{Text: "r"}}}},
		"principal unasked": {Action: star, Resource: star, Principal: []policy.PrincipalValue{{Class: "*", Value: policy.Value{Text: "*"}}}},
	} {
		for _, effect := range []policy.Effect{policy.Allow, policy.Deny} {
			s.Effect = effect
			doc := &policy.Document{Version: policy.Version2012, Statements: []policy.Statement{s}}
			allowAll := attached(t, policy.Identity, fullAccess)
			sets := &policy.Sets{Identity: []policy.Attached{{Kind: policy.Identity, Policy: policy.Compile(doc)}}}
			if effect == policy.Deny {
				sets.Identity = append(sets.Identity, allowAll)
			}
			d := policy.Evaluate(&policy.Request{Principal: zoe, Action: "a:B", Resource: "*", Context: parseKeys("k:a=x")}, sets)
			if d.Allowed {
				t.Errorf("%s, %v: allowed", name, effect)
			}
		}
	}
	broken := &policy.Sets{Identity: []policy.Attached{attached(t, policy.Identity, fullAccess), {Name: "broken"}}}
	if d := policy.Evaluate(&policy.Request{Principal: zoe, Action: "a:B", Resource: "*"}, broken); d.Allowed || d.Effect != policy.ExplicitDeny {
		t.Errorf("policy that did not compile: %+v", d)
	}
}
