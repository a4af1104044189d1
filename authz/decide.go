package authz

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/resource"
)

// Question asks whether somebody may do something to a resource of any service, registered
// or not.
type Question struct {
	// Caller is who would act. It is nil for a principal without an account, which Principal
	// then is: an AWS service, or nobody.
	Caller    *credential.Caller
	Principal *policy.Principal
	// Action is "service:Name", Resource the ARN or "*".
	Action, Resource string
	// ResourceAccount owns the resource, if neither a registration nor the ARN says who does;
	// empty means the caller's account.
	ResourceAccount string
	// Created says that the action makes the resource: it has no policy yet.
	Created bool
	// Keys are the condition keys of the request; names may have any case.
	Keys policy.Keys
	Environment
}

// Answer is the decision on a question.
type Answer struct {
	Allowed bool
	// Registered is the resource whose policy spoke, nil if none is registered.
	Registered *resource.Resource
	// Explanation says why, with everything that only the owners of the policies may know:
	// see [Answer.Redacted].
	Explanation policy.Explanation

	// discreet is the explanation without what the resource's tags are, where they are not the
	// principal's business.
	discreet    policy.Explanation
	home, owner *account
}

// ErrOwner says that a question names another owner of the resource than the registration
// or the ARN does.
var ErrOwner = errors.New("the resource belongs to another account than the one that is named")

// Redacted returns the explanation as the principal's account may see it.
func (x *Answer) Redacted() policy.Explanation { return redacted(x.discreet, x.home, x.owner) }

// Decide answers a question with what is registered: the resource's policy and tags and the
// account that owns it, the RCPs above that account, and all that the principal carries. It
// returns ErrPrincipalGone, ErrOwner, or what kept it from deciding.
func (a *Authorizer) Decide(ctx context.Context, q *Question) (*Answer, error) {
	d, err := a.decide(ctx, q)
	if err != nil {
		return nil, err
	}
	x := &Answer{Allowed: d.decision.Allowed, Registered: d.registered, home: d.home, owner: d.owner}
	x.Explanation = policy.Explain(&d.request, &d.sets)
	if denied := d.closed(); denied != nil {
		x.Allowed, x.Explanation = false, denied.Explanation
	}
	x.discreet = x.Explanation
	if d.hideTags() {
		x.discreet = policy.Explain(&d.request, &d.sets)
	}
	return x, nil
}

// Require returns nil if the answer to the question is that the caller may, else a
// *DeniedError, or one of the errors of [Authorizer.Decide].
func (a *Authorizer) Require(ctx context.Context, q *Question) error {
	d, err := a.decide(ctx, q)
	if err != nil {
		return err
	}
	if !d.decision.Allowed {
		d.hideTags()
		return denied(&d.request, &d.sets, d.decision, d.home, d.owner)
	}
	if closed := d.closed(); closed != nil {
		return closed
	}
	return nil
}

// decided is the evaluation of a question.
type decided struct {
	evaluation
	check      Check
	registered *resource.Resource
	home       *account
}

// closed is the refusal of what policies allow in an account that is closed, or nil.
func (d *decided) closed() *DeniedError {
	if !d.decision.Allowed || d.owner.active() {
		return nil
	}
	var refusal *DeniedError
	errors.As(closed(&d.request, &d.check, d.decision, d.home, d.owner), &refusal)
	return refusal
}

func (a *Authorizer) decide(ctx context.Context, q *Question) (*decided, error) {
	d, who := &decided{home: &account{}}, &principal{}
	r := &Request{Caller: q.Caller, Environment: q.Environment}
	var err error
	if q.Caller == nil {
		r.Caller = &credential.Caller{}
	} else if d.home, who, err = a.gather(ctx, q.Caller); err != nil {
		return nil, err
	}
	d.check = Check{Action: q.Action, Resource: q.Resource, Principal: q.Principal, Keys: policy.Keys{}}
	for key, values := range q.Keys {
		d.check.Keys.Set(key, values...)
	}
	if d.registered, err = a.describe(ctx, q, &d.check); err != nil {
		return nil, err
	}
	return d, a.evaluate(ctx, r, d.home, who, &d.check, &d.evaluation)
}

