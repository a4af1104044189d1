package e2e

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func everyUser(t *testing.T, x *everything) {
	c := x.c
	made := fetch[iam.CreateUserOutput](t, c, &iam.CreateUserInput{
		UserName: new("Ann+1"), Path: new("/staff/a/"), PermissionsBoundary: new(readOnlyPolicy), Tags: tagsOf("team=blue", "Cost=1", "area="),
	}).User
	same(t, "user", made, &iamtypes.User{
		UserName: new("Ann+1"), Path: new("/staff/a/"), Arn: new("arn:aws:iam::" + managementID + ":user/staff/a/Ann+1"), UserId: made.UserId,
		CreateDate: made.CreateDate, PermissionsBoundary: boundaryOf(readOnlyPolicy), Tags: made.Tags,
	})
	if *made.CreateDate != made.CreateDate.Truncate(time.Second) || len(*made.UserId) != 21 || (*made.UserId)[:4] != "AIDA" {
		t.Errorf("made %s, id %s", made.CreateDate, *made.UserId)
	}
	get := func() *iamtypes.User {
		return fetch[iam.GetUserOutput](t, c, &iam.GetUserInput{UserName: new("Ann+1")}).User
	}
	same(t, "read back", get(), made)
	same(t, "tags", made.Tags, fetch[iam.ListUserTagsOutput](t, c, &iam.ListUserTagsInput{UserName: new("Ann+1")}).Tags)

	do(t, c, &iam.CreateUserInput{UserName: new("zoe"), Path: new("/staff/")}, &iam.CreateUserInput{UserName: new("Bob"), Path: new("/staff/")})
	if n := walk(t, c, &iam.ListUsersInput{PathPrefix: new("/staff/")}, "Users"); n != 3 {
		t.Errorf("%d users", n)
	}
	do(t, c, &iam.TagUserInput{UserName: new("Ann+1"), Tags: tagsOf("team=red", "new=2")}, &iam.UntagUserInput{UserName: new("Ann+1"), TagKeys: []string{"Cost", "none"}})
	tags := map[string]string{}
	for _, tag := range get().Tags {
		tags[*tag.Key] = *tag.Value
	}
	same(t, "changed tags", tags, map[string]string{"team": "red", "area": "", "new": "2"})
	if n := walk(t, c, &iam.ListUserTagsInput{UserName: new("Ann+1")}, "Tags"); n != 3 {
		t.Errorf("%d tags", n)
	}
	do(t, c, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("Ann+1")})
	if b := get().PermissionsBoundary; b != nil {
		t.Errorf("a boundary after its deletion: %s", jsonText(b))
	}
	do(t, c, &iam.PutUserPermissionsBoundaryInput{UserName: new("Ann+1"), PermissionsBoundary: new(adminPolicy)})
	same(t, "boundary", get().PermissionsBoundary, boundaryOf(adminPolicy))

	do(t, c, &iam.UpdateUserInput{UserName: new("Ann+1"), NewUserName: new("ann"), NewPath: new("/")})
	renamed := fetch[iam.GetUserOutput](t, c, &iam.GetUserInput{UserName: new("ann")}).User
	if *renamed.UserId != *made.UserId || *renamed.Arn != userARN(managementID, "ann") || *renamed.Path != "/" {
		t.Errorf("renamed: %s", jsonText(renamed))
	}
	refusal{&iam.GetUserInput{UserName: new("Ann+1")}, "NoSuchEntity", "The user with name Ann+1 cannot be found."}.check(t, c)
	for _, name := range []string{"ann", "zoe", "Bob"} {
		do(t, c, &iam.DeleteUserInput{UserName: &name})
	}
}

