// Package credential owns what proves who is asking: access key ids and secrets, the
// sealed session tokens of temporary credentials, the vault that keeps secrets encrypted
// at rest, passwords and one-time codes; and [Caller], the authenticated identity that
// every layer above speaks of.
//
// It does not decide what a caller may do (authz, policy), does not parse HTTP
// (wire/sigv4) and keeps no rows (store). The users and roles behind callers belong to
// package iam.
package credential
