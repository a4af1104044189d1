package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// UploadSSHPublicKey gives a user an SSH key.
func (s *Service) UploadSSHPublicKey(ctx context.Context, in *iamapi.UploadSSHPublicKeyInput) (*iamapi.UploadSSHPublicKeyOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.UploadSSHPublicKeyOutput, error) {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return nil, err
		}
		k, err := iam.UploadSSHPublicKey(ctx, tx, account(ctx), name, smithy.Value(in.SSHPublicKeyBody))
		if err != nil {
			return nil, err
		}
		return &iamapi.UploadSSHPublicKeyOutput{SSHPublicKey: sshKey(&k, k.Body)}, nil
	})
}

func sshKey(k *iam.PublicKey, body string) *iamapi.SSHPublicKey {
	return &iamapi.SSHPublicKey{
		UserName: smithy.Ptr(k.UserName), SSHPublicKeyId: smithy.Ptr(k.ID), Fingerprint: smithy.Ptr(k.Fingerprint),
		SSHPublicKeyBody: &body, Status: smithy.Ptr(k.Status), UploadDate: smithy.Ptr(k.UploadedAt),
	}
}

// GetSSHPublicKey returns an SSH key of a user in the format that is asked for.
func (s *Service) GetSSHPublicKey(ctx context.Context, in *iamapi.GetSSHPublicKeyInput) (*iamapi.GetSSHPublicKeyOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetSSHPublicKeyOutput, error) {
		k, err := iam.GetPublicKey(ctx, tx, account(ctx), smithy.Value(in.UserName), smithy.Value(in.SSHPublicKeyId), iam.SSHKey)
		if err != nil {
			return nil, err
		}
		body := k.Body
		if smithy.Value(in.Encoding) == iamapi.EncodingTypePem {
			if body, err = k.PEM(); err != nil {
				return nil, err
			}
		}
		return &iamapi.GetSSHPublicKeyOutput{SSHPublicKey: sshKey(&k, body)}, nil
	})
}

// UpdateSSHPublicKey activates or deactivates an SSH key of a user.
func (s *Service) UpdateSSHPublicKey(ctx context.Context, in *iamapi.UpdateSSHPublicKeyInput) (*iamapi.UpdateSSHPublicKeyOutput, error) {
	return change[iamapi.UpdateSSHPublicKeyOutput](ctx, s, func(tx *store.Tx) error {
		return updatePublicKey(ctx, tx, in.UserName, in.SSHPublicKeyId, in.Status, iam.SSHKey)
	})
}

func updatePublicKey(ctx context.Context, tx *store.Tx, user, id, status *string, kind iam.PublicKeyKind) error {
	name, err := keyOwner(ctx, tx, user)
	if err != nil {
		return err
	}
	return iam.UpdatePublicKey(ctx, tx, account(ctx), name, smithy.Value(id), kind, smithy.Value(status))
}

// DeleteSSHPublicKey deletes an SSH key of a user.
func (s *Service) DeleteSSHPublicKey(ctx context.Context, in *iamapi.DeleteSSHPublicKeyInput) (*iamapi.DeleteSSHPublicKeyOutput, error) {
	return change[iamapi.DeleteSSHPublicKeyOutput](ctx, s, func(tx *store.Tx) error {
		return deletePublicKey(ctx, tx, in.UserName, in.SSHPublicKeyId, iam.SSHKey)
	})
}

func deletePublicKey(ctx context.Context, tx *store.Tx, user, id *string, kind iam.PublicKeyKind) error {
	name, err := keyOwner(ctx, tx, user)
	if err != nil {
		return err
	}
	return iam.DeletePublicKey(ctx, tx, account(ctx), name, smithy.Value(id), kind)
}

