package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
)

// The SQL of resources that have tags or had some once.

// IAMNoteUntagged implements [iam.TagStore].
func (tx *Tx) IAMNoteUntagged(ownerID string) error {
	return tx.later(`insert into iam_untagged (owner_id) values ($1) on conflict (owner_id) do nothing`, ownerID)
}

// taggable are the tables of IAM's resources other than users and roles, each with the column
// by which tags know them and with their ARN.
var taggable = [...]struct{ table, owner, arn string }{
	{"iam_policies", "id", `r.arn`},
	{"iam_instance_profiles", "id", `'arn:aws:iam::' || r.account_id || ':instance-profile' || r.path || r.name`},
	{"iam_server_certificates", "id", `'arn:aws:iam::' || r.account_id || ':server-certificate' || r.path || r.name`},
	{"iam_mfa_devices", "serial", `r.serial`},
	{"iam_oidc_providers", "arn", `r.arn`},
	{"iam_saml_providers", "arn", `r.arn`},
}

// IAMTagged implements [iam.TagStore].
func (tx *Tx) IAMTagged(accountIDs []string) ([]iam.TaggedResource, error) {
	if len(accountIDs) == 0 {
		return nil, nil
	}
	list, args := placeholderList(nil, accountIDs)
	byARN := make(map[string]*iam.TaggedResource)
	for _, from := range taggable {
		for _, statement := range []string{
			`select r.account_id, ` + from.arn + `, t.tag_key, t.tag_value from ` + from.table + ` r
				join iam_tags t on t.owner_id = r.` + from.owner,
			`select r.account_id, ` + from.arn + `, '', '' from ` + from.table + ` r
				join iam_untagged t on t.owner_id = r.` + from.owner,
		} {
			_, err := queryAll(tx, func(rows *sql.Rows) (none struct{}, err error) {
				return none, scanTagged(rows, byARN)
			}, statement+` where r.account_id in (`+list+`)`, args...)
			if err != nil {
				return nil, err
			}
		}
	}
	out := make([]iam.TaggedResource, 0, len(byARN))
	for _, r := range byARN {
		slices.SortFunc(r.Tags, func(a, b iam.Tag) int { return strings.Compare(a.Key, b.Key) })
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b iam.TaggedResource) int {
		return cmp.Or(strings.Compare(a.AccountID, b.AccountID), strings.Compare(a.ARN, b.ARN))
	})
	return out, nil
}

// scanTagged adds a row to its resource; the row of one without tags has no key.
func scanTagged(rows *sql.Rows, byARN map[string]*iam.TaggedResource) error {
	var accountID, arn string
	var t iam.Tag
	if err := rows.Scan(&accountID, &arn, &t.Key, &t.Value); err != nil {
		return err
	}
	r := byARN[arn]
	if r == nil {
		r = &iam.TaggedResource{AccountID: accountID, ARN: arn}
		byARN[arn] = r
	}
	if t.Key != "" {
		r.Tags = append(r.Tags, t)
	}
	return nil
}

// NoteOrgUntagged implements [org.TagStore].
func (tx *Tx) NoteOrgUntagged(organizationID, resourceID string) error {
	return tx.later(`
		insert into org_untagged (organization_id, resource_id) values ($1, $2)
		on conflict (organization_id, resource_id) do nothing`, organizationID, resourceID)
}

// OrgTagged implements [org.TagStore]. The tags that wait under a handshake for an account, and
// those of transfers, are not of resources that it lists.
func (tx *Tx) OrgTagged(organizationID, after string, limit int) ([]org.TaggedResource, error) {
	const listed = `and substr(resource_id, 1, 2) <> 'h-' and substr(resource_id, 1, 3) <> 'rt-'`
	ids, err := queryAll(tx, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }, `
		select resource_id from org_tags
		where organization_id = $1 and resource_id > $2 `+listed+`
		union
		select resource_id from org_untagged
		where organization_id = $1 and resource_id > $2 `+listed+`
		order by resource_id limit $3`, organizationID, after, limit)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	out := make([]org.TaggedResource, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	type row struct {
		id string
		org.Tag
	}
	rows, err := queryAll(tx, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.Key, &r.Value) }, `
		select resource_id, tag_key, tag_value from org_tags
		where organization_id = $1 and resource_id >= $2 and resource_id <= $3 `+listed+`
		order by resource_id, tag_key`, organizationID, ids[0], ids[len(ids)-1])
	for _, r := range rows {
		if i, found := slices.BinarySearch(ids, r.id); found {
			out[i].Tags = append(out[i].Tags, r.Tag)
		}
	}
	return out, err
}
