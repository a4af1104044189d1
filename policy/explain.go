package policy

import "slices"

// Explanation is a decision with everything that led to it. It can be written as JSON,
// whose names do not change (docs/explanation.md), and as text ([Explanation.Text]). Before
// it is shown to somebody of another account it has to be cut ([Explanation.Redact]).
type Explanation struct {
	Decision Decision `json:"-"`
	// Principal, Action and Resource are the request's; Principal is empty for callers
	// without credentials.
	Principal string `json:"principal,omitempty"`
	Action    string `json:"action,omitempty"`
	Resource  string `json:"resource,omitempty"`
	Allowed   bool   `json:"allowed"`
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
	// Hints are the changes that together would allow a refused request.
	Hints []Hint `json:"hints,omitempty"`
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
	// Says is "allow", "deny" or "nothing"; "hidden" after [Explanation.Redact].
	Says     string              `json:"says"`
	Policies []PolicyExplanation `json:"policies"`

	// missing holds the layer's share of MissingKeys.
	missing []string
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
	Failed string `json:"failed,omitempty"`
	// Wanted holds the members of the failed element as they are written, for Principal
	// with their class: "AWS:111122223333".
	Wanted     []string               `json:"wanted,omitempty"`
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
	// Pos is the place of the key in the document.
	Pos Position `json:"position"`
}

// Explain decides like [Evaluate] and records why. It costs more, as it looks at every
// statement that speaks of the action.
func Explain(req *Request, sets *Sets) Explanation {
	d := Evaluate(req, sets)
	e := Explanation{
		Decision: d, Principal: req.Principal.ARN, Action: req.Action, Resource: req.Resource, Allowed: d.Allowed, Outcome: d.Effect.String(), Reason: d.Reason.String(),
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
	if !d.Allowed {
		e.Hints = x.hints(sets)
	}
	return e
}

// explainer walks the layers of one request.
type explainer struct {
	call
	out *Explanation
	// allows tells, for each layer of out, whether a statement of it allows, denies aside.
	allows []grant
	// best and missing are those of the layer that is being looked at.
	best    grant
	missing []string
}

func (x *explainer) layer(k Kind, level string, policies []Attached) {
	l := LayerExplanation{Kind: k.String(), Level: level, Says: "nothing", Policies: []PolicyExplanation{}}
	x.best, x.missing = noGrant, nil
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
	l.missing = x.missing
	x.out.MissingKeys = append(x.out.MissingKeys, x.missing...)
	x.out.Layers = append(x.out.Layers, l)
	x.allows = append(x.allows, x.best)
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
	g := x.matchStatement(s, k)
	e.Applies = g != noGrant
	if e.Applies {
		if !s.deny {
			x.best = max(x.best, g)
		}
		e.Conditions = x.conditions(s, src)
		return e
	}
	switch {
	case s.opaque:
		e.Failed = "Statement"
	case !k.namesPrincipals() && s.principals != nil && !s.deny,
		k.namesPrincipals() && s.matchesPrincipal(&x.call) == noGrant && (s.principals != nil || !s.deny):
		e.Failed = nameOf("Principal", s.notPrincipal)
		for _, p := range slices.Concat(src.Principal, src.NotPrincipal) {
			e.Wanted = append(e.Wanted, wantedPrincipal(p))
		}
	case !s.matchesResource(&x.call) || s.resources == nil && !s.deny && k.needsResource():
		e.Failed = nameOf("Resource", s.notResource)
		for _, v := range slices.Concat(src.Resource, src.NotResource) {
			e.Wanted = append(e.Wanted, v.Text)
		}
		x.missingVariables(s)
	default:
		e.Failed = "Condition"
		e.Conditions = x.conditions(s, src)
	}
	return e
}

func wantedPrincipal(p PrincipalValue) string {
	if p.Class == "*" {
		return p.Text
	}
	return p.Class + ":" + p.Text
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
			x.missing = append(x.missing, c.key)
		}
		e := ConditionExplanation{
			Operator: from.Operator, Key: from.Key, Actual: actual, Present: present,
			Met: c.holds(x.req, s.deny), Pos: from.Pos,
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
			x.missing = append(x.missing, t.text)
		}
	}
}
