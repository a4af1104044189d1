package iam

import (
	"context"
	"strings"
)

// Tag is a key with a value. Keys keep their case, but two keys of one owner never differ
// in case only; see the IAM user guide, "Tags for IAM resources".
type Tag struct{ Key, Value string }

// Tagged is something that can have tags.
type Tagged struct {
	accountID, id string
	// resourceType is its type as tag policies name it.
	resourceType string
}

// TaggedIdentity returns the user or role of that name as the owner of tags.
func TaggedIdentity(ctx context.Context, tx Tx, accountID string, kind Kind, name string) (Tagged, error) {
	i, err := identity(ctx, tx, accountID, kind, name)
	return Tagged{accountID, i.ID, kind.tagType()}, err
}

// TaggedPolicy returns the customer managed policy with that ARN as the owner of tags.
func TaggedPolicy(_ context.Context, tx Tx, accountID, policyARN string) (Tagged, error) {
	p, err := ownPolicy(tx, accountID, policyARN)
	return Tagged{accountID, p.ID, TypePolicy}, err
}

// ListTags returns a page of the owner's tags in bytewise order of key.
func ListTags(_ context.Context, tx Tx, owner Tagged, p Page) ([]Tag, string, error) {
	all, err := tx.IAMTags(owner.id)
	if err != nil {
		return nil, "", err
	}
	return slicePage(all, p, func(t Tag) string { return t.Key })
}

// TagsOf returns all tags of the owner in bytewise order of key.
func TagsOf(_ context.Context, tx Tx, owner Tagged) ([]Tag, error) { return tx.IAMTags(owner.id) }

// PutTags adds tags to the owner. A tag whose key the owner has, in whatever case, replaces
// the one that is there. Tags that the account's tag policy does not allow are refused.
func PutTags(ctx context.Context, tx Tx, owner Tagged, tags []Tag) error {
	touch(tx, owner.accountID)
	return putTags(ctx, tx, owner, tags)
}

// DeleteTags removes tags by key, in whatever case; keys that the owner does not have are
// passed over.
func DeleteTags(_ context.Context, tx Tx, owner Tagged, keys []string) error {
	had, err := tx.IAMTags(owner.id)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := tx.IAMDeleteTag(owner.id, key); err != nil {
			return err
		}
	}
	touch(tx, owner.accountID)
	left, err := tx.IAMTags(owner.id)
	if err == nil && len(left) == 0 && len(had) > 0 {
		err = tx.IAMNoteUntagged(owner.id)
	}
	return err
}

func putTags(ctx context.Context, tx Tx, owner Tagged, tags []Tag) error {
	if len(tags) == 0 {
		return nil
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	if err := enforceTags(ctx, tx, owner, tags); err != nil {
		return err
	}
	have, err := tx.IAMTags(owner.id)
	if err != nil {
		return err
	}
	keys := make(map[string]bool, len(have)+len(tags))
	for _, t := range have {
		keys[strings.ToLower(t.Key)] = true
	}
	for _, t := range tags {
		keys[strings.ToLower(t.Key)] = true
	}
	if len(keys) > QuotaValue(TagsPerResource, tx.Now()) {
		return fail(LimitExceeded, "The number of tags has reached the maximum limit.")
	}
	for _, t := range tags {
		if err := tx.IAMPutTag(owner.id, t); err != nil {
			return err
		}
	}
	return nil
}

// checkTags holds the rules that the model's constraints do not say.
func checkTags(tags []Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		key := strings.ToLower(t.Key)
		if strings.HasPrefix(key, "aws:") {
			return fail(InvalidInput, "aws: prefixed tag key names are not allowed for external use.")
		}
		if seen[key] {
			return fail(InvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key] = true
	}
	return nil
}
