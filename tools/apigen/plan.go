package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// plan is a model with Go names: what is written, and under which name.
type plan struct {
	*model
	// structs are the Go structures: inputs and outputs first, then the others, each group
	// in order of name.
	structs []*goStruct
	// values are the reachable shapes that are no structures, in order of name.
	values []*shape
	// enums are the reachable enumerations, in order of name.
	enums []*shape
	// ident gives every reachable shape that is no input or output the stem of its
	// identifiers.
	ident map[*shape]string
	// link holds the schema references that close a cycle.
	link map[*member]bool
}

// goStruct is a structure as Go type. The inputs and outputs of operations have a type of
// their own, even if two operations share a shape or the model has none.
type goStruct struct {
	name  string
	shape *shape
	// role is "input", "output" or empty; op is the operation of an input or output.
	role, op string
}

// reserved are the names that a generated package has itself; a structure of that name
// gets "Shape" behind it.
var reserved = []string{"Service", "Unimplemented", "Handler", "Describe", "Description"}

// methods are the names that a field must not have; in errors also "Error".
var methods = []string{"Schema", "Encode", "Decode"}

func newPlan(m *model) (*plan, error) {
	p := &plan{model: m, ident: map[*shape]string{}, link: map[*member]bool{}}
	nested := p.reach()
	taken := map[string]string{}
	for _, r := range reserved {
		taken[r] = "the package itself"
	}
	claim := func(name, what string) error {
		if other, ok := taken[name]; ok {
			return fmt.Errorf("%s and %s are both %s in Go", other, what, name)
		}
		taken[name] = what
		return nil
	}
	for _, op := range m.operations {
		for _, s := range []*goStruct{
			{name: op.name + "Input", shape: op.input, role: "input", op: op.name},
			{name: op.name + "Output", shape: op.output, role: "output", op: op.name},
		} {
			if err := claim(s.name, "the "+s.role+" of "+op.name); err != nil {
				return nil, err
			}
			if s.shape == nil {
				s.shape = &shape{name: s.name, kind: "structure"}
			}
			p.structs = append(p.structs, s)
		}
	}
	for _, s := range nested {
		name := exported(s.name)
		if s.kind == "structure" {
			if slices.Contains(reserved, name) {
				name += "Shape"
			}
			if err := claim(name, "structure "+s.name); err != nil {
				return nil, err
			}
			p.structs = append(p.structs, &goStruct{name: name, shape: s})
		} else {
			p.values = append(p.values, s)
			if len(s.enum) > 0 {
				p.enums = append(p.enums, s)
			}
		}
		p.ident[s] = name
	}
	p.separateIdents(nested)
	p.findCycles()
	if err := p.translatePatterns(); err != nil {
		return nil, err
	}
	return p, p.checkFields()
}

