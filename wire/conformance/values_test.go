package conformance

import (
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
)

// maxDepth ends recursive shapes.
const maxDepth = 6

var moment = time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)

// text is a string that needs escaping in every protocol, and differs from member to
// member.
func text(path string) string { return path + " é<&>\"'+%/\\=\n;" }

// fill sets every member of a client's structure. Interfaces (unions, documents) and
// fields that are not part of the message stay unset.
func fill(v reflect.Value, path string, depth int) {
	if depth > maxDepth {
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(moment))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				fill(v.Field(i), join(path, f.Name), depth+1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(path))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), join(path, strconv.Itoa(i)), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"Key&1", "key.2"} {
			element := reflect.New(v.Type().Elem()).Elem()
			fill(element, join(path, key), depth+1)
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), element)
		}
	case reflect.String:
		v.SetString(text(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(len(path)))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(len(path)) + 0.25)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "|" + name
}

// flatten lists the leaves of a structure, ours or a client's, by their path in lower
// case: the two spell members alike but for the first letter.
func flatten(v reflect.Value, path string, into map[string]string) {
	path = strings.ToLower(path)
	switch x := v.Interface().(type) {
	case time.Time:
		into[path] = x.UTC().Format(time.RFC3339Nano)
		return
	case []byte:
		if x != nil {
			into[path] = base64.StdEncoding.EncodeToString(x)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			flatten(v.Elem(), path, into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				flatten(v.Field(i), join(path, f.Name), into)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			flatten(v.Index(i), join(path, strconv.Itoa(i)), into)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			flatten(v.MapIndex(key), join(path, key.String()), into)
		}
	default:
		into[path] = fmt.Sprint(v.Interface())
	}
}

// record makes values for every member of a schema.
func record(s *smithy.Schema, path string, depth int) smithytest.Values {
	values := smithytest.Values{}
	for i := range s.Members {
		m := &s.Members[i]
		if v := value(m.Target, join(path, m.Name), depth+1); v != nil {
			values[m.Name] = v
		}
	}
	return values
}

// value makes a value, or nil for what has none here: unions, and what is too deep.
func value(s *smithy.Schema, path string, depth int) any {
	if depth > maxDepth || s.Union {
		return nil
	}
	switch s.Kind {
	case smithy.KindStructure:
		return record(s, path, depth)
	case smithy.KindList:
		list := []any{}
		for i := range 2 {
			if v := value(s.Element.Target, join(path, strconv.Itoa(i)), depth+1); v != nil {
				list = append(list, v)
			}
		}
		return list
	case smithy.KindMap:
		entries := smithytest.Values{}
		for _, key := range []string{"Key&1", "key.2"} {
			if v := value(s.Element.Target, join(path, key), depth+1); v != nil {
				entries[key] = v
			}
		}
		return entries
	case smithy.KindString:
		return text(path)
	case smithy.KindBoolean:
		return true
	case smithy.KindInteger, smithy.KindLong:
		return int64(len(path))
	case smithy.KindFloat, smithy.KindDouble:
		return float64(len(path)) + 0.25
	case smithy.KindBlob:
		return []byte(path)
	case smithy.KindTimestamp:
		return moment
	default:
		return nil
	}
}

// knows reports whether a path of a client's structure leads through members of s only:
// the client may be newer than the model.
func knows(s *smithy.Schema, path string) bool {
	for part := range strings.SplitSeq(path, "|") {
		switch s.Kind {
		case smithy.KindList, smithy.KindMap:
			s = s.Element.Target
		case smithy.KindStructure:
			i := slices.IndexFunc(s.Members, func(m smithy.Member) bool { return strings.EqualFold(m.Name, part) })
			if i < 0 {
				return false
			}
			s = s.Members[i].Target
		}
	}
	return true
}

// has reports whether a client's type has a field at a path: the model may be newer than
// the client, too.
func has(t reflect.Type, path string) bool {
	for part := range strings.SplitSeq(path, "|") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Slice, reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			f, ok := t.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, part) })
			if !ok {
				return false
			}
			t = f.Type
		}
	}
	return true
}

// missing lists what is in want and not, or not so, in got.
func missing(got, want map[string]string) []string {
	var lines []string
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if g, ok := got[path]; !ok {
			lines = append(lines, path+" is missing")
		} else if g != want[path] {
			lines = append(lines, fmt.Sprintf("%s is %q instead of %q", path, g, want[path]))
		}
	}
	return lines
}
