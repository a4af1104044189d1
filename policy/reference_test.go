package policy_test

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/policy"
)

// The reference evaluator is written straight from the documentation: over the document as
// parsed, statement by statement, with regular expressions and no index. It is slow and
// plain on purpose. The engine is compared with it on random cases.

type refEffect int

const (
	refNone refEffect = iota
	refAllow
	refDeny
)

// refEvaluate returns whether the request is allowed and whether a deny was explicit.
func refEvaluate(req *policy.Request, sets *policy.Sets) (allowed, explicit bool) {
	all := []policy.Attached{}
	for _, l := range append(append([]policy.Level{}, sets.SCP...), sets.RCP...) {
		all = append(all, l.Policies...)
	}
	all = append(all, sets.Identity...)
	all = append(all, sets.Session...)
	for _, a := range []*policy.Attached{sets.Boundary, sets.Resource, sets.Endpoint} {
		if a != nil {
			all = append(all, *a)
		}
	}
	for i := range all {
		if e, _ := refPolicy(req, sets, &all[i]); e == refDeny {
			return false, true
		}
	}
	any := func(list []policy.Attached) bool {
		for i := range list {
			if e, _ := refPolicy(req, sets, &list[i]); e == refAllow {
				return true
			}
		}
		return false
	}
	for _, l := range append(append([]policy.Level{}, sets.SCP...), sets.RCP...) {
		if !any(l.Policies) {
			return false, false
		}
	}
	if sets.Endpoint != nil && !any([]policy.Attached{*sets.Endpoint}) {
		return false, false
	}
	return refGrant(req, sets, any), false
}

func refGrant(req *policy.Request, sets *policy.Sets, any func([]policy.Attached) bool) bool {
	p := &req.Principal
	known := p.Type == policy.Root || p.Type == policy.User || p.Type == policy.AssumedRole || p.Type == policy.FederatedUser
	same := req.ResourceAccount == "" || req.ResourceAccount == p.Account
	closeness := ""
	if sets.Resource != nil {
		_, closeness = refPolicy(req, sets, sets.Resource)
	}
	federated := p.Type == policy.FederatedUser
	identity := p.Type == policy.Root || federated && p.EntityARN == "arn:aws:iam::"+p.Account+":root" || any(sets.Identity)
	limits := (sets.Boundary == nil || any([]policy.Attached{*sets.Boundary})) && (sets.Session == nil && !federated || any(sets.Session))
	mustResource := !known || !same || req.ResourcePolicyRequired || (sets.Resource != nil && sets.Resource.Kind == policy.Trust)
	switch {
	case mustResource && closeness == "":
		return false
	case !known:
		return true
	case !same:
		return identity && limits
	case closeness == "direct":
		return true
	case closeness == "entity":
		return limits
	default:
		return identity && limits
	}
}

// refPolicy returns what a policy says, and how closely its best allow names the principal.
func refPolicy(req *policy.Request, sets *policy.Sets, a *policy.Attached) (refEffect, string) {
	doc := a.Policy.Document()
	names := a.Kind == policy.Resource || a.Kind == policy.Trust || a.Kind == policy.RCP || a.Kind == policy.VPCEndpoint
	result, best := refNone, ""
	for i := range doc.Statements {
		s := &doc.Statements[i]
		deny := s.Effect == policy.Deny
		closeness := "direct"
		if names {
			if s.NotPrincipal != nil {
				if sets.Boundary == nil && refExempt(s.NotPrincipal, &req.Principal) {
					continue
				}
			} else if closeness = refPrincipal(s.Principal, &req.Principal); closeness == "" {
				continue
			}
		}
		if s.Resource == nil && s.NotResource == nil && !deny && a.Kind != policy.Resource && a.Kind != policy.Trust {
			continue
		}
		if !refAction(s, req.Action) || !refResource(s, req, doc.Version, deny) || !refConditions(s, req, doc.Version, deny) {
			continue
		}
		if deny {
			return refDeny, ""
		}
		result = refAllow
		if closeness == "direct" || (closeness == "entity" && best != "direct") || best == "" {
			best = closeness
		}
	}
	return result, best
}

