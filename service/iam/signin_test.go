package iam_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// refusal is a call that must fail, made by the user of the fixture's ctx.
type refusal struct {
	name string
	in   smithy.Shape
	// message is not checked if it is empty.
	code, message string
}

func (r *refusal) check(t *testing.T, f *fixture) {
	t.Helper()
	r.checkAs(t, f, f.ctx)
}

func (r *refusal) checkAs(t *testing.T, f *fixture, ctx context.Context) {
	t.Helper()
	got, message := code(f.call(ctx, r.in))
	if got != r.code || r.message != "" && message != r.message {
		t.Errorf("%s: got %s %q, want %s %q", r.name, got, message, r.code, r.message)
	}
}

func TestLoginProfile(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	made, err := f.CreateLoginProfile(f.ctx, &iamapi.CreateLoginProfileInput{
		UserName: ptr("ALICE"), Password: ptr("Passw0rd-1"), PasswordResetRequired: ptr(true),
	})
	noError(t, err)
	equal(t, "user", *made.LoginProfile.UserName, "alice")
	got, err := f.GetLoginProfile(f.ctx, &iamapi.GetLoginProfileInput{UserName: ptr("alice")})
	noError(t, err)
	equal(t, "reset required", *got.LoginProfile.PasswordResetRequired, true)

	alice := as(t, home, "alice")
	change := &iamapi.ChangePasswordInput{OldPassword: ptr("Passw0rd-1"), NewPassword: ptr("Passw0rd-2")}
	noError(t, f.call(alice, change))
	(&refusal{"a password that is no more", change, "AccessDenied", "The old password was incorrect."}).checkAs(t, f, alice)
	got, err = f.GetLoginProfile(alice, &iamapi.GetLoginProfileInput{})
	noError(t, err)
	equal(t, "reset required after a change", *got.LoginProfile.PasswordResetRequired, false)

	noError(t, only(f.UpdateLoginProfile(f.ctx, &iamapi.UpdateLoginProfileInput{UserName: ptr("alice"), Password: ptr("Passw0rd-3")})))
	noError(t, f.call(alice, &iamapi.ChangePasswordInput{OldPassword: ptr("Passw0rd-3"), NewPassword: ptr("Passw0rd-4")}))
	noError(t, only(f.DeleteLoginProfile(f.ctx, &iamapi.DeleteLoginProfileInput{UserName: ptr("alice")})))
	noError(t, only(f.DeleteUser(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("alice")})))
}

func TestLoginProfileErrors(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.CreateLoginProfile(f.ctx, &iamapi.CreateLoginProfileInput{UserName: ptr("alice"), Password: ptr("Passw0rd")})))
	const (
		noUser    = "The user with name nobody cannot be found."
		noProfile = "Login Profile for User bob cannot be found."
		violation = "Password does not conform to the account password policy."
	)
	for _, c := range []refusal{
		{"create for nobody", &iamapi.CreateLoginProfileInput{UserName: ptr("nobody"), Password: ptr("Passw0rd")}, "NoSuchEntity", noUser},
		{"create twice", &iamapi.CreateLoginProfileInput{UserName: ptr("alice"), Password: ptr("Passw0rd")}, "EntityAlreadyExists", "Login Profile for user alice already exists."},
		{"create with a poor password", &iamapi.CreateLoginProfileInput{UserName: ptr("bob"), Password: ptr("password")}, "PasswordPolicyViolation", violation},
		{"create without a password", &iamapi.CreateLoginProfileInput{UserName: ptr("bob")}, "ValidationError", ""},
		{"get of nobody", &iamapi.GetLoginProfileInput{UserName: ptr("nobody")}, "NoSuchEntity", noUser},
		{"get none", &iamapi.GetLoginProfileInput{UserName: ptr("bob")}, "NoSuchEntity", noProfile},
		{"update none", &iamapi.UpdateLoginProfileInput{UserName: ptr("bob"), Password: ptr("Passw0rd")}, "NoSuchEntity", noProfile},
		{"update nothing of none", &iamapi.UpdateLoginProfileInput{UserName: ptr("bob")}, "NoSuchEntity", noProfile},
		{"update with a poor password", &iamapi.UpdateLoginProfileInput{UserName: ptr("alice"), Password: ptr("x")}, "PasswordPolicyViolation", violation},
		{"delete none", &iamapi.DeleteLoginProfileInput{UserName: ptr("bob")}, "NoSuchEntity", noProfile},
		{"delete the user", &iamapi.DeleteUserInput{UserName: ptr("alice")}, "DeleteConflict", "Cannot delete entity, must delete login profile first."},
		{"change of a user who is gone", &iamapi.ChangePasswordInput{OldPassword: ptr("a"), NewPassword: ptr("b")}, "NoSuchEntity", "The user with name caller cannot be found."},
		{"no password policy", &iamapi.GetAccountPasswordPolicyInput{}, "NoSuchEntity", "The Password Policy with domain name 111122223333 cannot be found."},
		{"delete no password policy", &iamapi.DeleteAccountPasswordPolicyInput{}, "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found."},
	} {
		c.check(t, f)
	}
	change := refusal{"change", &iamapi.ChangePasswordInput{OldPassword: ptr("a"), NewPassword: ptr("b")}, "InvalidUserType", "Only IAM Users can change their own password."}
	change.checkAs(t, f, f.root)
	change.checkAs(t, f, asRole(t))
	for _, in := range []smithy.Shape{&iamapi.GetLoginProfileInput{}, &iamapi.DeleteLoginProfileInput{}} {
		none := refusal{"no user to fall back on", in, "ValidationError", ""}
		none.checkAs(t, f, f.root)
		none.checkAs(t, f, asRole(t))
	}
}

