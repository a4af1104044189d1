package iam_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// one is a policy of one statement in a list, in one line.
func one(effect, action, resource, more string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"` + more + `}]}`
}

func when(operator, key, value string) string {
	return `,"Condition":{"` + operator + `":{"` + key + `":"` + value + `"}}`
}

const (
	onShop     = "arn:aws:s3:::shop/x"
	onOther    = "arn:aws:s3:::other/x"
	zoe        = "arn:aws:iam::" + home + ":user/zoe"
	otherOwner = "arn:aws:iam::" + other + ":root"
)

func entry(key, kind string, values ...string) iamapi.ContextEntry {
	return iamapi.ContextEntry{ContextKeyName: &key, ContextKeyType: &kind, ContextKeyValues: values}
}

// show writes results in short: action, resource and decision, statements with their
// places, missing keys, and the details of organization, boundary and accounts.
func show(results []iamapi.EvaluationResult) string {
	var lines []string
	for i := range results {
		r := &results[i]
		line := *r.EvalActionName + " " + *r.EvalResourceName + " " + *r.EvalDecision + showParts(r.MatchedStatements, r.MissingContextValues, r.PermissionsBoundaryDecisionDetail, r.EvalDecisionDetails)
		if o := r.OrganizationsDecisionDetail; o != nil {
			line += fmt.Sprintf(" org=%v", *o.AllowedByOrganizations)
		}
		lines = append(lines, line)
		for j := range r.ResourceSpecificResults {
			s := &r.ResourceSpecificResults[j]
			lines = append(lines, "- "+*s.EvalResourceName+" "+*s.EvalResourceDecision+showParts(s.MatchedStatements, s.MissingContextValues, s.PermissionsBoundaryDecisionDetail, s.EvalDecisionDetails))
		}
	}
	return strings.Join(lines, "\n")
}

func showParts(statements []iamapi.Statement, missing []string, b *iamapi.PermissionsBoundaryDecisionDetail, details map[string]string) (text string) {
	for _, s := range statements {
		kind := map[string]string{"IAM Policy": "", "Resource Policy": "resource:", "Permissions Boundary Policy": "boundary:"}[*s.SourcePolicyType]
		text += fmt.Sprintf(" %s%s@%d:%d-%d:%d", kind, *s.SourcePolicyId, *s.StartPosition.Line, *s.StartPosition.Column, *s.EndPosition.Line, *s.EndPosition.Column)
	}
	if len(missing) > 0 {
		text += " missing=" + strings.Join(missing, ",")
	}
	if b != nil {
		text += fmt.Sprintf(" boundary=%v", *b.AllowedByPermissionsBoundary)
	}
	if details != nil {
		text += " details="
		for _, k := range slices.Sorted(maps.Keys(details)) {
			text += "[" + k + ": " + details[k] + "]"
		}
	}
	return text
}

