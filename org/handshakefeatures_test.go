package org_test

import (
	"context"
	"errors"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// billing is a world with an organization of consolidated billing with two invited members
// and a made one.
func billing(t *testing.T) (w *world, one, two, made string) {
	t.Helper()
	w = newWorld(t)
	w.must(func(ctx context.Context, tx *store.Tx) (err error) {
		w.org, err = org.CreateOrganization(ctx, tx, management, org.FeatureSetConsolidatedBilling)
		return err
	})
	one, two = stranger, w.standalone("222222222222", "two@example.com")
	for _, id := range []string{one, two} {
		w.must(w.accepting(id, w.invite(id).ID))
	}
	return w, one, two, w.account("made@example.com")
}

func (w *world) enabling(h *org.Handshake) step {
	return func(ctx context.Context, tx *store.Tx) error {
		o, err := org.AsManagement(ctx, tx, management)
		if err != nil {
			return err
		}
		got, err := org.EnableAllFeatures(ctx, tx, o)
		if err == nil {
			*h = got
		}
		return err
	}
}

// asked returns the ids of the questions of an attempt, by account.
func (w *world) asked(parentID string) map[string]string {
	w.Helper()
	ids := map[string]string{}
	w.must(func(ctx context.Context, tx *store.Tx) error {
		all, _, err := org.ListHandshakesForOrganization(ctx, tx, w.org, org.HandshakeQuery{ParentID: parentID}, org.Page{Limit: 100})
		for _, h := range all {
			ids[h.Recipient] = h.ID
			if h.Action != org.ActionApproveAllFeatures || h.ParentID != parentID || h.ExpiresAt.Sub(w.now) > 90*day {
				w.Errorf("question = %+v", h)
			}
		}
		return err
	})
	return ids
}

func (w *world) features() (set string) {
	w.Helper()
	w.must(func(_ context.Context, tx *store.Tx) error {
		o, _, err := tx.Organization(w.org.ID)
		set = o.FeatureSet
		return err
	})
	return set
}

func (w *world) expectState(accountID, id, want string) {
	w.Helper()
	if got := w.state(accountID, id); got != want {
		w.Errorf("state of %s = %s, want %s", id, got, want)
	}
}

func TestAllFeaturesByAgreement(t *testing.T) {
	w, one, two, made := billing(t)
	outsider := w.standalone("333333333333", "out@example.com")
	pending := w.invite(outsider)
	var all org.Handshake
	w.must(w.enabling(&all))
	if all.State != org.HandshakeRequested || all.Action != org.ActionEnableAllFeatures || all.ExpiresAt.Sub(w.now) != 90*day {
		t.Errorf("handshake = %+v", all)
	}
	w.expectState(outsider, pending.ID, org.HandshakeCanceled)
	asked := w.asked(all.ID)
	if len(asked) != 2 || asked[one] == "" || asked[two] == "" || asked[made] != "" {
		t.Fatalf("asked = %v", asked)
	}
	var h org.Handshake
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonInviteDisabled, w.inviting(w.org, org.Invitation{PartyType: org.PartyAccount, PartyID: outsider}, &h))
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonPendingAllFeatures, w.enabling(&h))
	w.refused(org.CodeInvalidHandshakeTransition, "", w.accepting(management, all.ID))
	w.must(w.accepting(one, asked[one]))
	w.expectState(management, all.ID, org.HandshakeRequested)
	w.refused(org.CodeHandshakeNotFound, "", w.accepting(one, asked[two]))
	w.must(w.accepting(two, asked[two]))
	w.expectState(management, all.ID, org.HandshakeOpen)
	if got := w.features(); got != org.FeatureSetConsolidatedBilling {
		t.Errorf("features before the end = %s", got)
	}
	w.refused(org.CodeHandshakeNotFound, "", w.accepting(one, all.ID))
	w.must(w.accepting(management, all.ID))
	if got := w.features(); got != org.FeatureSetAll {
		t.Errorf("features = %s", got)
	}
	w.expectState(management, all.ID, org.HandshakeAccepted)
	w.must(w.enablingType(scp))
	w.invite(outsider)
	w.refused(org.CodeHandshakeConstraintViolation, org.ReasonHasAllFeatures, w.enabling(&h))
}

