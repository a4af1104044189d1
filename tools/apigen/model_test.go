package main

import (
	"strings"
	"testing"
)

const restModel = `{
  "metadata": {"protocol": "rest-json", "jsonVersion": "1.1", "apiVersion": "1", "endpointPrefix": "x", "serviceFullName": "X"},
  "operations": {
    "Tag": {"http": {"method": "POST", "requestUri": "/tags/{resourceArn+}", "responseCode": 204}, "input": {"shape": "In"}, "output": {"shape": "Out"}, "authtype": "none"}
  },
  "shapes": {
    "In": {"type": "structure", "payload": "body", "members": {
      "arn": {"shape": "S", "location": "uri", "locationName": "resourceArn"},
      "keys": {"shape": "L", "location": "querystring", "locationName": "tagKeys"},
      "rest": {"shape": "M", "location": "querystring"},
      "token": {"shape": "S", "location": "header", "locationName": "x-token", "idempotencyToken": true},
      "meta": {"shape": "M", "location": "headers", "locationName": "x-meta-"},
      "body": {"shape": "Tree"}}},
    "Out": {"type": "structure", "members": {"status": {"shape": "I", "location": "statusCode"}, "at": {"shape": "T", "locationName": "@at"}}},
    "Tree": {"type": "structure", "union": true, "members": {"leaf": {"shape": "S"}, "branches": {"shape": "Trees"}, "named": {"shape": "Named"}}},
    "Trees": {"type": "list", "member": {"shape": "Tree", "locationName": "item"}, "flattened": true, "min": 1},
    "Named": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "Tree"}},
    "BadException": {"type": "structure", "exception": true, "members": {"error": {"shape": "S"}}, "error": {"httpStatusCode": 409}},
    "S": {"type": "string"}, "I": {"type": "integer"}, "T": {"type": "timestamp", "timestampFormat": "unixTimestamp"},
    "L": {"type": "list", "member": {"shape": "S"}}, "M": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "S"}}
  }
}`

func TestBindings(t *testing.T) {
	m, err := parseModel("x", parse(t, restModel))
	if err != nil {
		t.Fatal(err)
	}
	op := m.operations[0]
	if m.protocol != "RESTJSON1" || op.method != "POST" || op.uri != "/tags/{resourceArn+}" || op.status != 204 || !op.unsigned {
		t.Errorf("operation %+v of protocol %s", op, m.protocol)
	}
	type bound struct{ binding, name string }
	want := map[string]bound{
		"arn": {"BindLabel", "resourceArn"}, "keys": {"BindQuery", "tagKeys"}, "rest": {"BindQueryParams", ""},
		"token": {"BindHeader", "x-token"}, "meta": {"BindPrefixHeaders", "x-meta-"}, "body": {"BindPayload", ""},
	}
	for _, mem := range op.input.members {
		if got := (bound{mem.binding, mem.bindingName}); got != want[mem.name] {
			t.Errorf("%s is bound to %v, want %v", mem.name, got, want[mem.name])
		}
	}
	if !op.input.members[3].idempotencyToken {
		t.Error("token is no idempotency token")
	}
	status, at := op.output.members[0], op.output.members[1]
	if status.binding != "BindStatusCode" || at.binding != "" || at.wireName != "@at" || at.timeFormat != "TimeEpoch" {
		t.Errorf("output %+v, %+v", status, at)
	}
	trees := m.shapes["Trees"]
	if branches := m.shapes["Tree"].members[1]; !branches.flattened || trees.element.wireName != "item" || trees.element.name != "member" {
		t.Errorf("list %+v in %+v", trees.element, branches)
	}
}

func TestPlanOfRecursiveShapes(t *testing.T) {
	m, err := parseModel("x", parse(t, restModel))
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlan(m)
	if err != nil {
		t.Fatal(err)
	}
	files, err := emit(p)
	if err != nil {
		t.Fatal(err)
	}
	schemas := string(files["schemas.go"])
	for _, link := range []string{
		"schemaTree.Members[1].Target = &schemaTrees", "schemaTrees.Element.Target = &schemaTree",
		"schemaTree.Members[2].Target = &schemaNamed", "schemaNamed.Element.Target = &schemaTree",
	} {
		if !strings.Contains(schemas, link) {
			t.Errorf("no %q in\n%s", link, schemas)
		}
	}
	if errs := string(files["errors.go"]); !strings.Contains(errs, "Error_ ") || !strings.Contains(errs, "Message *string") {
		t.Errorf("an error must have a message, and no field Error:\n%s", errs)
	}
}

