package policytest

import (
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// build puts together the request and everything that applies to it, as the gate of the
// server does.
func (l *loader) build(r *rawCase, who *identity, action string, on *resource) Case {
	owner := who.account
	ownerID := on.account
	if r.resourceAccountID != "" {
		ownerID = r.resourceAccountID
	}
	if ownerID != "" {
		owner = l.world.accountOf(ownerID)
	}
	keys := policy.Keys{}
	principalKeys(keys, who)
	resourceKeys(keys, on, owner, action)
	requestTagKeys(keys, r.requestTags)
	apply(keys, l.world.context)
	apply(keys, who.context)
	apply(keys, on.context)
	apply(keys, r.context)
	c := Case{
		Place: l.place(r.at), Expect: Expectation(r.expect), Because: r.because, sources: l.sources,
		Request: policy.Request{
			Principal: who.principal, Action: action, Resource: on.arn, ResourceAccount: ownerID,
			ResourcePolicyRequired: on.required, Context: keys,
		},
		Sets: policy.Sets{
			Identity: who.policies, Boundary: who.boundary, Session: who.session,
			Resource: on.policy, Endpoint: r.endpointPolicy,
		},
	}
	c.limit(who.account.levels(policy.SCP), owner.levels(policy.RCP))
	return c
}

// limit adds the organization's policies, as far as they concern the request: neither touches
// service-linked roles, and RCPs are for some services only.
func (c *Case) limit(scp, rcp []policy.Level) {
	if isServiceLinked(&c.Request.Principal) {
		if scp != nil || rcp != nil {
			c.Notes = append(c.Notes, "SCPs and RCPs do not apply to service-linked roles")
		}
		return
	}
	c.Sets.SCP = scp
	service, _, _ := strings.Cut(c.Request.Action, ":")
	switch {
	case serviceauth.RCPSupported(service):
		c.Sets.RCP = rcp
	case slices.ContainsFunc(rcp, func(l policy.Level) bool { return len(l.Policies) > 1 }):
		c.Notes = append(c.Notes, "RCPs do not apply to "+service+": AWS supports them for some services only")
	}
}
