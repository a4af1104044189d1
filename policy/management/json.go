package management

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Error is a fault of a document.
type Error struct {
	// Path names the key, its parts separated by slashes; empty for the document itself.
	Path string
	// Line and Column begin at 1; a column counts bytes.
	Line, Column int
	// Message says what is wrong.
	Message string
}

// Error returns the message with its place.
func (e *Error) Error() string {
	at := ""
	if e.Path != "" {
		at = e.Path + ", "
	}
	return fmt.Sprintf("%s (%sline %d, column %d)", e.Message, at, e.Line, e.Column)
}

// deepest is how deep the keys of a document can nest, far deeper than any grammar goes.
const deepest = 64

// scalar is a value that is neither a list nor an object.
type scalar struct {
	// text is the string, or a number or boolean as it is written.
	text string
	// bare is true for numbers and booleans, which are written without quotes.
	bare bool
}

// value is what an operator is given: a list or a single scalar.
type value struct {
	list  bool
	items []scalar
}

// member is a key of an object with what belongs to it: an object's members or a value.
type member struct {
	name    string
	offset  int
	object  bool
	members []member
	value   value
}

// scanner reads JSON into members.
type scanner struct {
	text []byte
	d    *json.Decoder
}

// scan reads a text that has to be one JSON object.
func scan(text string) (member, error) {
	s := &scanner{text: []byte(text)}
	if err := s.syntax(); err != nil {
		return member{}, err
	}
	s.d = json.NewDecoder(bytes.NewReader(s.text))
	s.d.UseNumber()
	root := member{offset: s.next()}
	if err := s.value(&root, nil); err != nil {
		return member{}, err
	}
	if !root.object {
		return member{}, s.errorAt(root.offset, nil, "The document is not an object.")
	}
	return root, nil
}

// syntax reports where the text is not JSON.
func (s *scanner) syntax() error {
	var whole json.RawMessage
	err := json.Unmarshal(s.text, &whole)
	if err == nil {
		return nil
	}
	at := len(s.text)
	if fault := (*json.SyntaxError)(nil); errors.As(err, &fault) {
		at = max(int(fault.Offset)-1, 0)
	}
	return s.errorAt(at, nil, "The document is not valid JSON: %v.", err)
}

// next is the offset of the token that comes next.
func (s *scanner) next() int {
	at := int(s.d.InputOffset())
	for at < len(s.text) && strings.IndexByte(" \t\r\n,:", s.text[at]) >= 0 {
		at++
	}
	return at
}

// value reads what belongs to a key.
func (s *scanner) value(m *member, path []string) error {
	if len(path) > deepest {
		return s.errorAt(m.offset, path[:1], "The document nests too deep.")
	}
	at := s.next()
	token, err := s.d.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		m.object = true
		return s.object(m, path)
	case json.Delim('['):
		m.value.list = true
		return s.list(m, path)
	}
	item, ok := scalarOf(token)
	if !ok {
		return s.errorAt(at, path, "null is not a value.")
	}
	m.value.items = []scalar{item}
	return nil
}

func scalarOf(token json.Token) (scalar, bool) {
	switch v := token.(type) {
	case string:
		return scalar{text: v}, true
	case json.Number:
		return scalar{text: v.String(), bare: true}, true
	case bool:
		return scalar{text: fmt.Sprint(v), bare: true}, true
	default:
		return scalar{}, false
	}
}

// object reads members up to the closing brace. Keys that differ in letter case only are the
// same.
func (s *scanner) object(m *member, path []string) error {
	seen := map[string]bool{}
	for s.d.More() {
		child := member{offset: s.next()}
		token, err := s.d.Token()
		if err != nil {
			return err
		}
		child.name, _ = token.(string)
		below := append(path[:len(path):len(path)], child.name)
		key := strings.ToLower(child.name)
		if seen[key] {
			return s.errorAt(child.offset, below, "The key %q is there twice.", child.name)
		}
		seen[key] = true
		if err := s.value(&child, below); err != nil {
			return err
		}
		m.members = append(m.members, child)
	}
	_, err := s.d.Token()
	return err
}

// list reads items up to the closing bracket.
func (s *scanner) list(m *member, path []string) error {
	for s.d.More() {
		at := s.next()
		token, err := s.d.Token()
		if err != nil {
			return err
		}
		item, ok := scalarOf(token)
		if !ok {
			return s.errorAt(at, path, "A list can hold strings, numbers and booleans only.")
		}
		m.value.items = append(m.value.items, item)
	}
	_, err := s.d.Token()
	return err
}

func (s *scanner) errorAt(offset int, path []string, format string, args ...any) *Error {
	offset = min(max(offset, 0), len(s.text))
	before := s.text[:offset]
	return &Error{
		Path: strings.Join(path, "/"), Message: fmt.Sprintf(format, args...),
		Line: 1 + bytes.Count(before, []byte("\n")), Column: offset - bytes.LastIndexByte(before, '\n'),
	}
}

// writeScalar writes JSON.
func writeScalar(b *strings.Builder, s scalar) {
	if s.bare {
		b.WriteString(s.text)
		return
	}
	writeString(b, s.text)
}

// writeString writes a JSON string without escaping the signs of HTML.
func writeString(b *strings.Builder, s string) {
	if plain(s) {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
		return
	}
	var quoted strings.Builder
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string and a builder: it cannot fail
	b.WriteString(strings.TrimSuffix(quoted.String(), "\n"))
}

// plain reports whether a string needs no escapes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
