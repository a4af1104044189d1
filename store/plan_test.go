package store_test

import (
	"context"
	"encoding/json"
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
	for _, suite := range []func(*testing.T, storetest.Engine){
		storetest.Org, storetest.Handshakes, storetest.Transfers, storetest.IAM, storetest.IAMExtra, storetest.IAMDelegation,
		storetest.IAMAccess, storetest.Resources, storetest.IAMOutbound, storetest.Account, storetest.Reseal, storetest.Audit,
	} {
		suite(t, e)
	}
	if queries < 100 {
		t.Errorf("only %d of %d statements are queries", queries, len(seen))
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		db := storetest.Postgres().Open(t)
		update(t, db, func(tx *store.Tx) error {
			for text := range seen {
				checkPostgresPlan(t, tx, text)
			}
			return nil
		})
	})
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

// postgresPlan is a step of a plan of PostgreSQL, with those below it.
type postgresPlan struct {
	Node  string         `json:"Node Type"`
	Table string         `json:"Relation Name"`
	Index string         `json:"Index Cond"`
	Plans []postgresPlan `json:"Plans"`
}

// checkPostgresPlan looks for steps that read a table without a condition on an index. The
// tables are empty, so that only what the sessions of the store ask for keeps PostgreSQL from
// reading them whole.
func checkPostgresPlan(t testing.TB, tx *store.Tx, text string) {
	t.Helper()
	steps, err := tx.PostgresPlan(text)
	if err != nil {
		t.Errorf("%v: %s", err, text)
		return
	}
	var plans []struct{ Plan postgresPlan }
	if err := json.Unmarshal(steps, &plans); err != nil || len(plans) != 1 {
		t.Errorf("%v: %s", err, steps)
		return
	}
	var look func(p postgresPlan, limited bool)
	look = func(p postgresPlan, limited bool) {
		if p.Table != "" && strings.HasSuffix(p.Node, "Scan") && p.Node != "Bitmap Heap Scan" && p.Index == "" && wholeTables[p.Table] == "" && !limited {
			t.Errorf("PostgreSQL: %s of %s in: %s", p.Node, p.Table, strings.Join(strings.Fields(text), " "))
		}
		for _, below := range p.Plans {
			// In the order of an index, and no further than the limit, is not the whole table.
			look(below, p.Node == "Limit" && strings.HasPrefix(below.Node, "Index"))
		}
	}
	look(plans[0].Plan, false)
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
