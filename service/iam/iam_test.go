package iam_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	service "github.com/bailiwick/bailiwick/service/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	home  = "111122223333"
	other = "444455556666"

	adminARN     = "arn:aws:iam::aws:policy/AdministratorAccess"
	allowAll     = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	trustAccount = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}`
)

// fixture is a service over a fresh store with two accounts.
type fixture struct {
	*service.Service
	// root calls as the root user of home, ctx as user "caller" who need not exist.
	root, ctx context.Context
}

func newFixture(t *testing.T, e storetest.Engine) *fixture {
	t.Helper()
	master, err := credential.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := credential.NewVault(credential.NewKeyring(master))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Service: &service.Service{DB: e.Open(t), Vault: vault}}
	f.root = credential.NewContext(t.Context(), &credential.Caller{
		Type: credential.RootUser, AccountID: home, ARN: "arn:aws:iam::" + home + ":root",
		PrincipalID: home, EntityID: home, EntityARN: "arn:aws:iam::" + home + ":root",
	})
	f.ctx = as(t, home, "caller")
	f.update(t, func(tx *store.Tx) error {
		for _, id := range []string{home, other} {
			if _, err := org.CreateStandaloneAccount(f.ctx, tx, id, "account "+id, id+"@example.com"); err != nil {
				return err
			}
		}
		return nil
	})
	return f
}

// as is the context of a call by a user of the account.
func as(t *testing.T, account, name string) context.Context {
	arn := "arn:aws:iam::" + account + ":user/" + name
	return credential.NewContext(t.Context(), &credential.Caller{
		Type: credential.User, AccountID: account, ARN: arn, EntityARN: arn, EntityName: name,
	})
}

// asRole is the context of a call by a role session of home.
func asRole(t *testing.T) context.Context {
	return credential.NewContext(t.Context(), &credential.Caller{
		Type: credential.AssumedRole, AccountID: home, ARN: "arn:aws:sts::" + home + ":assumed-role/r/s",
		EntityARN: "arn:aws:iam::" + home + ":role/r", EntityName: "r", Session: &credential.Session{Name: "s"},
	})
}

func (f *fixture) update(t *testing.T, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := f.DB.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// populate makes what a test starts from: users alice and bob, group devs, role deploy,
// service-linked role AWSServiceRoleForTest and policy own.
func (f *fixture) populate(t *testing.T) {
	t.Helper()
	for _, name := range []string{"alice", "bob"} {
		_, err := f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: &name})
		noError(t, err)
	}
	_, err := f.CreateGroup(f.ctx, &iamapi.CreateGroupInput{GroupName: ptr("devs")})
	noError(t, err)
	_, err = f.CreateRole(f.ctx, &iamapi.CreateRoleInput{RoleName: ptr("deploy"), AssumeRolePolicyDocument: ptr(trustAccount)})
	noError(t, err)
	_, err = f.CreatePolicy(f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr("own"), PolicyDocument: ptr(allowAll)})
	noError(t, err)
	f.update(t, func(tx *store.Tx) error {
		_, err := iam.CreateRole(f.ctx, tx, home, iam.NewRole{
			Name: "AWSServiceRoleForTest", Path: "/aws-service-role/test.amazonaws.com/", TrustPolicy: trustAccount, Reserved: true,
		})
		return err
	})
}

const ownARN = "arn:aws:iam::" + home + ":policy/own"

func ptr[T any](v T) *T { return smithy.Ptr(v) }

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code returns code and message of an error as the client sees it.
func code(err error) (code, message string) {
	var (
		modeled smithy.ModeledError
		generic *smithy.GenericError
	)
	switch {
	case err == nil:
		return "", ""
	case errors.As(err, &generic):
		return generic.Code, generic.Message
	case errors.As(err, &modeled):
		c := modeled.Schema().Error.Code
		return c, modeled.Error()[len(c)+len(": "):]
	default:
		return "unmapped", err.Error()
	}
}

// only drops the output of a call.
func only[O any](_ O, err error) error { return err }

// call runs the operation that takes the input, by the way that the wire layer goes.
func (f *fixture) call(ctx context.Context, in smithy.Shape) error {
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", in), "*iam."), "Input")
	handler := iamapi.Handler(f)
	_, err := handler.Invoke(ctx, handler.Service.Operation(name), in)
	return err
}
