package org

import (
	"context"
	"strings"
)

// Membership is where an account stands: its state and, if it is in an organization, its
// place in the tree. For a standalone account OrganizationID is empty and there are no
// nodes.
type Membership struct {
	AccountID string
	// AccountState is one of the State constants; principals of an account that is not
	// active are refused.
	AccountState        string
	OrganizationID      string
	ManagementAccountID string
	FeatureSet          string
	RootID              string
	// ParentID is the root or the OU that the account hangs on.
	ParentID string
	// Nodes are the root, the OUs top-down, then the account itself.
	Nodes []Node
}

// OrgPath returns the path of the account's parent, as aws:PrincipalOrgPaths has it:
// "o-x/r-x/ou-x/ou-y/". It is empty for a standalone account.
func (m Membership) OrgPath() string {
	if m.OrganizationID == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(m.OrganizationID)
	for _, n := range m.Nodes {
		if n.Kind != KindAccount {
			b.WriteString("/" + n.ID)
		}
	}
	b.WriteByte('/')
	return b.String()
}

// IsManagement reports whether the account is the management account of its organization.
func (m Membership) IsManagement() bool {
	return m.OrganizationID != "" && m.AccountID == m.ManagementAccountID
}

// AccountARN returns the ARN of the account as a resource of its organization, or the
// empty string for a standalone account.
func (m Membership) AccountARN() string {
	if m.OrganizationID == "" {
		return ""
	}
	return AccountARN(m.ManagementAccountID, m.OrganizationID, m.AccountID)
}

// MembershipOf returns where the account stands. It reports false if there is no such
// account.
func MembershipOf(_ context.Context, tx Reader, accountID string) (Membership, bool, error) {
	account, found, err := tx.OrgAccount(accountID)
	if err != nil || !found {
		return Membership{}, false, err
	}
	m := Membership{AccountID: accountID, AccountState: account.State}
	if account.OrganizationID == "" {
		return m, true, nil
	}
	o, found, err := tx.Organization(account.OrganizationID)
	if err != nil || !found {
		return m, true, err
	}
	units, err := pathOf(tx, o, account.ParentID)
	if err != nil {
		return Membership{}, false, err
	}
	m.OrganizationID, m.ManagementAccountID = o.ID, o.ManagementAccountID
	m.FeatureSet, m.RootID, m.ParentID = o.FeatureSet, o.RootID, account.ParentID
	m.Nodes = append(make([]Node, 0, len(units)+2), Node{ID: o.RootID, Kind: KindRoot})
	for _, id := range units {
		m.Nodes = append(m.Nodes, Node{ID: id, Kind: KindUnit})
	}
	m.Nodes = append(m.Nodes, Node{ID: accountID, Kind: KindAccount})
	return m, true, nil
}

// pathOf returns the ids of the OUs from the root (without it) down to the given root or
// OU.
func pathOf(tx Reader, o Organization, parentID string) ([]string, error) {
	if parentID == o.RootID {
		return nil, nil
	}
	return tx.OrgUnitPath(o.ID, parentID)
}

// AttachedPolicy is a policy as it is attached to a node.
type AttachedPolicy struct {
	ID, ARN, Name string
	// Content is the document as it was given.
	Content string
	// AWSManaged policies are AWS's own.
	AWSManaged bool
}

// Level is one node of an account's path with the policies attached to it.
type Level struct {
	TargetID string
	// Kind is one of the Kind constants.
	Kind string
	// Policies in ascending order of id.
	Policies []AttachedPolicy
}

// PolicyLevels returns the policies of a type that are attached at each node of m.Nodes, in
// that order. enabled is false, and the levels nil, when the type does not apply: for a
// standalone account, or when the type is not enabled in the root.
func PolicyLevels(_ context.Context, tx Reader, m Membership, policyType string) (levels []Level, enabled bool, err error) {
	if m.OrganizationID == "" {
		return nil, false, nil
	}
	if enabled, err = typeEnabled(tx, m.OrganizationID, policyType); err != nil || !enabled {
		return nil, false, err
	}
	ids := make([]string, len(m.Nodes))
	levels = make([]Level, len(m.Nodes))
	at := make(map[string]int, len(m.Nodes))
	for i, n := range m.Nodes {
		ids[i], at[n.ID] = n.ID, i
		levels[i] = Level{TargetID: n.ID, Kind: n.Kind}
	}
	attached, err := tx.OrgPoliciesAt(m.OrganizationID, policyType, ids)
	if err != nil {
		return nil, false, err
	}
	for _, a := range attached {
		p, ok := awsManaged(a.PolicyID)
		if !ok {
			p = a.Policy
		}
		level := &levels[at[a.TargetID]]
		level.Policies = append(level.Policies, AttachedPolicy{
			ID: a.PolicyID, ARN: p.ARN(m.ManagementAccountID, m.OrganizationID),
			Name: p.Name, Content: p.Content, AWSManaged: ok,
		})
	}
	return levels, true, nil
}
