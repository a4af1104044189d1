package authz

import (
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
)

// limitDelegation takes back what the approver of a delegation request may do and the policy
// of the request does not allow. That policy limits whatever grants: also what the policy of
// a resource gives the approver by name, which session policies do not limit. See the IAM
// user guide, "IAM temporary delegation".
func (a *Authorizer) limitDelegation(c *credential.Caller, e *evaluation) {
	if c.Session == nil || c.Session.DelegateAccountID == "" || !e.decision.Allowed {
		return
	}
	sets := policy.Sets{
		Identity: []policy.Attached{{
			Name: "approver", Kind: policy.Identity, Level: "approver", Policy: a.policies.Compile(rootPower, policy.Identity),
		}},
		Session: []policy.Attached{{
			Name: "delegation policy", Kind: policy.Session, Level: "delegated access of " + c.Session.DelegateAccountID,
			Policy: a.policies.Compile(c.Session.DelegationPolicy, policy.Session),
		}},
	}
	request := e.request
	request.ResourceAccount, request.ResourcePolicyRequired = "", false
	if d := policy.Evaluate(&request, &sets); !d.Allowed {
		e.request, e.sets, e.decision = request, sets, d
	}
}
