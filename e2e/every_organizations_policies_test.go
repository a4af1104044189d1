package e2e

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// newPolicy is the input for a policy.
func newPolicy(kind orgtypes.PolicyType, name, content string, tags ...string) *organizations.CreatePolicyInput {
	return &organizations.CreatePolicyInput{Type: kind, Name: &name, Description: new("About " + name), Content: &content, Tags: orgTags(tags...)}
}

// policyID makes a policy and returns its id.
func (x *orgScenes) policyID(t testing.TB, in *organizations.CreatePolicyInput) *string {
	t.Helper()
	return fetch[organizations.CreatePolicyOutput](t, x.c, in).Policy.PolicySummary.Id
}

func everyOrganizationPolicy(t *testing.T, x *orgScenes) {
	const kind = orgtypes.PolicyTypeServiceControlPolicy
	text := "{\n  \"Version\": \"2012-10-17\",\n\t\"Statement\": {\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\"}\n}"
	made := fetch[organizations.CreatePolicyOutput](t, x.c, newPolicy(kind, "As written", text, "b=2", "a=1")).Policy
	id := made.PolicySummary.Id
	matches(t, "policy", "p-[0-9a-z]{8}", id)
	want := &orgtypes.Policy{Content: &text, PolicySummary: &orgtypes.PolicySummary{
		Id: id, Arn: new(x.scpARN(*id)), Name: new("As written"), Description: new("About As written"), Type: kind, AwsManaged: false,
	}}
	same(t, "policy", made, want)
	describe := &organizations.DescribePolicyInput{PolicyId: id}
	same(t, "described", fetch[organizations.DescribePolicyOutput](t, x.c, describe).Policy, want)
	same(t, "tags", fetch[organizations.ListTagsForResourceOutput](t, x.c, &organizations.ListTagsForResourceInput{ResourceId: id}).Tags, orgTags("a=1", "b=2"))
	update := &organizations.UpdatePolicyInput{PolicyId: id, Name: new("Renamed"), Description: new(""), Content: new(" " + text)}
	want.Content, want.PolicySummary.Name, want.PolicySummary.Description = update.Content, update.Name, update.Description
	for range 2 {
		same(t, "updated", fetch[organizations.UpdatePolicyOutput](t, x.c, update).Policy, want)
		same(t, "described", fetch[organizations.DescribePolicyOutput](t, x.c, describe).Policy, want)
	}
	listed := fetch[organizations.ListPoliciesOutput](t, x.c, &organizations.ListPoliciesInput{Filter: kind}).Policies
	full := orgtypes.PolicySummary{
		Id: new("p-FullAWSAccess"), Arn: new("arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"), Name: new("FullAWSAccess"),
		Description: new("Allows access to every operation"), Type: kind, AwsManaged: true,
	}
	both := []orgtypes.PolicySummary{full, *want.PolicySummary}
	slices.SortFunc(both, func(a, b orgtypes.PolicySummary) int { return strings.Compare(*a.Id, *b.Id) })
	same(t, "listed", listed, both)

	refuses(t, x.c, newPolicy(kind, "Renamed", text), "DuplicatePolicyException")
	refuses(t, x.c, newPolicy(kind, "Bad", "{}"), "MalformedPolicyDocumentException")
	refuses(t, x.c, newPolicy(kind, "Long", deny("s3:*", "arn:aws:s3:::"+strings.Repeat("b", 10240))), "ConstraintViolationException POLICY_CONTENT_LIMIT_EXCEEDED")
	refuses(t, x.c, newPolicy(kind, "Tags", text, "a=1", "A=2"), "InvalidInputException DUPLICATE_TAG_KEY")
	x.s.quota(t, "service-control-policies", "set", managementID, "service-control-policies", "1")
	refuses(t, x.c, newPolicy(kind, "Second", text), "ConstraintViolationException POLICY_NUMBER_LIMIT_EXCEEDED")
	x.s.quota(t, "service-control-policies", "reset", managementID, "service-control-policies")
	other := x.policyID(t, newPolicy(kind, "Other", text))
	refuses(t, x.c, &organizations.UpdatePolicyInput{PolicyId: other, Name: new("Renamed")}, "DuplicatePolicyException")
	refuses(t, x.c, &organizations.UpdatePolicyInput{PolicyId: other, Content: new("{}")}, "MalformedPolicyDocumentException")
	refuses(t, x.c, &organizations.UpdatePolicyInput{PolicyId: other, Content: new(deny("s3:*", "arn:aws:s3:::"+strings.Repeat("b", 10240)))}, "ConstraintViolationException POLICY_CONTENT_LIMIT_EXCEEDED")
	refuses(t, x.c, &organizations.UpdatePolicyInput{PolicyId: full.Id, Name: new("Mine")}, "InvalidInputException IMMUTABLE_POLICY")
	refuses(t, x.c, &organizations.DeletePolicyInput{PolicyId: full.Id}, "InvalidInputException IMMUTABLE_POLICY")
	refuses(t, x.c, &organizations.UpdatePolicyInput{PolicyId: new(noPolicy)}, "PolicyNotFoundException")
	refuses(t, x.c, &organizations.DescribePolicyInput{PolicyId: new(noPolicy)}, "PolicyNotFoundException")
	x.attach(t, *id, x.dev)
	refuses(t, x.c, &organizations.DeletePolicyInput{PolicyId: id}, "PolicyInUseException")
	x.detach(t, *id, x.dev)
	do(t, x.c, &organizations.DeletePolicyInput{PolicyId: id}, &organizations.DeletePolicyInput{PolicyId: other})
	refuses(t, x.c, &organizations.DeletePolicyInput{PolicyId: id}, "PolicyNotFoundException")
}

