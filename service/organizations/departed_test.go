package organizations_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// settle gives an account one of each thing that it can have with others.
func settle(t *testing.T, db *store.DB, id string) {
	t.Helper()
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		role, _, err := iam.RoleByName(t.Context(), tx, id, org.DefaultRoleName)
		later := tx.Now().AddDate(1, 0, 0)
		return errors.Join(err,
			tx.IAMPutPartner(iam.Partner{AccountID: id, Domain: id + ".example.com", Name: "P"}),
			tx.IAMInsertDelegation(iam.DelegationRequest{ID: "d-" + id, Requestor: stranger, WorkflowID: "w-" + id, OwnerAccount: id, State: iam.DelegationUnassigned, ExpiresAt: later}),
			tx.IAMPutOutboundIssuer(iam.OutboundIssuer{AccountID: id, ID: "i-" + id, Enabled: true}),
			tx.IAMInsertOutboundKey(iam.OutboundKey{ID: "k-" + id, AccountID: id, Algorithm: iam.AlgorithmES384, Public: []byte{1}, Sealed: []byte{1}}),
			tx.PutRegisteredResource(resource.Resource{ARN: "arn:aws:s3:::b-" + id, AccountID: id, Type: "AWS::S3::Bucket"}),
			tx.IAMSetRoleSource(role.ID, iam.RoleSource{TemplateARN: "arn:t", Minor: 1}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// has returns the names of what is left of that; roleID is the role's, which may be gone.
func has(t *testing.T, db *store.DB, id, roleID string) []string {
	t.Helper()
	found := map[string]bool{}
	err := db.View(t.Context(), func(tx *store.Tx) error {
		var errs [6]error
		var keys []iam.OutboundKey
		_, found["partner"], errs[0] = tx.IAMPartner(id)
		_, found["request"], errs[1] = tx.IAMDelegation("d-" + id)
		_, found["issuer"], errs[2] = tx.IAMOutboundIssuer(id)
		keys, errs[3] = tx.IAMOutboundKeys(id)
		found["key"] = len(keys) > 0
		_, found["bucket"], errs[4] = tx.RegisteredResource("arn:aws:s3:::b-" + id)
		_, found["source"], errs[5] = tx.IAMRoleSource(roleID)
		return errors.Join(errs[:]...)
	})
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(found, func(_ string, there bool) bool { return !there })
	return slices.Sorted(maps.Keys(found))
}

// What an account has with others stays its own when it leaves its organization and while it
// is closed, and goes with it when it is deleted.
func TestWhatAccountsHaveWithOthers(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { testDepartures(t, e) })
	}
}

func testDepartures(t *testing.T, e storetest.Engine) {
	now := start
	db := e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return now } })
	s := &scene{Service: &organizations.Service{DB: db, Settings: org.Settings{AccountLimit: 100}}, t: t}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(t.Context(), tx, management, "Boss", "boss@example.com")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ok(t)(s.CreateOrganization(s.as(management), &organizationsapi.CreateOrganizationInput{}))
	leaves, closes := s.account("a@example.com"), s.account("b@example.com")
	roles := map[string]string{}
	for _, id := range []string{leaves, closes} {
		settle(t, db, id)
		err := db.View(t.Context(), func(tx *store.Tx) error {
			role, _, err := iam.RoleByName(t.Context(), tx, id, org.DefaultRoleName)
			roles[id] = role.ID
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(when, id string, want ...string) {
		t.Helper()
		if got := has(t, db, id, roles[id]); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	all := []string{"bucket", "issuer", "key", "partner", "request", "source"}
	ok(t)(s.CloseAccount(s.as(management), &organizationsapi.CloseAccountInput{AccountId: &closes}))
	check("closed", closes, all...)
	now = start.AddDate(0, 0, 90)
	ok(t)(s.RemoveAccountFromOrganization(s.as(management), &organizationsapi.RemoveAccountFromOrganizationInput{AccountId: &leaves}))
	check("removed", leaves, all...)
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		n, err := organizations.DeleteClosedAccounts(t.Context(), tx, 5)
		if n != 1 {
			t.Errorf("%d accounts are deleted", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check("deleted", closes)
	check("still removed", leaves, all...)
}
