package storetest

import (
	"errors"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// testIAMTagged lists what is tagged of two accounts and leaves a third one out.
func testIAMTagged(t *testing.T, db *store.DB) {
	const other, third = "222222222222", "333333333333"
	tagged, once, plain, foreign, hidden := iamPolicy("tagged"), iamPolicy("once"), iamPolicy("plain"), iamPolicy("foreign"), iamPolicy("hidden")
	foreign.AccountID, hidden.AccountID = other, third
	insertPolicies(t, db, tagged, once, plain, foreign, hidden)
	alice := iamIdentity(iam.KindUser, "alice")
	insertIdentities(t, db, alice)
	profile := iam.InstanceProfile{ID: "AIPA1", AccountID: iamAccount, Name: "Web", Path: "/x/", CreatedAt: iamTime}
	device := iam.MFADevice{Serial: "arn:aws:iam::" + iamAccount + ":mfa/d", AccountID: iamAccount, SealedSeed: []byte{1}, CreatedAt: iamTime}
	provider := iam.OIDCProvider{ARN: "arn:aws:iam::" + iamAccount + ":oidc-provider/example.com", AccountID: iamAccount, URL: "example.com", CreatedAt: iamTime}
	a, b := iam.Tag{Key: "a", Value: "1"}, iam.Tag{Key: "B", Value: ""}
	update(t, db, func(tx *store.Tx) error {
		err := errors.Join(tx.IAMInsertProfile(profile), tx.IAMInsertMFADevice(device), tx.IAMInsertOIDCProvider(provider))
		for _, owner := range []string{tagged.ID, foreign.ID, hidden.ID, alice.ID, profile.ID, device.Serial, provider.ARN} {
			err = errors.Join(err, tx.IAMPutTag(owner, a), tx.IAMPutTag(owner, b))
		}
		return errors.Join(err, tx.IAMNoteUntagged(once.ID), tx.IAMNoteUntagged(once.ID), tx.IAMNoteUntagged(tagged.ID))
	})
	both := []iam.Tag{b, a}
	want := []iam.TaggedResource{
		{AccountID: iamAccount, ARN: "arn:aws:iam::" + iamAccount + ":instance-profile/x/Web", Tags: both},
		{AccountID: iamAccount, ARN: device.Serial, Tags: both},
		{AccountID: iamAccount, ARN: provider.ARN, Tags: both},
		{AccountID: iamAccount, ARN: once.ARN()},
		{AccountID: iamAccount, ARN: tagged.ARN(), Tags: both},
		{AccountID: other, ARN: foreign.ARN(), Tags: both},
	}
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.IAMTagged([]string{iamAccount, other})
		equal(t, "tagged", got, want)
		none, err2 := tx.IAMTagged(nil)
		equal(t, "of no account", len(none), 0)
		return errors.Join(err, err2)
	})
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMDeleteTags(once.ID), tx.IAMDeleteTags(profile.ID), tx.IAMDeleteTags(device.Serial))
	})
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.IAMTagged([]string{iamAccount})
		equal(t, "left", got, []iam.TaggedResource{want[2], want[4]})
		return err
	})
}

// testOrgTagged pages through what an organization has tagged.
func testOrgTagged(t *testing.T, db *store.DB) {
	a, b := org.Tag{Key: "a", Value: "1"}, org.Tag{Key: "B", Value: ""}
	ids := []string{"111111111111", "ou-1", "p-1", "r-1", "rp-1"}
	update(t, db, func(tx *store.Tx) error {
		var err error
		for _, id := range append([]string{"h-1", "rt-1"}, ids...) {
			err = errors.Join(err, tx.PutOrgTag(orgID, id, a), tx.PutOrgTag(orgID, id, b), tx.PutOrgTag("o-other", "p-9", a))
		}
		return errors.Join(err, tx.NoteOrgUntagged(orgID, "222222222222"), tx.NoteOrgUntagged(orgID, "222222222222"), tx.NoteOrgUntagged(orgID, "p-1"))
	})
	both := []org.Tag{b, a}
	view(t, db, func(tx *store.Tx) error {
		first, err := tx.OrgTagged(orgID, "", 3)
		equal(t, "first", first, []org.TaggedResource{{ID: ids[0], Tags: both}, {ID: "222222222222"}, {ID: "ou-1", Tags: both}})
		rest, err2 := tx.OrgTagged(orgID, "ou-1", 9)
		equal(t, "rest", rest, []org.TaggedResource{{ID: "p-1", Tags: both}, {ID: "r-1", Tags: both}, {ID: "rp-1", Tags: both}})
		end, err3 := tx.OrgTagged(orgID, "rp-1", 9)
		equal(t, "end", len(end), 0)
		return errors.Join(err, err2, err3)
	})
	update(t, db, func(tx *store.Tx) error { return tx.DeleteOrgTags(orgID, "222222222222") })
	view(t, db, func(tx *store.Tx) error {
		left, err := tx.OrgTagged(orgID, "111111111111", 1)
		equal(t, "left", left, []org.TaggedResource{{ID: "ou-1", Tags: both}})
		return err
	})
}
