// Package managed holds what AWS itself brings into every account: the AWS managed
// policies under their real ARNs ([All], [ByARN]), the service-linked roles that services
// may ask for ([ServiceLinkedRoles], [ServiceLinkedRoleFor]), and the services that can be
// trusted by an organization or be given a delegated administrator ([TrustedServices],
// [TrustedServiceFor]).
//
// It owns data, not rules: package iam attaches these policies and makes these roles,
// service/organizations holds service principals against the list. It imports nothing of
// ours and keeps nothing in the store; the documents come from embedded text, read at
// first use.
//
// Most documents grant exactly what AWS's do, in our own order and without statement
// ids. The longer ones are written from their purpose or built by a rule instead; [Policy.Built] tells which, and
// docs/managed-policies.md gives the rules and the sources.
package managed
