package policy

import (
	"fmt"
	"strings"
)

// Text writes an explanation for people: the outcome, then layer by layer from the
// organization root down each policy with the statements that speak of the action, where
// they stand, and why they do or do not apply; at the end what is missing and the hints.
// Lines are indented by two spaces a level and end in a line feed.
func (e *Explanation) Text() string {
	var w textWriter
	w.head(e)
	for i := range e.Layers {
		w.layer(&e.Layers[i])
	}
	if len(e.MissingKeys) > 0 {
		w.line(0, "condition keys that the request does not carry: %s", strings.Join(e.MissingKeys, ", "))
	}
	if len(e.Hints) > 0 {
		w.line(0, "hint: what would allow it (possible, not necessarily wise):")
		for i := range e.Hints {
			w.hint(i+1, &e.Hints[i])
		}
	}
	return w.String()
}

type textWriter struct{ strings.Builder }

func (w *textWriter) line(depth int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

var outcomeWords = map[string]string{
	Allowed.String():      "allowed",
	ExplicitDeny.String(): "denied explicitly",
	ImplicitDeny.String(): "denied, as nothing allows it",
}

func (w *textWriter) head(e *Explanation) {
	w.line(0, "%s: %s on %s", outcomeWords[e.Outcome], orNone(e.Action), orNone(e.Resource))
	who := e.Principal
	if who == "" {
		who = "anonymous"
	}
	w.line(1, "by %s", who)
	if e.CrossAccount {
		w.line(1, "from another account than the resource's")
	}
	at := ""
	if e.Level != "" {
		at = " at " + e.Level
	}
	switch e.Outcome {
	case ImplicitDeny.String():
		w.line(1, "decided by: no %s allows%s", e.Reason, at)
	default:
		w.line(1, "decided by: %s%s", e.Reason, at)
	}
	for _, d := range e.Deciding {
		where := "the whole document, which cannot be read"
		if d.Index >= 0 {
			where = describeStatement(&StatementExplanation{Sid: d.Sid, Span: d.Span})
		}
		w.line(2, "%s%s", where, inDeciding(&d))
	}
}

func inDeciding(d *DecidingStatement) string {
	name := inPolicy(d.Name, d.ARN, d.Level)
	if name == "" {
		return ""
	}
	return " in" + name
}

func orNone(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

func (w *textWriter) layer(l *LayerExplanation) {
	at := ""
	if l.Level != "" {
		at = " at " + l.Level
	}
	w.line(0, "%s%s: %s", l.Kind, at, l.Says)
	if len(l.Policies) == 0 && l.Says != hidden {
		w.line(1, "no policies")
	}
	for i := range l.Policies {
		p := &l.Policies[i]
		name := p.Name
		if p.ARN != "" {
			name = strings.TrimSpace(name + " (" + p.ARN + ")")
		}
		if name == "" {
			name = "policy without name"
		}
		if p.Level != "" && p.Level != l.Level {
			name += " of " + p.Level
		}
		w.line(1, "%s", name)
		if p.Unreadable {
			w.line(2, "cannot be read and so denies everything")
		}
		for j := range p.Statements {
			w.statement(&p.Statements[j])
		}
		if p.Others > 0 {
			w.line(2, "%d other statement(s) are not about this action", p.Others)
		}
	}
}

func (w *textWriter) statement(s *StatementExplanation) {
	verdict := "applies"
	if !s.Applies {
		verdict = "does not apply: its " + s.Failed
		if len(s.Wanted) > 0 {
			verdict += " is " + list(s.Wanted)
		} else {
			verdict += " is not met"
		}
		if s.Failed == "Statement" {
			verdict = "does not apply: it is not understood"
		}
	}
	w.line(2, "%s %s: %s", strings.ToLower(s.Effect), describeStatement(s), verdict)
	for i := range s.Conditions {
		c := &s.Conditions[i]
		actual := "the request does not carry it"
		if c.Present {
			actual = "the request has " + list(c.Actual)
		}
		met := "met"
		if !c.Met {
			met = "not met"
		}
		w.line(3, "%s: %s %s %s at %s; %s", met, c.Operator, c.Key, list(c.Expected), c.Pos, actual)
	}
}

func (w *textWriter) hint(n int, h *Hint) {
	w.line(1, "%d. %s", n, h.Text)
	if h.Statement != "" {
		w.line(2, "%s", h.Statement)
	}
	for _, other := range h.Instead {
		w.line(2, "or: %s", other)
	}
}
