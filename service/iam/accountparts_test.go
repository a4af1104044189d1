package iam_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestServiceLinkedRole(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	made, err := f.CreateServiceLinkedRole(f.ctx, &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("sso.amazonaws.com"), Description: ptr("d")})
	noError(t, err)
	equal(t, "ARN", *made.Role.Arn, "arn:aws:iam::111122223333:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO")
	trust, err := url.PathUnescape(*made.Role.AssumeRolePolicyDocument)
	noError(t, err)
	equal(t, "trust", trust, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sso.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	attached, err := f.ListAttachedRolePolicies(f.ctx, &iamapi.ListAttachedRolePoliciesInput{RoleName: made.Role.RoleName})
	noError(t, err)
	equal(t, "policy", *attached.AttachedPolicies[0].PolicyArn, "arn:aws:iam::aws:policy/aws-service-role/AWSSSOServiceRolePolicy")

	name := made.Role.RoleName
	const guarded = "Cannot perform the operation on the protected role 'AWSServiceRoleForSSO' - this role is only modifiable by AWS"
	noError(t, only(f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("p")})))
	for _, c := range []refusal{
		{"delete", &iamapi.DeleteRoleInput{RoleName: name}, "UnmodifiableEntity", guarded},
		{"update", &iamapi.UpdateRoleInput{RoleName: name}, "UnmodifiableEntity", guarded},
		{"trust", &iamapi.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: ptr(trustAccount)}, "UnmodifiableEntity", guarded},
		{"attach", &iamapi.AttachRolePolicyInput{RoleName: name, PolicyArn: ptr(adminARN)}, "UnmodifiableEntity", guarded},
		{"detach", &iamapi.DetachRolePolicyInput{RoleName: name, PolicyArn: attached.AttachedPolicies[0].PolicyArn}, "UnmodifiableEntity", guarded},
		{"inline", &iamapi.PutRolePolicyInput{RoleName: name, PolicyName: ptr("x"), PolicyDocument: ptr(allowAll)}, "UnmodifiableEntity", guarded},
		{"instance profile", &iamapi.AddRoleToInstanceProfileInput{RoleName: name, InstanceProfileName: ptr("p")}, "UnmodifiableEntity", guarded},

		{"again", &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("sso.amazonaws.com")}, "InvalidInput", "Service role name AWSServiceRoleForSSO has been taken in this account, please try a different suffix."},
		{"suffix", &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("sso.amazonaws.com"), CustomSuffix: ptr("x")}, "InvalidInput", "Custom suffix is not allowed for sso.amazonaws.com"},
		{"no such service", &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("nothing.amazonaws.com")}, "InvalidInput", "Cannot find Service Linked Role template for nothing.amazonaws.com"},
		{"delete nothing", &iamapi.DeleteServiceLinkedRoleInput{RoleName: ptr("nobody")}, "NoSuchEntity", "The role with name nobody cannot be found."},
		{"status of nothing", &iamapi.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: ptr("task/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO/1")}, "NoSuchEntity", ""},
		{"status of no id", &iamapi.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: ptr("task")}, "InvalidInput", ""},
	} {
		c.check(t, f)
	}

	gone, err := f.DeleteServiceLinkedRole(f.ctx, &iamapi.DeleteServiceLinkedRoleInput{RoleName: name})
	noError(t, err)
	if !strings.HasPrefix(*gone.DeletionTaskId, "task/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO/") {
		t.Errorf("task %s", *gone.DeletionTaskId)
	}
	status, err := f.GetServiceLinkedRoleDeletionStatus(f.ctx, &iamapi.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: gone.DeletionTaskId})
	noError(t, err)
	equal(t, "status", *status.Status, "SUCCEEDED")
	(&refusal{"the task of another account", &iamapi.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: gone.DeletionTaskId}, "NoSuchEntity", ""}).
		checkAs(t, f, as(t, other, "x"))
	if c, _ := code(f.call(f.ctx, &iamapi.GetRoleInput{RoleName: name})); c != "NoSuchEntity" {
		t.Errorf("the role is still there: %s", c)
	}
}

