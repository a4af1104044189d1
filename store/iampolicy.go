package store

import (
	"database/sql"
	"strings"

	"github.com/bailiwick/bailiwick/iam"
)

// policyUsage are the columns of [iam.Usage] for the policy p.
const policyUsage = `
	(select count(*) from iam_attachments a where a.account_id = p.account_id and a.policy_arn = p.arn),
	(select count(*) from iam_identities b where b.account_id = p.account_id and b.boundary = p.arn)`

const managedColumns = `p.id, p.account_id, p.name, p.path, p.description, p.default_version,
	p.next_version, p.created_at, p.updated_at,` + policyUsage

func scanManaged(row scanner) (p iam.Policy, err error) {
	err = row.Scan(&p.ID, &p.AccountID, &p.Name, &p.Path, &p.Description, &p.DefaultVersion,
		&p.NextVersion, asTime(&p.CreatedAt), asTime(&p.UpdatedAt), &p.Usage.Attachments, &p.Usage.Boundaries)
	return p, err
}

// IAMInsertPolicy implements [iam.PolicyStore].
func (tx *Tx) IAMInsertPolicy(p iam.Policy) error {
	_, err := tx.exec(`
		insert into iam_policies (id, account_id, arn, name, name_key, path, description,
			default_version, next_version, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.AccountID, p.ARN(), p.Name, strings.ToLower(p.Name), p.Path, p.Description,
		p.DefaultVersion, p.NextVersion, p.CreatedAt, p.UpdatedAt)
	return duplicate(err)
}

// IAMUpdatePolicy implements [iam.PolicyStore].
func (tx *Tx) IAMUpdatePolicy(p iam.Policy) error {
	return tx.later(`
		update iam_policies set default_version = $2, next_version = $3, updated_at = $4 where id = $1`,
		p.ID, p.DefaultVersion, p.NextVersion, p.UpdatedAt)
}

// IAMDeletePolicy implements [iam.PolicyStore].
func (tx *Tx) IAMDeletePolicy(id string) error {
	return tx.later(`delete from iam_policies where id = $1`, id)
}

// IAMPolicy implements [iam.PolicyStore].
func (tx *Tx) IAMPolicy(arn string) (iam.Policy, bool, error) {
	return found(scanManaged(tx.queryRow(`select `+managedColumns+` from iam_policies p where p.arn = $1`, arn)))
}

// IAMPolicyNamed implements [iam.PolicyStore].
func (tx *Tx) IAMPolicyNamed(accountID, name string) (bool, error) {
	n, err := tx.count(`select count(*) from iam_policies where account_id = $1 and name_key = $2`,
		accountID, strings.ToLower(name))
	return n > 0, err
}

// IAMPolicies implements [iam.PolicyStore].
func (tx *Tx) IAMPolicies(accountID string, f iam.PolicyFilter, r iam.Range) ([]iam.Policy, error) {
	return queryAll(tx, func(rows *sql.Rows) (iam.Policy, error) { return scanManaged(rows) }, `
		select `+managedColumns+` from iam_policies p
		where p.account_id = $1 and p.name > $2 and substr(p.path, 1, $4) = $3
			and ($5 = 0 or exists (select 1 from iam_attachments a
				where a.account_id = p.account_id and a.policy_arn = p.arn))
			and ($6 = 0 or exists (select 1 from iam_identities b
				where b.account_id = p.account_id and b.boundary = p.arn))
		order by p.name limit $7`,
		accountID, r.After, f.PathPrefix, len(f.PathPrefix), f.NeedsAttachment(), f.NeedsBoundary(), r.Limit)
}

// IAMCountPolicies implements [iam.PolicyStore].
func (tx *Tx) IAMCountPolicies(accountID string) (int, error) {
	return tx.count(`select count(*) from iam_policies where account_id = $1`, accountID)
}

// IAMInsertVersion implements [iam.VersionStore].
func (tx *Tx) IAMInsertVersion(policyID string, v iam.Version) error {
	return tx.later(`
		insert into iam_policy_versions (policy_id, number, document, created_at)
		values ($1, $2, $3, $4)`, policyID, v.Number, v.Document, v.CreatedAt)
}

// IAMDeleteVersion implements [iam.VersionStore].
func (tx *Tx) IAMDeleteVersion(policyID string, number int) error {
	return tx.later(`delete from iam_policy_versions where policy_id = $1 and number = $2`, policyID, number)
}

// IAMDeleteVersions implements [iam.VersionStore].
func (tx *Tx) IAMDeleteVersions(policyID string) error {
	return tx.later(`delete from iam_policy_versions where policy_id = $1`, policyID)
}

// IAMVersion implements [iam.VersionStore].
func (tx *Tx) IAMVersion(policyID string, number int) (iam.Version, bool, error) {
	v := iam.Version{Number: number}
	err := tx.queryRow(`
		select document, created_at from iam_policy_versions where policy_id = $1 and number = $2`,
		policyID, number).Scan(&v.Document, asTime(&v.CreatedAt))
	return found(v, err)
}

// IAMVersions implements [iam.VersionStore].
func (tx *Tx) IAMVersions(policyID string) ([]iam.Version, error) {
	return queryAll(tx, func(rows *sql.Rows) (v iam.Version, err error) {
		return v, rows.Scan(&v.Number, asTime(&v.CreatedAt))
	}, `
		select number, created_at from iam_policy_versions where policy_id = $1
		order by number desc`, policyID)
}

// IAMAttach implements [iam.AttachmentStore].
func (tx *Tx) IAMAttach(i *iam.Identity, p iam.AttachedPolicy) error {
	return tx.later(`
		insert into iam_attachments (identity_id, policy_arn, account_id, policy_name, policy_path)
		values ($1, $2, $3, $4, $5)
		on conflict (identity_id, policy_arn) do nothing`, i.ID, p.ARN, i.AccountID, p.Name, p.Path)
}

// IAMDetach implements [iam.AttachmentStore].
func (tx *Tx) IAMDetach(identityID, policyARN string) (bool, error) {
	n, err := tx.exec(`delete from iam_attachments where identity_id = $1 and policy_arn = $2`, identityID, policyARN)
	return n > 0, err
}

// IAMAttached implements [iam.AttachmentStore].
func (tx *Tx) IAMAttached(identityID, pathPrefix string) ([]iam.AttachedPolicy, error) {
	return queryAll(tx, func(rows *sql.Rows) (p iam.AttachedPolicy, err error) {
		return p, rows.Scan(&p.ARN, &p.Name, &p.Path)
	}, `
		select policy_arn, policy_name, policy_path from iam_attachments
		where identity_id = $1 and substr(policy_path, 1, $3) = $2
		order by policy_name, policy_arn`, identityID, pathPrefix, len(pathPrefix))
}

// carriers are the identity $1 and the groups that it is in.
const carriers = `
	select i.id, i.kind, i.name, 0 as distance from iam_identities i where i.id = $1
	union all
	select g.id, g.kind, g.name, 1 as distance
	from iam_members m join iam_identities g on g.id = m.group_id where m.user_id = $1`

func scanText(rows *sql.Rows) (p iam.PolicyText, err error) {
	var kind, name string
	if err = rows.Scan(&kind, &name, &p.ARN, &p.Name, &p.Document); err != nil {
		return p, err
	}
	p.Owner = kind + "/" + name
	return p, nil
}

// IAMAttachedDocuments implements [iam.AttachmentStore].
func (tx *Tx) IAMAttachedDocuments(identityID string) ([]iam.PolicyText, error) {
	return queryAll(tx, scanText, `
		select c.kind, c.name, a.policy_arn, a.policy_name, coalesce(v.document, '')
		from (`+carriers+`) c
		join iam_attachments a on a.identity_id = c.id
		left join iam_policies p on p.arn = a.policy_arn
		left join iam_policy_versions v on v.policy_id = p.id and v.number = p.default_version
		order by c.distance, c.name, a.policy_name, a.policy_arn`, identityID)
}

// IAMPolicyUsage implements [iam.AttachmentStore].
func (tx *Tx) IAMPolicyUsage(accountID, policyARN string) (u iam.Usage, err error) {
	err = tx.queryRow(`
		select (select count(*) from iam_attachments where account_id = $1 and policy_arn = $2),
			(select count(*) from iam_identities where account_id = $1 and boundary = $2)`,
		accountID, policyARN).Scan(&u.Attachments, &u.Boundaries)
	return u, err
}

// IAMAWSPolicyUsage implements [iam.AttachmentStore].
func (tx *Tx) IAMAWSPolicyUsage(accountID string) (map[string]iam.Usage, error) {
	usage := map[string]iam.Usage{}
	type row struct {
		arn                     string
		attachments, boundaries int
	}
	rows, err := queryAll(tx, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.arn, &r.attachments, &r.boundaries)
	}, `
		select policy_arn, count(*), 0 from iam_attachments
		where account_id = $1 and policy_arn >= 'arn:aws:iam::aws:' and policy_arn < 'arn:aws:iam::aws;'
		group by policy_arn
		union all
		select boundary, 0, count(*) from iam_identities
		where account_id = $1 and boundary >= 'arn:aws:iam::aws:' and boundary < 'arn:aws:iam::aws;'
		group by boundary`, accountID)
	for _, r := range rows {
		u := usage[r.arn]
		u.Attachments += r.attachments
		u.Boundaries += r.boundaries
		usage[r.arn] = u
	}
	return usage, err
}

// IAMPolicyEntities implements [iam.AttachmentStore].
func (tx *Tx) IAMPolicyEntities(accountID, policyARN string, f iam.EntityFilter, after iam.EntityCursor, limit int) ([]iam.Identity, error) {
	return queryAll(tx, scanIdentities, `
		select `+identityColumns+` from iam_identities i
		where i.account_id = $1 and (i.kind, i.name) > ($3, $4)
			and ($5 = '' or i.kind = $5) and substr(i.path, 1, $7) = $6
			and (($8 = 1 and i.id in (select identity_id from iam_attachments
					where account_id = $1 and policy_arn = $2))
				or ($9 = 1 and i.boundary = $2))
		order by i.kind, i.name limit $10`,
		accountID, policyARN, string(after.Kind), after.Name, string(f.Kind), f.PathPrefix, len(f.PathPrefix),
		f.Usage != iam.UsedAsBoundary, f.Usage != iam.UsedAsPolicy, limit)
}

// IAMPutInline implements [iam.InlineStore].
func (tx *Tx) IAMPutInline(identityID, name, document string) error {
	return tx.later(`
		insert into iam_inline_policies (identity_id, name, document) values ($1, $2, $3)
		on conflict (identity_id, name) do update set document = excluded.document`,
		identityID, name, document)
}

// IAMDeleteInline implements [iam.InlineStore].
func (tx *Tx) IAMDeleteInline(identityID, name string) (bool, error) {
	n, err := tx.exec(`delete from iam_inline_policies where identity_id = $1 and name = $2`, identityID, name)
	return n > 0, err
}

// IAMInline implements [iam.InlineStore].
func (tx *Tx) IAMInline(identityID, name string) (string, bool, error) {
	var document string
	err := tx.queryRow(`
		select document from iam_inline_policies where identity_id = $1 and name = $2`, identityID, name).Scan(&document)
	return found(document, err)
}

// IAMInlineNames implements [iam.InlineStore].
func (tx *Tx) IAMInlineNames(identityID string, r iam.Range) ([]string, error) {
	return queryAll(tx, func(rows *sql.Rows) (name string, err error) { return name, rows.Scan(&name) }, `
		select name from iam_inline_policies where identity_id = $1 and name > $2
		order by name limit $3`, identityID, r.After, r.Limit)
}

// IAMInlineDocuments implements [iam.InlineStore].
func (tx *Tx) IAMInlineDocuments(identityID string) ([]iam.PolicyText, error) {
	return queryAll(tx, scanText, `
		select c.kind, c.name, '', p.name, p.document
		from (`+carriers+`) c
		join iam_inline_policies p on p.identity_id = c.id
		order by c.distance, c.name, p.name`, identityID)
}
