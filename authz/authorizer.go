package authz

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/resource"
)

// Tx is what the gate reads: the organization's tree and attachments, what principals
// carry, and the resources of other services that are registered.
type Tx interface {
	org.Reader
	iam.Tx
	resource.Reader
}

// Config says what an Authorizer needs. All fields are required.
type Config struct {
	// View runs fn in a read-only snapshot of the store.
	View func(ctx context.Context, fn func(tx Tx) error) error
	// Revision answers the change counter of a scope; see the store's Revision for the
	// protocol that caches follow.
	Revision func(scope string) uint64
	// Policies compiles policy texts; services that attach resource-based policies share it.
	Policies *Compiler
	// Rows are the operations by service ("organizations") and name.
	Rows map[string][]Row
}

// Authorizer is the gate. It is safe for concurrent use.
type Authorizer struct {
	view     func(ctx context.Context, fn func(tx Tx) error) error
	revision func(scope string) uint64
	rows     map[string]map[string]Row

	policies   *Compiler
	accounts   *otter.Cache[string, *account]
	principals *otter.Cache[principalKey, *principal]
	branches   *otter.Cache[branchKey, *branch]
	// accountUses and principalUses tell how often the caches had what was wanted.
	accountUses, principalUses *stats.Counter
	// organization is the last one that an account was found in.
	organization atomic.Pointer[string]
}

// maxAccounts bounds the accounts, in entries of about a kilobyte and a half.
const maxAccounts = 100_000

// New returns an Authorizer over the given rows.
func New(c Config) (*Authorizer, error) {
	if c.View == nil || c.Revision == nil || c.Policies == nil || len(c.Rows) == 0 {
		return nil, errors.New("authz: every field of Config is required")
	}
	a := &Authorizer{
		view: c.View, revision: c.Revision, policies: c.Policies, rows: map[string]map[string]Row{},
		accountUses: stats.NewCounter(), principalUses: stats.NewCounter(),
	}
	for service, rows := range c.Rows {
		byName := make(map[string]Row, len(rows))
		for _, r := range rows {
			if _, twice := byName[r.Operation]; twice {
				return nil, errors.New("authz: two rows for " + service + ":" + r.Operation)
			}
			byName[r.Operation] = r
		}
		a.rows[service] = byName
	}
	var err error
	if a.accounts, err = otter.New(&otter.Options[string, *account]{
		MaximumSize: maxAccounts, ExpiryCalculator: otter.ExpiryAccessing[string, *account](idle),
	}); err != nil {
		return nil, err
	}
	if a.branches, err = otter.New(&otter.Options[branchKey, *branch]{
		MaximumSize: maxBranches, ExpiryCalculator: otter.ExpiryAccessing[branchKey, *branch](idle),
	}); err != nil {
		return nil, err
	}
	if a.principals, err = otter.New(&otter.Options[principalKey, *principal]{
		MaximumWeight: maxPrincipalsWeight, Weigher: func(_ principalKey, p *principal) uint32 { return p.weight },
		ExpiryCalculator: otter.ExpiryAccessing[principalKey, *principal](idle),
	}); err != nil {
		return nil, err
	}
	return a, nil
}

// Request is one call, as the gate sees it.
type Request struct {
	// Service and Operation find the row.
	Service, Operation string
	Caller             *credential.Caller
	// Input is the operation's decoded input.
	Input any
	Environment
}

// Environment holds the facts of the connection and the moment, which global condition
// keys speak of.
type Environment struct {
	Time      time.Time
	SourceIP  string
	UserAgent string
	Referer   string
	TLS       bool
	// Region is the region that the request is made to.
	Region string
}

// DeniedError is a refused call.
type DeniedError struct {
	// Message is AWS's wording.
	Message string
	// Action and Resource are what was asked for; Decision is the answer, with what only the
	// owners of its policies may know.
	Action, Resource string
	Decision         policy.Decision
	// Explanation says why, statement by statement, as far as the caller's account may know.
	Explanation policy.Explanation
}

// Error returns AWS's wording.
func (e *DeniedError) Error() string { return e.Message }

// JSON returns the explanation for the audit event.
func (e *DeniedError) JSON() json.RawMessage {
	raw, err := json.Marshal(map[string]any{"authorization": e.Explanation})
	if err != nil {
		return nil
	}
	return raw
}

