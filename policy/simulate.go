package policy

import (
	"slices"
	"strings"
)

// Simulation is the decision on a request told as the IAM policy simulator tells it: what
// each layer comes to, which statements made the result, and what is not known.
type Simulation struct {
	Decision Decision
	// Organizations says that the SCPs allow the request; true where none apply.
	Organizations bool
	// Identity, Resource and Boundary are what these policies come to, each for itself.
	// Resource and Boundary are ImplicitDeny where there are none.
	Identity, Resource, Boundary Outcome
	// Statements are those that made the result (IAM API Reference, "EvaluationResult",
	// MatchedStatements): the denies if one denies; else the allows of identity-based and
	// resource-based policies, across accounts also if they do not suffice. SCPs that do not
	// allow end the simulation: then there are none.
	Statements []SimulatedStatement
	// MissingKeys are the condition keys, in lower case, sorted, that the request lacks and
	// whose value could change the result: those that a statement asks for which nothing
	// else keeps from applying, in any layer, SCPs included. Where a deny or the allow of a
	// layer is certain without them, the keys of others do not matter.
	MissingKeys []string
}

// SimulatedStatement is a statement with the layer that it stands in.
type SimulatedStatement struct {
	StatementRef
	Kind Kind
}

// Simulate decides a request like [Evaluate] and tells what the policy simulator tells.
func Simulate(req *Request, sets *Sets) Simulation {
	s := simulator{call: call{req: req, resource: splitARN(req.Resource), hasBoundary: sets.Boundary != nil}}
	out := Simulation{Decision: Evaluate(req, sets), Organizations: true}
	for i := range sets.SCP {
		l := s.layer(SCP, sets.SCP[i].Policies)
		out.Organizations = out.Organizations && l.outcome() == Allowed
		s.missing = append(s.missing, l.missing()...)
	}
	for i := range sets.RCP {
		l := s.layer(RCP, sets.RCP[i].Policies)
		s.missing = append(s.missing, l.missing()...)
	}
	boundary := s.optional(Boundary, sets.Boundary)
	identity := s.layer(Identity, sets.Identity)
	resource := layerResult{}
	if sets.Resource != nil {
		resource = s.optional(sets.Resource.resourceKind(), sets.Resource)
	}
	out.Identity, out.Resource, out.Boundary = identity.outcome(), resource.outcome(), boundary.outcome()
	s.missing = append(s.missing, s.missingGrants(sets, &out.Decision, &boundary, &identity, &resource)...)
	if !s.certainDeny {
		slices.Sort(s.missing)
		out.MissingKeys = slices.Compact(s.missing)
	}
	if out.Organizations {
		out.Statements = made(&out.Decision, &boundary, &identity, &resource)
	}
	return out
}

// simulator walks the layers of one request.
type simulator struct {
	call
	missing []string
	// certainDeny says that a statement denies whatever the missing keys are.
	certainDeny bool
}

// layerResult is what the policies of one layer say.
type layerResult struct {
	allows, denies []SimulatedStatement
	// certain is the closest grant that holds whatever the missing keys are.
	certain grant
	// allowKeys and denyKeys are what statements of the effect lack.
	allowKeys, denyKeys []string
}

func (l *layerResult) outcome() Outcome {
	switch {
	case len(l.denies) > 0:
		return ExplicitDeny
	case len(l.allows) > 0:
		return Allowed
	default:
		return ImplicitDeny
	}
}

// missing returns the keys that could change what the layer says.
func (l *layerResult) missing() []string {
	if l.certain != noGrant {
		return l.denyKeys
	}
	return slices.Concat(l.denyKeys, l.allowKeys)
}

// missingGrants returns the keys that could change what the layers of one account and of
// the resource say together.
func (s *simulator) missingGrants(sets *Sets, d *Decision, boundary, identity, resource *layerResult) []string {
	keys := slices.Concat(boundary.denyKeys, identity.denyKeys, resource.denyKeys)
	granted := resource.certain == directGrant // the closest grant that there is
	if d.CrossAccount {
		granted = resource.certain != noGrant
	} else if granted {
		return keys // it grants alone
	}
	alone := !d.CrossAccount && !s.req.ResourcePolicyRequired && s.req.Principal.hasIdentity() &&
		(sets.Resource == nil || sets.Resource.resourceKind() != Trust)
	own := identity.certain != noGrant && (sets.Boundary == nil || boundary.certain != noGrant)
	if !granted && (!alone || !own) {
		keys = append(keys, resource.allowKeys...)
	}
	return slices.Concat(keys, boundary.missing(), identity.missing())
}

