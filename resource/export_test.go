package resource

import (
	"slices"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// KnownActions are all actions that the kind of a resource asks for.
func KnownActions(resourceARN string) []string {
	a, err := arn.Parse(resourceARN)
	if err != nil {
		return nil
	}
	k := KindOf(&a)
	if k == nil {
		return nil
	}
	return slices.Concat(k.create, k.put, k.drop, k.tag, k.untag, k.remove, k.read)
}

// ActionExists asks the Service Authorization Reference.
func ActionExists(name string) bool {
	_, ok := serviceauth.LookupAction(name)
	return ok
}
