package storetest

import (
	"errors"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

func testOrgGovCloud(t *testing.T, db *store.DB) {
	const linked, plain, gov = "222222222222", "333333333333", "888888888888"
	request := func(id, accountID string) org.CreateRequest {
		return org.CreateRequest{ID: id, OrganizationID: orgID, AccountName: id, State: org.CreateSucceeded, RequestedAt: orgTime, AccountID: accountID}
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertOrgCreateRequest(request("car-1", linked)), tx.InsertOrgCreateRequest(request("car-2", plain)),
			tx.InsertOrgGovCloudAccount(linked, gov),
		)
	})
	for _, again := range [][2]string{{linked, "999999999999"}, {plain, gov}} {
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertOrgGovCloudAccount(again[0], again[1]) })
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("linking %v: %v", again, err)
		}
	}
	view(t, db, func(tx *store.Tx) error {
		id, found, err := tx.OrgGovCloudAccount(linked)
		equal(t, "linked account", id, gov)
		equal(t, "linked", found, true)
		_, found, err2 := tx.OrgGovCloudAccount(plain)
		equal(t, "linked", found, false)
		taken, err3 := tx.OrgGovCloudAccountTaken(gov)
		equal(t, "taken", taken, true)
		taken, err4 := tx.OrgGovCloudAccountTaken(linked)
		equal(t, "taken", taken, false)
		one, two := request("car-1", linked), request("car-2", plain)
		one.GovCloudAccountID = gov
		r, _, err5 := tx.OrgCreateRequest(orgID, "car-1")
		equal(t, "request", r, one)
		list, err6 := tx.OrgCreateRequests(orgID, nil, "", 10)
		equal(t, "requests", list, []org.CreateRequest{one, two})
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
}
