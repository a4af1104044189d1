package resource

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
)

// Spec is what somebody wants registered.
type Spec struct {
	ARN string
	// AccountID owns the resource. It may be empty if the ARN has it; the ARN of an S3 bucket
	// has not.
	AccountID string
	// Type may be empty: then the ARN says it.
	Type string
	// Policy is the resource-based policy, empty for none.
	Policy string
	Tags   []Tag
}

// Owner returns the account that owns the resource, as far as the spec says it.
func (s *Spec) Owner() string {
	if s.AccountID != "" {
		return s.AccountID
	}
	a, err := arn.Parse(s.ARN)
	if err != nil {
		return ""
	}
	return a.AccountID
}

// Wish is a set of changes that are made together or not at all.
type Wish struct {
	// Put is what is to be registered as it is described.
	Put []Spec
	// Remove are the ARNs of what is no longer to be registered.
	Remove []string
	// Prune are accounts in which nothing but what Put says is to be left.
	Prune []string
}

// Bounds of one wish and of one resource's tags; see the AWS Tagging user guide, "Tag naming
// limits and requirements".
const (
	maxChanges  = 1000
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
	maxARN      = 2048
	maxType     = 128
)

// The ways in which a change changes a registration.
const (
	Create = "create"
	Update = "update"
	Remove = "remove"
	Keep   = "keep"
)

// Change is what becomes of one resource.
type Change struct {
	// Way is Create, Update, Remove or Keep.
	Way string
	// Resource is the one that there will be, or that is removed.
	Resource Resource
	// Policy and Tags tell what an update changes.
	Policy, Tags bool

	// before is the registration that is there, the zero value if there is none.
	before Resource
	ids    map[string]string
}

// Actions returns the IAM actions that somebody needs who makes the change in the service
// itself. None means that they are not known: only the operator can make it.
func (c *Change) Actions() []string {
	a, err := arn.Parse(c.Resource.ARN)
	if err != nil {
		return nil
	}
	k := KindOf(&a)
	if k == nil {
		return nil
	}
	switch c.Way {
	case Create:
		actions := slices.Clone(k.create)
		if c.Resource.Policy != "" && !k.bornWithPolicy {
			actions = append(actions, k.put...)
		}
		if len(c.Resource.Tags) > 0 {
			actions = append(actions, k.tag...)
		}
		return actions
	case Remove:
		return k.remove
	case Keep:
		return k.read
	}
	var actions []string
	if c.Policy && c.Resource.Policy == "" {
		actions = append(actions, k.drop...)
	} else if c.Policy {
		actions = append(actions, k.put...)
	}
	if c.Tags {
		actions = append(actions, k.retag(c.before.Tags, c.Resource.Tags)...)
	}
	return actions
}

// retag returns the actions that turn tags into others.
func (k *Kind) retag(before, after []Tag) (actions []string) {
	if slices.ContainsFunc(after, func(t Tag) bool { return !slices.Contains(before, t) }) {
		actions = append(actions, k.tag...)
	}
	gone := func(t Tag) bool { return !slices.ContainsFunc(after, func(o Tag) bool { return o.Key == t.Key }) }
	if slices.ContainsFunc(before, gone) {
		for _, a := range k.untag {
			if !slices.Contains(actions, a) {
				actions = append(actions, a)
			}
		}
	}
	return actions
}

// ReadActions returns the IAM actions that reading the registration of a resource needs in
// its service; none if they are not known.
func ReadActions(resourceARN string) []string {
	c := Change{Way: Keep, Resource: Resource{ARN: resourceARN}}
	return c.Actions()
}

// PolicyActions returns the IAM actions that giving a resource a policy needs in its service,
// if it exists or is made with it; none if they are not known.
func PolicyActions(resourceARN string, exists bool) []string {
	a, err := arn.Parse(resourceARN)
	if err != nil {
		return nil
	}
	k := KindOf(&a)
	switch {
	case k == nil:
		return nil
	case k.bornWithPolicy && !exists:
		return k.create
	default:
		return k.put
	}
}

// Before returns the registration that the change replaces or removes, and whether there is
// one.
func (c *Change) Before() (Resource, bool) { return c.before, c.before.ARN != "" }

