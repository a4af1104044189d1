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
			made := func(email string) (r org.CreateRequest) {
				t.Helper()
				f.update(func(tx *store.Tx) (err error) {
					r, err = org.CreateGovCloudAccount(t.Context(), tx, f.org, org.Settings{AccountLimit: 100}, org.NewAccount{Name: "Gov", Email: email})
					return err
				})
				return r
			}
			r, closed := made("gov@example.com"), made("gov2@example.com")
			get := func(id *string) *accountapi.GetGovCloudAccountInformationInput {
				return &accountapi.GetGovCloudAccountInformationInput{StandardAccountId: id}
			}
			const none = "No GovCloud account is linked to the account."
			refused(t, only(f.do(f.as(management), get(&f.member))), "ResourceNotFoundException", none)
			refused(t, only(f.do(f.as(management), get(nil))), "ResourceNotFoundException", none)
			is := func(r org.CreateRequest, state string) {
				t.Helper()
				want := smithy.Shape(&accountapi.GetGovCloudAccountInformationOutput{GovCloudAccountId: &r.GovCloudAccountID, AccountState: &state})
				equal(t, "from the management account", f.must(f.as(management), get(&r.AccountID)), want)
				equal(t, "from itself", f.must(f.as(r.AccountID), get(nil)), want)
			}
			is(r, "ACTIVE")
			f.update(func(tx *store.Tx) error {
				return org.CloseAccount(t.Context(), tx, f.org, org.Settings{}, closed.AccountID)
			})
			is(closed, "CLOSED")
			is(r, "ACTIVE")
			f.update(func(tx *store.Tx) error {
				a, _, err := tx.OrgAccount(r.AccountID)
				if err != nil {
					return err
				}
				a.State = org.StatePendingClosure
				return tx.UpdateOrgAccount(a)
			})
			is(r, "SUSPENDED")
		})
	}
}
