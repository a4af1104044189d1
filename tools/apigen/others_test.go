package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// laterTargets are services that are not served yet, of every protocol family: the
// generator must be ready for them.
var laterTargets = []target{
	{pkg: "accessanalyzer", base: "accessanalyzer"},
	{pkg: "bcmdataexports", base: "bcm-data-exports"},
	{pkg: "budgets", base: "budgets"},
	{pkg: "ce", base: "ce"},
	{pkg: "cloudformation", base: "cloudformation"},
	{pkg: "cur", base: "cur"},
	{pkg: "identitystore", base: "identitystore"},
	{pkg: "pricing", base: "pricing"},
	{pkg: "ram", base: "ram"},
	{pkg: "savingsplans", base: "savingsplans"},
	{pkg: "servicequotas", base: "service-quotas"},
	{pkg: "sns", base: "sns"},
	{pkg: "sqs", base: "sqs"},
	{pkg: "sso", base: "sso"},
	{pkg: "ssoadmin", base: "sso-admin"},
	{pkg: "ssooidc", base: "sso-oidc"},
}

// TestLaterServicesCompile generates each of them from the base model and compiles it as
// if it stood in api/.
func TestLaterServicesCompile(t *testing.T) {
	base, err := findBase(".")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	args := []string{"build", "-overlay", filepath.Join(dir, "overlay.json")}
	s := &sources{base: base, overlays: "overlay"}
	for _, target := range laterTargets {
		if err := generate(filepath.Join(dir, target.pkg), target, s); err != nil {
			t.Errorf("%s: %v", target.pkg, err)
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, target.pkg, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", target.pkg, err)
		}
		for _, f := range files {
			replace[filepath.Join(root, "api", target.pkg, filepath.Base(f))] = f
		}
		args = append(args, "./api/"+target.pkg)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	if _, err := run(cmd); err != nil {
		t.Error(err)
	}
}
