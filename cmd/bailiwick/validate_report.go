package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policytest"
)

// validateReport is what was found in all documents.
type validateReport struct {
	documents []validated
	strict    bool
}

// tally counts findings by severity.
type tally struct{ errors, security, warnings, suggestions, unread int }

func (r *validateReport) count() tally {
	var n tally
	for i := range r.documents {
		if r.documents[i].unread != "" {
			n.unread++
		}
		for _, f := range r.documents[i].findings {
			switch f.Severity {
			case policy.SeverityError:
				n.errors++
			case policy.SeveritySecurityWarning:
				n.security++
			case policy.SeverityWarning:
				n.warnings++
			default:
				n.suggestions++
			}
		}
	}
	return n
}

func (r *validateReport) write(w io.Writer, form string) error {
	switch form {
	case "json":
		return r.writeJSON(w)
	case "github":
		return r.writeGitHub(w)
	default:
		return r.writeText(w, paint(colourful(w)))
	}
}

// severityLabel words a severity for people.
func severityLabel(p paint, s policy.Severity) string {
	switch s {
	case policy.SeverityError:
		return p.red("error")
	case policy.SeveritySecurityWarning:
		return p.yellow("security warning")
	case policy.SeverityWarning:
		return p.yellow("warning")
	default:
		return p.blue("suggestion")
	}
}

func (r *validateReport) writeText(w io.Writer, p paint) error {
	var b strings.Builder
	for i := range r.documents {
		v := &r.documents[i]
		if v.unread != "" {
			fmt.Fprintf(&b, "%s: %s: %s\n\n", p.bold(v.name), p.red("error"), v.unread)
			continue
		}
		verdict := p.green("ok")
		if len(v.findings) > 0 {
			verdict = count(len(v.findings), "finding")
		}
		fmt.Fprintf(&b, "%s: %s, %s\n", p.bold(v.name), v.kind, verdict)
		if v.guessed != "" && (len(v.findings) > 0 || !strings.HasPrefix(v.guessed, "by ")) {
			fmt.Fprintf(&b, "  %s\n", p.dim("taken for "+policytest.KindWithArticle(v.kind)+" "+v.guessed))
		}
		if len(v.findings) > 0 {
			b.WriteString("\n")
		}
		for j := range v.findings {
			f := &v.findings[j]
			problem := v.problem(f)
			fmt.Fprintf(&b, "%s: %s: %s %s\n", p.bold(problem.Place.String()), severityLabel(p, f.Severity), plain(f.Message), p.dim("["+f.Code+"]"))
			if f.Path != "" {
				fmt.Fprintf(&b, "%s\n", p.dim("      in "+plain(f.Path)))
			}
			if f.Code == policy.CodeJSONSyntax && f.Pos.Line > 1 { // what is missing is missing there
				b.WriteString(p.dim(fmt.Sprintf("%5d |", f.Pos.Line-1)) + " " + clip(v.lines[f.Pos.Line-2]) + "\n")
			}
			writeCaret(&b, p, problem)
			b.WriteString("\n")
		}
	}
	b.WriteString(r.total(p))
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *validateReport) total(p paint) string {
	n := r.count()
	var parts []string
	add := func(n int, what string, colour func(string) string) {
		if n > 0 {
			parts = append(parts, colour(count(n, what)))
		}
	}
	add(n.unread, "unreadable file", p.red)
	add(n.errors, "error", p.red)
	add(n.security, "security warning", p.yellow)
	add(n.warnings, "warning", p.yellow)
	add(n.suggestions, "suggestion", p.blue)
	if len(parts) == 0 {
		parts = []string{p.green("nothing to say")}
	}
	return count(len(r.documents), "document") + ": " + strings.Join(parts, ", ") + "\n"
}

// The JSON form of the report.
type (
	validateReportJSON struct {
		Documents   []validatedJSON `json:"documents"`
		Errors      int             `json:"errors"`
		Security    int             `json:"securityWarnings"`
		Warnings    int             `json:"warnings"`
		Suggestions int             `json:"suggestions"`
	}
	validatedJSON struct {
		File     string           `json:"file"`
		Kind     string           `json:"kind,omitempty"`
		Guessed  bool             `json:"kindGuessed,omitempty"`
		Fault    string           `json:"fault,omitempty"`
		Findings []policy.Finding `json:"findings"`
	}
)

func (r *validateReport) writeJSON(w io.Writer) error {
	n := r.count()
	out := validateReportJSON{
		Documents: []validatedJSON{}, Errors: n.errors, Security: n.security, Warnings: n.warnings, Suggestions: n.suggestions,
	}
	for i := range r.documents {
		v := &r.documents[i]
		d := validatedJSON{File: v.name, Guessed: v.guessed != "", Fault: v.unread, Findings: v.findings}
		if v.unread == "" {
			d.Kind = v.kind.String()
		}
		if d.Findings == nil {
			d.Findings = []policy.Finding{}
		}
		out.Documents = append(out.Documents, d)
	}
	return writeIndented(w, out)
}

func (r *validateReport) writeGitHub(w io.Writer) error {
	var b strings.Builder
	for i := range r.documents {
		v := &r.documents[i]
		if v.unread != "" {
			annotate(&b, "error", policytest.Place{File: v.name}, "policy cannot be read", v.unread)
		}
		for j := range v.findings {
			f := &v.findings[j]
			level := "notice"
			switch f.Severity {
			case policy.SeverityError:
				level = "error"
			case policy.SeveritySecurityWarning, policy.SeverityWarning:
				level = "warning"
			}
			annotate(&b, level, v.problem(f).Place, f.Code, f.Message)
		}
	}
	b.WriteString(r.total(false))
	_, err := io.WriteString(w, b.String())
	return err
}
