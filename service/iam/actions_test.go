package iam_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// An operation without a row is refused, and a row without an operation would promise what
// is not there.
func TestBuiltOperationsHaveTheirRow(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	rows := map[string]int{}
	for _, row := range f.Rows() {
		rows[row.Operation]++
	}
	for _, op := range iamapi.Describe().Operations {
		_, err := iamapi.Handler(f).Invoke(f.ctx, &op, op.NewInput())
		var missing *smithy.NotImplementedError
		want := 1
		if errors.As(err, &missing) {
			want = 0
		}
		if rows[op.Name] != want {
			t.Errorf("%s has %d rows, want %d", op.Name, rows[op.Name], want)
		}
		delete(rows, op.Name)
	}
	for name := range rows {
		t.Errorf("row of no operation: %s", name)
	}
}

func TestRowsNameRealActions(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	known, ok := serviceauth.Lookup("iam")
	if !ok {
		t.Fatal("no facts of iam")
	}
	for _, row := range f.Rows() {
		for _, action := range row.Actions {
			name, ok := strings.CutPrefix(action, "iam:")
			if _, real := known.Action(name); !ok || !real {
				t.Errorf("%s: no such action: %s", row.Operation, action)
			}
		}
	}
}

func TestChecks(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.UpdateUser(f.ctx, &iamapi.UpdateUserInput{UserName: ptr("alice"), NewPath: ptr("/team/")})))
	noError(t, only(f.TagUser(f.ctx, &iamapi.TagUserInput{UserName: ptr("alice"), Tags: tags("Team")})))
	noError(t, only(f.PutUserPermissionsBoundary(f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr(adminARN)})))
	noError(t, only(f.TagPolicy(f.ctx, &iamapi.TagPolicyInput{PolicyArn: ptr(ownARN), Tags: tags("Team")})))
	key, err := f.CreateAccessKey(f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("alice")})
	noError(t, err)

	const arn = "arn:aws:iam::111122223333:"
	tagged := map[string][]string{"aws:resourcetag/team": {"value"}, "iam:resourcetag/team": {"value"}}
	with := func(more ...string) policy.Keys {
		k := policy.Keys{}
		for key, values := range tagged {
			k[key] = values
		}
		for i := 0; i < len(more); i += 2 {
			k[more[i]] = []string{more[i+1]}
		}
		return k
	}
	requested := policy.Keys{"aws:requesttag/a": {"value"}, "aws:requesttag/b": {"value"}, "aws:tagkeys": {"a", "b"}}
	for _, c := range []struct {
		operation string
		in        smithy.Shape
		want      []authz.Check
	}{
		{
			"CreateUser", &iamapi.CreateUserInput{UserName: ptr("new"), Path: ptr("/x/")},
			[]authz.Check{{Action: "iam:CreateUser", Resource: arn + "user/x/new", Keys: policy.Keys{}}},
		},
		{"CreateUser", &iamapi.CreateUserInput{UserName: ptr("new"), Tags: tags("a", "b")}, []authz.Check{
			{Action: "iam:CreateUser", Resource: arn + "user/new", Keys: requested},
			{Action: "iam:TagUser", Resource: arn + "user/new", Keys: requested},
		}},
		{
			"CreateRole", &iamapi.CreateRoleInput{RoleName: ptr("new"), PermissionsBoundary: ptr(ownARN)},
			[]authz.Check{{Action: "iam:CreateRole", Resource: arn + "role/new", Keys: policy.Keys{"iam:permissionsboundary": {ownARN}}}},
		},
		{"CreatePolicy", &iamapi.CreatePolicyInput{PolicyName: ptr("new"), Path: ptr("/x/"), Tags: tags("a", "b")}, []authz.Check{
			{Action: "iam:CreatePolicy", Resource: arn + "policy/x/new", Keys: requested},
			{Action: "iam:TagPolicy", Resource: arn + "policy/x/new", Keys: requested},
		}},
		{
			"GetUser", &iamapi.GetUserInput{UserName: ptr("ALICE")},
			[]authz.Check{{Action: "iam:GetUser", Resource: arn + "user/team/alice", Keys: with()}},
		},
		{
			"GetUser", &iamapi.GetUserInput{UserName: ptr("nobody")},
			[]authz.Check{{Action: "iam:GetUser", Resource: arn + "user/nobody", Keys: policy.Keys{}}},
		},
		{
			"GetUser", &iamapi.GetUserInput{},
			[]authz.Check{{Action: "iam:GetUser", Resource: arn + "user/caller", Keys: policy.Keys{}}},
		},
		{"UpdateUser", &iamapi.UpdateUserInput{UserName: ptr("alice"), NewUserName: ptr("bob")}, []authz.Check{
			{Action: "iam:UpdateUser", Resource: arn + "user/team/alice", Keys: with()},
			{Action: "iam:UpdateUser", Resource: arn + "user/team/bob", Keys: with()},
		}},
		{
			"AttachUserPolicy", &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(ownARN)},
			[]authz.Check{{Action: "iam:AttachUserPolicy", Resource: arn + "user/team/alice", Keys: with("iam:policyarn", ownARN, "iam:permissionsboundary", adminARN)}},
		},
		{
			"PutUserPermissionsBoundary", &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr(ownARN)},
			[]authz.Check{{Action: "iam:PutUserPermissionsBoundary", Resource: arn + "user/team/alice", Keys: with("iam:permissionsboundary", ownARN)}},
		},
		{
			"DeleteUserPermissionsBoundary", &iamapi.DeleteUserPermissionsBoundaryInput{UserName: ptr("alice")},
			[]authz.Check{{Action: "iam:DeleteUserPermissionsBoundary", Resource: arn + "user/team/alice", Keys: with("iam:permissionsboundary", adminARN)}},
		},
		{
			"UntagUser", &iamapi.UntagUserInput{UserName: ptr("alice"), TagKeys: []string{"Team"}},
			[]authz.Check{{Action: "iam:UntagUser", Resource: arn + "user/team/alice", Keys: with("aws:tagkeys", "Team")}},
		},
		{
			"AddUserToGroup", &iamapi.AddUserToGroupInput{UserName: ptr("alice"), GroupName: ptr("devs")},
			[]authz.Check{{Action: "iam:AddUserToGroup", Resource: arn + "group/devs", Keys: policy.Keys{}}},
		},
		{
			"ListUsers", &iamapi.ListUsersInput{PathPrefix: ptr("/team/")},
			[]authz.Check{{Action: "iam:ListUsers", Resource: arn + "user/team/"}},
		},
		{"ListPolicies", &iamapi.ListPoliciesInput{}, []authz.Check{{Action: "iam:ListPolicies", Resource: "*"}}},
		{
			"GetPolicy", &iamapi.GetPolicyInput{PolicyArn: ptr(ownARN)},
			[]authz.Check{{Action: "iam:GetPolicy", Resource: ownARN, Keys: policy.Keys{"aws:resourcetag/team": {"value"}}}},
		},
		{
			"GetPolicy", &iamapi.GetPolicyInput{PolicyArn: ptr(adminARN)},
			[]authz.Check{{Action: "iam:GetPolicy", Resource: adminARN, Keys: policy.Keys{}}},
		},
		{
			"GetAccessKeyLastUsed", &iamapi.GetAccessKeyLastUsedInput{AccessKeyId: key.AccessKey.AccessKeyId},
			[]authz.Check{{Action: "iam:GetAccessKeyLastUsed", Resource: arn + "user/team/alice", Keys: with()}},
		},
		{
			"GetAccessKeyLastUsed", &iamapi.GetAccessKeyLastUsedInput{AccessKeyId: ptr("AKIANOTTHERE")},
			[]authz.Check{{Action: "iam:GetAccessKeyLastUsed", Resource: arn + "user/*"}},
		},
	} {
		t.Run(c.operation, func(t *testing.T) {
			rows := f.Rows()
			i := slices.IndexFunc(rows, func(r authz.Row) bool { return r.Operation == c.operation })
			got, err := rows[i].Checks(f.ctx, &authz.Call{Caller: credential.FromContext(f.ctx), Input: c.in})
			noError(t, err)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
			for _, check := range got {
				if !slices.Contains(rows[i].Actions, check.Action) {
					t.Errorf("%s is not among the actions of the row", check.Action)
				}
			}
		})
	}
}

