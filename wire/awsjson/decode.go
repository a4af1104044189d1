package awsjson

import (
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Decode fills in from a request body. An empty body stands for an empty object; members
// that are null are absent; unknown members are passed over, however they look; of a
// member given twice the last one counts. The error is a [*smithy.SerializationError]
// whose Path names the member at fault.
func Decode(body []byte, in smithy.Shape) error {
	return decode(body, in, nil)
}

// DecodeMember fills the single member m of in from a body that is the member's value and
// nothing else: the payload member of restJson1. An empty body leaves in as it is.
func DecodeMember(body []byte, in smithy.Shape, m *smithy.Member) error {
	return decode(body, in, m)
}

func decode(body []byte, in smithy.Shape, payload *smithy.Member) error {
	d := &decoder{scanner: scanner{data: body}, payload: payload}
	if d.peek() == 0 && d.pos == len(body) {
		return nil
	}
	if err := in.Decode(d); err != nil {
		return err
	}
	return d.end()
}

// decoder is the visitor that reads values; each of its methods consumes one.
type decoder struct {
	scanner
	// payload is the one member whose value the whole body is; nil for an ordinary body.
	payload *smithy.Member
	// inside is true once the outermost structure has been entered: bindings to other
	// parts of an HTTP message matter there only.
	inside bool
}

var _ smithy.Decoder = (*decoder)(nil)

// Struct reads an object.
func (d *decoder) Struct(s *smithy.Schema, member func(m *smithy.Member) error) error {
	outermost := !d.inside
	d.inside = true
	if outermost && d.payload != nil {
		return d.value(d.payload, member)
	}
	if err := d.open('{'); err != nil {
		return err
	}
	hint := 0
	for first := true; ; first = false {
		more, err := d.next('}', first)
		if err != nil || !more {
			return err
		}
		name, err := d.key()
		if err != nil {
			return err
		}
		m := find(s.Members, name, hint)
		if m == nil || (outermost && m.Binding != smithy.BindBody) {
			if err := d.skip(); err != nil {
				return err
			}
			continue
		}
		hint = m.Index + 1
		if err := d.value(m, member); err != nil {
			return within(err, m.WireName)
		}
	}
}

// value hands the value of m to read, unless it is null.
func (d *decoder) value(m *smithy.Member, read func(m *smithy.Member) error) error {
	if d.peek() == 'n' {
		return d.literal("null")
	}
	start := d.pos
	if err := read(m); err != nil {
		return err
	}
	if d.pos == start {
		return d.skip()
	}
	return nil
}

// find returns the member of that wire name. Clients send members in the model's order or
// sorted, so the search starts where the last one was found.
func find(members []smithy.Member, name []byte, hint int) *smithy.Member {
	for i := hint; i < len(members); i++ {
		if members[i].WireName == string(name) {
			return &members[i]
		}
	}
	for i := 0; i < hint && i < len(members); i++ {
		if members[i].WireName == string(name) {
			return &members[i]
		}
	}
	return nil
}

// within puts the name of the member around the path of an error.
func within(err error, name string) error {
	var se *smithy.SerializationError
	if !errors.As(err, &se) {
		return err
	}
	if se.Path == "" {
		se.Path = name
	} else {
		se.Path = name + "." + se.Path
	}
	return err
}

// open enters an object or a list.
func (d *decoder) open(opening byte) error {
	switch c := d.peek(); c {
	case opening:
		return d.enter()
	case '{':
		return fail(messageStructure)
	case '[':
		return fail(messageList)
	default:
		if err := d.skip(); err != nil {
			return err
		}
		return fail(messageField)
	}
}

// List reads a list. Null is no element in AWS's models, none of which is sparse.
func (d *decoder) List(_ *smithy.Member, element func() error) error {
	if err := d.open('['); err != nil {
		return err
	}
	for n := 1; ; n++ {
		more, err := d.next(']', n == 1)
		if err != nil || !more {
			return err
		}
		if d.peek() == 'n' {
			return within(fail("A list must not contain null"), strconv.Itoa(n))
		}
		if err := element(); err != nil {
			return within(err, strconv.Itoa(n))
		}
	}
}

// Map reads an object as a map. An entry whose value is null is absent.
func (d *decoder) Map(_ *smithy.Member, entry func(key string) error) error {
	if err := d.open('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := d.next('}', first)
		if err != nil || !more {
			return err
		}
		raw, err := d.key()
		if err != nil {
			return err
		}
		if d.peek() == 'n' {
			if err := d.literal("null"); err != nil {
				return err
			}
			continue
		}
		key := string(raw)
		if err := entry(key); err != nil {
			return within(err, key)
		}
	}
}

// String reads a string.
func (d *decoder) String(*smithy.Member) (string, error) {
	if d.peek() != '"' {
		return "", d.mismatch("a String")
	}
	return d.str()
}

