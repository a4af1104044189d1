package smithy

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Violation is one constraint of the model that an input does not keep.
type Violation struct {
	// Path is the member at fault as AWS writes it: names begin in lower case, elements
	// are counted from 1 and called "member" ("tags.1.member.key").
	Path string
	// Value is the value at fault as AWS writes it: a string as it is, a list as "[a, b]",
	// a map as "{k=v}". It is empty if Missing or Masked is set.
	Value string
	// Missing is set for a required member that is not there.
	Missing bool
	// Masked is set where the value must not be repeated, because it is sensitive, or
	// cannot be, because it is made of structures.
	Masked bool
	// Constraint is what the member must keep ("Member must not be null").
	Constraint string
}

// String returns the violation in AWS's wording.
func (v Violation) String() string {
	value := "Value '" + v.Value + "'"
	switch {
	case v.Missing:
		value = "Value null"
	case v.Masked:
		value = "Value"
	}
	return value + " at '" + v.Path + "' failed to satisfy constraint: " + v.Constraint
}

// Message joins violations to the message that AWS's services answer with, such as
// "1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint:
// Member must satisfy regular expression pattern: [\w+=,.@-]+".
func Message(vs []Violation) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(len(vs)))
	if len(vs) == 1 {
		b.WriteString(" validation error detected: ")
	} else {
		b.WriteString(" validation errors detected: ")
	}
	for i := range vs {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(vs[i].String())
	}
	return b.String()
}

const (
	// maxViolations bounds what is collected and answered for one input.
	maxViolations = 100
	// maxShown bounds, in bytes, how much of a value a message repeats.
	maxShown = 1024
)

// Validate checks in against the constraints of its schema: required members, lengths
// (strings in characters, blobs in bytes, lists and maps in entries), ranges, patterns,
// enumerations, and that of a union exactly one member is set. It returns what is not
// kept, in the order of the schema, at most 100; nil if all is well.
func Validate(in Shape) []Violation {
	schema := in.Schema()
	if len(schema.Members) == 0 {
		return nil
	}
	v := &validator{}
	v.frames = v.space[:0]
	v.push(frame{schema: schema})
	in.Encode(v)
	v.closeStruct()
	return v.found
}

// frame is one open structure, list or map.
type frame struct {
	// member is the value's own member; nil for the outermost structure.
	member *Member
	schema *Schema
	// next is the first member of the structure that has not been looked at; set counts
	// those that are there.
	next, set int
	// position counts the elements of a list from 1; key is the present key of a map.
	position int
	key      string
	// shown is where the text of a list or map of scalars begins in the validator's
	// buffer; scalars says that there is such a text.
	shown   int
	scalars bool
	// badValue and badKey say that a scalar element or a key broke a constraint.
	badValue, badKey bool
	// masked is set within a sensitive value.
	masked bool
}

// validator is the visitor that checks values.
type validator struct {
	found  []Violation
	frames []frame
	text   []byte

	space [3]frame
}

var _ Encoder = (*validator)(nil)

func (v *validator) push(f frame) { v.frames = append(v.frames, f) }

func (v *validator) top() *frame { return &v.frames[len(v.frames)-1] }

// arrive notes that m is the next value: required members before it are missing.
func (v *validator) arrive(m *Member) {
	f := v.top()
	switch f.schema.Kind {
	case KindStructure:
		v.missing(f, m.Index)
		f.next = m.Index + 1
		f.set++
	case KindList:
		f.position++
	}
}

// missing reports the required members from f.next up to, and without, end.
func (v *validator) missing(f *frame, end int) {
	for i := f.next; i < end && i < len(f.schema.Members); i++ {
		if m := &f.schema.Members[i]; m.Required {
			v.add(Violation{Path: v.path(m), Missing: true, Constraint: "Member must not be null"})
		}
	}
}

func (v *validator) add(violation Violation) {
	if len(v.found) < maxViolations {
		v.found = append(v.found, violation)
	}
}