func TestDeletionOfARoleThatIsNeededFails(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	ensure := func() (arn string) {
		f.update(t, func(tx *store.Tx) (err error) {
			arn, err = iam.EnsureServiceLinkedRole(f.ctx, tx, home, "organizations.amazonaws.com")
			return err
		})
		return arn
	}
	want := "arn:aws:iam::111122223333:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
	equal(t, "made", ensure(), want)
	equal(t, "found", ensure(), want)
	f.update(t, func(tx *store.Tx) error {
		_, err := org.CreateOrganization(f.ctx, tx, home, "ALL")
		arn, other := iam.EnsureServiceLinkedRole(f.ctx, tx, home, "nothing.amazonaws.com")
		if arn != "" {
			t.Errorf("a service without a role has %s", arn)
		}
		return errors.Join(err, other)
	})
	gone, err := f.DeleteServiceLinkedRole(f.ctx, &iamapi.DeleteServiceLinkedRoleInput{RoleName: ptr("AWSServiceRoleForOrganizations")})
	noError(t, err)
	status, err := f.GetServiceLinkedRoleDeletionStatus(f.ctx, &iamapi.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: gone.DeletionTaskId})
	noError(t, err)
	equal(t, "status", *status.Status, "FAILED")
	if !strings.Contains(*status.Reason.Reason, "is part of the organization o-") {
		t.Errorf("reason: %s", *status.Reason.Reason)
	}
	noError(t, only(f.GetRole(f.ctx, &iamapi.GetRoleInput{RoleName: ptr("AWSServiceRoleForOrganizations")})))
}

func TestInstanceProfiles(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.CreateRole(f.ctx, &iamapi.CreateRoleInput{RoleName: ptr("spare"), AssumeRolePolicyDocument: ptr(trustAccount)})))
	made, err := f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("Web"), Path: ptr("/x/"), Tags: tags("a")})
	noError(t, err)
	equal(t, "ARN", *made.InstanceProfile.Arn, "arn:aws:iam::111122223333:instance-profile/x/Web")
	equal(t, "roles", made.InstanceProfile.Roles, []iamapi.Role{})
	noError(t, only(f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("db")})))
	noError(t, only(f.AddRoleToInstanceProfile(f.ctx, &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: ptr("web"), RoleName: ptr("deploy")})))

	got, err := f.GetInstanceProfile(f.ctx, &iamapi.GetInstanceProfileInput{InstanceProfileName: ptr("WEB")})
	noError(t, err)
	equal(t, "role", *got.InstanceProfile.Roles[0].RoleName, "deploy")
	equal(t, "tags", got.InstanceProfile.Tags, tags("a"))
	of, err := f.ListInstanceProfilesForRole(f.ctx, &iamapi.ListInstanceProfilesForRoleInput{RoleName: ptr("deploy")})
	noError(t, err)
	equal(t, "of deploy", *of.InstanceProfiles[0].InstanceProfileName, "Web")
	page, err := f.ListInstanceProfiles(f.ctx, &iamapi.ListInstanceProfilesInput{MaxItems: ptr(int32(1))})
	noError(t, err)
	equal(t, "first", *page.InstanceProfiles[0].InstanceProfileName, "Web")
	page, err = f.ListInstanceProfiles(f.ctx, &iamapi.ListInstanceProfilesInput{Marker: page.Marker})
	noError(t, err)
	equal(t, "second", *page.InstanceProfiles[0].InstanceProfileName, "db")
	page, err = f.ListInstanceProfiles(f.ctx, &iamapi.ListInstanceProfilesInput{PathPrefix: ptr("/x/")})
	noError(t, err)
	equal(t, "under /x/", len(page.InstanceProfiles), 1)

	const (
		noProfile = "Instance Profile nothing cannot be found."
		inUse     = "Cannot delete entity, must remove roles from instance profile first."
	)
	for _, c := range []refusal{
		{"create twice", &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("WEB")}, "EntityAlreadyExists", "Instance Profile WEB already exists."},
		{"get nothing", &iamapi.GetInstanceProfileInput{InstanceProfileName: ptr("nothing")}, "NoSuchEntity", noProfile},
		{"delete nothing", &iamapi.DeleteInstanceProfileInput{InstanceProfileName: ptr("nothing")}, "NoSuchEntity", noProfile},
		{"delete with a role", &iamapi.DeleteInstanceProfileInput{InstanceProfileName: ptr("Web")}, "DeleteConflict", inUse},
		{"delete the role", &iamapi.DeleteRoleInput{RoleName: ptr("deploy")}, "DeleteConflict", inUse},
		{"a second role", &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: ptr("Web"), RoleName: ptr("spare")}, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"},
		{"add to nothing", &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: ptr("nothing"), RoleName: ptr("spare")}, "NoSuchEntity", noProfile},
		{"add nobody", &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: ptr("db"), RoleName: ptr("nobody")}, "NoSuchEntity", "The role with name nobody cannot be found."},
		{"remove another", &iamapi.RemoveRoleFromInstanceProfileInput{InstanceProfileName: ptr("Web"), RoleName: ptr("spare")}, "NoSuchEntity", ""},
		{"list of nobody", &iamapi.ListInstanceProfilesForRoleInput{RoleName: ptr("nobody")}, "NoSuchEntity", "The role with name nobody cannot be found."},
		{"tags of nothing", &iamapi.ListInstanceProfileTagsInput{InstanceProfileName: ptr("nothing")}, "NoSuchEntity", noProfile},
	} {
		c.check(t, f)
	}

	noError(t, only(f.UntagInstanceProfile(f.ctx, &iamapi.UntagInstanceProfileInput{InstanceProfileName: ptr("Web"), TagKeys: []string{"a"}})))
	noError(t, only(f.TagInstanceProfile(f.ctx, &iamapi.TagInstanceProfileInput{InstanceProfileName: ptr("Web"), Tags: tags("b")})))
	listed, err := f.ListInstanceProfileTags(f.ctx, &iamapi.ListInstanceProfileTagsInput{InstanceProfileName: ptr("Web")})
	noError(t, err)
	equal(t, "tags", listed.Tags, tags("b"))
	noError(t, only(f.RemoveRoleFromInstanceProfile(f.ctx, &iamapi.RemoveRoleFromInstanceProfileInput{InstanceProfileName: ptr("Web"), RoleName: ptr("deploy")})))
	noError(t, only(f.DeleteInstanceProfile(f.ctx, &iamapi.DeleteInstanceProfileInput{InstanceProfileName: ptr("Web")})))
	noError(t, only(f.DeleteRole(f.ctx, &iamapi.DeleteRoleInput{RoleName: ptr("deploy")})))
}