func everyGroup(t *testing.T, x *everything) {
	c := x.c
	made := fetch[iam.CreateGroupOutput](t, c, &iam.CreateGroupInput{GroupName: new("Devs"), Path: new("/g/")}).Group
	same(t, "group", made, &iamtypes.Group{
		GroupName: new("Devs"), Path: new("/g/"), Arn: new("arn:aws:iam::" + managementID + ":group/g/Devs"), GroupId: made.GroupId, CreateDate: made.CreateDate,
	})
	do(t, c, &iam.CreateGroupInput{GroupName: new("ops"), Path: new("/g/")}, &iam.CreateGroupInput{GroupName: new("Admins"), Path: new("/g/")})
	if n := walk(t, c, &iam.ListGroupsInput{PathPrefix: new("/g/")}, "Groups"); n != 3 {
		t.Errorf("%d groups", n)
	}
	for _, name := range []string{"m1", "M2", "m3"} {
		do(t, c, &iam.CreateUserInput{UserName: &name}, &iam.AddUserToGroupInput{GroupName: new("Devs"), UserName: &name})
	}
	do(t, c, &iam.AddUserToGroupInput{GroupName: new("Devs"), UserName: new("m1")}) // once more is no error
	got := fetch[iam.GetGroupOutput](t, c, &iam.GetGroupInput{GroupName: new("Devs")})
	same(t, "read back", got.Group, made)
	if n := walk(t, c, &iam.GetGroupInput{GroupName: new("Devs")}, "Users"); n != 3 {
		t.Errorf("%d members", n)
	}
	do(t, c, &iam.AddUserToGroupInput{GroupName: new("ops"), UserName: new("m1")})
	if n := walk(t, c, &iam.ListGroupsForUserInput{UserName: new("m1")}, "Groups"); n != 2 {
		t.Errorf("%d groups of the member", n)
	}
	do(t, c, &iam.UpdateGroupInput{GroupName: new("ops"), NewGroupName: new("Ops"), NewPath: new("/h/")})
	moved := fetch[iam.ListGroupsOutput](t, c, &iam.ListGroupsInput{PathPrefix: new("/h/")}).Groups
	same(t, "moved", namesOf(moved, func(g iamtypes.Group) *string { return g.Arn }), []string{"arn:aws:iam::" + managementID + ":group/h/Ops"})
	do(t, c, &iam.RemoveUserFromGroupInput{GroupName: new("Ops"), UserName: new("m1")})
	for _, name := range []string{"m1", "M2", "m3"} {
		do(t, c, &iam.RemoveUserFromGroupInput{GroupName: new("Devs"), UserName: &name}, &iam.DeleteUserInput{UserName: &name})
	}
	for _, name := range []string{"Devs", "Ops", "Admins"} {
		do(t, c, &iam.DeleteGroupInput{GroupName: &name})
	}
}

func everyAccessKey(t *testing.T, x *everything) {
	c := x.c
	user := x.admin.newUser(t, "keys", allow("iam:ListAccessKeys", "*"))
	made := fetch[iam.CreateAccessKeyOutput](t, c, &iam.CreateAccessKeyInput{UserName: new("keys")}).AccessKey
	if *made.UserName != "keys" || made.Status != iamtypes.StatusTypeActive || len(*made.AccessKeyId) != 20 || len(*made.SecretAccessKey) != 40 || made.CreateDate == nil {
		t.Errorf("key %s", *made.AccessKeyId)
	}
	if n := walk(t, c, &iam.ListAccessKeysInput{UserName: new("keys")}, "AccessKeyMetadata"); n != 2 {
		t.Errorf("%d keys", n)
	}
	do(t, c, &iam.UpdateAccessKeyInput{UserName: new("keys"), AccessKeyId: made.AccessKeyId, Status: iamtypes.StatusTypeInactive})
	own := fetch[iam.ListAccessKeysOutput](t, user.iam(), &iam.ListAccessKeysInput{}).AccessKeyMetadata
	states := map[string]iamtypes.StatusType{}
	for _, k := range own {
		states[*k.AccessKeyId] = k.Status
	}
	id, _, _ := keysOf(t, user)
	same(t, "states", states, map[string]iamtypes.StatusType{*made.AccessKeyId: iamtypes.StatusTypeInactive, id: iamtypes.StatusTypeActive})

	never := fetch[iam.GetAccessKeyLastUsedOutput](t, c, &iam.GetAccessKeyLastUsedInput{AccessKeyId: made.AccessKeyId})
	same(t, "never used", []any{*never.UserName, never.AccessKeyLastUsed}, []any{"keys", &iamtypes.AccessKeyLastUsed{Region: new("N/A"), ServiceName: new("N/A")}})
	eventually(t, "the use of a key is noted", func() bool {
		used := fetch[iam.GetAccessKeyLastUsedOutput](t, c, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &id}).AccessKeyLastUsed
		return used.LastUsedDate != nil && *used.ServiceName == "iam"
	})
	do(t, c, &iam.DeleteAccessKeyInput{UserName: new("keys"), AccessKeyId: made.AccessKeyId})
	do(t, c, &iam.DeleteAccessKeyInput{UserName: new("keys"), AccessKeyId: &id})
	if list := fetch[iam.ListAccessKeysOutput](t, c, &iam.ListAccessKeysInput{UserName: new("keys")}); len(list.AccessKeyMetadata) != 0 || list.IsTruncated {
		t.Errorf("left: %s", jsonText(list.AccessKeyMetadata))
	}
}

