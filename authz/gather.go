package authz

import (
	"context"
	"fmt"
	"strings"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
)

// account is what the gate keeps of an account: its place in the organization and the
// organization's policies along the way to it.
type account struct {
	accountRevision, orgRevision uint64

	exists     bool
	membership org.Membership
	// scp and rcp are nil where no such policies apply: a standalone account, a type that is
	// not enabled, the management account.
	scp, rcp []policy.Level
}

// active reports whether principals of other accounts may still reach into the account.
func (a *account) active() bool {
	s := a.membership.AccountState
	return a.exists && (s == org.StateActive || s == org.StatePendingActivation)
}

// orgPaths is aws:PrincipalOrgPaths and aws:ResourceOrgPaths; nil outside organizations.
func (a *account) orgPaths() []string {
	if a.membership.OrganizationID == "" {
		return nil
	}
	return []string{a.membership.OrgPath()}
}

// account returns what the gate knows of an account, from its cache if nothing changed.
func (a *Authorizer) account(ctx context.Context, id string) (*account, error) {
	if have, ok := a.accounts.GetIfPresent(id); ok && a.fresh(have) {
		a.accountUses.RecordHits(1)
		return have, nil
	}
	a.accountUses.RecordMisses(1)
	return a.loadAccount(ctx, id)
}

func (a *Authorizer) fresh(have *account) bool {
	m := &have.membership
	return a.revision("account/"+m.AccountID) == have.accountRevision &&
		(m.OrganizationID == "" || a.revision("org/"+m.OrganizationID) == have.orgRevision)
}

// loadAccount reads in one snapshot. The revision of the organization has to be taken before
// the read, which is what tells the organization: so it is guessed first, and a wrong guess
// takes a second read.
func (a *Authorizer) loadAccount(ctx context.Context, id string) (*account, error) {
	organization := a.guess(id)
	for {
		loaded := &account{accountRevision: a.revision("account/" + id)}
		loaded.membership.AccountID = id
		if organization != "" {
			loaded.orgRevision = a.revision("org/" + organization)
		}
		err := a.view(ctx, func(tx Tx) error {
			m, ok, err := org.MembershipOf(ctx, tx, id)
			if err != nil || !ok {
				return err
			}
			loaded.exists, loaded.membership = true, m
			if m.OrganizationID == "" || m.OrganizationID != organization || m.IsManagement() {
				return nil
			}
			return a.place(ctx, tx, loaded)
		})
		if err != nil {
			return nil, fmt.Errorf("authz: gather account %s: %w", id, err)
		}
		found := loaded.membership.OrganizationID
		if found == "" || found == organization {
			a.accounts.Set(id, loaded)
			return loaded, nil
		}
		organization = found
		a.organization.Store(&found)
	}
}

// guess returns the organization that an account is probably in: the one that it was in, or
// else the last one that was met. Most servers have one.
func (a *Authorizer) guess(id string) string {
	if have, ok := a.accounts.GetIfPresent(id); ok {
		return have.membership.OrganizationID
	}
	if last := a.organization.Load(); last != nil {
		return *last
	}
	return ""
}

func levelName(kind string) string {
	switch kind {
	case "ROOT":
		return "root"
	case "ORGANIZATIONAL_UNIT":
		return "ou"
	default:
		return "account"
	}
}

// principal is what the gate keeps of a user, role or session.
type principal struct {
	revision uint64
	// weight is how much memory it takes, in bytes, about.
	weight uint32
	// entity is the zero value for the root user, which carries nothing.
	entity   iam.EntityPolicies
	identity []policy.Attached
	boundary *policy.Attached
	session  []policy.Attached
}

// principalKey tells principals apart that carry different things.
type principalKey struct {
	kind                credential.PrincipalType
	account, entity     string
	sessionPolicy, arns string
}

func keyOf(c *credential.Caller) principalKey {
	key := principalKey{kind: c.Type, account: c.AccountID, entity: c.EntityID}
	if s := c.Session; s != nil {
		key.sessionPolicy, key.arns = s.Policy, strings.Join(s.PolicyARNs, ",")
	}
	return key
}

// principal returns what the caller carries. Inline session policies come with the caller;
// all else is read from the store and kept.
func (a *Authorizer) principal(ctx context.Context, c *credential.Caller) (*principal, error) {
	if c.Type == credential.Anonymous {
		return &principal{}, nil
	}
	key := keyOf(c)
	scope := "iam/" + c.AccountID
	revision := a.revision(scope)
	if have, ok := a.principals.GetIfPresent(key); ok && have.revision == revision {
		a.principalUses.RecordHits(1)
		return have, nil
	}
	a.principalUses.RecordMisses(1)
	loaded := &principal{revision: revision, weight: principalWeight}
	err := a.view(ctx, func(tx Tx) error { return a.loadPrincipal(ctx, tx, c, loaded) })
	if err != nil {
		return nil, err
	}
	a.principals.Set(key, loaded)
	return loaded, nil
}

