package sigv4

import (
	"container/list"
	"crypto/hmac"
	"crypto/sha256"
	"sync"
)

// KeyCache keeps derived signing keys, so that a verification costs one HMAC instead of
// five. A signing key is good for one secret, day, region and service; the cache knows it
// by a hash of those and never holds a secret access key. It is bounded: the key used
// longest ago makes room. It is safe for concurrent use.
type KeyCache struct {
	max int

	mu      sync.Mutex
	entries map[[sha256.Size]byte]*list.Element
	recent  *list.List
	// hits and misses tell how often a key was there and how often not.
	hits, misses uint64
}

type cachedKey struct {
	id, key [sha256.Size]byte
}

// NewKeyCache returns a cache of at most size signing keys (at least one). An entry takes
// about 250 bytes.
func NewKeyCache(size int) *KeyCache {
	return &KeyCache{max: max(size, 1), entries: map[[sha256.Size]byte]*list.Element{}, recent: list.New()}
}

// Figures returns how many keys are held, and how often the one that was wanted was among
// them and how often not.
func (c *KeyCache) Figures() (entries int, hits, misses uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recent.Len(), c.hits, c.misses
}

// signingKey returns the signing key of secret for scope; a nil cache derives it anew.
func (c *KeyCache) signingKey(secret string, scope *Scope) [sha256.Size]byte {
	if c == nil {
		return deriveKey(secret, scope)
	}
	// NUL separates the parts: none of them can hold one, so no two scopes share an id.
	var space [192]byte
	b := append(space[:0], secret...)
	for _, part := range [...]string{scope.Date, scope.Region, scope.Service} {
		b = append(append(b, 0), part...)
	}
	id := sha256.Sum256(b)
	clear(b)

	c.mu.Lock()
	if e, ok := c.entries[id]; ok {
		c.recent.MoveToFront(e)
		key := e.Value.(*cachedKey).key
		c.hits++
		c.mu.Unlock()
		return key
	}
	c.misses++
	c.mu.Unlock()

	key := deriveKey(secret, scope)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[id]; ok {
		return key
	}
	if c.recent.Len() >= c.max {
		oldest := c.recent.Back()
		delete(c.entries, oldest.Value.(*cachedKey).id)
		c.recent.Remove(oldest)
	}
	c.entries[id] = c.recent.PushFront(&cachedKey{id, key})
	return key
}

// deriveKey is the chain of four HMACs of "Create a signed AWS API request", step 4.
func deriveKey(secret string, scope *Scope) [sha256.Size]byte {
	first := append([]byte("AWS4"), secret...)
	key := mac(first, []byte(scope.Date))
	clear(first)
	for _, part := range [...]string{scope.Region, scope.Service, terminator} {
		key = mac(key[:], []byte(part))
	}
	return key
}

// mac returns the HMAC-SHA256 of data.
func mac(key, data []byte) [sha256.Size]byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return [sha256.Size]byte(h.Sum(nil))
}
