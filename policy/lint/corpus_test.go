package lint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/lint"
)

var sceneKinds = map[string]policy.Kind{
	"identity": policy.Identity, "resource": policy.Resource, "trust": policy.Trust, "boundary": policy.Boundary,
	"session": policy.Session, "scp": policy.SCP, "rcp": policy.RCP, "endpoint": policy.VPCEndpoint,
}

// TestExamplesAreClean lints the policies that follow AWS's own examples: none has an
// error.
func TestExamplesAreClean(t *testing.T) {
	files, err := filepath.Glob("../testdata/scenes/*_example*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenes: %v", err)
	}
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range strings.Split(string(text), "\n-- ")[1:] {
			head, body, _ := strings.Cut(section, " --\n")
			kindName, name, _ := strings.Cut(head, " ")
			kind, ok := sceneKinds[kindName]
			if !ok || strings.TrimSpace(body) == "" || strings.HasSuffix(name, "FullAWSAccess") {
				continue
			}
			checked++
			for _, f := range lint.Check([]byte(body), kind, policy.Limits{}) {
				if f.Severity == policy.SeverityError {
					t.Errorf("%s, %s: %v", file, head, &f)
				}
			}
		}
	}
	if checked < 4 {
		t.Errorf("%d policies checked", checked)
	}
}
