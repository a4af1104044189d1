package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/lint"
	"github.com/bailiwick/bailiwick/policytest"
)

type validateCmd struct {
	Files  []string `arg:"" help:"Policy documents (JSON), patterns, folders (all .json files below), or - for the standard input." placeholder:"FILE"`
	Kind   string   `short:"k" help:"What the documents are: ${enum}." enum:"auto,identity,resource,trust,boundary,session,scp,rcp,endpoint" default:"auto" placeholder:"KIND"`
	Output string   `short:"o" help:"Form of the report: ${enum}." enum:"text,json,github" default:"text" placeholder:"FORM"`
	Strict bool     `help:"Fail on security warnings and warnings too."`

	stdin io.Reader `kong:"-"`
}

// Help says more than one line.
func (*validateCmd) Help() string {
	return "Findings have the codes of IAM Access Analyzer's policy validation. AWS refuses a document with an error; " +
		"security warnings, warnings and suggestions are advice.\n\n" +
		"Exit code: 0 if AWS takes every document, 1 if not (with --strict: if there is a warning), 2 if a file cannot be read.\n\n" +
		"  bailiwick validate policies\n  bailiwick validate --kind scp deny-leaving.json\n" +
		"  aws iam get-role --role-name app --query Role.AssumeRolePolicyDocument | bailiwick validate --kind trust -"
}

// stdinName stands for the standard input in reports.
const stdinName = "<stdin>"

// maxPolicyFile is how much of a file is read: more than that is no policy.
const maxPolicyFile = policy.DefaultMaxBytes + 1

// validated is one document with what was found.
type validated struct {
	name     string
	kind     policy.Kind
	guessed  string // why this kind was taken; empty if it was said
	findings []policy.Finding
	lines    []string
	unread   string // why the file cannot be read
}

// Run checks the documents and reports.
func (c *validateCmd) Run(k *kong.Context) error {
	names, err := expandFiles(c.Files, func(name string) bool { return filepath.Ext(name) == ".json" })
	if err != nil {
		return &exitError{code: exitUnusable, err: err}
	}
	r := validateReport{strict: c.Strict}
	for _, name := range names {
		r.documents = append(r.documents, c.check(name))
	}
	if err := r.write(k.Stdout, c.Output); err != nil {
		return err
	}
	switch n := r.count(); {
	case n.unread > 0:
		return &exitError{code: exitUnusable}
	case n.errors > 0 || c.Strict && n.security+n.warnings > 0:
		return &exitError{code: exitFound}
	default:
		return nil
	}
}

func (c *validateCmd) check(name string) validated {
	v := validated{name: name}
	if name == "-" {
		v.name = stdinName
	}
	text, err := c.read(name)
	if err != nil {
		v.unread = fileFault(err)
		return v
	}
	v.kind, v.guessed = kindOf(c.Kind, name, text)
	v.findings = lint.Check(text, v.kind, policy.LimitsAt(v.kind, time.Now()))
	v.lines = strings.Split(string(text), "\n")
	return v
}

func (c *validateCmd) read(name string) ([]byte, error) {
	var from io.Reader = os.Stdin
	if c.stdin != nil {
		from = c.stdin
	}
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, maxPolicyFile))
	if err == nil && len(text) == 0 {
		err = errors.New("there is nothing in it")
	}
	return text, err
}

// problem gives a finding its line.
func (v *validated) problem(f *policy.Finding) policytest.Problem {
	p := policytest.Problem{
		Place:   policytest.Place{File: v.name, Line: f.Pos.Line, Column: f.Pos.Column},
		Message: f.Message,
	}
	if n := f.Pos.Line; n >= 1 && n <= len(v.lines) {
		p.Text = strings.TrimSuffix(v.lines[n-1], "\r")
	}
	return p
}
