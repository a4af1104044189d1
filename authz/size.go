package authz

// CacheSizes returns how many entries the caches hold, about: accounts with their
// organization's policies, principals with their own, and compiled policies.
func (a *Authorizer) CacheSizes() (accounts, principals, compiled int) {
	return a.accounts.EstimatedSize(), a.principals.EstimatedSize(), a.policies.compiled.EstimatedSize()
}
