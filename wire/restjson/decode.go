package restjson

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

// Decode fills in, the input of op, from the parts of a request: the labels that
// [Router.Match] found, the raw query, the headers and the body. A body is read only if
// the model binds members to it. The error is a [*smithy.SerializationError].
func Decode(op *smithy.Operation, labels []Label, rawQuery string, header http.Header, body []byte, in smithy.Shape) error {
	s := in.Schema()
	use := bindings(s)
	if use.head {
		d := &binder{labels: labels, header: header}
		if use.query {
			var err error
			if d.query, err = parseQuery(rawQuery); err != nil {
				return err
			}
		}
		if err := in.Decode(d); err != nil {
			return err
		}
	}
	switch {
	case use.payload == nil && use.body:
		return awsjson.Decode(body, in)
	case use.payload == nil:
		return nil
	case isText(use.payload):
		if len(body) == 0 {
			return nil
		}
		return in.Decode(&binder{raw: body, payload: use.payload})
	default:
		return awsjson.DecodeMember(body, in, use.payload)
	}
}

// use says which parts of a message carry members of a shape.
type use struct {
	head, query, body bool
	payload           *smithy.Member
}

func bindings(s *smithy.Schema) (u use) {
	for i := range s.Members {
		switch m := &s.Members[i]; m.Binding {
		case smithy.BindBody:
			u.body = true
		case smithy.BindPayload:
			u.payload = m
		case smithy.BindQuery, smithy.BindQueryParams:
			u.head, u.query = true, true
		default:
			u.head = true
		}
	}
	return u
}

// isText reports whether a payload is the body as it stands rather than JSON.
func isText(m *smithy.Member) bool {
	return m.Target.Kind == smithy.KindBlob || m.Target.Kind == smithy.KindString
}

// parameter is one name and its value in a query.
type parameter struct{ name, value string }

