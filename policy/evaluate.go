package policy

// call is a request prepared for matching.
type call struct {
	req         *Request
	resource    arnText
	hasBoundary bool
	action      actionKey
	decision    Decision
	// grants holds the first allow of each granting policy, for the decision's reasons.
	grants     [maxDeciding]StatementRef
	grantCount int
	// resourceGrant is the closest allow of the resource's policy.
	resourceGrant StatementRef
}

// Evaluate decides a request by all policies that apply to it, as the IAM user guide's
// topic "Policy evaluation logic" describes: an explicit deny in any layer decides; then
// every layer that limits has to allow; and the identity-based or the resource-based
// policy (from another account: both) has to grant.
func Evaluate(req *Request, sets *Sets) Decision {
	c := call{req: req, resource: splitARN(req.Resource), hasBoundary: sets.Boundary != nil}
	c.action.set(req.Action)
	c.decision.CrossAccount = !req.sameAccount()
	if results, denied := c.scan(sets); !denied {
		c.decide(sets, &results)
	}
	return c.decision
}

// results is what each layer says, once it is known that none denies.
type results struct {
	identity, boundary, session, endpoint bool
	resource                              grant
	scpLevel, rcpLevel                    int // first level that does not allow, or -1
}

// scan looks at every policy. It reports whether a layer denies; the decision then holds
// the reasons.
func (c *call) scan(sets *Sets) (r results, denied bool) {
	if r.scpLevel, denied = c.scanLevels(sets.SCP, SCP); denied {
		return r, true
	}
	if r.rcpLevel, denied = c.scanLevels(sets.RCP, RCP); denied {
		return r, true
	}
	if r.endpoint, denied = c.scanOptional(sets.Endpoint, VPCEndpoint); denied {
		return r, true
	}
	if sets.Resource != nil {
		if r.resource = c.scanPolicy(sets.Resource, sets.Resource.resourceKind()); c.stop(sets.Resource.resourceKind()) {
			return r, true
		}
	}
	if r.identity, denied = c.scanList(sets.Identity, Identity); denied {
		return r, true
	}
	if r.boundary, denied = c.scanOptional(sets.Boundary, Boundary); denied {
		return r, true
	}
	// A federated user without session policies has no permissions (AWS STS API reference,
	// "GetFederationToken"); all other sessions are not limited without them.
	r.session = c.req.Principal.Type != FederatedUser
	if sets.Session != nil {
		if r.session, denied = c.scanList(sets.Session, Session); denied {
			return r, true
		}
	}
	return r, false
}

// stop reports whether the layer just scanned found an explicit deny, and if so decides.
func (c *call) stop(k Kind) bool {
	if c.decision.count == 0 {
		return false
	}
	c.decision.Effect, c.decision.Reason = ExplicitDeny, k
	return true
}

func (c *call) scanOptional(a *Attached, k Kind) (allowed, denied bool) {
	if a == nil {
		return true, false
	}
	g := c.scanPolicy(a, k)
	return g != noGrant, c.stop(k)
}

func (c *call) scanList(list []Attached, k Kind) (allowed, denied bool) {
	for i := range list {
		if c.scanPolicy(&list[i], k) != noGrant {
			allowed = true
		}
	}
	return allowed, c.stop(k)
}

// scanLevels returns the first level that does not allow, or -1 when all do.
func (c *call) scanLevels(levels []Level, k Kind) (failing int, denied bool) {
	failing = -1
	for i := range levels {
		allowed := false
		for j := range levels[i].Policies {
			if c.scanPolicy(&levels[i].Policies[j], k) != noGrant {
				allowed = true
			}
		}
		if !allowed && failing < 0 {
			failing = i
		}
	}
	if c.stop(k) {
		return failing, true
	}
	return failing, false
}

// scanPolicy looks at the statements of a policy that are about the action. Denies go
// into the decision; the closest grant of the allows is returned.
func (c *call) scanPolicy(a *Attached, k Kind) grant {
	p := a.Policy
	if p == nil {
		c.decision.add(a, -1)
		return noGrant
	}
	best := noGrant
	for _, n := range p.about(&c.action, c.req.Action) {
		s := &p.statements[n]
		if !s.deny && best == directGrant {
			continue
		}
		g := c.matchRest(s, k)
		switch {
		case g == noGrant:
		case s.deny:
			c.decision.add(a, int(n))
		case g > best:
			best = g
			c.keepAllow(a, int(n), k)
		}
	}
	return best
}

