package tagging

import (
	"context"
	"slices"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/resource"
)

// Target is a resource whose tags can be changed.
type Target struct {
	Resource
	// TagActions and UntagActions are the IAM actions of the resource's own service that
	// changing its tags needs.
	TagActions, UntagActions []string
	// CloudTrailType is what the event log calls its type.
	CloudTrailType string

	put    func(ctx context.Context, tx Tx, tags []Tag) error
	remove func(ctx context.Context, tx Tx, keys []string) error
}

// Put gives the resource tags; one with a key that it has replaces the one that is there. It
// fails with the errors of the package that keeps the tags.
func (t *Target) Put(ctx context.Context, tx Tx, tags []Tag) error { return t.put(ctx, tx, tags) }

// Remove takes tags away; keys that the resource does not have are passed over.
func (t *Target) Remove(ctx context.Context, tx Tx, keys []string) error {
	return t.remove(ctx, tx, keys)
}

// Code is the kind of an error of this package.
type Code string

// The codes of this package.
const (
	// NotFound says that the account has no such resource.
	NotFound Code = "NotFound"
	// NotSupported says that the resource cannot be tagged here.
	NotSupported Code = "NotSupported"
	// NotCompliant says that the account's tag policy does not allow the tags.
	NotCompliant Code = "NotCompliant"
)

