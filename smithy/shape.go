package smithy

import "time"

// Shape is a generated structure: it knows its schema and walks its members.
type Shape interface {
	Schema() *Schema
	// Encode calls e once for every member that is set, in the schema's order. It does not
	// open or close the structure itself: whoever holds it does.
	Encode(e Encoder)
	// Decode fills the members that d has.
	Decode(d Decoder) error
}

// Encoder receives the members of a shape one after the other. A protocol's writer is an
// Encoder; so are the validator and the renderer of audit events. Encoders keep their own
// first error; walking cannot fail.
type Encoder interface {
	ScalarEncoder
	// BeginStruct and EndStruct enclose the members of a structure-valued member.
	BeginStruct(m *Member)
	EndStruct(m *Member)
	// BeginList and EndList enclose n elements, each given with m.Target.Element.
	BeginList(m *Member, n int)
	EndList(m *Member)
	// BeginMap and EndMap enclose n entries in ascending order of key: MapKey, then the
	// value, given with m.Target.Element.
	BeginMap(m *Member, n int)
	MapKey(m *Member, key string)
	EndMap(m *Member)
}

// ScalarEncoder receives values that have no members.
type ScalarEncoder interface {
	String(m *Member, v string)
	Bool(m *Member, v bool)
	Int(m *Member, v int64)
	Float(m *Member, v float64)
	Blob(m *Member, v []byte)
	Time(m *Member, v time.Time)
}

// Decoder reads one shape. Its methods are called by generated Decode methods only, in the
// order in which values stand in the message.
type Decoder interface {
	ScalarDecoder
	// Struct calls member for each member of s that is present (and, in JSON, not null);
	// member must read exactly one value. Unknown members are skipped.
	Struct(s *Schema, member func(m *Member) error) error
	// List calls element once for each element; the element is read with m.Target.Element.
	List(m *Member, element func() error) error
	// Map calls entry once for each entry; the value is read with m.Target.Element.
	Map(m *Member, entry func(key string) error) error
}

// ScalarDecoder reads values that have no members. The error of a value of the wrong type
// is a [*SerializationError].
type ScalarDecoder interface {
	String(m *Member) (string, error)
	Bool(m *Member) (bool, error)
	Int(m *Member) (int64, error)
	Float(m *Member) (float64, error)
	Blob(m *Member) ([]byte, error)
	Time(m *Member) (time.Time, error)
}

// Ptr returns a pointer to v: optional members of shapes are pointers.
func Ptr[T any](v T) *T { return &v }

// Value returns what p points to, or the zero value if p is nil.
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// PtrTo returns a pointer to v, or nil if v is the zero value.
func PtrTo[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
