package awsquery

import "unicode/utf8"

// AppendText appends s as XML character data. A carriage return, which a parser would turn
// into a line feed, is written as a reference; characters that XML 1.0 forbids, even as
// references, become U+FFFD.
func AppendText(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		replacement := ""
		n := 1
		if c < utf8.RuneSelf {
			replacement = asciiReplacement(c)
		} else {
			var r rune
			r, n = utf8.DecodeRuneInString(s[i:])
			if (r == utf8.RuneError && n == 1) || r == 0xFFFE || r == 0xFFFF {
				replacement = "\uFFFD"
			}
		}
		if replacement != "" {
			dst = append(dst, s[start:i]...)
			dst = append(dst, replacement...)
			start = i + n
		}
		i += n
	}
	return append(dst, s[start:]...)
}

// plain marks the characters that most text is made of. Each of them stands for itself; so
// may others.
var plain = func() (marks [256]bool) {
	for c := range byte(utf8.RuneSelf) {
		marks[c] = asciiReplacement(c) == ""
	}
	return marks
}()

// asciiReplacement is what stands for c in XML, or nothing if c stands for itself.
func asciiReplacement(c byte) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&quot;"
	case '\r':
		return "&#13;"
	case '\n', '\t':
		return ""
	}
	if c < ' ' {
		return "\uFFFD"
	}
	return ""
}
