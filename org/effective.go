package org

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/policy/management"
)

// EffectivePolicy is what the management policies of one type come to for an account.
type EffectivePolicy struct {
	AccountID  string
	PolicyType string
	// Content is JSON without inheritance operators.
	Content string
	// UpdatedAt is when the last of the policies that it is made of was attached or changed.
	UpdatedAt time.Time
}

// EffectiveErrors is what is wrong with an effective policy.
type EffectiveErrors struct {
	// Path is the account's place: "o-x/r-x/ou-x/111111111111/".
	Path string
	// EvaluatedAt is the time of the transaction.
	EvaluatedAt time.Time
	Problems    []management.Problem
}

// DescribeEffectivePolicy returns the effective policy of an account (Organizations user
// guide, "Viewing effective management policies"). It fails with CodeTargetNotFound,
// CodeInvalidInput (a root or an OU), CodeEffectivePolicyNotFound or, where only billing is
// consolidated, CodeConstraintViolation.
func DescribeEffectivePolicy(ctx context.Context, tx Tx, o Organization, policyType, targetID string) (EffectivePolicy, error) {
	if err := o.needAllFeatures(); err != nil {
		return EffectivePolicy{}, err
	}
	n, err := target(tx, o, targetID)
	if err != nil {
		return EffectivePolicy{}, err
	}
	if n.Kind != KindAccount {
		return EffectivePolicy{}, errInput(ReasonTargetNotSupported, "You can't perform the specified operation on that target entity.")
	}
	e, _, updated, err := effectiveOf(ctx, tx, o, policyType, n.ID)
	if err != nil {
		return EffectivePolicy{}, err
	}
	return EffectivePolicy{AccountID: n.ID, PolicyType: policyType, Content: e.JSON(), UpdatedAt: updated}, nil
}

// ListEffectivePolicyValidationErrors returns what is wrong with the effective policy of an
// account; nothing if it is valid. It fails with CodeAccountNotFound,
// CodeEffectivePolicyNotFound or CodeConstraintViolation.
func ListEffectivePolicyValidationErrors(ctx context.Context, tx Tx, o Organization, accountID, policyType string, p Page) (EffectiveErrors, string, error) {
	if err := o.needAllFeatures(); err != nil {
		return EffectiveErrors{}, "", err
	}
	if _, err := member(tx, o, accountID); err != nil {
		return EffectiveErrors{}, "", err
	}
	e, m, _, err := effectiveOf(ctx, tx, o, policyType, accountID)
	if err != nil {
		return EffectiveErrors{}, "", err
	}
	out := EffectiveErrors{Path: m.OrgPath() + accountID + "/", EvaluatedAt: tx.Now(), Problems: e.Validate()}
	from := 0
	if p.After != "" {
		if from, err = strconv.Atoi(p.After); err != nil || from < 0 {
			return EffectiveErrors{}, "", errInput(ReasonInvalidNextToken, "You provided an invalid value for the NextToken parameter.")
		}
	}
	out.Problems = out.Problems[min(from, len(out.Problems)):]
	next := ""
	if len(out.Problems) > p.Limit {
		out.Problems, next = out.Problems[:p.Limit], strconv.Itoa(from+p.Limit)
	}
	return out, next, nil
}

// The pieces in which accounts are looked through for invalid effective policies: how many
// are read at once, and how many one call looks at.
const (
	accountsAtOnce  = 200
	accountsPerCall = 2000
)

// ListAccountsWithInvalidEffectivePolicy returns the accounts whose effective policy has
// something wrong with it, in ascending order of id. A call looks at a bounded number of
// accounts, so there can be a cursor even when a page is not full. It fails with
// CodeEffectivePolicyNotFound or CodeConstraintViolation.
func ListAccountsWithInvalidEffectivePolicy(_ context.Context, tx Tx, o Organization, policyType string, p Page) ([]Account, string, error) {
	if err := o.needAllFeatures(); err != nil {
		return nil, "", err
	}
	in, err := inheriting(tx, o, policyType)
	if err != nil {
		return nil, "", err
	}
	var invalid []Account
	after := p.After
	for range accountsPerCall / accountsAtOnce {
		accounts, err := tx.OrgAccounts(o.ID, after, accountsAtOnce)
		if err != nil {
			return nil, "", err
		}
		own, err := in.attachedTo(accountIDs(accounts))
		if err != nil {
			return nil, "", err
		}
		for _, a := range accounts {
			problems, err := in.problems(a.ParentID, own[a.ID])
			if err != nil {
				return nil, "", err
			}
			if after = a.ID; len(problems) > 0 {
				if invalid = append(invalid, a); len(invalid) > p.Limit {
					page, next := cut(invalid, p, func(a Account) string { return a.ID })
					return page, next, nil
				}
			}
		}
		if len(accounts) < accountsAtOnce {
			return invalid, "", nil
		}
	}
	return invalid, after, nil
}

