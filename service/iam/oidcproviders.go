package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateOpenIDConnectProvider makes an OpenID Connect provider. One without thumbprints is asked
// for its certificate over the network, before the transaction that writes.
func (s *Service) CreateOpenIDConnectProvider(ctx context.Context, in *iamapi.CreateOpenIDConnectProviderInput) (*iamapi.CreateOpenIDConnectProviderOutput, error) {
	provider := iam.NewOIDCProvider{
		URL: smithy.Value(in.Url), ClientIDs: in.ClientIDList, Thumbprints: in.ThumbprintList, Tags: domainTags(in.Tags),
	}
	if len(provider.Thumbprints) == 0 {
		thumbprint, err := s.thumbprint(ctx, provider)
		if err != nil {
			return nil, wireError(err)
		}
		provider.Thumbprints = []string{thumbprint}
	}
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateOpenIDConnectProviderOutput, error) {
		p, err := iam.CreateOIDCProvider(ctx, tx, account(ctx), provider)
		if err != nil {
			return nil, err
		}
		touchProvider(ctx, p.ARN, oidcResource)
		return &iamapi.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: &p.ARN, Tags: apiTags(domainTags(in.Tags))}, nil
	})
}

// thumbprint asks a provider for its certificate, if nothing else is wrong with it.
func (s *Service) thumbprint(ctx context.Context, provider iam.NewOIDCProvider) (string, error) {
	err := s.DB.View(ctx, func(tx *store.Tx) error { return iam.CheckOIDCProvider(ctx, tx, account(ctx), provider) })
	if err != nil {
		return "", err
	}
	thumbprint, err := oidc.Thumbprint(ctx, provider.URL)
	if err != nil {
		return "", &iamapi.OpenIdIdpCommunicationErrorException{Message: smithy.Ptr(
			"Please check .well-known/openid-configuration of provider: " + provider.URL + " is valid.")}
	}
	return thumbprint, nil
}

// CloudTrail's names of the two kinds of identity provider.
const (
	oidcResource = "AWS::IAM::OIDCProvider"
	samlResource = "AWS::IAM::SAMLProvider"
)

func touchProvider(ctx context.Context, arn, kind string) {
	audit.FromContext(ctx).Touch(audit.Resource{ARN: arn, Type: kind, AccountID: account(ctx)})
}

// GetOpenIDConnectProvider returns an OpenID Connect provider.
func (s *Service) GetOpenIDConnectProvider(ctx context.Context, in *iamapi.GetOpenIDConnectProviderInput) (*iamapi.GetOpenIDConnectProviderOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetOpenIDConnectProviderOutput, error) {
		p, err := iam.GetOIDCProvider(ctx, tx, account(ctx), smithy.Value(in.OpenIDConnectProviderArn))
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(p.ARN)
		return &iamapi.GetOpenIDConnectProviderOutput{
			Url: &p.URL, ClientIDList: p.ClientIDs, ThumbprintList: p.Thumbprints, CreateDate: date(p.CreatedAt), Tags: apiTags(tags),
		}, err
	})
}

// ListOpenIDConnectProviders lists the OpenID Connect providers of the account.
func (s *Service) ListOpenIDConnectProviders(ctx context.Context, _ *iamapi.ListOpenIDConnectProvidersInput) (*iamapi.ListOpenIDConnectProvidersOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListOpenIDConnectProvidersOutput, error) {
		list, err := iam.ListOIDCProviders(ctx, tx, account(ctx))
		return &iamapi.ListOpenIDConnectProvidersOutput{
			OpenIDConnectProviderList: convert(list, func(p *iam.OIDCProvider) iamapi.OpenIDConnectProviderListEntry {
				return iamapi.OpenIDConnectProviderListEntry{Arn: &p.ARN}
			}),
		}, err
	})
}

// DeleteOpenIDConnectProvider deletes an OpenID Connect provider.
func (s *Service) DeleteOpenIDConnectProvider(ctx context.Context, in *iamapi.DeleteOpenIDConnectProviderInput) (*iamapi.DeleteOpenIDConnectProviderOutput, error) {
	return change[iamapi.DeleteOpenIDConnectProviderOutput](ctx, s, func(tx *store.Tx) error {
		touchProvider(ctx, smithy.Value(in.OpenIDConnectProviderArn), oidcResource)
		return iam.DeleteOIDCProvider(ctx, tx, account(ctx), smithy.Value(in.OpenIDConnectProviderArn))
	})
}

// AddClientIDToOpenIDConnectProvider adds an audience.
func (s *Service) AddClientIDToOpenIDConnectProvider(ctx context.Context, in *iamapi.AddClientIDToOpenIDConnectProviderInput) (*iamapi.AddClientIDToOpenIDConnectProviderOutput, error) {
	return change[iamapi.AddClientIDToOpenIDConnectProviderOutput](ctx, s, func(tx *store.Tx) error {
		return iam.AddOIDCClientID(ctx, tx, account(ctx), smithy.Value(in.OpenIDConnectProviderArn), smithy.Value(in.ClientID))
	})
}

// RemoveClientIDFromOpenIDConnectProvider removes an audience.
func (s *Service) RemoveClientIDFromOpenIDConnectProvider(ctx context.Context, in *iamapi.RemoveClientIDFromOpenIDConnectProviderInput) (*iamapi.RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	return change[iamapi.RemoveClientIDFromOpenIDConnectProviderOutput](ctx, s, func(tx *store.Tx) error {
		return iam.RemoveOIDCClientID(ctx, tx, account(ctx), smithy.Value(in.OpenIDConnectProviderArn), smithy.Value(in.ClientID))
	})
}

