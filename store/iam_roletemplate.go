package store

import "github.com/bailiwick/bailiwick/iam"

// The SQL of role templates.

// IAMPutRoleTemplate implements [iam.RoleTemplateStore].
func (tx *Tx) IAMPutRoleTemplate(t iam.RoleTemplate) error {
	settings, err := jsonText(t)
	if err != nil {
		return err
	}
	return tx.later(`
		insert into iam_role_templates (arn, settings) values ($1, $2)
		on conflict (arn) do update set settings = excluded.settings`, t.ARN, settings)
}

// IAMRoleTemplate implements [iam.RoleTemplateStore].
func (tx *Tx) IAMRoleTemplate(arn string) (t iam.RoleTemplate, ok bool, err error) {
	err = tx.queryRow(`select settings from iam_role_templates where arn = $1`, arn).Scan(asJSON(&t))
	return found(t, err)
}

// IAMPutRoleTemplateVersion implements [iam.RoleTemplateStore].
func (tx *Tx) IAMPutRoleTemplateVersion(templateARN string, v iam.RoleTemplateVersion) error {
	body, err := jsonText(v)
	if err != nil {
		return err
	}
	return tx.later(`
		insert into iam_role_template_versions (template_arn, minor, body) values ($1, $2, $3)
		on conflict (template_arn, minor) do update set body = excluded.body`, templateARN, v.Minor, body)
}

// IAMRoleTemplateVersion implements [iam.RoleTemplateStore].
func (tx *Tx) IAMRoleTemplateVersion(templateARN string, minor int32) (v iam.RoleTemplateVersion, ok bool, err error) {
	err = tx.queryRow(`select body from iam_role_template_versions where template_arn = $1 and minor = $2`, templateARN, minor).Scan(asJSON(&v))
	return found(v, err)
}

// IAMSetRoleSource implements [iam.RoleTemplateStore].
func (tx *Tx) IAMSetRoleSource(roleID string, s iam.RoleSource) error {
	return tx.later(`
		insert into iam_role_sources (role_id, template_arn, minor) values ($1, $2, $3)
		on conflict (role_id) do update set template_arn = excluded.template_arn, minor = excluded.minor`,
		roleID, s.TemplateARN, s.Minor)
}

// IAMRoleSource implements [iam.RoleTemplateStore].
func (tx *Tx) IAMRoleSource(roleID string) (s iam.RoleSource, ok bool, err error) {
	err = tx.queryRow(`select template_arn, minor from iam_role_sources where role_id = $1`, roleID).Scan(&s.TemplateARN, &s.Minor)
	return found(s, err)
}

// IAMDeleteRoleSource implements [iam.RoleTemplateStore].
func (tx *Tx) IAMDeleteRoleSource(roleID string) error {
	return tx.later(`delete from iam_role_sources where role_id = $1`, roleID)
}
