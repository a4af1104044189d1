package management_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy/management"
)

// accepted are documents of every type, beyond those of the scenes.
var accepted = map[string][]string{
	management.AIServicesOptOutPolicy: {
		`{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn","@@operators_allowed_for_child_policies":["@@assign"]}}}}`,
		`{"services":{"@@operators_allowed_for_child_policies":["@@none"]}}`,
	},
	management.BackupPolicy: {
		`{"plans":{"P":{"rules":{"R":{"index_actions":{"resource_types":{"@@append":["EBS"]}},"scan_actions":{"GUARDDUTY":{"scan_mode":{"@@assign":"FULL_SCAN"}}}}}}}}`,
		`{"plans":{"P":{"scan_settings":{"GUARDDUTY":{"resource_types":{"@@assign":["ALL"]},"scanner_role_arn":{"@@assign":"arn:aws:iam::$account:role/x"}}}}}}`,
		`{"plans":{"P":{"advanced_backup_settings":{"s3":{"backup_acls":{"@@assign":"disabled"}}}}}}`,
		`{"plans":{"P":{"selections":{"resources":{"S":{"conditions":{"string_not_like":{"c":{"condition_key":{"@@assign":"aws:ResourceTag/a"},"condition_value":{"@@assign":"*b*"}}}}}}}}}}`,
		`{"plans":{"P":{"rules":{"R":{"start_backup_window_minutes":{"@@assign":60},"lifecycle":{"opt_in_to_archive_for_supported_resources":{"@@assign":true}}}}}}}`,
	},
	management.BedrockPolicy: {
		`{"bedrock":{"guardrail_inference":{"eu-central-1":{"main":{"identifier":{"@@assign":"arn:aws:bedrock:eu-central-1:111122223333:guardrail/abc123:2"},"input_tags":{"@@assign":"ignore"}}}}}}`,
		`{"bedrock":{"guardrail_inference":{"eu-central-1":{"main":{"selective_content_guarding":{"system":{"@@assign":"selective"}},"model_enforcement":{"included_models":{"@@assign":["ALL"]}}}}}}}`,
	},
	management.ChatbotPolicy: {
		`{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"enabled"},"workspaces":{"@@append":["W1"]},"overrides":{"W1":{"supported_channel_types":{"@@assign":["private"]}}}},"chime":{"client":{"@@assign":"disabled"}}},"default":{"client":{"@@assign":"disabled"}}}}`,
		`{"chatbot":{"platforms":{"microsoft_teams":{"tenants":{"T":{"@@assign":["Team"]}},"overrides":{"T":{"Team":{"supported_role_settings":{"@@assign":["user_role","channel_role"]}}}}}}}}`,
	},
	management.DeclarativePolicyEC2: {
		`{"ec2_attributes":{"exception_message":{"@@assign":"Ask the platform team."},"serial_console_access":{"status":{"@@assign":"disabled"}}}}`,
		`{"ec2_attributes":{"allowed_images_settings":{"state":{"@@assign":"audit_mode"},"image_criteria":{"criteria_10":{"allowed_image_providers":{"@@append":["amazon","111122223333"]},"creation_date_condition":{"maximum_days_since_created":{"@@assign":"300"}}}}}}}`,
		`{"ec2_attributes":{"instance_metadata_defaults":{"http_tokens":{"@@assign":"required"},"http_put_response_hop_limit":{"@@assign":"-1"}}}}`,
		`{"ec2_attributes":{"something_new":{"mode":{"@@assign":"on"},"list":{"deep":{"@@append":["x"]}}}}}`,
	},
	management.GuardDutyPolicy: {
		`{"guardduty":{"enablement":{"eu-west-1":{"foundational":{"status":{"@@assign":"enabled"}},"runtime_monitoring":{"status":{"@@assign":"enabled"},"additional_configuration":{"ec2_agent_management":{"status":{"@@assign":"disabled"}}}}}}}}`,
	},
	management.InspectorPolicy: {
		`{"inspector":{"enablement":{"lambda_standard_scanning":{"enable_in_regions":{"@@assign":["ALL_SUPPORTED"]},"lambda_code_scanning":{"disable_in_regions":{"@@remove":["eu-west-1"]}}}}}}`,
	},
	management.NetworkSecurityDirectorPolicy: {
		`{"network_security_director":{"enablement":{"network_security_scan":{"enable_in_regions":{"@@assign":["us-east-1"]},"disable_in_regions":{"@@assign":[]}}}}}`,
	},
	management.S3Policy: {`{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}`},
	management.SecurityHubCSPMPolicy: {
		`{"whatever":{"it":{"@@assign":"is"},"list":{"@@append":[1,true,"x"]},"@@operators_allowed_for_child_policies":["@@append"]}}`,
	},
	management.SecurityHubPolicy: {
		`{"securityhub":{"features":{"network_scanning":{"enable_in_regions":{"@@append":["us-west-2"]}}}}}`,
	},
	management.TagPolicy: {
		`{"tags":{}}`,
		`{"tags":{"Cost Center":{"tag_key":{"@@assign":"COST CENTER"},"tag_value":{"@@assign":["*@example.com", 300]},"enforced_for":{"@@assign":["ec2:ALL_SUPPORTED","s3:*"]}}}}`,
	},
	management.UpgradeRolloutPolicy: {
		`{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"last"}},"tags":{"stage":{"tag_values":{"test":{"patch_order":{"@@assign":"first"}}}}}}}`,
	},
}

