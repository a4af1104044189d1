package store

import "sync"

// maxScopes bounds the memory of the revisions: a scope costs about a hundred bytes.
const maxScopes = 1 << 18

// revisions are the change counters of this node. Only scopes that changed since the
// process started have an entry; all others share the epoch.
type revisions struct {
	mu    sync.RWMutex
	clock uint64
	epoch uint64
	scope map[string]uint64
}

func newRevisions() *revisions {
	return &revisions{clock: 1, epoch: 1, scope: make(map[string]uint64)}
}

func (r *revisions) of(scope string) uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if v, ok := r.scope[scope]; ok {
		return v
	}
	return r.epoch
}

// bump gives each scope a revision that it never had. When there are too many scopes all
// begin anew, which makes every cache load once more and nothing worse.
func (r *revisions) bump(scopes []string) {
	if len(scopes) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, scope := range scopes {
		r.clock++
		r.scope[scope] = r.clock
	}
	if len(r.scope) > maxScopes {
		r.restart()
	}
}

// bumpAll gives every scope, known or not, a revision that it never had.
func (r *revisions) bumpAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restart()
}

func (r *revisions) restart() {
	r.clock++
	r.epoch = r.clock
	clear(r.scope)
}

// Revision returns the revision of a scope on this node: a number above zero that differs
// from all earlier ones once something called [Tx.Touch] with that scope and committed.
// The numbers mean nothing beyond that, and nothing on another node or after a restart.
//
// The protocol of a cache: (1) take the revision, (2) load in a [DB.View] that begins after
// that, (3) keep the result under the revision of (1), (4) use a kept result only while
// Revision still answers the number it is kept under. Then, on this node, nothing older
// than the last finished Update is ever used: Update returns after the revision changed,
// and a View begun after the change sees the data. A result that covers several scopes is
// kept under all of their revisions, each taken before the View.
//
// What another node of the same PostgreSQL database commits becomes visible here after a
// notification, at the latest after the poll interval (half a second).
func (db *DB) Revision(scope string) uint64 { return db.revisions.of(scope) }
