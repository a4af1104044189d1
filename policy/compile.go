package policy

import "slices"

// Policy is a compiled document: safe for concurrent use, and immutable but for what it
// remembers about actions that it was asked for.
type Policy struct {
	statements []statement
	index      actionIndex
	memo       actionMemo
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

	actions     []pattern // lower case
	actionShelf *shelves  // of actions, nil if there are few
	anyAction   bool      // one of them is *
	notAction   bool

	resources     []arnPattern // nil: the statement has no Resource element
	resourceShelf *shelves     // of the last fields of resources, nil if there are few
	anyResource   bool         // one of them is *
	notResource   bool

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
	p.index = buildIndex(p.statements, d)
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
		tokens, _ := tokenize(lowerText(a.Text), tokenOptions{wildcards: true})
		out.actions = append(out.actions, newPattern(tokens))
		out.anyAction = out.anyAction || a.Text == "*"
	}
	out.actionShelf = newShelves(len(out.actions), func(i int) *pattern { return &out.actions[i] })
	for _, v := range slices.Concat(s.Resource, s.NotResource) {
		p := newARNPattern(v.Text, variables, true)
		out.resources = append(out.resources, p)
		out.anyResource = out.anyResource || p.all
	}
	out.resourceShelf = newShelves(len(out.resources), func(i int) *pattern { return &out.resources[i].fields[arnFields-1] })
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
	action = lowerText(action)
	if s.anyAction {
		return !s.notAction
	}
	found := false
	if s.actionShelf != nil {
		s.actionShelf.each(action, func(i int) bool {
			found, _ = s.actions[i].match(action, nil)
			return !found
		})
		return found != s.notAction
	}
	for i := range s.actions {
		if found, _ = s.actions[i].match(action, nil); found {
			break
		}
	}
	return found != s.notAction
}

// matchesResource decides the Resource or NotResource element. A statement without either
// is about the thing that carries it.
func (s *statement) matchesResource(c *call) bool {
	if s.resources == nil {
		return true
	}
	if s.anyResource {
		return !s.notResource
	}
	found, unknown := false, false
	try := func(i int) bool {
		matched, known := s.resources[i].match(&c.resource, c.req)
		found, unknown = matched, unknown || !known
		return !matched
	}
	if s.resourceShelf != nil {
		s.resourceShelf.each(c.resource.fields[arnFields-1], try)
	} else {
		for i := range s.resources {
			if !try(i) {
				break
			}
		}
	}
	if found {
		return !s.notResource
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
