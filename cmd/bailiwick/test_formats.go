package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policytest"
)

// The JSON form of the report.
type (
	testReportJSON struct {
		Passed int            `json:"passed"`
		Failed int            `json:"failed"`
		Broken int            `json:"broken"`
		Files  []testFileJSON `json:"files"`
	}
	testFileJSON struct {
		File        string               `json:"file"`
		Description string               `json:"description,omitempty"`
		Problems    []policytest.Problem `json:"problems,omitempty"`
		Warnings    []policytest.Problem `json:"warnings,omitempty"`
		Cases       []testCaseJSON       `json:"cases,omitempty"`
	}
	testCaseJSON struct {
		Name        string                  `json:"name"`
		Line        int                     `json:"line"`
		Passed      bool                    `json:"passed"`
		Who         string                  `json:"who"`
		Action      string                  `json:"action"`
		Resource    string                  `json:"resource"`
		Expect      policytest.Expectation  `json:"expect"`
		Decision    string                  `json:"decision"`
		Differences []policytest.Difference `json:"differences,omitempty"`
		Deciding    []policytest.Deciding   `json:"deciding,omitempty"`
		Notes       []string                `json:"notes,omitempty"`
		// Explanation stands with cases that failed.
		Explanation *policy.Explanation `json:"explanation,omitempty"`
	}
)

func (r *testReport) writeJSON(w io.Writer) error {
	out := testReportJSON{Passed: r.passed, Failed: r.failed, Broken: r.broken, Files: []testFileJSON{}}
	for i := range r.files {
		f := &r.files[i]
		file := testFileJSON{File: f.name, Problems: f.problems}
		if f.suite != nil {
			file.Description, file.Warnings = f.suite.Description, f.suite.Warnings
		}
		for j := range f.results {
			res := &f.results[j]
			c := testCaseJSON{
				Name: res.Case.Name, Line: res.Case.Line, Passed: res.Passed(), Who: res.Case.Who,
				Action: res.Case.Request.Action, Resource: res.Case.Request.Resource, Expect: res.Case.Expect,
				Decision: res.Explanation.Outcome, Differences: res.Differences, Deciding: res.Deciding(), Notes: res.Case.Notes,
			}
			if !c.Passed {
				c.Explanation = &res.Explanation
			}
			file.Cases = append(file.Cases, c)
		}
		out.Files = append(out.Files, file)
	}
	return writeIndented(w, out)
}

// writeIndented writes JSON for programs that people may look over the shoulder of.
func writeIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// The JUnit form, as the tools that read it agree on it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		File    string      `xml:"file,attr,omitempty"`
		Line    int         `xml:"line,attr,omitempty"`
		Failure *junitFault `xml:"failure"`
		Error   *junitFault `xml:"error"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r *testReport) writeJUnit(w io.Writer) error {
	out := junitSuites{Tests: r.passed + r.failed + r.broken, Failures: r.failed, Errors: r.broken}
	for i := range r.files {
		out.Suites = append(out.Suites, r.files[i].junit())
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (f *testedFile) junit() junitSuite {
	s := junitSuite{Name: f.name, Tests: len(f.results), Failures: f.failed(), Time: fmt.Sprintf("%.3f", f.took.Seconds())}
	if len(f.problems) > 0 {
		s.Tests, s.Errors = 1, 1
		var lines []string
		for _, p := range f.problems {
			lines = append(lines, p.String())
		}
		first := f.problems[0]
		s.Cases = []junitCase{{
			Name: "the file can be run", Class: f.name, File: first.File, Line: first.Line,
			Error: &junitFault{Message: first.Message, Text: strings.Join(lines, "\n")},
		}}
		return s
	}
	for i := range f.results {
		res := &f.results[i]
		c := junitCase{Name: res.Case.Name, Class: f.name, File: res.Case.File, Line: res.Case.Line}
		if !res.Passed() {
			c.Failure = &junitFault{Message: failureLine(res), Text: whyText(&res.Explanation)}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// failureLine says in one line how a case failed.
func failureLine(r *policytest.Result) string {
	parts := make([]string, len(r.Differences))
	for i, d := range r.Differences {
		parts[i] = fmt.Sprintf("%s: expected %s, decided %s", d.What, d.Want, d.Got)
	}
	return strings.Join(parts, "; ")
}

// writeGitHub writes workflow commands, which GitHub shows as annotations in a pull request,
// and the total.
func (r *testReport) writeGitHub(w io.Writer) error {
	var b strings.Builder
	for i := range r.files {
		f := &r.files[i]
		for _, p := range f.problems {
			annotate(&b, "error", p.Place, "policy tests cannot be run", p.Message)
		}
		if f.suite == nil {
			continue
		}
		for _, p := range f.suite.Warnings {
			annotate(&b, "warning", p.Place, "policy test", p.Message)
		}
		for j := range f.results {
			if res := &f.results[j]; !res.Passed() {
				annotate(&b, "error", res.Case.Place, "policy test failed: "+res.Case.Name, failureLine(res)+"\n"+whyText(&res.Explanation))
			}
		}
	}
	b.WriteString(r.total(false))
	_, err := io.WriteString(w, b.String())
	return err
}

// annotate writes one workflow command (GitHub documentation, "Workflow commands for GitHub
// Actions"): the characters that would end a value are escaped.
func annotate(b *strings.Builder, level string, at policytest.Place, title, message string) {
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	value := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	fmt.Fprintf(b, "::%s file=%s", level, value.Replace(plain(at.File)))
	if at.Line > 0 {
		fmt.Fprintf(b, ",line=%d,col=%d", at.Line, at.Column)
	}
	fmt.Fprintf(b, ",title=%s::%s\n", value.Replace(plain(title)), text.Replace(plainLines(strings.TrimSpace(message))))
}
