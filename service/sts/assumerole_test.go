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
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// A role that is deleted and made again under its name, between the gate's decision and the
// operation, is another one: nobody decided about it.
func TestRoleMadeAgainBehindTheGate(t *testing.T) {
	s := newScene(t, storetest.Memory())
	alice := s.user(boss, "alice", allowing("sts:AssumeRole"))
	role := s.role(s.dev, "Deploy", trusting(alice.ARN))
	ctx := credential.NewContext(t.Context(), alice)
	in := &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("session")}
	s.must(s.gate.Authorize(ctx, &authz.Request{Service: "sts", Operation: "AssumeRole", Caller: alice, Input: in}))
	_, err := s.AssumeRole(ctx, in)
	s.must(err)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		if err := iam.DeleteInlinePolicy(ctx, tx, s.dev, iam.KindRole, "Deploy", "all"); err != nil {
			return err
		}
		return iam.DeleteRole(ctx, tx, s.dev, "Deploy")
	})
	s.role(s.dev, "Deploy", trusting(stranger))
	_, err = s.AssumeRole(ctx, in)
	expect(t, err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+role)
}

func TestAssumeRole(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowing("sts:AssumeRole"))
		role := s.role(s.dev, "Deploy", trusting(boss))
		out, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("ci")})
		if err != nil {
			t.Fatal(err)
		}
		arn := "arn:aws:sts::" + s.dev + ":assumed-role/Deploy/ci"
		id := *out.AssumedRoleUser.AssumedRoleId
		if *out.AssumedRoleUser.Arn != arn || !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":ci") {
			t.Errorf("assumed role user %s, %s", *out.AssumedRoleUser.Arn, id)
		}
		if account, ok := credential.AccountOf(*out.Credentials.AccessKeyId); !ok || account != s.dev || !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") {
			t.Errorf("access key %s is not one of %s", *out.Credentials.AccessKeyId, s.dev)
		}
		if want := s.now.Add(time.Hour); !out.Credentials.Expiration.Equal(want) {
			t.Errorf("expiration %v, want %v", out.Credentials.Expiration, want)
		}
		if out.PackedPolicySize != nil || out.SourceIdentity != nil || *out.SessionTokenSize != int32(len(*out.Credentials.SessionToken)) || *out.SessionTokenUtilization != 1 {
			t.Errorf("sizes: %+v", out)
		}
		got := s.session(out.Credentials)
		want := &credential.Caller{
			Type: credential.AssumedRole, AccountID: s.dev, ARN: arn, PrincipalID: id,
			EntityID: strings.TrimSuffix(id, ":ci"), EntityARN: role, EntityName: "Deploy", AccessKeyID: *out.Credentials.AccessKeyId,
			Session: &credential.Session{Name: "ci", IssuedAt: s.now, ExpiresAt: s.now.Add(time.Hour), IssuerType: "AssumeRole"},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("session\n%+v %+v, want\n%+v %+v", got, got.Session, want, want.Session)
		}
		who, err := call[*stsapi.GetCallerIdentityOutput](s, got, &stsapi.GetCallerIdentityInput{})
		if err != nil || *who.Arn != arn || *who.UserId != id || *who.Account != s.dev {
			t.Errorf("GetCallerIdentity = %+v, %v", who, err)
		}
	})
}