func refPrincipal(list []policy.PrincipalValue, p *policy.Principal) string {
	best := ""
	better := func(c string) {
		rank := map[string]int{"": 0, "account": 1, "entity": 2, "direct": 3}
		if rank[c] > rank[best] {
			best = c
		}
	}
	external := p.Type == policy.Service || p.Type == policy.WebIdentity || p.Type == policy.SAML
	for _, v := range list {
		switch {
		case v.Class == "*", v.Class == "AWS" && v.Text == "*" && !external:
			better("direct")
		case v.Class == "Service" && p.Type == policy.Service && p.ARN == v.Text:
			better("direct")
		case v.Class == "Federated" && (p.Type == policy.WebIdentity || p.Type == policy.SAML) && p.ARN == v.Text:
			better("direct")
		case v.Class == "AWS" && !external && p.Type != policy.Anonymous:
			switch {
			case v.Text == p.Account || v.Text == "arn:aws:iam::"+p.Account+":root":
				if p.Type == policy.Root {
					better("direct")
				} else {
					better("account")
				}
			case v.Text == p.ARN:
				better("direct")
			case p.EntityARN != "" && v.Text == p.EntityARN:
				better("entity")
			case p.UniqueID != "" && v.Text == p.UniqueID && p.Type == policy.User:
				better("direct")
			case p.UniqueID != "" && v.Text == p.UniqueID:
				better("entity")
			}
		}
	}
	return best
}

func refExempt(list []policy.PrincipalValue, p *policy.Principal) bool {
	if p.Account == "" {
		return refPrincipal(list, p) != ""
	}
	lists := func(names ...string) bool {
		for _, v := range list {
			for _, name := range names {
				if v.Text == "*" || v.Class == "AWS" && v.Text == name {
					return true
				}
			}
		}
		return false
	}
	if account := lists("arn:aws:iam::"+p.Account+":root", p.Account); !account || p.Type == policy.Root {
		return account
	}
	id := p.UniqueID != "" && lists(p.UniqueID)
	return (lists(p.ARN) || id && p.Type == policy.User) && (p.EntityARN == "" || lists(p.EntityARN) || id)
}

var refPatterns = map[string]*regexp.Regexp{}

