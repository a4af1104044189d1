package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// tagging is the client of the Resource Groups Tagging API, in the Region where IAM and
// Organizations have their resources.
func (a as) tagging() *tagging.Client {
	return tagging.NewFromConfig(a.Config, func(o *tagging.Options) { o.Region = "us-east-1" })
}

func iamTag(key, value string) []iamtypes.Tag { return []iamtypes.Tag{{Key: &key, Value: &value}} }

func orgTag(key, value string) []orgtypes.Tag { return []orgtypes.Tag{{Key: &key, Value: &value}} }

const (
	tagRefusal = "The tag policy does not allow the specified value for the following tag key: 'CostCenter'."
	costPolicy = `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*"]},
		"enforced_for":{"@@assign":["iam:ALL_SUPPORTED","organizations:ALL_SUPPORTED"]},
		"report_required_tag_for":{"@@assign":["iam:policy","iam:role"]}}}}`
)

// tagPolicy makes a tag policy and attaches it to the root.
func (w *world) tagPolicy(t testing.TB, document string) {
	t.Helper()
	ctx, client := context.Background(), w.root.organizations()
	_, err := client.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: orgtypes.PolicyTypeTagPolicy})
	must(t, err)
	made, err := client.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("cost"), Description: aws.String(""), Type: orgtypes.PolicyTypeTagPolicy, Content: &document,
	})
	must(t, err)
	w.attach(t, *made.Policy.PolicySummary.Id, w.rootID)
}

