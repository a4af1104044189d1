package awsjson_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

// snapshots returns the recorded messages that a module of the AWS SDK for Go ships, by
// the part of the file's name before its first dot: body and the whole text.
func snapshots(t *testing.T, module, pattern string) map[string]string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+module).Output()
	if err != nil {
		t.Fatalf("locate module %s: %v", module, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no snapshots %s in module %s: %v", pattern, module, err)
	}
	out := make(map[string]string, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		out[name] = string(text)
	}
	return out
}

// body is what follows the headers, of which the first line stands apart in requests.
func body(text string) []byte {
	text = text[strings.Index(text, "Content-Type"):]
	_, b, _ := strings.Cut(text, "\n\n")
	return []byte(b)
}

// sameJSON compares two documents without regard to the order of members.
func sameJSON(t *testing.T, name string, got, want []byte) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("%s: %v in %s", name, err, got)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatalf("%s: %v in %s", name, err, want)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

// TestRequestSnapshots decodes what the SDK sends with every member set, and writes it
// again: nothing may be lost.
func TestRequestSnapshots(t *testing.T) {
	known := 0
	for name, text := range snapshots(t, "organizations", "request_snapshot/*.snap") {
		op := organizationsapi.Description.Operation(name)
		if op == nil {
			continue
		}
		known++
		in := op.NewInput()
		if err := awsjson.Decode(body(text), in); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameJSON(t, name, awsjson.Append(nil, in), body(text))
	}
	if known < 50 {
		t.Errorf("only %d operations were found", known)
	}
}

// TestResponseSnapshots reads what the SDK's tests take for complete answers, and writes
// them again.
func TestResponseSnapshots(t *testing.T) {
	known := 0
	for name, text := range snapshots(t, "organizations", "response_snapshot/*.response.snap") {
		op := organizationsapi.Description.Operation(name)
		if op == nil || op.Output == nil {
			continue
		}
		known++
		out := smithytest.New(op.Output)
		if err := awsjson.Decode(body(text), out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameJSON(t, name, awsjson.Append(nil, out), body(text))
	}
	if known < 40 {
		t.Errorf("only %d operations were found", known)
	}
}

// TestErrorSnapshots writes errors with every member set and compares them with what the
// SDK's tests take for them.
func TestErrorSnapshots(t *testing.T) {
	modeled := map[string]*smithy.Schema{}
	for i := range organizationsapi.Description.Operations {
		for _, s := range organizationsapi.Description.Operations[i].Errors {
			modeled[s.Error.Code] = s
		}
	}
	known := 0
	for name, text := range snapshots(t, "organizations", "response_snapshot/*.error.snap") {
		s := modeled[name]
		if s == nil {
			continue
		}
		known++
		shape := smithytest.New(s)
		want := bytes.TrimSpace(body(text))
		if err := awsjson.Decode(want, shape); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameJSON(t, name, awsjson.AppendError(nil, name, "", shape), want)
	}
	if known < 40 {
		t.Errorf("only %d errors were found", known)
	}
}
