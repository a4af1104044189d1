package management

import (
	"slices"
	"strings"
)

// The operators of documents (Organizations user guide, "Inheritance operators").
const (
	operatorPrefix = "@@"
	opAssign       = "@@assign"
	opAppend       = "@@append"
	opRemove       = "@@remove"
	opControl      = "@@operators_allowed_for_child_policies"
	opAll          = "@@all"
	opNone         = "@@none"
)

// operators is a set of value-setting operators.
type operators uint8

const (
	assigning operators = 1 << iota
	appending
	removing

	noOperators  operators = 0
	allOperators           = assigning | appending | removing
)

var operatorNames = map[string]operators{opAssign: assigning, opAppend: appending, opRemove: removing}

// has reports whether all of some operators are in the set.
func (o operators) has(some operators) bool { return o&some == some }

// adds reports whether keys can be added where these operators are allowed.
func (o operators) adds() bool { return o&(assigning|appending) != 0 }

// Document is a policy that its type's grammar accepts.
type Document struct {
	root *node
}

// node is a key of a document.
type node struct {
	// name is as it is written; key is the same in lower case.
	name, key string
	offset    int
	children  []*node
	// set are the value-setting operators, with their values.
	set                     operators
	assigned, added, remove value
	// controls is true if the key limits policies below to the operators in allowed.
	controls bool
	allowed  operators
}

// parse reads a document without looking at its grammar.
func parse(text string) (*scanner, *node, error) {
	s := &scanner{text: []byte(text)}
	root, err := scan(text)
	if err != nil {
		return nil, nil, err
	}
	n, err := s.node(root, nil)
	return s, n, err
}

// node makes a node of an object.
func (s *scanner) node(m member, path []string) (*node, error) {
	n := &node{name: m.name, key: strings.ToLower(m.name), offset: m.offset}
	for _, child := range m.members {
		below := append(path[:len(path):len(path)], child.name)
		switch {
		case strings.HasPrefix(child.name, operatorPrefix):
			if err := s.operator(n, child, below); err != nil {
				return nil, err
			}
		case !child.object:
			return nil, s.errorAt(child.offset, below, "The value of %q stands without an operator such as %s.", child.name, opAssign)
		default:
			c, err := s.node(child, below)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, c)
		}
	}
	return n, nil
}

// operator adds an operator to its node.
func (s *scanner) operator(n *node, m member, path []string) error {
	if m.object {
		return s.errorAt(m.offset, path, "The operator %s takes a value, not an object.", m.name)
	}
	if m.name == opControl {
		return s.control(n, m, path)
	}
	op, known := operatorNames[m.name]
	if !known {
		return s.errorAt(m.offset, path, "The operator %q does not exist.", m.name)
	}
	if op != assigning && !m.value.list {
		return s.errorAt(m.offset, path, "The operator %s takes a list.", m.name)
	}
	n.set |= op
	switch op {
	case assigning:
		n.assigned = m.value
	case appending:
		n.added = m.value
	case removing:
		n.remove = m.value
	}
	return nil
}

// control reads which operators policies below may use.
func (s *scanner) control(n *node, m member, path []string) error {
	if !m.value.list || len(m.value.items) == 0 {
		return s.errorAt(m.offset, path, "The operator %s takes a list of operators.", opControl)
	}
	n.controls = true
	for _, item := range m.value.items {
		op, known := operatorNames[item.text]
		switch {
		case known && !item.bare:
			n.allowed |= op
		case item.text == opAll && len(m.value.items) == 1:
			n.allowed = allOperators
		case item.text == opNone && len(m.value.items) == 1:
			n.allowed = noOperators
		default:
			return s.errorAt(m.offset, path, "The operator %s takes %s or %s alone, or a list of %s, %s and %s.",
				opControl, opAll, opNone, opAssign, opAppend, opRemove)
		}
	}
	return nil
}

// child returns the child of a name.
func (n *node) child(name string) *node {
	i := slices.IndexFunc(n.children, func(c *node) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return n.children[i]
}
