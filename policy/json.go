package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SyntaxError says what is wrong with a document and where.
type SyntaxError struct {
	// Code is the issue code of IAM Access Analyzer's policy check reference that fits the
	// fault.
	Code string
	// Message is for people, without the position.
	Message string
	// Line and Column count from 1, in lines and characters; Offset from 0, in bytes.
	Line, Column, Offset int
	// Path leads to the element: "Statement[1].Effect"; empty for the document itself.
	Path string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	at := fmt.Sprintf("line %d, column %d", e.Line, e.Column)
	if e.Path != "" {
		at += " (" + e.Path + ")"
	}
	return e.Message + " at " + at
}

// nodeKind is the kind of a JSON value.
type nodeKind uint8

const (
	objectNode nodeKind = iota
	arrayNode
	stringNode
	numberNode
	boolNode
	nullNode
)

// node is a JSON value with its place in the text.
type node struct {
	kind       nodeKind
	text       string // decoded string, or the literal as written
	start, end int
	members    []member // of an object, in order
	elements   []*node  // of an array
}

// member is one name and value of an object.
type member struct {
	name  string
	start int
	value *node
}

// maxDepth bounds how deep values nest; a policy needs five levels.
const maxDepth = 32

// scanner reads strict JSON (RFC 8259) without the two liberties that would let a policy
// say two things at once: names are unique, and there is nothing after the value.
type scanner struct {
	src   string
	pos   int
	lines []int // offset of the start of each line
	marks []int // number of characters that start before each multiple of markEvery
}

// markEvery is the distance in bytes of the marks that make columns cheap to tell, also on
// very long lines.
const markEvery = 256

