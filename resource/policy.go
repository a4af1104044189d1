package resource

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
)

// defaultPolicy is what a resource has that was registered without a policy. A KMS key
// without one cannot be; it leaves everything to the account (KMS developer guide, "Default
// key policy").
func defaultPolicy(k *Kind, accountID string) string {
	if k == nil || !k.PolicyRequired {
		return ""
	}
	return `{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::` + accountID + `:root"},"Action":"kms:*","Resource":"*"}]}`
}

// checkPolicy checks the document of a resource and pins whom it names.
func checkPolicy(tx Tx, a *arn.ARN, k *Kind, document string) (pinned string, ids map[string]string, err error) {
	name := a.String()
	parsed, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		var syntax *policy.SyntaxError
		if errors.As(err, &syntax) {
			return "", nil, fail(MalformedPolicy, name, "%s (line %d, column %d)", syntax.Message, syntax.Line, syntax.Column)
		}
		return "", nil, err
	}
	if broken := checkGrammar(parsed, k, name); broken != nil {
		return "", nil, broken
	}
	if broken := checkSize(parsed, k, name, tx.Now()); broken != nil {
		return "", nil, broken
	}
	for i := range parsed.Statements {
		if broken := checkStatement(&parsed.Statements[i], a, k); broken != nil {
			return "", nil, broken
		}
	}
	pinned, ids, err = iam.PinPrincipals(tx, document)
	var rule *iam.Error
	if errors.As(err, &rule) {
		return "", nil, fail(MalformedPolicy, name, "%s", rule.Message)
	}
	return pinned, ids, err
}

// checkGrammar checks what holds for the policies of all resources.
func checkGrammar(d *policy.Document, k *Kind, name string) *Error {
	for _, f := range d.Validate(policy.Resource, policy.Limits{}) {
		if f.Severity != policy.SeverityError || f.Code == policy.CodeMissingResource && (k == nil || k.resourceless) {
			continue
		}
		return fail(MalformedPolicy, name, "%s (line %d, column %d)", f.Message, f.Pos.Line, f.Pos.Column)
	}
	return nil
}

// checkSize holds the document against the limits of its service.
func checkSize(d *policy.Document, k *Kind, name string, now time.Time) *Error {
	limits := k.limitsAt(now)
	principals, conditions, actions := 0, 0, 0
	for i := range d.Statements {
		s := &d.Statements[i]
		principals += len(s.Principal) + len(s.NotPrincipal)
		conditions += len(s.Conditions)
		actions = max(actions, len(s.Action), len(s.NotAction))
	}
	for _, c := range []struct {
		have, limit int
		what        string
	}{
		{len(d.Text()), limits.Bytes, "bytes"},
		{len(d.Statements), limits.Statements, "statements"},
		{principals, limits.Principals, "principals"},
		{conditions, limits.Conditions, "conditions"},
		{actions, limits.ActionsPerStatement, "actions in one statement"},
	} {
		if c.limit > 0 && c.have > c.limit {
			return fail(LimitExceeded, name, "the policy has %d %s; %d are allowed", c.have, c.what, c.limit)
		}
	}
	return nil
}

// checkStatement checks what a service demands of its own policies: actions of the service,
// and of Amazon S3 also resources of the bucket (Amazon S3 API Reference, "PutBucketPolicy").
func checkStatement(s *policy.Statement, a *arn.ARN, k *Kind) *Error {
	name := a.String()
	for _, p := range slices.Concat(s.Principal, s.NotPrincipal) {
		if p.Class == "CanonicalUser" {
			return fail(MalformedPolicy, name, "Invalid principal in policy: %q:%q", "CANONICALUSER", p.Text)
		}
	}
	if k == nil {
		return nil
	}
	for _, action := range slices.Concat(s.Action, s.NotAction) {
		if service, _, _ := strings.Cut(action.Text, ":"); action.Text != "*" && !strings.EqualFold(service, k.service) {
			return fail(MalformedPolicy, name, "Policy has invalid action: %s", action.Text)
		}
	}
	if k.service != "s3" {
		return nil
	}
	for _, r := range slices.Concat(s.Resource, s.NotResource) {
		rest, ok := strings.CutPrefix(r.Text, name)
		if !ok || rest != "" && rest[0] != '/' && rest[0] != '*' {
			return fail(MalformedPolicy, name, "Policy has invalid resource: %s", r.Text)
		}
	}
	return nil
}
