package tagging

import (
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/resource"
)

// Tx is the transaction that every function of this package works in. *store.Tx is one.
type Tx interface {
	org.Tx
	resource.Tx
}

// Resource is a resource with its tags.
type Resource struct {
	ARN, AccountID string
	// Tags are in bytewise order of key; there are none if it was tagged once only.
	Tags []Tag
}

// Tag is a tag of a resource.
type Tag struct{ Key, Value string }

// GlobalRegion is where the resources of services without Regions are found, and those of
// buckets, whose ARNs have none.
const GlobalRegion = "us-east-1"

// RegionOf returns the Region in which a resource is found.
func RegionOf(resourceARN string) string {
	if a, err := arn.Parse(resourceARN); err == nil && a.Region != "" {
		return a.Region
	}
	return GlobalRegion
}

// wholeNames are the types, as tag policies and filters name them, of services whose ARNs end
// in the bare name of the resource.
var wholeNames = map[string]string{"s3": "bucket", "sns": "topic", "sqs": "queue"}

// TypeOf returns the type of a resource as tag policies and filters name it: "iam:policy".
func TypeOf(resourceARN string) string {
	a, err := arn.Parse(resourceARN)
	if err != nil {
		return ""
	}
	if name := a.ResourceType(); name != "" {
		return a.Service + ":" + name
	}
	if name := wholeNames[a.Service]; name != "" {
		return a.Service + ":" + name
	}
	return a.Service
}

// IsOfType reports whether a resource is of a type "service" or "service:type".
func (r *Resource) IsOfType(filter string) bool {
	own := TypeOf(r.ARN)
	service, _, _ := strings.Cut(own, ":")
	return filter == own || filter == service
}

// Value returns the value of a tag.
func (r *Resource) Value(key string) (string, bool) {
	i := slices.IndexFunc(r.Tags, func(t Tag) bool { return t.Key == key })
	if i < 0 {
		return "", false
	}
	return r.Tags[i].Value, true
}

// Map returns the tags by key.
func (r *Resource) Map() map[string]string {
	m := make(map[string]string, len(r.Tags))
	for _, t := range r.Tags {
		m[t.Key] = t.Value
	}
	return m
}

// tagsOf converts the tags of another package, whose tags are pairs too.
func tagsOf[T org.Tag | iam.Tag | resource.Tag](in []T) []Tag {
	out := make([]Tag, len(in))
	for i := range in {
		out[i] = Tag(in[i])
	}
	return out
}

// into is the inverse of tagsOf.
func into[T org.Tag | iam.Tag | resource.Tag](in []Tag) []T {
	out := make([]T, len(in))
	for i := range in {
		out[i] = T(in[i])
	}
	return out
}