func (s *simulator) optional(k Kind, a *Attached) layerResult {
	if a == nil {
		return layerResult{}
	}
	return s.layer(k, []Attached{*a})
}

func (s *simulator) layer(k Kind, policies []Attached) (l layerResult) {
	for i := range policies {
		a := &policies[i]
		if a.Policy == nil {
			s.certainDeny = true
			l.denies = append(l.denies, SimulatedStatement{StatementRef{Attached: a, Index: -1}, k})
			continue
		}
		for n := range a.Policy.statements {
			st := &a.Policy.statements[n]
			g, keys := s.statement(st, k)
			ref := SimulatedStatement{StatementRef{Attached: a, Index: n}, k}
			switch {
			case st.deny:
				l.denyKeys = append(l.denyKeys, keys...)
				if g != noGrant {
					l.denies = append(l.denies, ref)
					s.certainDeny = s.certainDeny || len(keys) == 0
				}
			default:
				l.allowKeys = append(l.allowKeys, keys...)
				if g != noGrant {
					l.allows = append(l.allows, ref)
				}
				if len(keys) == 0 {
					l.certain = max(l.certain, g)
				}
			}
		}
	}
	return l
}

// statement matches a statement and returns the keys that it lacks, if nothing else keeps
// it from applying.
func (s *simulator) statement(st *statement, k Kind) (grant, []string) {
	g := s.matchStatement(st, k)
	if st.opaque || !st.matchesAction(s.req.Action) || !s.concerns(st, k) {
		return g, nil
	}
	keys, fails := s.resources(st)
	if fails {
		return noGrant, nil
	}
	for i := range st.conditions {
		lacking, fails := s.condition(&st.conditions[i], st.deny)
		if fails {
			return noGrant, nil
		}
		keys = append(keys, lacking...)
	}
	return g, keys
}

// resources returns the keys that the Resource or NotResource element lacks to be decided;
// fails is true if it does not match whatever they are.
func (s *simulator) resources(st *statement) (keys []string, fails bool) {
	if st.resources == nil {
		return nil, false
	}
	for i := range st.resources {
		p := &st.resources[i]
		lacking := s.lackingInARN(nil, p)
		if matched, _ := p.match(&s.resource, s.req); matched && len(lacking) == 0 {
			return nil, st.notResource
		}
		keys = append(keys, lacking...)
	}
	return keys, len(keys) == 0 && !st.notResource
}

// concerns reports whether a statement is about the principal at all and, if it has to,
// about resources.
func (s *simulator) concerns(st *statement, k Kind) bool {
	switch {
	case !k.namesPrincipals():
		return (st.principals == nil || st.deny) && (st.resources != nil || st.deny || !k.needsResource())
	case st.deny && st.principals == nil:
		return true
	default:
		return st.matchesPrincipal(&s.call) != noGrant
	}
}

// condition returns the keys that a condition lacks; fails is true if it is not met
// whatever they are.
func (s *simulator) condition(c *condition, deny bool) (keys []string, fails bool) {
	for i := range c.values {
		keys = s.lackingIn(keys, &c.values[i].text)
		keys = s.lackingInARN(keys, &c.values[i].arn)
	}
	if values, ok := s.req.lookup(c.key); !ok || len(values) == 0 {
		keys = append(keys, c.key)
	}
	return keys, len(keys) == 0 && !c.holds(s.req, deny)
}

func (s *simulator) lackingInARN(keys []string, p *arnPattern) []string {
	for i := range p.fields {
		keys = s.lackingIn(keys, &p.fields[i])
	}
	return keys
}

