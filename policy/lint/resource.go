package lint

import (
	"regexp"
	"strings"
	"sync"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// vendor is what the templates of all resource types say of one service of ARNs.
type vendor struct {
	// region and account tell whether some type has the field; bare whether some has none.
	region, account, bareRegion bool
	resources                   []string // patterns of the last field
}

// vendors holds the services of ARNs. They are mostly, but not always, the prefixes of
// actions.
var vendors = sync.OnceValue(func() map[string]*vendor {
	m := map[string]*vendor{}
	for _, s := range serviceauth.Services() {
		for _, r := range s.ResourceTypes() {
			f := strings.SplitN(r.ARN, ":", fields)
			if len(f) != fields {
				continue
			}
			v := m[f[2]]
			if v == nil {
				v = &vendor{}
				m[f[2]] = v
			}
			v.region = v.region || f[3] != ""
			v.bareRegion = v.bareRegion || f[3] == ""
			v.account = v.account || f[4] != ""
			v.resources = append(v.resources, templatePattern(f[5]))
		}
	}
	return m
})

// maxARN is the length of the longest ARNs that are compared with templates, in bytes: no
// service has longer ones.
const maxARN = 2048

// fields is the number of fields of an ARN.
const fields = 6

var (
	templateVariable = regexp.MustCompile(`\$\{[^}]*\}`)
	regionForm       = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
)

// templatePattern makes a pattern of a template: each variable stands for some characters.
func templatePattern(template string) string {
	return templateVariable.ReplaceAllString(template, "?*")
}

// partitions are AWS's, as its general reference lists them.
var partitions = map[string]bool{
	"aws": true, "aws-cn": true, "aws-us-gov": true, "aws-iso": true, "aws-iso-b": true,
	"aws-iso-e": true, "aws-iso-f": true, "aws-eusc": true,
}

func (l *linter) resources(element string, list []policy.Value) {
	covered := redundant(list, strings.Clone, coversARN)
	for i, r := range list {
		where := at(element, i)
		if j, ok := covered[i]; ok {
			l.report(policy.SeveritySuggestion, RedundantResource, where, r.Pos, "the resource %s is already part of %s", r.Text, list[j].Text)
		}
		l.variables(where, r)
		f := strings.SplitN(templateVariable.ReplaceAllString(r.Text, "*"), ":", fields)
		if len(f) == fields && f[0] == "arn" && len(r.Text) <= maxARN {
			l.arn(where, r, f)
		}
	}
}

func wild(s string) bool { return strings.ContainsAny(s, "*?") }

func (l *linter) arn(where string, r policy.Value, f []string) {
	bad := func(code, format string, args ...any) {
		l.report(policy.SeverityError, code, where, r.Pos, format, args...)
	}
	partition, service, region, account, resource := f[1], f[2], f[3], f[4], f[5]
	if !wild(partition) && !partitions[partition] {
		bad(InvalidPartition, "there is no partition %q", partition)
	}
	if region != "" && !wild(region) && !regionForm.MatchString(region) {
		bad(InvalidARNRegion, "%q is not a Region", region)
	}
	if account != "" && account != "aws" && !wild(account) && !arn.IsAccountID(account) {
		bad(InvalidARNAccount, "%q is not an account id of 12 digits", account)
	}
	if wild(service) {
		l.report(policy.SeveritySuggestion, WildcardInService, where, r.Pos, "the wildcard in the service %q may mean more services than intended", service)
		return
	}
	v := vendors()[service]
	switch {
	case v == nil && vendors()[strings.ToLower(service)] != nil:
		bad(InvalidARNServiceCase, "the service of an ARN is written in lower case: %s", strings.ToLower(service))
		return
	case v == nil:
		if _, known := serviceauth.Lookup(service); !known {
			bad(InvalidService, "there is no service %q%s", service, didYouMean(l.nearest(service, prefixes)))
		}
		return
	}
	if region != "" && region != "*" && !v.region {
		bad(ARNRegionNotAllowed, "ARNs of %s have no Region", service)
	}
	if region == "" && !v.bareRegion {
		bad(MissingARNRegion, "ARNs of %s have a Region", service)
	}
	if account != "" && account != "*" && !v.account {
		bad(ARNAccountNotAllowed, "ARNs of %s have no account id", service)
	}
	for _, known := range v.resources {
		if serviceauth.Overlap(resource, known) {
			return
		}
	}
	bad(InvalidARNResource, "%s has no kind of resource whose ARN ends like %q", service, resource)
}

// resourceTypes reports resources that none of the statement's actions work on, when all
// actions are plain names.
func (l *linter) resourceTypes(s *policy.Statement) {
	var usable []string
	for _, a := range s.Action {
		action, ok := serviceauth.LookupAction(a.Text)
		if !ok {
			return // a wildcard, or unknown
		}
		if len(action.Resources) == 0 {
			return // takes * alone; which says so elsewhere
		}
		for _, r := range action.Resources {
			usable = append(usable, templatePattern(r.Type.ARN))
		}
	}
	for i, r := range s.Resource {
		text := templateVariable.ReplaceAllString(r.Text, "*")
		if strings.Count(text, ":") < fields-1 || len(usable) == 0 || len(text) > maxARN {
			continue
		}
		fits := false
		for _, u := range usable {
			fits = fits || meetARN(text, u)
		}
		if !fits {
			l.report(policy.SeverityWarning, ActionResourceMismatch, at("Resource", i), r.Pos,
				"no action of the statement works on a resource like %s", r.Text)
		}
	}
}

// meetARN is [serviceauth.Overlap], field by field: a wildcard does not reach over a colon but in the last
// field.
func meetARN(a, b string) bool {
	x, y := strings.SplitN(a, ":", fields), strings.SplitN(b, ":", fields)
	if len(x) != fields || len(y) != fields {
		return false
	}
	for i := range x {
		if !serviceauth.Overlap(x[i], y[i]) {
			return false
		}
	}
	return true
}