func (a *Authorizer) loadPrincipal(ctx context.Context, tx Tx, c *credential.Caller, p *principal) error {
	if c.EntityID != c.AccountID { // the root user carries no policies
		e, ok, err := iam.Entity(ctx, tx, c.AccountID, c.EntityID)
		if err != nil {
			return fmt.Errorf("authz: gather principal %s: %w", c.EntityID, err)
		}
		if !ok {
			return ErrPrincipalGone
		}
		for _, t := range e.Identity {
			p.identity = append(p.identity, a.attached(t, policy.Identity))
			p.weigh(t.ARN, t.Document)
		}
		if e.Boundary != nil {
			b := a.attached(*e.Boundary, policy.Boundary)
			p.boundary = &b
			p.weigh(e.Boundary.ARN, e.Boundary.Document)
		}
		// The texts are not needed once they are compiled.
		e.Identity, e.Boundary, e.TrustPolicy = nil, nil, ""
		p.entity = e
	} else if c.Type == credential.FederatedUser {
		// Whom the root user answers for shares its power, as far as session policies go.
		p.identity = []policy.Attached{{
			Name: "root user", Kind: policy.Identity, Level: "root user", Policy: a.policies.Compile(rootPower, policy.Identity),
		}}
	}
	return a.sessionPolicies(ctx, tx, c, p)
}

// rootPower is what the root user may do, as a policy.
const rootPower = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// sessionPolicies gathers what was passed when the session began. A federated user without
// any may do nothing but what resource-based policies allow: the list is then empty, not
// nil.
func (a *Authorizer) sessionPolicies(ctx context.Context, tx Tx, c *credential.Caller, p *principal) error {
	s := c.Session
	if s == nil {
		return nil
	}
	if c.Type == credential.FederatedUser {
		p.session = []policy.Attached{}
	}
	if s.Policy != "" {
		p.session = append(p.session, policy.Attached{
			Name: "session policy", Kind: policy.Session, Level: "session " + s.Name, Policy: a.policies.Compile(s.Policy, policy.Session),
		})
		p.weigh("", s.Policy)
	}
	if s.AssumedRoot != "" {
		return a.taskPolicies(ctx, tx, c, p)
	}
	for _, arn := range s.PolicyARNs {
		doc, found, err := iam.ManagedPolicy(ctx, tx, c.AccountID, arn)
		if err != nil {
			return fmt.Errorf("authz: gather session policy %s: %w", arn, err)
		}
		attached := policy.Attached{ARN: arn, Kind: policy.Session, Level: "session " + s.Name}
		if found {
			attached.Policy = a.policies.Compile(doc, policy.Session)
			p.weigh(arn, doc)
		}
		p.session = append(p.session, attached)
	}
	return nil
}

// taskPolicies gathers what limits a root session. Task policies deny all but their task and
// allow nothing themselves: the root user's power does. So they count among the policies of
// its own. See the IAM user guide, "AWS managed policies for root sessions".
func (a *Authorizer) taskPolicies(ctx context.Context, tx Tx, c *credential.Caller, p *principal) error {
	for _, arn := range c.Session.PolicyARNs {
		doc, found, err := iam.ManagedPolicy(ctx, tx, c.AccountID, arn)
		if err != nil {
			return fmt.Errorf("authz: gather task policy %s: %w", arn, err)
		}
		if !found {
			return ErrPrincipalGone
		}
		p.identity = append(p.identity, policy.Attached{
			ARN: arn, Kind: policy.Identity, Level: "root session", Policy: a.policies.Compile(doc, policy.Identity),
		})
	}
	return nil
}

func (a *Authorizer) attached(t iam.PolicyText, kind policy.Kind) policy.Attached {
	return policy.Attached{ARN: t.ARN, Name: t.Name, Kind: kind, Level: t.Owner, Policy: a.policies.Compile(t.Document, kind)}
}

// policyPrincipal renders the caller for package policy.
func (p *principal) policyPrincipal(c *credential.Caller) policy.Principal {
	out := policy.Principal{Account: c.AccountID, ARN: c.ARN, UniqueID: c.EntityID}
	switch c.Type {
	case credential.RootUser:
		out.Type = policy.Root
	case credential.User:
		out.Type = policy.User
	case credential.AssumedRole:
		out.Type, out.EntityARN = policy.AssumedRole, p.entity.ARN
	case credential.FederatedUser:
		out.Type, out.EntityARN = policy.FederatedUser, c.EntityARN
	}
	return out
}
