package policy

import "strings"

// ParseOptions bounds what Parse takes.
type ParseOptions struct {
	// MaxBytes refuses longer texts before reading them; 0 means DefaultMaxBytes.
	MaxBytes int
}

// DefaultMaxBytes is far above every limit that AWS sets for a document, white space
// included.
const DefaultMaxBytes = 256 << 10

// Parse reads a policy document. It refuses, with a *SyntaxError, what is not strict JSON
// or not in the language at all: unknown or duplicate elements, values of the wrong type,
// unknown condition operators, elements that exclude each other, empty lists. Element
// names are taken as the grammar writes them (IAM user guide, topic "Grammar of the IAM
// JSON policy language"); whether a document fits its place is for [Document.Validate].
func Parse(text []byte, o ParseOptions) (*Document, error) {
	d, faults := Inspect(text, o)
	if len(faults) > 0 {
		return nil, faults[0]
	}
	return d, nil
}

// Inspect is Parse for those who want to know everything that is wrong with a document, as
// an editor or a linter does. It returns all faults in the order in which they were found,
// and the document as far as it could be read: nil when it is not a JSON object. A
// document with faults is for looking at only; Compile makes of it a policy that allows
// nothing by the statements concerned.
func Inspect(text []byte, o ParseOptions) (*Document, []*SyntaxError) {
	limit := o.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	if len(text) > limit {
		return nil, []*SyntaxError{{Code: CodePolicySize, Message: "policy document is too long", Line: 1, Column: 1}}
	}
	s := newScanner(string(text))
	root, serr := s.document()
	if serr != nil {
		return nil, []*SyntaxError{serr}
	}
	p := parser{scanner: s}
	d := p.document(root)
	if d != nil {
		d.text = []byte(s.src)
	}
	return d, p.faults
}

// parser turns JSON values into a document and goes on after a fault.
type parser struct {
	*scanner
	faults []*SyntaxError
}

func (p *parser) fail(n *node, code, path, format string, args ...any) {
	p.failAt(n.start, code, path, format, args...)
}

func (p *parser) failAt(offset int, code, path, format string, args ...any) {
	e := p.errorAt(offset, path, format, args...)
	e.Code = code
	p.faults = append(p.faults, e)
}

func (p *parser) document(root *node) *Document {
	d := &Document{Version: Version2008}
	if root.kind != objectNode {
		p.fail(root, CodeJSONSyntax, "", "a policy document is a JSON object")
		return nil
	}
	var found bool
	for _, m := range root.members {
		switch m.name {
		case "Version":
			d.Version, d.VersionSet = p.str1(m.value, m.name), true
			if m.value.kind == stringNode && d.Version != Version2008 && d.Version != Version2012 {
				p.fail(m.value, CodeInvalidVersion, m.name, "version %q is neither %s nor %s", d.Version, Version2012, Version2008)
			}
		case "Id":
			d.ID, d.IDSet = Value{Text: p.str1(m.value, m.name), Pos: p.position(m.value.start)}, true
		case "Statement":
			found = true
			p.statements(d, m.value)
		default:
			p.failName(m, CodeInvalidElement, m.name, "policy document")
		}
	}
	if !found {
		p.fail(root, CodeMissingStatement, "", "the policy document has no Statement")
	}
	return d
}

func (p *parser) failName(m member, code, path, where string) {
	p.failAt(m.start, code, path, "%q is not an element of a %s", m.name, where)
}

func (p *parser) statements(d *Document, n *node) {
	switch n.kind {
	case objectNode:
		d.Statements = append(d.Statements, p.statement(n, "Statement"))
	case arrayNode:
		if len(n.elements) == 0 {
			p.fail(n, CodeMissingStatement, "Statement", "the policy document has no statements")
		}
		for i, e := range n.elements {
			d.Statements = append(d.Statements, p.statement(e, indexPath("Statement", i)))
		}
	default:
		p.fail(n, CodeDataType, "Statement", "Statement has to be an object or an array of objects")
	}
}

func (p *parser) statement(n *node, path string) (s Statement) {
	if n.kind != objectNode {
		p.fail(n, CodeDataType, path, "a statement is a JSON object")
		return s
	}
	s.Span = p.span(n)
	effect := false
	for _, m := range n.members {
		inner := joinPath(path, m.name)
		switch m.name {
		case "Sid":
			s.Sid, s.SidSet = p.str1(m.value, inner), true
		case "Effect":
			effect = true
			s.Effect = p.effect(m.value, inner)
		case "Principal":
			s.Principal = p.principals(m.value, inner)
		case "NotPrincipal":
			s.NotPrincipal = p.principals(m.value, inner)
		case "Action":
			s.Action = p.strings(m.value, inner, CodeEmptyArrayAction)
		case "NotAction":
			s.NotAction = p.strings(m.value, inner, CodeEmptyArrayAction)
		case "Resource":
			s.Resource = p.strings(m.value, inner, CodeEmptyArrayResource)
		case "NotResource":
			s.NotResource = p.strings(m.value, inner, CodeEmptyArrayResource)
		case "Condition":
			s.Conditions = p.conditions(m.value, inner)
		default:
			p.failName(m, CodeInvalidElement, inner, "statement")
		}
	}
	p.together(n, path, &s, effect)
	return s
}

