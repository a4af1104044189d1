package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// UploadServerCertificate keeps a certificate with its private key, which is sealed.
func (s *Service) UploadServerCertificate(ctx context.Context, in *iamapi.UploadServerCertificateInput) (*iamapi.UploadServerCertificateOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.UploadServerCertificateOutput, error) {
		c, err := iam.UploadServerCertificate(ctx, tx, account(ctx), iam.NewServerCertificate{
			Name: smithy.Value(in.ServerCertificateName), Path: smithy.Value(in.Path),
			Body: smithy.Value(in.CertificateBody), Chain: smithy.Value(in.CertificateChain),
			PrivateKey: smithy.Value(in.PrivateKey), Tags: domainTags(in.Tags),
		}, s.Vault.Seal)
		if err != nil {
			return nil, err
		}
		touchServerCertificate(ctx, &c)
		return &iamapi.UploadServerCertificateOutput{
			ServerCertificateMetadata: smithy.Ptr(serverCertificate(&c)), Tags: apiTags(domainTags(in.Tags)),
		}, nil
	})
}

func serverCertificate(c *iam.ServerCertificate) iamapi.ServerCertificateMetadata {
	return iamapi.ServerCertificateMetadata{
		Path: smithy.Ptr(c.Path), ServerCertificateName: smithy.Ptr(c.Name), ServerCertificateId: smithy.Ptr(c.ID),
		Arn: smithy.Ptr(c.ARN()), UploadDate: smithy.Ptr(c.UploadedAt), Expiration: smithy.Ptr(c.ExpiresAt),
	}
}

// GetServerCertificate returns a server certificate without its private key.
func (s *Service) GetServerCertificate(ctx context.Context, in *iamapi.GetServerCertificateInput) (*iamapi.GetServerCertificateOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetServerCertificateOutput, error) {
		c, err := iam.GetServerCertificate(ctx, tx, account(ctx), smithy.Value(in.ServerCertificateName))
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(c.ID)
		return &iamapi.GetServerCertificateOutput{ServerCertificate: &iamapi.ServerCertificate{
			ServerCertificateMetadata: smithy.Ptr(serverCertificate(&c)), CertificateBody: &c.Body,
			CertificateChain: smithy.PtrTo(c.Chain), Tags: apiTags(tags),
		}}, err
	})
}

// UpdateServerCertificate gives a server certificate another name or path.
func (s *Service) UpdateServerCertificate(ctx context.Context, in *iamapi.UpdateServerCertificateInput) (*iamapi.UpdateServerCertificateOutput, error) {
	return change[iamapi.UpdateServerCertificateOutput](ctx, s, func(tx *store.Tx) error {
		return iam.UpdateServerCertificate(ctx, tx, account(ctx), smithy.Value(in.ServerCertificateName),
			smithy.Value(in.NewServerCertificateName), smithy.Value(in.NewPath))
	})
}

// DeleteServerCertificate deletes a server certificate.
func (s *Service) DeleteServerCertificate(ctx context.Context, in *iamapi.DeleteServerCertificateInput) (*iamapi.DeleteServerCertificateOutput, error) {
	return change[iamapi.DeleteServerCertificateOutput](ctx, s, func(tx *store.Tx) error {
		return iam.DeleteServerCertificate(ctx, tx, account(ctx), smithy.Value(in.ServerCertificateName))
	})
}

