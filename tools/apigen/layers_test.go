package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// parse reads a document of a test.
func parse(t *testing.T, text string) *object {
	t.Helper()
	o, err := parseTree([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// plainValue turns a tree into what encoding/json makes, to compare.
func plainValue(v any) any {
	switch v := v.(type) {
	case *object:
		out := map[string]any{}
		for _, k := range v.keys {
			out[k] = plainValue(v.values[k])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plainValue(v[i])
		}
		return out
	case json.Number:
		f, _ := v.Float64()
		return f
	default:
		return v
	}
}

func TestOverlay(t *testing.T) {
	for _, test := range []struct{ name, base, over, want string }{
		{"adds", `{"a":1}`, `{"b":{"c":[2]}}`, `{"a":1,"b":{"c":[2]}}`},
		{"replaces", `{"a":{"b":1,"c":2}}`, `{"a":{"b":[3]}}`, `{"a":{"b":[3],"c":2}}`},
		{"removes", `{"a":{"b":1,"c":2}}`, `{"a":{"b":null}}`, `{"a":{"c":2}}`},
		{"removes nothing", `{"a":1}`, `{"b":null}`, `{"a":1}`},
		{"an object takes the place of a value", `{"a":1}`, `{"a":{"b":2,"c":null}}`, `{"a":{"b":2}}`},
	} {
		got := overlay(parse(t, test.base), parse(t, test.over))
		if !reflect.DeepEqual(plainValue(got), plainValue(parse(t, test.want))) {
			t.Errorf("%s: %v", test.name, plainValue(got))
		}
	}
	got := overlay(parse(t, `{"z":1,"a":2,"m":3}`), parse(t, `{"a":null,"b":4,"z":5}`))
	if want := []string{"z", "m", "b"}; !slices.Equal(got.keys, want) {
		t.Errorf("order %v, want %v", got.keys, want)
	}
}

func TestParseTreeRefuses(t *testing.T) {
	for _, text := range []string{``, `[]`, `1`, `{"a":`, `{"a":[1,}`} {
		if o, err := parseTree([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, plainValue(o))
		}
	}
}

// base is a small model of the query protocol, as api-2.json has it.
const base = `{
  "metadata": {"protocol": "query", "apiVersion": "2020-01-01", "endpointPrefix": "x", "serviceFullName": "X"},
  "operations": {
    "Get": {"name": "Get", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "GetRequest"}, "errors": [{"shape": "GoneException"}]},
    "Retired": {"name": "Retired", "http": {"method": "POST", "requestUri": "/"}}
  },
  "shapes": {
    "GetRequest": {"type": "structure", "required": ["Name"], "members": {"Name": {"shape": "nameType"}, "State": {"shape": "stateType"}}},
    "GoneException": {"type": "structure", "exception": true, "members": {"message": {"shape": "text"}}, "error": {"code": "Gone", "httpStatusCode": 404}},
    "nameType": {"type": "string", "min": 1, "max": 64},
    "stateType": {"type": "string", "enum": ["Old"]},
    "text": {"type": "string"}
  }
}`

// now is the same model later, as dump.mjs prints it.
const now = `{
  "operations": {
    "Get": {"input": {"shape": "GetRequest"}, "errors": [{"shape": "GoneException"}, {"shape": "BusyException"}]},
    "Put": {"input": {"shape": "PutRequest"}, "output": {"shape": "PutResponse"}, "errors": []}
  },
  "shapes": {
    "GetRequest": {"type": "structure", "required": [], "members": {"Name": {"kind": "string"}, "State": {"kind": "string"}, "Size": {"kind": "number"}}},
    "GoneException": {"type": "structure", "exception": true, "required": [], "members": {"message": {"kind": "string"}}, "error": {"code": "Gone", "httpStatusCode": 410}},
    "BusyException": {"type": "structure", "exception": true, "fault": true, "required": [], "members": {"Message": {"kind": "string"}}, "error": {"code": "Busy", "httpStatusCode": 503}},
    "PutRequest": {"type": "structure", "required": ["Tags"], "members": {"Tags": {"kind": "map", "of": {"kind": "list", "of": {"kind": "string"}}}, "Secret": {"shape": "secretType"}}},
    "PutResponse": {"type": "structure", "required": [], "members": {"At": {"kind": "timestamp", "timestampFormat": "iso8601"}}},
    "secretType": {"type": "string", "sensitive": true}
  },
  "enums": {"StateType": ["New", "Old"], "Color": ["red"]}
}`

// merged is base with now over it, changed by edit first.
func merged(t *testing.T, edit func(base, now *object)) (*model, error) {
	t.Helper()
	b, n := parse(t, base), parse(t, now)
	if edit != nil {
		edit(b, n)
	}
	if err := applyCurrent(b, n); err != nil {
		return nil, err
	}
	return parseModel("x", b)
}

func TestCurrentLayer(t *testing.T) {
	m, err := merged(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, op := range m.operations {
		names = append(names, op.name)
	}
	if want := []string{"Get", "Put"}; !slices.Equal(names, want) {
		t.Errorf("operations %v, want %v", names, want)
	}
	get, put := m.operations[0], m.operations[1]
	if len(get.errors) != 2 || get.input.members[0].required || get.input.members[0].target.max == nil {
		t.Errorf("Get: %d errors, Name %+v: a member must keep its constraints and become optional", len(get.errors), get.input.members[0])
	}
	if size := get.input.members[2]; size.name != "Size" || size.target.kind != "integer" {
		t.Errorf("new member %+v", size)
	}
	if got := m.shapes["stateType"].enum; !slices.Equal(got, []string{"Old", "New"}) {
		t.Errorf("values %v", got)
	}
	if gone, busy := m.shapes["GoneException"].err, m.shapes["BusyException"].err; *gone != (errorTrait{"Gone", 410, false}) || *busy != (errorTrait{"Busy", 503, true}) {
		t.Errorf("errors %+v, %+v", gone, busy)
	}
	if put.resultWrapper != "PutResult" || !put.input.members[0].required || !put.input.members[1].target.sensitive {
		t.Errorf("Put is %+v", put)
	}
	if tags := put.input.members[0].target; tags.kind != "map" || tags.element.target.element.target.kind != "string" {
		t.Errorf("Tags is %+v", tags)
	}
	if at := put.output.members[0]; at.timeFormat != "TimeDateTime" {
		t.Errorf("At has the format %q", at.timeFormat)
	}
}

func TestCurrentLayerOfJSONKeepsTheStatus(t *testing.T) {
	m, err := merged(t, func(base, _ *object) {
		base.child("metadata").set("protocol", "json")
		base.child("metadata").set("jsonVersion", "1.1")
		base.child("shapes").child("GoneException").drop("error")
	})
	if err != nil {
		t.Fatal(err)
	}
	if gone, busy := m.shapes["GoneException"].err, m.shapes["BusyException"].err; *gone != (errorTrait{"GoneException", 400, false}) || *busy != (errorTrait{"BusyException", 500, true}) {
		t.Errorf("errors %+v, %+v", gone, busy)
	}
}

func TestCurrentLayerRefusesAnotherType(t *testing.T) {
	_, err := merged(t, func(_, now *object) {
		now.child("shapes").child("GetRequest").child("members").child("Name").set("kind", "boolean")
	})
	if err == nil || !strings.Contains(err.Error(), "Name was a string and is a boolean") {
		t.Errorf("err = %v", err)
	}
}
