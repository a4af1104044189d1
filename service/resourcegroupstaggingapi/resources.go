package resourcegroupstaggingapi

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tagging"
)

// The sizes of pages (API reference, GetResources). A list of keys or values has as many
// entries on a page as one of resources has tags.
const (
	defaultResources, maxResources = 50, 100
	minTags, maxTags               = 100, 500
	keysPerPage                    = 500
)

// wanted says which resources GetResources returns.
type wanted struct {
	region     string
	arns       []string
	types      []string
	filters    []tagapi.TagFilter
	compliance bool
	exclude    bool
	room       room
}

// GetResources returns the resources of the account and Region that are tagged or were once.
func (s *Service) GetResources(ctx context.Context, in *tagapi.GetResourcesInput) (*tagapi.GetResourcesOutput, error) {
	w, err := want(ctx, in)
	if err != nil {
		return nil, err
	}
	q := questionOf("GetResources", caller(ctx), w.region, fmt.Sprint(w.types, w.compliance, w.exclude), filterText(w.filters))
	return read(ctx, s, func(tx *store.Tx) (*tagapi.GetResourcesOutput, error) {
		cursor, err := q.cursor(in.PaginationToken, tx.Now())
		if err != nil {
			return nil, err
		}
		var rules *tagging.Rules
		if w.compliance {
			if rules, err = org.TagRules(ctx, tx, caller(ctx)); err != nil {
				return nil, err
			}
		}
		out, room := &tagapi.GetResourcesOutput{ResourceTagMappingList: []tagapi.ResourceTagMapping{}}, w.room
		for more := true; more; more = err == nil && len(w.arns) > 0 && cursor != "" {
			cursor, err = tagging.Walk(ctx, tx, caller(ctx), cursor, func(r tagging.Resource) bool {
				mapping, ok := w.mapping(rules, &r)
				if ok && !room.take(len(r.Tags)) {
					return false
				}
				if ok {
					out.ResourceTagMappingList = append(out.ResourceTagMappingList, mapping)
				}
				return true
			})
		}
		if errors.Is(err, tagging.ErrCursor) {
			err = errToken()
		}
		out.PaginationToken = q.token(cursor, tx.Now())
		return out, err
	})
}

// want checks which parameters go together.
func want(ctx context.Context, in *tagapi.GetResourcesInput) (*wanted, error) {
	w := &wanted{
		region: region(ctx), arns: in.ResourceARNList, types: in.ResourceTypeFilters, filters: in.TagFilters,
		compliance: smithy.Value(in.IncludeComplianceDetails), exclude: smithy.Value(in.ExcludeCompliantResources),
		room: room{resources: int(smithy.Value(in.ResourcesPerPage)), tags: int(smithy.Value(in.TagsPerPage))},
	}
	paged := in.ResourcesPerPage != nil || in.TagsPerPage != nil || smithy.Value(in.PaginationToken) != ""
	const maxTypes = 100
	switch {
	case len(w.arns) > 0 && (len(w.types) > 0 || len(w.filters) > 0 || paged):
		return nil, invalid("You can't specify ResourceARNList together with ResourceTypeFilters, TagFilters, ResourcesPerPage, TagsPerPage or PaginationToken.")
	case w.exclude && !w.compliance:
		return nil, invalid("You can use ExcludeCompliantResources only if IncludeComplianceDetails is true.")
	case in.ResourcesPerPage != nil && (w.room.resources < 1 || w.room.resources > maxResources):
		return nil, invalid("ResourcesPerPage must be from 1 to 100.")
	case in.TagsPerPage != nil && (w.room.tags < minTags || w.room.tags > maxTags):
		return nil, invalid("TagsPerPage must be from 100 to 500.")
	case len(w.types) > maxTypes:
		return nil, invalid("ResourceTypeFilters can have at most 100 items.")
	case slices.ContainsFunc(w.filters, func(f tagapi.TagFilter) bool { return f.Key == nil }):
		return nil, invalid("Each TagFilter must contain a key.")
	}
	if w.room.resources == 0 && w.room.tags == 0 && len(w.arns) == 0 {
		w.room.resources = defaultResources
	}
	return w, nil
}

// room is what a page has room for: so many resources with so many tags; 0 means any number.
type room struct{ resources, tags, takenResources, takenTags int }

