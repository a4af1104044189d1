package store

import (
	"database/sql"
	"encoding/json"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/resource"
)

// The SQL of registered resources.

const resourceColumns = `arn, account_id, type, policy, tags, created_at, updated_at`

func scanResource(row scanner) (r resource.Resource, err error) {
	err = row.Scan(&r.ARN, &r.AccountID, &r.Type, &r.Policy, (*tagsColumn)(&r.Tags), asTime(&r.CreatedAt), asTime(&r.UpdatedAt))
	return r, err
}

// tagsColumn scans a list of pairs of key and value from JSON.
type tagsColumn []resource.Tag

// Scan implements sql.Scanner.
func (c *tagsColumn) Scan(src any) error {
	var text string
	if err := asText(&text).Scan(src); err != nil {
		return err
	}
	var pairs [][2]string
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		return err
	}
	*c = nil
	for _, p := range pairs {
		*c = append(*c, resource.Tag{Key: p[0], Value: p[1]})
	}
	return nil
}

// tagsText is the JSON of a list of tags, which always has one.
func tagsText(tags []resource.Tag) string {
	pairs := make([][2]string, len(tags))
	for i, t := range tags {
		pairs[i] = [2]string{t.Key, t.Value}
	}
	b, _ := json.Marshal(pairs)
	return string(b)
}

// RegisteredResource implements [resource.Reader].
func (tx *Tx) RegisteredResource(arn string) (resource.Resource, bool, error) {
	return found(scanResource(tx.queryRow(`select `+resourceColumns+` from resource_resources where arn = $1`, arn)))
}

// RegisteredResources implements [resource.Store].
func (tx *Tx) RegisteredResources(accountID string, page iam.Range) ([]resource.Resource, error) {
	scan := func(rows *sql.Rows) (resource.Resource, error) { return scanResource(rows) }
	if accountID == "" {
		return queryAll(tx, scan, `
			select `+resourceColumns+` from resource_resources where arn > $1
			order by arn limit $2`, page.After, page.Limit)
	}
	return queryAll(tx, scan, `
		select `+resourceColumns+` from resource_resources where account_id = $1 and arn > $2
		order by arn limit $3`, accountID, page.After, page.Limit)
}

// ResourceOwners implements [resource.Store].
func (tx *Tx) ResourceOwners(accountIDs []string) ([]string, error) {
	if len(accountIDs) == 0 {
		return nil, nil
	}
	list, args := placeholderList(nil, accountIDs)
	return queryAll(tx, scanID, `
		select distinct account_id from resource_resources where account_id in (`+list+`)
		order by account_id`, args...)
}

// PutRegisteredResource implements [resource.Store].
func (tx *Tx) PutRegisteredResource(r resource.Resource) error {
	return tx.later(`
		insert into resource_resources (arn, account_id, type, policy, tags, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (arn) do update set account_id = excluded.account_id, type = excluded.type,
			policy = excluded.policy, tags = excluded.tags, updated_at = excluded.updated_at`,
		r.ARN, r.AccountID, r.Type, r.Policy, tagsText(r.Tags), r.CreatedAt, r.UpdatedAt)
}

// DeleteRegisteredResource implements [resource.Store].
func (tx *Tx) DeleteRegisteredResource(arn string) error {
	if err := tx.later(`delete from resource_principals where resource_arn = $1`, arn); err != nil {
		return err
	}
	return tx.later(`delete from resource_resources where arn = $1`, arn)
}

// SetRegisteredResourcePrincipals implements [resource.Store].
func (tx *Tx) SetRegisteredResourcePrincipals(arn string, ids map[string]string) error {
	if err := tx.later(`delete from resource_principals where resource_arn = $1`, arn); err != nil {
		return err
	}
	for name, id := range ids {
		err := tx.later(`insert into resource_principals (resource_arn, name, principal_id) values ($1, $2, $3)`, arn, name, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// RegisteredResourcePrincipals implements [resource.Reader].
func (tx *Tx) RegisteredResourcePrincipals(arn string) ([]iam.Trusted, error) {
	return queryAll(tx, scanTrusted, `
		select p.name, p.principal_id, coalesce(i.account_id, ''), coalesce(i.kind, ''),
			coalesce(i.path, ''), coalesce(i.name, '')
		from resource_principals p left join iam_identities i on i.id = p.principal_id
		where p.resource_arn = $1
		order by p.name`, arn)
}
