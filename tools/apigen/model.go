package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
)

// model is a whole API, all layers merged.
type model struct {
	pkg        string
	meta       *object
	protocol   string // smithy.Protocol constant
	operations []*operation
	shapes     map[string]*shape
}

// operation is one operation; input and output are nil if the model has none.
type operation struct {
	name          string
	method, uri   string
	status        int
	input, output *shape
	resultWrapper string
	errors        []*shape
	unsigned      bool
}

// shape is one shape of the model.
type shape struct {
	name, kind      string // kind is the model's word: structure, list, string, ...
	members         []*member
	element, key    *member
	union           bool
	min, max        *float64
	pattern         string
	expr            string  // pattern in Go's syntax
	goPattern       *string // the overlay's expression; empty means that none can be given
	enum            []string
	sensitive       bool
	err             *errorTrait
	xmlName         string
	flattened       bool
	timestampFormat string
}

// errorTrait is what makes a structure an error.
type errorTrait struct {
	code   string
	status int
	server bool
}

// member is a member of a structure, or a list's or map's element or key.
type member struct {
	name, wireName   string
	target           *shape
	required         bool
	binding          string // smithy.Binding constant; empty means the body
	bindingName      string
	timeFormat       string // smithy.TimeFormat constant; empty means the default
	flattened        bool
	idempotencyToken bool
	sensitive        bool
}

// protocols maps the model's protocol (for json with its version) to the constant.
var protocols = map[string]string{
	"json/1.0": "AWSJSON10", "json/1.1": "AWSJSON11", "query": "AWSQuery", "rest-json": "RESTJSON1",
}

// bindings maps a member's location to the constant.
var bindings = map[string]string{
	"header": "BindHeader", "headers": "BindPrefixHeaders", "querystring": "BindQuery", "uri": "BindLabel", "statusCode": "BindStatusCode",
}

// timeFormats maps timestampFormat to the constant.
var timeFormats = map[string]string{"iso8601": "TimeDateTime", "rfc822": "TimeHTTPDate", "unixTimestamp": "TimeEpoch"}

// unsupported are traits that the protocol runtimes do not know; a model that has one is
// refused, so that nothing is lost silently.
var unsupported = []string{"document", "eventstream", "event", "eventpayload", "eventheader", "xmlAttribute", "hostLabel", "sparse"}

// parseModel reads a merged tree.
func parseModel(pkg string, tree *object) (*model, error) {
	meta := tree.child("metadata")
	key := text(meta, "protocol")
	if key == "json" {
		key += "/" + text(meta, "jsonVersion")
	}
	m := &model{pkg: pkg, meta: meta, protocol: protocols[key], shapes: map[string]*shape{}}
	if m.protocol == "" {
		return nil, fmt.Errorf("protocol %q is not supported", key)
	}
	shapes := tree.child("shapes")
	for _, name := range shapes.keys {
		o := shapes.child(name)
		// What a reference asks of its target must be there before the references are read.
		m.shapes[name] = &shape{name: name, kind: text(o, "type"), flattened: isTrue(o, "flattened"), timestampFormat: text(o, "timestampFormat")}
	}
	for _, name := range shapes.keys {
		if err := m.parseShape(m.shapes[name], shapes.child(name)); err != nil {
			return nil, fmt.Errorf("shape %s: %w", name, err)
		}
	}
	ops := tree.child("operations")
	for _, name := range ops.keys {
		if err := m.parseOperation(name, ops.child(name)); err != nil {
			return nil, fmt.Errorf("operation %s: %w", name, err)
		}
	}
	sort.Slice(m.operations, func(i, j int) bool { return m.operations[i].name < m.operations[j].name })
	return m, nil
}

func (m *model) parseOperation(name string, o *object) error {
	op := &operation{name: name, method: "POST", uri: "/", status: 200, unsigned: text(o, "authtype") == "none"}
	if h := o.child("http"); h != nil {
		op.method, op.uri = text(h, "method"), text(h, "requestUri")
		if h.get("responseCode") != nil {
			op.status = int(*number(h, "responseCode"))
		}
	}
	var err error
	if in := o.child("input"); in != nil {
		if op.input, err = m.structure(text(in, "shape")); err != nil {
			return err
		}
	}
	if out := o.child("output"); out != nil {
		if op.output, err = m.structure(text(out, "shape")); err != nil {
			return err
		}
		op.resultWrapper = text(out, "resultWrapper")
		if m.protocol == "AWSQuery" && op.resultWrapper == "" {
			op.resultWrapper = name + "Result"
		}
	}
	errs, _ := o.get("errors").([]any)
	for _, e := range errs {
		s, err := m.structure(text(e.(*object), "shape"))
		if err != nil {
			return err
		}
		if s.err == nil {
			return fmt.Errorf("%s is no error", s.name)
		}
		op.errors = append(op.errors, s)
	}
	m.operations = append(m.operations, op)
	return nil
}

// structure returns the structure of that name.
func (m *model) structure(name string) (*shape, error) {
	s := m.shapes[name]
	if s == nil || s.kind != "structure" {
		return nil, fmt.Errorf("%q is not a structure of the model", name)
	}
	return s, nil
}

