package iam

import (
	"context"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateSAMLProvider makes a SAML provider.
func (s *Service) CreateSAMLProvider(ctx context.Context, in *iamapi.CreateSAMLProviderInput) (*iamapi.CreateSAMLProviderOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateSAMLProviderOutput, error) {
		p, err := iam.CreateSAMLProvider(ctx, tx, account(ctx), iam.NewSAMLProvider{
			Name: smithy.Value(in.Name), Metadata: smithy.Value(in.SAMLMetadataDocument),
			Encryption: smithy.Value(in.AssertionEncryptionMode), PrivateKey: smithy.Value(in.AddPrivateKey), Tags: domainTags(in.Tags),
		}, s.Vault.Seal)
		if err != nil {
			return nil, err
		}
		touchProvider(ctx, p.ARN, samlResource)
		return &iamapi.CreateSAMLProviderOutput{SAMLProviderArn: &p.ARN, Tags: apiTags(domainTags(in.Tags))}, nil
	})
}

// GetSAMLProvider returns a SAML provider with its metadata.
func (s *Service) GetSAMLProvider(ctx context.Context, in *iamapi.GetSAMLProviderInput) (*iamapi.GetSAMLProviderOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetSAMLProviderOutput, error) {
		p, err := iam.GetSAMLProvider(ctx, tx, account(ctx), smithy.Value(in.SAMLProviderArn))
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(p.ARN)
		if err != nil {
			return nil, err
		}
		keys, err := tx.IAMSAMLKeys(p.ARN)
		out := &iamapi.GetSAMLProviderOutput{
			SAMLMetadataDocument: &p.Metadata, CreateDate: date(p.CreatedAt), ValidUntil: date(p.ValidUntil), Tags: apiTags(tags),
			SAMLProviderUUID: &p.UUID, AssertionEncryptionMode: smithy.PtrTo(p.Encryption),
		}
		for i := range keys {
			out.PrivateKeyList = append(out.PrivateKeyList, iamapi.SAMLPrivateKey{KeyId: &keys[i].ID, Timestamp: date(keys[i].AddedAt)})
		}
		return out, err
	})
}

// ListSAMLProviders lists the SAML providers of the account.
func (s *Service) ListSAMLProviders(ctx context.Context, _ *iamapi.ListSAMLProvidersInput) (*iamapi.ListSAMLProvidersOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListSAMLProvidersOutput, error) {
		list, err := iam.ListSAMLProviders(ctx, tx, account(ctx))
		return &iamapi.ListSAMLProvidersOutput{SAMLProviderList: convert(list, func(p *iam.SAMLProvider) iamapi.SAMLProviderListEntry {
			return iamapi.SAMLProviderListEntry{Arn: &p.ARN, ValidUntil: date(p.ValidUntil), CreateDate: date(p.CreatedAt)}
		})}, err
	})
}

// UpdateSAMLProvider changes metadata, encryption and private keys of a SAML provider.
func (s *Service) UpdateSAMLProvider(ctx context.Context, in *iamapi.UpdateSAMLProviderInput) (*iamapi.UpdateSAMLProviderOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.UpdateSAMLProviderOutput, error) {
		touchProvider(ctx, smithy.Value(in.SAMLProviderArn), samlResource)
		return &iamapi.UpdateSAMLProviderOutput{SAMLProviderArn: in.SAMLProviderArn},
			iam.UpdateSAMLProvider(ctx, tx, account(ctx), smithy.Value(in.SAMLProviderArn), iam.SAMLChange{
				Metadata: smithy.Value(in.SAMLMetadataDocument), Encryption: smithy.Value(in.AssertionEncryptionMode),
				AddKey: smithy.Value(in.AddPrivateKey), RemoveKey: smithy.Value(in.RemovePrivateKey),
			}, s.Vault.Seal)
	})
}

