package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateAccessKey makes an access key for a user; without a name, for the caller. Its
// secret is returned this once and kept sealed.
func (s *Service) CreateAccessKey(ctx context.Context, in *iamapi.CreateAccessKeyInput) (*iamapi.CreateAccessKeyOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateAccessKeyOutput, error) {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return nil, err
		}
		id := credential.NewAccessKeyID(credential.LongTerm, account(ctx), tx.Rand())
		secret := credential.NewSecret(tx.Rand())
		sealed, err := s.Vault.Seal(id, []byte(secret))
		if err != nil {
			return nil, err
		}
		k, err := iam.CreateAccessKey(ctx, tx, account(ctx), name, id, sealed)
		if err != nil {
			return nil, err
		}
		return &iamapi.CreateAccessKeyOutput{AccessKey: &iamapi.AccessKey{
			UserName: keyUser(&k), AccessKeyId: &id, Status: smithy.Ptr(k.Status),
			SecretAccessKey: &secret, CreateDate: smithy.Ptr(k.CreatedAt),
		}}, nil
	})
}

// UpdateAccessKey activates or deactivates an access key.
func (s *Service) UpdateAccessKey(ctx context.Context, in *iamapi.UpdateAccessKeyInput) (*iamapi.UpdateAccessKeyOutput, error) {
	return change[iamapi.UpdateAccessKeyOutput](ctx, s, func(tx *store.Tx) error {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		return iam.UpdateAccessKey(ctx, tx, account(ctx), name, smithy.Value(in.AccessKeyId), smithy.Value(in.Status))
	})
}

// DeleteAccessKey deletes an access key.
func (s *Service) DeleteAccessKey(ctx context.Context, in *iamapi.DeleteAccessKeyInput) (*iamapi.DeleteAccessKeyOutput, error) {
	return change[iamapi.DeleteAccessKeyOutput](ctx, s, func(tx *store.Tx) error {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		return iam.DeleteAccessKey(ctx, tx, account(ctx), name, smithy.Value(in.AccessKeyId))
	})
}

// ListAccessKeys lists the access keys of a user; without a name, of the caller.
func (s *Service) ListAccessKeys(ctx context.Context, in *iamapi.ListAccessKeysInput) (*iamapi.ListAccessKeysOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListAccessKeysOutput, error) {
		name, err := userName(ctx, in.UserName)
		if err != nil {
			return nil, err
		}
		list, next, err := iam.ListAccessKeys(ctx, tx, account(ctx), name, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListAccessKeysOutput{AccessKeyMetadata: convert(list, func(k *iam.AccessKey) iamapi.AccessKeyMetadata {
			return iamapi.AccessKeyMetadata{
				UserName: keyUser(k), AccessKeyId: smithy.Ptr(k.ID), Status: smithy.Ptr(k.Status), CreateDate: smithy.Ptr(k.CreatedAt),
			}
		})}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// neverUsed stands for service and region of a key that was never used; see the type
// AccessKeyLastUsed in the IAM API Reference.
const neverUsed = "N/A"

// GetAccessKeyLastUsed says when and where an access key of the account was last used.
func (s *Service) GetAccessKeyLastUsed(ctx context.Context, in *iamapi.GetAccessKeyLastUsedInput) (*iamapi.GetAccessKeyLastUsedOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetAccessKeyLastUsedOutput, error) {
		k, err := iam.GetAccessKey(ctx, tx, account(ctx), smithy.Value(in.AccessKeyId))
		if err != nil {
			return nil, err
		}
		used := &iamapi.AccessKeyLastUsed{ServiceName: smithy.Ptr(neverUsed), Region: smithy.Ptr(neverUsed)}
		if !k.LastUsedAt.IsZero() {
			used.LastUsedDate = date(k.LastUsedAt)
			used.ServiceName, used.Region = smithy.Ptr(k.LastUsedService), smithy.Ptr(k.LastUsedRegion)
		}
		return &iamapi.GetAccessKeyLastUsedOutput{UserName: keyUser(&k), AccessKeyLastUsed: used}, nil
	})
}

// keyOwner is userName for operations that write: it also tells the audit event.
func keyOwner(ctx context.Context, tx *store.Tx, named *string) (string, error) {
	name, err := userName(ctx, named)
	if err != nil || name == "" {
		return name, err
	}
	return name, touch(ctx, tx, iam.KindUser, &name)
}

// keyUser leaves the name out for a key of the root user, who has none.
func keyUser(k *iam.AccessKey) *string { return smithy.PtrTo(k.UserName) }
