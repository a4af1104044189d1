package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// The condition keys of this service; see the Service Authorization Reference.
const (
	keyBoundary  = "iam:PermissionsBoundary"
	keyPolicyARN = "iam:PolicyARN"
	keyTagKeys   = "aws:TagKeys"

	prefixRequestTag     = "aws:RequestTag/"
	prefixResourceTag    = "aws:ResourceTag/"
	prefixIAMResourceTag = "iam:ResourceTag/"
)

// target is what an operation that acts on one resource acts on, and the condition keys
// that it has; it becomes a row.
type target[I any] struct {
	operation string
	find      func(ctx context.Context, c *credential.Caller, in *I) (resource, error)
	keys      []func(in *I, r resource, k policy.Keys)
}

// resource is one resource of an account as policies see it.
type resource struct {
	arn string
	// path and name are those of a user, group or role.
	path, name string
	// boundary is the permissions boundary that a user or role has now.
	boundary string
	keys     policy.Keys
}

// onIdentity is the target of an operation on a user, group or role, under its real ARN; one
// that does not exist has the ARN of its name at the root path.
func onIdentity[I any](s *Service, operation string, kind iam.Kind, name func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		return s.identityResource(ctx, c.AccountID, kind, smithy.Value(name(in)))
	}}
}

// onPolicy is the target of an operation on a managed policy.
func onPolicy[I any](s *Service, operation string, policyARN func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		return s.policyResource(ctx, c.AccountID, smithy.Value(policyARN(in)))
	}}
}

// onUserOrCaller is the target of an operation that means the caller when it names no user.
func onUserOrCaller[I any](s *Service, operation string, name func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		user, err := callersUser(c, name(in))
		if err != nil {
			return resource{}, err
		}
		if user == "" {
			return resource{arn: c.EntityARN, keys: policy.Keys{}}, nil
		}
		return s.identityResource(ctx, c.AccountID, iam.KindUser, user)
	}}
}

// boundary adds the boundary that the user or role has.
func (t *target[I]) boundary() *target[I] {
	t.keys = append(t.keys, func(_ *I, r resource, k policy.Keys) { setBoundary(k, r.boundary) })
	return t
}

// newBoundary adds the boundary that the user or role is to have.
func (t *target[I]) newBoundary(arn func(*I) *string) *target[I] {
	t.keys = append(t.keys, func(in *I, _ resource, k policy.Keys) { setBoundary(k, smithy.Value(arn(in))) })
	return t
}

// policyARN adds the managed policy that is attached or detached.
func (t *target[I]) policyARN(arn func(*I) *string) *target[I] {
	t.keys = append(t.keys, func(in *I, _ resource, k policy.Keys) { k.Set(keyPolicyARN, smithy.Value(arn(in))) })
	return t
}

// tags adds the tags of the request.
func (t *target[I]) tags(tags func(*I) []iamapi.Tag) *target[I] {
	t.keys = append(t.keys, func(in *I, _ resource, k policy.Keys) { setRequestTags(k, tags(in)) })
	return t
}

// tagKeys adds the keys of the tags that the request removes.
func (t *target[I]) tagKeys(keys func(*I) []string) *target[I] {
	t.keys = append(t.keys, func(in *I, _ resource, k policy.Keys) { k.Set(keyTagKeys, keys(in)...) })
	return t
}

func (t *target[I]) row() authz.Row {
	action := "iam:" + t.operation
	return authz.Row{
		Operation: t.operation, Actions: []string{action},
		Checks: authz.For(func(ctx context.Context, c *authz.Call, in *I) ([]authz.Check, error) {
			r, err := t.find(ctx, c.Caller, in)
			if err != nil {
				return nil, err
			}
			for _, set := range t.keys {
				set(in, r, r.keys)
			}
			return []authz.Check{{Action: action, Resource: r.arn, Keys: r.keys}}, nil
		}),
	}
}

// identityResource looks a user, group or role up.
func (s *Service) identityResource(ctx context.Context, accountID string, kind iam.Kind, name string) (resource, error) {
	r := resource{arn: iam.ARNOf(accountID, kind, name), path: "/", name: name, keys: policy.Keys{}}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		i, ok, err := tx.IAMIdentity(accountID, kind, name)
		if err != nil || !ok {
			return err
		}
		r.arn, r.path, r.name, r.boundary = i.ARN(), i.Path, i.Name, i.Boundary
		tags, err := tx.IAMTags(i.ID)
		setResourceTags(r.keys, tags, prefixResourceTag, prefixIAMResourceTag)
		return err
	})
	return r, err
}

// policyResource looks a managed policy up for its tags; policies of AWS and of other
// accounts have none here.
func (s *Service) policyResource(ctx context.Context, accountID, policyARN string) (resource, error) {
	r := resource{arn: policyARN, keys: policy.Keys{}}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		p, ok, err := tx.IAMPolicy(policyARN)
		if err != nil || !ok || p.AccountID != accountID {
			return err
		}
		tags, err := tx.IAMTags(p.ID)
		setResourceTags(r.keys, tags, prefixResourceTag)
		return err
	})
	return r, err
}

func setResourceTags(k policy.Keys, tags []iam.Tag, prefixes ...string) {
	for _, t := range tags {
		for _, prefix := range prefixes {
			k.Set(prefix+t.Key, t.Value)
		}
	}
}

func setRequestTags(k policy.Keys, tags []iamapi.Tag) {
	if len(tags) == 0 {
		return
	}
	keys := make([]string, len(tags))
	for i := range tags {
		keys[i] = smithy.Value(tags[i].Key)
		k.Set(prefixRequestTag+keys[i], smithy.Value(tags[i].Value))
	}
	k.Set(keyTagKeys, keys...)
}

func setBoundary(k policy.Keys, policyARN string) {
	if policyARN != "" {
		k.Set(keyBoundary, policyARN)
	}
}
