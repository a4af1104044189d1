package sts

import (
	"slices"
	"strings"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
)

// Session tags; see the IAM user guide, "Pass session tags in AWS STS".

// inheritedTags returns the transitive tags of the caller's session, which go on to the
// next one.
func inheritedTags(c *credential.Caller) map[string]string {
	if c.Session == nil || len(c.Session.TransitiveTagKeys) == 0 {
		return nil
	}
	inherited := make(map[string]string, len(c.Session.TransitiveTagKeys))
	for key, value := range c.Session.Tags {
		if containsFold(c.Session.TransitiveTagKeys, key) {
			inherited[key] = value
		}
	}
	return inherited
}

// sessionTags puts the tags of a new session together: the inherited ones and those of the
// request. Keys are told apart without case; an inherited tag cannot be overridden.
func sessionTags(inherited map[string]string, passed []stsapi.Tag) (map[string]string, error) {
	if len(inherited)+len(passed) == 0 {
		return nil, nil
	}
	tags := make(map[string]string, len(inherited)+len(passed))
	taken := make(map[string]bool, len(inherited)+len(passed))
	for key, value := range inherited {
		tags[key], taken[strings.ToLower(key)] = value, true
	}
	for i := range passed {
		key := smithy.Value(passed[i].Key)
		folded := strings.ToLower(key)
		switch {
		case strings.HasPrefix(folded, "aws:"):
			return nil, invalidValue("Tag keys beginning with aws: are reserved: %s", key)
		case taken[folded] && hasFold(inherited, key):
			return nil, invalidValue("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		case taken[folded]:
			return nil, invalidValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		tags[key], taken[folded] = smithy.Value(passed[i].Value), true
	}
	if len(tags) > maxSessionTags {
		return nil, invalidValue("A session can have at most %d tags, inherited ones included.", maxSessionTags)
	}
	return tags, nil
}

// maxSessionTags is how many tags a session can have; IAM user guide, "IAM and AWS STS
// quotas".
const maxSessionTags = 50

// transitiveKeys returns the keys that the new session hands on. Each must be one of its
// own tags; inherited ones stay transitive.
func transitiveKeys(inherited map[string]string, passed []stsapi.Tag, wanted []string) ([]string, error) {
	keys := make([]string, 0, len(inherited)+len(wanted))
	for key := range inherited {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, w := range wanted {
		if !slices.ContainsFunc(passed, func(t stsapi.Tag) bool { return strings.EqualFold(smithy.Value(t.Key), w) }) {
			return nil, invalidValue("The specified transitive tag key must be included in the requested tags.")
		}
		if !containsFold(keys, w) {
			keys = append(keys, w)
		}
	}
	return keys, nil
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(have string) bool { return strings.EqualFold(have, s) })
}

func hasFold(tags map[string]string, key string) bool {
	for have := range tags {
		if strings.EqualFold(have, key) {
			return true
		}
	}
	return false
}