func everyPassword(t *testing.T, x *everything) {
	c := x.c
	user := x.admin.newUser(t, "signer", allow("iam:ChangePassword", "*"))
	made := fetch[iam.CreateLoginProfileOutput](t, c, &iam.CreateLoginProfileInput{UserName: new("signer"), Password: new("first-Passw0rd"), PasswordResetRequired: true}).LoginProfile
	same(t, "profile", made, &iamtypes.LoginProfile{UserName: new("signer"), PasswordResetRequired: true, CreateDate: made.CreateDate})
	get := func() *iamtypes.LoginProfile {
		return fetch[iam.GetLoginProfileOutput](t, c, &iam.GetLoginProfileInput{UserName: new("signer")}).LoginProfile
	}
	same(t, "read back", get(), made)
	do(t, c, &iam.UpdateLoginProfileInput{UserName: new("signer"), Password: new("second-Passw0rd"), PasswordResetRequired: new(false)})
	if got := get(); got.PasswordResetRequired || *got.CreateDate != *made.CreateDate {
		t.Errorf("updated: %s", jsonText(got))
	}
	do(t, user.iam(), &iam.ChangePasswordInput{OldPassword: new("second-Passw0rd"), NewPassword: new("third-Passw0rd")})
	refusal{&iam.ChangePasswordInput{OldPassword: new("second-Passw0rd"), NewPassword: new("fourth-Passw0rd")}, "AccessDenied", ""}.check(t, user.iam())
	do(t, c, &iam.DeleteLoginProfileInput{UserName: new("signer")})
	refusal{&iam.GetLoginProfileInput{UserName: new("signer")}, "NoSuchEntity", "Login Profile for User signer cannot be found."}.check(t, c)

	policy := &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: new(int32(12)), MaxPasswordAge: new(int32(90)), PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		RequireLowercaseCharacters: true, RequireNumbers: true, RequireSymbols: true, RequireUppercaseCharacters: true, AllowUsersToChangePassword: true,
	}
	for range 2 {
		do(t, c, policy)
		same(t, "password policy", fetch[iam.GetAccountPasswordPolicyOutput](t, c, &iam.GetAccountPasswordPolicyInput{}).PasswordPolicy, &iamtypes.PasswordPolicy{
			MinimumPasswordLength: new(int32(12)), MaxPasswordAge: new(int32(90)), PasswordReusePrevention: new(int32(3)), HardExpiry: new(true), ExpirePasswords: true,
			RequireLowercaseCharacters: true, RequireNumbers: true, RequireSymbols: true, RequireUppercaseCharacters: true, AllowUsersToChangePassword: true,
		})
	}
	for _, r := range []refusal{
		{&iam.CreateLoginProfileInput{UserName: new("signer"), Password: new("short")}, "PasswordPolicyViolation", ""},
		{&iam.CreateLoginProfileInput{UserName: new("signer"), Password: new("no-capital-letters-1")}, "PasswordPolicyViolation", "Password does not conform to the account password policy."},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.CreateLoginProfileInput{UserName: new("signer"), Password: new("long-Enough-1-x")})
	refusal{&iam.UpdateLoginProfileInput{UserName: new("signer"), Password: new("no-capital-letters-1")}, "PasswordPolicyViolation", ""}.check(t, c)
	refusal{&iam.ChangePasswordInput{OldPassword: new("long-Enough-1-x"), NewPassword: new("no-capital-letters-1")}, "PasswordPolicyViolation", ""}.check(t, user.iam())
	// What an update leaves out has its default again.
	do(t, c, &iam.UpdateAccountPasswordPolicyInput{RequireNumbers: true})
	same(t, "defaults", fetch[iam.GetAccountPasswordPolicyOutput](t, c, &iam.GetAccountPasswordPolicyInput{}).PasswordPolicy, &iamtypes.PasswordPolicy{
		MinimumPasswordLength: new(int32(6)), RequireNumbers: true,
	})
	do(t, c, &iam.DeleteAccountPasswordPolicyInput{})
	refusal{&iam.GetAccountPasswordPolicyInput{}, "NoSuchEntity", "The Password Policy with domain name " + managementID + " cannot be found."}.check(t, c)
}

