package org

import (
	"io"
	"time"
)

// Clock is what a transaction carries besides data.
type Clock interface {
	// Now is the time of the transaction in UTC.
	Now() time.Time
	// Rand is the source of ids.
	Rand() io.Reader
	// Touch tells caches that what the scope covers has changed.
	Touch(scope string)
}

// OrganizationStore keeps organizations, their enabled policy types and their counters.
type OrganizationStore interface {
	Organization(id string) (Organization, bool, error)
	InsertOrganization(o Organization) error
	SetOrganizationFeatureSet(id, featureSet string) error
	// DeleteOrganization removes the organization and all rows that belong to it but
	// accounts.
	DeleteOrganization(id string) error
	// OrgPolicyTypes returns the types enabled in the root, in ascending order.
	OrgPolicyTypes(organizationID string) ([]string, error)
	EnableOrgPolicyType(organizationID, policyType string) error
	DisableOrgPolicyType(organizationID, policyType string) error
	// OrgCount returns a counter; one that was never changed is 0.
	OrgCount(organizationID, counter string) (int, error)
	// AddOrgCount changes a counter.
	AddOrgCount(organizationID, counter string, by int) error
}

// AccountStore keeps accounts.
type AccountStore interface {
	OrgAccount(id string) (Account, bool, error)
	// OrgAccountByEmail finds an account by its address, whatever its case.
	OrgAccountByEmail(email string) (Account, bool, error)
	InsertOrgAccount(a Account) error
	UpdateOrgAccount(a Account) error
	// OrgAccounts returns accounts of the organization in ascending order of id, those
	// after the given id, at most limit.
	OrgAccounts(organizationID, after string, limit int) ([]Account, error)
	// OrgAccountsIn returns those that hang on the given root or OU.
	OrgAccountsIn(organizationID, parentID, after string, limit int) ([]Account, error)
	// CountOrgClosures counts the accounts of the organization closed after the given time.
	CountOrgClosures(organizationID string, after time.Time) (int, error)
}

// CreateRequestStore keeps the requests that make accounts.
type CreateRequestStore interface {
	OrgCreateRequest(organizationID, id string) (CreateRequest, bool, error)
	InsertOrgCreateRequest(r CreateRequest) error
	// OrgCreateRequests returns requests in ascending order of id, those after the given
	// id whose state is among states (all if there are none), at most limit.
	OrgCreateRequests(organizationID string, states []string, after string, limit int) ([]CreateRequest, error)
}

// UnitStore keeps organizational units.
type UnitStore interface {
	OrgUnit(organizationID, id string) (Unit, bool, error)
	OrgUnitByName(organizationID, parentID, name string) (Unit, bool, error)
	InsertOrgUnit(organizationID string, u Unit) error
	RenameOrgUnit(organizationID, id, name string) error
	DeleteOrgUnit(organizationID, id string) error
	// OrgUnits returns the OUs directly under a parent in ascending order of id, those
	// after the given id, at most limit.
	OrgUnits(organizationID, parentID, after string, limit int) ([]Unit, error)
	// OrgUnitPath returns the ids of the OUs from below the root down to the given one.
	OrgUnitPath(organizationID, id string) ([]string, error)
	// OrgUnitsAbove returns the parents of the given OUs and of all above them.
	OrgUnitsAbove(organizationID string, ids []string) (map[string]string, error)
}

// PolicyStore keeps the policies that organizations made.
type PolicyStore interface {
	OrgPolicy(organizationID, id string) (Policy, bool, error)
	OrgPolicyByName(organizationID, policyType, name string) (Policy, bool, error)
	InsertOrgPolicy(organizationID string, p Policy) error
	// UpdateOrgPolicy writes name, description and content.
	UpdateOrgPolicy(organizationID string, p Policy) error
	DeleteOrgPolicy(organizationID, id string) error
	// OrgPolicies returns policies of a type in ascending order of id, those after the
	// given id, at most limit.
	OrgPolicies(organizationID, policyType, after string, limit int) ([]Policy, error)
}

// AttachmentStore keeps which policy is attached to which node.
type AttachmentStore interface {
	InsertOrgAttachment(organizationID string, a Attachment) error
	// DeleteOrgAttachment reports whether there was such an attachment.
	DeleteOrgAttachment(organizationID, targetID, policyID string) (bool, error)
	// DeleteOrgAttachmentsOf removes all attachments of a node.
	DeleteOrgAttachmentsOf(organizationID, targetID string) error
	// DeleteOrgAttachmentsOfType removes all attachments of a policy type.
	DeleteOrgAttachmentsOfType(organizationID, policyType string) error
	// AttachOrgEverywhere attaches a policy to the root, all OUs and all accounts.
	AttachOrgEverywhere(o Organization, policyType, policyID string) error
	// OrgPoliciesAt returns what is attached to the given nodes, in ascending order of
	// policy id for each node. Policy is the zero value for policies of AWS's own.
	OrgPoliciesAt(organizationID, policyType string, targetIDs []string) ([]Attachment, error)
	// OrgTargets returns the nodes that a policy is attached to, in ascending order of id,
	// those after the given id, at most limit.
	OrgTargets(organizationID, policyID, after string, limit int) ([]Target, error)
}

// TagStore keeps tags of nodes and policies.
type TagStore interface {
	// OrgTags returns the tags of a resource in ascending order of key.
	OrgTags(organizationID, resourceID string) ([]Tag, error)
	// PutOrgTag adds or replaces a tag.
	PutOrgTag(organizationID, resourceID string, t Tag) error
	DeleteOrgTag(organizationID, resourceID, key string) error
	// DeleteOrgTags forgets all of a resource that is gone.
	DeleteOrgTags(organizationID, resourceID string) error
	// NoteOrgUntagged remembers that the resource had tags and has none any more.
	NoteOrgUntagged(organizationID, resourceID string) error
	// OrgTagged returns the roots, OUs, accounts and policies with tags, or that had some once,
	// in ascending order of id, those after the given id, at most limit.
	OrgTagged(organizationID, after string, limit int) ([]TaggedResource, error)
}

// Reader is what decisions about an account need; a View's transaction does for it.
type Reader interface {
	OrgAccount(id string) (Account, bool, error)
	Organization(id string) (Organization, bool, error)
	OrgPolicyTypes(organizationID string) ([]string, error)
	OrgUnitPath(organizationID, id string) ([]string, error)
	OrgPoliciesAt(organizationID, policyType string, targetIDs []string) ([]Attachment, error)
}

// Tx is the transaction that the functions of this package work in.
type Tx interface {
	Clock
	OrganizationStore
	AccountStore
	CreateRequestStore
	GovCloudStore
	UnitStore
	PolicyStore
	AttachmentStore
	TagStore
	HandshakeStore
	EmailStore
	QuotaStore
	TransferStore
	ClosedStore
	TrustStore
	DelegationStore
	ResourcePolicyStore
	RecheckStore
}
