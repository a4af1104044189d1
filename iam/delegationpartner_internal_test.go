package iam

import (
	"strings"
	"testing"
	"time"
)

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
