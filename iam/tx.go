package iam

import (
	"io"
	"time"

	"github.com/bailiwick/bailiwick/org"
)

// Tx is the transaction that every function of this package works in. *store.Tx is one.
type Tx interface {
	Environment
	IdentityStore
	TrustStore
	GroupStore
	PolicyStore
	VersionStore
	AttachmentStore
	InlineStore
	TagStore
	KeyStore
	UseStore
	MFAStore
	LoginStore
	PasswordPolicyStore
	ProfileStore
	PublicKeyStore
	ServerCertificateStore
	ServiceCredentialStore
	OIDCProviderStore
	SAMLProviderStore
	PartnerStore
	DelegationStore
	RoleTemplateStore
	CredentialReportStore
	AccessStore
	OutboundStore
	SettingsStore
	AliasStore
	DeletionTaskStore
	SummaryStore
	Accounts
}

// Environment is what a transaction knows besides its rows.
type Environment interface {
	// Now is the transaction's time, in UTC.
	Now() time.Time
	// Rand is the source of randomness.
	Rand() io.Reader
	// Touch tells caches that what scope covers has changed.
	Touch(scope string)
}

// IdentityStore keeps users, groups and roles. Names are found whatever their case.
type IdentityStore interface {
	// IAMInsertIdentity returns ErrDuplicate if the name is taken.
	IAMInsertIdentity(Identity) error
	// IAMUpdateIdentity writes all that can change of the identity with that ID; it returns
	// ErrDuplicate if the new name is taken.
	IAMUpdateIdentity(Identity) error
	// IAMDeleteIdentity deletes the row and nothing else.
	IAMDeleteIdentity(id string) error
	IAMIdentity(accountID string, kind Kind, name string) (Identity, bool, error)
	IAMIdentityByID(id string) (Identity, bool, error)
	// IAMIdentities lists in bytewise order of name.
	IAMIdentities(accountID string, kind Kind, pathPrefix string, r Range) ([]Identity, error)
	IAMCountIdentities(accountID string, kind Kind) (int, error)
}

// TrustStore keeps whom the trust policies of roles name.
type TrustStore interface {
	// IAMSetTrusted replaces what is kept for the role: unique ids by the names that stand in
	// its trust policy.
	IAMSetTrusted(roleID string, ids map[string]string) error
	IAMTrusted(roleID string) ([]Trusted, error)
	// IAMTrustingAccounts returns the accounts with a role that names the user or role.
	IAMTrustingAccounts(principalID string) ([]string, error)
}

// Trusted is a user or role that a trust policy names.
type Trusted struct {
	// Name is what stands in the document, ID the unique id that it meant.
	Name, ID string
	// ARN is the present one; empty if the user or role is gone.
	ARN string
}

// Range is one page of a list: at most Limit rows whose key comes after After.
type Range struct {
	After string
	Limit int
}

// GroupStore keeps who is in which group.
type GroupStore interface {
	// IAMAddMember does nothing if the user is in the group already.
	IAMAddMember(groupID, userID string) error
	IAMRemoveMember(groupID, userID string) error
	IAMIsMember(groupID, userID string) (bool, error)
	// IAMMembers and IAMGroupsOf list in bytewise order of name.
	IAMMembers(groupID string, r Range) ([]Identity, error)
	IAMGroupsOf(userID string, r Range) ([]Identity, error)
	IAMCountGroupsOf(userID string) (int, error)
}

// PolicyStore keeps customer managed policies.
type PolicyStore interface {
	// IAMInsertPolicy returns ErrDuplicate if the name is taken.
	IAMInsertPolicy(Policy) error
	// IAMUpdatePolicy writes the default version, the next version's number and the time of
	// the last change.
	IAMUpdatePolicy(Policy) error
	IAMDeletePolicy(id string) error
	// IAMPolicy finds by ARN, with its usage.
	IAMPolicy(arn string) (Policy, bool, error)
	// IAMPolicyNamed reports whether the account has a policy of that name, whatever its
	// case and path.
	IAMPolicyNamed(accountID, name string) (bool, error)
	// IAMPolicies lists in bytewise order of name, with usage.
	IAMPolicies(accountID string, f PolicyFilter, r Range) ([]Policy, error)
	IAMCountPolicies(accountID string) (int, error)
}

