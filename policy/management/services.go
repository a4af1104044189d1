package management

import "strconv"

// The grammars that are the tables of their topics and no more.

// Policies for chat applications ("Chat applications policy syntax and examples"). Teams of
// Microsoft Teams stand under their tenant.
var (
	chatRoles    = has("supported_role_settings", many(words("user_role", "channel_role")))
	chatChannels = has("supported_channel_types", many(words("public", "private")))
	chatClient   = has("client", one(switched))

	chatShape = recordOf(
		has("platforms", recordOf(
			has("slack", recordOf(
				chatClient,
				has("workspaces", many(filledText).upTo(255)),
				has("default", recordOf(chatChannels, chatRoles)),
				has("overrides", tableOf(filledText, recordOf(chatChannels, chatRoles)).upTo(255)),
			)),
			has("microsoft_teams", recordOf(
				chatClient,
				has("tenants", tableOf(filledText, many(filledText).upTo(36)).upTo(36)),
				has("default", recordOf(chatRoles)),
				has("overrides", tableOf(filledText, tableOf(filledText, recordOf(chatRoles)).upTo(36)).upTo(36)),
			)),
			has("chime", recordOf(chatClient)),
		)),
		has("default", recordOf(chatClient)),
	)
)

// optOutShape is of AI services opt-out policies ("AI services opt-out policy syntax and
// examples"). Names of services are checked for their form: AWS adds to the list.
var optOutShape = tableOf(pattern(`[a-z0-9_-]+`, "the name of a service in lower case, or default"), recordOf(
	needs("opt_out_policy", one(words("optIn", "optOut"))),
))

// EC2 policies ("EC2 policy syntax and examples", before "Declarative policy syntax and
// examples"). Attributes that we have no documentation of are held to the rules of documents
// in general only.
var (
	imageCriteria = recordOf(
		has("allowed_image_providers", many(pattern(`[0-9]{12}|amazon|aws_marketplace|aws_backup_vault|none`, "an account id, amazon, aws_marketplace, aws_backup_vault or none"))),
		has("image_names", many(pattern(`.{1,128}`, "the name of an image, 1 to 128 characters"))),
		has("marketplace_product_codes", many(pattern(`[A-Za-z0-9]{1,25}`, "a product code, 1 to 25 letters and digits"))),
		has("creation_date_condition", recordOf(has("maximum_days_since_created", one(days)))),
		has("deprecation_time_condition", recordOf(has("maximum_days_since_deprecated", one(days)))),
	)

	days = between(0, 1<<31-1)

	ec2Shape = openRecord(
		has("exception_message", one(filledText)),
		has("vpc_block_public_access", recordOf(has("internet_gateway_block", recordOf(
			needs("mode", one(words("off", "block_ingress", "block_bidirectional"))),
			needs("exclusions_allowed", one(switched)),
		)))),
		has("serial_console_access", recordOf(needs("status", one(switched)))),
		has("image_block_public_access", recordOf(needs("state", one(words("unblocked", "block_new_sharing"))))),
		has("allowed_images_settings", recordOf(
			needs("state", one(words("enabled", "disabled", "audit_mode"))),
			has("image_criteria", tableOf(pattern(`criteria_(?:[1-9]|10)`, "criteria_1 to criteria_10"), imageCriteria).upTo(10)),
		)),
		has("instance_metadata_defaults", openRecord(
			has("http_tokens", one(words("no_preference", "required", "optional"))),
			has("http_put_response_hop_limit", one(between(-1, 64))),
			has("http_endpoint", one(words("no_preference", "enabled", "disabled"))),
			has("instance_metadata_tags", one(words("no_preference", "enabled", "disabled"))),
		)),
		has("snapshot_block_public_access", recordOf(
			needs("state", one(words("unblocked", "block_new_sharing", "block_all_sharing"))),
		)),
	)
)

