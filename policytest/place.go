package policytest

import (
	"fmt"
	"strings"
)

// Place is a place in a file. Line and Column count from 1, in lines and characters; Line 0
// means the file as a whole.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String returns "file:line:column", as editors and terminals understand it.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is something in a test file, or in a policy that it names, that keeps the file
// from being run.
type Problem struct {
	Place
	Message string `json:"message"`
	// Text is the line of the file that Place points into, without its end.
	Text string `json:"text,omitempty"`
}

// String returns the problem in one line.
func (p Problem) String() string { return p.Place.String() + ": " + p.Message }

// Error is what Load returns: everything that is wrong with a file, in order of discovery.
type Error struct {
	Problems []Problem
}

// Error implements error with one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// source is a text with the name of its file.
type source struct {
	name string
	text string
}

// line returns line n, counted from 1, without its end.
func (s *source) line(n int) string {
	rest := s.text
	for ; n > 1; n-- {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			return ""
		}
		rest = rest[i+1:]
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r")
}

func (s *source) problem(line, column int, format string, args ...any) Problem {
	p := Problem{Place: Place{File: s.name, Line: line, Column: column}, Message: fmt.Sprintf(format, args...)}
	if line > 0 {
		p.Text = s.line(line)
	}
	return p
}

// closest returns the candidate that a mistyped word probably means, or "".
func closest(word string, candidates []string) string {
	best, bestDistance := "", 1+len(word)/3
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d <= bestDistance && (best == "" || d < bestDistance) {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the number of characters to add, drop or replace to make one word of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// didYouMean is the end of a message about an unknown word.
func didYouMean(word string, candidates []string) string {
	if c := closest(word, candidates); c != "" {
		return fmt.Sprintf("; did you mean %q?", c)
	}
	if len(candidates) == 0 || len(candidates) > 12 {
		return ""
	}
	return "; known are " + strings.Join(candidates, ", ")
}
