package organizations_test

import (
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestCreateGovCloudAccount(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			ctx := s.as(management)
			create := func(email string) *organizationsapi.CreateAccountStatus {
				t.Helper()
				made, err := s.CreateGovCloudAccount(ctx, &organizationsapi.CreateGovCloudAccountInput{
					AccountName: new("Gov"), Email: &email, RoleName: new("Admin"), Tags: []organizationsapi.Tag{{Key: new("Team"), Value: new("a")}},
				})
				if err != nil {
					t.Fatal(err)
				}
				if st := made.CreateAccountStatus; *st.State != "IN_PROGRESS" || st.AccountId != nil || st.GovCloudAccountId != nil {
					t.Errorf("first status = %s", show(t, st))
				}
				out, err := s.DescribeCreateAccountStatus(ctx, &organizationsapi.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
				if err != nil {
					t.Fatal(err)
				}
				return out.CreateAccountStatus
			}
			st := create("gov@example.com")
			if *st.State != "SUCCEEDED" || st.AccountId == nil || st.GovCloudAccountId == nil || *st.AccountId == *st.GovCloudAccountId {
				t.Fatalf("status = %s", show(t, st))
			}
			tags := ok(t)(s.ListTagsForResource(ctx, &organizationsapi.ListTagsForResourceInput{ResourceId: st.AccountId})).(*organizationsapi.ListTagsForResourceOutput)
			if len(tags.Tags) != 1 {
				t.Errorf("tags = %s", show(t, tags))
			}
			err := s.DB.View(t.Context(), func(tx *store.Tx) error {
				_, found, err := iam.RoleByName(t.Context(), tx, *st.AccountId, "Admin")
				if !found {
					t.Error("the role is not there")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			failed := create("gov@example.com")
			if *failed.State != "FAILED" || *failed.FailureReason != "EMAIL_ALREADY_EXISTS" || failed.GovCloudAccountId != nil || failed.AccountId != nil {
				t.Errorf("status for an address that is taken = %s", show(t, failed))
			}
			// An account of the ordinary kind is linked to nothing.
			plain := s.account("plain@example.com")
			list := ok(t)(s.ListCreateAccountStatus(ctx, &organizationsapi.ListCreateAccountStatusInput{})).(*organizationsapi.ListCreateAccountStatusOutput)
			for _, r := range list.CreateAccountStatuses {
				if r.AccountId != nil && (r.GovCloudAccountId == nil) != (*r.AccountId == plain) {
					t.Errorf("status = %s", show(t, r))
				}
			}
		})
	}
}