func TestEveryTypeTakesItsDocuments(t *testing.T) {
	for _, name := range management.Names() {
		if len(accepted[name]) == 0 {
			t.Errorf("no document of type %s", name)
		}
		for _, text := range accepted[name] {
			typ, _ := management.Find(name)
			if _, err := typ.Parse(text); err != nil {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
			if _, err := management.Read(text); err != nil {
				t.Errorf("%s, read: %v", name, err)
			}
		}
	}
	if _, found := management.Find("SERVICE_CONTROL_POLICY"); found {
		t.Error("service control policies are not management policies")
	}
}

func TestRefusedDocuments(t *testing.T) {
	const (
		tag, backup, ec2 = management.TagPolicy, management.BackupPolicy, management.DeclarativePolicyEC2
		optOut, hub      = management.AIServicesOptOutPolicy, management.SecurityHubPolicy
		cspm, chat       = management.SecurityHubCSPMPolicy, management.ChatbotPolicy
	)
	for _, c := range []struct {
		name, policyType, text string
		// path is where the fault is, words are in the message.
		path, words string
		line        int
	}{
		{"nothing", tag, ``, "", "not valid JSON", 1},
		{"half", tag, "{\n\"tags\": {", "", "not valid JSON", 2},
		{"two", tag, `{"tags":{}}{}`, "", "not valid JSON", 1},
		{"comma", tag, "{\"tags\": {},\n}", "", "not valid JSON", 2},
		{"list", tag, `[]`, "", "not an object", 1},
		{"text", tag, `"tags"`, "", "not an object", 1},
		{"empty", tag, `{}`, "", "no keys", 1},
		{"wrong top", tag, `{"plans":{}}`, "plans", "there is tags", 1},
		{"two tops", tag, "{\"tags\":{},\n\"more\":{}}", "more", "does not exist", 2},
		{"operator on top", tag, `{"@@assign":"x","tags":{}}`, "", "stand at keys", 1},
		{"control on top", cspm, `{"@@operators_allowed_for_child_policies":["@@none"],"x":{}}`, "", "stand at keys", 1},
		{"statement", tag, `{"Version":"2012-10-17","Statement":[]}`, "Version", "without an operator", 1},
		{"no operator", tag, `{"tags":{"a":{"tag_key":"a"}}}`, "tags/a/tag_key", "without an operator such as @@assign", 1},
		{"empty setting", tag, `{"tags":{"a":{"tag_key":{}}}}`, "tags/a/tag_key", "no operator", 1},
		{"unknown operator", tag, "{\"tags\":{\"a\":{\n\"tag_key\":{\"@@set\":\"a\"}}}}", "tags/a/tag_key/@@set", `"@@set" does not exist`, 2},
		{"key twice", tag, `{"tags":{"a":{},"A":{}}}`, "tags/A", "twice", 1},
		{"null", tag, `{"tags":{"a":{"tag_key":{"@@assign":null}}}}`, "tags/a/tag_key/@@assign", "null", 1},
		{"list of lists", tag, `{"tags":{"a":{"tag_value":{"@@assign":[["x"]]}}}}`, "tags/a/tag_value/@@assign", "strings, numbers and booleans", 1},
		{"object as value", tag, `{"tags":{"a":{"tag_key":{"@@assign":{}}}}}`, "tags/a/tag_key/@@assign", "not an object", 1},
		{"one value for many", tag, `{"tags":{"a":{"tag_value":{"@@assign":"x"}}}}`, "tags/a/tag_value", "takes a list", 1},
		{"many values for one", tag, `{"tags":{"a":{"tag_key":{"@@assign":["a"]}}}}`, "tags/a/tag_key", "one value, not a list", 1},
		{"append to one", tag, `{"tags":{"a":{"tag_key":{"@@append":["a"]}}}}`, "tags/a/tag_key", "@@assign only", 1},
		{"append no list", tag, `{"tags":{"a":{"tag_value":{"@@append":"a"}}}}`, "tags/a/tag_value/@@append", "takes a list", 1},
		{"value and keys", tag, `{"tags":{"a":{"tag_value":{"@@remove":["x"],"enforced_for":{"@@remove":["ec2:*"]}}}}}`, "tags/a/tag_value", "cannot stand together", 1},
		{"keys under a setting", tag, `{"tags":{"a":{"tag_value":{"x":{"@@assign":["y"]}}}}}`, "tags/a/tag_value/x", "no further keys", 1},
		{"value of a record", tag, `{"tags":{"a":{"@@assign":"x"}}}`, "tags/a", "takes no value", 1},
		{"control without list", tag, `{"tags":{"@@operators_allowed_for_child_policies":"@@none"}}`, "tags/@@operators_allowed_for_child_policies", "takes a list", 1},
		{"empty control", tag, `{"tags":{"@@operators_allowed_for_child_policies":[]}}`, "tags/@@operators_allowed_for_child_policies", "takes a list", 1},
		{"all and none", tag, `{"tags":{"@@operators_allowed_for_child_policies":["@@all","@@none"]}}`, "tags/@@operators_allowed_for_child_policies", "alone", 1},
		{"tag key of another", tag, `{"tags":{"a":{"tag_key":{"@@assign":"b"}}}}`, "tags/a/tag_key", `"b" is not the policy key "a"`, 1},
		{"two wildcards", tag, `{"tags":{"a":{"tag_value":{"@@assign":["*@*.com"]}}}}`, "tags/a/tag_value", "at most one *", 1},
		{"users cannot be enforced", tag, `{"tags":{"a":{"enforced_for":{"@@assign":["iam:user"]}}}}`, "tags/a/enforced_for", "that supports this", 1},
		{"all services", tag, `{"tags":{"a":{"enforced_for":{"@@assign":["*"]}}}}`, "tags/a/enforced_for", "a service and a type", 1},
		{"type of all services", tag, `{"tags":{"a":{"enforced_for":{"@@assign":["*:instance"]}}}}`, "tags/a/enforced_for", "a service and a type", 1},
		{"unknown part of a plan", backup, `{"plans":{"P":{"region":{"@@assign":["eu-west-1"]}}}}`, "plans/P/region", "there are regions, rules", 1},
		{"no region", backup, `{"plans":{"P":{"regions":{"@@assign":["Frankfurt"]}}}}`, "plans/P/regions", "code of a Region", 1},
		{"all regions", backup, `{"plans":{"P":{"regions":{"@@assign":["ALL_SUPPORTED"]}}}}`, "plans/P/regions", "code of a Region", 1},
		{"short window", backup, `{"plans":{"P":{"rules":{"R":{"start_backup_window_minutes":{"@@assign":"59"}}}}}}`, "plans/P/rules/R/start_backup_window_minutes", "at least 60", 1},
		{"no schedule", backup, `{"plans":{"P":{"rules":{"R":{"schedule_expression":{"@@assign":"daily"}}}}}}`, "plans/P/rules/R/schedule_expression", "a schedule", 1},
		{"no vault", backup, `{"plans":{"P":{"rules":{"R":{"copy_actions":{"Other":{}}}}}}}`, "plans/P/rules/R/copy_actions/Other", "ARN of a vault", 1},
		{"no role", backup, `{"plans":{"P":{"selections":{"tags":{"S":{"iam_role_arn":{"@@assign":"Role"}}}}}}}`, "plans/P/selections/tags/S/iam_role_arn", "ARN of a role", 1},
		{"append in opt-out", optOut, `{"services":{"lex":{"opt_out_policy":{"@@append":["optOut"]}}}}`, "services/lex/opt_out_policy", "@@assign only", 1},
		{"append allowed in opt-out", optOut, `{"services":{"@@operators_allowed_for_child_policies":["@@append"]}}`, "services", "@@assign only", 1},
		{"letter case of opt-out", optOut, `{"services":{"lex":{"opt_out_policy":{"@@assign":"OptOut"}}}}`, "services/lex/opt_out_policy", "one of optIn, optOut", 1},
		{"more than opt-out", optOut, `{"services":{"lex":{"other":{"@@assign":"x"}}}}`, "services/lex/other", "there is opt_out_policy", 1},
		{"eleventh criteria", ec2, `{"ec2_attributes":{"allowed_images_settings":{"image_criteria":{"criteria_11":{}}}}}`, "ec2_attributes/allowed_images_settings/image_criteria/criteria_11", "criteria_1 to criteria_10", 1},
		{"too many hops", ec2, `{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":"65"}}}}`, "ec2_attributes/instance_metadata_defaults/http_put_response_hop_limit", "from -1 to 64", 1},
		{"plain list", hub, `{"securityhub":{"enable_in_regions":["us-east-1"]}}`, "securityhub/enable_in_regions", "without an operator", 1},
		{"unknown channel type", chat, `{"chatbot":{"platforms":{"slack":{"default":{"supported_channel_types":{"@@assign":["secret"]}}}}}}`, "chatbot/platforms/slack/default/supported_channel_types", "one of public, private", 1},
		{"undocumented, but no operator", cspm, `{"x":{"y":"z"}}`, "x/y", "without an operator", 1},
		{"too deep", cspm, strings.Repeat(`{"a":`, 80) + `{}` + strings.Repeat(`}`, 80), "a", "too deep", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			typ, _ := management.Find(c.policyType)
			_, err := typ.Parse(c.text)
			var fault *management.Error
			if !errors.As(err, &fault) {
				t.Fatalf("error = %v", err)
			}
			if fault.Path != c.path || fault.Line != c.line || !strings.Contains(fault.Message, c.words) {
				t.Errorf("fault = %+v, want %q at %s, line %d", *fault, c.words, c.path, c.line)
			}
		})
	}
}

