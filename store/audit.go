package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/audit"
)

// AppendEvents stores events in a transaction of their own; it makes DB an [audit.Sink].
func (db *DB) AppendEvents(ctx context.Context, events []audit.Event) error {
	packs := audit.Packs(events)
	return db.Update(ctx, func(tx *Tx) error { return tx.appendPacks(packs) })
}

// AppendEvents adds events to the log. Events that are in it already may be added again, as a
// batch is whose first attempt ended unknown: they are found once.
func (tx *Tx) AppendEvents(events []audit.Event) error { return tx.appendPacks(audit.Packs(events)) }

// packsPerStatement is how many packs one statement inserts.
const packsPerStatement = 16

func (tx *Tx) appendPacks(packs []audit.Pack) error {
	for len(packs) > 0 {
		n, statement := 1, insertOnePack
		if len(packs) >= packsPerStatement {
			n, statement = packsPerStatement, insertManyPacks
		}
		args := make([]any, 0, n*packColumns)
		for i := range packs[:n] {
			p := &packs[i]
			args = append(args, p.ID, p.AccountID, p.First, p.Last, p.Data)
		}
		if err := tx.later(statement, args...); err != nil {
			return err
		}
		packs = packs[n:]
	}
	return nil
}

const packColumns = 5

var (
	insertOnePack   = insertPacks(1)
	insertManyPacks = insertPacks(packsPerStatement)
)

