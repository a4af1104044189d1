package sts_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/service/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// The accounts of a scene: dev belongs to the organization of boss, stranger to none.
const (
	boss     = "111111111111"
	stranger = "999999999999"
)

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

var start = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// scene is the service behind the gate, with its store.
type scene struct {
	*sts.Service
	t    testing.TB
	gate *authz.Authorizer
	// dev is the id of the member account.
	dev          string
	organization org.Organization
	// now is what the store's clock shows.
	now time.Time
}

func newScene(t testing.TB, e storetest.Engine) *scene {
	t.Helper()
	s := &scene{t: t, now: start}
	db := e.Open(t, func(o *store.Options) { o.Now = func() time.Time { return s.now } })
	key, err := credential.ParseMasterKey(strings.Repeat("5a", 32))
	s.must(err)
	ring := credential.NewKeyring(key)
	vault, err := credential.NewVault(ring)
	s.must(err)
	policies, err := authz.NewCompiler()
	s.must(err)
	s.Service = &sts.Service{DB: db, Vault: vault, Sealer: credential.NewSealer(ring), Policies: policies}
	s.gate, err = authz.New(authz.Config{
		View: func(ctx context.Context, fn func(authz.Tx) error) error {
			return db.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: db.Revision, Policies: policies, Rows: map[string][]authz.Row{"sts": s.Rows()},
	})
	s.must(err)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		for _, id := range []string{boss, stranger} {
			if _, err := org.CreateStandaloneAccount(ctx, tx, id, "Account", id+"@example.com"); err != nil {
				return err
			}
		}
		var err error
		if s.organization, err = org.CreateOrganization(ctx, tx, boss, "ALL"); err != nil {
			return err
		}
		made, err := org.CreateAccount(ctx, tx, s.organization, org.Settings{}, org.NewAccount{Name: "Dev", Email: "dev@example.com"})
		if err != nil {
			return err
		}
		s.dev = made.AccountID
		return org.EnablePolicyType(ctx, tx, s.organization, s.organization.RootID, org.ServiceControlPolicy)
	})
	return s
}

// everywhere runs a test on each engine.
func everywhere(t *testing.T, run func(t *testing.T, s *scene)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { run(t, newScene(t, e)) })
	}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) update(fn func(ctx context.Context, tx *store.Tx) error) {
	s.t.Helper()
	s.must(s.DB.Update(s.t.Context(), func(tx *store.Tx) error { return fn(s.t.Context(), tx) }))
}

// user makes a user and returns it as a caller. A policy, if given, is its inline policy.
func (s *scene) user(account, name, policyText string) *credential.Caller {
	s.t.Helper()
	var c *credential.Caller
	s.update(func(ctx context.Context, tx *store.Tx) error {
		u, err := iam.CreateUser(ctx, tx, account, iam.NewUser{Name: name, Tags: []iam.Tag{{Key: "team", Value: name}}})
		if err != nil {
			return err
		}
		c = &credential.Caller{
			Type: credential.User, AccountID: account, ARN: u.ARN(), PrincipalID: u.ID,
			EntityID: u.ID, EntityARN: u.ARN(), EntityName: name, AccessKeyID: "AKIATEST",
		}
		if policyText == "" {
			return nil
		}
		return iam.PutInlinePolicy(ctx, tx, account, iam.KindUser, name, "inline", policyText)
	})
	return c
}

func root(account string) *credential.Caller {
	arn := "arn:aws:iam::" + account + ":root"
	return &credential.Caller{Type: credential.RootUser, AccountID: account, ARN: arn, PrincipalID: account, EntityID: account, EntityARN: arn}
}

// role makes a role that may do everything and returns its ARN.
func (s *scene) role(account, name, trust string) string {
	s.t.Helper()
	var arn string
	s.update(func(ctx context.Context, tx *store.Tx) error {
		r, err := iam.CreateRole(ctx, tx, account, iam.NewRole{
			Name: name, Path: "/some/path/", TrustPolicy: trust, MaxSessionDuration: 7200,
			Tags: []iam.Tag{{Key: "stage", Value: "test"}},
		})
		if err != nil {
			return err
		}
		arn = r.ARN()
		return iam.PutInlinePolicy(ctx, tx, account, iam.KindRole, name, "all", allowAll)
	})
	return arn
}

