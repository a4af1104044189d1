package authn_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// uses are what the store knows of a user, or with an empty id of the whole account.
func (w *world) uses(id string) (out []string) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) error {
		read := tx.IAMServiceUses
		if id != "" {
			read = func(accountID string, since time.Time) ([]iam.Use, error) { return tx.IAMUses(accountID, id, since) }
		}
		list, err := read(account, start)
		for _, u := range list {
			out = append(out, u.Service+":"+u.Action+" "+u.Region+" "+u.At.Format("15:04:05"))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Whatever somebody tries is noted under the user or role whose permissions count, once for
// each action, and written at the next flush.
func TestUsesAreWrittenTogether(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			w := newWorld(t, e)
			keyID, alice := w.user("alice")
			caller := w.resolve(keyID, "")
			session := w.resolve(w.session(alice, credential.FederatedUser))
			root := &credential.Caller{Type: credential.RootUser, AccountID: account, EntityID: account, AccessKeyID: "AKIAROOT"}
			at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
			w.Used(caller, "sts", "GetCallerIdentity", "eu-west-1", at(1))
			w.Used(caller, "sts", "GetCallerIdentity", "eu-west-2", at(2))
			w.Used(session, "sts", "AssumeRole", "eu-west-1", at(3))
			w.Used(caller, "iam", "ListUsers", "eu-west-1", at(3))
			w.Used(root, "iam", "ListUsers", "eu-west-1", at(4))
			w.Used(caller, "sts", "", "eu-west-1", at(5))
			if got := w.uses(alice.ID); got != nil {
				t.Errorf("before the flush: %q", got)
			}
			for range 2 {
				if err := w.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{"iam:ListUsers us-east-1 12:00:03", "sts:AssumeRole eu-west-1 12:00:03", "sts:GetCallerIdentity eu-west-2 12:00:02"}
			if got := w.uses(alice.ID); !slices.Equal(got, want) {
				t.Errorf("user: %q", got)
			}
			if got, want := w.uses(""), []string{"iam: us-east-1 12:00:04", "sts: eu-west-1 12:00:03"}; !slices.Equal(got, want) {
				t.Errorf("account: %q", got)
			}

			// What cannot be written now is written later, and does not hide what came after.
			ended, end := context.WithCancel(t.Context())
			end()
			w.Used(caller, "sts", "GetSessionToken", "eu-west-1", at(6))
			if err := w.Flush(ended); err == nil {
				t.Error("a flush without a store succeeded")
			}
			w.Used(caller, "sts", "GetCallerIdentity", "eu-west-1", at(7))
			if err := w.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			want = append(want[:2], "sts:GetCallerIdentity eu-west-1 12:00:07", "sts:GetSessionToken eu-west-1 12:00:06")
			if got := w.uses(alice.ID); !slices.Equal(got, want) {
				t.Errorf("later: %q", got)
			}
		})
	}
}