// together checks which elements a statement needs and which exclude each other.
func (p *parser) together(n *node, path string, s *Statement, effect bool) {
	for _, rule := range []struct {
		broken  bool
		code    string
		message string
	}{
		{!effect, CodeMissingEffect, "the statement has no Effect"},
		{s.Action == nil && s.NotAction == nil, CodeMissingAction, "the statement has neither Action nor NotAction"},
		{s.Action != nil && s.NotAction != nil, CodeUnsupportedElement, "a statement cannot have both Action and NotAction"},
		{s.Resource != nil && s.NotResource != nil, CodeUnsupportedElement, "a statement cannot have both Resource and NotResource"},
		{s.Principal != nil && s.NotPrincipal != nil, CodeUnsupportedElement, "a statement cannot have both Principal and NotPrincipal"},
	} {
		if rule.broken {
			p.fail(n, rule.code, path, "%s", rule.message)
		}
	}
}

func (p *parser) effect(n *node, path string) Effect {
	if n.kind != stringNode {
		p.fail(n, CodeDataType, path, "expected a string")
		return Deny
	}
	switch text := n.text; text {
	case "Allow":
		return Allow
	case "Deny":
		return Deny
	default:
		p.fail(n, CodeInvalidEffect, path, "Effect is %q; it has to be Allow or Deny", text)
		return Deny
	}
}

// str1 reads a single string.
func (p *parser) str1(n *node, path string) string {
	if n.kind != stringNode {
		p.fail(n, CodeDataType, path, "expected a string")
		return ""
	}
	return n.text
}

// strings reads a string or an array of strings, at least one; emptyCode names the fault
// of an array without any.
func (p *parser) strings(n *node, path, emptyCode string) []Value {
	if n.kind != arrayNode {
		return []Value{{Text: p.str1(n, path), Pos: p.position(n.start)}}
	}
	if len(n.elements) == 0 {
		p.fail(n, emptyCode, path, "the list is empty")
	}
	values := make([]Value, 0, len(n.elements))
	for i, e := range n.elements {
		values = append(values, Value{Text: p.str1(e, indexPath(path, i)), Pos: p.position(e.start)})
	}
	return values
}

func (p *parser) principals(n *node, path string) []PrincipalValue {
	if n.kind == stringNode {
		if n.text != "*" {
			p.fail(n, CodeInvalidPrincipal, path, `a principal that is a string has to be "*"`)
		}
		return []PrincipalValue{{Class: "*", Value: Value{Text: n.text, Pos: p.position(n.start)}}}
	}
	if n.kind != objectNode {
		p.fail(n, CodeInvalidPrincipal, path, `expected "*" or an object`)
		return nil
	}
	if len(n.members) == 0 {
		p.fail(n, CodeEmptyObjectPrincipal, path, "the principal is empty")
	}
	values := []PrincipalValue{}
	for _, m := range n.members {
		inner := joinPath(path, m.name)
		switch m.name {
		case "AWS", "Service", "Federated", "CanonicalUser":
		default:
			p.failName(m, CodeInvalidPrincipalKey, inner, "principal")
		}
		for _, v := range p.strings(m.value, inner, CodeEmptyArrayPrincipal) {
			values = append(values, PrincipalValue{Class: m.name, Value: v})
		}
	}
	return values
}

func (p *parser) conditions(n *node, path string) []Condition {
	if n.kind != objectNode {
		p.fail(n, CodeDataType, path, "Condition has to be an object")
		return nil
	}
	list := []Condition{}
	for _, m := range n.members {
		inner := joinPath(path, m.name)
		if _, ok := parseOperator(m.name); !ok {
			p.failName(m, operatorCode(m.name), inner, "condition (unknown operator)")
			continue
		}
		if m.value.kind != objectNode {
			p.fail(m.value, CodeDataType, inner, "the operator's value has to be an object of condition keys")
			continue
		}
		for _, k := range m.value.members {
			at := joinPath(inner, k.name)
			list = append(list, Condition{
				Operator: m.name, Key: k.name,
				Values: p.scalars(k.value, at), Pos: p.position(k.start),
			})
		}
	}
	return list
}

// operatorCode tells a wrong suffix of Null from an operator that does not exist.
func operatorCode(name string) string {
	if rest, ok := strings.CutSuffix(strings.ToLower(name), "ifexists"); ok && strings.HasSuffix(rest, "null") {
		return CodeNullWithIfExists
	}
	return CodeInvalidOperator
}

// scalars reads the values of a condition key: strings, numbers or booleans, one or a
// list of them. null is none of these.
func (p *parser) scalars(n *node, path string) []Value {
	if n.kind != arrayNode {
		return []Value{p.scalar(n, path)}
	}
	if len(n.elements) == 0 {
		p.fail(n, CodeEmptyArrayCondition, path, "the condition key has no values")
	}
	values := make([]Value, 0, len(n.elements))
	for i, e := range n.elements {
		values = append(values, p.scalar(e, indexPath(path, i)))
	}
	return values
}

func (p *parser) scalar(n *node, path string) Value {
	switch n.kind {
	case stringNode, numberNode, boolNode:
		return Value{Text: n.text, Pos: p.position(n.start)}
	default:
		p.fail(n, CodeDataType, path, "expected a string, a number or a boolean")
		return Value{}
	}
}