// ListServerCertificates lists the server certificates under a path, without their texts and
// tags.
func (s *Service) ListServerCertificates(ctx context.Context, in *iamapi.ListServerCertificatesInput) (*iamapi.ListServerCertificatesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListServerCertificatesOutput, error) {
		list, next, err := iam.ListServerCertificates(ctx, tx, account(ctx), smithy.Value(in.PathPrefix), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListServerCertificatesOutput{ServerCertificateMetadataList: convert(list, serverCertificate)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// TagServerCertificate adds tags to a server certificate.
func (s *Service) TagServerCertificate(ctx context.Context, in *iamapi.TagServerCertificateInput) (*iamapi.TagServerCertificateOutput, error) {
	return putTags[iamapi.TagServerCertificateOutput](ctx, s, certificateTags(ctx, in.ServerCertificateName), in.Tags)
}

// UntagServerCertificate removes tags from a server certificate.
func (s *Service) UntagServerCertificate(ctx context.Context, in *iamapi.UntagServerCertificateInput) (*iamapi.UntagServerCertificateOutput, error) {
	return deleteTags[iamapi.UntagServerCertificateOutput](ctx, s, certificateTags(ctx, in.ServerCertificateName), in.TagKeys)
}

// ListServerCertificateTags lists the tags of a server certificate.
func (s *Service) ListServerCertificateTags(ctx context.Context, in *iamapi.ListServerCertificateTagsInput) (*iamapi.ListServerCertificateTagsOutput, error) {
	return listTags(ctx, s, certificateTags(ctx, in.ServerCertificateName), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListServerCertificateTagsOutput {
			out := &iamapi.ListServerCertificateTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

func certificateTags(ctx context.Context, name *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		return iam.TaggedServerCertificate(ctx, tx, account(ctx), smithy.Value(name))
	}
}

func touchServerCertificate(ctx context.Context, c *iam.ServerCertificate) {
	audit.FromContext(ctx).Touch(audit.Resource{ARN: c.ARN(), Type: "AWS::IAM::ServerCertificate", AccountID: c.AccountID})
}

func (s *Service) serverCertificateRows() []authz.Row {
	return []authz.Row{
		{
			Operation: "UploadServerCertificate", Actions: []string{"iam:UploadServerCertificate", "iam:TagServerCertificate"},
			Checks: authz.For(uploadCertificateChecks),
		},
		onCertificate(s, "GetServerCertificate", func(in *iamapi.GetServerCertificateInput) *string { return in.ServerCertificateName }).row(),
		{
			Operation: "UpdateServerCertificate", Actions: []string{"iam:UpdateServerCertificate"},
			Checks: authz.For(s.updateCertificateChecks),
		},
		onCertificate(s, "DeleteServerCertificate", func(in *iamapi.DeleteServerCertificateInput) *string { return in.ServerCertificateName }).row(),
		authz.Anywhere("ListServerCertificates", "iam:ListServerCertificates"),
		onCertificate(s, "TagServerCertificate", func(in *iamapi.TagServerCertificateInput) *string { return in.ServerCertificateName }).
			tags(func(in *iamapi.TagServerCertificateInput) []iamapi.Tag { return in.Tags }).row(),
		onCertificate(s, "UntagServerCertificate", func(in *iamapi.UntagServerCertificateInput) *string { return in.ServerCertificateName }).
			tagKeys(func(in *iamapi.UntagServerCertificateInput) []string { return in.TagKeys }).row(),
		onCertificate(s, "ListServerCertificateTags", func(in *iamapi.ListServerCertificateTagsInput) *string { return in.ServerCertificateName }).row(),
	}
}

func uploadCertificateChecks(_ context.Context, c *authz.Call, in *iamapi.UploadServerCertificateInput) ([]authz.Check, error) {
	arn := iam.ServerCertificateARN(c.Caller.AccountID, smithy.Value(in.Path), smithy.Value(in.ServerCertificateName))
	return createChecks("iam:UploadServerCertificate", "iam:TagServerCertificate", arn, in.Tags, nil), nil
}

// updateCertificateChecks are on the old and on the new ARN; see UpdateServerCertificate in
// the IAM API Reference.
func (s *Service) updateCertificateChecks(ctx context.Context, c *authz.Call, in *iamapi.UpdateServerCertificateInput) ([]authz.Check, error) {
	const action = "iam:UpdateServerCertificate"
	from, err := s.certificateResource(ctx, c.Caller.AccountID, smithy.Value(in.ServerCertificateName))
	if err != nil {
		return nil, err
	}
	checks := []authz.Check{{Action: action, Resource: from.arn, Keys: from.keys}}
	if in.NewServerCertificateName == nil && in.NewPath == nil {
		return checks, nil
	}
	to := iam.ServerCertificateARN(c.Caller.AccountID, orElse(in.NewPath, from.path), orElse(in.NewServerCertificateName, from.name))
	return append(checks, authz.Check{Action: action, Resource: to, Keys: from.keys}), nil
}

// onCertificate is the target of an operation on a server certificate.
func onCertificate[I any](s *Service, operation string, name func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		return s.certificateResource(ctx, c.AccountID, smithy.Value(name(in)))
	}}
}

// certificateResource looks a server certificate up; one that does not exist has the ARN of
// its name at the root path.
func (s *Service) certificateResource(ctx context.Context, accountID, name string) (resource, error) {
	r := resource{arn: iam.ServerCertificateARN(accountID, "", name), path: "/", name: name, keys: policy.Keys{}}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		c, ok, err := tx.IAMServerCertificate(accountID, name)
		if err != nil || !ok {
			return err
		}
		r.arn, r.path, r.name = c.ARN(), c.Path, c.Name
		tags, err := tx.IAMTags(c.ID)
		setResourceTags(r.keys, tags, prefixResourceTag)
		return err
	})
	return r, err
}
