package management_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/bailiwick/bailiwick/policy/management"
)

// tagRules merges documents, each a level.
func tagRules(t *testing.T, documents ...string) *management.TagRules {
	t.Helper()
	typ, _ := management.Find(management.TagPolicy)
	var levels [][]management.Attached
	for _, text := range documents {
		d, err := typ.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		levels = append(levels, []management.Attached{{PolicyID: "p-00000001", Document: d}})
	}
	return typ.Merge(levels).TagRules()
}

const costCenter = `{"tags":{
	"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*","*@x","a*z"]},
		"enforced_for":{"@@assign":["iam:policy","organizations:ALL_SUPPORTED","s3:*","sns:topic"]},
		"report_required_tag_for":{"@@assign":["iam:ALL_SUPPORTED","ec2:instance"]}},
	"project":{"enforced_for":{"@@assign":["iam:policy"]},"report_required_tag_for":{"@@assign":["iam:role","ec2:ALL_SUPPORTED"]}},
	"shade":{"tag_key":{"@@assign":"Shade"},"tag_value":{"@@assign":[]},"enforced_for":{"@@assign":["iam:mfa"]}},
	"free":{"tag_key":{"@@assign":"Free"},"tag_value":{"@@assign":["only this"]}}}}`

func TestEnforcement(t *testing.T) {
	rules := tagRules(t, costCenter)
	for _, c := range []struct {
		resourceType, key, value string
		want                     bool
	}{
		{"iam:policy", "CostCenter", "100", true},
		{"iam:policy", "CostCenter", "101", false},
		{"iam:policy", "CostCenter", "", false},
		{"iam:policy", "CostCenter", "2", true},
		{"iam:policy", "CostCenter", "2 or more", true},
		{"iam:policy", "CostCenter", "me@x", true},
		{"iam:policy", "CostCenter", "me@X", false},
		{"iam:policy", "CostCenter", "az", true},
		{"iam:policy", "CostCenter", "a", false},
		{"iam:policy", "costcenter", "100", false},
		{"iam:policy", "COSTCENTER", "100", false},
		{"iam:policy", "Cost", "x", true},
		{"iam:saml-provider", "CostCenter", "101", true},
		{"iam:role", "CostCenter", "101", true},
		{"organizations:ou", "CostCenter", "101", false},
		{"organizations:resourcepolicy", "CostCenter", "101", true},
		{"s3:bucket", "CostCenter", "101", false},
		{"sns:topic", "CostCenter", "101", false},
		{"sqs:queue", "CostCenter", "101", true},
		// Without a tag key the lower case complies; without values any does.
		{"iam:policy", "project", "", true},
		{"iam:policy", "Project", "", false},
		// An empty list accepts no value.
		{"iam:mfa", "Shade", "", false},
		{"iam:mfa", "Shade", "Grey", false},
		// Without enforced_for nothing is refused.
		{"iam:policy", "Free", "other", true},
	} {
		if got := rules.Allows(c.resourceType, c.key, c.value); got != c.want {
			t.Errorf("%s %s=%q: allowed is %v", c.resourceType, c.key, c.value, got)
		}
	}
	if !(*management.TagRules)(nil).Allows("iam:policy", "CostCenter", "1") {
		t.Error("no rules refuse")
	}
}

func TestCompliance(t *testing.T) {
	rules := tagRules(t, costCenter)
	for _, c := range []struct {
		name, resourceType string
		tags               map[string]string
		want               management.Compliance
	}{
		{"no tags", "sqs:queue", nil, management.Compliance{}},
		{"all well", "iam:policy", map[string]string{"CostCenter": "100", "project": "x", "other": "y"}, management.Compliance{}},
		{"letter case", "sqs:queue", map[string]string{"costCENTER": "100"}, management.Compliance{
			NoncompliantKeys: []string{"costCENTER"}, KeysWithNoncompliantValues: []string{"CostCenter"},
		}},
		{"value", "sqs:queue", map[string]string{"CostCenter": "7", "Free": "x"}, management.Compliance{
			KeysWithNoncompliantValues: []string{"CostCenter", "Free"},
		}},
		{"both spellings", "sqs:queue", map[string]string{"CostCenter": "7", "COSTCENTER": "8"}, management.Compliance{
			NoncompliantKeys: []string{"COSTCENTER"}, KeysWithNoncompliantValues: []string{"CostCenter"},
		}},
		{"missing", "iam:role", map[string]string{"Shade": "x"}, management.Compliance{
			KeysWithNoncompliantValues: []string{"Shade"}, MissingKeys: []string{"CostCenter", "project"},
		}},
		{"missing in that letter case", "ec2:instance", map[string]string{"costcenter": "100", "project": ""}, management.Compliance{
			NoncompliantKeys: []string{"costcenter"}, KeysWithNoncompliantValues: []string{"CostCenter"}, MissingKeys: []string{"CostCenter"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := rules.Check(c.resourceType, c.tags)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if none := reflect.DeepEqual(c.want, management.Compliance{}); got.Compliant() != none {
				t.Errorf("compliant is %v", got.Compliant())
			}
		})
	}
}

func TestRequiredTags(t *testing.T) {
	var got []string
	for _, r := range tagRules(t, costCenter).Required() {
		got = append(got, r.ResourceType)
		if r.ResourceType == "iam:role" && !slices.Equal(r.Keys, []string{"CostCenter", "project"}) {
			t.Errorf("roles require %v", r.Keys)
		}
	}
	want := []string{
		"ec2:ALL_SUPPORTED", "ec2:instance", "iam:instance-profile", "iam:mfa", "iam:oidc-provider", "iam:policy", "iam:role",
		"iam:saml-provider", "iam:server-certificate", "iam:user",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestRequiredTagsAreInherited appends at a lower level what the upper one lets it.
func TestRequiredTagsAreInherited(t *testing.T) {
	upper := `{"tags":{"team":{"report_required_tag_for":{"@@assign":["iam:role"]}},
		"fixed":{"report_required_tag_for":{"@@assign":["iam:role"],"@@operators_allowed_for_child_policies":["@@none"]}}}}`
	lower := `{"tags":{"team":{"tag_key":{"@@assign":"Team"},"report_required_tag_for":{"@@append":["iam:user"]}},
		"fixed":{"report_required_tag_for":{"@@append":["iam:user"]}}}}`
	got := tagRules(t, upper, lower).Required()
	want := []management.RequiredTags{
		{ResourceType: "iam:role", Keys: []string{"Team", "fixed"}}, {ResourceType: "iam:user", Keys: []string{"Team"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
