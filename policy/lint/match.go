package lint

import "strings"

// covers reports whether a pattern with * and ? matches everything that another pattern
// matches. It may miss some such pairs, but claims none wrongly: a * of the other pattern
// has to meet a * of this one, a ? a * or a ?.
func covers(pattern, other string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(other) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && other[t] != '*' && (pattern[p] == '?' || pattern[p] == other[t]):
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

// coversARN is covers for members of a Resource element: field by field, as a wildcard does
// not reach over a colon but in the last field.
func coversARN(pattern, other string) bool {
	if strings.Trim(pattern, "*") == "" || pattern == other {
		return true
	}
	x, y := strings.SplitN(pattern, ":", fields), strings.SplitN(other, ":", fields)
	if len(x) != fields || len(y) != fields {
		return false
	}
	for i := range x {
		if !covers(x[i], y[i]) {
			return false
		}
	}
	return true
}

// matches reports whether a pattern with * and ? matches a text, in any case.
func matches(pattern, text string) bool {
	return covers(strings.ToLower(pattern), strings.ToLower(strings.ReplaceAll(text, "*", "?")))
}

// nearest returns the name that a word most likely is a slip of: at most a third of its
// letters wrong, missing or too many, and at most three. After maxSuggestions words of one
// document it returns nothing.
func (l *linter) nearest(word string, names func(yield func(string) bool)) string {
	if l.slips++; l.slips > maxSuggestions {
		return ""
	}
	limit := min(3, len(word)/3)
	best, distance := "", limit+1
	for name := range names {
		if d := editDistance(strings.ToLower(word), strings.ToLower(name), distance); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance counts the letters to add, drop, change or swap with a neighbour; what
// reaches the bound is reported as the bound.
func editDistance(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		least := next[0]
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
			least = min(least, next[j+1])
		}
		if least >= bound {
			return bound
		}
		before, row, next = row, next, before
	}
	return min(row[len(b)], bound)
}
