package smithy

import (
	"strconv"
	"strings"
)

// The wordings of constraints, as AWS's services give them in validation errors.

// lengthConstraint is the bound that a length of n breaks, or empty. AWS speaks of length
// for the entries of lists and maps too.
func lengthConstraint(s *Schema, n int) string {
	switch {
	case s.HasMax && float64(n) > s.Max:
		return maxLength(s)
	case s.HasMin && float64(n) < s.Min:
		return minLength(s)
	}
	return ""
}

// rangeConstraint is the bound that the number n breaks, or empty.
func rangeConstraint(s *Schema, n float64) string {
	switch {
	case s.HasMax && n > s.Max:
		return maxValue(s)
	case s.HasMin && n < s.Min:
		return minValue(s)
	}
	return ""
}

func maxLength(s *Schema) string {
	return "Member must have length less than or equal to " + number(s.Max)
}

func minLength(s *Schema) string {
	return "Member must have length greater than or equal to " + number(s.Min)
}

func maxValue(s *Schema) string {
	return "Member must have value less than or equal to " + number(s.Max)
}

func minValue(s *Schema) string {
	return "Member must have value greater than or equal to " + number(s.Min)
}

func patternConstraint(s *Schema) string {
	return "Member must satisfy regular expression pattern: " + s.Pattern.Source
}

func enumConstraint(s *Schema) string {
	return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
}

// allConstraints lists what a scalar of s must keep, in brackets: the form that AWS uses
// for elements, of which it names no single one.
func allConstraints(s *Schema) string {
	var all []string
	isNumber := s.Kind == KindInteger || s.Kind == KindLong || s.Kind == KindFloat || s.Kind == KindDouble
	if s.HasMax {
		if isNumber {
			all = append(all, maxValue(s))
		} else {
			all = append(all, maxLength(s))
		}
	}
	if s.HasMin {
		if isNumber {
			all = append(all, minValue(s))
		} else {
			all = append(all, minLength(s))
		}
	}
	if s.Pattern != nil {
		all = append(all, patternConstraint(s))
	}
	if s.Enum != nil {
		all = append(all, enumConstraint(s))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// number writes a bound or a value without exponent and without needless digits.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
