package policy

import (
	"fmt"
	"strings"
)

// Validate checks a document against the rules of the place where it is to stand: what
// elements that kind of policy needs or forbids, the form of actions, ARNs, principals and
// condition values, and the size. It does not know which actions exist (package
// policy/serviceauth) nor which principals do. The findings come in the order of the
// document.
//
// Sources: IAM user guide, topics "Grammar of the IAM JSON policy language" and "JSON
// policy elements"; AWS Organizations user guide, topics "SCP syntax" (since September
// 2025 the full language but for principals) and "RCP syntax".
func (d *Document) Validate(k Kind, l Limits) []Finding {
	v := validator{doc: d, kind: k}
	if size := l.Size(d.text); l.MaxSize > 0 && size > l.MaxSize {
		v.report(SeverityError, CodePolicySize, "", Position{Line: 1, Column: 1},
			"the document has %d characters; a %s may have %d", size, k, l.MaxSize)
	}
	v.header()
	sids := map[string]bool{}
	for i := range d.Statements {
		s := &d.Statements[i]
		v.path = indexPath("Statement", i)
		v.sid(s, sids)
		v.principal(s)
		v.actions(s)
		v.resources(s)
		v.conditions(s)
	}
	return v.findings
}

// validator collects findings; path is that of the current statement.
type validator struct {
	doc      *Document
	kind     Kind
	path     string
	findings []Finding
}

func (v *validator) report(s Severity, code, path string, pos Position, format string, args ...any) {
	v.findings = append(v.findings, Finding{
		Severity: s, Type: s.String(), Code: code, Message: fmt.Sprintf(format, args...), Path: path, Pos: pos,
	})
}

func (v *validator) errorAt(code, element string, pos Position, format string, args ...any) {
	v.report(SeverityError, code, joinPath(v.path, element), pos, format, args...)
}

// iamKind reports whether IAM stores this kind of policy and so applies its own rules.
func (k Kind) iamKind() bool {
	return k == Identity || k == Boundary || k == Session || k == Trust
}

func (v *validator) header() {
	start := Position{Line: 1, Column: 1}
	if (v.kind == SCP || v.kind == RCP) && (!v.doc.VersionSet || v.doc.Version != Version2012) {
		v.report(SeverityError, CodeMissingVersion, "Version", start, "the policy has to have the Version %s", Version2012)
	}
	if v.doc.IDSet && (v.kind == Identity || v.kind == Boundary || v.kind == Session) {
		v.report(SeverityWarning, CodeUnsupportedID, "Id", v.doc.ID.Pos, "an identity-based policy has no Id element")
	}
}

