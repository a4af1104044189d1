package bailiwick_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// permissive are words of the licences that what is linked may have, each with its name.
var permissive = map[string]string{
	"Apache License": "Apache-2.0",
	"Permission is hereby granted, free of charge":       "MIT",
	"Redistribution and use in source and binary forms":  "BSD",
	"Permission to use, copy, modify, and/or distribute": "ISC",
	"Permission to use, copy, modify, and distribute":    "ISC",
}

// What is linked into the binary has a permissive licence, in words that we know.
func TestLicencesArePermissive(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}", "./cmd/bailiwick").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || seen[path] {
			continue
		}
		seen[path] = true
		if licence := licenceOf(t, dir); licence == "" {
			t.Errorf("%s has no licence that is known to be permissive", path)
		} else {
			t.Logf("%s: %s", path, licence)
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d modules were looked at", len(seen))
	}
}

// licenceOf is the licence in a module's folder, or in the one above for a module in a part of
// a repository.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "[LCl][IOi][CPc]*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a folder of that name
		}
		plain := strings.Join(strings.Fields(string(text)), " ")
		for words, name := range permissive {
			if strings.Contains(plain, words) {
				return name
			}
		}
	}
	return ""
}
