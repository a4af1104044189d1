package resource

import (
	"context"

	"github.com/bailiwick/bailiwick/arn"
)

// TagActions returns the IAM actions that giving a resource tags and taking them away need in
// its service; none if they are not known.
func TagActions(resourceARN string) (tag, untag []string) {
	a, err := arn.Parse(resourceARN)
	if err != nil {
		return nil, nil
	}
	k := KindOf(&a)
	if k == nil {
		return nil, nil
	}
	return k.tag, k.untag
}

// Retag replaces the tags of a registered resource. It fails with NotFound, or with the rule
// that the tags break.
func Retag(ctx context.Context, tx Tx, resourceARN string, tags []Tag) error {
	r, err := Find(ctx, tx, resourceARN)
	if err != nil {
		return err
	}
	if broken := checkTags(&Spec{ARN: resourceARN, Tags: tags}); broken != nil {
		return broken
	}
	r.Tags, r.UpdatedAt = sortTags(tags), tx.Now()
	return tx.PutRegisteredResource(r)
}
