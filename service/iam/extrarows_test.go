package iam_test

import (
	"context"
	"slices"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// checks returns what an operation asks for.
func (f *fixture) checks(t *testing.T, ctx context.Context, operation string, in smithy.Shape) []authz.Check {
	t.Helper()
	rows := f.Rows()
	row := rows[slices.IndexFunc(rows, func(r authz.Row) bool { return r.Operation == operation })]
	got, err := row.Checks(ctx, &authz.Call{Caller: credential.FromContext(ctx), Input: in})
	noError(t, err)
	for _, check := range got {
		if !slices.Contains(row.Actions, check.Action) {
			t.Errorf("%s is not among the actions of the row %s", check.Action, operation)
		}
	}
	return got
}

func TestChecksOfSignInAndProfiles(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.UpdateUser(f.ctx, &iamapi.UpdateUserInput{UserName: ptr("alice"), NewPath: ptr("/team/")})))
	noError(t, only(f.TagRole(f.ctx, &iamapi.TagRoleInput{RoleName: ptr("deploy"), Tags: tags("Use")})))
	noError(t, only(f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("web"), Path: ptr("/x/"), Tags: tags("Team")})))
	a, _ := f.newPhone(t, "phone")
	f.enable(t, "alice", phone, a)

	const arn = "arn:aws:iam::" + home + ":"
	one := func(action, resource string, keys policy.Keys) []authz.Check {
		if keys == nil {
			keys = policy.Keys{}
		}
		return []authz.Check{{Action: action, Resource: resource, Keys: keys}}
	}
	team := policy.Keys{"aws:resourcetag/team": {"value"}}
	teamAnd := func(key, value string) policy.Keys {
		return policy.Keys{"aws:resourcetag/team": {"value"}, key: {value}}
	}
	requested := policy.Keys{"aws:requesttag/a": {"value"}, "aws:tagkeys": {"a"}}
	for _, c := range []struct {
		operation string
		ctx       context.Context
		in        smithy.Shape
		want      []authz.Check
	}{
		{"CreateVirtualMFADevice", f.ctx, &iamapi.CreateVirtualMFADeviceInput{VirtualMFADeviceName: ptr("n"), Path: ptr("/p/"), Tags: tags("a")}, append(
			one("iam:CreateVirtualMFADevice", arn+"mfa/p/n", requested), one("iam:TagMFADevice", arn+"mfa/p/n", requested)...)},
		{"DeleteVirtualMFADevice", f.ctx, &iamapi.DeleteVirtualMFADeviceInput{SerialNumber: ptr(phone)}, one("iam:DeleteVirtualMFADevice", phone, team)},
		{"UntagMFADevice", f.ctx, &iamapi.UntagMFADeviceInput{SerialNumber: ptr(phone), TagKeys: []string{"a"}}, one("iam:UntagMFADevice", phone, teamAnd("aws:tagkeys", "a"))},
		{"DeleteVirtualMFADevice", f.ctx, &iamapi.DeleteVirtualMFADeviceInput{SerialNumber: ptr("GAHT12345678")}, one("iam:DeleteVirtualMFADevice", arn+"mfa/GAHT12345678", nil)},
		{"EnableMFADevice", f.ctx, &iamapi.EnableMFADeviceInput{UserName: ptr("alice")}, one("iam:EnableMFADevice", arn+"user/team/alice", nil)},
		{"EnableMFADevice", f.root, &iamapi.EnableMFADeviceInput{UserName: ptr(home)}, one("iam:EnableMFADevice", arn+"root", nil)},
		{"EnableMFADevice", f.ctx, &iamapi.EnableMFADeviceInput{UserName: ptr(home)}, one("iam:EnableMFADevice", arn+"user/"+home, nil)},
		{"ListMFADevices", f.ctx, &iamapi.ListMFADevicesInput{}, one("iam:ListMFADevices", arn+"user/caller", nil)},
		{"ListMFADevices", f.root, &iamapi.ListMFADevicesInput{}, one("iam:ListMFADevices", arn+"root", nil)},
		{"GetMFADevice", f.ctx, &iamapi.GetMFADeviceInput{SerialNumber: ptr(phone)}, one("iam:GetMFADevice", arn+"user/team/alice", nil)},
		{"GetMFADevice", f.ctx, &iamapi.GetMFADeviceInput{SerialNumber: ptr(elsewise)}, one("iam:GetMFADevice", arn+"user/*", nil)},
		{"GetMFADevice", f.ctx, &iamapi.GetMFADeviceInput{SerialNumber: ptr(phone), UserName: ptr("bob")}, one("iam:GetMFADevice", arn+"user/bob", nil)},

		{"CreateLoginProfile", f.ctx, &iamapi.CreateLoginProfileInput{UserName: ptr("alice")}, one("iam:CreateLoginProfile", arn+"user/team/alice", nil)},
		{"ChangePassword", as(t, home, "bob"), &iamapi.ChangePasswordInput{}, one("iam:ChangePassword", arn+"user/bob", nil)},
		{"ChangePassword", asRole(t), &iamapi.ChangePasswordInput{}, one("iam:ChangePassword", arn+"role/r", nil)},
		{"GetAccountPasswordPolicy", f.ctx, &iamapi.GetAccountPasswordPolicyInput{}, []authz.Check{{Action: "iam:GetAccountPasswordPolicy", Resource: "*"}}},

		{
			"CreateServiceLinkedRole", f.ctx, &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("sso.amazonaws.com")},
			one("iam:CreateServiceLinkedRole", arn+"role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO", policy.Keys{"iam:awsservicename": {"sso.amazonaws.com"}}),
		},
		{
			"CreateServiceLinkedRole", f.ctx, &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("autoscaling.amazonaws.com"), CustomSuffix: ptr("x")},
			one("iam:CreateServiceLinkedRole", arn+"role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x", policy.Keys{"iam:awsservicename": {"autoscaling.amazonaws.com"}}),
		},
		{
			"DeleteServiceLinkedRole", f.ctx, &iamapi.DeleteServiceLinkedRoleInput{RoleName: ptr("AWSServiceRoleForTest")},
			one("iam:DeleteServiceLinkedRole", arn+"role/aws-service-role/test.amazonaws.com/AWSServiceRoleForTest", nil),
		},
		{
			"GetServiceLinkedRoleDeletionStatus", f.ctx, &iamapi.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: ptr("task/aws-service-role/a.amazonaws.com/R/1")},
			[]authz.Check{{Action: "iam:GetServiceLinkedRoleDeletionStatus", Resource: arn + "role/aws-service-role/a.amazonaws.com/R"}},
		},

		{"CreateInstanceProfile", f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("n"), Path: ptr("/p/"), Tags: tags("a")}, append(
			one("iam:CreateInstanceProfile", arn+"instance-profile/p/n", requested), one("iam:TagInstanceProfile", arn+"instance-profile/p/n", requested)...)},
		{"GetInstanceProfile", f.ctx, &iamapi.GetInstanceProfileInput{InstanceProfileName: ptr("WEB")}, one("iam:GetInstanceProfile", arn+"instance-profile/x/web", team)},
		{"GetInstanceProfile", f.ctx, &iamapi.GetInstanceProfileInput{InstanceProfileName: ptr("no")}, one("iam:GetInstanceProfile", arn+"instance-profile/no", nil)},
		{"AddRoleToInstanceProfile", f.ctx, &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: ptr("web"), RoleName: ptr("deploy")}, append(
			one("iam:AddRoleToInstanceProfile", arn+"instance-profile/x/web", team), one("iam:PassRole", arn+"role/deploy", policy.Keys{
				"aws:resourcetag/use": {"value"}, "iam:resourcetag/use": {"value"}, "iam:passedtoservice": {"ec2.amazonaws.com"},
			})...)},

		{"ListServiceSpecificCredentials", f.ctx, &iamapi.ListServiceSpecificCredentialsInput{AllUsers: ptr(true)}, one("iam:ListServiceSpecificCredentials", arn+"user/*", nil)},
		{"ListSSHPublicKeys", f.ctx, &iamapi.ListSSHPublicKeysInput{UserName: ptr("alice")}, one("iam:ListSSHPublicKeys", arn+"user/team/alice", nil)},
	} {
		equal(t, c.operation, f.checks(t, c.ctx, c.operation, c.in), c.want)
	}
}