// trusting is a trust policy for an AWS principal, with optional conditions.
func trusting(principal string, conditions ...string) string {
	condition := ""
	if len(conditions) > 0 {
		condition = `,"Condition":{` + strings.Join(conditions, ",") + `}`
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal +
		`"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]` + condition + `}]}`
}

// allowing is a policy that allows actions on everything.
func allowing(actions ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}]}`
}

// call takes a call through validation, gate and operation, as the wire layer does.
func call[O smithy.Shape](s *scene, c *credential.Caller, in smithy.Shape) (O, error) {
	return callIn[O](s, credential.NewContext(s.t.Context(), c), in)
}

func callIn[O smithy.Shape](s *scene, ctx context.Context, in smithy.Shape) (O, error) {
	var none O
	name := strings.TrimSuffix(in.Schema().Name, "Request")
	op := stsapi.Describe().Operation(name)
	if op == nil {
		s.t.Fatalf("no operation %s", name)
	}
	if vs := smithy.Validate(in); len(vs) > 0 {
		return none, &smithy.GenericError{Code: "ValidationError", Status: 400, Message: smithy.Message(vs)}
	}
	err := s.gate.Authorize(ctx, &authz.Request{
		Service: "sts", Operation: name, Caller: credential.FromContext(ctx), Input: in,
		Environment: authz.Environment{Time: s.now, SourceIP: "127.0.0.1", Region: "us-east-1"},
	})
	if err != nil {
		return none, err
	}
	out, err := stsapi.Handler(s.Service).Invoke(ctx, op, in)
	if err != nil {
		return none, err
	}
	return out.(O), nil
}

func (s *scene) assume(c *credential.Caller, in *stsapi.AssumeRoleInput) (*stsapi.AssumeRoleOutput, error) {
	if in.RoleSessionName == nil {
		in.RoleSessionName = new("session")
	}
	return call[*stsapi.AssumeRoleOutput](s, c, in)
}

// session opens credentials as package authn does.
func (s *scene) session(c *stsapi.Credentials) *credential.Caller {
	s.t.Helper()
	caller, secret, err := s.Sealer.Open(*c.AccessKeyId, *c.SessionToken, s.now)
	s.must(err)
	if secret != *c.SecretAccessKey {
		s.t.Fatalf("the token's secret is not the one that was handed out")
	}
	return caller
}

// assumed assumes a role and returns who the session is.
func (s *scene) assumed(c *credential.Caller, in *stsapi.AssumeRoleInput) *credential.Caller {
	s.t.Helper()
	out, err := s.assume(c, in)
	s.must(err)
	return s.session(out.Credentials)
}

// refusal is an error as a client sees it: code, status, message.
func refusal(err error) (code string, status int, message string) {
	var (
		modeled smithy.ModeledError
		generic *smithy.GenericError
		denied  *authz.DeniedError
		notYet  *smithy.NotImplementedError
	)
	switch {
	case err == nil:
		return "", 0, ""
	case errors.As(err, &modeled):
		t := modeled.Schema().Error
		return t.Code, t.Status, strings.TrimPrefix(modeled.Error(), modeled.Schema().Name+": ")
	case errors.As(err, &generic):
		return generic.Code, generic.Status, generic.Message
	case errors.As(err, &denied):
		return "AccessDenied", http.StatusForbidden, denied.Message
	case errors.As(err, &notYet):
		return "NotImplemented", http.StatusNotImplemented, notYet.Operation
	case errors.Is(err, credential.ErrInvalidToken):
		return "InvalidClientTokenId", http.StatusForbidden, ""
	default:
		return "InternalFailure", http.StatusInternalServerError, err.Error()
	}
}

// expect compares an error with a code and a part of its message; the code "" stands for
// success.
func expect(t testing.TB, err error, code, message string) {
	t.Helper()
	gotCode, _, gotMessage := refusal(err)
	if gotCode != code || !strings.Contains(gotMessage, message) {
		t.Errorf("answer = %s %q, want %s %q", gotCode, gotMessage, code, message)
	}
}

// recorded runs fn with a recording and returns the accounts that get its event.
func (s *scene) recorded(c *credential.Caller, fn func(ctx context.Context)) []audit.Event {
	rec := &audit.Recording{Call: audit.Call{
		EventID: "0d3c9b6e-1111-4222-8333-444455556666", Caller: c, Time: s.now, Source: "sts.amazonaws.com", ReadOnly: true,
	}}
	fn(audit.NewContext(credential.NewContext(s.t.Context(), c), rec))
	return rec.Complete(nil)
}

func contains(b []byte, text string) bool { return bytes.Contains(b, []byte(text)) }
