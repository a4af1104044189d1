package lint

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// faulty reports whether something below the path could not be read: what is missing there
// is then not the author's choice.
func (l *linter) faulty(path string) bool {
	return slices.ContainsFunc(l.findings, func(f policy.Finding) bool {
		return f.Severity == policy.SeverityError && strings.HasPrefix(f.Path, path)
	})
}

func (l *linter) conditions(s *policy.Statement) {
	if s.Conditions != nil && len(s.Conditions) == 0 && !l.faulty(l.path+".Condition.") {
		l.report(policy.SeveritySuggestion, EmptyCondition, "Condition", s.Span.Start, "the Condition holds no conditions")
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		op, ok := policy.ParseOperator(c.Operator)
		if !ok {
			continue
		}
		x := conditionLinter{linter: l, Condition: c, op: op, where: "Condition." + c.Operator + "." + c.Key}
		x.duplicate(s.Conditions[:i])
		key, known := x.key()
		if known {
			x.shape(key)
		}
		x.values()
		if strings.EqualFold(c.Key, "aws:SourceIp") && op.Type == "IPAddress" {
			x.privateRanges()
		}
	}
}

// conditionLinter looks at one condition.
type conditionLinter struct {
	*linter
	*policy.Condition
	op    policy.Operator
	where string
}

func (x *conditionLinter) say(s policy.Severity, code string, pos policy.Position, format string, args ...any) {
	x.report(s, code, x.where, pos, format, args...)
}

func (x *conditionLinter) duplicate(earlier []policy.Condition) {
	for _, c := range earlier {
		if c.Operator == x.Operator && c.Key != x.Key && strings.EqualFold(c.Key, x.Key) {
			x.say(policy.SeverityError, DuplicateKeys, x.Pos, "the key %s stands here already as %s; case does not matter", x.Key, c.Key)
			return
		}
	}
}

// key looks the condition key up.
func (x *conditionLinter) key() (serviceauth.Key, bool) {
	prefix, _, ok := strings.Cut(x.Key, ":")
	if !ok || prefix == "" {
		return serviceauth.Key{}, false // Validate speaks of it
	}
	if strings.EqualFold(x.Key, "aws:ARN") {
		x.say(policy.SeverityError, UnsupportedGlobalKey, x.Pos, "the key aws:ARN is not supported; use aws:PrincipalArn or aws:SourceArn")
		return serviceauth.Key{}, false
	}
	if name := strings.TrimSuffix(strings.ToLower(x.Key), "/"); strings.HasSuffix(name, "tag") {
		if _, ok := serviceauth.ConditionKey(name + "/x"); ok {
			x.say(policy.SeverityError, MissingTagKey, x.Pos, "the key %s needs the key of a tag: %s/name", x.Key, strings.TrimSuffix(x.Key, "/"))
			return serviceauth.Key{}, false
		}
	}
	if key, ok := serviceauth.ConditionKey(x.Key); ok {
		return key, true
	}
	service, known := serviceauth.Lookup(prefix)
	switch {
	case strings.EqualFold(prefix, "aws"):
		x.say(policy.SeverityError, InvalidGlobalKey, x.Pos, "there is no global condition key %s%s", x.Key, didYouMean(x.nearest(x.Key, keyNames(serviceauth.GlobalKeys()))))
	case known:
		x.say(policy.SeverityError, InvalidServiceKey, x.Pos, "%s has no condition key %s%s", service.Name, x.Key, didYouMean(x.nearest(x.Key, keyNames(service.ConditionKeys()))))
	case strings.Contains(prefix, "."):
		// The issuer of web identities, which the table cannot know.
	default:
		x.say(policy.SeverityError, InvalidService, x.Pos, "there is no service %q%s", prefix, didYouMean(x.nearest(prefix, prefixes)))
	}
	return serviceauth.Key{}, false
}

func keyNames(keys []serviceauth.Key) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, k := range keys {
			if !yield(k.Name) {
				return
			}
		}
	}
}

// shape checks the operator against the key's type and number of values.
func (x *conditionLinter) shape(key serviceauth.Key) {
	if x.op.Type == "Null" {
		if x.op.Set != "" {
			x.say(policy.SeveritySuggestion, NullWithQualifier, x.Pos, "Null with %s does not look at the key: it is always %t", x.op.Set, x.op.Set == "ForAllValues")
		}
		return
	}
	switch {
	case key.MultiValued && x.op.Set == "":
		x.say(policy.SeverityError, MissingQualifier, x.Pos, "the key %s has several values: say ForAllValues or ForAnyValue", x.Key)
	case !key.MultiValued && x.op.Set == "ForAllValues":
		x.say(policy.SeveritySecurityWarning, ForAllValuesSingleValued, x.Pos,
			"ForAllValues also holds when the request does not carry %s, which has one value only: leave it out", x.Key)
	}
	if !fits(x.op.Type, key) {
		x.say(policy.SeverityWarning, TypeMismatch, x.Pos, "the key %s is of the type %s, which %s does not compare", x.Key, key.Type, x.Operator)
	}
}