func everyMFADevice(t *testing.T, x *everything) {
	c := x.c
	do(t, c, &iam.CreateUserInput{UserName: new("mfa")})
	before := len(fetch[iam.ListVirtualMFADevicesOutput](t, c, &iam.ListVirtualMFADevicesInput{}).VirtualMFADevices)
	tagged := fetch[iam.CreateVirtualMFADeviceOutput](t, c, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("spare"), Path: new("/d/"), Tags: tagsOf("a=1", "b=2")}).VirtualMFADevice
	if *tagged.SerialNumber != "arn:aws:iam::"+managementID+":mfa/d/spare" || len(tagged.Base32StringSeed) == 0 || string(tagged.QRCodePNG[1:4]) != "PNG" {
		t.Errorf("device %s", *tagged.SerialNumber)
	}
	device := newAuthenticator(t, x.admin, "mfa")
	must(t, device.enable(x.admin))
	got := fetch[iam.GetMFADeviceOutput](t, c, &iam.GetMFADeviceInput{SerialNumber: &device.serial, UserName: new("mfa")})
	if *got.UserName != "mfa" || *got.SerialNumber != device.serial || got.EnableDate == nil {
		t.Errorf("device: %s", jsonText(got))
	}
	second := fetch[iam.CreateVirtualMFADeviceOutput](t, c, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("second")}).VirtualMFADevice
	if n := walk(t, c, &iam.ListVirtualMFADevicesInput{}, "VirtualMFADevices"); n != before+3 {
		t.Errorf("%d virtual devices, %d before", n, before)
	}
	if n := walk(t, c, &iam.ListMFADevicesInput{UserName: new("mfa")}, "MFADevices"); n != 1 {
		t.Errorf("%d devices of the user", n)
	}
	for _, d := range fetch[iam.ListVirtualMFADevicesOutput](t, c, &iam.ListVirtualMFADevicesInput{AssignmentStatus: iamtypes.AssignmentStatusTypeAssigned}).VirtualMFADevices {
		if *d.SerialNumber == device.serial && (*d.User.UserName != "mfa" || d.EnableDate == nil || d.Base32StringSeed != nil) {
			t.Errorf("assigned: %s", jsonText(d))
		}
	}
	do(t, c, &iam.TagMFADeviceInput{SerialNumber: tagged.SerialNumber, Tags: tagsOf("a=9", "c=3")}, &iam.UntagMFADeviceInput{SerialNumber: tagged.SerialNumber, TagKeys: []string{"b"}})
	same(t, "tags", fetch[iam.ListMFADeviceTagsOutput](t, c, &iam.ListMFADeviceTagsInput{SerialNumber: tagged.SerialNumber}).Tags, tagsOf("a=9", "c=3"))
	if n := walk(t, c, &iam.ListMFADeviceTagsInput{SerialNumber: tagged.SerialNumber}, "Tags"); n != 2 {
		t.Errorf("%d tags", n)
	}
	device.code(t, x.admin) // by ResyncMFADevice
	for _, r := range []refusal{
		{&iam.ResyncMFADeviceInput{UserName: new("mfa"), SerialNumber: &device.serial, AuthenticationCode1: new("000000"), AuthenticationCode2: new("000000")}, "InvalidAuthenticationCode", ""},
		{&iam.EnableMFADeviceInput{UserName: new("mfa"), SerialNumber: second.SerialNumber, AuthenticationCode1: new("000000"), AuthenticationCode2: new("000000")}, "InvalidAuthenticationCode", ""},
		{&iam.EnableMFADeviceInput{UserName: new("mfa"), SerialNumber: &device.serial, AuthenticationCode1: new("000000"), AuthenticationCode2: new("000000")}, "EntityAlreadyExists", ""},
		{&iam.DeleteVirtualMFADeviceInput{SerialNumber: &device.serial}, "DeleteConflict", ""},
		{&iam.DeleteUserInput{UserName: new("mfa")}, "DeleteConflict", ""},
	} {
		r.check(t, c)
	}
	do(t, c, &iam.DeactivateMFADeviceInput{UserName: new("mfa"), SerialNumber: &device.serial})
	for _, serial := range []*string{&device.serial, tagged.SerialNumber, second.SerialNumber} {
		do(t, c, &iam.DeleteVirtualMFADeviceInput{SerialNumber: serial})
	}
	do(t, c, &iam.DeleteUserInput{UserName: new("mfa")})
}
