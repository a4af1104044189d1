package smithy

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Pattern is a regular expression of the model, compiled at its first use: an API model
// has hundreds and a server meets few of them.
type Pattern struct {
	// Source is the expression as the model gives it; error messages quote it.
	Source string
	// Expr is Source in Go's syntax, anchored at both ends.
	Expr string

	once sync.Once
	// Either run or re is set.
	run *run
	re  *regexp.Regexp
}

// Match reports whether the whole of s matches.
func (p *Pattern) Match(s string) bool {
	p.once.Do(func() {
		if p.run = runOf(p.Expr); p.run == nil {
			p.re = regexp.MustCompile(p.Expr)
		}
	})
	if p.run != nil {
		return p.run.match(s)
	}
	return p.re.MatchString(s)
}

// run is what most patterns are: so many characters of one class and nothing else. It is
// matched in one walk, which a regular expression takes many times as long for; policy
// documents are such texts.
type run struct {
	// ascii says which characters below utf8.RuneSelf are in the class; ranges are all of it,
	// as pairs of first and last in ascending order.
	ascii  [utf8.RuneSelf]bool
	ranges []rune
	// low and high bound the number of characters; high is -1 if nothing does.
	low, high int
}

// runOf returns the run that an expression asks for, or nil if it asks for something else.
func runOf(expr string) *run {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	parts := flatten(re, nil)
	first := slices.IndexFunc(parts, func(re *syntax.Regexp) bool { return re.Op != syntax.OpBeginText })
	end := first + 1
	if first < 1 || end == len(parts) {
		return nil
	}
	for _, re := range parts[end:] {
		if re.Op != syntax.OpEndText {
			return nil
		}
	}
	r := &run{low: 1, high: 1}
	class := parts[first]
	switch class.Op {
	case syntax.OpStar:
		r.low, r.high, class = 0, -1, class.Sub[0]
	case syntax.OpPlus:
		r.low, r.high, class = 1, -1, class.Sub[0]
	case syntax.OpRepeat:
		r.low, r.high, class = class.Min, class.Max, class.Sub[0]
	}
	switch class.Op {
	case syntax.OpCharClass:
		r.ranges = class.Rune
	case syntax.OpAnyChar:
		r.ranges = []rune{0, unicode.MaxRune}
	case syntax.OpAnyCharNotNL:
		r.ranges = []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	default:
		return nil
	}
	for c := range r.ascii {
		r.ascii[c] = r.among(rune(c))
	}
	return r
}

// flatten appends the parts of an expression that have to follow each other. Groups make no
// difference to whether something matches.
func flatten(re *syntax.Regexp, to []*syntax.Regexp) []*syntax.Regexp {
	if re.Op != syntax.OpConcat && re.Op != syntax.OpCapture {
		return append(to, re)
	}
	for _, sub := range re.Sub {
		to = flatten(sub, to)
	}
	return to
}

// match reports whether s is such a run. Bytes that are no UTF-8 count as U+FFFD, as in
// package regexp.
func (r *run) match(s string) bool {
	n := 0
	for _, c := range s {
		if n++; c < utf8.RuneSelf && r.ascii[c] {
			continue
		}
		if c < utf8.RuneSelf || !r.among(c) {
			return false
		}
	}
	return n >= r.low && (r.high < 0 || n <= r.high)
}

// among looks for c in the ranges.
func (r *run) among(c rune) bool {
	low, high := 0, len(r.ranges)/2
	for low < high {
		switch mid := (low + high) / 2; {
		case c < r.ranges[2*mid]:
			high = mid
		case c > r.ranges[2*mid+1]:
			low = mid + 1
		default:
			return true
		}
	}
	return false
}