// A role is put into an instance profile while it is deleted: never is a profile left with a
// role that is gone.
func TestRoleIsDeletedWhileAdded(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			for n := range 8 {
				name := fmt.Sprint("r", n)
				noError(t, only(f.CreateRole(f.ctx, &iamapi.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: ptr(trustAccount)})))
				noError(t, only(f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: &name})))
				var added, deleted error
				var wg sync.WaitGroup
				wg.Go(func() {
					added = f.call(f.ctx, &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &name})
				})
				wg.Go(func() { deleted = f.call(f.ctx, &iamapi.DeleteRoleInput{RoleName: &name}) })
				wg.Wait()
				if (added == nil) == (deleted == nil) {
					t.Errorf("added: %v, deleted: %v", added, deleted)
				}
			}
		})
	}
}

func TestAccountAlias(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	stranger := as(t, other, "x")
	aliases := func() []string {
		out, err := f.ListAccountAliases(f.ctx, &iamapi.ListAccountAliasesInput{})
		noError(t, err)
		return out.AccountAliases
	}
	equal(t, "none", aliases(), []string{})
	noError(t, only(f.CreateAccountAlias(f.ctx, &iamapi.CreateAccountAliasInput{AccountAlias: ptr("pied-piper")})))
	noError(t, only(f.CreateAccountAlias(f.ctx, &iamapi.CreateAccountAliasInput{AccountAlias: ptr("piper2")})))
	equal(t, "the second in the place of the first", aliases(), []string{"piper2"})
	taken := &refusal{"taken", &iamapi.CreateAccountAliasInput{AccountAlias: ptr("piper2")}, "EntityAlreadyExists", "The account alias piper2 already exists."}
	taken.check(t, f)
	taken.checkAs(t, f, stranger)
	noError(t, only(f.CreateAccountAlias(stranger, &iamapi.CreateAccountAliasInput{AccountAlias: ptr("pied-piper")})))
	for _, bad := range []string{"-ab", "ab-", "a--b", "Abc", "a_b", "123456789012"} {
		(&refusal{bad, &iamapi.CreateAccountAliasInput{AccountAlias: &bad}, "ValidationError", ""}).check(t, f)
	}
	(&refusal{"another's", &iamapi.DeleteAccountAliasInput{AccountAlias: ptr("pied-piper")}, "NoSuchEntity", "The account alias pied-piper cannot be found."}).check(t, f)
	noError(t, only(f.DeleteAccountAlias(f.ctx, &iamapi.DeleteAccountAliasInput{AccountAlias: ptr("piper2")})))
	equal(t, "after deletion", aliases(), []string{})
}

