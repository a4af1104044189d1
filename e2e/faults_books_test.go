package e2e

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"

	"github.com/bailiwick/bailiwick/audit"
)

// books opens the store of a server that does not run, with nothing of ours between. For
// SQLite it is a copy of the files as the dead process left them, so that recovering them
// is still the next server's work.
func (s *server) books(t testing.TB) *sql.DB {
	t.Helper()
	driver, source := "pgx", s.url
	if s.url == "" {
		driver, source = "sqlite3", s.copyOfDatabase(t)
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	return db
}

func (s *server) copyOfDatabase(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"bailiwick.db", "bailiwick.db-wal"} {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if os.IsNotExist(err) {
			continue
		}
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	return filepath.Join(dir, "bailiwick.db")
}

// imbalances are questions to the store whose answers must be empty: what can only be there
// if a transaction was written in part.
var imbalances = map[string]string{
	"an account without a parent": `
		select id from org_accounts a where organization_id <> '' and
			parent_id not in (select id from org_units u where u.organization_id = a.organization_id) and
			parent_id not in (select root_id from org_organizations)`,
	"an account without FullAWSAccess": `
		select id from org_accounts a where organization_id <> '' and not exists (
			select 1 from org_attachments t where t.organization_id = a.organization_id and t.target_id = a.id and t.policy_id = 'p-FullAWSAccess')`,
	"a created account without its role": `
		select id from org_accounts a where created = 1 and not exists (
			select 1 from iam_identities i where i.account_id = a.id and i.kind = 'role' and i.name = 'OrganizationAccountAccessRole')`,
	"a created account without a request that succeeded": `
		select id from org_accounts a where created = 1 and not exists (
			select 1 from org_create_requests r where r.account_id = a.id and r.state = 'SUCCEEDED')`,
	"a request without its account": `
		select id from org_create_requests where state <> 'FAILED' and account_id not in (select id from org_accounts)`,
	"an identity of no account": `
		select id from iam_identities where account_id not in (select id from org_accounts)`,
	"an access key of nobody": `
		select id from iam_access_keys where account_id not in (select id from org_accounts)`,
	"a policy attached to nothing": `
		select target_id from org_attachments where target_id not in (select id from org_accounts)
			and target_id not in (select id from org_units) and target_id not in (select root_id from org_organizations)`,
	"a unit without a parent": `
		select id from org_units where parent_id not in (select id from org_units) and parent_id not in (select root_id from org_organizations)`,
	"a unit without FullAWSAccess": `
		select id from org_units u where not exists (select 1 from org_attachments t where t.target_id = u.id and t.policy_id = 'p-FullAWSAccess')`,
	"a count of accounts that is wrong": `
		select organization_id from org_counters c where name = 'accounts' and value <> (
			select count(*) from org_accounts a where a.organization_id = c.organization_id)`,
	"a count of units that is wrong": `
		select organization_id from org_counters c where name = 'units' and value <> (
			select count(*) from org_units u where u.organization_id = c.organization_id)`,
}

// balanced expects the store of a server that does not run to be whole.
func (s *server) balanced(t testing.TB) {
	t.Helper()
	db := s.books(t)
	defer db.Close()
	ctx := context.Background()
	if s.url == "" {
		var verdict string
		must(t, db.QueryRowContext(ctx, "pragma integrity_check").Scan(&verdict))
		if verdict != "ok" {
			t.Errorf("integrity check: %s", verdict)
		}
		imbalances := map[string]string{"a broken reference": "select \"table\" from pragma_foreign_key_check"}
		answersEmpty(t, db, imbalances)
	}
	answersEmpty(t, db, imbalances)
	createdWithEvents(t, db)
}

// loggedEvents are all audit events of a store.
func loggedEvents(t testing.TB, db *sql.DB) (all []audit.Event) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "select events from audit_packs")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var pack audit.Pack
		must(t, rows.Scan(&pack.Data))
		events, err := pack.Events()
		must(t, err)
		all = append(all, events...)
	}
	must(t, rows.Err())
	return all
}

// createdWithEvents expects the event of its creation for each account that was created.
func createdWithEvents(t testing.TB, db *sql.DB) {
	t.Helper()
	var records strings.Builder
	for _, e := range loggedEvents(t, db) {
		if e.Name == "CreateAccountResult" {
			records.Write(e.Record)
		}
	}
	rows, err := db.QueryContext(context.Background(), "select id from org_accounts where created = 1")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		if !strings.Contains(records.String(), id) {
			t.Errorf("no event of the creation of account %s", id)
		}
	}
	must(t, rows.Err())
}

func answersEmpty(t testing.TB, db *sql.DB, questions map[string]string) {
	t.Helper()
	for what, question := range questions {
		var found string
		err := db.QueryRowContext(context.Background(), question).Scan(&found)
		switch {
		case err == nil:
			t.Errorf("%s: %s", what, found)
		case err != sql.ErrNoRows:
			t.Errorf("%s: %v", what, err)
		}
	}
}
