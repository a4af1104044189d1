package e2e

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// lasting asks for a session of so many seconds.
func lasting(seconds int32) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) { in.DurationSeconds = &seconds }
}

// by sets the source identity; tagged one session tag.
func by(source string) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) { in.SourceIdentity = &source }
}

func tagged(key, value string, transitive bool) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) {
		in.Tags = append(in.Tags, ststypes.Tag{Key: &key, Value: &value})
		if transitive {
			in.TransitiveTagKeys = append(in.TransitiveTagKeys, key)
		}
	}
}

// trustFor is a trust policy for one principal and several actions, with a condition unless
// that is empty.
func trustFor(principal, condition string, actions ...string) string {
	text := `{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":` + jsonText(actions) + `}`
	if condition != "" {
		text = when(text, condition)
	}
	return document(text)
}

// Whom a trust policy can name, and what each of them needs of their own account: trust in
// an account leaves it to that account who may, also when it names one of its principals.
func TestWhomARoleTrusts(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		account := w.account(t, w.rootID, "Target", "")
		other := w.account(t, w.rootID, "Other", "")
		inside, elsewhere := w.inside(t, account), w.inside(t, other)
		role := inside.newRole(t, "Shared", trusting(account), "")
		trusted := func(principals ...string) { inside.trust(t, "Shared", trusting(principals...)) }

		permission := allow("sts:AssumeRole", role)
		alice, bob := elsewhere.newUser(t, "alice", permission), elsewhere.newUser(t, "bob", permission)
		poor := elsewhere.newUser(t, "poor")
		hop := elsewhere.newRole(t, "Hop", trusting(other), permission)
		hopper := elsewhere.newUser(t, "hopper", allow("sts:AssumeRole", hop))
		session := hopper.mustAssume(t, hop)
		everyone := []as{alice, bob, session}
		only := func(allowed ...as) {
			t.Helper()
			for _, who := range everyone {
				ok := false
				for _, a := range allowed {
					ok = ok || a.arn(t) == who.arn(t)
				}
				if ok {
					who.mustAssume(t, role)
				} else {
					who.mayNotAssume(t, role, noTrust)
				}
			}
		}
		only() // the role trusts its own account only
		trusted(other)
		only(alice, bob, session)
		poor.mayNotAssume(t, role, noPermission)
		hopper.mayNotAssume(t, role, noPermission)
		trusted("arn:aws:iam::" + other + ":root")
		only(alice, bob, session)
		trusted(userARN(other, "alice"))
		only(alice)
		trusted(userARN(other, "alice"), userARN(other, "poor"))
		poor.mayNotAssume(t, role, noPermission)
		trusted(hop)
		only(session)
		trusted(sessionARN(other, "Hop"))
		only(session)
		trusted("arn:aws:sts::" + other + ":assumed-role/Hop/another")
		only()
		trusted("*")
		only(alice, bob, session)
		inside.trust(t, "Shared", document(trustStatement("*"), `{"Effect":"Deny","Principal":{"AWS":"`+userARN(other, "bob")+`"},"Action":"sts:AssumeRole"}`))
		alice.mustAssume(t, role)
		bob.mayNotAssume(t, role, " with an explicit deny in the role trust policy")

		// Within one account the trust policy alone is enough for the user that it names, and
		// the account's own permission for the account.
		own := inside.newUser(t, "own")
		trusted(userARN(account, "own"))
		own.mustAssume(t, role)
		trusted(account)
		own.mayNotAssume(t, role, noPermission)

		recreatedUserIsAnother(t, elsewhere, inside, role)
		_, err := inside.iam().UpdateAssumeRolePolicy(context.Background(), &iam.UpdateAssumeRolePolicyInput{
			RoleName: aws.String("Shared"), PolicyDocument: aws.String(trusting(userARN(other, "nobody"))),
		})
		fails(t, err, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"`+userARN(other, "nobody")+`"`)
	})
}

// recreatedUserIsAnother: a trust policy holds on to the user, not to the name.
func recreatedUserIsAnother(t *testing.T, elsewhere, inside as, role string) {
	t.Helper()
	ctx, name := context.Background(), "carol"
	carol := elsewhere.newUser(t, name, allow("sts:AssumeRole", "*"))
	inside.trust(t, "Shared", trusting(userARN(elsewhere.accountID(t), name)))
	carol.mustAssume(t, role)
	keys, err := elsewhere.iam().ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &name})
	must(t, err)
	_, err = elsewhere.iam().DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: keys.AccessKeyMetadata[0].AccessKeyId})
	must(t, err)
	fails(t, carol.listUsers(), "InvalidClientTokenId", "The security token included in the request is invalid.")
	_, err = elsewhere.iam().DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &name, PolicyName: aws.String("policy-0")})
	must(t, err)
	_, err = elsewhere.iam().DeleteUser(ctx, &iam.DeleteUserInput{UserName: &name})
	must(t, err)
	again := elsewhere.newUser(t, name, allow("sts:AssumeRole", "*"))
	again.mayNotAssume(t, role, noTrust)
	inside.trust(t, "Shared", trusting(userARN(elsewhere.accountID(t), name)))
	again.mustAssume(t, role)
}

// From role to role a session lasts an hour at most, whatever the roles allow, and what was
// said of the caller at the first role stays.
func TestTwoHops(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		hub, spoke := w.account(t, w.rootID, "Hub", ""), w.account(t, w.rootID, "Spoke", "")
		atHub, atSpoke := w.inside(t, hub), w.inside(t, spoke)
		all := []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
		everything := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":` + jsonText(append(all, "iam:ListUsers")) + `,"Resource":"*"}}`
		first := atHub.newRole(t, "First", trustFor(managementID, "", all...), everything)
		second := atSpoke.newRole(t, "Second", trustFor(first, "", all...), everything)
		for _, role := range []struct {
			who  as
			name string
		}{{atHub, "First"}, {atSpoke, "Second"}} {
			_, err := role.who.iam().UpdateRole(context.Background(), &iam.UpdateRoleInput{RoleName: &role.name, MaxSessionDuration: aws.Int32(4 * 3600)})
			must(t, err)
		}
		user := w.admin.newUser(t, "user", everything)

		t.Run("an hour at most", func(t *testing.T) {
			one := user.mustAssume(t, first, lasting(4*3600))
			_, err := user.assume(first, lasting(4*3600+1))
			fails(t, err, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
			one.mustAssume(t, second, lasting(3600))
			_, err = one.assume(second, lasting(3601))
			fails(t, err, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
			// Nobody gets to the second role without the first.
			user.mayNotAssume(t, second, noTrust)
			may(t, "the second role", one.mustAssume(t, second).listUsers())
		})
		t.Run("source identity", func(t *testing.T) { sourceIdentityStays(t, user, atHub, atSpoke, first, second) })
		t.Run("session tags", func(t *testing.T) { tagsGoOn(t, user, atSpoke, first, second) })
	})
}

func sourceIdentityStays(t *testing.T, user, atHub, atSpoke as, first, second string) {
	one := user.mustAssume(t, first, by("alice"))
	_, err := one.assume(second, by("mallory"))
	fails(t, err, "AccessDenied", "The source identity of the calling session cannot be changed.")
	two := one.mustAssume(t, second)
	must(t, two.listUsers())
	// The event of the second account says who it was at the start.
	_, record := atSpoke.trail(t, "ListUsers")
	identity, _ := record["userIdentity"].(map[string]any)
	session, _ := identity["sessionContext"].(map[string]any)
	if session["sourceIdentity"] != "alice" {
		t.Errorf("sessionContext %v", session)
	}

	// A trust policy can require it, and whoever cannot set it does not get in.
	atHub.trust(t, "First", trustFor(managementID, `{"StringEquals":{"sts:SourceIdentity":["alice","bob"]}}`, "sts:AssumeRole", "sts:SetSourceIdentity"))
	user.mayNotAssume(t, first, noTrust)
	user.mayNotAssume(t, first, noTrust, by("mallory"))
	user.mustAssume(t, first, by("bob"))
	atHub.trust(t, "First", trustFor(managementID, "", "sts:AssumeRole"))
	_, err = user.assume(first, by("alice"))
	denied(t, err, user.arn(t), "sts:SetSourceIdentity", first, noAllow(trustPolicy, "sts:SetSourceIdentity"))
	atHub.trust(t, "First", trustFor(managementID, "", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))
}

func tagsGoOn(t *testing.T, user, atSpoke as, first, second string) {
	ctx := context.Background()
	// The second role may list the users of its own team only.
	atSpoke.newRole(t, "Team", trustFor(first, `{"StringEquals":{"aws:PrincipalTag/team":"blue"}}`, "sts:AssumeRole", "sts:TagSession"),
		document(when(statement("Allow", "iam:ListUsers", "*"), `{"StringEquals":{"aws:PrincipalTag/team":"blue","aws:PrincipalTag/stage":"live"}}`)))
	team := roleARN(atSpoke.accountID(t), "Team")

	blue := user.mustAssume(t, first, tagged("team", "blue", true), tagged("stage", "test", false))
	red := user.mustAssume(t, first, tagged("team", "red", true))
	plain := user.mustAssume(t, first)
	for _, who := range []as{red, plain} {
		who.mayNotAssume(t, team, noTrust)
	}
	// A transitive tag goes on and cannot be changed; the other one is gone.
	_, err := blue.assume(team, tagged("TEAM", "red", false))
	fails(t, err, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	inTeam := blue.mustAssume(t, team)
	denied(t, inTeam.listUsers(), sessionARN(atSpoke.accountID(t), "Team"), "iam:ListUsers", usersARN(atSpoke.accountID(t)), noAllow(identityPolicy, "iam:ListUsers"))
	may(t, "with the stage", blue.mustAssume(t, team, tagged("stage", "live", false)).listUsers())

	// Tags of the role itself count where the session has none; the session's win.
	name := "Team"
	_, err = atSpoke.iam().TagRole(ctx, &iam.TagRoleInput{RoleName: &name, Tags: []iamtypes.Tag{{Key: aws.String("stage"), Value: aws.String("live")}}})
	must(t, err)
	may(t, "with the role's own tag", blue.mustAssume(t, team).listUsers())
	if err := blue.mustAssume(t, team, tagged("stage", "test", false)).listUsers(); err == nil {
		t.Error("the role's tag won over the session's")
	}

	// Whoever may not tag a session does not get in with tags, whatever else is allowed.
	atSpoke.trust(t, "Second", trustFor(first, "", "sts:AssumeRole"))
	_, err = plain.assume(second, tagged("team", "blue", false))
	denied(t, err, plain.arn(t), "sts:TagSession", second, noAllow(trustPolicy, "sts:TagSession"))
	plain.mustAssume(t, second)
	_, err = blue.assume(second)
	denied(t, err, blue.arn(t), "sts:TagSession", second, noAllow(trustPolicy, "sts:TagSession"))
}