// lackingIn adds the keys of variables without a value. A default does not make a value
// unimportant: with one, the statement may say something else.
func (s *simulator) lackingIn(keys []string, p *pattern) []string {
	for i := range p.tokens {
		t := &p.tokens[i]
		if t.kind != variable {
			continue
		}
		if values, ok := s.req.lookup(t.text); !ok || len(values) == 0 {
			keys = append(keys, t.text)
		}
	}
	return keys
}

// made returns the statements that made the result.
func made(d *Decision, boundary, identity, resource *layerResult) []SimulatedStatement {
	switch {
	case d.Effect == ExplicitDeny:
		return slices.Concat(boundary.denies, identity.denies, resource.denies)
	case d.Allowed || d.CrossAccount:
		return slices.Concat(identity.allows, resource.allows)
	default:
		return nil
	}
}

// SimulatorSpan returns the statement's place as the policy simulator gives it, which is
// where its parser stands: after the opening brace of a single statement that is not in a
// list, else after the list's bracket or the statement before; and after the closing brace.
// (IAM API Reference, "SimulateCustomPolicy", and the command line reference's examples.)
// It is the zero value for a document that could not be understood.
func (r StatementRef) SimulatorSpan() Span {
	if r.statement() == nil {
		return Span{}
	}
	doc := r.Attached.Policy.doc
	span := doc.Statements[r.Index].Span
	if r.Index > 0 {
		return Span{Start: doc.Statements[r.Index-1].Span.End, End: span.End}
	}
	before := strings.TrimRight(string(doc.text[:span.Start.Offset]), " \t\r\n")
	if strings.HasSuffix(before, "[") {
		return Span{Start: newScanner(string(doc.text)).position(len(before)), End: span.End}
	}
	span.Start.Offset++
	span.Start.Column++
	return span
}

// Covers reports whether a statement of the policy can be about the resource, whatever its
// policy variables stand for.
func (p *Policy) Covers(resource string) bool {
	c := call{req: &Request{Resource: resource}, resource: splitARN(resource)}
	for i := range p.statements {
		st := &p.statements[i]
		if st.resources == nil {
			return true
		}
		matched, unclear := false, false
		for j := range st.resources {
			m, known := st.resources[j].match(&c.resource, c.req)
			matched, unclear = matched || m, unclear || !known
		}
		if matched != st.notResource || unclear {
			return true
		}
	}
	return false
}

// KeySpellings records in spelled how the policy writes the keys that [Policy.ContextKeys]
// returns, by their lower-case form. A key that is there already keeps its spelling.
func (p *Policy) KeySpellings(spelled map[string]string) {
	keep := func(key string) {
		if lower := strings.ToLower(key); spelled[lower] == "" {
			spelled[lower] = key
		}
	}
	variables := func(values []Value) {
		for _, v := range values {
			for text := v.Text; ; {
				at := strings.Index(text, "${")
				if at < 0 {
					break
				}
				text = text[at+len("${"):]
				if end := strings.IndexAny(text, ",}"); end > 0 {
					keep(strings.TrimSpace(text[:end]))
				}
			}
		}
	}
	for i := range p.doc.Statements {
		s := &p.doc.Statements[i]
		variables(s.Resource)
		variables(s.NotResource)
		for j := range s.Conditions {
			keep(s.Conditions[j].Key)
			variables(s.Conditions[j].Values)
		}
	}
}

// ValueForm is the form that a value of a condition key has to have.
type ValueForm string

// The forms that not every text has, in the words of the IAM API Reference's
// ContextKeyTypeEnum.
const (
	NumericForm ValueForm = "numeric"
	DateForm    ValueForm = "date"
	IPForm      ValueForm = "ip"
	BinaryForm  ValueForm = "binary"
)

// Fits reports whether conditions can read the text as a value of the form. Every text fits
// other forms.
func (f ValueForm) Fits(text string) (ok bool) {
	switch f {
	case NumericForm:
		_, ok = parseNumber(text)
		ok = ok && strings.TrimSpace(text) == text
	case DateForm:
		_, ok = parseDate(text)
	case IPForm:
		_, ok = parseAddr(text)
	case BinaryForm:
		ok = validBinary(text)
	default:
		ok = true
	}
	return ok
}
