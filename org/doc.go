// Package org owns organizations: the organization itself, its root, organizational units
// and accounts (which also exist without an organization), the policies and where they are
// attached, tags, the requests that make accounts, handshakes, and delegation. Every invariant lives
// here; the functions work over a transaction ([Tx]) and know nothing of protocols or SQL.
//
// # Who may call
//
// A function that acts on an organization takes an [Organization] value, and the ways to
// get one say who is asking: [AsMember] (any account of the organization),
// [AsReader] (the management account, delegated administrators of services and who the
// resource policy names), [AsAdministrator] (the management account and who the resource
// policy names) and [AsManagement] (the management account only). Handshakes are between a
// sender and a recipient that need not be in one organization; their functions take the
// calling account. What is found through the value is always
// of that organization: several organizations on one server never see each other. What the
// caller's own policies say is the gate's business (package authz), not this package's.
//
// # Tree
//
// An organization has one root. Below it OUs nest five levels deep; accounts hang on the
// root or an OU and carry the id of their parent. AWS has no operation that moves an OU, so
// a path never changes below an OU.
//
// # Attachments
//
// Attachments of a policy type exist exactly while the type is enabled in the root.
// Enabling attaches the type's default policy (FullAWSAccess, RCPFullAWSAccess) to the
// root, every OU and every account; a new OU or account gets the defaults of the types that
// are enabled then; disabling removes all attachments of the type (Organizations user
// guide, "Enabling a policy type", "Disabling a policy type").
//
// # Account life
//
//	(standalone) ──join──▶ member ──leave──▶ (standalone)
//	ACTIVE ──CloseAccount──▶ CLOSED ──90 days──▶ (gone)
//
// A closed account stays where it is in the tree, still counts and cannot be removed. 90
// days later it is deleted in the background ([DeleteClosedAccounts]): with its attachments,
// tags and delegations in the organization, and with everything it had in other domains; its
// id and address are not used again.
//
// # Handshakes
//
//	OPEN ──accept──▶ ACCEPTED    (the recipient)
//	OPEN ──decline─▶ DECLINED    (the recipient)
//	OPEN ──cancel──▶ CANCELED    (the sender)
//	OPEN ──time────▶ EXPIRED     (15 days; 90 for all features)
//
// That a handshake has expired is never written: it is seen when it is read. What has ended
// is shown for 30 days and deleted later, when its organization sends again; an organization
// that is deleted takes its handshakes with it. Enabling all features is one handshake of
// the management account, REQUESTED until every account that was invited has accepted its
// own, then OPEN; who leaves or is closed is not waited for.
//
// Nothing here sends an ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE: the model knows the word, and
// no documentation says when AWS sends one. The role is made when an account joins or
// accepts.
//
// # Transfers
//
// A management account can manage the bills of other organizations, if their management
// accounts accept its invitation (a handshake of its own kind) at least 24 hours before the
// transfer starts; it starts and ends with a month.
//
//	REQUESTED ──accept──▶ ACCEPTED ──terminate (either side)──▶ WITHDRAWN
//	REQUESTED ──▶ DECLINED, CANCELED, EXPIRED    (with the handshake)
//
// A transfer that was withdrawn goes on until its end. What comes to an organization goes on
// to the one that manages its bills. Nobody may take over bills before the quota is raised
// ([SetQuota]); while a transfer goes on neither organization can be deleted. How long a chain
// may be and how far ahead a transfer may start AWS limits without saying how: those numbers
// are ours.
//
// # Delegation
//
// An organization trusts services, registers member accounts as administrators of them, and
// may have a resource policy. An account that administers a service cannot leave before it
// is deregistered; closing it changes nothing there until it is deleted. All of it goes with the organization.
//
// # Where AWS is different
//
// AWS does some things in the background; here they are done when the call returns:
// creating and closing accounts, enabling and disabling policy types. So the limits on how
// many of them are in progress at once are never reached.
//
// AWS lets an account leave only with a payment method, a verified telephone, a support plan
// and billing access for IAM users. Nobody can give those to this program, so they count as
// given; the minimum age of accounts that the organization made is enforced ([Settings]
// can change it).
//
// Limits are AWS's defaults (10 accounts), as of the transaction's date (quotas.go); AWS
// raises some on request, and an operator does so through [SetQuota] for one organization
// and through [Settings] for all.
//
// Neighbours: store (implements [Tx]), iam (puts the admin role into new accounts),
// authz (reads [MembershipOf] and [PolicyLevels]), policy and policy/management (the
// languages of policies), service/organizations (the API).
package org
