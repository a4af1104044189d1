package policy

import (
	"encoding/json"
	"slices"
	"strings"
)

// Hint is one change that brings a refused request nearer to being allowed. All hints of an
// explanation together allow it. A hint says what is possible, not what is wise: a deny is
// there for a reason.
type Hint struct {
	// Change is "remove" for a statement or policy that denies and stands in the way, "add"
	// for an allow that is missing.
	Change string `json:"change"`
	// Kind and Level say in which layer.
	Kind  string `json:"kind"`
	Level string `json:"level,omitempty"`
	// ARN, Name, Sid, Index and Span say what to remove; Index is -1 for a policy that
	// cannot be read. They are empty for "add".
	ARN   string `json:"arn,omitempty"`
	Name  string `json:"name,omitempty"`
	Sid   string `json:"sid,omitempty"`
	Index int    `json:"index"`
	Span  Span   `json:"span"`
	// Statement is the statement to add, as JSON, empty for "remove" and for RCPs, which
	// cannot allow: there the policy RCPFullAWSAccess is missing.
	Statement string `json:"statement,omitempty"`
	// Text tells all of it to people.
	Text string `json:"text"`
	// Instead names smaller changes that would do as well: values of condition keys with
	// which a statement would, or would not, apply.
	Instead []string `json:"instead,omitempty"`
}

// hints collects what stands in the way: every deny that applies, and every layer that has
// to allow and does not, as decide and decideGrant have it.
func (x *explainer) hints(sets *Sets) []Hint {
	var list []Hint
	for i := range x.out.Layers {
		list = append(list, x.denyHints(&x.out.Layers[i])...)
	}
	for i := range x.out.Layers {
		l := &x.out.Layers[i]
		if x.allows[i] != noGrant {
			continue
		}
		switch kindNamed(l.Kind) {
		case SCP, RCP, VPCEndpoint:
			list = append(list, x.addHint(l))
		}
	}
	return append(list, x.grantHints(sets)...)
}

func (x *explainer) denyHints(l *LayerExplanation) []Hint {
	var list []Hint
	for _, p := range l.Policies {
		h := Hint{Change: "remove", Kind: l.Kind, Level: l.Level, ARN: p.ARN, Name: p.Name}
		if p.Unreadable {
			h.Index = -1
			h.Text = "replace the " + l.Kind + inPolicy(p.Name, p.ARN, l.Level) + ": it cannot be read, so it denies everything"
			list = append(list, h)
			continue
		}
		for i := range p.Statements {
			s := &p.Statements[i]
			if !s.Applies || s.Effect != Deny.String() {
				continue
			}
			h.Sid, h.Index, h.Span = s.Sid, s.Index, s.Span
			h.Text = "change the " + describeStatement(s) + " of the " + l.Kind + inPolicy(p.Name, p.ARN, l.Level) + ": it denies"
			h.Instead = nil
			for _, c := range s.Conditions {
				h.Instead = append(h.Instead, "it would not apply if "+turned(&c, false))
			}
			list = append(list, h)
		}
	}
	return list
}

// grantHints names the allows that are missing among the layers that grant and those that
// limit the grant.
func (x *explainer) grantHints(sets *Sets) []Hint {
	var list []Hint
	p := &x.req.Principal
	add := func(k Kind) { list = append(list, x.addHint(x.layerOf(k))) }
	resourceKind, required := Resource, x.req.ResourcePolicyRequired
	if sets.Resource != nil && sets.Resource.resourceKind() == Trust {
		resourceKind, required = Trust, true
	}
	cross := !x.req.sameAccount()
	required = required || !p.hasIdentity() || cross
	given := x.allowOf(resourceKind)
	if required && given == noGrant {
		add(resourceKind)
		given = hintedGrant(p)
	}
	if !p.hasIdentity() || !cross && given == directGrant {
		return list
	}
	if byEntity := !cross && given == entityGrant; !byEntity && x.allowOf(Identity) == noGrant && !p.rootPower() {
		add(Identity)
	}
	if sets.Boundary != nil && x.allowOf(Boundary) == noGrant {
		add(Boundary)
	}
	if (sets.Session != nil || p.Type == FederatedUser) && x.allowOf(Session) == noGrant {
		add(Session)
	}
	return list
}

// layerOf returns the layer of a kind that occurs once, or an empty one.
func (x *explainer) layerOf(k Kind) *LayerExplanation {
	for i := range x.out.Layers {
		if x.out.Layers[i].Kind == k.String() {
			return &x.out.Layers[i]
		}
	}
	return &LayerExplanation{Kind: k.String()}
}

