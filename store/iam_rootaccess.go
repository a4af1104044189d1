package store

import "database/sql"

// IAMEnableRootFeature implements [iam.RootAccessTx].
func (tx *Tx) IAMEnableRootFeature(organizationID, feature string) error {
	return tx.later(`
		insert into iam_root_features (organization_id, feature) values ($1, $2)
		on conflict (organization_id, feature) do nothing`, organizationID, feature)
}

// IAMDisableRootFeature implements [iam.RootAccessTx].
func (tx *Tx) IAMDisableRootFeature(organizationID, feature string) error {
	return tx.later(`delete from iam_root_features where organization_id = $1 and feature = $2`, organizationID, feature)
}

// IAMRootFeatures implements [iam.RootAccessTx].
func (tx *Tx) IAMRootFeatures(organizationID string) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (feature string, err error) { return feature, rows.Scan(&feature) },
		`select feature from iam_root_features where organization_id = $1 order by feature`, organizationID)
}
