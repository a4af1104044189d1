package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The archive of one organization has the rows of the organization and of its accounts, and of
// what providers and services have registered that which its roles and requests hang on. What
// belongs to the installation as a whole or to two organizations at once stays behind: its
// settings, transfers of billing and the invitations to them, other providers and templates,
// and what its providers have asked of others. core_settings that whoever imports must see
// stand in the head.

// ErrNoOrganization says that there is no organization of that id.
var ErrNoOrganization = errors.New("store: no such organization")

// Parts of the conditions below; $1 is the organization.
const (
	itsAccounts   = `(select id from org_accounts where organization_id = $1)`
	itsIdentities = `(select id from iam_identities where account_id in ` + itsAccounts + `)`
	itsResources  = `in (select id from iam_identities where account_id in ` + itsAccounts + `
		union all select id from iam_policies where account_id in ` + itsAccounts + `
		union all select id from iam_instance_profiles where account_id in ` + itsAccounts + `
		union all select id from iam_server_certificates where account_id in ` + itsAccounts + `
		union all select serial from iam_mfa_devices where account_id in ` + itsAccounts + `
		union all select arn from iam_oidc_providers where account_id in ` + itsAccounts + `
		union all select arn from iam_saml_providers where account_id in ` + itsAccounts + `)`
	itsRequests = `owner_account in ` + itsAccounts + ` or owner_account = '' and requestor_account in ` + itsAccounts
	itsSources  = `(select template_arn from iam_role_sources where role_id in ` + itsIdentities + `)`
	nothing     = ""
)

// ofOrganization says which rows of a table are an organization's, where no column
// organization_id or account_id does.
var ofOrganization = map[string]string{
	"core_settings":       nothing,
	"org_organizations":   `id = $1`,
	"org_transfers":       nothing,
	"org_handshakes":      `organization_id = $1 and action <> 'TRANSFER_RESPONSIBILITY'`,
	"iam_trusts":          `role_id in ` + itsIdentities,
	"iam_members":         `group_id in ` + itsIdentities,
	"iam_policy_versions": `policy_id in (select id from iam_policies where account_id in ` + itsAccounts + `)`,
	"iam_inline_policies": `identity_id in ` + itsIdentities,
	"iam_tags":            `owner_id ` + itsResources,
	"iam_untagged":        `owner_id ` + itsResources,
	"iam_login_profiles":  `user_id in ` + itsIdentities,
	"iam_old_passwords":   `user_id in ` + itsIdentities,
	"iam_saml_keys":       `provider in (select arn from iam_saml_providers where account_id in ` + itsAccounts + `)`,
	"resource_principals": `resource_arn in (select arn from resource_resources where account_id in ` + itsAccounts + `)`,

	"iam_delegation_requests": itsRequests,
	"iam_partner_policies": `domain in (select domain from iam_partners where account_id in ` + itsAccounts + `)
		or arn in (select boundary from iam_identities where account_id in ` + itsAccounts + `)
		or arn in (select template_arn from iam_delegation_requests where ` + itsRequests + `)`,
	"iam_role_sources":           `role_id in ` + itsIdentities,
	"iam_role_templates":         `arn in ` + itsSources,
	"iam_role_template_versions": `template_arn in ` + itsSources,
}

// registered are the tables of what several organizations of one installation share. A row
// that is there already stays as it is; the value is the column in which it must not differ:
// what a provider's boundary says must be the same for a role wherever it is.
var registered = map[string]string{
	"iam_partner_policies": "document", "iam_role_templates": "", "iam_role_template_versions": "",
}

// belonging is the condition of the rows that are an organization's; false means that there
// are none. A table that nothing is said about is an error: a row left behind unnoticed would
// be a loss.
func belonging(t table) (condition string, some bool, err error) {
	if condition, ok := ofOrganization[t.name]; ok {
		return condition, condition != nothing, nil
	}
	for _, by := range []struct{ name, condition string }{
		{"organization_id", `organization_id = $1`}, {"account_id", `account_id in ` + itsAccounts},
	} {
		if slices.ContainsFunc(t.columns, func(c column) bool { return c.name == by.name }) {
			return by.condition, true, nil
		}
	}
	return "", false, fmt.Errorf("archives of one organization do not know the table %s", t.name)
}

