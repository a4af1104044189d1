// Package bailiwick_test holds the tests of the house itself: who may import whom, and that
// every package says what it is for.
package bailiwick_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/bailiwick/bailiwick/"

// rule says what one package, or all of a folder, may import.
type rule struct {
	pkg   string
	allow []string
	// never lists packages that are not ours.
	never []string
}

// rules say what each package of ours may import of ours. A pattern ends in /* for the
// packages below a folder; the first rule that matches a package counts. An import goes
// down only: see docs/adr/0001-floors.md.
var rules = []rule{
	{pkg: "arn"},
	{pkg: "smithy"},
	{pkg: "smithy/smithytest", allow: []string{"smithy"}},
	{pkg: "policy", allow: []string{"arn"}, never: impure},
	{pkg: "policytest", allow: []string{"policy", "policy/serviceauth"}, never: impure},
	{pkg: "policy/serviceauth", allow: []string{"arn"}, never: impure},
	{pkg: "policy/management", never: impure},
	{pkg: "policy/lint", allow: []string{"arn", "policy", "policy/serviceauth"}, never: impure},
	{pkg: "api"},
	{pkg: "api/*", allow: []string{"smithy"}},
	{pkg: "credential", never: outside},
	{pkg: "audit", allow: []string{"credential"}, never: outside},
	{pkg: "org", allow: []string{"arn", "policy", "policy/management"}, never: outside},
	{pkg: "iam/managed", allow: []string{"arn", "policy/serviceauth"}, never: outside},
	{pkg: "iam", allow: []string{"arn", "policy", "policy/serviceauth", "org", "credential", "iam/managed"}, never: outside},
	{pkg: "resource", allow: []string{"arn", "policy", "policy/serviceauth", "org", "iam"}, never: outside},
	{pkg: "account", allow: []string{"arn", "org"}, never: outside},
	{pkg: "store/pgtest"},
	{pkg: "store/storetest", allow: []string{"store", "store/pgtest", "org", "iam", "iam/managed", "account", "resource", "audit", "credential"}},
	{pkg: "store", allow: []string{"org", "iam", "account", "resource", "audit", "credential"}, never: []string{"net/http"}},
	{pkg: "tagging", allow: []string{"arn", "policy/management", "org", "iam", "resource"}, never: outside},
	{pkg: "authn", allow: []string{"iam", "credential"}, never: outside},
	{pkg: "authz", allow: []string{"arn", "policy", "policy/serviceauth", "org", "iam", "resource", "credential"}, never: outside},
	{pkg: "wire/sigv4", never: []string{"database/sql"}},
	{pkg: "wire/*", allow: []string{"smithy", "wire/*"}, never: []string{"database/sql"}},
	{pkg: "wire", allow: []string{"arn", "smithy", "credential", "audit", "wire/*"}, never: []string{"database/sql"}},
	{pkg: "weather", allow: []string{"api/*", "smithy", "credential", "audit", "wire"}, never: []string{"database/sql"}},
	{pkg: "metrics", allow: []string{"smithy", "wire"}, never: []string{"database/sql"}},
	{pkg: "tracing/tracingtest"},
	{pkg: "tracing", allow: []string{"smithy", "wire"}, never: []string{"database/sql"}},
	{pkg: "service/*", allow: []string{"api/*", "arn", "smithy", "policy", "policy/serviceauth", "org", "iam", "iam/managed", "account", "resource", "tagging", "audit", "credential", "authz", "store", "oidc"}, never: []string{"net/http", "database/sql"}},
	{pkg: "housekeeping", never: []string{"net/http", "database/sql"}},
	{pkg: "oidc", never: []string{"database/sql"}},
	{pkg: "demo"},
	{pkg: "bench/load", allow: []string{"demo"}},
	{pkg: "wire/conformance", allow: []string{"api/*", "smithy", "smithy/*", "wire/*"}},
	{pkg: "operator", allow: []string{"arn", "smithy", "policy", "policy/serviceauth", "policy/lint", "store", "org", "iam", "account", "resource", "credential", "audit", "authz", "wire"}, never: []string{"database/sql"}},
	{pkg: "cmd/bailiwick", allow: []string{"*"}},
	{pkg: "e2e", allow: []string{"*"}},
}

// impure is what a pure package has nothing to do with; outside is what domains know
// nothing of.
var (
	impure  = []string{"os", "net/http", "database/sql", "time/tzdata", "math/rand", "crypto/rand"}
	outside = []string{"net/http", "database/sql"}
)

type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Doc,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if ours(p.ImportPath) != "" {
			all = append(all, p)
		}
	}
}

func ours(importPath string) string {
	name, ok := strings.CutPrefix(importPath, module)
	if !ok {
		return ""
	}
	return name
}

func matches(pattern, name string) bool {
	if pattern == "*" || pattern == name {
		return true
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		name := ours(p.ImportPath)
		i := slices.IndexFunc(rules, func(r rule) bool { return matches(r.pkg, name) })
		if i < 0 {
			t.Errorf("package %s has no rule: say on which floor it is", name)
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(rules[i].never, imported) {
				t.Errorf("%s imports %s", name, imported)
			}
			target := ours(imported)
			if target == "" {
				continue
			}
			if !slices.ContainsFunc(rules[i].allow, func(pattern string) bool { return matches(pattern, target) }) {
				t.Errorf("%s imports %s", name, target)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if strings.HasPrefix(ours(p.ImportPath), "api") {
			continue // generated: the head of each file says so
		}
		if len(strings.Fields(p.Doc)) < 5 {
			t.Errorf("package %s has no doc comment that says what it owns", ours(p.ImportPath))
		}
	}
}