// Plan is a checked wish: what carrying it out would change now.
type Plan struct{ Changes []Change }

// MakePlan checks a wish against what is registered. The error is an [Errors] with every
// broken rule, or a failure of the store. Resources that are registered as they are wished
// for already come with the way Keep.
func MakePlan(ctx context.Context, tx Tx, w *Wish) (*Plan, error) {
	if n := len(w.Put) + len(w.Remove); n > maxChanges {
		return nil, Errors{fail(LimitExceeded, "", "%d resources at once; %d are allowed", n, maxChanges)}
	}
	p, named := &Plan{}, map[string]bool{}
	var broken Errors
	note := func(c Change, err error) error {
		rule, ok := err.(*Error) //nolint:errorlint // planning returns it as it is
		switch {
		case ok:
			broken = append(broken, rule)
		case err != nil:
			return err
		case named[c.Resource.ARN]:
			broken = append(broken, fail(InvalidInput, c.Resource.ARN, "the resource is named twice"))
		default:
			named[c.Resource.ARN] = true
			p.Changes = append(p.Changes, c)
		}
		return nil
	}
	for i := range w.Put {
		if err := note(planPut(tx, &w.Put[i])); err != nil {
			return nil, err
		}
	}
	for _, name := range w.Remove {
		r, err := Find(ctx, tx, name)
		if err := note(Change{Way: Remove, Resource: r, before: r}, err); err != nil {
			return nil, err
		}
	}
	for _, account := range w.Prune {
		if err := p.prune(tx, account, named); err != nil {
			return nil, err
		}
	}
	if len(broken) > 0 {
		return nil, broken
	}
	return p, nil
}

// prune removes what is registered in an account and not named.
func (p *Plan) prune(tx Tx, accountID string, named map[string]bool) error {
	list, err := tx.RegisteredResources(accountID, iam.Range{Limit: maxChanges + 1})
	if err != nil {
		return err
	}
	for _, r := range list {
		if !named[r.ARN] {
			named[r.ARN] = true
			p.Changes = append(p.Changes, Change{Way: Remove, Resource: r, before: r})
		}
	}
	if len(p.Changes) > 2*maxChanges {
		return Errors{fail(LimitExceeded, "", "more than %d changes at once", 2*maxChanges)}
	}
	return nil
}

// planPut says what a wished registration changes.
func planPut(tx Tx, s *Spec) (Change, error) {
	a, k, err := checkSpec(tx, s)
	if err != nil {
		return Change{}, err
	}
	c := Change{Way: Create, Resource: Resource{
		ARN: s.ARN, AccountID: s.AccountID, Type: typeOf(&a, s.ARN), Policy: s.Policy, Tags: sortTags(s.Tags),
	}}
	if k == nil && s.Type != "" {
		c.Resource.Type = s.Type
	}
	if c.Resource.AccountID == "" {
		c.Resource.AccountID = a.AccountID
	}
	if c.Resource.Policy == "" {
		c.Resource.Policy = defaultPolicy(k, c.Resource.AccountID)
	}
	if c.Resource.Policy != "" {
		if c.Resource.Policy, c.ids, err = checkPolicy(tx, &a, k, c.Resource.Policy); err != nil {
			return Change{}, err
		}
	}
	err = c.compare(tx)
	return c, err
}

// compare finds out what the change changes.
func (c *Change) compare(tx Tx) error {
	before, there, err := tx.RegisteredResource(c.Resource.ARN)
	if err != nil || !there {
		return err
	}
	if before.AccountID != c.Resource.AccountID {
		return fail(AlreadyExists, c.Resource.ARN, "the resource is registered in another account")
	}
	named, err := tx.RegisteredResourcePrincipals(c.Resource.ARN)
	if err != nil {
		return err
	}
	ids := make(map[string]string, len(named))
	for _, t := range named {
		ids[t.Name] = t.ID
	}
	c.before, c.Way = before, Keep
	c.Policy = before.Policy != c.Resource.Policy || !maps.Equal(ids, c.ids)
	c.Tags = !slices.Equal(before.Tags, c.Resource.Tags)
	if c.Policy || c.Tags || before.Type != c.Resource.Type {
		c.Way = Update
	}
	return nil
}

