// Package oidc gets the public keys of OpenID Connect providers over https and keeps them for
// a while. A provider's server proves itself by an authority that the system trusts or by a
// certificate whose thumbprint is known.
//
// It knows nothing of tokens, accounts and the store.
//
// Neighbour: service/sts, which verifies tokens with the keys.
package oidc
