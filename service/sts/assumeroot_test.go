package sts_test

import (
	"context"
	"errors"
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

const auditTask = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"

func TestAssumeRoot(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		admin := s.user(boss, "admin", allowing("sts:AssumeRoot"))
		assume := func(c *credential.Caller, target, task string) (*stsapi.AssumeRootOutput, error) {
			return call[*stsapi.AssumeRootOutput](s, c, &stsapi.AssumeRootInput{
				TargetPrincipal: &target, TaskPolicyArn: &stsapi.PolicyDescriptorType{Arn: &task},
			})
		}
		_, err := assume(admin, s.dev, auditTask)
		expect(t, err, "AccessDenied", "not available")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			if err := org.EnableAWSServiceAccess(ctx, tx, s.organization, "iam.amazonaws.com"); err != nil {
				return err
			}
			_, _, err := iam.EnableRootFeature(ctx, tx, boss, iam.RootCredentialsManagement)
			return err
		})
		out, err := assume(admin, "arn:aws:iam::"+s.dev+":root", auditTask)
		s.must(err)
		who := s.session(out.Credentials)
		if who.Type != credential.RootUser || who.AccountID != s.dev || who.ARN != "arn:aws:iam::"+s.dev+":root" {
			t.Errorf("session: %+v", who)
		}
		if got := out.Credentials.Expiration.Sub(s.now); got != 15*time.Minute {
			t.Errorf("the session lasts %s", got)
		}
		// It can do its task on the root user, and nothing else.
		for _, c := range []struct {
			action, resource string
			allowed          bool
		}{
			{"iam:ListAccessKeys", "arn:aws:iam::" + s.dev + ":root", true},
			{"iam:ListAccessKeys", "arn:aws:iam::" + s.dev + ":user/ann", false},
			{"iam:DeleteAccessKey", "arn:aws:iam::" + s.dev + ":root", false},
			{"s3:ListAllMyBuckets", "*", false},
		} {
			err := s.gate.Check(t.Context(), who, authz.Environment{Time: s.now}, authz.Check{Action: c.action, Resource: c.resource})
			var denied *authz.DeniedError
			if c.allowed && err != nil || !c.allowed && !errors.As(err, &denied) {
				t.Errorf("%s on %s: %v", c.action, c.resource, err)
			}
		}
		// The account's own root user is not limited by it.
		s.must(s.gate.Check(t.Context(), root(s.dev), authz.Environment{Time: s.now}, authz.Check{Action: "s3:ListAllMyBuckets", Resource: "*"}))
		_, err = call[*stsapi.AssumeRoleOutput](s, who, &stsapi.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + s.dev + ":role/x"), RoleSessionName: new("me")})
		expect(t, err, "AccessDenied", "Roles may not be assumed by root accounts.")

		limited := s.user(boss, "limited", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"*",
			"Condition":{"StringEquals":{"sts:TaskPolicyArn":"arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}}}]}`)
		member := s.user(s.dev, "member", allowing("sts:AssumeRoot"))
		for _, c := range []struct {
			name          string
			caller        *credential.Caller
			target, task  string
			code, message string
		}{
			{"another task than allowed", limited, s.dev, auditTask, "AccessDenied", "is not authorized to perform: sts:AssumeRoot"},
			{"a feature that is not enabled", admin, s.dev, "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy", "AccessDenied", "not available"},
			{"the management account", admin, boss, auditTask, "AccessDenied", "not available"},
			{"an account outside", admin, stranger, auditTask, "AccessDenied", "not available"},
			{"a member asks", member, s.dev, auditTask, "AccessDenied", "not available"},
			{"a root user asks", root(boss), s.dev, auditTask, "AccessDenied", "Root sessions may not be begun by root users."},
			{"no task policy", admin, s.dev, "arn:aws:iam::aws:policy/AdministratorAccess", "ValidationError", "is not a task policy"},
			{"no account", admin, "arn:aws:iam::" + s.dev + ":user/x", auditTask, "ValidationError", "is not an account"},
		} {
			_, err := assume(c.caller, c.target, c.task)
			t.Log(c.name)
			expect(t, err, c.code, c.message)
		}
		s.update(func(ctx context.Context, tx *store.Tx) error {
			_, _, err := iam.DisableRootFeature(ctx, tx, boss, iam.RootCredentialsManagement)
			return err
		})
		_, err = assume(admin, s.dev, auditTask)
		expect(t, err, "AccessDenied", "not available")
	})
}
