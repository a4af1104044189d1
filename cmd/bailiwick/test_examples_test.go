package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policytest"
)

const examples = "../../examples/policies"

// TestExamplePoliciesPass runs the library of guardrails as its users would.
func TestExamplePoliciesPass(t *testing.T) {
	if out, code := runCLI(t, "", "test", "--strict", examples); code != 0 {
		t.Errorf("test: exit code %d\n%s", code, out)
	}
	if out, code := runCLI(t, "", "validate", "--strict", examples); code != 0 || !strings.Contains(out, "nothing to say") {
		t.Errorf("validate: exit code %d\n%s", code, out)
	}
}

// TestExampleTestsProveEachStatement takes each statement out of each policy of the library:
// its tests must then fail, or they prove nothing about it.
func TestExampleTestsProveEachStatement(t *testing.T) {
	policies, err := filepath.Glob(examples + "/*/*.json")
	if err != nil || len(policies) < 20 {
		t.Fatalf("%d policies: %v", len(policies), err)
	}
	for _, file := range policies {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			o := testOptions()
			original, err := o.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			var doc struct {
				Version   string
				Statement []json.RawMessage
			}
			if err := json.Unmarshal(original, &doc); err != nil {
				t.Fatal(err)
			}
			for i := range doc.Statement {
				if survives(t, file, without(t, original, i)) {
					t.Errorf("the tests pass without statement %d: %s", i, doc.Statement[i])
				}
			}
		})
	}
}

// without makes one statement of a document say nothing about any real action.
func without(t *testing.T, text []byte, n int) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	statement := doc["Statement"].([]any)[n].(map[string]any)
	delete(statement, "NotAction")
	statement["Action"] = "none:Nothing"
	changed, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// survives reports whether the tests of a policy pass with another text in its place.
func survives(t *testing.T, file string, text []byte) bool {
	t.Helper()
	o := testOptions()
	read := o.Read
	o.Read = func(name string) ([]byte, error) {
		if filepath.Clean(name) == filepath.Clean(file) {
			return text, nil
		}
		return read(name)
	}
	suite, err := policytest.Load(strings.TrimSuffix(file, ".json")+"_test.yaml", o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range suite.Run() {
		if !r.Passed() {
			return false
		}
	}
	return true
}
