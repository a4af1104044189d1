package store

import (
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/org"
)

const handshakeColumns = `h.id, h.organization_id, o.management_account_id, a.name, a.email, o.feature_set,
	h.action, h.state, h.party_type, h.party_id, h.recipient, h.parent_id, h.notes, h.requested_at, h.expires_at, h.ends_at`

const handshakeTables = `org_handshakes h
	join org_organizations o on o.id = h.organization_id
	join org_accounts a on a.id = o.management_account_id`

func scanHandshake(row scanner) (h org.Handshake, err error) {
	err = row.Scan(&h.ID, &h.OrganizationID, &h.ManagementAccountID, &h.ManagementName, &h.ManagementEmail, &h.FeatureSet,
		&h.Action, &h.State, &h.PartyType, &h.PartyID, &h.Recipient, &h.ParentID, &h.Notes,
		asTime(&h.RequestedAt), asTime(&h.ExpiresAt), asTime(&h.EndsAt))
	return h, err
}

func scanHandshakes(rows *sql.Rows) (org.Handshake, error) { return scanHandshake(rows) }

// OrgHandshake implements [org.HandshakeStore].
func (tx *Tx) OrgHandshake(id string) (org.Handshake, bool, error) {
	return found(scanHandshake(tx.queryRow(`select `+handshakeColumns+` from `+handshakeTables+` where h.id = $1`, id)))
}

// InsertOrgHandshake implements [org.HandshakeStore].
func (tx *Tx) InsertOrgHandshake(h org.Handshake) error {
	return tx.later(`
		insert into org_handshakes (id, organization_id, action, state, party_type, party_id, recipient,
			parent_id, notes, requested_at, expires_at, ends_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		h.ID, h.OrganizationID, h.Action, h.State, h.PartyType, h.PartyID, h.Recipient,
		h.ParentID, h.Notes, h.RequestedAt, h.ExpiresAt, h.EndsAt)
}

// SetOrgHandshakeState implements [org.HandshakeStore].
func (tx *Tx) SetOrgHandshakeState(id, state string, endsAt time.Time) error {
	return tx.later(`update org_handshakes set state = $2, ends_at = $3 where id = $1`, id, state, endsAt)
}

// DeleteOrgHandshake implements [org.HandshakeStore].
func (tx *Tx) DeleteOrgHandshake(id string) error {
	return tx.later(`delete from org_handshakes where id = $1`, id)
}

// handshakeConditions turns a query into the conditions of its statement.
func handshakeConditions(q org.HandshakeQuery) (string, []any) {
	var (
		conditions []string
		args       []any
	)
	add := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, condition+" $"+strconv.Itoa(len(args)))
	}
	list := func(column string, values []string) {
		if len(values) > 0 {
			var numbers string
			numbers, args = placeholderList(args, values)
			conditions = append(conditions, column+" in ("+numbers+")")
		}
	}
	if q.OrganizationID != "" {
		add("h.organization_id =", q.OrganizationID)
	}
	list("h.recipient", q.Recipients)
	list("h.state", q.States)
	if q.Action != "" {
		add("h.action =", q.Action)
	}
	if q.ParentID != "" {
		add("h.parent_id =", q.ParentID)
	}
	if !q.EndsAfter.IsZero() {
		add("h.ends_at >", q.EndsAfter)
	}
	if !q.RequestedAfter.IsZero() {
		add("h.requested_at >", q.RequestedAfter)
	}
	return strings.Join(conditions, " and "), args
}

// OrgHandshakes implements [org.HandshakeStore].
func (tx *Tx) OrgHandshakes(q org.HandshakeQuery) ([]org.Handshake, error) {
	conditions, args := handshakeConditions(q)
	args = append(args, q.After)
	after := strconv.Itoa(len(args))
	args = append(args, q.Limit)
	return queryAll(tx, scanHandshakes, `
		select `+handshakeColumns+` from `+handshakeTables+`
		where `+conditions+` and h.id > $`+after+`
		order by h.id limit $`+strconv.Itoa(len(args)), args...)
}

// CountOrgHandshakes implements [org.HandshakeStore].
func (tx *Tx) CountOrgHandshakes(q org.HandshakeQuery) (int, error) {
	conditions, args := handshakeConditions(q)
	var n int
	err := tx.queryRow(`select count(*) from org_handshakes h where `+conditions, args...).Scan(&n)
	return n, err
}

// EndedOrgHandshakes implements [org.HandshakeStore].
func (tx *Tx) EndedOrgHandshakes(organizationID string, at time.Time, limit int) ([]org.Handshake, error) {
	of, args := "", []any{at, limit}
	if organizationID != "" {
		of, args = "and h.organization_id = $3", append(args, organizationID)
	}
	return queryAll(tx, scanHandshakes, `
		select `+handshakeColumns+` from `+handshakeTables+`
		where h.ends_at <= $1 `+of+`
		order by h.ends_at limit $2`, args...)
}

// OrgEmailUnverified implements [org.EmailStore].
func (tx *Tx) OrgEmailUnverified(accountID string) (bool, error) {
	var one int
	_, unverified, err := found(one, tx.queryRow(`select 1 from org_unverified_emails where account_id = $1`, accountID).Scan(&one))
	return unverified, err
}

// SetOrgEmailUnverified implements [org.EmailStore].
func (tx *Tx) SetOrgEmailUnverified(accountID string, unverified bool) error {
	statement := `delete from org_unverified_emails where account_id = $1`
	if unverified {
		statement = `insert into org_unverified_emails (account_id) values ($1) on conflict (account_id) do nothing`
	}
	return tx.later(statement, accountID)
}

// SetOrganizationFeatureSet implements [org.OrganizationStore].
func (tx *Tx) SetOrganizationFeatureSet(id, featureSet string) error {
	return tx.later(`update org_organizations set feature_set = $2 where id = $1`, id, featureSet)
}
