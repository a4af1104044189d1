package sts

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

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

// maxRoles is how many roles are kept in memory, and idle how long one that nobody asks for.
const (
	maxRoles = 20_000
	idle     = 10 * time.Minute
)

// roleCache keeps roles in memory while the store's revisions say that they have not
// changed. The zero value is empty and ready.
type roleCache struct {
	once  sync.Once
	cache *otter.Cache[string, *cachedRole]
	err   error
}

// cachedRole is a role as it was at a revision of its account. That changes, too, when a
// user or role that the trust policy names, in whatever account, is renamed or deleted.
type cachedRole struct {
	revision uint64
	role     *role
}

func (c *roleCache) open() (*otter.Cache[string, *cachedRole], error) {
	c.once.Do(func() {
		c.cache, c.err = otter.New(&otter.Options[string, *cachedRole]{
			MaximumSize: maxRoles, ExpiryCalculator: otter.ExpiryAccessing[string, *cachedRole](idle),
		})
	})
	return c.cache, c.err
}

// findRole returns the role with exactly that ARN, or nil. accountID is the account in the
// ARN.
func (s *Service) findRole(ctx context.Context, accountID, roleARN string) (*role, error) {
	cache, err := s.roles.open()
	if err != nil {
		return nil, err
	}
	revision := s.DB.Revision("iam/" + accountID)
	if have, ok := cache.GetIfPresent(roleARN); ok && have.revision == revision {
		return have.role, nil
	}
	r, err := s.readRole(ctx, roleARN)
	if err != nil || r == nil {
		return nil, err
	}
	cache.Set(roleARN, &cachedRole{revision, r})
	return r, nil
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

func (s *Service) readRole(ctx context.Context, roleARN string) (*role, error) {
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
		return &role{
			id: i.ID, arn: i.ARN(), accountID: i.AccountID, name: i.Name,
			trust: trust, tags: tags, maxDuration: i.Role.MaxSessionDuration,
		}, err
	})
}
