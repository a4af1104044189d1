package operator

import (
	"slices"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/resource"
)

// retagged returns the tags that a change brings, and the keys of these and of those that it
// takes away.
func retagged(before, after []resource.Tag) (tags []resource.Tag, keys []string) {
	for _, t := range after {
		if !slices.Contains(before, t) {
			tags, keys = append(tags, t), append(keys, t.Key)
		}
	}
	for _, t := range before {
		if !slices.ContainsFunc(after, func(left resource.Tag) bool { return left.Key == t.Key }) {
			keys = append(keys, t.Key)
		}
	}
	return tags, keys
}

// hasTagKeys reports whether the requests of an action carry tags, or keys of tags.
func hasTagKeys(action string) bool {
	known, ok := serviceauth.LookupAction(action)
	if !ok {
		return false
	}
	carries := func(keys []string) bool {
		return slices.Contains(keys, "aws:TagKeys") || slices.Contains(keys, "aws:RequestTag/${TagKey}")
	}
	return carries(known.ConditionKeys) || slices.ContainsFunc(known.Resources, func(r serviceauth.ActionResource) bool {
		return carries(r.ConditionKeys)
	})
}

// setTags adds the condition keys of a request that brings tags and concerns tags with keys.
func setTags(k policy.Keys, tags []resource.Tag, keys []string) {
	for _, t := range tags {
		k.Set("aws:RequestTag/"+t.Key, t.Value)
	}
	if len(keys) > 0 {
		k.Set("aws:TagKeys", keys...)
	}
}