func (m *model) parseShape(s *shape, o *object) error {
	for _, trait := range unsupported {
		if isTrue(o, trait) {
			return fmt.Errorf("trait %s is not supported", trait)
		}
	}
	s.min, s.max = number(o, "min"), number(o, "max")
	s.pattern, s.xmlName = text(o, "pattern"), text(o, "locationName")
	s.sensitive, s.union = isTrue(o, "sensitive"), isTrue(o, "union")
	s.enum = texts(o, "enum")
	if p, ok := o.get("goPattern").(string); ok {
		s.goPattern = &p
	}
	var err error
	switch s.kind {
	case "structure":
		return m.parseStructure(s, o)
	case "list":
		s.element, err = m.parseMember("member", o.child("member"))
	case "map":
		if s.key, err = m.parseMember("key", o.child("key")); err != nil {
			return err
		}
		if s.key.target.kind != "string" {
			return fmt.Errorf("map key is no string")
		}
		s.element, err = m.parseMember("value", o.child("value"))
	case "string", "boolean", "integer", "long", "float", "double", "blob", "timestamp":
	default:
		err = fmt.Errorf("type %q is not supported", s.kind)
	}
	return err
}

func (m *model) parseStructure(s *shape, o *object) error {
	required := texts(o, "required")
	members := o.child("members")
	payload := text(o, "payload")
	for _, name := range members.keys {
		mem, err := m.parseMember(name, members.child(name))
		if err != nil {
			return fmt.Errorf("member %s: %w", name, err)
		}
		mem.required = slices.Contains(required, name)
		if name == payload {
			mem.binding, mem.bindingName = "BindPayload", ""
		}
		s.members = append(s.members, mem)
	}
	for _, name := range required {
		if members.get(name) == nil {
			return fmt.Errorf("required member %s does not exist", name)
		}
	}
	if isTrue(o, "exception") {
		m.parseError(s, o)
	}
	return nil
}

// parseError sets the error trait. The query protocol sends error.code; JSON protocols
// send the shape's name. The status of an error that says nothing is 400, or 500 if the
// service is at fault (Smithy's httpError trait has these defaults).
func (m *model) parseError(s *shape, o *object) {
	trait := &errorTrait{code: s.name, server: isTrue(o, "fault"), status: 400}
	e := o.child("error")
	if code := text(e, "code"); code != "" && m.protocol == "AWSQuery" {
		trait.code = code
	}
	if trait.server {
		trait.status = 500
	}
	if status := number(e, "httpStatusCode"); status != nil {
		trait.status = int(*status)
	}
	trait.server = trait.server || trait.status >= 500
	s.err = trait
	// AWS sends a message with every error, also where the model is silent about it.
	if !slices.ContainsFunc(s.members, func(m *member) bool { return exported(m.name) == "Message" }) {
		s.members = append(s.members, &member{name: "message", wireName: "message", target: m.messageShape()})
	}
}

// messageShape is the target of message members that the model does not have.
func (m *model) messageShape() *shape {
	const name = "ErrorMessageText"
	if m.shapes[name] == nil {
		m.shapes[name] = &shape{name: name, kind: "string"}
	}
	return m.shapes[name]
}

func (m *model) parseMember(name string, o *object) (*member, error) {
	target := m.shapes[text(o, "shape")]
	if target == nil {
		return nil, fmt.Errorf("no shape %q", text(o, "shape"))
	}
	for _, trait := range unsupported {
		if isTrue(o, trait) {
			return nil, fmt.Errorf("trait %s is not supported", trait)
		}
	}
	mem := &member{
		name: name, wireName: name, target: target, flattened: isTrue(o, "flattened") || target.flattened,
		idempotencyToken: isTrue(o, "idempotencyToken"), sensitive: isTrue(o, "sensitive"),
	}
	format := text(o, "timestampFormat")
	if format == "" {
		format = target.timestampFormat
	}
	if format != "" {
		if mem.timeFormat = timeFormats[format]; mem.timeFormat == "" {
			return nil, fmt.Errorf("timestamp format %q is not supported", format)
		}
	}
	location, locationName := text(o, "location"), text(o, "locationName")
	if location == "" {
		if locationName != "" {
			mem.wireName = locationName
		}
		return mem, nil
	}
	if mem.binding = bindings[location]; mem.binding == "" {
		return nil, fmt.Errorf("location %q is not supported", location)
	}
	if isTrue(o, "jsonvalue") {
		return nil, fmt.Errorf("JSON in a %s is not supported", location)
	}
	if mem.binding == "BindQuery" && target.kind == "map" {
		mem.binding = "BindQueryParams"
		return mem, nil
	}
	mem.bindingName = locationName
	if locationName == "" && location != "statusCode" && location != "headers" {
		mem.bindingName = name
	}
	return mem, nil
}

func text(o *object, key string) string {
	s, _ := o.get(key).(string)
	return s
}

func isTrue(o *object, key string) bool {
	b, _ := o.get(key).(bool)
	return b
}

func texts(o *object, key string) []string {
	list, _ := o.get(key).([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func number(o *object, key string) *float64 {
	n, ok := o.get(key).(json.Number)
	if !ok {
		return nil
	}
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		return nil
	}
	return &f
}
