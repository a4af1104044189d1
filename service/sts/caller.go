package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GetCallerIdentity says who the caller is. No permission is needed, and none can be
// taken away: the answer tells nothing that the credentials do not.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *stsapi.GetCallerIdentityInput) (*stsapi.GetCallerIdentityOutput, error) {
	c := credential.FromContext(ctx)
	return &stsapi.GetCallerIdentityOutput{
		Account: smithy.Ptr(c.AccountID), Arn: smithy.Ptr(c.ARN), UserId: smithy.Ptr(c.PrincipalID),
	}, nil
}

// GetAccessKeyInfo says to which account an access key belongs. It tells nothing of the
// key's state: an id carries its account, and only ids that an operator chose are looked
// up.
func (s *Service) GetAccessKeyInfo(ctx context.Context, in *stsapi.GetAccessKeyInfoInput) (*stsapi.GetAccessKeyInfoOutput, error) {
	id := smithy.Value(in.AccessKeyId)
	if account, ok := credential.AccountOf(id); ok {
		return &stsapi.GetAccessKeyInfoOutput{Account: smithy.Ptr(account)}, nil
	}
	key, err := store.Read(ctx, s.DB, func(tx *store.Tx) (*iam.AccessKey, error) {
		k, ok, err := tx.IAMKey(id)
		if err == nil && !ok {
			err = validation("The access key ID %s does not exist.", id)
		}
		return &k, err
	})
	if err != nil {
		return nil, err
	}
	return &stsapi.GetAccessKeyInfoOutput{Account: smithy.Ptr(key.AccountID)}, nil
}