// insertPacks writes the statement that inserts n packs.
func insertPacks(n int) string {
	var b strings.Builder
	b.WriteString("insert into audit_packs (id, account_id, first_at, last_at, events) values (")
	for i := range n * packColumns {
		switch {
		case i == 0:
		case i%packColumns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteString(") on conflict (id) do nothing")
	return b.String()
}

// AuditEvents returns the events that q asks for, newest first.
func (tx *Tx) AuditEvents(q audit.Query) ([]audit.Event, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	start, end := bounds(&q)
	// An id says when its event was, so that one need not look through all of the log.
	if at, ok := audit.TimeOf(q.Value); q.Attribute == audit.ByEventID && ok {
		found, err := tx.auditEvents(&q, max(start, at.Add(-idSlack).UnixMicro()), min(end, at.Add(idSlack).UnixMicro()))
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return tx.auditEvents(&q, start, end)
}

// idSlack is how far the time in an event's id is from the event's at most, as a rule.
const idSlack = time.Second

// endOfTime is after every time in the log, in microseconds.
const endOfTime = int64(1) << 62

// bounds returns the times between which events are asked for, both inclusive.
func bounds(q *audit.Query) (start, end int64) {
	end = endOfTime
	if !q.Start.IsZero() {
		start = q.Start.UnixMicro()
	}
	if !q.End.IsZero() {
		end = q.End.UnixMicro()
	}
	if !q.After.IsZero() {
		end = min(end, q.After.At.UnixMicro())
	}
	return start, end
}

// auditEvents looks for events between two times, in packs and among those from before there
// were packs.
func (tx *Tx) auditEvents(q *audit.Query, start, end int64) ([]audit.Event, error) {
	found := audit.NewPage(*q)
	// A pack may begin in time and end later.
	err := goBack(found, end+audit.PackSpan.Microseconds(), func(before audit.Cursor, limit int) (int, audit.Cursor, error) {
		return tx.findPacked(found, q.AccountID, start, end, before, limit)
	})
	if err != nil {
		return nil, err
	}
	err = goBack(found, end, func(before audit.Cursor, limit int) (int, audit.Cursor, error) {
		return tx.findUnpacked(found, q.AccountID, start, before, limit)
	})
	if err != nil {
		return nil, err
	}
	return found.Events(), nil
}

// The log is read in steps, twice as many rows in each as in the one before: the newest ones
// have all that most look-ups want, and rare events may be in none.
const (
	foundAtFirst = 2
	foundAtOnce  = 64
)

// goBack reads rows from the newest one up to a time to the oldest, until those that are left
// are older than everything that was found. read tells how many rows there were before a place,
// up to a limit, and the place of the last one.
func goBack(found *audit.Page, upTo int64, read func(before audit.Cursor, limit int) (int, audit.Cursor, error)) error {
	before := audit.Cursor{At: time.UnixMicro(upTo + 1)}
	for limit := foundAtFirst; ; limit = min(2*limit, foundAtOnce) {
		rows, oldest, err := read(before, limit)
		if err != nil || rows < limit || found.Complete(oldest.At) {
			return err
		}
		before = oldest
	}
}

func (tx *Tx) findPacked(found *audit.Page, accountID string, start, end int64, before audit.Cursor, limit int) (rows int, oldest audit.Cursor, err error) {
	packs, err := queryAll(tx, scanPack, `
		select id, account_id, first_at, last_at, events
		from audit_packs
		where account_id = $1 and last_at >= $2 and first_at <= $3 and (last_at, id) < ($4, $5)
		order by last_at desc, id desc
		limit $6`,
		accountID, start, end, before.At, before.ID, limit)
	if err != nil {
		return 0, oldest, err
	}
	for i := range packs {
		if err := found.AddPack(&packs[i]); err != nil {
			return 0, oldest, err
		}
		oldest = audit.Cursor{At: packs[i].Last, ID: packs[i].ID}
	}
	return len(packs), oldest, nil
}

func scanPack(rows *sql.Rows) (p audit.Pack, err error) {
	err = rows.Scan(&p.ID, &p.AccountID, asTime(&p.First), asTime(&p.Last), &p.Data)
	return p, err
}

func (tx *Tx) findUnpacked(found *audit.Page, accountID string, start int64, before audit.Cursor, limit int) (rows int, oldest audit.Cursor, err error) {
	events, err := queryAll(tx, scanEvent, `
		select account_id, at, id, request_id, source, name, username, access_key_id, read_only, error_code, record
		from audit_events
		where account_id = $1 and at >= $2 and (at, id) < ($3, $4)
		order by at desc, id desc
		limit $5`,
		accountID, start, before.At, before.ID, limit)
	if err != nil {
		return 0, oldest, err
	}
	for i := range events {
		if events[i].Resources, err = tx.unpackedResources(events[i].ID); err != nil {
			return 0, oldest, err
		}
		oldest = audit.Cursor{At: events[i].Time, ID: events[i].ID}
	}
	found.Add(events)
	return len(events), oldest, nil
}

func scanEvent(rows *sql.Rows) (audit.Event, error) {
	var (
		e      audit.Event
		record string
	)
	err := rows.Scan(&e.AccountID, asTime(&e.Time), &e.ID, &e.RequestID, &e.Source, &e.Name,
		&e.Username, &e.AccessKeyID, &e.ReadOnly, &e.ErrorCode, &record)
	e.Record = []byte(record)
	return e, err
}

func (tx *Tx) unpackedResources(eventID string) ([]audit.Resource, error) {
	return queryAll(tx, func(rows *sql.Rows) (r audit.Resource, err error) {
		err = rows.Scan(&r.ARN, &r.Type, &r.AccountID)
		return r, err
	}, `
		select name, type, owner_id
		from audit_resources
		where event_id = $1
		order by position`, eventID)
}

// DeleteAuditEventsBefore removes what is older than the given time, the oldest first: at most
// limit packs of events, and as many events of the time before there were packs. It returns how
// many of them are gone. The events of a pack go with the newest of them.
func (tx *Tx) DeleteAuditEventsBefore(before time.Time, limit int) (int64, error) {
	// Rows lie in the order of their arrival, which is that of time but for the moments that an
	// event waits in the queue.
	const oldest = `(select id from audit_events where seq in (select seq from audit_events order by seq limit $2) and at < $1)`
	if err := tx.later(`delete from audit_resources where event_id in `+oldest, before, limit); err != nil {
		return 0, err
	}
	unpacked, err := tx.exec(`delete from audit_events where id in `+oldest, before, limit)
	if err != nil {
		return 0, err
	}
	packs, err := tx.exec(`
		delete from audit_packs
		where seq in (select seq from audit_packs order by seq limit $2) and last_at < $1`, before, limit)
	return unpacked + packs, err
}
