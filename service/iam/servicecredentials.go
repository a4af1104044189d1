package iam

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// secretHash is what is kept of a secret. It is random and long, so that one round of a hash
// is enough.
func secretHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// CreateServiceSpecificCredential makes a name and a secret for one service. The secret is
// returned this once.
func (s *Service) CreateServiceSpecificCredential(ctx context.Context, in *iamapi.CreateServiceSpecificCredentialInput) (*iamapi.CreateServiceSpecificCredentialOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateServiceSpecificCredentialOutput, error) {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return nil, err
		}
		secret := credential.NewSecret(tx.Rand())
		c, err := iam.CreateServiceCredential(ctx, tx, account(ctx), name, smithy.Value(in.ServiceName),
			smithy.Value(in.CredentialAgeDays), secretHash(secret))
		if err != nil {
			return nil, err
		}
		return &iamapi.CreateServiceSpecificCredentialOutput{ServiceSpecificCredential: serviceCredential(&c, secret, tx.Now())}, nil
	})
}

// bedrockPrefix is what the API keys of Amazon Bedrock begin with; alias and secret follow, in
// base64. What those of other services look like is not documented.
const bedrockPrefix = "ABSK"

func serviceCredential(c *iam.ServiceCredential, secret string, now time.Time) *iamapi.ServiceSpecificCredential {
	out := &iamapi.ServiceSpecificCredential{
		CreateDate: smithy.Ptr(c.CreatedAt), ServiceName: smithy.Ptr(c.Service), UserName: smithy.Ptr(c.UserName),
		ServiceSpecificCredentialId: smithy.Ptr(c.ID), Status: smithy.Ptr(c.StatusAt(now)), ExpirationDate: date(c.ExpiresAt),
	}
	if iam.HasAPIKeys(c.Service) {
		prefix := ""
		if c.Service == iam.Bedrock {
			prefix = bedrockPrefix
		}
		out.ServiceCredentialAlias = smithy.Ptr(c.Alias)
		out.ServiceCredentialSecret = smithy.Ptr(prefix + base64.StdEncoding.EncodeToString([]byte(c.Alias+":"+secret)))
	} else {
		out.ServiceUserName, out.ServicePassword = smithy.Ptr(c.Alias), smithy.Ptr(secret)
	}
	return out
}

// ResetServiceSpecificCredential gives a credential another secret, which is returned this
// once.
func (s *Service) ResetServiceSpecificCredential(ctx context.Context, in *iamapi.ResetServiceSpecificCredentialInput) (*iamapi.ResetServiceSpecificCredentialOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.ResetServiceSpecificCredentialOutput, error) {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return nil, err
		}
		secret := credential.NewSecret(tx.Rand())
		c, err := iam.ResetServiceCredential(ctx, tx, account(ctx), name, smithy.Value(in.ServiceSpecificCredentialId), secretHash(secret))
		if err != nil {
			return nil, err
		}
		return &iamapi.ResetServiceSpecificCredentialOutput{ServiceSpecificCredential: serviceCredential(&c, secret, tx.Now())}, nil
	})
}

// UpdateServiceSpecificCredential activates or deactivates a credential.
func (s *Service) UpdateServiceSpecificCredential(ctx context.Context, in *iamapi.UpdateServiceSpecificCredentialInput) (*iamapi.UpdateServiceSpecificCredentialOutput, error) {
	return change[iamapi.UpdateServiceSpecificCredentialOutput](ctx, s, func(tx *store.Tx) error {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		return iam.UpdateServiceCredential(ctx, tx, account(ctx), name, smithy.Value(in.ServiceSpecificCredentialId), smithy.Value(in.Status))
	})
}