// describe fills in what is known of the resource: the owner, the policy and the tags.
func (a *Authorizer) describe(ctx context.Context, q *Question, c *Check) (*resource.Resource, error) {
	owner := q.ResourceAccount
	parsed, err := arn.Parse(q.Resource)
	if err == nil && arn.IsAccountID(parsed.AccountID) {
		if owner != "" && owner != parsed.AccountID {
			return nil, ErrOwner
		}
		owner = parsed.AccountID
	}
	c.ResourceAccount = owner
	if q.Created || err != nil {
		return nil, nil
	}
	// Without its policy nobody has access to a KMS key: not either if it is not registered.
	c.PolicyRequired = resource.RequiresPolicy(q.Resource)
	var found *resource.Resource
	err = a.view(ctx, func(tx Tx) error {
		found = nil
		if parsed.Service == "iam" {
			return a.describeIdentity(ctx, tx, &parsed, q.Caller != nil && q.Caller.AccountID != parsed.AccountID, c)
		}
		r, ok, err := resource.Covering(ctx, tx, q.Resource)
		if err != nil || !ok {
			return err
		}
		found = &r
		text, err := resource.PolicyOf(ctx, tx, &r)
		if err == nil && text != "" {
			c.Policy = &policy.Attached{Name: r.ARN, Kind: policy.Resource, Level: "account " + r.AccountID, Policy: a.policies.Compile(text, policy.Resource)}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		blank(q, parsed.Service, c)
		return nil, nil
	}
	if owner != "" && owner != found.AccountID {
		return nil, ErrOwner
	}
	c.ResourceAccount = found.AccountID
	blank(q, parsed.Service, c)
	tags := make(map[string]string, len(found.Tags))
	for _, t := range found.Tags {
		tags[t.Key] = t.Value
	}
	describeTags(c, parsed.Service, q.Resource, tags)
	return found, nil
}

// blank gives a resource of another account that has no policy one that says nothing: the
// decision is the same, and the caller does not learn what is registered there.
func blank(q *Question, service string, c *Check) {
	if q.Caller == nil || c.ResourceAccount == "" || c.ResourceAccount == q.Caller.AccountID || c.Policy != nil || service == "iam" {
		return
	}
	c.Policy = &policy.Attached{Name: q.Resource, Kind: policy.Resource, Level: "account " + c.ResourceAccount, Policy: &policy.Policy{}}
}

// describeIdentity fills in what is known of a user or role: tags, and of a role that is to
// be assumed the trust policy. Nothing is known of those of other accounts, in which IAM can do
// nothing, but for roles that are to be assumed. One that is not there trusts nobody.
func (a *Authorizer) describeIdentity(ctx context.Context, tx Tx, parsed *arn.ARN, foreign bool, c *Check) error {
	kind := iam.Kind(parsed.ResourceType())
	assuming := kind == iam.KindRole && strings.HasPrefix(strings.ToLower(c.Action), "sts:")
	if kind != iam.KindUser && kind != iam.KindRole || foreign && !assuming {
		return nil
	}
	if assuming {
		c.PolicyRequired = true
		c.Policy = &policy.Attached{Name: parsed.ResourceName(), Kind: policy.Trust, Level: "role/" + parsed.ResourceName(), Policy: &policy.Policy{}}
	}
	e, err := iam.PoliciesOf(ctx, tx, parsed.AccountID, kind, parsed.ResourceName())
	var rule *iam.Error
	if errors.As(err, &rule) || err == nil && e.ARN != parsed.String() {
		return nil // there is no such user or role
	}
	if err != nil {
		return err
	}
	describeTags(c, "iam", e.ARN, e.Tags)
	if assuming {
		c.Policy.Policy = a.policies.Compile(e.TrustPolicy, policy.Trust)
	}
	return nil
}

// describeTags adds the condition keys of a resource's tags: aws:ResourceTag and, where the
// service has one, its own.
func describeTags(c *Check, service, resourceARN string, tags map[string]string) {
	names := map[string]bool{"aws": true}
	if s, ok := serviceauth.Lookup(service); ok {
		if t, ok := s.Match(resourceARN); ok {
			for _, key := range t.ConditionKeys {
				if prefix, ok := strings.CutSuffix(key, ":ResourceTag/${TagKey}"); ok {
					names[prefix] = true
				}
			}
		}
	}
	for prefix := range names {
		for key := range maps.Keys(tags) {
			// Of two keys that differ in case only, the first in order counts: condition keys
			// have no case.
			if v, ok := tagValue(tags, key); ok {
				c.Keys.Set(prefix+":ResourceTag/"+key, v)
			}
		}
	}
}