// Scenes after the IAM API Reference, "SimulateCustomPolicy" and "EvaluationResult", and the
// examples of the command line reference.
func TestSimulateCustomPolicy(t *testing.T) {
	const get = "s3:GetObject"
	allow, deny := one("Allow", get, "*", ""), one("Deny", get, "*", "")
	onlyShop := one("Allow", get, onShop, "")
	both := []string{onShop, onOther}
	bucketPolicy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + zoe + `"},"Action":"s3:*","Resource":"arn:aws:s3:::*/*"}]}`
	level := func(texts ...string) iamapi.OrderedOrganizationPolicyType {
		return iamapi.OrderedOrganizationPolicyType{ServiceControlPolicyInputList: texts}
	}
	for _, c := range []struct {
		name string
		in   iamapi.SimulateCustomPolicyInput
		want string
	}{
		{
			"all resources",
			iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allow}},
			"s3:GetObject * allowed PolicyInputList.1@1:38-1:95",
		},
		{
			"nothing allows",
			iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{one("Allow", "s3:PutObject", "*", "")}},
			"s3:GetObject * implicitDeny",
		},
		{
			"one resource",
			iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allow}, ResourceArns: []string{onShop}},
			"s3:GetObject " + onShop + " allowed PolicyInputList.1@1:38-1:95 details=\n- " + onShop + " allowed PolicyInputList.1@1:38-1:95",
		},
		{
			"one of two resources",
			iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{onlyShop}, ResourceArns: both},
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName} implicitDeny PolicyInputList.1@1:38-1:113 details=\n- " +
				onShop + " allowed PolicyInputList.1@1:38-1:113\n- " + onOther + " implicitDeny",
		},
		{
			"a deny of one of two resources",
			iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allow, one("Deny", get, onOther, "")}, ResourceArns: both},
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName} explicitDeny PolicyInputList.2@1:38-1:113 details=\n- " +
				onShop + " allowed PolicyInputList.1@1:38-1:95\n- " + onOther + " explicitDeny PolicyInputList.2@1:38-1:113",
		},
		{
			"several actions, each in its own case",
			iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allow}, ActionNames: []string{"S3:getobject", "s3:PutObject", "made:Up"}},
			"S3:getobject * allowed PolicyInputList.1@1:38-1:95\ns3:PutObject * implicitDeny\nmade:Up * implicitDeny",
		},
		{
			"a date before that of the condition",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", get, "*", when("DateGreaterThan", "aws:CurrentTime", "2018-08-16T12:00:00Z"))},
				ContextEntries:  []iamapi.ContextEntry{entry("aws:CurrentTime", "date", "2014-04-25T11:00:00Z")},
			},
			"s3:GetObject * implicitDeny",
		},
		{
			"values of all types",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
					"StringEquals":{"k:string":"x"},"ForAllValues:StringEquals":{"k:strings":["x","y"]},"NumericLessThan":{"k:numeric":"3"},"ForAnyValue:NumericEquals":{"k:numerics":"2"},
					"Bool":{"k:boolean":"true","k:booleans":"true"},"IpAddress":{"k:ip":"203.0.113.0/24"},"NotIpAddress":{"k:ips":"10.0.0.0/8"},"BinaryEquals":{"k:binary":"QQ=="},
					"ForAnyValue:BinaryEquals":{"k:binaries":"Qg=="},"DateLessThan":{"k:date":"2026-01-01T00:00:00Z"},"ForAllValues:DateLessThan":{"k:dates":"2026-01-01T00:00:00Z"}}}]}`},
				ContextEntries: []iamapi.ContextEntry{
					entry("k:string", "string", "x"), entry("k:strings", "stringList", "x", "y"), entry("k:numeric", "numeric", "2.5"), entry("k:numerics", "numericList", "1", "2"),
					entry("k:boolean", "boolean", "TRUE"), entry("k:booleans", "booleanList", "true"), entry("k:ip", "ip", "203.0.113.7"), entry("k:ips", "ipList", "192.0.2.1"),
					entry("k:binary", "binary", "QQ=="), entry("k:binaries", "binaryList", "QQ==", "Qg=="), entry("k:date", "date", "2025-01-01"), entry("k:dates", "dateList", "2025-01-01", "2024-01-01T00:00:00Z"),
				},
			},
			"s3:GetObject * allowed PolicyInputList.1@1:38-4:168",
		},
		{
			"missing values, as the policies write them",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", get, "arn:aws:s3:::shop/${aws:UserName}", when("Bool", "aws:MultiFactorAuthPresent", "true"))},
				ResourceArns:    both,
			},
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName} implicitDeny missing=aws:MultiFactorAuthPresent,aws:UserName details=\n- " +
				onShop + " implicitDeny missing=aws:MultiFactorAuthPresent,aws:UserName\n- " + onOther + " implicitDeny missing=aws:MultiFactorAuthPresent,aws:UserName",
		},
		{
			"a missing value of an SCP",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow},
				OrderedOrganizationPolicyInputList: []iamapi.OrderedOrganizationPolicyType{
					level(allowAll), level(allowAll, one("Deny", "*", "*", when("StringNotEquals", "aws:RequestedRegion", "eu-west-1"))),
				},
			},
			"s3:GetObject * explicitDeny missing=aws:RequestedRegion org=false",
		},
		{
			"an SCP whose value is given",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow},
				OrderedOrganizationPolicyInputList: []iamapi.OrderedOrganizationPolicyType{
					level(allowAll), level(allowAll, one("Deny", "*", "*", when("StringNotEquals", "aws:RequestedRegion", "eu-west-1"))),
				},
				ContextEntries: []iamapi.ContextEntry{entry("aws:RequestedRegion", "string", "eu-west-1")},
			},
			"s3:GetObject * allowed PolicyInputList.1@1:38-1:95 org=true",
		},
		{
			"a level of SCPs that does not allow",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow}, ResourceArns: []string{onShop}, PermissionsBoundaryPolicyInputList: []string{allow},
				OrderedOrganizationPolicyInputList: []iamapi.OrderedOrganizationPolicyType{level(allowAll), level(one("Allow", "ec2:*", "*", "")), level(allowAll)},
			},
			"s3:GetObject " + onShop + " implicitDeny org=false\n- " + onShop + " implicitDeny",
		},
		{
			"a boundary that does not allow",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow}, PermissionsBoundaryPolicyInputList: []string{onlyShop}, ResourceArns: both,
			},
			"s3:GetObject arn:${Partition}:s3:::${BucketName}/${ObjectName} implicitDeny PolicyInputList.1@1:38-1:95 boundary=false details=\n- " +
				onShop + " allowed PolicyInputList.1@1:38-1:95 boundary=true\n- " + onOther + " implicitDeny boundary=false",
		},
		{
			"a boundary that denies beside a policy that does",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{deny}, PermissionsBoundaryPolicyInputList: []string{deny},
			},
			"s3:GetObject * explicitDeny boundary:PermissionsBoundaryPolicyInputList.1@1:38-1:94 PolicyInputList.1@1:38-1:94 boundary=false",
		},
		{
			"a resource-based policy that names the caller",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", "iam:*", "*", "")}, PermissionsBoundaryPolicyInputList: []string{one("Allow", "iam:*", "*", "")},
				ResourcePolicy: &bucketPolicy, CallerArn: ptr(zoe), ResourceArns: []string{onShop}, ResourceOwner: ptr("arn:aws:iam::" + home + ":root"),
			},
			"s3:GetObject " + onShop + " allowed resource:ResourcePolicy@1:38-1:159 boundary=false details=\n- " +
				onShop + " allowed resource:ResourcePolicy@1:38-1:159 boundary=false",
		},
		{
			"a resource-based policy of another account alone",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", "iam:*", "*", "")}, PermissionsBoundaryPolicyInputList: []string{one("Allow", "iam:*", "*", "")},
				ResourcePolicy: &bucketPolicy, CallerArn: ptr(zoe), ResourceArns: []string{onShop}, ResourceOwner: ptr(otherOwner),
			},
			"s3:GetObject " + onShop + " implicitDeny boundary=false details=[IAM Policy: implicitDeny][Permissions Boundary Policy: implicitDeny][Resource Policy: allowed]\n- " +
				onShop + " implicitDeny resource:ResourcePolicy@1:38-1:159 boundary=false details=[IAM Policy: implicitDeny][Permissions Boundary Policy: implicitDeny][Resource Policy: allowed]",
		},
		{
			"both accounts allow",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow}, ResourcePolicy: &bucketPolicy, CallerArn: ptr(zoe), ResourceArns: []string{onShop}, ResourceOwner: ptr(other),
			},
			"s3:GetObject " + onShop + " allowed PolicyInputList.1@1:38-1:95 resource:ResourcePolicy@1:38-1:159 details=[IAM Policy: allowed][Resource Policy: allowed]\n- " +
				onShop + " allowed PolicyInputList.1@1:38-1:95 resource:ResourcePolicy@1:38-1:159 details=[IAM Policy: allowed][Resource Policy: allowed]",
		},
		{
			"a resource of another account without a policy of its own",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", "sts:AssumeRole", "*", "")}, ActionNames: []string{"sts:AssumeRole"}, ResourceArns: []string{"arn:aws:iam::" + other + ":role/app"},
			},
			"sts:AssumeRole arn:aws:iam::444455556666:role/app allowed PolicyInputList.1@1:38-1:97 details=\n- arn:aws:iam::444455556666:role/app allowed PolicyInputList.1@1:38-1:97",
		},
		{
			"a trust policy that denies",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", "sts:AssumeRole", "*", "")}, ActionNames: []string{"sts:AssumeRole"}, ResourceArns: []string{"arn:aws:iam::" + home + ":role/app"},
				ResourcePolicy: ptr(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"` + zoe + `"},"Action":"sts:AssumeRole"}]}`), CallerArn: ptr(zoe),
			},
			"sts:AssumeRole arn:aws:iam::111122223333:role/app explicitDeny resource:ResourcePolicy@1:38-1:138 details=\n- " +
				"arn:aws:iam::111122223333:role/app explicitDeny resource:ResourcePolicy@1:38-1:138",
		},
		{
			"a key policy that says nothing of the account",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", "kms:Decrypt", "*", "")}, ActionNames: []string{"kms:Decrypt"}, ResourceArns: []string{"arn:aws:kms:eu-west-1:" + home + ":key/k"},
				ResourcePolicy: ptr(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"kms:*","Resource":"*"}]}`), CallerArn: ptr(zoe),
			},
			"kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/k implicitDeny details=\n- arn:aws:kms:eu-west-1:111122223333:key/k implicitDeny",
		},
		{
			"what the caller implies",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", get, "arn:aws:s3:::shop/${aws:username}", when("ArnEquals", "aws:PrincipalArn", zoe))},
				CallerArn:       ptr(zoe), ResourceArns: []string{"arn:aws:s3:::shop/zoe"},
			},
			"s3:GetObject arn:aws:s3:::shop/zoe allowed PolicyInputList.1@1:38-1:211 details=\n- arn:aws:s3:::shop/zoe allowed PolicyInputList.1@1:38-1:211",
		},
		{
			"a value over what the caller implies",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", get, "*", when("StringEquals", "aws:username", "bob"))},
				CallerArn:       ptr(zoe), ContextEntries: []iamapi.ContextEntry{entry("AWS:USERNAME", "string", "bob")},
			},
			"s3:GetObject * allowed PolicyInputList.1@1:38-1:147",
		},
		{
			"an EC2 scenario",
			iamapi.SimulateCustomPolicyInput{
				PolicyInputList: []string{one("Allow", "ec2:RunInstances", "*", "")}, ActionNames: []string{"ec2:RunInstances"}, ResourceHandlingOption: ptr("EC2-VPC-InstanceStore"),
				ResourceArns: ec2("instance/*", "image/ami-1", "security-group/sg-1", "network-interface/*"),
			},
			"ec2:RunInstances arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId} allowed PolicyInputList.1@1:38-1:99 details=\n- arn:aws:ec2:eu-west-1:111122223333:instance/* allowed PolicyInputList.1@1:38-1:99\n" +
				"- arn:aws:ec2:eu-west-1:111122223333:image/ami-1 allowed PolicyInputList.1@1:38-1:99\n- arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1 allowed PolicyInputList.1@1:38-1:99\n" +
				"- arn:aws:ec2:eu-west-1:111122223333:network-interface/* allowed PolicyInputList.1@1:38-1:99",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, storetest.Memory())
			if c.in.ActionNames == nil {
				c.in.ActionNames = []string{get}
			}
			out, err := f.SimulateCustomPolicy(f.ctx, &c.in)
			noError(t, err)
			if got := show(out.EvaluationResults); got != c.want {
				t.Errorf("results\n%s\nwant\n%s", got, c.want)
			}
			if out.EvaluationResults[0].MatchedStatements == nil || out.EvaluationResults[0].MissingContextValues == nil {
				t.Error("a list of the result is missing")
			}
		})
	}
}

func ec2(resources ...string) (arns []string) {
	for _, r := range resources {
		arns = append(arns, "arn:aws:ec2:eu-west-1:"+home+":"+r)
	}
	return arns
}

func TestSimulationsAreRefused(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	allow := one("Allow", "s3:*", "*", "")
	actions := []string{"s3:GetObject"}
	bucket := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::shop/*"}]}`
	for _, c := range []struct {
		name string
		in   smithy.Shape
		want string
	}{
		{"a policy that is no JSON", &iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allow, "{"}}, "InvalidInput: Policy input list item 2 has invalid content: "},
		{"a policy with a principal", &iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{bucket}}, "InvalidInput: Policy input list item 1 has invalid content: Policy document should not specify a principal. (line 1, column 38)"},
		{"a boundary that is no policy", &iamapi.SimulateCustomPolicyInput{PermissionsBoundaryPolicyInputList: []string{`{"Version":"2012-10-17"}`}}, "InvalidInput: Permissions boundary policy input list item 1 has invalid content: "},
		{"an SCP with a principal", &iamapi.SimulateCustomPolicyInput{OrderedOrganizationPolicyInputList: []iamapi.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{allow, bucket}}}}, "InvalidInput: Organization policy at index 1, service control policy 2 has invalid content: "},
		{"two boundaries", &iamapi.SimulateCustomPolicyInput{PermissionsBoundaryPolicyInputList: []string{allow, allow}}, "InvalidInput: The list of Permissions Boundary policies cannot exceed 1 items."},
		{"an empty level", &iamapi.SimulateCustomPolicyInput{OrderedOrganizationPolicyInputList: make([]iamapi.OrderedOrganizationPolicyType, 1)}, "InvalidInput: Organization policy at index 1 must contain at least one service control policy"},
		{"too many levels", &iamapi.SimulateCustomPolicyInput{OrderedOrganizationPolicyInputList: make([]iamapi.OrderedOrganizationPolicyType, 8)}, "ValidationError: 1 validation error detected: Value at 'orderedOrganizationPolicyInputList' failed to satisfy constraint: Member must have length less than or equal to 7"},
		{"an action without a service", &iamapi.SimulateCustomPolicyInput{ActionNames: []string{"GetObject"}}, "InvalidInput: The action is invalid since it is missing names"},
		{"a wildcard in an action", &iamapi.SimulateCustomPolicyInput{ActionNames: []string{"s3:*"}}, "InvalidInput: Invalid Input Actions: [s3:*] has a wildcard."},
		{"a resource that is no ARN", &iamapi.SimulateCustomPolicyInput{ResourceArns: []string{"shop"}}, "InvalidInput: ResourceNames are not in a valid ARN format: shop."},
		{"all resources and one", &iamapi.SimulateCustomPolicyInput{ResourceArns: []string{onShop, "*"}}, "InvalidInput: ResourceNames are not in a valid ARN format: *."},
		{"an owner that is no account", &iamapi.SimulateCustomPolicyInput{ResourceOwner: ptr("me")}, "InvalidInput: 'me' is not a valid as a Resource Owner."},
		{"a role session as caller", &iamapi.SimulateCustomPolicyInput{CallerArn: ptr("arn:aws:sts::" + home + ":assumed-role/r/s")}, "InvalidInput: Invalid caller - Caller must be an IAM user, role or group in this context."},
		{"a resource-based policy and nobody", &iamapi.SimulateCustomPolicyInput{ResourcePolicy: &bucket, ResourceArns: []string{onShop}}, "InvalidInput: Invalid caller - Caller cannot be null or empty."},
		{"a resource-based policy and a role", &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:iam::" + home + ":role/deploy"), ResourcePolicy: &bucket, ResourceArns: []string{onShop}}, "InvalidInput: Invalid caller - Caller cannot be null or empty."},
		{"a resource-based policy and a group", &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:iam::" + home + ":group/devs"), ResourcePolicy: &bucket, ResourceArns: []string{onShop}}, "InvalidInput: Invalid caller - Caller cannot be null or empty."},
		{"a resource-based policy and all resources", &iamapi.SimulateCustomPolicyInput{ResourcePolicy: &bucket, CallerArn: ptr(zoe)}, "InvalidInput: Invalid Entity Arn: * does not clearly define entity type and name."},
		{"a resource-based policy of something else", &iamapi.SimulateCustomPolicyInput{ResourcePolicy: &bucket, CallerArn: ptr(zoe), ResourceArns: []string{onShop, onOther}}, "InvalidInput: The resource policy is not applicable to the resource " + onOther + "."},
		{"a resource-based policy without principal", &iamapi.SimulateCustomPolicyInput{ResourcePolicy: &allow, CallerArn: ptr(zoe), ResourceArns: []string{onShop}}, "InvalidInput: Resource policy has invalid content: Missing required field Principal"},
		{"an unknown scenario", &iamapi.SimulateCustomPolicyInput{ResourceHandlingOption: ptr("EC2-Classic")}, "InvalidInput: Invalid input resource handling options. EC2-Classic is not a supported option."},
		{"a scenario of another action", &iamapi.SimulateCustomPolicyInput{ResourceHandlingOption: ptr("EC2-VPC-EBS")}, "InvalidInput: Invalid input resource handling options. Action does not support resource handling options: s3:GetObject."},
		{"a scenario without its volume", &iamapi.SimulateCustomPolicyInput{ResourceHandlingOption: ptr("EC2-VPC-EBS"), ActionNames: []string{"ec2:RunInstances"}, ResourceArns: ec2("instance/*", "image/a", "security-group/s", "network-interface/n")}, "InvalidInput: Invalid input resource handling options. EC2-VPC-EBS requires a resource of the type volume."},
		{"a value without a key", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{{ContextKeyType: ptr("string"), ContextKeyValues: []string{"x"}}}}, "InvalidInput: ContextKeyName cannot be null or empty."},
		{"a key without a type", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{{ContextKeyName: ptr("k:abc"), ContextKeyValues: []string{"x"}}}}, "InvalidInput: Context key k:abc has invalid type null."},
		{"a key without a value", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "string")}}, "InvalidInput: Context values for context key k:abc cannot be null or empty."},
		{"two values of one", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "string", "x", "y")}}, "InvalidInput: Context key k:abc expected a single value, but received 2."},
		{"a key twice", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "string", "x"), entry("K:ABC", "string", "x")}}, "InvalidInput: Duplicate context key: K:ABC."},
		{"no number", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "numericList", "1", "x")}}, "InvalidInput: Invalid context value for key k:abc: expected numeric format."},
		{"no date", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "date", "tomorrow")}}, "InvalidInput: Invalid context value for key k:abc: expected DateTime format."},
		{"no address", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "ip", "999.0.0.1")}}, "InvalidInput: Invalid context value for key k:abc: expected IP address."},
		{"no base64", &iamapi.SimulateCustomPolicyInput{ContextEntries: []iamapi.ContextEntry{entry("k:abc", "binary", "!")}}, "InvalidInput: Invalid context value for key k:abc: expected base-64 encoded binary format."},
		{"a wrong marker", &iamapi.SimulateCustomPolicyInput{Marker: ptr("nonsense")}, "InvalidInput: Invalid marker for pagination."},
		{"nobody there", &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:iam::" + home + ":role/nobody")}, "NoSuchEntity: The role with name nobody cannot be found."},
		{"somebody of another account", &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:iam::" + other + ":user/x")}, "InvalidInput: Invalid Policy Source Arn: caller's account 111122223333 does not have access to policies in account 444455556666"},
		{"a role session", &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:sts::" + home + ":assumed-role/deploy/s")}, "InvalidInput: Invalid Entity Arn: arn:aws:sts::111122223333:assumed-role/deploy/s does not clearly define entity type and name."},
		{"an exclusion with two asterisks", &iamapi.SimulatePrincipalPolicyInput{PolicyExclusionList: []iamapi.PolicyIdentifier{{PolicyArn: ptr("arn:aws:iam::aws:policy/*x*")}}}, "InvalidInput: Invalid policy exclusion: arn:aws:iam::aws:policy/*x* is not the ARN of a policy with at most one * in its name."},
		{"an exclusion of any account", &iamapi.SimulatePrincipalPolicyInput{PolicyExclusionList: []iamapi.PolicyIdentifier{{PolicyArn: ptr("arn:aws:iam::*:policy/own")}}}, "InvalidInput: Invalid policy exclusion: "},
		{"an exclusion of nothing", &iamapi.SimulatePrincipalPolicyInput{PolicyExclusionList: []iamapi.PolicyIdentifier{{}}}, "InvalidInput: Invalid policy exclusion: specify exactly one of PolicyType, PolicyArn or InlinePolicyIdentifier."},
		{"too many exclusions", &iamapi.SimulatePrincipalPolicyInput{PolicyExclusionList: make([]iamapi.PolicyIdentifier, 257)}, "InvalidInput: The list of policy exclusions cannot exceed 256 items."},
		{"keys of a policy that is none", &iamapi.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allow, "[]"}}, "InvalidInput: Policy input list item 2 has invalid content: "},
		{"keys of nobody", &iamapi.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:iam::" + home + ":group/nobody")}, "NoSuchEntity: The group with name nobody cannot be found."},
	} {
		t.Run(c.name, func(t *testing.T) {
			switch in := c.in.(type) {
			case *iamapi.SimulateCustomPolicyInput:
				if in.ActionNames == nil {
					in.ActionNames = actions
				}
			case *iamapi.SimulatePrincipalPolicyInput:
				in.ActionNames = actions
				if in.PolicySourceArn == nil {
					in.PolicySourceArn = ptr("arn:aws:iam::" + home + ":user/alice")
				}
			}
			gotCode, message := code(f.call(f.ctx, c.in))
			if got := gotCode + ": " + message; !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestSimulationHasPages(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	var actions []string
	for i := range 7 {
		actions = append(actions, fmt.Sprintf("s3:Get%d", i))
	}
	in := &iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll}, ActionNames: actions, ResourceArns: []string{onShop, onOther}, MaxItems: ptr(int32(3))}
	var got []string
	for pages := 1; ; pages++ {
		out, err := f.SimulateCustomPolicy(f.ctx, in)
		noError(t, err)
		for _, r := range out.EvaluationResults {
			got = append(got, *r.EvalActionName)
			equal(t, "resources", len(r.ResourceSpecificResults), 2)
		}
		if in.Marker = out.Marker; !*out.IsTruncated {
			equal(t, "pages", pages, 3)
			equal(t, "there is another marker", out.Marker != nil, false)
			break
		}
	}
	equal(t, "actions", strings.Join(got, " "), strings.Join(actions, " "))

	// However much is asked for, the work for one page is bounded.
	many := make([]string, 9_000)
	for i := range many {
		many[i] = onShop
	}
	out, err := f.SimulateCustomPolicy(f.ctx, &iamapi.SimulateCustomPolicyInput{PolicyInputList: []string{allowAll}, ActionNames: actions, ResourceArns: many, MaxItems: ptr(int32(1000))})
	noError(t, err)
	equal(t, "results", len(out.EvaluationResults), 1)
	equal(t, "truncated", *out.IsTruncated, true)
}

func TestGetContextKeys(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			custom, err := f.GetContextKeysForCustomPolicy(f.ctx, &iamapi.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{
				one("Allow", "s3:*", "arn:aws:s3:::b/${aws:UserName}/${*}", when("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z")),
				one("Allow", "s3:*", "*", when("StringEquals", "AWS:currenttime", "${aws:PrincipalTag/Team, 'none'}")), allowAll,
			}})
			noError(t, err)
			equal(t, "of policies", strings.Join(custom.ContextKeyNames, " "), "aws:CurrentTime aws:PrincipalTag/Team aws:UserName")
			none, err := f.GetContextKeysForCustomPolicy(f.ctx, &iamapi.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allowAll}})
			noError(t, err)
			equal(t, "none", none.ContextKeyNames != nil && len(none.ContextKeyNames) == 0, true)

			noError(t, only(f.AddUserToGroup(f.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("alice")})))
			put := func(key string) *string { return ptr(one("Allow", "s3:*", "*", when("StringEquals", key, "x"))) }
			noError(t, only(f.PutUserPolicy(f.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("alice"), PolicyName: ptr("p"), PolicyDocument: put("k:user")})))
			noError(t, only(f.PutGroupPolicy(f.ctx, &iamapi.PutGroupPolicyInput{GroupName: ptr("devs"), PolicyName: ptr("p"), PolicyDocument: put("k:group")})))
			noError(t, only(f.CreatePolicy(f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("limit"), PolicyDocument: put("k:boundary")})))
			noError(t, only(f.PutUserPermissionsBoundary(f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr("arn:aws:iam::" + home + ":policy/limit")})))
			for source, want := range map[string]string{"user/alice": "k:boundary k:given k:group k:user", "group/devs": "k:given k:group", "role/deploy": "k:given"} {
				out, err := f.GetContextKeysForPrincipalPolicy(f.ctx, &iamapi.GetContextKeysForPrincipalPolicyInput{
					PolicySourceArn: ptr("arn:aws:iam::" + home + ":" + source), PolicyInputList: []string{*put("k:given")},
				})
				noError(t, err)
				equal(t, source, strings.Join(out.ContextKeyNames, " "), want)
			}
		})
	}
}
