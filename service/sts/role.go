package sts

import (
	"context"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// role is what STS needs to know of a role. It does not change.
type role struct {
	id, arn, accountID, name string
	// trust is the trust policy in the form that is evaluated.
	trust string
	tags  []iam.Tag
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

// findRole returns the role with exactly that ARN, or nil. accountID is the account in the
// ARN. What is kept of a role is forgotten, too, when a user or role that the trust policy names, in
// whatever account, is renamed or deleted: that changes the revision of the role's account.
func (s *Service) findRole(ctx context.Context, accountID, roleARN string) (*role, error) {
	r, _, err := s.roles.Get(ctx, s.DB, roleARN, "iam/"+accountID, func(tx *store.Tx) (*role, bool, error) {
		return readRole(ctx, tx, roleARN)
	})
	return r, err
}

// decidedRole returns the role if it is the one that the gate decided about: between the two it
// may have been deleted, and another one made under its name. Then the result is nil.
func (s *Service) decidedRole(ctx context.Context, accountID, roleARN string) (*role, error) {
	r, err := s.findRole(ctx, accountID, roleARN)
	if err != nil || r == nil || r.id != credential.Target(ctx) {
		return nil, err
	}
	return r, nil
}

func readRole(ctx context.Context, tx *store.Tx, roleARN string) (*role, bool, error) {
	i, ok, err := iam.RoleByARN(ctx, tx, roleARN)
	if err != nil || !ok {
		return nil, false, err
	}
	trust, err := iam.TrustPolicyOf(ctx, tx, &i)
	if err != nil {
		return nil, false, err
	}
	tags, err := tx.IAMTags(i.ID)
	return &role{
		id: i.ID, arn: i.ARN(), accountID: i.AccountID, name: i.Name,
		trust: trust, tags: tags, maxDuration: i.Role.MaxSessionDuration,
	}, true, err
}
