package policytest

import (
	"fmt"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

// Result is what came of a case.
type Result struct {
	Case        *Case
	Explanation policy.Explanation
	// Differences are how the decision differs from the expectation; none if the case
	// passed.
	Differences []Difference
}

// Passed reports whether the decision is the expected one, for the expected reason.
func (r *Result) Passed() bool { return len(r.Differences) == 0 }

// Difference is one thing that was expected otherwise.
type Difference struct {
	// What is "outcome"; if that is right, "reason" for another layer, or "policy", "sid" or "level".
	What string `json:"what"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

// Run runs all cases of the suite in their order.
func (s *Suite) Run() []Result {
	results := make([]Result, len(s.Cases))
	for i := range s.Cases {
		results[i] = s.Cases[i].Run()
	}
	return results
}

// Run decides the case.
func (c *Case) Run() Result {
	r := Result{Case: c, Explanation: policy.Explain(&c.Request, &c.Sets)}
	d := &r.Explanation.Decision
	if !c.Expect.met(d.Effect) {
		r.Differences = []Difference{{What: "outcome", Want: c.Expect.words() + c.Because.words(), Got: r.Summary()}}
		return r
	}
	r.compareReason(d)
	return r
}

// words says which reason is expected.
func (b *Because) words() string {
	text := ""
	if b.Layer != "" {
		text += " by " + b.Layer
	}
	if b.Policy != "" {
		text += fmt.Sprintf(" %q", b.Policy)
	}
	if b.Sid != "" {
		text += " statement " + b.Sid
	}
	if b.Level != "" {
		text += " at " + b.Level
	}
	return text
}

func (e Expectation) met(o policy.Outcome) bool {
	switch e {
	case ExpectAllow:
		return o == policy.Allowed
	case ExpectDeny:
		return o != policy.Allowed
	case ExpectExplicitDeny:
		return o == policy.ExplicitDeny
	default:
		return o == policy.ImplicitDeny
	}
}

func (e Expectation) words() string {
	switch e {
	case ExpectExplicitDeny:
		return outcomeWords(policy.ExplicitDeny)
	case ExpectImplicitDeny:
		return outcomeWords(policy.ImplicitDeny)
	default:
		return string(e)
	}
}

func outcomeWords(o policy.Outcome) string {
	switch o {
	case policy.Allowed:
		return "allow"
	case policy.ExplicitDeny:
		return "deny (explicit)"
	default:
		return "deny (implicit: nothing allows it)"
	}
}

// decider is a statement that took part in the decision.
type decider struct{ policy, arn, sid, level string }

// compareReason compares the decision with Because. One deciding statement has to fit all
// that is asked of it.
func (r *Result) compareReason(d *policy.Decision) {
	c := r.Case
	b := &c.Because
	if b.Layer != "" && b.Layer != layerOf(d.Reason) {
		r.Differences = []Difference{{What: "reason", Want: c.Expect.words() + b.words(), Got: r.Summary()}}
		return
	}
	deciders := r.deciders(d)
	if len(deciders) == 0 {
		deciders = []decider{{level: d.Level}}
	}
	best := -1
	var least []Difference
	for _, x := range deciders {
		missed := b.missed(x)
		if best < 0 || len(missed) < best {
			best, least = len(missed), missed
		}
	}
	for _, m := range least {
		m.Got = namesOf(m.What, deciders)
		r.Differences = append(r.Differences, m)
	}
}

// missed lists what a deciding statement does not fit.
func (b *Because) missed(x decider) []Difference {
	var list []Difference
	if b.Policy != "" && b.Policy != x.policy && b.Policy != x.arn {
		list = append(list, Difference{What: "policy", Want: b.Policy})
	}
	if b.Sid != "" && b.Sid != x.sid {
		list = append(list, Difference{What: "sid", Want: b.Sid})
	}
	if b.Level != "" && !sameLevel(b.Level, x.level) {
		list = append(list, Difference{What: "level", Want: b.Level})
	}
	return list
}

// sameLevel compares a level as people write it ("Prod", "Workloads/Prod", "account shop")
// with one of the tree.
func sameLevel(want, got string) bool {
	if want == got {
		return true
	}
	_, path, ok := strings.Cut(got, " ")
	if !ok {
		return strings.EqualFold(want, got)
	}
	return want == path || want == path[strings.LastIndexByte(path, '/')+1:]
}

// deciders are the statements that apply, of the layer and with the effect that decided.
func (r *Result) deciders(d *policy.Decision) []decider {
	if d.Effect == policy.ImplicitDeny {
		return nil
	}
	effect := policy.Deny.String()
	if d.Effect == policy.Allowed {
		effect = policy.Allow.String()
	}
	var list []decider
	for _, l := range r.Explanation.Layers {
		if l.Kind != d.Reason.String() {
			continue
		}
		for _, p := range l.Policies {
			for _, s := range p.Statements {
				if s.Applies && s.Effect == effect {
					list = append(list, decider{policy: p.Name, arn: p.ARN, sid: s.Sid, level: p.Level})
				}
			}
		}
	}
	return list
}

// namesOf lists what the deciding statements have where something else was expected.
func namesOf(what string, deciders []decider) string {
	var names []string
	seen := map[string]bool{}
	for _, x := range deciders {
		name := map[string]string{"policy": x.policy, "sid": x.sid, "level": x.level}[what]
		if name == "" {
			name = "none"
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Deciding is a statement that decided, with the place where it is written.
type Deciding struct {
	Place
	// Policy is the policy's name, Level where it hangs, Sid the statement's, if it has one.
	Policy string `json:"policy"`
	Level  string `json:"level,omitempty"`
	Sid    string `json:"sid,omitempty"`
	// Index counts the statements of the document from 0.
	Index int `json:"index"`
}

// Deciding returns the statements that decided, for people to look at.
func (r *Result) Deciding() []Deciding {
	d := &r.Explanation.Decision
	var list []Deciding
	for _, ref := range d.Deciding() {
		x := Deciding{Policy: ref.Attached.Name, Level: ref.Attached.Level, Sid: ref.Sid(), Index: ref.Index}
		if doc, ok := r.Case.sources[ref.Attached.Policy]; ok {
			line, column := doc.place(ref.Span().Start)
			x.Place = Place{File: doc.src.name, Line: line, Column: column}
		}
		list = append(list, x)
	}
	return list
}

// Summary is the decision in one line, for lists of cases.
func (r *Result) Summary() string {
	d := &r.Explanation.Decision
	text := outcomeWords(d.Effect)
	if d.Effect == policy.ImplicitDeny {
		text = fmt.Sprintf("deny (no %s allows it", d.Reason)
		if d.Level != "" {
			text += " at " + d.Level
		}
		return text + ")"
	}
	text += " by " + layerOf(d.Reason)
	for i, x := range r.Deciding() {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %q", x.Policy)
		if x.Sid != "" {
			text += " statement " + x.Sid
		}
		if d.Reason == policy.SCP || d.Reason == policy.RCP {
			text += " at " + x.Level
		}
	}
	return text
}
