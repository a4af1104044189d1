package policy

import "slices"

// Explanation is a decision with everything that led to it. It can be written as JSON.
type Explanation struct {
	Decision Decision `json:"-"`
	Allowed  bool     `json:"allowed"`
	// Outcome is "allowed", "explicitDeny" or "implicitDeny".
	Outcome string `json:"outcome"`
	// Reason is the kind of policy that decided, in AWS's words.
	Reason string `json:"reason"`
	// Level is the root, OU or account that did not allow, for SCPs and RCPs.
	Level        string `json:"level,omitempty"`
	CrossAccount bool   `json:"crossAccount,omitempty"`
	Message      string `json:"message,omitempty"`
	// Deciding are the statements that decided; none for an implicit deny.
	Deciding []DecidingStatement `json:"deciding,omitempty"`
	// Layers are the layers that apply to the request, in the order of the evaluation.
	Layers []LayerExplanation `json:"layers"`
	// MissingKeys are the condition keys that relevant statements ask for and the request
	// does not carry, in lower case.
	MissingKeys []string `json:"missingKeys,omitempty"`
}

// DecidingStatement points at a statement that decided.
type DecidingStatement struct {
	Kind  string `json:"kind"`
	ARN   string `json:"arn,omitempty"`
	Name  string `json:"name,omitempty"`
	Level string `json:"level,omitempty"`
	Sid   string `json:"sid,omitempty"`
	Index int    `json:"index"`
	Span  Span   `json:"span"`
}

// LayerExplanation tells what one layer says: all identity-based policies together, or
// the SCPs of one OU.
type LayerExplanation struct {
	Kind  string `json:"kind"`
	Level string `json:"level,omitempty"`
	// Says is "allow", "deny" or "nothing".
	Says     string              `json:"says"`
	Policies []PolicyExplanation `json:"policies"`
}

// PolicyExplanation tells about one attached policy.
type PolicyExplanation struct {
	ARN   string `json:"arn,omitempty"`
	Name  string `json:"name,omitempty"`
	Level string `json:"level,omitempty"`
	// Unreadable says that the policy's document is not understood, so that it denies.
	Unreadable bool `json:"unreadable,omitempty"`
	// Statements are those that speak of the action; Others counts the rest.
	Statements []StatementExplanation `json:"statements,omitempty"`
	Others     int                    `json:"otherStatements,omitempty"`
}

// StatementExplanation tells whether a statement applies, and if not, which element
// failed first.
type StatementExplanation struct {
	Index  int    `json:"index"`
	Sid    string `json:"sid,omitempty"`
	Effect string `json:"effect"`
	Span   Span   `json:"span"`
	// Applies says that all elements match.
	Applies bool `json:"applies"`
	// Failed names the first element that does not match: "Principal", "NotPrincipal",
	// "Resource", "NotResource", "Condition"; "Statement" if it is not understood.
	Failed     string                 `json:"failed,omitempty"`
	Conditions []ConditionExplanation `json:"conditions,omitempty"`
}

// ConditionExplanation tells whether one condition is met.
type ConditionExplanation struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Expected []string `json:"expected"`
	// Actual holds the request's values; Present is false if the request lacks the key.
	Actual  []string `json:"actual,omitempty"`
	Present bool     `json:"present"`
	Met     bool     `json:"met"`
}

// Explain decides like [Evaluate] and records why. It costs more, as it looks at every
// statement that speaks of the action.
func Explain(req *Request, sets *Sets) Explanation {
	d := Evaluate(req, sets)
	e := Explanation{
		Decision: d, Allowed: d.Allowed, Outcome: d.Effect.String(), Reason: d.Reason.String(),
		Level: d.Level, CrossAccount: d.CrossAccount, Message: Message(d, req, true),
	}
	for _, ref := range d.Deciding() {
		a := ref.Attached
		e.Deciding = append(e.Deciding, DecidingStatement{
			Kind: d.Reason.String(), ARN: a.ARN, Name: a.Name, Level: a.Level, Sid: ref.Sid(), Index: ref.Index, Span: ref.Span(),
		})
	}
	x := explainer{call: call{req: req, resource: splitARN(req.Resource), hasBoundary: sets.Boundary != nil}, out: &e}
	for _, l := range sets.SCP {
		x.layer(SCP, l.Name, l.Policies)
	}
	for _, l := range sets.RCP {
		x.layer(RCP, l.Name, l.Policies)
	}
	if sets.Endpoint != nil {
		x.layer(VPCEndpoint, "", []Attached{*sets.Endpoint})
	}
	if sets.Resource != nil {
		x.layer(sets.Resource.resourceKind(), "", []Attached{*sets.Resource})
	}
	x.layer(Identity, "", sets.Identity)
	if sets.Boundary != nil {
		x.layer(Boundary, "", []Attached{*sets.Boundary})
	}
	if sets.Session != nil {
		x.layer(Session, "", sets.Session)
	}
	slices.Sort(e.MissingKeys)
	e.MissingKeys = slices.Compact(e.MissingKeys)
	return e
}

