package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// valueSchemas writes the schemas of everything but structures, and the function that
// closes the cycles.
func (w *writer) valueSchemas() string {
	var b strings.Builder
	for _, s := range w.values {
		fmt.Fprintf(&b, "var schema%s = %s\n\n", w.ident[s], w.schema(s))
	}
	w.writeLinks(&b)
	if b.Len() == 0 {
		return ""
	}
	return w.file(b.String())
}

// writeLinks writes an init function that sets the references which close a cycle: as
// part of the variables themselves they would be an initialization cycle.
func (w *writer) writeLinks(b *strings.Builder) {
	var lines []string
	for s, ident := range w.ident {
		for i, mem := range s.members {
			if w.link[mem] {
				lines = append(lines, fmt.Sprintf("schema%s.Members[%d].Target = &schema%s\n", ident, i, w.ident[mem.target]))
			}
		}
		if s.element != nil && w.link[s.element] {
			lines = append(lines, fmt.Sprintf("schema%s.Element.Target = &schema%s\n", ident, w.ident[s.element.target]))
		}
	}
	if len(lines) == 0 {
		return
	}
	sort.Strings(lines)
	b.WriteString("// Shapes that contain themselves.\nfunc init() {\n" + strings.Join(lines, "") + "}\n")
}

// schema is the composite literal of a schema.
func (w *writer) schema(s *shape) string {
	var b strings.Builder
	fmt.Fprintf(&b, "smithy.Schema{Name: %q, Kind: smithy.%s", s.name, kindConst(s))
	if s.union {
		b.WriteString(", Union: true")
	}
	if s.min != nil {
		fmt.Fprintf(&b, ", HasMin: true, Min: %s", decimal(*s.min))
	}
	if s.max != nil {
		fmt.Fprintf(&b, ", HasMax: true, Max: %s", decimal(*s.max))
	}
	if s.expr != "" {
		fmt.Fprintf(&b, ", Pattern: &smithy.Pattern{Source: %s, Expr: %s}", quote(s.pattern), quote(s.expr))
	}
	if len(s.enum) > 0 {
		b.WriteString(", Enum: []string{\n")
		for _, v := range s.enum {
			fmt.Fprintf(&b, "%q,\n", v)
		}
		b.WriteString("}")
	}
	if s.sensitive {
		b.WriteString(", Sensitive: true")
	}
	if e := s.err; e != nil {
		fmt.Fprintf(&b, ", Error: &smithy.ErrorTrait{Code: %q, Status: %d", e.code, e.status)
		if e.server {
			b.WriteString(", Server: true")
		}
		b.WriteString("}")
	}
	if s.xmlName != "" {
		fmt.Fprintf(&b, ", XMLName: %q", s.xmlName)
	}
	if s.key != nil {
		fmt.Fprintf(&b, ", Key: &smithy.Member%s", w.memberLiteral(s.key, 0))
	}
	if s.element != nil {
		fmt.Fprintf(&b, ", Element: &smithy.Member%s", w.memberLiteral(s.element, 0))
	}
	if len(s.members) > 0 {
		b.WriteString(", Members: []smithy.Member{\n")
		for i, mem := range s.members {
			b.WriteString(w.memberLiteral(mem, i) + ",\n")
		}
		b.WriteString("}")
	}
	b.WriteString("}")
	return b.String()
}

// memberLiteral is the composite literal of a member without its type.
func (w *writer) memberLiteral(m *member, index int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{Name: %q, WireName: %q", m.name, m.wireName)
	if index > 0 {
		fmt.Fprintf(&b, ", Index: %d", index)
	}
	if !w.link[m] {
		fmt.Fprintf(&b, ", Target: &schema%s", w.ident[m.target])
	}
	if m.binding != "" {
		fmt.Fprintf(&b, ", Binding: smithy.%s", m.binding)
	}
	if m.bindingName != "" {
		fmt.Fprintf(&b, ", BindingName: %q", m.bindingName)
	}
	if m.timeFormat != "" {
		fmt.Fprintf(&b, ", TimeFormat: smithy.%s", m.timeFormat)
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"Required", m.required}, {"Flattened", m.flattened}, {"IdempotencyToken", m.idempotencyToken}, {"Sensitive", m.sensitive}} {
		if f.set {
			fmt.Fprintf(&b, ", %s: true", f.name)
		}
	}
	b.WriteString("}")
	return b.String()
}

func kindConst(s *shape) string {
	switch s.kind {
	case "structure":
		return "KindStructure"
	case "list":
		return "KindList"
	case "map":
		return "KindMap"
	case "blob":
		return "KindBlob"
	default:
		return scalars[s.kind].kind
	}
}

// quote prefers a raw literal: patterns are full of backslashes.
func quote(s string) string {
	if strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
