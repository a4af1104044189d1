package store

// OrgGovCloudAccount implements [org.GovCloudStore].
func (tx *Tx) OrgGovCloudAccount(accountID string) (string, bool, error) {
	var id string
	err := tx.queryRow(`select govcloud_account_id from org_govcloud_accounts where account_id = $1`, accountID).Scan(&id)
	return found(id, err)
}

// OrgGovCloudAccountTaken implements [org.GovCloudStore].
func (tx *Tx) OrgGovCloudAccountTaken(govCloudID string) (bool, error) {
	var n int
	err := tx.queryRow(`select count(*) from org_govcloud_accounts where govcloud_account_id = $1`, govCloudID).Scan(&n)
	return n > 0, err
}

// InsertOrgGovCloudAccount implements [org.GovCloudStore].
func (tx *Tx) InsertOrgGovCloudAccount(accountID, govCloudID string) error {
	return tx.later(`insert into org_govcloud_accounts (account_id, govcloud_account_id) values ($1, $2)`, accountID, govCloudID)
}
