package iam_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	setup   = "arn:aws:iam::partner:delegation-template/vendor.example/Setup"
	channel = "arn:aws:sns:us-east-1:" + other + ":topic"

	setupTemplate = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::@{bucketNames}/@{prefix}/*"},` +
		`{"@Enabled":"!READ_ONLY","Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws:s3:::x/*","arn:aws:s3:::@{bucketNames}/*"]}]}`
)

// partnered is a fixture in which the account other is one of a product provider.
func partnered(t *testing.T, e storetest.Engine) *fixture {
	f := newFixture(t, e)
	f.update(t, func(tx *store.Tx) error {
		if err := iam.RegisterPartner(t.Context(), tx, iam.Partner{AccountID: other, Domain: "vendor.example", Name: "Vendor"}); err != nil {
			return err
		}
		_, err := iam.RegisterPartnerPolicy(t.Context(), tx, iam.PolicyTemplate, "vendor.example", "Setup", setupTemplate)
		return err
	})
	return f
}

// delegator is somebody with an id: requests are owned by ids.
func delegator(t *testing.T, account, name string) context.Context {
	arn := "arn:aws:iam::" + account + ":user/" + name
	return credential.NewContext(t.Context(), &credential.Caller{
		Type: credential.User, AccountID: account, ARN: arn, PrincipalID: "AIDA" + strings.ToUpper(name), EntityID: "AIDA" + strings.ToUpper(name), EntityARN: arn, EntityName: name,
	})
}

func parameter(name, kind string, values ...string) iamapi.PolicyParameter {
	return iamapi.PolicyParameter{Name: &name, Type: &kind, Values: values}
}

func asking(workflow string, change ...func(*iamapi.CreateDelegationRequestInput)) *iamapi.CreateDelegationRequestInput {
	in := &iamapi.CreateDelegationRequestInput{
		Description: ptr("why"), RequestorWorkflowId: &workflow, NotificationChannel: ptr(channel), SessionDuration: ptr(int32(3600)),
		Permissions: &iamapi.DelegationPermission{PolicyTemplateArn: ptr(setup), Parameters: []iamapi.PolicyParameter{
			parameter("bucketNames", "stringList", "a", "b"), parameter("prefix", "string", "data"), parameter("READ_ONLY", "string", "True"),
		}},
	}
	for _, c := range change {
		c(in)
	}
	return in
}

func TestCreateDelegationRequestRefuses(t *testing.T) {
	f := partnered(t, storetest.Memory())
	vendor := delegator(t, other, "app")
	noError(t, only(f.CreateDelegationRequest(vendor, asking("taken"))))
	parameters := func(list ...iamapi.PolicyParameter) func(*iamapi.CreateDelegationRequestInput) {
		return func(in *iamapi.CreateDelegationRequestInput) { in.Permissions.Parameters = list }
	}
	long := strings.Repeat("x", 900)
	for _, c := range []struct {
		name, code, message string
		ctx                 context.Context
		in                  *iamapi.CreateDelegationRequestInput
	}{
		{"no provider", "AccessDenied", "The account " + home + " is not registered as a product provider.", f.ctx, asking("new")},
		{"workflow", "EntityAlreadyExists", "A delegation request with the requestor workflow id taken already exists.", vendor, asking("taken")},
		{"template", "InvalidInput", `The policy template "arn:aws:iam::partner:delegation-template/vendor.example/No" is not registered for this product provider.`, vendor, asking("new", func(in *iamapi.CreateDelegationRequestInput) {
			in.Permissions.PolicyTemplateArn = ptr("arn:aws:iam::partner:delegation-template/vendor.example/No")
		})},
		{"channel", "InvalidInput", "The notification channel topic is not the ARN of an SNS topic.", vendor, asking("new", func(in *iamapi.CreateDelegationRequestInput) { in.NotificationChannel = ptr("topic") })},
		{"foreign channel", "InvalidInput", "The notification channel arn:aws:sns:us-east-1:" + home + ":topic is not in an account of the product provider.", vendor, asking("new", func(in *iamapi.CreateDelegationRequestInput) {
			in.NotificationChannel = ptr("arn:aws:sns:us-east-1:" + home + ":topic")
		})},
		{"owner", "InvalidInput", "The owner account 999999999999 does not exist.", vendor, asking("new", func(in *iamapi.CreateDelegationRequestInput) { in.OwnerAccountId = ptr("999999999999") })},
		{"missing parameter", "InvalidInput", "The policy template needs the parameter prefix.", vendor, asking("new", parameters(parameter("bucketNames", "string", "a")))},
		{"unknown parameter", "InvalidInput", "The policy template has no parameter other.", vendor, asking("new", parameters(
			parameter("bucketNames", "string", "a"), parameter("prefix", "string", "b"), parameter("READ_ONLY", "string", "x"), parameter("other", "string", "c")))},
		{"two values", "InvalidInput", "The parameter prefix of type string must have exactly one value.", vendor, asking("new", parameters(parameter("prefix", "string", "a", "b")))},
		{"too long", "LimitExceeded", "Cannot exceed quota for DelegationPolicySize: 2048", vendor, asking("new", parameters(
			parameter("bucketNames", "stringList", long, long, long), parameter("prefix", "string", "b"), parameter("READ_ONLY", "string", "True")))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if gotCode, message := code(f.call(c.ctx, c.in)); gotCode != c.code || message != c.message {
				t.Errorf("got  %s: %s\nwant %s: %s", gotCode, message, c.code, c.message)
			}
		})
	}
}

func TestTemplatesAreRendered(t *testing.T) {
	f := partnered(t, storetest.Memory())
	for readOnly, want := range map[string]string{
		"True": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::a/data/*","arn:aws:s3:::b/data/*"]}]}`,
		"False": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::a/data/*","arn:aws:s3:::b/data/*"]},` +
			`{"Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws:s3:::x/*","arn:aws:s3:::a/*","arn:aws:s3:::b/*"]}]}`,
	} {
		out, err := f.CreateDelegationRequest(delegator(t, other, "app"), asking("workflow "+readOnly, func(in *iamapi.CreateDelegationRequestInput) {
			in.Permissions.Parameters[2].Values = []string{readOnly}
		}))
		noError(t, err)
		got, err := f.GetDelegationRequest(f.ctx, &iamapi.GetDelegationRequestInput{DelegationRequestId: out.DelegationRequestId})
		noError(t, err)
		equal(t, "READ_ONLY "+readOnly, *got.DelegationRequest.PermissionPolicy, want)
	}
}

func TestProvidersCannotRegisterEverything(t *testing.T) {
	f := partnered(t, storetest.Memory())
	for _, statement := range []string{
		`"Effect":"Allow","Action":"*","Resource":"*"`,
		`"Effect":"Allow","NotAction":"s3:*","Resource":"*"`,
		`"Effect":"Allow","Action":"iam:Create*","Resource":"*"`,
		`"Effect":"Allow","Action":"iam:CreateRole","Resource":"*","Condition":{"StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::partner:policy/x"}}`,
		`"Effect":"Allow","Action":"iam:CreateRole","Resource":"*","Condition":{"ArnLike":{"iam:PermissionsBoundary":"arn:aws:iam::*:policy/*"}}`,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"@{unclosed"`,
		`"Effect":"Perhaps","Action":"s3:GetObject","Resource":"*"`,
	} {
		err := f.DB.Update(t.Context(), func(tx *store.Tx) error {
			_, err := iam.RegisterPartnerPolicy(t.Context(), tx, iam.PolicyTemplate, "vendor.example", "New", `{"Version":"2012-10-17","Statement":[{`+statement+`}]}`)
			return err
		})
		var rule *iam.Error
		if !errors.As(err, &rule) || rule.Code != iam.MalformedPolicyDocument {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// A parameter cannot make of a template what could not be registered as one.
func TestParametersDoNotGetAroundTheRules(t *testing.T) {
	f := partnered(t, storetest.Memory())
	var template string
	err := f.DB.Update(t.Context(), func(tx *store.Tx) (err error) {
		template, err = iam.RegisterPartnerPolicy(t.Context(), tx, iam.PolicyTemplate, "vendor.example", "Loose", `{"Version":"2012-10-17","Statement":[`+
			`{"Effect":"Allow","Action":"@{service}:@{action}","Resource":"*"},`+
			`{"Effect":"Allow","Action":"iam:CreateRole","Resource":"*","Condition":{"ArnLike":{"iam:PermissionsBoundary":"@{boundary}"}}}]}`)
		return err
	})
	noError(t, err)
	const boundary = "arn:aws:iam::partner:policy/permissions-boundary/vendor.example/Reader"
	for _, c := range []struct {
		service, action, boundary string
		refused                   bool
	}{
		{"s3", "GetObject", boundary, false},
		{"*", "*", boundary, true},
		{"i?m", "GetUser", boundary, true},
		{"iam", "CreateRole", boundary, true},
		{"iam", "*Role", boundary, true},
		{"s3", "GetObject", "arn:aws:iam::*:policy/*", true},
		{"s3", "GetObject", "*", true},
	} {
		_, err := f.CreateDelegationRequest(delegator(t, other, "app"), asking(strings.NewReplacer(":", "", "*", "any", "?", "one").Replace(c.service+c.action+c.boundary), func(in *iamapi.CreateDelegationRequestInput) {
			in.Permissions = &iamapi.DelegationPermission{PolicyTemplateArn: &template}
			for name, value := range map[string]string{"service": c.service, "action": c.action, "boundary": c.boundary} {
				in.Permissions.Parameters = append(in.Permissions.Parameters, iamapi.PolicyParameter{
					Name: &name, Type: ptr(iam.StringParameter), Values: []string{value},
				})
			}
		}))
		if (err != nil) != c.refused || c.refused && !strings.Contains(err.Error(), "cannot be rendered with these parameters") {
			t.Errorf("%s:%s with %s: %v", c.service, c.action, c.boundary, err)
		}
	}
}

// Each operation is for some states only.
func TestStatesOfDelegationRequests(t *testing.T) {
	f := partnered(t, storetest.Memory())
	owner := delegator(t, home, "dora")
	steps := map[string]func(id *string) error{
		"associate": func(id *string) error {
			return f.call(owner, &iamapi.AssociateDelegationRequestInput{DelegationRequestId: id})
		},
		"update": func(id *string) error {
			return f.call(owner, &iamapi.UpdateDelegationRequestInput{DelegationRequestId: id})
		},
		"accept": func(id *string) error {
			return f.call(owner, &iamapi.AcceptDelegationRequestInput{DelegationRequestId: id})
		},
		"reject": func(id *string) error {
			return f.call(owner, &iamapi.RejectDelegationRequestInput{DelegationRequestId: id, Notes: ptr("no")})
		},
		"send": func(id *string) error {
			return f.call(owner, &iamapi.SendDelegationTokenInput{DelegationRequestId: id})
		},
	}
	for _, c := range []struct {
		path, state, allowed string
	}{
		{"", "UNASSIGNED", "associate"},
		{"associate", "ASSIGNED", "update accept reject"},
		{"associate update", "PENDING_APPROVAL", "update accept reject"},
		{"associate accept", "ACCEPTED", "reject send"},
		{"associate update accept reject", "REJECTED", ""},
		{"associate accept send", "FINALIZED", ""},
	} {
		for name, step := range steps {
			t.Run(c.state+" "+name, func(t *testing.T) {
				out, err := f.CreateDelegationRequest(delegator(t, other, "app"), asking("workflow "+t.Name()))
				noError(t, err)
				for _, before := range strings.Fields(c.path) {
					noError(t, steps[before](out.DelegationRequestId))
				}
				got, message := code(step(out.DelegationRequestId))
				want := "InvalidInput"
				if strings.Contains(" "+c.allowed+" ", " "+name+" ") {
					want = ""
				}
				if got != want || want != "" && message != "The delegation request "+*out.DelegationRequestId+" is in the state "+c.state+"." {
					t.Errorf("got %q %q, want %q", got, message, want)
				}
			})
		}
	}
	for name, step := range steps {
		if got, _ := code(step(ptr("00000000-0000-0000-0000-000000000000"))); got != "NoSuchEntity" {
			t.Errorf("%s of what is not there: %s", name, got)
		}
	}
}

func TestSummaries(t *testing.T) {
	f := partnered(t, storetest.Memory())
	made, err := f.CreateDelegationRequest(delegator(t, other, "app"), asking("workflow"))
	noError(t, err)
	arn := "arn:aws:iam::" + home + ":delegation-request/" + *made.DelegationRequestId
	for _, c := range []struct{ arn, locale, code, state string }{
		{arn, "en", "", "AVAILABLE"},
		{arn, "en_US", "", "AVAILABLE"},
		{arn, "ja", "", "NOT_SUPPORTED"},
		{arn, "xx", "InvalidInput", ""},
		{"arn:aws:iam::" + home + ":role/deploy-and-more", "en", "InvalidInput", ""},
		{"arn:aws:iam::" + home + ":delegation-request/00000000-0000-0000-0000-000000000000", "en", "NoSuchEntity", ""},
	} {
		out, err := f.GetHumanReadableSummary(f.ctx, &iamapi.GetHumanReadableSummaryInput{EntityArn: &c.arn, Locale: &c.locale})
		if got, _ := code(err); got != c.code || err == nil && (*out.SummaryState != c.state || *out.Locale != c.locale) {
			t.Errorf("%s in %s: %v %+v", c.arn, c.locale, err, out)
		}
	}
	out, err := f.GetHumanReadableSummary(f.ctx, &iamapi.GetHumanReadableSummaryInput{EntityArn: &arn})
	noError(t, err)
	const want = "Vendor (account 444455556666) asks for access to your account for 1 hour, counted from when the token is sent to it.\n\n" +
		"It could, as far as the approver can:\n- read in Amazon S3: s3:GetObject; on arn:aws:s3:::a/data/*, arn:aws:s3:::b/data/*.\n"
	equal(t, "summary", *out.SummaryContent, want)
}

func TestRolesFromTemplates(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	const one, off = "arn:aws:iam::aws:role-template/x.amazonaws.com/One:2", "arn:aws:iam::aws:role-template/x.amazonaws.com/Off:1"
	version := iam.RoleTemplateVersion{
		Minor: 3, Enabled: true, RoleName: "service-@{name}", RolePath: "/x/", TrustPolicy: trustAccount, Description: "for @{name}",
		Inline:      []iam.InlinePolicy{{Name: "read", Document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"@{buckets}"}]}`}},
		ManagedARNs: []string{adminARN}, Boundary: adminARN, Tags: []iam.Tag{{Key: "made-for", Value: "@{name}"}},
		Parameters: []iam.RoleParameter{{Name: "name", Type: "String", Required: true}, {Name: "buckets", Type: "ArnList", Default: ptr("arn:aws:s3:::d")}},
	}
	f.update(t, func(tx *store.Tx) error {
		if err := iam.RegisterRoleTemplate(t.Context(), tx, iam.RoleTemplate{ARN: one, Enabled: true, DefaultMinor: 3}, version); err != nil {
			return err
		}
		return iam.RegisterRoleTemplate(t.Context(), tx, iam.RoleTemplate{ARN: off}, iam.RoleTemplateVersion{Enabled: true, RoleName: "r", TrustPolicy: trustAccount})
	})
	named := func(values ...string) map[string]iamapi.ReplacementValueEntry {
		return map[string]iamapi.ReplacementValueEntry{"name": {Values: values}}
	}
	for _, c := range []struct {
		code string
		in   *iamapi.AcquireRoleInput
	}{
		{"NoSuchEntity", &iamapi.AcquireRoleInput{TemplateArn: ptr("arn:aws:iam::aws:role-template/x.amazonaws.com/No:1")}},
		{"NoSuchEntity", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), TemplateMinorVersion: ptr(int32(4))}},
		{"InvalidInput", &iamapi.AcquireRoleInput{TemplateArn: ptr(ownARN)}},
		{"InvalidInput", &iamapi.AcquireRoleInput{TemplateArn: ptr(one)}},
		{"InvalidInput", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), ReplacementValues: named("a", "b")}},
		{"InvalidInput", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), ReplacementValues: named("not a name")}},
		{"InvalidInput", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), ReplacementValues: map[string]iamapi.ReplacementValueEntry{"name": {Values: []string{"a"}}, "other": {Values: []string{"a"}}}}},
		{"InvalidInput", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), ReplacementValues: map[string]iamapi.ReplacementValueEntry{"name": {Values: []string{"a"}}, "buckets": {Values: []string{"no ARN"}}}}},
		{"RoleTemplateDisabled", &iamapi.AcquireRoleInput{TemplateArn: ptr(off)}},
		{"", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), ReplacementValues: named("a")}},
		{"NameConflict", &iamapi.AcquireRoleInput{TemplateArn: ptr(one), ReplacementValues: named("A")}},
	} {
		if got, message := code(f.call(f.ctx, c.in)); got != c.code {
			t.Errorf("%+v: %s %s, want %q", smithy.Value(c.in.TemplateArn), got, message, c.code)
		}
	}
	out, err := f.GetRole(f.ctx, &iamapi.GetRoleInput{RoleName: ptr("service-a")})
	noError(t, err)
	equal(t, "source", out.Role.SourceRoleTemplate, &iamapi.SourceRoleTemplate{TemplateArn: ptr(one), TemplateMinorVersion: ptr(int32(3))})
	equal(t, "ARN", *out.Role.Arn, "arn:aws:iam::"+home+":role/x/service-a")
	equal(t, "description", *out.Role.Description, "for a")
	inline, err := f.GetRolePolicy(f.ctx, &iamapi.GetRolePolicyInput{RoleName: ptr("service-a"), PolicyName: ptr("read")})
	noError(t, err)
	if !strings.Contains(*inline.PolicyDocument, "arn%3Aaws%3As3%3A%3A%3Ad") {
		t.Errorf("the inline policy is %s", *inline.PolicyDocument)
	}
	shown, err := f.GetRoleTemplateVersion(f.ctx, &iamapi.GetRoleTemplateVersionInput{TemplateArn: ptr(one)})
	noError(t, err)
	v := shown.RoleTemplateVersion
	if *v.TemplateName != "One" || *v.MajorVersion != 2 || *v.MinorVersion != 3 || *v.ManagedByValue != "x.amazonaws.com" || len(v.ParametersDefinition) != 2 {
		t.Errorf("the template is %+v", v)
	}
}
