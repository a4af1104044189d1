package policytest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// decoder walks YAML nodes and collects problems. Its methods go on after a problem, so that
// all of them are found at once.
type decoder struct {
	src      *source
	problems []Problem
}

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, d.src.problem(n.Line, n.Column, format, args...))
}

func (d *decoder) place(n *yaml.Node) Place {
	return Place{File: d.src.name, Line: n.Line, Column: n.Column}
}

// parse returns the only document of a YAML text; nil if there is none.
func (d *decoder) parse() *yaml.Node {
	reader := yaml.NewDecoder(bytes.NewReader([]byte(d.src.text)))
	var doc, second yaml.Node
	if err := reader.Decode(&doc); err != nil {
		d.syntax(err)
		return nil
	}
	switch err := reader.Decode(&second); {
	case err == nil:
		d.fail(&second, "a test file is one YAML document; this is the second")
		return nil
	case !errors.Is(err, io.EOF):
		d.syntax(err)
		return nil
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return resolve(doc.Content[0])
}

func (d *decoder) syntax(err error) {
	if errors.Is(err, io.EOF) {
		return
	}
	var at *yaml.LoadError
	if !errors.As(err, &at) {
		d.problems = append(d.problems, d.src.problem(0, 0, "not YAML: %v", err))
		return
	}
	message := at.Message
	if at.ContextMsg != "" {
		message += " " + at.ContextMsg
	}
	line, column := max(at.Mark.Line, 1), max(at.Mark.Column, 1)
	if d.src.line(line) == "" && at.ContextMark.Line > 0 {
		line, column = at.ContextMark.Line, at.ContextMark.Column // at the end: show the beginning
	}
	if text := d.src.line(line); len(text) > 0 && column <= len(text) && text[column-1] == '\t' {
		message = "a tab; YAML is indented with spaces"
	}
	if strings.Contains(message, "mapping values are not allowed") {
		message += "; a text with a colon and a space in it needs quotes, and members of one mapping start in the same column"
	}
	d.problems = append(d.problems, d.src.problem(line, column, "not YAML: %s", message))
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// fields are the members that a mapping may have, with what reads each.
type fields map[string]func(n *yaml.Node)

// object reads a mapping with known members. It reports whether it is one.
func (d *decoder) object(n *yaml.Node, what string, f fields) bool {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return d.each(n, what, func(key *yaml.Node, value *yaml.Node) {
		read, ok := f[key.Value]
		if !ok {
			d.fail(key, "%s has no member %q%s", what, key.Value, didYouMean(key.Value, names))
			return
		}
		read(value)
	})
}

// each calls fn for the members of a mapping in their order; names are unique.
func (d *decoder) each(n *yaml.Node, what string, fn func(key, value *yaml.Node)) bool {
	if isNull(n) {
		return true
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "%s has to be a mapping (name: value), not %s", what, describe(n))
		return false
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode:
			d.fail(key, "the name of a member has to be plain text")
		case seen[key.Value]:
			d.fail(key, "%q is there twice", key.Value)
		default:
			seen[key.Value] = true
			fn(key, value)
		}
	}
	return true
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

// text reads a single value as it is written: account ids keep their zeros.
func (d *decoder) text(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.fail(n, "%s has to be a single value", what)
		return ""
	}
	return n.Value
}

func (d *decoder) bool(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		d.fail(n, "%s has to be true or false", what)
		return false
	}
	return n.Value == "true"
}

// list returns the members of a list, or the single value as a list of one.
func (d *decoder) list(n *yaml.Node) []*yaml.Node {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	members := make([]*yaml.Node, len(n.Content))
	for i, m := range n.Content {
		members[i] = resolve(m)
	}
	return members
}

func (d *decoder) texts(n *yaml.Node, what string) []string {
	var out []string
	for _, m := range d.list(n) {
		out = append(out, d.text(m, what))
	}
	return out
}

// into returns a reader that stores a single value.
func (d *decoder) into(target *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) { *target = d.text(n, what) }
}
