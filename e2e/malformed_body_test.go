package e2e

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"
)

// wrong is a request that must be refused.
type wrong struct {
	name string
	message
	status int
	code   string
	// says is a part of the message.
	says string
}

// refuseAll sends them all and expects each refusal, in the form of its protocol, and one
// line in the log for each and nothing else.
func refuseAll(t *testing.T, s *server, all []wrong) {
	t.Helper()
	ids := map[string]bool{}
	for _, w := range all {
		t.Run(w.name, func(t *testing.T) {
			a := send(t, w.signed(t))
			if a.status != w.status || w.method != http.MethodHead && (a.code != w.code || !strings.Contains(a.message, w.says)) {
				t.Errorf("got  %d %s: %s\nwant %d %s: %s", a.status, a.code, a.message, w.status, w.code, w.says)
			}
			if ids[a.requestID] {
				t.Errorf("request id %s came twice", a.requestID)
			}
			ids[a.requestID] = true
		})
	}
	s.loggedOnce(t, ids)
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// bodyLimit is the largest body that the server reads.
const bodyLimit = 1 << 20

// Whatever is wrong with a request, the answer is an error of AWS's in the service's own
// protocol. The codes are those of the API references' "Common Errors" and of each service.
func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		admin := organize(t, s).admin
		t.Run("JSON", func(t *testing.T) { refuseAll(t, s, malformedJSON(admin)) })
		t.Run("query", func(t *testing.T) { refuseAll(t, s, malformedQueries(admin)) })
		t.Run("REST", func(t *testing.T) { refuseAll(t, s, malformedREST(admin)) })
		t.Run("methods", func(t *testing.T) { refuseAll(t, s, wrongMethods(admin)) })
		t.Run("nowhere", func(t *testing.T) { refuseAll(t, s, nowhere(admin)) })
		// After all that the server does its work.
		may(t, "a right request", admin.listUsers())
	})
}

func malformedJSON(who as) []wrong {
	describe := func(body string) message { return organizationsCall(who, "DescribeAccount", body) }
	right := `{"AccountId":"` + managementID + `"}`
	const serialization, input, unknown = "SerializationException", "InvalidInputException", "UnknownOperationException"
	return []wrong{
		{"cut off", describe(`{"AccountId":"1111`), 400, serialization, ""},
		{"an open brace", describe("{"), 400, serialization, "end of the JSON document"},
		{"a list", describe("[]"), 400, serialization, "Start of list"},
		{"null", describe("null"), 400, serialization, ""},
		{"a string", describe(`"x"`), 400, serialization, ""},
		{"bytes", describe("\x00\x01\xff\xfe\x80"), 400, serialization, "not valid JSON"},
		{"a form", describe("Action=DescribeAccount"), 400, serialization, "not valid JSON"},
		{"XML", describe("<AccountId>1</AccountId>"), 400, serialization, "not valid JSON"},
		{"a byte order mark", describe("\ufeff" + right), 400, serialization, "not valid JSON"},
		{"something after it", describe(right + "x"), 400, serialization, "after the JSON document"},
		{"text that is not UTF-8", describe("{\"AccountId\":\"\xff\xfe\"}"), 400, serialization, "AccountId"},
		{"deep", describe(strings.Repeat(`{"a":`, 50_000)), 400, serialization, "too deeply"},
		{"deep lists in an unknown member", describe(`{"X":` + strings.Repeat("[", 50_000)), 400, serialization, ""},
		{"a number for a string", describe(`{"AccountId":5}`), 400, serialization, "NUMBER_VALUE can not be converted to a String"},
		{"a structure for a string", describe(`{"AccountId":{}}`), 400, serialization, "AccountId"},
		{"a structure for a list", organizationsCall(who, "TagResource", `{"ResourceId":"111122223333","Tags":{}}`), 400, serialization, "Tags"},
		{"null in a list", organizationsCall(who, "TagResource", `{"ResourceId":"111122223333","Tags":[null]}`), 400, serialization, "null"},
		{"a fraction", organizationsCall(who, "ListAccounts", `{"MaxResults":1.5}`), 400, serialization, "MaxResults"},
		{"a number too large", organizationsCall(who, "ListAccounts", `{"MaxResults":99999999999999999999}`), 400, serialization, "MaxResults"},
		{"a string for a number", organizationsCall(who, "ListAccounts", `{"MaxResults":"5"}`), 400, serialization, "STRING_VALUE can not be converted to an Integer"},
		{"no body", describe(""), 400, input, "Value null at 'accountId' failed to satisfy constraint: Member must not be null"},
		{"nothing in it", describe("{}"), 400, input, "Value null at 'accountId'"},
		{"null for a member", describe(`{"AccountId":null}`), 400, input, "Value null at 'accountId'"},
		{"a member in the wrong case", describe(`{"accountid":"111122223333"}`), 400, input, "Value null at 'accountId'"},
		{"a value out of its pattern", describe(`{"AccountId":"1"}`), 400, input, "Value '1' at 'accountId' failed to satisfy constraint: Member must satisfy regular expression pattern"},
		{"a zero byte", describe(`{"AccountId":"\u0000"}`), 400, input, "regular expression pattern"},
		{"half a character", describe(`{"AccountId":"\ud800"}`), 400, input, "regular expression pattern"},
		{"a number too small", organizationsCall(who, "ListAccounts", `{"MaxResults":0}`), 400, input, "Value '0' at 'maxResults'"},
		{"a token that is none", organizationsCall(who, "ListAccounts", `{"NextToken":"nonsense"}`), 400, input, "NextToken"},
		{"too long", describe(strings.Repeat(" ", bodyLimit) + right), 413, "RequestEntityTooLarge", "1048576"},
		{"no gzip", describe("nonsense").with("Content-Encoding", "gzip"), 400, serialization, "gzip"},
		{"half of a gzip", describe(zipped(right)[:20]).with("Content-Encoding", "gzip"), 400, serialization, "gzip"},
		{"a gzip that unfolds", describe(zipped(strings.Repeat(" ", 8*bodyLimit))).with("Content-Encoding", "gzip"), 413, "RequestEntityTooLarge", "1048576"},
		{"an operation that is none", organizationsCall(who, "Nope", "{}"), 400, unknown, `"Nope"`},
		{"an operation in lower case", organizationsCall(who, "listaccounts", "{}"), 400, unknown, ""},
		{"a target that is none", describe(right).with("X-Amz-Target", "Nope.DescribeAccount"), 400, unknown, ""},
		{"half of a target", describe(right).with("X-Amz-Target", "DescribeAccount"), 400, unknown, ""},
		{"another service's target", describe("{}").with("X-Amz-Target", "CloudTrail_20131101.LookupEvents"), 400, "InvalidSignatureException", "Credential should be scoped to correct service: 'cloudtrail'."},
		{"no content type", describe(right).with("Content-Type", ""), 400, unknown, ""},
		{"the content type of a form", describe(right).with("Content-Type", formType), 400, unknown, ""},
		{"the content type of text", describe(right).with("Content-Type", "text/plain"), 400, unknown, ""},
		{"a broken content type", describe(right).with("Content-Type", "application/x-amz-json-1.1; ;"), 400, unknown, ""},
	}
}