func accountIDs(accounts []Account) []string {
	ids := make([]string, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

// effectiveOf computes the effective policy of an account. It fails with
// CodeEffectivePolicyNotFound if no policy of the type applies to the account.
func effectiveOf(ctx context.Context, tx Reader, o Organization, policyType, accountID string) (*management.Effective, Membership, time.Time, error) {
	var updated time.Time
	in, err := inheriting(tx, o, policyType)
	if err != nil {
		return nil, Membership{}, updated, err
	}
	m, _, err := MembershipOf(ctx, tx, accountID)
	if err != nil {
		return nil, Membership{}, updated, err
	}
	ids := make([]string, 0, len(m.Nodes))
	for _, n := range m.Nodes {
		ids = append(ids, n.ID)
	}
	attached, err := in.attachedTo(ids)
	if err != nil {
		return nil, Membership{}, updated, err
	}
	if len(attached) == 0 {
		return nil, Membership{}, updated, errorf(CodeEffectivePolicyNotFound, "",
			"The account doesn't have an effective policy of this type. Contact the administrator of your organization about attaching a policy of this type to the account.")
	}
	levels := make([][]management.Attached, 0, len(ids))
	for _, id := range ids {
		level, err := in.level(attached[id])
		if err != nil {
			return nil, Membership{}, updated, err
		}
		levels = append(levels, level)
		for _, a := range attached[id] {
			updated = latest(updated, a.AttachedAt, a.Policy.UpdatedAt)
		}
	}
	return in.grammar.Merge(levels), m, updated, nil
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

// inheritance gathers the policies of one type in an organization, each read once.
type inheritance struct {
	tx        Reader
	o         Organization
	name      string
	grammar   *management.Type
	documents map[string]*management.Document
	// parents are the levels from the root down to a root or OU; results what is wrong below a
	// parent with an account's own policies.
	parents map[string][][]management.Attached
	results map[string][]management.Problem
}

// inheriting begins to gather. It fails with CodeEffectivePolicyNotFound if the type is not
// enabled.
func inheriting(tx Reader, o Organization, policyType string) (*inheritance, error) {
	t, err := findType(policyType)
	if err != nil {
		return nil, err
	}
	if t.management == nil {
		return nil, errInput(ReasonInvalidPolicyType, "You specified a policy type that has no effective policies.")
	}
	enabled, err := typeEnabled(tx, o.ID, policyType)
	if err != nil {
		return nil, err
	}
	if !enabled {
		return nil, errorf(CodeEffectivePolicyNotFound, "", "There is no effective policy: the policy type is not enabled in your organization.")
	}
	return &inheritance{
		tx: tx, o: o, name: policyType, grammar: t.management,
		documents: map[string]*management.Document{}, parents: map[string][][]management.Attached{}, results: map[string][]management.Problem{},
	}, nil
}

// attachedTo returns what is attached to nodes, in the order of attachment.
func (in *inheritance) attachedTo(ids []string) (map[string][]Attachment, error) {
	all, err := in.tx.OrgPoliciesAt(in.o.ID, in.name, ids)
	if err != nil {
		return nil, err
	}
	byNode := make(map[string][]Attachment)
	for _, a := range all {
		byNode[a.TargetID] = append(byNode[a.TargetID], a)
	}
	for _, level := range byNode {
		slices.SortStableFunc(level, func(a, b Attachment) int { return a.Position - b.Position })
	}
	return byNode, nil
}

// level reads the documents of a node's policies.
func (in *inheritance) level(attached []Attachment) ([]management.Attached, error) {
	level := make([]management.Attached, 0, len(attached))
	for _, a := range attached {
		d := in.documents[a.PolicyID]
		if d == nil {
			var err error
			if d, err = management.Read(a.Policy.Content); err != nil {
				return nil, fmt.Errorf("org: policy %s: %w", a.PolicyID, err)
			}
			in.documents[a.PolicyID] = d
		}
		level = append(level, management.Attached{PolicyID: a.PolicyID, Document: d})
	}
	return level, nil
}

// problems returns what is wrong with the effective policy of an account with policies of its
// own under a root or OU; nothing if there is none.
func (in *inheritance) problems(parentID string, own []Attachment) ([]management.Problem, error) {
	key := parentID
	for _, p := range own {
		key += " " + p.PolicyID
	}
	if result, known := in.results[key]; known {
		return result, nil
	}
	levels, err := in.levels(parentID, own)
	if err != nil {
		return nil, err
	}
	var problems []management.Problem
	if levels != nil {
		problems = in.grammar.Merge(levels).Validate()
	}
	in.results[key] = problems
	return problems, nil
}

// levels returns what an account with policies of its own inherits under a root or OU; nil if
// no policy applies.
func (in *inheritance) levels(parentID string, own []Attachment) ([][]management.Attached, error) {
	parent, err := in.parent(parentID)
	if err != nil {
		return nil, err
	}
	level, err := in.level(own)
	if err != nil {
		return nil, err
	}
	levels := append(parent[:len(parent):len(parent)], level)
	if !slices.ContainsFunc(levels, func(l []management.Attached) bool { return len(l) > 0 }) {
		return nil, nil
	}
	return levels, nil
}

// parent returns the levels that the accounts directly under a root or OU inherit.
func (in *inheritance) parent(id string) ([][]management.Attached, error) {
	if known, ok := in.parents[id]; ok {
		return known, nil
	}
	units, err := pathOf(in.tx, in.o, id)
	if err != nil {
		return nil, err
	}
	ids := append([]string{in.o.RootID}, units...)
	attached, err := in.attachedTo(ids)
	if err != nil {
		return nil, err
	}
	levels := make([][]management.Attached, 0, len(ids))
	for _, node := range ids {
		level, err := in.level(attached[node])
		if err != nil {
			return nil, err
		}
		levels = append(levels, level)
	}
	in.parents[id] = levels
	return levels, nil
}