// checkSpec checks everything but the policy.
func checkSpec(tx Tx, s *Spec) (arn.ARN, *Kind, error) {
	a, err := arn.Parse(s.ARN)
	if err != nil || a.Partition != "aws" || len(s.ARN) > maxARN || strings.ContainsAny(s.ARN, "*? \t\r\n") {
		return a, nil, fail(InvalidInput, s.ARN, "the ARN is not that of one resource of the partition aws")
	}
	if slices.Contains(kept, a.Service) {
		return a, nil, fail(InvalidInput, s.ARN, "resources of %s are not registered: they have an API of their own here", a.Service)
	}
	k := KindOf(&a)
	owner := s.AccountID
	switch {
	case a.AccountID != "" && owner != "" && owner != a.AccountID:
		return a, k, fail(InvalidInput, s.ARN, "the ARN is of account %s, not of %s", a.AccountID, owner)
	case a.AccountID != "":
		owner = a.AccountID
	case owner == "":
		return a, k, fail(InvalidInput, s.ARN, "the ARN does not say which account owns the resource: the account is required")
	case a.Service == "s3" && a.Region == "" && k == nil:
		return a, k, fail(InvalidInput, s.ARN, "the ARN is not that of a bucket")
	}
	if k != nil && s.Type != "" && s.Type != k.Type {
		return a, k, fail(InvalidInput, s.ARN, "the type is %s, not %s", k.Type, s.Type)
	}
	if len(s.Type) > maxType || !utf8.ValidString(s.Type) {
		return a, k, fail(InvalidInput, s.ARN, "the type is longer than %d characters", maxType)
	}
	if broken := checkTags(s); broken != nil {
		return a, k, broken
	}
	_, there, err := tx.OrgAccount(owner)
	if err == nil && !there {
		err = fail(AccountNotFound, s.ARN, "there is no account %s", owner)
	}
	return a, k, err
}

func checkTags(s *Spec) *Error {
	if len(s.Tags) > maxTags {
		return fail(LimitExceeded, s.ARN, "%d tags; %d are allowed", len(s.Tags), maxTags)
	}
	seen := map[string]bool{}
	for _, t := range s.Tags {
		switch {
		case t.Key == "" || utf8.RuneCountInString(t.Key) > maxTagKey:
			return fail(InvalidInput, s.ARN, "the key of a tag has 1 to %d characters", maxTagKey)
		case utf8.RuneCountInString(t.Value) > maxTagValue:
			return fail(InvalidInput, s.ARN, "the value of the tag %s has more than %d characters", t.Key, maxTagValue)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return fail(InvalidInput, s.ARN, "keys of tags that begin with aws: are reserved")
		case seen[t.Key]:
			return fail(InvalidInput, s.ARN, "the tag %s is given twice", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// Apply carries the plan out in the transaction in which it was made.
func (p *Plan) Apply(_ context.Context, tx Tx) error {
	for i := range p.Changes {
		c := &p.Changes[i]
		switch c.Way {
		case Keep:
			continue
		case Remove:
			if err := tx.DeleteRegisteredResource(c.Resource.ARN); err != nil {
				return err
			}
			continue
		case Create:
			c.Resource.CreatedAt = tx.Now()
		case Update:
			c.Resource.CreatedAt = c.before.CreatedAt
		}
		c.Resource.UpdatedAt = tx.Now()
		if err := tx.PutRegisteredResource(c.Resource); err != nil {
			return err
		}
		if err := tx.SetRegisteredResourcePrincipals(c.Resource.ARN, c.ids); err != nil {
			return err
		}
	}
	return nil
}

// Same reports whether two plans make the same changes of the same resources with the same
// permissions: whether what was allowed for one is allowed for the other.
func (p *Plan) Same(o *Plan) bool {
	return slices.EqualFunc(p.Changes, o.Changes, func(a, b Change) bool {
		return a.Way == b.Way && a.Resource.ARN == b.Resource.ARN && a.Resource.AccountID == b.Resource.AccountID &&
			slices.Equal(a.before.Tags, b.before.Tags) && slices.Equal(a.Actions(), b.Actions())
	})
}
