package iam

import (
	"context"
)

// attachedQuota is how many managed policies an identity of the kind may carry.
func (k Kind) attachedQuota() Quota {
	switch k {
	case KindUser:
		return PoliciesPerUser
	case KindGroup:
		return PoliciesPerGroup
	default:
		return PoliciesPerRole
	}
}

// AttachPolicy attaches a managed policy to the user, group or role of that name. A policy
// that is attached already stays so.
func AttachPolicy(ctx context.Context, tx Tx, accountID string, kind Kind, name, policyARN string) error {
	i, err := changeableIdentity(ctx, tx, accountID, kind, name)
	if err != nil {
		return err
	}
	p, err := attachable(tx, accountID, policyARN)
	if err != nil {
		return err
	}
	attached, err := tx.IAMAttached(i.ID, "")
	if err != nil {
		return err
	}
	for _, a := range attached {
		if a.ARN == policyARN {
			return nil
		}
	}
	if err := within(tx, kind.attachedQuota(), len(attached)+1); err != nil {
		return err
	}
	touch(tx, accountID)
	return tx.IAMAttach(&i, AttachedPolicy{ARN: policyARN, Name: p.Name, Path: p.Path})
}

// DetachPolicy takes a managed policy off the user, group or role of that name.
func DetachPolicy(ctx context.Context, tx Tx, accountID string, kind Kind, name, policyARN string) error {
	i, err := changeableIdentity(ctx, tx, accountID, kind, name)
	if err != nil {
		return err
	}
	if err := checkPolicyARN(policyARN); err != nil {
		return err
	}
	was, err := tx.IAMDetach(i.ID, policyARN)
	if err != nil {
		return err
	}
	if !was {
		return noSuchPolicy(policyARN)
	}
	touch(tx, accountID)
	return nil
}

// ListAttachedPolicies returns a page of the managed policies attached to the user, group
// or role of that name whose path begins with pathPrefix, by name.
func ListAttachedPolicies(ctx context.Context, tx Tx, accountID string, kind Kind, name, pathPrefix string, p Page) ([]AttachedPolicy, string, error) {
	i, err := identity(ctx, tx, accountID, kind, name)
	if err != nil {
		return nil, "", err
	}
	all, err := tx.IAMAttached(i.ID, pathPrefix)
	if err != nil {
		return nil, "", err
	}
	return slicePage(all, p, func(a AttachedPolicy) string { return a.Name + "\x00" + a.ARN })
}

// changeableIdentity returns the identity of that name unless it is a service-linked role.
func changeableIdentity(ctx context.Context, tx Tx, accountID string, kind Kind, name string) (Identity, error) {
	i, err := identity(ctx, tx, accountID, kind, name)
	if err != nil {
		return Identity{}, err
	}
	return i, changeable(&i)
}
