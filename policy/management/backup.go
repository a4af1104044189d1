package management

import "strconv"

// Backup policies (Organizations user guide, "Backup policy syntax and examples"; numbers:
// AWS Backup developer guide, "AWS Backup quotas", policy quotas).

var (
	backupTag = recordOf(needs("tag_key", one(filledText)), needs("tag_value", one(anyText)))

	backupLifecycle = recordOf(
		has("move_to_cold_storage_after_days", one(anyInteger)),
		has("delete_after_days", one(anyInteger)),
		has("opt_in_to_archive_for_supported_resources", one(boolean)),
	)

	backupRule = recordOf(
		needs("schedule_expression", one(pattern(`(?:cron|rate)\(.+\)`, "a schedule such as cron(0 5 ? * * *)"))),
		has("schedule_expression_timezone", one(filledText)),
		needs("target_backup_vault_name", one(pattern(`[A-Za-z0-9_.-]{2,50}`, "the name of a vault, 2 to 50 letters, digits, hyphens, dots and underscores"))),
		has("target_logically_air_gapped_backup_vault_arn", one(vaultARN)),
		has("start_backup_window_minutes", one(form{
			matches: func(s string) bool { n, err := strconv.Atoi(s); return err == nil && n >= shortestWindow },
			words:   "a number of at least 60 minutes",
		})),
		has("complete_backup_window_minutes", one(anyInteger)),
		has("enable_continuous_backup", one(boolean)),
		has("lifecycle", backupLifecycle),
		has("copy_actions", tableOf(vaultARN, recordOf(
			has("target_backup_vault_arn", one(vaultARN)),
			has("lifecycle", backupLifecycle),
		)).upTo(5)),
		has("recovery_point_tags", tableOf(filledText, backupTag).upTo(10)),
		has("index_actions", recordOf(has("resource_types", many(words("EBS", "S3"))))),
		has("scan_actions", tableOf(words("GUARDDUTY"), recordOf(
			needs("scan_mode", one(words("FULL_SCAN", "INCREMENTAL_SCAN"))),
		))),
	)

	backupCondition = tableOf(filledText, recordOf(
		needs("condition_key", one(filledText)), needs("condition_value", one(anyText)),
	)).upTo(30)

	backupConditions = has("conditions", recordOf(
		has("string_equals", backupCondition), has("string_not_equals", backupCondition),
		has("string_like", backupCondition), has("string_not_like", backupCondition),
	))

	backupShape = tableOf(filledText, recordOf(
		needs("regions", many(region).atLeast(1)),
		needs("rules", tableOf(filledText, backupRule).atLeast(1).upTo(10)),
		needs("selections", recordOf(
			has("tags", tableOf(filledText, recordOf(
				needs("iam_role_arn", one(roleARN)),
				needs("tag_key", one(filledText)),
				needs("tag_value", many(anyText).upTo(30)),
				backupConditions,
			)).upTo(10)),
			has("resources", tableOf(filledText, recordOf(
				needs("iam_role_arn", one(roleARN)),
				needs("resource_types", many(resourceType).atLeast(1)),
				has("not_resource_types", many(resourceType)),
				backupConditions,
			)).upTo(100)),
		)),
		has("advanced_backup_settings", recordOf(
			has("ec2", recordOf(has("windows_vss", one(switched)))),
			has("s3", recordOf(has("backup_acls", one(switched)), has("backup_object_tags", one(switched)))),
		)),
		has("backup_plan_tags", tableOf(filledText, backupTag)),
		has("scan_settings", tableOf(words("GUARDDUTY"), recordOf(
			needs("resource_types", many(words("ALL", "EBS", "EC2", "S3")).atLeast(1)),
			needs("scanner_role_arn", one(roleARN)),
		))),
	))

	vaultARN     = pattern(`arn:aws[a-z-]*:backup:(?:\$region|[a-z0-9-]+):(?:\$account|[0-9]{12}):(?:backup-vault|vault):.+`, "the ARN of a vault, with $account or an account id")
	resourceType = pattern(`\*|arn:aws[a-z-]*:.+`, "the ARN of a type of resources, or *")
)

// shortestWindow is the least number of minutes that a backup may take to start.
const shortestWindow = 60

// coldDays is how long a backup stays in cold storage at least.
const coldDays = 90

// inspectBackup reports plans that select in both ways or in none, and backups that would
// leave cold storage too early.
func inspectBackup(c *inspection, top *entry) {
	for _, plan := range top.children {
		if selections := plan.child("selections"); selections != nil {
			tags, resources := selections.child("tags"), selections.child("resources")
			switch {
			case tags != nil && resources != nil:
				c.report(selections, CodeKeysConflict, "'tags' and 'resources' exclude each other")
			case tags == nil && resources == nil:
				c.report(selections, CodeKeyRequired, "'tags' or 'resources' is missing")
			}
		}
		rules := plan.child("rules")
		if rules == nil {
			continue
		}
		for _, rule := range rules.children {
			c.lifecycle(rule.child("lifecycle"))
			if copies := rule.child("copy_actions"); copies != nil {
				for _, action := range copies.children {
					c.lifecycle(action.child("lifecycle"))
				}
			}
		}
	}
}

func (c *inspection) lifecycle(e *entry) {
	if e == nil {
		return
	}
	cold, hasCold := e.child("move_to_cold_storage_after_days").number()
	end, hasEnd := e.child("delete_after_days").number()
	if hasCold && hasEnd && end < cold+coldDays {
		c.report(e, CodeValueInvalid, "'delete_after_days' is not at least %d days after 'move_to_cold_storage_after_days'", coldDays)
	}
}