// The errors besides DeniedError.
var (
	// ErrNoRow means that the operation is in no table: it is not built.
	ErrNoRow = errors.New("authz: the operation has no authorization row")
	// ErrPrincipalGone means that the user or role behind the credentials no longer exists, or
	// that its account is closed.
	ErrPrincipalGone = errors.New("authz: the principal no longer exists")
)

// Authorize decides on a call. It returns nil if the call is allowed, a *DeniedError if it
// is not, ErrNoRow, ErrPrincipalGone, or what kept it from deciding.
func (a *Authorizer) Authorize(ctx context.Context, r *Request) error {
	row, ok := a.rows[r.Service][r.Operation]
	if !ok {
		return ErrNoRow
	}
	if row.Unsigned {
		return a.authorizeUnsigned(ctx, r, &row)
	}
	if err := barred(r); err != nil {
		return err
	}
	home, who, err := a.gather(ctx, r.Caller)
	if err != nil {
		return err
	}
	if row.Public {
		return nil
	}
	checks, err := row.Checks(ctx, &Call{Caller: r.Caller, Input: r.Input, Membership: home.membership})
	if err != nil {
		return err
	}
	if len(checks) == 0 {
		return a.refuseBlank(r)
	}
	for i := range checks {
		if err := a.check(ctx, r, home, who, &checks[i]); err != nil {
			return err
		}
	}
	return nil
}

// gather returns the caller's account and what the caller carries. Nobody acts for an
// account that is closed.
func (a *Authorizer) gather(ctx context.Context, caller *credential.Caller) (*account, *principal, error) {
	home, err := a.account(ctx, caller.AccountID)
	if err != nil {
		return nil, nil, err
	}
	if !home.active() {
		return nil, nil, ErrPrincipalGone
	}
	who, err := a.principal(ctx, caller)
	if err != nil {
		return nil, nil, err
	}
	return home, who, nil
}

// Check answers one question for a caller outside of an operation's row: another service's
// operation that needs it decided (iam:PassRole), or a page of the console.
func (a *Authorizer) Check(ctx context.Context, caller *credential.Caller, env Environment, c Check) error {
	home, who, err := a.gather(ctx, caller)
	if err != nil {
		return err
	}
	return a.check(ctx, &Request{Caller: caller, Environment: env}, home, who, &c)
}

func (a *Authorizer) check(ctx context.Context, r *Request, home *account, who *principal, c *Check) error {
	var e evaluation
	if err := a.evaluate(ctx, r, home, who, c, &e); err != nil {
		return err
	}
	switch {
	case !e.decision.Allowed:
		e.hideTags()
		return denied(&e.request, &e.sets, e.decision, home, e.owner)
	case !e.owner.active():
		return closed(&e.request, c, e.decision, home, e.owner)
	default:
		return nil
	}
}

// evaluation is a check with everything that speaks to it, and the decision.
type evaluation struct {
	request  policy.Request
	sets     policy.Sets
	decision policy.Decision
	owner    *account
}

// hideTags makes of a refusal one that says nothing of the tags of a resource of another account:
// whoever may do nothing there would learn from policies of the own account which tags it has,
// and so whether it is there. It reports whether it did; where the tags alone made the
// difference the resource's policy lets the caller in, and they stay.
func (e *evaluation) hideTags() bool {
	keys, ok := e.request.Context.(*requestKeys)
	if !ok || e.decision.Allowed || keys.request.Caller.AccountID == "" || keys.home == keys.owner {
		return false
	}
	bare := *keys.check
	bare.Keys = policy.Keys{}
	for key, values := range keys.check.Keys {
		if !strings.Contains(strings.ToLower(key), ":resourcetag/") {
			bare.Keys[key] = values
		}
	}
	if len(bare.Keys) == len(keys.check.Keys) {
		return false
	}
	request, untagged := e.request, *keys
	untagged.check, request.Context = &bare, &untagged
	d := policy.Evaluate(&request, &e.sets)
	if d.Allowed {
		return false
	}
	e.request, e.decision = request, d
	return true
}

