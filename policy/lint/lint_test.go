package lint_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/bailiwick/bailiwick/iam/managed"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/lint"
	"pgregory.net/rapid"
)

// check is one code with a statement that gives it and one, as alike as can be, that does
// not. A text that begins with { "Version or { "Statement is a whole document.
type check struct {
	code     string
	kind     policy.Kind
	severity policy.Severity
	bad      string
	good     string
}

const (
	errorSeverity = policy.SeverityError
	security      = policy.SeveritySecurityWarning
	warning       = policy.SeverityWarning
	suggestion    = policy.SeveritySuggestion
)

// allow, deny and condition write statements of identity-based policies and SCPs.
func allow(action, resource string) string { return statement("Allow", action, resource) }

func statement(effect, action, resource string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":%s,"Resource":%s}`, effect, action, resource)
}

func condition(text string) string {
	return `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{` + text + `}}`
}

var checks = []check{
	{policy.CodeJSONSyntax, policy.Identity, errorSeverity, `{"Statement":[}`, `{"Version":"2012-10-17","Statement":[` + allow(`"s3:*"`, `"*"`) + `]}`},
	{policy.CodeInvalidElement, policy.Identity, errorSeverity, `{"Effect":"Allow","Actions":"s3:*","Action":"s3:*","Resource":"*"}`, allow(`"s3:*"`, `"*"`)},
	{policy.CodeEmptyArrayAction, policy.Identity, errorSeverity, allow(`[]`, `"*"`), allow(`["s3:*"]`, `"*"`)},
	{policy.CodeNullWithIfExists, policy.Identity, errorSeverity, condition(`"NullIfExists":{"aws:username":"true"}`), condition(`"Null":{"aws:username":"true"}`)},
	{policy.CodeUnsupportedPrincipal, policy.Identity, errorSeverity, `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`, allow(`"s3:*"`, `"*"`)},
	{policy.CodeTypeBoolean, policy.Identity, errorSeverity, condition(`"Bool":{"aws:SecureTransport":"maybe"}`), condition(`"Bool":{"aws:SecureTransport":"true"}`)},

	{lint.MissingVersion, policy.Identity, warning, `{"Statement":[` + allow(`"s3:*"`, `"*"`) + `]}`, allow(`"s3:*"`, `"*"`)},
	{lint.InvalidServiceInAction, policy.Identity, errorSeverity, allow(`"ec3:RunInstances"`, `"*"`), allow(`"ec2:RunInstances"`, `"*"`)},
	{lint.InvalidAction, policy.Identity, errorSeverity, allow(`"ec2:RunInstanecs"`, `"*"`), allow(`"ec2:runinstances"`, `"*"`)},
	{lint.InvalidAction, policy.Identity, errorSeverity, allow(`"ec2:Zap*"`, `"*"`), allow(`"ec2:Run*"`, `"*"`)},
	{lint.RedundantAction, policy.Identity, suggestion, allow(`["iam:Get*","iam:getUser"]`, `"*"`), allow(`["iam:Get*","iam:*User"]`, `"*"`)},
	{lint.RedundantAction, policy.Identity, suggestion, allow(`["iam:GetUser","iam:GetUser"]`, `"*"`), allow(`["iam:GetUser","iam:GetUserPolicy"]`, `"*"`)},
	{lint.RCPService, policy.RCP, warning, `{"Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"*"}`, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`},

	{lint.InvalidPartition, policy.Identity, errorSeverity, allow(`"s3:*"`, `"arn:amazon:s3:::b"`), allow(`"s3:*"`, `"arn:aws-cn:s3:::b"`)},
	{lint.InvalidService, policy.Identity, errorSeverity, allow(`"s3:*"`, `"arn:aws:s33:::b"`), allow(`"s3:*"`, `"arn:aws:s3:::b"`)},
	{lint.InvalidService, policy.Identity, errorSeverity, condition(`"StringEquals":{"s33:prefix":"x"}`), condition(`"StringEquals":{"token.ci.example.com:sub":"x"}`)},
	{lint.InvalidARNServiceCase, policy.Identity, errorSeverity, allow(`"s3:*"`, `"arn:aws:S3:::b"`), allow(`"s3:*"`, `"arn:aws:s3:::B"`)},
	{lint.InvalidARNRegion, policy.Identity, errorSeverity, allow(`"sqs:*"`, `"arn:aws:sqs:europe:111122223333:q"`), allow(`"sqs:*"`, `"arn:aws:sqs:us-gov-west-1:111122223333:q"`)},
	{lint.InvalidARNAccount, policy.Identity, errorSeverity, allow(`"sqs:*"`, `"arn:aws:sqs:eu-west-1:1111:q"`), allow(`"sqs:*"`, `"arn:aws:sqs:eu-west-1:*:q"`)},
	{lint.InvalidARNResource, policy.Identity, errorSeverity, allow(`"iam:*"`, `"arn:aws:iam::111122223333:person/zoe"`), allow(`"iam:*"`, `"arn:aws:iam::111122223333:u*/zoe"`)},
	{lint.ARNRegionNotAllowed, policy.Identity, errorSeverity, allow(`"iam:*"`, `"arn:aws:iam:eu-west-1:111122223333:user/zoe"`), allow(`"iam:*"`, `"arn:aws:iam::111122223333:user/zoe"`)},
	{lint.ARNAccountNotAllowed, policy.Identity, errorSeverity, allow(`"route53:*"`, `"arn:aws:route53::111122223333:hostedzone/Z1"`), allow(`"route53:*"`, `"arn:aws:route53:::hostedzone/Z1"`)},
	{lint.MissingARNRegion, policy.Identity, errorSeverity, allow(`"sqs:*"`, `"arn:aws:sqs::111122223333:q"`), allow(`"sqs:*"`, `"arn:aws:sqs:*:111122223333:q"`)},
	{lint.WildcardInService, policy.Identity, suggestion, allow(`"s3:*"`, `"arn:aws:*code*::111122223333:*"`), allow(`"s3:*"`, `"arn:aws:codecommit:eu-west-1:111122223333:*"`)},
	{lint.RedundantResource, policy.Identity, suggestion, allow(`"iam:*"`, `["arn:aws:iam::111122223333:role/jane-x","arn:aws:iam::111122223333:role/jane*"]`), allow(`"iam:*"`, `["arn:aws:iam::111122223333:role/zoe","arn:aws:iam::111122223333:role/jane*"]`)},
	{lint.ActionResourceMismatch, policy.Identity, warning, allow(`"iam:GetUser"`, `"arn:aws:iam::111122223333:role/x"`), allow(`["iam:GetUser","iam:GetRole"]`, `"arn:aws:iam::111122223333:role/x"`)},

	{lint.InvalidGlobalKey, policy.Identity, errorSeverity, condition(`"StringEquals":{"aws:PrincipalOrgIdd":"o-1"}`), condition(`"StringEquals":{"aws:principalorgid":"o-1"}`)},
	{lint.UnsupportedGlobalKey, policy.Identity, errorSeverity, condition(`"ArnEquals":{"aws:ARN":"arn:aws:iam::111122223333:user/zoe"}`), condition(`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/zoe"}`)},
	{lint.InvalidServiceKey, policy.Identity, errorSeverity, condition(`"StringEquals":{"s3:prefx":"x"}`), condition(`"StringEquals":{"s3:prefix":"x"}`)},
	{lint.MissingTagKey, policy.Identity, errorSeverity, condition(`"StringEquals":{"aws:PrincipalTag/":"x"}`), condition(`"StringEquals":{"aws:PrincipalTag/team":"x"}`)},
	{lint.MissingTagKey, policy.Identity, errorSeverity, condition(`"StringEquals":{"ec2:ResourceTag":"x"}`), condition(`"StringEquals":{"ec2:ResourceTag/team":"x"}`)},
	{lint.SpaceInVariable, policy.Identity, errorSeverity, allow(`"s3:*"`, `"arn:aws:s3:::b/${aws: username}"`), allow(`"s3:*"`, `"arn:aws:s3:::b/${aws:PrincipalTag/cost center}/${aws:username, 'no name'}"`)},
	{lint.DuplicateKeys, policy.Identity, errorSeverity, condition(`"StringEquals":{"aws:username":"a","aws:UserName":"b"}`), condition(`"StringEquals":{"aws:username":"a"},"StringLike":{"aws:UserName":"b"}`)},
	{lint.MultipleBoolean, policy.Identity, errorSeverity, condition(`"Bool":{"aws:SecureTransport":["true","false"]}`), condition(`"Bool":{"aws:SecureTransport":["true"]}`)},
	{lint.MissingQualifier, policy.Identity, errorSeverity, condition(`"StringEquals":{"aws:TagKeys":"team"}`), condition(`"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}`)},
	{lint.ForAllValuesSingleValued, policy.Identity, security, condition(`"ForAllValues:StringEquals":{"aws:username":"zoe"}`), condition(`"ForAllValues:StringEquals":{"aws:TagKeys":"team"}`)},
	{lint.TypeMismatch, policy.Identity, warning, condition(`"StringEquals":{"aws:MultiFactorAuthPresent":"true"}`), condition(`"Bool":{"aws:MultiFactorAuthPresent":"true"}`)},
	{lint.TypeMismatch, policy.Identity, warning, condition(`"StringEquals":{"aws:EpochTime":"1"}`), condition(`"NumericLessThan":{"aws:EpochTime":"1"},"StringLike":{"aws:SourceArn":"arn:*"}`)},
	{lint.InvalidVariable, policy.Identity, errorSeverity, condition(`"NumericEquals":{"s3:max-keys":"${aws:username}"}`), condition(`"StringEquals":{"s3:prefix":"${aws:username}"}`)},
	{lint.InvalidRegion, policy.SCP, errorSeverity, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"frankfurt"}}}`, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotLike":{"aws:RequestedRegion":["eu-central-1","us-*"]}}}`},
	{lint.WildcardWithoutLike, policy.Identity, warning, condition(`"StringEquals":{"s3:prefix":"home/*"}`), condition(`"StringEquals":{"s3:prefix":"home/${*}"}`)},
	{lint.InvalidDate, policy.Identity, warning, condition(`"DateLessThan":{"aws:CurrentTime":"1700000000"}`), condition(`"DateLessThan":{"aws:CurrentTime":"2026-01-01"}`)},
	{lint.ImproveIPRange, policy.Identity, suggestion, condition(`"IpAddress":{"aws:SourceIp":"203.0.113.7/24"}`), condition(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)},
	{lint.NullWithQualifier, policy.Identity, suggestion, condition(`"ForAllValues:Null":{"aws:TagKeys":"true"}`), condition(`"Null":{"aws:TagKeys":"true"}`)},
	{lint.PrivateIPAddress, policy.Identity, errorSeverity, condition(`"IpAddress":{"aws:SourceIp":["10.0.0.0/8","fd00::/8"]}`), condition(`"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}`)},
	{lint.PrivateNotIPAddress, policy.Identity, errorSeverity, condition(`"NotIpAddress":{"aws:SourceIp":"192.168.0.0/16"}`), condition(`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)},
	{lint.PrivateIPSubset, policy.Identity, suggestion, condition(`"IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}`), condition(`"IpAddress":{"aws:SourceIp":["198.51.100.0/24","203.0.113.0/24"]}`)},
	{lint.PrivateNotIPSubset, policy.Identity, suggestion, condition(`"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}`), condition(`"NotIpAddress":{"aws:SourceIp":["198.51.100.0/24","203.0.113.0/24"]}`)},
	{lint.RedundantNumber, policy.Identity, suggestion, condition(`"NumericLessThan":{"aws:MultiFactorAuthAge":["2700","3600"]}`), condition(`"NumericEquals":{"s3:max-keys":["1","2"]}`)},
	{lint.EmptyCondition, policy.Identity, suggestion, condition(``), condition(`"Null":{"aws:username":"true"}`)},
	{lint.EmptySid, policy.Identity, suggestion, `{"Sid":"","Effect":"Allow","Action":"s3:*","Resource":"*"}`, `{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"}`},
	{
		lint.RedundantStatement, policy.Identity, suggestion,
		`{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"},{"Sid":"b","Effect":"Allow","Resource":["*"],"Action":["s3:PutObject","s3:GetObject"]}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}`,
	},

	{lint.PassRoleStarInResource, policy.Identity, security, allow(`"iam:PassRole"`, `"*"`), `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`},
	{lint.PassRoleStarInResource, policy.Identity, security, allow(`"iam:PassRole"`, `"arn:aws:iam::*:role/*"`), allow(`"iam:PassRole"`, `"arn:aws:iam::*:role/Service*"`)},
	{lint.PassRoleStarInActionAndResource, policy.Identity, security, allow(`"iam:*"`, `"*"`), allow(`"iam:Get*"`, `"*"`)},
	{lint.PassRoleStarInResourceAndNotAction, policy.Identity, security, `{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, `{"Effect":"Allow","NotAction":["s3:*","iam:*"],"Resource":"*"}`},
	{lint.PassRoleNotResource, policy.Identity, security, `{"Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:iam::111122223333:role/x"}`, `{"Effect":"Deny","Action":"iam:PassRole","NotResource":"arn:aws:iam::111122223333:role/x"}`},
	{lint.PassRoleStarInActionAndNotResource, policy.Identity, security, `{"Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::111122223333:role/x"}`, allow(`"iam:PassRole"`, `"arn:aws:iam::111122223333:role/x"`)},
	{lint.PassRoleNotActionAndNotResource, policy.Identity, security, `{"Effect":"Allow","NotAction":"s3:*","NotResource":"arn:aws:iam::111122223333:role/x"}`, `{"Effect":"Allow","NotAction":"iam:pass*","NotResource":"arn:aws:iam::111122223333:role/x"}`},
	{lint.CreateSLRStarInResource, policy.Identity, warning, allow(`"iam:CreateServiceLinkedRole"`, `"*"`), `{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":{"StringEquals":{"iam:AWSServiceName":"ecs.amazonaws.com"}}}`},
	{lint.CreateSLRStarInActionAndResource, policy.Identity, warning, allow(`"iam:Create*"`, `"*"`), allow(`"iam:CreateUser"`, `"*"`)},
	{lint.CreateSLRStarInResourceAndNotAction, policy.Identity, warning, `{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`, `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`},
	{lint.CreateSLRNotResource, policy.Identity, warning, `{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","NotResource":"arn:aws:iam::111122223333:role/x"}`, allow(`"iam:CreateServiceLinkedRole"`, `"arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/*"`)},
	{lint.CreateSLRStarInActionAndNotResource, policy.Identity, warning, `{"Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::111122223333:role/x"}`, `{"Effect":"Deny","Action":"*","NotResource":"arn:aws:iam::111122223333:role/x"}`},
	{lint.CreateSLRNotActionAndNotResource, policy.Identity, warning, `{"Effect":"Allow","NotAction":"s3:*","NotResource":"arn:aws:iam::111122223333:role/x"}`, `{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:iam::111122223333:role/x"}`},
	{lint.AllowNotAction, policy.Identity, security, `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, `{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`},
	{lint.ServicePrincipalSource, policy.Resource, security, `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}`, `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:t"}}}`},
	{lint.TrustEveryone, policy.Trust, security, `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`, `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`},

	{lint.InvalidRoleReference, policy.Resource, warning, principal(`{"AWS":"AROAEXAMPLEEXAMPLE01"}`), principal(`{"AWS":"arn:aws:iam::111122223333:role/x"}`)},
	{lint.InvalidUserReference, policy.Resource, warning, principal(`{"AWS":"AIDAEXAMPLEEXAMPLE01"}`), principal(`{"AWS":"111122223333"}`)},
	{lint.InvalidServicePrincipal, policy.Trust, errorSeverity, `{"Effect":"Allow","Principal":{"Service":"lambda"},"Action":"sts:AssumeRole"}`, `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`},
	{lint.VariableElement, policy.Resource, errorSeverity, principal(`{"AWS":"arn:aws:iam::111122223333:user/${aws:username}"}`), principal(`{"AWS":"arn:aws:iam::111122223333:user/zoe"}`)},
}

func principal(text string) string {
	return `{"Effect":"Allow","Principal":` + text + `,"Action":"s3:GetObject","Resource":"*"}`
}

func document(text string) string {
	if strings.HasPrefix(text, `{"Version"`) || strings.HasPrefix(text, `{"Statement"`) {
		return text
	}
	return `{"Version":"2012-10-17","Statement":[` + text + `]}`
}

func TestChecks(t *testing.T) {
	for _, c := range checks {
		t.Run(c.code, func(t *testing.T) {
			found := false
			for _, f := range lint.Check([]byte(document(c.bad)), c.kind, policy.Limits{}) {
				if f.Code != c.code {
					continue
				}
				found = true
				if f.Severity != c.severity || f.Type != c.severity.String() {
					t.Errorf("severity %v, want %v", f.Severity, c.severity)
				}
				if f.Message == "" || f.Pos.Line == 0 || f.Pos.Column == 0 || strings.Contains(f.Message, "%!") {
					t.Errorf("finding %+v", f)
				}
			}
			if !found {
				t.Errorf("not found in %s:\n%v", c.bad, lint.Check([]byte(document(c.bad)), c.kind, policy.Limits{}))
			}
			for _, f := range lint.Check([]byte(document(c.good)), c.kind, policy.Limits{}) {
				if f.Code == c.code {
					t.Errorf("found in %s: %v", c.good, f.Message)
				}
			}
		})
	}
}

// TestEveryCodeIsTested reads the constants of this package: each needs a case above, but
// for the sizes, which TestSizes gives.
func TestEveryCodeIsTested(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, c := range checks {
		tested[c.code] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			lit, ok := spec.Values[i].(*ast.BasicLit)
			if !ok || !unicode.IsUpper(rune(name.Name[0])) || strings.HasPrefix(name.Name, "SizeOf") {
				continue
			}
			if code, _ := strconv.Unquote(lit.Value); !tested[code] {
				t.Errorf("no case for %s", name.Name)
			}
		}
		return true
	})
}

func TestSizes(t *testing.T) {
	for kind, code := range map[policy.Kind]string{
		policy.Identity: lint.SizeOfIdentityPolicy, policy.SCP: lint.SizeOfSCP, policy.RCP: lint.SizeOfRCP, policy.Trust: lint.SizeOfTrustPolicy,
		policy.Resource: lint.SizeOfResourcePolicy, policy.Session: lint.SizeOfSessionPolicy, policy.VPCEndpoint: lint.SizeOfVPCEndpointPolicy,
	} {
		text := []byte(document(allow(`"s3:*"`, `"*"`)))
		has := func(max int) bool {
			return slices.ContainsFunc(lint.Check(text, kind, policy.Limits{MaxSize: max, CountsSpace: true}), func(f policy.Finding) bool { return f.Code == code })
		}
		if !has(len(text)-1) || has(len(text)) {
			t.Errorf("%v: %s at the limit", kind, code)
		}
	}
}

func TestFindingsSayWhere(t *testing.T) {
	text := "{\"Version\":\"2012-10-17\",\"Statement\":[\n {\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"},\n {\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\n   \"s3:GetObjcet\"],\"Resource\":\"*\"}]}"
	findings := lint.Check([]byte(text), policy.Identity, policy.Limits{})
	if len(findings) != 1 {
		t.Fatalf("findings %+v", findings)
	}
	f := findings[0]
	if f.Code != lint.InvalidAction || f.Path != "Statement[1].Action[1]" || f.Pos.Line != 4 || f.Pos.Column != 4 || !strings.Contains(f.Message, "did you mean s3:GetObject?") {
		t.Errorf("finding %+v", f)
	}
}

// TestManagedPolicies lints the AWS managed policies that ship with the project. They hold
// nothing that does not exist.
func TestManagedPolicies(t *testing.T) {
	for _, p := range managed.All() {
		for _, f := range lint.Check([]byte(p.Document()), policy.Identity, policy.Limits{}) {
			if f.Severity == policy.SeverityError && f.Code != lint.SizeOfInput {
				t.Errorf("%s: %v", p.Name, &f)
			}
		}
	}
}

// TestHostileTexts checks texts that are made to be slow.
func TestHostileTexts(t *testing.T) {
	for name, member := range map[string]func(i int) string{
		"unknown actions": func(i int) string { return fmt.Sprintf("ec2:RunInstance%dx", i) },
		"wild actions":    func(i int) string { return fmt.Sprintf("ec2:*%d*a", i) },
		"long patterns":   func(i int) string { return "ec2:" + strings.Repeat("*a", 200) + strconv.Itoa(i) },
		"variables":       func(int) string { return "s3:" + strings.Repeat("${", 5000) + "," },
	} {
		var members []string
		for i, size := 0, 0; size < 60_000; i++ {
			members = append(members, strconv.Quote(member(i)))
			size += len(members[i]) + 1
		}
		list := "[" + strings.Join(members, ",") + "]"
		resources := strings.ReplaceAll(strings.ReplaceAll(list, "ec2:", "arn:aws:ec2:eu-west-1:111122223333:"), "s3:", "arn:aws:s3:::")
		for _, text := range []string{document(allow(list, `"*"`)), document(allow(`"ec2:*"`, resources))} {
			began := time.Now()
			lint.Check([]byte(text), policy.Identity, policy.Limits{})
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%s: %v", name, took)
			} else {
				t.Logf("%s: %v", name, took)
			}
		}
	}
	long := document(allow(`"s3:*"`, strconv.Quote(strings.Repeat("a", 70_000))))
	findings := lint.Check([]byte(long), policy.Identity, policy.Limits{})
	if !slices.ContainsFunc(findings, func(f policy.Finding) bool { return f.Code == lint.SizeOfInput }) {
		t.Errorf("%d bytes: %v", len(long), findings)
	}
}

// TestCheckNeverPanics gives documents with parts swapped, cut and repeated.
func TestCheckNeverPanics(t *testing.T) {
	kinds := []policy.Kind{policy.Identity, policy.Resource, policy.Trust, policy.Boundary, policy.Session, policy.SCP, policy.RCP, policy.VPCEndpoint}
	rapid.Check(t, func(rt *rapid.T) {
		text := document(rapid.SampledFrom(checks).Draw(rt, "check").bad)
		from := rapid.IntRange(0, len(text)).Draw(rt, "from")
		to := rapid.IntRange(from, len(text)).Draw(rt, "to")
		put := rapid.SampledFrom([]string{"", "*", "${", "[]", "\"\"", ":", "arn:::::", "é", "7"}).Draw(rt, "put")
		for _, f := range lint.Check([]byte(text[:from]+put+text[to:]), rapid.SampledFrom(kinds).Draw(rt, "kind"), policy.Limits{}) {
			if f.Code == "" || f.Message == "" {
				rt.Fatalf("finding %+v", f)
			}
		}
	})
}
