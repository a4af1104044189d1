package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const partnerTemplate = "arn:aws:iam::partner:delegation-template/partner.example/Look"

// partner registers a product provider with one template of a parameter and returns who asks
// for it.
func (s *server) partner(t testing.TB) as {
	t.Helper()
	root := s.openAccount(t, "Partner")
	id := root.accountID(t)
	s.operate(t, "partner", "register", "--account-id", id, "--domain", "partner.example", "--name", "Partner")
	s.operate(t, "partner", "template", "--domain", "partner.example", "--name", "Look", written(t,
		document(statement("Allow", "iam:ListRoles", "*"), statement("Allow", "s3:GetObject", "arn:aws:s3:::@{bucket}/*"))))
	return root.newUser(t, "app", allow("iam:CreateDelegationRequest", "*"), allow("sts:GetDelegatedAccessToken", "*"))
}

// delegation is a request for access to the management account.
func delegationFor(t testing.TB, partner as, workflow string, buckets ...string) *iam.CreateDelegationRequestInput {
	t.Helper()
	if buckets == nil {
		buckets = []string{"b"}
	}
	return &iam.CreateDelegationRequestInput{
		Description: new("Look around"), OwnerAccountId: new(managementID), RequestorWorkflowId: &workflow, RequestMessage: new("please"),
		NotificationChannel: new("arn:aws:sns:us-east-1:" + partner.accountID(t) + ":topic"), SessionDuration: new(int32(3600)),
		Permissions: &iamtypes.DelegationPermission{PolicyTemplateArn: new(partnerTemplate), Parameters: []iamtypes.PolicyParameter{
			{Name: new("bucket"), Type: iamtypes.PolicyParameterTypeEnumStringList, Values: buckets},
		}},
	}
}

