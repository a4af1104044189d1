package iam

import (
	"context"

	"github.com/bailiwick/bailiwick/policy"
)

// inlineQuota is how many characters all inline policies of an identity may have together.
func (k Kind) inlineQuota() Quota {
	switch k {
	case KindUser:
		return InlineUserSize
	case KindGroup:
		return InlineGroupSize
	default:
		return InlineRoleSize
	}
}

// InlinePolicy is a policy that belongs to one identity.
type InlinePolicy struct {
	// Owner is the identity's name as it was created.
	Owner          string
	Name, Document string
}

// PutInlinePolicy adds an inline policy to the user, group or role of that name, or
// replaces the one that it has under that policy name.
func PutInlinePolicy(ctx context.Context, tx Tx, accountID string, kind Kind, name, policyName, document string) error {
	i, err := changeableIdentity(ctx, tx, accountID, kind, name)
	if err != nil {
		return err
	}
	if err := checkDocument(policy.Identity, document); err != nil {
		return err
	}
	total := size(document)
	have, err := tx.IAMInlineDocuments(i.ID)
	if err != nil {
		return err
	}
	owner := string(i.Kind) + "/" + i.Name
	for _, p := range have {
		if p.Owner == owner && p.Name != policyName {
			total += size(p.Document)
		}
	}
	if limit := QuotaValue(kind.inlineQuota(), tx.Now()); total > limit {
		return fail(LimitExceeded, "Maximum policy size of %d bytes exceeded for %s %s", limit, kind, i.Name)
	}
	touch(tx, accountID)
	return tx.IAMPutInline(i.ID, policyName, document)
}

// GetInlinePolicy returns an inline policy of the user, group or role of that name.
func GetInlinePolicy(ctx context.Context, tx Tx, accountID string, kind Kind, name, policyName string) (InlinePolicy, error) {
	i, err := identity(ctx, tx, accountID, kind, name)
	if err != nil {
		return InlinePolicy{}, err
	}
	document, ok, err := tx.IAMInline(i.ID, policyName)
	if err == nil && !ok {
		err = noSuchInline(kind, policyName)
	}
	return InlinePolicy{Owner: i.Name, Name: policyName, Document: document}, err
}

// DeleteInlinePolicy deletes an inline policy of the user, group or role of that name.
func DeleteInlinePolicy(ctx context.Context, tx Tx, accountID string, kind Kind, name, policyName string) error {
	i, err := changeableIdentity(ctx, tx, accountID, kind, name)
	if err != nil {
		return err
	}
	was, err := tx.IAMDeleteInline(i.ID, policyName)
	if err != nil {
		return err
	}
	if !was {
		return noSuchInline(kind, policyName)
	}
	touch(tx, accountID)
	return nil
}

// ListInlinePolicies returns a page of the names of the inline policies of the user, group
// or role of that name.
func ListInlinePolicies(ctx context.Context, tx Tx, accountID string, kind Kind, name string, p Page) ([]string, string, error) {
	i, err := identity(ctx, tx, accountID, kind, name)
	if err != nil {
		return nil, "", err
	}
	return page(p, func(r Range) ([]string, error) { return tx.IAMInlineNames(i.ID, r) },
		func(s string) string { return s })
}

func noSuchInline(kind Kind, policyName string) error {
	return fail(NoSuchEntity, "The %s policy with name %s cannot be found.", kind, policyName)
}