func (v *validator) sid(s *Statement, seen map[string]bool) {
	if s.Sid == "" {
		return
	}
	if seen[s.Sid] {
		v.errorAt(CodeUniqueSids, "Sid", s.Span.Start,
			"Statement IDs (SID) in a single policy must be unique. Try renaming any duplicate SIDs.")
	}
	seen[s.Sid] = true
	if v.kind.iamKind() && !only(s.Sid, isAlphanumeric) {
		v.errorAt(CodeInvalidSid, "Sid", s.Span.Start,
			"Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
	}
}

func (v *validator) principal(s *Statement) {
	none := s.Principal == nil && s.NotPrincipal == nil
	start := s.Span.Start
	switch v.kind {
	case Identity, Boundary, Session:
		if !none {
			v.errorAt(CodeUnsupportedPrincipal, "Principal", start, "Policy document should not specify a principal.")
		}
		return
	case SCP:
		if !none {
			v.errorAt(CodeSCPPrincipal, "Principal", start, "a service control policy does not specify a principal")
		}
		return
	case RCP:
		if len(s.Principal) != 1 || s.Principal[0].Class != "*" || s.NotPrincipal != nil {
			v.errorAt(CodeRCPPrincipal, "Principal", start, `a resource control policy needs the principal "*"`)
		}
		return
	}
	switch {
	case none:
		v.errorAt(CodeMissingPrincipal, "Principal", start, "Missing required field Principal")
	case s.NotPrincipal != nil && v.kind == Trust:
		v.errorAt(CodeNotPrincipalInRoleTrust, "NotPrincipal", start, "a role trust policy cannot use NotPrincipal")
	case s.NotPrincipal != nil && s.Effect == Allow:
		v.errorAt(CodeNotPrincipalWithAllow, "NotPrincipal", start, "NotPrincipal can only be used to deny")
	}
	v.principalForms("Principal", s.Principal)
	v.principalForms("NotPrincipal", s.NotPrincipal)
}

func (v *validator) principalForms(element string, list []PrincipalValue) {
	for _, p := range list {
		_, known := newPrincipalMatcher(p)
		wildcard := p.Class != "*" && p.Text != "*" && strings.ContainsAny(p.Text, "*?")
		switch {
		case wildcard:
			v.errorAt(CodePrincipalWildcard, element, p.Pos, "Invalid principal in policy: %q:%q", p.Class, p.Text)
		case !known || p.Text == "":
			v.errorAt(CodeInvalidPrincipal, element, p.Pos, "Invalid principal in policy: %q:%q", p.Class, p.Text)
		}
	}
}

func (v *validator) actions(s *Statement) {
	if v.kind == RCP {
		if s.Effect == Allow {
			v.errorAt(CodeRCPAllow, "Effect", s.Span.Start, "a resource control policy can only deny")
		}
		if s.NotAction != nil {
			v.errorAt(CodeRCPNotAction, "NotAction", s.NotAction[0].Pos, "a resource control policy cannot use NotAction")
		}
	}
	if v.kind == Trust && s.NotAction != nil {
		v.errorAt(CodeUnsupportedAction, "NotAction", s.NotAction[0].Pos, "AssumeRole policy may only specify STS AssumeRole actions.")
	}
	v.actionForms("Action", s.Action)
	v.actionForms("NotAction", s.NotAction)
}

func (v *validator) actionForms(element string, list []Value) {
	for i, a := range list {
		at := indexPath(element, i)
		service, name, found := strings.Cut(a.Text, ":")
		switch {
		case a.Text == "*":
			if v.kind == RCP {
				v.errorAt(CodeRCPAction, at, a.Pos, "an action of a resource control policy names its service: s3:*")
			}
		case !found:
			v.errorAt(CodeInvalidAction, at, a.Pos,
				"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		case service == "" || !only(service, isServiceChar):
			v.errorAt(CodeInvalidAction, at, a.Pos, "Vendor %s is not valid", service)
		case name == "" || !only(name, isActionChar):
			v.errorAt(CodeInvalidAction, at, a.Pos, "the action name %q is not valid", name)
		case v.kind == Trust && !strings.EqualFold(service, "sts"):
			v.errorAt(CodeUnsupportedAction, at, a.Pos, "AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
}

func (v *validator) resources(s *Statement) {
	if v.kind == Trust {
		if s.Resource != nil || s.NotResource != nil {
			v.errorAt(CodeTrustResource, "Resource", s.Span.Start, "Has prohibited field Resource")
		}
		return
	}
	if s.Resource == nil && s.NotResource == nil {
		v.errorAt(CodeMissingResource, "Resource", s.Span.Start, "Policy statement must contain resources.")
	}
	v.resourceForms("Resource", s.Resource)
	v.resourceForms("NotResource", s.NotResource)
}

func (v *validator) resourceForms(element string, list []Value) {
	for i, r := range list {
		at := indexPath(element, i)
		if r.Text != "" && strings.Trim(r.Text, "*") == "" {
			continue
		}
		if !strings.HasPrefix(r.Text, "arn:") {
			v.errorAt(CodeInvalidARN, at, r.Pos, `Resource %s must be in ARN format or "*".`, r.Text)
			continue
		}
		parts := splitPattern(r.Text, false)
		if len(parts) < arnFields {
			v.report(SeverityWarning, CodeIncompleteARN, joinPath(v.path, at), r.Pos,
				"the ARN has %d of %d fields; the missing ones count as *", len(parts), arnFields)
			continue
		}
		v.variables(at, r)
		for _, p := range parts[:arnFields-1] {
			if strings.Contains(p, "${") {
				v.report(SeverityWarning, CodeVariableElement, joinPath(v.path, at), r.Pos,
					"policy variables are only known in the last field of an ARN")
				break
			}
		}
	}
}

func (v *validator) conditions(s *Statement) {
	for _, c := range s.Conditions {
		at := joinPath("Condition", joinPath(c.Operator, c.Key))
		op, ok := parseOperator(c.Operator)
		if !ok {
			v.errorAt(CodeInvalidOperator, at, c.Pos, "the condition operator %q does not exist", c.Operator)
			continue
		}
		if c.Key == "" || (v.kind.iamKind() && !strings.Contains(c.Key, ":")) {
			v.errorAt(CodeInvalidKeyFormat, at, c.Pos,
				"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		}
		for _, val := range c.Values {
			if _, ok := newConditionValue(op, val.Text, false); !ok {
				v.errorAt(op.mismatchCode(), at, val.Pos, "the value %q does not fit the operator %s", val.Text, c.Operator)
			}
			if op.variables() {
				v.variables(at, val)
			}
		}
	}
}

// variables reports variables that are malformed or that the version does not know.
func (v *validator) variables(at string, val Value) {
	if !strings.Contains(val.Text, "${") {
		return
	}
	if v.doc.Version != Version2012 {
		v.report(SeverityWarning, CodeVariableVersion, joinPath(v.path, at), val.Pos,
			"policy variables are plain text unless the Version is %s", Version2012)
		return
	}
	if _, bad := tokenize(val.Text, tokenOptions{variables: true}); bad {
		v.errorAt(variableFault(val.Text), at, val.Pos, "the policy variable in %q is malformed", val.Text)
	}
}

// variableFault tells what is wrong with the first malformed variable of a text.
func variableFault(text string) string {
	for i := 0; i < len(text); i++ {
		if !strings.HasPrefix(text[i:], "${") {
			continue
		}
		if _, n, ok := parseVariable(text[i:]); ok {
			i += n - 1
			continue
		}
		name, _, closed := strings.Cut(text[i+len("${"):], "}")
		switch {
		case !closed:
			return CodeVariableBrace
		case strings.TrimSpace(name) == "":
			return CodeVariableEmpty
		case strings.Contains(name, ","):
			return CodeVariableQuote
		}
		break
	}
	return CodeInvalidVariable
}

// only reports whether all bytes of a text satisfy a predicate.
func only(text string, ok func(byte) bool) bool {
	for i := range len(text) {
		if !ok(text[i]) {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return 'a' <= lower(c) && lower(c) <= 'z' || '0' <= c && c <= '9'
}

func isServiceChar(c byte) bool { return isAlphanumeric(c) || c == '-' }

func isActionChar(c byte) bool {
	return isAlphanumeric(c) || c == '*' || c == '?' || c == '-' || c == '_'
}
