package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policytest"
)

// writeText writes for people: a line for each file, and all that is wrong at length.
func (r *testReport) writeText(w io.Writer, p paint) error {
	var b strings.Builder
	for i := range r.files {
		f := &r.files[i]
		switch {
		case len(f.problems) > 0:
			fmt.Fprintf(&b, "%s %s\n\n", p.red("ERROR"), f.name)
			for _, problem := range f.problems {
				writeProblem(&b, p, p.red("error"), problem)
			}
			continue
		case f.failed() > 0:
			fmt.Fprintf(&b, "%s  %s  %d of %s failed\n", p.red("FAIL"), f.name, f.failed(), count(len(f.results), "case"))
		case len(f.results) == 0:
			continue
		default:
			fmt.Fprintf(&b, "%s    %s  %s\n", p.green("ok"), f.name, count(len(f.results), "case"))
		}
		if len(f.suite.Warnings) > 0 || f.failed() > 0 {
			b.WriteString("\n")
		}
		for _, warning := range f.suite.Warnings {
			writeProblem(&b, p, p.yellow("warning"), warning)
		}
		for j := range f.results {
			if res := &f.results[j]; !res.Passed() {
				writeFailure(&b, p, res)
			} else if r.verbose {
				fmt.Fprintf(&b, "  %s %s: %s\n", p.green("pass"), plain(res.Case.Name), plain(res.Summary()))
			}
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n\n"+r.total(p))
	return err
}

func (f *testedFile) failed() int {
	n := 0
	for i := range f.results {
		if !f.results[i].Passed() {
			n++
		}
	}
	return n
}

func (r *testReport) total(p paint) string {
	parts := []string{count(r.passed, "case") + " passed"}
	if r.failed > 0 {
		parts = append(parts, p.red(fmt.Sprintf("%d failed", r.failed)))
	}
	if r.broken > 0 {
		parts = append(parts, p.red(count(r.broken, "file")+" cannot be run"))
	}
	if r.warned > 0 {
		text := p.yellow(count(r.warned, "warning"))
		if r.strict {
			text += " (which --strict fails)"
		}
		parts = append(parts, text)
	}
	return count(len(r.files), "file") + ": " + strings.Join(parts, ", ") + "\n"
}

// count writes "1 case", "2 cases".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// writeFailure writes a case that failed: what was asked, what differs, and why the decision
// is what it is.
func writeFailure(b *strings.Builder, p paint, r *policytest.Result) {
	fmt.Fprintf(b, "  %s %s  %s\n", p.red("fail"), p.bold(plain(r.Case.Name)), p.dim(r.Case.Place.String()))
	fmt.Fprintf(b, "    %s\n", plain(r.Case.Who+" calls "+r.Case.Request.Action+" on "+r.Case.Request.Resource))
	for _, d := range r.Differences {
		fmt.Fprintf(b, "    %s\n", p.red(fmt.Sprintf("- expected %-7s %s", d.What, plain(d.Want))))
		fmt.Fprintf(b, "    %s\n", p.green(fmt.Sprintf("+ decided  %-7s %s", d.What, plain(d.Got))))
	}
	for _, d := range r.Deciding() {
		if d.Line > 0 {
			fmt.Fprintf(b, "    the statement that decided stands in %s\n", d.Place)
		}
	}
	for _, note := range r.Case.Notes {
		fmt.Fprintf(b, "    %s %s\n", p.yellow("note:"), note)
	}
	for line := range strings.Lines(whyText(&r.Explanation)) {
		b.WriteString("    " + p.dim("| ") + line)
	}
	b.WriteString("\n")
}

// whyText is the explanation as far as it matters to a reader.
func whyText(e *policy.Explanation) string {
	short := essential(*e)
	return plainLines(short.Text())
}

// essential leaves out AWS's own policies that allow everything, where they do not decide: the
// levels at which nothing else speaks of the action, and beside a deny.
func essential(e policy.Explanation) policy.Explanation {
	var kept []policy.LayerExplanation
	for _, l := range e.Layers {
		if l.Kind != policy.SCP.String() && l.Kind != policy.RCP.String() || l.Says == "nothing" {
			kept = append(kept, l)
			continue
		}
		l.Policies = slices.DeleteFunc(slices.Clone(l.Policies), func(p policy.PolicyExplanation) bool {
			return strings.HasPrefix(p.ARN, "arn:aws:organizations::aws:policy/")
		})
		if slices.ContainsFunc(l.Policies, func(p policy.PolicyExplanation) bool { return p.Unreadable || len(p.Statements) > 0 }) {
			kept = append(kept, l)
		}
	}
	e.Layers = kept
	return e
}
