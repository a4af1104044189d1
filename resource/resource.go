package resource

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bailiwick/bailiwick/iam"
)

// Resource is a registered resource.
type Resource struct {
	ARN string
	// AccountID owns it.
	AccountID string
	// Type is CloudFormation's name ("AWS::S3::Bucket") where there is one.
	Type string
	// Policy is the resource-based policy as it is kept; empty if there is none. What is shown
	// and evaluated is [PolicyOf].
	Policy string
	// Tags are in bytewise order of their keys.
	Tags                 []Tag
	CreatedAt, UpdatedAt time.Time
}

// Tag is a tag of a resource.
type Tag struct{ Key, Value string }

// Tx is the transaction that every function of this package works in. *store.Tx is one.
type Tx interface {
	iam.Tx
	Store
}

// Reader is what decisions read.
type Reader interface {
	RegisteredResource(arn string) (Resource, bool, error)
	// RegisteredResourcePrincipals returns the users and roles that the policy names.
	RegisteredResourcePrincipals(arn string) ([]iam.Trusted, error)
}

// Store keeps registered resources.
type Store interface {
	Reader
	// RegisteredResources lists in bytewise order of ARN: those of one account, or all if the
	// account is empty.
	RegisteredResources(accountID string, page iam.Range) ([]Resource, error)
	// ResourceOwners returns those of the accounts that have registered anything.
	ResourceOwners(accountIDs []string) ([]string, error)
	// PutRegisteredResource adds the resource or replaces the one with that ARN.
	PutRegisteredResource(Resource) error
	// SetRegisteredResourcePrincipals replaces the unique ids by the names in the policy.
	SetRegisteredResourcePrincipals(arn string, ids map[string]string) error
	// DeleteRegisteredResource deletes the resource with its principals.
	DeleteRegisteredResource(arn string) error
}

// Find returns the resource that is registered with exactly that ARN. It fails with NotFound.
func Find(_ context.Context, tx Reader, resourceARN string) (Resource, error) {
	r, ok, err := tx.RegisteredResource(resourceARN)
	if err == nil && !ok {
		err = fail(NotFound, resourceARN, "the resource is not registered")
	}
	return r, err
}

// Covering returns the registered resource whose policy speaks for an ARN: the resource
// itself, the bucket of an object, the table of an index.
func Covering(_ context.Context, tx Reader, resourceARN string) (Resource, bool, error) {
	r, ok, err := tx.RegisteredResource(resourceARN)
	if err != nil || ok {
		return r, ok, err
	}
	if whole, part := holder(resourceARN); part {
		return tx.RegisteredResource(whole)
	}
	return Resource{}, false, nil
}

// PolicyOf returns the resource's policy in the form that is shown and evaluated: with users
// and roles under their present ARNs, or their unique ids if they are gone.
func PolicyOf(_ context.Context, tx Reader, r *Resource) (string, error) {
	if r.Policy == "" {
		return "", nil
	}
	named, err := tx.RegisteredResourcePrincipals(r.ARN)
	if err != nil {
		return "", err
	}
	return iam.PresentPrincipals(r.Policy, named)
}

// List returns a page of resources in the order of their ARNs: of one account, or of all if
// the account is empty. After is the ARN where the last page ended; more says that there is
// another page.
func List(_ context.Context, tx Store, accountID, after string, limit int) (page []Resource, more bool, err error) {
	page, err = tx.RegisteredResources(accountID, iam.Range{After: after, Limit: limit + 1})
	if len(page) > limit {
		page, more = page[:limit], true
	}
	return page, more, err
}

func sortTags(tags []Tag) []Tag {
	sorted := slices.Clone(tags)
	slices.SortFunc(sorted, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
	return sorted
}
