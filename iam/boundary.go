package iam

import (
	"context"
	"errors"
)

// PutPermissionsBoundary makes a managed policy the permissions boundary of the user or
// role of that name, in the place of the one that it has.
func PutPermissionsBoundary(ctx context.Context, tx Tx, accountID string, kind Kind, name, policyARN string) error {
	i, err := changeableIdentity(ctx, tx, accountID, kind, name)
	if err != nil {
		return err
	}
	if err := checkBoundary(ctx, tx, accountID, policyARN); err != nil {
		return err
	}
	i.Boundary = policyARN
	touch(tx, accountID)
	return tx.IAMUpdateIdentity(i)
}

// DeletePermissionsBoundary removes the permissions boundary of the user or role of that
// name.
func DeletePermissionsBoundary(ctx context.Context, tx Tx, accountID string, kind Kind, name string) error {
	i, err := changeableIdentity(ctx, tx, accountID, kind, name)
	if err != nil {
		return err
	}
	if i.Boundary == "" {
		return fail(NoSuchEntity, "%s with name %s does not have a permissions boundary.", kind.title(), i.Name)
	}
	i.Boundary = ""
	touch(tx, accountID)
	return tx.IAMUpdateIdentity(i)
}

// checkBoundary refuses an ARN that is no managed policy of the account or of AWS, and no
// boundary that a product provider has registered.
func checkBoundary(_ context.Context, tx Tx, accountID, policyARN string) error {
	if err := checkPolicyARN(policyARN); err != nil {
		return err
	}
	if isPartnerPolicy(policyARN) {
		_, ok, err := tx.IAMPartnerPolicy(policyARN)
		return errors.Join(err, noSuchBoundary(ok, policyARN))
	}
	p, ok, err := findPolicy(tx, accountID, policyARN)
	if err == nil && !ok {
		err = noSuchBoundary(false, policyARN)
	}
	if err == nil && !p.Attachable() {
		err = fail(PolicyNotAttachable, "Scope ARN: %s is not attachable.", policyARN)
	}
	return err
}

func noSuchBoundary(ok bool, policyARN string) error {
	if ok {
		return nil
	}
	return fail(NoSuchEntity, "Scope ARN: %s does not exist or is not attachable.", policyARN)
}