// explainer walks the layers of one request.
type explainer struct {
	call
	out *Explanation
}

func (x *explainer) layer(k Kind, level string, policies []Attached) {
	l := LayerExplanation{Kind: k.String(), Level: level, Says: "nothing", Policies: []PolicyExplanation{}}
	for i := range policies {
		p := x.policy(&policies[i], k)
		l.Policies = append(l.Policies, p)
		if p.Unreadable {
			l.Says = "deny"
		}
		for _, s := range p.Statements {
			switch {
			case !s.Applies:
			case s.Effect == Deny.String():
				l.Says = "deny"
			case l.Says == "nothing":
				l.Says = "allow"
			}
		}
	}
	x.out.Layers = append(x.out.Layers, l)
}

func (x *explainer) policy(a *Attached, k Kind) PolicyExplanation {
	e := PolicyExplanation{ARN: a.ARN, Name: a.Name, Level: a.Level, Unreadable: a.Policy == nil}
	if a.Policy == nil {
		return e
	}
	for i := range a.Policy.statements {
		s := &a.Policy.statements[i]
		if !s.opaque && !s.matchesAction(x.req.Action) {
			e.Others++
			continue
		}
		e.Statements = append(e.Statements, x.statement(a.Policy, i, k))
	}
	return e
}

func (x *explainer) statement(p *Policy, i int, k Kind) StatementExplanation {
	s, src := &p.statements[i], &p.doc.Statements[i]
	e := StatementExplanation{Index: i, Sid: s.sid, Effect: Deny.String(), Span: s.span}
	if !s.deny {
		e.Effect = Allow.String()
	}
	e.Applies = x.matchStatement(s, k) != noGrant
	if e.Applies {
		e.Conditions = x.conditions(s, src)
		return e
	}
	switch {
	case s.opaque:
		e.Failed = "Statement"
	case !k.namesPrincipals() && s.principals != nil && !s.deny,
		k.namesPrincipals() && s.matchesPrincipal(&x.call) == noGrant && (s.principals != nil || !s.deny):
		e.Failed = nameOf("Principal", s.notPrincipal)
	case !s.matchesResource(&x.call) || s.resources == nil && !s.deny && k.needsResource():
		e.Failed = nameOf("Resource", s.notResource)
		x.missingVariables(s)
	default:
		e.Failed = "Condition"
		e.Conditions = x.conditions(s, src)
	}
	return e
}

func nameOf(element string, not bool) string {
	if not {
		return "Not" + element
	}
	return element
}

func (x *explainer) conditions(s *statement, src *Statement) []ConditionExplanation {
	var list []ConditionExplanation
	for i := range s.conditions {
		c, from := &s.conditions[i], &src.Conditions[i]
		actual, present := x.req.lookup(c.key)
		present = present && len(actual) > 0
		if !present {
			x.out.MissingKeys = append(x.out.MissingKeys, c.key)
		}
		e := ConditionExplanation{
			Operator: from.Operator, Key: from.Key, Actual: actual, Present: present,
			Met: c.holds(x.req, s.deny),
		}
		for j := range from.Values {
			e.Expected = append(e.Expected, from.Values[j].Text)
		}
		for j := range c.values {
			x.missingIn(&c.values[j].text)
			x.missingInARN(&c.values[j].arn)
		}
		list = append(list, e)
	}
	return list
}

// missingVariables records the keys of variables in the statement's resources that the
// request does not carry.
func (x *explainer) missingVariables(s *statement) {
	for i := range s.resources {
		x.missingInARN(&s.resources[i])
	}
}

func (x *explainer) missingInARN(p *arnPattern) {
	for i := range p.fields {
		x.missingIn(&p.fields[i])
	}
}

func (x *explainer) missingIn(p *pattern) {
	for i := range p.tokens {
		t := &p.tokens[i]
		if t.kind != variable {
			continue
		}
		if values, ok := x.req.lookup(t.text); !ok || len(values) == 0 {
			x.out.MissingKeys = append(x.out.MissingKeys, t.text)
		}
	}
}