func TestAccountSummary(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.AttachUserPolicy(f.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(adminARN)})))
	noError(t, only(f.AttachUserPolicy(f.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("bob"), PolicyArn: ptr(adminARN)})))
	noError(t, only(f.PutUserPermissionsBoundary(f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("bob"), PermissionsBoundary: ptr(ownARN)})))
	noError(t, only(f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("p")})))
	f.newPhone(t, "spare")
	a, _ := f.newPhone(t, "phone")
	f.enable(t, "alice", phone, a)
	out, err := f.GetAccountSummary(f.ctx, &iamapi.GetAccountSummaryInput{})
	noError(t, err)
	for _, key := range (&iamapi.GetAccountSummaryOutput{}).Schema().Members[0].Target.Key.Target.Enum {
		if _, ok := out.SummaryMap[key]; !ok {
			t.Errorf("%s is missing", key)
		}
	}
	for key, want := range map[string]int32{
		"Users": 2, "Groups": 1, "Roles": 2, "Policies": 1, "InstanceProfiles": 1, "MFADevices": 2, "MFADevicesInUse": 1,
		"PolicyVersionsInUse": 2, "AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "Providers": 0,
		"UsersQuota": 5000, "AttachedPoliciesPerUserQuota": 10, "AccessKeysPerUserQuota": 2, "AssumeRolePolicySizeQuota": 2048,
	} {
		if got := out.SummaryMap[key]; got != want {
			t.Errorf("%s is %d, want %d", key, got, want)
		}
	}
	b, d := f.newPhone(t, "root")
	noError(t, only(f.EnableMFADevice(f.root, &iamapi.EnableMFADeviceInput{
		UserName: ptr(home), SerialNumber: d.SerialNumber, AuthenticationCode1: b.code(-1), AuthenticationCode2: b.code(0),
	})))
	noError(t, only(f.CreateAccessKey(f.root, &iamapi.CreateAccessKeyInput{})))
	out, err = f.GetAccountSummary(f.ctx, &iamapi.GetAccountSummaryInput{})
	noError(t, err)
	equal(t, "root's MFA and key", []int32{out.SummaryMap["AccountMFAEnabled"], out.SummaryMap["AccountAccessKeysPresent"]}, []int32{1, 1})
}

// details reads all pages and returns what is listed, in order.
func (f *fixture) details(t *testing.T, size int32, filter ...string) (all iamapi.GetAccountAuthorizationDetailsOutput, order []string) {
	t.Helper()
	in := &iamapi.GetAccountAuthorizationDetailsInput{Filter: filter, MaxItems: &size}
	for {
		out, err := f.GetAccountAuthorizationDetails(f.ctx, in)
		noError(t, err)
		before := len(order)
		for _, u := range out.UserDetailList {
			order = append(order, "user "+*u.UserName)
		}
		for _, g := range out.GroupDetailList {
			order = append(order, "group "+*g.GroupName)
		}
		for _, r := range out.RoleDetailList {
			order = append(order, "role "+*r.RoleName)
		}
		for _, p := range out.Policies {
			order = append(order, "policy "+*p.PolicyName)
		}
		if n := len(order) - before; n > int(size) || n == 0 {
			t.Fatalf("a page of %d has %d entries", size, n)
		}
		all.UserDetailList = append(all.UserDetailList, out.UserDetailList...)
		all.GroupDetailList = append(all.GroupDetailList, out.GroupDetailList...)
		all.RoleDetailList = append(all.RoleDetailList, out.RoleDetailList...)
		all.Policies = append(all.Policies, out.Policies...)
		if !*out.IsTruncated {
			return all, order
		}
		in.Marker = out.Marker
	}
}