// report adds a violation of the value m.
func (v *validator) report(m *Member, value, constraint string) {
	violation := Violation{Path: v.path(m), Value: value, Constraint: constraint}
	if v.top().masked || m.Secret() {
		violation.Value, violation.Masked = "", true
	}
	if len(violation.Value) > maxShown {
		violation.Value = strings.ToValidUTF8(violation.Value[:maxShown], "") + "..."
	}
	v.add(violation)
}

// path is the path of m, which is a value in the innermost frame.
func (v *validator) path(m *Member) string {
	var b []byte
	for i := range v.frames {
		inner := m
		if i+1 < len(v.frames) {
			inner = v.frames[i+1].member
		}
		if len(b) > 0 {
			b = append(b, '.')
		}
		switch f := &v.frames[i]; f.schema.Kind {
		case KindList:
			b = strconv.AppendInt(b, int64(f.position), 10)
			b = append(b, ".member"...)
		case KindMap:
			b = append(b, f.key...)
			b = append(b, ".member"...)
		default:
			b = append(b, lowerFirst(inner.Name)...)
		}
	}
	return string(b)
}

// lowerFirst lowers the first letter only: SAMLAssertion is at 'sAMLAssertion'.
func lowerFirst(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	if !unicode.IsUpper(r) {
		return name
	}
	return string(unicode.ToLower(r)) + name[n:]
}

// BeginStruct opens a structure.
func (v *validator) BeginStruct(m *Member) {
	v.arrive(m)
	v.push(frame{member: m, schema: m.Target, masked: v.top().masked || m.Secret()})
}

// EndStruct closes it.
func (v *validator) EndStruct(*Member) { v.closeStruct() }

func (v *validator) closeStruct() {
	f := v.top()
	v.missing(f, len(f.schema.Members))
	union := f.schema.Union && f.set != 1
	m := f.member
	v.frames = v.frames[:len(v.frames)-1]
	if union && m != nil {
		v.add(Violation{Path: v.path(m), Masked: true, Constraint: "Exactly one member of the union must be set"})
	}
}

// BeginList opens a list.
func (v *validator) BeginList(m *Member, _ int) { v.openEntries(m) }

// EndList closes it.
func (v *validator) EndList(*Member) { v.closeEntries() }

// BeginMap opens a map.
func (v *validator) BeginMap(m *Member, _ int) { v.openEntries(m) }

// EndMap closes it.
func (v *validator) EndMap(*Member) { v.closeEntries() }

func (v *validator) openEntries(m *Member) {
	v.arrive(m)
	f := frame{member: m, schema: m.Target, shown: len(v.text), masked: v.top().masked || m.Secret()}
	if e := m.Target.Element; e != nil && e.Target != nil {
		f.scalars = isScalar(e.Target.Kind)
		f.masked = f.masked || (f.scalars && e.Secret())
	}
	if m.Target.Kind == KindMap {
		v.text = append(v.text, '{')
	} else {
		v.text = append(v.text, '[')
	}
	v.push(f)
}

func isScalar(k Kind) bool {
	return k != KindStructure && k != KindList && k != KindMap && k != KindDocument
}

// closeEntries ends a list or map and reports what its entries and their number broke.
func (v *validator) closeEntries() {
	f := *v.top()
	v.frames = v.frames[:len(v.frames)-1]
	count, closing := f.position, byte(']')
	if f.schema.Kind == KindMap {
		closing = '}'
	}
	constraints := make([]string, 0, 3)
	if c := lengthConstraint(f.schema, count); c != "" {
		constraints = append(constraints, c)
	}
	switch {
	case f.badValue && f.schema.Kind == KindMap:
		constraints = append(constraints, "Map value must satisfy constraint: "+allConstraints(f.schema.Element.Target))
	case f.badValue:
		constraints = append(constraints, "Member must satisfy constraint: "+allConstraints(f.schema.Element.Target))
	}
	if f.badKey {
		constraints = append(constraints, "Map keys must satisfy constraint: "+allConstraints(f.schema.Key.Target))
	}
	for _, c := range constraints {
		violation := Violation{Path: v.path(f.member), Constraint: c, Masked: f.masked || (!f.scalars && count > 0)}
		if !violation.Masked {
			violation.Value = string(append(v.text[f.shown:len(v.text):len(v.text)], closing))
			if len(violation.Value) > maxShown {
				violation.Value = strings.ToValidUTF8(violation.Value[:maxShown], "") + "..."
			}
		}
		v.add(violation)
	}
	v.text = v.text[:f.shown]
}

