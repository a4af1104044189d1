package awsquery_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsquery"
)

// requests returns the recorded requests that a module of the AWS SDK for Go ships, by
// operation: the forms.
func requests(t *testing.T, module string) map[string]string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+module).Output()
	if err != nil {
		t.Fatalf("locate module %s: %v", module, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "request_snapshot", "*.request.snap"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no snapshots in module %s: %v", module, err)
	}
	out := make(map[string]string, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".request.snap")] = string(text[strings.Index(string(text), "Action="):])
	}
	return out
}

// TestRequestSnapshots decodes what the SDK sends with every member set, and writes it as
// a form again: nothing may be lost.
func TestRequestSnapshots(t *testing.T) {
	for _, tt := range []struct {
		module string
		svc    *smithy.Service
		least  int
	}{{"iam", &iamapi.Description, 150}, {"sts", &stsapi.Description, 8}} {
		known := 0
		for name, form := range requests(t, tt.module) {
			op := tt.svc.Operation(name)
			if op == nil {
				continue
			}
			known++
			pairs, err := awsquery.ParseForm(form)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			in := op.NewInput()
			if err := awsquery.Decode(pairs, in); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			got := append(writeForm(in), awsquery.Pair{Name: "Action", Value: name}, awsquery.Pair{Name: "Version", Value: tt.svc.APIVersion})
			if !slices.Equal(sorted(got), sorted(pairs)) {
				t.Errorf("%s:\n got %q\nwant %q", name, sorted(got), sorted(pairs))
			}
		}
		if known < tt.least {
			t.Errorf("%s: only %d operations were found", tt.module, known)
		}
	}
}

func sorted(pairs []awsquery.Pair) []awsquery.Pair {
	return slices.SortedFunc(slices.Values(pairs), func(a, b awsquery.Pair) int {
		return strings.Compare(a.Name+"="+a.Value, b.Name+"="+b.Value)
	})
}
