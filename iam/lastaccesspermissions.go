package iam

import (
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// permissions tell which services policies could give access to, before there is any
// request: conditions count as fulfilled where they allow and as unfulfilled where they
// deny, and a resource counts if there could be one that the statement names.
type permissions struct {
	// layers must all allow: one for the policies of an identity, one for each node of an
	// organization's tree.
	layers [][]grantRule
	// denies are those that nothing escapes.
	denies []grantRule
}

// grantRule is a statement as far as permissions look at it.
type grantRule struct {
	// actions are patterns in lower case, with the service in front until
	// ofService cuts it off; not says that they are exceptions.
	actions []string
	not     bool
	// resources are patterns; nil means all.
	resources []string
}

// newPermissions reads the documents of each layer. What is not understood allows nothing.
func newPermissions(layers ...[]string) *permissions {
	p := &permissions{}
	for _, documents := range layers {
		var allows []grantRule
		for _, text := range documents {
			a, d := readRules(text)
			allows, p.denies = append(allows, a...), append(p.denies, d...)
		}
		p.layers = append(p.layers, allows)
	}
	return p
}

// readRules returns the statements of a document that allow, and those that deny without a
// condition and whatever the resource is.
func readRules(text string) (allows, denies []grantRule) {
	document, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		return nil, nil
	}
	for i := range document.Statements {
		s := &document.Statements[i]
		r := grantRule{not: s.NotAction != nil, resources: values(s.Resource)}
		for _, a := range slices.Concat(s.Action, s.NotAction) {
			r.actions = append(r.actions, strings.ToLower(a.Text))
		}
		if slices.ContainsFunc(r.resources, onlyStars) {
			r.resources = nil
		}
		switch {
		case s.Effect == policy.Deny:
			if len(s.Conditions) == 0 && r.resources == nil && s.NotResource == nil {
				denies = append(denies, r)
			}
		case !slices.ContainsFunc(values(s.NotResource), onlyStars):
			allows = append(allows, r)
		}
	}
	return allows, denies
}

func values(list []policy.Value) []string {
	var out []string
	for _, v := range list {
		out = append(out, v.Text)
	}
	return out
}

func onlyStars(pattern string) bool { return strings.Trim(pattern, "*") == "" }

// services returns the services of which at least one action is allowed, ascending by
// prefix.
func (p *permissions) services() []*serviceauth.Service {
	return slices.DeleteFunc(serviceauth.Services(), func(s *serviceauth.Service) bool {
		return len(p.of(s).actions(s, 1)) == 0
	})
}

// of returns what of the permissions concerns a service.
func (p *permissions) of(s *serviceauth.Service) *permissions {
	out := &permissions{denies: ofService(p.denies, s.Prefix)}
	for _, layer := range p.layers {
		out.layers = append(out.layers, ofService(layer, s.Prefix))
	}
	return out
}

// ofService keeps the rules that can concern a service, with the names of its actions only.
func ofService(rules []grantRule, prefix string) []grantRule {
	var out []grantRule
	for _, r := range rules {
		cut := grantRule{not: r.not, resources: r.resources}
		for _, a := range r.actions {
			service, name, ok := strings.Cut(a, ":")
			if !ok && onlyStars(a) {
				service, name = "*", "*"
			}
			if serviceauth.MatchWildcard(service, prefix) {
				cut.actions = append(cut.actions, name)
			}
		}
		if cut.not || len(cut.actions) > 0 {
			out = append(out, cut)
		}
	}
	return out
}

// actions returns the allowed actions of the service that [permissions.of] was asked for, at
// most limit.
func (p *permissions) actions(s *serviceauth.Service, limit int) []string {
	if slices.ContainsFunc(p.layers, func(rules []grantRule) bool { return len(rules) == 0 }) {
		return nil
	}
	var out []string
	for _, a := range s.Actions() {
		if len(out) == limit {
			break
		}
		if p.allowed(strings.ToLower(a.Name), a.Resources) {
			out = append(out, a.Name)
		}
	}
	return out
}

func (p *permissions) allowed(name string, resources []serviceauth.ActionResource) bool {
	if slices.ContainsFunc(p.denies, func(r grantRule) bool { return r.names(name) }) {
		return false
	}
	for _, rules := range p.layers {
		if !slices.ContainsFunc(rules, func(r grantRule) bool { return r.names(name) && r.reaches(resources) }) {
			return false
		}
	}
	return true
}

// names reports whether the rule is about the action.
func (r *grantRule) names(action string) bool {
	return slices.ContainsFunc(r.actions, func(pattern string) bool { return serviceauth.MatchWildcard(pattern, action) }) != r.not
}

// reaches reports whether there can be a resource for the action that the rule names. An
// action without resource types has "*" for its resource.
func (r *grantRule) reaches(types []serviceauth.ActionResource) bool {
	return r.resources == nil || slices.ContainsFunc(types, func(t serviceauth.ActionResource) bool { return r.reachesType(t.Type) })
}

func (r *grantRule) reachesType(t *serviceauth.ResourceType) bool {
	return slices.ContainsFunc(r.resources, func(pattern string) bool { return overlapARN(pattern, t.ARN) })
}

// grantsService reports whether a policy alone gives access to the service: it need not name
// an action that exists, and only a deny of all that the service has takes it back. See
// ListPoliciesGrantingServiceAccess.
func grantsService(text string, s *serviceauth.Service) bool {
	allows, denies := readRules(text)
	whole := func(r grantRule) bool { return slices.ContainsFunc(r.actions, onlyStars) }
	if slices.ContainsFunc(ofService(denies, s.Prefix), func(r grantRule) bool {
		return !r.not && whole(r) || r.not && len(r.actions) == 0
	}) {
		return false
	}
	return slices.ContainsFunc(ofService(allows, s.Prefix), func(r grantRule) bool {
		if r.not && whole(r) {
			return false
		}
		types := s.ResourceTypes()
		return r.resources == nil || slices.ContainsFunc(types, func(t serviceauth.ResourceType) bool { return r.reachesType(&t) })
	})
}

// overlapARN reports whether a pattern of a statement and a template of a resource type have
// an ARN in common.
func overlapARN(pattern, template string) bool {
	pattern, template = starVariables(pattern), starVariables(template)
	a, aok := arn.Split(pattern)
	b, bok := arn.Split(template)
	if !aok || !bok {
		return serviceauth.Overlap(pattern, template)
	}
	for i := range a {
		if !serviceauth.Overlap(a[i], b[i]) {
			return false
		}
	}
	return true
}

// starVariables puts a star in the place of each variable: it can be anything.
func starVariables(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		_, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before + "*")
		s = after
	}
}
