package sigv4

import (
	"cmp"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// appendCanonicalRequest appends the canonical request of "Create a signed AWS API
// request", step 1. It returns false if the request cannot have one: no signature for it
// can be right.
func (s *Signature) appendCanonicalRequest(b []byte, r *http.Request, payload []byte, objectPath bool) ([]byte, bool) {
	b = append(append(b, r.Method...), '\n')
	var ok bool
	if b, ok = appendCanonicalPath(b, wirePath(r), objectPath); !ok {
		return b, false
	}
	b = append(b, '\n')
	if b, ok = appendCanonicalQuery(b, r.URL.RawQuery); !ok {
		return b, false
	}
	b = append(b, '\n')
	if b, ok = appendCanonicalHeaders(b, r, s.SignedHeaders); !ok {
		return b, false
	}
	b = append(append(b, '\n'), s.SignedHeaders...)
	return append(append(b, '\n'), payload...), true
}

// wirePath returns the path as the client wrote it: it signed those bytes. net/url keeps
// them only as long as it would have escaped them the same way, so the request line comes
// first; requests made in process have none.
func wirePath(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	return r.URL.EscapedPath()
}

// appendCanonicalPath appends the path, normalized and encoded once more on top of the
// encoding it arrived in. For object paths it is not normalized and encoded exactly once.
func appendCanonicalPath(b []byte, path string, object bool) ([]byte, bool) {
	if object {
		if path == "" {
			return append(b, '/'), true
		}
		return appendReencoded(b, path, false)
	}
	start := len(b)
	b = append(b, '/')
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			// b ends with the slash that closes the last segment: drop both.
			if end := len(b) - 1; end > start {
				b = b[:lastSlash(b[:end], start)+1]
			}
		default:
			for i := range len(segment) {
				b = appendEncoded(b, segment[i])
			}
			b = append(b, '/')
		}
	}
	if len(b)-start > 1 && !strings.HasSuffix(path, "/") {
		b = b[:len(b)-1]
	}
	return b, true
}

// lastSlash returns the place of the last slash in b, which has one at or after start.
func lastSlash(b []byte, start int) int {
	for i := len(b) - 1; i > start; i-- {
		if b[i] == '/' {
			return i
		}
	}
	return start
}

type param struct{ name, value string }

// appendCanonicalQuery appends the parameters decoded, encoded by the rule and sorted by
// name, then value. The signature itself is left out; Parse has seen to it that there is at
// most one, and none beside an Authorization header. A query that parsers read in different
// ways is refused: what is verified must be what is executed.
func appendCanonicalQuery(b []byte, raw string) ([]byte, bool) {
	if raw == "" {
		return b, true
	}
	if strings.IndexByte(raw, ';') >= 0 {
		return b, false
	}
	params := make([]param, 0, 16)
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, ok := reencoded(name)
		if !ok {
			return b, false
		}
		if value, ok = reencoded(value); !ok {
			return b, false
		}
		if name == "X-Amz-Signature" && value != "" {
			continue
		}
		params = append(params, param{name, value})
	}
	slices.SortFunc(params, func(x, y param) int {
		return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.value, y.value))
	})
	for i, p := range params {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, p.name...), '='), p.value...)
	}
	return b, true
}

// reencoded returns one name or value of a query in the canonical encoding; a plus sign is
// a space, as every form decoder has it.
func reencoded(s string) (string, bool) {
	canonical := true
	for i := range len(s) {
		if !unreserved(s[i]) {
			canonical = false
			break
		}
	}
	if canonical {
		return s, true
	}
	b, ok := appendReencoded(make([]byte, 0, len(s)+16), s, true)
	return string(b), ok
}

// appendReencoded decodes s and appends it in the canonical encoding. In a query slashes
// are encoded and a plus sign is a space; in a path neither. It returns false on a percent
// sign that starts no escape.
func appendReencoded(b []byte, s string, query bool) ([]byte, bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%':
			if i+2 >= len(s) {
				return b, false
			}
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high < 0 || low < 0 {
				return b, false
			}
			c = byte(high<<4 | low)
			i += 2
		case c == '+' && query:
			c = ' '
		}
		if c == '/' && !query {
			b = append(b, '/')
			continue
		}
		b = appendEncoded(b, c)
	}
	return b, true
}

// appendEncoded appends one byte in AWS's URI encoding: everything but the unreserved
// characters of RFC 3986 as upper-case hexadecimal.
func appendEncoded(b []byte, c byte) []byte {
	if unreserved(c) {
		return append(b, c)
	}
	const digits = "0123456789ABCDEF"
	return append(b, '%', digits[c>>4], digits[c&15])
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

func unhex(c byte) int {
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

// appendCanonicalHeaders appends the signed headers, whose list checkHeaders has judged. It
// returns false if one of them is not there.
func appendCanonicalHeaders(b []byte, r *http.Request, signed string) ([]byte, bool) {
	for name, more := "", true; more; {
		name, signed, more = strings.Cut(signed, ";")
		b = append(append(b, name...), ':')
		switch values := headerValues(r.Header, name); {
		case name == "host", name == ":authority":
			host := r.Host
			if host == "" {
				host = r.URL.Host
			}
			b = appendTrimmed(b, host)
		case len(values) > 0:
			for i, value := range values {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendTrimmed(b, value)
			}
		case name == "content-length" && r.ContentLength >= 0:
			// net/http moves the header into the field when it makes a request.
			b = strconv.AppendInt(b, r.ContentLength, 10)
		default:
			return b, false
		}
		b = append(b, '\n')
	}
	return b, true
}

// headerValues returns the values of a header whose name is in lower case. It is
// h.Values without the allocation of the canonical name, once for each signed header.
func headerValues(h http.Header, name string) []string {
	var canonical [64]byte
	if len(name) > len(canonical) {
		return h[textproto.CanonicalMIMEHeaderKey(name)]
	}
	first := true
	for i := range len(name) {
		c := name[i]
		if first && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		canonical[i] = c
		first = c == '-'
	}
	return h[string(canonical[:len(name)])]
}

// appendTrimmed appends a header's value without spaces around it and with every run of
// spaces inside made one.
func appendTrimmed(b []byte, value string) []byte {
	value = strings.Trim(value, " \t")
	for {
		i := strings.Index(value, "  ")
		if i < 0 {
			return append(b, value...)
		}
		b = append(b, value[:i+1]...)
		value = strings.TrimLeft(value[i:], " ")
	}
}
