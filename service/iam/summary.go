package iam

import (
	"context"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// GetAccountSummary counts what the account has of everything, and names its quotas.
func (s *Service) GetAccountSummary(ctx context.Context, _ *iamapi.GetAccountSummaryInput) (*iamapi.GetAccountSummaryOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetAccountSummaryOutput, error) {
		sum, err := iam.AccountSummary(ctx, tx, account(ctx))
		if err != nil {
			return nil, err
		}
		out := quotas(tx.Now())
		for key, n := range map[string]int{
			iamapi.SummaryKeyTypeUsers:                    sum.Users,
			iamapi.SummaryKeyTypeGroups:                   sum.Groups,
			iamapi.SummaryKeyTypeRoles:                    sum.Roles,
			iamapi.SummaryKeyTypePolicies:                 sum.Policies,
			iamapi.SummaryKeyTypePolicyVersionsInUse:      sum.PolicyVersionsInUse,
			iamapi.SummaryKeyTypeInstanceProfiles:         sum.InstanceProfiles,
			iamapi.SummaryKeyTypeMFADevices:               sum.MFADevices,
			iamapi.SummaryKeyTypeMFADevicesInUse:          sum.MFADevicesInUse,
			iamapi.SummaryKeyTypeAccountAccessKeysPresent: one(sum.RootHasAccessKey),
			iamapi.SummaryKeyTypeAccountMFAEnabled:        one(sum.RootHasMFA),

			iamapi.SummaryKeyTypeAccountPasswordPresent:            one(sum.RootHasPassword),
			iamapi.SummaryKeyTypeAccountSigningCertificatesPresent: one(sum.RootHasCertificate),
			iamapi.SummaryKeyTypeProviders:                         sum.Providers,
			iamapi.SummaryKeyTypeServerCertificates:                sum.ServerCertificates,
			iamapi.SummaryKeyTypeGlobalEndpointTokenVersion:        sum.GlobalTokenVersion,
		} {
			out[key] = int32(n)
		}
		return &iamapi.GetAccountSummaryOutput{SummaryMap: out}, nil
	})
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func quotas(at time.Time) map[string]int32 {
	out := map[string]int32{}
	for key, q := range map[string]iam.Quota{
		iamapi.SummaryKeyTypeUsersQuota:                      iam.UsersPerAccount,
		iamapi.SummaryKeyTypeGroupsQuota:                     iam.GroupsPerAccount,
		iamapi.SummaryKeyTypeRolesQuota:                      iam.RolesPerAccount,
		iamapi.SummaryKeyTypePoliciesQuota:                   iam.PoliciesPerAccount,
		iamapi.SummaryKeyTypeInstanceProfilesQuota:           iam.InstanceProfilesPerAccount,
		iamapi.SummaryKeyTypeServerCertificatesQuota:         iam.ServerCertificatesPerAccount,
		iamapi.SummaryKeyTypeGroupsPerUserQuota:              iam.GroupsPerUser,
		iamapi.SummaryKeyTypeAccessKeysPerUserQuota:          iam.AccessKeysPerUser,
		iamapi.SummaryKeyTypeSigningCertificatesPerUserQuota: iam.SigningCertificatesPerUser,
		iamapi.SummaryKeyTypeAttachedPoliciesPerUserQuota:    iam.PoliciesPerUser,
		iamapi.SummaryKeyTypeAttachedPoliciesPerGroupQuota:   iam.PoliciesPerGroup,
		iamapi.SummaryKeyTypeAttachedPoliciesPerRoleQuota:    iam.PoliciesPerRole,
		iamapi.SummaryKeyTypeUserPolicySizeQuota:             iam.InlineUserSize,
		iamapi.SummaryKeyTypeGroupPolicySizeQuota:            iam.InlineGroupSize,
		iamapi.SummaryKeyTypeRolePolicySizeQuota:             iam.InlineRoleSize,
		iamapi.SummaryKeyTypeAssumeRolePolicySizeQuota:       iam.TrustPolicySize,
		iamapi.SummaryKeyTypePolicySizeQuota:                 iam.PolicySize,
		iamapi.SummaryKeyTypeVersionsPerPolicyQuota:          iam.VersionsPerPolicy,
		iamapi.SummaryKeyTypePolicyVersionsInUseQuota:        iam.PolicyVersionsInUse,
	} {
		out[key] = int32(iam.QuotaValue(q, at))
	}
	return out
}

func accountRows() []authz.Row {
	return []authz.Row{
		authz.Anywhere("CreateAccountAlias", "iam:CreateAccountAlias"),
		authz.Anywhere("DeleteAccountAlias", "iam:DeleteAccountAlias"),
		authz.Anywhere("ListAccountAliases", "iam:ListAccountAliases"),
		authz.Anywhere("GetAccountSummary", "iam:GetAccountSummary"),
		authz.Anywhere("GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails"),
	}
}
