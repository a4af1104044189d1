package management

import (
	"regexp"
	"strings"
)

// kind is what a key of a document can be.
type kind uint8

const (
	// anything is not looked at any further.
	anything kind = iota
	// record has the keys that the grammar names.
	record
	// table has keys that the author chooses, all of one shape.
	table
	// single is a setting with one value.
	single
	// multiple is a setting with a list of values.
	multiple
)

// shape is the grammar of one key.
type shape struct {
	kind kind
	// fields are the keys of a record; an open record can have others, of any kind.
	fields []field
	open   bool
	// keys is the form of a table's keys, each the shape of what is under them.
	keys form
	each *shape
	// values is the form of a setting's values.
	values form
	// least and most bound the number of a table's keys or a list's values in an effective
	// policy; 0 means no bound.
	least, most int
}

// field is a key of a record.
type field struct {
	name string
	// required keys have to be in an effective policy; a policy can leave them to others.
	required bool
	*shape
}

// form is what a text has to look like; the zero value is any text.
type form struct {
	matches func(string) bool
	// words describe it.
	words string
}

func (f form) accepts(s string) bool { return f.matches == nil || f.matches(s) }

func recordOf(fields ...field) *shape { return &shape{kind: record, fields: fields} }

// openRecord is a record of which the documentation that we have lists some keys only.
func openRecord(fields ...field) *shape { return &shape{kind: record, fields: fields, open: true} }

func tableOf(keys form, each *shape) *shape { return &shape{kind: table, keys: keys, each: each} }

func one(values form) *shape { return &shape{kind: single, values: values} }

func many(values form) *shape { return &shape{kind: multiple, values: values} }

// upTo bounds the number of keys or values.
func (s *shape) upTo(most int) *shape {
	bounded := *s
	bounded.most = most
	return &bounded
}

// atLeast asks for a number of keys or values.
func (s *shape) atLeast(least int) *shape {
	bounded := *s
	bounded.least = least
	return &bounded
}

func has(name string, s *shape) field { return field{name: name, shape: s} }

func needs(name string, s *shape) field { return field{name: name, shape: s, required: true} }

// field returns the field of a name.
func (s *shape) field(name string) (field, bool) {
	for _, f := range s.fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// below returns the shape of a key, nil if there can be no such key.
func (s *shape) below(name string) *shape {
	switch s.kind {
	case record:
		f, known := s.field(name)
		if !known && s.open {
			return &unknown
		}
		return f.shape
	case table:
		return s.each
	default:
		return &unknown
	}
}

// under is below for documents that may be older than the grammar.
func (s *shape) under(name string) *shape {
	if below := s.below(name); below != nil {
		return below
	}
	return &unknown
}

// unknown is the shape of what the grammar says nothing about.
var unknown = shape{kind: anything}

func words(list ...string) form {
	return form{
		matches: func(s string) bool {
			for _, w := range list {
				if s == w {
					return true
				}
			}
			return false
		},
		words: "one of " + strings.Join(list, ", "),
	}
}

func pattern(expression, words string) form {
	return form{matches: regexp.MustCompile(`^(?:` + expression + `)$`).MatchString, words: words}
}

// The forms that several types use.
var (
	anyText    = form{}
	filledText = pattern(`[\s\S]+`, "a text that is not empty")
	anyInteger = pattern(`[0-9]{1,9}`, "a number that is not negative")
	boolean    = words("true", "false")
	switched   = words("enabled", "disabled")

	region       = pattern(`[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}`, "the code of a Region")
	regionOrAll  = pattern(`ALL_SUPPORTED|[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}`, "the code of a Region or ALL_SUPPORTED")
	defaultOrOne = pattern(`default|[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}`, "the code of a Region or default")
	roleARN      = pattern(`arn:aws[a-z-]*:iam::(?:\$account|[0-9]{12}):role/.+`, "the ARN of a role, with $account or an account id")
)

// check reports the first fault of a node against its shape.
func (t *Type) check(s *scanner, n *node, sh *shape, path []string) error {
	if n.set != 0 && len(n.children) > 0 {
		return s.errorAt(n.offset, path, "Operators that set a value and further keys cannot stand together.")
	}
	if t.assignOnly && (n.set&^assigning != 0 || n.controls && n.allowed != noOperators && n.allowed != assigning && n.allowed != allOperators) {
		return s.errorAt(n.offset, path, "A policy of this type can use the operator %s only.", opAssign)
	}
	switch sh.kind {
	case record, table:
		if n.set != 0 {
			return s.errorAt(n.offset, path, "This key holds further keys and takes no value.")
		}
		return t.checkKeys(s, n, sh, path)
	case single, multiple:
		return checkSetting(s, n, sh, path)
	default:
		for _, c := range n.children {
			if err := t.check(s, c, &unknown, append(path[:len(path):len(path)], c.name)); err != nil {
				return err
			}
		}
		return nil
	}
}

func (t *Type) checkKeys(s *scanner, n *node, sh *shape, path []string) error {
	for _, c := range n.children {
		below := append(path[:len(path):len(path)], c.name)
		if sh.kind == record && sh.below(c.name) == nil {
			return s.errorAt(c.offset, below, "The key %q does not exist here; there %s.", c.name, sh.choices())
		}
		if sh.kind == table && !sh.keys.accepts(c.name) {
			return s.errorAt(c.offset, below, "The key %q is not %s.", c.name, sh.keys.words)
		}
		if err := t.check(s, c, sh.below(c.name), below); err != nil {
			return err
		}
	}
	return nil
}

// choices names the keys of a record.
func (s *shape) choices() string {
	names := make([]string, 0, len(s.fields))
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	if len(names) == 1 {
		return "is " + names[0]
	}
	return "are " + strings.Join(names, ", ")
}

// checkSetting reports a fault of a setting.
func checkSetting(s *scanner, n *node, sh *shape, path []string) error {
	switch {
	case len(n.children) > 0:
		c := n.children[0]
		return s.errorAt(c.offset, append(path[:len(path):len(path)], c.name), "A setting holds operators, no further keys.")
	case n.set == 0 && !n.controls:
		return s.errorAt(n.offset, path, "The setting has no operator.")
	case sh.kind == single && n.set&^assigning != 0:
		return s.errorAt(n.offset, path, "A setting with one value takes the operator %s only.", opAssign)
	case n.set.has(assigning) && n.assigned.list != (sh.kind == multiple):
		if sh.kind == multiple {
			return s.errorAt(n.offset, path, "The setting takes a list of values.")
		}
		return s.errorAt(n.offset, path, "The setting takes one value, not a list.")
	}
	for _, v := range []value{n.assigned, n.added, n.remove} {
		for _, item := range v.items {
			if !sh.values.accepts(item.text) {
				return s.errorAt(n.offset, path, "The value %q is not %s.", item.text, sh.values.words)
			}
		}
	}
	return nil
}
