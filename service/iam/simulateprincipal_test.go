package iam_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
	"pgregory.net/rapid"
)

// organized is a fixture whose account home leads an organization with one member in a
// unit. Each node has one SCP that allows everything, whose content tests replace.
type organized struct {
	*fixture
	org    org.Organization
	member string
	// ctx calls as somebody of the member.
	ctx  context.Context
	scps []string // at the root, the unit and the account
}

func newOrganized(t *testing.T, e storetest.Engine) *organized {
	t.Helper()
	o := &organized{fixture: newFixture(t, e)}
	o.update(t, func(tx *store.Tx) (err error) {
		if o.org, err = org.CreateOrganization(t.Context(), tx, home, ""); err != nil {
			return err
		}
		if err = org.EnablePolicyType(t.Context(), tx, o.org, o.org.RootID, org.ServiceControlPolicy); err != nil {
			return err
		}
		unit, err := org.CreateOrganizationalUnit(t.Context(), tx, o.org, o.org.RootID, "Unit", nil)
		if err != nil {
			return err
		}
		r, err := org.CreateAccount(t.Context(), tx, o.org, org.Settings{}, org.NewAccount{Name: "member", Email: "member@example.com"})
		if err != nil {
			return err
		}
		if err = org.MoveAccount(t.Context(), tx, o.org, r.AccountID, o.org.RootID, unit.ID); err != nil {
			return err
		}
		o.member, o.scps = r.AccountID, nil
		for i, node := range []string{o.org.RootID, unit.ID, r.AccountID} {
			p, err := org.CreatePolicy(t.Context(), tx, o.org, org.Policy{Type: org.ServiceControlPolicy, Name: fmt.Sprint("scp", i), Content: allowAll}, nil)
			if err == nil {
				err = org.AttachPolicy(t.Context(), tx, o.org, p.ID, node)
			}
			if err == nil {
				err = org.DetachPolicy(t.Context(), tx, o.org, "p-FullAWSAccess", node)
			}
			if err != nil {
				return err
			}
			o.scps = append(o.scps, p.ID)
		}
		return nil
	})
	o.ctx = as(t, o.member, "caller")
	return o
}

// setSCP replaces the SCP of the root (0), the unit (1) or the account (2).
func (o *organized) setSCP(t *testing.T, node int, content string) {
	t.Helper()
	o.update(t, func(tx *store.Tx) error {
		_, err := org.UpdatePolicy(t.Context(), tx, o.org, o.scps[node], org.PolicyChange{Content: &content})
		return err
	})
}

func TestSimulatePrincipalPolicy(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { testSimulatePrincipalPolicy(t, e) })
	}
}

