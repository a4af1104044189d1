package sts

import (
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
)

// The condition keys of this service and the global ones that a request to it carries; see
// the Service Authorization Reference and the IAM user guide, "IAM and AWS STS condition
// context keys".
const (
	keyExternalID        = "sts:ExternalId"
	keyRoleSessionName   = "sts:RoleSessionName"
	keySourceIdentity    = "sts:SourceIdentity"
	keyTransitiveTagKeys = "sts:TransitiveTagKeys"

	keyTagKeys           = "aws:TagKeys"
	prefixRequestTag     = "aws:RequestTag/"
	prefixResourceTag    = "aws:ResourceTag/"
	prefixIAMResourceTag = "iam:ResourceTag/"

	keyMFAPresent = "aws:MultiFactorAuthPresent"
	keyMFAAge     = "aws:MultiFactorAuthAge"
)

// setAssumeRoleKeys sets what the request says of the session that is to be.
func setAssumeRoleKeys(k policy.Keys, in *stsapi.AssumeRoleInput) {
	setIfGiven(k, keyExternalID, in.ExternalId)
	setIfGiven(k, keyRoleSessionName, in.RoleSessionName)
	setIfGiven(k, keySourceIdentity, in.SourceIdentity)
	setRequestTags(k, in.Tags)
	if len(in.TransitiveTagKeys) > 0 {
		k.Set(keyTransitiveTagKeys, in.TransitiveTagKeys...)
	}
}

func setIfGiven(k policy.Keys, key string, value *string) {
	if value != nil {
		k.Set(key, *value)
	}
}

func setRequestTags(k policy.Keys, tags []stsapi.Tag) {
	if len(tags) == 0 {
		return
	}
	names := make([]string, len(tags))
	for i := range tags {
		names[i] = smithy.Value(tags[i].Key)
		k.Set(prefixRequestTag+names[i], smithy.Value(tags[i].Value))
	}
	k.Set(keyTagKeys, names...)
}

func setResourceTags(k policy.Keys, tags []iam.Tag) {
	for _, t := range tags {
		k.Set(prefixResourceTag+t.Key, t.Value)
		k.Set(prefixIAMResourceTag+t.Key, t.Value)
	}
}
