// Package iam owns the identities of each account: users, groups, roles, their
// memberships, managed and inline policies, permissions boundaries, access keys and tags;
// with the rules and quotas of AWS Identity and Access Management.
//
// Everything belongs to one account and accounts never see each other's identities. The one
// place that looks across is a role's trust policy: the users and roles that it names are
// resolved to their unique ids when it is saved (trust.go), so that a principal which is
// deleted and made again under the same name is not trusted.
//
// Functions take a [Tx], the transaction that the store gives them; they write through it
// and never keep anything outside. What a principal carries is read in one go by [Entity].
// Every change of that touches the scope "iam/<account>", every change of an access key
// "key/<access key id>", so that caches learn of it.
//
// Neighbours: org (accounts), iam/managed (AWS's own policies), policy (the language),
// store (the rows), service/iam (the API), authz and service/sts (who ask what a principal
// may do).
package iam