// keepAllow remembers an allow of the layers that grant.
func (c *call) keepAllow(a *Attached, n int, k Kind) {
	switch {
	case k == Identity:
		// The statements of identity-based policies all grant directly: one per policy.
		if c.grantCount < maxDeciding {
			c.grants[c.grantCount] = StatementRef{Attached: a, Index: n}
		}
		c.grantCount++
	case k == Resource || k == Trust:
		c.resourceGrant = StatementRef{Attached: a, Index: n}
	}
}

// matchStatement decides whether a statement applies, and how closely it names the
// principal. Policies that do not name principals apply to whoever carries them.
func (c *call) matchStatement(s *statement, k Kind) grant {
	if !s.opaque && !s.matchesAction(c.req.Action) {
		return noGrant
	}
	return c.matchRest(s, k)
}

// matchRest is matchStatement for a statement that is about the action, or opaque.
func (c *call) matchRest(s *statement, k Kind) grant {
	if s.opaque {
		if s.deny {
			return directGrant
		}
		return noGrant
	}
	if !s.matchesResource(c) {
		return noGrant
	}
	if s.resources == nil && !s.deny && k.needsResource() {
		return noGrant // lacks what it has to say
	}
	g := directGrant
	if k.namesPrincipals() {
		g = s.matchesPrincipal(c)
		if s.deny && s.principals == nil {
			g = directGrant // names nobody where somebody must be named
		}
		if g == noGrant {
			return noGrant
		}
	} else if s.principals != nil && !s.deny {
		return noGrant // has no place here, so it is not understood
	}
	if !s.matchesConditions(c) {
		return noGrant
	}
	return g
}

// resourceKind tells a trust policy from the policies of other resources.
func (a *Attached) resourceKind() Kind {
	if a.Kind == Trust {
		return Trust
	}
	return Resource
}

// decide combines the layers when none denies explicitly.
func (c *call) decide(sets *Sets, r *results) {
	switch {
	case r.rcpLevel >= 0:
		c.refuse(RCP, sets.RCP[r.rcpLevel].Name)
	case r.scpLevel >= 0:
		c.refuse(SCP, sets.SCP[r.scpLevel].Name)
	case !r.endpoint:
		c.refuse(VPCEndpoint, "")
	default:
		c.decideGrant(sets, r)
	}
}

// decideGrant asks the layers that grant: resource-based and identity-based policies,
// the latter limited by boundary and session policies.
func (c *call) decideGrant(sets *Sets, r *results) {
	p := &c.req.Principal
	resourceKind := Resource
	required := c.req.ResourcePolicyRequired
	if sets.Resource != nil && sets.Resource.resourceKind() == Trust {
		resourceKind, required = Trust, true
	}
	if !p.hasIdentity() || c.decision.CrossAccount {
		required = true
	}
	if required && r.resource == noGrant {
		c.refuse(resourceKind, "")
		return
	}
	if !p.hasIdentity() || (!c.decision.CrossAccount && r.resource == directGrant) {
		c.permit(resourceKind)
		return
	}
	granted := Identity
	switch {
	case !c.decision.CrossAccount && r.resource == entityGrant:
		granted = resourceKind
	case r.identity || p.rootPower():
	default:
		c.refuse(Identity, "")
		return
	}
	switch {
	case !r.boundary:
		c.refuse(Boundary, "")
	case !r.session:
		c.refuse(Session, "")
	default:
		c.permit(granted)
	}
}

func (c *call) refuse(k Kind, level string) {
	d := &c.decision
	d.Allowed, d.Effect, d.Reason, d.Level = false, ImplicitDeny, k, level
}

// permit allows the request and names the statements that granted it.
func (c *call) permit(k Kind) {
	d := &c.decision
	d.Allowed, d.Effect, d.Reason = true, Allowed, k
	if k == Identity {
		if !c.req.Principal.rootPower() {
			d.deciding, d.count = c.grants, c.grantCount
		}
		return
	}
	d.add(c.resourceGrant.Attached, c.resourceGrant.Index)
}
