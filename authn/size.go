package authn

// CacheSizes returns how many entries the caches hold, about: long-term access keys and
// users behind sessions.
func (r *Resolver) CacheSizes() (keys, users int) {
	return r.keys.EstimatedSize(), r.users.EstimatedSize()
}
