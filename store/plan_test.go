package store_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// fullScan is SQLite's word for reading a whole table or index; reading what a query made
// itself (a list of values, a part of a recursive query) is none.
var fullScan = regexp.MustCompile(`^SCAN ([a-z_]+)`)

// tableNames finds the tables of a statement, whose names all have a domain in front, and
// their aliases, by which plans speak of them.
var tableNames = regexp.MustCompile(`\b(?:from|join|into|update)\s+([a-z]+_[a-z_]+)(?:\s+(?:as\s+)?([a-z]+))?`)

// wholeTables are the tables that may be read from end to end, with the reason.
var wholeTables = map[string]string{
	"schema_migrations": "one row for each migration",
}

// TestNoStatementReadsAWholeTable looks at the plan of every statement that the suites of
// the domains use: with 50,000 accounts, a statement without an index is an outage. And a query
// that is compiled at each call costs as much as several.
func TestNoStatementReadsAWholeTable(t *testing.T) {
	seen := make(map[string]bool)
	queries := 0
	e := storetest.Memory()
	e.Closing = func(t testing.TB, db *store.DB) {
		// The test's own context has ended by now.
		err := db.Update(context.Background(), func(tx *store.Tx) error {
			for _, text := range db.Prepared() {
				if !seen[text] && planned(text) {
					seen[text] = true
					checkPlan(t, tx, text)
					if strings.HasPrefix(strings.TrimSpace(text), "select") {
						queries++
						checkCompilations(t, tx, text)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	storetest.Org(t, e)
	storetest.Handshakes(t, e)
	storetest.Transfers(t, e)
	storetest.IAM(t, e)
	storetest.IAMExtra(t, e)
	storetest.IAMDelegation(t, e)
	storetest.IAMAccess(t, e)
	storetest.Resources(t, e)
	storetest.IAMOutbound(t, e)
	storetest.Account(t, e)
	storetest.Reseal(t, e)
	storetest.Audit(t, e)
	if len(seen) < 20 {
		t.Errorf("only %d statements were looked at", len(seen))
	}
	t.Logf("%d statements, %d of them queries", len(seen), queries)
}

func checkCompilations(t testing.TB, tx *store.Tx, text string) {
	t.Helper()
	if n, err := tx.Compilations(text); err != nil || n > 0 {
		t.Errorf("compiled %d times more, %v: %s", n, err, strings.Join(strings.Fields(text), " "))
	}
}

// planned reports whether a statement has a plan to look at.
func planned(text string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch strings.Fields(word + " x")[0] {
	case "select", "insert", "update", "delete", "with":
		return true
	}
	return false
}

func checkPlan(t testing.TB, tx *store.Tx, text string) {
	t.Helper()
	steps, err := tx.Plan(text)
	if err != nil {
		t.Errorf("%v: %s", err, text)
		return
	}
	aliases := make(map[string]string)
	for _, m := range tableNames.FindAllStringSubmatch(text, -1) {
		aliases[m[1]] = m[1]
		if m[2] != "" {
			aliases[m[2]] = m[1]
		}
	}
	for _, step := range steps {
		m := fullScan.FindStringSubmatch(step)
		if m == nil || aliases[m[1]] == "" || wholeTables[aliases[m[1]]] != "" {
			continue
		}
		// In the order of the key, and no further than the limit, is not the whole table.
		if strings.Contains(text, "select seq from "+aliases[m[1]]+" order by seq limit ") {
			continue
		}
		t.Errorf("%s (%s) in: %s", step, aliases[m[1]], strings.Join(strings.Fields(text), " "))
	}
}