// allowOf returns the closest allow of a layer that occurs once.
func (x *explainer) allowOf(k Kind) grant {
	for i := range x.out.Layers {
		if x.out.Layers[i].Kind == k.String() {
			return x.allows[i]
		}
	}
	return noGrant
}

func (x *explainer) addHint(l *LayerExplanation) Hint {
	k := kindNamed(l.Kind)
	h := Hint{Change: "add", Kind: l.Kind, Level: l.Level}
	at := ""
	if l.Level != "" {
		at = " at " + l.Level
	}
	switch k {
	case RCP:
		h.Text = "attach RCPFullAWSAccess" + at + ": no " + l.Kind + " allows there"
		return h
	case SCP:
		h.Text = "attach a " + l.Kind + at + " that allows the action, as FullAWSAccess does, or add the statement to one"
	default:
		h.Text = "add an allow to " + article(k) + " " + l.Kind
	}
	h.Statement = x.statementToAdd(k)
	for _, p := range l.Policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			if s.Effect != Allow.String() || s.Failed != "Condition" {
				continue
			}
			var unmet []string
			for j := range s.Conditions {
				if c := &s.Conditions[j]; !c.Met {
					unmet = append(unmet, turned(c, true))
				}
			}
			h.Instead = append(h.Instead, "the "+describeStatement(s)+" of"+inPolicy(p.Name, p.ARN, "")+" would allow it if "+strings.Join(unmet, " and "))
		}
	}
	return h
}

// statementToAdd is the narrowest statement that allows the request in a kind of policy.
func (x *explainer) statementToAdd(k Kind) string {
	type written struct {
		Effect    string
		Principal any `json:",omitempty"`
		Action    string
		Resource  string `json:",omitempty"`
	}
	s := written{Effect: Allow.String(), Action: x.req.Action, Resource: "*"}
	if x.resource.ok {
		// What begins a variable in a policy is plain text in the name of a thing.
		s.Resource = strings.ReplaceAll(x.req.Resource, "${", "${$}{")
	}
	switch k {
	case Trust:
		s.Resource = ""
		s.Principal = principalToAdd(&x.req.Principal)
	case Resource:
		s.Principal = principalToAdd(&x.req.Principal)
	case VPCEndpoint:
		s.Principal = "*"
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "" // strings always marshal
	}
	return string(text)
}

// principalToAdd names a principal as resource-based policies are best written: the role,
// not one session of it.
func principalToAdd(p *Principal) any {
	switch p.Type {
	case Anonymous:
		return "*"
	case Service:
		return map[string]string{"Service": p.ARN}
	case WebIdentity, SAML:
		return map[string]string{"Federated": p.ARN}
	case AssumedRole:
		if p.EntityARN != "" {
			return map[string]string{"AWS": p.EntityARN}
		}
	}
	return map[string]string{"AWS": p.ARN}
}

// hintedGrant is how closely principalToAdd names the principal.
func hintedGrant(p *Principal) grant {
	if p.Type == AssumedRole && p.EntityARN != "" {
		return entityGrant
	}
	return directGrant
}

// turned says of a condition what the request would have to carry for it to be met, or
// not to be met.
func turned(c *ConditionExplanation, met bool) string {
	op, _ := parseOperator(c.Operator)
	actual := "the request does not carry it"
	if c.Present {
		actual = "it is " + list(c.Actual)
	}
	if op.family == null {
		if c.Present {
			return c.Key + " were absent (" + actual + ")"
		}
		return c.Key + " were there (" + actual + ")"
	}
	want := relationWords[op.compare] + list(c.Expected)
	if op.negated == met {
		want = "not " + want
	}
	return c.Key + " were " + want + " (" + actual + ")"
}

// relationWords precede the values of a condition.
var relationWords = [...]string{
	equal: "", less: "less than ", lessEqual: "at most ", greater: "greater than ", greaterEqual: "at least ",
}

func list(values []string) string {
	switch len(values) {
	case 0:
		return "empty"
	case 1:
		return quoteEmpty(values[0])
	}
	quoted := make([]string, 0, len(values))
	for _, v := range values {
		quoted = append(quoted, quoteEmpty(v))
	}
	return "one of " + strings.Join(quoted, ", ")
}

func quoteEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

func describeStatement(s *StatementExplanation) string {
	text := "statement "
	if s.Sid != "" {
		text += `"` + s.Sid + `" `
	}
	return text + "at " + s.Span.Start.String()
}

func inPolicy(name, arn, level string) string {
	text := ""
	switch {
	case name != "":
		text = " " + name
	case arn != "":
		text = " " + arn
	}
	if level != "" {
		text += " at " + level
	}
	return text
}

// kindNamed is the inverse of Kind.String.
func kindNamed(name string) Kind {
	return Kind(max(0, slices.Index(kindNames[:], name)))
}
