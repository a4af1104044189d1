package authn

import (
	"context"
	"sync"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
)

// uses collects when access keys and roles were used, and which actions principals tried: one
// entry for each, written together, so that using a key costs no write.
type uses struct {
	mu      sync.Mutex
	keys    map[string]iam.KeyUse
	roles   map[string]iam.RoleUse
	actions map[action]latest
	// writing is held while what was noted is written: whoever waits for it finds everything
	// in the store that was noted before.
	writing sync.Mutex
}

// action is what a principal tried; the principal is empty for the root user.
type action struct{ account, principal, service, name string }

// latest is when and where that was last so.
type latest struct {
	at     time.Time
	region string
}

// Used notes that the caller has signed a request. An operation that does not exist, whose
// name is empty, counts as a use of the key only.
func (r *Resolver) Used(c *credential.Caller, service, operation, region string, at time.Time) {
	r.uses.mu.Lock()
	defer r.uses.mu.Unlock()
	if r.uses.keys == nil {
		r.uses.keys, r.uses.roles, r.uses.actions = map[string]iam.KeyUse{}, map[string]iam.RoleUse{}, map[action]latest{}
	}
	switch {
	case c.Type == credential.AssumedRole:
		r.uses.roles[c.EntityID] = iam.RoleUse{RoleID: c.EntityID, At: at, Region: region}
	case c.Session == nil:
		r.uses.keys[c.AccessKeyID] = iam.KeyUse{ID: c.AccessKeyID, At: at, Service: service, Region: region}
	}
	if operation == "" {
		return
	}
	did := action{account: c.AccountID, service: service, name: operation}
	// The root user, and whoever the root user answers for, has its account's id.
	if c.EntityID != c.AccountID {
		did.principal = c.EntityID
	}
	r.uses.actions[did] = latest{at, region}
}

// Flush writes what was noted. What could not be written is kept for the next time.
func (r *Resolver) Flush(ctx context.Context) error {
	r.uses.writing.Lock()
	defer r.uses.writing.Unlock()
	r.uses.mu.Lock()
	keys, roles, actions := r.uses.keys, r.uses.roles, r.uses.actions
	r.uses.keys, r.uses.roles, r.uses.actions = nil, nil, nil
	r.uses.mu.Unlock()
	if len(keys) == 0 && len(roles) == 0 && len(actions) == 0 {
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
	actionList := make([]iam.Use, 0, len(actions))
	for a, last := range actions {
		actionList = append(actionList, iam.Use{
			AccountID: a.account, PrincipalID: a.principal, Service: a.service, Action: a.name, At: last.at, Region: last.region,
		})
	}
	err := r.Update(ctx, func(tx iam.Tx) error {
		if err := iam.RecordKeyUse(ctx, tx, keyList); err != nil {
			return err
		}
		if err := iam.RecordRoleUse(ctx, tx, roleList); err != nil {
			return err
		}
		return iam.RecordUses(ctx, tx, actionList)
	})
	if err != nil {
		r.keep(keys, roles, actions)
	}
	return err
}

// keep takes back what was not written, unless something later was noted meanwhile.
func (r *Resolver) keep(keys map[string]iam.KeyUse, roles map[string]iam.RoleUse, actions map[action]latest) {
	r.uses.mu.Lock()
	defer r.uses.mu.Unlock()
	r.uses.keys = join(keys, r.uses.keys)
	r.uses.roles = join(roles, r.uses.roles)
	r.uses.actions = join(actions, r.uses.actions)
}

// join adds the newer entries to the older ones.
func join[K comparable, V any](older, newer map[K]V) map[K]V {
	if older == nil {
		older = map[K]V{}
	}
	for k, v := range newer {
		older[k] = v
	}
	return older
}
