package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/bailiwick/bailiwick/iam/managed"
	"github.com/bailiwick/bailiwick/policytest"
)

// The exit codes of the verbs that check files: something was found, or nothing could be
// checked.
const (
	exitFound    = 1
	exitUnusable = 2
)

type testCmd struct {
	Files   []string `arg:"" help:"Test files, patterns, or folders (all *_test.yaml files below)." placeholder:"FILE"`
	Output  string   `short:"o" help:"Form of the report: ${enum}." enum:"text,json,junit,github" default:"text" placeholder:"FORM"`
	Verbose bool     `short:"v" help:"Show the cases that pass too, with what decided."`
	Strict  bool     `help:"Fail on warnings too, such as actions that AWS does not have."`
	Only    string   `name:"run" help:"Run only the cases whose name contains this text." placeholder:"TEXT"`
}

// Help says more than one line.
func (*testCmd) Help() string {
	return "Exit code: 0 if every case passes, 1 if one fails, 2 if a file cannot be run.\n\n" +
		"The format of test files is described in docs/policy-testing.md; examples/policies has some twenty.\n\n" +
		"  bailiwick test examples/policies\n  bailiwick test -v guardrails_test.yaml\n  bailiwick test --output junit policies > report.xml"
}

// testReport is the outcome of all files.
type testReport struct {
	files           []testedFile
	passed, failed  int
	broken, warned  int
	verbose, strict bool
}

// testedFile is one file with its results, or with what keeps it from being run.
type testedFile struct {
	name     string
	suite    *policytest.Suite
	results  []policytest.Result
	problems []policytest.Problem
	took     time.Duration
}

// Run runs the files and reports.
func (c *testCmd) Run(k *kong.Context) error {
	names, err := expandFiles(c.Files, isTestFile)
	if err != nil {
		return &exitError{code: exitUnusable, err: err}
	}
	r := &testReport{verbose: c.Verbose, strict: c.Strict}
	for _, name := range names {
		r.add(name, c.Only)
	}
	if err := c.write(k.Stdout, r); err != nil {
		return err
	}
	switch {
	case r.broken > 0:
		return &exitError{code: exitUnusable}
	case r.failed > 0 || c.Strict && r.warned > 0:
		return &exitError{code: exitFound}
	case r.passed == 0:
		return &exitError{code: exitUnusable, err: fmt.Errorf("no case has a name with %q in it", c.Only)}
	default:
		return nil
	}
}

func (c *testCmd) write(w io.Writer, r *testReport) error {
	switch c.Output {
	case "json":
		return r.writeJSON(w)
	case "junit":
		return r.writeJUnit(w)
	case "github":
		return r.writeGitHub(w)
	default:
		return r.writeText(w, paint(colourful(w)))
	}
}

// isTestFile tells which files of a folder are tests.
func isTestFile(name string) bool {
	return strings.HasSuffix(name, "_test.yaml") || strings.HasSuffix(name, "_test.yml")
}

// testOptions reads from the file system and knows AWS's managed policies.
func testOptions() policytest.Options {
	return policytest.Options{
		Read: func(name string) ([]byte, error) { return os.ReadFile(filepath.FromSlash(name)) },
		Managed: func(arn string) (string, bool) {
			p, ok := managed.ByARN(arn)
			if !ok {
				return "", false
			}
			return p.Document(), true
		},
		At: time.Now(),
	}
}

// add runs one file.
func (r *testReport) add(name, only string) {
	f := testedFile{name: name}
	began := time.Now()
	suite, err := policytest.Load(filepath.ToSlash(name), testOptions())
	var bad *policytest.Error
	switch {
	case errors.As(err, &bad):
		f.problems = bad.Problems
	case err != nil:
		f.problems = []policytest.Problem{{Place: policytest.Place{File: name}, Message: fileFault(err)}}
	default:
		f.suite = suite
		for i := range suite.Cases {
			if strings.Contains(suite.Cases[i].Name, only) {
				f.results = append(f.results, suite.Cases[i].Run())
			}
		}
		r.warned += len(suite.Warnings)
	}
	f.took = time.Since(began)
	for i := range f.results {
		if f.results[i].Passed() {
			r.passed++
		} else {
			r.failed++
		}
	}
	if len(f.problems) > 0 {
		r.broken++
	}
	r.files = append(r.files, f)
}

// fileFault words why a file cannot be read, without its name.
func fileFault(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// expandFiles turns what was given on the command line into files: folders into the files
// below that want accepts, patterns into what matches. A file that is named is taken as it
// is. The order is that of the arguments, within a folder that of the names.
func expandFiles(args []string, want func(name string) bool) ([]string, error) {
	var names []string
	for _, arg := range args {
		found, err := expandFile(arg, want)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

func expandFile(arg string, want func(name string) bool) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return filesBelow(arg, want)
	case arg == "-" || err == nil || !strings.ContainsAny(arg, "*?["):
		return []string{arg}, nil // what cannot be read is reported with the others
	}
	found, err := filepath.Glob(arg)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q is not understood: %w", arg, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no file matches %q", arg)
	}
	return found, nil
}

func filesBelow(dir string, want func(name string) bool) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != dir && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case !e.IsDir() && want(name):
			found = append(found, name)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("nothing to check in the folder %s", dir)
	}
	return found, err
}
