package iam

import (
	"context"

	"github.com/bailiwick/bailiwick/policy"
	registration "github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/store"
)

// registeredResource is a registered resource of the account that simulates: its policy and
// tags count where the request gives no policy.
type registeredResource struct {
	owner string
	text  string
	tags  []registration.Tag

	// policy is what compile makes of the text; nil if there is none.
	policy *policy.Attached
	keys   policy.Keys
}

// readRegistered reads what is registered in the account for the resources of a simulation.
// Resources of other accounts are not looked up: what their policies say is theirs.
func readRegistered(ctx context.Context, tx *store.Tx, accountID string, resources []string) (map[string]*registeredResource, error) {
	found := map[string]*registeredResource{}
	for _, name := range resources {
		if name == everything || found[name] != nil {
			continue
		}
		r, ok, err := registration.Covering(ctx, tx, name)
		if err != nil {
			return nil, err
		}
		if !ok || r.AccountID != accountID {
			continue
		}
		text, err := registration.PolicyOf(ctx, tx, &r)
		if err != nil {
			return nil, err
		}
		found[name] = &registeredResource{owner: r.AccountID, text: text, tags: r.Tags, policy: &policy.Attached{Name: r.ARN, Kind: policy.Resource}}
	}
	return found, nil
}

// compile makes the policy ready for evaluation and the tags condition keys.
func (r *registeredResource) compile() error {
	r.keys = policy.Keys{}
	for _, t := range r.tags {
		r.keys.Set("aws:ResourceTag/"+t.Key, t.Value)
	}
	name := r.policy.Name
	r.policy = nil
	if r.text == "" {
		return nil
	}
	a, err := attachedPolicy(name, policy.Resource, r.text)
	if err == nil {
		r.policy = &a
	}
	return err
}

// takeRegistered lets registered resources speak where the request gives no resource policy
// and says of no other account that it owns the resources.
func (m *simulation) takeRegistered(r *simulationRequest, source *simulationSource) error {
	if source == nil || r.ResourcePolicy != nil {
		return nil
	}
	for name, registered := range source.registered {
		if m.shared && m.owner != registered.owner {
			continue
		}
		if err := registered.compile(); err != nil {
			return err
		}
		if m.registered == nil {
			m.registered = map[string]*registeredResource{}
		}
		m.registered[name] = registered
	}
	return nil
}

// apply lets the registration speak in one simulated call.
func (r *registeredResource) apply(req *policy.Request, sets *policy.Sets, keys *simulationKeys) {
	keys.resourceAccount, keys.resource = r.owner, r.keys
	req.ResourceAccount, sets.Resource = r.owner, r.policy
	req.ResourcePolicyRequired = registration.RequiresPolicy(req.Resource)
}
