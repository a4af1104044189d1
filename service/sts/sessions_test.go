package sts_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

func TestGetSessionToken(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		// No permission is needed, and none can be taken away.
		alice := s.user(boss, "alice", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)
		tests := []struct {
			name   string
			caller *credential.Caller
			wanted *int32
			want   time.Duration
		}{
			{"user", alice, nil, 12 * time.Hour},
			{"user, shortest", alice, new(int32(900)), 15 * time.Minute},
			{"user, longest", alice, new(int32(129600)), 36 * time.Hour},
			{"root user", root(boss), nil, time.Hour},
			{"root user, long", root(boss), new(int32(129600)), time.Hour},
			{"root user, short", root(boss), new(int32(1800)), 30 * time.Minute},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				out, err := call[*stsapi.GetSessionTokenOutput](s, tt.caller, &stsapi.GetSessionTokenInput{DurationSeconds: tt.wanted})
				if err != nil {
					t.Fatal(err)
				}
				got, want := s.session(out.Credentials), *tt.caller
				want.AccessKeyID = *out.Credentials.AccessKeyId
				want.Session = &credential.Session{IssuedAt: s.now, ExpiresAt: s.now.Add(tt.want), IssuerType: "GetSessionToken"}
				if !reflect.DeepEqual(got, &want) {
					t.Errorf("session\n%+v %+v, want\n%+v %+v", got, got.Session, want, want.Session)
				}
			})
		}
		for _, seconds := range []int32{899, 129601} {
			_, err := call[*stsapi.GetSessionTokenOutput](s, alice, &stsapi.GetSessionTokenInput{DurationSeconds: &seconds})
			expect(t, err, "ValidationError", "at 'durationSeconds' failed to satisfy constraint")
		}
		large, err := call[*stsapi.GetSessionTokenOutput](s, alice, &stsapi.GetSessionTokenInput{MinimumSessionTokenSize: new(int32(4096))})
		s.must(err)
		if n := len(*large.Credentials.SessionToken); n < 4096 || n > 4100 || *large.SessionTokenSize != int32(n) {
			t.Errorf("a token of %d characters, size %d", n, *large.SessionTokenSize)
		}
		if got := s.session(large.Credentials); got.ARN != alice.ARN {
			t.Errorf("the large token is of %s", got.ARN)
		}
	})
}

func (s *scene) federate(c *credential.Caller, in *stsapi.GetFederationTokenInput) (*stsapi.GetFederationTokenOutput, error) {
	if in.Name == nil {
		in.Name = new("carol")
	}
	return call[*stsapi.GetFederationTokenOutput](s, c, in)
}

func TestGetFederationToken(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowing("sts:GetFederationToken", "sts:TagSession"))
		out, err := s.federate(alice, &stsapi.GetFederationTokenInput{
			Policy: new(allowAll), PolicyArns: []stsapi.PolicyDescriptorType{{Arn: new("arn:aws:iam::aws:policy/ReadOnlyAccess")}},
			Tags: []stsapi.Tag{{Key: new("Project"), Value: new("Pegasus")}}, DurationSeconds: new(int32(3600)),
		})
		if err != nil {
			t.Fatal(err)
		}
		arn := "arn:aws:sts::" + boss + ":federated-user/carol"
		if *out.FederatedUser.Arn != arn || *out.FederatedUser.FederatedUserId != boss+":carol" || smithy.Value(out.PackedPolicySize) == 0 {
			t.Errorf("answer %+v", out)
		}
		got := s.session(out.Credentials)
		want := &credential.Caller{
			Type: credential.FederatedUser, AccountID: boss, ARN: arn, PrincipalID: boss + ":carol",
			EntityID: alice.EntityID, EntityARN: alice.ARN, EntityName: "alice", AccessKeyID: *out.Credentials.AccessKeyId,
			Session: &credential.Session{
				Name: "carol", IssuedAt: s.now, ExpiresAt: s.now.Add(time.Hour), IssuerType: "GetFederationToken",
				Policy: allowAll, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Tags: map[string]string{"Project": "Pegasus"},
			},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("session\n%+v %+v, want\n%+v %+v", got, got.Session, want, want.Session)
		}
		plain, err := s.federate(root(boss), &stsapi.GetFederationTokenInput{})
		if err != nil {
			t.Fatal(err)
		}
		if plain.PackedPolicySize != nil || !plain.Credentials.Expiration.Equal(s.now.Add(time.Hour)) {
			t.Errorf("the root user's federated user: %+v", plain)
		}
	})
}

