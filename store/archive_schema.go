package store

import (
	"fmt"
	"slices"
	"strings"
)

// table is what an archive must know of a table: read from the migrations, which are the
// same text for both engines.
type table struct {
	name    string
	columns []column
	// key are the columns of the primary key, in its order.
	key []string
	// numbered says that the key is one number that the engine chooses. Nothing refers to
	// such a number: it is left out of archives and chosen anew, in the same order.
	numbered bool
}

// column is one column; kind is its portable type.
type column struct{ name, kind string }

// transient are the tables that no archive has: what nodes tell each other about changes and
// themselves, and the list of migrations, which stands in the head of the archive.
var transient = []string{"core_changes", "core_nodes", "schema_migrations"}

// auditTables begin with this.
const auditTables = "audit_"

// tablesOf returns the tables of a schema in the order in which they can be filled: a table
// comes after those it refers to, since it was made after them.
func tablesOf(schema []migration) ([]table, error) {
	var out []table
	for _, m := range schema {
		for _, statement := range statements(m.text) {
			var err error
			if out, err = applyTo(out, statement); err != nil {
				return nil, fmt.Errorf("migration %04d_%s: %w", m.version, m.name, err)
			}
		}
	}
	return slices.DeleteFunc(out, func(t table) bool { return slices.Contains(transient, t.name) }), nil
}

// applyTo follows one statement of a migration. It refuses a form that it does not know:
// an archive that lacks a column would be a loss that shows too late.
func applyTo(tables []table, statement string) ([]table, error) {
	head, body, _ := strings.Cut(statement, "(")
	words := strings.Fields(strings.ToLower(head))
	switch form := strings.Join(words[:min(2, len(words))], " "); {
	case form == "create table" && len(words) == 3:
		t, err := readTable(words[2], strings.TrimSuffix(strings.TrimSpace(body), ")"))
		return append(tables, t), err
	case form == "alter table" && len(words) >= 7 && words[3] == "add" && words[4] == "column":
		i := slices.IndexFunc(tables, func(t table) bool { return t.name == words[2] })
		if i < 0 {
			return nil, fmt.Errorf("unknown table %s", words[2])
		}
		tables[i].columns = append(tables[i].columns, column{words[5], words[6]})
		return tables, nil
	case slices.Contains([]string{"create index", "create unique", "drop index"}, form),
		len(words) > 0 && slices.Contains([]string{"insert", "update", "delete"}, words[0]):
		return tables, nil
	}
	return nil, fmt.Errorf("archives do not know the statement %.60q", statement)
}

func readTable(name, body string) (table, error) {
	t := table{name: name}
	for _, item := range splitItems(strings.ToLower(body)) {
		words := strings.Fields(item)
		if len(words) < 2 {
			return t, fmt.Errorf("table %s: %q is no column", name, item)
		}
		switch first, _, _ := strings.Cut(words[0], "("); first {
		case "primary":
			_, list, _ := strings.Cut(item, "(")
			for key := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(list), ")"), ",") {
				t.key = append(t.key, strings.TrimSpace(key))
			}
			continue
		case "unique", "foreign", "check", "constraint":
			continue
		}
		t.columns = append(t.columns, column{words[0], words[1]})
		if strings.Contains(item, "primary key") {
			t.key = []string{words[0]}
			t.numbered = words[1] == "integer" && words[2] == "primary"
		}
	}
	if len(t.key) == 0 {
		return t, fmt.Errorf("table %s has no primary key", name)
	}
	return t, nil
}

// splitItems cuts at the commas outside of parentheses.
func splitItems(body string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(body) {
		switch body[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, body[from:i])
				from = i + 1
			}
		}
	}
	return append(out, body[from:])
}

// carried are the columns that an archive has.
func (t table) carried() []column {
	if !t.numbered {
		return t.columns
	}
	return slices.DeleteFunc(slices.Clone(t.columns), func(c column) bool { return c.name == t.key[0] })
}

// names are the names of the carried columns.
func (t table) names() []string {
	var out []string
	for _, c := range t.carried() {
		out = append(out, c.name)
	}
	return out
}
