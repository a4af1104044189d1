package iam_test

import (
	"bytes"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func (f *fixture) key(t *testing.T, id string) (k iam.AccessKey, ok bool) {
	t.Helper()
	err := f.DB.View(t.Context(), func(tx *store.Tx) (err error) {
		k, ok, err = iam.AccessKeyByID(t.Context(), tx, id)
		return err
	})
	noError(t, err)
	return k, ok
}

func TestAccessKeyOfTheCaller(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	ctx := as(t, home, "alice")
	created, err := f.CreateAccessKey(ctx, &iamapi.CreateAccessKeyInput{})
	noError(t, err)
	k := created.AccessKey
	if account, ok := credential.AccountOf(*k.AccessKeyId); !ok || account != home || *k.UserName != "alice" || *k.Status != "Active" {
		t.Errorf("key %+v of account %s", k, account)
	}

	kept, ok := f.key(t, *k.AccessKeyId)
	if !ok || kept.OwnerARN() != "arn:aws:iam::111122223333:user/alice" {
		t.Fatalf("kept %+v", kept)
	}
	if bytes.Contains(kept.SealedSecret, []byte(*k.SecretAccessKey)) {
		t.Error("the secret is kept in clear")
	}
	secret, err := f.Vault.Open(kept.ID, kept.SealedSecret)
	noError(t, err)
	equal(t, "secret", string(secret), *k.SecretAccessKey)

	before := f.DB.Revision("key/" + kept.ID)
	noError(t, only(f.UpdateAccessKey(ctx, &iamapi.UpdateAccessKeyInput{AccessKeyId: k.AccessKeyId, Status: ptr("Inactive")})))
	if f.DB.Revision("key/"+kept.ID) == before {
		t.Error("who verifies signatures was not told")
	}
	list, err := f.ListAccessKeys(ctx, &iamapi.ListAccessKeysInput{})
	noError(t, err)
	equal(t, "listed", list, &iamapi.ListAccessKeysOutput{IsTruncated: ptr(false), AccessKeyMetadata: []iamapi.AccessKeyMetadata{
		{UserName: ptr("alice"), AccessKeyId: k.AccessKeyId, Status: ptr("Inactive"), CreateDate: k.CreateDate},
	}})
	before = f.DB.Revision("key/" + kept.ID)
	noError(t, only(f.UpdateUser(f.ctx, &iamapi.UpdateUserInput{UserName: ptr("alice"), NewUserName: ptr("alicia")})))
	if f.DB.Revision("key/"+kept.ID) == before {
		t.Error("who verifies signatures was not told of the owner's new name")
	}
	before = f.DB.Revision("key/" + kept.ID)
	noError(t, only(f.DeleteAccessKey(as(t, home, "alicia"), &iamapi.DeleteAccessKeyInput{AccessKeyId: k.AccessKeyId})))
	if _, ok := f.key(t, kept.ID); ok || f.DB.Revision("key/"+kept.ID) == before {
		t.Error("the key is there still, or nobody was told")
	}
}

func TestAccessKeyOfTheRootUser(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	created, err := f.CreateAccessKey(f.root, &iamapi.CreateAccessKeyInput{})
	noError(t, err)
	id := created.AccessKey.AccessKeyId
	kept, ok := f.key(t, *id)
	if !ok || kept.UserID != "" || kept.OwnerARN() != "arn:aws:iam::111122223333:root" || created.AccessKey.UserName != nil {
		t.Errorf("kept %+v", kept)
	}
	list, err := f.ListAccessKeys(f.root, &iamapi.ListAccessKeysInput{})
	noError(t, err)
	if len(list.AccessKeyMetadata) != 1 || *list.AccessKeyMetadata[0].AccessKeyId != *id {
		t.Errorf("listed %+v", list.AccessKeyMetadata)
	}
	noError(t, only(f.DeleteAccessKey(f.root, &iamapi.DeleteAccessKeyInput{AccessKeyId: id})))
}

func TestAccessKeyLastUsed(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	created, err := f.CreateAccessKey(f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("alice")})
	noError(t, err)
	in := &iamapi.GetAccessKeyLastUsedInput{AccessKeyId: created.AccessKey.AccessKeyId}
	got, err := f.GetAccessKeyLastUsed(f.ctx, in)
	noError(t, err)
	equal(t, "never used", got, &iamapi.GetAccessKeyLastUsedOutput{
		UserName: ptr("alice"), AccessKeyLastUsed: &iamapi.AccessKeyLastUsed{ServiceName: ptr("N/A"), Region: ptr("N/A")},
	})
	at := time.Date(2030, 1, 2, 3, 4, 5, 6000, time.UTC)
	f.update(t, func(tx *store.Tx) error {
		return iam.RecordKeyUse(t.Context(), tx, []iam.KeyUse{
			{ID: *in.AccessKeyId, At: at, Service: "sts", Region: "us-east-1"}, {ID: "AKIAGONE", At: at, Service: "sts", Region: "us-east-1"},
		})
	})
	got, err = f.GetAccessKeyLastUsed(f.ctx, in)
	noError(t, err)
	at = at.Truncate(time.Second)
	equal(t, "used", got.AccessKeyLastUsed, &iamapi.AccessKeyLastUsed{LastUsedDate: &at, ServiceName: ptr("sts"), Region: ptr("us-east-1")})
}
