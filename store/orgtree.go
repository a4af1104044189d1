package store

import (
	"database/sql"
	"strconv"
	"strings"

	"github.com/bailiwick/bailiwick/org"
)

const unitColumns = `id, parent_id, name, depth, created_at`

func scanUnit(row scanner) (u org.Unit, err error) {
	err = row.Scan(&u.ID, &u.ParentID, &u.Name, &u.Depth, asTime(&u.CreatedAt))
	return u, err
}

// OrgUnit implements [org.UnitStore].
func (tx *Tx) OrgUnit(organizationID, id string) (org.Unit, bool, error) {
	return found(scanUnit(tx.queryRow(`select `+unitColumns+` from org_units where organization_id = $1 and id = $2`,
		organizationID, id)))
}

// OrgUnitByName implements [org.UnitStore].
func (tx *Tx) OrgUnitByName(organizationID, parentID, name string) (org.Unit, bool, error) {
	return found(scanUnit(tx.queryRow(`
		select `+unitColumns+` from org_units
		where organization_id = $1 and parent_id = $2 and name = $3`, organizationID, parentID, name)))
}

// InsertOrgUnit implements [org.UnitStore].
func (tx *Tx) InsertOrgUnit(organizationID string, u org.Unit) error {
	return tx.later(`
		insert into org_units (organization_id, `+unitColumns+`) values ($1, $2, $3, $4, $5, $6)`,
		organizationID, u.ID, u.ParentID, u.Name, u.Depth, u.CreatedAt)
}

// RenameOrgUnit implements [org.UnitStore].
func (tx *Tx) RenameOrgUnit(organizationID, id, name string) error {
	return tx.later(`update org_units set name = $3 where organization_id = $1 and id = $2`, organizationID, id, name)
}

// DeleteOrgUnit implements [org.UnitStore].
func (tx *Tx) DeleteOrgUnit(organizationID, id string) error {
	return tx.later(`delete from org_units where organization_id = $1 and id = $2`, organizationID, id)
}

// OrgUnits implements [org.UnitStore].
func (tx *Tx) OrgUnits(organizationID, parentID, after string, limit int) ([]org.Unit, error) {
	return queryAll(tx, func(rows *sql.Rows) (org.Unit, error) { return scanUnit(rows) }, `
		select `+unitColumns+` from org_units
		where organization_id = $1 and parent_id = $2 and id > $3
		order by id limit $4`, organizationID, parentID, after, limit)
}

// OrgUnitPath implements [org.UnitStore].
func (tx *Tx) OrgUnitPath(organizationID, id string) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (id string, err error) {
		return id, rows.Scan(&id)
	}, `
		with recursive up (id, parent_id, depth) as (
			select id, parent_id, depth from org_units where organization_id = $1 and id = $2
			union all
			select u.id, u.parent_id, u.depth
			from up join org_units u on u.organization_id = $1 and u.id = up.parent_id
		)
		select id from up order by depth`, organizationID, id)
}

// OrgUnitsAbove implements [org.UnitStore].
func (tx *Tx) OrgUnitsAbove(organizationID string, ids []string) (map[string]string, error) {
	above := make(map[string]string)
	if len(ids) == 0 {
		return above, nil
	}
	list, args := placeholderList([]any{organizationID}, ids)
	_, err := queryAll(tx, func(rows *sql.Rows) (none struct{}, err error) {
		var id, parent string
		err = rows.Scan(&id, &parent)
		above[id] = parent
		return none, err
	}, `
		with recursive up (id, parent_id) as (
			select id, parent_id from org_units where organization_id = $1 and id in (`+list+`)
			union
			select u.id, u.parent_id
			from up join org_units u on u.organization_id = $1 and u.id = up.parent_id
		)
		select id, parent_id from up`, args...)
	return above, err
}

const createRequestColumns = `id, organization_id, account_name, state, requested_at, completed_at, account_id, failure_reason`

func scanCreateRequest(row scanner) (r org.CreateRequest, err error) {
	err = row.Scan(&r.ID, &r.OrganizationID, &r.AccountName, &r.State, asTime(&r.RequestedAt), asNullTime(&r.CompletedAt),
		&r.AccountID, &r.FailureReason, &r.GovCloudAccountID)
	return r, err
}

// requestGovCloudColumn is what the account of a request is linked to.
const requestGovCloudColumn = `coalesce((
	select g.govcloud_account_id from org_govcloud_accounts g
	where g.account_id = org_create_requests.account_id), '')`

// OrgCreateRequest implements [org.CreateRequestStore].
func (tx *Tx) OrgCreateRequest(organizationID, id string) (org.CreateRequest, bool, error) {
	return found(scanCreateRequest(tx.queryRow(`
		select `+createRequestColumns+`, `+requestGovCloudColumn+` from org_create_requests
		where organization_id = $1 and id = $2`, organizationID, id)))
}

// InsertOrgCreateRequest implements [org.CreateRequestStore].
func (tx *Tx) InsertOrgCreateRequest(r org.CreateRequest) error {
	return tx.later(`
		insert into org_create_requests (`+createRequestColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, r.OrganizationID, r.AccountName, r.State, r.RequestedAt, r.CompletedAt, r.AccountID, r.FailureReason)
}

// OrgCreateRequests implements [org.CreateRequestStore].
func (tx *Tx) OrgCreateRequests(organizationID string, states []string, after string, limit int) ([]org.CreateRequest, error) {
	args := []any{organizationID, after, limit}
	var among string
	if len(states) > 0 {
		var list string
		list, args = placeholderList(args, states)
		among = ` and state in (` + list + `)`
	}
	return queryAll(tx, func(rows *sql.Rows) (org.CreateRequest, error) { return scanCreateRequest(rows) }, `
		select `+createRequestColumns+`, `+requestGovCloudColumn+` from org_create_requests
		where organization_id = $1 and id > $2`+among+`
		order by id limit $3`, args...)
}

// placeholderList appends values to args and returns the placeholders that stand for them.
func placeholderList(args []any, values []string) (string, []any) {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		args = append(args, v)
		b.WriteString("$" + strconv.Itoa(len(args)))
	}
	return b.String(), args
}
