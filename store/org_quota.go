package store

import (
	"database/sql"

	"github.com/bailiwick/bailiwick/org"
)

func scanQuota(row scanner) (r org.RaisedQuota, err error) {
	err = row.Scan(&r.Quota, &r.Value, asTime(&r.RaisedAt))
	return r, err
}

// OrgQuota implements [org.QuotaStore].
func (tx *Tx) OrgQuota(organizationID string, q org.Quota) (org.RaisedQuota, bool, error) {
	return found(scanQuota(tx.queryRow(`
		select quota, value, raised_at from org_quotas where organization_id = $1 and quota = $2`, organizationID, string(q))))
}

// OrgQuotas implements [org.QuotaStore].
func (tx *Tx) OrgQuotas(organizationID string) ([]org.RaisedQuota, error) {
	return queryAll(tx, func(rows *sql.Rows) (org.RaisedQuota, error) { return scanQuota(rows) }, `
		select quota, value, raised_at from org_quotas where organization_id = $1 order by quota`, organizationID)
}

// PutOrgQuota implements [org.QuotaStore].
func (tx *Tx) PutOrgQuota(organizationID string, r org.RaisedQuota) error {
	return tx.later(`
		insert into org_quotas (organization_id, quota, value, raised_at) values ($1, $2, $3, $4)
		on conflict (organization_id, quota) do update set value = excluded.value, raised_at = excluded.raised_at`,
		organizationID, string(r.Quota), r.Value, r.RaisedAt)
}

// DeleteOrgQuota implements [org.QuotaStore].
func (tx *Tx) DeleteOrgQuota(organizationID string, q org.Quota) (bool, error) {
	n, err := tx.exec(`delete from org_quotas where organization_id = $1 and quota = $2`, organizationID, string(q))
	return n > 0, err
}