func TestGetFederationTokenRefuses(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		nobody := s.user(boss, "nobody", "")
		manager := s.user(boss, "manager", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetFederationToken",
			"Resource":"arn:aws:sts::111111111111:federated-user/Manager*"}]}`)
		tag := []stsapi.Tag{{Key: new("a"), Value: new("b")}}
		tests := []struct {
			name, code, message string
			caller              *credential.Caller
			in                  stsapi.GetFederationTokenInput
		}{
			{
				"no permission", "AccessDenied", "is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111111111111:federated-user/carol",
				nobody,
				stsapi.GetFederationTokenInput{},
			},
			{"allowed name", "", "", manager, stsapi.GetFederationTokenInput{Name: new("ManagerMary")}},
			{"other name", "AccessDenied", "federated-user/carol", manager, stsapi.GetFederationTokenInput{}},
			{"tags without permission", "AccessDenied", "sts:TagSession", manager, stsapi.GetFederationTokenInput{Name: new("Manager1"), Tags: tag}},
			{"a name too long", "ValidationError", "at 'name' failed to satisfy constraint", manager, stsapi.GetFederationTokenInput{Name: new(strings.Repeat("M", 33))}},
			{"duplicate tags", "InvalidParameterValue", "Duplicate tag keys", root(boss), stsapi.GetFederationTokenInput{Tags: append(tag, stsapi.Tag{Key: new("A"), Value: new("")})}},
			{"a malformed policy", "MalformedPolicyDocument", "", root(boss), stsapi.GetFederationTokenInput{Policy: new("[]")}},
			{"too large a token", "ValidationError", "at 'minimumSessionTokenSize' failed to satisfy constraint", root(boss), stsapi.GetFederationTokenInput{MinimumSessionTokenSize: new(int32(4097))}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				in := tt.in
				_, err := s.federate(tt.caller, &in)
				expect(t, err, tt.code, tt.message)
			})
		}
	})
}

// What each kind of session may ask STS for; STS API Reference, "Permissions" of the
// operations that issue them.
func TestWhatSessionsMayCall(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		role := s.role(boss, "R", trusting(boss))
		own, err := call[*stsapi.GetSessionTokenOutput](s, alice, &stsapi.GetSessionTokenInput{})
		s.must(err)
		federated, err := s.federate(alice, &stsapi.GetFederationTokenInput{Policy: new(allowAll)})
		s.must(err)
		roleSession := s.assumed(alice, &stsapi.AssumeRoleInput{RoleArn: &role})
		calls := map[string]smithy.Shape{
			"GetCallerIdentity":  &stsapi.GetCallerIdentityInput{},
			"AssumeRole":         &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("again")},
			"GetSessionToken":    &stsapi.GetSessionTokenInput{},
			"GetFederationToken": &stsapi.GetFederationTokenInput{Name: new("carol")},
			"GetAccessKeyInfo":   &stsapi.GetAccessKeyInfoInput{AccessKeyId: new("ASIAQNZGKIQY56JQ7WML")},
		}
		tests := []struct {
			name    string
			caller  *credential.Caller
			allowed []string
		}{
			{"long-term key", alice, []string{"GetCallerIdentity", "AssumeRole", "GetSessionToken", "GetFederationToken", "GetAccessKeyInfo"}},
			{"role session", roleSession, []string{"GetCallerIdentity", "AssumeRole", "GetAccessKeyInfo"}},
			{"own session", s.session(own.Credentials), []string{"GetCallerIdentity", "AssumeRole"}},
			{"federated user", s.session(federated.Credentials), []string{"GetCallerIdentity"}},
		}
		for _, tt := range tests {
			for name, in := range calls {
				t.Run(tt.name+" "+name, func(t *testing.T) {
					_, err := call[smithy.Shape](s, tt.caller, in)
					if strings.Contains(strings.Join(tt.allowed, " "), name) {
						expect(t, err, "", "")
					} else {
						expect(t, err, "AccessDenied", "Cannot call "+name+" with session credentials")
					}
				})
			}
		}
	})
}

// Federated users may do what the user behind them may and the session policies allow.
func TestFederatedUsersShareThePowerBehindThem(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		limited := s.user(boss, "limited", allowing("sts:GetFederationToken", "s3:*"))
		tests := []struct {
			name    string
			behind  *credential.Caller
			policy  *string
			action  string
			allowed bool
		}{
			{"user and policy allow", limited, new(allowAll), "s3:ListAllMyBuckets", true},
			{"user silent", limited, new(allowAll), "ec2:DescribeInstances", false},
			{"policy silent", limited, new(allowing("ec2:*")), "s3:ListAllMyBuckets", false},
			{"no policy", limited, nil, "s3:ListAllMyBuckets", false},
			{"root user, policy allows", root(boss), new(allowing("s3:*")), "s3:ListAllMyBuckets", true},
			{"root user, policy silent", root(boss), new(allowing("s3:*")), "ec2:DescribeInstances", false},
			{"root user, no policy", root(boss), nil, "s3:ListAllMyBuckets", false},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				out, err := s.federate(tt.behind, &stsapi.GetFederationTokenInput{Policy: tt.policy})
				s.must(err)
				err = s.gate.Check(t.Context(), s.session(out.Credentials), authz.Environment{Time: s.now}, authz.Check{Action: tt.action, Resource: "*"})
				code := "AccessDenied"
				if tt.allowed {
					code = ""
				}
				expect(t, err, code, "")
			})
		}
	})
}

func TestSessionPoliciesLimit(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		role := s.role(boss, "R", trusting(boss))
		next := s.role(s.dev, "Next", trusting(boss))
		s.update(func(ctx context.Context, tx *store.Tx) error {
			_, err := iam.CreatePolicy(ctx, tx, boss, iam.NewPolicy{Name: "Assume", Document: allowing("sts:AssumeRole")})
			return err
		})
		managed := []stsapi.PolicyDescriptorType{{Arn: new("arn:aws:iam::" + boss + ":policy/Assume")}}
		tests := []struct {
			name    string
			policy  *string
			arns    []stsapi.PolicyDescriptorType
			code    string
			message string
		}{
			{"no policies", nil, nil, "", ""},
			{"inline allows", new(allowing("sts:*")), nil, "", ""},
			{"inline silent", new(allowing("s3:*")), nil, "AccessDenied", "because no session policy allows the sts:AssumeRole action"},
			{"managed allows", nil, managed, "", ""},
			{"managed allows, inline silent", new(allowing("s3:*")), managed, "", ""},
			{"managed allows, inline denies", new(strings.Replace(allowing("sts:*"), "Allow", "Deny", 1)), managed, "AccessDenied", "with an explicit deny in a session policy"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				session := s.assumed(alice, &stsapi.AssumeRoleInput{RoleArn: &role, Policy: tt.policy, PolicyArns: tt.arns})
				_, err := s.assume(session, &stsapi.AssumeRoleInput{RoleArn: &next})
				expect(t, err, tt.code, tt.message)
			})
		}
	})
}
