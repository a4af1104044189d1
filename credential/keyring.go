package credential

import "sync/atomic"

// Keyring holds the master key that seals, and former ones that still open. Both can be
// replaced while the ring is in use. It is safe for concurrent use.
type Keyring struct {
	keys atomic.Pointer[[]MasterKey]
}

// NewKeyring returns a keyring that seals with current and opens with any of the keys. To
// rotate, a node is given the new key as current and the old one as previous; once all
// nodes have it, only the vault's old rows and tokens still running need the old one.
func NewKeyring(current MasterKey, previous ...MasterKey) *Keyring {
	r := &Keyring{}
	r.Replace(current, previous...)
	return r
}

// Replace gives the ring other keys. What was sealed with a key that is gone does not open
// any more.
func (r *Keyring) Replace(current MasterKey, previous ...MasterKey) {
	keys := append([]MasterKey{current}, previous...)
	r.keys.Store(&keys)
}

// Keys are the keys, the current one first.
func (r *Keyring) Keys() []MasterKey { return append([]MasterKey(nil), *r.keys.Load()...) }

// Current is the key that seals.
func (r *Keyring) Current() MasterKey { return (*r.keys.Load())[0] }

func (r *Keyring) find(id keyID) (MasterKey, bool) {
	keys := *r.keys.Load()
	for i := range keys {
		if keys[i].id == id {
			return keys[i], true
		}
	}
	return MasterKey{}, false
}
