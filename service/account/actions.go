package account

import (
	"context"
	"strings"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// The condition keys of Account Management's actions.
const (
	keyOrgPaths     = "account:AccountResourceOrgPaths"
	keyOrgTags      = "account:AccountResourceOrgTags/"
	keyContactTypes = "account:AlternateContactTypes"
	keyTargetRegion = "account:TargetRegion"
	keyEmailDomain  = "account:EmailTargetDomain"
)

// Rows returns what each built operation needs to be allowed (Service Authorization
// Reference, "Actions, resources, and condition keys for AWS Account Management"): its
// action on the caller's own account, or on the account in the organization that the call
// names. What the organization must have granted for that is for the operation to say.
func (s *Service) Rows() []authz.Row {
	return []authz.Row{
		row(s, "GetContactInformation", func(in *accountapi.GetContactInformationInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "PutContactInformation", func(in *accountapi.PutContactInformationInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "GetAlternateContact", func(in *accountapi.GetAlternateContactInput, keys policy.Keys) *string {
			keys.Set(keyContactTypes, smithy.Value(in.AlternateContactType))
			return in.AccountId
		}),
		row(s, "PutAlternateContact", func(in *accountapi.PutAlternateContactInput, keys policy.Keys) *string {
			keys.Set(keyContactTypes, smithy.Value(in.AlternateContactType))
			return in.AccountId
		}),
		row(s, "DeleteAlternateContact", func(in *accountapi.DeleteAlternateContactInput, keys policy.Keys) *string {
			keys.Set(keyContactTypes, smithy.Value(in.AlternateContactType))
			return in.AccountId
		}),
		row(s, "GetAccountInformation", func(in *accountapi.GetAccountInformationInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "GetGovCloudAccountInformation", func(in *accountapi.GetGovCloudAccountInformationInput, _ policy.Keys) *string {
			return in.StandardAccountId
		}),
		row(s, "PutAccountName", func(in *accountapi.PutAccountNameInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "GetPrimaryEmail", func(in *accountapi.GetPrimaryEmailInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "StartPrimaryEmailUpdate", func(in *accountapi.StartPrimaryEmailUpdateInput, keys policy.Keys) *string {
			setEmailDomain(keys, in.PrimaryEmail)
			return in.AccountId
		}),
		row(s, "AcceptPrimaryEmailUpdate", func(in *accountapi.AcceptPrimaryEmailUpdateInput, keys policy.Keys) *string {
			setEmailDomain(keys, in.PrimaryEmail)
			return in.AccountId
		}),
		row(s, "GetPrimaryEmailUpdateStatus", func(in *accountapi.GetPrimaryEmailUpdateStatusInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "SendPhoneNumberVerification", func(in *accountapi.SendPhoneNumberVerificationInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "VerifyPhoneNumber", func(in *accountapi.VerifyPhoneNumberInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "ListRegions", func(in *accountapi.ListRegionsInput, _ policy.Keys) *string { return in.AccountId }),
		row(s, "GetRegionOptStatus", func(in *accountapi.GetRegionOptStatusInput, keys policy.Keys) *string {
			keys.Set(keyTargetRegion, smithy.Value(in.RegionName))
			return in.AccountId
		}),
		row(s, "EnableRegion", func(in *accountapi.EnableRegionInput, keys policy.Keys) *string {
			keys.Set(keyTargetRegion, smithy.Value(in.RegionName))
			return in.AccountId
		}),
		row(s, "DisableRegion", func(in *accountapi.DisableRegionInput, keys policy.Keys) *string {
			keys.Set(keyTargetRegion, smithy.Value(in.RegionName))
			return in.AccountId
		}),
	}
}

// setEmailDomain sets the condition key for the domain of a new address.
func setEmailDomain(keys policy.Keys, email *string) {
	if _, domain, found := strings.Cut(smithy.Value(email), "@"); found {
		keys.Set(keyEmailDomain, domain)
	}
}

// action is the IAM action of an operation; they have the same names here.
func action(operation string) string { return "account:" + operation }

// row builds the row of an operation; fill sets the condition keys that the input carries
// and returns the account that it names.
func row[I any](s *Service, operation string, fill func(in *I, keys policy.Keys) *string) authz.Row {
	return authz.Row{
		Operation: operation, Actions: []string{action(operation)},
		Checks: authz.For(func(ctx context.Context, c *authz.Call, in *I) ([]authz.Check, error) {
			check := authz.Check{Action: action(operation), Resource: standaloneARN(c.Caller.AccountID), Keys: policy.Keys{}}
			named := smithy.Value(fill(in, check.Keys))
			if named == "" || c.Membership.OrganizationID == "" {
				return []authz.Check{check}, nil
			}
			check.Resource = memberARN(c.Membership, named)
			return []authz.Check{check}, s.memberKeys(ctx, c.Membership.OrganizationID, named, check.Keys)
		}),
	}
}

// memberKeys sets the condition keys that an account has as a resource of its organization:
// where it stands and its tags. One of another organization has none.
func (s *Service) memberKeys(ctx context.Context, organizationID, accountID string, keys policy.Keys) error {
	return s.DB.View(ctx, func(tx *store.Tx) error {
		m, found, err := org.MembershipOf(ctx, tx, accountID)
		if err != nil || !found || m.OrganizationID != organizationID {
			return err
		}
		keys.Set(keyOrgPaths, m.OrgPath())
		tags, err := org.Tags(ctx, tx, organizationID, accountID)
		for _, t := range tags {
			keys.Set(keyOrgTags+t.Key, t.Value)
		}
		return err
	})
}

// standaloneARN is an account as its own resource.
func standaloneARN(accountID string) string {
	return arn.ARN{Partition: "aws", Service: "account", AccountID: accountID, Resource: "account"}.String()
}

// memberARN is an account as a resource of the caller's organization.
func memberARN(caller org.Membership, accountID string) string {
	return arn.ARN{
		Partition: "aws", Service: "account", AccountID: caller.ManagementAccountID,
		Resource: "account/" + caller.OrganizationID + "/" + accountID,
	}.String()
}
