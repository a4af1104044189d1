// Package oidc is the OpenID Connect that goes over the network. It gets the public keys of
// others' providers over https and keeps them for a while: a provider's server proves itself by an
// authority that the system trusts or by a certificate whose thumbprint is known. It asks the two
// OAuth 2.0 providers that AWS takes access tokens of whom they gave one to. And it publishes the
// documents by which others verify the tokens that this server issues.
//
// It knows nothing of what tokens mean, of accounts and the store.
//
// Neighbours: service/sts, which verifies tokens with the keys and issues others; service/iam,
// which shows the issuers; cmd/bailiwick, which ties the publisher to the store.
package oidc