func TestChecksOfTheCallerWithoutUser(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	rows := f.Rows()
	row := rows[slices.IndexFunc(rows, func(r authz.Row) bool { return r.Operation == "CreateAccessKey" })]
	got, err := row.Checks(f.root, &authz.Call{Caller: credential.FromContext(f.root), Input: &iamapi.CreateAccessKeyInput{}})
	noError(t, err)
	equal(t, "root", got, []authz.Check{{Action: "iam:CreateAccessKey", Resource: "arn:aws:iam::111122223333:root", Keys: policy.Keys{}}})
	session := asRole(t)
	_, err = row.Checks(session, &authz.Call{Caller: credential.FromContext(session), Input: &iamapi.CreateAccessKeyInput{}})
	if c, _ := code(err); c != "ValidationError" {
		t.Errorf("a session without a user: %v", err)
	}
}

// Each row must ask for something whatever the input is: no checks at all means refused, for
// everybody.
func TestEveryRowAsksForItsAction(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	for _, row := range f.Rows() {
		op := iamapi.Describe().Operation(row.Operation)
		got, err := row.Checks(f.ctx, &authz.Call{Caller: credential.FromContext(f.ctx), Input: op.NewInput()})
		if err != nil || len(got) == 0 || got[0].Action != row.Actions[0] {
			t.Errorf("%s: %+v, %v", row.Operation, got, err)
		}
	}
}
