package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/org"
)

const policyColumns = `id, type, name, description, content, created_at, updated_at`

func scanPolicy(row scanner) (p org.Policy, err error) {
	err = row.Scan(&p.ID, &p.Type, &p.Name, &p.Description, &p.Content, asTime(&p.CreatedAt), asTime(&p.UpdatedAt))
	return p, err
}

// OrgPolicy implements [org.PolicyStore].
func (tx *Tx) OrgPolicy(organizationID, id string) (org.Policy, bool, error) {
	return found(scanPolicy(tx.queryRow(`select `+policyColumns+` from org_policies where organization_id = $1 and id = $2`,
		organizationID, id)))
}

// OrgPolicyByName implements [org.PolicyStore].
func (tx *Tx) OrgPolicyByName(organizationID, policyType, name string) (org.Policy, bool, error) {
	return found(scanPolicy(tx.queryRow(`
		select `+policyColumns+` from org_policies
		where organization_id = $1 and type = $2 and name = $3`, organizationID, policyType, name)))
}

// InsertOrgPolicy implements [org.PolicyStore].
func (tx *Tx) InsertOrgPolicy(organizationID string, p org.Policy) error {
	return tx.later(`
		insert into org_policies (organization_id, `+policyColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		organizationID, p.ID, p.Type, p.Name, p.Description, p.Content, p.CreatedAt, p.UpdatedAt)
}

// UpdateOrgPolicy implements [org.PolicyStore].
func (tx *Tx) UpdateOrgPolicy(organizationID string, p org.Policy) error {
	return tx.later(`
		update org_policies set name = $3, description = $4, content = $5, updated_at = $6
		where organization_id = $1 and id = $2`,
		organizationID, p.ID, p.Name, p.Description, p.Content, p.UpdatedAt)
}

// DeleteOrgPolicy implements [org.PolicyStore].
func (tx *Tx) DeleteOrgPolicy(organizationID, id string) error {
	return tx.later(`delete from org_policies where organization_id = $1 and id = $2`, organizationID, id)
}

// OrgPolicies implements [org.PolicyStore].
func (tx *Tx) OrgPolicies(organizationID, policyType, after string, limit int) ([]org.Policy, error) {
	return queryAll(tx, func(rows *sql.Rows) (org.Policy, error) { return scanPolicy(rows) }, `
		select `+policyColumns+` from org_policies
		where organization_id = $1 and type = $2 and id > $3
		order by id limit $4`, organizationID, policyType, after, limit)
}

// InsertOrgAttachment implements [org.AttachmentStore].
func (tx *Tx) InsertOrgAttachment(organizationID string, a org.Attachment) error {
	return tx.later(`
		insert into org_attachments (organization_id, target_id, type, policy_id, kind, attached_at, position)
		values ($1, $2, $3, $4, $5, $6, (
			select coalesce(max(position), 0) + 1 from org_attachments
			where organization_id = $1 and target_id = $2 and type = $3))`,
		organizationID, a.TargetID, a.PolicyType, a.PolicyID, a.Kind, a.AttachedAt)
}

// DeleteOrgAttachment implements [org.AttachmentStore].
func (tx *Tx) DeleteOrgAttachment(organizationID, targetID, policyID string) (bool, error) {
	n, err := tx.exec(`
		delete from org_attachments where organization_id = $1 and target_id = $2 and policy_id = $3`,
		organizationID, targetID, policyID)
	return n > 0, err
}

// DeleteOrgAttachmentsOf implements [org.AttachmentStore].
func (tx *Tx) DeleteOrgAttachmentsOf(organizationID, targetID string) error {
	return tx.later(`delete from org_attachments where organization_id = $1 and target_id = $2`, organizationID, targetID)
}

// DeleteOrgAttachmentsOfType implements [org.AttachmentStore].
func (tx *Tx) DeleteOrgAttachmentsOfType(organizationID, policyType string) error {
	return tx.later(`delete from org_attachments where organization_id = $1 and type = $2`, organizationID, policyType)
}

