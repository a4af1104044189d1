package iam_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

func TestEntityCarriesEverything(t *testing.T) {
	db := openStore(t)
	alice := user(t, db, home, "alice", "/team/")
	own := `{"Version":"2012-10-17","Statement":{"Sid":"Own","Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	later := `{"Version":"2012-10-17","Statement":{"Sid":"Later","Effect":"Deny","Action":"s3:*","Resource":"*"}}`
	const ownARN = "arn:aws:iam::111122223333:policy/own"
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateGroup(ctx, tx, home, "Devs", "/")
		_, err2 := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: "own", Document: own})
		_, err3 := iam.CreatePolicyVersion(ctx, tx, home, ownARN, later, false)
		return errors.Join(err, err2, err3,
			iam.AddUserToGroup(ctx, tx, home, "devs", "ALICE"),
			iam.AttachPolicy(ctx, tx, home, iam.KindUser, "alice", ownARN),
			iam.AttachPolicy(ctx, tx, home, iam.KindGroup, "Devs", adminARN),
			iam.PutInlinePolicy(ctx, tx, home, iam.KindGroup, "Devs", "inline", allowAll),
			iam.PutPermissionsBoundary(ctx, tx, home, iam.KindUser, "alice", ownARN))
	})
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		owner, err := iam.TaggedIdentity(ctx, tx, home, iam.KindUser, "alice")
		return errors.Join(err, iam.PutTags(ctx, tx, owner, []iam.Tag{{Key: "Team", Value: "a"}}))
	})

	e, ok := entity(t, db, home, alice.ID)
	if !ok || e.ARN != "arn:aws:iam::111122223333:user/team/alice" || e.Name != "alice" || e.Kind != iam.KindUser {
		t.Fatalf("got %+v, %v", e, ok)
	}
	admin := e.Identity[1].Document
	want := []iam.PolicyText{
		{ARN: ownARN, Name: "own", Owner: "user/alice", Document: own},
		{ARN: adminARN, Name: "AdministratorAccess", Owner: "group/Devs", Document: admin},
		{Name: "inline", Owner: "group/Devs", Document: allowAll},
	}
	if !reflect.DeepEqual(e.Identity, want) || admin == "" {
		t.Errorf("identity policies:\n got %+v\nwant %+v", e.Identity, want)
	}
	if e.Boundary == nil || *e.Boundary != (iam.PolicyText{ARN: ownARN, Name: "own", Owner: "user/alice", Document: own}) {
		t.Errorf("boundary: %+v", e.Boundary)
	}
	if !reflect.DeepEqual(e.Tags, map[string]string{"Team": "a"}) {
		t.Errorf("tags: %v", e.Tags)
	}

	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		return iam.SetDefaultPolicyVersion(ctx, tx, home, ownARN, "v2")
	})
	if e, _ = entity(t, db, home, alice.ID); e.Identity[0].Document != later || e.Boundary.Document != later {
		t.Errorf("the default version is not in force: %+v", e)
	}
	if _, ok = entity(t, db, other, alice.ID); ok {
		t.Error("another account has the user")
	}
}

func TestEntityIsNoGroupAndMustExist(t *testing.T) {
	db := openStore(t)
	var g iam.Identity
	update(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		g, err = iam.CreateGroup(ctx, tx, home, "devs", "/")
		return err
	})
	for _, id := range []string{g.ID, "AIDAIIIIIIIIIIIIIIIII", ""} {
		if e, ok := entity(t, db, home, id); ok {
			t.Errorf("entity %q: %+v", id, e)
		}
	}
}

func TestManagedPolicyStaysInItsAccount(t *testing.T) {
	db := openStore(t)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreatePolicy(ctx, tx, other, iam.NewPolicy{Name: "p", Document: allowAll})
		return err
	})
	for _, c := range []struct {
		account, arn string
		want         bool
	}{
		{other, "arn:aws:iam::444455556666:policy/p", true},
		{home, "arn:aws:iam::444455556666:policy/p", false},
		{home, adminARN, true},
		{home, "arn:aws:iam::aws:policy/NoSuchPolicy", false},
		{home, "nonsense", false},
	} {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			document, ok, err := iam.ManagedPolicy(ctx, tx, c.account, c.arn)
			if ok != c.want || (document != "") != c.want {
				t.Errorf("%s in %s: %v %q", c.arn, c.account, ok, document)
			}
			return err
		})
	}
}

// Everything that changes what somebody carries must make caches look again.
func TestChangesReachTheCaches(t *testing.T) {
	db := openStore(t)
	user(t, db, home, "alice", "/")
	role(t, db, home, "deploy", trusting(`{"AWS":"*"}`))
	const ownARN = "arn:aws:iam::111122223333:policy/own"
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := iam.CreateGroup(ctx, tx, home, "devs", "/")
		_, err2 := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: "own", Document: allowAll})
		return errors.Join(err, err2)
	})
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, tx *store.Tx) error
	}{
		{"join a group", func(ctx context.Context, tx *store.Tx) error {
			return iam.AddUserToGroup(ctx, tx, home, "devs", "alice")
		}},
		{"attach to a group", func(ctx context.Context, tx *store.Tx) error {
			return iam.AttachPolicy(ctx, tx, home, iam.KindGroup, "devs", ownARN)
		}},
		{"set the default version", func(ctx context.Context, tx *store.Tx) error {
			_, err := iam.CreatePolicyVersion(ctx, tx, home, ownARN, allowAll, true)
			return err
		}},
		{"detach from a group", func(ctx context.Context, tx *store.Tx) error {
			return iam.DetachPolicy(ctx, tx, home, iam.KindGroup, "devs", ownARN)
		}},
		{"leave a group", func(ctx context.Context, tx *store.Tx) error {
			return iam.RemoveUserFromGroup(ctx, tx, home, "devs", "alice")
		}},
		{"put an inline policy", func(ctx context.Context, tx *store.Tx) error {
			return iam.PutInlinePolicy(ctx, tx, home, iam.KindUser, "alice", "i", allowAll)
		}},
		{"delete an inline policy", func(ctx context.Context, tx *store.Tx) error {
			return iam.DeleteInlinePolicy(ctx, tx, home, iam.KindUser, "alice", "i")
		}},
		{"put a boundary", func(ctx context.Context, tx *store.Tx) error {
			return iam.PutPermissionsBoundary(ctx, tx, home, iam.KindRole, "deploy", ownARN)
		}},
		{"delete a boundary", func(ctx context.Context, tx *store.Tx) error {
			return iam.DeletePermissionsBoundary(ctx, tx, home, iam.KindRole, "deploy")
		}},
		{"tag", func(ctx context.Context, tx *store.Tx) error {
			o, err := iam.TaggedIdentity(ctx, tx, home, iam.KindUser, "alice")
			return errors.Join(err, iam.PutTags(ctx, tx, o, []iam.Tag{{Key: "a", Value: "b"}}))
		}},
		{"untag", func(ctx context.Context, tx *store.Tx) error {
			o, err := iam.TaggedIdentity(ctx, tx, home, iam.KindUser, "alice")
			return errors.Join(err, iam.DeleteTags(ctx, tx, o, []string{"A"}))
		}},
		{"change a trust policy", func(ctx context.Context, tx *store.Tx) error {
			return iam.UpdateAssumeRolePolicy(ctx, tx, home, "deploy", trusting(`{"AWS":"111122223333"}`))
		}},
		{"change the longest session", func(ctx context.Context, tx *store.Tx) error {
			return iam.UpdateRole(ctx, tx, home, "deploy", nil, 7200)
		}},
		{"rename", func(ctx context.Context, tx *store.Tx) error {
			return iam.UpdateUser(ctx, tx, home, "alice", "bob", "")
		}},
		{"delete", func(ctx context.Context, tx *store.Tx) error { return iam.DeleteUser(ctx, tx, home, "bob") }},
	} {
		before, elsewhere := db.Revision("iam/"+home), db.Revision("iam/"+other)
		update(t, db, c.do)
		if db.Revision("iam/"+home) == before {
			t.Errorf("%s: caches were not told", c.name)
		}
		if db.Revision("iam/"+other) != elsewhere {
			t.Errorf("%s: the caches of another account were told", c.name)
		}
	}
}
