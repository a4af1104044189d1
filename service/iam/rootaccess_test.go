package iam_test

import (
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestRootAccessFeatures(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			list := &iamapi.ListOrganizationsFeaturesInput{}
			(&refusal{"no organization", list, "OrganizationNotFoundException", ""}).check(t, f)
			var (
				o      org.Organization
				member string
			)
			f.update(t, func(tx *store.Tx) (err error) {
				if o, err = org.CreateOrganization(f.ctx, tx, home, "ALL"); err != nil {
					return err
				}
				made, err := org.CreateAccount(f.ctx, tx, o, org.Settings{}, org.NewAccount{Name: "Dev", Email: "dev@example.com"})
				member = made.AccountID
				return err
			})
			(&refusal{"no trusted access", list, "ServiceAccessNotEnabledException", ""}).check(t, f)
			f.update(t, func(tx *store.Tx) error { return org.EnableAWSServiceAccess(f.ctx, tx, o, "iam.amazonaws.com") })
			(&refusal{"a member", list, "AccountNotManagementOrDelegatedAdministratorException", ""}).checkAs(t, f, as(t, member, "x"))

			got, err := f.ListOrganizationsFeatures(f.ctx, list)
			noError(t, err)
			equal(t, "organization", *got.OrganizationId, o.ID)
			equal(t, "no features", len(got.EnabledFeatures), 0)
			noError(t, f.call(f.ctx, &iamapi.EnableOrganizationsRootSessionsInput{}))
			for range 2 {
				made, err := f.EnableOrganizationsRootCredentialsManagement(f.ctx, &iamapi.EnableOrganizationsRootCredentialsManagementInput{})
				noError(t, err)
				equal(t, "features", made.EnabledFeatures, []string{"RootCredentialsManagement", "RootSessions"})
			}
			f.update(t, func(tx *store.Tx) error {
				return org.RegisterDelegatedAdministrator(f.ctx, tx, o, member, "iam.amazonaws.com")
			})
			left, err := f.DisableOrganizationsRootCredentialsManagement(as(t, member, "x"), &iamapi.DisableOrganizationsRootCredentialsManagementInput{})
			noError(t, err)
			equal(t, "left", left.EnabledFeatures, []string{"RootSessions"})
			none, err := f.DisableOrganizationsRootSessions(f.ctx, &iamapi.DisableOrganizationsRootSessionsInput{})
			noError(t, err)
			equal(t, "none", len(none.EnabledFeatures), 0)
		})
	}
}
