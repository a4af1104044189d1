package policy

import (
	"strings"

	"github.com/bailiwick/bailiwick/arn"
)

// arnFields is the number of fields of an ARN.
const arnFields = 6

// arnPattern matches ARNs field by field: a wildcard stays inside its field, only in the
// last field it may run over colons. Missing fields count as * (IAM user guide, topic
// "JSON policy elements: Resource", incomplete ARNs).
type arnPattern struct {
	all    bool // the pattern is * alone
	fields [arnFields]pattern
}

// newARNPattern compiles a pattern. Variables are known in the last field only when
// lastOnly is set, as in the Resource element, and in all fields otherwise.
func newARNPattern(text string, variables, lastOnly bool) arnPattern {
	if text != "" && strings.Trim(text, "*") == "" {
		return arnPattern{all: true}
	}
	var p arnPattern
	parts := splitPattern(text, variables && !lastOnly)
	for i := range p.fields {
		if i >= len(parts) {
			p.fields[i] = pattern{shape: anything}
			continue
		}
		o := tokenOptions{wildcards: true, variables: variables && (!lastOnly || i == arnFields-1)}
		tokens, _ := tokenize(parts[i], o)
		p.fields[i] = newPattern(tokens)
	}
	return p
}

// splitPattern cuts a pattern at its first five colons, leaving alone, if asked, those
// inside of variables.
func splitPattern(text string, variables bool) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text) && len(parts) < arnFields-1; i++ {
		if variables && strings.HasPrefix(text[i:], "${") {
			if _, n, ok := parseVariable(text[i:]); ok {
				i += n - 1
				continue
			}
		}
		if text[i] == ':' {
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// arnText is a text split into the fields of an ARN, or not an ARN.
type arnText struct {
	fields [arnFields]string
	ok     bool
}

func splitARN(text string) (a arnText) {
	a.fields, a.ok = arn.Split(text)
	return a
}

// match compares the pattern with an ARN. known is false when a variable has no value.
func (p *arnPattern) match(a *arnText, r *Request) (matched, known bool) {
	if p.all {
		return true, true
	}
	if !a.ok {
		return false, true
	}
	// The last fields differ most often between ARNs of one service: look there first.
	unknown := false
	for i := arnFields - 1; i >= 0; i-- {
		f := &p.fields[i]
		switch f.shape {
		case anything:
		case exact:
			if f.text != a.fields[i] {
				return false, true
			}
		default:
			matched, known := f.match(a.fields[i], r)
			if known && !matched {
				return false, true
			}
			unknown = unknown || !known
		}
	}
	return !unknown, !unknown
}