// Error is a refusal. Its message is safe to show to the client.
type Error struct {
	Code    Code
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

func notFound(name string) error {
	return &Error{Code: NotFound, Message: "The resource " + name + " does not exist."}
}

// Find returns the resource of the account that has the ARN, with its tags. It fails with
// NotFound or NotSupported.
func Find(ctx context.Context, tx Tx, accountID, name string) (Target, error) {
	a, err := arn.Parse(name)
	if err != nil {
		return Target{}, notFound(name)
	}
	switch a.Service {
	case "iam":
		return findIAM(ctx, tx, accountID, a)
	case "organizations":
		return findOrg(ctx, tx, accountID, name)
	default:
		return findRegistered(ctx, tx, accountID, name)
	}
}

// iamKind is a type of IAM resource: its actions, and how one is found.
type iamKind struct {
	action, cloudTrail string
	// find returns the owner of tags and the ARN under which it is found.
	find func(ctx context.Context, tx Tx, accountID string, a arn.ARN) (iam.Tagged, string, error)
}

func byARN(find func(ctx context.Context, tx iam.Tx, accountID, name string) (iam.Tagged, error)) func(context.Context, Tx, string, arn.ARN) (iam.Tagged, string, error) {
	return func(ctx context.Context, tx Tx, accountID string, a arn.ARN) (iam.Tagged, string, error) {
		owner, err := find(ctx, tx, accountID, a.String())
		return owner, a.String(), err
	}
}

func identities(kind iam.Kind) func(context.Context, Tx, string, arn.ARN) (iam.Tagged, string, error) {
	return func(ctx context.Context, tx Tx, accountID string, a arn.ARN) (iam.Tagged, string, error) {
		owner, err := iam.TaggedIdentity(ctx, tx, accountID, kind, a.ResourceName())
		if err != nil {
			return owner, "", err
		}
		i, _, err := tx.IAMIdentity(accountID, kind, a.ResourceName())
		return owner, i.ARN(), err
	}
}

var iamKinds = map[string]iamKind{
	"user":          {"User", "AWS::IAM::User", identities(iam.KindUser)},
	"role":          {"Role", "AWS::IAM::Role", identities(iam.KindRole)},
	"policy":        {"Policy", "AWS::IAM::Policy", byARN(iam.TaggedPolicy)},
	"mfa":           {"MFADevice", "AWS::IAM::MFADevice", byARN(iam.TaggedMFADevice)},
	"oidc-provider": {"OpenIDConnectProvider", "AWS::IAM::OIDCProvider", byARN(iam.TaggedOIDCProvider)},
	"saml-provider": {"SAMLProvider", "AWS::IAM::SAMLProvider", byARN(iam.TaggedSAMLProvider)},
	"instance-profile": {"InstanceProfile", "AWS::IAM::InstanceProfile", func(ctx context.Context, tx Tx, accountID string, a arn.ARN) (iam.Tagged, string, error) {
		owner, err := iam.TaggedInstanceProfile(ctx, tx, accountID, a.ResourceName())
		if err != nil {
			return owner, "", err
		}
		p, _, err := tx.IAMProfile(accountID, a.ResourceName())
		return owner, p.ARN(), err
	}},
	"server-certificate": {"ServerCertificate", "AWS::IAM::ServerCertificate", func(ctx context.Context, tx Tx, accountID string, a arn.ARN) (iam.Tagged, string, error) {
		owner, err := iam.TaggedServerCertificate(ctx, tx, accountID, a.ResourceName())
		if err != nil {
			return owner, "", err
		}
		c, _, err := tx.IAMServerCertificate(accountID, a.ResourceName())
		return owner, c.ARN(), err
	}},
}

func findIAM(ctx context.Context, tx Tx, accountID string, a arn.ARN) (Target, error) {
	kind, known := iamKinds[a.ResourceType()]
	if !known {
		return Target{}, &Error{Code: NotSupported, Message: "Resources of type " + TypeOf(a.String()) + " cannot have tags."}
	}
	if a.AccountID != accountID {
		return Target{}, notFound(a.String())
	}
	owner, name, err := kind.find(ctx, tx, accountID, a)
	if err == nil && name != a.String() {
		err = notFound(a.String())
	}
	if err != nil {
		return Target{}, err
	}
	tags, err := iam.TagsOf(ctx, tx, owner)
	return Target{
		Resource:   Resource{ARN: name, AccountID: accountID, Tags: tagsOf(tags)},
		TagActions: []string{"iam:Tag" + kind.action}, UntagActions: []string{"iam:Untag" + kind.action}, CloudTrailType: kind.cloudTrail,
		put: func(ctx context.Context, tx Tx, tags []Tag) error {
			return iam.PutTags(ctx, tx, owner, into[iam.Tag](tags))
		},
		remove: func(ctx context.Context, tx Tx, keys []string) error { return iam.DeleteTags(ctx, tx, owner, keys) },
	}, err
}

// findOrg returns a resource of the organization that the account manages.
func findOrg(ctx context.Context, tx Tx, accountID, name string) (Target, error) {
	o, managed, err := managedBy(tx, accountID)
	if err != nil || !managed {
		return Target{}, orNotFound(err, name)
	}
	a, _ := arn.Parse(name)
	id := a.ResourceName()
	tags, err := org.ListTagsForResource(ctx, tx, o, id)
	if err != nil {
		return Target{}, err
	}
	if own, err := orgARN(tx, o, id); err != nil || own != name {
		return Target{}, orNotFound(err, name)
	}
	return Target{
		Resource:   Resource{ARN: name, AccountID: accountID, Tags: tagsOf(tags)},
		TagActions: []string{"organizations:TagResource"}, UntagActions: []string{"organizations:UntagResource"},
		CloudTrailType: "AWS::Organizations::" + orgTypes[org.TagType(id)],
		put: func(ctx context.Context, tx Tx, tags []Tag) error {
			return org.TagResource(ctx, tx, o, id, into[org.Tag](tags))
		},
		remove: func(ctx context.Context, tx Tx, keys []string) error { return org.UntagResource(ctx, tx, o, id, keys) },
	}, nil
}

var orgTypes = map[string]string{
	org.TypeAccount: "Account", org.TypeUnit: "OrganizationalUnit", org.TypeRoot: "Root",
	org.TypePolicy: "Policy", org.TypeResourcePolicy: "ResourcePolicy",
}

func orNotFound(err error, name string) error {
	if err == nil {
		err = notFound(name)
	}
	return err
}

func findRegistered(_ context.Context, tx Tx, accountID, name string) (Target, error) {
	r, found, err := tx.RegisteredResource(name)
	if err != nil || !found || r.AccountID != accountID {
		return Target{}, orNotFound(err, name)
	}
	t := Target{Resource: Resource{ARN: name, AccountID: accountID, Tags: tagsOf(r.Tags)}, CloudTrailType: r.Type}
	if t.TagActions, t.UntagActions = resource.TagActions(name); len(t.TagActions) == 0 {
		return Target{}, &Error{Code: NotSupported, Message: "Resources of type " + TypeOf(name) + " cannot be tagged here."}
	}
	t.put = func(ctx context.Context, tx Tx, tags []Tag) error {
		rules, err := org.TagRules(ctx, tx, accountID)
		if err != nil {
			return err
		}
		all := slices.Clone(t.Tags)
		for _, tag := range tags {
			if !rules.Allows(TypeOf(name), tag.Key, tag.Value) {
				return &Error{Code: NotCompliant, Message: org.TagPolicyMessage(tag.Key)}
			}
			all = append(slices.DeleteFunc(all, func(h Tag) bool { return h.Key == tag.Key }), tag)
		}
		return resource.Retag(ctx, tx, name, into[resource.Tag](all))
	}
	t.remove = func(ctx context.Context, tx Tx, keys []string) error {
		left := slices.DeleteFunc(slices.Clone(t.Tags), func(h Tag) bool { return slices.Contains(keys, h.Key) })
		return resource.Retag(ctx, tx, name, into[resource.Tag](left))
	}
	return t, nil
}
