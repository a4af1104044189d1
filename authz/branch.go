package authz

import (
	"context"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
)

// maxBranches bounds the branches, in entries: an organization has 2,000 OUs at most unless
// AWS raises that.
const maxBranches = 20_000

// branchKey is a root or OU that accounts hang on.
type branchKey struct{ organization, parent string }

// branch is what all accounts in one root or OU have in common: the way from the root down to
// it, and the policies along that way. Accounts share it, because there may be very many
// accounts and each level of the way has its policies.
type branch struct {
	// revision is that of the organization.
	revision uint64
	nodes    []org.Node
	// scp and rcp are nil where the type is not enabled.
	scp, rcp []policy.Level
}

// place fills in what an account has by its place in the tree. Its membership and the
// revision of its organization are there already.
func (a *Authorizer) place(ctx context.Context, tx Tx, to *account) error {
	m := &to.membership
	b, err := a.branch(ctx, tx, to)
	if err != nil {
		return err
	}
	// The same text once, however many accounts there are.
	own := m.Nodes[len(m.Nodes)-1]
	m.Nodes = append(append(make([]org.Node, 0, len(b.nodes)+1), b.nodes...), own)
	m.RootID, m.ParentID = b.nodes[0].ID, b.nodes[len(b.nodes)-1].ID
	only := *m
	only.Nodes = []org.Node{own}
	if to.scp, err = a.below(ctx, tx, b.scp, only, org.ServiceControlPolicy, policy.SCP); err != nil {
		return err
	}
	to.rcp, err = a.below(ctx, tx, b.rcp, only, org.ResourceControlPolicy, policy.RCP)
	return err
}

// branch returns the branch that an account hangs on, from the cache if nothing changed.
func (a *Authorizer) branch(ctx context.Context, tx Tx, of *account) (*branch, error) {
	m := of.membership
	key := branchKey{m.OrganizationID, m.ParentID}
	if have, ok := a.branches.GetIfPresent(key); ok && have.revision == of.orgRevision {
		return have, nil
	}
	m.Nodes = m.Nodes[:len(m.Nodes)-1]
	b := &branch{revision: of.orgRevision, nodes: m.Nodes}
	var err error
	if b.scp, err = a.levels(ctx, tx, m, org.ServiceControlPolicy, policy.SCP); err != nil {
		return nil, err
	}
	if b.rcp, err = a.levels(ctx, tx, m, org.ResourceControlPolicy, policy.RCP); err != nil {
		return nil, err
	}
	a.branches.Set(key, b)
	return b, nil
}

// below adds the account's own level to those above it.
func (a *Authorizer) below(ctx context.Context, tx Tx, above []policy.Level, own org.Membership, policyType string, kind policy.Kind) ([]policy.Level, error) {
	if above == nil {
		return nil, nil
	}
	last, err := a.levels(ctx, tx, own, policyType, kind)
	if err != nil {
		return nil, err
	}
	for i := range last {
		shareNames(last[i].Policies, above)
	}
	return append(append(make([]policy.Level, 0, len(above)+1), above...), last...), nil
}

// shareNames takes names and ARNs from the levels above, which mostly have the same policies.
func shareNames(policies []policy.Attached, above []policy.Level) {
	for i := range policies {
		p := &policies[i]
		for _, level := range above {
			for j := range level.Policies {
				if q := &level.Policies[j]; q.ARN == p.ARN {
					p.ARN, p.Name = q.ARN, q.Name
				}
			}
		}
	}
}

// levels returns the policies of one type at the nodes of m; nil if the type is not enabled.
func (a *Authorizer) levels(ctx context.Context, tx Tx, m org.Membership, policyType string, kind policy.Kind) ([]policy.Level, error) {
	found, enabled, err := org.PolicyLevels(ctx, tx, m, policyType)
	if err != nil || !enabled {
		return nil, err
	}
	levels := make([]policy.Level, 0, len(found))
	for _, f := range found {
		name := levelName(f.Kind) + " " + f.TargetID
		level := policy.Level{Name: name, Policies: make([]policy.Attached, 0, len(f.Policies))}
		for _, p := range f.Policies {
			level.Policies = append(level.Policies, policy.Attached{
				ARN: p.ARN, Name: p.Name, Kind: kind, Level: name, Policy: a.policies.Compile(p.Content, kind),
			})
		}
		levels = append(levels, level)
	}
	return levels, nil
}
