package main

import (
	"path/filepath"
	"strings"
	"unicode"

	"github.com/bailiwick/bailiwick/policy"
)

// kindFlags are the words of --kind.
var kindFlags = map[string]policy.Kind{
	"identity": policy.Identity, "resource": policy.Resource, "trust": policy.Trust, "boundary": policy.Boundary,
	"session": policy.Session, "scp": policy.SCP, "rcp": policy.RCP, "endpoint": policy.VPCEndpoint,
}

// kindWords are words in the names of files and folders that tell a kind.
var kindWords = map[string]policy.Kind{
	"scp": policy.SCP, "scps": policy.SCP, "rcp": policy.RCP, "rcps": policy.RCP, "trust": policy.Trust,
	"boundary": policy.Boundary, "boundaries": policy.Boundary, "session": policy.Session, "endpoint": policy.VPCEndpoint,
}

// kindOf says what kind of policy a document is: what the user said, else what the file's
// name and the nearest folders say, else what its statements look like. why is empty if it
// was said.
func kindOf(said, name string, text []byte) (k policy.Kind, why string) {
	if k, ok := kindFlags[said]; ok {
		return k, ""
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		abs = name
	}
	parts := strings.Split(filepath.ToSlash(abs), "/")
	for i := len(parts) - 1; name != "-" && i >= max(0, len(parts)-3); i-- {
		for word := range strings.FieldsFuncSeq(strings.ToLower(parts[i]), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if k, ok := kindWords[word]; ok {
				return k, "by \"" + parts[i] + "\" in its path"
			}
		}
	}
	d, _ := policy.Inspect(text, policy.ParseOptions{})
	return kindOfStatements(d)
}

func kindOfStatements(d *policy.Document) (policy.Kind, string) {
	if d == nil {
		return policy.Identity, "as it cannot be read"
	}
	principals, resources, assumes := 0, 0, 0
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Principal != nil || s.NotPrincipal != nil {
			principals++
		}
		if s.Resource != nil || s.NotResource != nil {
			resources++
		}
		for _, a := range s.Action {
			if isAssumeAction(a.Text) {
				assumes++
				break
			}
		}
	}
	switch {
	case principals == 0:
		return policy.Identity, "as no statement names a principal; a service control policy looks the same: --kind scp"
	case resources == 0 && assumes > 0:
		return policy.Trust, "as it is about assuming a role"
	default:
		return policy.Resource, "as a statement names a principal; a resource control policy looks the same: --kind rcp"
	}
}

func isAssumeAction(action string) bool {
	a := strings.ToLower(action)
	return strings.HasPrefix(a, "sts:assumerole") || a == "sts:tagsession" || a == "sts:setsourceidentity"
}