// Scenes after the IAM API Reference, "SimulatePrincipalPolicy".
func testSimulatePrincipalPolicy(t *testing.T, e storetest.Engine) {
	o := newOrganized(t, e)
	managed := "arn:aws:iam::" + o.member + ":policy/team/shared"
	noError(t, only(o.CreatePolicy(o.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("shared"), Path: ptr("/team/"), PolicyDocument: ptr(one("Allow", "s3:DeleteObject", "*", ""))})))
	noError(t, only(o.CreatePolicy(o.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("limit"), PolicyDocument: ptr(one("Allow", "s3:*Object", "*", ""))})))
	noError(t, only(o.CreateUser(o.ctx, &iamapi.CreateUserInput{UserName: ptr("zoe"), Path: ptr("/people/"), Tags: []iamapi.Tag{{Key: ptr("Team"), Value: ptr("red")}}})))
	noError(t, only(o.CreateGroup(o.ctx, &iamapi.CreateGroupInput{GroupName: ptr("devs")})))
	noError(t, only(o.CreateRole(o.ctx, &iamapi.CreateRoleInput{RoleName: ptr("app"), AssumeRolePolicyDocument: ptr(trustAccount)})))
	noError(t, only(o.AddUserToGroup(o.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("zoe")})))
	noError(t, only(o.PutUserPolicy(o.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("zoe"), PolicyName: ptr("own"), PolicyDocument: ptr(one("Allow", "s3:GetObject", "arn:aws:s3:::shop/${aws:username}", when("StringEquals", "aws:PrincipalTag/Team", "red")))})))
	noError(t, only(o.PutGroupPolicy(o.ctx, &iamapi.PutGroupPolicyInput{GroupName: ptr("devs"), PolicyName: ptr("team"), PolicyDocument: ptr(one("Allow", "s3:PutObject", "*", ""))})))
	noError(t, only(o.PutRolePolicy(o.ctx, &iamapi.PutRolePolicyInput{RoleName: ptr("app"), PolicyName: ptr("own"), PolicyDocument: ptr(one("Allow", "s3:*", "*", when("StringEquals", "aws:PrincipalOrgID", o.org.ID)))})))
	noError(t, only(o.AttachUserPolicy(o.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("zoe"), PolicyArn: &managed})))
	noError(t, only(o.AttachGroupPolicy(o.ctx, &iamapi.AttachGroupPolicyInput{GroupName: ptr("devs"), PolicyArn: &managed})))
	noError(t, only(o.AttachRolePolicy(o.ctx, &iamapi.AttachRolePolicyInput{RoleName: ptr("app"), PolicyArn: ptr("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")})))
	noError(t, only(o.PutUserPermissionsBoundary(o.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("zoe"), PermissionsBoundary: ptr("arn:aws:iam::" + o.member + ":policy/limit")})))
	o.setSCP(t, 1, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}`)

	inRegion := []iamapi.ContextEntry{entry("aws:RequestedRegion", "string", "eu-west-1")}
	excluding := func(p iamapi.PolicyIdentifier) iamapi.SimulatePrincipalPolicyInput {
		return iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion, PolicyExclusionList: []iamapi.PolicyIdentifier{p}}
	}
	inline := func(name, kind, owner string) iamapi.SimulatePrincipalPolicyInput {
		return excluding(iamapi.PolicyIdentifier{InlinePolicyIdentifier: &iamapi.InlinePolicyIdentifierType{PolicyName: &name, AttachmentType: &kind, AttachmentName: &owner}})
	}
	const (
		getting  = "s3:GetObject arn:aws:s3:::shop/zoe allowed user_zoe_own@1:38-1:188 boundary=true details= org=true"
		putting  = "s3:PutObject arn:aws:s3:::shop/zoe allowed group_devs_team@1:38-1:95 boundary=true details= org=true"
		deleting = "s3:DeleteObject arn:aws:s3:::shop/zoe allowed shared@1:38-1:98 boundary=true details= org=true"
		tagging  = "s3:PutObjectTagging arn:aws:s3:::shop/zoe implicitDeny boundary=false details= org=true"
	)
	no := func(line string) string {
		words := strings.Fields(line)
		return words[0] + " " + words[1] + " implicitDeny " + strings.Join(words[4:], " ")
	}
	for _, c := range []struct {
		name, source string
		in           iamapi.SimulatePrincipalPolicyInput
		want         []string
	}{
		{"a user, with groups and boundary", "user/people/zoe", iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion}, []string{getting, putting, deleting, tagging}},
		{"a user under another path", "user/zoe", iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion}, []string{getting, putting, deleting, tagging}},
		{"what an SCP asks for", "user/people/zoe", iamapi.SimulatePrincipalPolicyInput{}, []string{
			getting, "s3:PutObject arn:aws:s3:::shop/zoe explicitDeny missing=aws:RequestedRegion org=false", deleting, tagging,
		}},
		{"another policy in the request", "user/zoe", iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion, PolicyInputList: []string{one("Deny", "s3:GetObject", "*", "")}}, []string{
			"s3:GetObject arn:aws:s3:::shop/zoe explicitDeny PolicyInputList.1@1:38-1:94 boundary=true details= org=true", putting, deleting, tagging,
		}},
		{"another boundary in the request", "user/zoe", iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion, PermissionsBoundaryPolicyInputList: []string{one("Allow", "s3:P*", "*", "")}}, []string{
			strings.Replace(no(getting), "boundary=true", "boundary=false", 1), putting, strings.Replace(no(deleting), "boundary=true", "boundary=false", 1), strings.Replace(tagging, "false", "true", 1),
		}},
		{"somebody else with the user's policies", "user/zoe", iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion, CallerArn: ptr("arn:aws:iam::" + o.member + ":user/bob")}, []string{
			"s3:GetObject arn:aws:s3:::shop/zoe implicitDeny boundary=true details= org=true", putting, deleting, tagging,
		}},
		{"a group", "group/devs", iamapi.SimulatePrincipalPolicyInput{ContextEntries: inRegion}, []string{
			"s3:GetObject arn:aws:s3:::shop/zoe implicitDeny details= org=true", strings.Replace(putting, " boundary=true", "", 1), strings.Replace(deleting, " boundary=true", "", 1),
			"s3:PutObjectTagging arn:aws:s3:::shop/zoe implicitDeny details= org=true",
		}},
		{"without inline policies", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyType: ptr("inline")}), []string{no(getting), no(putting), deleting, tagging}},
		{"without the account's managed policies", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyType: ptr("user-managed")}), []string{getting, putting, no(deleting), tagging}},
		{"without AWS's policies", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyType: ptr("aws-managed")}), []string{getting, putting, deleting, tagging}},
		{"without boundary", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyType: ptr("permission-boundary")}), []string{
			strings.Replace(getting, " boundary=true", "", 1), strings.Replace(putting, " boundary=true", "", 1), strings.Replace(deleting, " boundary=true", "", 1), strings.Replace(tagging, " boundary=false", "", 1),
		}},
		{"without resource control policies, of which there are none", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyType: ptr("rcp")}), []string{getting, putting, deleting, tagging}},
		{"without SCPs", "user/zoe", iamapi.SimulatePrincipalPolicyInput{PolicyExclusionList: []iamapi.PolicyIdentifier{{PolicyType: ptr("scp")}}}, []string{getting, putting, deleting, tagging}},
		{"without a policy by its ARN", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyArn: &managed}), []string{getting, putting, no(deleting), tagging}},
		{"without policies by a pattern", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyArn: ptr("arn:aws:iam::" + o.member + ":policy/sh?r*d")}), []string{getting, putting, no(deleting), tagging}},
		{"a pattern that fits nothing", "user/zoe", excluding(iamapi.PolicyIdentifier{PolicyArn: ptr("arn:aws:iam::" + o.member + ":policy/sh*x")}), []string{getting, putting, deleting, tagging}},
		{"without an inline policy of a group", "user/zoe", inline("team", "group", "d*"), []string{getting, no(putting), deleting, tagging}},
		{"without one of a user of that name", "user/zoe", inline("team", "user", "d*"), []string{getting, putting, deleting, tagging}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.PolicySourceArn = ptr("arn:aws:iam::" + o.member + ":" + c.source)
			c.in.ActionNames = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutObjectTagging"}
			c.in.ResourceArns = []string{"arn:aws:s3:::shop/zoe"}
			out, err := o.SimulatePrincipalPolicy(o.ctx, &c.in)
			noError(t, err)
			var got []string
			for _, line := range strings.Split(show(out.EvaluationResults), "\n") {
				if !strings.HasPrefix(line, "- ") {
					got = append(got, line)
				}
			}
			equal(t, "results", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		})
	}
	testSimulatedRole(t, o)
}

// A role has the organization's id like its sessions; the management account has no SCPs;
// a standalone account no organization.
func testSimulatedRole(t *testing.T, o *organized) {
	t.Helper()
	simulate := func(ctx context.Context, in *iamapi.SimulatePrincipalPolicyInput) string {
		t.Helper()
		out, err := o.SimulatePrincipalPolicy(ctx, in)
		noError(t, err)
		return show(out.EvaluationResults)
	}
	o.setSCP(t, 0, one("Allow", "s3:*", "*", ""))
	role := ptr("arn:aws:iam::" + o.member + ":role/app")
	got := simulate(o.ctx, &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: role, ActionNames: []string{"s3:GetObject", "ec2:RunInstances"}})
	for _, want := range []string{"s3:GetObject * allowed AmazonS3ReadOnlyAccess@", " role_app_own@", "\nec2:RunInstances * implicitDeny org=false"} {
		if !strings.Contains(got, want) {
			t.Errorf("role: %s, want %s", got, want)
		}
	}
	for i, account := range []string{home, other} {
		ctx := as(t, account, "caller")
		noError(t, only(o.CreateUser(ctx, &iamapi.CreateUserInput{UserName: ptr("ann")})))
		noError(t, only(o.AttachUserPolicy(ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("ann"), PolicyArn: ptr(adminARN)})))
		got := simulate(ctx, &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: ptr("arn:aws:iam::" + account + ":user/ann"), ActionNames: []string{"ec2:RunInstances"}})
		prefix, organization := "ec2:RunInstances * allowed AdministratorAccess@", i == 0
		if !strings.HasPrefix(got, prefix) || strings.Contains(got, "org=") != organization || organization && !strings.HasSuffix(got, "org=true") {
			t.Errorf("account %s: %s, want %s and an organization: %v", account, got, prefix, organization)
		}
	}
	o.update(t, func(tx *store.Tx) error {
		i, _, err := tx.IAMIdentity(other, "user", "ann")
		return errors.Join(err, tx.IAMPutInline(i.ID, "broken", "{"))
	})
	gotCode, message := code(only(o.SimulatePrincipalPolicy(as(t, other, "caller"), &iamapi.SimulatePrincipalPolicyInput{
		PolicySourceArn: ptr("arn:aws:iam::" + other + ":user/ann"), ActionNames: []string{"s3:GetObject"},
	})))
	if gotCode != "PolicyEvaluation" || !strings.HasPrefix(message, "The policy user_ann_broken could not be evaluated: ") {
		t.Errorf("a policy that cannot be read: %s: %s", gotCode, message)
	}
}

// The simulator and the gate decide alike: for a user and for a role session, with policies
// of groups, boundary and SCPs, with and without a resource-based policy, within an account
// and across accounts.
func TestSimulatorDecidesLikeTheGate(t *testing.T) {
	o := newOrganized(t, storetest.Memory())
	noError(t, only(o.CreateUser(o.ctx, &iamapi.CreateUserInput{UserName: ptr("zoe"), Tags: []iamapi.Tag{{Key: ptr("Team"), Value: ptr("red")}}})))
	noError(t, only(o.CreateGroup(o.ctx, &iamapi.CreateGroupInput{GroupName: ptr("devs")})))
	noError(t, only(o.CreateRole(o.ctx, &iamapi.CreateRoleInput{RoleName: ptr("app"), AssumeRolePolicyDocument: ptr(trustAccount)})))
	noError(t, only(o.AddUserToGroup(o.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("zoe")})))
	noError(t, only(o.CreatePolicy(o.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("limit"), PolicyDocument: ptr(allowAll)})))
	limit := ptr("arn:aws:iam::" + o.member + ":policy/limit")
	compiler, err := authz.NewCompiler()
	noError(t, err)
	gate, err := authz.New(authz.Config{
		View: func(ctx context.Context, fn func(tx authz.Tx) error) error {
			return o.DB.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: o.DB.Revision, Policies: compiler, Rows: map[string][]authz.Row{"iam": o.Rows()},
	})
	noError(t, err)
	user, err := o.GetUser(o.ctx, &iamapi.GetUserInput{UserName: ptr("zoe")})
	noError(t, err)
	role, err := o.GetRole(o.ctx, &iamapi.GetRoleInput{RoleName: ptr("app")})
	noError(t, err)
	callers := []*credential.Caller{
		{Type: credential.User, AccountID: o.member, ARN: *user.User.Arn, PrincipalID: *user.User.UserId, EntityID: *user.User.UserId, EntityARN: *user.User.Arn, EntityName: "zoe"},
		{
			Type: credential.AssumedRole, AccountID: o.member, ARN: "arn:aws:sts::" + o.member + ":assumed-role/app/s", PrincipalID: *role.Role.RoleId + ":s",
			EntityID: *role.Role.RoleId, EntityARN: *role.Role.Arn, EntityName: "app", Session: &credential.Session{Name: "s", IssuerType: "AssumeRole"},
		},
	}
	env := authz.Environment{SourceIP: "203.0.113.7", Region: "eu-west-1", Time: time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)}
	entries := []iamapi.ContextEntry{entry("aws:SourceIp", "ip", "203.0.113.7"), entry("aws:RequestedRegion", "string", "eu-west-1"), entry("k:list", "stringList", "x", "y")}
	counts := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		d := drawer{rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3)), o}
		noError(t, only(o.PutUserPolicy(o.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("zoe"), PolicyName: ptr("p"), PolicyDocument: ptr(d.document(""))})))
		noError(t, only(o.PutGroupPolicy(o.ctx, &iamapi.PutGroupPolicyInput{GroupName: ptr("devs"), PolicyName: ptr("p"), PolicyDocument: ptr(d.document(""))})))
		noError(t, only(o.PutRolePolicy(o.ctx, &iamapi.PutRolePolicyInput{RoleName: ptr("app"), PolicyName: ptr("p"), PolicyDocument: ptr(d.document(""))})))
		random := d.r.IntN(5)
		for node := range o.scps {
			content := allowAll
			if node == random {
				content = d.document("")
			}
			o.setSCP(t, node, content)
		}
		v, err := o.CreatePolicyVersion(o.ctx, &iamapi.CreatePolicyVersionInput{PolicyArn: limit, PolicyDocument: ptr(d.document("")), SetAsDefault: ptr(true)})
		noError(t, err)
		old := fmt.Sprintf("v%d", versionNumber(*v.PolicyVersion.VersionId)-1)
		noError(t, only(o.DeletePolicyVersion(o.ctx, &iamapi.DeletePolicyVersionInput{PolicyArn: limit, VersionId: &old})))
		noError(t, only(o.PutUserPermissionsBoundary(o.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("zoe"), PermissionsBoundary: limit})))
		noError(t, only(o.PutRolePermissionsBoundary(o.ctx, &iamapi.PutRolePermissionsBoundaryInput{RoleName: ptr("app"), PermissionsBoundary: limit})))
		if d.r.IntN(3) > 0 {
			noError(t, only(o.DeleteUserPermissionsBoundary(o.ctx, &iamapi.DeleteUserPermissionsBoundaryInput{UserName: ptr("zoe")})))
			noError(t, only(o.DeleteRolePermissionsBoundary(o.ctx, &iamapi.DeleteRolePermissionsBoundaryInput{RoleName: ptr("app")})))
		}
		for _, caller := range callers {
			for _, action := range []string{"s3:GetObject", "s3:PutObject", "ec2:RunInstances"} {
				in := &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: &caller.EntityARN, ActionNames: []string{action}, ContextEntries: entries}
				check := authz.Check{Action: action, Resource: d.pick(onShop, onOther, "*"), Keys: policy.Keys{"k:list": {"x", "y"}}}
				in.ResourceArns = []string{check.Resource}
				if check.Resource != "*" && d.r.IntN(2) == 0 {
					text := d.document(d.pick(`"*"`, `{"AWS":"`+caller.EntityARN+`"}`, `{"AWS":"`+o.member+`"}`, `{"AWS":"arn:aws:iam::`+other+`:root"}`))
					compiled := compiler.Compile(text, policy.Resource)
					if !compiled.Covers(check.Resource) {
						continue
					}
					in.ResourcePolicy, check.Policy = &text, &policy.Attached{Kind: policy.Resource, Policy: compiled}
					in.CallerArn = &caller.EntityARN
					if d.r.IntN(2) == 0 {
						in.ResourceOwner, check.ResourceAccount = ptr(otherOwner), other
					}
				}
				out, err := o.SimulatePrincipalPolicy(o.ctx, in)
				noError(t, err)
				got, want := *out.EvaluationResults[0].EvalDecision, "allowed"
				if err := gate.Check(t.Context(), caller, env, check); err != nil {
					var denied *authz.DeniedError
					if !errors.As(err, &denied) {
						t.Fatal(err)
					}
					want = denied.Decision.Effect.String()
				}
				if counts[want]++; got != want {
					rt.Fatalf("%s %+v: the simulator says %s, the gate %s", caller.ARN, check, got, want)
				}
			}
		}
	})
	for _, outcome := range []string{"allowed", "explicitDeny", "implicitDeny"} {
		if counts[outcome] < 20 {
			t.Errorf("%d cases are %s: the test says little", counts[outcome], outcome)
		}
	}
}

func versionNumber(id string) (n int) {
	_, _ = fmt.Sscanf(id, "v%d", &n)
	return n
}

// drawer makes random policies from words that meet.
type drawer struct {
	r *rand.Rand
	o *organized
}

func (d drawer) pick(list ...string) string { return list[d.r.IntN(len(list))] }

// document makes a policy that often allows; with a principal it is one of a resource.
func (d drawer) document(principal string) string {
	if principal != "" {
		principal = `,"Principal":` + principal
	}
	var statements []string
	if d.r.IntN(3) > 0 {
		statements = append(statements, `{"Effect":"Allow","Action":"*","Resource":"*"`+principal+`}`)
	}
	for range 1 + d.r.IntN(2) {
		s := `{"Effect":"` + d.pick("Allow", "Allow", "Deny") + `","` + d.pick("Action", "Action", "NotAction") + `":"` + d.pick("*", "s3:*", "s3:Get*", "ec2:*") +
			`","Resource":"` + d.pick("*", "arn:aws:s3:::shop/*", "arn:aws:s3:::*/x") + `"` + principal
		if d.r.IntN(2) == 0 {
			s += d.condition()
		}
		statements = append(statements, s+"}")
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func (d drawer) condition() string {
	operator := d.pick("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists")
	switch d.r.IntN(9) {
	case 0:
		return when(operator, "aws:username", d.pick("zoe", "bob"))
	case 1:
		return when(operator, "aws:PrincipalTag/Team", d.pick("red", "blue"))
	case 2:
		return when(operator, "aws:PrincipalOrgID", d.pick(d.o.org.ID, "o-other12345"))
	case 3:
		return when(operator, "aws:RequestedRegion", d.pick("eu-west-1", "us-east-1"))
	case 4:
		return when(operator, "aws:PrincipalType", d.pick("User", "AssumedRole"))
	case 5:
		return when("BoolIfExists", "aws:MultiFactorAuthAge", "true")
	case 6:
		return when(d.pick("IpAddress", "NotIpAddress"), "aws:SourceIp", d.pick("203.0.113.0/24", "10.0.0.0/8"))
	case 7:
		return when(d.pick("ArnLike", "ArnNotLike"), "aws:PrincipalArn", d.pick("arn:aws:iam::*:user/*", "arn:aws:iam::*:role/app"))
	default:
		return when(d.pick("ForAllValues:", "ForAnyValue:")+operator, "k:list", d.pick("x", "z"))
	}
}