// VersionStore keeps the versions of customer managed policies.
type VersionStore interface {
	IAMInsertVersion(policyID string, v Version) error
	IAMDeleteVersion(policyID string, number int) error
	// IAMDeleteVersions deletes all versions of the policy.
	IAMDeleteVersions(policyID string) error
	IAMVersion(policyID string, number int) (Version, bool, error)
	// IAMVersions lists without documents, newest first.
	IAMVersions(policyID string) ([]Version, error)
}

// AttachmentStore keeps which managed policies are attached to which identities.
type AttachmentStore interface {
	// IAMAttach does nothing if the policy is attached already.
	IAMAttach(i *Identity, p AttachedPolicy) error
	// IAMDetach reports whether the policy was attached.
	IAMDetach(identityID, policyARN string) (bool, error)
	// IAMAttached lists in bytewise order of policy name, then ARN.
	IAMAttached(identityID, pathPrefix string) ([]AttachedPolicy, error)
	// IAMAttachedDocuments returns the default versions of what is attached to the
	// identity and, for a user, to its groups. The document of an AWS managed policy is
	// left empty.
	IAMAttachedDocuments(identityID string) ([]PolicyText, error)
	// IAMPolicyUsage returns how the account uses the policy.
	IAMPolicyUsage(accountID, policyARN string) (Usage, error)
	// IAMAWSPolicyUsage returns how the account uses AWS managed policies, by ARN.
	IAMAWSPolicyUsage(accountID string) (map[string]Usage, error)
	// IAMPolicyEntities lists by kind, then bytewise by name, who carries the policy.
	IAMPolicyEntities(accountID, policyARN string, f EntityFilter, after EntityCursor, limit int) ([]Identity, error)
}

// InlineStore keeps inline policies.
type InlineStore interface {
	// IAMPutInline adds the policy or replaces the one of the same name.
	IAMPutInline(identityID, name, document string) error
	// IAMDeleteInline reports whether there was such a policy.
	IAMDeleteInline(identityID, name string) (bool, error)
	IAMInline(identityID, name string) (string, bool, error)
	// IAMInlineNames lists in bytewise order.
	IAMInlineNames(identityID string, r Range) ([]string, error)
	// IAMInlineDocuments returns the inline policies of the identity and, for a user, of
	// its groups.
	IAMInlineDocuments(identityID string) ([]PolicyText, error)
}

// TagStore keeps the tags of identities and policies by the unique id of their owner.
type TagStore interface {
	// IAMTags lists in bytewise order of key.
	IAMTags(ownerID string) ([]Tag, error)
	// IAMPutTag replaces a tag whose key differs in case only.
	IAMPutTag(ownerID string, t Tag) error
	// IAMDeleteTag finds the key whatever its case.
	IAMDeleteTag(ownerID, key string) error
	// IAMDeleteTags forgets all of an owner that is gone.
	IAMDeleteTags(ownerID string) error
	// IAMNoteUntagged remembers that the owner had tags and has none any more.
	IAMNoteUntagged(ownerID string) error
	// IAMTagged returns what the accounts have of resources with tags, or that had some once,
	// but for users and roles: by account, in bytewise order of ARN.
	IAMTagged(accountIDs []string) ([]TaggedResource, error)
}

// KeyStore keeps access keys.
type KeyStore interface {
	// IAMInsertKey returns ErrDuplicate if the id is taken.
	IAMInsertKey(AccessKey) error
	IAMSetKeyStatus(id, status string) error
	IAMDeleteKey(id string) error
	IAMKey(id string) (AccessKey, bool, error)
	// IAMKeys lists by id the keys of one user; an empty userID means the root user.
	IAMKeys(accountID, userID string) ([]AccessKey, error)
}

// UseStore keeps when keys and roles were last used.
type UseStore interface {
	// IAMSetKeyUse writes nothing if a later use is known.
	IAMSetKeyUse(KeyUse) error
	// IAMSetRoleUse writes nothing if a later use is known.
	IAMSetRoleUse(RoleUse) error
}

// Accounts knows which accounts there are, and which tag policies they are under.
type Accounts interface {
	org.Reader
}
