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
	// An id says when its event was, so that one need not look through all of the log.
	if at, ok := audit.TimeOf(q.Value); q.Attribute == audit.ByEventID && ok {
		near := q
		near.Start, near.End = latest(q.Start, at.Add(-idSlack)), earliest(q.End, at.Add(idSlack))
		if found, err := tx.auditEvents(near); err != nil || len(found) > 0 {
			return found, err
		}
	}
	return tx.auditEvents(q)
}

// idSlack is how far the time in an event's id is from the event's at most, as a rule.
const idSlack = time.Second

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earliest returns the earlier bound; a zero time is none.
func earliest(a, b time.Time) time.Time {
	if !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

func (tx *Tx) auditEvents(q audit.Query) ([]audit.Event, error) {
	found := audit.NewPage(q)
	if err := tx.findPacked(&q, found); err != nil {
		return nil, err
	}
	if err := tx.findUnpacked(&q, found); err != nil {
		return nil, err
	}
	return found.Events(), nil
}

// Packs are read in steps, twice as many in each as in the one before: the newest one has all
// that most look-ups want, and rare events may be in none.
const (
	packsAtFirst = 2
	packsAtOnce  = 64
)

// endOfTime is after every time in the log, in microseconds.
const endOfTime = int64(1) << 62

// findPacked looks through the packs from the newest one to the oldest, until those that are
// left are older than everything that was found.
func (tx *Tx) findPacked(q *audit.Query, found *audit.Page) error {
	start, end := bounds(q)
	beforeAt, beforeID := endOfTime, ""
	if end < endOfTime {
		beforeAt = end + audit.PackSpan.Microseconds() + 1
	}
	for limit := packsAtFirst; ; limit = min(2*limit, packsAtOnce) {
		packs, err := queryAll(tx, scanPack, `
			select id, account_id, first_at, last_at, events
			from audit_packs
			where account_id = $1 and last_at >= $2 and first_at <= $3 and (last_at, id) < ($4, $5)
			order by last_at desc, id desc
			limit $6`,
			q.AccountID, start, end, beforeAt, beforeID, limit)
		if err != nil {
			return err
		}
		for i := range packs {
			if err := found.AddPack(&packs[i]); err != nil {
				return err
			}
		}
		if len(packs) < limit {
			return nil
		}
		oldest := &packs[limit-1]
		if found.Complete(oldest.Last) {
			return nil
		}
		beforeAt, beforeID = oldest.Last.UnixMicro(), oldest.ID
	}
}

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

func scanPack(rows *sql.Rows) (p audit.Pack, err error) {
	err = rows.Scan(&p.ID, &p.AccountID, asTime(&p.First), asTime(&p.Last), &p.Data)
	return p, err
}

// findUnpacked looks through the events of the time before there were packs.
func (tx *Tx) findUnpacked(q *audit.Query, found *audit.Page) error {
	start, end := bounds(q)
	beforeAt, beforeID := endOfTime, ""
	if !q.After.IsZero() {
		beforeAt, beforeID = q.After.At.UnixMicro(), q.After.ID
	}
	for {
		events, err := queryAll(tx, scanEvent, `
			select account_id, at, id, request_id, source, name, username, access_key_id, read_only, error_code, record
			from audit_events
			where account_id = $1 and at >= $2 and at <= $3 and (at, id) < ($4, $5)
			order by at desc, id desc
			limit $6`,
			q.AccountID, start, end, beforeAt, beforeID, eventsAtOnce)
		if err != nil {
			return err
		}
		for i := range events {
			if events[i].Resources, err = tx.unpackedResources(events[i].ID); err != nil {
				return err
			}
		}
		found.Add(events)
		if len(events) < eventsAtOnce {
			return nil
		}
		oldest := &events[len(events)-1]
		if found.Complete(oldest.Time) {
			return nil
		}
		beforeAt, beforeID = oldest.Time.UnixMicro(), oldest.ID
	}
}

// eventsAtOnce is how many events are read together.
const eventsAtOnce = 64

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