// AttachOrgEverywhere implements [org.AttachmentStore].
func (tx *Tx) AttachOrgEverywhere(o org.Organization, policyType, policyID string) error {
	root := org.Attachment{TargetID: o.RootID, Kind: org.KindRoot, PolicyType: policyType, PolicyID: policyID, AttachedAt: tx.Now()}
	if err := tx.InsertOrgAttachment(o.ID, root); err != nil {
		return err
	}
	for _, statement := range []string{
		`insert into org_attachments (organization_id, target_id, type, policy_id, kind, attached_at, position)
		select organization_id, id, $2, $3, 'ORGANIZATIONAL_UNIT', $4, 1 from org_units where organization_id = $1`,
		`insert into org_attachments (organization_id, target_id, type, policy_id, kind, attached_at, position)
		select organization_id, id, $2, $3, 'ACCOUNT', $4, 1 from org_accounts where organization_id = $1`,
	} {
		if err := tx.later(statement, o.ID, policyType, policyID, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// OrgPoliciesAt implements [org.AttachmentStore].
func (tx *Tx) OrgPoliciesAt(organizationID, policyType string, targetIDs []string) ([]org.Attachment, error) {
	if len(targetIDs) == 0 {
		return nil, nil
	}
	list, args := placeholderList([]any{organizationID, policyType}, targetIDs)
	all, err := queryAll(tx, func(rows *sql.Rows) (a org.Attachment, err error) {
		err = rows.Scan(&a.TargetID, &a.Kind, &a.PolicyType, &a.PolicyID, asTime(&a.AttachedAt), &a.Position,
			&a.Policy.Name, &a.Policy.Description, &a.Policy.Content, asTime(&a.Policy.UpdatedAt))
		if a.Policy.Name == "" {
			a.Policy = org.Policy{}
		} else {
			a.Policy.ID, a.Policy.Type = a.PolicyID, a.PolicyType
		}
		return a, err
	}, `
		select a.target_id, a.kind, a.type, a.policy_id, a.attached_at, a.position,
			coalesce(p.name, ''), coalesce(p.description, ''), coalesce(p.content, ''), coalesce(p.updated_at, 0)
		from org_attachments a
		left join org_policies p on p.organization_id = a.organization_id and p.id = a.policy_id
		where a.organization_id = $1 and a.type = $2 and a.target_id in (`+list+`)`, args...)
	// Sorted here: to have the order for nothing, PostgreSQL reads all that the organization has
	// attached, by the index, as long as it knows nothing of the table's size.
	slices.SortFunc(all, func(a, b org.Attachment) int {
		return cmp.Or(strings.Compare(a.TargetID, b.TargetID), strings.Compare(a.PolicyID, b.PolicyID))
	})
	return all, err
}

// OrgTargets implements [org.AttachmentStore].
func (tx *Tx) OrgTargets(organizationID, policyID, after string, limit int) ([]org.Target, error) {
	return queryAll(tx, func(rows *sql.Rows) (t org.Target, err error) {
		return t, rows.Scan(&t.ID, &t.Kind, &t.Name)
	}, `
		select t.target_id, t.kind, coalesce(u.name, a.name, '')
		from org_attachments t
		left join org_units u on u.organization_id = t.organization_id and u.id = t.target_id
		left join org_accounts a on a.id = t.target_id
		where t.organization_id = $1 and t.policy_id = $2 and t.target_id > $3
		order by t.target_id limit $4`, organizationID, policyID, after, limit)
}

// OrgTags implements [org.TagStore].
func (tx *Tx) OrgTags(organizationID, resourceID string) ([]org.Tag, error) {
	return queryAll(tx, func(rows *sql.Rows) (t org.Tag, err error) {
		return t, rows.Scan(&t.Key, &t.Value)
	}, `
		select tag_key, tag_value from org_tags
		where organization_id = $1 and resource_id = $2
		order by tag_key`, organizationID, resourceID)
}

// PutOrgTag implements [org.TagStore].
func (tx *Tx) PutOrgTag(organizationID, resourceID string, t org.Tag) error {
	return tx.later(`
		insert into org_tags (organization_id, resource_id, tag_key, tag_value) values ($1, $2, $3, $4)
		on conflict (organization_id, resource_id, tag_key) do update set tag_value = excluded.tag_value`,
		organizationID, resourceID, t.Key, t.Value)
}

// DeleteOrgTag implements [org.TagStore].
func (tx *Tx) DeleteOrgTag(organizationID, resourceID, key string) error {
	return tx.later(`
		delete from org_tags where organization_id = $1 and resource_id = $2 and tag_key = $3`,
		organizationID, resourceID, key)
}

// DeleteOrgTags implements [org.TagStore].
func (tx *Tx) DeleteOrgTags(organizationID, resourceID string) error {
	err := tx.later(`delete from org_untagged where organization_id = $1 and resource_id = $2`, organizationID, resourceID)
	if err != nil {
		return err
	}
	return tx.later(`delete from org_tags where organization_id = $1 and resource_id = $2`, organizationID, resourceID)
}
