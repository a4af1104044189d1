package store

import (
	"time"

	"github.com/bailiwick/bailiwick/org"
)

// OrgAccountsClosed implements [org.ClosedStore].
func (tx *Tx) OrgAccountsClosed(at time.Time, limit int) ([]org.Account, error) {
	return queryAll(tx, scanAccounts, `
		select `+accountColumns+` from org_accounts
		where state = 'CLOSED' and closed_at <= $1
		order by closed_at limit $2`, at, limit)
}

// parts are the tables whose rows belong to something of an account's: each with the column
// that names the owner, and the table and column where the owner is found. Parts go before
// their owners.
var parts = []struct{ table, column, owners, key string }{
	{"iam_tags", "owner_id", "iam_identities", "id"},
	{"iam_tags", "owner_id", "iam_policies", "id"},
	{"iam_tags", "owner_id", "iam_instance_profiles", "id"},
	{"iam_tags", "owner_id", "iam_server_certificates", "id"},
	{"iam_tags", "owner_id", "iam_mfa_devices", "serial"},
	{"iam_tags", "owner_id", "iam_oidc_providers", "arn"},
	{"iam_tags", "owner_id", "iam_saml_providers", "arn"},
	{"iam_untagged", "owner_id", "iam_identities", "id"},
	{"iam_untagged", "owner_id", "iam_policies", "id"},
	{"iam_untagged", "owner_id", "iam_instance_profiles", "id"},
	{"iam_untagged", "owner_id", "iam_server_certificates", "id"},
	{"iam_untagged", "owner_id", "iam_mfa_devices", "serial"},
	{"iam_untagged", "owner_id", "iam_oidc_providers", "arn"},
	{"iam_untagged", "owner_id", "iam_saml_providers", "arn"},
	{"iam_trusts", "role_id", "iam_identities", "id"},
	{"iam_role_sources", "role_id", "iam_identities", "id"},
	{"iam_members", "group_id", "iam_identities", "id"},
	{"iam_inline_policies", "identity_id", "iam_identities", "id"},
	{"iam_login_profiles", "user_id", "iam_identities", "id"},
	{"iam_old_passwords", "user_id", "iam_identities", "id"},
	{"iam_policy_versions", "policy_id", "iam_policies", "id"},
	{"iam_saml_keys", "provider", "iam_saml_providers", "arn"},
	{"resource_principals", "resource_arn", "resource_resources", "arn"},
}

// owned are the tables whose rows name their account.
var owned = []string{
	"iam_access_keys", "iam_access_reports", "iam_account_aliases", "iam_account_settings", "iam_attachments",
	"iam_credential_reports", "iam_instance_profiles", "iam_mfa_devices", "iam_oidc_providers", "iam_outbound_issuers",
	"iam_outbound_keys", "iam_partners", "iam_password_policies", "iam_policies", "iam_public_keys", "iam_saml_providers",
	"iam_server_certificates", "iam_service_credentials", "iam_service_uses", "iam_uses",
	"iam_identities",
	"account_alternate_contacts", "account_codes", "account_contacts", "account_regions",
	"org_govcloud_accounts", "org_unverified_emails",
	"resource_resources",
}

// EraseAccount implements [org.ClosedStore].
func (tx *Tx) EraseAccount(accountID string) error {
	for _, p := range parts {
		err := tx.later(`delete from `+p.table+` where `+p.column+` in (select `+p.key+` from `+p.owners+` where account_id = $1)`, accountID)
		if err != nil {
			return err
		}
	}
	for _, table := range owned {
		if err := tx.later(`delete from `+table+` where account_id = $1`, accountID); err != nil {
			return err
		}
	}
	return tx.later(`delete from iam_delegation_requests where owner_account = $1`, accountID)
}
