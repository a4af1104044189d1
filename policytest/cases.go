package policytest

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// Case is one question with the expected answer.
type Case struct {
	// Name is unique in its file; a case with lists of principals, actions or resources is
	// several, whose names say which.
	Name string
	Place
	// Who is the identity's name in the file, or the principal as it was written.
	Who string

	Request policy.Request
	Sets    policy.Sets

	Expect  Expectation
	Because Because
	// Notes tell what may surprise: that RCPs do not apply to the service, for example.
	Notes []string

	sources map[*policy.Policy]*document
}

// Expectation is the expected outcome.
type Expectation string

// The expectations. ExpectDeny takes both kinds of deny.
const (
	ExpectAllow        Expectation = "allow"
	ExpectDeny         Expectation = "deny"
	ExpectExplicitDeny Expectation = "explicit-deny"
	ExpectImplicitDeny Expectation = "implicit-deny"
)

var expectations = []string{string(ExpectAllow), string(ExpectDeny), string(ExpectExplicitDeny), string(ExpectImplicitDeny)}

// Because says which policy has to be the reason. Empty fields do not matter.
type Because struct {
	// Layer is the kind of policy: "identity", "resource", "trust", "boundary", "session",
	// "scp", "rcp" or "endpoint".
	Layer string
	// Policy is the name of a deciding policy (a file's name without its ending) or its ARN.
	Policy string
	// Sid is that of a deciding statement.
	Sid string
	// Level is the root, the OU (its name or path) or the account (its name) that decided.
	Level string
}

var layers = []struct {
	name string
	kind policy.Kind
}{
	{"identity", policy.Identity},
	{"resource", policy.Resource},
	{"trust", policy.Trust},
	{"boundary", policy.Boundary},
	{"session", policy.Session},
	{"scp", policy.SCP},
	{"rcp", policy.RCP},
	{"endpoint", policy.VPCEndpoint},
}

func layerNames() []string {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.name
	}
	return names
}

// layerOf is the short name of a kind of policy.
func layerOf(k policy.Kind) string {
	for _, l := range layers {
		if l.kind == k {
			return l.name
		}
	}
	return k.String()
}

// rawCase is a case as it is written: each list stands for one case per member.
type rawCase struct {
	name              string
	who, action, on   []*yaml.Node
	owner, endpoint   *yaml.Node
	context           []contextEntry
	requestTags       map[string]string
	expect            string
	because           Because
	at                *yaml.Node
	endpointPolicy    *policy.Attached
	resourceAccountID string
}

func (l *loader) readCase(n *yaml.Node) []Case {
	r := rawCase{at: n}
	var expect *yaml.Node
	ok := l.object(n, "a case", fields{
		"name": l.into(&r.name, "the case's name"),
		"who":  func(n *yaml.Node) { r.who = l.list(n) }, "action": func(n *yaml.Node) { r.action = l.list(n) },
		"resource": func(n *yaml.Node) { r.on = l.list(n) }, "resource-account": pick(&r.owner), "endpoint": pick(&r.endpoint),
		"context":      func(n *yaml.Node) { r.context = l.readContext(n) },
		"request-tags": func(n *yaml.Node) { r.requestTags = l.readTags(n) },
		"expect":       pick(&expect),
		"because":      func(n *yaml.Node) { r.because = l.readBecause(n) },
	})
	if !ok {
		return nil
	}
	if len(r.who) == 0 || len(r.action) == 0 || expect == nil {
		l.fail(n, "a case needs who, action and expect")
		return nil
	}
	r.expect = l.oneOf(expect, "expect", expectations)
	r.endpointPolicy = l.single(r.endpoint, policy.VPCEndpoint, "VPC endpoint")
	if r.owner != nil {
		if a := l.accountRef(r.owner); a != nil {
			r.resourceAccountID = a.id
		}
	}
	if len(r.on) == 0 {
		r.on = []*yaml.Node{{Kind: yaml.ScalarNode, Value: "*", Line: n.Line, Column: n.Column}}
	}
	return l.expand(&r)
}

// oneOf reads a word out of a fixed set.
func (l *loader) oneOf(n *yaml.Node, what string, words []string) string {
	word := l.text(n, what)
	for _, w := range words {
		if w == word {
			return word
		}
	}
	if word != "" {
		l.fail(n, "%s cannot be %q%s", what, word, didYouMean(word, words))
	}
	return ""
}

// readBecause reads "because: scp" or its long form.
func (l *loader) readBecause(n *yaml.Node) Because {
	var b Because
	if n.Kind == yaml.ScalarNode {
		b.Layer = l.oneOf(n, "because", layerNames())
		return b
	}
	l.object(n, "because", fields{
		"layer":  func(n *yaml.Node) { b.Layer = l.oneOf(n, "layer", layerNames()) },
		"policy": l.into(&b.Policy, "the policy"), "sid": l.into(&b.Sid, "the Sid"), "level": l.into(&b.Level, "the level"),
	})
	return b
}

