package authn

import (
	"context"
	"sync"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
)

// uses collects when access keys and roles were used: one entry for each, written together,
// so that using a key costs no write.
type uses struct {
	mu    sync.Mutex
	keys  map[string]iam.KeyUse
	roles map[string]iam.RoleUse
}

// Used notes that the caller has signed an accepted request.
func (r *Resolver) Used(c *credential.Caller, service, region string, at time.Time) {
	r.uses.mu.Lock()
	defer r.uses.mu.Unlock()
	if r.uses.keys == nil {
		r.uses.keys, r.uses.roles = map[string]iam.KeyUse{}, map[string]iam.RoleUse{}
	}
	switch {
	case c.Type == credential.AssumedRole:
		r.uses.roles[c.EntityID] = iam.RoleUse{RoleID: c.EntityID, At: at, Region: region}
	case c.Session == nil:
		r.uses.keys[c.AccessKeyID] = iam.KeyUse{ID: c.AccessKeyID, At: at, Service: service, Region: region}
	}
}

// Flush writes what was noted.
func (r *Resolver) Flush(ctx context.Context) error {
	r.uses.mu.Lock()
	keys, roles := r.uses.keys, r.uses.roles
	r.uses.keys, r.uses.roles = nil, nil
	r.uses.mu.Unlock()
	if len(keys) == 0 && len(roles) == 0 {
		return nil
	}
	keyList := make([]iam.KeyUse, 0, len(keys))
	for _, u := range keys {
		keyList = append(keyList, u)
	}
	roleList := make([]iam.RoleUse, 0, len(roles))
	for _, u := range roles {
		roleList = append(roleList, u)
	}
	return r.Update(ctx, func(tx iam.Tx) error {
		if err := iam.RecordKeyUse(ctx, tx, keyList); err != nil {
			return err
		}
		return iam.RecordRoleUse(ctx, tx, roleList)
	})
}