func malformedQueries(who as) []wrong {
	call := func(action, more string) message { return query(who, "iam", "Action="+action+more+iamVersion) }
	const malformed, invalid, validation = "MalformedInput", "InvalidAction", "ValidationError"
	return []wrong{
		{"nothing", query(who, "iam", ""), 400, "MissingAction", "no Action"},
		{"no action", query(who, "iam", "Version=2010-05-08"), 400, "MissingAction", "no Action"},
		{"JSON", query(who, "iam", `{"Action":"ListUsers"}`), 400, "MissingAction", "no Action"},
		{"an action that is none", call("Nope", ""), 400, invalid, "Could not find operation Nope for version 2010-05-08"},
		{"an action in lower case", call("listusers", ""), 400, invalid, "Could not find operation listusers"},
		{"another version", query(who, "iam", "Action=ListUsers&Version=1999-01-01"), 400, invalid, "Could not find operation ListUsers for version 1999-01-01"},
		{"no version", query(who, "iam", "Action=ListUsers"), 400, invalid, "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"},
		{"another service's action", query(who, "sts", "Action=ListUsers"+iamVersion), 400, invalid, "Could not find operation ListUsers"},
		{"a broken escape", call("ListUsers", "&X=%zz"), 400, malformed, "X"},
		{"bytes", query(who, "iam", "\x00\x01\xff\xfe\x80"), 400, malformed, ""},
		{"text that is not UTF-8", call("GetUser", "&UserName=%ff%fe"), 400, malformed, "UserName"},
		{"text for a number", call("ListUsers", "&MaxItems=abc"), 400, malformed, "MaxItems"},
		{"a fraction", call("ListUsers", "&MaxItems=1.5"), 400, malformed, "MaxItems"},
		{"a number too large", call("ListUsers", "&MaxItems=99999999999999"), 400, malformed, "MaxItems"},
		{"text for a truth value", call("CreatePolicyVersion", "&PolicyArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Apolicy%2Fx&PolicyDocument=%7B%7D&SetAsDefault=maybe"), 400, malformed, "SetAsDefault"},
		{"an index that is none", call("CreateUser", "&UserName=x&Tags.member.x.Key=a"), 400, malformed, "Tags.member.x"},
		{"an index below one", call("CreateUser", "&UserName=x&Tags.member.-1.Key=a"), 400, malformed, "Tags.member.-1"},
		{"an index too large", call("CreateUser", "&UserName=x&Tags.member.9999999999.Key=a"), 400, malformed, "Tags.member.9999999999"},
		{"a structure for a string", call("CreateUser", "&UserName.Foo=x"), 400, malformed, "UserName"},
		{"a string for a list", call("CreateUser", "&UserName=x&Tags=x"), 400, malformed, "Tags"},
		{"nothing for what must be", call("CreateUser", ""), 400, validation, "Value null at 'userName' failed to satisfy constraint: Member must not be null"},
		{"a zero byte", call("GetUser", "&UserName=a%00b"), 400, validation, "regular expression pattern"},
		{"a number too small", call("ListUsers", "&MaxItems=0"), 400, validation, "Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"a marker that is none", call("ListUsers", "&Marker=nonsense"), 400, validation, "Marker"},
		{"a value that is none of the set", call("ListPolicies", "&Scope=Some"), 400, validation, "Member must satisfy enum value set"},
		{"too long", call("ListUsers", "&X="+strings.Repeat("x", bodyLimit)), 413, "RequestEntityTooLarge", "1048576"},
		{"the content type of JSON", call("ListUsers", "").with("Content-Type", jsonType), 400, "MissingAction", ""},
		{"no content type", call("ListUsers", "").with("Content-Type", ""), 400, "MissingAction", ""},
		{"the content type of an upload", call("ListUsers", "").with("Content-Type", "multipart/form-data; boundary=x"), 400, "MissingAction", ""},
		{"no gzip", call("ListUsers", "").with("Content-Encoding", "gzip"), 400, malformed, "gzip"},
	}
}

func malformedREST(who as) []wrong {
	call := func(path, body string) message { return accountCall(who, path, body) }
	const serialization, validation, unknown = "SerializationException", "ValidationException", "UnknownOperationException"
	const contact = "/getContactInformation"
	return []wrong{
		{"an open brace", call(contact, "{"), 400, serialization, ""},
		{"a list", call(contact, "[]"), 400, serialization, ""},
		{"bytes", call(contact, "\x00\xff"), 400, serialization, ""},
		{"a number for a string", call(contact, `{"AccountId":5}`), 400, serialization, "AccountId"},
		{"a value out of its pattern", call(contact, `{"AccountId":"5"}`), 400, validation, "'accountId'"},
		{"nothing for what must be", call("/getAlternateContact", "{}"), 400, validation, "Value null at 'alternateContactType'"},
		{"no body", call("/getAlternateContact", ""), 400, validation, "Value null at 'alternateContactType'"},
		{"a value that is none of the set", call("/getAlternateContact", `{"AlternateContactType":"X"}`), 400, validation, "enum value set"},
		{"too long", call(contact, strings.Repeat(" ", bodyLimit+1)), 413, "RequestEntityTooLarge", "1048576"},
		{"the content type of text", call(contact, "{}").with("Content-Type", "text/plain"), 415, "UnsupportedMediaTypeException", "application/json"},
		{"a path that is none", call("/nope", "{}"), 404, unknown, "No operation matches POST /nope"},
		{"a path in capitals", call("/GETCONTACTINFORMATION", "{}"), 404, unknown, ""},
		{"a path inside another", call(contact+"/x", "{}"), 404, unknown, ""},
		{"dots in escapes", call("/x/%2e%2e"+contact, "{}"), 404, unknown, ""},
		{"a slash in escapes", call("/%2fgetContactInformation", "{}"), 404, unknown, ""},
	}
}

// wrongMethods calls operations by methods that AWS does not take.
func wrongMethods(who as) []wrong {
	var all []wrong
	for _, method := range []string{"HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"} {
		all = append(all,
			wrong{method + " by query", query(who, "sts", "").with("Content-Type", "").by(method).to("/?Action=GetCallerIdentity" + stsVersion), 400, "InvalidAction", method},
			wrong{method + " of nothing", query(who, "sts", "").by(method), 400, "MissingAction", ""},
			wrong{method + " by path", accountCall(who, "/getContactInformation", "{}").by(method), 404, "UnknownOperationException", method},
			wrong{method + " by target", organizationsCall(who, "ListAccounts", "{}").by(method), 400, "UnknownOperationException", method},
		)
		if method != http.MethodHead && method != http.MethodTrace {
			all = append(all, wrong{method + " by form", query(who, "iam", "Action=ListUsers"+iamVersion).by(method), 400, "InvalidAction", method})
		}
	}
	return append(all, wrong{"GET by target", organizationsCall(who, "ListAccounts", "{}").by("GET"), 400, "UnknownOperationException", "GET"})
}

// nowhere asks services that are not here.
func nowhere(who as) []wrong {
	ec2 := query(who, "ec2", "Action=DescribeInstances&Version=2016-11-15")
	s3 := message{method: http.MethodGet, path: "/bucket/key?list-type=2", service: "s3", who: who}
	dynamo := organizationsCall(who, "", "{}").with("X-Amz-Target", "DynamoDB_20120810.ListTables")
	dynamo.service = "dynamodb"
	long := accountCall(who, "/"+strings.Repeat("x", 8000), "{}")
	return []wrong{
		{"a query service", ec2, 404, "InvalidAction", `The service "ec2" is not served here.`},
		{"a REST service", s3, 404, "UnknownOperationException", `The service "s3" is not served here.`},
		{"a JSON service", dynamo, 404, "UnknownOperationException", `The service "dynamodb" is not served here.`},
		{"a long path", long, 404, "UnknownOperationException", ""},
	}
}
