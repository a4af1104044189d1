package policy

import (
	"net/netip"
	"strings"
	"time"
)

// condition is one compiled operator with one key.
type condition struct {
	operator
	key    string // lower case
	values []conditionValue
	// shelf sorts long lists of texts, and of ARNs by their last fields; else nil.
	shelf *shelves
	// anyARN: one of the ARNs is *.
	anyARN bool
	// opaque: the condition, or one of its values, is not understood. A deny then counts
	// as matching; an allow can match only by the values that are understood.
	opaque bool
}

// conditionValue is one compiled value; the operator's family says which field counts.
type conditionValue struct {
	text   pattern
	arn    arnPattern
	number number
	date   time.Time
	prefix netip.Prefix
	raw    string
	flag   bool
}

// newCondition compiles a condition.
func newCondition(c Condition, variables bool) condition {
	op, known := parseOperator(c.Operator)
	out := condition{operator: op, key: strings.ToLower(c.Key), opaque: !known || len(c.Values) == 0}
	for _, v := range c.Values {
		cv, ok := newConditionValue(op, v.Text, variables && op.variables())
		if !ok {
			out.opaque = true
			continue
		}
		out.values = append(out.values, cv)
		out.anyARN = out.anyARN || cv.arn.all
	}
	switch op.family {
	case stringExact, stringLike:
		out.shelf = newShelves(len(out.values), func(i int) *pattern { return &out.values[i].text })
	case arnLike:
		out.shelf = newShelves(len(out.values), func(i int) *pattern { return &out.values[i].arn.fields[arnFields-1] })
	}
	return out
}

func newConditionValue(op operator, text string, variables bool) (v conditionValue, ok bool) {
	switch op.family {
	case stringExact, stringFold:
		tokens, _ := tokenize(text, tokenOptions{variables: variables})
		v.text, ok = newPattern(tokens), true
	case stringLike:
		tokens, _ := tokenize(text, tokenOptions{wildcards: true, variables: variables})
		v.text, ok = newPattern(tokens), true
	case arnLike:
		v.arn, ok = newARNPattern(text, variables, false), true
	case numeric:
		v.number, ok = parseNumber(text)
	case date:
		v.date, ok = parseDate(text)
	case boolean, null:
		v.flag, ok = parseBool(text)
	case binary:
		v.raw, ok = text, validBinary(text)
	case ipAddress:
		v.prefix, ok = parsePrefix(text)
	default:
		return v, false
	}
	return v, ok
}

// verdict is what comparing one value of the request came to.
type verdict uint8

const (
	differs verdict = iota
	matches
	unclear // one side is not a value of the operator's type, or a variable has no value
)

// holds reports whether the condition is met. A key that the request does not carry makes
// a condition false, and a negated one true; IfExists makes it true; ForAllValues is true
// and ForAnyValue false without values (IAM user guide, topics "Condition operators" and
// "Single-valued vs. multivalued context keys"). deny tells the effect of the statement:
// it decides what happens where something is not understood.
func (c *condition) holds(r *Request, deny bool) bool {
	if c.opaque && (deny || c.negated || len(c.values) == 0) {
		return deny
	}
	values, ok := r.lookup(c.key)
	if c.family == null {
		return c.holdsNull(ok && len(values) > 0)
	}
	if !ok || len(values) == 0 {
		if c.ifExists {
			return true
		}
		switch c.set {
		case forAllValues:
			return true
		case forAnyValue:
			return false
		default:
			return c.negated
		}
	}
	if c.set != noSet && allEmpty(values) {
		// A data set without content counts like a key that is not there.
		return c.set == forAllValues
	}
	if c.set == forAllValues {
		for _, v := range values {
			if !c.holdsFor(v, r, deny) {
				return false
			}
		}
		return true
	}
	if c.set == forAnyValue || !c.negated {
		for _, v := range values {
			if c.holdsFor(v, r, deny) {
				return true
			}
		}
		return false
	}
	// Negated, without a set prefix: no value of the key may match.
	for _, v := range values {
		if !c.holdsFor(v, r, deny) {
			return false
		}
	}
	return true
}