// The table is the one of the IAM user guide, "Policy evaluation logic": who must allow.
func TestWhoMayAssumeRole(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		allowed := s.user(boss, "allowed", allowing("sts:AssumeRole"))
		powerless := s.user(boss, "powerless", "")
		outsider := s.user(stranger, "outsider", allowAll)
		denied := s.user(boss, "denied", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}`)
		byAccount := s.role(boss, "ByAccount", trusting(boss))
		byUser := s.role(boss, "ByUser", trusting(powerless.ARN))
		far := s.role(s.dev, "Far", trusting(boss))
		farByUser := s.role(s.dev, "FarByUser", trusting(powerless.ARN))
		service := s.role(boss, "Service", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
		missing := "arn:aws:iam::" + s.dev + ":role/Missing"
		nowhere := "arn:aws:iam::888888888888:role/Nowhere"
		const noTrust = " because no role trust policy allows the sts:AssumeRole action"
		const noIdentity = " because no identity-based policy allows the sts:AssumeRole action"
		tests := []struct {
			name    string
			caller  *credential.Caller
			role    string
			code    string
			message string
		}{
			{"same account, account trusted, identity allows", allowed, byAccount, "", ""},
			{"same account, account trusted, identity silent", powerless, byAccount, "AccessDenied", noIdentity},
			{"same account, user trusted, identity silent", powerless, byUser, "", ""},
			{"same account, another user trusted", allowed, byUser, "AccessDenied", noTrust},
			{"same account, user trusted by account, identity denies", denied, byAccount, "AccessDenied", " with an explicit deny in an identity-based policy"},
			{"other account, both allow", allowed, far, "", ""},
			{"other account, identity silent", powerless, far, "AccessDenied", noIdentity},
			{"other account, user trusted, identity silent", powerless, farByUser, "AccessDenied", noIdentity},
			{"other account, not trusted", outsider, far, "AccessDenied", noTrust},
			{"role for a service", allowed, service, "AccessDenied", noTrust},
			{"role that does not exist", outsider, missing, "AccessDenied", noTrust},
			{"role of an account that does not exist", outsider, nowhere, "AccessDenied", noTrust},
			{"root user", root(boss), byAccount, "AccessDenied", "Roles may not be assumed by root accounts."},
			{"no ARN", allowed, "this is no role at all", "ValidationError", "this is no role at all is invalid"},
			{"ARN of a user", allowed, allowed.ARN, "ValidationError", "Request ARN is invalid"},
			{"ARN without a role", allowed, "arn:aws:iam::111111111111:role/", "ValidationError", "Request ARN is invalid"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := s.assume(tt.caller, &stsapi.AssumeRoleInput{RoleArn: &tt.role})
				expect(t, err, tt.code, tt.message)
			})
		}
	})
}

// Nobody can find out by trying which roles there are.
func TestMissingRoleAnswersAsOneThatTrustsOthers(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		outsider := s.user(stranger, "outsider", allowAll)
		there := s.role(s.dev, "There", trusting(boss))
		missing := strings.Replace(there, "There", "Where", 1)
		_, err := s.assume(outsider, &stsapi.AssumeRoleInput{RoleArn: &there})
		_, err2 := s.assume(outsider, &stsapi.AssumeRoleInput{RoleArn: &missing})
		_, _, message := refusal(err)
		_, _, message2 := refusal(err2)
		if message == "" || strings.Replace(message, "There", "Where", 1) != message2 {
			t.Errorf("there: %q\nmissing: %q", message, message2)
		}
	})
}

func TestConditionsOfTheRequest(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		// Each condition is met by the request below and not by the empty one.
		full := func(role string) *stsapi.AssumeRoleInput {
			return &stsapi.AssumeRoleInput{
				RoleArn: &role, RoleSessionName: new("alice"), ExternalId: new("123ABC"), SourceIdentity: new("Alice"),
				Tags:              []stsapi.Tag{{Key: new("Project"), Value: new("X")}, {Key: new("Cost"), Value: new("")}},
				TransitiveTagKeys: []string{"Project"},
			}
		}
		conditions := []struct{ name, condition string }{
			{"ExternalID", `"StringEquals":{"sts:ExternalId":"123ABC"}`},
			{"SessionName", `"StringEquals":{"sts:RoleSessionName":"${aws:username}"}`},
			{"SourceIdentity", `"StringLike":{"sts:SourceIdentity":"Al*"}`},
			{"RequestTag", `"StringEquals":{"aws:RequestTag/project":"X"}`},
			{"TagKeys", `"ForAnyValue:StringEquals":{"aws:TagKeys":["Cost"]}`},
			{"Transitive", `"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":["Project"]}`},
		}
		for _, c := range conditions {
			t.Run(c.name, func(t *testing.T) {
				role := s.role(s.dev, c.name, trusting(boss, c.condition))
				_, err := s.assume(alice, full(role))
				expect(t, err, "", "")
				_, err = s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("bob")})
				expect(t, err, "AccessDenied", "sts:AssumeRole")
			})
		}
		// These hold for a request with anything in it: the role's and the caller's tags.
		tagged := s.role(s.dev, "Tagged", trusting(boss,
			`"StringEquals":{"aws:ResourceTag/stage":"test","iam:ResourceTag/stage":"test","aws:PrincipalTag/team":"alice"}`))
		_, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &tagged})
		expect(t, err, "", "")
	})
}

func TestTagsAndSourceIdentityNeedPermissions(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowing("sts:AssumeRole"))
		role := s.role(s.dev, "R", trusting(boss))
		_, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role, Tags: []stsapi.Tag{{Key: new("a"), Value: new("b")}}})
		expect(t, err, "AccessDenied", "is not authorized to perform: sts:TagSession on resource: "+role)
		_, err = s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role, SourceIdentity: new("alice")})
		expect(t, err, "AccessDenied", "is not authorized to perform: sts:SetSourceIdentity on resource: "+role)

		bob := s.user(boss, "bob", allowAll)
		only := s.role(s.dev, "Only", strings.Replace(trusting(boss), `,"sts:TagSession","sts:SetSourceIdentity"`, "", 1))
		_, err = s.assume(bob, &stsapi.AssumeRoleInput{RoleArn: &only, Tags: []stsapi.Tag{{Key: new("a"), Value: new("b")}}})
		expect(t, err, "AccessDenied", "sts:TagSession")
		_, err = s.assume(bob, &stsapi.AssumeRoleInput{RoleArn: &only, SourceIdentity: new("alice")})
		expect(t, err, "AccessDenied", "sts:SetSourceIdentity")
		_, err = s.assume(bob, &stsapi.AssumeRoleInput{RoleArn: &only})
		expect(t, err, "", "")
	})
}

func TestChain(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		first := s.role(boss, "First", trusting(boss))
		second := s.role(s.dev, "Second", trusting(boss))
		third := s.role(boss, "Third", trusting(s.dev))
		one := s.assumed(alice, &stsapi.AssumeRoleInput{
			RoleArn: &first, SourceIdentity: new("alice"), DurationSeconds: new(int32(7200)),
			Tags:              []stsapi.Tag{{Key: new("Star"), Value: new("1")}, {Key: new("Moon"), Value: new("1")}},
			TransitiveTagKeys: []string{"star"},
		})
		if one.Session.Chained || one.Session.ExpiresAt.Sub(one.Session.IssuedAt) != 2*time.Hour {
			t.Errorf("first session %+v", one.Session)
		}
		two := s.assumed(one, &stsapi.AssumeRoleInput{RoleArn: &second, Tags: []stsapi.Tag{{Key: new("Sun"), Value: new("2")}}})
		if want := map[string]string{"Star": "1", "Sun": "2"}; !reflect.DeepEqual(two.Session.Tags, want) ||
			!reflect.DeepEqual(two.Session.TransitiveTagKeys, []string{"Star"}) || two.Session.SourceIdentity != "alice" || !two.Session.Chained {
			t.Errorf("second session %+v", two.Session)
		}
		three := s.assumed(two, &stsapi.AssumeRoleInput{RoleArn: &third, SourceIdentity: new("alice")})
		if want := map[string]string{"Star": "1"}; !reflect.DeepEqual(three.Session.Tags, want) || three.Session.SourceIdentity != "alice" {
			t.Errorf("third session %+v", three.Session)
		}
		refused := []struct {
			name, code, message string
			in                  *stsapi.AssumeRoleInput
		}{
			{
				"an inherited tag overridden", "InvalidParameterValue", "conflicts with a transitive tag key from the calling session",
				&stsapi.AssumeRoleInput{RoleArn: &third, Tags: []stsapi.Tag{{Key: new("STAR"), Value: new("3")}}},
			},
			{
				"another source identity", "AccessDenied", "cannot be changed",
				&stsapi.AssumeRoleInput{RoleArn: &third, SourceIdentity: new("bob")},
			},
			{
				"more than an hour", "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
				&stsapi.AssumeRoleInput{RoleArn: &third, DurationSeconds: new(int32(3601))},
			},
		}
		for _, tt := range refused {
			t.Run(tt.name, func(t *testing.T) {
				_, err := s.assume(two, tt.in)
				expect(t, err, tt.code, tt.message)
			})
		}
	})
}

// Inherited tags are tags of the new session: its role must let them in.
func TestInheritedTagsNeedTagSession(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		first := s.role(boss, "First", trusting(boss))
		second := s.role(boss, "Second", strings.Replace(trusting(boss), `,"sts:TagSession"`, "", 1))
		// The session's own role names nobody: both policies must speak, or the identity's does.
		far := s.role(s.dev, "Far", strings.Replace(trusting(boss), `,"sts:TagSession"`, "", 1))
		tagged := s.assumed(alice, &stsapi.AssumeRoleInput{
			RoleArn: &first, Tags: []stsapi.Tag{{Key: new("a"), Value: new("b")}}, TransitiveTagKeys: []string{"a"},
		})
		for _, role := range []string{second, far} {
			_, err := s.assume(tagged, &stsapi.AssumeRoleInput{RoleArn: &role})
			expect(t, err, "AccessDenied", "sts:TagSession")
		}
	})
}

func TestRefusedRequests(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		role := s.role(s.dev, "R", trusting(boss))
		tag := func(key, value string) stsapi.Tag { return stsapi.Tag{Key: &key, Value: &value} }
		many := make([]stsapi.Tag, 51)
		for i := range many {
			many[i] = tag(strings.Repeat("k", i+1), "")
		}
		arns := func(n int, arn string) []stsapi.PolicyDescriptorType {
			list := make([]stsapi.PolicyDescriptorType, n)
			for i := range list {
				list[i].Arn = &arn
			}
			return list
		}
		tests := []struct {
			name, code, message string
			in                  stsapi.AssumeRoleInput
		}{
			{
				"longer than the role allows", "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
				stsapi.AssumeRoleInput{DurationSeconds: new(int32(7201))},
			},
			{
				"longer than any role", "ValidationError", "at 'durationSeconds' failed to satisfy constraint",
				stsapi.AssumeRoleInput{DurationSeconds: new(int32(43201))},
			},
			{
				"shorter than a quarter of an hour", "ValidationError", "at 'durationSeconds' failed to satisfy constraint",
				stsapi.AssumeRoleInput{DurationSeconds: new(int32(899))},
			},
			{
				"a session name with a space", "ValidationError", "at 'roleSessionName' failed to satisfy constraint",
				stsapi.AssumeRoleInput{RoleSessionName: new("a b")},
			},
			{
				"duplicate tags", "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
				stsapi.AssumeRoleInput{Tags: []stsapi.Tag{tag("Team", "a"), tag("team", "b")}},
			},
			{
				"a reserved tag", "InvalidParameterValue", "aws:",
				stsapi.AssumeRoleInput{Tags: []stsapi.Tag{tag("AWS:team", "a")}},
			},
			{
				"51 tags", "ValidationError", "at 'tags' failed to satisfy constraint",
				stsapi.AssumeRoleInput{Tags: many},
			},
			{
				"a transitive key without its tag", "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.",
				stsapi.AssumeRoleInput{Tags: []stsapi.Tag{tag("a", "b")}, TransitiveTagKeys: []string{"c"}},
			},
			{
				"a policy that is no JSON", "MalformedPolicyDocument", "Syntax errors in policy.",
				stsapi.AssumeRoleInput{Policy: new("{")},
			},
			{
				"a policy with a principal", "MalformedPolicyDocument", "Policy document should not specify a principal.",
				stsapi.AssumeRoleInput{Policy: new(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`)},
			},
			{
				"a policy that is too long", "ValidationError", "at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
				stsapi.AssumeRoleInput{Policy: new(allowAll + strings.Repeat(" ", 2048))},
			},
			{
				"11 policies", "ValidationError", "at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10",
				stsapi.AssumeRoleInput{PolicyArns: arns(11, "arn:aws:iam::aws:policy/ReadOnlyAccess")},
			},
			{
				"a policy of another account", "ValidationError", "does not exist",
				stsapi.AssumeRoleInput{PolicyArns: arns(1, "arn:aws:iam::"+boss+":policy/Mine")},
			},
			{
				"a policy ARN of a role", "ValidationError", "is not valid",
				stsapi.AssumeRoleInput{PolicyArns: arns(1, role)},
			},
			{
				"half of a one-time code", "AccessDenied", "must provide both MFA serial number and one time pass code.",
				stsapi.AssumeRoleInput{TokenCode: new("123456")},
			},
			{
				"a device that does not exist", "AccessDenied", "unable to validate MFA code.  Please verify your MFA serial number is valid",
				stsapi.AssumeRoleInput{SerialNumber: new("arn:aws:iam::111111111111:mfa/none"), TokenCode: new("123456")},
			},
			{
				"contexts", "NotImplemented", "AssumeRole with ProvidedContexts",
				stsapi.AssumeRoleInput{ProvidedContexts: []stsapi.ProvidedContext{{}}},
			},
		}
		s.update(func(ctx context.Context, tx *store.Tx) error {
			_, err := iam.CreatePolicy(ctx, tx, boss, iam.NewPolicy{Name: "Mine", Document: allowAll})
			return err
		})
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				in := tt.in
				in.RoleArn = &role
				_, err := s.assume(alice, &in)
				expect(t, err, tt.code, tt.message)
			})
		}
	})
}

