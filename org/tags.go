package org

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Tag is a tag of a node or a policy. Keys and values keep their case and are told apart by
// it, but no request carries two keys that differ in nothing else.
type Tag struct {
	Key, Value string
}

// TaggedResource is a resource of an organization with its tags in ascending order of key.
type TaggedResource struct {
	ID   string
	Tags []Tag
}

// systemTagPrefix begins the keys that are AWS's own, in any case.
const systemTagPrefix = "aws:"

// tagForm is the pattern of keys and values in the API reference (data type Tag).
var tagForm = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// checkTags checks the tags of one request by themselves. It fails with CodeInvalidInput or
// CodeConstraintViolation.
func checkTags(tx Clock, tags []Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		if err := checkTagKey(t.Key); err != nil {
			return err
		}
		const longestValue = 256
		if utf8.RuneCountInString(t.Value) > longestValue || !tagForm.MatchString(t.Value) {
			return errInput(ReasonInvalidPattern, "You provided a value that does not match the required pattern.")
		}
		// Condition keys of policies ignore letter case: a request with both spellings would
		// say two things under one name.
		folded := strings.ToLower(t.Key)
		if seen[folded] {
			return errInput(ReasonDuplicateTagKey, "Tag keys must be unique among the tags attached to the same entity.")
		}
		seen[folded] = true
	}
	if len(tags) > Limit(QuotaTags, tx.Now()) {
		return errTooManyTags()
	}
	return nil
}

func checkTagKey(key string) error {
	const longestKey = 128
	n := utf8.RuneCountInString(key)
	if n == 0 || n > longestKey || !tagForm.MatchString(key) {
		return errInput(ReasonInvalidPattern, "You provided a value that does not match the required pattern.")
	}
	if len(key) >= len(systemTagPrefix) && strings.EqualFold(key[:len(systemTagPrefix)], systemTagPrefix) {
		return errInput(ReasonSystemTag, "System tags can't be added, edited or deleted: keys that begin with aws: are reserved.")
	}
	return nil
}

func errTooManyTags() *Error {
	return errConstraint(ReasonMaxTags, "You have exceeded the number of tags allowed on this resource.")
}

// putTags writes the checked tags of something new.
func putTags(tx Tx, o Organization, resourceID string, tags []Tag) error {
	for _, t := range tags {
		if err := tx.PutOrgTag(o.ID, resourceID, t); err != nil {
			return err
		}
	}
	return nil
}

// taggable checks that the resource is a root, OU, account, own policy, resource policy or
// accepted transfer of the organization; each side of a transfer has tags of its own. It fails with CodeTargetNotFound, or CodeInvalidInput for AWS's policies.
func taggable(tx Tx, o Organization, id string) error {
	if _, found, err := findNode(tx, o, id); err != nil || found {
		return err
	}
	if _, ok := awsManaged(id); ok {
		return errInput(ReasonTargetNotSupported, "You can't perform the specified operation on that target entity.")
	}
	if _, found, err := tx.OrgPolicy(o.ID, id); err != nil || found {
		return err
	}
	p, found, err := tx.OrgResourcePolicy(o.ID)
	if err != nil || found && p.ID == id {
		return err
	}
	t, found, err := tx.OrgTransfer(id)
	if err != nil || found && t.accepted() && (t.Source.OrganizationID == o.ID || t.Target.OrganizationID == o.ID) {
		return err
	}
	return errTargetNotFound()
}

// Tags returns the tags of a root, OU, account or policy in ascending order of key; none if
// there is no such resource. It is for decisions; callers get [ListTagsForResource].
func Tags(_ context.Context, tx TagStore, organizationID, resourceID string) ([]Tag, error) {
	return tx.OrgTags(organizationID, resourceID)
}

// ListTagsForResource returns the tags of a resource in ascending order of key. It fails
// like [TagResource].
func ListTagsForResource(_ context.Context, tx Tx, o Organization, resourceID string) ([]Tag, error) {
	if err := taggable(tx, o, resourceID); err != nil {
		return nil, err
	}
	return tx.OrgTags(o.ID, resourceID)
}

// TagResource adds tags to a root, OU, account or policy, or gives them new values. It
// fails with CodeTargetNotFound, CodeInvalidInput or CodeConstraintViolation.
func TagResource(ctx context.Context, tx Tx, o Organization, resourceID string, tags []Tag) error {
	if err := checkTags(tx, tags); err != nil {
		return err
	}
	if err := taggable(tx, o, resourceID); err != nil {
		return err
	}
	if err := enforceTags(ctx, tx, o, TagType(resourceID), tags); err != nil {
		return err
	}
	have, err := tx.OrgTags(o.ID, resourceID)
	if err != nil {
		return err
	}
	total := len(have) + len(tags)
	for _, t := range tags {
		for _, h := range have {
			if h.Key == t.Key {
				total--
			}
		}
	}
	if total > Limit(QuotaTags, tx.Now()) {
		return errTooManyTags()
	}
	return putTags(tx, o, resourceID, tags)
}

// UntagResource removes tags; keys that are not there are no error. It fails like
// [TagResource].
func UntagResource(_ context.Context, tx Tx, o Organization, resourceID string, keys []string) error {
	for _, key := range keys {
		if err := checkTagKey(key); err != nil {
			return err
		}
	}
	if err := taggable(tx, o, resourceID); err != nil {
		return err
	}
	had, err := tx.OrgTags(o.ID, resourceID)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := tx.DeleteOrgTag(o.ID, resourceID, key); err != nil {
			return err
		}
	}
	left, err := tx.OrgTags(o.ID, resourceID)
	if err == nil && len(left) == 0 && len(had) > 0 {
		err = tx.NoteOrgUntagged(o.ID, resourceID)
	}
	return err
}
