package iam

import (
	"context"
)

// EntityPolicies is everything that a user or role carries into an authorization decision.
type EntityPolicies struct {
	Kind      Kind
	ID        string
	AccountID string
	ARN, Name string
	// Identity has the managed and inline policies of the entity itself, then those of a
	// user's groups.
	Identity []PolicyText
	// Boundary is nil if the entity has no permissions boundary. A boundary whose policy is
	// gone has an empty document, which allows nothing.
	Boundary *PolicyText
	Tags     map[string]string
	// TrustPolicy is a role's trust policy with every user and role under its present ARN,
	// and under its unique id if it is gone.
	TrustPolicy string
	// MaxSessionDuration is a role's longest session, in seconds.
	MaxSessionDuration int32
}

// PolicyText is one policy that somebody carries.
type PolicyText struct {
	// ARN is empty for an inline policy.
	ARN  string
	Name string
	// Owner is who carries it: "user/alice", "group/devs" or "role/deploy".
	Owner    string
	Document string
}

// Entity returns what the user or role with that unique id carries, or false if the account
// has no such user or role any more.
func Entity(ctx context.Context, tx Tx, accountID, entityID string) (EntityPolicies, bool, error) {
	i, ok, err := tx.IAMIdentityByID(entityID)
	if err != nil || !ok || i.AccountID != accountID || i.Kind == KindGroup {
		return EntityPolicies{}, false, err
	}
	e := EntityPolicies{
		Kind: i.Kind, ID: i.ID, AccountID: i.AccountID, ARN: i.ARN(), Name: i.Name,
		MaxSessionDuration: i.Role.MaxSessionDuration,
	}
	if e.Identity, err = identityPolicies(tx, i.ID); err != nil {
		return EntityPolicies{}, false, err
	}
	if e.Boundary, err = boundaryText(ctx, tx, &i); err != nil {
		return EntityPolicies{}, false, err
	}
	tags, err := tx.IAMTags(i.ID)
	if err != nil {
		return EntityPolicies{}, false, err
	}
	e.Tags = make(map[string]string, len(tags))
	for _, t := range tags {
		e.Tags[t.Key] = t.Value
	}
	if i.Kind == KindRole {
		e.TrustPolicy, err = TrustPolicyOf(ctx, tx, &i)
	}
	return e, true, err
}

// UserByID returns the user with that unique id, or false if the account has none any more.
func UserByID(_ context.Context, tx Tx, accountID, id string) (Identity, bool, error) {
	i, ok, err := tx.IAMIdentityByID(id)
	return i, ok && i.AccountID == accountID && i.Kind == KindUser, err
}

func identityPolicies(tx Tx, id string) ([]PolicyText, error) {
	managedPolicies, err := tx.IAMAttachedDocuments(id)
	if err != nil {
		return nil, err
	}
	for n := range managedPolicies {
		if p := &managedPolicies[n]; p.Document == "" {
			p.Document = awsDocument(p.ARN)
		}
	}
	inline, err := tx.IAMInlineDocuments(id)
	if err != nil {
		return nil, err
	}
	return append(managedPolicies, inline...), nil
}

func boundaryText(ctx context.Context, tx Tx, i *Identity) (*PolicyText, error) {
	if i.Boundary == "" {
		return nil, nil
	}
	document, _, err := ManagedPolicy(ctx, tx, i.AccountID, i.Boundary)
	if err != nil {
		return nil, err
	}
	return &PolicyText{
		ARN: i.Boundary, Name: policyName(i.Boundary),
		Owner: string(i.Kind) + "/" + i.Name, Document: document,
	}, nil
}

// ManagedPolicy returns the document of the default version of a managed policy of AWS or
// of the account, or false if there is none under that ARN.
func ManagedPolicy(_ context.Context, tx Tx, accountID, policyARN string) (string, bool, error) {
	if isAWSPolicy(policyARN) {
		document := awsDocument(policyARN)
		return document, document != "", nil
	}
	if isPartnerPolicy(policyARN) {
		p, ok, err := tx.IAMPartnerPolicy(policyARN)
		return p.Document, ok, err
	}
	p, ok, err := tx.IAMPolicy(policyARN)
	if err != nil || !ok || p.AccountID != accountID {
		return "", false, err
	}
	v, ok, err := tx.IAMVersion(p.ID, p.DefaultVersion)
	return v.Document, ok, err
}

// RoleByName returns the role of that name, or false.
func RoleByName(_ context.Context, tx Tx, accountID, name string) (Identity, bool, error) {
	return tx.IAMIdentity(accountID, KindRole, name)
}

// RoleByARN returns the role with exactly that ARN, or false.
func RoleByARN(_ context.Context, tx Tx, roleARN string) (Identity, bool, error) {
	i, ok, err := identityByARN(tx, roleARN)
	if err != nil || !ok || i.Kind != KindRole {
		return Identity{}, false, err
	}
	return i, true, nil
}
