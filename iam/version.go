package iam

import (
	"context"
)

// CreatePolicyVersion adds a version to a customer managed policy and, if asked, makes it
// the default version.
func CreatePolicyVersion(_ context.Context, tx Tx, accountID, policyARN, document string, setAsDefault bool) (Version, error) {
	p, err := ownPolicy(tx, accountID, policyARN)
	if err != nil {
		return Version{}, err
	}
	if err := checkManaged(tx, document); err != nil {
		return Version{}, err
	}
	have, err := tx.IAMVersions(p.ID)
	if err != nil {
		return Version{}, err
	}
	if limit := QuotaValue(VersionsPerPolicy, tx.Now()); len(have) >= limit {
		return Version{}, fail(LimitExceeded, "A managed policy can have up to %d versions. "+
			"Before you create a new version, you must delete an existing version.", limit)
	}
	v := Version{Number: p.NextVersion, Document: document, CreatedAt: seconds(tx.Now())}
	p.NextVersion++
	p.UpdatedAt = v.CreatedAt
	if setAsDefault {
		p.DefaultVersion = v.Number
		touch(tx, accountID)
	}
	if err := tx.IAMInsertVersion(p.ID, v); err != nil {
		return Version{}, err
	}
	return v, tx.IAMUpdatePolicy(p)
}

// SetDefaultPolicyVersion puts a version of a customer managed policy in force.
func SetDefaultPolicyVersion(_ context.Context, tx Tx, accountID, policyARN, versionID string) error {
	p, v, err := ownVersion(tx, accountID, policyARN, versionID)
	if err != nil {
		return err
	}
	p.DefaultVersion, p.UpdatedAt = v.Number, seconds(tx.Now())
	touch(tx, accountID)
	return tx.IAMUpdatePolicy(p)
}

// DeletePolicyVersion deletes a version that is not the default one.
func DeletePolicyVersion(_ context.Context, tx Tx, accountID, policyARN, versionID string) error {
	p, v, err := ownVersion(tx, accountID, policyARN, versionID)
	if err != nil {
		return err
	}
	if v.Number == p.DefaultVersion {
		return fail(DeleteConflict, "Cannot delete the default version of a policy.")
	}
	return tx.IAMDeleteVersion(p.ID, v.Number)
}

// GetPolicyVersion returns a version with its document, and the policy that it belongs to.
func GetPolicyVersion(_ context.Context, tx Tx, accountID, policyARN, versionID string) (Policy, Version, error) {
	p, err := policyByARN(tx, accountID, policyARN)
	if err != nil {
		return Policy{}, Version{}, err
	}
	v, ok, err := findVersion(tx, &p, versionID)
	if err == nil && !ok {
		err = noSuchVersion(policyARN, versionID)
	}
	return p, v, err
}

// ListPolicyVersions returns a page of the policy's versions, newest first, without their
// documents, and the policy.
func ListPolicyVersions(_ context.Context, tx Tx, accountID, policyARN string, pg Page) (p Policy, versions []Version, next string, err error) {
	if p, err = policyByARN(tx, accountID, policyARN); err != nil {
		return Policy{}, nil, "", err
	}
	if p.IsAWS() {
		versions = []Version{{Number: p.DefaultVersion, CreatedAt: p.UpdatedAt}}
	} else if versions, err = tx.IAMVersions(p.ID); err != nil {
		return Policy{}, nil, "", err
	}
	after, err := pg.after()
	if err != nil {
		return Policy{}, nil, "", err
	}
	if last, ok := versionNumber(after); ok {
		for len(versions) > 0 && versions[0].Number >= last {
			versions = versions[1:]
		}
	}
	versions, next, err = cut(versions, pg.size(), func(v Version) string { return VersionID(v.Number) })
	return p, versions, next, err
}

func ownVersion(tx Tx, accountID, policyARN, versionID string) (Policy, Version, error) {
	p, err := ownPolicy(tx, accountID, policyARN)
	if err != nil {
		return Policy{}, Version{}, err
	}
	v, ok, err := findVersion(tx, &p, versionID)
	if err == nil && !ok {
		err = noSuchVersion(policyARN, versionID)
	}
	return p, v, err
}

func findVersion(tx Tx, p *Policy, versionID string) (Version, bool, error) {
	number, ok := versionNumber(versionID)
	if !ok {
		return Version{}, false, nil
	}
	if p.IsAWS() {
		v := Version{Number: number, Document: awsDocument(p.ARN()), CreatedAt: p.UpdatedAt}
		return v, number == p.DefaultVersion, nil
	}
	return tx.IAMVersion(p.ID, number)
}

func noSuchVersion(policyARN, versionID string) error {
	return fail(NoSuchEntity, "Policy %s version %s does not exist or is not attachable.", policyARN, versionID)
}
