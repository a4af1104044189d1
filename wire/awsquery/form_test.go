package awsquery_test

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsquery"
)

type values = smithytest.Values

// formWriter is the client's side of the protocol: it writes a shape as a form.
type formWriter struct {
	pairs []awsquery.Pair
	// path holds the names down to the present container, with counts for the entries of
	// lists and maps.
	path []level
}

type level struct {
	name  string
	list  bool
	asMap bool
	count int
	// start is the number of pairs before the container, own the name it has by itself.
	start int
	own   string
}

func writeForm(s smithy.Shape) []awsquery.Pair {
	w := &formWriter{}
	s.Encode(w)
	return w.pairs
}

func encodeForm(pairs []awsquery.Pair) string {
	fields := make([]string, len(pairs))
	for i, p := range pairs {
		fields[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value)
	}
	return strings.Join(fields, "&")
}

func (w *formWriter) prefix(m *smithy.Member) string {
	var parts []string
	for i := range w.path {
		l := &w.path[i]
		if l.name != "" {
			parts = append(parts, l.name)
		}
		if l.list || l.asMap {
			parts = append(parts, strconv.Itoa(l.count))
		}
		if l.asMap {
			parts = append(parts, "value")
		}
	}
	if n := len(w.path); n == 0 || !(w.path[n-1].list || w.path[n-1].asMap) {
		parts = append(parts, m.WireName)
	}
	return strings.Join(parts, ".")
}

func (w *formWriter) arrive() {
	if n := len(w.path); n > 0 && w.path[n-1].list {
		w.path[n-1].count++
	}
}

func (w *formWriter) put(m *smithy.Member, text string) {
	w.arrive()
	w.pairs = append(w.pairs, awsquery.Pair{Name: w.prefix(m), Value: text})
}

// name is what a container adds to the path: nothing if its parent has counted it.
func (w *formWriter) name(m *smithy.Member) string {
	if n := len(w.path); n > 0 && (w.path[n-1].list || w.path[n-1].asMap) {
		return ""
	}
	return m.WireName
}

func (w *formWriter) open(m *smithy.Member, l level, n int) {
	w.arrive()
	if n == 0 {
		w.pairs = append(w.pairs, awsquery.Pair{Name: w.prefix(m)})
	}
	l.start, l.own = len(w.pairs), w.prefix(m)
	l.name = strings.TrimPrefix(w.name(m)+l.name, ".")
	w.path = append(w.path, l)
}

func (w *formWriter) BeginStruct(m *smithy.Member) { w.open(m, level{}, 1) }

// EndStruct writes a name without value for a structure without members.
func (w *formWriter) EndStruct(*smithy.Member) {
	top := w.path[len(w.path)-1]
	if len(w.pairs) == top.start {
		w.pairs = append(w.pairs, awsquery.Pair{Name: top.own})
	}
	w.path = w.path[:len(w.path)-1]
}

func (w *formWriter) BeginList(m *smithy.Member, n int) {
	l := level{list: true}
	if !m.Flattened {
		l.name = "." + m.Target.Element.WireName
	}
	w.open(m, l, n)
}
func (w *formWriter) EndList(*smithy.Member) { w.path = w.path[:len(w.path)-1] }
func (w *formWriter) BeginMap(m *smithy.Member, n int) {
	l := level{asMap: true}
	if !m.Flattened {
		l.name = ".entry"
	}
	w.open(m, l, n)
}

func (w *formWriter) MapKey(m *smithy.Member, key string) {
	w.path[len(w.path)-1].count++
	w.pairs = append(w.pairs, awsquery.Pair{Name: strings.TrimSuffix(w.prefix(m), "value") + "key", Value: key})
}
func (w *formWriter) EndMap(*smithy.Member)             { w.path = w.path[:len(w.path)-1] }
func (w *formWriter) String(m *smithy.Member, v string) { w.put(m, v) }
func (w *formWriter) Bool(m *smithy.Member, v bool)     { w.put(m, strconv.FormatBool(v)) }
func (w *formWriter) Int(m *smithy.Member, v int64)     { w.put(m, strconv.FormatInt(v, 10)) }
func (w *formWriter) Float(m *smithy.Member, v float64) {
	w.put(m, strconv.FormatFloat(v, 'g', -1, 64))
}

func (w *formWriter) Blob(m *smithy.Member, v []byte) { w.put(m, base64.StdEncoding.EncodeToString(v)) }

func (w *formWriter) Time(m *smithy.Member, v time.Time) { w.put(m, v.UTC().Format(time.RFC3339Nano)) }