func newScanner(src string) *scanner {
	s := &scanner{src: src, lines: []int{0}}
	chars := 0
	for i := range len(src) {
		if i%markEvery == 0 {
			s.marks = append(s.marks, chars)
		}
		if utf8.RuneStart(src[i]) {
			chars++
		}
		if src[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// chars counts the characters that start before an offset.
func (s *scanner) chars(offset int) int {
	if offset == 0 {
		return 0
	}
	mark := (offset - 1) / markEvery
	n := s.marks[mark]
	for i := mark * markEvery; i < offset; i++ {
		if utf8.RuneStart(s.src[i]) {
			n++
		}
	}
	return n
}

// position tells line and column of an offset.
func (s *scanner) position(offset int) Position {
	line, found := slices.BinarySearch(s.lines, offset)
	if found {
		line++
	}
	return Position{Offset: offset, Line: line, Column: s.chars(offset) - s.chars(s.lines[line-1]) + 1}
}

func (s *scanner) span(n *node) Span {
	return Span{Start: s.position(n.start), End: s.position(n.end)}
}

func (s *scanner) errorAt(offset int, path, format string, args ...any) *SyntaxError {
	p := s.position(offset)
	return &SyntaxError{
		Code:    CodeJSONSyntax,
		Message: fmt.Sprintf(format, args...),
		Line:    p.Line, Column: p.Column, Offset: p.Offset, Path: path,
	}
}

// document reads the whole text as one value.
func (s *scanner) document() (*node, *SyntaxError) {
	n, err := s.value("", 0)
	if err != nil {
		return nil, err
	}
	s.space()
	if s.pos < len(s.src) {
		return nil, s.errorAt(s.pos, "", "unexpected text after the policy document")
	}
	return n, nil
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) value(path string, depth int) (*node, *SyntaxError) {
	s.space()
	if s.pos == len(s.src) {
		return nil, s.errorAt(s.pos, path, "unexpected end of the policy document")
	}
	if depth > maxDepth {
		return nil, s.errorAt(s.pos, path, "values are nested too deeply")
	}
	switch c := s.src[s.pos]; {
	case c == '{':
		return s.object(path, depth)
	case c == '[':
		return s.array(path, depth)
	case c == '"':
		start := s.pos
		text, err := s.str(path)
		if err != nil {
			return nil, err
		}
		return &node{kind: stringNode, text: text, start: start, end: s.pos}, nil
	case c == '-' || '0' <= c && c <= '9':
		return s.number(path)
	default:
		return s.word(path)
	}
}

func (s *scanner) object(path string, depth int) (*node, *SyntaxError) {
	n := &node{kind: objectNode, start: s.pos}
	seen := map[string]bool{}
	s.pos++
	for first := true; ; first = false {
		s.space()
		if first && s.peek() == '}' {
			break
		}
		start := s.pos
		if s.peek() != '"' {
			return nil, s.errorAt(s.pos, path, "expected a name in double quotes")
		}
		name, err := s.str(path)
		if err != nil {
			return nil, err
		}
		inner := joinPath(path, name)
		if seen[name] {
			return nil, s.errorAt(start, inner, "duplicate name %q", name)
		}
		seen[name] = true
		s.space()
		if s.peek() != ':' {
			return nil, s.errorAt(s.pos, inner, "expected a colon after %q", name)
		}
		s.pos++
		v, err := s.value(inner, depth+1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{name: name, start: start, value: v})
		s.space()
		if s.peek() == '}' {
			break
		}
		if s.peek() != ',' {
			return nil, s.errorAt(s.pos, inner, "expected a comma or a closing brace")
		}
		s.pos++
	}
	s.pos++
	n.end = s.pos
	return n, nil
}

func (s *scanner) array(path string, depth int) (*node, *SyntaxError) {
	n := &node{kind: arrayNode, start: s.pos}
	s.pos++
	for {
		s.space()
		if len(n.elements) == 0 && s.peek() == ']' {
			break
		}
		v, err := s.value(indexPath(path, len(n.elements)), depth+1)
		if err != nil {
			return nil, err
		}
		n.elements = append(n.elements, v)
		s.space()
		if s.peek() == ']' {
			break
		}
		if s.peek() != ',' {
			return nil, s.errorAt(s.pos, path, "expected a comma or a closing bracket")
		}
		s.pos++
	}
	s.pos++
	n.end = s.pos
	return n, nil
}

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// str reads a string and its escapes.
func (s *scanner) str(path string) (string, *SyntaxError) {
	start := s.pos
	s.pos++
	var b strings.Builder
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch {
		case c == '"':
			s.pos++
			return b.String(), nil
		case c == '\\':
			if err := s.escape(&b, path); err != nil {
				return "", err
			}
		case c < ' ':
			return "", s.errorAt(s.pos, path, "control character in a string")
		case c < utf8.RuneSelf:
			b.WriteByte(c)
			s.pos++
		default:
			r, n := utf8.DecodeRuneInString(s.src[s.pos:])
			if r == utf8.RuneError && n == 1 {
				return "", s.errorAt(s.pos, path, "string is not valid UTF-8")
			}
			b.WriteRune(r)
			s.pos += n
		}
	}
	return "", s.errorAt(start, path, "string is not closed")
}

var simpleEscapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (s *scanner) escape(b *strings.Builder, path string) *SyntaxError {
	start := s.pos
	s.pos++
	c := s.peek()
	if plain, ok := simpleEscapes[c]; ok {
		b.WriteByte(plain)
		s.pos++
		return nil
	}
	if c != 'u' {
		return s.errorAt(start, path, "unknown escape in a string")
	}
	r, ok := s.hex4()
	if ok && utf16.IsSurrogate(r) {
		var low rune
		if strings.HasPrefix(s.src[s.pos:], `\u`) {
			s.pos++
			low, ok = s.hex4()
		}
		r = utf16.DecodeRune(r, low)
		ok = ok && r != utf8.RuneError
	}
	if !ok {
		return s.errorAt(start, path, `malformed \u escape in a string`)
	}
	b.WriteRune(r)
	return nil
}

// hex4 reads "uXXXX".
func (s *scanner) hex4() (rune, bool) {
	if s.pos+5 > len(s.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(s.src[s.pos+1:s.pos+5], 16, 32)
	s.pos += 5
	return rune(n), err == nil
}

func (s *scanner) digits() int {
	start := s.pos
	for s.peek() >= '0' && s.peek() <= '9' {
		s.pos++
	}
	return s.pos - start
}

func (s *scanner) number(path string) (*node, *SyntaxError) {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	lead := s.peek()
	n := s.digits()
	ok := n > 0 && (n == 1 || lead != '0')
	if ok && s.peek() == '.' {
		s.pos++
		ok = s.digits() > 0
	}
	if ok && (s.peek() == 'e' || s.peek() == 'E') {
		s.pos++
		if s.peek() == '+' || s.peek() == '-' {
			s.pos++
		}
		ok = s.digits() > 0
	}
	if !ok {
		return nil, s.errorAt(start, path, "malformed number")
	}
	return &node{kind: numberNode, text: s.src[start:s.pos], start: start, end: s.pos}, nil
}

func (s *scanner) word(path string) (*node, *SyntaxError) {
	for word, kind := range map[string]nodeKind{"true": boolNode, "false": boolNode, "null": nullNode} {
		if strings.HasPrefix(s.src[s.pos:], word) {
			start := s.pos
			s.pos += len(word)
			return &node{kind: kind, text: word, start: start, end: s.pos}, nil
		}
	}
	return nil, s.errorAt(s.pos, path, "unexpected character %q", s.src[s.pos:s.pos+charLen(s.src[s.pos:])])
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func indexPath(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}