// reach returns the shapes that operations and errors lead to, without the inputs and
// outputs themselves, in order of name.
func (p *plan) reach() []*shape {
	seen := map[*shape]bool{}
	var visit func(s *shape)
	visit = func(s *shape) {
		if !seen[s] {
			seen[s] = true
			for _, mem := range s.refs() {
				visit(mem.target)
			}
		}
	}
	for _, op := range p.operations {
		for _, s := range []*shape{op.input, op.output} {
			if s != nil {
				for _, mem := range s.refs() {
					visit(mem.target)
				}
			}
		}
	}
	for _, s := range p.shapes {
		if s.err != nil {
			visit(s)
		}
	}
	out := make([]*shape, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// refs returns every reference of s to another shape.
func (s *shape) refs() []*member {
	out := slices.Clone(s.members)
	if s.key != nil {
		out = append(out, s.key)
	}
	if s.element != nil {
		out = append(out, s.element)
	}
	return out
}

// separateIdents makes the identifiers of two shapes differ whose names differ only in the
// case of the first letter, or that are called as an input or output is.
func (p *plan) separateIdents(nested []*shape) {
	taken := map[string]bool{}
	for _, s := range p.structs {
		taken[s.name] = true
	}
	for _, s := range nested {
		if s.kind == "structure" {
			continue
		}
		for taken[p.ident[s]] {
			p.ident[s] += "_"
		}
		taken[p.ident[s]] = true
	}
}

// findCycles marks the references within a strongly connected part of the shapes: Go does
// not initialize variables that refer to each other, so these are set afterwards.
func (p *plan) findCycles() {
	reaches := map[*shape]map[*shape]bool{}
	for s := range p.ident {
		seen := map[*shape]bool{}
		stack := []*shape{s}
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, mem := range top.refs() {
				if !seen[mem.target] {
					seen[mem.target] = true
					stack = append(stack, mem.target)
				}
			}
		}
		reaches[s] = seen
	}
	for s := range p.ident {
		for _, mem := range s.refs() {
			if reaches[mem.target][s] {
				p.link[mem] = true
			}
		}
	}
}

// translatePatterns gives every shape with a pattern its Go expression; the overlay's own
// takes precedence.
func (p *plan) translatePatterns() error {
	var errs []error
	for _, s := range p.values {
		switch {
		case s.goPattern != nil:
			s.expr = *s.goPattern
			if _, err := regexp.Compile(s.expr); err != nil {
				errs = append(errs, fmt.Errorf("shape %s: goPattern of the overlay: %w", s.name, err))
			}
		case s.pattern != "":
			expr, err := goPattern(s.pattern)
			if err != nil {
				errs = append(errs, fmt.Errorf("shape %s: %w", s.name, err))
			}
			s.expr = expr
		}
	}
	return errors.Join(errs...)
}

// checkFields refuses structures in which two members have one Go name.
func (p *plan) checkFields() error {
	for _, s := range p.structs {
		names := map[string]bool{}
		for _, mem := range s.shape.members {
			if f := fieldName(s.shape, mem); names[f] {
				return fmt.Errorf("structure %s has two fields %s", s.shape.name, f)
			} else {
				names[f] = true
			}
		}
	}
	return nil
}

// fieldName is the Go name of a member of s.
func fieldName(s *shape, m *member) string {
	name := exported(strings.ReplaceAll(m.name, "-", "_"))
	if slices.Contains(methods, name) || s.err != nil && name == "Error" {
		return name + "_"
	}
	return name
}

// exported makes the first letter a capital.
func exported(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// goType is the type of a field that holds s.
func (p *plan) goType(s *shape) string {
	switch s.kind {
	case "list", "map", "blob":
		return p.elementType(s)
	default:
		return "*" + p.elementType(s)
	}
}

// elementType is the type of a list element or map value that holds s.
func (p *plan) elementType(s *shape) string {
	switch s.kind {
	case "structure":
		return p.ident[s]
	case "list":
		return "[]" + p.elementType(s.element.target)
	case "map":
		return "map[string]" + p.elementType(s.element.target)
	case "blob":
		return "[]byte"
	default:
		return scalars[s.kind].goType
	}
}

// scalar says how a kind without members is written in Go.
type scalar struct {
	goType string
	kind   string // smithy.Kind constant
	method string // of ScalarEncoder and ScalarDecoder
	wire   string // the type that the method takes, if it differs from goType
	read   string // function of smithy that reads an optional value
}

var scalars = map[string]scalar{
	"string":    {"string", "KindString", "String", "", "ReadString"},
	"boolean":   {"bool", "KindBoolean", "Bool", "", "ReadBool"},
	"integer":   {"int32", "KindInteger", "Int", "int64", "ReadInt32"},
	"long":      {"int64", "KindLong", "Int", "", "ReadInt64"},
	"float":     {"float64", "KindFloat", "Float", "", "ReadFloat"},
	"double":    {"float64", "KindDouble", "Float", "", "ReadFloat"},
	"timestamp": {"time.Time", "KindTimestamp", "Time", "", "ReadTime"},
}

// constNames returns the Go constant of each value of an enumeration, unique among taken.
func (p *plan) constNames(s *shape, taken map[string]bool) []string {
	names := make([]string, len(s.enum))
	for i, v := range s.enum {
		name := p.ident[s] + camel(v)
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s%s_%d", p.ident[s], camel(v), n)
		}
		taken[name] = true
		names[i] = name
	}
	return names
}

// camel writes SERVICE_CONTROL_POLICY, service-control-policy and serviceControlPolicy as
// ServiceControlPolicy. Words in which small letters occur keep their case.
func camel(value string) string {
	words := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	shout := strings.ToUpper(value) == value
	var b strings.Builder
	for _, w := range words {
		if shout {
			w = strings.ToLower(w)
		}
		b.WriteString(exported(w))
	}
	if b.Len() == 0 {
		return "Empty"
	}
	return b.String()
}
