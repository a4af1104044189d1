package smithy

import (
	"math"
	"time"
)

// The functions of this file read one scalar into the pointer that a field of a shape is.
// Generated Decode methods call them. They return nil with the decoder's error.

// ReadString reads a string.
func ReadString(d ScalarDecoder, m *Member) (*string, error) { return pointer(d.String(m)) }

// ReadBool reads a boolean.
func ReadBool(d ScalarDecoder, m *Member) (*bool, error) { return pointer(d.Bool(m)) }

// ReadInt64 reads a long.
func ReadInt64(d ScalarDecoder, m *Member) (*int64, error) { return pointer(d.Int(m)) }

// ReadInt32 reads an integer; one that needs more than 32 bits is a [*SerializationError].
func ReadInt32(d ScalarDecoder, m *Member) (*int32, error) { return pointer(Int32(d, m)) }

// ReadFloat reads a float or double.
func ReadFloat(d ScalarDecoder, m *Member) (*float64, error) { return pointer(d.Float(m)) }

// ReadTime reads a timestamp.
func ReadTime(d ScalarDecoder, m *Member) (*time.Time, error) { return pointer(d.Time(m)) }

// Int32 reads an integer as a value; one that needs more than 32 bits is a
// [*SerializationError].
func Int32(d ScalarDecoder, m *Member) (int32, error) {
	v, err := d.Int(m)
	if err != nil {
		return 0, err
	}
	if v < math.MinInt32 || v > math.MaxInt32 {
		return 0, &SerializationError{Path: m.Name, Message: "number is out of the range of a 32-bit integer"}
	}
	return int32(v), nil
}

func pointer[T any](v T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return &v, nil
}
