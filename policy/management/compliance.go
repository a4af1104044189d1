package management

import (
	"slices"
	"strings"
)

// Compliance of tags with an effective tag policy (Organizations user guide, "Enforce tagging
// consistency", "Tag policy syntax and examples"; Resource Groups Tagging API reference, data
// type ComplianceDetails).

// TagRules are what an effective tag policy says of tags. Nil rules say nothing.
type TagRules struct {
	// rules are in ascending order of policy key, which is the tag key in lower case.
	rules []tagRule
}

type tagRule struct {
	policyKey string
	// key is the tag key in the letter case that complies.
	key string
	// limited says that only values are compliant: an empty list accepts none.
	limited bool
	values  []string
	// enforced and required name types of resources.
	enforced, required []string
}

// TagRules returns what an effective policy of type TAG_POLICY says of tags.
func (e *Effective) TagRules() *TagRules {
	top := e.whole().child(e.typ.top)
	out := &TagRules{}
	if top == nil {
		return out
	}
	for _, c := range top.children {
		r := tagRule{policyKey: c.key, key: c.child("tag_key").text()}
		if r.key == "" {
			r.key = c.key
		}
		if values := c.child("tag_value"); values != nil {
			r.limited, r.values = true, values.texts()
		}
		r.enforced, r.required = c.child("enforced_for").texts(), c.child("report_required_tag_for").texts()
		out.rules = append(out.rules, r)
	}
	slices.SortFunc(out.rules, func(a, b tagRule) int { return strings.Compare(a.policyKey, b.policyKey) })
	return out
}

// texts are the values of a setting; nil has none.
func (e *entry) texts() []string {
	if e == nil {
		return nil
	}
	texts := make([]string, 0, len(e.value.items))
	for _, item := range e.value.items {
		texts = append(texts, item.text)
	}
	return texts
}

// rule returns what is said of a tag key in any letter case.
func (t *TagRules) rule(key string) (tagRule, bool) {
	if t == nil {
		return tagRule{}, false
	}
	i, found := slices.BinarySearchFunc(t.rules, strings.ToLower(key), func(r tagRule, key string) int {
		return strings.Compare(r.policyKey, key)
	})
	if !found {
		return tagRule{}, false
	}
	return t.rules[i], true
}

// Allows reports whether a tagging operation may give the tag to a resource of the type, such
// as "iam:policy". It may unless the policy is enforced for the type and either the letter
// case of the key or the value does not comply.
func (t *TagRules) Allows(resourceType, key, value string) bool {
	r, found := t.rule(key)
	return !found || !covers(r.enforced, resourceType, enforceable) || r.key == key && r.accepts(value)
}

// accepts compares a value; letter case counts, and one * stands for any text.
func (r *tagRule) accepts(value string) bool {
	return !r.limited || slices.ContainsFunc(r.values, func(pattern string) bool {
		before, after, wild := strings.Cut(pattern, "*")
		if !wild {
			return pattern == value
		}
		return len(value) >= len(before)+len(after) && strings.HasPrefix(value, before) && strings.HasSuffix(value, after)
	})
}

// Compliance says how the tags of a resource stand to an effective tag policy.
type Compliance struct {
	// NoncompliantKeys are keys on the resource whose letter case is wrong.
	NoncompliantKeys []string
	// KeysWithNoncompliantValues are keys of the policy that are on the resource with a wrong
	// letter case or value.
	KeysWithNoncompliantValues []string
	// MissingKeys are keys of the policy that resources of the type are required to have and
	// this one has not.
	MissingKeys []string
}

// Compliant reports whether nothing is wrong.
func (c *Compliance) Compliant() bool {
	return len(c.NoncompliantKeys)+len(c.KeysWithNoncompliantValues)+len(c.MissingKeys) == 0
}