func (w *world) enablingType(policyType string) step {
	return func(ctx context.Context, tx *store.Tx) error {
		o, err := org.AsManagement(ctx, tx, management)
		return errors.Join(err, org.EnablePolicyType(ctx, tx, o, o.RootID, policyType))
	}
}

// TestAllFeaturesWithoutThem lets the accounts that have not agreed go away.
func TestAllFeaturesWithoutThem(t *testing.T) {
	w, one, two, _ := billing(t)
	var all org.Handshake
	w.must(w.enabling(&all))
	asked := w.asked(all.ID)
	w.must(w.declining(one, asked[one]))
	w.must(w.accepting(two, asked[two]))
	w.expectState(management, all.ID, org.HandshakeRequested)
	w.must(w.removing(one))
	w.expectState(management, all.ID, org.HandshakeOpen)
	w.must(w.accepting(management, all.ID))
	if got := w.features(); got != org.FeatureSetAll {
		t.Errorf("features = %s", got)
	}
}

func TestUnansweredQuestionGoesWithItsAccount(t *testing.T) {
	w, one, two, _ := billing(t)
	var all org.Handshake
	w.must(w.enabling(&all))
	asked := w.asked(all.ID)
	w.must(w.accepting(two, asked[two]))
	w.must(w.removing(one))
	w.expectState(one, asked[one], org.HandshakeCanceled)
	w.expectState(management, all.ID, org.HandshakeOpen)
}

func TestAllFeaturesAtOnceWithoutInvited(t *testing.T) {
	w, one, two, _ := billing(t)
	w.must(w.removing(one))
	w.must(w.removing(two))
	var all org.Handshake
	w.must(w.enabling(&all))
	if all.State != org.HandshakeOpen {
		t.Errorf("state = %s", all.State)
	}
	w.must(w.accepting(management, all.ID))
	if got := w.features(); got != org.FeatureSetAll {
		t.Errorf("features = %s", got)
	}
}

func TestAttemptEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(w *world, id string)
		// state of the attempt and of its open question.
		state, question string
	}{
		{"canceled", func(w *world, id string) { w.must(w.canceling(management, id)) }, org.HandshakeCanceled, org.HandshakeCanceled},
		{"expired", func(w *world, _ string) { w.now = w.now.Add(90 * day) }, org.HandshakeExpired, org.HandshakeExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, one, two, _ := billing(t)
			var all org.Handshake
			w.must(w.enabling(&all))
			asked := w.asked(all.ID)
			w.must(w.accepting(two, asked[two]))
			c.end(w, all.ID)
			w.expectState(management, all.ID, c.state)
			w.expectState(one, asked[one], c.question)
			w.refused(org.CodeInvalidHandshakeTransition, "", w.accepting(one, asked[one]))
			w.refused(org.CodeInvalidHandshakeTransition, "", w.accepting(management, all.ID))
			// It can be tried again, and everybody is asked again.
			var again org.Handshake
			w.must(w.enabling(&again))
			if got := w.asked(again.ID); len(got) != 2 {
				t.Errorf("asked again: %v", got)
			}
		})
	}
}

// TestAllFeaturesOfLargeOrganizations is about the number of accounts as the organization
// counts them: nothing else about an attempt depends on how many there are.
func TestAllFeaturesOfLargeOrganizations(t *testing.T) {
	w, _, _, _ := billing(t)
	counting := func(n int) step {
		return func(_ context.Context, tx *store.Tx) error {
			have, err := tx.OrgCount(w.org.ID, "accounts")
			return errors.Join(err, tx.AddOrgCount(w.org.ID, "accounts", n-have))
		}
	}
	var all org.Handshake
	w.must(counting(5001))
	w.refused(org.CodeConstraintViolation, org.ReasonMigrationSize, w.enabling(&all))
	if got := w.features(); all.ID != "" || got != org.FeatureSetConsolidatedBilling {
		t.Errorf("with 5,001 accounts: handshake %+v, features %s", all, got)
	}
	w.must(counting(5000))
	w.must(w.enabling(&all))
	if got := w.asked(all.ID); len(got) != 2 {
		t.Errorf("asked with 5,000 accounts: %v", got)
	}
}
