package management

import (
	"fmt"
	"slices"
	"strings"
)

// The codes of what can be wrong with an effective policy. AWS documents ELEMENTS_TOO_MANY;
// the others are named in its manner.
const (
	CodeElementsTooMany = "ELEMENTS_TOO_MANY"
	CodeElementsTooFew  = "ELEMENTS_TOO_FEW"
	CodeKeyRequired     = "KEY_REQUIRED"
	CodeKeysConflict    = "KEYS_CONFLICT"
	CodeValueInvalid    = "VALUE_INVALID"
)

// Problem is something wrong with an effective policy, which its service does not enforce
// then as it was meant.
type Problem struct {
	// Code is one of the constants.
	Code    string
	Message string
	// Path names the key in the effective policy, its parts separated by slashes.
	Path string
	// Policies are the ids of the policies that it comes from, in ascending order.
	Policies []string
}

// prune returns the entry without keys that have no value, or nil if nothing is left.
// Emptied lists stay where the grammar wants them.
func (e *entry) prune(sh *shape, required bool) *entry {
	if e.set {
		if e.emptied && !required {
			return nil
		}
		return &entry{key: e.key, set: true, emptied: e.emptied, value: e.value, from: e.from}
	}
	kept := entry{key: e.key, from: e.from}
	for _, c := range e.children {
		f, _ := sh.field(c.key)
		if child := c.prune(sh.under(c.key), f.required); child != nil {
			kept.children = append(kept.children, child)
		}
	}
	if len(kept.children) == 0 {
		return nil
	}
	return &kept
}

// document is the shape of a whole policy of the type.
func (t *Type) document() *shape {
	if t.top == "" {
		return t.shape
	}
	return recordOf(needs(t.top, t.shape))
}

// whole returns the document, without keys that have no value. It is never nil.
func (e *Effective) whole() *entry {
	if kept := e.root.prune(e.typ.document(), true); kept != nil {
		return kept
	}
	empty := &entry{}
	if e.typ.top != "" {
		empty.children = []*entry{{key: e.typ.top}}
	}
	return empty
}

// JSON returns the effective policy as DescribeEffectivePolicy shows it: without operators,
// keys in lower case.
func (e *Effective) JSON() string {
	var b strings.Builder
	e.whole().write(&b)
	return b.String()
}

func (e *entry) write(b *strings.Builder) {
	switch {
	case e.set && e.value.list:
		b.WriteByte('[')
		for i, item := range e.value.items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeScalar(b, item)
		}
		b.WriteByte(']')
	case e.set:
		writeScalar(b, e.value.items[0])
	default:
		b.WriteByte('{')
		for i, c := range e.children {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, c.key)
			b.WriteByte(':')
			c.write(b)
		}
		b.WriteByte('}')
	}
}

// inspection collects problems.
type inspection struct {
	root *entry
	// paths of all entries are made with the first problem.
	paths    map[*entry]string
	problems []Problem
}

// Validate returns what is wrong with the effective policy, ordered by path, code and
// message; nothing if it can be enforced.
func (e *Effective) Validate() []Problem {
	c := &inspection{root: e.whole()}
	c.inspect(c.root, e.typ.document())
	if top := c.root.child(e.typ.top); top != nil && e.typ.whole != nil {
		e.typ.whole(c, top)
	}
	slices.SortFunc(c.problems, func(a, b Problem) int {
		return strings.Compare(a.Path+"\x00"+a.Code+"\x00"+a.Message, b.Path+"\x00"+b.Code+"\x00"+b.Message)
	})
	return c.problems
}

// name gives every entry its path.
func (c *inspection) name(e *entry, path string) {
	c.paths[e] = path
	for _, child := range e.children {
		below := child.key
		if path != "" {
			below = path + "/" + child.key
		}
		c.name(child, below)
	}
}

func (c *inspection) report(e *entry, code, format string, args ...any) {
	if c.paths == nil {
		c.paths = make(map[*entry]string)
		c.name(c.root, "")
	}
	c.problems = append(c.problems, Problem{
		Code: code, Message: fmt.Sprintf(format, args...), Path: c.paths[e], Policies: e.policies(),
	})
}

// inspect compares an entry with its shape. Values were checked when each policy was made.
func (c *inspection) inspect(e *entry, sh *shape) {
	count := len(e.children)
	if e.set {
		count = len(e.value.items)
	}
	if sh.most > 0 && count > sh.most {
		c.report(e, CodeElementsTooMany, "'%s' exceeds the allowed maximum limit %d", e.key, sh.most)
	}
	if count < sh.least {
		c.report(e, CodeElementsTooFew, "'%s' is below the allowed minimum limit %d", e.key, sh.least)
	}
	if sh.kind == record {
		for _, f := range sh.fields {
			if f.required && e.child(f.name) == nil {
				c.report(e, CodeKeyRequired, "'%s' is missing", f.name)
			}
		}
	}
	for _, child := range e.children {
		c.inspect(child, sh.under(child.key))
	}
}