// MapKey checks the key of an entry.
func (v *validator) MapKey(m *Member, key string) {
	f := v.top()
	f.position++
	f.key = key
	if f.scalars {
		v.show(f, key)
		v.text = append(v.text, '=')
	}
	if k := m.Target.Key; k != nil && k.Target != nil && !keepsAll(k.Target, key) {
		f.badKey = true
	}
}

// show appends an entry to the text of a list or map, up to what a message repeats.
func (v *validator) show(f *frame, text string) {
	if len(v.text)-f.shown > maxShown {
		return
	}
	if f.position > 1 {
		v.text = append(v.text, ", "...)
	}
	v.text = append(v.text, text...)
}

// element handles a scalar in a list or map and reports whether m is one. AWS reports such
// scalars once for the whole list, with all constraints of the element.
func (v *validator) element(m *Member, text string, ok bool) bool {
	f := v.top()
	switch f.schema.Kind {
	case KindList:
		v.show(f, text)
	case KindMap:
		if len(v.text)-f.shown <= maxShown {
			v.text = append(v.text, text...)
		}
	default:
		return false
	}
	if !ok {
		f.badValue = true
	}
	return true
}

// String checks a string.
func (v *validator) String(m *Member, s string) {
	v.arrive(m)
	t := m.Target
	if v.top().schema.Kind != KindStructure {
		v.element(m, s, keepsAll(t, s))
		return
	}
	if t.Pattern != nil && !t.Pattern.Match(s) {
		v.report(m, s, patternConstraint(t))
	}
	if t.Enum != nil && !slices.Contains(t.Enum, s) {
		v.report(m, s, enumConstraint(t))
	}
	if t.HasMin || t.HasMax {
		if c := lengthConstraint(t, utf8.RuneCountInString(s)); c != "" {
			v.report(m, s, c)
		}
	}
}

// keepsAll reports whether s keeps every constraint of a string's schema.
func keepsAll(t *Schema, s string) bool {
	if t.Pattern != nil && !t.Pattern.Match(s) {
		return false
	}
	if t.Enum != nil && !slices.Contains(t.Enum, s) {
		return false
	}
	return (!t.HasMin && !t.HasMax) || lengthConstraint(t, utf8.RuneCountInString(s)) == ""
}

// Bool has no constraints.
func (v *validator) Bool(m *Member, b bool) {
	v.arrive(m)
	if v.top().schema.Kind != KindStructure {
		v.element(m, strconv.FormatBool(b), true)
	}
}

// Int checks the range of a whole number.
func (v *validator) Int(m *Member, n int64) {
	v.arrive(m)
	c := rangeConstraint(m.Target, float64(n))
	if v.top().schema.Kind != KindStructure {
		v.element(m, strconv.FormatInt(n, 10), c == "")
	} else if c != "" {
		v.report(m, strconv.FormatInt(n, 10), c)
	}
}

// Float checks the range of a number.
func (v *validator) Float(m *Member, n float64) {
	v.arrive(m)
	c := rangeConstraint(m.Target, n)
	if v.top().schema.Kind != KindStructure {
		v.element(m, number(n), c == "")
	} else if c != "" {
		v.report(m, number(n), c)
	}
}

// Blob checks the length of a blob. Its bytes are never repeated.
func (v *validator) Blob(m *Member, b []byte) {
	v.arrive(m)
	c := lengthConstraint(m.Target, len(b))
	if f := v.top(); f.schema.Kind != KindStructure {
		f.masked = true
		v.element(m, "", c == "")
	} else if c != "" {
		v.add(Violation{Path: v.path(m), Masked: true, Constraint: c})
	}
}

// Time has no constraints.
func (v *validator) Time(m *Member, t time.Time) {
	v.arrive(m)
	if v.top().schema.Kind != KindStructure {
		v.element(m, t.UTC().Format(time.RFC3339), true)
	}
}
