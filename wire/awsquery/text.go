package awsquery

import "unicode/utf8"

// AppendText appends s as XML character data. A carriage return, which a parser would turn
// into a line feed, is written as a reference; characters that XML 1.0 forbids, even as
// references, become U+FFFD.
func AppendText(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		replacement := ""
		n := 1
		if c := s[i]; c < utf8.RuneSelf {
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
