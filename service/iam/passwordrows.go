package iam

import (
	"context"
	"sync"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/store"
)

func (s *Service) passwordRows() []authz.Row {
	return []authz.Row{
		onUserOrCaller(s, "CreateLoginProfile", func(in *iamapi.CreateLoginProfileInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "GetLoginProfile", func(in *iamapi.GetLoginProfileInput) *string { return in.UserName }).row(),
		onIdentity(s, "UpdateLoginProfile", iam.KindUser, func(in *iamapi.UpdateLoginProfileInput) *string { return in.UserName }).row(),
		onUserOrCaller(s, "DeleteLoginProfile", func(in *iamapi.DeleteLoginProfileInput) *string { return in.UserName }).row(),
		{Operation: "ChangePassword", Actions: []string{actionChangePassword}, Checks: authz.For(s.changePasswordChecks)},
		{Operation: "GetAccountPasswordPolicy", Actions: []string{actionGetPasswordPolicy}, Checks: authz.For(s.getPasswordPolicyChecks)},
		authz.Anywhere("UpdateAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"),
		authz.Anywhere("DeleteAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy"),
	}
}

const (
	actionChangePassword    = "iam:ChangePassword"
	actionGetPasswordPolicy = "iam:GetAccountPasswordPolicy"
)

// changePasswordChecks are on the caller. One who is no user gets as far as the operation's
// own refusal if policies allow it.
func (s *Service) changePasswordChecks(ctx context.Context, c *authz.Call, _ *iamapi.ChangePasswordInput) ([]authz.Check, error) {
	r := resource{arn: c.Caller.EntityARN, keys: policy.Keys{}}
	if c.Caller.Type == credential.User {
		var err error
		if r, err = s.identityResource(ctx, c.Caller.AccountID, iam.KindUser, c.Caller.EntityName); err != nil {
			return nil, err
		}
	}
	return s.ownPasswordChecks(ctx, c, authz.Check{Action: actionChangePassword, Resource: r.arn, Keys: r.keys})
}

func (s *Service) getPasswordPolicyChecks(ctx context.Context, c *authz.Call, _ *iamapi.GetAccountPasswordPolicyInput) ([]authz.Check, error) {
	return s.ownPasswordChecks(ctx, c, authz.Check{Action: actionGetPasswordPolicy, Resource: "*"})
}

// ownPasswordChecks lets a user pass without a permission if the account's password policy
// allows users to change their passwords: to the policies this is as if the user's own
// policy of a resource allowed it, so that every deny still counts. See the IAM user guide,
// "Permit IAM users to change their own passwords".
func (s *Service) ownPasswordChecks(ctx context.Context, c *authz.Call, check authz.Check) ([]authz.Check, error) {
	if c.Caller.Type != credential.User {
		return []authz.Check{check}, nil
	}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		p, ok, err := tx.IAMPasswordPolicy(c.Caller.AccountID)
		if ok && p.AllowUsersToChange {
			check.Policy = ownPasswordPolicy()
		}
		return err
	})
	return []authz.Check{check}, err
}

// ownPasswordPolicy is only ever attached to the call of a user about the own password.
var ownPasswordPolicy = sync.OnceValue(mustOwnPasswordPolicy)

func mustOwnPasswordPolicy() *policy.Attached {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",`+
		`"Action":["`+actionChangePassword+`","`+actionGetPasswordPolicy+`"],"Resource":"*"}}`), policy.ParseOptions{})
	if err != nil {
		panic("service/iam: " + err.Error())
	}
	return &policy.Attached{Name: "AllowUsersToChangePassword", Kind: policy.Resource, Policy: policy.Compile(doc)}
}
