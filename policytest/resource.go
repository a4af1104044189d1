package policytest

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// resource is a thing that is acted upon.
type resource struct {
	arn      string
	account  string // id of the owner; "" is the caller's own
	policy   *policy.Attached
	required bool // its own policy must allow
	tags     map[string]string
	context  []contextEntry
}

// readResources reads the section "resources".
func (l *loader) readResources(n *yaml.Node) {
	l.each(n, "the resources", func(key, value *yaml.Node) {
		l.world.resources[key.Value] = l.readResource(key, value) // nil: its faults are reported
	})
}

func (l *loader) readResource(key, n *yaml.Node) *resource {
	r := &resource{}
	var own, trust, required, owner *yaml.Node
	ok := l.object(n, "the resource "+key.Value, fields{
		"arn": l.into(&r.arn, "the resource's ARN"), "account": pick(&owner), "policy": pick(&own), "trust": pick(&trust),
		"policy-required": pick(&required),
		"tags":            func(n *yaml.Node) { r.tags = l.readTags(n) },
		"context":         func(n *yaml.Node) { r.context = l.readContext(n) },
	})
	if !ok {
		return nil
	}
	if r.arn == "" {
		l.fail(key, "the resource %s needs an arn", key.Value)
		return nil
	}
	r.account = accountInARN(r.arn)
	if owner != nil {
		if a := l.accountRef(owner); a != nil {
			r.account = a.id
		}
	}
	if own != nil && trust != nil {
		l.fail(trust, "a resource has a policy or, if it is a role, a trust policy (trust), not both")
	}
	r.policy = l.single(own, policy.Resource, key.Value)
	if trust != nil {
		r.policy = l.single(trust, policy.Trust, key.Value)
	}
	r.required = isKMSKey(r.arn) && r.policy != nil
	if required != nil {
		r.required = l.bool(required, "policy-required")
	}
	return r
}

// single reads one policy; nil if there is none.
func (l *loader) single(n *yaml.Node, kind policy.Kind, owner string) *policy.Attached {
	list := l.policies(n, kind, owner)
	if len(list) > 1 {
		l.fail(n, "there is only one %s", kind)
	}
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// accountInARN returns the account id in an ARN; buckets and some others have none.
func accountInARN(arn string) string {
	f := strings.SplitN(arn, ":", 6)
	if len(f) == 6 && isAccountID(f[4]) {
		return f[4]
	}
	return ""
}

// isKMSKey reports whether only a key policy can open access to a resource (AWS KMS
// developer guide, topic "Key policies in AWS KMS").
func isKMSKey(arn string) bool {
	f := strings.SplitN(arn, ":", 6)
	return len(f) == 6 && f[2] == "kms" && strings.HasPrefix(f[5], "key/")
}
