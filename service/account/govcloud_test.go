package account_test

import (
	"testing"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestGovCloudAccountInformation(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.trust(true, false)
			var r org.CreateRequest
			f.update(func(tx *store.Tx) (err error) {
				r, err = org.CreateGovCloudAccount(t.Context(), tx, f.org, org.Settings{AccountLimit: 100}, org.NewAccount{Name: "Gov", Email: "gov@example.com"})
				return err
			})
			get := func(id *string) *accountapi.GetGovCloudAccountInformationInput {
				return &accountapi.GetGovCloudAccountInformationInput{StandardAccountId: id}
			}
			const none = "No GovCloud account is linked to the account."
			refused(t, only(f.do(f.as(management), get(&f.member))), "ResourceNotFoundException", none)
			refused(t, only(f.do(f.as(management), get(nil))), "ResourceNotFoundException", none)
			is := func(state string) {
				t.Helper()
				want := smithy.Shape(&accountapi.GetGovCloudAccountInformationOutput{GovCloudAccountId: &r.GovCloudAccountID, AccountState: &state})
				equal(t, "from the management account", f.must(f.as(management), get(&r.AccountID)), want)
				equal(t, "from itself", f.must(f.as(r.AccountID), get(nil)), want)
			}
			is("ACTIVE")
			f.update(func(tx *store.Tx) error {
				a, _, err := tx.OrgAccount(r.AccountID)
				if err != nil {
					return err
				}
				a.State = org.StatePendingClosure
				return tx.UpdateOrgAccount(a)
			})
			is("SUSPENDED")
		})
	}
}