func TestClosedAndForbiddenAccounts(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		dan := s.user(s.dev, "dan", allowAll)
		role := s.role(s.dev, "R", trusting(boss))
		home := s.role(s.dev, "Home", trusting(s.dev))
		_, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "", "")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			p, err := org.CreatePolicy(ctx, tx, s.organization, org.Policy{
				Name: "no sessions", Type: org.ServiceControlPolicy,
				Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}`,
			}, nil)
			if err != nil {
				return err
			}
			return org.AttachPolicy(ctx, tx, s.organization, p.ID, s.dev)
		})
		// A service control policy binds the principals of the account, not those who come in.
		_, err = s.assume(dan, &stsapi.AssumeRoleInput{RoleArn: &home})
		expect(t, err, "AccessDenied", "with an explicit deny in a service control policy")
		_, err = s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "", "")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			return org.CloseAccount(ctx, tx, s.organization, org.Settings{}, s.dev)
		})
		_, err = s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role})
		expect(t, err, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+role)
	})
}

// A role is kept in memory; what changes must be seen at once.
func TestChangesOfARoleAreSeen(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		role := s.role(s.dev, "R", trusting(alice.ARN))
		try := func(code, message string) {
			t.Helper()
			_, err := s.assume(alice, &stsapi.AssumeRoleInput{RoleArn: &role, DurationSeconds: new(int32(7200))})
			expect(t, err, code, message)
		}
		try("", "")
		try("", "")
		s.update(func(ctx context.Context, tx *store.Tx) error { return iam.UpdateRole(ctx, tx, s.dev, "R", nil, 3600) })
		try("ValidationError", "MaxSessionDuration")
		s.update(func(ctx context.Context, tx *store.Tx) error { return iam.UpdateRole(ctx, tx, s.dev, "R", nil, 7200) })
		try("", "")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			return iam.UpdateAssumeRolePolicy(ctx, tx, s.dev, "R", trusting(stranger))
		})
		try("AccessDenied", "no role trust policy")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			return iam.UpdateAssumeRolePolicy(ctx, tx, s.dev, "R", trusting(alice.ARN))
		})
		try("", "")
		// The user is deleted and another takes the name: the role does not trust that one.
		s.update(func(ctx context.Context, tx *store.Tx) error {
			if err := iam.DeleteInlinePolicy(ctx, tx, boss, iam.KindUser, "alice", "inline"); err != nil {
				return err
			}
			return iam.DeleteUser(ctx, tx, boss, "alice")
		})
		alice = s.user(boss, "alice", allowAll)
		try("AccessDenied", "no role trust policy")
		s.update(func(ctx context.Context, tx *store.Tx) error {
			if err := iam.DeleteInlinePolicy(ctx, tx, s.dev, iam.KindRole, "R", "all"); err != nil {
				return err
			}
			return iam.DeleteRole(ctx, tx, s.dev, "R")
		})
		try("AccessDenied", "no role trust policy")
	})
}

func TestEventReachesBothAccounts(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		alice := s.user(boss, "alice", allowAll)
		far, near := s.role(s.dev, "Far", trusting(boss)), s.role(boss, "Near", trusting(boss))
		for _, tt := range []struct {
			role string
			want []string
		}{{far, []string{boss, s.dev}}, {near, []string{boss}}} {
			events := s.recorded(alice, func(ctx context.Context) {
				_, err := callIn[*stsapi.AssumeRoleOutput](s, ctx, &stsapi.AssumeRoleInput{RoleArn: &tt.role, RoleSessionName: new("session")})
				expect(t, err, "", "")
			})
			var got []string
			for _, e := range events {
				got = append(got, e.AccountID)
				if !contains(e.Record, `"type":"AWS::IAM::Role"`) || !contains(e.Record, tt.role) {
					t.Errorf("the event does not name the role: %s", e.Record)
				}
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: accounts with the event: %v, want %v", tt.role, got, tt.want)
			}
		}
	})
}
