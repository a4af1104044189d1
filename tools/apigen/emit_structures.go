package main

import (
	"fmt"
	"strings"
)

// structures writes types, schemas and methods.
func (w *writer) structures(structs []*goStruct) string {
	if len(structs) == 0 {
		return ""
	}
	var b strings.Builder
	for _, s := range structs {
		w.structure(&b, s)
	}
	return w.file(b.String())
}

func (w *writer) structure(b *strings.Builder, s *goStruct) {
	b.WriteString(w.structComment(s))
	fmt.Fprintf(b, "type %s struct {\n", s.name)
	for _, mem := range s.shape.members {
		if c := fieldComment(mem); c != "" {
			fmt.Fprintf(b, "// %s\n", c)
		}
		fmt.Fprintf(b, "%s %s\n", fieldName(s.shape, mem), w.goType(mem.target))
	}
	fmt.Fprintf(b, "}\n\nvar schema%s = %s\n\n", s.name, w.schema(s.shape))
	fmt.Fprintf(b, "// Schema returns the description of the shape.\nfunc (*%s) Schema() *smithy.Schema { return &schema%s }\n\n", s.name, s.name)
	if s.shape.err != nil {
		fmt.Fprintf(b, "// Error returns code and message.\nfunc (s *%s) Error() string { return %q + smithy.Value(s.Message) }\n\n", s.name, s.shape.err.code+": ")
	}
	w.encode(b, s)
	w.decode(b, s)
}

func (w *writer) structComment(s *goStruct) string {
	switch {
	case s.op != "":
		return fmt.Sprintf("// %s is the %s of %s:%s.\n", s.name, s.role, w.pkg, s.op)
	case s.shape.err != nil:
		return fmt.Sprintf("// %s is sent as code %s with HTTP status %d.\n", s.name, s.shape.err.code, s.shape.err.status)
	case s.shape.union:
		return fmt.Sprintf("// %s is a union of the %s API: exactly one member is set.\n", s.name, w.pkg)
	default:
		return fmt.Sprintf("// %s is a structure of the %s API.\n", s.name, w.pkg)
	}
}

// fieldComment says in words what the schema demands of a member.
func fieldComment(m *member) string {
	var parts []string
	if m.required {
		parts = append(parts, "required")
	}
	if r := rangeText(m.target); r != "" {
		parts = append(parts, r)
	}
	if len(m.target.enum) > 0 {
		parts = append(parts, "a value of "+m.target.name)
	}
	if m.idempotencyToken {
		parts = append(parts, "idempotency token")
	}
	if m.sensitive || m.target.sensitive {
		parts = append(parts, "sensitive")
	}
	if len(parts) == 0 {
		return ""
	}
	return exported(strings.Join(parts, "; ")) + "."
}

// rangeText is the range of a shape with its unit.
func rangeText(s *shape) string {
	unit := map[string]string{"string": " characters", "blob": " bytes", "list": " entries", "map": " entries"}[s.kind]
	switch {
	case s.min != nil && s.max != nil && *s.min == *s.max:
		return decimal(*s.min) + unit
	case s.min != nil && s.max != nil:
		return decimal(*s.min) + " to " + decimal(*s.max) + unit
	case s.min != nil:
		return "at least " + decimal(*s.min) + unit
	case s.max != nil:
		return "at most " + decimal(*s.max) + unit
	}
	return ""
}

func (w *writer) encode(b *strings.Builder, s *goStruct) {
	if len(s.shape.members) == 0 {
		fmt.Fprintf(b, "// Encode has nothing to walk.\nfunc (*%s) Encode(smithy.Encoder) {}\n\n", s.name)
		return
	}
	fmt.Fprintf(b, "// Encode walks the members that are set.\nfunc (s *%s) Encode(e smithy.Encoder) {\nm := schema%s.Members\n", s.name, s.name)
	for i, mem := range s.shape.members {
		field, ref := "s."+fieldName(s.shape, mem), fmt.Sprintf("&m[%d]", i)
		value := field
		if _, ok := scalars[mem.target.kind]; ok {
			value = "*" + field
		}
		fmt.Fprintf(b, "if %s != nil {\n%s}\n", field, w.encodeValue(mem.target, ref, value))
	}
	b.WriteString("}\n\n")
}

// encodeValue is the statement that writes value, which is not nil, as member ref.
func (w *writer) encodeValue(s *shape, ref, value string) string {
	switch s.kind {
	case "structure":
		return fmt.Sprintf("e.BeginStruct(%s)\n%s.Encode(e)\ne.EndStruct(%s)\n", ref, value, ref)
	case "list", "map":
		return fmt.Sprintf("encode%s(e, %s, %s)\n", w.ident[s], ref, value)
	case "blob":
		return fmt.Sprintf("e.Blob(%s, %s)\n", ref, value)
	}
	sc := scalars[s.kind]
	if sc.wire != "" {
		value = sc.wire + "(" + value + ")"
	}
	return fmt.Sprintf("e.%s(%s, %s)\n", sc.method, ref, value)
}

