package authn

import "github.com/maypok86/otter/v2/stats"

// Caches returns by name what tells a cache's entries, about, how often what was wanted was
// there and still right, and how often not: long-term access keys, and users behind sessions.
func (r *Resolver) Caches() map[string]func() (entries int, hits, misses uint64) {
	return map[string]func() (entries int, hits, misses uint64){
		"keys":  figures(r.keys.EstimatedSize, r.keyUses),
		"users": figures(r.users.EstimatedSize, r.userUses),
	}
}

func figures(size func() int, uses *stats.Counter) func() (entries int, hits, misses uint64) {
	return func() (int, uint64, uint64) {
		s := uses.Snapshot()
		return size(), s.Hits, s.Misses
	}
}