// expand makes the cases of all combinations.
func (l *loader) expand(r *rawCase) []Case {
	var actions []string
	for _, n := range r.action {
		actions = append(actions, l.actionRef(n))
	}
	var resources []*resource
	for _, n := range r.on {
		resources = append(resources, l.resourceRef(n))
	}
	var list []Case
	for _, who := range r.who {
		id := l.identityRef(who)
		for _, action := range actions {
			for i, on := range resources {
				if id == nil || action == "" || on == nil {
					continue
				}
				c := l.build(r, id, action, on)
				c.Who = who.Value
				c.Name = caseName(r, who.Value, action, r.on[i].Value)
				list = append(list, c)
			}
		}
	}
	return list
}

// caseName is the name that was given, with what makes one of several cases.
func caseName(r *rawCase, who, action, on string) string {
	var parts []string
	if r.name == "" || len(r.who) > 1 {
		parts = append(parts, who)
	}
	if r.name == "" || len(r.action) > 1 {
		parts = append(parts, action)
	}
	if r.name == "" && on != "*" || len(r.on) > 1 {
		parts = append(parts, on)
	}
	detail := strings.Join(parts, " ")
	switch {
	case r.name == "":
		return detail + ": " + r.expect
	case detail == "":
		return r.name
	default:
		return r.name + " (" + detail + ")"
	}
}

// identityRef finds who calls: an identity of the file, or any principal, which then
// carries no policies.
func (l *loader) identityRef(n *yaml.Node) *identity {
	ref := l.text(n, "who")
	if ref == "" {
		return nil
	}
	if who, ok := l.world.identities[ref]; ok {
		return who
	}
	p, err := ParsePrincipal(ref)
	if err != nil {
		names := make([]string, 0, len(l.world.identities))
		for name := range l.world.identities {
			names = append(names, name)
		}
		l.fail(n, "there is no identity %q%s", ref, didYouMean(ref, sorted(names)))
		return nil
	}
	who := &identity{name: ref, principal: p}
	if p.Account != "" {
		who.account = l.world.accountOf(p.Account)
	}
	return who
}

// actionRef reads an action. One that AWS does not have is a warning: the table of actions
// is from one day, and AWS adds some every week.
func (l *loader) actionRef(n *yaml.Node) string {
	action := l.text(n, "an action")
	if action == "" {
		return ""
	}
	prefix, name, ok := strings.Cut(action, ":")
	if !ok || prefix == "" || name == "" || strings.ContainsAny(action, "*? ") {
		l.fail(n, "%q is no action: a call is one action of one service, like s3:GetObject", action)
		return ""
	}
	if _, known := serviceauth.LookupAction(action); known {
		return action
	}
	warning := func(hint string) {
		l.warnings = append(l.warnings, l.src.problem(n.Line, n.Column, "AWS has no action %q%s", action, hint))
	}
	service, known := serviceauth.Lookup(prefix)
	if !known {
		warning("; the service is not known either")
		return action
	}
	var names []string
	for _, a := range service.Actions() {
		names = append(names, a.Name)
	}
	hint := ""
	if c := closest(name, names); c != "" {
		hint = "; did you mean \"" + prefix + ":" + c + "\"?"
	}
	warning(hint)
	return action
}

// resourceRef finds the resource: one of the file, or an ARN.
func (l *loader) resourceRef(n *yaml.Node) *resource {
	ref := l.text(n, "a resource")
	if ref == "" {
		return nil
	}
	if r, ok := l.world.resources[ref]; ok {
		return r
	}
	if ref == "*" || strings.HasPrefix(ref, "arn:") {
		return l.byARN(ref)
	}
	names := make([]string, 0, len(l.world.resources))
	for name := range l.world.resources {
		names = append(names, name)
	}
	l.fail(n, "there is no resource %q, and it is no ARN either%s", ref, didYouMean(ref, sorted(names)))
	return nil
}

// byARN makes a resource of an ARN. What a resource of the file says holds for things in it
// too: the policy of a bucket for its objects.
func (l *loader) byARN(arn string) *resource {
	var closest *resource
	for _, r := range l.world.resources {
		holds := r != nil && (r.arn == arn || strings.HasPrefix(arn, r.arn+"/"))
		if holds && (closest == nil || len(r.arn) > len(closest.arn)) {
			closest = r
		}
	}
	if closest == nil {
		return &resource{arn: arn, account: accountInARN(arn)}
	}
	inside := *closest
	inside.arn = arn
	return &inside
}
