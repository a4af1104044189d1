package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// rosterVersion is the migration that made core_nodes.
const rosterVersion = 21

// How often a node of a shared database says that it runs, and for how long its word counts.
const (
	nodeBeat = 5 * time.Second
	nodeLife = 20 * time.Second
)

// ErrOlderNodes says that the schema has to change in a way that nodes of an older version,
// which still run, cannot live with. They must be stopped first.
var ErrOlderNodes = errors.New("store: nodes of an older version are running")

// databaseClock is the time of the database in microseconds since 1970: nodes' own clocks may
// differ.
const databaseClock = `(extract(epoch from clock_timestamp()) * 1000000)::bigint`

// newest is the newest migration of a schema.
func newest(schema []migration) int {
	if len(schema) == 0 {
		return 0
	}
	return schema[len(schema)-1].version
}

// enrol puts this node on the roster, in the transaction that compared the schemas: whoever
// changes the schema next sees it there.
func (p *postgres) enrol(tx *Tx) error {
	if newest(p.db.schema) < rosterVersion {
		return nil
	}
	_, err := tx.exec(`insert into core_nodes (id, version, knows, began_at, seen_at)
		values ($1, $2, $3, `+databaseClock+`, `+databaseClock+`)`, p.node, p.db.options.Version, newest(p.db.schema))
	return err
}

// makeWay refuses migrations that are not safe beside the nodes that run.
func (p *postgres) makeWay(tx *Tx, missing []migration) error {
	breaking := 0
	var name string
	for _, m := range missing {
		if m.breaking {
			breaking, name = m.version, fmt.Sprintf("%04d_%s", m.version, m.name)
		}
	}
	if breaking == 0 {
		return nil
	}
	var kept bool
	if err := tx.queryRow(`select to_regclass('core_nodes') is not null`).Scan(&kept); err != nil || !kept {
		return err
	}
	var count int
	var versions string
	err := tx.queryRow(`select count(*), coalesce(string_agg(distinct version, ', '), '') from core_nodes
		where knows < $1 and seen_at > `+databaseClock+` - $2`, breaking, p.db.options.nodeLife.Microseconds()).Scan(&count, &versions)
	if err != nil || count == 0 {
		return err
	}
	return fmt.Errorf("%w: migration %s is not safe while they do; stop all %d nodes of version %s, then start this one",
		ErrOlderNodes, name, count, versions)
}

// beat says that this node runs, and strikes those from the roster that have not for long.
func (f *follower) beat(ctx context.Context) error {
	if newest(f.db.schema) < rosterVersion || time.Since(f.beaten) < f.db.options.nodeBeat {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, staleAfter)
	defer cancel()
	_, err := f.conn.Exec(ctx, `update core_nodes set seen_at = `+databaseClock+` where id = $1`, f.node)
	if err != nil {
		return err
	}
	_, err = f.conn.Exec(ctx, `delete from core_nodes where seen_at < `+databaseClock+` - $1`, (24 * time.Hour).Microseconds())
	f.beaten = time.Now()
	return err
}

// leave strikes this node from the roster.
func (p *postgres) leave() {
	if newest(p.db.schema) < rosterVersion {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	// If it fails, the row counts for some seconds more.
	_, _ = p.pool.ExecContext(ctx, `delete from core_nodes where id = $1`, p.node)
}

// breakingMark begins a migration that older nodes cannot live with; the reason follows.
const breakingMark = "-- breaking: "

// checkAdditive refuses a migration that is not marked as breaking and is not sure to leave
// what older nodes read and write as it is. What was there before the roster is not looked at.
func checkAdditive(m migration) error {
	if m.breaking || m.version <= rosterVersion {
		return nil
	}
	var made []string
	for _, statement := range statements(m.text) {
		words := strings.Fields(strings.ToLower(statement))
		form := strings.Join(words[:min(2, len(words))], " ")
		on := ""
		for i, word := range words[:len(words)-1] {
			if word == "on" {
				on, _, _ = strings.Cut(words[i+1], "(")
				break
			}
		}
		switch {
		case form == "create table":
			made = append(made, strings.TrimSuffix(words[2], "("))
		case form == "create index", form == "drop index":
		case form == "create unique" && slices.Contains(made, on):
		case form == "alter table" && len(words) > 4 && words[3] == "add" && words[4] == "column" &&
			(!slices.Contains(words, "null") || !slices.Contains(words, "not") || slices.Contains(words, "default")):
		default:
			return fmt.Errorf("migration %04d_%s: nodes of the version before may not live with %.60q: mark the file with %q and a reason",
				m.version, m.name, statement, breakingMark)
		}
	}
	return nil
}