// parseQuery splits a raw query. Unlike net/url it refuses malformed escapes only, and
// keeps the order.
func parseQuery(rawQuery string) ([]parameter, error) {
	var ps []parameter
	for rawQuery != "" {
		var field string
		field, rawQuery, _ = strings.Cut(rawQuery, "&")
		if field == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(field, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil || !utf8.ValidString(name) {
			return nil, malformed("", "The query contains a malformed escape or text that is not UTF-8")
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil || !utf8.ValidString(value) {
			return nil, malformed(name, "The value contains a malformed escape or text that is not UTF-8")
		}
		ps = append(ps, parameter{name, value})
	}
	return ps, nil
}

func malformed(path, message string) error {
	return &smithy.SerializationError{Path: path, Message: message}
}

// binder is the visitor that reads members from everywhere but a JSON body.
type binder struct {
	labels []Label
	query  []parameter
	header http.Header
	// raw is the value of the payload member, if that is text or bytes.
	raw     []byte
	payload *smithy.Member

	// values are those of the member being read; a list has any number, a scalar one.
	values []string
	// bound is the member being read, whose binding decides on formats.
	bound *smithy.Member
}

var _ smithy.Decoder = (*binder)(nil)

// Struct reads the bound members that are there.
func (d *binder) Struct(s *smithy.Schema, member func(m *smithy.Member) error) error {
	if d.bound != nil {
		return malformed("", "A structure cannot be read from here")
	}
	defer func() { d.bound = nil }()
	for i := range s.Members {
		m := &s.Members[i]
		there, err := d.fetch(m)
		if err == nil && there {
			d.bound = m
			err = member(m)
		}
		if err != nil {
			var se *smithy.SerializationError
			if errors.As(err, &se) && se.Path == "" {
				se.Path = m.Name
			}
			return err
		}
	}
	return nil
}

// fetch sets the values of m and reports whether there are any.
func (d *binder) fetch(m *smithy.Member) (bool, error) {
	d.values = d.values[:0]
	switch m.Binding {
	case smithy.BindLabel:
		return d.fetchLabel(m)
	case smithy.BindQuery:
		for _, p := range d.query {
			if p.name == m.BindingName {
				d.values = append(d.values, p.value)
			}
		}
	case smithy.BindHeader:
		d.values = append(d.values, d.header.Values(m.BindingName)...)
		if m.Target.Kind == smithy.KindList {
			d.values = splitHeader(d.values, m.Target.Element)
		}
	case smithy.BindPrefixHeaders:
		return d.hasPrefix(m), nil
	case smithy.BindQueryParams:
		return len(d.query) > 0, nil
	case smithy.BindPayload:
		return m == d.payload, nil
	}
	return len(d.values) > 0, nil
}

func (d *binder) fetchLabel(m *smithy.Member) (bool, error) {
	for _, l := range d.labels {
		if l.Member != m.Name && l.Member != m.WireName && l.Member != m.BindingName {
			continue
		}
		value, err := url.PathUnescape(l.Value)
		if err != nil || !utf8.ValidString(value) {
			return false, malformed("", "The path contains a malformed escape or text that is not UTF-8")
		}
		d.values = append(d.values, value)
		return true, nil
	}
	return false, nil
}

// splitHeader splits the values of a list header at its commas. Quoted elements may have
// commas inside; an HTTP date always has one.
func splitHeader(values []string, element *smithy.Member) []string {
	dates := element.Target.Kind == smithy.KindTimestamp &&
		(element.TimeFormat == smithy.TimeDefault || element.TimeFormat == smithy.TimeHTTPDate)
	var out []string
	for _, v := range values {
		for v = strings.TrimSpace(v); v != ""; {
			var part string
			if v[0] == '"' {
				part, v = quoted(v)
			} else {
				end := strings.IndexByte(v, ',')
				if end >= 0 && dates {
					if next := strings.IndexByte(v[end+1:], ','); next >= 0 {
						end += 1 + next
					} else {
						end = -1
					}
				}
				if end < 0 {
					part, v = v, ""
				} else {
					part, v = v[:end], v[end:]
				}
				part = strings.TrimSpace(part)
			}
			out = append(out, part)
			v = strings.TrimSpace(v)
			v = strings.TrimSpace(strings.TrimPrefix(v, ","))
		}
	}
	return out
}

// quoted reads a quoted string at the start of v, and returns it and the rest.
func quoted(v string) (text, rest string) {
	var b strings.Builder
	for i := 1; i < len(v); i++ {
		switch {
		case v[i] == '\\' && i+1 < len(v):
			i++
			b.WriteByte(v[i])
		case v[i] == '"':
			return b.String(), v[i+1:]
		default:
			b.WriteByte(v[i])
		}
	}
	return b.String(), ""
}

// List reads the values one after the other.
func (d *binder) List(_ *smithy.Member, element func() error) error {
	values := d.values
	defer func() { d.values = values }()
	for i := range values {
		d.values = values[i : i+1]
		if err := element(); err != nil {
			return err
		}
	}
	return nil
}

// Map reads headers with a common prefix, whose names are in lower case then, or all query
// parameters, those bound to other members included.
func (d *binder) Map(m *smithy.Member, entry func(key string) error) error {
	if m.Binding == smithy.BindPrefixHeaders {
		return d.mapHeaders(m, entry)
	}
	done := make(map[string]bool, len(d.query))
	for _, p := range d.query {
		if done[p.name] {
			continue
		}
		done[p.name] = true
		d.values = d.values[:0]
		for _, other := range d.query {
			if other.name == p.name {
				d.values = append(d.values, other.value)
			}
		}
		if err := entry(p.name); err != nil {
			return err
		}
	}
	return nil
}

// afterPrefix returns what follows the prefix of m in a header's name, in lower case.
func afterPrefix(name string, m *smithy.Member) (key string, ok bool) {
	return strings.CutPrefix(strings.ToLower(name), strings.ToLower(m.BindingName))
}

func (d *binder) hasPrefix(m *smithy.Member) bool {
	for name := range d.header {
		if _, ok := afterPrefix(name, m); ok {
			return true
		}
	}
	return false
}

func (d *binder) mapHeaders(m *smithy.Member, entry func(key string) error) error {
	for name, values := range d.header {
		key, ok := afterPrefix(name, m)
		if !ok || len(values) == 0 {
			continue
		}
		d.values = append(d.values[:0], values...)
		if err := entry(key); err != nil {
			return err
		}
	}
	return nil
}

// value is the one of a scalar, or the first of several.
func (d *binder) value() string {
	if len(d.values) == 0 {
		return ""
	}
	return d.values[0]
}

// String reads text.
func (d *binder) String(m *smithy.Member) (string, error) {
	v := d.value()
	if m.Binding == smithy.BindPayload {
		v = string(d.raw)
	}
	if !utf8.ValidString(v) {
		return "", malformed("", "The value is not UTF-8")
	}
	return v, nil
}

// Bool reads true or false.
func (d *binder) Bool(*smithy.Member) (bool, error) {
	switch d.value() {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, malformed("", "STRING_VALUE can not be converted to a Boolean")
}

// Int reads a decimal number.
func (d *binder) Int(m *smithy.Member) (int64, error) {
	kind, bits := "a Long", 64
	if m.Target.Kind == smithy.KindInteger {
		kind, bits = "an Integer", 32
	}
	n, err := strconv.ParseInt(d.value(), 10, bits)
	if err != nil {
		return 0, malformed("", "STRING_VALUE can not be converted to "+kind)
	}
	return n, nil
}

// Float reads a decimal number, "NaN", "Infinity" or "-Infinity".
func (d *binder) Float(*smithy.Member) (float64, error) {
	text := d.value()
	switch text {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(text, "xXpP_") {
		return 0, malformed("", "STRING_VALUE can not be converted to a Double")
	}
	return f, nil
}

// Blob reads base64, or the body as it is.
func (d *binder) Blob(m *smithy.Member) ([]byte, error) {
	if m.Binding == smithy.BindPayload {
		return bytes.Clone(d.raw), nil
	}
	b, err := base64.StdEncoding.DecodeString(d.value())
	if err != nil {
		return nil, malformed("", "only base-64-encoded strings are convertible to bytes")
	}
	return b, nil
}

// Time reads a timestamp in the format of its place: an HTTP date in headers, a date-time
// in path and query, unless the model says otherwise.
func (d *binder) Time(m *smithy.Member) (time.Time, error) {
	text, format := d.value(), m.TimeFormat
	if format == smithy.TimeDefault {
		format = smithy.TimeDateTime
		if b := d.bound.Binding; b == smithy.BindHeader || b == smithy.BindPrefixHeaders {
			format = smithy.TimeHTTPDate
		}
	}
	var t time.Time
	var err error
	switch format {
	case smithy.TimeHTTPDate:
		t, err = http.ParseTime(text)
	case smithy.TimeEpoch:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		if !(math.Abs(f) < 253402300800) { // the year 10000; refuses NaN as well
			err = strconv.ErrRange
		} else {
			t = time.UnixMilli(int64(math.Round(f * 1000)))
		}
	default:
		t, err = time.Parse(time.RFC3339Nano, text)
	}
	if err != nil {
		return time.Time{}, malformed("", "STRING_VALUE can not be converted to a Date")
	}
	return t.UTC(), nil
}