// evaluate gathers what speaks to a check into e and decides.
func (a *Authorizer) evaluate(ctx context.Context, r *Request, home *account, who *principal, c *Check, e *evaluation) error {
	e.owner = home
	if c.ResourceAccount != "" && c.ResourceAccount != r.Caller.AccountID {
		var err error
		if e.owner, err = a.account(ctx, c.ResourceAccount); err != nil {
			return err
		}
	}
	e.sets = policy.Sets{
		Identity: who.identity, Boundary: who.boundary, Session: who.session,
		Resource: c.Policy,
	}
	// Neither kind of an organization's policies applies to service-linked roles.
	if !r.Caller.IsServiceLinkedRole() {
		e.sets.SCP = home.scp
		if rcpCovers(c.Action) {
			e.sets.RCP = e.owner.rcp
		}
	}
	asks := who.policyPrincipal(r.Caller)
	if c.Principal != nil {
		asks = *c.Principal
	}
	e.request = policy.Request{
		Principal: asks, Action: c.Action, Resource: c.Resource,
		ResourceAccount: c.ResourceAccount, ResourcePolicyRequired: c.PolicyRequired,
		Context: &requestKeys{request: r, check: c, home: home, owner: e.owner, principal: who},
	}
	e.decision = policy.Evaluate(&e.request, &e.sets)
	a.limitDelegation(r.Caller, e)
	return nil
}

// rcpCovers reports whether resource control policies have a say about an action: only of
// the services that support them, and never about retiring a grant of a KMS key
// (Organizations user guide, "Resource control policies").
func rcpCovers(action string) bool {
	service, name, _ := strings.Cut(action, ":")
	return serviceauth.RCPSupported(service) && (service != "kms" || !strings.EqualFold(name, "RetireGrant"))
}

// closed is the refusal of what policies allow in an account that is closed or not there.
// It reads as if nothing there allowed it; only in the same organization the explanation
// tells the reason.
func closed(req *policy.Request, c *Check, allowed policy.Decision, home, owner *account) error {
	d := policy.Decision{Reason: policy.Identity, CrossAccount: allowed.CrossAccount}
	if c.Policy != nil {
		d.Reason = c.Policy.Kind
	}
	e := policy.Explanation{
		Decision: d, Principal: req.Principal.ARN, Action: req.Action, Resource: req.Resource,
		Outcome: d.Effect.String(), Reason: d.Reason.String(), CrossAccount: d.CrossAccount,
		Message: policy.Message(d, req, false), Layers: []policy.LayerExplanation{},
	}
	if related(home, owner) {
		e.Reason = "state of the resource's account"
	} else {
		e.Layers = append(e.Layers, policy.LayerExplanation{Kind: e.Reason, Says: "hidden", Policies: []policy.PolicyExplanation{}})
	}
	return &DeniedError{Message: e.Message, Action: req.Action, Resource: req.Resource, Decision: d, Explanation: e}
}

// related reports whether two accounts are one or belong to one organization.
func related(a, b *account) bool {
	x, y := &a.membership, &b.membership
	return x.AccountID == y.AccountID || x.OrganizationID != "" && x.OrganizationID == y.OrganizationID
}

// denied explains to the caller's account: that is where the event and its encoded message
// are read. What policies of others say stays with them.
func denied(req *policy.Request, sets *policy.Sets, d policy.Decision, home, owner *account) error {
	e := redacted(policy.Explain(req, sets), home, owner)
	return &DeniedError{
		// The deciding policy is named to callers of the same account or organization only.
		Message: policy.Message(d, req, related(home, owner)),
		Action:  req.Action, Resource: req.Resource, Decision: d, Explanation: e,
	}
}

// redacted cuts an explanation to what the principal's account may know.
func redacted(e policy.Explanation, home, owner *account) policy.Explanation {
	h, o := &home.membership, &owner.membership
	return e.Redact(policy.Audience{
		Account: h.AccountID, Organization: h.OrganizationID,
		PrincipalAccount: h.AccountID, PrincipalOrganization: h.OrganizationID,
		ResourceAccount: o.AccountID, ResourceOrganization: o.OrganizationID,
	})
}

// refuseBlank is the answer for a row that named nothing to check.
func (a *Authorizer) refuseBlank(r *Request) error {
	req := policy.Request{
		Principal: policy.Principal{ARN: r.Caller.ARN, Account: r.Caller.AccountID},
		Action:    r.Service + ":" + r.Operation, Resource: "*",
	}
	d := policy.Decision{Reason: policy.Identity}
	return &DeniedError{Message: policy.Message(d, &req, false), Action: req.Action, Resource: req.Resource, Decision: d}
}
