package awsquery

import (
	"cmp"
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
)

// Decode fills in from the pairs of a form, which it puts into another order; of equal names
// the last stays the last. Pairs that belong to no member (Action,
// Version, parts of a signature) are passed over. List elements come in ascending order of
// their numbers, which may have gaps; "Name=" or "Name.member=" is an empty list. The work
// is bounded by the number of pairs, not by the numbers in their names. The error is a
// [*smithy.SerializationError] whose Path names the member at fault.
func Decode(form []Pair, in smithy.Shape) error {
	if len(in.Schema().Members) == 0 {
		return nil
	}
	slices.SortStableFunc(form, func(a, b Pair) int { return compareNames(a.Name, b.Name) })
	return in.Decode(&decoder{pairs: form})
}

// compareNames orders names so that all pairs with a common dotted prefix stand together:
// the dot comes before every other byte, and a name before its continuations.
func compareNames(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] == b[i] {
			continue
		}
		switch {
		case a[i] == '.':
			return -1
		case b[i] == '.':
			return 1
		default:
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// decoder is the visitor. Its present value is what pairs hold: all their names share a
// prefix, and either end with it or go on, after a dot, with the part that starts at byte
// at. Names that end come first. At the outermost level the prefix is empty and at is 0.
type decoder struct {
	pairs []Pair
	at    int
}

var _ smithy.Decoder = (*decoder)(nil)

// ended reports whether the i-th name ends with the prefix.
func (d *decoder) ended(i int) bool { return len(d.pairs[i].Name) < d.at }

// part returns the part of the i-th name that follows the prefix, up to the next dot.
func (d *decoder) part(i int) string {
	part, _, _ := strings.Cut(d.pairs[i].Name[d.at:], ".")
	return part
}

// group calls f for each distinct part that follows the prefix, with the decoder set to
// the pairs that have it, and restores the decoder.
func (d *decoder) group(f func(part string) error) error {
	outer := *d
	defer func() { *d = outer }()
	for i := 0; i < len(outer.pairs); {
		if outer.ended(i) {
			i++
			continue
		}
		part, first := outer.part(i), i
		for i++; i < len(outer.pairs) && outer.part(i) == part; {
			i++
		}
		*d = decoder{pairs: outer.pairs[first:i], at: outer.at + len(part) + 1}
		if err := f(part); err != nil {
			return err
		}
	}
	return nil
}

// scalar returns the value of the names that end here, the last of several.
func (d *decoder) scalar() string {
	value := ""
	for i := 0; i < len(d.pairs) && d.ended(i); i++ {
		value = d.pairs[i].Value
	}
	return value
}

// leaf returns the value of a scalar member.
func (d *decoder) leaf() (string, error) {
	if n := len(d.pairs); n > 0 && !d.ended(n-1) {
		return "", malformed("", "Start of structure or map found where not expected")
	}
	return d.scalar(), nil
}

// within puts a name around the path of an error.
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

// Struct reads the members that have pairs.
func (d *decoder) Struct(s *smithy.Schema, member func(m *smithy.Member) error) error {
	if d.scalar() != "" {
		return malformed("", "Unexpected complex element termination")
	}
	return d.group(func(name string) error {
		for i := range s.Members {
			if m := &s.Members[i]; m.WireName == name {
				return within(member(m), name)
			}
		}
		return nil
	})
}

// entry is one element of a list: its number and its pairs.
type entry struct {
	number int
	value  decoder
}

// List reads the elements in the order of their numbers.
func (d *decoder) List(m *smithy.Member, element func() error) error {
	entries, err := d.entries(m)
	if err != nil {
		return err
	}
	outer := *d
	defer func() { *d = outer }()
	for i := range entries {
		*d = entries[i].value
		if err := element(); err != nil {
			return within(err, strconv.Itoa(entries[i].number))
		}
	}
	return nil
}

// Map reads the entries, each of which has a key and a value below its number.
func (d *decoder) Map(m *smithy.Member, entry func(key string) error) error {
	entries, err := d.entries(m)
	if err != nil {
		return err
	}
	keyName, valueName := wireName(m.Target.Key, "key"), wireName(m.Target.Element, "value")
	outer := *d
	defer func() { *d = outer }()
	for i := range entries {
		var key string
		var value decoder
		hasKey, hasValue := false, false
		*d = entries[i].value
		err := d.group(func(name string) (err error) {
			switch name {
			case keyName:
				hasKey = true
				key, err = d.leaf()
			case valueName:
				hasValue, value = true, *d
			}
			return err
		})
		if err == nil && !hasKey {
			err = malformed("", "The map entry has no key")
		}
		if err == nil && hasValue {
			*d = value
			err = entry(key)
		}
		if err != nil {
			return within(err, strconv.Itoa(entries[i].number))
		}
	}
	return nil
}

// wireName is the name of a map's key or value, or of a list's element.
func wireName(m *smithy.Member, byDefault string) string {
	if m == nil || m.WireName == "" {
		return byDefault
	}
	return m.WireName
}

// entries returns the numbered elements of a list or map in ascending order.
func (d *decoder) entries(m *smithy.Member) ([]entry, error) {
	if d.scalar() != "" {
		return nil, malformed("", "Unexpected list element termination")
	}
	var entries []entry
	collect := func(part string) error {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return malformed(part, "The list index is not a number")
		}
		entries = append(entries, entry{number: int(n), value: *d})
		return nil
	}
	var err error
	if m.Flattened {
		err = d.group(collect)
	} else {
		inner := "entry"
		if m.Target.Kind != smithy.KindMap {
			inner = wireName(m.Target.Element, "member")
		}
		err = d.group(func(part string) error {
			if part != inner {
				return malformed(part, "Unexpected list element name")
			}
			if d.scalar() != "" {
				return malformed(part, "Unexpected list element termination")
			}
			return within(d.group(collect), part)
		})
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.number, b.number) })
	return entries, nil
}