func everyPolicyAttachment(t *testing.T, x *orgScenes) {
	const kind = orgtypes.PolicyTypeServiceControlPolicy
	var ids []string
	for i := range 10 {
		ids = append(ids, *x.policyID(t, newPolicy(kind, "Deny "+strconv.Itoa(i), deny("s3:*", "*"))))
	}
	attach := func(policy, target string) *organizations.AttachPolicyInput {
		return &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target}
	}
	detach := func(policy, target string) *organizations.DetachPolicyInput {
		return &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target}
	}
	for _, target := range []string{x.rootID, x.dev, x.member} {
		do(t, x.c, attach(ids[0], target))
	}
	arn := "arn:aws:organizations::" + managementID + ":"
	want := []orgtypes.PolicyTargetSummary{
		{TargetId: &x.member, Arn: new(arn + "account/" + x.orgID + "/" + x.member), Name: new("Member"), Type: orgtypes.TargetTypeAccount},
		{TargetId: &x.dev, Arn: new(arn + "ou/" + x.orgID + "/" + x.dev), Name: new("Dev"), Type: orgtypes.TargetTypeOrganizationalUnit},
		{TargetId: &x.rootID, Arn: new(arn + "root/" + x.orgID + "/" + x.rootID), Name: new("Root"), Type: orgtypes.TargetTypeRoot},
	}
	for range 2 {
		same(t, "targets", fetch[organizations.ListTargetsForPolicyOutput](t, x.c, &organizations.ListTargetsForPolicyInput{PolicyId: &ids[0]}).Targets, want)
	}
	refuses(t, x.c, attach(ids[0], x.dev), "DuplicatePolicyAttachmentException")
	refuses(t, x.c, attach(noPolicy, x.dev), "PolicyNotFoundException")
	refuses(t, x.c, attach(ids[0], noUnit), "TargetNotFoundException")
	for _, id := range ids[1:9] {
		do(t, x.c, attach(id, x.dev))
	}
	refuses(t, x.c, attach(ids[9], x.dev), "ConstraintViolationException MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	on := fetch[organizations.ListPoliciesForTargetOutput](t, x.c, &organizations.ListPoliciesForTargetInput{TargetId: &x.dev, Filter: kind}).Policies
	sorted := slices.Sorted(slices.Values(append([]string{"p-FullAWSAccess"}, ids[:9]...)))
	same(t, "attached", namesOf(on, func(p orgtypes.PolicySummary) *string { return p.Id }), sorted)
	for _, id := range ids[:9] {
		do(t, x.c, detach(id, x.dev))
	}
	do(t, x.c, detach(ids[0], x.rootID), detach(ids[0], x.member))
	refuses(t, x.c, detach(ids[0], x.dev), "PolicyNotAttachedException")
	refuses(t, x.c, detach(noPolicy, x.dev), "PolicyNotFoundException")
	refuses(t, x.c, detach(ids[0], noUnit), "TargetNotFoundException")
	refuses(t, x.c, detach("p-FullAWSAccess", x.dev), "ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	refuses(t, x.c, &organizations.ListTargetsForPolicyInput{PolicyId: new(noPolicy)}, "PolicyNotFoundException")
	refuses(t, x.c, &organizations.ListPoliciesForTargetInput{TargetId: new(noUnit), Filter: kind}, "TargetNotFoundException")
	for _, id := range ids {
		do(t, x.c, &organizations.DeletePolicyInput{PolicyId: &id})
	}
}

func everyPolicyType(t *testing.T, x *orgScenes) {
	enable := func(root string, kind orgtypes.PolicyType) *organizations.EnablePolicyTypeInput {
		return &organizations.EnablePolicyTypeInput{RootId: &root, PolicyType: kind}
	}
	disable := func(root string, kind orgtypes.PolicyType) *organizations.DisablePolicyTypeInput {
		return &organizations.DisablePolicyTypeInput{RootId: &root, PolicyType: kind}
	}
	const rcp = orgtypes.PolicyTypeResourceControlPolicy
	types := func(kinds ...orgtypes.PolicyType) (list []orgtypes.PolicyTypeSummary) {
		for _, kind := range kinds {
			list = append(list, orgtypes.PolicyTypeSummary{Type: kind, Status: orgtypes.PolicyTypeStatusEnabled})
		}
		return list
	}
	before := fetch[organizations.ListRootsOutput](t, x.c, &organizations.ListRootsInput{}).Roots[0]
	root := fetch[organizations.EnablePolicyTypeOutput](t, x.c, enable(x.rootID, rcp)).Root
	same(t, "enabled", root.PolicyTypes, types(rcp, orgtypes.PolicyTypeServiceControlPolicy))
	same(t, "roots", fetch[organizations.ListRootsOutput](t, x.c, &organizations.ListRootsInput{}).Roots, []orgtypes.Root{*root})
	on := fetch[organizations.ListPoliciesForTargetOutput](t, x.c, &organizations.ListPoliciesForTargetInput{TargetId: &x.member, Filter: rcp}).Policies
	same(t, "attached", namesOf(on, func(p orgtypes.PolicySummary) *string { return p.Id }), []string{"p-RCPFullAWSAccess"})
	refuses(t, x.c, &organizations.DetachPolicyInput{PolicyId: new("p-RCPFullAWSAccess"), TargetId: &x.member}, "InvalidInputException NON_DETACHABLE_POLICY")
	refuses(t, x.c, enable(x.rootID, rcp), "PolicyTypeAlreadyEnabledException")
	refuses(t, x.c, enable(noRoot, rcp), "RootNotFoundException")
	same(t, "disabled", fetch[organizations.DisablePolicyTypeOutput](t, x.c, disable(x.rootID, rcp)).Root, &before)
	refuses(t, x.c, disable(x.rootID, rcp), "PolicyTypeNotEnabledException")
	refuses(t, x.c, disable(noRoot, rcp), "RootNotFoundException")
	refuses(t, x.c, enable(x.rootID, orgtypes.PolicyTypeSecurityhubPolicy), "ConstraintViolationException SERVICE_ACCESS_NOT_ENABLED")
	id := x.policyID(t, newPolicy(orgtypes.PolicyTypeTagPolicy, "Tags", `{"tags":{"Stage":{"tag_key":{"@@assign":"Stage"}}}}`))
	refuses(t, x.c, &organizations.AttachPolicyInput{PolicyId: id, TargetId: &x.dev}, "PolicyTypeNotEnabledException")
	do(t, x.c, &organizations.DeletePolicyInput{PolicyId: id})
}

// brokenPlan is a backup policy that is whole only together with another one.
const brokenPlan = `{"plans":{"Nightly":{"regions":{"@@assign":["eu-west-1"]},"rules":{"Night":{"schedule_expression":{"@@assign":"cron(0 3 ? * * *)"},"target_backup_vault_name":{"@@assign":"Vault"}}}}}}`

func everyEffectivePolicy(t *testing.T, x *orgScenes) {
	const kind, effective = orgtypes.PolicyTypeBackupPolicy, orgtypes.EffectivePolicyTypeBackupPolicy
	describe := &organizations.DescribeEffectivePolicyInput{PolicyType: effective, TargetId: &x.member}
	invalid := &organizations.ListAccountsWithInvalidEffectivePolicyInput{PolicyType: effective}
	problems := &organizations.ListEffectivePolicyValidationErrorsInput{AccountId: &x.member, PolicyType: effective}
	for _, in := range []any{describe, invalid, problems} {
		refuses(t, x.c, in, "EffectivePolicyNotFoundException")
	}
	x.enableType(t, kind)
	refuses(t, x.c, describe, "EffectivePolicyNotFoundException")
	id := x.managed(t, kind, "Plan", brokenPlan, x.dev)
	got := fetch[organizations.DescribeEffectivePolicyOutput](t, x.c, describe).EffectivePolicy
	recent(t, "effective policy", got.LastUpdatedTimestamp)
	if got.PolicyType != effective || *got.TargetId != x.member || !strings.Contains(*got.PolicyContent, `"target_backup_vault_name":"Vault"`) {
		t.Errorf("effective policy: %s", jsonText(got))
	}
	accounts := fetch[organizations.ListAccountsWithInvalidEffectivePolicyOutput](t, x.c, invalid)
	in := fetch[organizations.ListAccountsForParentOutput](t, x.c, &organizations.ListAccountsForParentInput{ParentId: &x.dev})
	same(t, "accounts", accounts.Accounts, in.Accounts)
	errs := fetch[organizations.ListEffectivePolicyValidationErrorsOutput](t, x.c, problems)
	recent(t, "evaluation", errs.EvaluationTimestamp)
	same(t, "errors", errs.EffectivePolicyValidationErrors, []orgtypes.EffectivePolicyValidationError{{
		ErrorCode: new("KEY_REQUIRED"), ErrorMessage: new("'selections' is missing"), PathToError: new("plans/nightly"), ContributingPolicies: []string{id},
	}})
	if accounts.PolicyType != effective || errs.PolicyType != effective || *errs.AccountId != x.member || *errs.Path != x.orgID+"/"+x.rootID+"/"+x.dev+"/"+x.member+"/" {
		t.Errorf("errors: %s", jsonText(errs))
	}
	refuses(t, x.c, &organizations.ListEffectivePolicyValidationErrorsInput{AccountId: new(noAccount), PolicyType: effective}, "AccountNotFoundException")
	refuses(t, x.c, &organizations.DescribeEffectivePolicyInput{PolicyType: effective, TargetId: new(noAccount)}, "TargetNotFoundException")
	refuses(t, x.c, &organizations.DescribeEffectivePolicyInput{PolicyType: effective, TargetId: &x.dev}, "InvalidInputException TARGET_NOT_SUPPORTED")
}

func everyOrganizationTag(t *testing.T, x *orgScenes) {
	policy := x.policyID(t, newPolicy(orgtypes.PolicyTypeServiceControlPolicy, "Tagged", deny("s3:*", "*")))
	for _, id := range []string{x.rootID, x.dev, x.member, *policy} {
		tag := &organizations.TagResourceInput{ResourceId: &id, Tags: orgTags("Z=26", "a=1", "ö=", "Aa=x y")}
		list := &organizations.ListTagsForResourceInput{ResourceId: &id}
		for range 2 {
			do(t, x.c, tag)
			same(t, "tags of "+id, fetch[organizations.ListTagsForResourceOutput](t, x.c, list).Tags, orgTags("Aa=x y", "Z=26", "a=1", "ö="))
		}
		do(t, x.c, &organizations.TagResourceInput{ResourceId: &id, Tags: orgTags("a=2")})
		untag := &organizations.UntagResourceInput{ResourceId: &id, TagKeys: []string{"Z", "ö", "none"}}
		do(t, x.c, untag, untag)
		same(t, "tags of "+id, fetch[organizations.ListTagsForResourceOutput](t, x.c, list).Tags, orgTags("Aa=x y", "a=2"))
		do(t, x.c, &organizations.UntagResourceInput{ResourceId: &id, TagKeys: []string{"Aa", "a"}})
		same(t, "no tags of "+id, fetch[organizations.ListTagsForResourceOutput](t, x.c, list).Tags, orgTags())
	}
	tag := func(id string, tags []orgtypes.Tag) *organizations.TagResourceInput {
		return &organizations.TagResourceInput{ResourceId: &id, Tags: tags}
	}
	refuses(t, x.c, tag(noUnit, orgTags("a=1")), "TargetNotFoundException")
	refuses(t, x.c, &organizations.UntagResourceInput{ResourceId: new(noUnit), TagKeys: []string{"a"}}, "TargetNotFoundException")
	refuses(t, x.c, &organizations.ListTagsForResourceInput{ResourceId: new(noUnit)}, "TargetNotFoundException")
	refuses(t, x.c, tag(x.dev, orgTags("aws:a=1")), "InvalidInputException INVALID_SYSTEM_TAGS_PARAMETER")
	refuses(t, x.c, tag(x.dev, manyTags(51)), "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")
	refuses(t, x.c, tag("p-FullAWSAccess", orgTags("a=1")), "InvalidInputException TARGET_NOT_SUPPORTED")
	create := &organizations.CreateOrganizationalUnitInput{ParentId: &x.rootID, Name: new("Tagged"), Tags: manyTags(51)}
	refuses(t, x.c, create, "ConstraintViolationException MAX_TAG_LIMIT_EXCEEDED")

	x.enableType(t, orgtypes.PolicyTypeTagPolicy)
	rule := x.managed(t, orgtypes.PolicyTypeTagPolicy, "Stages",
		`{"tags":{"Stage":{"tag_key":{"@@assign":"Stage"},"tag_value":{"@@assign":["live"]},"enforced_for":{"@@assign":["organizations:ou"]}}}}`, x.rootID)
	refuses(t, x.c, tag(x.dev, orgTags("Stage=dead")), "ConstraintViolationException TAG_POLICY_VIOLATION")
	do(t, x.c, tag(x.dev, orgTags("Stage=live")))
	x.detach(t, rule, x.rootID)
	do(t, x.c, &organizations.DeletePolicyInput{PolicyId: &rule}, &organizations.DeletePolicyInput{PolicyId: policy})
}
