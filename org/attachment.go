package org

import (
	"context"
	"time"
)

// Attachment is a policy on a node.
type Attachment struct {
	TargetID string
	// Kind is one of the Kind constants.
	Kind       string
	PolicyType string
	PolicyID   string
	AttachedAt time.Time
	// Position grows with every attachment of a policy of the type to the node; the store
	// gives it.
	Position int
	// Policy is filled where the store says so.
	Policy Policy
}

// Target is a node that a policy is attached to.
type Target struct {
	ID string
	// Kind is one of the Kind constants.
	Kind string
	Name string
}

// findNode returns a root, OU or account of the organization.
func findNode(tx Tx, o Organization, id string) (Node, bool, error) {
	switch {
	case id == o.RootID:
		return Node{ID: id, Kind: KindRoot}, true, nil
	case validAccountID(id):
		a, found, err := tx.OrgAccount(id)
		return Node{ID: id, Kind: KindAccount}, found && a.OrganizationID == o.ID, err
	default:
		_, found, err := tx.OrgUnit(o.ID, id)
		return Node{ID: id, Kind: KindUnit}, found, err
	}
}

// target returns the node that a policy is to be attached to. It fails with
// CodeTargetNotFound.
func target(tx Tx, o Organization, id string) (Node, error) {
	n, found, err := findNode(tx, o, id)
	if err != nil {
		return Node{}, err
	}
	if !found {
		return Node{}, errTargetNotFound()
	}
	return n, nil
}

// AttachPolicy attaches a policy to a root, OU or account. It fails with
// CodePolicyNotFound, CodeTargetNotFound, CodePolicyTypeNotEnabled,
// CodeDuplicateAttachment or CodeConstraintViolation.
func AttachPolicy(_ context.Context, tx Tx, o Organization, policyID, targetID string) error {
	p, t, n, err := pair(tx, o, policyID, targetID)
	if err != nil {
		return err
	}
	enabled, err := typeEnabled(tx, o.ID, p.Type)
	if err != nil {
		return err
	}
	if !enabled {
		return errTypeNotEnabled()
	}
	have, err := tx.OrgPoliciesAt(o.ID, p.Type, []string{targetID})
	if err != nil {
		return err
	}
	if attached(have, policyID) {
		return errorf(CodeDuplicateAttachment, "", "The selected policy is already attached to the specified target.")
	}
	if len(have) >= Limit(t.attached, tx.Now()) {
		return errConstraint(ReasonMaxAttachments, "You have attached the maximum number of policies to the specified target.")
	}
	tx.Touch(o.scopeOf(n))
	if err := recheck(tx, o, p.Type, n.ID); err != nil {
		return err
	}
	return tx.InsertOrgAttachment(o.ID, Attachment{TargetID: n.ID, Kind: n.Kind, PolicyType: p.Type, PolicyID: p.ID, AttachedAt: tx.Now()})
}

// DetachPolicy takes a policy from a root, OU or account. It fails with CodePolicyNotFound,
// CodeTargetNotFound, CodePolicyNotAttached, CodeInvalidInput (RCPFullAWSAccess) or
// CodeConstraintViolation (the last service control policy).
func DetachPolicy(_ context.Context, tx Tx, o Organization, policyID, targetID string) error {
	p, t, n, err := pair(tx, o, policyID, targetID)
	if err != nil {
		return err
	}
	have, err := tx.OrgPoliciesAt(o.ID, p.Type, []string{targetID})
	if err != nil {
		return err
	}
	switch {
	case !attached(have, policyID):
		return errorf(CodePolicyNotAttached, "", "The policy isn't attached to the specified target.")
	case t.fixedDefault && policyID == t.defaultID:
		return errInput(ReasonNonDetachablePolicy, "You specified a policy that is managed by AWS and can't be detached.")
	case len(have) <= t.minAttached:
		return errConstraint(ReasonMinAttachments, "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
	}
	tx.Touch(o.scopeOf(n))
	if err := recheck(tx, o, p.Type, n.ID); err != nil {
		return err
	}
	_, err = tx.DeleteOrgAttachment(o.ID, n.ID, p.ID)
	return err
}

// pair looks up the two ends of an attachment.
func pair(tx Tx, o Organization, policyID, targetID string) (Policy, policyType, Node, error) {
	p, err := findPolicy(tx, o, policyID)
	if err != nil {
		return Policy{}, policyType{}, Node{}, err
	}
	t, err := findType(p.Type)
	if err != nil {
		return Policy{}, policyType{}, Node{}, err
	}
	n, err := target(tx, o, targetID)
	return p, t, n, err
}

func attached(have []Attachment, policyID string) bool {
	for _, a := range have {
		if a.PolicyID == policyID {
			return true
		}
	}
	return false
}

// ListPoliciesForTarget returns the policies of a type that are attached directly to a
// root, OU or account, in ascending order of id. It fails with CodeTargetNotFound.
func ListPoliciesForTarget(_ context.Context, tx Tx, o Organization, targetID, policyType string, p Page) ([]Policy, string, error) {
	n, err := target(tx, o, targetID)
	if err != nil {
		return nil, "", err
	}
	have, err := tx.OrgPoliciesAt(o.ID, policyType, []string{n.ID})
	if err != nil {
		return nil, "", err
	}
	var all []Policy
	for _, a := range have {
		if a.PolicyID <= p.After {
			continue
		}
		found, ok := awsManaged(a.PolicyID)
		if !ok {
			found = a.Policy
		}
		all = append(all, found)
	}
	page, next := cut(all, p, func(p Policy) string { return p.ID })
	return page, next, nil
}

// ListTargetsForPolicy returns the nodes that a policy is attached to, in ascending order
// of id. It fails with CodePolicyNotFound.
func ListTargetsForPolicy(_ context.Context, tx Tx, o Organization, policyID string, p Page) ([]Target, string, error) {
	if _, err := findPolicy(tx, o, policyID); err != nil {
		return nil, "", err
	}
	all, err := tx.OrgTargets(o.ID, policyID, p.After, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	for i := range all {
		if all[i].Kind == KindRoot {
			all[i].Name = o.RootName()
		}
	}
	page, next := cut(all, p, func(t Target) string { return t.ID })
	return page, next, nil
}
