package sts

import (
	"context"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// role is what STS needs to know of a role.
type role struct {
	id, arn, accountID, name string
	trust                    string
	tags                     []iam.Tag
	// maxDuration is the role's longest session, in seconds.
	maxDuration int32
}

// parseRoleARN checks the form of a role's ARN and returns the account in it.
func parseRoleARN(text string) (accountID string, err error) {
	a, err := arn.Parse(text)
	if err != nil {
		return "", validation("%s is invalid", text)
	}
	if a.Partition != "aws" || a.Service != "iam" || a.Region != "" || !arn.IsAccountID(a.AccountID) ||
		!strings.HasPrefix(a.Resource, "role/") || a.ResourceName() == "" {
		return "", validation("Request ARN is invalid")
	}
	return a.AccountID, nil
}

// findRole returns the role with exactly that ARN, or nil.
func (s *Service) findRole(ctx context.Context, roleARN string) (*role, error) {
	return store.Read(ctx, s.DB, func(tx *store.Tx) (*role, error) {
		i, ok, err := iam.RoleByARN(ctx, tx, roleARN)
		if err != nil || !ok {
			return nil, err
		}
		trust, err := iam.TrustPolicyOf(ctx, tx, &i)
		if err != nil {
			return nil, err
		}
		tags, err := tx.IAMTags(i.ID)
		if err != nil {
			return nil, err
		}
		return &role{
			id: i.ID, arn: i.ARN(), accountID: i.AccountID, name: i.Name,
			trust: trust, tags: tags, maxDuration: i.Role.MaxSessionDuration,
		}, nil
	})
}
