package iam

import (
	"context"

	"github.com/bailiwick/bailiwick/org"
)

// The types of resources as tag policies name them (Organizations user guide, "Services and
// resource types that support enforcement").
const (
	TypeInstanceProfile   = "iam:instance-profile"
	TypeMFADevice         = "iam:mfa"
	TypeOIDCProvider      = "iam:oidc-provider"
	TypePolicy            = "iam:policy"
	TypeRole              = "iam:role"
	TypeSAMLProvider      = "iam:saml-provider"
	TypeServerCertificate = "iam:server-certificate"
	TypeUser              = "iam:user"
)

// TaggedResource is a resource with its tags in bytewise order of key.
type TaggedResource struct {
	AccountID, ARN string
	Tags           []Tag
}

func (k Kind) tagType() string {
	if k == KindUser {
		return TypeUser
	}
	return TypeRole
}

// enforceTags refuses tags that the effective tag policy of the account does not allow. Tag
// policies cannot be enforced for users and roles.
func enforceTags(ctx context.Context, tx Tx, owner Tagged, tags []Tag) error {
	if owner.resourceType == TypeUser || owner.resourceType == TypeRole {
		return nil
	}
	rules, err := org.TagRules(ctx, tx, owner.accountID)
	if err != nil {
		return err
	}
	for _, t := range tags {
		if !rules.Allows(owner.resourceType, t.Key, t.Value) {
			return fail(InvalidInput, "%s", org.TagPolicyMessage(t.Key))
		}
	}
	return nil
}
