package organizations

import (
	"context"
	"strings"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// The condition keys of Organizations' actions.
const (
	keyPolicyType  = "organizations:PolicyType"
	keyRequestTag  = "aws:RequestTag/"
	keyResourceTag = "aws:ResourceTag/"
	keyTagKeys     = "aws:TagKeys"
)

// checks collects the checks of one call. Condition keys of the request are to be given
// before the resources that they go with.
//
// What a resource is comes from its id: whether it exists is for the operation to say, and
// only to those who may ask.
type checks struct {
	ctx    context.Context
	tx     *store.Tx
	call   *authz.Call
	action string
	// keys are the condition keys that the request itself carries.
	keys policy.Keys
	list []authz.Check
	// err is the first error of the store.
	err error
}

func (s *Service) collect(ctx context.Context, c *authz.Call, operation string, fill func(*checks)) ([]authz.Check, error) {
	return store.Read(ctx, s.DB, func(tx *store.Tx) ([]authz.Check, error) {
		b := &checks{ctx: ctx, tx: tx, call: c, action: action(operation), keys: policy.Keys{}}
		fill(b)
		return b.list, b.err
	})
}

// anywhere adds the check of an action without resource types.
func (b *checks) anywhere() { b.add(b.action, "*", b.keys) }

func (b *checks) add(action, resource string, keys policy.Keys) {
	b.list = append(b.list, authz.Check{Action: action, Resource: resource, Keys: keys})
}

// standalone reports that the caller is in no organization: there are no resources then,
// and the operation will say so.
func (b *checks) standalone() bool { return b.call.Membership.OrganizationID == "" }

// arn returns the ARN of a resource of the caller's organization.
func (b *checks) arn(kind, id string) string {
	m := b.call.Membership
	switch {
	case b.standalone():
		return "*"
	case kind == "ou":
		return org.UnitARN(m.ManagementAccountID, m.OrganizationID, id)
	case kind == "resourcepolicy":
		return org.ResourcePolicyARN(m.ManagementAccountID, m.OrganizationID, id)
	case kind == "root":
		return org.RootARN(m.ManagementAccountID, m.OrganizationID, id)
	default:
		return org.AccountARN(m.ManagementAccountID, m.OrganizationID, id)
	}
}

func (b *checks) policyARN(policyType, id string) string {
	if b.standalone() {
		return "*"
	}
	return org.PolicyARN(b.call.Membership.ManagementAccountID, b.call.Membership.OrganizationID, policyType, id)
}

// resource adds the check of a resource whose tags are condition keys too.
func (b *checks) resource(arn, id string) {
	keys := b.keys
	if id != "" && !b.standalone() && b.err == nil {
		tags, err := org.Tags(b.ctx, b.tx, b.call.Membership.OrganizationID, id)
		b.err = err
		if len(tags) > 0 {
			keys = make(policy.Keys, len(b.keys)+len(tags))
			for k, v := range b.keys {
				keys[k] = v
			}
			for _, t := range tags {
				addValue(keys, keyResourceTag+t.Key, t.Value)
			}
		}
	}
	b.add(b.action, arn, keys)
}

// node adds the check of a root, an OU or an account.
func (b *checks) node(id *string) {
	name := smithy.Value(id)
	kind := "account"
	if before, _, found := strings.Cut(name, "-"); found {
		kind = map[string]string{"r": "root", "ou": "ou", "rp": "resourcepolicy"}[before]
	}
	b.resource(b.arn(kind, name), name)
}

// policy adds the check of a policy with its type.
func (b *checks) policy(id *string) {
	name := smithy.Value(id)
	// An id that nobody has is asked for as if it were the commonest type's: the answer must
	// not tell whether it exists.
	arn, policyType := b.policyARN(org.ServiceControlPolicy, name), org.ServiceControlPolicy
	if !b.standalone() && b.err == nil {
		p, found, err := org.PolicyByID(b.ctx, b.tx, b.call.Membership.OrganizationID, name)
		b.err = err
		if found {
			arn, policyType = p.ARN(b.call.Membership.ManagementAccountID, b.call.Membership.OrganizationID), p.Type
		}
	}
	b.policyType(&policyType)
	b.resource(arn, name)
}

// any adds the check of whatever can have tags.
func (b *checks) any(id *string) {
	switch name := smithy.Value(id); {
	case strings.HasPrefix(name, "p-"):
		b.policy(id)
	case strings.HasPrefix(name, "rt-"):
		b.transfer(id)
	default:
		b.node(id)
	}
}

func (b *checks) policyType(t *string) { b.keys.Set(keyPolicyType, smithy.Value(t)) }

// requestTags gives the tags that the request carries.
func (b *checks) requestTags(tags []organizationsapi.Tag) {
	keys := make([]string, 0, len(tags))
	for _, t := range tags {
		addValue(b.keys, keyRequestTag+smithy.Value(t.Key), smithy.Value(t.Value))
		keys = append(keys, smithy.Value(t.Key))
	}
	b.tagKeys(keys)
}

// addValue adds to a condition key: tags whose keys differ in case only share one.
func addValue(keys policy.Keys, key, value string) {
	have, _ := keys.Lookup(strings.ToLower(key))
	keys.Set(key, append(have[:len(have):len(have)], value)...)
}

func (b *checks) tagKeys(keys []string) {
	if len(keys) > 0 {
		b.keys.Set(keyTagKeys, keys...)
	}
}

// tagging adds the check of organizations:TagResource for tags given at creation.
func (b *checks) tagging(tags []organizationsapi.Tag, resource string) {
	if len(tags) > 0 {
		b.add(action("TagResource"), resource, b.keys)
	}
}