// fits reports whether operators of a type compare values of a key.
func fits(operator string, key serviceauth.Key) bool {
	switch {
	case operator == string(key.Type):
		return true
	case key.Type == serviceauth.ARN:
		return operator == "String"
	case key.Type == serviceauth.String:
		return operator == "ARN"
	}
	return strings.EqualFold(key.Name, "aws:EpochTime") && operator == "Numeric"
}

func (x *conditionLinter) values() {
	if x.op.Type == "Bool" && len(x.Values) > 1 {
		x.say(policy.SeverityError, MultipleBoolean, x.Values[1].Pos, "a condition on truth has one value")
	}
	if x.op.Type == "Numeric" && x.op.Ordered && len(x.Values) > 1 {
		x.say(policy.SeveritySuggestion, RedundantNumber, x.Values[1].Pos, "of several bounds only the widest counts: keep one")
	}
	for _, v := range x.Values {
		x.value(v)
	}
}

func (x *conditionLinter) value(v policy.Value) {
	x.variables(x.where, v)
	plain := templateVariable.ReplaceAllString(v.Text, "")
	switch x.op.Type {
	case "String":
		if !x.op.Wildcards && wild(plain) {
			x.say(policy.SeverityWarning, WildcardWithoutLike, v.Pos, "%s takes * and ? literally; StringLike does not", x.Operator)
		}
		if strings.EqualFold(x.Key, "aws:RequestedRegion") && plain == v.Text && !wild(plain) && !regionForm.MatchString(plain) {
			x.say(policy.SeverityError, InvalidRegion, v.Pos, "%q is not a Region", plain)
		}
	case "Date":
		if _, err := strconv.ParseInt(v.Text, 10, 64); err == nil && len(v.Text) != len("2006") {
			x.say(policy.SeverityWarning, InvalidDate, v.Pos, "write the date as YYYY-MM-DD or with the time of day instead of seconds")
		}
	case "IPAddress":
		if p, err := netip.ParsePrefix(v.Text); err == nil && p.Masked() != p {
			x.say(policy.SeveritySuggestion, ImproveIPRange, v.Pos, "the bits behind the prefix length do not count: write %s", p.Masked())
		}
	}
	if !x.op.Variables && strings.Contains(v.Text, "${") {
		x.say(policy.SeverityError, InvalidVariable, v.Pos, "policy variables are known to operators of strings and ARNs only, not to %s", x.Operator)
	}
}

// variables reports variables with a space in their name, which is allowed in keys of tags
// only.
func (l *linter) variables(where string, v policy.Value) {
	if l.doc.Version != policy.Version2012 {
		return
	}
	for _, found := range templateVariable.FindAllString(v.Text, -1) {
		name, _, _ := strings.Cut(strings.Trim(found, "${}"), ",")
		if space := strings.IndexByte(name, ' '); space >= 0 && (space < strings.IndexByte(name, '/') || !strings.Contains(name, "/")) {
			l.report(policy.SeverityError, SpaceInVariable, where, v.Pos, "the policy variable %s has a space in its name", found)
		}
	}
}

// privateRanges reports private addresses, which aws:SourceIp never has.
func (x *conditionLinter) privateRanges() {
	var private []policy.Value
	for _, v := range x.Values {
		if isPrivate(v.Text) {
			private = append(private, v)
		}
	}
	if len(private) == 0 {
		return
	}
	all := len(private) == len(x.Values)
	switch {
	case all && !x.op.Negated:
		x.say(policy.SeverityError, PrivateIPAddress, private[0].Pos, "aws:SourceIp is never a private address, so the condition never holds; aws:VpcSourceIp may be meant")
	case all:
		x.say(policy.SeverityError, PrivateNotIPAddress, private[0].Pos, "aws:SourceIp is never a private address, so the condition always holds; aws:VpcSourceIp may be meant")
	case !x.op.Negated:
		x.say(policy.SeveritySuggestion, PrivateIPSubset, private[0].Pos, "aws:SourceIp is never the private address %s; aws:VpcSourceIp may be meant", private[0].Text)
	default:
		x.say(policy.SeveritySuggestion, PrivateNotIPSubset, private[0].Pos, "excluding the private address %s from aws:SourceIp has no effect; aws:VpcSourceIp may be meant", private[0].Text)
	}
}

func isPrivate(text string) bool {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Addr().IsPrivate() && p.Masked().Addr().IsPrivate()
	}
	a, err := netip.ParseAddr(text)
	return err == nil && a.IsPrivate()
}