// What a credential is for is a condition of whatever is done with it.
func TestChecksOfServiceSpecificCredentials(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	made, err := f.CreateServiceSpecificCredential(f.ctx, &iamapi.CreateServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceName: ptr("codecommit.amazonaws.com")})
	noError(t, err)
	of := func(ctx context.Context, operation string, in smithy.Shape) authz.Check {
		return f.checks(t, ctx, operation, in)[0]
	}
	id, alice := made.ServiceSpecificCredential.ServiceSpecificCredentialId, as(t, home, "alice")
	for _, check := range []authz.Check{
		of(f.ctx, "DeleteServiceSpecificCredential", &iamapi.DeleteServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceSpecificCredentialId: id}),
		of(alice, "DeleteServiceSpecificCredential", &iamapi.DeleteServiceSpecificCredentialInput{ServiceSpecificCredentialId: id}),
		of(f.ctx, "ResetServiceSpecificCredential", &iamapi.ResetServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceSpecificCredentialId: id}),
		of(f.ctx, "UpdateServiceSpecificCredential", &iamapi.UpdateServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceSpecificCredentialId: id}),
	} {
		equal(t, check.Action, check.Resource, "arn:aws:iam::"+home+":user/alice")
		equal(t, check.Action, check.Keys["iam:servicespecificcredentialservicename"], []string{"codecommit.amazonaws.com"})
	}
	elsewhere := of(as(t, other, "caller"), "DeleteServiceSpecificCredential", &iamapi.DeleteServiceSpecificCredentialInput{UserName: ptr("alice"), ServiceSpecificCredentialId: id})
	equal(t, "another account", len(elsewhere.Keys), 0)
}