// UpdateOpenIDConnectProviderThumbprint puts other thumbprints in the place of the present ones.
func (s *Service) UpdateOpenIDConnectProviderThumbprint(ctx context.Context, in *iamapi.UpdateOpenIDConnectProviderThumbprintInput) (*iamapi.UpdateOpenIDConnectProviderThumbprintOutput, error) {
	return change[iamapi.UpdateOpenIDConnectProviderThumbprintOutput](ctx, s, func(tx *store.Tx) error {
		return iam.UpdateOIDCThumbprints(ctx, tx, account(ctx), smithy.Value(in.OpenIDConnectProviderArn), in.ThumbprintList)
	})
}

// TagOpenIDConnectProvider adds tags to an OpenID Connect provider.
func (s *Service) TagOpenIDConnectProvider(ctx context.Context, in *iamapi.TagOpenIDConnectProviderInput) (*iamapi.TagOpenIDConnectProviderOutput, error) {
	return putTags[iamapi.TagOpenIDConnectProviderOutput](ctx, s, oidcTags(ctx, in.OpenIDConnectProviderArn), in.Tags)
}

// UntagOpenIDConnectProvider removes tags from an OpenID Connect provider.
func (s *Service) UntagOpenIDConnectProvider(ctx context.Context, in *iamapi.UntagOpenIDConnectProviderInput) (*iamapi.UntagOpenIDConnectProviderOutput, error) {
	return deleteTags[iamapi.UntagOpenIDConnectProviderOutput](ctx, s, oidcTags(ctx, in.OpenIDConnectProviderArn), in.TagKeys)
}

// ListOpenIDConnectProviderTags lists the tags of an OpenID Connect provider.
func (s *Service) ListOpenIDConnectProviderTags(ctx context.Context, in *iamapi.ListOpenIDConnectProviderTagsInput) (*iamapi.ListOpenIDConnectProviderTagsOutput, error) {
	return listTags(ctx, s, oidcTags(ctx, in.OpenIDConnectProviderArn), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListOpenIDConnectProviderTagsOutput {
			out := &iamapi.ListOpenIDConnectProviderTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

func oidcTags(ctx context.Context, arn *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		touchProvider(ctx, smithy.Value(arn), oidcResource)
		return iam.TaggedOIDCProvider(ctx, tx, account(ctx), smithy.Value(arn))
	}
}

func (s *Service) oidcProviderRows() []authz.Row {
	return []authz.Row{
		{
			Operation: "CreateOpenIDConnectProvider", Actions: []string{"iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"},
			Checks: authz.For(createOIDCChecks),
		},
		onProvider(s, "GetOpenIDConnectProvider", func(in *iamapi.GetOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }).row(),
		authz.Anywhere("ListOpenIDConnectProviders", "iam:ListOpenIDConnectProviders"),
		onProvider(s, "DeleteOpenIDConnectProvider", func(in *iamapi.DeleteOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }).row(),
		onProvider(s, "AddClientIDToOpenIDConnectProvider", func(in *iamapi.AddClientIDToOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }).row(),
		onProvider(s, "RemoveClientIDFromOpenIDConnectProvider", func(in *iamapi.RemoveClientIDFromOpenIDConnectProviderInput) *string {
			return in.OpenIDConnectProviderArn
		}).row(),
		onProvider(s, "UpdateOpenIDConnectProviderThumbprint", func(in *iamapi.UpdateOpenIDConnectProviderThumbprintInput) *string {
			return in.OpenIDConnectProviderArn
		}).row(),
		onProvider(s, "TagOpenIDConnectProvider", func(in *iamapi.TagOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }).
			tags(func(in *iamapi.TagOpenIDConnectProviderInput) []iamapi.Tag { return in.Tags }).row(),
		onProvider(s, "UntagOpenIDConnectProvider", func(in *iamapi.UntagOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }).
			tagKeys(func(in *iamapi.UntagOpenIDConnectProviderInput) []string { return in.TagKeys }).row(),
		onProvider(s, "ListOpenIDConnectProviderTags", func(in *iamapi.ListOpenIDConnectProviderTagsInput) *string { return in.OpenIDConnectProviderArn }).row(),
	}
}

func createOIDCChecks(_ context.Context, c *authz.Call, in *iamapi.CreateOpenIDConnectProviderInput) ([]authz.Check, error) {
	arn := iam.OIDCProviderARN(c.Caller.AccountID, smithy.Value(in.Url))
	return createChecks("iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider", arn, in.Tags, nil), nil
}

// onProvider is the target of an operation on an identity provider of either kind. Tags are
// kept by ARN, so that nothing else has to be looked up; those of another account stay with it.
func onProvider[I any](s *Service, operation string, arn func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		r := resource{arn: smithy.Value(arn(in)), keys: policy.Keys{}}
		if !isProviderOf(c.AccountID, r.arn) {
			return r, nil
		}
		err := s.DB.View(ctx, func(tx *store.Tx) error {
			tags, err := tx.IAMTags(r.arn)
			setResourceTags(r.keys, tags, prefixResourceTag)
			return err
		})
		return r, err
	}}
}
