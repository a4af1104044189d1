package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
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