// DeleteSAMLProvider deletes a SAML provider.
func (s *Service) DeleteSAMLProvider(ctx context.Context, in *iamapi.DeleteSAMLProviderInput) (*iamapi.DeleteSAMLProviderOutput, error) {
	return change[iamapi.DeleteSAMLProviderOutput](ctx, s, func(tx *store.Tx) error {
		touchProvider(ctx, smithy.Value(in.SAMLProviderArn), samlResource)
		return iam.DeleteSAMLProvider(ctx, tx, account(ctx), smithy.Value(in.SAMLProviderArn))
	})
}

// TagSAMLProvider adds tags to a SAML provider.
func (s *Service) TagSAMLProvider(ctx context.Context, in *iamapi.TagSAMLProviderInput) (*iamapi.TagSAMLProviderOutput, error) {
	return putTags[iamapi.TagSAMLProviderOutput](ctx, s, samlTags(ctx, in.SAMLProviderArn), in.Tags)
}

// UntagSAMLProvider removes tags from a SAML provider.
func (s *Service) UntagSAMLProvider(ctx context.Context, in *iamapi.UntagSAMLProviderInput) (*iamapi.UntagSAMLProviderOutput, error) {
	return deleteTags[iamapi.UntagSAMLProviderOutput](ctx, s, samlTags(ctx, in.SAMLProviderArn), in.TagKeys)
}

// ListSAMLProviderTags lists the tags of a SAML provider.
func (s *Service) ListSAMLProviderTags(ctx context.Context, in *iamapi.ListSAMLProviderTagsInput) (*iamapi.ListSAMLProviderTagsOutput, error) {
	return listTags(ctx, s, samlTags(ctx, in.SAMLProviderArn), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListSAMLProviderTagsOutput {
			out := &iamapi.ListSAMLProviderTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

func samlTags(ctx context.Context, arn *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		touchProvider(ctx, smithy.Value(arn), samlResource)
		return iam.TaggedSAMLProvider(ctx, tx, account(ctx), smithy.Value(arn))
	}
}

func (s *Service) samlProviderRows() []authz.Row {
	return []authz.Row{
		{
			Operation: "CreateSAMLProvider", Actions: []string{"iam:CreateSAMLProvider", "iam:TagSAMLProvider"},
			Checks: authz.For(createSAMLChecks),
		},
		onProvider(s, "GetSAMLProvider", func(in *iamapi.GetSAMLProviderInput) *string { return in.SAMLProviderArn }).row(),
		authz.Anywhere("ListSAMLProviders", "iam:ListSAMLProviders"),
		onProvider(s, "UpdateSAMLProvider", func(in *iamapi.UpdateSAMLProviderInput) *string { return in.SAMLProviderArn }).row(),
		onProvider(s, "DeleteSAMLProvider", func(in *iamapi.DeleteSAMLProviderInput) *string { return in.SAMLProviderArn }).row(),
		onProvider(s, "TagSAMLProvider", func(in *iamapi.TagSAMLProviderInput) *string { return in.SAMLProviderArn }).
			tags(func(in *iamapi.TagSAMLProviderInput) []iamapi.Tag { return in.Tags }).row(),
		onProvider(s, "UntagSAMLProvider", func(in *iamapi.UntagSAMLProviderInput) *string { return in.SAMLProviderArn }).
			tagKeys(func(in *iamapi.UntagSAMLProviderInput) []string { return in.TagKeys }).row(),
		onProvider(s, "ListSAMLProviderTags", func(in *iamapi.ListSAMLProviderTagsInput) *string { return in.SAMLProviderArn }).row(),
	}
}

func createSAMLChecks(_ context.Context, c *authz.Call, in *iamapi.CreateSAMLProviderInput) ([]authz.Check, error) {
	arn := iam.SAMLProviderARN(c.Caller.AccountID, smithy.Value(in.Name))
	return createChecks("iam:CreateSAMLProvider", "iam:TagSAMLProvider", arn, in.Tags, nil), nil
}

// isProviderOf reports whether the ARN is that of an identity provider of the account.
func isProviderOf(accountID, arn string) bool {
	return strings.HasPrefix(arn, iam.OIDCProviderARN(accountID, "")) || strings.HasPrefix(arn, iam.SAMLProviderARN(accountID, ""))
}
