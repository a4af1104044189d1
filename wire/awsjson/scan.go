package awsjson

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
)

// maxDepth bounds the nesting of objects and lists: the deepest AWS shape has about ten
// levels, and a bound keeps a hostile body from growing the stack.
const maxDepth = 256

// scanner reads JSON (RFC 8259) from a byte slice. It knows nothing of shapes.
type scanner struct {
	data  []byte
	pos   int
	depth int
}

func fail(message string) error { return &smithy.SerializationError{Message: message} }

const (
	messageEnd       = "Unexpected end of the JSON document"
	messageSyntax    = "The request body is not valid JSON"
	messageDepth     = "The JSON document is nested too deeply"
	messageTrailing  = "Unexpected content after the JSON document"
	messageString    = "The JSON document contains an invalid string"
	messageStructure = "Start of structure or map found where not expected"
	messageList      = "Start of list found where not expected"
	messageField     = "Unexpected field type"
)

// peek skips white space and returns the next byte, or 0 at the end. A NUL byte in the
// text is returned as 0 too: it starts no value, so callers refuse both alike.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// unexpected is the error of a byte that cannot stand at the present position.
func (s *scanner) unexpected() error {
	if s.pos >= len(s.data) {
		return fail(messageEnd)
	}
	return fail(messageSyntax)
}

// literal consumes the given word.
func (s *scanner) literal(word string) error {
	if len(s.data)-s.pos < len(word) || string(s.data[s.pos:s.pos+len(word)]) != word {
		return s.unexpected()
	}
	s.pos += len(word)
	return nil
}

// enter counts one level of nesting; leave takes it back.
func (s *scanner) enter() error {
	s.pos++
	if s.depth++; s.depth > maxDepth {
		return fail(messageDepth)
	}
	return nil
}

func (s *scanner) leave() {
	s.pos++
	s.depth--
}

// next moves on to the next entry of a list or an object: it consumes the comma between
// entries and reports false at the closing byte, which it consumes as well.
func (s *scanner) next(closing byte, first bool) (bool, error) {
	c := s.peek()
	if c == closing {
		s.leave()
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, s.unexpected()
	}
	s.pos++
	if s.peek() == closing {
		return false, s.unexpected()
	}
	return true, nil
}

// key reads a member's name and the colon after it. The bytes are valid until the next
// call of the scanner that changes data, which is never: names without escapes are a
// slice of the body.
func (s *scanner) key() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.unexpected()
	}
	raw, escaped, err := s.rawString()
	if err != nil {
		return nil, err
	}
	if escaped {
		raw = unescape(raw)
	}
	if s.peek() != ':' {
		return nil, s.unexpected()
	}
	s.pos++
	return raw, nil
}

// str reads a string value.
func (s *scanner) str() (string, error) {
	raw, escaped, err := s.rawString()
	if err != nil {
		return "", err
	}
	if escaped {
		raw = unescape(raw)
	}
	return string(raw), nil
}

// rawString checks the string at the present position and returns what stands between its
// quotes, and whether that has escapes.
func (s *scanner) rawString() (raw []byte, escaped bool, err error) {
	start := s.pos + 1
	i, ascii := start, true
	for i < len(s.data) {
		switch c := s.data[i]; {
		case c == '"':
			raw = s.data[start:i]
			if !ascii && !utf8.Valid(raw) {
				return nil, false, fail(messageString)
			}
			s.pos = i + 1
			return raw, escaped, nil
		case c == '\\':
			escaped = true
			n := escapeLength(s.data[i:])
			if n == 0 {
				return nil, false, fail(messageString)
			}
			i += n
		case c < ' ':
			return nil, false, fail(messageString)
		default:
			ascii = ascii && c < utf8.RuneSelf
			i++
		}
	}
	return nil, false, fail(messageEnd)
}

// escapeLength returns the length of the escape sequence that b starts with, or 0.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case '0' <= c && c <= '9':
			r |= rune(c - '0')
		case 'a' <= c && c <= 'f':
			r |= rune(c-'a') + 10
		case 'A' <= c && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}

// unescape resolves the escapes of a string that rawString has checked. A surrogate
// without its partner becomes U+FFFD: it is no character and cannot be stored as UTF-8.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, n := escapedRune(raw[i:])
			out = utf8.AppendRune(out, r)
			i += n
			continue
		default:
			out = append(out, c)
		}
		i += 2
	}
	return out
}

// escapedRune reads the \u escape at the start of b, or the pair of them that stands for
// one character, and returns the number of bytes read.
func escapedRune(b []byte) (rune, int) {
	r, _ := hex4(b[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if low, ok := hex4(b[8:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return utf8.RuneError, 6
}

// number consumes a number and returns its text and whether it is a whole one, written
// without fraction and exponent.
func (s *scanner) number() (text []byte, whole bool, err error) {
	start := s.pos
	if s.at() == '-' {
		s.pos++
	}
	switch c := s.at(); {
	case c == '0':
		s.pos++
	case '1' <= c && c <= '9':
		s.digits()
	default:
		return nil, false, s.unexpected()
	}
	whole = true
	if s.at() == '.' {
		whole = false
		s.pos++
		if !s.digits() {
			return nil, false, s.unexpected()
		}
	}
	if c := s.at(); c == 'e' || c == 'E' {
		whole = false
		s.pos++
		if c := s.at(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return nil, false, s.unexpected()
		}
	}
	return s.data[start:s.pos], whole, nil
}

// at returns the byte at the present position, or 0 at the end.
func (s *scanner) at() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// digits consumes digits and reports whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

// skip consumes one value of any type.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '"':
		_, _, err := s.rawString()
		return err
	case c == '{':
		return s.skipEntries('}')
	case c == '[':
		return s.skipEntries(']')
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	default:
		_, _, err := s.number()
		return err
	}
}

// skipEntries consumes an object or a list.
func (s *scanner) skipEntries(closing byte) error {
	if err := s.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next(closing, first)
		if err != nil || !more {
			return err
		}
		if closing == '}' {
			if _, err := s.key(); err != nil {
				return err
			}
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
}

// end refuses anything but white space after the document.
func (s *scanner) end() error {
	s.peek()
	if s.pos < len(s.data) {
		return fail(messageTrailing)
	}
	return nil
}
