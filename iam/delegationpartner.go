package iam

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// Partner is an account of a product provider that may ask for temporary delegation. AWS
// takes providers on by hand; here the operator registers them. A provider may have several
// accounts, all under its domain.
type Partner struct {
	AccountID string
	// Domain is the provider's, like "example.com"; what it registers is named by it.
	Domain string
	// Name is the friendly name that owners of requests see: at most 30 characters.
	Name      string
	CreatedAt time.Time
}

// PartnerPolicyKind is what a provider registers.
type PartnerPolicyKind string

// The kinds: the template of what a request asks for, and the permissions boundary of roles
// that are made with what was delegated.
const (
	PolicyTemplate  PartnerPolicyKind = "template"
	PartnerBoundary PartnerPolicyKind = "boundary"
)

// PartnerPolicy is a policy template or a permissions boundary of a provider. It never
// changes: another version is registered under another name.
type PartnerPolicy struct {
	ARN, Domain, Document string
	Kind                  PartnerPolicyKind
	CreatedAt             time.Time
}

// PartnerStore keeps product providers and what they have registered.
type PartnerStore interface {
	// IAMPutPartner adds the account or changes its domain and name.
	IAMPutPartner(Partner) error
	IAMPartner(accountID string) (Partner, bool, error)
	// IAMInsertPartnerPolicy returns ErrDuplicate if the ARN is taken.
	IAMInsertPartnerPolicy(PartnerPolicy) error
	IAMPartnerPolicy(arn string) (PartnerPolicy, bool, error)
}

// partnerAccount stands for the account in the ARNs of what providers register.
const partnerAccount = "partner"

// isPartnerPolicy reports whether the ARN is that of a provider's permissions boundary.
func isPartnerPolicy(arn string) bool {
	return strings.HasPrefix(arn, "arn:aws:iam::"+partnerAccount+":policy/")
}

// ARNs of boundaries are documented (IAM user guide, "Policy templates" of temporary
// delegation); those of templates are not: theirs are made alike.
func partnerARN(kind PartnerPolicyKind, domain, name string) string {
	if kind == PolicyTemplate {
		return arnOf(partnerAccount, "delegation-template", "/"+domain+"/", name)
	}
	return arnOf(partnerAccount, "policy", "/permissions-boundary/"+domain+"/", name)
}

var (
	domainForm      = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
	partnerNameForm = regexp.MustCompile(`^[\x09\x0A\x0D\x20-\x7E\x{A1}-\x{FF}]{1,30}$`)
	policyNameForm  = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
)

// RegisterPartner makes an account one of a product provider, or changes what is kept of it.
func RegisterPartner(_ context.Context, tx Tx, p Partner) error {
	if !domainForm.MatchString(p.Domain) {
		return fail(InvalidInput, "%q is not a domain.", p.Domain)
	}
	if !partnerNameForm.MatchString(p.Name) {
		return fail(InvalidInput, "A provider's name has 1 to 30 characters.")
	}
	if _, ok, err := tx.OrgAccount(p.AccountID); err != nil || !ok {
		return errors.Join(err, noSuchAccount(ok, p.AccountID))
	}
	p.CreatedAt = seconds(tx.Now())
	return tx.IAMPutPartner(p)
}

func noSuchAccount(ok bool, id string) error {
	if ok {
		return nil
	}
	return fail(NoSuchEntity, "There is no account %s.", id)
}