// Check compares the tags of a resource of the type with the policy. What the policy does not
// name complies. All keys come in ascending order.
func (t *TagRules) Check(resourceType string, tags map[string]string) Compliance {
	var c Compliance
	if t == nil {
		return c
	}
	for key, value := range tags {
		r, found := t.rule(key)
		if !found {
			continue
		}
		if r.key != key {
			c.NoncompliantKeys = append(c.NoncompliantKeys, key)
		}
		if r.key != key || !r.accepts(value) {
			c.KeysWithNoncompliantValues = append(c.KeysWithNoncompliantValues, r.key)
		}
	}
	for _, r := range t.rules {
		if _, has := tags[r.key]; !has && covers(r.required, resourceType, reportable) {
			c.MissingKeys = append(c.MissingKeys, r.key)
		}
	}
	slices.Sort(c.NoncompliantKeys)
	slices.Sort(c.KeysWithNoncompliantValues)
	c.KeysWithNoncompliantValues = slices.Compact(c.KeysWithNoncompliantValues)
	slices.Sort(c.MissingKeys)
	return c
}

// RequiredTags are the keys that resources of a type are required to have.
type RequiredTags struct {
	// ResourceType is for example "iam:role".
	ResourceType string
	// Keys are in ascending order, in the letter case that complies.
	Keys []string
}

// Required returns what report_required_tag_for comes to, in ascending order of type. A
// service's ALL_SUPPORTED stands for the types that we know of it; of a service that we know
// nothing of it is returned as it is written.
func (t *TagRules) Required() []RequiredTags {
	if t == nil {
		return nil
	}
	keys := make(map[string][]string)
	for _, r := range t.rules {
		for _, resourceType := range r.required {
			for _, each := range expand(resourceType, reportable) {
				if !slices.Contains(keys[each], r.key) {
					keys[each] = append(keys[each], r.key)
				}
			}
		}
	}
	out := make([]RequiredTags, 0, len(keys))
	for resourceType, list := range keys {
		slices.Sort(list)
		out = append(out, RequiredTags{ResourceType: resourceType, Keys: list})
	}
	slices.SortFunc(out, func(a, b RequiredTags) int { return strings.Compare(a.ResourceType, b.ResourceType) })
	return out
}

// allSupported stands for all types of a service in place of one; * is its older form.
const allSupported = "ALL_SUPPORTED"

// supported are the types of resources that a capability of tag policies extends to, by
// service, for the services whose types we know. Of others any type is taken to be supported.
type supported map[string][]string

var (
	// enforceable types are those of "Services and resource types that support enforcement":
	// users and roles are not among them.
	enforceable = supported{
		"iam":           {"instance-profile", "mfa", "oidc-provider", "policy", "saml-provider", "server-certificate"},
		"organizations": {"account", "ou", "policy", "root"},
	}
	// reportable types are those that can be required to have a tag, as tools that create
	// resources know them.
	reportable = supported{
		"iam":           {"instance-profile", "mfa", "oidc-provider", "policy", "role", "saml-provider", "server-certificate", "user"},
		"organizations": {"account", "ou", "policy", "resourcepolicy"},
	}
)

// covers reports whether a list of types such as "iam:policy" or "iam:ALL_SUPPORTED" has a
// resource type in it.
func covers(list []string, resourceType string, known supported) bool {
	service, name, _ := strings.Cut(resourceType, ":")
	types, limited := known[service]
	if limited && !slices.Contains(types, name) {
		return false
	}
	return slices.ContainsFunc(list, func(each string) bool {
		s, n, _ := strings.Cut(each, ":")
		return s == service && (n == name || isAll(n))
	})
}

func isAll(name string) bool { return name == "*" || name == allSupported }

// expand returns the types that an entry of a list stands for.
func expand(entry string, known supported) []string {
	service, name, _ := strings.Cut(entry, ":")
	types, limited := known[service]
	if !isAll(name) || !limited {
		return []string{entry}
	}
	out := make([]string, 0, len(types))
	for _, each := range types {
		out = append(out, service+":"+each)
	}
	return out
}

// accepts reports whether an entry of a list names what there is.
func (k supported) accepts(entry string) bool {
	service, name, _ := strings.Cut(entry, ":")
	types, limited := k[service]
	return !limited || isAll(name) || slices.Contains(types, name)
}
