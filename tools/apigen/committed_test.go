package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// committed is the folder of the generated packages in the repository.
const committed = "../../api"

// TestCommittedPackagesAreCurrent installs the pinned models, generates everything into a
// fresh folder and expects the files that are in the repository.
func TestCommittedPackagesAreCurrent(t *testing.T) {
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("this test reads the current models with %s, which is not installed: %v", tool, err)
		}
	}
	models := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc", "dump.mjs"} {
		text, err := os.ReadFile(filepath.Join("../models", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(models, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = models
	if _, err := run(cmd); err != nil {
		t.Fatalf("the pinned models cannot be installed: %v", err)
	}
	fresh := t.TempDir()
	if err := generateAll(fresh, &sources{npm: models, overlays: "overlay"}); err != nil {
		t.Fatal(err)
	}
	want, have := goFiles(t, fresh), goFiles(t, committed)
	for name, text := range want {
		if old, ok := have[name]; !ok {
			t.Errorf("api/%s is missing: run make generate", name)
		} else if !bytes.Equal(text, old) {
			t.Errorf("api/%s is not what the generator writes: run make generate", name)
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("api/%s is not written by the generator", name)
		}
	}
}

// goFiles reads the Go files of every package below dir.
func goFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.ToSlash(name)] = text
	}
	return out
}

// TestOperationsOfTheGoSDKExist compares with the service modules of aws-sdk-go-v2 that the
// product tests with: their clients must not know an operation that api/ does not.
func TestOperationsOfTheGoSDKExist(t *testing.T) {
	method := regexp.MustCompile(`(?m)^func \(Unimplemented\) (\w+)\(`)
	for _, target := range targets {
		t.Run(target.pkg, func(t *testing.T) {
			service, err := os.ReadFile(filepath.Join(committed, target.pkg, "service.go"))
			if err != nil {
				t.Fatal(err)
			}
			var ours []string
			for _, match := range method.FindAllSubmatch(service, -1) {
				ours = append(ours, string(match[1]))
			}
			theirs := sdkOperations(t, "github.com/aws/aws-sdk-go-v2/service/"+target.pkg)
			if len(theirs) == 0 {
				t.Fatal("the module of the SDK has no operations")
			}
			for _, op := range theirs {
				if !slices.Contains(ours, op) {
					t.Errorf("%s is not in api/%s", op, target.pkg)
				}
			}
			t.Logf("%d operations, %d of them in the SDK", len(ours), len(theirs))
		})
	}
}

// sdkOperations lists the operations of a service module at the version that the product
// requires.
func sdkOperations(t *testing.T, module string) []string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = "../.."
	text, err := run(cmd)
	if err != nil {
		t.Fatal(err)
	}
	var info struct{ Dir string }
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(info.Dir, "api_op_*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "api_op_"), ".go")
		if !strings.HasSuffix(name, "_test") {
			out = append(out, name)
		}
	}
	return out
}