func everyDelegation(t *testing.T, x *everything) {
	c := x.c
	partner := x.s.partner(t)
	vendor := partner.iam()
	made := fetch[iam.CreateDelegationRequestOutput](t, vendor, delegationFor(t, partner, "first"))
	id := made.DelegationRequestId
	get := func() *iamtypes.DelegationRequest {
		return fetch[iam.GetDelegationRequestOutput](t, c, &iam.GetDelegationRequestInput{DelegationRequestId: id}).DelegationRequest
	}
	got := get()
	same(t, "read back", []any{*got.DelegationRequestId, *got.Description, *got.RequestMessage, *got.RequestorName, *got.RequestorId, got.State, *got.SessionDuration, *got.OwnerAccountId},
		[]any{*id, "Look around", "please", "Partner", partner.accountID(t), iamtypes.StateTypeUnassigned, int32(3600), managementID})
	do(t, c, &iam.AssociateDelegationRequestInput{DelegationRequestId: id})
	refusal{&iam.AssociateDelegationRequestInput{DelegationRequestId: id}, "InvalidInput", "The delegation request " + *id + " is in the state ASSIGNED."}.check(t, c)
	refusal{&iam.SendDelegationTokenInput{DelegationRequestId: id}, "InvalidInput", ""}.check(t, c)
	do(t, c, &iam.UpdateDelegationRequestInput{DelegationRequestId: id, Notes: new("for the boss")})
	same(t, "notes", []any{*get().Notes, get().State}, []any{"for the boss", iamtypes.StateTypePendingApproval})
	arn := "arn:aws:iam::" + managementID + ":delegation-request/" + *id
	summary := fetch[iam.GetHumanReadableSummaryOutput](t, c, &iam.GetHumanReadableSummaryInput{EntityArn: &arn, Locale: new("en")})
	if *summary.Locale != "en" || summary.SummaryState != iamtypes.SummaryStateTypeAvailable || !strings.Contains(*summary.SummaryContent, "iam:ListRoles") {
		t.Errorf("summary: %s", jsonText(summary))
	}
	do(t, c, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
	do(t, c, &iam.SendDelegationTokenInput{DelegationRequestId: id})
	same(t, "final", get().State, iamtypes.StateTypeFinalized)

	other := fetch[iam.CreateDelegationRequestOutput](t, vendor, delegationFor(t, partner, "second")).DelegationRequestId
	do(t, c, &iam.AssociateDelegationRequestInput{DelegationRequestId: other}, &iam.RejectDelegationRequestInput{DelegationRequestId: other, Notes: new("no")})
	rejected := fetch[iam.GetDelegationRequestOutput](t, c, &iam.GetDelegationRequestInput{DelegationRequestId: other}).DelegationRequest
	same(t, "rejected", []any{rejected.State, *rejected.RejectionReason}, []any{iamtypes.StateTypeRejected, "no"})
	if n := walk(t, c, &iam.ListDelegationRequestsInput{OwnerId: new(userARN(managementID, "admin"))}, "DelegationRequests"); n != 2 {
		t.Errorf("%d requests", n)
	}
	none := new("00000000-0000-0000-0000-000000000000")
	for _, r := range []refusal{
		{&iam.UpdateDelegationRequestInput{DelegationRequestId: id}, "InvalidInput", "The delegation request " + *id + " is in the state FINALIZED."},
		{&iam.RejectDelegationRequestInput{DelegationRequestId: other}, "InvalidInput", ""},
		{&iam.GetHumanReadableSummaryInput{EntityArn: new(roleARN(managementID, "a-role-and-more"))}, "InvalidInput", ""},
		{&iam.AcceptDelegationRequestInput{DelegationRequestId: none}, "NoSuchEntity", "The delegation request " + *none + " cannot be found."},
		{&iam.AssociateDelegationRequestInput{DelegationRequestId: none}, "NoSuchEntity", ""},
		{&iam.GetDelegationRequestInput{DelegationRequestId: none}, "NoSuchEntity", ""},
		{&iam.RejectDelegationRequestInput{DelegationRequestId: none}, "NoSuchEntity", ""},
		{&iam.SendDelegationTokenInput{DelegationRequestId: none}, "NoSuchEntity", ""},
		{&iam.UpdateDelegationRequestInput{DelegationRequestId: none}, "NoSuchEntity", ""},
		{&iam.GetHumanReadableSummaryInput{EntityArn: new("arn:aws:iam::" + managementID + ":delegation-request/" + *none)}, "NoSuchEntity", ""},
	} {
		r.check(t, c)
	}
	wrong, long := delegationFor(t, partner, "third"), delegationFor(t, partner, "fourth")
	wrong.NotificationChannel = new("topic")
	for n := range 30 {
		long.Permissions.Parameters[0].Values = append(long.Permissions.Parameters[0].Values, strings.Repeat("b", 63)+string(rune('a'+n)))
	}
	for _, r := range []refusal{
		{delegationFor(t, partner, "first"), "EntityAlreadyExists", "A delegation request with the requestor workflow id first already exists."},
		{wrong, "InvalidInput", "The notification channel topic is not the ARN of an SNS topic."},
		{long, "LimitExceeded", ""},
	} {
		r.check(t, vendor)
	}
}

func everyRoleTemplate(t *testing.T, x *everything) {
	c := x.c
	template := func(name, enabled, role, trust, managed string) *string {
		arn := "arn:aws:iam::aws:role-template/every.amazonaws.com/" + name + ":1"
		x.s.operate(t, "partner", "role-template", written(t, `{"Template":{"ARN":"`+arn+`","Enabled":`+enabled+`,"DefaultMinor":0},
			"Version":{"Minor":0,"Enabled":true,"RoleName":"`+role+`","TrustPolicy":`+jsonText(trust)+`,"ManagedARNs":[`+managed+`],
			"Parameters":[{"Name":"team","Type":"String","Required":true}]}}`))
		return &arn
	}
	values := func(team string) map[string]iamtypes.ReplacementValueEntry {
		return map[string]iamtypes.ReplacementValueEntry{"team": {Values: []string{team}}}
	}
	good := template("Good", "true", "every-@{team}", trusting(managementID), jsonText(readOnlyPolicy))
	off := template("Off", "false", "every-@{team}", trusting(managementID), "")
	version := fetch[iam.GetRoleTemplateVersionOutput](t, c, &iam.GetRoleTemplateVersionInput{TemplateArn: good}).RoleTemplateVersion
	if *version.RoleNamePattern != "every-@{team}" || !version.Enabled {
		t.Errorf("template: %s", jsonText(version))
	}
	role := fetch[iam.AcquireRoleOutput](t, c, &iam.AcquireRoleInput{TemplateArn: good, ReplacementValues: values("blue")}).Role
	got := fetch[iam.GetRoleOutput](t, c, &iam.GetRoleInput{RoleName: new("every-blue")}).Role
	same(t, "read back", []any{*got.Arn, *got.RoleId, got.SourceRoleTemplate}, []any{*role.Arn, *role.RoleId, role.SourceRoleTemplate})
	broad := template("Broad", "true", "broad-@{team}", trusting(managementID), jsonText("arn:aws:iam::"+managementID+":policy/not-there"))
	many := make([]string, 11)
	for n := range many {
		arn := fetch[iam.CreatePolicyOutput](t, c, &iam.CreatePolicyInput{PolicyName: new("many-" + string(rune('a'+n))), PolicyDocument: new(allow("s3:*", "*"))}).Policy.Arn
		many[n] = jsonText(*arn)
	}
	for _, r := range []refusal{
		{&iam.AcquireRoleInput{TemplateArn: good, ReplacementValues: values("blue")}, "NameConflict", ""},
		{&iam.AcquireRoleInput{TemplateArn: good}, "InvalidInput", "The role template needs a value for the parameter team."},
		{&iam.AcquireRoleInput{TemplateArn: off, ReplacementValues: values("red")}, "RoleTemplateDisabled", ""},
		{&iam.AcquireRoleInput{TemplateArn: broad, ReplacementValues: values("red")}, "NoSuchEntity", ""},
		{&iam.AcquireRoleInput{TemplateArn: template("Many", "true", "many-@{team}", trusting(managementID), strings.Join(many, ",")), ReplacementValues: values("red")}, "LimitExceeded", ""},
		{&iam.AcquireRoleInput{TemplateArn: template("Bad", "true", "bad-@{team}", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"@{team}"},"Action":"sts:AssumeRole"}]}`, ""), ReplacementValues: values("nobody")}, "MalformedPolicyDocument", ""},
		{&iam.GetRoleTemplateVersionInput{TemplateArn: new(strings.Replace(*good, "Good", "None", 1))}, "NoSuchEntity", ""},
		{&iam.GetRoleTemplateVersionInput{TemplateArn: new(roleARN(managementID, "no-template"))}, "InvalidInput", ""},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.DetachRolePolicyInput{RoleName: new("every-blue"), PolicyArn: new(readOnlyPolicy)}, &iam.DeleteRoleInput{RoleName: new("every-blue")})
}
