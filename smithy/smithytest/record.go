package smithytest

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Values holds the members of a structure by name, or the entries of a map: string, bool,
// int64, float64, []byte, time.Time, []any for lists, Values for structures and maps.
type Values map[string]any

// Record is a structure of any schema.
type Record struct {
	Of     *smithy.Schema
	Values Values
}

var (
	_ smithy.Shape        = (*Record)(nil)
	_ smithy.ModeledError = (*Record)(nil)
)

// New returns an empty record.
func New(s *smithy.Schema) *Record { return &Record{Of: s, Values: Values{}} }

// Schema returns the record's schema.
func (r *Record) Schema() *smithy.Schema { return r.Of }

// Error makes a record usable as a modeled error.
func (r *Record) Error() string { return r.Of.Name }

// Encode walks the members that are set, in the schema's order.
func (r *Record) Encode(e smithy.Encoder) { encodeStruct(e, r.Of, r.Values) }

// Decode fills the members that d has.
func (r *Record) Decode(d smithy.Decoder) error { return decodeStruct(d, r.Of, r.Values) }

func encodeStruct(e smithy.Encoder, s *smithy.Schema, values Values) {
	for i := range s.Members {
		m := &s.Members[i]
		if v, ok := values[m.Name]; ok {
			encode(e, m, v)
		}
	}
}

func encode(e smithy.Encoder, m *smithy.Member, value any) {
	switch v := value.(type) {
	case string:
		e.String(m, v)
	case bool:
		e.Bool(m, v)
	case int64:
		e.Int(m, v)
	case float64:
		e.Float(m, v)
	case []byte:
		e.Blob(m, v)
	case time.Time:
		e.Time(m, v)
	case []any:
		e.BeginList(m, len(v))
		for _, element := range v {
			encode(e, m.Target.Element, element)
		}
		e.EndList(m)
	case Values:
		if m.Target.Kind == smithy.KindStructure {
			e.BeginStruct(m)
			encodeStruct(e, m.Target, v)
			e.EndStruct(m)
			return
		}
		e.BeginMap(m, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			e.MapKey(m, key)
			encode(e, m.Target.Element, v[key])
		}
		e.EndMap(m)
	}
}

func decodeStruct(d smithy.Decoder, s *smithy.Schema, into Values) error {
	return d.Struct(s, func(m *smithy.Member) error {
		v, err := decode(d, m)
		if err == nil {
			into[m.Name] = v
		}
		return err
	})
}

func decode(d smithy.Decoder, m *smithy.Member) (any, error) {
	switch m.Target.Kind {
	case smithy.KindStructure:
		v := Values{}
		return v, decodeStruct(d, m.Target, v)
	case smithy.KindList:
		v := []any{}
		err := d.List(m, func() error {
			x, err := decode(d, m.Target.Element)
			v = append(v, x)
			return err
		})
		return v, err
	case smithy.KindMap:
		v := Values{}
		err := d.Map(m, func(key string) error {
			x, err := decode(d, m.Target.Element)
			v[key] = x
			return err
		})
		return v, err
	case smithy.KindString:
		return d.String(m)
	case smithy.KindBoolean:
		return d.Bool(m)
	case smithy.KindInteger, smithy.KindLong:
		return d.Int(m)
	case smithy.KindFloat, smithy.KindDouble:
		return d.Float(m)
	case smithy.KindBlob:
		return d.Blob(m)
	case smithy.KindTimestamp:
		return d.Time(m)
	default:
		return nil, errors.New("smithytest: kind without values")
	}
}
