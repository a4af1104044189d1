// Package authn finds out who is behind an access key: the root user or IAM user of a
// long-term key, or the session that a session token carries. wire asks it for the secret
// to verify a signature with, and trusts its answer for nothing else.
//
// Long-term keys are kept in memory while the store's revisions say that neither the key
// nor its owner has changed; a key that is deactivated or deleted stops working with the
// next request. Session tokens are opened each time: they carry everything but the name that
// their user goes by now. When a key was last used is noted in memory and written every few
// seconds.
//
// Neighbours: iam (keys and users), credential (vault and sealer), wire (whose Keys
// interface [Resolver] is).
package authn