// refGlob turns a pattern into a regular expression and matches the whole text.
func refGlob(pattern, text string) bool {
	if re := refPatterns[pattern]; re != nil {
		return re.MatchString(text)
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, c := range pattern {
		switch c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	b.WriteString(`\z`)
	re := regexp.MustCompile(b.String())
	refPatterns[pattern] = re
	return re.MatchString(text)
}

func refAction(s *policy.Statement, action string) bool {
	matches := func(list []policy.Value) bool {
		for _, a := range list {
			if refGlob(strings.ToLower(a.Text), strings.ToLower(action)) {
				return true
			}
		}
		return false
	}
	if s.NotAction != nil {
		return !matches(s.NotAction)
	}
	return matches(s.Action)
}

var refVariable = regexp.MustCompile(`\$\{([^},']+?)(?:, *'([^']*)')?\}`)

// Characters of a private use area stand for what ${*}, ${?} and ${$} mean, so that
// values and escapes do not act as wildcards.
var refHide = strings.NewReplacer("*", "\ue000", "?", "\ue001", "$", "\ue002")

// refExpand replaces variables by their values, or by * where one has no single value; ok
// is then false. With plain, the rest of the text has no wildcards.
func refExpand(text, version string, req *policy.Request, plain bool) (out string, ok bool) {
	rest := func(s string) string {
		if plain {
			return refHide.Replace(s)
		}
		return s
	}
	if version != policy.Version2012 {
		return rest(text), true
	}
	ok = true
	at := 0
	for _, m := range refVariable.FindAllStringSubmatchIndex(text, -1) {
		out += rest(text[at:m[0]])
		at = m[1]
		name := text[m[2]:m[3]]
		values, present := refLookup(req, name)
		switch {
		case name == "*" || name == "?" || name == "$":
			out += refHide.Replace(name)
		case present && len(values) == 1:
			out += refHide.Replace(values[0])
		case !present && m[4] >= 0:
			out += refHide.Replace(text[m[4]:m[5]])
		default:
			out += "*"
			ok = false
		}
	}
	return out + rest(text[at:]), ok
}

func refLookup(req *policy.Request, key string) ([]string, bool) {
	values, ok := req.Context.Lookup(strings.ToLower(key))
	return values, ok && len(values) > 0
}

func refARN(pattern, text string) bool {
	if strings.Trim(pattern, "*") == "" {
		return true
	}
	parts, fields := strings.SplitN(pattern, ":", 6), strings.SplitN(text, ":", 6)
	if len(fields) != 6 || fields[0] != "arn" {
		return false
	}
	for i, f := range fields {
		if i < len(parts) && !refGlob(parts[i], refHide.Replace(f)) {
			return false
		}
	}
	return true
}

func refResource(s *policy.Statement, req *policy.Request, version string, deny bool) bool {
	if s.Resource == nil && s.NotResource == nil {
		return true
	}
	matched, unknown := false, false
	for _, r := range append(append([]policy.Value{}, s.Resource...), s.NotResource...) {
		text, ok := refExpand(r.Text, version, req, false)
		if ok {
			matched = matched || refARN(text, req.Resource)
		} else {
			unknown = unknown || refARN(text, req.Resource)
		}
	}
	switch {
	case s.Resource != nil:
		return matched
	case matched:
		return false
	case unknown:
		return deny
	}
	return true
}

func refConditions(s *policy.Statement, req *policy.Request, version string, deny bool) bool {
	for _, c := range s.Conditions {
		if !refCondition(c, req, version, deny) {
			return false
		}
	}
	return true
}

func refCondition(c policy.Condition, req *policy.Request, version string, deny bool) bool {
	op := c.Operator
	set, rest, found := strings.Cut(op, ":")
	if found {
		op = rest
	} else {
		set = ""
	}
	op, ifExists := strings.CutSuffix(op, "IfExists")
	values, present := refLookup(req, c.Key)
	if op == "Null" {
		if set != "" {
			return set == "ForAllValues"
		}
		for _, v := range c.Values {
			if (v.Text == "true") != present {
				return true
			}
		}
		return false
	}
	negated := strings.Contains(op, "Not")
	if !present {
		return ifExists || set == "ForAllValues" || (negated && set == "")
	}
	if set != "" && strings.Join(values, "") == "" {
		return set == "ForAllValues"
	}
	every := set == "ForAllValues" || (set == "" && negated)
	for _, v := range values {
		holds := refHolds(op, negated, c.Values, v, req, version, deny)
		if holds != every {
			return holds
		}
	}
	return every
}

func refHolds(op string, negated bool, list []policy.Value, actual string, req *policy.Request, version string, deny bool) bool {
	plain := strings.Replace(op, "Not", "", 1)
	unclear := false
	for _, v := range list {
		matched, known := refCompare(plain, v.Text, actual, req, version)
		if matched {
			return !negated
		}
		unclear = unclear || !known
	}
	if unclear {
		return negated && deny
	}
	return negated
}

func refCompare(op, want, actual string, req *policy.Request, version string) (matched, known bool) {
	if strings.HasPrefix(op, "String") || strings.HasPrefix(op, "Arn") {
		text, ok := refExpand(want, version, req, strings.HasPrefix(op, "StringEquals"))
		switch op {
		case "StringEquals", "StringLike":
			matched = refGlob(text, refHide.Replace(actual))
		case "StringEqualsIgnoreCase":
			matched = !ok || strings.EqualFold(text, refHide.Replace(actual))
		default:
			if !strings.HasPrefix(actual, "arn:") {
				return false, false
			}
			matched = refARN(text, actual)
		}
		return matched && ok, ok || !matched
	}
	switch {
	case strings.HasPrefix(op, "Numeric"):
		w, _ := strconv.ParseFloat(want, 64)
		a, err := strconv.ParseFloat(actual, 64)
		return err == nil && refRelation(strings.TrimPrefix(op, "Numeric"), a-w), err == nil
	case strings.HasPrefix(op, "Date"):
		w, _ := time.Parse(time.RFC3339, want)
		a, err := time.Parse(time.RFC3339, actual)
		return err == nil && refRelation(strings.TrimPrefix(op, "Date"), a.Sub(w).Seconds()), err == nil
	case op == "Bool":
		a, err := strconv.ParseBool(actual)
		return err == nil && want == strconv.FormatBool(a), err == nil
	case op == "BinaryEquals":
		w, _ := base64.StdEncoding.DecodeString(want)
		a, _ := base64.StdEncoding.DecodeString(actual)
		return string(w) == string(a), true
	default:
		w := netip.MustParsePrefix(want)
		a, err := netip.ParseAddr(actual)
		return err == nil && w.Contains(a), err == nil
	}
}

func refRelation(op string, diff float64) bool {
	switch op {
	case "LessThan":
		return diff < 0
	case "LessThanEquals":
		return diff <= 0
	case "GreaterThan":
		return diff > 0
	case "GreaterThanEquals":
		return diff >= 0
	default:
		return diff == 0
	}
}
