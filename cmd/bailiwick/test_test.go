package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is printed into testdata/*.golden")

// runCLI runs a command line and returns what it prints and its exit code. Colours are off,
// since the output is no terminal.
func runCLI(t *testing.T, stdin string, args ...string) (output string, code int) {
	t.Helper()
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	parser.Stdout, parser.Stderr = &out, &out
	parsed, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	c.Validate.stdin = strings.NewReader(stdin)
	parsed.BindTo(t.Context(), (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		code = 1
		var exit *exitError
		if errors.As(err, &exit) {
			code = exit.code
		}
		if err.Error() != "" {
			out.WriteString("bailiwick: " + err.Error() + "\n")
		}
	}
	return out.String(), code
}

// took is the time in JUnit reports, which differs from run to run.
var took = regexp.MustCompile(`time="[0-9.]+"`)

func TestGolden(t *testing.T) {
	for _, test := range []struct {
		name, stdin string
		args        []string
		code        int
	}{
		{name: "test_text", args: []string{"test", "testdata/shop_test.yaml", "testdata/broken_test.yaml"}, code: 2},
		{name: "test_failing", args: []string{"test", "testdata/shop_test.yaml"}, code: 1},
		{name: "test_verbose", args: []string{"test", "-v", "--run", "reads", "testdata/shop_test.yaml"}},
		{name: "test_strict", args: []string{"test", "--strict", "--run", "reads", "testdata/shop_test.yaml"}, code: 1},
		{name: "test_json", args: []string{"test", "-o", "json", "testdata/shop_test.yaml", "testdata/broken_test.yaml"}, code: 2},
		{name: "test_junit", args: []string{"test", "-o", "junit", "testdata/shop_test.yaml", "testdata/broken_test.yaml"}, code: 2},
		{name: "test_github", args: []string{"test", "-o", "github", "testdata/shop_test.yaml", "testdata/broken_test.yaml"}, code: 2},
		{name: "test_syntax", args: []string{"test", "testdata/tab_test.yaml", "testdata/nothing_test.yaml"}, code: 2},
		{name: "validate_text", args: []string{"validate", "testdata/wrong.json", "testdata/comma.json", "testdata/none.json"}, code: 2},
		{name: "validate_json", args: []string{"validate", "-o", "json", "testdata/wrong.json"}, code: 1},
		{name: "validate_github", args: []string{"validate", "-o", "github", "testdata/wrong.json", "testdata/none.json"}, code: 2},
		{name: "validate_stdin", args: []string{"validate", "--kind", "trust", "-"}, stdin: trustText},
		{name: "validate_scp", args: []string{"validate", "--kind", "scp", "-"}, stdin: trustText, code: 1},
		{name: "explain_case", args: []string{"explain", "--test", "testdata/shop_test.yaml", "--case", "WRITES"}},
		{name: "explain_cases", args: []string{"explain", "--test", "testdata/shop_test.yaml", "--case", "a"}, code: 2},
		{name: "explain_json", args: []string{"explain", "--test", "testdata/shop_test.yaml", "--case", "writes", "-o", "json"}},
		{name: "explain_files", args: []string{
			"explain", "--principal", "arn:aws:iam::111122223333:role/app", "--identity", "AdministratorAccess",
			"--scp", "root=" + examples + "/scp/restrict-regions.json", "--scp", "ou Prod=" + examples + "/scp/allowed-services.json",
			"--rcp", examples + "/rcp/secure-transport.json",
			"--action", "s3:PutObject", "--resource", "arn:aws:s3:::data/x", "--context", "aws:RequestedRegion=us-east-1",
		}},
		{name: "explain_faults", args: []string{
			"explain", "--principal", "zoe", "--identity", "testdata/wrong.json", "--action", "s3:PutObjekt", "--context", "region",
		}, code: 2},
		{name: "explain_ways", args: []string{"explain"}, code: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, code := runCLI(t, test.stdin, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			golden(t, test.name, took.ReplaceAllString(out, `time="0"`))
		})
	}
}

const trustText = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
]}
`

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -run %s -update writes it)\n got:\n%s\nwant:\n%s", file, t.Name(), got, want)
	}
}

func TestFilesAreFound(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a_test.yaml", "b_test.yml", "c.yaml", "below/d_test.yaml", ".hidden/e_test.yaml"} {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	empty := t.TempDir()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{dir}, "a_test.yaml b_test.yml below/d_test.yaml"},
		{[]string{dir + "/*.yaml"}, "a_test.yaml c.yaml"},
		{[]string{dir + "/c.yaml", dir}, "c.yaml a_test.yaml b_test.yml below/d_test.yaml"},
		{[]string{dir + "/a_test.yaml", dir + "/*_test.yaml"}, "a_test.yaml"},
		{[]string{dir + "/nothing.yaml"}, "nothing.yaml"},
		{[]string{dir + "/*.json"}, "error"},
		{[]string{dir + "/[*"}, "error"},
		{[]string{empty}, "error"},
	} {
		found, err := expandFiles(test.args, isTestFile)
		var names []string
		for _, f := range found {
			rel, relErr := filepath.Rel(dir, f)
			if relErr != nil {
				t.Fatal(relErr)
			}
			names = append(names, filepath.ToSlash(rel))
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = "error"
		}
		if got != test.want {
			t.Errorf("%v: %s (%v), want %s", test.args, got, err, test.want)
		}
	}
}

// TestReportsAreNotObeyed puts escape sequences and commands of build servers into what
// reports show.
func TestReportsAreNotObeyed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		full := filepath.Join(dir, name)
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return full
	}
	document := write("p.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",
		"Condition":{"StringEquals":{"aws:PrincipalTag/x":"\u001b[31m\n::error::x"}}, "\n::error::y\u001b[2J": 1}]}`)
	test := write("t_test.yaml", `
identities: {a: {account: 111122223333, user: a, policies: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:*", Resource: "*",
  Condition: {StringEquals: {aws:PrincipalTag/x: "\e[31m\n::error::x"}}}]}}}
cases: [{name: "n\e[2J\n::error::z", who: a, action: s3:GetObject, expect: allow}]`)
	for _, args := range [][]string{{"validate", document}, {"validate", "-o", "github", document}, {"test", test}, {"test", "-o", "github", test}, {"test", "-o", "junit", test}} {
		out, code := runCLI(t, "", args...)
		if code != exitFound {
			t.Fatalf("%v: exit code %d\n%s", args, code, out)
		}
		if strings.Contains(out, "\x1b") || strings.Contains(out, "\n::error::") {
			t.Errorf("%v: the report can be obeyed: %q", args, out)
		}
	}
}

func TestColoursAreForTerminals(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, w := range map[string]io.Writer{"buffer": &bytes.Buffer{}, "file": file} {
		if colourful(w) {
			t.Errorf("colours in a %s", name)
		}
	}
	if paint(false).red("x") != "x" || paint(true).red("x") != "\x1b[31mx\x1b[0m" {
		t.Error("paint")
	}
	var b strings.Builder
	if err := (&validateReport{documents: []validated{{name: "x", unread: "gone"}}}).writeText(&b, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[31merror\x1b[0m") {
		t.Errorf("no red error in %q", b.String())
	}
}
