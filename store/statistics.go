package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// AnalyzeGrown has PostgreSQL look at the tables that have more than twice the rows that they
// had when it last did, and returns how many there were.
//
// A plan that was made while a table was empty reads by whichever index comes first, which may
// be that of all of an organization's rows, and a connection keeps it until the table is
// analyzed. The server does that by itself after some minutes; until then, what fills a new
// database pays for each row with a look at all before it. (PostgreSQL documentation, "ANALYZE"
// and "PREPARE".) One node of all should call it every few seconds. On SQLite, which goes by
// the form of a statement alone here, it does nothing.
func (db *DB) AnalyzeGrown(ctx context.Context) (tables int, more bool, err error) {
	p, shared := db.engine.(*postgres)
	if !shared {
		return 0, false, nil
	}
	grown, err := p.grown(ctx)
	if err != nil {
		return 0, false, classifyPostgres(err)
	}
	for _, table := range grown {
		// A table that is being analyzed already is passed over.
		if _, err := p.pool.ExecContext(ctx, `analyze (skip_locked) `+pgx.Identifier{table}.Sanitize()); err != nil {
			return tables, false, classifyPostgres(err)
		}
		tables++
	}
	return tables, false, nil
}

// fewRows need no statistics: they are on a few pages, whichever way they are read.
const fewRows = 100

// grown returns the tables whose statistics are out of date.
func (p *postgres) grown(ctx context.Context) ([]string, error) {
	rows, err := p.pool.QueryContext(ctx, `
		select s.relname from pg_stat_user_tables s join pg_class c on c.oid = s.relid
		where s.schemaname = current_schema() and s.n_live_tup >= $1 and s.n_live_tup > 2 * c.reltuples`, fewRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var grown []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		grown = append(grown, table)
	}
	return grown, rows.Err()
}
