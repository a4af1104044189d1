package organizations

import (
	"context"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// TagResource implements [organizationsapi.Service].
func (s *Service) TagResource(ctx context.Context, in *organizationsapi.TagResourceInput) (*organizationsapi.TagResourceOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.TagResourceOutput, error) {
		return &organizationsapi.TagResourceOutput{}, org.TagResource(ctx, tx, o, *in.ResourceId, unpackTags(in.Tags))
	})
}

// UntagResource implements [organizationsapi.Service].
func (s *Service) UntagResource(ctx context.Context, in *organizationsapi.UntagResourceInput) (*organizationsapi.UntagResourceOutput, error) {
	return write(ctx, s, asAdministrator, func(tx *store.Tx, o org.Organization) (*organizationsapi.UntagResourceOutput, error) {
		return &organizationsapi.UntagResourceOutput{}, org.UntagResource(ctx, tx, o, *in.ResourceId, in.TagKeys)
	})
}

// ListTagsForResource implements [organizationsapi.Service]. A resource has so few tags
// that there is no second page.
func (s *Service) ListTagsForResource(ctx context.Context, in *organizationsapi.ListTagsForResourceInput) (*organizationsapi.ListTagsForResourceOutput, error) {
	if _, err := page("ListTagsForResource", in.NextToken, nil); err != nil {
		return nil, err
	}
	return read(ctx, s, asReader, func(tx *store.Tx, o org.Organization) (*organizationsapi.ListTagsForResourceOutput, error) {
		tags, err := org.ListTagsForResource(ctx, tx, o, *in.ResourceId)
		if err != nil {
			return nil, err
		}
		out := &organizationsapi.ListTagsForResourceOutput{Tags: make([]organizationsapi.Tag, 0, len(tags))}
		for _, t := range tags {
			out.Tags = append(out.Tags, organizationsapi.Tag{Key: &t.Key, Value: &t.Value})
		}
		return out, nil
	})
}

func unpackTags(in []organizationsapi.Tag) []org.Tag {
	out := make([]org.Tag, 0, len(in))
	for _, t := range in {
		out = append(out, org.Tag{Key: smithy.Value(t.Key), Value: smithy.Value(t.Value)})
	}
	return out
}