func TestPlaceOfAFault(t *testing.T) {
	typ, _ := management.Find(management.TagPolicy)
	_, err := typ.Parse("{\n  \"tags\": {\n    \"a\" : { \"oops\": {} }\n  }\n}")
	want := `The key "oops" does not exist here; there are tag_key, tag_value, enforced_for, report_required_tag_for. (tags/a/oops, line 3, column 13)`
	if fmt.Sprint(err) != want {
		t.Errorf("error = %v\n want %s", err, want)
	}
}

func TestLimitsOfEffectivePolicies(t *testing.T) {
	const rule = `"%s%d":{"schedule_expression":{"@@assign":"cron(0 1 ? * * *)"},"target_backup_vault_name":{"@@assign":"Vault"}}`
	rules := func(prefix string, n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(rule, prefix, i))
		}
		return `{"plans":{"P":{"rules":{` + strings.Join(list, ",") + `},"regions":{"@@assign":["eu-west-1"]},` +
			`"selections":{"tags":{"S":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/R"},"tag_key":{"@@assign":"k"},"tag_value":{"@@assign":["v"]}}}}}}}`
	}
	typ, _ := management.Find(management.BackupPolicy)
	attached := func(id, text string) management.Attached {
		d, err := typ.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return management.Attached{PolicyID: id, Document: d}
	}
	for _, c := range []struct {
		above, below int
		want         string
	}{
		{6, 4, ""},
		{6, 5, "ELEMENTS_TOO_MANY plans/p/rules p-above p-below: 'rules' exceeds the allowed maximum limit 10"},
	} {
		e := typ.Merge([][]management.Attached{{attached("p-above", rules("a", c.above))}, nil, {attached("p-below", rules("b", c.below))}})
		if got := strings.Join(describe(e), "\n"); got != c.want {
			t.Errorf("%d + %d rules: %q, want %q", c.above, c.below, got, c.want)
		}
	}
	both := attached("p-both", `{"plans":{"P":{"selections":{"tags":{"S":{"tag_key":{"@@assign":"k"}}},"resources":{"S":{"resource_types":{"@@assign":["*"]}}}}}}}`)
	got := strings.Join(describe(typ.Merge([][]management.Attached{{both}})), "\n")
	for _, want := range []string{
		"KEYS_CONFLICT plans/p/selections p-both: 'tags' and 'resources' exclude each other",
		"KEY_REQUIRED plans/p/selections/tags/s p-both: 'tag_value' is missing",
		"KEY_REQUIRED plans/p p-both: 'regions' is missing",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("problems %s\nlack %s", got, want)
		}
	}
}
