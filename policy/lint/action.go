package lint

import (
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

func (l *linter) actions(element string, list []policy.Value) {
	for i, a := range list {
		where := at(element, i)
		prefix, name, ok := strings.Cut(a.Text, ":")
		if !ok || strings.ContainsAny(prefix, "*?${") {
			continue // malformed or everything: Validate speaks of it
		}
		service, ok := serviceauth.Lookup(prefix)
		if !ok {
			l.report(policy.SeverityError, InvalidServiceInAction, where, a.Pos,
				"there is no service %q%s", prefix, didYouMean(nearest(prefix, prefixes)))
			continue
		}
		if l.kind == policy.RCP && !service.RCPSupported {
			l.report(policy.SeverityWarning, RCPService, where, a.Pos, "resource control policies do not govern %s", service.Name)
		}
		if !hasAction(service, name) {
			l.report(policy.SeverityError, InvalidAction, where, a.Pos,
				"%s has no action %q%s", service.Name, name, didYouMean(nearestAction(service, name)))
			continue
		}
		if j := coveredBy(list, i, coversAction); j >= 0 {
			l.report(policy.SeveritySuggestion, RedundantAction, where, a.Pos, "the action %s is already part of %s", a.Text, list[j].Text)
		}
	}
}

// coveredBy returns the index of another member of a list that covers member i, or -1. Of
// members that cover each other the later one is covered.
func coveredBy(list []policy.Value, i int, covers func(pattern, other string) bool) int {
	for j := range list {
		if j != i && covers(list[j].Text, list[i].Text) && (j < i || !covers(list[i].Text, list[j].Text)) {
			return j
		}
	}
	return -1
}

// coversAction is covers for actions, whose case does not matter.
func coversAction(pattern, other string) bool {
	return covers(strings.ToLower(pattern), strings.ToLower(other))
}

func hasAction(s *serviceauth.Service, name string) bool {
	if !strings.ContainsAny(name, "*?") {
		_, ok := s.Action(name)
		return ok
	}
	for _, a := range s.Actions() {
		if matches(name, a.Name) {
			return true
		}
	}
	return false
}

func prefixes(yield func(string) bool) {
	for _, s := range serviceauth.Services() {
		if !yield(s.Prefix) {
			return
		}
	}
}

func nearestAction(s *serviceauth.Service, name string) string {
	if strings.ContainsAny(name, "*?") {
		return ""
	}
	found := nearest(name, func(yield func(string) bool) {
		for _, a := range s.Actions() {
			if !yield(a.Name) {
				return
			}
		}
	})
	if found == "" {
		return ""
	}
	return s.Prefix + ":" + found
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "; did you mean " + name + "?"
}
