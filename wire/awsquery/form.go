package awsquery

import (
	"strings"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/smithy"
)

// Pair is one name and its value in a form, both decoded.
type Pair struct{ Name, Value string }

// ParseForm splits a form (application/x-www-form-urlencoded), such as a request body or
// the query of a URL, into its pairs, in their order. The error is a
// [*smithy.SerializationError]: a percent sign without two hexadecimal digits, or text
// that is not UTF-8.
func ParseForm(form string) ([]Pair, error) {
	if form == "" {
		return nil, nil
	}
	pairs := make([]Pair, 0, strings.Count(form, "&")+1)
	for form != "" {
		var field string
		field, form, _ = strings.Cut(form, "&")
		if field == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(field, "=")
		name, ok := unescape(rawName)
		if !ok {
			return nil, malformed("", "The form contains a malformed escape or text that is not UTF-8")
		}
		value, ok := unescape(rawValue)
		if !ok {
			return nil, malformed(name, "The value contains a malformed escape or text that is not UTF-8")
		}
		pairs = append(pairs, Pair{Name: name, Value: value})
	}
	return pairs, nil
}

// Action returns the operation and the API version that a form names; each is empty if the
// form does not say. Of a name given twice the last value counts, as for other members.
func Action(form []Pair) (action, version string) {
	for i := range form {
		switch form[i].Name {
		case "Action":
			action = form[i].Value
		case "Version":
			version = form[i].Value
		}
	}
	return action, version
}

func malformed(path, message string) error {
	return &smithy.SerializationError{Path: path, Message: message}
}

// unescape resolves "+" and percent escapes. Text without any is returned as it is.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, utf8.ValidString(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b.WriteByte(' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			high, low := hexValue(s[i+1]), hexValue(s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			b.WriteByte(byte(high<<4 | low))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	text := b.String()
	return text, utf8.ValidString(text)
}

// hexValue returns the value of a hexadecimal digit, or -1.
func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
