package resourcegroupstaggingapi

import (
	"context"
	"slices"
	"strings"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tagging"
)

// change is what is to become of the tags of many resources.
type change struct {
	arns []string
	// put or remove is empty.
	put    []tagging.Tag
	remove []string
}

// TagResources gives tags to resources, each for itself: what fails is in FailedResourcesMap.
func (s *Service) TagResources(ctx context.Context, in *tagapi.TagResourcesInput) (*tagapi.TagResourcesOutput, error) {
	c := change{arns: in.ResourceARNList}
	for key, value := range in.Tags {
		c.put = append(c.put, tagging.Tag{Key: key, Value: value})
	}
	slices.SortFunc(c.put, func(a, b tagging.Tag) int { return strings.Compare(a.Key, b.Key) })
	failed, err := s.change(ctx, &c)
	if err != nil {
		return nil, err
	}
	return &tagapi.TagResourcesOutput{FailedResourcesMap: failed}, nil
}

// UntagResources takes tags away, as [Service.TagResources] gives them.
func (s *Service) UntagResources(ctx context.Context, in *tagapi.UntagResourcesInput) (*tagapi.UntagResourcesOutput, error) {
	failed, err := s.change(ctx, &change{arns: in.ResourceARNList, remove: in.TagKeys})
	if err != nil {
		return nil, err
	}
	return &tagapi.UntagResourcesOutput{FailedResourcesMap: failed}, nil
}

// change makes the change to every resource that the caller may change.
func (s *Service) change(ctx context.Context, c *change) (map[string]tagapi.FailureInfo, error) {
	if slices.ContainsFunc(c.keys(), func(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }) {
		return nil, invalid("Tag keys that begin with aws: are reserved for AWS.")
	}
	failed := make(map[string]tagapi.FailureInfo)
	may, err := s.permitted(ctx, c, failed)
	if err != nil {
		return nil, apiError(err)
	}
	type failures = map[string]tagapi.FailureInfo
	later, err := store.Write(ctx, s.DB, func(tx *store.Tx) (*failures, error) {
		out := failures{}
		for _, name := range may {
			if err := note(out, name, c.apply(ctx, tx, name)); err != nil {
				return nil, err
			}
		}
		return &out, nil
	})
	if err != nil {
		return nil, apiError(err)
	}
	for name, why := range *later {
		failed[name] = why
	}
	return failed, nil
}

// note keeps the failure of one resource; it returns errors that end the call.
func note(failed map[string]tagapi.FailureInfo, name string, err error) error {
	if err == nil {
		return nil
	}
	why, known := failure(err)
	if known {
		failed[name], err = why, nil
	}
	return err
}

func (c *change) apply(ctx context.Context, tx *store.Tx, name string) error {
	t, err := tagging.Find(ctx, tx, caller(ctx), name)
	if err != nil {
		return err
	}
	audit.FromContext(ctx).Touch(audit.Resource{ARN: t.ARN, Type: t.CloudTrailType, AccountID: t.AccountID})
	if c.put != nil {
		return t.Put(ctx, tx, c.put)
	}
	return t.Remove(ctx, tx, c.remove)
}

// permitted returns the resources whose tags the caller may change in the service that has
// them; the others fail.
func (s *Service) permitted(ctx context.Context, c *change, failed map[string]tagapi.FailureInfo) ([]string, error) {
	var may []string
	for _, name := range c.arns {
		if slices.Contains(may, name) {
			continue
		}
		err := s.ask(ctx, c, name)
		if err == nil {
			may = append(may, name)
		}
		if err := note(failed, name, err); err != nil {
			return nil, err
		}
	}
	return may, nil
}

// ask asks the gate for one resource. It must not be there to tell whether it exists: who may
// not ask learns that it is not allowed.
func (s *Service) ask(ctx context.Context, c *change, name string) error {
	if tagging.RegionOf(name) != region(ctx) {
		return &tagging.Error{Code: tagging.NotFound, Message: "The resource " + name + " is not in the Region " + region(ctx) + "."}
	}
	t, err := store.Read(ctx, s.DB, func(tx *store.Tx) (tagging.Target, error) {
		return tagging.Find(ctx, tx, caller(ctx), name)
	})
	if err != nil {
		return err
	}
	actions := t.TagActions
	if c.put == nil {
		actions = t.UntagActions
	}
	for _, action := range actions {
		err := s.Gate.Require(ctx, &authz.Question{
			Caller: credential.FromContext(ctx), Action: action, Resource: name, ResourceAccount: t.AccountID,
			Keys: c.conditions(&t), Environment: environment(ctx),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *change) keys() []string {
	keys := slices.Clone(c.remove)
	for _, t := range c.put {
		keys = append(keys, t.Key)
	}
	return keys
}

// conditions are the condition keys that a tagging action has.
func (c *change) conditions(t *tagging.Target) policy.Keys {
	keys := policy.Keys{}
	keys.Set("aws:TagKeys", c.keys()...)
	for _, tag := range c.put {
		keys.Set("aws:RequestTag/"+tag.Key, tag.Value)
	}
	for _, tag := range t.Tags {
		keys.Set("aws:ResourceTag/"+tag.Key, tag.Value)
	}
	return keys
}

// environment is what the gate has to know of the connection.
func environment(ctx context.Context) authz.Environment {
	r := audit.FromContext(ctx)
	if r == nil {
		return authz.Environment{Region: region(ctx)}
	}
	return authz.Environment{
		Time: r.Call.Time, SourceIP: r.Call.SourceIP, UserAgent: r.Call.UserAgent, TLS: r.Call.TLS, Region: region(ctx),
	}
}
