// Package iam owns the identities of each account: users, groups, roles, their
// memberships, managed and inline policies, permissions boundaries, access keys, passwords,
// MFA devices and tags; service-linked roles, instance profiles and the account's alias; SSH
// keys, certificates and credentials for single services; identity providers; credential
// reports, reports of last access and centralized root access; with the rules and quotas of
// AWS Identity and Access Management.
//
// Everything belongs to one account and accounts never see each other's identities. The one
// place that looks across is a role's trust policy: the users and roles that it names are
// resolved to their unique ids when it is saved (trust.go), so that a principal which is
// deleted and made again under the same name is not trusted.
//
// Where AWS's documentation leaves room, this package decides so:
//
//   - A user, group, role or policy is found by its name whatever the name's case, as names
//     are unique whatever their case. ARNs are compared exactly.
//
//   - A trust policy may name only accounts, users and roles that this installation knows:
//     AWS refuses principals that do not exist, and here no others can ever call.
//
//   - Roles under /aws-service-role/ and /aws-reserved/ are made by services only
//     ([NewRole].Reserved), since organization policies do not bind the first kind.
//
//   - UpdateRole without a longest session sets the default of one hour, as its
//     documentation says, and leaves a description alone that it does not get.
//
//   - Taking a user out of a group in which it is not is no error.
//
//   - Where the API asks for the UserName of an MFA device's owner, the root user is named by
//     the id of its account, which is its user id too.
//
//   - The passwords that may not come again include the present one, and bind those who set
//     a password for somebody else as well.
//
//   - A service-linked role is deleted at once, or not at all: that of Organizations stays
//     as long as the account is in an organization. Which other services still need their
//     role nobody here can know.
//
//   - An OpenID Connect provider is made without asking it for anything: without thumbprints
//     the list stays empty, and the authorities that the system trusts vouch for its server.
//     Its URL may have a port, since providers here are often on the same machine.
//
//   - Only certificates that have not expired can be put in, and nothing uses them: no server
//     certificate is ever in use.
//
//   - A SAML provider whose metadata do not say how long they are valid has a hundred years.
//
//   - A report of last access is made at once, from all that was tried so far, and can be read
//     for seven days. Of the services that can be called here every operation is tracked as an
//     action. For a service that nobody used, action reports list the tracked actions without
//     a time.
//
//   - Temporary delegation: ARNs of policy templates are made like those of boundaries. Other
//     states than an operation is for answer InvalidInput, also that of AcceptDelegationRequest,
//     which has no such error in its model. A request of another account is as if it were not
//     there. Whoever has delegated access approves nothing. An expired request is kept for 30
//     days. Sessions begin when the token was released, so that a deny by aws:TokenIssueTime
//     revokes them all. Topics in opt-in regions are not refused.
//
//   - Role templates (AcquireRole, GetRoleTemplateVersion) are documented by their shapes and
//     errors only. Parameters that are not required and have no default are empty; lists go
//     where policy templates take them; the id of a version is "v" with both its numbers; the
//     permissions are those of the actions with the condition key iam:RoleTemplateARN. Nobody
//     can change a template while a role is made, so RoleModified never comes.
//
// Secrets come in sealed or hashed: this package never keeps one that can be read. A one-time
// code is checked by [VerifyMFA] in a transaction that writes, because it is good once.
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
