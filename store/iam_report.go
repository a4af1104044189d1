package store

import "github.com/bailiwick/bailiwick/iam"

// IAMPutCredentialReport implements [iam.CredentialReportStore].
func (tx *Tx) IAMPutCredentialReport(accountID string, r iam.CredentialReport) error {
	return tx.later(`
		insert into iam_credential_reports (account_id, generated_at, content) values ($1, $2, $3)
		on conflict (account_id) do update set generated_at = excluded.generated_at, content = excluded.content`,
		accountID, r.GeneratedAt, r.Content)
}

// IAMCredentialReport implements [iam.CredentialReportStore].
func (tx *Tx) IAMCredentialReport(accountID string) (iam.CredentialReport, bool, error) {
	var r iam.CredentialReport
	err := tx.queryRow(`select generated_at, content from iam_credential_reports where account_id = $1`, accountID).
		Scan(asTime(&r.GeneratedAt), &r.Content)
	return found(r, err)
}