// ListSSHPublicKeys lists the SSH keys of a user; without a name, of the caller.
func (s *Service) ListSSHPublicKeys(ctx context.Context, in *iamapi.ListSSHPublicKeysInput) (*iamapi.ListSSHPublicKeysOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListSSHPublicKeysOutput, error) {
		list, next, err := publicKeys(ctx, tx, in.UserName, iam.SSHKey, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListSSHPublicKeysOutput{SSHPublicKeys: convert(list, func(k *iam.PublicKey) iamapi.SSHPublicKeyMetadata {
			return iamapi.SSHPublicKeyMetadata{
				UserName: smithy.Ptr(k.UserName), SSHPublicKeyId: smithy.Ptr(k.ID),
				Status: smithy.Ptr(k.Status), UploadDate: smithy.Ptr(k.UploadedAt),
			}
		})}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

func publicKeys(ctx context.Context, tx *store.Tx, user *string, kind iam.PublicKeyKind, p iam.Page) ([]iam.PublicKey, string, error) {
	name, err := userName(ctx, user)
	if err != nil {
		return nil, "", err
	}
	return iam.ListPublicKeys(ctx, tx, account(ctx), name, kind, p)
}

// UploadSigningCertificate gives a user a signing certificate; without a name, the caller.
func (s *Service) UploadSigningCertificate(ctx context.Context, in *iamapi.UploadSigningCertificateInput) (*iamapi.UploadSigningCertificateOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.UploadSigningCertificateOutput, error) {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return nil, err
		}
		k, err := iam.UploadSigningCertificate(ctx, tx, account(ctx), name, smithy.Value(in.CertificateBody))
		if err != nil {
			return nil, err
		}
		return &iamapi.UploadSigningCertificateOutput{Certificate: smithy.Ptr(signingCertificate(&k))}, nil
	})
}

func signingCertificate(k *iam.PublicKey) iamapi.SigningCertificate {
	return iamapi.SigningCertificate{
		UserName: smithy.PtrTo(k.UserName), CertificateId: smithy.Ptr(k.ID), CertificateBody: smithy.Ptr(k.Body),
		Status: smithy.Ptr(k.Status), UploadDate: smithy.Ptr(k.UploadedAt),
	}
}

// UpdateSigningCertificate activates or deactivates a signing certificate.
func (s *Service) UpdateSigningCertificate(ctx context.Context, in *iamapi.UpdateSigningCertificateInput) (*iamapi.UpdateSigningCertificateOutput, error) {
	return change[iamapi.UpdateSigningCertificateOutput](ctx, s, func(tx *store.Tx) error {
		return updatePublicKey(ctx, tx, in.UserName, in.CertificateId, in.Status, iam.SigningCertificate)
	})
}

// DeleteSigningCertificate deletes a signing certificate.
func (s *Service) DeleteSigningCertificate(ctx context.Context, in *iamapi.DeleteSigningCertificateInput) (*iamapi.DeleteSigningCertificateOutput, error) {
	return change[iamapi.DeleteSigningCertificateOutput](ctx, s, func(tx *store.Tx) error {
		return deletePublicKey(ctx, tx, in.UserName, in.CertificateId, iam.SigningCertificate)
	})
}

// ListSigningCertificates lists the signing certificates of a user; without a name, of the
// caller.
func (s *Service) ListSigningCertificates(ctx context.Context, in *iamapi.ListSigningCertificatesInput) (*iamapi.ListSigningCertificatesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListSigningCertificatesOutput, error) {
		list, next, err := publicKeys(ctx, tx, in.UserName, iam.SigningCertificate, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListSigningCertificatesOutput{Certificates: convert(list, signingCertificate)}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

func (s *Service) publicKeyRows() []authz.Row {
	return []authz.Row{
		onUserOrCaller(s, "UploadSSHPublicKey", func(in *iamapi.UploadSSHPublicKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "GetSSHPublicKey", func(in *iamapi.GetSSHPublicKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "UpdateSSHPublicKey", func(in *iamapi.UpdateSSHPublicKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "DeleteSSHPublicKey", func(in *iamapi.DeleteSSHPublicKeyInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "ListSSHPublicKeys", func(in *iamapi.ListSSHPublicKeysInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "UploadSigningCertificate", func(in *iamapi.UploadSigningCertificateInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "UpdateSigningCertificate", func(in *iamapi.UpdateSigningCertificateInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "DeleteSigningCertificate", func(in *iamapi.DeleteSigningCertificateInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "ListSigningCertificates", func(in *iamapi.ListSigningCertificatesInput) *string { return in.UserName }).row(),
	}
}
