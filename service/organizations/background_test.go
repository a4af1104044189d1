package organizations_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/service/organizations"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// A closed account is gone after 90 days, with its roles, and the management account learns
// of it.
func TestClosedAccountsAreCleaned(t *testing.T) {
	now := start
	db := storetest.Memory().Open(t, func(o *store.Options) { o.Now = func() time.Time { return now } })
	s := &scene{Service: &organizations.Service{DB: db, Settings: org.Settings{AccountLimit: 100}}, t: t}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(t.Context(), tx, management, "Boss", "boss@example.com")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ok(t)(s.CreateOrganization(s.as(management), &organizationsapi.CreateOrganizationInput{}))
	member := s.account("a@example.com")
	ok(t)(s.CloseAccount(s.as(management), &organizationsapi.CloseAccountInput{AccountId: &member}))
	clean := func() (n int, events []string, role bool) {
		t.Helper()
		err := db.Update(t.Context(), func(tx *store.Tx) (err error) {
			if n, err = organizations.DeleteClosedAccounts(t.Context(), tx, 5); err != nil {
				return err
			}
			if _, role, err = iam.RoleByName(t.Context(), tx, member, org.DefaultRoleName); err != nil {
				return err
			}
			all, err := tx.AuditEvents(audit.Query{AccountID: management, Limit: 100})
			for _, e := range all {
				events = append(events, e.Name+" "+string(e.Record))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, events, role
	}
	now = start.AddDate(0, 0, 89)
	if n, _, role := clean(); n != 0 || !role {
		t.Errorf("after 89 days: %d, role there %v", n, role)
	}
	now = start.AddDate(0, 0, 90)
	n, events, role := clean()
	departed := slices.ContainsFunc(events, func(e string) bool {
		return strings.HasPrefix(e, "AccountDepartedOrganization ") && strings.Contains(e, `"departureMethod":"CLEANED"`) && strings.Contains(e, member)
	})
	if n != 1 || role || !departed {
		t.Errorf("after 90 days: %d, role there %v, events %v", n, role, events)
	}
}