// Tag policies: what is enforced is refused, the rest is reported (story E12).
func TestTagPolicies(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		account := w.account(t, w.rootID, "Workload", "")
		inside := w.inside(t, account)
		// Before there is a policy anything goes; what is there then is only reported.
		old, err := inside.iam().CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: aws.String("old"), PolicyDocument: aws.String(allow("*", "*")), Tags: iamTag("costcenter", "9"),
		})
		must(t, err)
		w.tagPolicy(t, costPolicy)

		t.Run("IAM refuses", func(t *testing.T) {
			_, err := inside.iam().CreatePolicy(ctx, &iam.CreatePolicyInput{
				PolicyName: aws.String("new"), PolicyDocument: aws.String(allow("*", "*")), Tags: iamTag("CostCenter", "300"),
			})
			fails(t, err, "InvalidInput", tagRefusal)
			_, err = inside.iam().TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: old.Policy.Arn, Tags: iamTag("costcenter", "100")})
			fails(t, err, "InvalidInput", strings.Replace(tagRefusal, "CostCenter", "costcenter", 1))
			_, err = inside.iam().CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("p"), Tags: iamTag("CostCenter", "")})
			fails(t, err, "InvalidInput", tagRefusal)
			_, err = inside.iam().CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("p"), Tags: iamTag("CostCenter", "200")})
			may(t, "a profile with tags that comply", err)
			_, err = inside.iam().CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("u"), Tags: iamTag("CostCenter", "300")})
			may(t, "a user: tag policies cannot be enforced for users", err)
			inside.refused(t, "InvalidInput", "iam", "tag-policy", "--policy-arn", *old.Policy.Arn, "--tags", "Key=CostCenter,Value=x")
		})
		t.Run("Organizations refuses", func(t *testing.T) {
			_, err := w.admin.organizations().TagResource(ctx, &organizations.TagResourceInput{ResourceId: &account, Tags: orgTag("CostCenter", "300")})
			fails(t, err, "ConstraintViolationException", tagRefusal)
			_, err = w.admin.organizations().CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &w.rootID, Name: aws.String("n"), Tags: orgTag("CostCenter", "300")})
			fails(t, err, "ConstraintViolationException", tagRefusal)
			_, err = w.admin.organizations().TagResource(ctx, &organizations.TagResourceInput{ResourceId: &account, Tags: orgTag("CostCenter", "100")})
			may(t, "a tag that complies", err)
			_, err = w.admin.organizations().TagResource(ctx, &organizations.TagResourceInput{
				ResourceId: &account, Tags: append(orgTag("a", "1"), orgTag("A", "2")...),
			})
			fails(t, err, "InvalidInputException", "")
			w.admin.refused(t, "ConstraintViolationException", "organizations", "tag-resource", "--resource-id", account, "--tags", "Key=CostCenter,Value=x")
			_, err = w.admin.organizations().CreatePolicy(ctx, &organizations.CreatePolicyInput{
				Name: aws.String("users"), Description: aws.String(""), Type: orgtypes.PolicyTypeTagPolicy,
				Content: aws.String(`{"tags":{"a":{"enforced_for":{"@@assign":["iam:user"]}}}}`),
			})
			fails(t, err, "MalformedPolicyDocumentException", "")
		})
		t.Run("the account's report", func(t *testing.T) {
			out, err := inside.tagging().GetResources(ctx, &tagging.GetResourcesInput{
				IncludeComplianceDetails: aws.Bool(true), ExcludeCompliantResources: aws.Bool(true),
			})
			must(t, err)
			if len(out.ResourceTagMappingList) != 1 || *out.ResourceTagMappingList[0].ResourceARN != *old.Policy.Arn {
				t.Fatalf("%+v", out.ResourceTagMappingList)
			}
			c := out.ResourceTagMappingList[0].ComplianceDetails
			if aws.ToBool(c.ComplianceStatus) || !slices.Equal(c.NoncompliantKeys, []string{"costcenter"}) || !slices.Equal(c.KeysWithNoncompliantValues, []string{"CostCenter"}) {
				t.Errorf("%+v", c)
			}
			required, err := inside.tagging().ListRequiredTags(ctx, &tagging.ListRequiredTagsInput{})
			must(t, err)
			if len(required.RequiredTags) != 2 || *required.RequiredTags[1].ResourceType != "iam:role" || !slices.Equal(required.RequiredTags[1].ReportingTagKeys, []string{"CostCenter"}) {
				t.Errorf("%+v", required.RequiredTags)
			}
		})
		t.Run("the organization's report", func(t *testing.T) {
			in := &tagging.GetComplianceSummaryInput{GroupBy: []tagtypes.GroupByAttribute{tagtypes.GroupByAttributeTargetId, tagtypes.GroupByAttributeResourceType}}
			_, err := inside.tagging().GetComplianceSummary(ctx, in)
			fails(t, err, "ConstraintViolationException", "")
			out, err := w.admin.tagging().GetComplianceSummary(ctx, in)
			must(t, err)
			if len(out.SummaryList) != 1 || *out.SummaryList[0].TargetId != account || *out.SummaryList[0].ResourceType != "iam:policy" || out.SummaryList[0].NonCompliantResources != 1 {
				t.Errorf("%+v", out.SummaryList)
			}
		})
		t.Run("put right through one API", func(t *testing.T) {
			role := inside.newRole(t, "r", trusting(account), "")
			tagged, err := inside.tagging().TagResources(ctx, &tagging.TagResourcesInput{
				ResourceARNList: []string{*old.Policy.Arn, role, *old.Policy.Arn + "x"}, Tags: map[string]string{"CostCenter": "2"},
			})
			must(t, err)
			if f, failed := tagged.FailedResourcesMap[*old.Policy.Arn+"x"]; !failed || len(tagged.FailedResourcesMap) != 1 || f.ErrorCode != "NoSuchEntity" {
				t.Errorf("%+v", tagged.FailedResourcesMap)
			}
			summary, err := w.admin.tagging().GetComplianceSummary(ctx, &tagging.GetComplianceSummaryInput{})
			must(t, err)
			if len(summary.SummaryList) != 1 || summary.SummaryList[0].NonCompliantResources != 0 {
				t.Errorf("%+v", summary.SummaryList)
			}
			var listed struct {
				ResourceTagMappingList []struct {
					ResourceARN string
					Tags        []struct{ Key, Value string }
				}
			}
			text := inside.ok(t, "--region", "us-east-1", "resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=CostCenter,Values=2")
			must(t, json.Unmarshal([]byte(text), &listed))
			if len(listed.ResourceTagMappingList) != 1 || listed.ResourceTagMappingList[0].ResourceARN != *old.Policy.Arn {
				t.Errorf("the CLI's list: %s", text)
			}
		})
	})
}

