package iam_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

func TestTrustPolicyNamesOnlyWhoIsThere(t *testing.T) {
	db := openStore(t)
	user(t, db, other, "alice", "/team/")
	role(t, db, home, "deploy", trusting(`{"AWS": "`+other+`"}`))
	for _, c := range []struct {
		principal string
		// refused is the principal in the error message, empty if the policy is accepted.
		refused string
	}{
		{`{"AWS": "*"}`, ""},
		{`{"AWS": "444455556666"}`, ""},
		{`{"AWS": "arn:aws:iam::444455556666:root"}`, ""},
		{`{"AWS": "arn:aws:iam::444455556666:user/team/alice"}`, ""},
		{`{"AWS": ["arn:aws:iam::111122223333:role/deploy", "arn:aws:iam::444455556666:user/team/alice"]}`, ""},
		{`{"AWS": "arn:aws:sts::111122223333:assumed-role/deploy/session"}`, ""},
		{`{"AWS": "arn:aws:sts::111122223333:federated-user/bob"}`, ""},
		{`{"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}`, ""},
		{`{"Federated": "arn:aws:iam::111122223333:saml-provider/corp"}`, ""},

		{`{"AWS": "arn:aws:iam::999999999999:root"}`, `"AWS":"arn:aws:iam::999999999999:root"`},
		{`{"AWS": "999999999999"}`, `"AWS":"999999999999"`},
		{`{"AWS": "arn:aws:iam::444455556666:user/alice"}`, `"AWS":"arn:aws:iam::444455556666:user/alice"`},
		{`{"AWS": "arn:aws:iam::444455556666:user/team/Alice"}`, `"AWS":"arn:aws:iam::444455556666:user/team/Alice"`},
		{`{"AWS": ["444455556666", "arn:aws:iam::111122223333:role/nobody"]}`, `"AWS":"arn:aws:iam::111122223333:role/nobody"`},
		{`{"AWS": "arn:aws:sts::111122223333:assumed-role/nobody/session"}`, `"AWS":"arn:aws:sts::111122223333:assumed-role/nobody/session"`},
		{`{"AWS": "AIDAIIIIIIIIIIIIIIIII"}`, `"AWS":"AIDAIIIIIIIIIIIIIIIII"`},
		{`{"Service": "ec2.example.com"}`, `"SERVICE":"ec2.example.com"`},
	} {
		t.Run(c.principal, func(t *testing.T) {
			err := try(t, db, func(ctx context.Context, tx *store.Tx) error {
				return iam.UpdateAssumeRolePolicy(ctx, tx, home, "deploy", trusting(c.principal))
			})
			if c.refused == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, iam.MalformedPolicyDocument, "Invalid principal in policy: "+c.refused)
		})
	}
}

func TestTrustPolicyFollowsThePrincipal(t *testing.T) {
	db := openStore(t)
	alice := user(t, db, other, "alice", "/")
	bob := user(t, db, other, "bob", "/")
	document := trusting(`{"AWS": ["arn:aws:iam::444455556666:user/alice", "` + other + `",` + "\n" +
		`"arn:aws:iam::444455556666:user/bob"], "Service": "ec2.amazonaws.com"}`)
	deploy := role(t, db, home, "deploy", document)
	shown := func(want string) {
		t.Helper()
		e, ok := entity(t, db, home, deploy.ID)
		if !ok || e.TrustPolicy != want {
			t.Errorf("trust policy:\n got %s\nwant %s", e.TrustPolicy, want)
		}
	}
	shown(strings.Replace(document, `"`+other+`"`, `"arn:aws:iam::`+other+`:root"`, 1))
	form := func(a, b string) string {
		return trusting(fmt.Sprintf(`{"AWS": [%q, %q,`+"\n"+`%q], "Service": "ec2.amazonaws.com"}`, a, "arn:aws:iam::"+other+":root", b))
	}

	before := db.Revision("iam/" + home)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.UpdateUser(ctx, tx, other, "alice", "alicia", "/x/")
	})
	shown(form("arn:aws:iam::444455556666:user/x/alicia", bob.ARN()))
	if db.Revision("iam/"+home) == before {
		t.Error("the trusting account's caches were not told of the new name")
	}

	before = db.Revision("iam/" + home)
	update(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, other, "alicia") })
	shown(form(alice.ID, bob.ARN()))
	if db.Revision("iam/"+home) == before {
		t.Error("the trusting account's caches were not told of the deletion")
	}

	again := user(t, db, other, "alice", "/")
	if again.ID == alice.ID {
		t.Fatal("a unique id was used again")
	}
	shown(form(alice.ID, bob.ARN()))

	err := try(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.UpdateAssumeRolePolicy(ctx, tx, home, "deploy", form(alice.ID, bob.ARN()))
	})
	refused(t, err, iam.MalformedPolicyDocument, `Invalid principal in policy: "AWS":"`+alice.ID+`"`)

	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.UpdateAssumeRolePolicy(ctx, tx, home, "deploy", trusting(`{"AWS": "`+bob.ID+`"}`))
	})
	shown(trusting(`{"AWS": "` + bob.ARN() + `"}`))
}

func TestTrustPolicyWithEscapes(t *testing.T) {
	db := openStore(t)
	alice := user(t, db, home, "alice", "/")
	r := role(t, db, home, "r", trusting(`{"AWS": ["arn:aws:iam::111122223333:user\/al\u0069ce", "*"]}`))
	update(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, home, "alice") })
	e, _ := entity(t, db, home, r.ID)
	if want := trusting(`{"AWS": ["` + alice.ID + `", "*"]}`); e.TrustPolicy != want {
		t.Errorf("got %s, want %s", e.TrustPolicy, want)
	}
}

func TestTrustPolicyHasItsForm(t *testing.T) {
	db := openStore(t)
	for name, document := range map[string]string{
		"not JSON":     `{"Version"`,
		"no principal": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`,
		"a resource":   `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}`,
		"other action": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			err := try(t, db, func(ctx context.Context, tx *store.Tx) error {
				_, err := iam.CreateRole(ctx, tx, home, iam.NewRole{Name: "r", TrustPolicy: document})
				return err
			})
			refused(t, err, iam.MalformedPolicyDocument, "")
		})
	}
}

func TestAccountAccessRole(t *testing.T) {
	db := openStore(t)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.CreateAccountAccessRole(ctx, tx, other, "OrganizationAccountAccessRole", home)
	})
	var r iam.Identity
	update(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		r, _, err = iam.RoleByName(ctx, tx, other, "OrganizationAccountAccessRole")
		return err
	})
	e, ok := entity(t, db, other, r.ID)
	if !ok || len(e.Identity) != 1 || e.Identity[0].ARN != adminARN || e.Identity[0].Document == "" {
		t.Errorf("the role carries %+v", e.Identity)
	}
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}`
	if e.TrustPolicy != want {
		t.Errorf("trust policy: %s", e.TrustPolicy)
	}
}