// DeleteServiceSpecificCredential deletes a credential.
func (s *Service) DeleteServiceSpecificCredential(ctx context.Context, in *iamapi.DeleteServiceSpecificCredentialInput) (*iamapi.DeleteServiceSpecificCredentialOutput, error) {
	return change[iamapi.DeleteServiceSpecificCredentialOutput](ctx, s, func(tx *store.Tx) error {
		name, err := keyOwner(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		return iam.DeleteServiceCredential(ctx, tx, account(ctx), name, smithy.Value(in.ServiceSpecificCredentialId))
	})
}

// ListServiceSpecificCredentials lists the credentials for single services of a user, of all
// users, or of the caller.
func (s *Service) ListServiceSpecificCredentials(ctx context.Context, in *iamapi.ListServiceSpecificCredentialsInput) (*iamapi.ListServiceSpecificCredentialsOutput, error) {
	if smithy.Value(in.AllUsers) && in.UserName != nil {
		return nil, validation("UserName and AllUsers must not be specified together.")
	}
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListServiceSpecificCredentialsOutput, error) {
		var of *string
		if !smithy.Value(in.AllUsers) {
			name, err := userName(ctx, in.UserName)
			if err != nil {
				return nil, err
			}
			of = &name
		}
		list, next, err := iam.ListServiceCredentials(ctx, tx, account(ctx), of, smithy.Value(in.ServiceName), page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListServiceSpecificCredentialsOutput{
			ServiceSpecificCredentials: convert(list, func(c *iam.ServiceCredential) iamapi.ServiceSpecificCredentialMetadata {
				return listedServiceCredential(c, tx.Now())
			}),
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

func listedServiceCredential(c *iam.ServiceCredential, now time.Time) iamapi.ServiceSpecificCredentialMetadata {
	out := iamapi.ServiceSpecificCredentialMetadata{
		UserName: smithy.Ptr(c.UserName), Status: smithy.Ptr(c.StatusAt(now)), CreateDate: smithy.Ptr(c.CreatedAt),
		ServiceSpecificCredentialId: smithy.Ptr(c.ID), ServiceName: smithy.Ptr(c.Service), ExpirationDate: date(c.ExpiresAt),
	}
	if iam.HasAPIKeys(c.Service) {
		out.ServiceCredentialAlias = smithy.Ptr(c.Alias)
	} else {
		out.ServiceUserName = smithy.Ptr(c.Alias)
	}
	return out
}

// The condition keys of these operations.
const (
	keyCredentialService = "iam:ServiceSpecificCredentialServiceName"
	keyCredentialAge     = "iam:ServiceSpecificCredentialAgeDays"
)

func (s *Service) serviceCredentialRows() []authz.Row {
	create := onUserOrCaller(s, "CreateServiceSpecificCredential", func(in *iamapi.CreateServiceSpecificCredentialInput) *string { return in.UserName })
	create.keys = append(create.keys, func(in *iamapi.CreateServiceSpecificCredentialInput, _ resource, k policy.Keys) {
		k.Set(keyCredentialService, smithy.Value(in.ServiceName))
		if in.CredentialAgeDays != nil {
			k.Set(keyCredentialAge, strconv.Itoa(int(*in.CredentialAgeDays)))
		}
	})
	return []authz.Row{
		create.row(),
		onCredential(s, "ResetServiceSpecificCredential", func(in *iamapi.ResetServiceSpecificCredentialInput) (user, id *string) {
			return in.UserName, in.ServiceSpecificCredentialId
		}).row(),
		onCredential(s, "UpdateServiceSpecificCredential", func(in *iamapi.UpdateServiceSpecificCredentialInput) (user, id *string) {
			return in.UserName, in.ServiceSpecificCredentialId
		}).row(),
		onCredential(s, "DeleteServiceSpecificCredential", func(in *iamapi.DeleteServiceSpecificCredentialInput) (user, id *string) {
			return in.UserName, in.ServiceSpecificCredentialId
		}).row(),
		s.listServiceCredentials().row(),
	}
}

// onCredential is the target of an operation on a credential of a user or the caller. Policies
// see which service a credential that is there is for.
func onCredential[I any](s *Service, operation string, names func(*I) (user, id *string)) *target[I] {
	t := onUserOrCaller(s, operation, func(in *I) *string { user, _ := names(in); return user })
	owner := t.find
	t.find = func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		r, err := owner(ctx, c, in)
		if err != nil {
			return resource{}, err
		}
		_, id := names(in)
		return r, s.DB.View(ctx, func(tx *store.Tx) error {
			have, ok, err := tx.IAMServiceCredential(smithy.Value(id))
			if ok && have.AccountID == c.AccountID {
				r.keys.Set(keyCredentialService, have.Service)
			}
			return err
		})
	}
	return t
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
