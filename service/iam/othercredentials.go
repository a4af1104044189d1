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

// Clients that delete a user ask first for credentials of every kind. SSH keys, signing
// certificates and credentials of single services cannot be made here, so nobody has any.

// ListSSHPublicKeys lists the SSH keys of a user; without a name, of the caller.
func (s *Service) ListSSHPublicKeys(ctx context.Context, in *iamapi.ListSSHPublicKeysInput) (*iamapi.ListSSHPublicKeysOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListSSHPublicKeysOutput, error) {
		return &iamapi.ListSSHPublicKeysOutput{
			SSHPublicKeys: []iamapi.SSHPublicKeyMetadata{}, IsTruncated: smithy.Ptr(false),
		}, userExists(ctx, tx, in.UserName)
	})
}

// ListSigningCertificates lists the signing certificates of a user; without a name, of the
// caller.
func (s *Service) ListSigningCertificates(ctx context.Context, in *iamapi.ListSigningCertificatesInput) (*iamapi.ListSigningCertificatesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListSigningCertificatesOutput, error) {
		return &iamapi.ListSigningCertificatesOutput{
			Certificates: []iamapi.SigningCertificate{}, IsTruncated: smithy.Ptr(false),
		}, userExists(ctx, tx, in.UserName)
	})
}

// ListServiceSpecificCredentials lists the credentials for single services of a user, of all
// users, or of the caller.
func (s *Service) ListServiceSpecificCredentials(ctx context.Context, in *iamapi.ListServiceSpecificCredentialsInput) (*iamapi.ListServiceSpecificCredentialsOutput, error) {
	all := smithy.Value(in.AllUsers)
	if all && in.UserName != nil {
		return nil, validation("UserName and AllUsers must not be specified together.")
	}
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListServiceSpecificCredentialsOutput, error) {
		out := &iamapi.ListServiceSpecificCredentialsOutput{
			ServiceSpecificCredentials: []iamapi.ServiceSpecificCredentialMetadata{}, IsTruncated: smithy.Ptr(false),
		}
		if all {
			return out, nil
		}
		return out, userExists(ctx, tx, in.UserName)
	})
}

// userExists refuses a user who is not there.
func userExists(ctx context.Context, tx *store.Tx, named *string) error {
	name, err := userName(ctx, named)
	if err != nil || name == "" {
		return err
	}
	_, err = iam.Get(ctx, tx, account(ctx), iam.KindUser, name)
	return err
}

func (s *Service) otherCredentialRows() []authz.Row {
	return []authz.Row{
		onUserOrCaller(s, "ListSSHPublicKeys", func(in *iamapi.ListSSHPublicKeysInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "ListSigningCertificates", func(in *iamapi.ListSigningCertificatesInput) *string { return in.UserName }).row(),
		s.listServiceCredentials().row(),
	}
}

func (s *Service) listServiceCredentials() *target[iamapi.ListServiceSpecificCredentialsInput] {
	t := onUserOrCaller(s, "ListServiceSpecificCredentials", func(in *iamapi.ListServiceSpecificCredentialsInput) *string { return in.UserName })
	one := t.find
	t.find = func(ctx context.Context, c *credential.Caller, in *iamapi.ListServiceSpecificCredentialsInput) (resource, error) {
		if smithy.Value(in.AllUsers) {
			return resource{arn: iam.ARNOf(c.AccountID, iam.KindUser, "*"), keys: policy.Keys{}}, nil
		}
		return one(ctx, c, in)
	}
	return t
}
