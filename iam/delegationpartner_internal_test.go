package iam

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Long values of long lists do not fill the memory.
func TestExpansionsAreBounded(t *testing.T) {
	p := &parameters{used: map[string]bool{}, values: map[string][]string{
		"list": make([]string, 2000), "long": {strings.Repeat("x", 100_000)}, "short": {strings.Repeat("x", 20)},
	}}
	var rule *Error
	for _, text := range []string{"@{list}@{long}", "@{long}", "@{list}@{list}", "@{list}@{short}@{short}"} {
		if out, err := p.expand(text); !errors.As(err, &rule) || rule.Code != LimitExceeded {
			t.Errorf("%s: %d strings, %v", text, len(out), err)
		}
	}
	if out, err := p.expand("@{list}/@{short}"); err != nil || len(out) != 2000 {
		t.Errorf("what fits: %d strings, %v", len(out), err)
	}
}

func TestWildcardMatch(t *testing.T) {
	const action = "iam:CreateRole"
	for pattern, want := range map[string]bool{
		"": false, "*": true, "**": true, action: true, "IAM:createrole": true, "iam:Create*": true, "iam:*Role": true,
		"iam:?reateRole": true, "iam:CreateRole?": false, "iam:CreateRole*": true, "iam:*Rol": false, "iam:*R*e": true,
		"iam:*a*a*": false, "i*m:*e*e*e": true, "iam:Create": false, "iam:CreateRoles": false, "???:??????????": true,
	} {
		if got := wildcardMatch(pattern, action); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
	begun := time.Now()
	if wildcardMatch("iam:"+strings.Repeat("*", 1000)+"x", action) || wildcardMatch("iam:"+strings.Repeat("*?", 6)+strings.Repeat("*e", 500), action) {
		t.Error("patterns that do not fit match")
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("a thousand wildcards took %v", took)
	}
}
