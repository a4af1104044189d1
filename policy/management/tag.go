package management

import "strings"

// Tag policies (Organizations user guide, "Tag policy syntax and examples").

const (
	tagKeyLength   = 128
	tagValueLength = 256
)

var (
	tagName = form{
		matches: func(s string) bool { return s != "" && len(s) <= tagKeyLength },
		words:   "a tag key of 1 to 128 characters",
	}
	tagValue = form{
		matches: func(s string) bool { return len(s) <= tagValueLength && strings.Count(s, "*") <= 1 },
		words:   "a tag value of at most 256 characters with at most one *",
	}
	taggedResource = pattern(`[a-z0-9-]+:(?:\*|[A-Za-z0-9_/.-]+)`, "a service and a type of its resources, such as ec2:instance or ec2:ALL_SUPPORTED")

	tagShape = tableOf(tagName, recordOf(
		has("tag_key", one(tagName)),
		has("tag_value", many(tagValue)),
		has("enforced_for", many(enforceable.form())),
		has("report_required_tag_for", many(reportable.form())),
	))
)

// form is of a type that a capability extends to. AWS refuses types that it knows not to
// support it.
func (k supported) form() form {
	return form{
		matches: func(s string) bool { return taggedResource.matches(s) && k.accepts(s) },
		words:   taggedResource.words + ", that supports this",
	}
}

// checkTagKeys reports a tag key that differs from its policy key in more than letter case.
func checkTagKeys(s *scanner, top *node) error {
	for _, policyKey := range top.children {
		key := policyKey.child("tag_key")
		if key == nil || !key.set.has(assigning) {
			continue
		}
		if name := key.assigned.items[0].text; !strings.EqualFold(name, policyKey.name) {
			return s.errorAt(key.offset, []string{top.name, policyKey.name, key.name},
				"The tag key %q is not the policy key %q.", name, policyKey.name)
		}
	}
	return nil
}