// TestRefusals names what a model must not hold, so that nothing is lost silently.
func TestRefusals(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"protocol", `"rest-json"`, `"rest-xml"`, `protocol "rest-xml" is not supported`},
		{"document", `"type": "integer"`, `"type": "integer", "document": true`, "trait document is not supported"},
		{"missing shape", `"value": {"shape": "Tree"}`, `"value": {"shape": "Twig"}`, `no shape "Twig"`},
		{"number as key", `"key": {"shape": "S"}, "value": {"shape": "Tree"}`, `"key": {"shape": "I"}, "value": {"shape": "Tree"}`, "map key is no string"},
		{"unknown type", `"type": "integer"`, `"type": "bigInteger"`, `type "bigInteger" is not supported`},
		{"unknown location", `"location": "statusCode"`, `"location": "host"`, `location "host" is not supported`},
		{"JSON in a header", `"idempotencyToken": true`, `"jsonvalue": true`, "JSON in a header is not supported"},
		{"required stranger", `"Out": {"type": "structure",`, `"Out": {"type": "structure", "required": ["no"],`, "required member no does not exist"},
		{"pattern", `"S": {"type": "string"}`, `"S": {"type": "string", "pattern": "(?!x)y"}`, "needs goPattern"},
		{"overlay's pattern", `"S": {"type": "string"}`, `"S": {"type": "string", "goPattern": "("}`, "goPattern of the overlay"},
		{"one name twice", `"leaf": {"shape": "S"}`, `"leaf": {"shape": "S"}, "Leaf": {"shape": "S"}`, "two fields Leaf"},
		{"two structures of one name", `"BadException"`, `"tree": {"type": "structure", "exception": true, "members": {}}, "BadException"`, "are both Tree in Go"},
	} {
		text := strings.Replace(restModel, test.old, test.new, 1)
		if text == restModel {
			t.Fatalf("%s: nothing was replaced", test.name)
		}
		m, err := parseModel("x", parse(t, text))
		if err == nil {
			_, err = newPlan(m)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestGoPattern(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{`[a-z]+`, `^(?:[a-z]+)$`},
		{`^r-|p-$`, `^(?:^r-|p-$)$`},
		{`[\u0020-\u00FF]*`, `^(?:[\x{0020}-\x{00FF}]*)$`},
		{`[\uD800\uDC00-\uDBFF\uDFFF]`, `^(?:[\x{10000}-\x{10FFFF}])$`},
	} {
		if got, err := goPattern(test.source); err != nil || got != test.want {
			t.Errorf("goPattern(%q) = %q, %v", test.source, got, err)
		}
	}
	for _, source := range []string{`(?!x)y`, `a{1,2000}`, `[`} {
		if got, err := goPattern(source); err == nil {
			t.Errorf("goPattern(%q) = %q", source, got)
		}
	}
}

func TestConstantNames(t *testing.T) {
	for value, want := range map[string]string{
		"SERVICE_CONTROL_POLICY": "ServiceControlPolicy", "AWSManagedPolicy": "AWSManagedPolicy", "fieldValidationFailed": "FieldValidationFailed",
		"ec2:Stop-Instances": "Ec2StopInstances", "SHA_256": "Sha256", "*": "Empty",
	} {
		if got := camel(value); got != want {
			t.Errorf("camel(%q) = %q, want %q", value, got, want)
		}
	}
	s := &shape{name: "kind", enum: []string{"none", "NONE", "None"}}
	p := &plan{ident: map[*shape]string{s: "Kind"}}
	if got := strings.Join(p.constNames(s, map[string]bool{}), " "); got != "KindNone KindNone_2 KindNone_3" {
		t.Errorf("names %s", got)
	}
}
