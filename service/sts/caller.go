package sts

import (
	"context"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
)

// GetCallerIdentity says who the caller is. No permission is needed, and none can be
// taken away: the answer tells nothing that the credentials do not.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *stsapi.GetCallerIdentityInput) (*stsapi.GetCallerIdentityOutput, error) {
	c := credential.FromContext(ctx)
	return &stsapi.GetCallerIdentityOutput{
		Account: smithy.Ptr(c.AccountID), Arn: smithy.Ptr(c.ARN), UserId: smithy.Ptr(c.PrincipalID),
	}, nil
}
