package iam

import "time"

// Quota is the name of a quota as AWS's error messages have it.
type Quota string

// The quotas of an account, and of one identity or policy in it.
const (
	UsersPerAccount    Quota = "UsersPerAccount"
	GroupsPerAccount   Quota = "GroupsPerAccount"
	RolesPerAccount    Quota = "RolesPerAccount"
	PoliciesPerAccount Quota = "PoliciesPerAccount"
	GroupsPerUser      Quota = "GroupsPerUser"
	PoliciesPerUser    Quota = "PoliciesPerUser"
	PoliciesPerGroup   Quota = "PoliciesPerGroup"
	PoliciesPerRole    Quota = "PoliciesPerRole"
	AccessKeysPerUser  Quota = "AccessKeysPerUser"
	VersionsPerPolicy  Quota = "VersionsPerPolicy"
	// PolicySize, TrustPolicySize and the inline sizes count characters without white
	// space outside of strings; the inline ones over all policies of the identity.
	PolicySize        Quota = "PolicySize"
	TrustPolicySize   Quota = "ACLSizePerRole"
	InlineUserSize    Quota = "InlinePolicySizePerUser"
	InlineGroupSize   Quota = "InlinePolicySizePerGroup"
	InlineRoleSize    Quota = "InlinePolicySizePerRole"
	MFADevicesPerUser Quota = "MFADevicesPerUser"
	// VirtualMFADevicesPerAccount counts those that are assigned and those that are not.
	VirtualMFADevicesPerAccount Quota = "VirtualMFADevicesPerAccount"

	InstanceProfilesPerAccount   Quota = "InstanceProfilesPerAccount"
	ServerCertificatesPerAccount Quota = "ServerCertificatesPerAccount"
	SigningCertificatesPerUser   Quota = "SigningCertificatesPerUser"
	SSHPublicKeysPerUser         Quota = "SSHPublicKeysPerUser"
	OIDCProvidersPerAccount      Quota = "OpenIdConnectProvidersPerAccount"
	SAMLProvidersPerAccount      Quota = "SAMLProvidersPerAccount"
	ClientIDsPerOIDCProvider     Quota = "ClientIdsPerOpenIdConnectProvider"
	ThumbprintsPerOIDCProvider   Quota = "ThumbprintsPerOpenIdConnectProvider"
	KeysPerSAMLProvider          Quota = "PrivateKeysPerSAMLProvider"
	// ServiceCredentialsPerUser is for each service.
	ServiceCredentialsPerUser Quota = "ServiceSpecificCredentialsPerUser"
	// PolicyVersionsInUse cannot be come near; the summary of an account names it.
	PolicyVersionsInUse Quota = "PolicyVersionsInUse"
	// RolesPerInstanceProfile has the name that AWS's message gives it.
	RolesPerInstanceProfile Quota = "InstanceSessionsPerInstanceProfile"
	// DelegatedPolicySize is in characters, of the rendered policy of a delegation request.
	DelegatedPolicySize Quota = "DelegationPolicySize"
	// TagsPerResource is for a user, a role or a policy.
	TagsPerResource Quota = "TagsPerResource"
)

// quotaValues are the values by date, the newest first. The source is the IAM user guide,
// "IAM and AWS STS quotas", default values. A value holds from its date on; the dates are
// when the guide was last seen to change it, or zero if it was never seen otherwise.
var quotaValues = map[Quota][]struct {
	since time.Time
	value int
}{
	UsersPerAccount:    {{value: 5000}},
	GroupsPerAccount:   {{value: 300}},
	RolesPerAccount:    {{value: 1000}},
	PoliciesPerAccount: {{value: 1500}},
	GroupsPerUser:      {{value: 10}},
	PoliciesPerUser:    {{value: 10}},
	PoliciesPerGroup:   {{value: 10}},
	PoliciesPerRole:    {{value: 10}},
	AccessKeysPerUser:  {{value: 2}},
	VersionsPerPolicy:  {{value: 5}},
	PolicySize:         {{value: 6144}},
	TrustPolicySize:    {{value: 2048}},
	InlineUserSize:     {{value: 2048}},
	InlineGroupSize:    {{value: 5120}},
	InlineRoleSize:     {{value: 10240}},
	MFADevicesPerUser:  {{value: 8}},
	// As many as users.
	VirtualMFADevicesPerAccount: {{value: 5000}},

	InstanceProfilesPerAccount:   {{value: 1000}},
	ServerCertificatesPerAccount: {{value: 20}},
	SigningCertificatesPerUser:   {{value: 2}},
	SSHPublicKeysPerUser:         {{value: 5}},
	ServiceCredentialsPerUser:    {{value: 2}},
	OIDCProvidersPerAccount:      {{value: 100}},
	SAMLProvidersPerAccount:      {{value: 100}},
	ClientIDsPerOIDCProvider:     {{value: 100}},
	ThumbprintsPerOIDCProvider:   {{value: 5}},
	KeysPerSAMLProvider:          {{value: 2}},
	PolicyVersionsInUse:          {{value: 10000}},
	RolesPerInstanceProfile:      {{value: 1}},
	DelegatedPolicySize:          {{value: 2048}},

	TagsPerResource: {{value: 50}},
}

// QuotaValue returns the quota's value at the given time.
func QuotaValue(q Quota, at time.Time) int {
	for _, v := range quotaValues[q] {
		if !at.Before(v.since) {
			return v.value
		}
	}
	return 0
}

// within refuses a count above the quota.
func within(tx Tx, q Quota, count int) error {
	if limit := QuotaValue(q, tx.Now()); count > limit {
		return fail(LimitExceeded, "Cannot exceed quota for %s: %d", q, limit)
	}
	return nil
}