// RegisterPartnerPolicy registers a policy template or a permissions boundary under the
// provider's domain, and returns its ARN.
func RegisterPartnerPolicy(_ context.Context, tx Tx, kind PartnerPolicyKind, domain, name, document string) (string, error) {
	if !domainForm.MatchString(domain) || !policyNameForm.MatchString(name) {
		return "", fail(InvalidInput, "%q is not the name of a policy of %q.", name, domain)
	}
	p := PartnerPolicy{ARN: partnerARN(kind, domain, name), Domain: domain, Document: document, Kind: kind, CreatedAt: seconds(tx.Now())}
	var err error
	if kind == PolicyTemplate {
		err = checkTemplate(document)
	} else {
		err = checkManaged(tx, document)
	}
	if err != nil {
		return "", err
	}
	if err := tx.IAMInsertPartnerPolicy(p); err != nil {
		if errors.Is(err, ErrDuplicate) {
			return "", fail(EntityAlreadyExists, "%s is registered already and cannot be changed.", p.ARN)
		}
		return "", err
	}
	return p.ARN, nil
}

// checkTemplate refuses a template that AWS would not take on: see the IAM user guide,
// "Policy evaluation guidelines" of temporary delegation, of which these are the rules that
// need no judgement.
func checkTemplate(document string) error {
	rendered, err := sampleOf(document)
	if err != nil {
		return err
	}
	if err := checkDocument(policy.Identity, rendered); err != nil {
		return err
	}
	return checkDelegated(rendered)
}

// checkDelegated are the rules of checkTemplate that hold with any parameters: a parameter can
// stand for an action or a boundary too.
func checkDelegated(rendered string) error {
	d, err := policy.Parse([]byte(rendered), policy.ParseOptions{})
	if err != nil {
		return malformed(err)
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != policy.Allow {
			continue
		}
		if s.NotAction != nil {
			return fail(MalformedPolicyDocument, "NotAction may only stand in statements that deny.")
		}
		for _, a := range s.Action {
			if service, _, named := strings.Cut(a.Text, ":"); !named || strings.ContainsAny(service, "*?") {
				return fail(MalformedPolicyDocument, "Actions of statements that allow must name their service.")
			}
		}
		if makesRoles(s) && !bounded(s) {
			return fail(MalformedPolicyDocument, "Roles may be created with a permissions boundary only: the statement needs a condition on iam:PermissionsBoundary.")
		}
	}
	return nil
}

// bounded reports whether the conditions of a statement name permissions boundaries, and no
// pattern that any would match.
func bounded(s *policy.Statement) bool {
	arns := boundariesOf(s)
	return len(arns) > 0 && !slices.ContainsFunc(arns, func(a string) bool { return strings.ContainsAny(a, "*?$") })
}

// makesRoles reports whether a statement is about the creation of roles.
func makesRoles(s *policy.Statement) bool {
	return slices.ContainsFunc(s.Action, func(v policy.Value) bool { return wildcardMatch(v.Text, "iam:CreateRole") })
}

// boundariesOf returns the permissions boundaries that a statement's conditions ask for.
func boundariesOf(s *policy.Statement) (arns []string) {
	for _, c := range s.Conditions {
		operator := strings.ToLower(c.Operator)
		positive := !strings.Contains(operator, "not") && !strings.HasPrefix(operator, "null") && !strings.HasSuffix(operator, "ifexists")
		if !strings.EqualFold(c.Key, "iam:PermissionsBoundary") || !positive {
			continue
		}
		for _, v := range c.Values {
			arns = append(arns, v.Text)
		}
	}
	return arns
}

// RoleBoundaries returns the permissions boundaries that roles get which are made with what
// a policy allows; empty if it allows none to be made.
func RoleBoundaries(document string) []string {
	d, err := policy.Parse([]byte(document), policy.ParseOptions{})
	if err != nil {
		return nil
	}
	var arns []string
	for i := range d.Statements {
		if s := &d.Statements[i]; s.Effect == policy.Allow && makesRoles(s) {
			arns = append(arns, boundariesOf(s)...)
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// wildcardMatch matches an action pattern, whatever the case, as policies do. Providers choose
// patterns: the time is bounded however many wildcards there are.
func wildcardMatch(pattern, text string) bool {
	return serviceauth.MatchWildcard(strings.ToLower(pattern), strings.ToLower(text))
}
