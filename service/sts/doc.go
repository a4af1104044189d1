// Package sts is the AWS Security Token Service: it says who a caller is and issues
// temporary credentials. It implements api/sts over the roles of package iam and the
// session tokens of package credential.
//
// Nothing is written when credentials are issued but the audit event: the session is in
// the token. What a session may do is read from the store at each of its requests, by
// package authz.
//
// Files: caller.go says who somebody is; assumerole.go, sessiontoken.go and federation.go
// issue credentials, with what they share in issue.go, tags.go, policies.go and mfa.go;
// webidentity.go and saml.go do so
// for whom an identity provider vouches for: package oidc gets a provider's keys,
// samlassertion.go verifies XML, federated.go has what the two share. assumeroot.go begins root
// sessions; delegated.go exchanges the token of a delegation request. role.go finds roles;
// authorization.go decodes explained refusals; actions.go, checks.go
// and keys.go hold what each operation must be allowed.
//
// Neighbours: authz (decides by the checks made here, and keeps sessions of
// GetSessionToken and GetFederationToken out of what AWS keeps them out of), audit (the
// event of a role that is assumed reaches the role's account too), wire (calls this).
package sts