func TestAccountAuthorizationDetails(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.AddUserToGroup(f.ctx, &iamapi.AddUserToGroupInput{GroupName: ptr("devs"), UserName: ptr("alice")})))
	noError(t, only(f.PutGroupPolicy(f.ctx, &iamapi.PutGroupPolicyInput{GroupName: ptr("devs"), PolicyName: ptr("g"), PolicyDocument: ptr(allowAll)})))
	noError(t, only(f.PutUserPolicy(f.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("alice"), PolicyName: ptr("u"), PolicyDocument: ptr(allowAll)})))
	noError(t, only(f.AttachUserPolicy(f.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(adminARN)})))
	noError(t, only(f.PutUserPermissionsBoundary(f.ctx, &iamapi.PutUserPermissionsBoundaryInput{UserName: ptr("alice"), PermissionsBoundary: ptr(ownARN)})))
	noError(t, only(f.TagUser(f.ctx, &iamapi.TagUserInput{UserName: ptr("alice"), Tags: tags("Team")})))
	noError(t, only(f.CreatePolicyVersion(f.ctx, &iamapi.CreatePolicyVersionInput{PolicyArn: ptr(ownARN), PolicyDocument: ptr(strings.Replace(allowAll, `"*"`, `"s3:*"`, 1))})))
	noError(t, only(f.CreateInstanceProfile(f.ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr("p")})))
	noError(t, only(f.AddRoleToInstanceProfile(f.ctx, &iamapi.AddRoleToInstanceProfileInput{InstanceProfileName: ptr("p"), RoleName: ptr("deploy")})))

	everything := []string{
		"user alice", "user bob", "group devs", "role AWSServiceRoleForTest", "role deploy", "policy own", "policy AdministratorAccess",
	}
	for _, size := range []int32{1, 2, 3, 7, 100} {
		if _, order := f.details(t, size); !slices.Equal(order, everything) {
			t.Errorf("by %d: %v", size, order)
		}
	}
	for filter, want := range map[string][]string{
		"User": everything[:2], "Group": everything[2:3], "Role": everything[3:5],
		"LocalManagedPolicy": everything[5:6], "AWSManagedPolicy": everything[6:],
	} {
		if _, order := f.details(t, 1, filter); !slices.Equal(order, want) {
			t.Errorf("%s: %v", filter, order)
		}
	}

	all, _ := f.details(t, 100)
	document := func(p *string) string {
		text, err := url.PathUnescape(*p)
		noError(t, err)
		return text
	}
	alice := all.UserDetailList[0]
	equal(t, "groups", alice.GroupList, []string{"devs"})
	equal(t, "inline", *alice.UserPolicyList[0].PolicyName, "u")
	equal(t, "number of inline policies, those of groups left out", len(alice.UserPolicyList), 1)
	equal(t, "document", document(alice.UserPolicyList[0].PolicyDocument), allowAll)
	equal(t, "attached", *alice.AttachedManagedPolicies[0].PolicyArn, adminARN)
	equal(t, "boundary", *alice.PermissionsBoundary.PermissionsBoundaryArn, ownARN)
	equal(t, "tags", alice.Tags, tags("Team"))
	equal(t, "group's inline", *all.GroupDetailList[0].GroupPolicyList[0].PolicyName, "g")
	deploy := all.RoleDetailList[1]
	equal(t, "trust", document(deploy.AssumeRolePolicyDocument), strings.ReplaceAll(trustAccount, `"111122223333"`, `"arn:aws:iam::111122223333:root"`))
	equal(t, "instance profile", *deploy.InstanceProfileList[0].InstanceProfileName, "p")
	own := all.Policies[0]
	equal(t, "versions", len(own.PolicyVersionList), 2)
	equal(t, "newest version", document(own.PolicyVersionList[0].Document), strings.Replace(allowAll, `"*"`, `"s3:*"`, 1))
	equal(t, "default", *own.DefaultVersionId, "v1")
	equal(t, "boundaries", *own.PermissionsBoundaryUsageCount, int32(1))
	aws := all.Policies[1]
	equal(t, "attachments", *aws.AttachmentCount, int32(1))
	if len(aws.PolicyVersionList) != 1 || !strings.Contains(document(aws.PolicyVersionList[0].Document), `"Allow"`) {
		t.Errorf("AWS's policy: %+v", aws.PolicyVersionList)
	}
	(&refusal{"bad marker", &iamapi.GetAccountAuthorizationDetailsInput{Marker: ptr("!")}, "ValidationError", "Invalid Marker."}).check(t, f)
}

// Clients that delete a user ask for all of these first.
func TestListsOfCredentialsThatNobodyHas(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	ssh, err := f.ListSSHPublicKeys(f.ctx, &iamapi.ListSSHPublicKeysInput{UserName: ptr("alice")})
	noError(t, err)
	equal(t, "SSH keys", ssh, &iamapi.ListSSHPublicKeysOutput{SSHPublicKeys: []iamapi.SSHPublicKeyMetadata{}, IsTruncated: ptr(false)})
	noError(t, only(f.ListSigningCertificates(f.root, &iamapi.ListSigningCertificatesInput{})))
	noError(t, only(f.ListServiceSpecificCredentials(f.ctx, &iamapi.ListServiceSpecificCredentialsInput{AllUsers: ptr(true)})))
	const noUser = "The user with name nobody cannot be found."
	for _, c := range []refusal{
		{"SSH keys", &iamapi.ListSSHPublicKeysInput{UserName: ptr("nobody")}, "NoSuchEntity", noUser},
		{"certificates", &iamapi.ListSigningCertificatesInput{UserName: ptr("nobody")}, "NoSuchEntity", noUser},
		{"credentials", &iamapi.ListServiceSpecificCredentialsInput{UserName: ptr("nobody")}, "NoSuchEntity", noUser},
		{"both", &iamapi.ListServiceSpecificCredentialsInput{UserName: ptr("alice"), AllUsers: ptr(true)}, "ValidationError", ""},
	} {
		c.check(t, f)
	}
}
