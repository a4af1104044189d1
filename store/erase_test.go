package store

import (
	"slices"
	"testing"
)

// keeps are the tables that name accounts and keep what they say when one is erased, each
// with the reason.
var keeps = map[string]string{
	"audit_events":                 "the event log is kept for its days",
	"audit_resources":              "of the event log",
	"audit_packs":                  "the event log is kept for its days",
	"org_delegated_administrators": "of the organization, which deregisters the account",
	"org_create_requests":          "the organization's own record",
	"iam_deletion_tasks":           "they go after a while by themselves",
	"org_invalid_policies":         "of the organization, which forgets them when the account leaves it",
}

// TestErasingForgetsNoTable looks for tables that EraseAccount should know of: what a
// deleted account leaves behind would be a leak.
func TestErasingForgetsNoTable(t *testing.T) {
	for _, table := range knownTables(t) {
		named := slices.ContainsFunc(table.columns, func(c column) bool { return c.name == "account_id" })
		if named && !slices.Contains(owned, table.name) && keeps[table.name] == "" {
			t.Errorf("%s has rows of accounts, and EraseAccount leaves them", table.name)
		}
		for _, c := range table.columns {
			switch c.name {
			case "owner_id", "role_id", "group_id", "user_id", "identity_id", "policy_id", "provider", "resource_arn":
			default:
				continue
			}
			if !named && table.name != "iam_delegation_requests" && !slices.ContainsFunc(parts, func(p struct{ table, column, owners, key string }) bool { return p.table == table.name }) &&
				table.name[:4] != "org_" {
				t.Errorf("%s has rows of things that accounts own (%s), and EraseAccount leaves them", table.name, c.name)
			}
		}
	}
}