// ExportOrganization writes one organization, with its accounts and all that is in them, to w
// as an archive for [ImportOrganization], from one snapshot. The values of the named settings
// go along for whoever imports. The error is [ErrNoOrganization] if there is none of that id.
func ExportOrganization(ctx context.Context, db *DB, w io.Writer, organizationID string, audit bool, settings ...string) (Archive, error) {
	var out Archive
	err := db.View(ctx, func(tx *Tx) error {
		schema, err := schemaOf(tx)
		if err != nil {
			return err
		}
		tables, err := tablesOf(schema)
		if err != nil {
			return err
		}
		var id string
		err = tx.queryRow(`select id from org_organizations where id = $1`, organizationID).Scan(&id)
		if isNotFound(err) {
			return fmt.Errorf("%w: %s", ErrNoOrganization, organizationID)
		}
		if err != nil {
			return err
		}
		out = Archive{CreatedAt: tx.Now(), Audit: audit, Organization: organizationID}
		head := headOf(out, schema)
		for _, name := range settings {
			value, _, err := tx.Setting(name)
			if err != nil {
				return err
			}
			head.Settings[name] = value
		}
		a := newArchiveWriter(w)
		a.line(head)
		for _, t := range tables {
			condition, some, err := belonging(t)
			if err != nil {
				return err
			}
			if !some || !audit && strings.HasPrefix(t.name, auditTables) {
				continue
			}
			if err := a.table(tx, t, " where "+condition, organizationID); err != nil {
				return err
			}
		}
		out.Rows = a.rows
		return a.end()
	})
	if err != nil {
		return Archive{}, fmt.Errorf("export: %w", err)
	}
	return out, nil
}

// OrganizationOf returns the organization that an archive has, or nothing if it has a whole
// installation.
func OrganizationOf(r io.ReadSeeker) (string, error) {
	a, err := openArchive(r)
	if err != nil {
		return "", err
	}
	return a.head.Organization, nil
}

// ImportOrganization adds an organization to a store that may have others, in one
// transaction: all of it or, on any error, nothing. verify may look at the settings that came
// along and at the store, and refuse.
//
// Errors: [ErrConflict] when the store has one of the ids, names or addresses already,
// [ErrArchive] for a file that is not the intact archive of an organization, and others of
// another schema than the store's: both must be of the same version.
func ImportOrganization(ctx context.Context, o Options, r io.ReadSeeker, verify func(tx *Tx, settings map[string]string) error) (Archive, error) {
	var out Archive
	a, err := openArchive(r)
	if err != nil {
		return out, err
	}
	if a.head.Organization == "" {
		return out, fmt.Errorf("%w of one organization", ErrArchive)
	}
	known, err := readMigrations(migrationFiles)
	if err != nil {
		return out, err
	}
	schema, err := a.schema(known)
	if err != nil {
		return out, err
	}
	if newest(schema) != newest(known) {
		return out, fmt.Errorf("the archive has the schema %d, this version has %d: export it again with this version", newest(schema), newest(known))
	}
	tables, err := tablesOf(schema)
	if err != nil {
		return out, err
	}
	db, err := open(ctx, o, schema, true)
	if err != nil {
		return out, err
	}
	err = db.Update(ctx, func(tx *Tx) error {
		a, err := openArchive(r)
		if err != nil {
			return err
		}
		if err := verify(tx, a.head.Settings); err != nil {
			return err
		}
		if err := a.load(ctx, tx, tables); err != nil {
			return clash(err)
		}
		out = Archive{CreatedAt: a.head.CreatedAt, Rows: a.rows, Audit: a.head.Audit, Organization: a.head.Organization}
		return touchAll(tx, a.head.Organization)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return Archive{}, fmt.Errorf("import: %w", err)
	}
	return out, nil
}

// clash says what a conflict means here.
func clash(err error) error {
	var conflict *ConflictError
	if !errors.As(err, &conflict) {
		return err
	}
	if registered[conflict.Table] != "" {
		return fmt.Errorf("%s has another %s here than where the organization comes from: %w", conflict.Table, registered[conflict.Table], err)
	}
	return fmt.Errorf("something of the organization is there already, in %s (%s): was it imported before, or does another account have the same id, e-mail address or alias? %w",
		conflict.Table, strings.Join(conflict.Columns, ", "), err)
}

// touchAll tells running nodes of an organization that has come.
func touchAll(tx *Tx, organizationID string) error {
	accounts, err := queryAll(tx, scanID, `select id from org_accounts where organization_id = $1`, organizationID)
	if err != nil {
		return err
	}
	keys, err := queryAll(tx, scanID, `select id from iam_access_keys where account_id in `+itsAccounts, organizationID)
	if err != nil {
		return err
	}
	tx.touched = append(tx.touched, "org/"+organizationID)
	for _, id := range accounts {
		tx.touched = append(tx.touched, "account/"+id, "iam/"+id)
	}
	for _, id := range keys {
		tx.touched = append(tx.touched, "key/"+id)
	}
	return nil
}

func scanID(rows *sql.Rows) (id string, err error) {
	err = rows.Scan(&id)
	return id, err
}