// holdsNull decides Null: "true" asks for a key that is absent, "false" for one that is
// there. With a set prefix the key does not matter: ForAllValues:Null is always true and
// ForAnyValue:Null always false (IAM user guide, topic "IAM policy validation check
// reference", Null with qualifier).
func (c *condition) holdsNull(present bool) bool {
	if c.set != noSet {
		return c.set == forAllValues
	}
	for i := range c.values {
		if c.values[i].flag != present {
			return true
		}
	}
	return false
}

// holdsFor decides the condition for one value of the request: it has to match one of the
// values of the policy, or none of them when the operator is negated.
func (c *condition) holdsFor(value string, r *Request, deny bool) bool {
	switch c.compareAny(value, r) {
	case matches:
		return !c.negated
	case unclear:
		// Not understood: a positive comparison fails; a negated one, which would hold
		// for almost anything, holds only where that denies.
		return c.negated && deny
	default:
		return c.negated
	}
}

// compareAny compares one value of the request with the values of the policy.
func (c *condition) compareAny(value string, r *Request) verdict {
	switch c.family {
	case stringExact, stringFold, stringLike:
		return c.compareText(value, r)
	case arnLike:
		return c.compareARN(value, r)
	case numeric:
		n, ok := parseNumber(value)
		if !ok {
			return unclear
		}
		for i := range c.values {
			if c.compare.test(n.cmp(c.values[i].number)) {
				return matches
			}
		}
	case date:
		t, ok := parseDate(value)
		if !ok {
			return unclear
		}
		for i := range c.values {
			if c.compare.test(t.Compare(c.values[i].date)) {
				return matches
			}
		}
	case boolean:
		b, ok := parseBool(value)
		if !ok {
			return unclear
		}
		for i := range c.values {
			if c.values[i].flag == b {
				return matches
			}
		}
	case binary:
		for i := range c.values {
			if c.values[i].raw == value {
				return matches
			}
		}
	case ipAddress:
		a, ok := parseAddr(value)
		if !ok {
			return unclear
		}
		for i := range c.values {
			if c.values[i].prefix.Contains(a) {
				return matches
			}
		}
	}
	return differs
}

func (c *condition) compareText(value string, r *Request) verdict {
	result := differs
	try := func(i int) bool {
		var matched, known bool
		if c.family == stringFold {
			matched, known = c.values[i].text.equalFold(value, r)
		} else {
			matched, known = c.values[i].text.match(value, r)
		}
		return result.note(matched, known)
	}
	if c.shelf != nil {
		c.shelf.each(value, try)
		return result
	}
	for i := range c.values {
		if !try(i) {
			break
		}
	}
	return result
}

func (c *condition) compareARN(value string, r *Request) verdict {
	a := splitARN(value)
	switch {
	case !a.ok:
		return unclear
	case c.anyARN:
		return matches
	}
	result := differs
	try := func(i int) bool { return result.note(c.values[i].arn.match(&a, r)) }
	if c.shelf != nil {
		c.shelf.each(a.fields[arnFields-1], try)
		return result
	}
	for i := range c.values {
		if !try(i) {
			break
		}
	}
	return result
}

// note takes in how one value of the policy compared; it reports whether the others matter.
func (v *verdict) note(matched, known bool) bool {
	switch {
	case matched:
		*v = matches
	case !known:
		*v = unclear
	}
	return !matched
}

// equalFold compares a pattern without wildcards with a text, ignoring case.
func (p *pattern) equalFold(text string, r *Request) (matched, known bool) {
	if p.shape == exact {
		return strings.EqualFold(p.text, text), true
	}
	var b strings.Builder
	for i := range p.tokens {
		piece := p.tokens[i].text
		if p.tokens[i].kind == variable {
			v, ok := p.tokens[i].value(r)
			if !ok {
				return false, false
			}
			piece = v
		}
		b.WriteString(piece)
	}
	return strings.EqualFold(b.String(), text), true
}

// test applies the relation to the result of a comparison.
func (c comparison) test(cmp int) bool {
	switch c {
	case less:
		return cmp < 0
	case lessEqual:
		return cmp <= 0
	case greater:
		return cmp > 0
	case greaterEqual:
		return cmp >= 0
	default:
		return cmp == 0
	}
}

// allEmpty reports whether all values are empty strings.
func allEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}