// take reports whether there is room for another resource. One without tags counts as having
// one (API reference, TagsPerPage); a page has one resource at least.
func (r *room) take(tags int) bool {
	tags = max(1, tags)
	full := r.resources > 0 && r.takenResources == r.resources || r.tags > 0 && r.takenTags+tags > r.tags
	if full && r.takenResources > 0 {
		return false
	}
	r.takenResources, r.takenTags = r.takenResources+1, r.takenTags+tags
	return true
}

// mapping returns what is told of a resource, or false if it is not wanted.
func (w *wanted) mapping(rules *tagging.Rules, r *tagging.Resource) (tagapi.ResourceTagMapping, bool) {
	if tagging.RegionOf(r.ARN) != w.region || !w.matches(r) {
		return tagapi.ResourceTagMapping{}, false
	}
	m := tagapi.ResourceTagMapping{ResourceARN: smithy.Ptr(r.ARN), Tags: make([]tagapi.Tag, 0, len(r.Tags))}
	for _, t := range r.Tags {
		m.Tags = append(m.Tags, tagapi.Tag{Key: &t.Key, Value: &t.Value})
	}
	if w.compliance {
		c := tagging.Check(rules, r)
		if w.exclude && c.Compliant() {
			return m, false
		}
		m.ComplianceDetails = &tagapi.ComplianceDetails{
			ComplianceStatus: smithy.Ptr(c.Compliant()), NoncompliantKeys: filled(c.NoncompliantKeys),
			KeysWithNoncompliantValues: filled(c.KeysWithNoncompliantValues), MissingTagKeys: filled(c.MissingKeys),
		}
	}
	return m, true
}

// filled is a list that is there even if it is empty.
func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (w *wanted) matches(r *tagging.Resource) bool {
	if len(w.arns) > 0 {
		return slices.Contains(w.arns, r.ARN)
	}
	return ofTypes(r, w.types) && !slices.ContainsFunc(w.filters, func(f tagapi.TagFilter) bool {
		value, has := r.Value(*f.Key)
		return !has || len(f.Values) > 0 && !slices.Contains(f.Values, value)
	})
}

func ofTypes(r *tagging.Resource, types []string) bool {
	return len(types) == 0 || slices.ContainsFunc(types, r.IsOfType)
}

func filterText(filters []tagapi.TagFilter) string {
	text := ""
	for _, f := range filters {
		text += fmt.Sprintf("%q%q", smithy.Value(f.Key), f.Values)
	}
	return text
}

// GetTagKeys returns the tag keys that are in use.
func (s *Service) GetTagKeys(ctx context.Context, in *tagapi.GetTagKeysInput) (*tagapi.GetTagKeysOutput, error) {
	q := questionOf("GetTagKeys", caller(ctx), region(ctx))
	return read(ctx, s, func(tx *store.Tx) (*tagapi.GetTagKeysOutput, error) {
		cursor, err := q.cursor(in.PaginationToken, tx.Now())
		if err != nil {
			return nil, err
		}
		keys, err := tagging.Keys(ctx, tx, caller(ctx), region(ctx))
		if err != nil {
			return nil, err
		}
		page, next, err := window(keys, cursor, keysPerPage)
		return &tagapi.GetTagKeysOutput{TagKeys: page, PaginationToken: q.token(next, tx.Now())}, err
	})
}

// GetTagValues returns the values that a tag key has.
func (s *Service) GetTagValues(ctx context.Context, in *tagapi.GetTagValuesInput) (*tagapi.GetTagValuesOutput, error) {
	q := questionOf("GetTagValues", caller(ctx), region(ctx), *in.Key)
	return read(ctx, s, func(tx *store.Tx) (*tagapi.GetTagValuesOutput, error) {
		cursor, err := q.cursor(in.PaginationToken, tx.Now())
		if err != nil {
			return nil, err
		}
		values, err := tagging.Values(ctx, tx, caller(ctx), region(ctx), *in.Key)
		if err != nil {
			return nil, err
		}
		page, next, err := window(values, cursor, keysPerPage)
		return &tagapi.GetTagValuesOutput{TagValues: page, PaginationToken: q.token(next, tx.Now())}, err
	})
}
