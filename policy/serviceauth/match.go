package serviceauth

import (
	"cmp"
	"slices"
	"strings"
)

// Match returns the type of the resource that an ARN names, the most specific one when
// several templates fit. The ARN must be that of a resource, not a pattern.
func (s *Service) Match(arn string) (*ResourceType, bool) {
	fields := strings.SplitN(arn, ":", arnFields)
	if len(fields) != arnFields || fields[0] != "arn" {
		return nil, false
	}
	for _, r := range s.contents().ranked {
		if r.template.match(fields) {
			return r, true
		}
	}
	return nil, false
}

// arnFields is the number of fields of an ARN; the last one may hold colons itself.
const arnFields = 6

// template is an ARN template cut into its fields, each cut at its variables.
type template [][]string

// rank compiles the templates and orders the types so that the first match is the most
// specific: the one with the most characters that are fixed.
func (c *contents) rank() {
	fixed := make(map[*ResourceType]int, len(c.resources))
	for i := range c.resources {
		r := &c.resources[i]
		fields := strings.SplitN(r.ARN, ":", arnFields)
		if len(fields) != arnFields {
			continue // not the form of an ARN: nothing can match
		}
		for _, f := range fields {
			parts := literals(f)
			r.template = append(r.template, parts)
			for _, p := range parts {
				fixed[r] += len(p)
			}
		}
		c.ranked = append(c.ranked, r)
	}
	slices.SortStableFunc(c.ranked, func(a, b *ResourceType) int { return cmp.Compare(fixed[b], fixed[a]) })
}

// literals cuts a field at its variables (${Name}) and wildcards, and returns the fixed
// texts before, between and after them; some may be empty.
func literals(field string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(field); i++ {
		switch {
		case field[i] == '*':
			parts = append(parts, field[start:i])
			start = i + 1
		case strings.HasPrefix(field[i:], "${"):
			end := strings.IndexByte(field[i:], '}')
			if end < 0 {
				continue
			}
			parts = append(parts, field[start:i])
			i += end
			start = i + 1
		}
	}
	return append(parts, field[start:])
}

func (t template) match(fields []string) bool {
	for i, parts := range t {
		if !matchLiterals(parts, fields[i]) {
			return false
		}
	}
	return true
}

// matchLiterals reports whether text is the given fixed texts in order, with at least
// one character for every variable between them.
func matchLiterals(parts []string, text string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		if rest == "" {
			return false
		}
		i := strings.Index(rest[1:], p)
		if i < 0 {
			return false
		}
		rest = rest[1+i+len(p):]
	}
	return len(rest) > len(last) && strings.HasSuffix(rest, last)
}

// Expand returns the full names of the actions that a pattern such as "s3:Get*" covers,
// ascending. As in a policy's Action element, * stands for any characters, ? for one,
// and case does not matter; "*" covers everything. A name without a colon that is not
// "*" covers nothing.
func Expand(pattern string) []string {
	prefix, name, ok := strings.Cut(strings.ToLower(pattern), ":")
	if !ok {
		if prefix != "*" {
			return nil
		}
		name = "*"
	}
	var names []string
	for _, s := range index().services {
		if !MatchWildcard(prefix, s.Prefix) {
			continue
		}
		for _, a := range s.contents().actions {
			if MatchWildcard(name, strings.ToLower(a.Name)) {
				names = append(names, s.Prefix+":"+a.Name)
			}
		}
	}
	return names
}

// MatchWildcard reports whether text matches a pattern with * and ?, which stand for any
// characters and for one; case matters. On a mismatch it goes back to the last star and lets
// it take one character more: its time is bounded by the product of both lengths.
func MatchWildcard(pattern, text string) bool {
	star, mark := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// Overlap reports whether two patterns with * and ? have a text in common. Its time grows
// with the product of the lengths, whatever the patterns.
func Overlap(a, b string) bool {
	if a == b || a == "*" || b == "*" {
		return true
	}
	// row[j] says whether a[:i] and b[:j] have a text in common.
	row := make([]bool, len(b)+1)
	row[0] = true
	for j := range len(b) {
		row[j+1] = row[j] && b[j] == '*'
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = diagonal && a[i] == '*'
		for j := range len(b) {
			above := row[j+1]
			switch {
			case a[i] == '*' || b[j] == '*':
				row[j+1] = row[j] || above
			default:
				row[j+1] = diagonal && (a[i] == b[j] || a[i] == '?' || b[j] == '?')
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