// String reads a string.
func (d *decoder) String(*smithy.Member) (string, error) { return d.leaf() }

// Bool reads "true" or "false", in any case.
func (d *decoder) Bool(*smithy.Member) (bool, error) {
	text, err := d.leaf()
	if err != nil {
		return false, err
	}
	switch {
	case strings.EqualFold(text, "true"):
		return true, nil
	case strings.EqualFold(text, "false"):
		return false, nil
	}
	return false, malformed("", "STRING_VALUE can not be converted to a Boolean")
}

// Int reads a decimal number that fits the member's type.
func (d *decoder) Int(m *smithy.Member) (int64, error) {
	text, err := d.leaf()
	if err != nil {
		return 0, err
	}
	kind, bits := "a Long", 64
	if m.Target != nil && m.Target.Kind == smithy.KindInteger {
		kind, bits = "an Integer", 32
	}
	n, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		return 0, malformed("", "STRING_VALUE can not be converted to "+kind)
	}
	return n, nil
}

// Float reads a decimal number, "NaN", "Infinity" or "-Infinity".
func (d *decoder) Float(*smithy.Member) (float64, error) {
	text, err := d.leaf()
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
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "xXpP_") {
		return 0, malformed("", "STRING_VALUE can not be converted to a Double")
	}
	return f, nil
}

// Blob reads base64.
func (d *decoder) Blob(*smithy.Member) ([]byte, error) {
	text, err := d.leaf()
	if err != nil {
		return nil, err
	}
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, malformed("", "only base-64-encoded strings are convertible to bytes")
	}
	return blob, nil
}

// Time reads a date-time (ISO 8601 as RFC 3339 narrows it) or epoch seconds.
func (d *decoder) Time(*smithy.Member) (time.Time, error) {
	text, err := d.leaf()
	if err != nil {
		return time.Time{}, err
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC(), nil
	}
	const latest = 253402300799 // the last second of the year 9999
	if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) <= latest {
		return time.UnixMilli(int64(math.Round(f * 1000))).UTC(), nil
	}
	return time.Time{}, malformed("", "STRING_VALUE can not be converted to a Date")
}