// Bool reads true or false.
func (d *decoder) Bool(*smithy.Member) (bool, error) {
	switch d.peek() {
	case 't':
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	case '"':
		if err := d.skip(); err != nil {
			return false, err
		}
		return false, fail("Unexpected token received from parser")
	default:
		return false, d.mismatch("a Boolean")
	}
}

// Int reads a whole number that fits the member's type; 1e3 and 1000.0 are whole.
func (d *decoder) Int(m *smithy.Member) (int64, error) {
	kind, bits := "a Long", 64
	if m.Target != nil && m.Target.Kind == smithy.KindInteger {
		kind, bits = "an Integer", 32
	}
	if !startsNumber(d.peek()) {
		return 0, d.mismatch(kind)
	}
	text, whole, err := d.number()
	if err != nil {
		return 0, err
	}
	if whole {
		if n, err := strconv.ParseInt(string(text), 10, bits); err == nil {
			return n, nil
		}
		return 0, fail("NUMBER_VALUE is out of range for " + kind)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	limit := math.Ldexp(1, bits-1)
	if err != nil || f != math.Trunc(f) || f < -limit || f >= limit {
		return 0, fail("DECIMAL_VALUE can not be converted to " + kind)
	}
	return int64(f), nil
}

// Float reads a number, or one of the strings that JSON needs for what it cannot write as
// a number: "NaN", "Infinity" and "-Infinity".
func (d *decoder) Float(m *smithy.Member) (float64, error) {
	c := d.peek()
	if c == '"' {
		text, err := d.str()
		if err != nil {
			return 0, err
		}
		switch text {
		case "NaN":
			return math.NaN(), nil
		case "Infinity":
			return math.Inf(1), nil
		case "-Infinity":
			return math.Inf(-1), nil
		}
		return 0, fail("STRING_VALUE can not be converted to a Double")
	}
	if !startsNumber(c) {
		return 0, d.mismatch("a Double")
	}
	text, _, err := d.number()
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, fail("NUMBER_VALUE is out of range for a Double")
	}
	return f, nil
}

// Blob reads a base64 string.
func (d *decoder) Blob(*smithy.Member) ([]byte, error) {
	const message = "only base-64-encoded strings are convertible to bytes"
	if c := d.peek(); c != '"' {
		if c == '{' {
			return nil, fail(messageStructure)
		}
		if err := d.skip(); err != nil {
			return nil, err
		}
		return nil, fail(message)
	}
	text, err := d.str()
	if err != nil {
		return nil, err
	}
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fail(message)
	}
	return blob, nil
}

// Time reads epoch seconds with a fraction, or a date-time string, whichever stands there:
// clients differ, and the two cannot be confused.
func (d *decoder) Time(*smithy.Member) (time.Time, error) {
	c := d.peek()
	if c == '"' {
		text, err := d.str()
		if err != nil {
			return time.Time{}, err
		}
		if t, ok := parseTime(text); ok {
			return t, nil
		}
		return time.Time{}, fail("STRING_VALUE can not be converted to a Date")
	}
	if !startsNumber(c) {
		return time.Time{}, d.mismatch("a Date")
	}
	text, _, err := d.number()
	if err != nil {
		return time.Time{}, err
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(f) > maxEpoch {
		return time.Time{}, fail("NUMBER_VALUE is out of range for a Date")
	}
	return epoch(f), nil
}

// maxEpoch is the last second of the year 9999, the latest that AWS's formats can write.
const maxEpoch = 253402300799

// epoch turns seconds into a time, to the millisecond: AWS's protocols carry no more, and
// a float64 of today's date holds no more than microseconds anyway.
func epoch(seconds float64) time.Time {
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
}

// parseTime reads an RFC 3339 date-time or an HTTP date.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339Nano, time.RFC1123} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func startsNumber(c byte) bool { return c == '-' || ('0' <= c && c <= '9') }

// mismatch consumes the value at the present position and returns the error of finding it
// where a value of the wanted type should stand, in the words of AWS's JSON services.
func (d *decoder) mismatch(want string) error {
	token := "STRING_VALUE"
	switch c := d.peek(); {
	case c == '{':
		return fail(messageStructure)
	case c == '[':
		return fail(messageList)
	case c == 't':
		token = "TRUE_VALUE"
	case c == 'f':
		token = "FALSE_VALUE"
	case c == 'n':
		token = "NULL_VALUE"
	case startsNumber(c):
		_, whole, err := d.number()
		if err != nil {
			return err
		}
		token = "DECIMAL_VALUE"
		if whole {
			token = "NUMBER_VALUE"
		}
		return fail(token + " can not be converted to " + want)
	}
	if err := d.skip(); err != nil {
		return err
	}
	return fail(token + " can not be converted to " + want)
}
