package restjson

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/smithy"
)

// Router finds the operation of a service by method and path.
type Router struct {
	// routes by method, the most specific first.
	routes map[string][]route
}

// Label is a part of the path that belongs to a member of the input, still escaped.
type Label struct {
	// Member is the name between the braces of the pattern.
	Member string
	Value  string
}

// kind says what a segment of a pattern takes, in ascending order of precision.
type kind uint8

const (
	greedy  kind = iota // one or more segments
	label               // any one segment
	literal             // this one segment
)

// segment is one part of a pattern's path: the text of a literal or the name of a label.
type segment struct {
	kind kind
	text string
}

// route is one operation's pattern.
type route struct {
	op       *smithy.Operation
	segments []segment
	// greedyAt is the place of the greedy label, or -1.
	greedyAt int
	// query holds the parameters that a request must have, such as aws_iam=t in
	// "/token?aws_iam=t"; one without a value may have any.
	query []queryLiteral
}

type queryLiteral struct {
	name, value string
	anyValue    bool
}

// NewRouter makes the router of a service from the HTTP bindings of its operations.
// Literal segments are tried before labels, labels before greedy labels, and patterns that
// demand query parameters before those that do not.
func NewRouter(svc *smithy.Service) *Router {
	r := &Router{routes: make(map[string][]route)}
	for i := range svc.Operations {
		op := &svc.Operations[i]
		r.routes[op.Method] = append(r.routes[op.Method], newRoute(op))
	}
	for _, routes := range r.routes {
		slices.SortStableFunc(routes, compareRoutes)
	}
	return r
}

func newRoute(op *smithy.Operation) route {
	path, query, _ := strings.Cut(op.URI, "?")
	r := route{op: op, greedyAt: -1}
	for i, text := range splitPath(path) {
		name, isLabel := strings.CutPrefix(text, "{")
		name, closed := strings.CutSuffix(name, "}")
		switch name, isGreedy := strings.CutSuffix(name, "+"); {
		case !isLabel || !closed:
			r.segments = append(r.segments, segment{literal, text})
		case isGreedy:
			r.greedyAt = i
			r.segments = append(r.segments, segment{greedy, name})
		default:
			r.segments = append(r.segments, segment{label, name})
		}
	}
	for query != "" {
		var field string
		field, query, _ = strings.Cut(query, "&")
		name, value, hasValue := strings.Cut(field, "=")
		r.query = append(r.query, queryLiteral{name, value, !hasValue})
	}
	return r
}

// compareRoutes puts the more specific route first.
func compareRoutes(a, b route) int {
	for i := range min(len(a.segments), len(b.segments)) {
		if c := cmp.Compare(b.segments[i].kind, a.segments[i].kind); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(b.segments), len(a.segments)); c != 0 {
		return c
	}
	return cmp.Compare(len(b.query), len(a.query))
}

// splitPath returns the segments between the slashes; one slash at the end does not count.
func splitPath(path string) []string {
	path = strings.TrimPrefix(path, "/")
	path = strings.TrimSuffix(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// Match finds the operation for a method, a path as it came (escaped) and a raw query, and
// the labels of its path. A slash at the end of the path does not matter.
func (r *Router) Match(method, escapedPath, rawQuery string) (op *smithy.Operation, labels []Label, found bool) {
	routes := r.routes[method]
	if len(routes) == 0 {
		return nil, nil, false
	}
	parts := splitPath(escapedPath)
	for i := range routes {
		rt := &routes[i]
		if rt.matchesPath(parts) && rt.matchesQuery(rawQuery) {
			return rt.op, rt.labels(parts), true
		}
	}
	return nil, nil, false
}

// spread is how many parts of a path the greedy label takes, 1 if there is none.
func (rt *route) spread(parts []string) int {
	if rt.greedyAt < 0 {
		return 1
	}
	return len(parts) - len(rt.segments) + 1
}

func (rt *route) matchesPath(parts []string) bool {
	n := rt.spread(parts)
	if n < 1 || len(parts) != len(rt.segments)+n-1 {
		return false
	}
	for i, p := 0, 0; i < len(rt.segments); i++ {
		switch s := rt.segments[i]; s.kind {
		case literal:
			if parts[p] != s.text && !equalUnescaped(parts[p], s.text) {
				return false
			}
		case label:
			if parts[p] == "" {
				return false
			}
		case greedy:
			p += n - 1
		}
		p++
	}
	return true
}

func equalUnescaped(part, text string) bool {
	if !strings.Contains(part, "%") {
		return false
	}
	s, err := url.PathUnescape(part)
	return err == nil && s == text
}

func (rt *route) matchesQuery(rawQuery string) bool {
	for _, q := range rt.query {
		if !hasParameter(rawQuery, q) {
			return false
		}
	}
	return true
}

func hasParameter(rawQuery string, q queryLiteral) bool {
	for rawQuery != "" {
		var field string
		field, rawQuery, _ = strings.Cut(rawQuery, "&")
		rawName, rawValue, _ := strings.Cut(field, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil || name != q.name {
			continue
		}
		value, err := url.QueryUnescape(rawValue)
		if q.anyValue || (err == nil && value == q.value) {
			return true
		}
	}
	return false
}

// labels takes the labels out of a path that matches.
func (rt *route) labels(parts []string) []Label {
	var labels []Label
	n := rt.spread(parts)
	p := 0
	for _, s := range rt.segments {
		switch s.kind {
		case label:
			labels = append(labels, Label{s.text, parts[p]})
		case greedy:
			labels = append(labels, Label{s.text, strings.Join(parts[p:p+n], "/")})
			p += n - 1
		}
		p++
	}
	return labels
}