func (w *writer) decode(b *strings.Builder, s *goStruct) {
	if len(s.shape.members) == 0 {
		fmt.Fprintf(b, "// Decode skips whatever d has.\nfunc (*%s) Decode(d smithy.Decoder) error {\nreturn d.Struct(&schema%s, func(*smithy.Member) error { return nil })\n}\n\n", s.name, s.name)
		return
	}
	fmt.Fprintf(b, "// Decode fills the members that d has.\nfunc (s *%s) Decode(d smithy.Decoder) error {\nreturn d.Struct(&schema%s, func(m *smithy.Member) (err error) {\nswitch m.Index {\n", s.name, s.name)
	for i, mem := range s.shape.members {
		field := "s." + fieldName(s.shape, mem)
		fmt.Fprintf(b, "case %d:\n", i)
		switch t := mem.target; t.kind {
		case "structure":
			fmt.Fprintf(b, "%s = new(%s)\nerr = %s.Decode(d)\n", field, w.ident[t], field)
		case "list", "map":
			fmt.Fprintf(b, "%s, err = decode%s(d, m)\n", field, w.ident[t])
		case "blob":
			fmt.Fprintf(b, "%s, err = d.Blob(m)\n", field)
		default:
			fmt.Fprintf(b, "%s, err = smithy.%s(d, m)\n", field, scalars[t.kind].read)
		}
	}
	b.WriteString("}\nreturn err\n})\n}\n\n")
}

// lists writes the functions that walk lists and maps.
func (w *writer) lists() string {
	var b strings.Builder
	for _, s := range w.values {
		switch s.kind {
		case "list":
			w.list(&b, s)
		case "map":
			w.mapping(&b, s)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return w.file(b.String())
}

func (w *writer) list(b *strings.Builder, s *shape) {
	ident, typ, el := w.ident[s], w.elementType(s), s.element.target
	fmt.Fprintf(b, "func encode%s(e smithy.Encoder, m *smithy.Member, v %s) {\ne.BeginList(m, len(v))\nfor i := range v {\n", ident, typ)
	b.WriteString(w.encodeValue(el, "m.Target.Element", "v[i]"))
	b.WriteString("}\ne.EndList(m)\n}\n\n")
	fmt.Fprintf(b, "func decode%s(d smithy.Decoder, m *smithy.Member) (%s, error) {\nv := %s{}\nerr := d.List(m, func() error {\n", ident, typ, typ)
	if el.kind == "structure" {
		fmt.Fprintf(b, "v = append(v, %s{})\nreturn v[len(v)-1].Decode(d)\n", w.ident[el])
	} else {
		fmt.Fprintf(b, "x, err := %s\nv = append(v, x)\nreturn err\n", w.decodeExpr(el))
	}
	b.WriteString("})\nreturn v, err\n}\n\n")
}

func (w *writer) mapping(b *strings.Builder, s *shape) {
	ident, typ, el := w.ident[s], w.elementType(s), s.element.target
	value := "v[k]"
	if el.kind == "structure" {
		value = "x"
	}
	fmt.Fprintf(b, "func encode%s(e smithy.Encoder, m *smithy.Member, v %s) {\ne.BeginMap(m, len(v))\nfor _, k := range slices.Sorted(maps.Keys(v)) {\ne.MapKey(m, k)\n", ident, typ)
	if el.kind == "structure" {
		b.WriteString("x := v[k]\n")
	}
	b.WriteString(w.encodeValue(el, "m.Target.Element", value))
	b.WriteString("}\ne.EndMap(m)\n}\n\n")
	fmt.Fprintf(b, "func decode%s(d smithy.Decoder, m *smithy.Member) (%s, error) {\nv := %s{}\nerr := d.Map(m, func(k string) error {\n", ident, typ, typ)
	if el.kind == "structure" {
		fmt.Fprintf(b, "var x %s\nerr := x.Decode(d)\nv[k] = x\nreturn err\n", w.ident[el])
	} else {
		fmt.Fprintf(b, "x, err := %s\nv[k] = x\nreturn err\n", w.decodeExpr(el))
	}
	b.WriteString("})\nreturn v, err\n}\n\n")
}

// decodeExpr reads an element that is no structure.
func (w *writer) decodeExpr(s *shape) string {
	switch s.kind {
	case "list", "map":
		return fmt.Sprintf("decode%s(d, m.Target.Element)", w.ident[s])
	case "blob":
		return "d.Blob(m.Target.Element)"
	case "integer":
		return "smithy.Int32(d, m.Target.Element)"
	}
	return fmt.Sprintf("d.%s(m.Target.Element)", scalars[s.kind].method)
}