// Guardrails on tags: SCPs that look at the tags of requests and of resources.
func TestGuardrailsOnTags(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		account := w.account(t, w.rootID, "Workload", "")
		id := w.scp(t, "tags", document(
			when(statement("Deny", "iam:CreateRole", "*"), `{"Null":{"aws:RequestTag/Project":"true"}}`),
			when(statement("Deny", "iam:Tag*", "*"), `{"ForAnyValue:StringEquals":{"aws:TagKeys":"Protected"}}`),
			when(statement("Deny", "iam:DeleteRole", "*"), `{"StringEquals":{"aws:ResourceTag/Stage":"prod"}}`),
			when(statement("Deny", "organizations:TagResource", "*"), `{"StringNotEquals":{"aws:RequestTag/Project":"apollo"}}`),
		), account)
		inside := w.inside(t, account)
		cause := deniedBy("service control policy", w.scpARN(id))
		who := inside.arn(t)
		create := func(name string, tags ...iamtypes.Tag) error {
			_, err := inside.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trusting(account)), Tags: tags})
			return err
		}
		denied(t, create("a"), who, "iam:CreateRole", roleARN(account, "a"), cause)
		denied(t, create("a", iamTag("Stage", "prod")...), who, "iam:CreateRole", roleARN(account, "a"), cause)
		// Condition keys ignore letter case.
		may(t, "a role with the tag", create("a", iamTag("PROJECT", "x")...))
		may(t, "another", create("b", append(iamTag("Project", "x"), iamTag("Stage", "prod")...)...))

		_, err := inside.iam().TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("a"), Tags: iamTag("Protected", "no")})
		denied(t, err, who, "iam:TagRole", roleARN(account, "a"), cause)
		denied(t, create("c", append(iamTag("Project", "x"), iamTag("Protected", "")...)...), who, "iam:TagRole", roleARN(account, "c"), cause)
		_, err = inside.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("b")})
		denied(t, err, who, "iam:DeleteRole", roleARN(account, "b"), cause)
		_, err = inside.iam().UntagRole(ctx, &iam.UntagRoleInput{RoleName: aws.String("b"), TagKeys: []string{"stage"}})
		must(t, err)
		_, err = inside.iam().DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("b")})
		may(t, "deleting what is not protected any more", err)

		// Through the tagging API the same guardrail holds.
		out, err := inside.tagging().TagResources(ctx, &tagging.TagResourcesInput{ResourceARNList: []string{roleARN(account, "a")}, Tags: map[string]string{"Protected": ""}})
		must(t, err)
		if f := out.FailedResourcesMap[roleARN(account, "a")]; f.ErrorCode != "AccessDeniedException" || !strings.Contains(aws.ToString(f.ErrorMessage), w.scpARN(id)) {
			t.Errorf("%+v", out.FailedResourcesMap)
		}
		inside.refused(t, "AccessDenied", "iam", "tag-role", "--role-name", "a", "--tags", "Key=Protected,Value=x")

		// SCPs do not bind the management account; identity-based policies with the same keys do.
		tagger := w.root.newUser(t, "tagger", document(
			when(statement("Allow", "organizations:TagResource", "*"), `{"StringEquals":{"aws:RequestTag/Project":"apollo","aws:ResourceTag/Open":"yes"}}`)))
		tag := func(tags []orgtypes.Tag) error {
			_, err := tagger.organizations().TagResource(ctx, &organizations.TagResourceInput{ResourceId: &account, Tags: tags})
			return err
		}
		resource := "arn:aws:organizations::" + managementID + ":account/" + w.orgID + "/" + account
		refusal := noAllow("identity-based policy", "organizations:TagResource")
		denied(t, tag(orgTag("Project", "apollo")), userARN(managementID, "tagger"), "organizations:TagResource", resource, refusal)
		_, err = w.admin.organizations().TagResource(ctx, &organizations.TagResourceInput{ResourceId: &account, Tags: orgTag("Open", "yes")})
		must(t, err)
		may(t, "tagging what is open", tag(orgTag("Project", "apollo")))
		denied(t, tag(orgTag("Project", "gemini")), userARN(managementID, "tagger"), "organizations:TagResource", resource, refusal)
	})
}
