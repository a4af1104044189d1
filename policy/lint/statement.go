package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

func (l *linter) sid(s *policy.Statement) {
	if s.SidSet && s.Sid == "" {
		l.report(policy.SeveritySuggestion, EmptySid, "Sid", s.Span.Start, "the Sid is empty: name the statement, or leave the Sid out")
	}
}

// grants looks at statements that allow more than they seem to.
func (l *linter) grants(s *policy.Statement) {
	if s.Effect != policy.Allow {
		return
	}
	switch l.kind {
	case policy.Identity, policy.Session:
		l.escalation(s, passRole, "iam:PassRole", "iam:PassedToService", policy.SeveritySecurityWarning)
		l.escalation(s, createSLR, "iam:CreateServiceLinkedRole", "iam:AWSServiceName", policy.SeverityWarning)
		l.notAction(s)
	case policy.Resource:
		l.serviceSource(s)
		l.notAction(s)
	case policy.Trust:
		l.everyone(s)
	}
}

func (l *linter) notAction(s *policy.Statement) {
	if s.NotAction != nil {
		l.report(policy.SeveritySecurityWarning, AllowNotAction, "NotAction", s.NotAction[0].Pos,
			"Allow with NotAction gives every other action of every service, those included that AWS adds later")
	}
}

// anyRole is the ARN of a role that a policy can only mean by a wildcard.
const anyRole = "arn:aws:iam::111122223333:role/0-any-role"

// escalation reports statements that let their principal give roles to services without
// bounds. key is the condition key that bounds it.
func (l *linter) escalation(s *policy.Statement, family, action, key string, severity policy.Severity) {
	if hasKey(s, key) || hasKey(s, "iam:AssociatedResourceArn") {
		return
	}
	how, given := givenBy(s, action)
	if !given {
		return
	}
	var (
		code    = family
		pos     policy.Position
		element string
	)
	star := slices.IndexFunc(s.Resource, func(r policy.Value) bool { return matches(r.Text, anyRole) })
	switch {
	case s.NotResource != nil:
		code += map[string]string{"": withNotResource, "*": withStarAndNotResource, "Not": withNotActionAndNotResource}[how]
		pos, element = s.NotResource[0].Pos, "NotResource"
	case star >= 0:
		code += map[string]string{"": withStarInResource, "*": withStarInBoth, "Not": withStarInResourceAndNot}[how]
		pos, element = s.Resource[star].Pos, at("Resource", star)
	default:
		return
	}
	l.report(severity, code, element, pos, "the statement allows %s for any role: name the roles, or add the condition key %s", action, key)
}

// givenBy tells how a statement covers an action: by name (""), by a wildcard ("*") or by
// leaving it out of NotAction ("Not").
func givenBy(s *policy.Statement, action string) (how string, given bool) {
	if s.NotAction != nil {
		for _, a := range s.NotAction {
			if matches(a.Text, action) {
				return "", false
			}
		}
		return "Not", true
	}
	for _, a := range s.Action {
		switch {
		case strings.EqualFold(a.Text, action):
			return "", true
		case matches(a.Text, action):
			how, given = "*", true
		}
	}
	return how, given
}

func hasKey(s *policy.Statement, keys ...string) bool {
	for _, c := range s.Conditions {
		for _, key := range keys {
			if strings.EqualFold(c.Key, key) {
				return true
			}
		}
	}
	return false
}

// serviceSource asks for the keys that keep a service from being used by strangers (IAM
// user guide, topic "The confused deputy problem").
func (l *linter) serviceSource(s *policy.Statement) {
	if hasKey(s, "aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths") {
		return
	}
	for _, p := range s.Principal {
		if p.Class == "Service" {
			l.report(policy.SeveritySecurityWarning, ServicePrincipalSource, "Principal", p.Pos,
				"%s may act here for anybody: limit it by aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths", p.Text)
			return
		}
	}
}

// everyone reports roles that anybody may assume.
func (l *linter) everyone(s *policy.Statement) {
	for _, p := range s.Principal {
		if p.Text == "*" && len(s.Conditions) == 0 {
			l.report(policy.SeveritySecurityWarning, TrustEveryone, "Principal", p.Pos,
				"every principal of every account may assume the role: name the accounts, or add a condition")
			return
		}
	}
}

// redundantStatements reports statements that repeat an earlier one, whatever their Sid and
// the order of their members.
func (l *linter) redundantStatements() {
	seen := map[string]int{}
	for i := range l.doc.Statements {
		s := &l.doc.Statements[i]
		key := signature(s)
		if first, ok := seen[key]; ok {
			l.report(policy.SeveritySuggestion, RedundantStatement, at("Statement", i), s.Span.Start,
				"the statement says the same as the one at %s", l.doc.Statements[first].Span.Start)
			continue
		}
		seen[key] = i
	}
}

func signature(s *policy.Statement) string {
	texts := func(list []policy.Value) []string {
		var out []string
		for _, v := range list {
			out = append(out, v.Text)
		}
		slices.Sort(out)
		return out
	}
	principals := func(list []policy.PrincipalValue) []string {
		var out []string
		for _, p := range list {
			out = append(out, p.Class+" "+p.Text)
		}
		slices.Sort(out)
		return out
	}
	var conditions []string
	for _, c := range s.Conditions {
		conditions = append(conditions, fmt.Sprintf("%q %q %q", c.Operator, strings.ToLower(c.Key), texts(c.Values)))
	}
	slices.Sort(conditions)
	return fmt.Sprintf("%v %q %q %q %q %q %q %q", s.Effect, texts(s.Action), texts(s.NotAction), texts(s.Resource), texts(s.NotResource),
		principals(s.Principal), principals(s.NotPrincipal), conditions)
}
