package policy

import (
	"slices"
	"strings"
)

// Policy is a compiled document: immutable and safe for concurrent use.
type Policy struct {
	statements []statement
	index      actionIndex
	doc        *Document
}

// Document returns what the policy was compiled from. Nobody may change it.
func (p *Policy) Document() *Document { return p.doc }

// statement is one compiled statement.
type statement struct {
	sid  string
	span Span
	deny bool
	// opaque: part of the statement other than a condition is not understood.
	opaque bool

	actions   []string // lower-case patterns
	anyAction bool     // one of them is *
	notAction bool

	resources   []arnPattern // nil: the statement has no Resource element
	notResource bool

	principals   []principalMatcher
	notPrincipal bool

	conditions []condition
}

// maxStatements bounds a policy to what the index can number. Documents within AWS's size
// limits have far fewer.
const maxStatements = 1 << 16

// Compile makes a document ready for evaluation. It takes any document, also one that
// Validate objects to; what it cannot understand allows nothing. The policy keeps the
// document, which must not change any more.
func Compile(d *Document) *Policy {
	p := &Policy{doc: d}
	variables := d.Version == Version2012
	for i := range d.Statements {
		if i == maxStatements {
			break
		}
		p.statements = append(p.statements, compileStatement(&d.Statements[i], variables))
	}
	if len(d.Statements) > maxStatements {
		// Statements beyond the bound are not read, so nothing may be allowed.
		p.statements[maxStatements-1] = statement{deny: true, opaque: true, notAction: true}
	}
	p.index = buildIndex(p.statements)
	return p
}

func compileStatement(s *Statement, variables bool) statement {
	out := statement{
		sid: s.Sid, span: s.Span, deny: s.Effect != Allow,
		notAction:    s.NotAction != nil,
		notResource:  s.NotResource != nil,
		notPrincipal: s.NotPrincipal != nil,
	}
	out.opaque = contradicts(s)
	for _, a := range slices.Concat(s.Action, s.NotAction) {
		out.actions = append(out.actions, strings.ToLower(a.Text))
		out.anyAction = out.anyAction || a.Text == "*"
	}
	for _, v := range slices.Concat(s.Resource, s.NotResource) {
		out.resources = append(out.resources, newARNPattern(v.Text, variables, true))
	}
	for _, v := range slices.Concat(s.Principal, s.NotPrincipal) {
		m, known := newPrincipalMatcher(v)
		if !known {
			out.opaque = true
			continue
		}
		out.principals = append(out.principals, m)
	}
	for _, c := range s.Conditions {
		out.conditions = append(out.conditions, newCondition(c, variables))
	}
	return out
}

// contradicts reports whether a statement has no action, both of two elements that
// exclude each other, or an element without members.
func contradicts(s *Statement) bool {
	empty := func(l []Value) bool { return l != nil && len(l) == 0 }
	return (s.Action == nil) == (s.NotAction == nil) ||
		(s.Resource != nil && s.NotResource != nil) ||
		(s.Principal != nil && s.NotPrincipal != nil) ||
		empty(s.Action) || empty(s.NotAction) || empty(s.Resource) || empty(s.NotResource) ||
		(s.NotPrincipal != nil && s.Effect == Allow)
}

// matchesAction decides the Action or NotAction element for an action in any case.
func (s *statement) matchesAction(action string) bool {
	if s.anyAction {
		return !s.notAction
	}
	for _, a := range s.actions {
		if matchFold(a, action) {
			return !s.notAction
		}
	}
	return s.notAction
}

// matchesResource decides the Resource or NotResource element. A statement without either
// is about the thing that carries it.
func (s *statement) matchesResource(c *call) bool {
	if s.resources == nil {
		return true
	}
	unknown := false
	for i := range s.resources {
		matched, known := s.resources[i].match(&c.resource, c.req)
		if matched {
			return !s.notResource
		}
		unknown = unknown || !known
	}
	if unknown && s.notResource {
		return s.deny // an exception that cannot be read must not widen an allow
	}
	return s.notResource
}

// matchesConditions decides the Condition element: all conditions have to hold.
func (s *statement) matchesConditions(c *call) bool {
	for i := range s.conditions {
		if !s.conditions[i].holds(c.req, s.deny) {
			return false
		}
	}
	return true
}

// matchesPrincipal decides Principal or NotPrincipal for a policy that names principals.
func (s *statement) matchesPrincipal(c *call) grant {
	p := &c.req.Principal
	if s.notPrincipal {
		// AWS denies whoever has a permissions boundary, listed or not.
		if !c.hasBoundary && exempts(s.principals, p) {
			return noGrant
		}
		return directGrant
	}
	best := noGrant
	for i := range s.principals {
		if g := s.principals[i].match(p); g > best {
			best = g
		}
	}
	return best
}
