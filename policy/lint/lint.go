package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bailiwick/bailiwick/policy"
)

// maxText is how long a text may be to be given advice, in bytes. It is twice the longest
// policy that an AWS service takes; the bound keeps hostile texts from costing seconds.
const maxText = 64 << 10

// maxSuggestions is how many slips of one document are looked up.
const maxSuggestions = 50

// Check returns everything there is to say about the text of a policy of a kind, in the
// order of the text: the faults that keep it from being a policy, what its place forbids,
// and the advice of this package. limits bounds its size ([policy.LimitsAt]); the zero
// value does not.
func Check(text []byte, kind policy.Kind, limits policy.Limits) []policy.Finding {
	d, faults := policy.Inspect(text, policy.ParseOptions{})
	var findings []policy.Finding
	for _, f := range faults {
		findings = append(findings, policy.Finding{
			Severity: policy.SeverityError, Type: policy.SeverityError.String(), Code: f.Code, Message: f.Message,
			Path: f.Path, Pos: policy.Position{Offset: f.Offset, Line: f.Line, Column: f.Column},
		})
	}
	if d == nil {
		return findings
	}
	if len(faults) == 0 {
		findings = d.Validate(kind, limits)
		for i := range findings {
			if findings[i].Code == policy.CodePolicySize {
				findings[i].Code = sizeCodes[kind]
			}
		}
	}
	l := linter{doc: d, kind: kind, findings: findings}
	if len(text) > maxText {
		l.report(policy.SeverityError, SizeOfInput, "", policy.Position{Line: 1, Column: 1}, "the text has %d bytes; more than %d are not looked through", len(text), maxText)
	} else {
		l.document()
	}
	slices.SortStableFunc(l.findings, func(a, b policy.Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.Offset, b.Pos.Offset), cmp.Compare(a.Severity, b.Severity))
	})
	return slices.CompactFunc(l.findings, func(a, b policy.Finding) bool { return a.Code == b.Code && a.Pos == b.Pos })
}

var sizeCodes = map[policy.Kind]string{
	policy.Identity: SizeOfIdentityPolicy, policy.Boundary: SizeOfIdentityPolicy, policy.Session: SizeOfSessionPolicy,
	policy.Trust: SizeOfTrustPolicy, policy.Resource: SizeOfResourcePolicy, policy.VPCEndpoint: SizeOfVPCEndpointPolicy,
	policy.SCP: SizeOfSCP, policy.RCP: SizeOfRCP,
}

// linter collects findings; path is that of the current statement.
type linter struct {
	doc      *policy.Document
	kind     policy.Kind
	path     string
	findings []policy.Finding
	slips    int // looked up so far
}

func (l *linter) report(s policy.Severity, code, element string, pos policy.Position, format string, args ...any) {
	path := l.path
	if path != "" && element != "" {
		path += "."
	}
	l.findings = append(l.findings, policy.Finding{
		Severity: s, Type: s.String(), Code: code, Message: fmt.Sprintf(format, args...), Path: path + element, Pos: pos,
	})
}

func (l *linter) document() {
	organization := l.kind == policy.SCP || l.kind == policy.RCP // whose rules demand a version
	if !l.doc.VersionSet && !organization {
		l.report(policy.SeverityWarning, MissingVersion, "Version", policy.Position{Line: 1, Column: 1},
			"the policy has no Version; without it the language is that of %s, which does not know policy variables", policy.Version2008)
	}
	for i := range l.doc.Statements {
		s := &l.doc.Statements[i]
		l.path = at("Statement", i)
		l.sid(s)
		l.actions("Action", s.Action)
		l.actions("NotAction", s.NotAction)
		l.resources("Resource", s.Resource)
		l.resources("NotResource", s.NotResource)
		l.resourceTypes(s)
		l.principals("Principal", s.Principal)
		l.principals("NotPrincipal", s.NotPrincipal)
		l.grants(s)
		l.conditions(s)
	}
	l.path = ""
	l.redundantStatements()
}

func at(element string, i int) string { return fmt.Sprintf("%s[%d]", element, i) }
