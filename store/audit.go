package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/audit"
)

// AppendEvents stores events in a transaction of their own; it makes DB an [audit.Sink].
func (db *DB) AppendEvents(ctx context.Context, events []audit.Event) error {
	return db.Update(ctx, func(tx *Tx) error { return tx.AppendEvents(events) })
}

// eventsPerStatement is how many events one statement inserts.
const eventsPerStatement = 32

// AppendEvents adds events to the log. An event that is in it already is left as it is: a
// batch may be written again when its first attempt ended unknown.
func (tx *Tx) AppendEvents(events []audit.Event) error {
	for len(events) > 0 {
		n := 1
		if len(events) >= eventsPerStatement {
			n = eventsPerStatement
		}
		if err := tx.appendEvents(events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

func (tx *Tx) appendEvents(events []audit.Event) error {
	const columns = 11
	args := make([]any, 0, len(events)*columns)
	for i := range events {
		e := &events[i]
		args = append(args, e.ID, e.AccountID, e.Time, e.RequestID, e.Source, e.Name, clean(e.Username),
			clean(e.AccessKeyID), e.ReadOnly, e.ErrorCode, clean(string(e.Record)))
	}
	statement := insertOneEvent
	if len(events) == eventsPerStatement {
		statement = insertManyEvents
	}
	if _, err := tx.exec(statement, args...); err != nil {
		return err
	}
	for i := range events {
		if err := tx.appendResources(&events[i]); err != nil {
			return err
		}
	}
	return nil
}

var (
	insertOneEvent   = insertEvents(1)
	insertManyEvents = insertEvents(eventsPerStatement)
)

// insertEvents writes the statement that inserts n events.
func insertEvents(n int) string {
	const columns = 11
	var b strings.Builder
	b.WriteString(`
		insert into audit_events
			(id, account_id, at, request_id, source, name, username, access_key_id, read_only, error_code, record)
		values (`)
	for i := range n * columns {
		switch {
		case i == 0:
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteString(`) on conflict (id) do nothing`)
	return b.String()
}

func (tx *Tx) appendResources(e *audit.Event) error {
	for position, r := range e.Resources {
		_, err := tx.exec(`
			insert into audit_resources (event_id, position, account_id, at, name, type, owner_id)
			values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (event_id, position) do nothing`,
			e.ID, position, e.AccountID, e.Time, clean(r.ARN), r.Type, r.AccountID)
		if err != nil {
			return err
		}
	}
	return nil
}

// clean makes text of a request storable: an event must not be lost because somebody sent
// bytes that are no text.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// attributeConditions are the filters of a query on its own column.
var attributeConditions = map[audit.Attribute]string{
	audit.ByEventID:     "e.id = $2",
	audit.ByEventName:   "e.name = $2",
	audit.ByUsername:    "e.username = $2",
	audit.ByEventSource: "e.source = $2",
	audit.ByAccessKeyID: "e.access_key_id = $2",
	audit.ByReadOnly:    "e.read_only = case $2 when 'true' then 1 else 0 end",
}

const eventColumns = `e.account_id, e.at, e.id, e.request_id, e.source, e.name, e.username, e.access_key_id, e.read_only, e.error_code, e.record`

// AuditEvents returns the events that q asks for, newest first, without their resources.
func (tx *Tx) AuditEvents(q audit.Query) ([]audit.Event, error) {
	condition := "$2 = ''"
	switch q.Attribute {
	case audit.ByNothing:
	case audit.ByResourceName, audit.ByResourceType:
		column := "r.name"
		if q.Attribute == audit.ByResourceType {
			column = "r.type"
		}
		condition = `exists (select 1 from audit_resources r
			where r.event_id = e.id and ` + column + ` = $2)`
	default:
		c, ok := attributeConditions[q.Attribute]
		if !ok {
			return nil, fmt.Errorf("store: unknown attribute %q of the event log", q.Attribute)
		}
		condition = c
	}
	start, end := int64(0), int64(1)<<62
	if !q.Start.IsZero() {
		start = q.Start.UnixMicro()
	}
	if !q.End.IsZero() {
		end = q.End.UnixMicro()
	}
	afterAt, afterID := int64(1)<<62, ""
	if !q.After.IsZero() {
		afterAt, afterID = q.After.At.UnixMicro(), q.After.ID
	}
	return queryAll(tx, scanEvent, `
		select `+eventColumns+`
		from audit_events e
		where e.account_id = $1 and `+condition+`
			and e.at >= $3 and e.at <= $4
			and (e.at, e.id) < ($5, $6)
		order by e.at desc, e.id desc
		limit $7`,
		q.AccountID, q.Value, start, end, afterAt, afterID, q.Limit)
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

// AuditResources returns the resources of an event.
func (tx *Tx) AuditResources(e audit.Event) ([]audit.Resource, error) {
	return queryAll(tx, func(rows *sql.Rows) (r audit.Resource, err error) {
		err = rows.Scan(&r.ARN, &r.Type, &r.AccountID)
		return r, err
	}, `
		select name, type, owner_id
		from audit_resources
		where event_id = $1
		order by position`, e.ID)
}

// DeleteAuditEventsBefore removes at most limit events older than the given time, with
// their resources, the oldest first, and returns how many are gone.
func (tx *Tx) DeleteAuditEventsBefore(before time.Time, limit int) (int64, error) {
	// Rows lie in the order of their arrival, which is that of time but for the moments that an
	// event waits in the queue.
	const oldest = `(select id from audit_events where seq in (select seq from audit_events order by seq limit $2) and at < $1)`
	if _, err := tx.exec(`delete from audit_resources where event_id in `+oldest, before, limit); err != nil {
		return 0, err
	}
	return tx.exec(`delete from audit_events where id in `+oldest, before, limit)
}
