package tagging

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
)

// The pieces in which resources are read, and how many one walk looks at.
const (
	readAtOnce  = 200
	readPerWalk = 5000
)

// source lists the tagged resources of an account from one place, those after a key of its
// own, out of at most limit that it looks at.
type source struct {
	letter byte
	read   func(tx Tx, accountID, after string, limit int) (piece, error)
}

// piece is a part of a source's list. keys are those of the resources in the list; more says
// that the source goes on after the key last.
type piece struct {
	list []Resource
	keys []string
	last string
	more bool
}

func (p *piece) add(key string, r Resource) {
	p.list, p.keys = append(p.list, r), append(p.keys, key)
}

var sources = []source{{'i', iamResources}, {'o', orgResources}, {'r', registered}}

// ErrCursor says that a cursor is none that [Walk] gave.
var ErrCursor = fmt.Errorf("tagging: not a cursor")

// Walk calls visit for the resources of an account that have tags or had some once, but for
// users and roles, until it returns false. The order is the same every time. It looks at a
// bounded number of resources: next is where another walk goes on, before the resource that
// visit stopped at; it is empty at the end.
func Walk(_ context.Context, tx Tx, accountID, cursor string, visit func(Resource) bool) (next string, err error) {
	first, after := 0, ""
	if cursor != "" {
		first = slices.IndexFunc(sources, func(s source) bool { return s.letter == cursor[0] })
		if first < 0 {
			return "", ErrCursor
		}
		after = cursor[1:]
	}
	seen := 0
	for _, s := range sources[first:] {
		for more := true; more; {
			p, err := s.read(tx, accountID, after, readAtOnce)
			if err != nil {
				return "", err
			}
			for i, r := range p.list {
				if seen == readPerWalk || !visit(r) {
					return string(s.letter) + after, nil
				}
				seen, after = seen+1, p.keys[i]
			}
			after, more = p.last, p.more
		}
		after = ""
	}
	return "", nil
}

func iamResources(tx Tx, accountID, after string, limit int) (p piece, err error) {
	all, err := tx.IAMTagged([]string{accountID})
	if err != nil {
		return p, err
	}
	from, _ := slices.BinarySearchFunc(all, after, func(r iam.TaggedResource, after string) int {
		if r.ARN <= after {
			return -1
		}
		return 1
	})
	for _, r := range all[from:min(from+limit, len(all))] {
		p.add(r.ARN, Resource{ARN: r.ARN, AccountID: accountID, Tags: tagsOf(r.Tags)})
		p.last = r.ARN
	}
	p.more = from+limit < len(all)
	return p, nil
}

// orgResources are those of an organization, which belong to its management account.
func orgResources(tx Tx, accountID, after string, limit int) (p piece, err error) {
	o, managed, err := managedBy(tx, accountID)
	if err != nil || !managed {
		return p, err
	}
	all, err := tx.OrgTagged(o.ID, after, limit)
	if err != nil {
		return p, err
	}
	for _, r := range all {
		name, err := orgARN(tx, o, r.ID)
		if err != nil {
			return p, err
		}
		p.add(r.ID, Resource{ARN: name, AccountID: accountID, Tags: tagsOf(r.Tags)})
		p.last = r.ID
	}
	p.more = len(all) == limit
	return p, nil
}

// managedBy returns the organization that the account manages, if any.
func managedBy(tx Tx, accountID string) (org.Organization, bool, error) {
	a, found, err := tx.OrgAccount(accountID)
	if err != nil || !found || a.OrganizationID == "" {
		return org.Organization{}, false, err
	}
	o, found, err := tx.Organization(a.OrganizationID)
	return o, found && o.ManagementAccountID == accountID, err
}

// orgARN returns the ARN of an organization's resource.
func orgARN(tx Tx, o org.Organization, id string) (string, error) {
	switch org.TagType(id) {
	case org.TypeAccount:
		return org.AccountARN(o.ManagementAccountID, o.ID, id), nil
	case org.TypeUnit:
		return org.UnitARN(o.ManagementAccountID, o.ID, id), nil
	case org.TypeRoot:
		return org.RootARN(o.ManagementAccountID, o.ID, id), nil
	case org.TypeResourcePolicy:
		return org.ResourcePolicyARN(o.ManagementAccountID, o.ID, id), nil
	default:
		p, _, err := tx.OrgPolicy(o.ID, id)
		return p.ARN(o.ManagementAccountID, o.ID), err
	}
}

// registered are the resources of other services; those that have no tags count as never
// tagged.
func registered(tx Tx, accountID, after string, limit int) (p piece, err error) {
	all, err := tx.RegisteredResources(accountID, iam.Range{After: after, Limit: limit})
	if err != nil {
		return p, err
	}
	for _, r := range all {
		if p.last = r.ARN; len(r.Tags) > 0 {
			p.add(r.ARN, Resource{ARN: r.ARN, AccountID: r.AccountID, Tags: tagsOf(r.Tags)})
		}
	}
	p.more = len(all) == limit
	return p, nil
}

// Keys returns the tag keys that are in use in an account and a Region, in ascending order.
func Keys(ctx context.Context, tx Tx, accountID, region string) ([]string, error) {
	return distinct(ctx, tx, accountID, region, func(t Tag) (string, bool) { return t.Key, true })
}

// Values returns the values that a tag key has in an account and a Region, in ascending order.
func Values(ctx context.Context, tx Tx, accountID, region, key string) ([]string, error) {
	return distinct(ctx, tx, accountID, region, func(t Tag) (string, bool) { return t.Value, t.Key == key })
}

func distinct(ctx context.Context, tx Tx, accountID, region string, pick func(Tag) (string, bool)) ([]string, error) {
	found := make(map[string]bool)
	err := walkAll(ctx, tx, accountID, "", func(r Resource) bool {
		for _, t := range r.Tags {
			if text, wanted := pick(t); wanted && RegionOf(r.ARN) == region {
				found[text] = true
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(found))
	for text := range found {
		out = append(out, text)
	}
	slices.SortFunc(out, strings.Compare)
	return out, nil
}
