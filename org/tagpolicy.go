package org

import (
	"context"
	"errors"
	"strings"

	"github.com/bailiwick/bailiwick/policy/management"
)

// The types of an organization's own resources as tag policies name them (Organizations user
// guide, "Services and resource types that support enforcement").
const (
	TypeAccount        = "organizations:account"
	TypeUnit           = "organizations:ou"
	TypePolicy         = "organizations:policy"
	TypeResourcePolicy = "organizations:resourcepolicy"
	TypeRoot           = "organizations:root"
	// TypeTransfer is not on that page; the API reference says of the invitation to a transfer
	// that its tags are checked.
	TypeTransfer = "organizations:responsibilitytransfer"
)

// TagType returns the type of the resource with that id.
func TagType(resourceID string) string {
	prefix, _, found := strings.Cut(resourceID, "-")
	if !found {
		return TypeAccount
	}
	switch prefix {
	case "r":
		return TypeRoot
	case "ou":
		return TypeUnit
	case "rp":
		return TypeResourcePolicy
	case "rt":
		return TypeTransfer
	default:
		return TypePolicy
	}
}

// TagRules returns what the effective tag policy of an account says, or nil if the account
// has none: it is in no organization, the policy type is not enabled, or no policy of it is
// attached above. The management account is under tag policies like any other.
func TagRules(ctx context.Context, tx Reader, accountID string) (*management.TagRules, error) {
	account, found, err := tx.OrgAccount(accountID)
	if err != nil || !found || account.OrganizationID == "" {
		return nil, err
	}
	o, found, err := tx.Organization(account.OrganizationID)
	if err != nil || !found {
		return nil, err
	}
	e, _, _, err := effectiveOf(ctx, tx, o, management.TagPolicy, accountID)
	var none *Error
	if errors.As(err, &none) && none.Code == CodeEffectivePolicyNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return e.TagRules(), nil
}

// TagPolicyMessage is the refusal of a tag that the tag policy does not allow.
func TagPolicyMessage(key string) string {
	return "The tag policy does not allow the specified value for the following tag key: '" + key + "'."
}

// checkNewTags checks the tags of something that is made or invited by the same request. It
// fails with CodeInvalidInput or CodeConstraintViolation.
func checkNewTags(ctx context.Context, tx Tx, o Organization, resourceType string, tags []Tag) error {
	if err := checkTags(tx, tags); err != nil {
		return err
	}
	return enforceTags(ctx, tx, o, resourceType, tags)
}

// enforceTags refuses tags that the effective tag policy of the management account, to which
// all resources of an organization belong, does not allow. It fails with
// CodeConstraintViolation.
func enforceTags(ctx context.Context, tx Tx, o Organization, resourceType string, tags []Tag) error {
	if len(tags) == 0 {
		return nil
	}
	rules, err := TagRules(ctx, tx, o.ManagementAccountID)
	if err != nil {
		return err
	}
	for _, t := range tags {
		if !rules.Allows(resourceType, t.Key, t.Value) {
			return errConstraint(ReasonTagPolicy, TagPolicyMessage(t.Key))
		}
	}
	return nil
}