// between accepts the numbers of a range.
func between(least, most int) form {
	return form{
		matches: func(s string) bool { n, err := strconv.Atoi(s); return err == nil && least <= n && n <= most },
		words:   "a number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most),
	}
}

// s3Shape is of Amazon S3 policies ("Amazon S3 policy syntax and examples").
var s3Shape = recordOf(has("public_access_block_configuration", one(words("all", "none"))))

// byRegion are the two lists that services are switched by.
func byRegion() []field {
	return []field{
		needs("enable_in_regions", many(regionOrAll)),
		needs("disable_in_regions", many(regionOrAll)),
	}
}

// Security Hub, Amazon Inspector and AWS Shield Network Security Director policies (the
// topics "… policy syntax and examples").
var (
	regional = recordOf(byRegion()...)

	securityHubShape = recordOf(append(byRegion(), has("features", openRecord(has("network_scanning", regional))))...)

	inspectorShape = recordOf(has("enablement", recordOf(
		has("lambda_standard_scanning", recordOf(append(byRegion(), has("lambda_code_scanning", regional))...)),
		has("ec2_scanning", regional),
		has("ecr_scanning", regional),
		has("code_repository_scanning", regional),
	)))

	securityDirectorShape = recordOf(has("enablement", recordOf(has("network_security_scan", regional))))
)

// bedrockShape is of Amazon Bedrock policies ("Amazon Bedrock policy syntax and examples",
// with input_tags of its first version).
var (
	bedrockGuarding = one(words("selective", "comprehensive"))
	bedrockModels   = many(filledText)

	bedrockShape = recordOf(has("guardrail_inference", tableOf(region, tableOf(filledText, recordOf(
		needs("identifier", one(pattern(`arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:guardrail/[a-z0-9]+:[1-9][0-9]*`, "the ARN of a guardrail with a version"))),
		has("input_tags", one(words("honor", "ignore"))),
		has("selective_content_guarding", recordOf(has("system", bedrockGuarding), has("messages", bedrockGuarding))),
		has("model_enforcement", recordOf(has("included_models", bedrockModels), has("excluded_models", bedrockModels))),
	)))))
)

// rolloutShape is of upgrade rollout policies ("Upgrade rollout policy syntax and examples").
var (
	patchOrder = recordOf(needs("patch_order", one(words("first", "second", "last"))))

	rolloutShape = recordOf(
		has("default", patchOrder),
		has("tags", tableOf(filledText, recordOf(needs("tag_values", tableOf(filledText, patchOrder))))),
	)
)

// Amazon GuardDuty policies ("Amazon GuardDuty policy syntax and examples").
var (
	guardDutyFeature = recordOf(needs("status", one(switched)))

	guardDutyShape = recordOf(needs("enablement", tableOf(defaultOrOne, recordOf(
		has("foundational", guardDutyFeature),
		has("s3_data_events", guardDutyFeature),
		has("eks_audit_logs", guardDutyFeature),
		has("ebs_malware_protection", guardDutyFeature),
		has("rds_login_events", guardDutyFeature),
		has("lambda_network_logs", guardDutyFeature),
		has("ai_protection", guardDutyFeature),
		has("runtime_monitoring", recordOf(
			needs("status", one(switched)),
			has("additional_configuration", recordOf(
				has("eks_addon_management", guardDutyFeature),
				has("ec2_agent_management", guardDutyFeature),
				has("ecs_fargate_agent_management", guardDutyFeature),
			)),
		)),
	)).atLeast(1)))
)

// inspectGuardDuty reports blocks that enable a feature without the foundation of all.
func inspectGuardDuty(c *inspection, top *entry) {
	enablement := top.child("enablement")
	if enablement == nil {
		return
	}
	for _, block := range enablement.children {
		if block.child("foundational").child("status").text() == "enabled" {
			continue
		}
		for _, feature := range block.children {
			if feature.child("status").text() == "enabled" {
				c.report(block, CodeValueInvalid, "'foundational' is not enabled, but '%s' is", feature.key)
				break
			}
		}
	}
}
