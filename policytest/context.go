package policytest

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// contextEntry gives a condition key its values, or takes a key away.
type contextEntry struct {
	key    string
	values []string
	absent bool
}

// readContext reads "key: value", "key: [values]" or "key: null" for a key that the request
// does not carry.
func (l *loader) readContext(n *yaml.Node) []contextEntry {
	var list []contextEntry
	l.each(n, "the context", func(key, value *yaml.Node) {
		if !strings.Contains(key.Value, ":") {
			l.fail(key, "%q is no condition key: these have a service in front, like aws:SourceIp", key.Value)
			return
		}
		e := contextEntry{key: key.Value, absent: isNull(value)}
		if !e.absent {
			e.values = l.texts(value, "the value of "+key.Value)
		}
		list = append(list, e)
	})
	return list
}

func apply(keys policy.Keys, list []contextEntry) {
	for _, e := range list {
		if e.absent {
			delete(keys, strings.ToLower(e.key))
			continue
		}
		keys.Set(e.key, e.values...)
	}
}

// principalKeys fills in what requests carry about their principal, as the gate of the
// server does (IAM user guide, topic "AWS global condition context keys"). Keys that depend
// on the connection or the moment are not there unless the file says so, but for
// aws:SecureTransport.
func principalKeys(keys policy.Keys, who *identity) {
	p := &who.principal
	keys.Set("aws:SecureTransport", "true")
	keys.Set("aws:ViaAWSService", "false")
	keys.Set("aws:PrincipalIsAWSService", strconv.FormatBool(p.Type == policy.Service))
	if t := principalType(p.Type); t != "" {
		keys.Set("aws:PrincipalType", t)
	}
	switch p.Type {
	case policy.Service:
		keys.Set("aws:PrincipalServiceName", p.ARN)
		return
	case policy.User:
		keys.Set("aws:PrincipalArn", p.ARN)
		keys.Set("aws:userid", p.UniqueID)
		keys.Set("aws:username", lastPart(p.ARN))
	case policy.AssumedRole:
		keys.Set("aws:PrincipalArn", p.EntityARN)
		keys.Set("aws:userid", p.UniqueID+":"+lastPart(p.ARN))
	case policy.Root:
		keys.Set("aws:PrincipalArn", p.ARN)
		keys.Set("aws:userid", p.Account)
	case policy.FederatedUser:
		keys.Set("aws:PrincipalArn", p.ARN)
		keys.Set("aws:userid", p.Account+":"+lastPart(p.ARN))
	default:
		return
	}
	keys.Set("aws:PrincipalAccount", p.Account)
	if a := who.account; a != nil && a.org != nil {
		keys.Set("aws:PrincipalOrgID", a.org.id)
		keys.Set("aws:PrincipalOrgPaths", a.orgPath())
	}
	for k, v := range who.tags {
		keys.Set("aws:PrincipalTag/"+k, v)
	}
	switch {
	case who.mfa != nil:
		keys.Set("aws:MultiFactorAuthPresent", strconv.FormatBool(*who.mfa))
	case p.Type == policy.AssumedRole || p.Type == policy.FederatedUser:
		keys.Set("aws:MultiFactorAuthPresent", "false")
	}
}

func principalType(t policy.PrincipalType) string {
	switch t {
	case policy.Root:
		return "Account"
	case policy.User:
		return "User"
	case policy.AssumedRole:
		return "AssumedRole"
	case policy.FederatedUser:
		return "FederatedUser"
	case policy.Anonymous:
		return "Anonymous"
	default:
		return ""
	}
}

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// resourceKeys fills in what requests carry about the resource.
func resourceKeys(keys policy.Keys, r *resource, owner *account, action string) {
	if owner != nil {
		keys.Set("aws:ResourceAccount", owner.id)
		if owner.org != nil {
			keys.Set("aws:ResourceOrgID", owner.org.id)
			keys.Set("aws:ResourceOrgPaths", owner.orgPath())
		}
	}
	service, _, _ := strings.Cut(action, ":")
	for k, v := range r.tags {
		keys.Set("aws:ResourceTag/"+k, v)
		keys.Set(service+":ResourceTag/"+k, v)
	}
}

// requestTagKeys fills in what a request that sets tags carries.
func requestTagKeys(keys policy.Keys, tags map[string]string) {
	if len(tags) == 0 {
		return
	}
	names := make([]string, 0, len(tags))
	for k, v := range tags {
		keys.Set("aws:RequestTag/"+k, v)
		names = append(names, k)
	}
	slices.Sort(names)
	keys.Set("aws:TagKeys", names...)
}
