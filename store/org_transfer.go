package store

import (
	"database/sql"
	"time"

	"github.com/bailiwick/bailiwick/org"
)

// The addresses are those of the accounts; an account that is gone leaves its address.
const (
	transferColumns = `r.id, r.type, r.status, r.handshake_id,
	r.target_organization_id, r.target_account_id, ta.email, r.target_name,
	r.source_organization_id, r.source_account_id, sa.email, r.source_name,
	r.start_at, r.end_at, r.settled_at`
	transferTables = `org_transfers r
	join org_accounts ta on ta.id = r.target_account_id
	join org_accounts sa on sa.id = r.source_account_id`
)

func scanTransfer(row scanner) (t org.Transfer, err error) {
	err = row.Scan(&t.ID, &t.Type, &t.Status, &t.HandshakeID,
		&t.Target.OrganizationID, &t.Target.AccountID, &t.Target.Email, &t.Target.Name,
		&t.Source.OrganizationID, &t.Source.AccountID, &t.Source.Email, &t.Source.Name,
		asTime(&t.StartAt), asNullTime(&t.EndAt), asTime(&t.SettledAt))
	return t, err
}

// OrgTransfer implements [org.TransferStore].
func (tx *Tx) OrgTransfer(id string) (org.Transfer, bool, error) {
	return found(scanTransfer(tx.queryRow(`select `+transferColumns+` from `+transferTables+` where r.id = $1`, id)))
}

// OrgTransferByHandshake implements [org.TransferStore].
func (tx *Tx) OrgTransferByHandshake(handshakeID string) (org.Transfer, bool, error) {
	return found(scanTransfer(tx.queryRow(`select `+transferColumns+` from `+transferTables+` where r.handshake_id = $1`, handshakeID)))
}

// InsertOrgTransfer implements [org.TransferStore].
func (tx *Tx) InsertOrgTransfer(t org.Transfer) error {
	return tx.later(`
		insert into org_transfers (id, type, status, handshake_id, target_organization_id, target_account_id, target_name,
			source_organization_id, source_account_id, source_name, start_at, end_at, settled_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		t.ID, t.Type, t.Status, t.HandshakeID, t.Target.OrganizationID, t.Target.AccountID, t.Target.Name,
		t.Source.OrganizationID, t.Source.AccountID, t.Source.Name, t.StartAt, t.EndAt, t.SettledAt)
}

// UpdateOrgTransfer implements [org.TransferStore].
func (tx *Tx) UpdateOrgTransfer(t org.Transfer) error {
	return tx.later(`
		update org_transfers
		set status = $2, target_organization_id = $3, target_account_id = $4, target_name = $5,
			source_organization_id = $6, source_account_id = $7, source_name = $8,
			start_at = $9, end_at = $10, settled_at = $11
		where id = $1`,
		t.ID, t.Status, t.Target.OrganizationID, t.Target.AccountID, t.Target.Name,
		t.Source.OrganizationID, t.Source.AccountID, t.Source.Name, t.StartAt, t.EndAt, t.SettledAt)
}

// DeleteOrgTransfer implements [org.TransferStore].
func (tx *Tx) DeleteOrgTransfer(id string) error {
	return tx.later(`delete from org_transfers where id = $1`, id)
}

// transferSide is the column of an organization that sees transfers in a direction.
func transferSide(direction string) string {
	if direction == org.Outbound {
		return "r.source_organization_id"
	}
	return "r.target_organization_id"
}

// OrgTransfers implements [org.TransferStore].
func (tx *Tx) OrgTransfers(organizationID, direction string, settledAfter time.Time, after string, limit int) ([]org.Transfer, error) {
	return queryAll(tx, func(rows *sql.Rows) (org.Transfer, error) { return scanTransfer(rows) }, `
		select `+transferColumns+` from `+transferTables+`
		where `+transferSide(direction)+` = $1 and r.id > $2 and (r.settled_at > $3 or r.status in ('ACCEPTED', 'WITHDRAWN'))
		order by r.id limit $4`, organizationID, after, settledAfter, limit)
}

// CountOrgTransfers implements [org.TransferStore].
func (tx *Tx) CountOrgTransfers(organizationID, direction string, at time.Time, invited bool) (int, error) {
	waiting := ""
	if invited {
		waiting = ` or r.status = 'REQUESTED' and r.settled_at > $2`
	}
	var n int
	err := tx.queryRow(`
		select count(*) from org_transfers r
		where `+transferSide(direction)+` = $1
			and (r.status in ('ACCEPTED', 'WITHDRAWN') and (r.end_at is null or r.end_at > $2)`+waiting+`)`,
		organizationID, at).Scan(&n)
	return n, err
}
