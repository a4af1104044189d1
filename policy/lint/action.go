package lint

import (
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

func (l *linter) actions(element string, list []policy.Value) {
	covered := redundant(list, strings.ToLower, covers)
	for i, a := range list {
		where := at(element, i)
		prefix, name, ok := strings.Cut(a.Text, ":")
		if !ok || strings.ContainsAny(prefix, "*?${") {
			continue // malformed or everything: Validate speaks of it
		}
		service, ok := serviceauth.Lookup(prefix)
		if !ok {
			l.report(policy.SeverityError, InvalidServiceInAction, where, a.Pos,
				"there is no service %q%s", prefix, didYouMean(l.nearest(prefix, prefixes)))
			continue
		}
		if l.kind == policy.RCP && !service.RCPSupported {
			l.report(policy.SeverityWarning, RCPService, where, a.Pos, "resource control policies do not govern %s", service.Name)
		}
		if !hasAction(service, name) {
			l.report(policy.SeverityError, InvalidAction, where, a.Pos,
				"%s has no action %q%s", service.Name, name, didYouMean(l.nearestAction(service, name)))
			continue
		}
		if j, ok := covered[i]; ok {
			l.report(policy.SeveritySuggestion, RedundantAction, where, a.Pos, "the action %s is already part of %s", a.Text, list[j].Text)
		}
	}
}

// maxWork bounds the comparison of members with each other, as the sum of the products of
// their lengths, so that a long list cannot make the check slow.
const maxWork = 1 << 27

// redundant returns for each member that another one covers the index of that one. Of
// members that cover each other the later one is redundant.
func redundant(list []policy.Value, fold func(string) string, covers func(pattern, other string) bool) map[int]int {
	out := map[int]int{}
	first := map[string]int{}
	texts := make([]string, len(list))
	var patterns []int
	for i, v := range list {
		text := fold(v.Text)
		texts[i] = text
		if j, ok := first[text]; ok {
			out[i] = j
			continue
		}
		first[text] = i
		if wild(text) {
			patterns = append(patterns, i)
		}
	}
	work := 0
	for i := range list {
		if _, known := out[i]; known {
			continue
		}
		for _, j := range patterns {
			if work += len(texts[i]) * len(texts[j]); work > maxWork {
				return out
			}
			if j != i && covers(texts[j], texts[i]) && (j < i || !covers(texts[i], texts[j])) {
				out[i] = j
				break
			}
		}
	}
	return out
}

func hasAction(s *serviceauth.Service, name string) bool {
	if !strings.ContainsAny(name, "*?") {
		_, ok := s.Action(name)
		return ok
	}
	name = strings.ToLower(name)
	for _, a := range s.Actions() {
		if covers(name, strings.ToLower(a.Name)) {
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

func (l *linter) nearestAction(s *serviceauth.Service, name string) string {
	if strings.ContainsAny(name, "*?") {
		return ""
	}
	found := l.nearest(name, func(yield func(string) bool) {
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
