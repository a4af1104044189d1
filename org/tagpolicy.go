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

// TagRulesIn calls fn with the accounts of an organization, a batch after the other in ascending
// order of id, and what their effective tag policies say; accounts without one have no rules.
func TagRulesIn(_ context.Context, tx Tx, o Organization, fn func(accounts []Account, rules map[string]*management.TagRules) error) error {
	in, err := inheriting(tx, o, management.TagPolicy)
	var none *Error
	if errors.As(err, &none) && none.Code == CodeEffectivePolicyNotFound {
		in, err = nil, nil
	}
	if err != nil {
		return err
	}
	known := make(map[string]*management.TagRules)
	for after, more := "", true; more; {
		accounts, err := tx.OrgAccounts(o.ID, after, accountsAtOnce)
		if err != nil {
			return err
		}
		rules := make(map[string]*management.TagRules, len(accounts))
		if in != nil {
			if err := in.tagRules(accounts, rules, known); err != nil {
				return err
			}
		}
		if err := fn(accounts, rules); err != nil {
			return err
		}
		if more = len(accounts) == accountsAtOnce; more {
			after = accounts[len(accounts)-1].ID
		}
	}
	return nil
}

// tagRules fills in the rules of accounts; known are those of accounts seen before, by parent
// and own policies.
func (in *inheritance) tagRules(accounts []Account, rules, known map[string]*management.TagRules) error {
	own, err := in.attachedTo(accountIDs(accounts))
	if err != nil {
		return err
	}
	for _, a := range accounts {
		key := a.ParentID
		for _, p := range own[a.ID] {
			key += " " + p.PolicyID
		}
		found, have := known[key]
		if !have {
			levels, err := in.levels(a.ParentID, own[a.ID])
			if err != nil {
				return err
			}
			if levels != nil {
				found = in.grammar.Merge(levels).TagRules()
			}
			known[key] = found
		}
		rules[a.ID] = found
	}
	return nil
}

// HasTagPolicy reports whether a tag policy is attached anywhere in the organization.
func HasTagPolicy(_ context.Context, tx Tx, o Organization) (bool, error) {
	for after := ""; ; {
		policies, err := tx.OrgPolicies(o.ID, management.TagPolicy, after, accountsAtOnce)
		if err != nil {
			return false, err
		}
		for _, p := range policies {
			targets, err := tx.OrgTargets(o.ID, p.ID, "", 1)
			if err != nil || len(targets) > 0 {
				return len(targets) > 0, err
			}
			after = p.ID
		}
		if len(policies) < accountsAtOnce {
			return false, nil
		}
	}
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
