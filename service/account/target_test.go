package account_test

import (
	"strings"
	"testing"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	notTrusted     = " (Your organization must first enable trusted access with AWS Account Management.)"
	onlyStandalone = " (The management account can only be managed using the standalone context from the management account.)"
)

// inputs makes an input of every built operation that names the account.
func inputs(id *string) map[string]smithy.Shape {
	return map[string]smithy.Shape{
		"GetContactInformation":         &accountapi.GetContactInformationInput{AccountId: id},
		"PutContactInformation":         &accountapi.PutContactInformationInput{AccountId: id, ContactInformation: contact()},
		"GetAlternateContact":           &accountapi.GetAlternateContactInput{AccountId: id, AlternateContactType: ptr("BILLING")},
		"PutAlternateContact":           billing(id, "Ann"),
		"DeleteAlternateContact":        &accountapi.DeleteAlternateContactInput{AccountId: id, AlternateContactType: ptr("BILLING")},
		"GetAccountInformation":         &accountapi.GetAccountInformationInput{AccountId: id},
		"GetGovCloudAccountInformation": &accountapi.GetGovCloudAccountInformationInput{StandardAccountId: id},
		"PutAccountName":                &accountapi.PutAccountNameInput{AccountId: id, AccountName: ptr("Name")},
		"GetPrimaryEmail":               &accountapi.GetPrimaryEmailInput{AccountId: id},
		"StartPrimaryEmailUpdate":       &accountapi.StartPrimaryEmailUpdateInput{AccountId: id, PrimaryEmail: ptr("new@example.com")},
		"AcceptPrimaryEmailUpdate": &accountapi.AcceptPrimaryEmailUpdateInput{
			AccountId: id, PrimaryEmail: ptr("new@example.com"), Otp: ptr("AAAAAA"),
		},
		"GetPrimaryEmailUpdateStatus": &accountapi.GetPrimaryEmailUpdateStatusInput{AccountId: id},
		"SendPhoneNumberVerification": &accountapi.SendPhoneNumberVerificationInput{AccountId: id},
		"VerifyPhoneNumber":           &accountapi.VerifyPhoneNumberInput{AccountId: id, Otp: ptr("AAAAAA")},
		"ListRegions":                 &accountapi.ListRegionsInput{AccountId: id},
		"GetRegionOptStatus":          &accountapi.GetRegionOptStatusInput{AccountId: id, RegionName: ptr("af-south-1")},
		"EnableRegion":                &accountapi.EnableRegionInput{AccountId: id, RegionName: ptr("af-south-1")},
		"DisableRegion":               &accountapi.DisableRegionInput{AccountId: id, RegionName: ptr("af-south-1")},
	}
}

// Who may name which account, for every operation alike.
func TestTarget(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	for _, c := range []struct {
		name               string
		caller, target     string
		trusted, delegated bool
		// why is what follows the refusal; "allowed" means that there is none.
		why string
	}{
		{"management names a member", management, f.member, true, false, "allowed"},
		{"management names a member without trusted access", management, f.member, false, false, notTrusted},
		{"management names itself", management, management, true, false, onlyStandalone},
		{"management names a stranger", management, stranger, true, false, ""},
		{"management names no account", management, nobody, true, false, ""},
		{"a member names another", f.delegate, f.member, true, false, ""},
		{"a member names itself", f.member, f.member, true, false, ""},
		{"a member names management", f.member, management, true, false, ""},
		{"the delegate names a member", f.delegate, f.member, true, true, "allowed"},
		{"the delegate names itself", f.delegate, f.delegate, true, true, "allowed"},
		{"the delegate names management", f.delegate, management, true, true, onlyStandalone},
		{"the delegate names a stranger", f.delegate, stranger, true, true, ""},
		{"the delegate without trusted access", f.delegate, f.member, false, true, notTrusted},
		{"another member beside the delegate", f.member, f.delegate, true, true, ""},
		{"a stranger names a member", stranger, f.member, true, false, ""},
		{"a stranger names itself", stranger, stranger, true, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.trust(c.trusted, c.delegated)
			for operation, in := range inputs(&c.target) {
				_, err := f.do(f.as(c.caller), in)
				if c.why == "allowed" {
					if err != nil && strings.HasPrefix(err.Error(), "AccessDenied") {
						t.Errorf("%s: %v", operation, err)
					}
					continue
				}
				refused(t, err, "AccessDeniedException",
					"User: arn:aws:iam::"+c.caller+":user/ops is not authorized to perform: account:"+operation+c.why)
			}
		})
	}
}

// Without the parameter everybody reaches its own account, whatever its organization says.
func TestStandaloneContext(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	for _, caller := range []string{management, f.member, stranger} {
		for operation, in := range inputs(nil) {
			if strings.Contains(operation, "PrimaryEmail") {
				continue // the parameter is required there
			}
			if _, err := f.do(f.as(caller), in); err != nil && strings.HasPrefix(err.Error(), "AccessDenied") {
				t.Errorf("%s as %s: %v", operation, caller, err)
			}
		}
	}
}

// Consolidated billing alone gives nobody power over the members.
func TestConsolidatedBilling(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	var o org.Organization
	f.update(func(tx *store.Tx) (err error) {
		o, err = org.CreateOrganization(t.Context(), tx, stranger, org.FeatureSetConsolidatedBilling)
		f.org = o
		return err
	})
	f.trust(true, false)
	member := f.newMember("billed")
	for operation, in := range inputs(&member) {
		_, err := f.do(f.as(stranger), in)
		refused(t, err, "AccessDeniedException",
			"User: arn:aws:iam::"+stranger+":user/ops is not authorized to perform: account:"+operation+notTrusted)
	}
}