// Several administrators give one user a first password: one of them does.
func TestOneFirstPassword(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			const clients = 4
			codes := make([]string, clients)
			var wg sync.WaitGroup
			for n := range clients {
				wg.Go(func() {
					codes[n], _ = code(f.call(f.ctx, &iamapi.CreateLoginProfileInput{UserName: ptr("alice"), Password: ptr("Passw0rd")}))
				})
			}
			wg.Wait()
			slices.Sort(codes)
			equal(t, "outcomes", codes, []string{"", "EntityAlreadyExists", "EntityAlreadyExists", "EntityAlreadyExists"})
		})
	}
}

func TestAccountPasswordPolicy(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	noError(t, only(f.UpdateAccountPasswordPolicy(f.ctx, &iamapi.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: ptr(int32(14)), RequireSymbols: ptr(true), RequireNumbers: ptr(true),
		RequireUppercaseCharacters: ptr(true), RequireLowercaseCharacters: ptr(true), AllowUsersToChangePassword: ptr(true),
		MaxPasswordAge: ptr(int32(90)), PasswordReusePrevention: ptr(int32(24)), HardExpiry: ptr(false),
	})))
	got, err := f.GetAccountPasswordPolicy(f.ctx, &iamapi.GetAccountPasswordPolicyInput{})
	noError(t, err)
	equal(t, "policy", got.PasswordPolicy, &iamapi.PasswordPolicy{
		MinimumPasswordLength: ptr(int32(14)), RequireSymbols: ptr(true), RequireNumbers: ptr(true),
		RequireUppercaseCharacters: ptr(true), RequireLowercaseCharacters: ptr(true), AllowUsersToChangePassword: ptr(true),
		ExpirePasswords: ptr(true), MaxPasswordAge: ptr(int32(90)), PasswordReusePrevention: ptr(int32(24)), HardExpiry: ptr(false),
	})
	// What is left out goes back to its default.
	noError(t, only(f.UpdateAccountPasswordPolicy(f.ctx, &iamapi.UpdateAccountPasswordPolicyInput{})))
	got, err = f.GetAccountPasswordPolicy(f.ctx, &iamapi.GetAccountPasswordPolicyInput{})
	noError(t, err)
	no := ptr(false)
	equal(t, "defaults", got.PasswordPolicy, &iamapi.PasswordPolicy{
		MinimumPasswordLength: ptr(int32(6)), RequireSymbols: no, RequireNumbers: no, RequireUppercaseCharacters: no,
		RequireLowercaseCharacters: no, AllowUsersToChangePassword: no, ExpirePasswords: no,
	})
	noError(t, only(f.DeleteAccountPasswordPolicy(f.ctx, &iamapi.DeleteAccountPasswordPolicyInput{})))
	if err := f.call(f.ctx, &iamapi.GetAccountPasswordPolicyInput{}); err == nil {
		t.Error("the policy is still there")
	}
}

// Users without any permission may change their passwords if the policy of the account says
// so, and only then; a deny still counts, and nobody else profits.
func TestUsersMayChangeTheirPasswords(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	policies, err := authz.NewCompiler()
	noError(t, err)
	gate, err := authz.New(authz.Config{
		View: func(ctx context.Context, fn func(tx authz.Tx) error) error {
			return f.DB.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: f.DB.Revision, Policies: policies, Rows: map[string][]authz.Row{"iam": f.Rows()},
	})
	noError(t, err)
	ask := func(name, operation string, in smithy.Shape) bool {
		t.Helper()
		u, err := f.GetUser(f.ctx, &iamapi.GetUserInput{UserName: &name})
		noError(t, err)
		c := &credential.Caller{
			Type: credential.User, AccountID: home, ARN: *u.User.Arn, PrincipalID: *u.User.UserId,
			EntityID: *u.User.UserId, EntityARN: *u.User.Arn, EntityName: name,
		}
		err = gate.Authorize(credential.NewContext(t.Context(), c), &authz.Request{
			Caller: c, Service: "iam", Operation: operation, Input: in,
		})
		return err == nil
	}
	change := &iamapi.ChangePasswordInput{OldPassword: ptr("a"), NewPassword: ptr("b")}
	see := &iamapi.GetAccountPasswordPolicyInput{}
	equal(t, "without a policy", ask("alice", "ChangePassword", change), false)
	noError(t, only(f.UpdateAccountPasswordPolicy(f.ctx, &iamapi.UpdateAccountPasswordPolicyInput{AllowUsersToChangePassword: ptr(true)})))
	equal(t, "change", ask("alice", "ChangePassword", change), true)
	equal(t, "see", ask("alice", "GetAccountPasswordPolicy", see), true)
	equal(t, "update another's", ask("alice", "UpdateLoginProfile", &iamapi.UpdateLoginProfileInput{UserName: ptr("bob")}), false)
	noError(t, only(f.PutUserPolicy(f.ctx, &iamapi.PutUserPolicyInput{
		UserName: ptr("alice"), PolicyName: ptr("no"),
		PolicyDocument: ptr(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}}`),
	})))
	equal(t, "change against a deny", ask("alice", "ChangePassword", change), false)
	equal(t, "bob's change", ask("bob", "ChangePassword", change), true)
	noError(t, only(f.UpdateAccountPasswordPolicy(f.ctx, &iamapi.UpdateAccountPasswordPolicyInput{})))
	equal(t, "change when it is off again", ask("bob", "ChangePassword", change), false)
	equal(t, "see when it is off again", ask("bob", "GetAccountPasswordPolicy", see), false)
}
