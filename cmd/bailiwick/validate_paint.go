package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bailiwick/bailiwick/policytest"
)

// paint colours text for a terminal; false leaves it as it is.
type paint bool

// colourful reports whether a writer is a terminal that likes colours (https://no-color.org).
func colourful(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p paint) code(n int, text string) string {
	if !p {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", n, text)
}

func (p paint) bold(s string) string   { return p.code(1, s) }
func (p paint) dim(s string) string    { return p.code(2, s) }
func (p paint) red(s string) string    { return p.code(31, s) }
func (p paint) green(s string) string  { return p.code(32, s) }
func (p paint) yellow(s string) string { return p.code(33, s) }
func (p paint) blue(s string) string   { return p.code(34, s) }

// maxShown is how much of a line is shown around a caret; documents may be one long line.
const maxShown = 100

// writeProblem writes a message with its place, the line and a caret below it.
func writeProblem(b *strings.Builder, p paint, label string, problem policytest.Problem) {
	fmt.Fprintf(b, "%s: %s: %s\n", p.bold(plain(problem.Place.String())), label, plain(problem.Message))
	writeCaret(b, p, problem)
	b.WriteString("\n")
}

func writeCaret(b *strings.Builder, p paint, problem policytest.Problem) {
	if problem.Line == 0 || strings.TrimSpace(problem.Text) == "" {
		return
	}
	line := []rune(strings.Map(plainRune, problem.Text))
	column := min(max(problem.Column, 1), len(line)+1) - 1
	from := 0
	if len(line) > maxShown {
		from = max(0, min(column-maxShown/2, len(line)-maxShown))
	}
	to := min(len(line), from+maxShown)
	head, tail := "", ""
	if from > 0 {
		head = "…"
	}
	if to < len(line) {
		tail = "…"
	}
	number := fmt.Sprintf("%5d", problem.Line)
	fmt.Fprintf(b, "%s %s%s%s\n", p.dim(number+" |"), head, string(line[from:to]), tail)
	fmt.Fprintf(b, "%s %s%s\n", p.dim("      |"), strings.Repeat(" ", column-from+len([]rune(head))), p.red("^"))
}

// clip is the beginning of a line, fit to be shown.
func clip(line string) string {
	runes := []rune(strings.TrimRight(strings.Map(plainRune, strings.TrimSuffix(line, "\r")), " "))
	if len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return string(runes)
}

// plain makes a piece of somebody's file fit to stand in a line of a report: a value in a
// policy may hold line ends and escape sequences, and reports go to terminals and to build
// servers that obey what stands at the beginning of a line.
func plain(text string) string { return strings.Map(plainRune, text) }

// plainLines is plain for texts of several lines.
func plainLines(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return plainRune(r)
	}, text)
}

// plainRune keeps a line of somebody's file from moving the cursor or colouring the terminal.
func plainRune(r rune) rune {
	if r == '\t' {
		return ' '
	}
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return '·'
	}
	return r
}
