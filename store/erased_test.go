package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestEraseAccount fills every table that has something of accounts for two of them, and
// erases one.
func TestEraseAccount(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			db := e.Open(t)
			named, of := store.Erased()
			columns := store.ArchivedColumns(t)
			const gone, stays = "111111111111", "222222222222"
			rows := func(tx *store.Tx, account string, check func(table string, n int)) {
				for _, table := range named {
					var n int
					if err := tx.Scan([]any{&n}, `select count(*) from `+table+` where account_id = $1`, account); err != nil {
						t.Fatal(err)
					}
					check(table, n)
				}
				for _, p := range of {
					var n int
					if err := tx.Scan([]any{&n}, `select count(*) from `+p[0]+` where `+p[1]+` = $1`, account+p[2]+p[3]); err != nil {
						t.Fatal(err)
					}
					check(p[0]+" of "+p[2], n)
				}
			}
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				for _, account := range []string{gone, stays} {
					for i := range named {
						table := named[len(named)-1-i]
						if err := insertRow(tx, table, columns[table], account, map[string]string{"account_id": account}); err != nil {
							return err
						}
					}
					for i := range of {
						p := of[len(of)-1-i]
						if err := insertRow(tx, p[0], columns[p[0]], account+p[2], map[string]string{p[1]: account + p[2] + p[3]}); err != nil {
							return err
						}
					}
				}
				return tx.EraseAccount(gone)
			})
			if err != nil {
				t.Fatal(err)
			}
			err = db.View(t.Context(), func(tx *store.Tx) error {
				rows(tx, gone, func(table string, n int) {
					if n != 0 {
						t.Errorf("%s: %d rows are left", table, n)
					}
				})
				rows(tx, stays, func(table string, n int) {
					if n != 1 {
						t.Errorf("%s: %d rows of the other account", table, n)
					}
				})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// insertRow fills a row: texts are the account, the table and the column, so that keys
// differ and parts find their owners; what is given goes first.
func insertRow(tx *store.Tx, table string, columns []string, account string, given map[string]string) error {
	var names, numbers []string
	var args []any
	for i, c := range columns {
		name, kind, _ := strings.Cut(c, " ")
		kind, _, _ = strings.Cut(kind, " ")
		value := any(account + table + name)
		switch {
		case given[name] != "":
			value = given[name]
		case kind == "integer":
			value = 1
		case kind == "blob":
			value = []byte(account)
		// What refers to another table.
		case table == "iam_members" && name == "user_id":
			value = strings.TrimSuffix(account, "iam_identities") + "iam_identitiesid"
		case table == "iam_attachments" && name == "identity_id":
			value = account + "iam_identitiesid"
		}
		names = append(names, name)
		numbers = append(numbers, fmt.Sprintf("$%d", i+1))
		args = append(args, value)
	}
	_, err := tx.Exec(`insert into `+table+` (`+strings.Join(names, ", ")+`) values (`+strings.Join(numbers, ", ")+`)`, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}
