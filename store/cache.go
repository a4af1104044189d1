package store

import (
	"context"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
)

// A Cache holds so many entries at most, and none that nobody has asked for in so long.
const (
	cacheSize = 20_000
	cacheIdle = 10 * time.Minute
)

// Cache keeps what was read from the store for as long as nothing changes in the scope that it
// belongs to; see [DB.Revision]. The zero value is empty and ready.
type Cache[V any] struct {
	once    sync.Once
	entries *otter.Cache[string, cached[V]]
	err     error
}

// cached is a value as it was at a revision of its scope.
type cached[V any] struct {
	revision uint64
	value    V
}

// Get returns what is kept under the key, or else what read finds, which is false if there is
// nothing. Nothing is not kept. The value is shared: nobody may change it.
func (c *Cache[V]) Get(ctx context.Context, db *DB, key, scope string, read func(tx *Tx) (V, bool, error)) (value V, found bool, err error) {
	c.once.Do(func() {
		c.entries, c.err = otter.New(&otter.Options[string, cached[V]]{
			MaximumSize: cacheSize, ExpiryCalculator: otter.ExpiryAccessing[string, cached[V]](cacheIdle),
		})
	})
	if c.err != nil {
		return value, false, c.err
	}
	revision := db.Revision(scope)
	if have, ok := c.entries.GetIfPresent(key); ok && have.revision == revision {
		return have.value, true, nil
	}
	err = db.View(ctx, func(tx *Tx) (err error) {
		value, found, err = read(tx)
		return err
	})
	if err != nil || !found {
		var none V
		return none, false, err
	}
	c.entries.Set(key, cached[V]{revision, value})
	return value, true, nil
}
